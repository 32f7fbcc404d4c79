"""What a subsidy scheme asks and what it pays, as data: clauses, a tariff and caps, judged clause by clause.

A rule is the JSON of a scheme version (domain.md §4): in which window it looks, which work counts, what is asked and
how much is paid. Nothing here touches the database: `judge(rule, facts)` says met, not met or evidence missing for
every clause, with the value the ledger has, and the amount in fen. Sentences are made when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from lib.money import yuan
from lib.month import Month
from lib.rates import round_half_up
from subsidies.clauses import CLAUSES, Clause, is_carried
from subsidies.facts import Facts, Worked
from subsidies.tariffs import TARIFFS
from subsidies.words import MET, MISSING, UNMET

CALENDAR, STATISTICAL, QUARTER, MONTH, ONCE = "calendar", "statistical", "quarter", "month", "once"
HALF = "half"  # 雨露计划 is paid by term
WINDOWS = {
    CALENDAR: "自然年度（1月至12月）",
    STATISTICAL: "统计年度（上年10月至当年9月）",
    HALF: "半年（学期）",
    QUARTER: "季度",
    MONTH: "月",
    ONCE: "只享受一次（按自然年度看务工情况）",
}
ENTITLED, NOT_ENTITLED, UNPROVEN = "entitled", "not", "missing"
TARIFF_ID = "YD-G10"  # of the last line of an explanation: what is paid
RESULTS = {ENTITLED: "符合条件", UNPROVEN: "缺少依据", NOT_ENTITLED: "不符合条件"}


class BadRule(Exception):
    """A rule that cannot be used; the message says in Chinese which part and why."""


@dataclass(frozen=True)
class Verdict:
    """One person against one rule: a letter per clause (m, u or x), the ledger's values, the result, fen and months."""

    letters: str
    values: tuple[Any, ...]
    amount: int
    months: tuple[Month, ...]

    @property
    def result(self) -> str:
        if UNMET in self.letters or not self.amount:
            return NOT_ENTITLED
        return UNPROVEN if MISSING in self.letters else ENTITLED


@dataclass(frozen=True)
class Rule:
    """A rule ready to be asked. `data` is the JSON it was read from (see `read`)."""

    data: dict[str, Any] = field(hash=False)

    @cached_property
    def window(self) -> str:
        return self.data["window"]

    @cached_property
    def places(self) -> frozenset[str]:
        """务工区域 whose months count; empty: every place."""
        return frozenset(self.data.get("places") or ())

    @cached_property
    def job_forms(self) -> frozenset[str]:
        """就业形式 whose months count; empty: every form."""
        return frozenset(self.data.get("job_forms") or ())

    @cached_property
    def clauses(self) -> tuple[tuple[Clause, dict[str, Any]], ...]:
        return tuple((CLAUSES[one["kind"]], one) for one in self.data.get("clauses") or ())

    @cached_property
    def tariff(self) -> dict[str, Any]:
        return self.data["tariff"]

    @property
    def for_people(self) -> bool:
        """Whether persons claim it; what workshops or other offices get is neither screened nor claimed."""
        return TARIFFS[self.tariff["kind"]].for_people

    @cached_property
    def wants(self) -> frozenset[str]:
        """The facts it needs beside work and posts (subsidies.facts)."""
        asked = {clause.wants for clause, _ in self.clauses} | {TARIFFS[self.tariff["kind"]].wants}
        return frozenset(asked - {""})

    def first(self, month: Month) -> Month:
        """The first month that is looked at when the rule is asked in `month`: where its window begins.

        Earlier where a clause asks how long a business has been running (YD-G13).
        """
        return min([self.begins(month), *(month - (back - 1) for back in self._looks_back)])

    @cached_property
    def _looks_back(self) -> list[int]:
        return [asked["least"] for _, asked in self.clauses if asked["kind"] == "own_business"]

    def begins(self, month: Month) -> Month:
        """Where the window of `month` begins."""
        if self.window == STATISTICAL:
            return month.months_so_far()[0]
        if self.window == MONTH:
            return month
        long = {QUARTER: 3, HALF: 6}.get(self.window, 12)
        return Month(month.year, (month.month - 1) // long * long + 1)

    def period(self, month: Month) -> str:
        """所属期 of a claim made for `month`: what may be claimed once."""
        if self.window == MONTH:
            return str(month)
        if self.window == QUARTER:
            return f"{month.year}Q{(month.month - 1) // 3 + 1}"
        if self.window == HALF:
            return f"{month.year}H{(month.month - 1) // 6 + 1}"
        if self.window == STATISTICAL:
            return f"{month.statistical_year()}T"
        return "once" if self.window == ONCE else str(month.year)

    def counts(self, worked: Worked) -> bool:
        return (not self.places or worked.place_class in self.places) and (
            not self.job_forms or worked.job_form in self.job_forms
        )


def period_words(period: str) -> str:
    """2023年, 2023年上半年, 2023年第1季度, 2023统计年度, 2023年3月 or 一次性."""
    if period == "once":
        return "一次性"
    if "Q" in period:
        return f"{period[:4]}年第{period[-1]}季度"
    if "H" in period:
        return f"{period[:4]}年{'上' if period.endswith('1') else '下'}半年"
    if period.endswith("T"):
        return f"{period[:4]}统计年度"
    return Month.parse(period).label if "-" in period else f"{period}年"


def read(data: Any) -> Rule:
    """A rule from its JSON, or BadRule with the first fault. Amounts are whole fen, percentages text ("2.5")."""
    if not isinstance(data, dict) or data.get("window") not in WINDOWS:
        raise BadRule("请选择按什么期间享受。")
    for one in data.get("clauses") or ():
        if one.get("kind") not in CLAUSES:
            raise BadRule("有一条条件的种类不认识，请删去后重新添加。")
        for param in CLAUSES[one["kind"]].params:
            if told := param.fault(one.get(param.key)):
                raise BadRule(f"条件“{CLAUSES[one['kind']].title}”的{param.label}：{told}")
    tariff = data.get("tariff") or {}
    if tariff.get("kind") not in TARIFFS:
        raise BadRule("请选择补贴标准的算法。")
    if not data.get("clauses") and TARIFFS[tariff["kind"]].for_people:
        raise BadRule("至少要有一条条件。")
    if told := TARIFFS[tariff["kind"]].fault(tariff):
        raise BadRule(f"补贴标准：{told}")
    percent = data.get("carried_percent")
    if percent is not None and (
        not isinstance(percent, int) or isinstance(percent, bool) or not 1 <= percent <= 99
    ):
        raise BadRule("乘坐免费专车、专列的比例应是1至99的整数，不减的请留空。")
    for key, label in (("cap", "每人上限"), ("household_cap", "每户上限")):
        cap = data.get(key)
        if cap is not None and (not isinstance(cap, int) or isinstance(cap, bool) or cap <= 0):
            raise BadRule(f"{label}应是大于0的金额，不设上限的请留空。")
    return Rule(data)


def judge(rule: Rule, facts: Facts) -> Verdict:
    """Every clause of the rule about one person, and what it would pay: 0 fen where a clause is not met."""
    begins = rule.begins(facts.month)
    months = tuple(one for one in facts.worked if one.month >= begins and rule.counts(one))
    letters, values = [], []
    for clause, asked in rule.clauses:
        letter, value = clause.check(asked, facts, months)
        letters.append(letter)
        values.append(value)
    amount = 0 if UNMET in letters else amount_of(rule, facts, months)
    paid_for = TARIFFS[rule.tariff["kind"]].months(rule.tariff, facts, months)
    return Verdict("".join(letters), tuple(values), amount, paid_for)


def amount_of(rule: Rule, facts: Facts, months: Sequence[Worked]) -> int:
    """Fen by the tariff for these months of work, less for who was carried (P10), within both caps (P12)."""
    amount = TARIFFS[rule.tariff["kind"]].amount(rule.tariff, facts, months)
    if (percent := rule.data.get("carried_percent")) is not None and is_carried(months):
        amount = int(round_half_up(Decimal(amount * percent) / 100))
    if (cap := rule.data.get("cap")) is not None:
        amount = min(amount, cap)
    if (cap := rule.data.get("household_cap")) is not None:
        amount = min(amount, max(0, cap - facts.household_paid))
    return amount


@dataclass(frozen=True)
class Explained:
    """One clause as a person reads it."""

    title: str
    asked: str
    found: str
    letter: str
    basis: str
    rule_id: str

    @property
    def words(self) -> str:
        return {MET: "符合", UNMET: "不符合", MISSING: "缺少依据"}[self.letter]

    @property
    def sentence(self) -> str:
        """What stands in the way, for a list of people."""
        if self.rule_id == TARIFF_ID:
            return self.found
        return f"{self.title}{self.words}：要求{self.asked}，台账为{self.found}"


def explain(rule: Rule, letters: str, values: Sequence[Any], amount: int) -> list[Explained]:
    """Clause by clause: what is asked, what the ledger has, met or not, where it is written; at last what it pays."""
    told = [
        Explained(
            clause.title,
            clause.asked(asked),
            clause.found(asked, value),
            letter,
            asked.get("basis", ""),
            clause.rule_id,
        )
        for (clause, asked), letter, value in zip(rule.clauses, letters, values, strict=True)
    ]
    if UNMET in letters:
        return told
    paid = f"{yuan(amount)}元" if amount else "按标准没有可发的金额"
    return [*told, Explained("补贴标准", tariff_words(rule), paid, MET if amount else UNMET, "", TARIFF_ID)]


def rule_words(rule: Rule) -> list[str]:
    """The whole rule in sentences, as an office would write it: window, work that counts, clauses, tariff, caps."""
    told = [f"享受期间：{WINDOWS[rule.window]}。"]
    if rule.places:
        told.append(f"务工区域：{'、'.join(rule.data['places'])}。")
    if rule.job_forms:
        told.append(f"就业形式：{'、'.join(rule.data['job_forms'])}。")
    told += [f"{clause.title}：{clause.asked(asked)}。" for clause, asked in rule.clauses]
    told.append(f"补贴标准：{tariff_words(rule)}。")
    if rule.data.get("cap") is not None:
        told.append(f"每人最高{yuan(rule.data['cap'])}元。")
    if rule.data.get("household_cap") is not None:
        told.append(f"每户合计最高{yuan(rule.data['household_cap'])}元。")
    return told


def tariff_words(rule: Rule) -> str:
    percent = rule.data.get("carried_percent")
    less = f"；乘坐免费专车、专列的按{percent}%" if percent is not None else ""
    return TARIFFS[rule.tariff["kind"]].words(rule.tariff) + less
