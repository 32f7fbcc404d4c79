"""Beginning a month, closing it, and opening it again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.models import Level, Unit
from ledgers import actions, facts
from ledgers.deadline import last_day, rule_of, rules_for, spoken
from ledgers.forms import ReopenForm
from ledgers.models import EntryException, EntryRule, MonthClosing, MonthlyRecord
from ledgers.periods import period_state
from ledgers.views.saving import acted, form_page, sent
from ledgers.work import AT_ONCE, start_opening
from lib.month import Month
from lib.rates import thousands

SHOWN = 12  # months
EXCEPTIONS = 60
CLOSES = (Level.CITY, Level.COUNTY)


@dataclass
class Line:
    """One month of a unit: its numbers, and who closed it."""

    month: Month
    people: int
    verified: int
    counted: int
    closing: MonthClosing | None
    own: MonthClosing | None  # of the unit itself, while one above it has closed the month as well
    may_close: bool
    may_reopen: bool
    due: dt.date | None  # the last day of 填报

    @property
    def due_text(self) -> str:
        """Until when, or since when no longer, the month is filled in; nothing to say of a closed one."""
        if self.due is None or self.closing:
            return ""
        return f"{spoken(self.due)}{'已截止' if self.due < timezone.localdate() else ''}"

    @property
    def people_text(self) -> str:
        return thousands(self.people)

    @property
    def verified_text(self) -> str:
        return thousands(self.verified)

    @property
    def counted_text(self) -> str:
        return thousands(self.counted)


@needs("month.r")
@require_GET
def months(request: OfficeRequest) -> HttpResponse:
    unit = _unit(request, request.GET.get("unit", ""))
    may_begin = unit.level in CLOSES and request.user.can("month", "w", unit)
    rules = rules_for(unit)
    lines = _lines(request, unit, rules)
    context = {
        "rule": rule_of(rules, Month.current()),
        "may_set": may_begin,
        "exceptions": _exceptions(request, unit),
        "to_begin": facts.month_to_begin(unit) if may_begin else None,
        "unit": unit,
        "lines": lines,
        "has_due": any(line.due_text for line in lines),
        "children": unit.children.filter(level__in=CLOSES, closed_on=None).in_order(),
        "closed_below": _closed_below(unit),
        "parent": unit.parent if unit.parent and request.user.can("month", "r", unit.parent) else None,
    }
    return render(request, "ledgers/months.html", context)


def _unit(request: OfficeRequest, code: str, letter: str = "r") -> Unit:
    units = Unit.objects.visible_to(request.user, "month", letter).select_related("parent")
    if code:
        return get_object_or_404(units, code=code)
    return units.filter(pk=request.user.own_unit.pk).first() or get_object_or_404(units.in_order()[:1])


def _exceptions(request: OfficeRequest, unit: Unit) -> list[EntryException]:
    """Who was allowed to fill in longer, the newest first."""
    found = EntryException.objects.visible_to(request.user).under(unit).order_by("-pk")
    return list(found.select_related("unit__parent", "office", "granted_by", "ended_by")[:EXCEPTIONS])


def _lines(request: OfficeRequest, unit: Unit, rules: list[EntryRule]) -> list[Line]:
    """The newest months with records: frozen numbers of closed ones, counted now for the others."""
    records = MonthlyRecord.objects.under(unit)
    newest = records.order_by("-month").values_list("month", flat=True).first()
    if newest is None:
        return []
    shown = [newest - back for back in range(SHOWN)]
    closings: dict[Month, MonthClosing] = {}
    lower: dict[Month, MonthClosing] = {}
    in_force = MonthClosing.objects.filter(
        unit__code__in=unit.ancestor_codes, month__in=shown, reopened_at=None
    )
    for highest in in_force.select_related("unit", "closed_by").order_by("-unit__path"):
        if highest.month in closings and closings[highest.month].unit_id == unit.pk:
            lower[highest.month] = closings[highest.month]
        closings[highest.month] = highest
    own = {month for month, closing in closings.items() if closing.unit_id == unit.pk and closing.people}
    counts = {
        row["month"]: row
        for row in records.filter(month__in=[month for month in shown if month not in own])
        .order_by()
        .values("month")
        .annotate(
            people=Count("pk"),
            verified=Count("pk", filter=Q(verify_state="已核实")),
            counted=Count("pk", filter=Q(reason="counted")),
        )
    }
    may_write = request.user.can("month", "w", unit) and unit.level in CLOSES
    lines = []
    for month in shown:
        closing = closings.get(month)
        if closing and month in own:
            people, verified, counted = closing.people, closing.verified, closing.counted
        elif month in counts:
            people, verified, counted = (counts[month][name] for name in ("people", "verified", "counted"))
        else:
            continue
        lines.append(
            Line(
                month,
                people,
                verified,
                counted,
                closing,
                lower.get(month),
                may_write and closing is None and month <= Month.current(),
                closing is not None and request.user.can("month", "w", closing.unit),
                last_day(rule_of(rules, month), month),
            )
        )
    return lines


def _closed_below(unit: Unit) -> list[MonthClosing]:
    """Closings in force of the units directly below, so that an office sees who is done."""
    return list(
        MonthClosing.objects.filter(unit__parent=unit, reopened_at=None)
        .select_related("unit", "closed_by")
        .order_by("-month", "unit__sort_path")[:60]
    )


@needs("month.w")
@require_http_methods(["GET", "HEAD", "POST"])
def open_month(request: OfficeRequest, code: str, month: Month) -> HttpResponse:
    """Say how many records beginning a month makes; POST makes them, many of them as a job."""
    unit = _unit(request, code, "w")
    address = f"{reverse('ledgers:months')}?unit={unit.code}"
    state = period_state(unit, month)
    due = state.is_open and facts.month_to_begin(unit) == month
    people = facts.without_record(unit, month).count() if due else 0
    if request.method == "POST":
        if people > AT_ONCE:
            return redirect("jobs:job", start_opening(unit, month, request.user).pk)
        begin = partial(actions.begin_month, unit, month, request.user)
        return acted(
            request, address, begin,
            lambda made: f"{unit.name}{month.label}已开始，建立{made:,}人的当月记录，都未核实。",
        )  # fmt: skip
    counted = [{"label": "将建立当月记录", "value": f"{people:,}", "unit": "人"}]
    context = {
        "unit": unit,
        "month": month,
        "due": due,
        "why": state.why,
        "facts": counted,
        "back_url": address,
    }
    return render(request, "ledgers/open_month.html", context)


@needs("month.w")
@require_http_methods(["GET", "HEAD", "POST"])
def close_month(request: OfficeRequest, code: str, month: Month) -> HttpResponse:
    """Say in numbers what closing freezes; POST does it."""
    unit = _unit(request, code, "w")
    address = f"{reverse('ledgers:months')}?unit={unit.code}"
    state = period_state(unit, month)
    if request.method == "POST":
        close = partial(actions.close_month, unit, month, request.user)
        return acted(
            request, address, close,
            lambda made: f"{unit.name}{month.label}已关闭，共{made.people:,}人，其中计入{made.counted:,}人。",
        )  # fmt: skip
    counts = actions.month_counts(unit, month)
    facts = [
        {"label": "将关闭的记录", "value": f"{counts['people']:,}", "unit": "人"},
        {"label": "其中已核实", "value": f"{counts['verified']:,}", "unit": "人"},
        {"label": "未核实或联系不上", "value": f"{counts['people'] - counts['verified']:,}", "unit": "人"},
        {"label": "计入外出务工", "value": f"{counts['counted']:,}", "unit": "人"},
    ]
    context = {"unit": unit, "month": month, "state": state, "facts": facts, "back_url": address}
    return render(request, "ledgers/close_month.html", context)


@needs("month.w")
@require_http_methods(["GET", "HEAD", "POST"])
def reopen_month(request: OfficeRequest, code: str, month: Month) -> HttpResponse:
    """Only the office that closed a month, or one above it, opens it again, and says why."""
    unit = _unit(request, code, "w")
    address = f"{reverse('ledgers:months')}?unit={unit.code}"

    def save(said: dict[str, Any]) -> str:
        actions.reopen_month(unit, month, request.user, said["reason"])
        messages.success(request, f"{unit.name}{month.label}已重开，可以更正；完成后请再次关闭。")
        return address

    context = {"unit": unit, "month": month, "back_url": address}
    return form_page(request, ReopenForm(sent(request)), save, context, "ledgers/reopen_month.html")
