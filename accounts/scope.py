"""Whose rows a user may see: one function, from postings and the role matrix to a database condition."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Protocol

from django.db import models
from django.db.models import Q

from accounts.roles import roles_with

if TYPE_CHECKING:
    from accounts.models import Posting, Unit

NOTHING = Q(pk__in=[])


class Holder(Protocol):
    """Whoever holds postings: a user, or what is left of one when some postings are set aside."""

    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_active(self) -> bool: ...
    def current_postings(self) -> list[Posting]: ...


def paths(user: Holder, subject: str, letter: str = "r") -> list[str]:
    """Paths of the units below which `user` holds `letter` on `subject`; empty means nothing at all."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    allowed = roles_with(subject, letter)
    return [posting.unit.path for posting in user.current_postings() if posting.role in allowed]


def within(lookup: str, user: Holder, subject: str, letter: str = "r") -> Q:
    """The condition that `lookup` (a unit path) lies within the user's reach. No posting: no rows."""
    return reduce(
        or_, (Q(**{f"{lookup}__startswith": path}) for path in paths(user, subject, letter)), NOTHING
    )


class ScopedQuerySet(models.QuerySet):
    """A queryset whose rows belong to a unit. Subclasses name their subject and the way to the unit's id.

    Rows are found through the set of units in reach, so that the index on the unit column does the work.
    """

    subject: str
    unit_field = "unit"

    def visible_to(self, user: Holder, letter: str = "r"):
        from accounts.models import Unit

        reach = paths(user, self.subject, letter)
        if not reach:
            return self.none()
        units = Unit.objects.filter(reduce(or_, (Q(path__startswith=path) for path in reach)))
        return self.filter(**{f"{self.unit_field}__in": units.order_by().values("pk")})

    def under(self, unit: Unit):
        """Rows of `unit` and of all that reports to it today."""
        from accounts.models import Unit as Units

        return self.filter(**{f"{self.unit_field}__in": Units.objects.under(unit).order_by().values("pk")})
