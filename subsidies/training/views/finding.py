"""What the pages of training share: rows within reach, refusals, places to go."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.access import OfficeRequest
from accounts.models import Unit
from subsidies.models import Enrolment, TrainingClass, TrainingPlan
from subsidies.models.training import EnrolmentQuerySet

PAGE = 50
TONES = {
    "planned": "warn",
    "open": "info",
    "finished": "info",
    "certified": "info",
    "settled": "good",
    "void": "",
}


def home() -> dict[str, str]:
    return {"label": "培训", "url": reverse("subsidies:training")}


def crumb(one: TrainingClass) -> dict[str, str]:
    return {"label": one.name, "url": reverse("subsidies:training_class", args=[one.pk])}


def tabs(here: str) -> list[dict[str, Any]]:
    """培训班 and 培训计划."""
    return [
        {"label": label, "url": reverse(f"subsidies:{name}"), "active": name == here}
        for label, name in (("培训班", "training"), ("培训计划", "training_plans"))
    ]


def class_of(request: OfficeRequest, pk: int, letter: str = "r") -> TrainingClass:
    found = TrainingClass.objects.visible_to(request.user, letter).select_related("unit", "plan__unit")
    return get_object_or_404(found, pk=pk)


def plan_of(request: OfficeRequest, pk: int, letter: str = "r") -> TrainingPlan:
    found = TrainingPlan.objects.visible_to(request.user, letter)
    return get_object_or_404(found.select_related("unit", "made_by", "approved_by"), pk=pk)


def enrolment_of(request: OfficeRequest, pk: int, letters: str) -> Enrolment:
    """An enrolment of a village within reach, by any of these letters."""
    reach = Q(pk__in=[])
    for letter in letters:
        reach |= Q(pk__in=Enrolment.objects.visible_to(request.user, letter).order_by().values("pk"))
    found = Enrolment.objects.filter(reach).select_related("laborer", "village", "training_class__unit")
    return get_object_or_404(found, pk=pk)


def learners_of(request: OfficeRequest, one: TrainingClass) -> EnrolmentQuerySet:
    """Those of the class whom the user sees."""
    rows: EnrolmentQuerySet = Enrolment.objects.visible_to(request.user).filter(training_class=one)
    return rows.select_related("laborer", "village", "completion__certificate", "allowance").order_by(
        "village__sort_path", "pk"
    )


def concerning(rows: QuerySet, unit: Unit) -> QuerySet:
    """Plans or classes of `unit`, of those below it and of those above it."""
    return rows.filter(Q(unit__path__startswith=unit.path) | Q(unit__code__in=unit.ancestor_codes))


def day_of(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def year_of(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and 2000 <= int(text) <= 2999 else default


def page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
