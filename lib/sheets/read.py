"""A workbook as raw cells, or the reason why not."""

from __future__ import annotations

import enum
import io
import os
import zipfile
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine as calamine

from . import csvtext, slices
from .guard import (
    DAMAGED,
    EMPTY,
    ENCRYPTED,
    MACROS,
    OLE_MAGIC,
    ZIP_MAGIC,
    Limits,
    Refused,
    check_ole,
    check_signature,
    open_zip,
)
from .scan import Package, SheetScan, scan_package

_POOL = 200_000
Grid = tuple[list[list], list]  # rows from row 1, merged ranges


class Cell(enum.Enum):
    """Cells that hold something, but no value."""

    ERROR = "error"
    NO_VALUE = "formula without value"

    def __str__(self) -> str:
        """As the sender is told what stands in the cell."""
        return "错误值" if self is Cell.ERROR else "无结果的公式"


@dataclass(frozen=True)
class Note:
    """What the uploader is told about an accepted file; level "info" or "review" (asks to confirm)."""

    level: str
    message: str


@dataclass
class Sheet:
    """`rows[i]` is row i + 1 of the sheet; blank cells at its end may be left out.

    Cells are str, float, bool, date, datetime, time, None or a `Cell`.
    """

    name: str
    hidden: bool
    rows: list[list]
    merges: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: int = 0
    max_rows: int = Limits.max_rows

    @property
    def filled(self) -> bool:
        return bool(self.rows)

    def is_formula(self, row: int, column: int) -> bool:
        """Row from 1, column from 0: item 39 refuses formulas in ID, name and phone."""
        return (row, column) in self.formulas


@dataclass
class Workbook:
    """All sheets in workbook order, hidden ones included but marked; `kind` is xlsx, xls or csv."""

    kind: str
    sheets: list[Sheet]
    notes: list[Note] = field(default_factory=list)
    date1904: bool = False


def read_workbook(
    source: bytes | str | os.PathLike, filename: str = "", limits: Limits | None = None
) -> Workbook:
    """Read an upload (bytes, or a path), or raise `Refused` with the sentence for the user."""
    limits = limits or Limits()
    data = _load(source, limits)
    filename = filename or (os.fspath(source) if not isinstance(source, bytes) else "")
    extension = Path(filename).suffix.lower().lstrip(".")
    check_signature(data)
    kind = _kind(data, extension)
    if kind == "csv":
        return _from_csv(data, limits)
    if kind == "xls":
        check_ole(data, extension)
        return _from_calamine(data, kind, Package(), limits)
    with open_zip(data, limits) as archive:
        return _from_calamine(data, kind, scan_package(data, archive, limits), limits, archive)


def _load(source: bytes | str | os.PathLike, limits: Limits) -> bytes:
    size = len(source) if isinstance(source, bytes) else os.path.getsize(source)
    if size > limits.max_bytes:
        raise Refused(f"文件太大，最多{limits.max_bytes >> 20}MB，请拆分后再上传。")
    return source if isinstance(source, bytes) else Path(source).read_bytes()


def _kind(data: bytes, extension: str) -> str:
    """By content; the extension only has to agree (items 1–4)."""
    if extension in ("xlsm", "xltm", "xlsb", "xlam"):
        raise Refused(MACROS)
    if extension not in ("xlsx", "xls", "et", "csv", "txt", ""):
        raise Refused("只接受 xlsx、xls、csv 文件，请另存后再上传。")
    if data.startswith(ZIP_MAGIC):
        if extension in ("csv", "txt", "xls"):
            raise Refused("扩展名与内容不符：内容是xlsx，请改回 .xlsx 后再上传。")
        return "xlsx"
    if data.startswith(OLE_MAGIC):
        if extension in ("csv", "txt"):
            raise Refused("扩展名与内容不符：内容是旧版xls，请另存为xlsx后再上传。")
        return "xls"
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(
        (b"<html", b"<!doctype", b"<table", b"<head", b"<body", b"<?xml", b"<meta", b"<style")
    ):
        raise Refused("这是网页，不是Excel工作簿，请用 Excel 或 WPS 打开后另存为xlsx再上传。")
    if extension in ("csv", "txt"):
        return "csv"
    raise Refused(DAMAGED)


def _from_csv(data: bytes, limits: Limits) -> Workbook:
    rows, encoding = csvtext.read_csv(data, limits)
    notes = []
    if encoding == "GB18030":
        notes.append(Note("info", "按 GB18030（GBK）编码读取，请在预览中核对汉字。"))
    return Workbook("csv", [Sheet("csv", False, rows, max_rows=limits.max_rows)], notes)


def _from_calamine(
    data: bytes, kind: str, package: Package, limits: Limits, archive: zipfile.ZipFile | None = None
) -> Workbook:
    book = Workbook(kind, [], date1904=package.date1904)
    try:
        with calamine.load_workbook(io.BytesIO(data)) as source:
            metas = [m for m in source.sheets_metadata if m.typ is calamine.SheetTypeEnum.WorkSheet]
            scans = {meta.name: package.sheets.get(meta.name, SheetScan()) for meta in metas}
            grids = {m.name: _grid(source, m.name) for m in metas if not _is_large(scans[m.name])}
        for meta in metas:
            scan, hidden = scans[meta.name], meta.visible is not calamine.SheetVisibleEnum.Visible
            grid = grids.get(meta.name) or _sliced(data, archive, meta.name, scan)
            book.sheets.append(_sheet(meta.name, grid, hidden, scan, limits))
    except calamine.PasswordError as error:
        raise Refused(ENCRYPTED) from error
    except calamine.CalamineError as error:
        raise Refused(DAMAGED) from error
    if not any(sheet.filled for sheet in book.sheets):
        raise Refused(EMPTY)
    book.notes = _notes(book, package)
    return book


def _is_large(scan: SheetScan) -> bool:
    return scan.usual and scan.size > slices.LARGE


def _grid(book: calamine.CalamineWorkbook, name: str) -> Grid:
    source = book.get_sheet_by_name(name)
    rows: list[list] = []
    _add_rows(rows, source, {"": None})
    return rows, source.merged_cell_ranges or []


def _sliced(data: bytes, archive: Any, name: str, scan: SheetScan) -> Grid:
    """The same in bounded memory; rows that are out of order are left to the parser."""
    rows: list[list] = []
    merges: list = []
    pool: dict[str, str | None] = {"": None}
    for part in slices.workbooks(data, archive, scan.part, scan.prefix):
        with calamine.load_workbook(part) as book:
            source = book.get_sheet_by_name(name)
            if not _add_rows(rows, source, pool):
                break
            merges = source.merged_cell_ranges or []
    else:
        return rows, merges
    with calamine.load_workbook(io.BytesIO(data)) as book:
        return _grid(book, name)


def _sheet(name: str, grid: Grid, hidden: bool, scan: SheetScan, limits: Limits) -> Sheet:
    rows, merges = grid
    if len(rows) > limits.last_row:
        raise limits.too_many_rows()
    for positions, marker in ((scan.errors, Cell.ERROR), (scan.without_value, Cell.NO_VALUE)):
        for row, column in positions:
            _put(rows, row, column, marker)
    return Sheet(name, hidden, rows, merges, scan.formulas, scan.hidden_rows, limits.max_rows)


def _add_rows(rows: list[list], source: calamine.CalamineSheet, pool: dict[str, str | None]) -> bool:
    """Append the rows of the source, the blank ones above included; False when they should have come earlier.

    Equal texts share one object, which halves the memory of a ledger.
    """
    if source.start is None or source.end is None:
        return True
    if source.start[0] < len(rows):
        return False
    rows.extend([None] * (source.end[1] + 1) for _ in range(source.start[0] - len(rows)))
    left = [None] * source.start[1]
    share = pool.setdefault
    for row in islice(source.iter_rows(), source.start[0], None):
        if len(pool) > _POOL:
            pool.clear()
            pool[""] = None
        rows.append(left + [share(cell, cell) if cell.__class__ is str else cell for cell in row])
    return True


def _put(rows: list[list], row: int, column: int, marker: Cell) -> None:
    while len(rows) < row:
        rows.append([])
    cells = rows[row - 1]
    cells.extend([None] * (column + 1 - len(cells)))
    cells[column] = marker


def _notes(book: Workbook, package: Package) -> list[Note]:
    notes = []
    if package.pictures:
        notes.append(Note("info", "文件中的图片和嵌入对象已忽略。"))
    if package.date1904:
        notes.append(Note("info", "文件采用1904日期系统，日期已按该系统换算。"))
    for sheet in book.sheets:
        if sheet.hidden and sheet.filled:
            notes.append(Note("info", f"隐藏的工作表“{sheet.name}”已忽略。"))
        elif sheet.hidden_rows:
            notes.append(
                Note("review", f"工作表“{sheet.name}”含隐藏行{sheet.hidden_rows}行，请确认是否一并导入。")
            )
    return notes
