"""From the tables to the facts that posts.rules asks for: a handful of queries for any number of people.

Another post, or a relative's, may lie outside the reach of whoever asks; that there is one counts all the same.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from accounts import wall
from accounts.models import Unit
from ledgers.models import Laborer, MonthlyRecord, WorkSpell
from lib.bulk import among
from lib.month import Month
from posts.models import Appointment, Candidate, Contract, Post, PostPolicy
from posts.rules import AWAY, Clause, Facts, Gone, Held, Limits, appointing, keeping

POLICY = ("notice_days", "new_under", "stay_under", "one_per_household", "no_cadre_family", "least_a_year")


def limits_of(unit: Unit) -> Limits:
    """What the county of `unit` has set, or the defaults."""
    return limits_by_county().get(_county(unit), Limits())


def limits_by_county() -> dict[str, Limits]:
    """By the path of the county."""
    rows = PostPolicy.objects.select_related("unit")
    return {row.unit.path: Limits(**{name: getattr(row, name) for name in POLICY}) for row in rows}


def _county(unit: Unit) -> str:
    return next((path for path in limits_by_county() if unit.path.startswith(path)), "")


def facts_of(people: Iterable[Laborer], day: dt.date | None = None) -> dict[int, Facts]:
    """The facts of these people on `day` (today), by key."""
    day = day or timezone.localdate()
    people = list(people)
    own, homes = [one.pk for one in people], list({one.household_id for one in people})
    with wall.opened("another post, or a relative's, may lie outside the reach of whoever asks"):
        held = list(
            Appointment.objects.filter(among("laborer", own) | among("laborer__household", homes))
            .select_related("post", "laborer")
            .order_by("started_on")
        )
    month = Month.of(day)
    known = set(
        MonthlyRecord.objects.filter(
            among("laborer", own), month__in=[str(month), str(month - 1)]
        ).values_list("laborer", flat=True)
    )
    spells, gone = _spells(own)
    posts, relatives = defaultdict(list), defaultdict(list)
    for one in held:
        posts[one.laborer_id].append(Held(one.started_on, one.ended_on, one.post.title, one.pk))
        if one.started_on <= day and (one.ended_on is None or one.ended_on >= day):
            relatives[one.laborer.household_id].append(one.laborer)
    return {
        one.pk: Facts(
            birth_date=one.birth_date, ability=one.ability, person_state=one.person_state,
            is_poverty=one.household.is_poverty, is_monitored=one.household.is_monitored,
            posts=tuple(posts[one.pk]), work_known=one.pk in known or one.pk in spells,
            gone=tuple(gone[one.pk]),
            household=tuple(other.name for other in relatives[one.household_id] if other.pk != one.pk),
            **_work(spells.get(one.pk)),
        )
        for one in people
    }  # fmt: skip


def _spells(people: list[int]) -> tuple[dict[int, WorkSpell], dict[int, list[Gone]]]:
    """The open spell of each, and what is over of their work outside the county."""
    away = Q(overseas=True) | Q(place_class__in=AWAY)
    rows = WorkSpell.objects.filter(among("laborer", people), Q(ended=None) | away).order_by("started")
    now, gone = {}, defaultdict(list)
    for one in rows:
        if one.ended is None:
            now[one.laborer_id] = one
        else:
            where = "国外" if one.overseas else one.place_class
            gone[one.laborer_id].append(Gone(where, one.started, one.ended))
    return now, gone


def _work(spell: WorkSpell | None) -> dict[str, Any]:
    if spell is None:
        return {}
    return {"job_form": spell.job_form, "place_class": spell.place_class, "overseas": spell.overseas}


def _with(facts: Facts, candidate: Candidate | None, **more: Any) -> Facts:
    said: dict[str, Any] = {}
    if candidate is not None:
        notice = (candidate.notice_from, candidate.notice_until)
        said = {
            "cadre": candidate.cadre, "cadre_family": candidate.cadre_family, "objections": candidate.objections,
            "notice": notice if all(notice) else None,
        }  # fmt: skip
    return replace(facts, **said, **more)


def _beside(one: Appointment, facts: Facts) -> Facts:
    """The facts of who holds it, of whose posts this one is not another."""
    return replace(facts, posts=tuple(other for other in facts.posts if other.key != one.pk))


def rotated(post: Post) -> tuple[dt.date, ...]:
    """On which days people left this post."""
    days = post.appointments.values_list("ended_on", flat=True).order_by("ended_on")
    return tuple(day for day in days if day is not None)


def clauses_for(candidate: Candidate, since: dt.date | None = None) -> list[Clause]:
    """Whether the candidate may be appointed from `since` (today) on."""
    person, post = candidate.laborer, candidate.recruitment.post
    facts = _with(facts_of([person], since)[person.pk], candidate, rotated=rotated(post))
    return appointing(facts, limits_of(post.unit), since or timezone.localdate())


def clauses_of_holders(held: Iterable[Appointment], day: dt.date | None = None) -> dict[int, list[Clause]]:
    """What stands against each of these appointments on `day` (today), by key; a page of them costs a few queries."""
    day = day or timezone.localdate()
    held = list(held)
    facts = facts_of([one.laborer for one in held], day)
    until = dict(
        Contract.objects.filter(among("appointment", [one.pk for one in held]))
        .values_list("appointment")
        .annotate(Max("until_on"))
    )
    limits = limits_by_county()
    return {
        one.pk: keeping(
            _beside(one, _with(facts[one.laborer_id], one.candidate)),
            next((rule for path, rule in limits.items() if one.post.unit.path.startswith(path)), Limits()),
            one.started_on, day, until.get(one.pk), one.insured_until, one.post.monthly_fen,
        )
        for one in held
    }  # fmt: skip
