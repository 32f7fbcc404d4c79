"""培训计划: the plans in reach with what came of them, one plan, writing and approving it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Level
from ledgers.views.saving import acted, form_page, sent
from lib.money import yuan
from subsidies.models import Enrolment, TrainingClass, TrainingPlan
from subsidies.models.training import DAILY_FEN, LEAST_PERCENT
from subsidies.training import planning
from subsidies.training.forms import PlanForm
from subsidies.training.outcome import outcome
from subsidies.training.views.finding import home, plan_of, tabs

SHOWN = 100
PLANS = {"label": "培训计划", "url": "/subsidies/training/plans/"}


@needs("training.r")
@require_GET
def plans(request: OfficeRequest) -> HttpResponse:
    rows = TrainingPlan.objects.visible_to(request.user).select_related("unit", "approved_by")
    rows = rows.annotate(people=Sum("lines__people")).order_by("-year", "unit__sort_path")[:SHOWN]
    context = {
        "tabs": tabs("training_plans"),
        "plans": rows,
        "may_write": _may_write(request),
    }
    return render(request, "subsidies/training/plans.html", context)


def _may_write(request: OfficeRequest) -> bool:
    unit = request.user.own_unit
    return unit.level == Level.COUNTY and request.user.can("training", "w", unit)


@needs("training.r")
@require_GET
def plan(request: OfficeRequest, pk: int) -> HttpResponse:
    """One plan by trade: how many were to be trained, are trained and certified (I24)."""
    one = plan_of(request, pk)
    user = request.user
    rows = Enrolment.objects.visible_to(user).filter(training_class__plan=one)
    trades = {row["trade"]: row for row in rows.by_trade()}
    lines = [
        {"trade": line.trade, "people": line.people} | trades.get(line.trade, {"trained": 0, "certified": 0})
        for line in one.lines.order_by("pk")
    ]
    made = TrainingClass.objects.filter(plan=one).exclude(state="void")
    without = made.filter(state="planned", starts_on=None).count()
    context = {
        "breadcrumbs": [home(), PLANS, {"label": f"{one.unit.name}{one.year}年"}],
        "plan": one,
        "lines": lines,
        "outcome": outcome(rows, sum(line["people"] for line in lines)),
        "classes": made.count(),
        "without": without,
        "may_write": user.can("training", "w", one.unit),
        "may_make": user.can("training", "w"),
        "may_approve": user.can("training", "a", one.unit) and not one.approved_by_id,
        "is_mine": one.made_by_id == user.pk,
    }
    return render(request, "subsidies/training/plan.html", context)


@needs("training.w")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: OfficeRequest) -> HttpResponse:
    if not _may_write(request):
        raise Http404
    first = {
        "year": timezone.localdate().year, "daily": yuan(DAILY_FEN, plain=True), "per_year": 1,
        "least_percent": LEAST_PERCENT,
    }  # fmt: skip
    return _written(request, PlanForm(sent(request), initial=first), None)


@needs("training.w")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    one = plan_of(request, pk, "w")
    first = {
        "year": one.year, "daily": yuan(one.daily_fen, plain=True), "per_year": one.per_year,
        "same_trade": one.same_trade, "least_percent": one.least_percent, "basis": one.basis,
        "lines": "\n".join(f"{line.trade} {line.people}" for line in one.lines.order_by("pk")),
    }  # fmt: skip
    form = PlanForm(sent(request), initial=first)
    form.fields["year"].disabled = True
    return _written(request, form, one)


def _written(request: OfficeRequest, form: PlanForm, old: TrainingPlan | None) -> HttpResponse:
    def save(said: dict[str, Any]) -> str:
        unit = old.unit if old else request.user.own_unit
        if old is None and TrainingPlan.objects.filter(unit=unit, year=said["year"]).exists():
            raise NotAllowed(f"{said['year']}年的计划已经有了，请打开它修改。")
        made = planning.write_plan(unit, said["year"], said["lines"], request.user, **form.parameters)
        messages.success(request, "计划已保存，请另一位同事审批。")
        return reverse("subsidies:training_plan", args=[made.pk])

    back = reverse("subsidies:training_plan", args=[old.pk]) if old else PLANS["url"]
    context = {"plan": old, "back_url": back}
    return form_page(request, form, save, context, "subsidies/training/plan_form.html")


@needs("training.a")
@require_POST
def plan_approve(request: OfficeRequest, pk: int) -> HttpResponse:
    one = plan_of(request, pk, "a")
    page = reverse("subsidies:training_plan", args=[pk])
    approve = partial(planning.approve_plan, one, request.user)
    return acted(request, page, approve, "计划已审批，可以建立培训班。")
