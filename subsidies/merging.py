"""When units merge what is under way goes on in the one that remains: claims, notices, waivers, learners, batches.

What was paid, ended or printed keeps the unit in whose name it was: paid claims, lines of a batch, notices that are
over, screenings of months that are over. Approved versions of a scheme are never changed: claims keep theirs.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from accounts.authority import NotAllowed
from accounts.models import Unit, User
from lib.month import Month
from subsidies.models import (
    Claim,
    Enrolment,
    Notice,
    PaymentBatch,
    Screened,
    TrainingClass,
    Unclaimed,
    Waiver,
)

SETTLED = (Claim.State.PAID, Claim.State.REFUNDED, *Claim.ENDED)
OVER = (*TrainingClass.ENDED, TrainingClass.State.VOID)


def bring_over(unit: Unit, into: Unit | None, day: dt.date, by: User | None) -> dict[str, int]:
    """Move what is still under way after `day`, the last one of `unit`; counts of what was moved."""
    kept = _of_villages(unit, day)
    offices = {
        "batches": PaymentBatch.objects.filter(unit=unit, state__in=PaymentBatch.LIVING),
        "classes": TrainingClass.objects.filter(unit=unit).exclude(state__in=OVER),
    }
    if into is None:
        if any(rows.exists() for rows in (*kept.values(), *offices.values())):
            raise NotAllowed(
                f"{unit.name}还有没办完的补贴申请、公示、发放批次或培训班，请选择并入哪个单位，或者先办完。"
            )
        return {}
    counts = {name: rows.update(village=into) for name, rows in kept.items()}
    return counts | {name: rows.update(unit=into) for name, rows in offices.items()}


def _of_villages(unit: Unit, day: dt.date) -> dict[str, QuerySet]:
    last = Month.of(day)
    first = last if day < last.last_day else last + 1  # the first month in which the unit no longer stands
    return {
        "claims": Claim.objects.filter(village=unit).exclude(state__in=SETTLED),
        "notices": Notice.objects.filter(village=unit, ended_at=None),
        "waivers": Waiver.objects.filter(village=unit, withdrawn_at=None),
        "reasons": Unclaimed.objects.filter(village=unit),
        "screened": Screened.objects.filter(village=unit, screening__month__gte=first),
        "learners": Enrolment.objects.standing().filter(village=unit).exclude(training_class__state__in=OVER),
    }
