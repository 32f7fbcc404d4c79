"""The user's own sheet with the problems on it, to correct and send again."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, BinaryIO

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from .guard import Limits
from .layout import RESULT_COLUMN, normalise_title
from .read import Cell, Sheet, Workbook, read_workbook
from .write import AUTHOR, stored

RED, AMBER = "FFF4C7C3", "FFFCE8B2"
_IN_PLACE = 200_000  # cells; above this openpyxl would need more than 350 MB
_HEADER_WITHIN = 12

Marks = dict[int, list[Mapping[str, Any]]]


def mark_copy(
    source: bytes,
    filename: str,
    problems: Iterable[Mapping[str, Any]],
    out: str | os.PathLike | BinaryIO,
    header_rows: Mapping[str, int] | None = None,
    limits: Limits | None = None,
) -> None:
    """Write an xlsx with every problem coloured, commented and summed up in the column 校验结果.

    A problem is {"sheet", "row" (from 1), "column" (title, or number from 0, or None), "level", "message"}.
    `header_rows` maps a sheet to its header row (from 1); without it the row with most of the named columns is it.
    An xlsx of moderate size keeps its own looks; xls, csv and big ones become a plain xlsx of the same cells.
    """
    book = read_workbook(source, filename, limits)
    by_sheet: dict[str, Marks] = {}
    for problem in problems:
        if problem.get("row"):
            by_sheet.setdefault(problem.get("sheet") or "", {}).setdefault(problem["row"], []).append(problem)
    if "" in by_sheet and len(book.sheets) == 1:
        by_sheet.setdefault(book.sheets[0].name, {}).update(by_sheet.pop(""))
    heads = dict(header_rows or {})
    for sheet in book.sheets:
        heads.setdefault(sheet.name, _header_row(sheet, by_sheet.get(sheet.name, {})))
    cells = sum(len(row) for sheet in book.sheets for row in sheet.rows)
    if book.kind == "xlsx" and cells <= _IN_PLACE:
        _mark_in_place(source, book, by_sheet, heads, out)
    else:
        _write_plain(book, by_sheet, heads, out)


def _header_row(sheet: Sheet, marks: Marks) -> int:
    titles = {
        normalise_title(p["column"]) for ps in marks.values() for p in ps if isinstance(p.get("column"), str)
    }
    titles.add(RESULT_COLUMN)
    hits = [sum(normalise_title(cell) in titles for cell in row) for row in sheet.rows[:_HEADER_WITHIN]]
    most = max(hits, default=0)
    return hits.index(most) + 1 if most else 1


def _positions(sheet: Sheet, head: int) -> dict[str, int]:
    """Title → column; of two header rows both count, the lower first, with "group/title" spelled out."""
    found: dict[str, int] = {}
    for row in (head, head - 1):
        if 1 <= row <= len(sheet.rows):
            for column, cell in enumerate(sheet.rows[row - 1]):
                if title := normalise_title(cell):
                    found.setdefault(title, column)
    return found


def _column_of(problem: Mapping[str, Any], positions: Mapping[str, int]) -> int | None:
    column = problem.get("column")
    if column is None or column.__class__ is int:
        return column
    title = normalise_title(column)
    return positions.get(title, positions.get(title.rpartition("/")[2]))


def _summary(problems: list[Mapping[str, Any]]) -> str:
    return stored(
        "；".join(f"{p['column']}：{p['message']}" if p.get("column") else p["message"] for p in problems)
    )


def _level(problems: Iterable[Mapping[str, Any]]) -> str:
    return "reject" if any(problem["level"] == "reject" for problem in problems) else "review"


def _result_column(sheet: Sheet, positions: Mapping[str, int]) -> int:
    return positions.get(RESULT_COLUMN, max((len(row) for row in sheet.rows), default=0))


def _mark_in_place(
    source: bytes,
    book: Workbook,
    by_sheet: dict[str, Marks],
    heads: Mapping[str, int],
    out: str | os.PathLike | BinaryIO,
) -> None:
    target = openpyxl.load_workbook(io.BytesIO(source))
    for sheet in book.sheets:
        if sheet.name in target.sheetnames and not sheet.hidden and sheet.filled:
            worksheet = target[sheet.name]
            _wipe(worksheet)
            _settle(worksheet, sheet)
            if marks := by_sheet.get(sheet.name):
                _paint(worksheet, sheet, marks, heads[sheet.name])
    target.save(out)


def _wipe(worksheet: Worksheet) -> None:
    """Take off the marks of an earlier copy."""
    plain = PatternFill()
    for row in worksheet.iter_rows():
        for cell in row:
            if (
                cell.comment is not None
                and cell.comment.author == AUTHOR
                and cell.fill.fgColor.rgb in (RED, AMBER)
            ):
                cell.comment = None
            if cell.has_style and cell.fill.fgColor.rgb in (RED, AMBER):
                cell.fill = plain
            if cell.value == RESULT_COLUMN:
                for below in worksheet.iter_rows(
                    min_row=cell.row + 1, min_col=cell.column, max_col=cell.column
                ):
                    with suppress(AttributeError):  # a merged cell has no value of its own
                        below[0].value = None


def _settle(worksheet: Worksheet, sheet: Sheet) -> None:
    """Formulas become the values that were read: openpyxl saves formulas without results, which we refuse."""
    for row, column in sheet.formulas:
        cell, value = (
            worksheet.cell(row, column + 1),
            sheet.rows[row - 1][column] if row <= len(sheet.rows) else None,
        )
        if value is not Cell.NO_VALUE:
            with suppress(AttributeError):
                cell.value = "#N/A" if value is Cell.ERROR else value
                if isinstance(value, (str, Cell)):
                    cell.data_type = "e" if value is Cell.ERROR else "s"


def _paint(worksheet: Worksheet, sheet: Sheet, marks: Marks, head: int) -> None:
    positions = _positions(sheet, head)
    result = _result_column(sheet, positions)
    fills = {"reject": PatternFill("solid", fgColor=RED), "review": PatternFill("solid", fgColor=AMBER)}
    title = worksheet.cell(head, result + 1, RESULT_COLUMN)
    title.font = Font(bold=True)
    worksheet.column_dimensions[title.column_letter].width = 48
    for row, problems in marks.items():
        by_column: dict[int, list[Mapping[str, Any]]] = {}
        for problem in problems:
            if (column := _column_of(problem, positions)) is not None:
                by_column.setdefault(column, []).append(problem)
        for column, mine in by_column.items():
            cell = worksheet.cell(row, column + 1)
            cell.fill = fills[_level(mine)]
            with suppress(AttributeError):
                cell.comment = Comment("\n".join(problem["message"] for problem in mine), AUTHOR)
        verdict = worksheet.cell(row, result + 1)
        with suppress(AttributeError):
            verdict.value = _summary(problems)
            verdict.data_type = "s"
        verdict.fill = fills[_level(problems)]


def _write_plain(
    book: Workbook, by_sheet: dict[str, Marks], heads: Mapping[str, int], out: str | os.PathLike | BinaryIO
) -> None:
    target = os.fspath(out) if isinstance(out, (str, os.PathLike)) else out
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as copy:
        for sheet in book.sheets:
            if not sheet.hidden and sheet.filled:
                _write_plain_sheet(copy, sheet, by_sheet.get(sheet.name, {}), heads[sheet.name])


def _write_plain_sheet(copy: xlsxwriter.Workbook, sheet: Sheet, marks: Marks, head: int) -> None:
    worksheet = copy.add_worksheet(sheet.name)
    looks = {
        "": copy.add_format({"num_format": "@", "quote_prefix": True}),
        "reject": copy.add_format({"num_format": "@", "quote_prefix": True, "bg_color": f"#{RED[2:]}"}),
        "review": copy.add_format({"num_format": "@", "quote_prefix": True, "bg_color": f"#{AMBER[2:]}"}),
        "date": copy.add_format({"num_format": "yyyy-mm-dd"}),
    }
    positions = _positions(sheet, head)
    result = _result_column(sheet, positions)
    worksheet.set_column(result, result, 48)
    for number, cells in enumerate(sheet.rows, 1):
        problems = marks.get(number, [])
        by_column: dict[int | None, list[Mapping[str, Any]]] = {}
        for problem in problems:
            by_column.setdefault(_column_of(problem, positions), []).append(problem)
        for column in sorted({*range(len(cells)), *(c for c in by_column if c is not None)} - {result}):
            mine = by_column.get(column)
            value = cells[column] if column < len(cells) else None
            _write_value(worksheet, (number - 1, column), value, looks, _level(mine) if mine else "")
            if mine:
                note = "\n".join(problem["message"] for problem in mine)
                worksheet.write_comment(number - 1, column, note, {"author": AUTHOR})
        if number == head:
            worksheet.write_string(number - 1, result, RESULT_COLUMN, looks[""])
        elif problems:
            worksheet.write_string(number - 1, result, _summary(problems), looks[_level(problems)])


def _write_value(
    worksheet: xlsxwriter.worksheet.Worksheet,
    at: tuple[int, int],
    value: object,
    looks: Mapping[str, Any],
    level: str,
) -> None:
    if value is None:
        if level:
            worksheet.write_blank(*at, None, looks[level])
    elif isinstance(value, Cell):
        # The problem stays visible and stays a problem when the copy comes back.
        worksheet.write_formula(*at, "=NA()", looks[level], "#N/A")
    elif isinstance(value, bool):
        worksheet.write_boolean(*at, value, looks[level])
    elif isinstance(value, (int, float)):
        worksheet.write_number(*at, value, looks[level])
    elif isinstance(value, (date, datetime)):
        worksheet.write_datetime(*at, value, looks["date"])
    else:
        worksheet.write_string(*at, stored(value), looks[level])
