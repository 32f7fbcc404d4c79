"""Files that open as what they are: text stays text, nothing calculates (ASVS 1.2.10), memory stays flat.

`write_workbook` dresses templates and reports; `write_rows_fast` and `write_csv` stream whole ledgers.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from math import ceil
from typing import Any, BinaryIO

import rustpy_xlsxwriter
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from .csvtext import ARMOURED

CELL_LIMIT = 32_767  # characters of one cell in the file format
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_LIVE = re.compile("[=+\\-@\t\r\n＝＋－＠]")
_LISTS = "选项"
HEAD_HEIGHT = 44  # points: three lines of a narrow heading on paper
LINE_HEIGHT = 14  # points
FOOT_HEIGHT = 36  # points: room to sign
A4 = 9  # of the paper sizes of the file format
AUTHOR = "稳岗台账"  # of cell comments


@dataclass(frozen=True)
class Column:
    """One column: `width` in characters (from the title when absent), `choices` make a drop-down list."""

    title: str
    width: float | None = None
    numeric: bool = False
    choices: Sequence[str] = ()
    help: str = ""
    required: bool = False
    locked: bool = False
    centred: bool = False


@dataclass(frozen=True)
class Marked:
    """A cell to be looked at: the value on a yellow ground."""

    value: object


@dataclass
class Table:
    """One sheet. `totals` is the ready 合计 row, `foot` a line below it; `blank_rows` prepares rows of a template."""

    name: str
    columns: Sequence[Column | str]
    rows: Iterable[Sequence] = ()
    title: str = ""
    notes: str = ""
    totals: Sequence | None = None
    foot: str = ""
    blank_rows: int = 0
    freeze: bool = True
    filter: bool = True
    protect: bool = False
    printed: bool = (
        False  # as an office prints it: A4 sideways, one page wide, title and headings on every page
    )
    open_lists: bool = False  # drop-down lists stand in their cells: nothing of the book is hidden


def stored(value: object) -> str:
    """The text as a file can hold it: lone surrogates and non-characters become U+FFFD, 32,767 characters at most."""
    if value.__class__ is not str:
        value = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    return _UNWRITABLE.sub("\ufffd", value)[:CELL_LIMIT]


def armoured(value: str) -> str:
    """For csv: an apostrophe before anything a spreadsheet would calculate; the reader takes it off again."""
    return f"'{value}" if _LIVE.match(value) or ARMOURED.match(value) else value


# ── dressed workbooks ────────────────────────────────────────────────────────────────────────────────────────────


def write_workbook(path: str | os.PathLike | BinaryIO, sheets: Table | Sequence[Table]) -> None:
    """Title, styled header, freeze, filter, widths, drop-downs from a hidden sheet, optional protection."""
    tables = [sheets] if isinstance(sheets, Table) else list(sheets)
    with _landing(path) as target:
        # Drop-down lists are written last, so rows of other sheets are already flushed: constant memory holds.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(target, options) as book:
            styles = _styles(book)
            lists: list[Sequence[str]] = []
            for table in tables:
                _write_table(book.add_worksheet(table.name), table, styles, lists)
            _write_lists(book, lists, styles["text"])


def _styles(book: xlsxwriter.Workbook) -> dict[str, Format]:
    edge = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
    head = {**edge, "bold": True, "bg_color": "#DCE6F1", "align": "center", "text_wrap": True}
    fixed = {**edge, "num_format": "@", "quote_prefix": True, "bg_color": "#F2F2F2"}
    return {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}),
        "notes": book.add_format({"font_color": "#595959", "text_wrap": True, "valign": "top"}),
        "head": book.add_format(head),
        "required": book.add_format({**head, "font_color": "#B42318"}),
        "text": book.add_format({**edge, "num_format": "@", "quote_prefix": True, "locked": False}),
        "wrapped": book.add_format(
            {**edge, "num_format": "@", "quote_prefix": True, "locked": False, "text_wrap": True}
        ),
        "empty": book.add_format({**edge, "num_format": "@", "locked": False}),
        "number": book.add_format({**edge, "locked": False}),
        "centred": book.add_format({**edge, "locked": False, "align": "center"}),
        "money": book.add_format({**edge, "locked": False, "num_format": "0.00"}),
        "foot": book.add_format({"valign": "vcenter"}),
        "fixed": book.add_format(fixed),
        "fixed wrapped": book.add_format({**fixed, "text_wrap": True}),
        "marked": book.add_format(
            {**edge, "num_format": "@", "quote_prefix": True, "bg_color": "#FFF2CC", "text_wrap": True}
        ),
        "total": book.add_format({**edge, "bold": True, "num_format": "@", "quote_prefix": True}),
        "total number": book.add_format({**edge, "bold": True}),
        "total money": book.add_format({**edge, "bold": True, "num_format": "0.00"}),
    }


def _write_table(
    sheet: Worksheet, table: Table, styles: dict[str, Format], lists: list[Sequence[str]]
) -> None:
    columns = [column if isinstance(column, Column) else Column(column) for column in table.columns]
    last = max(len(columns) - 1, 0)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width or _width(column.title), styles["empty"])
    top = _write_top(sheet, table, last, styles)
    if table.printed:
        sheet.set_row(top, HEAD_HEIGHT)
    for number, column in enumerate(columns):
        sheet.write_string(
            top, number, stored(column.title), styles["required" if column.required else "head"]
        )
        if column.help:  # now: constant memory ignores anything for a row already passed
            sheet.write_comment(top, number, stored(column.help), {"author": AUTHOR})
    if table.freeze:
        sheet.freeze_panes(top + 1, 0)
    row = top
    looks = [_look(column, styles, table.printed) for column in columns]
    for row, cells in enumerate(table.rows, top + 1):
        if table.printed:
            sheet.set_row(row, _height(cells, columns))
        for number, (cell, (numeric, style)) in enumerate(zip(cells, looks, strict=False)):
            if isinstance(cell, Marked):
                cell, style = cell.value, styles["marked"]
            _write_cell(sheet, row, number, cell, numeric, style)
    _write_end(sheet, table, columns, row + table.blank_rows + 1, styles)
    _finish_table(sheet, table, columns, (top, max(row, top + table.blank_rows), last), lists)


def _write_end(
    sheet: Worksheet, table: Table, columns: list[Column], row: int, styles: dict[str, Format]
) -> None:
    """The 合计 row and the foot."""
    if table.totals is not None:
        for number, (cell, column) in enumerate(zip(table.totals, columns, strict=False)):
            kind = "money" if _is_money(column, table.printed) else "number" if column.numeric else ""
            _write_cell(sheet, row, number, cell, column.numeric, styles[f"total {kind}".strip()])
        row += 1
    if table.foot:
        sheet.set_row(row, FOOT_HEIGHT)
        sheet.merge_range(row, 0, row, max(len(columns) - 1, 1), "", styles["foot"])
        sheet.write_string(row, 0, stored(table.foot), styles["foot"])


def _write_top(sheet: Worksheet, table: Table, last: int, styles: dict[str, Format]) -> int:
    """Title and notes lines; the answer is the header's row."""
    top = 0
    for words, style, height in ((table.title, "title", 30), (table.notes, "notes", 60)):
        if words:
            sheet.set_row(top, height)
            if last:
                sheet.merge_range(top, 0, top, last, "", styles[style])
            sheet.write_string(top, 0, stored(words), styles[style])
            top += 1
    return top


def _finish_table(
    sheet: Worksheet,
    table: Table,
    columns: list[Column],
    area: tuple[int, int, int],
    lists: list[Sequence[str]],
) -> None:
    top, bottom, last = area
    if table.filter and columns:
        sheet.autofilter(top, 0, bottom, last)
    for number, column in enumerate(columns):
        if column.choices and bottom > top:
            rule = {
                "validate": "list",
                "source": list(column.choices) if table.open_lists else _listed(column.choices, lists),
                "error_title": "请从列表中选择",
                "error_message": f"“{column.title}”只能填列表中的内容。"[:255],
            }
            sheet.data_validation(top + 1, number, bottom, number, rule)
    if table.printed:
        _print(sheet, top, bottom + (table.totals is not None) + bool(table.foot), last)
    if table.protect:
        allowed = {"format_columns": True, "insert_rows": True, "sort": True, "autofilter": True}
        sheet.protect("", allowed)


def _listed(choices: Sequence[str], lists: list[Sequence[str]]) -> str:
    """The place of a drop-down list on the hidden sheet."""
    lists.append(choices)
    letter = _letters(len(lists) - 1)
    return f"='{_LISTS}'!${letter}$1:${letter}${len(choices)}"


def _print(sheet: Worksheet, top: int, bottom: int, last: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.repeat_rows(0, top)
    sheet.print_area(0, 0, bottom, last)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _height(cells: Sequence, columns: Sequence[Column]) -> float:
    """Points for as many lines as the longest text takes: no spreadsheet makes room for them by itself."""
    lines = 1
    for cell, column in zip(cells, columns, strict=False):
        value = cell.value if isinstance(cell, Marked) else cell
        if isinstance(value, str):
            lines = max(lines, ceil((_length(value) + 1) / (column.width or _width(column.title))))
    return LINE_HEIGHT * lines + 3


def _look(column: Column, styles: dict[str, Format], printed: bool) -> tuple[bool, Format]:
    """On paper a long text goes on in the next line instead of into the next cell."""
    if column.locked:
        return column.numeric, styles["fixed wrapped" if printed else "fixed"]
    if column.centred:
        return column.numeric, styles["centred"]
    if _is_money(column, printed):
        return True, styles["money"]
    return column.numeric, styles["number" if column.numeric else "wrapped" if printed else "text"]


def _is_money(column: Column, printed: bool) -> bool:
    """Yuan on paper have two places, whole ones too."""
    return printed and column.numeric and "（元" in column.title


def _write_cell(sheet: Worksheet, row: int, column: int, cell: object, numeric: bool, style: Format) -> None:
    if cell is None or cell == "":
        sheet.write_blank(row, column, None, style)
    elif numeric and isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell, style)
    else:
        sheet.write_string(row, column, stored(cell), style)


def _write_lists(book: xlsxwriter.Workbook, lists: list[Sequence[str]], style: Format) -> None:
    if not lists:
        return
    sheet = book.add_worksheet(_LISTS)
    sheet.hide()
    for row in range(max(map(len, lists))):
        for number, choices in enumerate(lists):
            if row < len(choices):
                sheet.write_string(row, number, stored(choices[row]), style)


def _width(title: str) -> float:
    """Of a column with this heading."""
    return min(40, max(8, _length(title) + 4))


def _length(text: str) -> int:
    """A Chinese character takes two columns of a Latin one."""
    return sum(1 if letter.isascii() else 2 for letter in text)


def _letters(column: int) -> str:
    head, tail = divmod(column, 26)
    return (_letters(head - 1) if head else "") + chr(65 + tail)


# ── big exports ──────────────────────────────────────────────────────────────────────────────────────────────────


def write_rows_fast(
    path: str | os.PathLike | BinaryIO,
    headings: Sequence[str],
    rows: Iterable[Sequence],
    *,
    sheet_name: str = "数据",
    title: str = "",
    numeric: Collection[str] = (),
    widths: Mapping[str, float] | None = None,
) -> None:
    """One sheet streamed by the Rust writer (seven times xlsxwriter); all text but the `numeric` headings."""
    if len(set(headings)) != len(headings):
        raise ValueError("headings must differ: they are the writer's keys")
    source = iter(rows)
    first = next(source, None)
    if first is None:
        columns = [Column(heading, numeric=heading in numeric) for heading in headings]
        write_workbook(path, Table(sheet_name, columns, title=title))
        return
    plain = rustpy_xlsxwriter.Format()
    inert = rustpy_xlsxwriter.Format().set_num_format("@").set_quote_prefix()
    head = (
        rustpy_xlsxwriter.Format()
        .set_bold()
        .set_background_color("#DCE6F1")
        .set_align("center")
        .set_border("thin")
    )
    header_row = 1 if title else 0
    large = rustpy_xlsxwriter.Format().set_bold().set_font_size(16).set_align("center")
    banner: list[Any] | None = (
        [(0, 0, 0, len(headings) - 1, stored(title), large)] if title and len(headings) > 1 else None
    )
    with _landing(path) as target:
        rustpy_xlsxwriter.write_worksheet(
            _records(headings, chain([first], source), numeric),
            target,
            sheet_name=sheet_name,
            freeze_row=header_row + 1,
            header_row=header_row,
            header_format=head,
            merge_ranges=banner,
            autofilter=True,
            column_widths={heading: _width(heading) for heading in headings} | dict(widths or {}),
            column_formats=[plain if heading in numeric else inert for heading in headings],
        )


def _records(headings: Sequence[str], rows: Iterable[Sequence], numeric: Collection[str]) -> Iterator[dict]:
    """Rows as the writer's dicts; the checks look at the joined row because a cell at a time costs a second."""
    keys = [stored(heading) for heading in headings]
    numbers = [number for number, heading in enumerate(headings) if heading in numeric]
    for row in rows:
        cells: list[Any] = [cell if cell is None or cell.__class__ is str else stored(cell) for cell in row]
        joined = "".join(filter(None, cells))
        if len(joined) > CELL_LIMIT or (not joined.isascii() and _UNWRITABLE.search(joined)):
            cells = [cell and stored(cell) for cell in cells]
        for number in numbers:
            cells[number] = _numeric(row[number], cells[number])
        yield dict(zip(keys, cells, strict=True))


def _numeric(value: object, written: str | None) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, (int, float)) else written


def write_csv(path: str | os.PathLike | BinaryIO, headings: Sequence[str], rows: Iterable[Sequence]) -> None:
    """UTF-8 with BOM, so that Excel and WPS read Chinese; every live sign behind an apostrophe."""

    def lines(row: Sequence) -> list[str]:
        return ["" if cell is None else armoured(stored(cell)) for cell in row]

    with _landing(path) as target:
        if isinstance(target, str):
            with open(target, "w", encoding="utf-8-sig", newline="") as out:
                _write_lines(out.write, headings, rows, lines)
        else:
            target.write(b"\xef\xbb\xbf")
            _write_lines(lambda words: target.write(words.encode()), headings, rows, lines)


def _write_lines(
    write: Callable[[str], object], headings: Sequence[str], rows: Iterable[Sequence], lines: Callable
) -> None:
    class Sink:
        def write(self, words: str) -> None:
            write(words)

    # All quoted: whatever sign a cell holds, the reader still sees which one separates.
    writer = csv.writer(Sink(), lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(lines(headings))
    writer.writerows(map(lines, rows))


@contextmanager
def _landing(path: str | os.PathLike | BinaryIO) -> Iterator[str | BinaryIO]:
    """A file appears whole or not at all; a buffer is written as it is."""
    if not isinstance(path, str | os.PathLike):
        yield path
        return
    path = os.fspath(path)
    handle, partial = tempfile.mkstemp(suffix=os.path.splitext(path)[1], dir=os.path.dirname(path) or ".")
    os.close(handle)
    try:
        yield partial
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
