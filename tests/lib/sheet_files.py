"""Workbooks for the tests of lib.sheets: good ones, and each bad one built here, tiny on disk."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence

import xlsxwriter

HEADINGS = ["姓名", "身份证号码", "联系电话", "务工月收入"]
PERSON = ["张三", "990101199001010013", "13900001234", "3000"]
FIRST_SHEET = "xl/worksheets/sheet1.xml"


def workbook(
    rows: Iterable[Sequence] = (HEADINGS, PERSON), dress: Callable | None = None, **options
) -> bytes:
    """An xlsx of text and number cells; `dress(book, sheet)` adds whatever a test is about."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)
        if dress:
            dress(book, sheet)
    return out.getvalue()


def repacked(
    data: bytes, changes: dict[str, Callable[[bytes], bytes]] | None = None, **members: bytes
) -> bytes:
    """The same package with members changed by function, or added (name → content)."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, (changes or {}).get(name, bytes)(content))
        for name, content in members.items():
            target.writestr(name, content)
    return out.getvalue()


def with_members(data: bytes, members: dict[str, bytes]) -> bytes:
    return repacked(data, None, **members)


def with_sheet_xml(change: Callable[[bytes], bytes], data: bytes | None = None) -> bytes:
    return repacked(data or workbook(), {FIRST_SHEET: change})


def ole(*streams: str) -> bytes:
    """The head of an old binary container whose directory names these streams."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 600
        + b"\0\0".join(name.encode("utf-16-le") for name in streams)
    )
