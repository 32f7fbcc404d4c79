"""Entered numbers: targets and base figures, each set through a named verb with its audit entry."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import Unit, User
from reports.models import Baseline, Target


class NumberChanged(Exception):
    """Somebody else saved another number since the page was opened; carries both."""

    def __init__(self, unit: Unit, theirs: int | None, mine: int | None) -> None:
        super().__init__(f"{unit.name}的数已被他人改为 {'空' if theirs is None else theirs}。")
        self.unit, self.theirs, self.mine = unit, theirs, mine


KEEP = object()  # "whatever stands there now": imports judge their rows themselves


@transaction.atomic
def set_target(
    unit: Unit, year: int, value: int | None, by: User, figure: str = "I01", seen: object = KEEP
) -> Target | None:
    """Set 年度目标任务; None removes it. `seen` is the number the user was looking at: another one is a conflict."""
    row = Target.objects.select_for_update().filter(unit=unit, year=year, figure=figure).first()
    old = row.value if row else None
    if seen is not KEEP and old not in (seen, value):
        raise NumberChanged(unit, old, value)
    if old == value:
        return row
    row = _save(row or Target(unit=unit, year=year, figure=figure), value, by)
    record("target.set", by, f"target:{unit.code}:{year}:{figure}", unit, old=old, new=value)
    return row


@transaction.atomic
def set_baseline(
    unit: Unit, name: str, figure: str, value: int | None, by: User, seen: object = KEEP
) -> Baseline | None:
    """Set the figure of a named base date (基期数); None removes it."""
    row = Baseline.objects.select_for_update().filter(unit=unit, name=name, figure=figure).first()
    old = row.value if row else None
    if seen is not KEEP and old not in (seen, value):
        raise NumberChanged(unit, old, value)
    if old == value:
        return row
    row = _save(row or Baseline(unit=unit, name=name, figure=figure), value, by)
    record("baseline.set", by, f"baseline:{unit.code}:{figure}", unit, name=name, old=old, new=value)
    return row


def _save(row, value: int | None, by: User):
    if value is None:
        row.delete()
        return None
    row.value, row.set_by, row.set_at = value, by, timezone.now()
    row.save()
    return row
