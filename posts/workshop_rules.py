"""What a workshop must show to be recognised, how long people worked there, and what that pays. No database here.

Recognition: domain.md §4.2 (P30). 阶梯式奖补 and 吸纳: §4.1 B08, B06, B14, §4.2 (P16, P31); the months and that nobody
counts twice: YD-G15. Money is fen; days count inclusively.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

TIERED, ABSORBING = "阶梯式奖补", "吸纳就业补贴"  # domain.md §4.1 B08, B06
AWARD_KINDS = (TIERED, ABSORBING)
MET, UNMET, MISSING = "满足", "不满足", "缺少依据"
LOWEST_WAGE, HIGHEST_WAGE = 100, 30_000  # yuan a month, YD-E02
YOUNGEST = 16


@dataclass(frozen=True)
class Standard:
    """What a county asks and pays; these are the examples we ship, until the county sets its own.

    Five workers: Guangxi (P30). Three months: S3 for workshops. 1 000 yuan a head: P16, P31. The steps are ours
    [assumption]: the seeds name 阶梯式奖补 without amounts, Jilin caps it at 50 000 (P31).
    """

    workers: int = 5
    term: int = 3  # years for which a recognition holds
    months: int = 3
    steps: tuple[tuple[int, int], ...] = ((5, 1_000_000), (10, 2_000_000), (20, 5_000_000))  # people, fen
    per_head: int = 100_000  # fen


@dataclass(frozen=True)
class Worker:
    """Somebody at work in the workshop on the day of the question; None: not registered."""

    counted: bool
    wage: int | None = None  # yuan a month
    insured: bool | None = None


@dataclass(frozen=True)
class Clause:
    """One condition of recognition, with its answer and what the answer rests on."""

    name: str
    state: str
    told: str


def criteria(
    workers: Iterable[Worker], operating_since: dt.date | None, day: dt.date, standard: Standard
) -> list[Clause]:
    """认定条件 on the day, clause by clause; the workshop can be recognised when all are met."""
    counted = [one for one in workers if one.counted]
    return [
        _operating(operating_since, day),
        _enough(len(counted), standard.workers),
        _each("发放工资", "月工资", [None if one.wage is None else one.wage > 0 for one in counted]),
        _each("购买意外险或社会保险", "参保情况", [one.insured for one in counted]),
    ]


def _operating(since: dt.date | None, day: dt.date) -> Clause:
    if since is None:
        return Clause("正常生产", MISSING, "没有登记投产日期。")
    spoken = f"{since.year}年{since.month}月{since.day}日投产。"
    return Clause("正常生产", MET if since <= day else UNMET, spoken)


def _enough(people: int, wanted: int) -> Clause:
    state = MET if people >= wanted else UNMET
    return Clause("带动人数", state, f"在岗脱贫和监测对象{people}人，要求不少于{wanted}人。")


def _each(name: str, label: str, answers: Sequence[bool | None]) -> Clause:
    """Met when it is so for each of the counted people."""
    unknown, no = answers.count(None), answers.count(False)
    if no:
        return Clause(name, UNMET, f"{no}人没有。")
    if unknown or not answers:
        return Clause(name, MISSING, f"{unknown}人没有登记{label}。" if unknown else "还没有在岗人员。")
    return Clause(name, MET, f"{len(answers)}人都有。")


def all_met(clauses: Iterable[Clause]) -> bool:
    return all(one.state == MET for one in clauses)


def counts(poverty: bool, monitored: bool) -> bool:
    """Whether somebody counts as 带动就业: only 脱贫人口 and 监测对象 do; everybody else is registered."""
    return poverty or monitored


# ── months ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Stint:
    """One placement of one person; `ended` is the last day at work, None: still there."""

    person: int
    started: dt.date
    ended: dt.date | None = None


def full_months(first: dt.date, last: dt.date) -> int:
    """Whole months between two days, both included: 10 January to 9 April are three."""
    after = last + dt.timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    complete = after.day >= first.day or (after + dt.timedelta(days=1)).day == 1
    return max(0, months if complete else months - 1)


def months_in(stints: Iterable[Stint], first: dt.date, until: dt.date) -> dict[int, int]:
    """For each person the longest unbroken stay within the days, in whole months (连续工作满几个月)."""
    found: dict[int, int] = {}
    for one in stints:
        begin, end = max(one.started, first), min(one.ended or until, until)
        if begin <= end:
            found[one.person] = max(found.get(one.person, 0), full_months(begin, end))
    return found


# ── amounts ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Reckoning:
    """An award as it comes out: who counts with how many months, who does not and why, and the amount in fen."""

    counted: dict[int, int] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    amount: int = 0


def reckon(months: dict[int, int], taken: dict[int, str], standard: Standard, per_head: bool) -> Reckoning:
    """Sort the workers by YD-G15 and price them: so much a head (吸纳) or the step they reach (阶梯).

    `taken` names who counts already in another award of the kind, with the sentence that says where.
    """
    left: dict[int, str] = {}
    for person, worked in months.items():
        if worked < standard.months:
            left[person] = f"连续工作{worked}个月，不满{standard.months}个月。"
        elif person in taken:
            left[person] = taken[person]
    counted = {person: worked for person, worked in months.items() if person not in left}
    people = len(counted)
    amount = people * standard.per_head if per_head else step_reached(people, standard.steps)
    return Reckoning(counted, left, amount)


def step_reached(people: int, steps: Iterable[tuple[int, int]]) -> int:
    """The amount in fen of the highest step that so many people reach; below the first step nothing."""
    return max((fen for wanted, fen in steps if people >= wanted), default=0)


def steps_problem(steps: Sequence[tuple[int, int]]) -> str:
    """Why these cannot be the steps: they rise in people and in money, and there is one at least."""
    if not steps:
        return "请至少填写一档阶梯。"
    for (people, fen), (more, higher) in pairwise(steps):
        if more <= people or higher <= fen:
            return "阶梯的人数和金额都要一档比一档高，请核对。"
    return "" if steps[0][0] > 0 and steps[0][1] > 0 else "阶梯的人数和金额都要大于0。"


# ── this year against last ───────────────────────────────────────────────────────────────────────────────────────


def same_day_last_year(day: dt.date) -> dt.date:
    """29 February is compared with 28 February."""
    return (
        day.replace(year=day.year - 1, day=28)
        if (day.month, day.day) == (2, 29)
        else day.replace(year=day.year - 1)
    )


def growth_told(shops: tuple[int, int], people: tuple[int, int]) -> tuple[bool, str]:
    """Whether both exceed last year (I09, S1), and the sentence that says it; pairs are now and then."""
    said = [
        f"{name}{now}{unit}，{_against(now, then, unit)}"
        for name, unit, (now, then) in (("车间", "个", shops), ("带动就业", "人", people))
    ]
    grown = all(now > then for now, then in (shops, people))
    end = (
        "达到“个数和带动人数都要比上年增加”的要求。"
        if grown
        else "未达到“个数和带动人数都要比上年增加”的要求。"
    )
    return grown, "；".join(said) + "，" + end


def _against(now: int, then: int, unit: str) -> str:
    if now == then:
        return "与上年同日持平"
    return f"比上年同日{'增加' if now > then else '减少'}{abs(now - then)}{unit}"
