"""A bulletin as a workbook: the text, every slot of it with its exact numbers, and the annexes as real numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator

from lib.documents import Heading, Table
from lib.sheets import Column, write_workbook
from lib.sheets import Table as Sheet
from reports.bulletins import annexes, layout
from reports.bulletins.slots import Slots, markers, printed, text_of
from reports.models import Bulletin

TEXT, SLOTS = "正文", "正文数据"


def render(bulletin: Bulletin) -> bytes:
    """xlsx; numbers are numbers, printed forms stand beside them as text."""
    slots = bulletin.snapshot["slots"]
    tables = annexes.annexes(bulletin.snapshot)
    sheets = [_text(bulletin), _slots(bulletin, slots)]
    for place, annex in enumerate(tables, 1):
        sheets.append(_annex(f"附件{place}" if len(tables) > 1 else "附件", annex, slots))
    buffer = io.BytesIO()
    write_workbook(buffer, sheets)
    return buffer.getvalue()


def paragraphs(bulletin: Bulletin) -> list[str]:
    """The body, a paragraph or heading each."""
    blocks = layout.body(bulletin.snapshot, bulletin.sentences)
    return [
        (block.text if isinstance(block, Heading) else "") + "".join(run.text for run in block.runs)
        for block in blocks
        if not isinstance(block, Table)
    ]


def _text(bulletin: Bulletin) -> Sheet:
    rows = [[line] for line in paragraphs(bulletin)]
    return Sheet(TEXT, [Column("段落", width=120)], rows, title=bulletin.title, filter=False)


def _slots(bulletin: Bulletin, slots: Slots) -> Sheet:
    columns = [
        Column("序号", numeric=True),
        Column("所在句子", width=50),
        Column("单位", width=18),
        Column("指标", width=24),
        Column("基期", width=12),
        Column("分子", numeric=True, width=12),
        Column("分母", numeric=True, width=12),
        Column("印出", width=12),
        Column("截至", width=12),
        Column("数据项", width=26),
    ]
    return Sheet(SLOTS, columns, _slot_rows(bulletin, slots))


def _slot_rows(bulletin: Bulletin, slots: Slots) -> Iterator[list]:
    number = 0
    for block in layout.living(bulletin.sentences):
        for key, form in markers(block["text"]):
            number += 1
            slot = slots[key]
            yield [
                number,
                printed(block["text"], slots),
                slot["unit_name"],
                slot["name"],
                slot.get("base", ""),
                slot["numerator"],
                slot["denominator"],
                text_of(slots, key, form),
                slot["as_of"],
                f"{key}|{form}" if form else key,
            ]


def _annex(name: str, annex: annexes.Annex, slots: Slots) -> Sheet:
    columns = [
        Column(head.full, width=16 if place < 2 else 13, numeric=True)
        for place, head in enumerate(annex.columns)
    ]
    return Sheet(name, columns, annex.numbers(slots), title=annex.title, notes=annex.note, filter=False)
