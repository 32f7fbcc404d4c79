"""Wishes for training, and what answers them: a place in a class, noted as 就业服务记录 (the clock of YD-J03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Unit, User
from ledgers import codes, serving
from ledgers.models import Intention, Laborer
from subsidies.models import Enrolment, TrainingClass
from subsidies.training.rules import ANSWER_DAYS


def wishes(user: User, unit: Unit, one: TrainingClass | None = None) -> QuerySet[Intention]:
    """Who below `unit` wishes for training and holds no place since, longest waiting first."""
    reach = Laborer.objects.visible_to(user).under(unit).filter(pk=OuterRef("pk"), person_state=codes.NORMAL)
    # asked of each wish, which are few, not of everybody in reach
    found = Intention.objects.filter(Exists(reach), wants_training=True, wish_registered_at__isnull=False)
    held = Enrolment.objects.filter(
        laborer=OuterRef("pk"), state__in=Enrolment.HOLDING, proposed_at__gte=OuterRef("wish_registered_at")
    )
    found = found.exclude(Exists(held))
    if one is not None:
        found = found.exclude(Exists(one.enrolments.filter(laborer=OuterRef("pk")).standing()))
    return found.select_related("laborer__village__parent").order_by("wish_registered_at", "pk")


def waited(since: dt.datetime | None) -> int:
    """Whole days a wish has waited until today."""
    return (timezone.localdate() - timezone.localdate(since)).days if since else 0


def is_late(since: dt.datetime | None) -> bool:
    return waited(since) > ANSWER_DAYS


def note_services(rows: Iterable[Enrolment], one: TrainingClass, by: User, on: dt.date | None = None) -> None:
    """One 职业培训 of each person, proved by the class; noted once."""
    fresh = {row.laborer_id: row for row in rows if not row.service_id}
    day = min(on or timezone.localdate(), timezone.localdate())
    evidence = f"培训班“{one.name}”，工种{one.trade}"
    made = serving.serve_all(fresh, codes.TRAINING, day, one.organiser, by, evidence)
    for person, row in fresh.items():
        row.service = made[person]
    Enrolment.objects.bulk_update(fresh.values(), ["service"], 500)


def take_service_back(row: Enrolment, by: User) -> None:
    """Somebody who left before the first day attended was not trained: the service does not count."""
    if row.service is None:
        return
    serving.take_back(row.service, by)
    row.service = None
    row.save(update_fields=["service"])
