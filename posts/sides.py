"""三方比对: what ledger, sign-in sheet and payroll say of one holder and month, and where they differ.

`differences` is pure; `sides` asks for the rows of a unit and month in a handful of queries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import Unit, User
from ledgers.models import MonthlyRecord
from lib.bulk import among
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
Signed = (AttendanceSheet.State.SIGNED, AttendanceSheet.State.CHECKED)


@dataclass(frozen=True)
class Difference:
    """One difference: the rule of domain.md §3 F and what differs, as words."""

    rule: str
    text: str
    red: bool = True


@dataclass
class Side:
    """One person: appointment, ledger record, line of the sheet and pay of the month, any of which may be missing."""

    name: str
    unit: Unit
    appointment: Appointment | None = None
    record: MonthlyRecord | None = None
    line: Attendance | None = None
    sheet: AttendanceSheet | None = None
    pay: PostPay | None = None
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
    if one.appointment is None:
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
    if one.sheet is None or (one.line is None and one.sheet.state not in Signed):
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
    found = list(
        held.select_related("post__unit__parent", "laborer").order_by(
            "post__unit__sort_path", "post__number", "started_on"
        )
    )
    people = among("laborer", sorted({one.laborer_id for one in found}))
    records = {one.laborer_id: one for one in MonthlyRecord.objects.filter(people, month=month)}
    keys = among("appointment", [one.pk for one in found])
    lines = {one.appointment_id: one for one in Attendance.objects.filter(keys, sheet__month=month)}
    sheets = {one.unit_id: one for one in AttendanceSheet.objects.visible_to(user).filter(month=month)}
    pays = {one.appointment_id: one for one in PostPay.objects.alive().filter(keys, month=month)}
    made = [
        Side(
            one.laborer.name, one.post.unit, one, records.get(one.laborer_id), lines.get(one.pk),
            sheets.get(one.post.unit_id), pays.get(one.pk),
        )
        for one in found
    ]  # fmt: skip
    made += _without_post(user, unit, month, {one.laborer_id for one in found})
    due = month <= last_due(today)
    for side in made:
        side.found = differences(side, due)
    return made


def _without_post(user: User, unit: Unit, month: Month, holders: set[int]) -> list[Side]:
    """In the ledger as holders, without an appointment in reach."""
    rows = MonthlyRecord.objects.visible_to(user).under(unit)
    rows = rows.filter(month=month, working=True, job_form=POST_FORM).select_related(
        "laborer", "village__parent"
    )
    rows = rows.order_by("village__sort_path", "laborer")
    return [Side(one.laborer.name, one.village, record=one) for one in rows if one.laborer_id not in holders]
