"""Enter targets and base figures: a table over the units below, saved as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.models import Unit
from lib.rates import share, thousands
from reports import reading
from reports.actions import NumberChanged, set_baseline, set_target
from reports.figures import FIGURES
from reports.forms import NumbersForm
from reports.models import Baseline, Target
from reports.views import address, unit_or_top

BASE_FIGURES = ("I07", "I09a", "I09b", "I01")


@needs("target.r")
@require_http_methods(["GET", "HEAD", "POST"])
def targets(request: OfficeRequest) -> HttpResponse:
    unit = unit_or_top(request.user, request.GET.get("unit"), "target")
    month = reading.latest_month(unit)
    year = _year(request.GET.get("year"), reading.year_of(month))
    units = [unit, *unit.children.in_order()]
    rows = Target.objects.filter(unit__in=units, figure="I01", year__in=(year - 1, year))
    entered = {(row.year, row.unit_id): row.value for row in rows}
    stored = {(pk, "I01"): value for (of, pk), value in entered.items() if of == year}
    table = Entry(request, unit, units, ["I01"], stored)
    if table.may_write and request.method == "POST":

        def save(one: Unit, figure: str, value: int | None, seen: int | None) -> None:
            set_target(one, year, value, request.user, figure, seen=seen)

        if table.saved(save):
            messages.success(request, f"{year} 年度目标任务已保存。")
            return redirect(address("reports:targets", unit=unit.code, year=year))
    workers = reading.values(units, month)
    extra = {
        one.pk: {
            "before": thousands(entered.get((year - 1, one.pk))),
            "now": workers[one.pk]["I01"].text,
            "rate": share(workers[one.pk]["I01"].numerator or 0, stored.get((one.pk, "I01"), 0)).text,
        }
        for one in units
    }
    current = reading.year_of(month)
    context = table.context(extra) | {
        "page_title": f"{unit.name} {year} 年度目标任务",
        "year": year,
        "years": sorted({current - 1, current, current + 1, year}),
        "month": month,
        "sum_notes": table.sums(),
        "tabs": _tabs(unit, "targets"),
        "import_url": address("jobs:import_new", kind="targets"),
    }
    return render(request, "reports/targets.html", context, status=409 if table.conflicts else 200)


@needs("target.r")
@require_http_methods(["GET", "HEAD", "POST"])
def baselines(request: OfficeRequest) -> HttpResponse:
    unit = unit_or_top(request.user, request.GET.get("unit"), "target")
    units = [unit, *unit.children.in_order()]
    rows = list(Baseline.objects.filter(unit__in=units, figure__in=BASE_FIGURES).order_by("-set_at", "-pk"))
    names = list(dict.fromkeys(row.name for row in rows))
    name = request.GET.get("name", "").strip()[:20] or (names[0] if names else "")
    stored = {(row.unit_id, row.figure): row.value for row in rows if row.name == name}
    table = Entry(request, unit, units, list(BASE_FIGURES), stored)
    if table.may_write and name and request.method == "POST":

        def save(one: Unit, figure: str, value: int | None, seen: int | None) -> None:
            set_baseline(one, name, figure, value, request.user, seen=seen)

        if table.saved(save):
            messages.success(request, f"基期“{name}”的数已保存。")
            return redirect(address("reports:baselines", unit=unit.code, name=name))
    context = table.context({}) | {
        "page_title": f"{unit.name} 基期数" + (f"（{name}）" if name else ""),
        "name": name,
        "names": names,
        "heads": [{"head": FIGURES[figure].name, "unit": FIGURES[figure].measure} for figure in BASE_FIGURES],
        "sum_notes": table.sums(),
        "tabs": _tabs(unit, "baselines"),
        "import_url": address("jobs:import_new", kind="baselines"),
    }
    return render(request, "reports/targets_bases.html", context, status=409 if table.conflicts else 200)


class Entry:
    """A table of boxes over a unit and its children, and what came of saving it."""

    def __init__(
        self, request: OfficeRequest, unit: Unit, units: list[Unit], figures: list[str], stored: dict
    ) -> None:
        self.unit, self.units, self.figures, self.stored = unit, units, figures, stored
        self.may_write = request.user.can("target", "w", unit)
        data = request.POST if request.method == "POST" and self.may_write else None
        self.form = NumbersForm(units, figures, stored, data)
        self.conflicts: list[NumberChanged] = []

    def saved(self, save: Callable[[Unit, str, int | None, int | None], None]) -> bool:
        """All changes in one transaction; if somebody was faster, nothing is saved and both numbers are shown."""
        if not self.form.is_valid():
            return False
        with transaction.atomic():
            for unit, figure, seen, wanted in self.form.changes():
                try:
                    save(unit, figure, wanted, seen)
                except NumberChanged as conflict:
                    self.conflicts.append(conflict)
            if self.conflicts:
                transaction.set_rollback(True)
        return not self.conflicts

    def sums(self) -> list[dict[str, str]]:
        """Per figure: what the units below add up to, against this unit's own number."""
        notes = []
        for figure in self.figures:
            own = self.stored.get((self.unit.pk, figure))
            below = [self.stored.get((unit.pk, figure)) for unit in self.units[1:]]
            entered = [number for number in below if number is not None]
            text, tone = _compared(own, sum(entered), len(below) - len(entered), FIGURES[figure].measure)
            if entered or own is not None:
                notes.append({"label": FIGURES[figure].name, "text": text, "tone": tone})
        return notes

    def context(self, extra: dict[int, dict[str, Any]]) -> dict[str, Any]:
        cells = {unit.pk: self.form.cells(unit) for unit in self.units}
        return {
            "unit": self.unit,
            "form": self.form,
            "may_write": self.may_write,
            "conflicts": [
                f"{c.unit.name}：他人已保存为 {thousands(c.theirs)}，您填的是 {thousands(c.mine)}。"
                for c in self.conflicts
            ],
            "problems": [
                {"text": f"{self.form[key].label}：{error}", "anchor": self.form[key].auto_id}
                for key, errors in self.form.errors.items()
                for error in errors
            ],
            "rows": [
                {"unit": unit, "own": unit is self.unit, "cells": cells[unit.pk], **extra.get(unit.pk, {})}
                for unit in [*self.units[1:], self.unit]
            ],
            "has_children": len(self.units) > 1,
        }


def _compared(own: int | None, total: int, missing: int, measure: str) -> tuple[str, str]:
    text = f"下级合计 {thousands(total)} {measure}"
    if missing:
        return f"{text}，还有 {missing} 个单位没有填。", "warn"
    if own is None:
        return f"{text}，本级没有另填，以下级合计为准。", ""
    if own == total:
        return f"{text}，与本级一致。", "good"
    word = "多" if total > own else "少"
    return (
        f"{text}，比本级 {thousands(own)} {measure}{word} {thousands(abs(total - own))} {measure}，请核对。",
        "warn",
    )


def _year(text: str | None, default: int) -> int:
    return (
        int(text)
        if text and text.isascii() and text.isdecimal() and 2000 <= int(text[:5]) <= 2099
        else default
    )


def _tabs(unit: Unit, active: str) -> list[dict[str, Any]]:
    pages = (("targets", "目标任务"), ("baselines", "基期数"))
    return [
        {
            "label": label,
            "url": address(f"reports:{name}", unit=unit.code),
            "active": name == active,
            "count": "",
        }
        for name, label in pages
    ]
