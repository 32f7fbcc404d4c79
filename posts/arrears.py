"""欠发: through which month each holder was paid, and which months are owed since (YD-F08, I27)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.db.models import Max, Min

from accounts import wall
from accounts.models import Level, Unit
from lib.bulk import among
from lib.month import Month, to_month
from posts.models import Attendance, AttendanceSheet, PayRun, PostPay
from posts.models.posts import Appointments
from posts.pay_rules import last_day, last_due, owed


@dataclass
class Arrears:
    """One appointment (its key): paid through which month, the months owed, and what a month comes to (fen)."""

    key: int
    standard: int
    paid_through: Month | None
    months: list[Month]

    @property
    def amount(self) -> int:
        return len(self.months) * self.standard


def paid_through(appointments: Appointments) -> dict[int, Month]:
    """The last month paid, by the key of the appointment; who was never paid is missing."""
    paid = PostPay.objects.paid().filter(appointment__in=appointments.order_by().values("pk"))
    found = paid.values_list("appointment").annotate(Max("month")).order_by()
    return {pk: month for pk, last in found if (month := to_month(last))}


def arrears(appointments: Appointments, today: dt.date) -> list[Arrears]:
    """Everybody with a month owed on `today`, in the order of units and posts."""
    due = last_due(today)
    rows = appointments.filter(started_on__lte=due.last_day).order_by(
        "post__unit__sort_path", "post__number", "started_on"
    )
    found = list(rows.values_list(
        "pk", "started_on", "ended_on", "stop_pay_on", "post__monthly_fen", "post__unit__path"
    ))  # fmt: skip
    paid, unearned, since = paid_through(appointments), _unearned([row[0] for row in found]), _since()
    made = []
    for pk, started, ended, stopped, standard, path in found:
        months = owed(started, last_day(ended, stopped), paid.get(pk), since(path), due, unearned.get(pk, ()))
        if months:
            made.append(Arrears(pk, standard or 0, paid.get(pk), months))
    return made


def _unearned(keys: list[int]) -> dict[int, set[Month]]:
    """Months whose checked sheet says that the holder was not on duty for a day."""
    lines = Attendance.objects.filter(
        among("appointment", keys), days=0, sheet__state=AttendanceSheet.State.CHECKED
    )
    made = defaultdict(set)
    for pk, month in lines.values_list("appointment", "sheet__month"):
        made[pk].add(month)
    return made


def _since() -> Callable[[str], Month | None]:
    """From which month on the county of a unit (its path) keeps attendance or pay here; before it nothing is known."""
    with wall.opened("since when a county keeps its sheets is the same answer for everybody"):
        kept = [
            *AttendanceSheet.objects.order_by().values_list("unit__path").annotate(Min("month")),
            *PayRun.objects.exclude(state=PayRun.State.VOID).order_by().values_list("unit__path").annotate(Min("month")),
        ]  # fmt: skip
        counties = list(Unit.objects.filter(level=Level.COUNTY).values_list("path", flat=True))

    @cache
    def county(path: str) -> str:
        return next((one for one in counties if path.startswith(one)), "")

    first: dict[str, Month] = {}
    for path, earliest in kept:
        if month := to_month(earliest):
            first[county(path)] = min(month, first.get(county(path), month))
    return lambda path: first.get(county(path))
