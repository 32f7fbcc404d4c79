"""What a claim must hold to, as plain checks: consent, window, exclusions, kept facts (§4.4, §5.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from lib.money import yuan
from lib.month import Month
from subsidies.clauses import CLAUSES
from subsidies.facts import ON_DUTY, TRAINED, Facts, Paid, Trained, Worked
from subsidies.models.claims import RELATIONS
from subsidies.rules import RESULTS, Rule, Verdict, period_words
from subsidies.schemes import name_of

ON_PAPER = "书面委托书"
CONSENT_HOWS = (ON_PAPER, "电话委托（有录音）", "视频委托（有录像）")
CONSENT_PAPER = "委托书"
AGE_BAND = 10  # years of one band on a public notice


@dataclass(frozen=True)
class Consent:
    """The person's consent to an agent, recorded before the claim; `data` is its paper (photograph, PDF)."""

    name: str
    relation: str
    on: dt.date | None
    how: str = ON_PAPER
    phone: str = ""
    data: bytes = b""

    def fault(self, person: str, today: dt.date) -> str:
        """Why this is no consent (YD-G03); empty when it stands."""
        if not self.name.strip():
            return "代办的请填写代办人姓名。"
        if self.name.strip() == person:
            return "代办人不能是本人；本人申请的请选择“本人申请”。"
        if self.relation not in RELATIONS:
            return f"代办人只能是{'、'.join(RELATIONS)}。"
        if self.on is None:
            return "没有本人委托不能代办，请先取得委托，填写委托日期。"
        if self.on > today:
            return "委托日期不能晚于今天：先委托，后代办。"
        return "" if self.how in CONSENT_HOWS else f"委托方式只能是{'、'.join(CONSENT_HOWS)}。"


def outside_window(opens: dt.date | None, closes: dt.date | None, today: dt.date) -> str:
    """Why nothing is accepted today, with the dates; empty within the window of the scheme."""
    if opens and today < opens:
        return f"{_day(opens)}开始受理，现在还不能申请。"
    return f"受理期到{_day(closes)}为止，已经过期，不能再申请。" if closes and today > closes else ""


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# ── exclusions ───────────────────────────────────────────────────────────────────────────────────────────────────


class Held(NamedTuple):
    """A claim that is alive or paid: its scheme, 所属期, the month it was reckoned for and the rule of its version."""

    code: str
    period: str
    month: Month
    rule: Rule


def excluded_by(code: str, period: str, month: Month, held: Iterable[Held]) -> str:
    """The claim that forbids another for `code`, though the new scheme itself says nothing of it (§4.4)."""
    for one in held:
        for clause, asked in one.rule.clauses:
            if (
                clause is CLAUSES["not_paid"]
                and code in asked["codes"]
                and (one.code, one.period) != (code, period)
                and abs(month.year - one.month.year) <= asked.get("years", 0)
            ):
                return (
                    f"已申请{period_words(one.period)}{name_of(one.code)}，"
                    f"它与{name_of(code)}不能同时享受（YD-G04）。"
                )
    return ""


# ── facts that are kept ──────────────────────────────────────────────────────────────────────────────────────────


def freeze(facts: Facts) -> dict[str, Any]:
    """The facts as JSON keeps them with the decision."""
    kept = asdict(facts)
    kept["month"] = str(facts.month)
    kept["worked"] = [[str(one.month), *one[1:]] for one in facts.worked]
    kept["post_months"] = [str(one) for one in facts.post_months]
    kept["duty_months"] = [str(one) for one in facts.duty_months]
    kept["trained"] = [[one.enrolment, one.days, str(one.ended)] for one in facts.trained]
    kept["paid"] = [list(one) for one in facts.paid]
    kept["declared"] = sorted(facts.declared)
    return kept


def thaw(kept: dict[str, Any]) -> Facts:
    """The facts again, as they were judged; what was not asked in those days is not there."""
    values = {key: kept[key] for key in Facts.__dataclass_fields__ if key in kept}
    return Facts(
        **values
        | {
            "month": Month.parse(kept["month"]),
            "worked": tuple(Worked(Month.parse(month), *rest) for month, *rest in kept["worked"]),
            "post_months": tuple(Month.parse(one) for one in kept["post_months"]),
            "duty_months": tuple(Month.parse(one) for one in kept.get("duty_months", ())),
            "trained": tuple(
                Trained(pk, days, Month.parse(end)) for pk, days, end in kept.get("trained", ())
            ),
            "paid": tuple(Paid(*one) for one in kept["paid"]),
            "declared": frozenset(kept["declared"]),
        }
    )


# ── 镇比对 ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Compared(NamedTuple):
    """One line of the comparison: what the claim says, what the ledger says now."""

    label: str
    claimed: str
    ledger: str

    @property
    def differs(self) -> bool:
        return self.claimed != self.ledger


def compared(rule: Rule, claimed: tuple[Facts, Verdict], now: tuple[Facts, Verdict]) -> list[Compared]:
    """The claim beside the ledger of today, line by line (YD-G06)."""
    return [
        Compared(label, one, other)
        for (label, one), (_, other) in zip(_told(rule, *claimed), _told(rule, *now), strict=True)
    ]


def _told(rule: Rule, facts: Facts, verdict: Verdict) -> list[tuple[str, str]]:
    begins = rule.begins(facts.month)
    months = [one for one in facts.worked if one.month >= begins and rule.counts(one)]
    last = months[-1] if months else None
    wages = [one.wage for one in months if one.wage is not None]
    employers = list(dict.fromkeys(one.employer or one.job_form for one in months))
    population = "、".join(
        name for name, holds in (("脱贫人口", facts.is_poverty), ("监测对象", facts.is_monitored)) if holds
    )
    return [
        ("人员类别", population or "都不是"),
        ("当前状态", facts.person_state),
        ("务工区域", last.place_class if last else "没有务工"),
        ("务工地代码", last.region_code if last else "—"),
        ("务工月份", months_words([one.month for one in months])),
        ("务工单位", "、".join(employers) or "—"),
        ("月平均工资", f"{sum(wages) // len(wages):,}元" if wages else "—"),
        *([("培训出勤", f"{facts.trained_days}天")] if TRAINED in rule.wants else []),
        *([("在岗有考勤", months_words(facts.duty_months))] if ON_DUTY in rule.wants else []),
        ("是否符合条件", RESULTS[verdict.result]),
        ("补贴金额", f"{yuan(verdict.amount)}元"),
    ]


def months_words(months: Iterable[Month]) -> str:
    """2023年1月至3月 for months in a row, each of them where they are not; nothing: —."""
    kept = sorted(set(months))
    if not kept:
        return "—"
    if len(kept) == 1:
        return kept[0].label
    if kept[-1] - kept[0] == len(kept) - 1:
        end = f"{kept[-1].month}月" if kept[-1].year == kept[0].year else kept[-1].label
        return f"{kept[0].label}至{end}"
    return "、".join(one.label for one in kept)


def age_band(age: int) -> str:
    """周岁 as a band of ten years: a public notice says no exact age."""
    low = age // AGE_BAND * AGE_BAND
    return f"{low}—{low + AGE_BAND - 1}岁"
