"""三方比对: what ledger, sign-in sheet and payroll say of one holder and month, and where they differ.

`differences` is pure; `sides` asks for the rows of a unit and month in a handful of queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import Unit, User
from ledgers.models import MonthlyRecord
from lib.bulk import among
from lib.money import yuan
from lib.month import Month
from posts.attending import in_month
from posts.models import Appointment, Attendance, AttendanceSheet, PostPay
from posts.pay_rules import last_due
from posts.paying import AWAY

POST_FORM = "公益性岗位"
RULES = {  # domain.md §3 F
    "F02": "公岗与县外务工重复",
    "F04": "不在签到表上",
    "F05": "整月没有考勤",
    "F06": "顶岗替岗",
    "F07": "没有出勤领工资",
    "F08": "发放不及时",
    "F15": "岗位与台账对不上",
}
HANDED_IN = (AttendanceSheet.State.SIGNED, AttendanceSheet.State.CHECKED)


@dataclass(frozen=True)
class Difference:
    """One difference: the rule of domain.md §3 F and what differs, as words."""

    rule: str
    text: str
    red: bool = True


class Recorded(NamedTuple):
    """What the ledger says of the month."""

    working: bool
    place_class: str
    job_form: str


class Signed(NamedTuple):
    """The line of the sheet."""

    days: int
    substitute: str


class Paid(NamedTuple):
    """The line of the payroll; fen."""

    days: int
    amount: int
    state: str
    result: str

    @property
    def amount_text(self) -> str:
        return yuan(self.amount)

    @property
    def state_text(self) -> str:
        return str(PostPay.State(self.state).label)


@dataclass
class Side:
    """One person: ledger, line of the sheet and pay of the month, any of which may be missing.

    `unit` is the key of a unit, `held` the key of the appointment, `sheet` the state of the unit's sheet.
    """

    name: str
    unit: int
    held: int | None = None
    record: Recorded | None = None
    line: Signed | None = None
    sheet: str | None = None
    pay: Paid | None = None
    found: list[Difference] = field(default_factory=list)

    @property
    def ledger(self) -> str:
        if self.record is None:
            return "没有本月记录"
        if not self.record.working:
            return "未务工"
        return "，".join(text for text in (self.record.place_class, self.record.job_form) if text)


def differences(one: Side, due: bool) -> list[Difference]:
    """Where the three sides of one person disagree; `due`: the pay of the month should have been paid."""
    if one.held is None:
        return [Difference("F15", "台账登记公益性岗位，本月没有聘用", red=False)]
    return [*_against_ledger(one), *_against_sheet(one), *_against_pay(one, due)]


def _against_ledger(one: Side) -> Iterable[Difference]:
    record = one.record
    if record is None:
        yield Difference("F15", "台账没有本月记录", red=False)
    elif record.working and record.place_class in AWAY:
        yield Difference("F02", f"台账登记在{record.place_class}务工，同时在岗")
    elif not record.working or record.job_form != POST_FORM:
        said = record.job_form if record.working else "未务工"
        yield Difference("F15", f"台账登记{said or '其他就业'}，没有登记公益性岗位", red=False)


def _against_sheet(one: Side) -> Iterable[Difference]:
    if one.sheet is None or (one.line is None and one.sheet not in HANDED_IN):
        yield Difference("F05", "本月没有考勤", red=False)
    elif one.line is None:
        yield Difference("F04", "签到表上没有这个人")
    elif one.line.substitute:
        yield Difference("F06", f"注明有人顶岗：{one.line.substitute}")


def _against_pay(one: Side, due: bool) -> Iterable[Difference]:
    days = one.line.days if one.line else 0
    if one.pay is None:
        if due and days:
            yield Difference("F08", f"出勤{days}天，还没有做工资")
        return
    if not days:
        yield Difference("F07", "没有出勤，工资表上有工资")
    elif one.pay.days != days:
        yield Difference("F07", f"签到表{days}天，工资表按{one.pay.days}天计算")
    if due and one.pay.state == PostPay.State.DUE:
        yield Difference("F08", "工资还没有发放")
    if one.pay.state == PostPay.State.BOUNCED:
        yield Difference("F08", f"银行退票：{one.pay.result}")


def sides(user: User, unit: Unit, month: Month, today: dt.date) -> list[Side]:
    """Every holder of the unit in the month, then who is in the ledger as a holder without being one."""
    held = Appointment.objects.visible_to(user).under(unit).filter(in_month(month))
    held = held.order_by("post__unit__sort_path", "post__number", "started_on")
    found = list(held.values_list("pk", "laborer", "laborer__name", "post__unit"))
    keys, people = [row[0] for row in found], sorted({row[1] for row in found})
    listed = _in_ledger(user, unit, month)
    records = {person: record for person, (_, _, record) in listed.items()}
    rest = among("laborer", [one for one in people if one not in records])
    records |= _by(Recorded, MonthlyRecord.objects.filter(rest, month=month), "laborer")
    every = AttendanceSheet.objects.visible_to(user).filter(month=month).values_list("pk", "unit", "state")
    sheets = {place: state for _, place, state in every}
    lines = _by(Signed, Attendance.objects.filter(among("sheet", [row[0] for row in every])), "appointment")
    pays = _by(Paid, PostPay.objects.alive().filter(among("appointment", keys), month=month), "appointment")
    holders = set(people)
    made = [
        Side(name, place, pk, records.get(person), lines.get(pk), sheets.get(place), pays.get(pk))
        for pk, person, name, place in found
    ]
    made += [
        Side(name, village, record=record)
        for person, (name, village, record) in listed.items()
        if person not in holders
    ]
    due = month <= last_due(today)
    for side in made:
        side.found = differences(side, due)
    return made


def _by(kind: Any, rows: QuerySet, key: str) -> dict[int, Any]:
    """The rows as `kind`, a NamedTuple of columns, by the key named."""
    found = rows.order_by().values_list(key, *kind._fields)
    return {row[0]: kind(*row[1:]) for row in found}


def _in_ledger(user: User, unit: Unit, month: Month) -> dict[int, tuple[str, int, Recorded]]:
    """Name, village and record of whom the ledger calls a holder, by person."""
    rows = MonthlyRecord.objects.visible_to(user).under(unit)
    rows = rows.filter(month=month, working=True, job_form=POST_FORM).order_by(
        "village__sort_path", "laborer"
    )
    found = rows.values_list("laborer", "laborer__name", "village", *Recorded._fields)
    return {person: (name, village, Recorded(*said)) for person, name, village, *said in found}
