"""What a workbook turns into: raw cells, markers and notes (items 16–22, 34, 36–41)."""

import datetime

import pytest

from lib.sheets import Cell, Refused, read_workbook, text
from tests.lib.sheet_files import (
    FIRST_SHEET,
    HEADINGS,
    PERSON,
    repacked,
    with_members,
    with_sheet_xml,
    workbook,
)


def test_cells_keep_their_types_and_rows_their_numbers():
    day = datetime.datetime(2022, 3, 1)
    dress = lambda book, sheet: sheet.write_datetime(3, 2, day, book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: E731
    rows = read_workbook(workbook([[], [None, "张三", 4.5, True]], dress), "表.xlsx").sheets[0].rows
    assert rows == [[None] * 4, [None, "张三", 4.5, True], [None] * 4, [None, None, day.date(), None]]


def test_a_path_is_read_like_bytes(tmp_path):
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook())
    assert read_workbook(path).sheets[0].rows == [HEADINGS, PERSON]


def test_a_numeric_id_arrives_as_the_float_it_is():
    rows = read_workbook(workbook([[990101199001010013]]), "表.xlsx").sheets[0].rows
    assert isinstance(rows[0][0], float)


def test_data_after_a_gap_of_blanks_is_read():
    rows = [HEADINGS, PERSON, *[[]] * 300, PERSON]
    assert read_workbook(workbook(rows), "表.xlsx").sheets[0].rows[302] == PERSON


def test_formulas_are_known_and_one_without_a_value_is_marked():
    def dress(_, sheet):
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_formula(1, 1, '=IF(1,"","")', None, "")
        sheet.write_formula(1, 2, "=1+1", None, 7)

    excel_way = lambda xml: xml.replace(b"<v>7</v>", b"").replace(b'r="B2"', b'r="B2" t="str"')  # noqa: E731
    data = with_sheet_xml(excel_way, workbook([HEADINGS], dress))
    sheet = read_workbook(data, "表.xlsx").sheets[0]
    assert sheet.rows[1][:3] == [2.0, None, Cell.NO_VALUE]
    assert sheet.is_formula(2, 0)
    assert sheet.is_formula(2, 2)
    assert not sheet.is_formula(1, 0)


def test_an_error_cell_is_marked_and_a_text_that_looks_like_one_is_not():
    dress = lambda _, sheet: sheet.write_formula(1, 0, "=NA()", None, "#N/A")  # noqa: E731
    rows = read_workbook(workbook([HEADINGS, [None, "#N/A"]], dress), "表.xlsx").sheets[0].rows
    assert rows[1] == [Cell.ERROR, "#N/A", None, None]


def test_hidden_rows_ask_for_confirmation_and_hidden_sheets_are_told():
    def dress(book, sheet):
        sheet.set_row(1, None, None, {"hidden": True})
        other = book.add_worksheet("旧表")
        other.write_string(0, 0, "x")
        other.hide()

    book = read_workbook(workbook(dress=dress), "表.xlsx")
    assert [sheet.hidden for sheet in book.sheets] == [False, True]
    assert [(note.level, note.message[:4]) for note in book.notes] == [
        ("review", "工作表“"),
        ("info", "隐藏的工"),
    ]
    assert "隐藏行1行" in book.notes[0].message


def test_pictures_are_ignored_and_told():
    book = read_workbook(with_members(workbook(), {"xl/media/image1.png": b"\x89PNG"}), "表.xlsx")
    assert book.sheets[0].rows == [HEADINGS, PERSON]
    assert any("图片" in note.message for note in book.notes)


def test_a_1904_workbook_is_read_by_its_epoch_and_told():
    style = {"num_format": "yyyy-mm-dd"}
    dress = lambda book, sheet: sheet.write_number(0, 0, 44621, book.add_format(style))  # noqa: E731
    book = read_workbook(workbook([], dress, date_1904=True), "表.xlsx")
    assert book.date1904
    assert book.sheets[0].rows[0][0] == datetime.date(2026, 3, 2)
    assert any("1904" in note.message for note in book.notes)


def test_a_package_with_prefixed_names_is_read_and_scanned_alike():
    def prefixed(xml: bytes) -> bytes:
        for tag in (b"worksheet", b"sheetData", b"row", b"c", b"v", b"f", b"dimension", b"sheetViews"):
            for old in (b"<%s ", b"<%s>", b"</%s>", b"<%s/>"):
                xml = xml.replace(old % tag, old.replace(b"%s", b"x:%s") % tag)
        return xml.replace(b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x=")

    source = workbook([HEADINGS], lambda _, sheet: sheet.write_formula(1, 0, "=NA()", None, "#N/A"))
    sheet = read_workbook(repacked(source, {FIRST_SHEET: prefixed}), "表.xlsx").sheets[0]
    assert sheet.rows[1][0] is Cell.ERROR


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_text_table_is_read_in_the_encodings_and_separators_of_offices(encoding, separator):
    lines = [["姓名", "村", "备注"], ["张三", "王家村", "二组"], ["𬱖", "", "x"]]
    data = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    assert read_workbook(data, "表.csv").sheets[0].rows == [*lines[:2], ["𬱖", None, "x"]]


def test_a_gbk_table_asks_for_a_look_at_the_characters():
    assert "GB18030" in read_workbook("姓名,村\n张三,王家村".encode("gbk"), "表.csv").notes[0].message


def test_an_undecodable_byte_names_its_line():
    good = "姓名,村名\n张三,王家村\n"
    with pytest.raises(Refused, match="第3行编码错误"):
        read_workbook(good.encode() + b"\xff\xfe\xff", "表.csv")
    with pytest.raises(Refused, match="第3行编码错误"):
        read_workbook(good.encode("gbk") + b"a\xff\xff", "表.csv")


def test_an_unbalanced_quote_names_its_line():
    with pytest.raises(Refused, match="第2行起引号不成对"):
        read_workbook('姓名,村\n"张三,王家村\n李四,王家村\n'.encode(), "表.csv")


def test_a_quoted_line_break_stays_inside_its_cell():
    assert read_workbook('姓名,村\n"张\n三",王家村'.encode(), "表.csv").sheets[0].rows[1] == [
        "张\n三",
        "王家村",
    ]


def test_text_of_a_cell_reads_as_printed():
    assert text(13800000000.0) == "13800000000"
    assert text(" 张 三\u200b\u3000") == "张 三"
    assert text(datetime.datetime(2022, 3, 1)) == "2022-03-01"
    assert text(datetime.datetime(2022, 3, 1, 8, 5)) == "2022-03-01 08:05:00"
    assert text(None) == text(Cell.ERROR) == ""
