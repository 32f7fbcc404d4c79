"""The workbook of 培训: one row for each person and class; every row goes through the checks of the form.

A class that is not there yet is made from its name, trade and days. The amount of a row is compared with days × rate
(YD-J05), never taken over; a day of payment counts for an allowance that is approved.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from accounts.authority import NotAllowed
from ledgers.imports.cells import day, id_number, person_name, plan_day, short_text
from ledgers.models import Laborer
from ledgers.periods import period_state
from lib.crypto import blind_index
from lib.money import parse_yuan, yuan
from lib.month import Month
from lib.sheets import Parsed
from lib.sheets.cells import to_int
from lib.staging import (
    CHANGED,
    INFO,
    NEW,
    REJECT,
    REJECTED,
    SAME,
    Column,
    Context,
    Kind,
    Problem,
    Row,
    Staged,
    Stale,
    parse_row,
    register,
)  # fmt: skip
from subsidies.models import Allowance, Certificate, Enrolment, TrainingClass
from subsidies.training import certifying, clashes, classes, enrolling, paying
from subsidies.training.rules import LONGEST, Before, allowance, class_days, enough


def to_amount(cell: Any) -> Parsed:
    """Fen of the amount on the sheet, to be compared."""
    if cell in (None, ""):
        return Parsed(None)
    try:
        return Parsed(parse_yuan(cell))
    except ValueError as wrong:
        return Parsed(None, REJECT, str(wrong))


def to_days(cell: Any) -> Parsed:
    return to_int(cell, 0, LONGEST)


@register
class Training(Kind):
    """Person by ID number, class by name and year; what is noted already is the same or refused, never changed."""

    name, title, right, place = "training", "培训", ("training", "i"), 15
    about = "培训学员名单，每人每班一行：出勤天数、证书、补贴发放。补贴金额由系统计算，表里的金额只用来核对。"
    columns = (
        Column("name", "姓名", person_name, required=True),
        Column("id_no", "身份证号码", id_number, ("身份证号", "公民身份号码"), required=True, secret=True),
        Column("class", "培训班", short_text(60), ("班次", "培训班名称", "培训班次"), required=True,
               example="电工一期"),
        Column("trade", "工种", short_text(40), ("培训工种",), example="电工",
               help="系统里还没有这个培训班的必填。"),
        Column("start", "开始", plan_day, ("开始日期", "培训开始时间"), required=True),
        Column("end", "结束", plan_day, ("结束日期", "培训截止时间"), required=True),
        Column("days", "出勤天数", to_days, ("培训天数",), example="5", help="培训结束后填写。"),
        Column("certificate", "证书名称", short_text(40), ("取得证书",)),
        Column("number", "证书编号", short_text(40), ("证书号",)),
        Column("amount", "补贴金额", to_amount, ("补贴金额（元）", "培训补贴（元）", "生活费补贴"), example="75",
               help="只用来核对，与出勤天数×标准不符的退回。"),
        Column("paid", "发放日期", day, ("补贴发放日期",), help="只登记系统里已审批的补贴。"),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        file = _File(context)
        for row in rows:
            values, problems = parse_row(self.columns, row)
            one = _Judged(row.number, values, problems, file)
            if not any(problem.level == REJECT for problem in problems):
                one.judge()
            yield one.staged()

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        for row in staged:
            try:
                row.target = _write(row.new, context).pk
            except NotAllowed as refusal:
                raise Stale(f"第 {row.row} 行：{refusal}") from refusal

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            stored = Enrolment.objects.select_related("training_class", "village", "laborer").get(pk=row.pk)
            try:
                _take_back(stored, row, context)
            except NotAllowed as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}没有撤回。")
        return left


def _write(new: dict[str, Any], context: Context) -> Enrolment:
    by = context.user
    person = Laborer.objects.under(context.unit).filter(pk=new["laborer"]).first()
    if person is None:
        raise NotAllowed(f"这个人已不在{context.unit.name}。")
    first, last = (dt.date.fromisoformat(new[key]) for key in ("start", "end"))
    one = _class_of(context, person, new["class"], first)
    if one is None:
        fresh = classes.from_list(context.unit, new["class"], new["trade"], class_days(first, last), by)
        one = classes.take_in(fresh, by)
    row = enrolling.enrol(one, person, by, days=one.dates)
    row.training_class = one
    if new["days"] is not None:
        classes.count_days(row, new["days"], by)
    if new["number"] and one.ends_on:
        certifying.certify(row, new["certificate"], new["number"], one.ends_on, by)
    if new["paid"]:
        day_paid = dt.date.fromisoformat(new["paid"])
        paying.pay(one, day_paid, f"导入批次{context.batch}", by, only=[row.pk])
    return row


def _take_back(stored: Enrolment, row: Staged, context: Context) -> None:
    """What the row wrote, newest first; what has gone on since stays."""
    by, new = context.user, row.new
    if Allowance.objects.filter(enrolment=stored).exists():
        raise NotAllowed("生活费补贴已经测算，")
    if new["number"]:
        certifying.take_certificate_back(stored, by)
    if new["days"] is not None:
        classes.uncount_days(stored, by)
    if row.verdict == NEW:
        enrolling.leave(stored, "撤回导入", by)
        one = TrainingClass.objects.get(pk=stored.training_class_id)
        if not one.taken and by.can("training", "w", one.unit) and one.organiser == one.unit.name:
            classes.cancel_class(one, "撤回导入", by)


def _class_of(context: Context, person: Laborer, name: str, first: dt.date) -> TrainingClass | None:
    """The class of that name and year which takes people of the person's village, the nearest unit first."""
    found = TrainingClass.objects.visible_to(context.user).filter(
        name=name, year=first.year, unit__code__in=person.village.ancestor_codes
    )
    found = found.exclude(state=TrainingClass.State.VOID).select_related("unit", "plan")
    return found.order_by("-unit__path").first()


class _File:
    """What the rows of one workbook have said so far."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rows: dict[tuple, int] = {}
        self.days: dict[tuple[int, dt.date], str] = {}
        self.before: dict[int, list[Before]] = defaultdict(list)
        self.new: Counter[int] = Counter()
        self.certificates: dict[tuple[str, str], int] = {}


class _Judged:
    """One row: who is meant, which class, and what the verbs would say."""

    def __init__(self, number: int, values: dict[str, Any], problems: list[Problem], file: _File) -> None:
        self.number, self.values, self.problems, self.file = number, values, problems, file
        self.stored: Enrolment | None = None
        self.new: dict[str, Any] = {}
        self.attended: int | None = None

    def tell(self, column: str, message: str, level: str = REJECT) -> None:
        self.problems.append(Problem(self.number, column, "", level, message))

    def staged(self) -> Staged:
        name = self.values["name"] or ""
        if any(problem.level == REJECT for problem in self.problems):
            return Staged(self.number, REJECTED, name, problems=self.problems)
        if self.stored is None:
            return Staged(self.number, NEW, name, new=self.new, problems=self.problems)
        changes = any(self.new[key] is not None for key in ("days", "number", "paid"))
        verdict = CHANGED if changes else SAME
        return Staged(
            self.number, verdict, name, new=self.new if changes else {}, target=self.stored.pk,
            problems=self.problems,
        )  # fmt: skip

    def judge(self) -> None:
        values, file = self.values, self.file
        person = self._person()
        first, last = (dt.date.fromisoformat(str(values[key])) for key in ("start", "end"))
        one = self._class(person, first, last) if person else None
        if person is None or one is None:
            return
        key = (person.pk, one.name, one.year)
        if key in file.rows:
            self.tell("姓名", f"与第 {file.rows[key]} 行重复，请只保留一行。")
            return
        file.rows[key] = self.number
        if one.pk:
            rows = Enrolment.objects.filter(training_class=one, laborer=person).standing()
            self.stored = rows.select_related("allowance", "completion__certificate").first()
        if self.stored is None:
            self._fits(one, person)
        self._days(one)
        paid = self._paid()
        self._certificate(one)
        if any(values[key] not in (None, "") for key in ("days", "number", "paid")):
            self._may(one)
        self.new = {
            "laborer": person.pk, "class": one.name, "trade": one.trade, "start": str(first), "end": str(last),
            "days": values["days"], "certificate": values["certificate"], "number": values["number"] or None,
            "paid": paid,
        }  # fmt: skip

    def _person(self) -> Laborer | None:
        context = self.file.context
        index = blind_index(self.values["id_no"], "laborer.id")
        rows = Laborer.objects.visible_to(context.user).under(context.unit).select_related("village")
        person = rows.filter(id_index=index).first()
        if person is None:
            self.tell("身份证号码", "台账中没有这个人，或不在管辖范围内。")
        elif person.name != self.values["name"]:
            self.tell("姓名", "与台账中这个身份证号码的姓名不同，请核对。")
            return None
        return person

    def _class(self, person: Laborer, first: dt.date, last: dt.date) -> TrainingClass | None:
        values, context = self.values, self.file.context
        one = _class_of(context, person, values["class"], first)
        if one is None:
            return self._new_class(first, last)
        said = {
            "工种": (values["trade"] or one.trade, one.trade),
            "开始": (first, one.starts_on),
            "结束": (last, one.ends_on),
        }
        for column, (told, kept) in said.items():
            if told != kept:
                self.tell(column, f"与系统里“{one.name}”的{kept or '（未定）'}不同，请核对。")
                return None
        return one

    def _new_class(self, first: dt.date, last: dt.date) -> TrainingClass | None:
        values, context = self.values, self.file.context
        if not values["trade"]:
            self.tell("工种", "系统里还没有这个培训班，工种不能为空。")
            return None
        if not context.user.can("training", "w", context.unit):
            self.tell("培训班", f"系统里没有这个培训班，您也不能为{context.unit.name}建立培训班。")
            return None
        try:
            return classes.from_list(
                context.unit, values["class"], values["trade"], class_days(first, last), context.user
            )
        except ValueError as wrong:
            self.tell("结束", str(wrong))
        except NotAllowed as refusal:
            self.tell("培训班", str(refusal))
        return None

    def _fits(self, one: TrainingClass, person: Laborer) -> None:
        """What enrolling would refuse, also by what earlier rows are about to write."""
        file = self.file
        try:
            enrolling.refuse_unfit(one, person, one.dates, file.before[person.pk])
            clashes.refuse_elsewhere(person, one, one.dates)
        except NotAllowed as refusal:
            self.tell("培训班", str(refusal))
            return
        for each in one.dates:
            if (person.pk, each) in file.days:
                self.tell(
                    "开始",
                    f"{each.month}月{each.day}日已在“{file.days[person.pk, each]}”，同一天不能参加两个班。",
                )
                return
        file.days |= {(person.pk, each): one.name for each in one.dates}
        file.before[person.pk].append(Before(one.year, one.trade, one.name))
        if one.pk:
            file.new[one.pk] += 1
            if one.free is not None and file.new[one.pk] > one.free:
                self.tell("培训班", f"“{one.name}”只剩{one.free}个名额。")

    def _days(self, one: TrainingClass) -> None:
        """出勤天数 within the class, and the amount against days × rate (YD-J05)."""
        values, kept = self.values, self.stored.days if self.stored else None
        days = values["days"]
        if kept is not None and days is not None and days != kept:
            self.tell("出勤天数", f"系统里已登记{kept}天，请核对；要更正请先退回考勤。")
            return
        if days is not None and days > len(one.days):
            self.tell("出勤天数", f"“{one.name}”共{len(one.days)}天，不能多于{len(one.days)}天。")
            return
        days = kept if days is None else days
        due = None if days is None else allowance(days, one.daily_fen)
        if values["amount"] is not None and values["amount"] != due:
            told = (
                "没有出勤天数，不能有补贴金额"
                if due is None
                else f"按出勤{days}天×{yuan(one.daily_fen)}元应为{yuan(due)}元"
            )
            self.tell("补贴金额", f"{told}（YD-J05）。请核对出勤天数和金额。")
        if kept is not None:
            values["days"] = None
        elif values["days"] is not None:
            self._may_count(one)
        self.attended = days

    def _may_count(self, one: TrainingClass) -> None:
        last = one.ends_on
        if one.state != TrainingClass.State.OPEN or last is None or last > timezone.localdate():
            self.tell("出勤天数", f"“{one.name}”还没有开班或没有结束，培训结束后再登记出勤天数。")
        elif why := period_state(one.unit, Month.of(last)).why:
            self.tell("出勤天数", why)

    def _certificate(self, one: TrainingClass) -> None:
        values, number = self.values, self.values["number"]
        if bool(values["certificate"]) != bool(number):
            self.tell("证书编号", "证书名称和证书编号要一起填写。")
        if not number:
            return
        pair = (values["certificate"] or "", "".join(number.split()))
        done = getattr(self.stored, "completion", None)
        kept = getattr(done, "certificate", None)
        if kept:
            if (kept.kind, kept.number) != pair:
                self.tell("证书编号", "系统里登记的证书不同，请核对；要更正请先撤销原来的。")
            values["number"] = None
            return
        if done is None and not enough(self.attended or 0, len(one.days), one.least_percent):
            self.tell("证书编号", "没有结业，不能登记证书：取证人数不能多于培训人数（YD-J04）。")
        taken = Certificate.objects.filter(kind=pair[0], number=pair[1]).exists()
        if taken or self.file.certificates.setdefault(pair, self.number) != self.number:
            self.tell("证书编号", "这个证书编号已经登记在别人名下，请核对。")

    def _paid(self) -> str | None:
        """The day of payment where an approved allowance waits for one."""
        paid = self.values["paid"]
        if not paid:
            return None
        pay = getattr(self.stored, "allowance", None)
        if pay is None or not pay.approved_by_id:
            self.tell(
                "发放日期", "补贴还没有审批，发放日期没有登记；审批后再导入，或在补贴页登记发放。", INFO
            )
            self.values["paid"] = None
            return None
        if pay.paid_on is None:
            return str(paid)
        if str(pay.paid_on) != str(paid):
            self.tell("发放日期", f"系统里登记的发放日期是{pay.paid_on}，请核对。")
        return None

    def _may(self, one: TrainingClass) -> None:
        if not self.file.context.user.can("training", "w", one.unit):
            self.tell("培训班", f"“{one.name}”由{one.unit.name}开办，出勤、证书和发放由{one.unit.name}登记。")
