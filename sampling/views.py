"""Spot checks: campaigns, the table of results, the calls behind each number, and the page of one call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import wall
from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Unit
from accounts.views.reveal import revealed
from jobs.exports import start_export
from ledgers.models import MonthlyRecord
from ledgers.once import new_token
from ledgers.views.saving import saved, sent
from lib.charts import meter
from lib.rates import Rate
from sampling import actions
from sampling.forms import CallForm, CampaignForm
from sampling.models import MODES, SELECTIONS, Call, Campaign
from sampling.results import GRAND_TOTAL, Line, table
from sampling.tables import BEHIND, counts

PAGE = 50
WORDS = {
    "all": "全部",
    "connected": "接通",
    "missed": "未接通",
    "place": "务工地一致",
    "time": "务工时间一致",
    "aware": "知晓政策",
    "waiting": "未拨打",
}


def _only_sampler(request: OfficeRequest) -> bool:
    return request.user.roles == {"sampler"}


@needs("sampling.r")
@require_GET
def campaigns(request: OfficeRequest) -> HttpResponse:
    mine = Call.objects.visible_to(request.user).order_by().values("pk")
    seen = Q(calls__in=mine)
    rows = (
        Campaign.objects.visible_to(request.user)
        .select_related("unit")
        .annotate(
            drawn=Count("calls", filter=seen),
            called=Count("calls", filter=seen & Q(calls__connected__isnull=False)),
            reached=Count("calls", filter=seen & Q(calls__connected=True)),
        )
        .order_by("-month", "-created_at", "-pk")[:100]
    )
    lines = [
        {
            "campaign": row,
            "drawn": row.drawn,
            "waiting": row.drawn - row.called,
            "rate": Rate(row.reached, row.drawn).text,
            "meter": meter(row.called, row.drawn),
            "left": days_left(row.due_on),
        }
        for row in rows
    ]
    may_open = request.user.can("sampling", "w") and not _only_sampler(request)
    return render(request, "sampling/list.html", {"lines": lines, "may_open": may_open})


def days_left(due: dt.date | None) -> str:
    """还剩 3 天, 今天截止, 已截止; nothing without a due date."""
    if due is None:
        return ""
    days = (due - timezone.localdate()).days
    return f"还剩 {days} 天" if days > 0 else "今天截止" if days == 0 else "已截止"


@dataclass
class Row:
    """A line of the table with the address of the calls behind its numbers."""

    line: Line
    url: str


@needs("sampling.r")
@require_GET
def campaign(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _campaign(request, pk)
    calls = Call.objects.visible_to(request.user).filter(campaign=one)
    if _only_sampler(request):
        return redirect("sampling:calls", one.pk)
    found = counts(calls)
    whole = request.user.can("sampling", "r", one.unit)
    lines = table(found.values(), GRAND_TOTAL if whole else "")
    units = {(number.county, number.township): unit for unit, number in found.items()}
    context = {
        "breadcrumbs": _crumbs(one)[:2],
        "campaign": one,
        "rows": [Row(line, _behind(one, line, units)) for line in lines],
        "waiting": calls.filter(connected=None).count(),
        "left": days_left(one.due_on),
        "may_export": request.user.can("sampling", "x", one.unit),
        "may_import": request.user.can("sampling", "i", one.unit),
    }
    return render(request, "sampling/campaign.html", context)


def _campaign(request: OfficeRequest, pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.visible_to(request.user).select_related("unit"), pk=pk)


def _crumbs(one: Campaign) -> list[dict[str, str]]:
    return [
        {"label": "抽查", "url": reverse("sampling:list")},
        {"label": one.name, "url": reverse("sampling:campaign", args=[one.pk])},
        {"label": "通话名单", "url": reverse("sampling:calls", args=[one.pk])},
    ]


def _behind(one: Campaign, line: Line, units: dict[tuple[str, str], Unit]) -> str:
    """The list of calls of a line's unit; `show` is added for each number."""
    address = reverse("sampling:calls", args=[one.pk])
    if line.kind == "all":
        return f"{address}?"
    unit = units.get((line.county, line.township))
    unit = unit or next(unit.parent for (county, _), unit in units.items() if county == line.county)
    return f"{address}?unit={unit.code}&" if unit else f"{address}?"


@needs("sampling.r")
@require_GET
def calls(request: OfficeRequest, pk: int) -> HttpResponse:
    """The calls behind a number, or the sampler's own list: those still to make first."""
    one = _campaign(request, pk)
    show = request.GET.get("show", "") if request.GET.get("show") in WORDS else "all"
    found = Call.objects.visible_to(request.user).filter(campaign=one)
    unit = None
    if code := request.GET.get("unit", ""):
        unit = get_object_or_404(Unit, code=code, pk__in=_units_of(found))
        found = found.under(unit)
    tabs = _tabs(request, found, show)
    found = found.filter(BEHIND[show])
    rows, links = _page(found, request)
    context = {
        "breadcrumbs": _crumbs(one),
        "campaign": one,
        "unit": unit,
        "tabs": tabs,
        "rows": rows,
        "shown": f"共 {found.count():,} 人次",
        "left": days_left(one.due_on),
        "may_call": request.user.can("sampling", "w"),
        **links,
    }
    return render(request, "sampling/calls.html", context)


def _units_of(found: QuerySet) -> set[int]:
    """Townships of these calls, and the units they report to."""
    pairs = Unit.objects.filter(pk__in=found.order_by().values("township")).values_list("pk", "parent")
    return {pk for pair in pairs for pk in pair if pk}


def _tabs(request: OfficeRequest, found: QuerySet, show: str) -> list[dict]:
    numbers = found.order_by().aggregate(
        **{f"n_{word}": Count("pk", filter=where) for word, where in BEHIND.items()}
    )
    query = {"unit": request.GET["unit"]} if request.GET.get("unit") else {}
    return [
        {
            "label": label,
            "url": f"?{urlencode(query | {'show': word})}",
            "active": word == show,
            "count": numbers[f"n_{word}"],
        }
        for word, label in WORDS.items()
    ]


def _page(found: QuerySet, request: OfficeRequest) -> tuple[list[Call], dict[str, str]]:
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal() and len(after) < 19:
        found = found.filter(pk__gt=int(after))
    rows = list(found.select_related("laborer", "village", "township").order_by("pk")[: PAGE + 1])
    query = {key: request.GET[key] for key in ("unit", "show") if request.GET.get(key)}
    more = len(rows) > PAGE
    return rows[:PAGE], {
        "prev_url": f"?{urlencode(query)}" if after else "",
        "next_url": f"?{urlencode(query | {'after': rows[PAGE - 1].pk})}" if more else "",
    }


@needs("sampling.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: OfficeRequest) -> HttpResponse:
    unit = request.user.own_unit
    if _only_sampler(request):
        raise Http404
    first = {"selection": SELECTIONS[0], "mode": MODES[0]}
    form = CampaignForm(sent(request), initial={"form_token": new_token(), **first})
    if done := saved(request, form, lambda: _open(request, unit, form)):
        return done
    status = 422 if form.errors else 200
    crumbs = [{"label": "抽查", "url": reverse("sampling:list")}, {"label": "新建抽查"}]
    context = {"form": form, "unit": unit, "breadcrumbs": crumbs}
    return render(request, "sampling/campaign_new.html", context, status=status)


def _open(request: OfficeRequest, unit: Unit, form: CampaignForm) -> str:
    data = form.cleaned_data
    made = actions.open_campaign(
        unit,
        data["month"],
        data["name"],
        request.user,
        selection=data["selection"],
        mode=data["mode"],
        due_on=data["due_on"],
    )
    messages.success(request, f"已建立“{made.name}”。结果通过导入“抽查结果”工作簿登记。")
    return reverse("sampling:campaign", args=[made.pk])


@needs("sampling.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: OfficeRequest, pk: int) -> HttpResponse:
    """One call: the number first, then the questions; saved, the next one of the list opens."""
    one = get_object_or_404(
        Call.objects.visible_to(request.user).select_related(
            "campaign__unit", "laborer", "village__parent", "township", "caller"
        ),
        pk=pk,
    )
    if not actions.may_record(request.user, one):
        raise Http404
    form = CallForm(sent(request), initial=_initial(one))
    try:
        if done := saved(request, form, lambda: _save(request, one, form)):
            return done
    except actions.Conflict:
        return _conflict(request, one, form)
    context = {
        "breadcrumbs": [*_crumbs(one.campaign), {"label": one.laborer.name}],
        "call": one,
        "record": _record(one),
        "form": form,
        "left": days_left(one.campaign.due_on),
        "remaining": _waiting(request, one).count(),
        "span": f"phone-{one.pk}",
    }
    return render(request, "sampling/call.html", context, status=422 if form.errors else 200)


def _record(one: Call) -> MonthlyRecord | None:
    """What the ledger said of the month that is checked."""
    with wall.opened("the month of the person who is called, who may have moved since"):
        return MonthlyRecord.objects.filter(laborer=one.laborer_id, month=one.campaign.month).first()


def _initial(one: Call) -> dict[str, str]:
    flags = {True: "1", False: "0", None: ""}
    values = {name: flags[getattr(one, name)] for name in ("connected", *actions.HITS)}
    seen = one.called_at.isoformat() if one.called_at else ""
    rest = {"satisfaction": one.satisfaction, "note": one.note, "seen": seen, "form_token": new_token()}
    return values | rest


def _waiting(request: OfficeRequest, one: Call) -> QuerySet:
    return (
        Call.objects.visible_to(request.user)
        .filter(campaign=one.campaign_id, connected=None)
        .exclude(pk=one.pk)
    )


def _save(request: OfficeRequest, one: Call, form: CallForm) -> str:
    seen = parse_datetime(form.cleaned_data["seen"]) if form.cleaned_data["seen"] else None
    actions.record_call(one, form.answers(), request.user, seen)
    waiting = _waiting(request, one).order_by("pk")
    following = waiting.filter(pk__gt=one.pk).first() or waiting.first()
    if following:
        messages.success(request, f"{one.laborer.name}已登记，下一位：{following.laborer.name}。")
        return reverse("sampling:call", args=[following.pk])
    messages.success(request, f"{one.laborer.name}已登记，名单上的电话都打完了。")
    return reverse("sampling:calls", args=[one.campaign_id])


def _conflict(request: OfficeRequest, one: Call, form: CallForm) -> HttpResponse:
    stored, conflicts = _initial(one), []
    for name, field in form.fields.items():
        mine = form.cleaned_data.get(name, "")
        if field.label and mine != stored[name]:
            words = dict(getattr(field, "choices", ()))
            theirs = words.get(stored[name], stored[name]) or "（空）"
            conflicts.append(
                {"label": field.label, "theirs": theirs, "mine": words.get(mine, mine) or "（空）"}
            )
    context = {
        "saved_by": one.caller.name if one.caller else "",
        "conflicts": conflicts,
        "back_url": reverse("sampling:call", args=[one.pk]),
    }
    return render(request, "409.html", context, status=409)


@needs("sampling.w")
@require_POST
def reveal(request: OfficeRequest, pk: int) -> HttpResponse:
    """The whole telephone number of somebody to be called, for a reason that is noted."""
    one = get_object_or_404(
        Call.objects.visible_to(request.user).select_related("laborer", "campaign__unit", "township"), pk=pk
    )
    if not actions.may_record(request.user, one):
        raise Http404
    return revealed(
        request,
        element=f"phone-{one.pk}",
        label="联系电话",
        value=lambda: one.laborer.phone,
        subject_type="laborer",
        subject_id=one.laborer_id,
        field="phone",
        unit=request.user.home_unit,
        right=("sampling", "w"),
    )


@needs("sampling.x")
@require_POST
def export(request: OfficeRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Campaign.objects.visible_to(request.user, "x").select_related("unit"), pk=pk)
    try:
        job = start_export("sampling-results", request.user, one.unit, one.month)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("sampling:campaign", one.pk)
    return redirect("jobs:job", job.pk)
