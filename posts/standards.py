"""车间标准: what a county asks of its workshops and pays them, as data with the year from which it holds."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from posts.models import WorkshopStandard
from posts.workshop_rules import Standard, steps_problem

MOST = 100_000_000  # fen: a million yuan in one step or for one head is a slip of the hand


def standard_row(unit: Unit, year: int) -> WorkshopStandard | None:
    """The one set nearest above `unit` for the year; of two that begin together the one set last."""
    rows = WorkshopStandard.objects.filter(unit__code__in=unit.ancestor_codes, from_year__lte=year)
    found = rows.select_related("unit")
    return max(found, key=lambda one: (len(one.unit.path), one.from_year, one.pk), default=None)


def standard_of(unit: Unit, year: int) -> Standard:
    """What holds for `unit` in the year: its county's own, else the examples we ship."""
    row = standard_row(unit, year)
    return Standard() if row is None else as_set(row)


def as_set(row: WorkshopStandard) -> Standard:
    steps = tuple((people, fen) for people, fen in row.steps)
    return Standard(row.workers, row.term, row.months, steps, row.per_head)


@transaction.atomic
def set_standard(unit: Unit, from_year: int, standard: Standard, by: User) -> WorkshopStandard:
    """From the year on; awards made before keep the standard they were made by."""
    if not by.can("post", "a", unit):
        raise NotAllowed(f"您没有设定{unit.name}车间标准的权限，请由县级经办人员设定。")
    if told := steps_problem(standard.steps) or _out_of_bounds(standard):
        raise NotAllowed(told)
    made = WorkshopStandard.objects.create(
        unit=unit, from_year=from_year, workers=standard.workers, term=standard.term, months=standard.months,
        steps=[list(one) for one in standard.steps], per_head=standard.per_head, set_by=by,
    )  # fmt: skip
    record("workshop.standard", by, made, unit, year=from_year, people=standard.workers)
    return made


def _out_of_bounds(standard: Standard) -> str:
    amounts: Sequence[int] = [standard.per_head, *(fen for _, fen in standard.steps)]
    if max(amounts) > MOST:
        return "每档和每人的金额不能超过100万元，请核对单位是不是元。"
    if not (1 <= standard.workers <= 1000 and 1 <= standard.months <= 12 and 1 <= standard.term <= 10):
        return "认定人数应为1至1000人，工作月数应为1至12个月，有效期应为1至10年。"
    return ""
