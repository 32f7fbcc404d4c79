"""欠发: through which month each holder was paid, and which months are owed since (YD-F08, I27)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Max, Min

from accounts import wall
from ledgers.models import MonthlyRecord
from lib.bulk import among
from lib.month import Month, to_month
from posts.attending import in_month
from posts.models import Attendance, AttendanceSheet, PostPay
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


def reckoned_to(today: dt.date) -> Month:
    """The last month that is reckoned: it is due, and the ledger has come to it.

    A month that nobody has opened, filled in or paid here is not late, it is not begun.
    """
    with wall.opened("how far the ledger has come is the same answer for everybody"):
        come = [
            to_month(rows.order_by("-month").values_list("month", flat=True).first())
            for rows in (MonthlyRecord.objects.all(), AttendanceSheet.objects.all(), PostPay.objects.alive())
        ]
    last = max(filter(None, come), default=None)
    return min(last_due(today), last) if last else last_due(today)


def arrears(appointments: Appointments, due: Month) -> list[Arrears]:
    """Everybody to whom a month up to `due` (reckoned_to) is owed, in the order of units and posts."""
    since = begun(appointments)
    rows = appointments.filter(started_on__lte=due.last_day).order_by(
        "post__unit__sort_path", "post__number", "started_on"
    )
    found = list(rows.values_list(
        "pk", "started_on", "ended_on", "stop_pay_on", "post__monthly_fen", "post__unit"
    ))  # fmt: skip
    paid, unearned = paid_through(appointments), _unearned([row[0] for row in found])
    made = []
    for pk, started, ended, stopped, standard, unit in found:
        months = owed(
            started, last_day(ended, stopped), paid.get(pk), since.get(unit), due, unearned.get(pk, ())
        )
        if months:
            made.append(Arrears(pk, standard or 0, paid.get(pk), months))
    return made


def unknown(appointments: Appointments, due: Month) -> int:
    """How many hold posts in `due` of units that never noted attendance or pay: nobody knows what they are owed."""
    return appointments.filter(in_month(due)).exclude(among("post__unit", list(begun(appointments)))).count()


def begun(appointments: Appointments) -> dict[int, Month]:
    """By the key of the unit of the posts: the first month whose attendance or pay is kept here."""
    held = appointments.order_by()
    kept = [
        *AttendanceSheet.objects.filter(unit__in=held.values("post__unit")).order_by()
        .values_list("unit").annotate(Min("month")),
        *PostPay.objects.alive().filter(appointment__in=held.values("pk")).order_by()
        .values_list("appointment__post__unit").annotate(Min("month")),
    ]  # fmt: skip
    first: dict[int, Month] = {}
    for unit, earliest in kept:
        if month := to_month(earliest):
            first[unit] = min(month, first.get(unit, month))
    return first


def _unearned(keys: list[int]) -> dict[int, set[Month]]:
    """Months whose checked sheet says that the holder was not on duty for a day."""
    lines = Attendance.objects.filter(
        among("appointment", keys), days=0, sheet__state=AttendanceSheet.State.CHECKED
    )
    made = defaultdict(set)
    for pk, month in lines.values_list("appointment", "sheet__month"):
        made[pk].add(month)
    return made
