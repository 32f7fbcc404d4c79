"""打印与台账: everything that can be printed or taken out for a unit and month, and the 交接单 with their answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import actions as accounts
from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from jobs.exports import start_export
from ledgers import handover, work
from ledgers.exports.handover import told
from ledgers.exports.registers import GROUP
from ledgers.fields import day_field
from ledgers.models import Handover, HandoverLine, Laborer
from ledgers.models.handover import ENTERED, WAITING
from ledgers.views.lists import months_of, unit_choices, unit_of
from lib.month import SHANGHAI, Month
from lib.staging import EXPORTS, Export

SHOWN, PAGE = 12, 50
PRINT_REASON = "打印采集表"


class PapersFilter(forms.Form):
    """Which unit and month the page is about."""

    unit = forms.ChoiceField(label="单位")
    month = forms.ChoiceField(label="月份")

    def __init__(self, unit: Unit, month: Month, units: list[tuple[str, str]], months: list[Month]) -> None:
        super().__init__(auto_id="filter_%s", initial={"unit": unit.code, "month": str(month)})
        self.fields["unit"] = forms.ChoiceField(label="单位", choices=units)
        self.fields["month"] = forms.ChoiceField(
            label="月份", choices=[(str(one), one.label) for one in months]
        )


class SinceForm(forms.Form):
    """Since which day the changes are gathered."""

    since = day_field("异动起始日期")


class ReceiptForm(forms.Form):
    """On which day everything that waits was keyed in."""

    day = day_field("录入日期")


@dataclass
class Sent:
    """A 交接单 in the list: how many people, how many still wait."""

    handover: Handover
    people: int
    waiting: int


@needs("person.r")
@require_GET
def papers(request: OfficeRequest) -> HttpResponse:
    user, unit = request.user, unit_of(request.user, request.GET.get("unit", ""))
    months = months_of(unit) or [Month.current()]
    month = _chosen(request.GET.get("month", ""), months)
    may_take = user.can("person", "x", unit)
    since = timezone.localdate(handover.last_moment(unit, month))
    context = {
        "unit": unit,
        "month": month,
        "form": PapersFilter(unit, month, unit_choices(user, unit), months),
        "may_print": user.can("person", "u", unit) and unit.level in work.PRINTS_FOR,
        "may_choose_below": user.can("person", "u", unit) and unit.level not in work.PRINTS_FOR,
        "who": [{"value": key, "label": label} for key, label in work.WHO.items()],
        "sheet": _offered(user, unit, EXPORTS["month-sheet"]),
        "ledgers": [one for one in _ledgers() if _offered(user, unit, one)],
        "may_hand_over": may_take,
        "since": SinceForm(initial={"since": since}, auto_id="handover_%s"),
        "sent": _sent(user, unit) if may_take else [],
    }
    return render(request, "ledgers/papers.html", context)


def _chosen(text: str, months: list[Month]) -> Month:
    return next((month for month in months if str(month) == text), months[0])


def _ledgers() -> list[Export]:
    return [export for export in EXPORTS.values() if export.group == GROUP]


def _offered(user: User, unit: Unit, export: Export) -> Export | None:
    return export if user.can(*export.right, unit) and unit.level in (export.levels or [unit.level]) else None


def _sent(user: User, unit: Unit) -> list[Sent]:
    made = Handover.objects.visible_to(user, "x").under(unit).select_related("unit", "made_by")
    counted = made.annotate(people=Count("lines"), waiting=Count("lines", filter=Q(lines__result=WAITING)))
    return [Sent(one, one.people, one.waiting) for one in counted.order_by("-until", "-pk")[:SHOWN]]


# ── asking for papers ────────────────────────────────────────────────────────────────────────────────────────────


def _unit_and_month(request: OfficeRequest, letter: str) -> tuple[Unit, Month]:
    """What the form names, within reach; nonsense is as missing as what is out of reach."""
    reach = Unit.objects.visible_to(request.user, "person", letter)
    unit = get_object_or_404(reach, code=request.POST.get("unit", ""))
    try:
        return unit, Month.parse(request.POST.get("month", ""))
    except ValueError:
        raise Http404 from None


def _back(unit: Unit, month: Month) -> str:
    return f"{reverse('ledgers:papers')}?unit={unit.code}&month={month}"


@needs("person.u")
@require_POST
def print_unit(request: OfficeRequest) -> HttpResponse:
    """POST unit, month, who: the 采集表 of a village or township, one PDF."""
    unit, month = _unit_and_month(request, "u")
    who = request.POST.get("who", work.ALL)
    if who not in work.WHO:
        raise Http404
    try:
        return redirect("jobs:job", work.start_printing(unit, month, request.user, who).pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(unit, month))


@needs("person.u")
@require_POST
def print_person(request: OfficeRequest, pk: int, month: Month) -> HttpResponse:
    """One person's 采集表: a look at the numbers, noted and counted as one."""
    people = Laborer.objects.visible_to(request.user, "u").select_related("village")
    person = get_object_or_404(people, pk=pk)
    try:
        accounts.reveal(request.user, "laborer", person.pk, "id_no", person.village, PRINT_REASON)
        return redirect("jobs:job", work.start_printing_one(person, month, request.user).pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('ledgers:laborer', args=[pk])}?month={month}")


@needs("person.u", "person.x", "post.x")
@require_POST
def take(request: OfficeRequest) -> HttpResponse:
    """POST unit, month, what: a ledger, a list or the month's workbook; it waits under 我的任务."""
    export = EXPORTS.get(request.POST.get("what", ""))
    if export is None or not export.group:
        raise Http404
    reach = Unit.objects.visible_to(request.user, *export.right)
    unit = get_object_or_404(reach, code=request.POST.get("unit", ""))
    try:
        month = Month.parse(request.POST.get("month", ""))
        return redirect("jobs:job", start_export(export.name, request.user, unit, month).pk)
    except ValueError:
        raise Http404 from None
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(unit, month))


# ── 异动 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("person.x")
@require_POST
def handover_new(request: OfficeRequest) -> HttpResponse:
    """POST unit, month, since: everybody who changed since that day, as a workbook with a number."""
    unit, month = _unit_and_month(request, "x")
    form = SinceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写异动起始日期。")
        return redirect(_back(unit, month))
    try:
        job = work.start_handover(unit, month, _since(unit, month, form.cleaned_data["since"]), request.user)
        return redirect("jobs:job", job.pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(_back(unit, month))


def _since(unit: Unit, month: Month, day: dt.date) -> dt.datetime:
    """The beginning of the day; on the day of the last 交接单 the moment where that ended, so that nobody is twice."""
    last = handover.last_moment(unit, month)
    return last if timezone.localdate(last) == day else dt.datetime.combine(day, dt.time(), SHANGHAI)


def _handover(request: OfficeRequest, pk: int) -> Handover:
    reach = Handover.objects.visible_to(request.user, "x").select_related("unit", "made_by")
    return get_object_or_404(reach, pk=pk)


@needs("person.x")
@require_GET
def handover_page(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _handover(request, pk)
    lines: QuerySet[HandoverLine] = HandoverLine.objects.filter(handover=found)
    results = dict(lines.order_by().values_list("result").annotate(Count("pk")))
    ordered = lines.select_related("laborer__village").order_by(
        "laborer__village__sort_path", "laborer__household__number", "laborer_id"
    )
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page", ""))
    context = {
        "breadcrumbs": [
            {"label": "打印与台账", "url": _back(found.unit, found.month)},
            {"label": found.number},
        ],
        "handover": found,
        "lines": [{"line": line, "told": told(line)} for line in page],
        "total": page.paginator.count,
        "waiting": results.get(WAITING, 0),
        "entered": results.get(ENTERED, 0),
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "receipt": ReceiptForm(initial={"day": timezone.localdate()}),
    }
    return render(request, "ledgers/handover.html", context)


@needs("person.x")
@require_POST
def handover_receive(request: OfficeRequest, pk: int) -> HttpResponse:
    """POST day: everything that still waits is in the other system."""
    found = _handover(request, pk)
    form = ReceiptForm(request.POST)
    try:
        if form.is_valid():
            number = handover.receive_all(found, form.cleaned_data["day"], request.user)
            messages.success(request, f"已登记{number}人入库。" if number else "没有待录入的人，未作改动。")
        else:
            messages.error(request, "请填写录入日期。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("ledgers:handover", pk)


@needs("person.x")
@require_POST
def handover_again(request: OfficeRequest, pk: int) -> HttpResponse:
    """The workbook of a 交接单 once more, with the answers so far."""
    found = _handover(request, pk)
    try:
        return redirect("jobs:job", work.start_handover_again(found, request.user).pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("ledgers:handover", pk)
