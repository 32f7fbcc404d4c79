"""The DOCX of an official document: geometry, fonts, sections, tables and literal text, read from its XML."""

import datetime
import io
import re
import zipfile

import docx as reader
import pytest
from docx.shared import Mm

from lib.documents import Annex, Column, Paragraph, Run, Table, docx, plain_text
from tests.lib.documents_cast import bulletin

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def opened(**changes):
    return reader.Document(io.BytesIO(docx.render(bulletin(**changes))))


def part(name: str, **changes) -> str:
    return zipfile.ZipFile(io.BytesIO(docx.render(bulletin(**changes)))).read(name).decode()


def test_the_page_is_a4_with_the_margins_of_the_standard():
    section = opened().sections[0]
    measures = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    measures += (section.right_margin, section.bottom_margin)
    for measure, mm in zip(measures, (210, 297, 37, 28, 26, 35), strict=True):
        assert measure == pytest.approx(Mm(mm), abs=Mm(0.1))


def test_the_grid_has_lines_of_579_twips_and_characters_a_little_under_16_points():
    grid = opened().sections[0]._sectPr.find(f"{W}docGrid")
    assert grid.get(f"{W}type") == "linesAndChars"
    assert grid.get(f"{W}linePitch") == "579"
    assert (16 + int(grid.get(f"{W}charSpace")) / 4096) * 28 == pytest.approx(156 * 72 / 25.4, abs=0.1)


def test_lines_are_exactly_579_twips_in_16_point_fangsong():
    style = opened().styles["Normal"].element
    spacing = style.find(f"{W}pPr/{W}spacing")
    assert (spacing.get(f"{W}line"), spacing.get(f"{W}lineRule")) == ("579", "exact")
    assert style.find(f"{W}rPr/{W}sz").get(f"{W}val") == "32"
    assert style.find(f"{W}rPr/{W}rFonts").get(f"{W}eastAsia") == "仿宋_GB2312"


def test_each_part_names_the_font_of_the_standard_and_a_fallback_for_it():
    fonts = {}
    for run in opened().element.body.iter(f"{W}r"):
        if run.find(f"{W}t") is not None:
            fonts[run.find(f"{W}t").text] = run.find(f"{W}rPr/{W}rFonts").get(f"{W}eastAsia")
    assert fonts["示例市务工就业工作专班文件"] == "方正小标宋简体"
    assert fonts["一、基本情况"] == "黑体"
    assert fonts["（一）调度情况。"] == "楷体_GB2312"
    assert fonts["51596"] == "仿宋_GB2312"
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in part("word/fontTable.xml")


def test_page_numbers_differ_on_odd_and_even_pages():
    file = opened()
    odd, even = file.sections[0].footer.paragraphs[0], file.sections[0].even_page_footer.paragraphs[0]
    assert file.settings.odd_and_even_pages_header_footer
    assert odd._p.pPr.jc.get(f"{W}val") == "right"
    assert even._p.pPr.jc.get(f"{W}val") == "left"
    assert "PAGE" in odd._p.xml


def test_a_sideways_annex_has_a_section_of_its_own():
    assert [section.orientation for section in opened().sections] == [0, 1, 0]


def test_an_imprint_after_a_sideways_annex_gets_an_upright_page():
    sideways = bulletin().annexes[:1]
    assert [section.orientation for section in opened(annexes=sideways).sections] == [0, 1, 0]
    assert [section.orientation for section in opened(annexes=sideways, copies="", printer="").sections] == [
        0,
        1,
    ]


def test_the_masthead_is_narrowed_to_one_line_and_the_red_line_is_as_wide_as_the_text():
    name = "示例市务工就业工作领导小组办公室工作专班文件"
    paragraph = next(p for p in opened(masthead=name).paragraphs if p.text == name)
    properties = paragraph._p.find(f"{W}r/{W}rPr")
    size = int(properties.find(f"{W}sz").get(f"{W}val")) / 2
    width = len(name) * size * int(properties.find(f"{W}w").get(f"{W}val")) / 100
    assert 0.9 * 442.2 < width <= 442.2
    number = next(p for p in opened().paragraphs if p.text == "示就专〔2023〕18号")
    assert number._p.find(f"{W}pPr/{W}pBdr/{W}bottom").get(f"{W}color") == "FF0000"


def test_every_printed_line_is_in_the_file():
    document = bulletin()
    text = "".join(node.text or "" for node in opened().element.body.iter(f"{W}t"))
    assert [line for line in plain_text(document) if line not in text] == []


def test_a_table_of_1400_rows_keeps_them_all_and_marks_its_header_rows():
    rows = tuple((f"村{i}", str(100000 + i)) for i in range(1400))
    table = Table((Column("村", group="单位"), Column("人数", group="单位")), rows)
    (found,) = opened(annexes=(Annex("表", (table,)),)).tables
    written = found._tbl.findall(f"{W}tr")
    assert len(written) == 1402
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in written[:3]] == [True, True, False]
    assert re.findall(r">(10\d{4})<", found._tbl.xml) == [row[1] for row in rows]


def test_merged_cells_survive_a_reading_by_rows():
    table = opened().tables[0]
    assert [cell.text for cell in table.rows[3].cells] == ["乙水市", "茗坡乡", "65", "65.0"]
    assert [cell.text for cell in table.rows[5].cells] == ["全市合计", "全市合计", "340", "56.7"]


@pytest.mark.parametrize(
    "text", ["#panic(1)", "<script>alert(1)</script>", "{{ 7 * 7 }}{% if %}", "&amp;\\$x$", '"引号"']
)
def test_markup_in_a_text_is_printed_literally(text):
    file = opened(body=(Paragraph((Run(text),)),), masthead=text)
    assert [p.text for p in file.paragraphs].count(text) == 2


def test_control_characters_are_left_out_because_word_refuses_them():
    assert "甲乙" in [p.text for p in opened(body=(Paragraph((Run("甲\x00\x0b乙"),)),)).paragraphs]


def test_the_file_names_nobody_and_carries_the_document_s_date():
    properties = opened().core_properties
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert properties.created.date() == datetime.date(2023, 4, 10)


def test_a_draft_is_marked_in_the_header_and_a_final_text_is_not():
    assert "送审稿" in opened(draft=True).sections[0].header._element.xml
    assert "送审稿" not in opened().sections[0].header._element.xml
