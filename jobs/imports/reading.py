"""Rows of a workbook under the columns of a kind: which sheet, which headings, which rows are data."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from lib.sheets import (
    Body,
    Header,
    Limits,
    Refused,
    Sheet,
    Workbook,
    body,
    choose_sheet,
    find_header,
    normalise_title,
    read_workbook,
)
from lib.sheets.cells import visible
from lib.staging import Kind, Row

log = logging.getLogger("jobs")

INTERNAL = {
    "id",
    "pk",
    "is_superuser",
    "is_staff",
    "is_active",
    "created_by",
    "updated_by",
    "password",
    "role",
}
LISTED = 10  # of a kind of thing to tell, how many are named


class NeedsSheet(Exception):
    """Several sheets hold data; somebody has to say which."""

    def __init__(self, sheets: list[str]) -> None:
        super().__init__(f"有多个工作表含数据（{'、'.join(sheets)}），请选择工作表。")
        self.sheets = sheets


class NeedsMapping(Exception):
    """Required columns were not recognised; somebody has to say which heading is which."""

    def __init__(self, sheet: Sheet, header: Header, found: dict[str, str], missing: list[str]) -> None:
        super().__init__(f"缺少列：{'、'.join(missing)}。")
        self.sheet, self.header, self.found = sheet.name, header, found
        self.written = as_written(sheet, header)


@dataclass
class Reading:
    """The rows of one sheet. `index` is column key → column (from 0), `mapping` heading → column key."""

    sheet: str
    header: Header
    written: dict[str, str]
    index: dict[str, int]
    mapping: dict[str, str]
    notes: list[dict[str, str]]
    body: Body
    date1904: bool
    formulas: dict[int, frozenset[str]]

    @property
    def headings(self) -> list[str]:
        return [heading for heading in self.header.columns if heading]

    def __len__(self) -> int:
        return len(self.body.rows)

    def __iter__(self) -> Iterator[Row]:
        """The rows under the kind's columns; may be walked more than once."""
        places = list(self.index.items())
        nothing: frozenset[str] = frozenset()
        for number, cells in self.body.rows:
            width = len(cells)
            values = {key: cells[at] if at < width else None for key, at in places}
            yield Row(number, values, self.formulas.get(number, nothing))


def read(
    data: bytes,
    filename: str,
    kind: Kind,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
    remembered: Callable[[list[str]], Mapping[str, str] | None] = lambda headings: None,
) -> Reading:
    """Read an upload. Raises Refused, NeedsSheet or NeedsMapping, each with the sentence for the sender."""
    book = read_workbook(data, filename, Limits(max_rows=settings.IMPORT_MAX_ROWS))
    chosen = _sheet(book, sheet)
    header = _header(chosen, kind)
    mapping = mapping or remembered([heading for heading in header.columns if heading])
    index = _index(header, kind, mapping)
    used = {header.columns[at] or "": key for key, at in index.items()}
    if missing := [column.title for column in kind.columns if column.required and column.key not in index]:
        raise NeedsMapping(chosen, header, used, missing)
    titles = {column.key: column.title for column in kind.columns}
    named = Header(header.row, header.columns, {titles[key]: at for key, at in index.items()})
    found = body(chosen, named, fill_down=[column.title for column in kind.columns if column.fill_down])
    if not found.rows:
        raise Refused("表头下面没有数据行。")
    return Reading(
        chosen.name, header, as_written(chosen, header), index, used, _notes(book, header, used, found), found,
        book.date1904, _formulas(chosen, index),
    )  # fmt: skip


def as_written(sheet: Sheet, header: Header) -> dict[str, str]:
    """Heading as we compare it → as it stands on the sheet, where that is one cell that differs."""
    cells = sheet.rows[header.row - 1]
    written = {
        heading: " ".join(visible(str(cell)).split())[:80]
        for heading, cell in zip(header.columns, cells, strict=False)
        if heading and normalise_title(cell) == heading
    }
    return {heading: text for heading, text in written.items() if text != heading}


def signature(headings: Sequence[str]) -> str:
    """What a unit's own layout is remembered by."""
    return hashlib.sha256("\n".join(headings).encode()).hexdigest()


def _sheet(book: Workbook, name: str) -> Sheet:
    filled = [sheet.name for sheet in book.sheets if sheet.filled and not sheet.hidden]
    if not name and len(filled) > 1:
        raise NeedsSheet(filled)
    return choose_sheet(book, name or None)


def _header(sheet: Sheet, kind: Kind) -> Header:
    known = {name: column.title for column in kind.columns for name in (column.title, *column.synonyms)}
    rows = sheet.rows[: kind.header_row] if kind.header_row else sheet.rows
    try:
        return find_header(rows, known)
    except Refused as refusal:
        if not refusal.message.startswith("没有找到表头"):
            raise
        return _guessed(sheet, known)


def _guessed(sheet: Sheet, known: Mapping[str, str]) -> Header:
    """Hardly a name is known: the first of the upper rows with most texts, for the sender to say what is what."""
    upper = sheet.rows[:10]
    widths = [sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) for row in upper]
    at = widths.index(max(widths))
    names = {normalise_title(name): title for name, title in known.items()}
    columns = tuple(normalise_title(cell) or None for cell in upper[at])
    index = {names[heading]: place for place, heading in enumerate(columns) if heading in names}
    return Header(at + 1, columns, index)


def _index(header: Header, kind: Kind, mapping: Mapping[str, str] | None) -> dict[str, int]:
    """Column key → column, by the sender's own mapping when there is one, else by title and synonym."""
    if not mapping:
        return {c.key: header.index[c.title] for c in kind.columns if c.title in header.index}
    index: dict[str, int] = {}
    keys = {column.key for column in kind.columns}
    for at, heading in enumerate(header.columns):
        key = mapping.get(heading or "", "")
        if key in keys and key not in index:
            index[key] = at
    return index


def _formulas(sheet: Sheet, index: Mapping[str, int]) -> dict[int, frozenset[str]]:
    """Row → keys of calculated cells, only of columns that are read."""
    keys = {at: key for key, at in index.items()}
    found: dict[int, set[str]] = {}
    for row, at in sheet.formulas:
        if at in keys:
            found.setdefault(row, set()).add(keys[at])
    return {row: frozenset(columns) for row, columns in found.items()}


def _notes(book: Workbook, header: Header, used: Mapping[str, str], found: Body) -> list[dict[str, str]]:
    notes = [{"level": note.level, "message": note.message} for note in book.notes]
    unused = [heading for heading in header.columns if heading and heading not in used]
    if internal := [heading for heading in unused if heading.lower() in INTERNAL]:
        log.warning("import: columns %s of a workbook ignored", ", ".join(internal))
    if unused:
        notes.append({"level": "review", "message": f"没有用到的列：{_listed(unused)}。"})
    if found.footers:
        numbers = [f"第{number}行" for number, _ in found.footers]
        notes.append({"level": "info", "message": f"合计、签字等不是数据的行没有读入：{_listed(numbers)}。"})
    return notes


def _listed(words: list[str]) -> str:
    rest = f"等{len(words)}项" if len(words) > LISTED else ""
    return "、".join(words[:LISTED]) + rest
