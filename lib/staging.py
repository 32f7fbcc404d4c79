"""What a kind of workbook is: its columns, how its rows are judged against what is stored, and how they are written.

The mechanism (upload, chunks, preview, confirm, undo) lives in jobs.imports; every room declares its kinds in its own
imports module, which the room's AppConfig loads. Kinds know nothing of batches, screens or files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lib.sheets import Table, cell_problem

NEW, CHANGED, SAME, REVIEW, REJECTED = "new", "changed", "same", "review", "rejected"
REJECT, INFO = "reject", "info"  # levels of a problem; the third is REVIEW
VERDICTS = {NEW: "新增", CHANGED: "变更", SAME: "相同", REVIEW: "待核", REJECTED: "退回"}


@dataclass(frozen=True)
class Column:
    """One column of a workbook. `parse` turns a raw cell into (value, level, message); level ok|info|review|reject."""

    key: str
    title: str
    parse: Callable[[Any], Any]
    synonyms: tuple[str, ...] = ()
    required: bool = False
    secret: bool = False  # identifies a person: masked on screens and in messages
    fill_down: bool = False  # of the household: a merged cell counts for every row it covers
    choices: tuple[str, ...] = ()  # drop-down list of the template
    help: str = ""  # one sentence for the template: the official definition
    example: str = ""


@dataclass
class Problem:
    """Something to tell the sender about one cell: level is reject, review or info."""

    row: int
    column: str
    value: str
    level: str
    message: str
    sheet: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "level": self.level,
            "message": self.message,
        }


@dataclass
class Row:
    """One row of a sheet as read: its number on the sheet (1-based) and its raw cells by column key."""

    number: int
    cells: dict[str, Any]
    formulas: frozenset[str] = frozenset()  # keys of the cells that are calculated


@dataclass
class Staged:
    """One judged row: what would be written (`new`), what stands there now (`old`), and what there is to say."""

    row: int
    verdict: str
    key: str = ""  # shown to the reader: a name, a unit; never an ID number
    new: dict[str, Any] = field(
        default_factory=dict
    )  # JSON values; only changed fields when verdict is changed
    old: dict[str, Any] = field(default_factory=dict)
    target: int | None = None  # primary key of the stored row that would change
    problems: list[Problem] = field(default_factory=list)

    @property
    def pk(self) -> int:
        """`target` of a row that has one: rows of stored things, and written rows."""
        if self.target is None:
            raise LookupError(f"row {self.row} stands for nothing that is stored")
        return self.target


@dataclass
class Context:
    """What a kind needs to judge and write: the acting user, the unit of the batch, the month (or None)."""

    user: Any
    unit: Any
    month: Any = None
    batch: str = ""  # its number, for provenance
    date1904: bool = False  # plain day numbers count from 1904


class Kind:
    """A kind of workbook. Subclasses are registered with `register` and have no state between calls."""

    name: str
    title: str
    about: str = ""  # one sentence for the sender: what the workbook is and what it changes
    place: int = 50  # where the sender finds it in the list: the month's work first, the tree of units last
    right: tuple[str, str]  # (subject, letter) of the role matrix
    columns: tuple[Column, ...]
    needs_month = False
    header_row: int | None = None  # 1-based when the layout is fixed (national exports: 3)

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        """Judge rows in order, one Staged per Row (duplicates inside the file included); reads, never writes.

        The rows may be walked more than once.
        """
        raise NotImplementedError

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        """Write the given rows inside the caller's transaction; sets `target` of what it creates."""
        raise NotImplementedError

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        """Take applied rows back; returns sentences for rows that have been changed since and were left alone."""
        raise NotImplementedError

    def finish(self, context: Context) -> None:
        """Called once after all rows were applied or undone, in the same transaction (refresh facts, mark dirty)."""

    def locked(self, context: Context) -> str:
        """Why nothing of this kind may be written now (a closed month); empty when it may."""
        return ""


class Stale(Exception):
    """Raised by Kind.apply when a stored row is not what it was when it was judged: the batch is judged again."""


def parse_row(columns: Iterable[Column], row: Row) -> tuple[dict[str, Any], list[Problem]]:
    """Values by column key, and what there is to say: each column's own parser, and blanks in required columns."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for column in columns:
        raw = row.cells.get(column.key)
        problem = cell_problem(raw)
        value, level, message = (None, REJECT, problem) if problem else column.parse(raw)
        if column.required and not message and value in (None, ""):
            level, message = REJECT, "不能为空。"
        values[column.key] = value
        if message:
            problems.append(
                Problem(row.number, column.title, "" if raw is None else str(raw), level, message)
            )
    return values, problems


def worst(problems: Iterable[Problem]) -> str:
    """The verdict problems force on their row: rejected, review, or "" when they force none."""
    levels = {problem.level for problem in problems}
    return REJECTED if REJECT in levels else REVIEW if REVIEW in levels else ""


KINDS: dict[str, Kind] = {}


def register(kind: type[Kind]) -> type[Kind]:
    """Class decorator: make the kind known under its name."""
    KINDS[kind.name] = kind()
    return kind


@dataclass(frozen=True)
class Export:
    """A kind of export: headings and a row function, `rows(user, unit, month)`, over what the user may see."""

    name: str
    title: str
    right: tuple[str, str]
    headings: tuple[str, ...]
    rows: Callable[..., Iterator[list]]
    count: Callable[..., int] | None = None  # for progress
    numeric: frozenset[str] = frozenset()
    personal: bool = False  # carries names or numbers of people: watermarked and logged
    public: bool = False  # made to hang on a board: logged, but without the line of who took it out
    group: str = (
        ""  # under which it is offered among papers and ledgers; empty where a page of its own offers it
    )
    about: str = ""  # one sentence for who chooses: whom it lists
    levels: tuple[str, ...] = ()  # of the units it is made for; empty: any
    dress: Callable[..., Table] | None = None  # (export, rows, title) → a dressed sheet; plain where absent


EXPORTS: dict[str, Export] = {}


def register_export(export: Export) -> Export:
    EXPORTS[export.name] = export
    return export
