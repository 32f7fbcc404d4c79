"""异动回执: the workbook of a 交接单 sent back with what the other system answered for each person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from accounts.audit import record
from ledgers import handover
from ledgers.imports import cells
from ledgers.imports import columns as c
from ledgers.models import Handover, HandoverLine
from ledgers.models.handover import ENTERED, REFUSED, RESULTS, WAITING
from lib.crypto import blind_index
from lib.staging import (
    CHANGED,
    REJECT,
    REJECTED,
    SAME,
    Column,
    Context,
    Kind,
    Problem,
    Row,
    Staged,
    Stale,
    parse_row,
    register,
    worst,
)

STORED = ("result", "entered_on", "reason")
NUMBER = Column(
    "handover", "交接单号", cells.short_text(30), ("异动交接单号",), required=True, fill_down=True
)
RESULT = Column("result", "录入结果", cells.one_of(RESULTS, {"已录入": ENTERED, "未录入": REFUSED, "退回": REFUSED}),
                ("回执结果",), choices=RESULTS, help="空着的表示还没有录入，不改动。")  # fmt: skip
ENTERED_ON = Column("entered_on", "录入日期", cells.day, ("入库日期",), help="已入库的应填；空着按导入当天。")
REASON = Column("reason", "未录入原因", cells.short_text(100), ("未入库原因",))


@register
class Receipts(Kind):
    """Only people of the 交接单; a row without an answer leaves its line as it is."""

    name, title, right = "receipts", "异动回执", ("person", "x")
    place = 14
    about = "县级录入全国系统后的回执：按交接单逐人登记已入库、未入库和原因。"
    columns = (
        NUMBER,
        Column("name", "姓名", cells.person_name),
        Column(
            "id_no", "证件号码", cells.id_number, (*c.ID.synonyms, "身份证号码"), required=True, secret=True
        ),
        RESULT,
        ENTERED_ON,
        REASON,
    )

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        parsed = [(row, *parse_row(self.columns, row)) for row in rows]
        asked: dict[str, set[str]] = defaultdict(set)
        for _, values, _ in parsed:
            if values["handover"] and values["id_no"]:
                asked[values["handover"]].add(blind_index(values["id_no"], "laborer.id"))
        made = {number: handover.find(number, context.user, context.unit) for number in asked}
        lines = {number: handover.lines_of(found, asked[number]) for number, found in made.items() if found}
        seen: dict[int, int] = {}
        for row, values, problems in parsed:
            yield _judged(row.number, values, problems, made, lines, seen)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        counts: dict[int, int] = defaultdict(int)
        for row in staged:
            counts[_write(row, row.old, row.new, context)] += 1
        for one in Handover.objects.filter(pk__in=counts).select_related("unit"):
            record("handover.receipt", context.user, one, one.unit, number=one.number, people=counts[one.pk],
                   batch=context.batch)  # fmt: skip

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            try:
                _write(row, row.new, row.old, context)
            except Stale:
                left.append(f"第 {row.row} 行 {row.key}：回执此后又有改动，保持现状。")
        return left


def _judged(
    number: int,
    values: dict[str, Any],
    problems: list[Problem],
    made: dict[str, Handover | None],
    lines: dict[str, dict[str, HandoverLine]],
    seen: dict[int, int],
) -> Staged:
    def refuse(column: str, message: str) -> None:
        problems.append(Problem(number, column, "", REJECT, message))

    line = None
    if worst(problems) != REJECTED:
        found = made.get(values["handover"])
        line = lines.get(values["handover"], {}).get(blind_index(values["id_no"], "laborer.id"))
        if found is None:
            refuse("交接单号", "没有这张交接单，或不在管辖范围内。")
        elif line is None:
            refuse("证件号码", "交接单上没有这个人。")
        elif line.pk in seen:
            refuse("证件号码", f"与第 {seen[line.pk]} 行是同一个人。")
        else:
            seen[line.pk] = number
            _check(found, values, refuse)
    if line is None or worst(problems) == REJECTED:
        return Staged(number, REJECTED, values["name"] or "", problems=problems)
    old = {key: _text(getattr(line, key)) for key in STORED}
    new = _answer(values) if values["result"] else old
    return Staged(number, SAME if new == old else CHANGED, line.laborer.name, new, old, line.pk, problems)


def _check(found: Handover, values: dict[str, Any], refuse) -> None:
    if values["result"] == REFUSED and not values["reason"]:
        refuse("未录入原因", "未入库的要写明原因。")
    if values["result"] == ENTERED and values["entered_on"]:
        made, day = timezone.localdate(found.until), dt.date.fromisoformat(values["entered_on"])
        if not made <= day <= timezone.localdate():
            refuse("录入日期", "录入日期应在交接单生成以后、今天以前。")


def _answer(values: dict[str, Any]) -> dict[str, str]:
    entered = values["result"] == ENTERED
    return {
        "result": values["result"],
        "entered_on": (values["entered_on"] or timezone.localdate().isoformat()) if entered else "",
        "reason": "" if entered else values["reason"] or "",
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _write(row: Staged, old: dict[str, str], new: dict[str, str], context: Context) -> int:
    """Put `new` where `old` stands; returns the key of the 交接单. Raises Stale when something else stands there."""
    waits = new["result"] == WAITING
    fields: dict[str, Any] = {
        **new,
        "entered_on": new["entered_on"] or None,
        "received_at": None if waits else timezone.now(),
        "received_by": None if waits else context.user,
    }
    was: dict[str, Any] = {"result": old["result"], "reason": old["reason"]}
    was |= {"entered_on": old["entered_on"]} if old["entered_on"] else {"entered_on__isnull": True}
    if not HandoverLine.objects.filter(pk=row.pk, **was).update(**fields):
        raise Stale(f"第 {row.row} 行")
    return HandoverLine.objects.values_list("handover_id", flat=True).get(pk=row.pk)
