"""A village with holders of posts, their accounts and a month of attendance, for the tests of attendance and pay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import count

from django.utils import timezone

from accounts.models import User
from ledgers.banking import index_of
from ledgers.models import BankAccount, Laborer
from lib.month import Month
from posts import attending, marks, paying
from posts.attending import Said
from posts.models import Appointment, AttendanceSheet, PayRun, Post, PostPay
from tests import cast as casting
from tests import factories

MARCH = Month(2023, 3)
DAY = dt.date(2023, 1, 10)
PHOTO = b"\xff\xd8\xff" + bytes(60)
_serial = count(1)


def account(person: Laborer, by: User, number: str = "", bank: str = "示例农商行") -> BankAccount:
    number = number or f"6217{next(_serial):012d}"
    return BankAccount.objects.create(
        laborer=person, bank=bank, number=number, number_index=index_of(number), set_by=by,
        set_at=timezone.now(),
    )  # fmt: skip


def appoint(
    unit, name: str = "", *, started: dt.date = DAY, person: Laborer | None = None, **fields
) -> Appointment:
    """A post of 300.00 a month for 22 days, and who holds it."""
    serial = next(_serial)
    said = {
        "monthly_fen": 30000,
        "days_required": 22,
        "category": "护林员",
        "funding": "衔接资金",
        "title": "护林员",
    }
    post = Post.objects.create(number=f"GW{unit.code}{serial:04d}", unit=unit, opened_on=DAY, **said | fields)
    person = person or factories.laborer(unit, name)
    return Appointment.objects.create(post=post, laborer=person, started_on=started)


def said(days: int) -> Said:
    """On duty on the first `days` days of March, absent on the others."""
    return Said(marks=marks.joined(MARCH, {day: "1" if day <= days else "0" for day in range(1, 32)}))


@dataclass
class Village:
    """Two holders of village 99111 with accounts, and who does what about them."""

    cast: casting.Cast = field(default_factory=casting.build)
    month: Month = MARCH

    def __post_init__(self) -> None:
        self.unit = self.cast.units["99111"]
        self.town = self.cast.units["9911"]
        self.one, self.two = (appoint(self.unit, name) for name in ("示例甲", "示例乙"))
        for held in (self.one, self.two):
            account(held.laborer, self.cast.township)
        self.second = casting.user("zhen9", self.town, "township", "乡镇会计")

    def filled(self, **days: int) -> AttendanceSheet:
        """The sheet as the village fills it in: days on duty of `one` and `two`, 31 where not said."""
        held = {"one": self.one, "two": self.two}
        return attending.fill(
            self.unit,
            self.month,
            {one.pk: said(days.get(name, 31)) for name, one in held.items()},
            self.cast.village,
        )

    def checked(self, **days: int) -> AttendanceSheet:
        self.filled(**days)
        attending.attach_paper(self.unit, self.month, PHOTO, self.cast.village)
        return attending.check(attending.sign(self.unit, self.month, self.cast.village), self.cast.township)

    def run(self) -> PayRun:
        return paying.draft_run(self.town, self.month, self.cast.township)

    def paid(self, **days: int) -> PayRun:
        self.checked(**days)
        run = paying.approve_run(self.run(), self.cast.county)
        return paying.mark_paid(run, "2023-04-1", dt.date(2023, 4, 3), self.cast.township)

    def pay_of(self, held: Appointment) -> PostPay:
        return PostPay.objects.alive().get(appointment=held, month=self.month)
