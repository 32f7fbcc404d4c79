"""培训 as files: the sheet that imports again, and the lists to print of the classes of a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from accounts.models import Unit, User
from ledgers.exports.printed import signed
from ledgers.exports.registers import GROUP, age_on
from lib.money import yuan
from lib.month import Month
from lib.staging import Export, register_export
from subsidies.imports.training import Training
from subsidies.models import Enrolment, TrainingClass, TrainingDay
from subsidies.models.training import EnrolmentQuerySet

SIGNS = {TrainingDay.PRESENT: "√", TrainingDay.ABSENT: "×", TrainingDay.EXCUSED: "假", "": ""}
ROLL = (
    "乡镇", "行政村", "姓名", "性别", "年龄", "身份证号码", "联系电话", "户类型", "监测对象类别",
    "培训班", "工种", "培训机构",
    "开始", "结束", "出勤天数", "结业", "证书名称", "证书编号",
)  # fmt: skip
SHEET = ("培训班", "姓名", "行政村", *(str(day) for day in range(1, 32)), "本月出勤", "签字")
PAY = (
    "乡镇", "行政村", "姓名", "身份证号码", "培训班", "出勤天数", "标准（元/天）", "金额（元）", "开户行", "社保卡号",
    "发放日期",
    "领取人签字",
)  # fmt: skip


def learners(user: User, unit: Unit, month: Month | None) -> EnrolmentQuerySet:
    """Who is enrolled in a class with a day in the month (all of them: without one)."""
    found: EnrolmentQuerySet = Enrolment.objects.visible_to(user, "x").under(unit)
    found = found.filter(state=Enrolment.State.ENROLLED).exclude(
        training_class__state=TrainingClass.State.VOID
    )
    if month:
        found = found.filter(
            training_class__starts_on__lte=month.last_day, training_class__ends_on__gte=month.first_day
        )
    related = (
        "laborer__household",
        "village__parent",
        "training_class",
        "completion__certificate",
        "allowance__account",
    )
    return found.select_related(*related).order_by(
        "training_class__starts_on", "training_class__name", "village__sort_path", "pk"
    )


def _place(row: Enrolment) -> list[str]:
    return [row.village.parent.name if row.village.parent else "", row.village.name]


def _certificate(row: Enrolment) -> list[str]:
    held = getattr(getattr(row, "completion", None), "certificate", None)
    return [held.kind, held.number] if held else ["", ""]


def rows(user: User, unit: Unit, month: Month | None) -> Iterator[list[Any]]:
    """The columns of the import, in its words."""
    for row in learners(user, unit, month):
        one, pay = row.training_class, getattr(row, "allowance", None)
        yield [
            row.laborer.name, row.laborer.id_no, one.name, one.trade, str(one.starts_on or ""), str(one.ends_on or ""),
            "" if row.days is None else row.days, *_certificate(row), yuan(pay.amount_fen, plain=True) if pay else "",
            str(pay.paid_on or "") if pay else "",
        ]  # fmt: skip


def roll(user: User, unit: Unit, month: Month | None) -> Iterator[list[Any]]:
    """学员花名册, by real name (YD-J02)."""
    for row in learners(user, unit, month):
        one, person = row.training_class, row.laborer
        age = age_on(person.id_no, one.starts_on) if one.starts_on else ""
        yield [
            *_place(row), person.name, person.sex, age, person.id_no, person.phone, person.household.poverty_kind,
            person.household.monitor_kind, one.name, one.trade, one.organiser, str(one.starts_on or ""),
            str(one.ends_on or ""), "" if row.days is None else row.days,
            "是" if getattr(row, "completion", None) else "否" if row.days is not None else "", *_certificate(row),
        ]  # fmt: skip


def sheet(user: User, unit: Unit, month: Month | None) -> Iterator[list[Any]]:
    """培训考勤表 of the month: a column for each day."""
    month = month or Month.current()
    found = list(learners(user, unit, month))
    held = TrainingDay.objects.filter(enrolment__in=[row.pk for row in found]).filter(
        day__range=(month.first_day, month.last_day)
    )
    marks: dict[int, dict[int, str]] = defaultdict(dict)
    for pk, day, mark in held.values_list("enrolment", "day", "mark"):
        marks[pk][day.day] = mark
    for row in found:
        mine = marks[row.pk]
        signs = [SIGNS[mine[day]] if day in mine else "" for day in range(1, 32)]
        present = sum(mark == TrainingDay.PRESENT for mark in mine.values())
        yield [row.training_class.name, row.laborer.name, row.village.name, *signs, present, ""]


def payroll(user: User, unit: Unit, month: Month | None) -> Iterator[list[Any]]:
    """生活费补贴发放表: what was computed, with the account it goes to and room for a signature."""
    for row in learners(user, unit, month).filter(allowance__isnull=False):
        pay, account = row.allowance, row.allowance.account
        yield [
            *_place(row), row.laborer.name, row.laborer.id_no, row.training_class.name, pay.days,
            Decimal(pay.rate_fen) / 100, Decimal(pay.amount_fen) / 100, account.bank if account else "",
            account.number if account else "", str(pay.paid_on or ""), "",
        ]  # fmt: skip


def _count(user: User, unit: Unit, month: Month | None) -> int:
    return learners(user, unit, month).count()


register_export(
    Export(
        name="training", title="培训", right=("training", "x"), personal=True, count=_count, rows=rows,
        headings=tuple(column.title for column in Training.columns), group=GROUP,
        about="本月培训班的学员：出勤天数、证书和补贴，改好后可以由“导入”收回。",
    )
)  # fmt: skip
for _name, _title, _headings, _rows, _about in (
    ("training-roll", "学员花名册", ROLL, roll, "本月培训班的实名学员，带结业和证书。"),
    ("training-attendance", "培训考勤表", SHEET, sheet, "本月培训班的学员逐日考勤，带签字栏。"),
    (
        "training-allowance",
        "培训生活费补贴发放表",
        PAY,
        payroll,
        "本月培训班已测算的补贴，带收款账户和领取人签字栏。",
    ),
):
    register_export(
        Export(
            name=_name, title=_title, right=("training", "x"), headings=_headings, rows=_rows, count=_count,
            personal=True, group=GROUP, about=_about, dress=signed,
            numeric=frozenset({"金额（元）"} & set(_headings)),
        )
    )  # fmt: skip
