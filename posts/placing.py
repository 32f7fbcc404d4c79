"""The verbs of 带动就业: somebody begins in a workshop, something about it is corrected, somebody leaves.

A person is in one workshop at a time, and in none beside a public-welfare post or work outside the county. The person
is locked first, so that of two clerks at once the second is refused; the tables refuse two workshops themselves.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import wall
from accounts.audit import record, record_all
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers import codes
from ledgers.facts import refigure, refigure_all
from ledgers.models import Laborer, WorkSpell
from lib.bulk import among
from lib.identity import age_on
from lib.month import Month
from posts.models import Appointment, AwardLine, Placement, Workshop
from posts.models.workshops import CONTRACTS, LEAVINGS
from posts.workshop_rules import HIGHEST_WAGE, LOWEST_WAGE, YOUNGEST, counts
from posts.workshops import WRITES, locked

State = Workshop.State
TAKES = (State.PROPOSED, State.RECOGNISED)  # who asks for recognition already has people at work
SAID = ("job", "monthly_wage", "contract", "insured")


@dataclass(frozen=True)
class Wanted:
    """One placement of many, of a person (key); `said`: job, monthly_wage (yuan), contract, insured."""

    workshop: Workshop
    person: int
    started_on: dt.date
    ended_on: dt.date | None = None
    exit_reason: str = ""
    said: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def place(
    workshop: Workshop, person: Laborer, started_on: dt.date, by: User, *,
    ended_on: dt.date | None = None, exit_reason: str = "", **said: Any,
) -> Placement:  # fmt: skip
    """`person` works in the workshop from that day; `said`: job, monthly_wage (yuan), contract, insured."""
    return place_all([Wanted(workshop, person.pk, started_on, ended_on, exit_reason, said)], by)[0]


@transaction.atomic
def place_all(wanted: Sequence[Wanted], by: User) -> list[Placement]:
    """`place` for many in one stroke, all or none; each is judged beside those before it."""
    people = _held_all({one.person for one in wanted})
    shops = {one.workshop.pk: one.workshop for one in sorted(wanted, key=lambda one: one.workshop.pk)}
    shops = {pk: locked(shop, by, WRITES) for pk, shop in shops.items()}
    bound, made = Bound(people), []
    for one in wanted:
        made.append(_placement(shops[one.workshop.pk], people[one.person], one, by, bound))
        bound.placements[one.person].append(made[-1])
    try:
        with transaction.atomic():
            Placement.objects.bulk_create(made, 500)
    except IntegrityError:
        who = made[0].laborer.name if len(made) == 1 else "其中有人"
        raise NotAllowed(f"{who}刚刚被登记到另一个车间，请刷新页面再看。") from None
    acts = (
        (one.laborer, one.workshop.unit,
         {"name": one.workshop.name, "day": str(one.started_on), "counted": one.counted})
        for one in made
    )  # fmt: skip
    record_all("placement.begin", by, acts)
    refigure_all({one.workshop.unit_id for one in made}, min(one.started_on for one in made))
    return made


def _placement(found: Workshop, person: Laborer, wanted: Wanted, by: User, bound: Bound) -> Placement:
    """The placement as it may be, not saved yet."""
    if not by.can("person", "r", person.village):
        raise NotAllowed("这个人不在您的管辖范围内，请由县里登记。")
    if found.state not in TAKES:
        raise NotAllowed(f"{found.name}{found.get_state_display()}，不能再登记人员。")
    start, end = wanted.started_on, wanted.ended_on
    _check_days(found, start, end)
    values = checked(wanted.said) | {"exit_reason": _reason(wanted.exit_reason) if end else ""}
    if told := hindrance(person, start, end, bound):
        raise NotAllowed(told)
    counted = counts(person.household.is_poverty, person.household.is_monitored)
    return Placement(
        workshop=found, laborer=person, started_on=start, ended_on=end, by=by, counted=counted, **values
    )


def _held_all(keys: Iterable[int]) -> dict[int, Laborer]:
    """The people, locked in one order before anything else about them is read."""
    rows = Laborer.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = rows.filter(among("pk", sorted(keys))).select_related("village", "household")
    return {one.pk: one for one in found}


def held(person: Laborer) -> Laborer:
    """The person, locked before anything else about them is read."""
    return _held_all([person.pk])[person.pk]


@transaction.atomic
def amend_placement(placement: Placement, said: dict[str, Any], by: User) -> Placement:
    """Correct the job, the wage, the contract and the insurance of somebody who is placed."""
    person = held(placement.laborer)
    found = locked(placement.workshop, by, WRITES)
    one = Placement.objects.select_for_update().get(pk=placement.pk)
    values = checked({key: getattr(one, key) for key in SAID} | said)
    changed = [key for key in SAID if getattr(one, key) != values[key]]
    for key in changed:
        setattr(one, key, values[key])
    if changed:
        one.save(update_fields=changed)
        record("placement.amend", by, person, found.unit, name=found.name)
    return one


@transaction.atomic
def leave(placement: Placement, on: dt.date, reason: str, by: User) -> Placement:
    """离职: `on` is the last day at work."""
    person = held(placement.laborer)
    found = locked(placement.workshop, by, WRITES)
    one = Placement.objects.select_for_update().get(pk=placement.pk)
    if one.ended_on:
        raise NotAllowed(f"{person.name}已登记离职，请刷新页面再看。")
    if on > timezone.localdate() or on < one.started_on:
        raise NotAllowed("离职日期不能晚于今天，也不能早于入职日期。")
    one.ended_on, one.exit_reason = on, _reason(reason)
    one.save(update_fields=["ended_on", "exit_reason"])
    record("placement.end", by, person, found.unit, name=found.name, day=str(on), reason=one.exit_reason)
    refigure(found.unit, on)
    return one


@transaction.atomic
def take_back(placement: Placement, by: User, *, whole: bool = True) -> None:
    """Undo what was registered by mistake: the placement (`whole`), or that somebody left."""
    person = held(placement.laborer)
    found = locked(placement.workshop, by, WRITES)
    one = Placement.objects.select_for_update().get(pk=placement.pk)
    since = one.started_on if whole or one.ended_on is None else one.ended_on
    if AwardLine.objects.filter(laborer=person, award__workshop=found, void=False).exists():
        raise NotAllowed(f"{person.name}已计入{found.name}的奖补，不能撤销。")
    record("placement.undo", by, person, found.unit, name=found.name, day=str(since))
    if whole:
        one.delete()
    elif told := hindrance(person, one.started_on, None, Bound([person.pk]), one.pk):
        raise NotAllowed(told)
    else:
        one.ended_on, one.exit_reason = None, ""
        one.save(update_fields=["ended_on", "exit_reason"])
    refigure(found.unit, since)


def everybody_leaves(workshop: Workshop, on: dt.date, by: User) -> None:
    """Production ended: whoever is still registered leaves on that day."""
    with wall.opened("a worker may live out of the user's reach"):
        open_ones = Placement.objects.filter(workshop=workshop, ended_on=None)
        people = Laborer.objects.filter(pk__in=open_ones.values("laborer")).order_by("pk")
        list(people.select_for_update(no_key=True).values_list("pk"))
        if open_ones.filter(started_on__gt=on).exists():
            raise NotAllowed("有人的入职日期晚于停办日期，请先核对人员名单。")
        open_ones.update(ended_on=on, exit_reason="车间停产")


def recount(workshop: Workshop) -> None:
    """Whether those at work still count, by their households as they are today; who lives out of reach keeps it."""
    rows = workshop.placements.filter(ended_on=None).select_related("laborer__household")
    for one in rows.order_by("pk"):
        home = one.laborer.household
        if one.counted != (now := counts(home.is_poverty, home.is_monitored)):
            Placement.objects.filter(pk=one.pk).update(counted=now)


# ── what stands in the way ───────────────────────────────────────────────────────────────────────────────────────


class Bound:
    """By person (keys): the workshops, the posts and the work outside the county they have or had, wherever it is."""

    def __init__(self, people: Iterable[int]) -> None:
        of = among("laborer", sorted(people))
        away = WorkSpell.objects.exclude(place_class__in=("", *codes.WITHIN_COUNTY))
        with wall.opened("the other place may lie out of the user's reach"):
            self.placements = _by_person(Placement.objects.filter(of).order_by("-started_on"))
            self.posts = _by_person(Appointment.objects.filter(of).order_by("-started_on"))
            self.away = _by_person(away.filter(of).order_by("-started"))


def _by_person(rows: QuerySet) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for one in rows:
        found[one.laborer_id].append(one)
    return found


def hindrance(
    person: Laborer, start: dt.date, end: dt.date | None, bound: Bound, but: int | None = None
) -> str:
    """Why the person cannot be in a workshop from `start` to `end` (None: for good); empty when nothing is.

    `but` is the key of the placement in question, which does not stand in its own way.
    """
    if age_on(person.birth_date, start) < YOUNGEST:
        return f"{person.name}入职时未满{YOUNGEST}周岁，不能登记。"
    if person.person_state != codes.NORMAL:
        return f"{person.name}当前状态为{person.person_state}，不能登记；状态有误的请先更正台账。"
    others = [one for one in bound.placements[person.pk] if but is None or one.pk != but]
    if elsewhere := _overlapping(others, start, end):
        return f"{person.name}这段时间已登记在车间就业（{_days(elsewhere)}），同一时间只能在一个车间。请先登记离职。"
    if post := _overlapping(bound.posts[person.pk], start, end):
        return f"{person.name}这段时间在公益性岗位上（{_days(post)}），不能同时登记车间就业。请先办理退岗。"
    if away := _away(bound.away[person.pk], start, end):
        since = (
            f"{away.started.label}起" if away.ended is None else f"{away.started.label}至{away.ended.label}"
        )
        return f"{person.name}台账登记在县外务工（{since}），不能同时在车间就业。请先核实并更正务工信息。"
    return ""


def _overlapping(rows: list[Any], start: dt.date, end: dt.date | None) -> Any:
    return next(
        (
            one for one in rows
            if (one.ended_on is None or one.ended_on >= start) and (end is None or one.started_on <= end)
        ),
        None,
    )  # fmt: skip


def _away(rows: list[WorkSpell], start: dt.date, end: dt.date | None) -> WorkSpell | None:
    """Work outside the county for a month or more of that time (YD-C11, YD-F02); to come home and begin is no clash."""
    first = Month.of(start)
    return next(
        (
            one for one in rows
            if (one.ended is None or one.ended > first) and (end is None or one.started < Month.of(end))
        ),
        None,
    )  # fmt: skip


def _days(one: Placement | Appointment) -> str:
    spoken = [f"{day.year}年{day.month}月{day.day}日" for day in (one.started_on, one.ended_on) if day]
    return "至".join(spoken) if len(spoken) == 2 else f"{spoken[0]}起"


def _check_days(workshop: Workshop, start: dt.date, end: dt.date | None) -> None:
    today = timezone.localdate()
    if start > today or (end and end > today):
        raise NotAllowed("入职日期和离职日期不能晚于今天。")
    if end and end < start:
        raise NotAllowed("离职日期不能早于入职日期。")
    if workshop.operating_since and start < workshop.operating_since:
        raise NotAllowed(f"入职日期不能早于{workshop.name}的投产日期。")


def checked(said: dict[str, Any]) -> dict[str, Any]:
    """Tidy values of job, wage, contract and insurance; raises NotAllowed with the first thing that is wrong."""
    wage, contract = said.get("monthly_wage"), said.get("contract") or ""
    if wage is not None and not LOWEST_WAGE <= wage <= HIGHEST_WAGE:
        raise NotAllowed(f"月工资应在{LOWEST_WAGE}元到{HIGHEST_WAGE}元之间，请与本人或车间核对（单位：元）。")
    if contract and contract not in CONTRACTS:
        raise NotAllowed(f"合同只能是{'、'.join(CONTRACTS)}。")
    job = " ".join(str(said.get("job") or "").split())[:30]
    return {"job": job, "monthly_wage": wage, "contract": contract, "insured": said.get("insured")}


def _reason(text: str) -> str:
    if text not in LEAVINGS:
        raise NotAllowed(f"请选择离职原因：{'、'.join(LEAVINGS)}。")
    return text
