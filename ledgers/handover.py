"""异动: gather who changed since the last 交接单, and write down what the other system answered.

What changed is what forms and workbooks wrote about people (PersonChange): the first old and the last new value of each
item, so that a value that came back is no 异动. A batch that was taken back has changed nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from ledgers.imports.history import TAKEN_BACK
from ledgers.models import Handover, HandoverLine, Laborer, PersonChange
from ledgers.models.handover import ENTERED, WAITING
from lib import bulk
from lib.bulk import among
from lib.month import SHANGHAI, Month

LINE = ("handover", "laborer", "added", "changed_at", "changes")
NOTHING = "这段时间没有异动，没有生成交接单。"


@dataclass
class Changed:
    """One person since the moment: label → (first old, last new)."""

    laborer: int
    at: dt.datetime
    added: bool = False
    values: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def told(self) -> list[list[str]]:
        """[label, old, new] of what is different now; a value that is not shown always counts as different."""
        return [[label, old, new] for label, (old, new) in self.values.items() if old != new]


def last_moment(unit: Unit, month: Month) -> dt.datetime:
    """Since when a new 交接单 of the unit gathers: the end of its last one, else the first of the month."""
    last = Handover.objects.filter(unit=unit).order_by("-until").values_list("until", flat=True).first()
    return last or dt.datetime.combine(month.first_day, dt.time(), SHANGHAI)


def changed(unit: Unit, since: dt.datetime, until: dt.datetime, by: User) -> list[Changed]:
    """Everybody of the unit whose facts changed after `since` up to `until`, within the reach of `by`."""
    reach = Laborer.objects.visible_to(by, "x").under(unit).order_by().values("pk")
    rows = PersonChange.objects.filter(at__gt=since, at__lte=until, laborer__in=reach).order_by("at", "pk")
    found: dict[int, Changed] = {}
    lines = list(rows.values_list("laborer_id", "at", "what", "batch", "changes"))
    undone = {(laborer, batch) for laborer, _, what, batch, _ in lines if what == TAKEN_BACK}
    for laborer, at, what, batch, told in lines:
        if what == TAKEN_BACK or (batch and (laborer, batch) in undone):
            continue
        one = found.setdefault(laborer, Changed(laborer, at))
        one.at, one.added = at, one.added or not told
        for label, old, new in told:
            one.values[label] = (one.values.get(label, (old,))[0], new)
    return [one for one in found.values() if one.added or one.told]


@transaction.atomic
def make(unit: Unit, month: Month, since: dt.datetime, by: User, job: uuid.UUID) -> Handover:
    """The 交接单 of everybody who changed after `since`. The same job gets the same one again."""
    if not by.can("person", "x", unit):
        raise NotAllowed(f"您没有导出{unit.name}异动的权限。")
    if made := Handover.objects.filter(job=job).first():
        return made
    until = timezone.now()
    if since >= until:
        raise NotAllowed("异动的起始时间应在现在以前。")
    found = changed(unit, since, until, by)
    if not found:
        raise NotAllowed(NOTHING)
    made = Handover.objects.create(unit=unit, month=month, since=since, until=until, made_by=by, job=job)
    bulk.insert_many(
        HandoverLine, LINE, [[made.pk, one.laborer, one.added, one.at, one.told] for one in found]
    )
    record("handover.make", by, made, unit, number=made.number, month=str(month), people=len(found))
    return made


@transaction.atomic
def receive_all(handover: Handover, day: dt.date, by: User) -> int:
    """Everything of the 交接单 that still waits is in the other system since `day`; returns how many people."""
    require(handover, day, by)
    waiting = HandoverLine.objects.filter(handover=handover, result=WAITING)
    number = waiting.update(result=ENTERED, entered_on=day, received_at=timezone.now(), received_by=by)
    if number:
        record(
            "handover.receipt",
            by,
            handover,
            handover.unit,
            number=handover.number,
            people=number,
            day=str(day),
        )
    return number


def require(handover: Handover, day: dt.date, by: User) -> None:
    if not by.can("person", "x", handover.unit):
        raise NotAllowed(f"您没有登记{handover.unit.name}异动回执的权限。")
    made = timezone.localdate(handover.until)
    if not made <= day <= timezone.localdate():
        raise NotAllowed(f"录入日期应在交接单生成（{made.year}年{made.month}月{made.day}日）以后、今天以前。")


def find(number: str, user: User, unit: Unit) -> Handover | None:
    """The 交接单 with this number below the unit, if the user may answer it."""
    serial = number.rpartition("-")[2]
    if not (serial.isascii() and serial.isdecimal() and len(serial) < 16):
        return None
    found = Handover.objects.visible_to(user, "x").under(unit).filter(pk=int(serial)).first()
    return found if found and found.number == number else None


def lines_of(handover: Handover, ids: Iterable[str]) -> dict[str, HandoverLine]:
    """Lines by the blind index of the person's ID number."""
    lines = HandoverLine.objects.filter(among("laborer__id_index", sorted(ids), "text"), handover=handover)
    return {line.laborer.id_index: line for line in lines.select_related("laborer")}
