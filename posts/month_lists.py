"""考勤 and 工资 of a month as workbooks: as they are imported, and as the printed 考勤表 and 发放花名册."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import QuerySet

from accounts import wall
from accounts.models import Unit, User
from ledgers.exports.printed import signed
from ledgers.exports.registers import GROUP
from ledgers.imports.known import CHUNK
from ledgers.models import BankAccount
from lib.bulk import among
from lib.money import yuan
from lib.month import Month
from lib.staging import Export, register_export
from posts.attending import in_month
from posts.imports.attendance import AttendanceKind
from posts.imports.pay import PostPayKind
from posts.marks import SIGNS
from posts.models import Appointment, Attendance, PostPay

DAYS = range(1, 32)
ATTENDANCE = tuple(column.title for column in AttendanceKind.columns)
PAY = tuple(column.title for column in PostPayKind.columns)
SHEET = ("行政村", "姓名", "岗位名称", *(str(day) for day in DAYS), "出勤天数", "缺勤", "请假", "本人签字")
PAYROLL = (
    "行政村", "姓名", "身份证号码", "岗位名称", "规定天数", "出勤天数", "月标准（元）", "扣减（元）", "实发（元）",
    "开户行", "社保卡号", "发放日期", "签收",
)  # fmt: skip


def _held(user: User, unit: Unit, month: Month | None) -> QuerySet[Appointment]:
    held = Appointment.objects.visible_to(user, "x").under(unit).filter(in_month(month or Month.current()))
    return held.select_related("post__unit", "laborer").order_by(
        "post__unit__sort_path", "post__number", "started_on"
    )


def _lines(held: list[Appointment], month: Month) -> dict[int, Attendance]:
    found = Attendance.objects.filter(among("appointment", [one.pk for one in held]), sheet__month=month)
    return {one.appointment_id: one for one in found}


def attendance_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """Every holder of the month; who has no line yet has blanks to fill in."""
    month = month or Month.current()
    held = list(_held(user, unit, month))
    lines = _lines(held, month)
    for one in held:
        line = lines.get(one.pk)
        sums = [line.days, line.absent, line.leave, line.substitute] if line else ["", "", "", ""]
        yield [
            one.laborer.name,
            one.laborer.id_no,
            one.post.number,
            one.post.title,
            month.label,
            *sums,
            *_signs(line),
        ]


def sheet_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    month = month or Month.current()
    held = list(_held(user, unit, month))
    lines = _lines(held, month)
    for one in held:
        line = lines.get(one.pk)
        sums = [line.days, line.absent, line.leave] if line else ["", "", ""]
        yield [one.post.unit.name, one.laborer.name, one.post.title, *_signs(line), *sums, ""]


def _signs(line: Attendance | None) -> list[str]:
    marks = line.marks if line else ""
    return [SIGNS[marks[day - 1]] if day <= len(marks) else "" for day in DAYS]


def _pays(user: User, unit: Unit, month: Month | None) -> QuerySet[PostPay]:
    pays = PostPay.objects.visible_to(user, "x").under(unit).alive().filter(month=month or Month.current())
    pays = pays.select_related("appointment__post__unit", "laborer")
    return pays.order_by("appointment__post__unit__sort_path", "appointment__post__number", "pk")


def _paid(user: User, unit: Unit, month: Month | None) -> Iterator[tuple[PostPay, BankAccount]]:
    pays = list(_pays(user, unit, month))
    for start in range(0, len(pays), CHUNK):
        part = pays[start : start + CHUNK]
        with wall.opened("accounts on a payroll that the user may export"):
            keys = among("pk", [one.account_id for one in part])
            accounts = {one.pk: one for one in BankAccount.objects.filter(keys)}
        yield from ((one, accounts[one.account_id]) for one in part)


def pay_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    for one, account in _paid(user, unit, month):
        post = one.appointment.post
        yield [
            one.laborer.name, one.laborer.id_no, post.number, post.title, one.month.label, one.days,
            yuan(one.amount, plain=True), account.bank, account.number, str(one.paid_on or ""),
        ]  # fmt: skip


def payroll_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    for one, account in _paid(user, unit, month):
        post = one.appointment.post
        yield [
            post.unit.name, one.laborer.name, one.laborer.id_no, post.title, one.required, one.days,
            yuan(one.standard), Decimal(one.deduction) / 100, Decimal(one.amount) / 100, account.bank, account.number,
            str(one.paid_on or ""), "",
        ]  # fmt: skip


def _people(user: User, unit: Unit, month: Month | None) -> int:
    return _held(user, unit, month).count()


def _payments(user: User, unit: Unit, month: Month | None) -> int:
    return _pays(user, unit, month).count()


RIGHT = ("post", "x")
_EXPORTS = (
    Export("attendance", AttendanceKind.title, RIGHT, ATTENDANCE, attendance_rows, _people, personal=True, group=GROUP,
           about="本月在岗人员的考勤，改好后可以再导入。"),
    Export("attendance-sheet", "公益性岗位考勤表", RIGHT, SHEET, sheet_rows, _people, personal=True, group=GROUP,
           dress=signed, numeric=frozenset({"出勤天数", "缺勤", "请假"}), about="逐日考勤，打印后由本人签字。"),
    Export("post-pay", PostPayKind.title, RIGHT, PAY, pay_rows, _payments, personal=True, group=GROUP,
           about="本月工资，含收款账号，可以再导入比对。"),
    Export("payroll", "公益性岗位工资发放花名册", RIGHT, PAYROLL, payroll_rows, _payments, personal=True, group=GROUP,
           dress=signed, numeric=frozenset({"扣减（元）", "实发（元）"}),
           about="本月工资逐人列出标准、扣减、实发和账户，打印后签收。"),
)  # fmt: skip
for _export in _EXPORTS:
    register_export(_export)
