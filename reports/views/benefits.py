"""公岗与补贴: posts, workshops, subsidies and training of one unit and those below it, every number with its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, needs
from accounts.models import Custody, Unit, User
from accounts.scope import paths
from lib.month import Month
from lib.rates import thousands
from reports import reading
from reports.figures import FIGURES, Value
from reports.views import address, unit_or_top
from subsidies.models import Screening


@dataclass(frozen=True)
class Group:
    """Figures of one table, in order, with the heads that fit a narrow column."""

    title: str
    columns: tuple[tuple[str, str], ...]


GROUPS = (
    Group(
        "公益性岗位",
        (
            ("I07", "在岗"), ("I07p", "岗位"), ("I26a", "考勤覆盖"), ("I26b", "考核"), ("I26c", "合同签订"),
            ("I27", "出勤未发"), ("I27m", "未发金额"),
        ),
    ),
    Group("帮扶车间", (("I09a", "车间"), ("I09b", "带动就业"))),
    Group(
        "补贴",
        (("I18", "应享尽享率"), ("I19", "未申领"), ("I33", "本年发放"), ("I33m", "本年金额"), ("I33a", "人均")),
    ),
    Group("培训", (("I24", "培训"), ("I24c", "取证率"), ("I25", "生活费发放率"))),
)  # fmt: skip


HOLDERS, UNCLAIMED = "I07", "I19"
MOST_DRIFT = 10  # per cent of the base, YD-F18 (S3)


def drift(now: int, base: int | None) -> str:
    """Why a number of holders has to be explained beside the base (YD-F18): fewer (S1), or changed by more (S3)."""
    if base is None or now == base or (now > base and (now - base) * 100 <= MOST_DRIFT * base):
        return ""
    return f"{'多' if now > base else '少'}{thousands(abs(now - base))}人"


@needs("figures.r")
@require_GET
def benefits(request: OfficeRequest, code: str, month: Month) -> HttpResponse:
    unit = unit_or_top(request.user, code, "figures")
    below = Custody.objects.on(month.last_day).filter(parent=unit).values("unit")
    children = list(Unit.objects.filter(pk__in=below).in_order())
    values = reading.values([unit, *children], month)
    seer = Seer(request.user, month, reading.baselines(list(values), HOLDERS, month))
    context = {
        "page_title": f"{unit.name}公岗与补贴 {month.label}",
        "unit": unit,
        "month": month,
        "breadcrumbs": [
            {"label": f"{unit.name} {month.label}", "url": address("reports:dashboard", unit.code, month)},
            {"label": "公岗与补贴"},
        ],
        "waiting": reading.as_of(unit, month).waiting,
        "tables": [seer.table(group, unit, children, values) for group in GROUPS],
    }
    return render(request, "reports/benefits.html", context)


class Seer:
    """What one user sees of the numbers: those of units in reach, with a link where the rows may be read."""

    def __init__(self, user: User, month: Month, base: tuple[str, dict[int, int]]) -> None:
        self.user, self.month = user, month
        self.base_name, self.base = base
        self.reach = paths(user, "figures")
        screened = Screening.objects.visible_to(user).filter(month=month)
        self.screened = list(screened.order_by().values_list("unit__path", flat=True).distinct())

    def table(self, group: Group, unit: Unit, children: list[Unit], values: reading.Values) -> dict[str, Any]:
        return {
            "title": group.title,
            "heads": [{"head": head, "unit": FIGURES[figure].measure} for figure, head in group.columns],
            "rows": [self._row(group, child, values[child.pk]) for child in children],
            "total": self._row(group, unit, values[unit.pk]),
        }

    def _row(self, group: Group, unit: Unit, values: dict[str, Value]) -> dict[str, Any]:
        seen = any(unit.path.startswith(path) for path in self.reach)
        cells = [
            {"text": bare(values[figure]), "head": head, "unit": FIGURES[figure].measure,
             "url": self._rows(figure, unit) if seen else "", "mark": self._mark(figure, unit, values)}
            for figure, head in group.columns
        ]  # fmt: skip
        page = address("reports:benefits", unit.code, self.month) if seen else ""
        return {"name": unit.name, "url": page, "cells": cells}

    def _mark(self, figure: str, unit: Unit, values: dict[str, Value]) -> str:
        if figure == UNCLAIMED:
            return "" if self._is_screened(unit) or not self.user.can("subsidy", "r") else "本月没有筛查"
        if figure != HOLDERS:
            return ""
        told = drift(values[figure].numerator or 0, self.base.get(unit.pk))
        return f"较{self.base_name}{told}（YD-F18）" if told else ""

    def _is_screened(self, unit: Unit) -> bool:
        """Whether the unit's county, or one below it, has screened the month; else a nought says nothing."""
        return any(unit.path.startswith(path) or path.startswith(unit.path) for path in self.screened)

    def _rows(self, figure: str, unit: Unit) -> str:
        counted = FIGURES[figure].numerator
        if counted is None or not self.user.can(counted.source.subject, "r", unit):
            return ""
        return address("reports:rows", figure, unit.code, self.month)


def bare(value: Value) -> str:
    """Without %: the head of the column says it."""
    return value.rate.bare if value.figure.is_rate else value.text
