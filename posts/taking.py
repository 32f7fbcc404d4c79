"""Take months for a benefit, or give them back: post pay and out-of-county subsidies ask here first."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from accounts.authority import NotAllowed
from ledgers.models import Laborer
from lib.bulk import among
from lib.month import Month
from posts.models import TakenMonth


def clashes(person: Laborer, months: Iterable[Month], group: str, what: str = "") -> list[TakenMonth]:
    """Which of the months another benefit of the group has taken already, in their order."""
    taken = TakenMonth.objects.filter(laborer=person, group=group, month__in=[str(one) for one in months])
    return list(taken.exclude(what=what).order_by("month"))


def take(person: Laborer, months: Iterable[Month], group: str, what: str, title: str) -> None:
    """Take the months for `what` ("post-pay:12", titled 公益性岗位工资), inside the caller's transaction.

    Raises NotAllowed with the months and the benefit that stand in the way (YD-F03). Taken twice by the same: once.
    """
    wanted = sorted(set(months))
    if found := clashes(person, wanted, group, what):
        raise NotAllowed(told(person, found))
    mine = set(
        TakenMonth.objects.filter(laborer=person, group=group, what=what).values_list("month", flat=True)
    )
    try:
        with transaction.atomic():
            TakenMonth.objects.bulk_create(
                TakenMonth(laborer=person, month=one, group=group, what=what, title=title)
                for one in wanted
                if one not in mine
            )
    except IntegrityError:
        raise NotAllowed(f"{person.name}这几个月刚刚被另一项补贴占用，请刷新页面再看。") from None


def take_all(wanted: Iterable[tuple[Laborer, Iterable[Month], str, str]], group: str) -> None:
    """`take` for many at once: each with the person, the months, for what, and its title."""
    rows = list(wanted)
    if not rows:
        return
    people = among("laborer", sorted({person.pk for person, *_ in rows}))
    stand = {(one.laborer_id, one.month): one for one in TakenMonth.objects.filter(people, group=group)}
    new: list[TakenMonth] = []
    for person, months, what, title in rows:
        for month in sorted(set(months)):
            other = stand.get((person.pk, month))
            if other is None:
                made = TakenMonth(laborer=person, month=month, group=group, what=what, title=title)
                stand[person.pk, month] = made
                new.append(made)
            elif other.what != what:
                raise NotAllowed(told(person, [other]))
    try:
        with transaction.atomic():
            TakenMonth.objects.bulk_create(new, batch_size=1000)
    except IntegrityError:
        raise NotAllowed("其中有人的月份刚刚被另一项补贴占用，请刷新页面再看。") from None


def release(what: str) -> None:
    """Give back all months of `what`: it was withdrawn, refused, voided or returned."""
    TakenMonth.objects.filter(what=what).delete()


def told(person: Laborer, found: list[TakenMonth]) -> str:
    months = "、".join(one.month.label for one in found[:3]) + ("等" if len(found) > 3 else "")
    return f"{person.name}{months}已享受{found[0].title}，同月不能重复享受。请核对后只保留一项。"
