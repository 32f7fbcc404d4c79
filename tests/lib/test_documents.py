"""The model of official documents: numbering, tables, derived lines and the measures of GB/T 9704-2012."""

import datetime

import pytest

from lib.documents import Cell, Column, Table, chinese_date, layout, numbering, plain_text, slots
from tests.lib.documents_cast import CHECKED, bulletin


@pytest.mark.parametrize(
    ("level", "i", "printed"),
    [
        (1, 1, "一、"),
        (1, 10, "十、"),
        (1, 21, "二十一、"),
        (2, 12, "（十二）"),
        (2, 40, "（四十）"),
        (3, 7, "7."),
        (4, 2, "（2）"),
    ],
)
def test_headings_are_numbered_as_the_standard_has_it(level, i, printed):
    assert numbering(level, i) == printed


def test_a_date_has_no_leading_zeros():
    assert chinese_date(datetime.date(2023, 4, 5)) == "2023年4月5日"


def test_columns_of_one_group_stand_under_a_common_heading():
    upper, lower = CHECKED.header()
    assert [(cell.text, cell.colspan, cell.rowspan) for cell in upper] == [
        ("县（市、区）", 1, 2),
        ("乡镇", 1, 2),
        ("电话接通情况", 2, 1),
    ]
    assert [cell.text for cell in lower] == ["人数（人）", "接通率（%）"]


def test_a_cell_that_spans_rows_keeps_the_others_in_their_columns():
    second = list(CHECKED.grid())[1]
    assert [(placed.column, placed.cell.text, placed.continued) for placed in second] == [
        (0, "乙水市", True),
        (1, "茗坡乡", False),
        (2, "65", False),
        (3, "65.0", False),
    ]


@pytest.mark.parametrize("row", [("a",), ("a", "b", "c"), (Cell("a", colspan=3),)])
def test_a_row_that_does_not_fit_its_columns_is_refused(row):
    table = Table((Column("甲"), Column("乙")), (row,))
    with pytest.raises(ValueError, match="row 1"):
        list(table.grid())


def test_plain_text_holds_every_paragraph_and_cell_in_reading_order():
    lines = plain_text(bulletin())
    assert "（一）调度情况。外出务工人数51596人，完成目标任务。" in lines
    assert lines[lines.index("茗坡乡") : lines.index("茗坡乡") + 3] == ["茗坡乡", "65", "65.0"]
    assert "附件2" in lines
    assert lines[-3:] == ["市委办公室，市政府办公室。", "示例市务工就业工作专班办公室", "2023年4月10日印发"]


def test_slots_name_the_figures_of_text_and_annexes():
    assert list(slots(bulletin())) == [("I01:city", "51596"), ("I11:YS", "133")]


def test_a_single_annex_has_no_number():
    document = bulletin(attachments_note=("汇总表",), annexes=bulletin().annexes[:1])
    assert document.note_lines == ("汇总表",)
    assert document.annex_label(0) == "附件"


@pytest.mark.parametrize("length", range(2, 41))
def test_a_masthead_of_any_length_fits_the_width_of_the_text_block(length):
    fit = layout.fit_masthead("示" * length)
    width = length * fit.size * fit.stretch
    assert width <= layout.BLOCK_WIDTH * layout.MM
    assert fit.stretch >= layout.MASTHEAD_NARROWEST - 1e-9


def test_twenty_eight_characters_and_twenty_two_lines_fill_the_text_block():
    height = (layout.PAGE_HEIGHT - layout.TOP - layout.BOTTOM) * layout.MM
    assert layout.BLOCK_WIDTH == 156
    assert layout.LINES * layout.LINE_PITCH <= height < (layout.LINES + 1) * layout.LINE_PITCH
    assert layout.CHARACTERS * layout.CHARACTER_PITCH == pytest.approx(layout.BLOCK_WIDTH * layout.MM)


def test_with_a_seal_the_date_leaves_four_characters_and_the_name_is_centred_over_it():
    name, date = layout.place_signature(bulletin(signatory="示例市专班", sealed=True))
    assert date == 28 - 4 - 6.5
    assert name + 5 / 2 == date + 6.5 / 2


def test_without_a_seal_the_date_starts_two_characters_after_the_name():
    name, date = layout.place_signature(bulletin(sealed=False))
    assert name == 28 - 2 - 11
    assert date == name + 2


def test_a_short_unsealed_name_leaves_the_two_characters_to_the_date():
    name, date = layout.place_signature(bulletin(signatory="专班", sealed=False))
    assert date == 28 - 2 - 6.5
    assert name == date - 2


def test_a_long_sealed_name_ends_at_the_edge_and_the_date_stays_under_its_middle():
    name, date = layout.place_signature(bulletin(signatory="示" * 20, sealed=True))
    assert name == 8
    assert date + 6.5 / 2 == 18
