"""A bulletin as an official document: headings numbered, sentences joined, figures printed, annexes set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from lib import documents
from lib.documents import Annex, Block, Cell, Column, Document, Heading, Paragraph, Run, Table
from reports.bulletins import annexes
from reports.bulletins.slots import MARKER, Slots, pieces
from reports.bulletins.snapshot import Snapshot
from reports.models import Bulletin

OFFICE = "农村工作领导小组"
POINTS = "一二三四五六七八九十"


def document(bulletin: Bulletin) -> Document:
    """The whole document; unpublished ones carry the draft mark and the day they were begun."""
    snapshot, final = bulletin.snapshot, bulletin.content_hash != ""
    tables = annexes.annexes(snapshot)
    return Document(
        title=title_lines(snapshot),
        masthead=f"{bulletin.issuer}文件",
        number=bulletin.number,
        addressees=addressees(snapshot),
        body=tuple(body(snapshot, bulletin.sentences)),
        attachments_note=tuple(table.title for table in tables),
        signatory=bulletin.issuer,
        date=bulletin.issued_on or day_of(bulletin),
        annexes=tuple(_annex(table, snapshot["slots"]) for table in tables),
        footer_note=f"校验码：{bulletin.audit_head[:12].upper()}" if final else "",
        printer=bulletin.issuer if final else "",
        draft=not final,
    )


def day_of(bulletin: Bulletin) -> dt.date:
    return timezone.localdate(bulletin.created_at)


def title_lines(snapshot: Snapshot) -> tuple[str, ...]:
    """Broken by meaning: whose work and when; what it is about."""
    month = snapshot["slots"]["T:month"]["text"]
    return (f"关于{month}{snapshot['scope']}{snapshot['terms']['people']}", "稳岗就业工作情况的通报")


def addressees(snapshot: Snapshot) -> str:
    """Child units in the order of the tree; the office is named once, after the last of them."""
    names = "、".join(snapshot["units"][child]["name"] for child in snapshot["children"])
    towns = {snapshot["units"][child]["level"] for child in snapshot["children"]} & {"township", "village"}
    return names if towns else f"{names}{OFFICE}"


def runs(text: str, slots: Slots) -> tuple[Run, ...]:
    return tuple(Run(piece.text, slot=piece.marker if piece.key else None) for piece in pieces(text, slots))


def living(sentences: list[dict]) -> list[dict]:
    """Blocks that are printed: switched on, and headings only where something stands under them."""
    kept: list[dict] = []
    for block in reversed([block for block in sentences if block["on"]]):
        after = kept[-1]["kind"] if kept else ""
        if block["kind"] == "h1" and after in ("", "h1"):
            continue
        if block["kind"] == "h2" and after not in ("more", "point"):
            continue
        kept.append(block)
    return kept[::-1]


def body(snapshot: Snapshot, sentences: list[dict]) -> Iterator[Block]:
    """Paragraphs and headings; 一、（一）and 一是 are counted over what is printed."""
    slots, blocks = snapshot["slots"], living(sentences)
    sections = subsections = 0
    place = 0
    while place < len(blocks):
        head = blocks[place]
        place += 1
        if head["kind"] == "h1":
            sections, subsections = sections + 1, 0
            yield Heading(1, documents.numbering(1, sections) + head["text"])
            continue
        end = place
        while end < len(blocks) and blocks[end]["kind"] in ("more", "point"):
            end += 1
        rest, place = blocks[place:end], end
        if head["kind"] == "h2":
            subsections += 1
            yield Heading(2, documents.numbering(2, subsections) + head["text"], _joined(rest, slots))
        else:
            yield Paragraph(_joined([head, *rest], slots))


def _joined(blocks: list[dict], slots: Slots) -> tuple[Run, ...]:
    points = [block for block in blocks if block["kind"] == "point"]
    found: list[Run] = []
    for block in blocks:
        if block["kind"] == "point":
            number = f"{POINTS[points.index(block)]}是" if len(points) > 1 else ""
            found.append(Run(number + block["lead"], "bold"))
        found += runs(block["text"], slots)
    return tuple(found)


def _annex(annex: annexes.Annex, slots: Slots) -> Annex:
    columns = tuple(Column(head.title, head.group, width=head.width) for head in annex.columns)
    rows = tuple(_row(row, slots) for row in annex.rows)
    table = Table(columns, rows, note=annex.note, size=12 if annex.landscape else 10.5)
    return Annex(annex.title, (table,), landscape=annex.landscape)


def _row(row: annexes.Row, slots: Slots) -> tuple[Cell, ...]:
    style: documents.Style = "normal" if row.kind == "row" else "hei"
    cells = [_cell(text, slots, style) for text in row.cells]
    if row.kind == "total" and row.cells[1] == "":
        return (Cell(row.cells[0], style=style, colspan=2), *cells[2:])
    if row.spans == 0:
        return tuple(cells[1:])
    return (Cell(row.cells[0], style=style, rowspan=row.spans), *cells[1:])


def _cell(text: str, slots: Slots, style: documents.Style) -> Cell:
    if not MARKER.search(text):
        return Cell(text, style=style)
    (piece,) = pieces(text, slots)
    return Cell(piece.text, slot=piece.marker, style=style)
