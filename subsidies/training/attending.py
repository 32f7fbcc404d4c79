"""The verb of 培训考勤: the marks of one class day, each correctable until the class ends."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers.periods import ensure_open
from lib.month import Month
from subsidies.models import Enrolment, TrainingClass, TrainingDay
from subsidies.training.classes import locked


@transaction.atomic
def mark(one: TrainingClass, day: dt.date, marks: dict[int, str], by: User) -> int:
    """Set the marks of a day by enrolment; returns how many changed. Raises PeriodClosed for a closed month."""
    one = locked(one, by)
    if one.state != TrainingClass.State.OPEN:
        raise NotAllowed(f"“{one.name}”{one.get_state_display()}，不能登记考勤。")
    if day not in one.dates:
        raise NotAllowed(f"{day.month}月{day.day}日不是这个班的培训日期。")
    if day > timezone.localdate():
        raise NotAllowed(f"{day.month}月{day.day}日还没有到，不能提前登记考勤。")
    ensure_open(one.unit, Month.of(day))
    if set(marks.values()) - set(TrainingDay.MARKS):
        raise NotAllowed("考勤只能是到、缺、假。")
    held = TrainingDay.objects.filter(
        enrolment__training_class=one, enrolment__state=Enrolment.State.ENROLLED, day=day
    )
    rows = [row for row in held.filter(enrolment__in=marks) if row.mark != marks[row.enrolment_id]]
    for row in rows:
        row.mark = marks[row.enrolment_id]
    TrainingDay.objects.bulk_update(rows, ["mark"], 500)
    if rows:
        present = held.filter(mark=TrainingDay.PRESENT).count()
        record("training.mark", by, one, one.unit, name=one.name, day=str(day), people=present)
    return len(rows)
