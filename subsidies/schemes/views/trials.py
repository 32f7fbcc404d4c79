"""试算结果: who would gain or lose against the version in force and how much, by unit, and the list of people."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, needs
from accounts.models import Unit
from jobs.models import Job
from jobs.views.tasks import progress_context
from lib.charts import meter
from lib.money import yuan
from subsidies.models import Trial, TrialLine
from subsidies.schemes import comparing
from subsidies.schemes.actions import key_of
from subsidies.schemes.trials import digest_of
from subsidies.schemes.views.pages import trail

PAGE = 50


class LineFilter(forms.Form):
    """Which people of a trial: what changes for them, and where they live."""

    change = forms.ChoiceField(label="变化", required=False, choices=[("", "全部"), *comparing.KINDS.items()])
    unit = forms.ChoiceField(label="单位", required=False)

    def __init__(self, units: list[tuple[str, str]], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", "全部"), *units]  # type: ignore[attr-defined]  # a ChoiceField


@needs("scheme.r")
@require_GET
def trial(request: OfficeRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(
        Trial.objects.visible_to(request.user).select_related("scheme", "against", "unit", "made_by"), pk=pk
    )
    context = {
        "breadcrumbs": trail(
            {"label": one.scheme.name, "url": reverse("subsidies:scheme", args=[one.scheme_id])},
            {"label": "试算"},
        ),
        "trial": one,
        "is_stale": digest_of(one.scheme) != one.digest,
    }
    if one.finished_at is None:
        return render(request, "subsidies/schemes/trial_waits.html", context | _waiting(request, one))
    units, total = comparing.sums(one, request.user)
    form = LineFilter([(row.code, row.name) for row in units], request.GET)
    lines = comparing.seen(one, request.user).select_related("laborer", "village__parent")
    if form.is_valid():
        if form.cleaned_data["change"]:
            lines = lines.filter(comparing.CONDITIONS[form.cleaned_data["change"]])
        if form.cleaned_data["unit"]:
            lines = lines.under(Unit.objects.get(code=form.cleaned_data["unit"]))
    page = Paginator(lines.order_by("village__sort_path", "pk"), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    context |= {
        "units": units,
        "people": f"{one.people:,}",
        "total": total,
        "form": form,
        "lines": [_row(line) for line in page],
        "shown": f"共{page.paginator.count:,}人",
        "prev_url": _to(query, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _to(query, page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "subsidies/schemes/trial.html", context)


def _waiting(request: OfficeRequest, one: Trial) -> dict[str, object]:
    """The job while it runs; to others than who asked for it, that it does."""
    job = Job.objects.visible_to(request.user).filter(key=key_of(one)).order_by("-created_at").first()
    if job is None:
        return {"job": None, "meter": meter(0, 0), "poll_url": ""}
    shown = progress_context(job, request.user)
    return {"job": job, "meter": shown["meter"], "poll_url": f"{shown['poll_url']}?to=batch"}


def _row(line: TrialLine) -> dict[str, object]:
    change = line.after - line.before
    return {
        "line": line,
        "before": yuan(line.before),
        "after": yuan(line.after),
        "change": ("+" if change > 0 else "") + yuan(change),
        "tone": "good" if change > 0 else "bad" if change < 0 else "",
    }


def _to(query, number: int) -> str:
    query["page"] = str(number)
    return f"?{query.urlencode()}"
