"""What every verb of workshops asks: the right, the row itself, the conditions, and who is told of a change."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from accounts.authority import NotAllowed
from accounts.models import Unit, User
from posts.models import Workshop, WorkshopAccount, WorkshopAward, WorkshopReview
from posts.models.workshops import TO_REVOKE
from posts.standards import standard_of
from posts.workshop_rules import Clause, Worker, criteria

WRITES, DECIDES = "wai", "a"  # who registers (乡镇, 县, and 市 by file), and who decides


def may(by: User, letters: str, unit: Unit) -> None:
    if not any(by.can("post", letter, unit) for letter in letters):
        raise NotAllowed(f"您没有办理{unit.name}车间事项的权限。")


def waiting_for(user: User) -> QuerySet[Workshop]:
    """Workshops with something that this user decides and did not ask for: 认定, 撤销, an award, an account."""
    rows = Workshop.objects.visible_to(user, DECIDES)
    reviews = WorkshopReview.objects.filter(result=TO_REVOKE, checked_by=None).exclude(by=user)
    awards = WorkshopAward.objects.filter(state=WorkshopAward.State.PROPOSED).exclude(made_by=user)
    proposed = Q(state=Workshop.State.PROPOSED) & (Q(proposed_by=None) | ~Q(proposed_by=user))
    standing = Q(state__in=(Workshop.State.RECOGNISED, Workshop.State.SUSPENDED))
    accounts = WorkshopAccount.objects.filter(confirmed_at=None, ended_at=None).exclude(set_by=user)
    asked = Q()
    for found in (reviews, awards, accounts):
        asked |= Q(pk__in=found.values("workshop"))
    return rows.filter(proposed | standing & asked)


def locked(workshop: Workshop, by: User, letters: str) -> Workshop:
    """The workshop as it stands now, nobody else's until the end of the transaction."""
    found = Workshop.objects.select_for_update(of=("self",)).select_related("unit").get(pk=workshop.pk)
    may(by, letters, found.unit)
    return found


def clauses_of(workshop: Workshop, day: dt.date) -> list[Clause]:
    """认定条件, answered from the placements of the day."""
    rows = workshop.placements.active_on(day).order_by("pk")
    workers = [Worker(*row) for row in rows.values_list("counted", "monthly_wage", "insured")]
    return criteria(workers, workshop.operating_since, day, standard_of(workshop.unit, day.year))
