"""A large sheet is read in slices, and nobody can tell from the rows."""

import datetime
import io
import zipfile

import pytest
import xlsxwriter

from lib.sheets import read_workbook, slices

DAY = datetime.date(2022, 3, 1)


def book(shared: bool = True) -> bytes:
    """Two sheets of texts, numbers, dates, a merged cell, a calculated cell and a gap of blank rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": not shared}) as workbook:
        date = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for name, start in (("甲", 0), ("乙", 2)):
            sheet = workbook.add_worksheet(name)
            for row in [*range(start, 300), *range(700, 900)]:
                sheet.write_string(row, 1, f"人员{row % 7}<&>")
                sheet.write_number(row, 2, row / 2)
                sheet.write_datetime(row, 3, DAY, date)
            sheet.write_formula(901, 2, "=1+1", None, 2)
            sheet.merge_range(905, 0, 907, 0, "同一户")
    return out.getvalue()


def rows_of(data: bytes) -> list:
    """All there is of each sheet; blank cells at the end of a row may be there or not."""
    return [
        (sheet.name, [_filled(row) for row in sheet.rows], sheet.merges, sheet.formulas)
        for sheet in read_workbook(data).sheets
    ]


def _filled(row: list) -> list:
    while row and row[-1] is None:
        row = row[:-1]
    return row


def in_slices(monkeypatch, size: int) -> list[int]:
    """Every sheet counts as large from here on; tells how many rows the parser was given at a time."""
    monkeypatch.setattr(slices, "LARGE", 0)
    monkeypatch.setattr(slices, "SLICE", size)
    monkeypatch.setattr("lib.sheets.guard.CHUNK", 1 << 10)
    seen: list[int] = []
    whole = slices.workbooks

    def counted(*args):
        for one in whole(*args):
            seen.append(len(zipfile.ZipFile(one).read(args[2])))
            one.seek(0)
            yield one

    monkeypatch.setattr(slices, "workbooks", counted)
    return seen


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("size", [1, 5_000, 20_000])
def test_a_sheet_in_slices_has_the_same_rows_merges_and_formulas(monkeypatch, shared, size):
    data = book(shared)
    expected = rows_of(data)
    seen = in_slices(monkeypatch, size)
    assert rows_of(data) == expected
    assert len(seen) > 4


def rewritten(data: bytes, change) -> bytes:
    """The workbook with the XML of its first sheet changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            new.writestr(
                member.filename, change(content) if member.filename.endswith("sheet1.xml") else content
            )
    return out.getvalue()


def moved_up(xml: bytes) -> bytes:
    """The last row of the sheet stands first in the file."""
    start, end = xml.rindex(b'<row r="906"'), xml.index(b"</sheetData>")
    return xml[:start].replace(b"<sheetData>", b"<sheetData>" + xml[start:end], 1) + xml[end:]


def without_references(xml: bytes) -> bytes:
    return xml.replace(b'<c r="B1" ', b"<c ", 1)


def with_a_comment(xml: bytes) -> bytes:
    return xml.replace(b"<sheetData>", b"<sheetData><!-- <row></row> -->", 1)


@pytest.mark.parametrize("change", [moved_up, without_references, with_a_comment])
def test_sheets_written_in_an_odd_way_are_read_whole(monkeypatch, change):
    data = rewritten(book(), change)
    expected = rows_of(data)
    in_slices(monkeypatch, 5_000)
    assert rows_of(data) == expected
