"""The workbook of 补贴申请: one row for each person and scheme; every row goes through the checks of the form.

The amount of a row is compared, never taken over. A row without an agent is the person's own claim. Papers follow on
the claim's page: without the required ones the village cannot check it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from accounts.authority import NotAllowed
from ledgers.banking import KEPT, TAKEN, index_of, number_of
from ledgers.imports.cells import day, id_number, one_of, person_name, short_text
from ledgers.imports.known import CHUNK
from ledgers.models import BankAccount, Laborer, MonthlyRecord
from lib.bulk import among
from lib.crypto import blind_index
from lib.money import parse_yuan
from lib.month import Month
from lib.sheets import Parsed, text
from lib.staging import (
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
from subsidies.claims import applying
from subsidies.claims.known import Known
from subsidies.claims.rules import Consent
from subsidies.models import AGENT, OWN, RELATIONS, Claim, SchemeVersion
from subsidies.rules import period_words
from subsidies.schemes import SCHEMES, name_of

_PERIODS = (
    (re.compile(r"(\d{4})(?:年度?)?"), lambda found: found[1]),
    (re.compile(r"(\d{4})年?(?:第?([1-4一二三四])季度?|[Qq]([1-4]))"), lambda found: _quarter(found)),
    (re.compile(r"(\d{4})年?(?:([上下])半年|[Hh]([12]))"), lambda found: _half(found)),
    (re.compile(r"(\d{4})(?:统计年度|[Tt])"), lambda found: f"{found[1]}T"),
    (re.compile(r"(\d{4})(?:-|年|\.|/)(\d{1,2})月?"), lambda found: f"{found[1]}-{int(found[2]):02}"),
    (re.compile(r"一次性|once"), lambda found: "once"),
)


def _quarter(found: re.Match) -> str:
    said = found[2] or found[3]
    return f"{found[1]}Q{'一二三四'.find(said) + 1 or said}"


def _half(found: re.Match) -> str:
    return f"{found[1]}H{found[3] or ' 上下'.find(found[2])}"


def to_period(cell: Any) -> Parsed:
    """所属期 as claims keep it: 2023, 2023H1, 2023Q1, 2023T, 2023-03 or once."""
    said = re.sub(r"\s", "", text(cell))
    for shape, period in _PERIODS:
        if found := shape.fullmatch(said):
            return Parsed(period(found))
    return (
        Parsed(
            None,
            REJECT,
            "所属期应为“2023年”“2023年上半年”“2023年第1季度”“2023统计年度”“2023年3月”或“一次性”。",
        )
        if said
        else Parsed(None)
    )


def to_scheme(cell: Any) -> Parsed:
    """The code of a scheme, by code or by its usual name; other names are looked for among the county's own."""
    said = text(cell)
    by_name = {one.name: code for code, one in SCHEMES.items()}
    return Parsed(said.upper() if said.upper() in SCHEMES else by_name.get(said, said) or None)


def to_amount(cell: Any) -> Parsed:
    """Fen of the amount on the sheet, to be compared."""
    if cell in (None, ""):
        return Parsed(None)
    try:
        return Parsed(parse_yuan(cell))
    except ValueError as wrong:
        return Parsed(None, REJECT, str(wrong))


def to_number(cell: Any) -> Parsed:
    if cell in (None, ""):
        return Parsed(None)
    try:
        return Parsed(number_of(text(cell)))
    except NotAllowed as refusal:
        return Parsed(None, REJECT, str(refusal))


def months_of(period: str) -> tuple[Month, Month]:
    """The first and last month a 所属期 may be reckoned for."""
    if period == "once":
        return Month(2000, 1), Month(2999, 12)
    if "Q" in period:
        last = Month(int(period[:4]), int(period[-1]) * 3)
        return last - 2, last
    if "H" in period:
        last = Month(int(period[:4]), int(period[-1]) * 6)
        return last - 5, last
    if period.endswith("T"):
        months = Month.statistical_months(int(period[:4]))
        return months[0], months[-1]
    if "-" in period:
        return Month.parse(period), Month.parse(period)
    return Month(int(period), 1), Month(int(period), 12)


@register
class Claims(Kind):
    """Person by ID number; a claim that is there already is the same or refused, never changed."""

    name, title, right, place = "claims", "补贴申请", ("subsidy", "i"), 14
    about = "一批补贴申请，每人每项一行。金额由系统核算，表里的金额只用来核对；代办的要写明代办人和委托日期。"
    columns = (
        Column("name", "姓名", person_name, required=True),
        Column("id_no", "身份证号码", id_number, ("身份证号", "公民身份号码"), required=True, secret=True),
        Column("code", "补贴项目", to_scheme, ("补贴名称", "政策名称"), required=True, example="一次性交通补贴",
               help="编号或名称，如B01、一次性交通补贴。"),
        Column("period", "所属期", to_period, ("补贴年度", "享受期间"), required=True, example="2023年"),
        Column("how", "申请方式", one_of((OWN, AGENT), {"本人": OWN, "委托代办": AGENT}), choices=(OWN, AGENT),
               help="空着的，有代办人算代办，没有算本人申请。"),
        Column("agent", "代办人", short_text(50), ("代办人姓名",)),
        Column("relation", "与本人关系", one_of(RELATIONS), ("代办人与本人关系",), choices=RELATIONS),
        Column("consent_on", "委托日期", day),
        Column("bank", "开户行", short_text(60), ("开户银行",)),
        Column("number", "社保卡号", to_number, ("银行账号", "一卡通账号", "社保卡账号"), secret=True,
               help="本人账户；已登记的可以空。"),
        Column("amount", "金额", to_amount, ("补贴金额", "金额（元）"), example="1500",
               help="只用来核对，与核算不符的退回。"),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        seen, source = Seen(), iter(rows)
        while part := [(row.number, *parse_row(self.columns, row)) for row in islice(source, CHUNK)]:
            file = _File(context, [values for _, values, _ in part])
            for number, values, problems in part:
                one = _Judged(number, values, problems, file, seen)
                if not any(problem.level == REJECT for problem in problems):
                    one.judge()
                yield one.staged()

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        rows = list(staged)
        schemes = SchemeVersion.objects.in_bulk({row.new["scheme"] for row in rows})
        here = Laborer.objects.under(context.unit).filter(among("pk", [row.new["laborer"] for row in rows]))
        reach = set(here.values_list("pk", flat=True))
        if gone := next((row for row in rows if row.new["laborer"] not in reach), None):
            raise Stale(f"第 {gone.row} 行：这个人已不在{context.unit.name}。")
        wanted = [
            applying.Wanted(
                f"第 {row.row} 行", row.new["laborer"], schemes[row.new["scheme"]], Month.parse(row.new["month"]),
                _consent(row.new), (row.new["bank"], row.new["number"]) if row.new["number"] else None,
            )
            for row in rows
        ]  # fmt: skip
        try:
            made = applying.begin_all(wanted, context.user, "i")
        except NotAllowed as refusal:
            raise Stale(str(refusal)) from refusal
        for row, claim in zip(rows, made, strict=True):
            if claim.amount != row.new["fen"]:
                raise Stale(f"第 {row.row} 行：核算金额变为{claim.yuan}元。")
            row.target = claim.pk

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            claim = Claim.objects.select_related("scheme").get(pk=row.pk)
            if claim.state == Claim.State.APPLIED and claim.steps.count() == 1:
                applying.withdraw(claim, "撤回导入", context.user, letter="i")
            elif claim.state != Claim.State.WITHDRAWN:
                left.append(f"第 {row.row} 行 {row.key}：已经进入办理，没有撤回。")
        return left


def _consent(values: dict[str, Any]) -> Consent | None:
    if values["how"] != AGENT:
        return None
    on = dt.date.fromisoformat(values["consent_on"]) if values["consent_on"] else None
    return Consent(values["agent"] or "", values["relation"] or "", on)


class Seen:
    """What rows before said: who applies for what, and whose account a number is."""

    def __init__(self) -> None:
        self.rows: dict[tuple, int] = {}
        self.owners: dict[str, int] = {}  # blind index of an account → person


class _File:
    """The people whom a part of the workbook means, with all that stands of them."""

    def __init__(self, context: Context, rows: list[dict[str, Any]]) -> None:
        self.context = context
        indexes = {blind_index(values["id_no"], "laborer.id") for values in rows if values["id_no"]}
        found = Laborer.objects.visible_to(context.user).under(context.unit)
        found = found.filter(among("id_index", sorted(indexes), "text")).select_related("village__parent")
        self.people = {one.id_index: one for one in found}
        self.known = Known(self.people.values())
        numbers = {index_of(values["number"]) for values in rows if values["number"]}
        standing = BankAccount.objects.standing().filter(among("number_index", sorted(numbers), "text"))
        self.owners = dict(standing.values_list("number_index", "laborer"))

    @cached_property
    def months(self) -> dict[int, list[Month]]:
        """In which months the ledger has each, the newest first."""
        found: dict[int, list[Month]] = defaultdict(list)
        people = among("laborer", sorted(one.pk for one in self.people.values()))
        rows = MonthlyRecord.objects.filter(people).order_by("laborer", "-month")
        for laborer, month in rows.values_list("laborer", "month"):
            found[laborer].append(month)
        return found


class _Judged:
    """One row: who is meant, which version, which month, and what the verb would say."""

    def __init__(
        self, number: int, values: dict[str, Any], problems: list[Problem], file: _File, seen: Seen
    ) -> None:
        self.number, self.values, self.problems, self.file, self.seen = number, values, problems, file, seen
        self.context, self.known = file.context, file.known
        self.new: dict[str, Any] = {}
        self.same: Claim | None = None

    def refuse(self, column: str, message: str) -> None:
        self.problems.append(Problem(self.number, column, "", REJECT, message))

    def staged(self) -> Staged:
        name = self.values["name"] or ""
        if any(problem.level == REJECT for problem in self.problems):
            return Staged(self.number, REJECTED, name, problems=self.problems)
        if self.same:
            return Staged(self.number, SAME, name, target=self.same.pk, problems=self.problems)
        return Staged(self.number, NEW, name, new=self.new, problems=self.problems)

    def judge(self) -> None:
        values, user, seen = self.values, self.context.user, self.seen.rows
        person = self._person()
        if person is None:
            return
        month = self._month(person)
        scheme = self._scheme(person, month) if month else None
        if month is None or scheme is None:
            return
        key = (person.pk, scheme.code, values["period"])
        if key in seen:
            self.refuse("姓名", f"与第 {seen[key]} 行重复，请只保留一行。")
            return
        seen[key] = self.number
        self._how()
        if found := self.known.claim(person, scheme.code, values["period"]):
            self._compare(found)
            return
        self._account(person)
        try:
            made = applying.draft(
                person, scheme, month, user, consent=_consent(values), declared=applying.promised(scheme),
                letter="i", known=self.known,
            )  # fmt: skip
        except NotAllowed as refusal:
            self.refuse("补贴项目", str(refusal))
            return
        if values["amount"] is not None and values["amount"] != made.amount:
            self.refuse("金额", f"与标准不符，按台账应为{made.yuan}元（YD-G10）。请改正，或留空。")
        self.new = {
            "laborer": person.pk, "scheme": scheme.pk, "month": str(month), "fen": made.amount, "amount": made.yuan,
            **{key: values[key] for key in ("name", "code", "period", "how", "agent", "relation", "consent_on")},
            "bank": values["bank"] or "", "number": values["number"] or "",
        }  # fmt: skip
        self.known.add(made)  # the rows below are judged beside it, as they will be written beside it

    def _person(self) -> Laborer | None:
        person = self.file.people.get(blind_index(self.values["id_no"], "laborer.id"))
        if person is None:
            self.refuse("身份证号码", "台账中没有这个人，或不在管辖范围内。")
        elif person.name != self.values["name"]:
            self.refuse("姓名", "与台账中这个身份证号码的姓名不同，请核对。")
            return None
        return person

    def _month(self, person: Laborer) -> Month | None:
        """The newest month of the 所属期 in which the ledger has the person."""
        first, last = months_of(self.values["period"])
        if self.context.month:
            last = min(last, self.context.month)
        newest = next((one for one in self.file.months[person.pk] if first <= one <= last), None)
        if newest is None:
            self.refuse("所属期", "台账在这个所属期里没有这个人的月度记录，不能核算。")
        return newest

    def _scheme(self, person: Laborer, month: Month) -> SchemeVersion | None:
        said = self.values["code"]
        held = self.known.in_force(person, month)
        found = next((one for one in held if said in (one.code, one.name)), None)
        if found is None:
            self.refuse("补贴项目", f"{month.label}没有正在执行的“{name_of(said)[:20]}”，请核对名称。")
        elif found.terms.period(month) != self.values["period"]:
            self.refuse("所属期", f"这项补贴的所属期应为“{period_words(found.terms.period(month))}”。")
            return None
        return found

    def _how(self) -> None:
        values = self.values
        values["how"] = values["how"] or (AGENT if values["agent"] else OWN)
        if values["how"] == OWN and (values["agent"] or values["relation"] or values["consent_on"]):
            self.refuse("申请方式", "写了代办人或委托日期的，申请方式应为“代办”。")

    def _account(self, person: Laborer) -> None:
        number = self.values["number"]
        if not number:
            return
        if not self.values["bank"]:
            self.refuse("开户行", "填了社保卡号的，开户行也要填写。")
        index = index_of(number)
        owner = self.file.owners.get(index, self.seen.owners.setdefault(index, person.pk))
        if owner != person.pk:
            self.refuse("社保卡号", TAKEN)
        kept = self.known.account(person)
        if kept and kept.number != number:
            self.refuse("社保卡号", KEPT.format(name=person.name, bank=kept.bank, masked=kept.masked))

    def _compare(self, found: Claim) -> None:
        """A claim that is there already: the same, or refused with what differs; imports change no claim."""
        values = self.values
        number = found.account.number if found.account else ""
        differs = {
            "申请方式": found.how != values["how"] or (values["agent"] or "") != found.agent_name,
            "金额": values["amount"] is not None and values["amount"] != found.amount,
            "社保卡号": bool(values["number"]) and values["number"] != number,
        }
        if changed := [column for column, one in differs.items() if one]:
            self.refuse(
                changed[0], f"这项补贴已经申请过（{found.get_state_display()}），导入不改动申请（YD-G04）。"
            )
        else:
            self.same = found
