"""培训考勤: one day of a class on one screen; a thumb is enough."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import OfficeRequest, needs
from ledgers.views.saving import acted
from subsidies.models import Enrolment, TrainingClass, TrainingDay
from subsidies.training import attending
from subsidies.training.views.finding import class_of, crumb, day_of, home, learners_of


@needs("training.r")
@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: OfficeRequest, pk: int) -> HttpResponse:
    """GET shows a day: as `day` says, else the first that lacks marks, else the last that was.

    POST day and marks, with rest=到 for all others.
    """
    one = class_of(request, pk)
    may_write = request.user.can("training", "w", one.unit) and one.state == TrainingClass.State.OPEN
    if request.method == "POST":
        if not may_write:
            raise Http404
        return _save(request, one)
    rows = learners_of(request, one).filter(state=Enrolment.State.ENROLLED)
    held = TrainingDay.objects.filter(enrolment__in=rows.order_by().values("pk"))
    missing = _missing(held)
    day = day_of(request.GET.get("day", "")) or _first(one, missing)
    marks = dict(held.filter(day=day).values_list("enrolment", "mark")) if day else {}
    present = dict(
        held.filter(mark=TrainingDay.PRESENT).order_by().values("enrolment").annotate(n=Count("pk"))
        .values_list("enrolment", "n")
    )  # fmt: skip
    lines = [
        {
            "row": row,
            "held": row.pk in marks,
            "mark": marks.get(row.pk, ""),
            "days": present.get(row.pk, 0) if row.days is None else row.days,
        }
        for row in rows
    ]
    context = {
        "breadcrumbs": [home(), crumb(one), {"label": "考勤"}],
        "one": one,
        "day": day,
        "lines": lines,
        "days": _days(one, day, missing),
        "may_write": may_write and day is not None and day <= timezone.localdate(),
        "marks": TrainingDay.MARKS,
    }
    return render(request, "subsidies/training/attendance.html", context)


def _missing(held: QuerySet[TrainingDay]) -> set[dt.date]:
    """The days on which somebody has no mark yet."""
    return set(held.filter(mark="", enrolment__days=None).order_by().values_list("day", flat=True).distinct())


def _first(one: TrainingClass, missing: set[dt.date]) -> dt.date | None:
    """The first class day so far that lacks marks, else the last so far; before the first one that."""
    past = [day for day in one.dates if day <= timezone.localdate()]
    if open_days := [day for day in past if day in missing]:
        return open_days[0]
    return past[-1] if past else one.dates[0] if one.dates else None


def _days(one: TrainingClass, chosen: dt.date | None, missing: set[dt.date]) -> list[dict[str, object]]:
    """The class days, and whether marks are missing."""
    today = timezone.localdate()
    here = reverse("subsidies:training_attendance", args=[one.pk])
    return [
        {
            "label": f"{day.month}月{day.day}日",
            "url": f"{here}?day={day}",
            "active": day == chosen,
            "count": "" if day > today else "未登记" if day in missing else "✓",
        }
        for day in one.dates
    ]


def _save(request: OfficeRequest, one: TrainingClass) -> HttpResponse:
    day = day_of(request.POST.get("day", ""))
    if day is None:
        raise Http404
    marks = {
        int(key[4:]): str(mark)
        for key, mark in request.POST.items()
        if key.startswith("mark") and key[4:].isascii() and key[4:].isdecimal() and len(key) < 23
    }
    if request.POST.get("rest") == TrainingDay.PRESENT:
        rows = TrainingDay.objects.filter(enrolment__training_class=one, enrolment__state="enrolled", day=day)
        unmarked = rows.filter(mark="").values_list("enrolment", flat=True)
        marks = dict.fromkeys(unmarked, str(TrainingDay.PRESENT)) | marks
    here = reverse("subsidies:training_attendance", args=[one.pk])
    mark = partial(attending.mark, one, day, marks, request.user)
    return acted(request, f"{here}?day={day}", mark, f"{day.month}月{day.day}日的考勤已保存。", here)
