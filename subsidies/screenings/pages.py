"""筛查: each scheme of a month with its numbers, the list of people, and one person's page of explanation."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Level, Unit
from jobs.exports import start_export
from jobs.models import Job
from jobs.views.tasks import progress_context
from ledgers.codes import choices
from ledgers.models import Laborer
from ledgers.views.lists import months_of
from ledgers.views.saving import acted, saved
from lib.money import yuan
from lib.month import Month
from subsidies.models import REASONS, SchemeVersion, Screened, Screening
from subsidies.rules import ENTITLED, NOT_ENTITLED, RESULTS, UNPROVEN, period_words
from subsidies.schemes import name_of
from subsidies.screenings import reading
from subsidies.screenings.reasons import note_reason
from subsidies.screenings.starting import key_of, start_screening

PAGE = 50
MONTHS = 24
EXPORTED = ("screening", "unclaimed")
OTHER = "other"  # of two benefits that go together one is claimed (YD-G08)


def trail(*items: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "补贴筛查", "url": reverse("subsidies:screenings")}, *items]


def _month(request: OfficeRequest, *lists: list[Month]) -> Month:
    """The month asked for; else the newest that was screened, else the newest of the ledger."""
    try:
        return Month.parse(request.GET["month"])
    except (KeyError, ValueError):
        return next((months[0] for months in lists if months), Month.current() - 1)


@needs("subsidy.r")
@require_GET
def screenings(request: OfficeRequest) -> HttpResponse:
    """The screenings of a month, scheme by scheme; the county starts them here."""
    user, unit = request.user, request.user.own_unit
    every = Screening.objects.visible_to(user)
    months = sorted(every.order_by().values_list("month", flat=True).distinct(), reverse=True)[:MONTHS]
    kept = months_of(unit)[:6]
    month = _month(request, months, kept)
    found = list(
        every.filter(month=month).select_related("scheme", "unit").order_by("unit__sort_path", "scheme__code")
    )
    counts = reading.results(found, user)
    may_start = user.can("subsidy", "a", unit) and unit.level == Level.COUNTY
    offered = sorted({month, *months, *kept}, reverse=True)
    context = {
        "month": month,
        "months": offered,
        "lines": [
            {
                "screening": one,
                "period": period_words(one.period),
                "entitled": f"{counts[one.pk][ENTITLED]:,}",
                "missing": f"{counts[one.pk][UNPROVEN]:,}",
                "unmet": f"{counts[one.pk][NOT_ENTITLED]:,}",
            }
            for one in found
        ],
        "may_start": may_start,
        "waiting": _not_screened(unit, month, found) if may_start else [],
        "may_export": bool(found) and user.can("subsidy", "x", unit),
        "job": None,
    }
    if may_start:
        context |= _running(request, unit, month)
    return render(request, "subsidies/screenings/list.html", context)


def _not_screened(unit: Unit, month: Month, found: list[Screening]) -> list[SchemeVersion]:
    """Schemes in force whose screening is missing, or was made with an older version."""
    done = {one.scheme_id for one in found}
    return [
        one
        for one in SchemeVersion.objects.in_force(unit, month).for_people().order_by("code")
        if one.pk not in done
    ]


def _running(request: OfficeRequest, unit: Unit, month: Month) -> dict[str, Any]:
    job = Job.objects.visible_to(request.user).filter(key=key_of(unit, month)).order_by("-created_at").first()
    if job is None or job.state == Job.State.DONE:
        return {"job": None}
    shown = progress_context(job, request.user)
    return {"job": job, "meter": shown["meter"], "poll_url": f"{shown['poll_url']}?to=batch"}


@needs("subsidy.a")
@require_POST
def screening_start(request: OfficeRequest) -> HttpResponse:
    month = _posted(request)
    page, told = (
        f"{reverse('subsidies:screenings')}?month={month}",
        f"{month.label}的筛查已经开始，可以离开本页。",
    )
    return acted(request, page, partial(start_screening, request.user.own_unit, month, request.user), told)


def _posted(request: OfficeRequest) -> Month:
    try:
        return Month.parse(request.POST.get("month", ""))
    except ValueError:
        raise Http404 from None


@needs("subsidy.x")
@require_POST
def screening_export(request: OfficeRequest) -> HttpResponse:
    """POST month and kind: the list waits under 我的任务."""
    kind, month = request.POST.get("kind", ""), _posted(request)
    if kind not in EXPORTED:
        raise Http404
    try:
        return redirect("jobs:job", start_export(kind, request.user, request.user.own_unit, month).pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('subsidies:screenings')}?month={month}")


# ── one screening ────────────────────────────────────────────────────────────────────────────────────────────────


class LineFilter(forms.Form):
    """Which people: by result, by what became of it, why not, and where they live."""

    result = forms.ChoiceField(label="筛查结果", required=False, choices=[("", "全部"), *RESULTS.items()])
    state = forms.ChoiceField(
        label="申领情况", required=False, choices=[("", "全部"), *reading.STATES.items()]
    )
    why = forms.ChoiceField(
        label="未申领原因", required=False,
        choices=[("", "全部"), *choices(REASONS), (reading.UNKNOWN, reading.UNKNOWN)],
    )  # fmt: skip
    unit = forms.ChoiceField(label="单位", required=False)

    def __init__(self, units: list[tuple[str, str]], screening: Screening, data: QueryDict) -> None:
        super().__init__(data)
        self.screening = screening
        if other := reading.PAIRS.get(screening.scheme.code):
            told = f"已申请{name_of(other)}，没有申领这一项"
            self.fields["state"].choices += [(OTHER, told)]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["unit"].choices = [("", "全部"), *units]  # type: ignore[attr-defined]  # a ChoiceField

    def chosen(self, lines):
        """The lines of `reading.followed` that are asked for."""
        said = self.cleaned_data
        if said["result"]:
            lines = lines.filter(result=said["result"])
        if said["state"] == OTHER:
            lines = reading.with_the_other(lines, self.screening)
        elif said["state"]:
            lines = lines.exclude(result=NOT_ENTITLED).filter(reading.STATE_CONDITIONS[said["state"]])
        if said["why"]:
            why = None if said["why"] == reading.UNKNOWN else said["why"]
            lines = lines.filter(reading.STATE_CONDITIONS[reading.OPEN], why=why, result=ENTITLED)
        return lines.under(Unit.objects.get(code=said["unit"])) if said["unit"] else lines


@needs("subsidy.r")
@require_GET
def screening(request: OfficeRequest, pk: int) -> HttpResponse:
    """Numbers within the reader's reach, clause by clause, and the list of people."""
    user = request.user
    one = get_object_or_404(
        Screening.objects.visible_to(user).select_related("scheme", "unit", "made_by"), pk=pk
    )
    top = max(one.unit, user.own_unit, key=lambda unit: len(unit.path))
    units = [(unit.code, unit.name) for unit in Unit.objects.filter(parent=top).in_order()]
    form = LineFilter(units, one, request.GET)
    lines = reading.followed(Screened.objects.visible_to(user).filter(screening=one))
    lines = form.chosen(lines) if form.is_valid() else lines
    keys = lines.order_by("village__sort_path", "pk").values_list("pk", flat=True)
    page = Paginator(keys, PAGE).get_page(request.GET.get("page"))
    answered = reading.answers(one, user)
    found = reading.tally(one, user, answered)
    context = {
        "breadcrumbs": trail({"label": f"{one.scheme.name} {one.month.label}"}),
        "screening": one,
        "period": period_words(one.period),
        "people": f"{found.people:,}",
        "cards": _cards(found),
        "reasons": [(reason, f"{count:,}") for reason, count in found.reasons.most_common()],
        "clauses": reading.by_clause(one, answered),
        "form": form,
        "rows": [reading.row(line) for line in _lines(one, list(page))],
        "shown": f"共{page.paginator.count:,}人",
        "prev_url": _to(request, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _to(request, page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "subsidies/screenings/screening.html", context)


def _lines(run: Screening, keys: list[int]) -> list[Any]:
    """The lines of one page in its order, with what became of each."""
    rows = reading.followed(Screened.objects.filter(pk__in=keys)).select_related("laborer", "village__parent")
    found = {line.pk: line for line in rows}
    for line in found.values():
        line.screening = run
    return [found[key] for key in keys]


def _cards(found: reading.Tally) -> list[dict[str, Any]]:
    by_result = [
        {"label": label, "value": f"{found.results[key]:,}", "url": f"?result={key}"}
        for key, label in RESULTS.items()
    ]
    by_state = [
        {"label": label, "value": f"{found.states[key]:,}", "url": f"?result={ENTITLED}&state={key}"}
        for key, label in reading.STATES.items()
    ]
    return by_result + by_state


def _to(request: OfficeRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


# ── one person ───────────────────────────────────────────────────────────────────────────────────────────────────


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(label="为什么还没有申领", choices=choices(REASONS), widget=forms.RadioSelect)
    note = forms.CharField(label="说明", max_length=100, required=False, help_text="选“其他”的要写明。")


@needs("subsidy.r")
@require_GET
def screened(request: OfficeRequest, pk: int) -> HttpResponse:
    """One person and one scheme: clause by clause what is asked, what the ledger has, met or not."""
    return _explained(request, _line(request, pk), ReasonForm())


def _line(request: OfficeRequest, pk: int, letter: str = "r") -> Any:
    lines = reading.followed(Screened.objects.visible_to(request.user, letter))
    return get_object_or_404(
        lines.select_related(
            "screening__scheme__unit", "screening__unit", "laborer", "village__parent__parent"
        ),
        pk=pk,
    )


def _explained(request: OfficeRequest, line: Any, form: ReasonForm, status: int = 200) -> HttpResponse:
    run, user = line.screening, request.user
    shown = reading.row(line)
    may_act = bool(shown["state"] == reading.STATES[reading.OPEN]) and user.can("subsidy", "p", line.village)
    context = {
        "breadcrumbs": trail(
            {
                "label": f"{run.scheme.name} {run.month.label}",
                "url": reverse("subsidies:screening", args=[run.pk]),
            },
            {"label": line.laborer.name},
        ),
        **shown,
        "screening": run,
        "period": period_words(run.period),
        "clauses": reading.explained(line),
        "months": [Month.parse(one).label for one in line.months.split(",") if one],
        "form": form,
        "may_act": may_act,
    }
    return render(request, "subsidies/screenings/line.html", context, status=status)


@needs("subsidy.p")
@require_POST
def screened_reason(request: OfficeRequest, pk: int) -> HttpResponse:
    line = _line(request, pk, "p")
    form = ReasonForm(request.POST)

    def save() -> str:
        note_reason(line, form.cleaned_data["reason"], form.cleaned_data["note"], request.user)
        messages.success(request, f"已登记{line.laborer.name}未申领的原因。")
        return reverse("subsidies:screened", args=[line.pk])

    return saved(request, form, save) or _explained(request, line, form, status=422)


@needs("subsidy.r")
@require_GET
def screened_person(request: OfficeRequest, pk: int) -> HttpResponse:
    """All schemes of one person, from the newest month in which the person was screened."""
    user = request.user
    person = get_object_or_404(
        Laborer.objects.visible_to(user).select_related("village__parent__parent"), pk=pk
    )
    every = Screened.objects.visible_to(user).filter(laborer=person)
    months = sorted(every.order_by().values_list("screening__month", flat=True).distinct(), reverse=True)[
        :MONTHS
    ]
    month = _month(request, months)
    lines = reading.followed(every.filter(screening__month=month))
    found = list(
        lines.select_related("screening__scheme", "laborer").order_by("screening__scheme__code", "pk")
    )
    context = {
        "breadcrumbs": trail({"label": person.name}),
        "person": person,
        "month": month,
        "months": months,
        "rows": [reading.row(line) | {"clauses": reading.explained(line)} for line in found],
        "total": yuan(sum(line.amount for line in found if line.result == ENTITLED)),
    }
    return render(request, "subsidies/screenings/person.html", context)
