"""欠发: through which month each holder was paid, and which months are owed since (YD-F08, I27)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Max, Min

from accounts import wall
from accounts.models import Level, Unit
from lib.bulk import among
from lib.month import Month, to_month
from posts.models import Appointment, Attendance, AttendanceSheet, PostPay
from posts.models.posts import Appointments
from posts.pay_rules import last_day, last_due, owed


@dataclass
class Arrears:
    """One holder: paid through which month, the months owed, and what they come to (fen)."""

    appointment: Appointment
    paid_through: Month | None
    months: list[Month]

    @property
    def amount(self) -> int:
        return len(self.months) * (self.appointment.post.monthly_fen or 0)


def paid_through(appointments: Appointments) -> dict[int, Month]:
    """The last month paid, by the key of the appointment; who was never paid is missing."""
    paid = PostPay.objects.paid().filter(appointment__in=appointments.order_by().values("pk"))
    found = paid.values_list("appointment").annotate(Max("month")).order_by()
    return {pk: month for pk, last in found if (month := to_month(last))}


def arrears(appointments: Appointments, today: dt.date) -> list[Arrears]:
    """Everybody with a month owed on `today`, in the order of units and posts."""
    due = last_due(today)
    found = list(
        appointments.filter(started_on__lte=due.last_day)
        .select_related("post__unit__parent", "laborer")
        .order_by("post__unit__sort_path", "post__number", "started_on")
    )
    paid, unearned, since = paid_through(appointments), _unearned(found), _since()
    made = []
    for one in found:
        months = owed(
            one.started_on, last_day(one.ended_on, one.stop_pay_on), paid.get(one.pk), since(one.post.unit), due,
            unearned.get(one.pk, ()),
        )  # fmt: skip
        if months:
            made.append(Arrears(one, paid.get(one.pk), months))
    return made


def _unearned(found: list[Appointment]) -> dict[int, set[Month]]:
    """Months whose checked sheet says that the holder was not on duty for a day."""
    lines = Attendance.objects.filter(
        among("appointment", [one.pk for one in found]), days=0, sheet__state=AttendanceSheet.State.CHECKED
    )
    made = defaultdict(set)
    for pk, month in lines.values_list("appointment", "sheet__month"):
        made[pk].add(month)
    return made


def _since() -> Callable[[Unit], Month | None]:
    """From which month on the county of a unit keeps attendance or pay here; before it nothing is known."""
    sheets = AttendanceSheet.objects.order_by().values_list("unit__path").annotate(Min("month"))
    pays = PostPay.objects.order_by().values_list("appointment__post__unit__path").annotate(Min("month"))
    with wall.opened("since when a county keeps its sheets is the same answer for everybody"):
        kept = [*sheets, *pays]
        counties = list(Unit.objects.filter(level=Level.COUNTY).values_list("path", flat=True))

    def county(path: str) -> str:
        return next((one for one in counties if path.startswith(one)), "")

    first: dict[str, Month] = {}
    for path, earliest in kept:
        if month := to_month(earliest):
            first[county(path)] = min(month, first.get(county(path), month))
    return lambda unit: first.get(county(unit.path))
