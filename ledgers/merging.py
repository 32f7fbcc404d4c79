"""When villages merge their households, people and monthly facts go on in the village that remains."""

from __future__ import annotations

import datetime as dt

from django.db.models import F
from django.utils import timezone

from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from ledgers.models import CollectionForm, Household, Laborer, MonthClosing, MonthlyRecord, PersonChange
from ledgers.periods import hold_off_closing
from lib import bulk, changes
from lib.month import Month


def bring_over(unit: Unit, into: Unit | None, day: dt.date, by: User | None) -> dict[str, int]:
    """Move everybody of `unit` to `into`, and the facts of months that end after `day`, its last one.

    Facts of earlier months stay where they were; one that is computed again in an open month follows its person.
    """
    people = Laborer.objects.filter(village=unit)
    if unit.level != Level.VILLAGE:
        return {}
    if into is None:
        if number := people.count():
            raise NotAllowed(f"{unit.name}台账上还有{number}人，请选择并入哪个村，人员一并转入。")
        return {}
    hold_off_closing()
    first = _first_month(day)
    _refuse_closed_halves(unit, into, first)
    _note(people, unit, into, by)
    counts = {
        "households": Household.objects.filter(village=unit).update(village=into),
        "people": people.update(
            village=into, version=F("version") + 1, updated_at=timezone.now(), updated_by=by
        ),
    }
    MonthlyRecord.objects.filter(village=unit, month__gte=first).update(village=into)
    CollectionForm.objects.living().filter(village=unit).update(village=into)
    for step in range(Month.current() - first + 1):
        changes.mark(first + step, [unit.pk, into.pk])
    return counts


def _first_month(day: dt.date) -> Month:
    """The first month in which the unit no longer stands on the last day."""
    month = Month.of(day)
    return month if day < month.last_day else month + 1


def _refuse_closed_halves(unit: Unit, into: Unit, first: Month) -> None:
    """A closed month stays as it is: none may end after the merge, and both villages must have closed the same ones."""
    closed = [_closed(one) for one in (unit, into)]
    if late := sorted(month for month in closed[0] | closed[1] if month >= first):
        last = late[-1].last_day
        raise NotAllowed(
            f"{late[-1].label}已经关闭，撤销日期不能早于{last.year}年{last.month}月{last.day}日；或者先重开该月。"
        )
    if uneven := sorted(closed[0] ^ closed[1]):
        raise NotAllowed(f"{uneven[-1].label}只有其中一个村关闭，请先在两个村都关闭或都重开，再合并。")


def _closed(unit: Unit) -> set[Month]:
    rows = MonthClosing.objects.filter(unit__code__in=unit.ancestor_codes, reopened_at=None)
    return set(rows.values_list("month", flat=True))


def _note(people, unit: Unit, into: Unit, by: User | None) -> None:
    """The move stands on each person's page."""
    if by is None:
        return
    told = [["行政村", unit.name, into.name]]
    ids = people.order_by("pk").values_list("pk", flat=True)
    lines = [[pk, by.pk, "村并入", Month.current(), "", told] for pk in ids]
    bulk.insert_many(PersonChange, ("laborer", "by", "what", "month", "batch", "changes"), lines)
