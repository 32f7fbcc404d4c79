"""Read the kept values: for units and a month, against another date, over a year, with the time they stand for.

The number of queries does not depend on how many units or people there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils import timezone

from accounts.models import Custody, Unit
from lib.month import Month
from lib.rates import Rate, growth
from reports.figures import CATALOGUE, FIGURES, GAP, TARGET, Value
from reports.models import Baseline, FigureValue, Stale, Target

PREVIOUS, LAST_YEAR = "previous", "last_year"
Values = dict[int, dict[str, Value]]


@dataclass(frozen=True)
class Comparison:
    """I06 and I08: a count now and at one other date; None where nothing is known of that date."""

    now: int
    base: int | None
    label: str  # 上月, 去年同月, or the name of the base date

    @property
    def difference(self) -> int | None:
        return None if self.base is None else self.now - self.base

    @property
    def growth(self) -> Rate | None:
        """增幅 with two places."""
        return None if self.base is None else growth(self.now, self.base)


@dataclass(frozen=True)
class AsOf:
    """Up to when the figures of a month are complete, and how many villages still wait to be counted again."""

    moment: dt.datetime
    waiting: int = 0


def year_of(month: Month) -> int:
    """统计年度 whose targets apply to `month`."""
    return month.statistical_year(settings.STATISTICAL_YEAR_START)


def values(units: Iterable[Unit], month: Month) -> Values:
    """Every figure of each unit, in three queries. A unit without rows has zeros; rates without base print as —."""
    keys = [unit.pk for unit in units]
    stored: dict[int, dict[str, tuple]] = {key: {} for key in keys}
    rows = FigureValue.objects.filter(month=month, unit__in=keys)
    for unit, figure, *pair in rows.values_list("unit_id", "figure", "numerator", "denominator"):
        stored[unit][figure] = tuple(pair)
    goals = targets(keys, month)
    return {key: _values(stored[key], goals.get(key)) for key in keys}


def value(unit: Unit, figure_id: str, month: Month) -> Value:
    return values([unit], month)[unit.pk][figure_id]


def _values(stored: dict[str, tuple], goal: int | None) -> dict[str, Value]:
    found = {}
    for figure in CATALOGUE:
        numerator, denominator = stored.get(figure.id, (0, None))
        if figure.denominator == "target":
            denominator = goal
        elif figure.denominator is not None:
            denominator = denominator or 0
        found[figure.id] = Value(figure, numerator, denominator)
    found[TARGET.id] = Value(TARGET, goal)
    found[GAP.id] = Value(GAP, None if goal is None else found["I03"].gap)
    return found


# ── entered numbers ──────────────────────────────────────────────────────────────────────────────────────────────


def targets(unit_ids: Iterable[int], month: Month, figure: str = "I01") -> dict[int, int]:
    """年度目标任务 by unit: its own, else the sum of its children's when every child has one. Two queries."""
    keys = list(unit_ids)
    children = _children(keys, month)
    wanted = [*keys, *(child for group in children.values() for child in group)]
    entered = dict(
        Target.objects.filter(unit__in=wanted, year=year_of(month), figure=figure).values_list(
            "unit_id", "value"
        )
    )
    return _own_or_sum(keys, children, entered)


def target(unit: Unit, year: int, figure: str = "I01") -> int | None:
    """I02 of a statistical year (named by the year it ends in)."""
    return targets([unit.pk], Month(year, 1), figure).get(unit.pk)


def baselines(
    unit_ids: Iterable[int], figure: str, month: Month, name: str = ""
) -> tuple[str, dict[int, int]]:
    """The base date's name and its values by unit: own, else the sum of the children's when every child has one.

    Without a name: the one entered last for these units. One comparison never mixes two base dates. Two queries.
    """
    keys = list(unit_ids)
    children = _children(keys, month)
    wanted = [*keys, *(child for group in children.values() for child in group)]
    entered = Baseline.objects.filter(unit__in=wanted, figure=figure)
    if name:
        entered = entered.filter(name=name)
    rows = list(entered.order_by("set_at", "pk").values_list("name", "unit_id", "value"))
    name = rows[-1][0] if rows else name
    return name, _own_or_sum(keys, children, {unit: value for base, unit, value in rows if base == name})


def baseline(unit: Unit, name: str, figure: str, month: Month | None = None) -> int | None:
    return baselines([unit.pk], figure, month or Month.current(), name)[1].get(unit.pk)


def _children(unit_ids: Sequence[int], month: Month) -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    custody = Custody.objects.on(month.last_day).filter(parent__in=unit_ids)
    for parent, unit in custody.order_by().values_list("parent_id", "unit_id"):
        children.setdefault(parent, []).append(unit)
    return children


def _own_or_sum(keys: list[int], children: dict[int, list[int]], entered: dict[int, int]) -> dict[int, int]:
    found = {key: entered[key] for key in keys if key in entered}
    for key in keys:
        group = children.get(key)
        if key not in found and group and all(child in entered for child in group):
            found[key] = sum(entered[child] for child in group)
    return found


# ── other dates ──────────────────────────────────────────────────────────────────────────────────────────────────


def compare(unit: Unit, figure_id: str, month: Month, base: str = PREVIOUS) -> Comparison:
    """I06/I08: `base` is PREVIOUS, LAST_YEAR or the name of an entered base date."""
    now = value(unit, figure_id, month).numerator or 0
    return Comparison(now, bases([unit.pk], figure_id, month, base).get(unit.pk), base_label(base))


def base_label(base: str) -> str:
    return {PREVIOUS: "上月", LAST_YEAR: "去年同月"}.get(base, base)


def bases(unit_ids: Iterable[int], figure_id: str, month: Month, base: str) -> dict[int, int]:
    """Counts of another date by unit; a unit that has never been counted for that month is absent."""
    if base not in (PREVIOUS, LAST_YEAR):
        return baselines(unit_ids, figure_id, month, base)[1]
    then = month - (1 if base == PREVIOUS else 12)
    rows = FigureValue.objects.filter(
        month=then, unit__in=list(unit_ids), figure__in={figure_id, CATALOGUE[0].id}
    )
    found: dict[int, int] = {}
    for unit, figure, number in rows.values_list("unit_id", "figure", "numerator"):
        found.setdefault(unit, 0)
        if figure == figure_id:
            found[unit] = number
    return found


def history(unit: Unit, figure_ids: Sequence[str]) -> dict[Month, dict[str, Value]]:
    """Every month that has been counted for `unit`, oldest first, with these figures. One query."""
    wanted = {*figure_ids, CATALOGUE[0].id}
    rows = FigureValue.objects.filter(unit=unit, figure__in=wanted).order_by("month")
    found: dict[Month, dict[str, Value]] = {}
    for month, figure, *pair in rows.values_list("month", "figure", "numerator", "denominator"):
        zeros = {key: Value(FIGURES[key], 0) for key in figure_ids}
        found.setdefault(month, zeros)[figure] = Value(FIGURES[figure], *pair)
    return found


def trend(unit: Unit, figure_id: str, month: Month, months: int = 12) -> list[tuple[Month, Value | None]]:
    """The months up to `month`, oldest first; None where nothing was counted."""
    counted = history(unit, [figure_id])
    span = [month - back for back in range(months - 1, -1, -1)]
    return [(then, counted[then][figure_id] if then in counted else None) for then in span]


# ── which months, and how fresh ──────────────────────────────────────────────────────────────────────────────────


def latest_month(unit: Unit) -> Month:
    """The last month for which `unit` has figures; the current month before there are any."""
    rows = FigureValue.objects.filter(unit=unit, figure=CATALOGUE[0].id)
    return rows.aggregate(last=Max("month"))["last"] or Month.current()


def as_of(unit: Unit, month: Month) -> AsOf:
    """Everything recorded before `moment` is in the figures; villages changed since wait for their recompute."""
    marks = Stale.objects.filter(month=month, village__path__startswith=unit.path)
    found = marks.aggregate(first=Min("marked_at"), villages=Count("village", distinct=True))
    return AsOf(found["first"] or timezone.now(), found["villages"])
