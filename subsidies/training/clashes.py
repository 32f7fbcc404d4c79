"""What stands against a person's days in a class: another class that day, or work outside the county (YD-J06)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from accounts import wall
from accounts.authority import NotAllowed
from ledgers.models import Laborer, WorkSpell
from subsidies.models import Enrolment, TrainingClass, TrainingDay
from subsidies.training.rules import Away, Before, away_on, too_often

_FIELDS = ("laborer_id", "started", "ended", "place_class", "started_on", "overseas")


def spells_of(people: Iterable[int]) -> dict[int, list[Away]]:
    """Spells of work by person, for `rules.away_on`."""
    found: dict[int, list[Away]] = defaultdict(list)
    with wall.opened("who moved away is compared with all of the own spells"):
        for pk, *rest in WorkSpell.objects.filter(laborer__in=list(people)).values_list(*_FIELDS):
            found[pk].append(Away(*rest))
    return found


def refuse_away(named: dict[int, str], days: dict[int, list[dt.date]]) -> None:
    """Raise NotAllowed when the ledger has somebody at work outside the county on one of their days.

    `named` are the people's names and `days` the days of each, both by key of the person.
    """
    spells = spells_of(named)
    for pk, name in named.items():
        if clash := away_on(days.get(pk, []), spells.get(pk, [])):
            day, one = clash
            where = "国外" if one.overseas else one.place_class
            raise NotAllowed(
                f"{name}：台账记着{one.started.label}起在{where}务工，{day.month}月{day.day}日不能在培训班。"
                "请先核实：已经回来的在台账登记务工结束，后来才外出的补填就业时间；确实在外的不能参加。"
            )


def refuse_too_often(
    person: Laborer, one: TrainingClass, per_year: int, same_trade: bool, more: Sequence[Before] = ()
) -> None:
    """Raise NotAllowed when this class is one too many for the person (YD-J07); `more` are classes about to be."""
    with wall.opened("what the person learned before may have been in another village"):
        rows = Enrolment.objects.filter(laborer=person).standing().exclude(training_class_id=one.pk)
        rows = rows.exclude(training_class__state=TrainingClass.State.VOID)
        found = rows.order_by("-training_class__year", "pk").values_list(
            "training_class__year", "training_class__trade", "training_class__name"
        )
        before = [*(Before(*row) for row in found), *more]
    if why := too_often(before, one.year, one.trade, per_year, same_trade):
        raise NotAllowed(f"{person.name}{why}确需参加的，请县里在培训计划中调整次数或工种要求。")


def hold_days(rows: Iterable[Enrolment], days: list[dt.date]) -> None:
    """Take the days for these enrolments; raise NotAllowed naming who is in another class on one of them."""
    rows = list(rows)
    held = [TrainingDay(enrolment=one, laborer_id=one.laborer_id, day=day) for one in rows for day in days]
    try:
        with transaction.atomic():
            TrainingDay.objects.bulk_create(held, 2000)
    except IntegrityError:
        raise NotAllowed(_elsewhere([one.laborer_id for one in rows], days)) from None


def refuse_elsewhere(person: Laborer, one: TrainingClass, days: list[dt.date]) -> None:
    """Raise NotAllowed when the person is in another class on one of the days; asks, takes nothing."""
    with wall.opened("the other class may be of a unit the user does not see"):
        held = TrainingDay.objects.filter(laborer=person, day__in=days)
        taken = held.exclude(enrolment__training_class_id=one.pk).exists()
    if taken:
        raise NotAllowed(_elsewhere([person.pk], days))


def _elsewhere(people: list[int], days: list[dt.date]) -> str:
    with wall.opened("the other class may be of a unit the user does not see"):
        taken = TrainingDay.objects.filter(laborer__in=people, day__in=days).order_by("day", "pk")
        first = taken.select_related("laborer", "enrolment__training_class").first()
        if first is None:
            return "名单刚有变化，请刷新页面再试。"
        other = first.enrolment.training_class.name
        return (
            f"{first.laborer.name}在{first.day.month}月{first.day.day}日已经在“{other}”，同一天不能参加两个班。"
            "请换一个班，或先在原来的班退班。"
        )
