"""An official document as PDF: geometry in gbt9704.typ, text handed over as JSON strings, never as markup."""

import datetime
import functools
import json
import threading
from collections.abc import Iterable
from pathlib import Path

from lib.documents import DRAFT_MARK, Block, Document, Heading, Placed, Table, chinese_date, layout

KEPT_LINES = 6
LARGE = 2000  # table cells
HERE = Path(__file__).parent
_compiling = threading.Lock()


def render(document: Document) -> bytes:
    """The document as PDF; the same document always gives the same bytes."""
    with _compiling:  # one compiler keeps fonts and layouts; it serves one caller at a time
        printed = _compile(document)
        if _cells(document) > LARGE:
            _forget_layouts(document.date)
    return printed


def _compile(document: Document) -> bytes:
    text = json.dumps(_data(document), ensure_ascii=False)
    return _typeset(HERE / "gbt9704.typ", text, document.date)


def _typeset(template: Path, text: str, date: datetime.date) -> bytes:
    return _compiler().compile(
        input=str(template),
        root=str(template.parent),
        format="pdf",
        sys_inputs={"document": text},
        timestamp=_midnight(date),
    )


def typeset(template: Path, data: dict, day: datetime.date) -> bytes:
    """A template of another room as PDF, `data` handed over as JSON text; fonts and compiler are shared."""
    with _compiling:
        printed = _typeset(template, json.dumps(data, ensure_ascii=False), day)
        _forget_layouts(day)
    return printed


def _cells(document: Document) -> int:
    blocks = [*document.body, *(block for annex in document.annexes for block in annex.blocks)]
    return sum(len(block.rows) * len(block.columns) for block in blocks if isinstance(block, Table))


def _forget_layouts(date: datetime.date) -> None:
    """Give a long table's 200 MB of layouts back: Typst drops what the last ten documents did not use."""
    empty = Document(title=(), body=(), date=date)
    for _ in range(11):
        _compile(empty)


@functools.cache
def _compiler():
    import typst  # 77 MB: loaded by the first document, not by every process

    return typst.Compiler(
        HERE / "gbt9704.typ", root=HERE, font_paths=[HERE / "fonts"], ignore_system_fonts=True
    )


def _midnight(date: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(date, datetime.time(), datetime.UTC)


def _data(document: Document) -> dict:
    fit = layout.fit_masthead(document.masthead)
    name_indent, date_indent = layout.place_signature(document)
    date = document.date
    return {
        "page": _measures(),
        "name": "".join(document.title),
        "created": [date.year, date.month, date.day],
        "draft": DRAFT_MARK if document.draft else "",
        "marks": document.marks,
        "masthead": document.masthead,
        "masthead-size": fit.size,
        "masthead-stretch": fit.stretch,
        "number": document.number,
        "title": document.title,
        "addressees": document.addressee_line,
        "body": _body(document),
        "notes": [_note(line, len(document.note_lines)) for line in document.note_lines],
        "sealed": document.sealed,
        "signatory": document.signatory,
        "signatory-indent": name_indent,
        "date": chinese_date(date),
        "date-indent": date_indent,
        "footer": document.footer_line,
        "annexes": [
            {
                "label": document.annex_label(i),
                "title": annex.title,
                "landscape": annex.landscape,
                "last": annex is document.annexes[-1],
                "blocks": _blocks(annex.blocks),
            }
            for i, annex in enumerate(document.annexes)
        ],
        "copies": document.copies_text,
        "printer": document.printer,
        "printed": document.printed_line,
    }


def _measures() -> dict[str, float]:
    return {
        "width": layout.BLOCK_WIDTH,
        "top": layout.TOP,
        "left": layout.LEFT,
        "right": layout.RIGHT,
        "bottom": layout.BOTTOM,
        "pitch": layout.LINE_PITCH,
        "character": layout.CHARACTER_PITCH - 0.002,  # 28 of them must not overrun the line by a rounding
        "masthead-top": layout.MASTHEAD_TOP,
        "red-line-gap": layout.RED_LINE_GAP,
        "number-gap": layout.PAGE_NUMBER_GAP,
    }


def _note(line: str, count: int) -> list[str]:
    """A 附件说明 item, its number apart so that a second line hangs under the name."""
    if count < 2:
        return [line]
    number, name = line.split(".", 1)
    return [f"{number}.", name]


def _body(document: Document) -> list[dict]:
    """The body; a short last paragraph stays with the signature, which should not stand on a page without text.

    A long one may break, since keeping it whole would leave most of a page empty.
    """
    blocks = _blocks(document.body)
    if blocks and blocks[-1]["kind"] == "paragraph":
        characters = sum(len(text) for text, _ in blocks[-1]["parts"])
        blocks[-1]["sticky"] = characters <= KEPT_LINES * layout.CHARACTERS
    return blocks


def _blocks(blocks: Iterable[Block]) -> list[dict]:
    return [_table(block) if isinstance(block, Table) else _paragraph(block) for block in blocks]


def _paragraph(block) -> dict:
    parts = [(run.text, run.style) for run in block.runs]
    alone = not parts
    if isinstance(block, Heading):
        parts.insert(0, (block.text, block.style))
    return {"kind": "paragraph", "parts": parts, "sticky": isinstance(block, Heading) and alone}


def _table(table: Table) -> dict:
    header = [
        _cell(placed, "center") for row in table.header_grid() for placed in row if not placed.continued
    ]
    cells = [
        _cell(placed, table.columns[placed.column].align)
        for row in table.grid()
        for placed in row
        if not placed.continued
    ]
    return {
        "kind": "table",
        "size": table.size,
        "widths": [column.width for column in table.columns],
        "header": header,
        "cells": cells,
        "caption": table.caption,
        "note": table.note,
    }


def _cell(placed: Placed, align: str) -> tuple:
    cell = placed.cell
    side = "center" if cell.colspan > 1 else align
    return cell.text, cell.style, side, cell.colspan, cell.rowspan
