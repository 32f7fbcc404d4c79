"""补贴政策: what is in force, and one version with its conditions, tariff, documents and trials."""

from __future__ import annotations

from functools import partial

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.models import Unit
from ledgers.views.lists import months_of
from ledgers.views.saving import acted, saved
from lib.month import Month, MonthFormField
from lib.rendering import MonthInput
from subsidies.models import SchemeVersion, Trial
from subsidies.rules import WINDOWS
from subsidies.schemes import actions, reading

PAGE = 50
State = SchemeVersion.State


def trail(*items: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "补贴政策", "url": reverse("subsidies:schemes")}, *items]


@needs("scheme.r")
@require_GET
def schemes(request: OfficeRequest) -> HttpResponse:
    """One line per scheme and office of the user's line."""
    versions = reading.readable(request.user).select_related("unit")
    found = reading.lines(
        versions.order_by("unit__sort_path", "code", "from_month", "version"), Month.current()
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "lines": page.object_list,
        "may_write": request.user.can("scheme", "w", request.user.own_unit),
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "subsidies/schemes/list.html", context)


class TrialForm(forms.Form):
    """Over which months a draft is tried."""

    first = MonthFormField(label="试算从哪个月", widget=MonthInput)
    last = MonthFormField(label="到哪个月", widget=MonthInput)


def version_of(request: OfficeRequest, pk: int, letter: str = "r") -> SchemeVersion:
    found = (
        reading.readable(request.user)
        if letter == "r"
        else SchemeVersion.objects.visible_to(request.user, letter)
    )
    return get_object_or_404(found.select_related("unit", "written_by", "approved_by"), pk=pk)


@needs("scheme.r")
@require_GET
def scheme(request: OfficeRequest, pk: int) -> HttpResponse:
    one = version_of(request, pk)
    is_draft = one.state == State.DRAFT
    return _page(request, one, TrialForm(initial=_last_year(one.unit) if is_draft else None))


def _last_year(unit: Unit) -> dict[str, Month]:
    """The last months that the ledger of the unit has: a year of them, or as many as there are."""
    kept = months_of(unit)[: actions.LONGEST_TRIAL] or [Month.current()]
    return {"first": kept[-1], "last": kept[0]}


def _page(request: OfficeRequest, one: SchemeVersion, form: TrialForm, status: int = 200) -> HttpResponse:
    user, rule = request.user, one.terms
    versions = reading.readable(user).filter(unit=one.unit, code=one.code).order_by("-version")
    trials = Trial.objects.visible_to(user).filter(scheme=one).select_related("made_by").order_by("-pk")
    is_draft = one.state == State.DRAFT
    may_write = user.can("scheme", "w", one.unit)
    context = {
        "breadcrumbs": trail({"label": one.name}),
        "scheme": one,
        "window": WINDOWS[rule.window],
        "clauses": [
            {"title": clause.title, "asked": clause.asked(asked), "basis": asked.get("basis", "")}
            for clause, asked in rule.clauses
        ],
        "tariff": reading.tariff_rows(one.rule),
        "versions": versions,
        "trials": trials[:10],
        "form": form,
        "is_draft": is_draft,
        "may_edit": is_draft and may_write,
        "may_approve": is_draft and user.can("scheme", "a", one.unit) and one.written_by_id != user.pk,
        "may_follow": one.state == State.APPROVED and actions.follower_of(one, user) is not None,
    }
    return render(request, "subsidies/schemes/version.html", context, status=status)


@needs("scheme.w")
@require_POST
def scheme_try(request: OfficeRequest, pk: int) -> HttpResponse:
    """Start a trial run; its page waits until it is done."""
    one = version_of(request, pk, "w")
    form = TrialForm(request.POST)

    def start() -> str:
        trial = actions.start_trial(one, form.cleaned_data["first"], form.cleaned_data["last"], request.user)
        return reverse("subsidies:trial", args=[trial.pk])

    return saved(request, form, start) or _page(request, one, form, status=422)


@needs("scheme.a")
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_approve(request: OfficeRequest, pk: int) -> HttpResponse:
    """Say what will happen; POST lets it take effect."""
    one = version_of(request, pk, "a")
    back = reverse("subsidies:scheme", args=[one.pk])
    if request.method == "POST":
        told = f"已批准，{one.from_month.label}起执行。以前的申请按原来的版本办理。"
        return acted(request, back, partial(actions.approve, one, request.user), told)
    current = SchemeVersion.objects.in_force(one.unit, one.from_month).filter(code=one.code).first()
    trial = Trial.objects.filter(scheme=one, finished_at__isnull=False).order_by("-pk").first()
    context = {
        "breadcrumbs": trail({"label": one.name, "url": back}, {"label": "批准"}),
        "scheme": one,
        "facts": [
            {"label": "从哪个月起执行", "value": one.from_month.label},
            {"label": "接替", "value": f"第{current.version}版" if current else "新设"},
            {"label": "试算人数", "value": f"{trial.people:,}" if trial else "—", "unit": "人"},
        ],
        "trial": trial,
        "action": request.path,
        "back": back,
    }
    return render(request, "subsidies/schemes/approve.html", context)


@needs("scheme.w")
@require_POST
def scheme_void(request: OfficeRequest, pk: int) -> HttpResponse:
    one = version_of(request, pk, "w")
    page, told = reverse("subsidies:schemes"), f"第{one.version}版草稿已作废。"
    return acted(request, page, partial(actions.void, one, request.user), told)
