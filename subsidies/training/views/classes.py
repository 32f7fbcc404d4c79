"""培训班: the classes of a year with what came of them, one class with its people and its next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.models import Level, Unit, User
from ledgers.views.lists import unit_choices, unit_of
from ledgers.views.saving import acted, form_page, sent
from lib.month import SHANGHAI, Month
from subsidies.models import Enrolment, PlanLine, TrainingClass, TrainingPlan
from subsidies.training import classes, paying
from subsidies.training.answering import wishes
from subsidies.training.forms import ClassForm, WhyForm, day_fields
from subsidies.training.outcome import outcome
from subsidies.training.rules import ANSWER_DAYS
from subsidies.training.views.finding import (
    PAGE,
    TONES,
    class_of,
    concerning,
    crumb,
    home,
    learners_of,
    page_number,
    plan_of,
    tabs,
    year_of,
)

State = TrainingClass.State


class YearFilter(forms.Form):
    """Which unit and year."""

    unit = forms.ChoiceField(label="单位")
    year = forms.ChoiceField(label="年度")


# ── the classes of a year ────────────────────────────────────────────────────────────────────────────────────────


@needs("training.r")
@require_GET
def training(request: OfficeRequest) -> HttpResponse:
    """What came of the year, what is late, and the classes."""
    user, unit = request.user, unit_of(request.user, request.GET.get("unit", ""))
    this_year = timezone.localdate().year
    year = year_of(request.GET.get("year", ""), this_year)
    rows = Enrolment.objects.visible_to(user).under(unit).of_year(year)
    found = (
        concerning(TrainingClass.objects.visible_to(user), unit).filter(year=year).exclude(state=State.VOID)
    )
    mine = rows.filter(training_class__in=found).values("training_class")
    page = Paginator(found.select_related("unit").order_by("-starts_on", "-pk"), PAGE).get_page(
        page_number(request.GET.get("page", ""))
    )
    people = dict(
        mine.filter(training_class__in=[one.pk for one in page])
        .order_by()
        .annotate(n=Count("pk", filter=Q(state__in=Enrolment.HOLDING)))
        .values_list("training_class", "n")
    )
    query = f"unit={unit.code}&year={year}"
    context = {
        "tabs": tabs("training"),
        "unit": unit,
        "year": year,
        "form": _filter(user, unit, year, this_year),
        "outcome": outcome(rows, _planned(unit, year)),
        "notes": _late(user, unit, year, rows),
        "lines": [{"one": one, "people": people.get(one.pk, 0), "tone": TONES[one.state]} for one in page],
        "shown": f"共{page.paginator.count}个培训班",
        "prev_url": f"?{query}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?{query}&page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "subsidies/training/list.html", context)


def _filter(user: User, unit: Unit, year: int, this_year: int) -> YearFilter:
    form = YearFilter(initial={"unit": unit.code, "year": str(year)}, auto_id="filter_%s")
    form.fields["unit"] = forms.ChoiceField(label="单位", choices=unit_choices(user, unit))
    years = sorted({year, *range(this_year - 3, this_year + 2)}, reverse=True)
    form.fields["year"] = forms.ChoiceField(label="年度", choices=[(str(one), f"{one}年") for one in years])
    return form


def _planned(unit: Unit, year: int) -> int | None:
    """How many the plans of the unit and below mean to train; None for a unit within a county."""
    if unit.level not in (Level.COUNTY, Level.CITY, Level.PROVINCE):
        return None
    lines = PlanLine.objects.filter(plan__year=year, plan__unit__path__startswith=unit.path)
    return lines.aggregate(people=Sum("people"))["people"] or 0


def _late(user: User, unit: Unit, year: int, rows: Any) -> list[dict[str, str]]:
    """Sentences for what stands against the rules: YD-J01, J02, J03."""
    told = []
    today = timezone.localdate()
    before = dt.datetime.combine(today - dt.timedelta(days=ANSWER_DAYS), dt.time(), SHANGHAI)
    if unpaid := rows.unpaid().count():
        told.append(f"{unpaid:,}人已结业，生活费补贴还没有发放。")
    unnamed = TrainingClass.objects.visible_to(user).filter(
        unit__path__startswith=unit.path, year=year, state=State.PLANNED
    )
    if count := unnamed.filter(Q(starts_on=None) | Q(taken=0)).count():
        told.append(f"{count}个待开班的培训班没有日期或没有实名名单。")
    late = wishes(user, unit).filter(wish_registered_at__lt=before).count()
    if late:
        told.append(f"{late:,}人登记培训意愿已超过{ANSWER_DAYS}天，还没有安排。")
    return [{"text": one} for one in told]


# ── one class ────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("training.r")
@require_GET
def class_page(request: OfficeRequest, pk: int) -> HttpResponse:
    """One class: when and where, its next step, and those of its people whom the user sees."""
    one = class_of(request, pk)
    user = request.user
    may = {letter: user.can("training", letter, one.unit) for letter in "wa"}
    found = learners_of(request, one)
    page = Paginator(found, PAGE).get_page(page_number(request.GET.get("page", "")))
    counts = found.order_by().aggregate(
        waiting=Count("pk", filter=Q(state="proposed")), enrolled=Count("pk", filter=Q(state="enrolled"))
    )
    month = Month.of(one.starts_on or timezone.localdate())
    context = {
        "breadcrumbs": [home(), {"label": one.name}],
        "one": one,
        "tone": TONES[one.state],
        "rows": [{"row": row, "may_write": user.can("training", "w", row.village)} for row in page],
        "counts": counts,
        "outcome": outcome(found.order_by()),
        "may_enrol": one.state in TrainingClass.ENROLLING and _may_enrol(user, one),
        "may_write": may["w"],
        "may_back": may["a"] and one.state in TrainingClass.ENDED and one.state != State.SETTLED,
        "steps": _steps(one),
        "month": month,
        "may_export": user.can("training", "x", user.own_unit),
        "export_unit": one.unit if may["w"] else user.own_unit,
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "shown": f"共{page.paginator.count}人",
        "is_over": one.ends_on is not None and one.ends_on <= timezone.localdate(),
    }
    return render(request, "subsidies/training/class.html", context)


def _may_enrol(user: User, one: TrainingClass) -> bool:
    return user.can("training", "w") or user.can("training", "p")


def _steps(one: TrainingClass) -> list[dict[str, str]]:
    order = [State.PLANNED, State.OPEN, State.FINISHED, State.CERTIFIED, State.SETTLED]
    if one.state == State.VOID:
        return []
    here = order.index(State(one.state))
    words = ("报名", "培训考勤", "发证", "发放补贴", "结清")
    return [
        {"label": word, "state": "done" if n < here else "current" if n == here else "todo"}
        for n, word in enumerate(words)
    ]


# ── writing a class ──────────────────────────────────────────────────────────────────────────────────────────────


@needs("training.w")
@require_http_methods(["GET", "HEAD", "POST"])
def class_new(request: OfficeRequest, pk: int) -> HttpResponse:
    plan = plan_of(request, pk)
    units = _units(request, plan)
    if not units:
        raise Http404
    first = {"weekends": True, "kind": "技能培训", "unit": units[0].code, "places": 30}
    form = _form(request, plan, units, first)

    def save(said: dict[str, Any]) -> str:
        unit = next(unit for unit in units if unit.code == said["unit"])
        return crumb(classes.make_class(plan, unit, form.said, form.days, request.user))["url"]

    back = reverse("subsidies:training_plan", args=[plan.pk])
    context = {"back_url": back, "page_title": f"建立培训班（{plan.unit.name}{plan.year}年）"}
    return form_page(request, form, save, context, "subsidies/training/class_form.html")


@needs("training.w")
@require_http_methods(["GET", "HEAD", "POST"])
def class_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    one = class_of(request, pk, "w")
    first = {name: getattr(one, name) for name in classes.SAID} | day_fields(one.dates)
    first["unit"] = one.unit.code
    form = _form(request, one.plan, [one.unit], first, one.trade)
    page = crumb(one)["url"]

    def save(_said: dict[str, Any]) -> str:
        classes.change_class(one, form.said, form.days, request.user)
        messages.success(request, "已保存。")
        return page

    context = {"back_url": page, "page_title": f"修改培训班：{one.name}"}
    return form_page(request, form, save, context, "subsidies/training/class_form.html")


def _units(request: OfficeRequest, plan: TrainingPlan) -> list[Unit]:
    """The county and its townships, as far as the user may write there."""
    found = Unit.objects.visible_to(request.user, "training", "w").under(plan.unit)
    return list(found.filter(closed_on=None).exclude(level=Level.VILLAGE).in_order())


def _form(
    request: OfficeRequest,
    plan: TrainingPlan | None,
    units: list[Unit],
    first: dict[str, Any],
    trade: str = "",
) -> ClassForm:
    trades = list(plan.lines.order_by("pk").values_list("trade", flat=True)) if plan else []
    return ClassForm(
        sent(request),
        initial=first,
        trades=trades or [trade],
        units=[(unit.code, unit.name) for unit in units],
    )


# ── the steps of a class ─────────────────────────────────────────────────────────────────────────────────────────


def _computed(one: TrainingClass, by: User) -> str:
    total = paying.compute(one, by)
    left = f"未列入：{'、'.join(total.left_out)}。" if total.left_out else ""
    return f"已测算{total.people}人，共{total.yuan}元。{left}"


def _approved(one: TrainingClass, by: User) -> str:
    total = paying.approve(one, by)
    left = f"未审批：{'、'.join(total.left_out)}。" if total.left_out else ""
    return f"已审批{total.people}人，共{total.yuan}元。{left}"


def _finished(one: TrainingClass, by: User) -> str:
    classes.finish_class(one, by)
    return "已办理结业。"


def _opened(one: TrainingClass, by: User) -> str:
    classes.open_class(one, by)
    return "已开班，学员的培训服务已经登记。"


def _certified(one: TrainingClass, by: User) -> str:
    classes.end_certifying(one, by)
    return "发证已结束。"


ACTS: dict[str, tuple[Callable[[TrainingClass, User], str], str]] = {
    "open": (_opened, "training_class"),
    "finish": (_finished, "training_class"),
    "certified": (_certified, "training_certificates"),
    "compute": (_computed, "training_allowance"),
    "approve": (_approved, "training_allowance"),
}


@needs("training.w", "training.a")
@require_POST
def class_act(request: OfficeRequest, pk: int) -> HttpResponse:
    """POST act: the next step of the class; the answer is the page on which it shows."""
    one = class_of(request, pk, "w")
    if request.POST.get("act", "") not in ACTS:
        raise Http404
    act, page = ACTS[request.POST["act"]]
    return acted(request, reverse(f"subsidies:{page}", args=[pk]), partial(act, one, request.user), str)


@needs("training.w", "training.a")
@require_http_methods(["GET", "HEAD", "POST"])
def class_back(request: OfficeRequest, pk: int) -> HttpResponse:
    """取消 a class that has not begun, or 退回考勤 of one that has ended; both ask why."""
    one = class_of(request, pk, "w")
    cancels = one.state == State.PLANNED

    def save(said: dict[str, Any]) -> str:
        act = classes.cancel_class if cancels else classes.reopen_class
        act(one, said["why"], request.user)
        messages.success(request, f"“{one.name}”已{'取消' if cancels else '退回考勤'}。")
        return reverse("subsidies:training") if cancels else crumb(one)["url"]

    told = (
        f"取消后，已报名的{one.taken}人可以参加别的班。"
        if cancels
        else "退回后可以更正考勤，结业和未审批的补贴要重新办理。"
    )
    context = {
        "page_title": f"{'取消培训班' if cancels else '退回考勤'}：{one.name}",
        "told": told,
        "button": "取消培训班" if cancels else "退回考勤",
        "back_url": crumb(one)["url"],
    }
    return form_page(request, WhyForm(sent(request)), save, context, "subsidies/training/why.html")
