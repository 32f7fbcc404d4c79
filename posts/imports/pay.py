"""工资表 by workbook: becomes a run that another person approves. The amounts are compared, never taken over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from accounts import wall
from accounts.authority import NotAllowed
from accounts.models import Level, Unit
from ledgers.banking import TAKEN, index_of, keep_account, number_of
from ledgers.imports import cells
from ledgers.models import BankAccount
from lib.money import parse_yuan, yuan
from lib.sheets.cells import Parsed, text
from lib.staging import (
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
    worst,
)
from posts import paying
from posts.imports.attendance import WHO, appointments_of, meant, to_days
from posts.models import Appointment, PostPay
from posts.paying import NO_ACCOUNT, Reckoned


def to_fen(cell: Any) -> Parsed:
    if not text(cell):
        return Parsed(None)
    try:
        return Parsed(parse_yuan(cell))
    except ValueError as error:
        return Parsed(None, REJECT, str(error))


def to_account(cell: Any) -> Parsed:
    if not text(cell):
        return Parsed(None)
    try:
        return Parsed(number_of(text(cell)))
    except NotAllowed as refusal:
        return Parsed(None, REJECT, str(refusal))


@register
class PostPayKind(Kind):
    """One row is one holder's pay of the month, computed anew; a row that differs is refused."""

    name, title, right = "post-pay", "公益性岗位工资", ("post", "i")
    place = 42
    about = "公益性岗位的工资表：与系统按考勤计算的金额逐人比较，相同的做成工资表，由另一人审批；不同的退回。"
    needs_month = True
    columns = (
        *WHO,
        Column("days", "出勤天数", to_days, ("出勤", "实际出勤天数"), required=True, example="22"),
        Column("amount", "工资", to_fen, ("工资（元）", "实发工资", "实发金额", "补贴金额", "金额"), required=True,
               help="单位元，与系统计算的相同才能导入。", example="300.00"),
        Column("bank", "开户行", cells.short_text(60), ("开户银行",)),
        Column("account", "社保卡号", to_account, ("银行账号", "账号", "银行卡号", "一卡通账号"), secret=True),
        Column("paid_on", "发放日期", cells.day, ("发放时间",), help="在工资表页登记发放时填写，这里只作核对。"),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        parsed = [(row.number, *parse_row(self.columns, row)) for row in rows]
        held = appointments_of(context, [values["id_no"] for _, values, _ in parsed if values["id_no"]])
        reckoned = paying.reckon([one for many in held.values() for one in many], context.month)
        by_key = {one.appointment.pk: one for one in reckoned}
        owners = _owners([values["account"] for _, values, _ in parsed if values["account"]])
        seen: dict[int, int] = {}
        for number, values, problems in parsed:
            yield _judged(number, values, problems, held, by_key, owners, seen, context)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        rows = list(staged)
        keys = [row.new["appointment"] for row in rows]
        held = Appointment.objects.visible_to(context.user, "i").under(context.unit).filter(pk__in=keys)
        found = {one.pk: one for one in held.select_related("post__unit__parent", "laborer")}
        by_unit: dict[Unit, list[int]] = defaultdict(list)
        try:
            for row in rows:
                one = found[row.new["appointment"]]
                if row.new["account"]:
                    keep_account(one.laborer, row.new["bank"], row.new["account"], context.user)
                by_unit[_payer(one, context)].append(one.pk)
            for unit, chosen in by_unit.items():
                paying.draft_run(unit, context.month, context.user, only=chosen)
        except (NotAllowed, KeyError) as refusal:
            raise Stale(str(refusal)) from refusal
        pays = PostPay.objects.alive().filter(appointment__in=keys, month=context.month)
        made = {one.appointment_id: one for one in pays}
        for row in rows:
            pay = made.get(row.new["appointment"])
            if pay is None or (pay.amount, pay.days) != (row.new["amount"], row.new["days"]):
                raise Stale(f"第 {row.row} 行 {row.key}")
            row.target = pay.pk

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            pay = PostPay.objects.filter(pk=row.pk).select_related("run", "laborer").first()
            if pay is None or pay.state == PostPay.State.VOID:
                continue
            try:
                paying.void_pay(pay, f"撤回导入批次{context.batch}", context.user)
            except NotAllowed as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}")
        return left


def _payer(one: Appointment, context: Context) -> Unit:
    """The township pays its villages; a village that imports pays itself."""
    unit = one.post.unit
    return unit.parent if unit.level == Level.VILLAGE and unit.parent and context.unit != unit else unit


def _owners(numbers: list[str]) -> dict[str, int]:
    """Whose account each number is."""
    indexes = {index_of(number): number for number in numbers}
    with wall.opened("an account may be somebody's whom the user does not see"):
        found = BankAccount.objects.standing().filter(number_index__in=list(indexes))
        return {indexes[one.number_index]: one.laborer_id for one in found}


def _judged(
    number: int, values: dict[str, Any], problems: list[Problem], held: dict[str, list[Appointment]],
    reckoned: dict[int, Reckoned], owners: dict[str, int], seen: dict[int, int], context: Context,
) -> Staged:  # fmt: skip
    def refuse(column: str, message: str) -> Staged:
        problems.append(Problem(number, column, "", REJECT, message))
        return Staged(number, REJECTED, values["name"] or "", problems=problems)

    if worst(problems) == REJECTED:
        return Staged(number, REJECTED, values["name"] or "", problems=problems)
    one, column, why = meant(values, held, context.month)
    if one is None:
        return refuse(column, why)
    if one.laborer_id in seen:
        return refuse("身份证号码", f"与第 {seen[one.laborer_id]} 行是同一个人，一个月只发一份。")
    seen[one.laborer_id] = number
    now = reckoned[one.pk]
    if why := _account_fault(values, now, owners, one, context):
        return refuse("社保卡号", why)
    if now.done and now.done.appointment_id == one.pk:
        return _same(values, now.done, refuse, Staged(number, SAME, one.laborer.name, problems=problems))
    if now.done:
        return refuse("姓名", f"{context.month.label}已按另一个岗位做了工资，一个月只发一份。")
    if now.why and not (now.why == NO_ACCOUNT and values["account"]):
        return refuse("姓名", f"{now.why}。")
    if differs := _difference(values, now.days, now.wage.amount):
        return refuse(*differs)
    if values["paid_on"]:
        problems.append(Problem(number, "发放日期", "", INFO, "先审批，再在工资表页登记发放。"))
    fresh = now.account is None
    new = {
        "appointment": one.pk, "days": now.days, "amount": now.wage.amount,
        "bank": values["bank"] if fresh else "", "account": values["account"] if fresh else "",
    }  # fmt: skip
    return Staged(number, NEW, one.laborer.name, new, problems=problems)


def _account_fault(
    values: dict[str, Any], now: Reckoned, owners: dict[str, int], one: Appointment, context: Context
) -> str:
    """YD-F24: only the holder's own account, and nobody else's."""
    number = values["account"]
    if not number:
        return ""
    if owners.get(number, one.laborer_id) != one.laborer_id:
        return TAKEN
    if now.account and now.account.number != number:
        return f"与登记的本人收款账户（{now.account.masked}）不同，请核对；账户有变更的请先更改登记。"
    if now.account is None and not values["bank"]:
        return "第一次登记收款账户，请填开户行。"
    village = one.laborer.village
    if now.account is None and not (
        context.user.can("person", "w", village) or context.user.can("subsidy", "a", village)
    ):
        return "您没有登记收款账户的权限，请户籍所在乡镇先登记。"
    return ""


def _difference(values: dict[str, Any], days: int, amount: int) -> tuple[str, str] | None:
    if values["days"] != days:
        return "出勤天数", f"考勤表核对的是{days}天，请按考勤表更正。"
    if values["amount"] != amount:
        return "工资", f"按考勤和标准计算应为{yuan(amount)}元，请核对后更正。"
    return None


def _same(
    values: dict[str, Any], done: PostPay, refuse: Callable[[str, str], Staged], staged: Staged
) -> Staged:
    """The pay stands already: the row repeats it or is refused."""
    if why := _difference(values, done.days, done.amount):
        return refuse(*why)
    if values["paid_on"] and done.paid_on and str(values["paid_on"]) != str(done.paid_on):
        return refuse("发放日期", f"登记的发放日期是{done.paid_on}，请核对。")
    staged.target = done.pk
    return staged
