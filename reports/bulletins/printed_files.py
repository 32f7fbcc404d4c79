"""Read the produced files back and compare their numbers, in order, with those of the document."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree

from lib.documents import plain_text
from lib.sheets import read_workbook
from reports.bulletins import annexes, formats, layout, workbook
from reports.models import Bulletin

NUMBER = re.compile(r"[−+]?\d+(?:\.\d+)?")
_PAGE_NUMBER = re.compile(r"^\s*— \d+ —", re.MULTILINE)  # in a table the dashes follow a name
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def numbers(text: str) -> list[str]:
    return NUMBER.findall(text)


def differences(bulletin: Bulletin) -> Iterator[str]:
    """One sentence for each format whose numbers are not exactly those of the document."""
    lines = plain_text(layout.document(bulletin))
    expected = numbers("\n".join(lines))
    readers: tuple[tuple[str, str, Callable[[bytes], str]], ...] = (
        ("网页", "html", html_text),
        ("Word 文件", "docx", docx_text),
        ("PDF 文件", "pdf", pdf_text),
    )
    for name, form, read in readers:
        found = numbers(read(formats.content(bulletin, form)))
        if found != expected:
            yield f"{name}中的数字与正文不一致：{_first_difference(expected, found)}"
    yield from _in_workbook(bulletin)


def _first_difference(expected: list[str], found: list[str]) -> str:
    for place, number in enumerate(expected):
        if place >= len(found) or found[place] != number:
            printed = found[place] if place < len(found) else "没有印出"
            return f"第{place + 1}个数应为{number}，印作{printed}。"
    return f"多印了{found[len(expected)]}。"


def html_text(data: bytes) -> str:
    parser = _Text()
    parser.feed(data.decode())
    return "".join(parser.parts)


class _Text(HTMLParser):
    """The text of a page; every block and cell ends a line."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.in_body = False

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.in_body = self.in_body or tag == "body"

    def handle_data(self, data: str) -> None:
        if self.in_body:
            self.parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("a", "span"):
            self.parts.append("\n")


def docx_text(data: bytes) -> str:
    """Paragraph by paragraph; files come from our own writer."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        body = ElementTree.fromstring(package.read("word/document.xml"))  # noqa: S314
    marks = {f"{_W}p": lambda node: "\n", f"{_W}t": lambda node: node.text or ""}
    return "".join(marks[node.tag](node) for node in body.iter() if node.tag in marks)


def pdf_text(data: bytes) -> str:
    """Pages without their numbers; a sign at the end of a line belongs to the number below it."""
    import pypdf  # only this check needs it

    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    text = "\n".join(_PAGE_NUMBER.sub("", page.extract_text()) for page in pages)
    return re.sub(r"([−+])\s+(?=\d)", r"\1", text)


def _in_workbook(bulletin: Bulletin) -> Iterator[str]:
    slots = bulletin.snapshot["slots"]
    book = read_workbook(formats.content(bulletin, "xlsx"), "bulletin.xlsx")
    sheets = {sheet.name: sheet for sheet in book.sheets}
    body = "\n".join(_cells(sheets[workbook.TEXT]))
    expected = numbers("\n".join(workbook.paragraphs(bulletin)))
    title = numbers(bulletin.title)
    if (found := numbers(body)) != title + expected:
        yield f"Excel 文件正文中的数字不一致：{_first_difference(title + expected, found)}"
    for name, annex in zip(list(sheets)[2:], annexes.annexes(bulletin.snapshot), strict=True):
        due = [
            _plain(str(cell))
            for line in annex.numbers(slots)
            for cell in line
            if isinstance(cell, int | float)
        ]
        printed = [_plain(cell) for cell in _cells(sheets[name]) if re.fullmatch(r"-?\d+(?:\.\d+)?", cell)]
        if due != printed:
            yield f"Excel 文件{name}的数字不一致：{_first_difference(due, printed)}"


def _plain(number: str) -> str:
    """40.0 and 40 are one number in a cell."""
    return f"{Decimal(number).normalize():f}"


def _cells(sheet) -> Iterator[str]:
    for row in sheet.rows:
        for cell in row:
            value = getattr(cell, "value", cell)
            if value is not None:
                yield str(value)
