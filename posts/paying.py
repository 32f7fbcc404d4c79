"""The verbs of 工资: a run is made from checked attendance, approved by another, paid under a voucher.

Nobody types an amount: posts.pay_rules computes it from the days on duty and the standard of the post. What stands in
the way of somebody's pay is one question (`reckon`), asked when a run is made, approved and paid. Months are paid in
arrears, so a closed month does not keep anybody from being paid for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Level, Unit, User
from ledgers import codes
from ledgers.facts import refigure, refigure_all
from ledgers.models import BankAccount, Laborer, MonthlyRecord
from lib.bulk import among
from lib.money import yuan
from lib.month import Month
from posts import taking
from posts.attending import in_month
from posts.models import POST_OR_AWAY, Appointment, Attendance, AttendanceSheet, PayRun, PostPay, TakenMonth
from posts.models.posts import FUNDINGS
from posts.pay_rules import Wage, last_day, wage

State, Line = PayRun.State, PostPay.State
AWAY = (codes.IN_CITY, codes.IN_PROVINCE, codes.OUTSIDE)  # place classes outside the county
TITLE = "公益性岗位工资"
NO_ACCOUNT = "没有登记本人收款账户"
MAKES, PAYS = ("w", "i"), ("w", "a")


@dataclass
class Reckoned:
    """What one holder would be paid for the month, or `why` nothing (a sentence)."""

    appointment: Appointment
    attendance: Attendance | None = None
    account: BankAccount | None = None
    wage: Wage = field(default_factory=lambda: Wage(0, 0))
    why: str = ""
    done: PostPay | None = None  # the pay of the month that stands already

    @property
    def days(self) -> int:
        return self.attendance.days if self.attendance else 0


# ── what stands in the way ───────────────────────────────────────────────────────────────────────────────────────


def reckon(appointments: Iterable[Appointment], month: Month) -> list[Reckoned]:
    """What each is paid for the month and why not, from the rows as they stand; in the order given.

    Asks beyond the reach of the user: what keeps somebody from being paid may lie in another unit's ledger.
    """
    found = list(appointments)
    people = {one.laborer_id for one in found}
    with wall.opened("what stands in the way of a person's pay may be another unit's row"):
        lines = {
            line.appointment_id: line
            for line in Attendance.objects.filter(
                among("appointment", [one.pk for one in found]), sheet__month=month
            ).select_related("sheet")
        }
        of_person = among("laborer", list(people))
        accounts = {one.laborer_id: one for one in BankAccount.objects.standing().filter(of_person)}
        records = MonthlyRecord.objects.filter(of_person, month=month, working=True, place_class__in=AWAY)
        away = dict(records.values_list("laborer_id", "place_class"))
        months = TakenMonth.objects.filter(of_person, month=month, group=POST_OR_AWAY)
        taken = {row.laborer_id: row for row in months}
        standing = {one.laborer_id: one for one in PostPay.objects.alive().filter(of_person, month=month)}
    made = []
    for one in found:
        reckoned = Reckoned(one, lines.get(one.pk), accounts.get(one.laborer_id))
        reckoned.done = standing.get(one.laborer_id)
        mine = f"post-pay:{reckoned.done.pk}" if reckoned.done else ""
        other = taken.get(one.laborer_id)
        reckoned.why = (
            _outside_service(one, month)
            or _no_standard(one)
            or _no_attendance(reckoned)
            or _away(away.get(one.laborer_id), month)
            or (f"{month.label}已享受{other.title}，同月不能重复享受" if other and other.what != mine else "")
            or ("" if reckoned.account else NO_ACCOUNT)
        )
        if reckoned.why in ("", NO_ACCOUNT):
            reckoned.wage = wage(one.post.monthly_fen or 0, one.post.days_required or 0, reckoned.days)
        made.append(reckoned)
    return made


def _outside_service(one: Appointment, month: Month) -> str:
    last = last_day(one.ended_on, one.stop_pay_on)
    if one.started_on > month.last_day or (last and last < month.first_day):
        return f"{month.label}不在聘用期内或已停发"
    return ""


def _no_standard(one: Appointment) -> str:
    return "" if one.post.monthly_fen and one.post.days_required else "岗位没有登记补贴标准或规定出勤天数"


def _no_attendance(one: Reckoned) -> str:
    """YD-F07, YD-F06."""
    line = one.attendance
    if line is None:
        return "考勤表上没有这个人"
    if line.sheet.state != AttendanceSheet.State.CHECKED:
        return "考勤表还没有核对"
    if line.days < 1:
        return "出勤0天，不发工资"
    return f"考勤表注明有人顶岗（{line.substitute}），查清以前不发" if line.substitute else ""


def _away(place: str | None, month: Month) -> str:
    """YD-F02."""
    return f"台账登记{month.label}在{place}务工，不能同时领取岗位工资" if place else ""


# ── the verbs ────────────────────────────────────────────────────────────────────────────────────────────────────


def candidates(unit: Unit, month: Month, funding: str = "") -> list[Appointment]:
    """Whoever holds a post of the unit and below in the month, of one source of funds if named."""
    held = Appointment.objects.under(unit).filter(in_month(month)).select_related("post__unit", "laborer")
    if funding:
        held = held.filter(post__funding=funding)
    return list(held.order_by("post__unit__sort_path", "post__number", "started_on"))


@transaction.atomic
def draft_run(
    unit: Unit, month: Month, by: User, *, funding: str = "", only: Collection[int] | None = None
) -> PayRun:
    """制表: a line for everybody who may be paid and is not yet; `only` narrows it to these appointments."""
    if not may(by, unit, MAKES):
        raise NotAllowed(f"您没有编制{unit.name}工资表的权限。")
    if unit.level not in (Level.VILLAGE, Level.TOWNSHIP):
        raise NotAllowed("工资表按乡镇或村编制，请选择乡镇或村。")
    if funding and funding not in FUNDINGS:
        raise NotAllowed("请选择资金来源。")
    if month > Month.current():
        raise NotAllowed(f"{month.label}还没有到，不能编制工资表。")
    found = [one for one in candidates(unit, month, funding) if only is None or one.pk in only]
    _lock(found, month)
    payable = [one for one in reckon(found, month) if not one.why and one.done is None]
    if not payable:
        raise NotAllowed(
            f"{unit.name}{month.label}没有可以发放的人：考勤没有核对、没有收款账户，或者已经做过工资表。"
        )
    run = PayRun.objects.create(unit=unit, month=month, funding=funding, made_by=by)
    # who changed posts within the month is paid once, where more is due
    once: dict[int, PostPay] = {}
    for one in sorted(payable, key=lambda one: -one.wage.amount):
        once.setdefault(one.appointment.laborer_id, _line(run, one))
    try:
        with transaction.atomic():
            made = PostPay.objects.bulk_create(once.values(), batch_size=500)
    except IntegrityError:
        raise NotAllowed(f"其中有人{month.label}的工资刚刚已经做过，请刷新页面再看。") from None
    with wall.opened("the person may be registered in another unit"):
        months = ((one.laborer, [month], f"post-pay:{one.pk}", TITLE) for one in made)
        taking.take_all(months, POST_OR_AWAY)
    _told_run("pay.draft", by, run, made)
    return run


def _line(run: PayRun, one: Reckoned) -> PostPay:
    """The pay of somebody in whose way nothing stands, not saved yet."""
    held, post, line = one.appointment, one.appointment.post, one.attendance
    return PostPay(
        run=run, appointment=held, laborer=held.laborer, month=run.month, attendance=line, account=one.account,
        days=one.days, required=post.days_required or 0, standard=post.monthly_fen or 0,
        deduction=one.wage.deduction, amount=one.wage.amount,
    )  # fmt: skip


@transaction.atomic
def approve_run(run: PayRun, by: User) -> PayRun:
    """审批: by somebody other than who made it; every line still stands as it was computed."""
    run, lines = _held(run, by, ("a",))
    if run.state != State.DRAFT:
        raise NotAllowed(f"这张工资表{run.get_state_display()}，不能审批。请刷新页面再看。")
    if run.made_by_id == by.pk:
        raise NotAllowed("制表人不能审批自己编制的工资表，请另一位同事审批。")
    due = _due(lines)
    _still_right(due, run.month)
    run.state, run.approved_by, run.approved_at = State.APPROVED, by, timezone.now()
    run.save(update_fields=["state", "approved_by", "approved_at"])
    _told_run("pay.approve", by, run, due)
    return run


@transaction.atomic
def mark_paid(run: PayRun, voucher: str, day: dt.date, by: User) -> PayRun:
    """登记发放: everybody on the approved run was paid on that day under that voucher."""
    run, lines = _held(run, by, PAYS)
    if run.state != State.APPROVED:
        raise NotAllowed(f"这张工资表{run.get_state_display()}，不能登记发放。请刷新页面再看。")
    voucher = _paid_how(voucher, day, run)
    due = _due(lines)
    _still_right(due, run.month)
    PostPay.objects.filter(pk__in=[one.pk for one in due]).update(
        state=Line.PAID, paid_on=day, voucher=voucher
    )
    run.state, run.paid_by, run.paid_at = State.PAID, by, timezone.now()
    run.save(update_fields=["state", "paid_by", "paid_at"])
    _told_run("pay.pay", by, run, due, day=str(day), voucher=voucher)
    return run


@transaction.atomic
def bounce(pay: PostPay, result: str, by: User) -> PostPay:
    """退票: the bank sent the money back; the month waits to be paid again or voided."""
    _run, lines = _held(pay.run, by, PAYS, pay)
    one = lines[0]
    if one.state != Line.PAID:
        raise NotAllowed(f"{one.laborer.name}的工资{one.get_state_display()}，不能登记退票。")
    one.state, one.result = Line.BOUNCED, because(result, "银行退票原因", 100)
    one.save(update_fields=["state", "result"])
    _told("pay.bounce", by, one, reason=one.result)
    return one


@transaction.atomic
def pay_again(pay: PostPay, voucher: str, day: dt.date, by: User) -> PostPay:
    """重发: what came back is paid to the account that the holder has now."""
    run, lines = _held(pay.run, by, PAYS, pay)
    one = lines[0]
    if one.state != Line.BOUNCED:
        raise NotAllowed(f"{one.laborer.name}的工资{one.get_state_display()}，不能重发。")
    voucher = _paid_how(voucher, day, run)
    (now,) = _still_right([one], run.month, account=False)
    one.account = now.account or one.account
    one.state, one.paid_on, one.voucher = Line.PAID, day, voucher
    one.save(update_fields=["state", "account", "paid_on", "voucher"])
    _told("pay.again", by, one, day=str(day), voucher=voucher)
    return one


@transaction.atomic
def void_pay(pay: PostPay, reason: str, by: User) -> PostPay:
    """Take one holder off a run: the month is free again. Paid money must come back first."""
    _run, lines = _held(pay.run, by, PAYS, pay)
    one = lines[0]
    _void(one, because(reason, "作废原因"))
    _told("pay.void", by, one, reason=one.reason)
    return one


@transaction.atomic
def void_run(run: PayRun, reason: str, by: User) -> PayRun:
    """作废: the whole run, as long as nothing of it was paid."""
    run, lines = _held(run, by, PAYS)
    reason = because(reason, "作废原因")
    if run.state not in (State.DRAFT, State.APPROVED):
        raise NotAllowed(f"这张工资表{run.get_state_display()}，不能作废。")
    for one in lines:
        if one.state != Line.VOID:
            _void(one, reason)
    run.state, run.voided_by, run.reason = State.VOID, by, reason
    run.save(update_fields=["state", "voided_by", "reason"])
    _told_run("pay.void_run", by, run, lines, reason=reason)
    return run


# ── what every verb asks ─────────────────────────────────────────────────────────────────────────────────────────


def may(by: User, unit: Unit, letters: tuple[str, ...]) -> bool:
    return any(by.can("post", letter, unit) for letter in letters)


def _lock(appointments: Iterable[Appointment], month: Month) -> None:
    """The people first, then the sheets that their pay stands on."""
    found = list(appointments)
    with wall.opened("a holder may be registered in another unit"):
        people = Laborer.objects.select_for_update(no_key=True).order_by("pk")
        list(people.filter(among("pk", sorted({one.laborer_id for one in found}))).values_list("pk"))
    sheets = AttendanceSheet.objects.select_for_update(no_key=True).order_by("pk")
    units = sorted({one.post.unit_id for one in found})
    list(sheets.filter(among("unit", units), month=month).values_list("pk"))


def _held(run: PayRun, by: User, letters: tuple[str, ...], pay: PostPay | None = None):
    """The run and its lines (or the one line), locked: people, sheets, run, lines."""
    rows = PostPay.objects.filter(run=run) if pay is None else PostPay.objects.filter(pk=pay.pk)
    related = rows.select_related("appointment__post__unit", "appointment__laborer", "laborer")
    _lock([one.appointment for one in related], run.month)
    held = PayRun.objects.select_for_update(of=("self",)).select_related("unit").get(pk=run.pk)
    if not may(by, held.unit, letters):
        raise NotAllowed(f"您没有办理{held.unit.name}工资表的权限。")
    return held, list(related.select_for_update(of=("self",)).order_by("pk"))


def _due(lines: list[PostPay]) -> list[PostPay]:
    due = [one for one in lines if one.state == Line.DUE]
    if not due:
        raise NotAllowed("这张工资表上没有待发放的人。")
    return due


def _still_right(lines: list[PostPay], month: Month, *, account: bool = True) -> list[Reckoned]:
    """Refuse when something has come in the way since the lines were computed, naming who and why."""
    reckoned = reckon([one.appointment for one in lines], month)
    wrong = []
    for pay, now in zip(lines, reckoned, strict=True):
        why = now.why
        if not why and (now.wage.amount, now.days) != (pay.amount, pay.days):
            why = "出勤或标准已有变化，金额与现在计算的不同"
        if not why and account and now.account and now.account.pk != pay.account_id:
            why = "收款账户已变更"
        if why:
            wrong.append(f"{pay.laborer.name}{why}")
    if wrong:
        raise NotAllowed(f"{'；'.join(wrong[:5])}。请先在工资表上作废{len(wrong)}人的工资，再继续。")
    return reckoned


def _told_run(act: str, by: User, run: PayRun, lines: list[PostPay], **detail: str) -> None:
    amount = yuan(sum(one.amount for one in lines), plain=True)
    refigure_all({one.appointment.post.unit_id for one in lines}, run.month.first_day)
    record(act, by, run, run.unit, month=str(run.month), people=len(lines), amount=amount, **detail)


def _told(act: str, by: User, one: PostPay, **detail: str) -> None:
    unit, amount = one.appointment.post.unit, yuan(one.amount, plain=True)
    refigure(unit, one.month.first_day)
    record(act, by, one, unit, month=str(one.month), amount=amount, **detail)


def _paid_how(voucher: str, day: dt.date, run: PayRun) -> str:
    voucher = " ".join(voucher.split())[:40]
    if not voucher:
        raise NotAllowed("请填写凭证号。")
    if not run.month.first_day <= day <= timezone.localdate():
        raise NotAllowed(f"发放日期应在{run.month.label}1日以后、今天以前。")
    return voucher


def _void(one: PostPay, reason: str) -> None:
    if one.state == Line.PAID:
        raise NotAllowed(f"{one.laborer.name}的工资已经发放，不能作废。银行退回的请先登记退票。")
    if one.state == Line.VOID:
        raise NotAllowed(f"{one.laborer.name}的工资已经作废。")
    one.state, one.reason = Line.VOID, reason
    one.save(update_fields=["state", "reason"])
    with wall.opened("the month was taken from the person, wherever registered"):
        taking.release(f"post-pay:{one.pk}")
