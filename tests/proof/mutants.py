"""Every wall between people, and what the application would be without it: each one missing must be noticed.

A mutant is put in place by monkeypatch while the walk runs over the addresses it concerns; no file is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts import authority, scope
from accounts.access import Access
from accounts.audit import AuditEntry
from accounts.models import Unit, UnitQuerySet, User
from accounts.scope import ScopedQuerySet
from accounts.views import audit, units, users
from jobs.models import BatchQuerySet, JobQuerySet
from jobs.views import tasks
from reports import views as report_views
from reports.models import BulletinRows
from reports.views import dashboard, rows
from sampling.models import CallRows, CampaignRows
from tests.proof.world import FOREIGN


@dataclass(frozen=True)
class Mutant:
    """`name` of the wall, where it stands, what stands there instead, and the addresses that must notice."""

    name: str
    places: tuple[tuple[Any, str], ...]
    instead: Callable
    addresses: tuple[str, ...]
    question: tuple[str, str] = ("", "")  # who asks, and an address with parameters that no pattern has


def everything(rows, *args, **kwargs):
    return rows.all()


def without_owner(rows, user, letter: str = "w"):
    return ScopedQuerySet.visible_to(rows, user, letter)


def drafts_too(rows, user, letter: str = "r"):
    """Whatever the state, bulletins of the units above."""
    return rows.filter(unit__code__in=user.home_unit.ancestor_codes) if user.home_unit else rows.none()


def whole_sample(rows, user, letter: str = "r"):
    return ScopedQuerySet.visible_to(rows, user, letter)


def units_of_all(*args, **kwargs):
    return Unit.objects.all()


def raw_prefix(lookup: str, user: User, subject: str, letter: str = "r") -> Q:
    """Codes compared as texts of the same beginning, at the level of the city."""
    found = scope.paths(user, subject, letter)
    return Q(**{f"{lookup}__startswith": found[0][:2]}) if found else scope.NOTHING


MUTANTS = (
    Mutant("rows in reach", ((ScopedQuerySet, "visible_to"),), everything,
           ("ledgers:laborer", "ledgers:list", "reports:rows")),
    Mutant("units in reach", ((UnitQuerySet, "visible_to"),), everything,
           ("ledgers:close_month", "reports:dashboard#2")),
    Mutant("units by whole path", ((scope, "within"), (authority, "within")), raw_prefix,
           ("ledgers:close_month", "reports:dashboard#2", "accounts:unit")),
    Mutant("units of a report", ((report_views, "reach"),), units_of_all, ("reports:dashboard#2",)),
    Mutant("unit of a dashboard", ((dashboard, "unit_or_top"),),
           lambda user, code, *_: Unit.objects.filter(code=code).first() or user.home_unit, ("reports:dashboard#2",)),
    Mutant("unit of the rows behind a number", ((rows, "unit_or_top"),),
           lambda user, code, *_: Unit.objects.filter(code=code).first() or user.home_unit, ("reports:rows",)),
    Mutant("accounts in reach", ((users, "visible_users"),), lambda by: User.objects.all(),
           ("accounts:user", "accounts:users")),
    Mutant("units of accounts", ((users, "visible_units"),), units_of_all, (),
           ("county", f"/accounts/users/new/?unit={FOREIGN}")),
    Mutant("units to maintain", ((units, "visible_units"),), units_of_all, ("accounts:unit",)),
    Mutant("audit entries in reach", ((audit, "visible_entries"),), lambda user: AuditEntry.objects.all(),
           ("accounts:audit",)),
    Mutant("owner of a job", ((JobQuerySet, "visible_to"),), everything,
           ("jobs:job", "jobs:progress", "jobs:mine")),
    Mutant("owner of a batch", ((BatchQuerySet, "visible_to"),), without_owner, ("jobs:batch_mapping",)),
    Mutant("reach of a batch", ((BatchQuerySet, "visible_to"),), everything, ("jobs:batch_undo",)),
    Mutant("who decides on rows in review", ((BatchQuerySet, "decidable_by"),), everything,
           ("jobs:batch", "jobs:batch_rows")),
    Mutant("who opens a file", ((tasks, "may_open"),), lambda stored, user: True, ("jobs:download",)),
    Mutant("calls in reach", ((CallRows, "visible_to"),), everything, ("sampling:call", "sampling:calls")),
    Mutant("calls drawn for a sampler", ((CallRows, "visible_to"),), whole_sample, ("sampling:calls",)),
    Mutant("campaigns in reach", ((CampaignRows, "visible_to"),), everything, ("sampling:campaign", "sampling:list")),
    Mutant("bulletins in reach", ((BulletinRows, "visible_to"),), everything,
           ("reports:bulletin", "reports:bulletin_file")),
    Mutant("drafts of a bulletin", ((BulletinRows, "visible_to"),), drafts_too,
           ("reports:bulletin", "reports:bulletins")),
    Mutant("roles of a view", ((Access, "admits"),), lambda access, user: True, ("accounts:audit", "ledgers:list")),
)  # fmt: skip
