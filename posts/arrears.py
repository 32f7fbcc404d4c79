"""欠发: through which month each holder was paid, and which months are owed since (YD-F08, I27)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, Max, Min, OuterRef, Q

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


class Reckoning:
    """What is kept here of these appointments, and what is owed by it: asked of the database once for both questions.

    `paid` is the last month paid of each (who was never paid is missing), `since` the first month whose attendance or
    pay is kept, by the unit of the post; all by key.
    """

    def __init__(self, appointments: Appointments) -> None:
        self.appointments, held = appointments, appointments.order_by()
        self.paid: dict[int, Month] = {}
        self.since: dict[int, Month] = {}
        sheets = AttendanceSheet.objects.filter(unit__in=held.values("post__unit")).order_by()
        for unit, first in sheets.values_list("unit").annotate(Min("month")):
            self._begins(unit, to_month(first))
        pays = PostPay.objects.alive().filter(among("appointment", list(held.values_list("pk", flat=True))))
        of_each = pays.order_by().values_list("appointment", "appointment__post__unit")
        of_each = of_each.annotate(first=Min("month"), last=Max("month", filter=Q(state=PostPay.State.PAID)))
        for pk, unit, first, last in of_each:
            self._begins(unit, to_month(first))
            if month := to_month(last):
                self.paid[pk] = month

    def _begins(self, unit: int, month: Month | None) -> None:
        if month:
            self.since[unit] = min(month, self.since.get(unit, month))

    def arrears(self, due: Month) -> list[Arrears]:
        """Everybody to whom a month up to `due` (reckoned_to) is owed, in the order of units and posts.

        A month that was worked, checked and not paid is owed although a later one was paid.
        """
        rows = self.appointments.filter(started_on__lte=due.last_day).order_by(
            "post__unit__sort_path", "post__number", "started_on"
        )
        found = list(rows.values_list(
            "pk", "started_on", "ended_on", "stop_pay_on", "post__monthly_fen", "post__unit"
        ))  # fmt: skip
        idle, unpaid = _marked([row[0] for row in found], due)
        made = []
        for pk, started, ended, stopped, standard, unit in found:
            paid, last = self.paid.get(pk), last_day(ended, stopped)
            months = owed(started, last, paid, self.since.get(unit), due, idle.get(pk, ()))
            if months := sorted({*months, *unpaid.get(pk, ())}):
                made.append(Arrears(pk, standard or 0, paid, months))
        return made

    def unknown(self, due: Month) -> int:
        """How many hold posts in `due` of units that never noted attendance or pay: nobody knows what they are owed."""
        held = self.appointments.filter(in_month(due))
        return held.exclude(among("post__unit", list(self.since))).count()


def _marked(keys: list[int], due: Month) -> tuple[dict[int, set[Month]], dict[int, set[Month]]]:
    """Of checked sheets up to `due`, by appointment: months without a day on duty, and unpaid ones with days."""
    paid = PostPay.objects.paid().filter(appointment=OuterRef("appointment"), month=OuterRef("sheet__month"))
    lines = Attendance.objects.filter(
        among("appointment", keys), sheet__state=AttendanceSheet.State.CHECKED, sheet__month__lte=due
    ).filter(Q(days=0) | ~Exists(paid))
    idle: dict[int, set[Month]] = defaultdict(set)
    unpaid: dict[int, set[Month]] = defaultdict(set)
    for pk, month, days in lines.values_list("appointment", "sheet__month", "days"):
        (unpaid if days else idle)[pk].add(month)
    return idle, unpaid
