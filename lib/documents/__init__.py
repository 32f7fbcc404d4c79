"""Official documents (公文) in the format of GB/T 9704-2012, from one model to HTML, DOCX and PDF.

A caller builds a `Document` and hands it to `html.render`, `docx.render` or `pdf.render`; all three print the same
characters. A `slot` names the figure a text came from, so that the preview can link it and a check can find it.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Style = Literal["normal", "kai", "hei", "bold"]
Align = Literal["left", "center", "right"]

DRAFT_MARK = "送审稿"
_NUMERALS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Run:
    """Text in one style; `slot` is the key of the figure it prints, such as "I01:4202"."""

    text: str
    style: Style = "normal"
    slot: str | None = None


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body, indented by two characters."""

    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    """A heading with its number (一、/（一）/1./（1）); text that runs on in the same paragraph stands in `runs`."""

    level: int
    text: str
    runs: tuple[Run, ...] = ()

    @property
    def style(self) -> Style:
        """黑体 for level 1, 楷体 for level 2, 仿宋 below (§7.3.3)."""
        styles: dict[int, Style] = {1: "hei", 2: "kai"}
        return styles.get(self.level, "normal")


@dataclass(frozen=True)
class Column:
    """A table column; neighbours with the same `group` stand under one common heading. `width` is a weight."""

    title: str
    group: str = ""
    align: Align = "center"
    width: float = 1.0


@dataclass(frozen=True)
class Cell:
    """A table cell; a row leaves out the cells that another one's span covers."""

    text: str
    slot: str | None = None
    style: Style = "normal"
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True)
class Placed:
    """A cell at its column; `continued` marks the place a cell from a row above reaches into."""

    column: int
    cell: Cell
    continued: bool


@dataclass(frozen=True)
class Table:
    """A ruled table whose header repeats on every page; `size` is the type size in points (小四 = 12)."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | str, ...], ...]
    caption: str = ""
    note: str = ""
    size: float = 12

    def header(self) -> list[list[Cell]]:
        """The one or two header rows, groups spanning their columns."""
        if not any(column.group for column in self.columns):
            return [[Cell(column.title, style="hei") for column in self.columns]]
        upper, lower, last = [], [], ""
        for column in self.columns:
            if not column.group:
                upper.append(Cell(column.title, style="hei", rowspan=2))
            elif column.group == last:
                upper[-1] = Cell(last, style="hei", colspan=upper[-1].colspan + 1)
            else:
                upper.append(Cell(column.group, style="hei"))
            if column.group:
                lower.append(Cell(column.title, style="hei"))
            last = column.group
        return [upper, lower]

    def header_grid(self) -> Iterator[list[Placed]]:
        """The header rows with every cell at its column."""
        return _placed(self.header(), len(self.columns))

    def grid(self) -> Iterator[list[Placed]]:
        """The body rows with every cell at its column; raises ValueError when a row does not fit the columns."""
        rows = ([cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in self.rows)
        return _placed(rows, len(self.columns))


Block = Heading | Paragraph | Table


@dataclass(frozen=True)
class Annex:
    """An annex (附件) on pages of its own, turned sideways when `landscape`."""

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False


@dataclass(frozen=True)
class Document:
    """An official document. Empty parts are left out; `title` is broken into lines by meaning.

    `sealed` chooses the place of signature and date (§7.3.5.1 with seal, §7.3.5.2 without).
    """

    title: tuple[str, ...]
    body: tuple[Block, ...]
    date: datetime.date
    masthead: str = ""
    number: str = ""
    copy_number: str = ""
    secrecy: str = ""
    urgency: str = ""
    addressees: str = ""
    attachments_note: tuple[str, ...] = ()
    signatory: str = ""
    sealed: bool = True
    footer_note: str = ""
    annexes: tuple[Annex, ...] = ()
    copies: str = ""
    printer: str = ""
    print_date: datetime.date | None = None
    draft: bool = False

    @property
    def marks(self) -> tuple[str, ...]:
        """份号, 密级 and 紧急程度, the lines above the masthead that are present."""
        return tuple(mark for mark in (self.copy_number, self.secrecy, self.urgency) if mark)

    @property
    def addressee_line(self) -> str:
        """The 主送机关 with the full-width colon that ends it."""
        return f"{self.addressees.rstrip('：:')}：" if self.addressees else ""

    @property
    def note_lines(self) -> tuple[str, ...]:
        """The 附件说明 items, numbered when there is more than one."""
        if len(self.attachments_note) < 2:
            return self.attachments_note
        return tuple(f"{i}.{name}" for i, name in enumerate(self.attachments_note, 1))

    @property
    def footer_line(self) -> str:
        """The 附注 in its brackets."""
        return f"（{self.footer_note.strip('（）')}）" if self.footer_note else ""

    @property
    def copies_text(self) -> str:
        """The 抄送机关 with the full stop that ends them."""
        return f"{self.copies.rstrip('。')}。" if self.copies else ""

    @property
    def printed_line(self) -> str:
        """The 印发日期, by default the document's own date."""
        return f"{chinese_date(self.print_date or self.date)}印发" if self.printer else ""

    def annex_label(self, index: int) -> str:
        """附件, or 附件1, 附件2 … when there are several; `index` counts from 0."""
        return f"附件{index + 1}" if len(self.annexes) > 1 else "附件"


def chinese_date(date: datetime.date) -> str:
    """A date as documents print it: 2023年4月10日 (§7.3.5.4)."""
    return f"{date.year}年{date.month}月{date.day}日"


def numbering(level: int, i: int) -> str:
    """The number of the i-th heading (from 1) of a level: 一、/（一）/1./（1） (§7.3.3)."""
    return {1: f"{_numeral(i)}、", 2: f"（{_numeral(i)}）", 3: f"{i}.", 4: f"（{i}）"}[level]


def plain_text(document: Document) -> list[str]:
    """Every printed paragraph and table cell in reading order, so that a caller can prove what is printed."""
    lines = [*document.marks, document.masthead, document.number, *document.title, document.addressee_line]
    lines += _block_text(document.body)
    lines += [*document.note_lines, document.signatory]
    lines += [chinese_date(document.date) if document.signatory else "", document.footer_line]
    for i, annex in enumerate(document.annexes):
        lines += [document.annex_label(i), annex.title, *_block_text(annex.blocks)]
    lines += [document.copies_text, document.printer, document.printed_line]
    return [line for line in lines if line]


def slots(document: Document) -> Iterator[tuple[str, str]]:
    """Every (slot, printed text) of the document in reading order."""
    blocks = [*document.body, *(block for annex in document.annexes for block in annex.blocks)]
    for block in blocks:
        parts: Iterable[Run | Cell]
        if isinstance(block, Table):
            parts = (placed.cell for row in block.grid() for placed in row if not placed.continued)
        else:
            parts = block.runs
        yield from ((part.slot, part.text) for part in parts if part.slot)


def _block_text(blocks: Iterable[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            rows = [*block.header_grid(), *block.grid()]
            cells = [placed.cell.text for row in rows for placed in row if not placed.continued]
            lines += [block.caption, *cells, block.note]
        else:
            start = block.text if isinstance(block, Heading) else ""
            lines.append(start + "".join(run.text for run in block.runs))
    return lines


def _placed(rows: Iterable[list[Cell]], width: int) -> Iterator[list[Placed]]:
    hanging: dict[int, tuple[Cell, int]] = {}
    for number, row in enumerate(rows, 1):
        placed, waiting, column = [], iter(row), 0
        while column < width:
            cell, left = hanging.pop(column, (None, 0))
            continued = cell is not None
            if cell is None:
                cell = next(waiting, None)
                if cell is None:
                    raise ValueError(f"row {number} has too few cells for {width} columns")
                left = cell.rowspan
            if left > 1:
                hanging[column] = (cell, left - 1)
            placed.append(Placed(column, cell, continued))
            column += cell.colspan
        if column > width or next(waiting, None) is not None:
            raise ValueError(f"row {number} has too many cells for {width} columns")
        yield placed


def _numeral(i: int) -> str:
    tens, ones = divmod(i, 10)
    if not 0 < i < 100:
        raise ValueError("headings are numbered from 1 to 99")
    ten = "" if not tens else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return ten + (_NUMERALS[ones] if ones else "")
