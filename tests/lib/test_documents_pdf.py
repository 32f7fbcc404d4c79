"""The PDF of an official document, read back: text, geometry, pages, and the same bytes every time."""

import datetime
import io
import re

import pypdf
import pytest

from lib.documents import Annex, Column, Heading, Paragraph, Run, Table, layout, pdf, plain_text
from tests.lib.documents_cast import bulletin


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def pieces(page) -> list[tuple[str, float, float]]:
    """The pieces of text of a page: text, left edge and baseline from the top, in points."""
    found = []

    def visit(text, cm, tm, font, size):
        if text.strip():
            x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((text.strip(), x, float(page.mediabox.height) - y))

    page.extract_text(visitor_text=visit)
    return found


def squeezed(data: bytes) -> str:
    text = "".join(page.extract_text() for page in read(data).pages)
    return re.sub(r"\s", "", text)


def test_every_printed_paragraph_and_number_is_in_the_pdf():
    document = bulletin()
    text = squeezed(pdf.render(document))
    missing = [line for line in plain_text(document) if re.sub(r"\s", "", line) not in text]
    assert missing == []


def test_every_number_of_an_annex_is_printed_once():
    rows = tuple((f"村{i}", str(70000 + i), f"{i}.25") for i in range(120))
    table = Table((Column("村"), Column("人数"), Column("率")), rows)
    text = "\n".join(
        page.extract_text() for page in read(pdf.render(bulletin(annexes=(Annex("表", (table,)),)))).pages
    )
    printed = re.findall(r"\b7\d{4}\b", text)
    assert sorted(printed) == [row[1] for row in rows]


def test_a_table_of_1400_rows_keeps_them_all_and_repeats_its_header_on_every_page():
    rows = tuple((f"村{i}", str(100000 + i)) for i in range(1400))
    table = Table((Column("行政村"), Column("务工人数（人）")), rows)
    pages = read(pdf.render(bulletin(annexes=(Annex("表", (table,)),), copies="", printer=""))).pages
    texts = [page.extract_text() for page in pages]
    of_table = [text for text in texts if "行政村" in text]
    assert re.findall(r"\b10\d{4}\b", "\n".join(texts)) == [row[1] for row in rows]
    assert len(of_table) > 25
    assert all(re.search(r"\b10\d{4}\b", text) is None for text in texts if "行政村" not in text)


@pytest.mark.parametrize("length", [4, 8, 13, 17, 22, 30])
def test_the_masthead_stands_on_one_line_inside_the_text_block(length):
    name = "".join(chr(0x4E00 + 7 * i) for i in range(length))
    page = read(pdf.render(bulletin(masthead=name))).pages[0]
    lines = [line for line in page.extract_text().splitlines() if set(line.strip()) & set(name)]
    assert re.sub(r"\s", "", lines[0]) == name


def test_a_page_holds_22_lines_of_28_characters_from_the_left_margin():
    body = (Paragraph((Run("字" * 28 * 60),)),)
    page = read(pdf.render(bulletin(body=body))).pages[1]
    lines = [line.strip() for line in page.extract_text().splitlines() if "字" in line]
    assert lines == ["字" * 28] * 22
    assert min(x for text, x, _ in pieces(page) if "字" in text) == pytest.approx(28 * layout.MM, abs=0.5)


def test_page_numbers_stand_outside_right_on_odd_pages_and_left_on_even_ones():
    document = bulletin(body=tuple(Heading(1, f"{i}、") for i in range(40)), annexes=())
    odd, even = read(pdf.render(document)).pages[:2]
    (right,) = [x for text, x, _ in pieces(odd) if text.startswith("—")]
    (left,) = [x for text, x, _ in pieces(even) if text.startswith("—")]
    assert left == pytest.approx(28 * layout.MM + 14, abs=1)
    assert right > 150 * layout.MM
    assert "— 1 —" in odd.extract_text()
    assert "— 2 —" in even.extract_text()


def test_a_sideways_annex_is_a_sideways_page_and_the_rest_stays_upright():
    sizes = [(round(p.mediabox.width), round(p.mediabox.height)) for p in read(pdf.render(bulletin())).pages]
    assert sizes[-3:] == [(595, 842), (842, 595), (595, 842)]


def test_a_closing_note_without_text_never_stands_alone_on_a_page():
    for extra in range(12, 26):
        body = tuple(Paragraph((Run(f"第{i}段"),)) for i in range(extra))
        pages = read(
            pdf.render(bulletin(body=body, annexes=(), attachments_note=(), copies="", printer=""))
        ).pages
        (signed,) = [
            p.extract_text() for p in pages if "2023年4月10日" in re.sub(r"\s", "", p.extract_text())
        ]
        assert f"第{extra - 1}段" in signed


def test_the_same_document_gives_the_same_bytes():
    first = pdf.render(bulletin())
    pdf.render(bulletin(number="示就专〔2023〕19号"))
    assert pdf.render(bulletin()) == first


def test_the_file_carries_the_document_s_date_and_nobody_s_name():
    meta = read(pdf.render(bulletin())).metadata
    assert meta.creation_date.date() == datetime.date(2023, 4, 10)
    assert meta.author is None
    assert meta.title == "关于2023年一季度全市脱贫人口稳岗就业工作情况的通报"


@pytest.mark.parametrize(
    "text",
    ["#panic(1)", "<script>alert(1)</script>", r"\alpha\n", "$x^2$", "*粗*_斜_`码`", "@ref//注", "[a]{b}~"],
)
def test_markup_in_a_text_is_printed_literally(text):
    table = Table((Column(text),), ((text,),))
    body = (Paragraph((Run(text),)), Heading(1, text), table)
    printed = squeezed(pdf.render(bulletin(body=body, masthead=text, title=(text,))))
    assert printed.count(text) >= 5


def test_rare_characters_come_from_the_fallback_font():
    data = pdf.render(bulletin(body=(Paragraph((Run("姓名堃喆䶮𬱖"),)),)))
    fonts = {str(font["/BaseFont"]) for page in read(data).pages for font in page_fonts(page)}
    assert "堃喆䶮𬱖" in squeezed(data)
    assert any("WenKai" in name for name in fonts)


def page_fonts(page):
    return [reference.get_object() for reference in page["/Resources"]["/Font"].values()]


def test_a_draft_says_so_on_every_page():
    draft = read(pdf.render(bulletin(draft=True)))
    assert all("送审稿" in page.extract_text() for page in draft.pages)
    assert "送审稿" not in squeezed(pdf.render(bulletin()))
