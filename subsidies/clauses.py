"""The vocabulary of conditions (domain.md §3 G, §4): each clause asks one thing of the ledger's facts about a person.

A clause answers with a letter (met, not met, evidence missing) and the value the ledger has, as JSON can keep it. Its
sentences are made apart from the check, because a screening asks a million times and somebody reads a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ledgers.codes import ABILITIES, NORMAL, SELF_EMPLOYED
from lib.month import Month
from subsidies.facts import ON_DUTY, TRAINED, Facts, Worked
from subsidies.schemes import SCHEMES, name_of
from subsidies.words import MET, MISSING, UNMET

POPULATIONS = ("脱贫人口或监测对象", "脱贫人口", "监测对象")
PAPERS = (
    "不是财政供养人员和国有企业职工",
    "首次创业",
    "已取得营业执照",
    "不属于种植养殖类",
    "带动就业的人员没有被别的单位申报吸纳补贴",
    "属于脱贫享受政策户",
)
Answer = tuple[str, Any]


@dataclass(frozen=True)
class Param:
    """One thing an office may set: `kind` is number, flag, choice, choices or schemes; it decides the form field."""

    key: str
    label: str
    kind: str
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 1_000_000
    optional: bool = False

    def fault(self, value: Any) -> str:
        """Why the value cannot stand; empty when it can."""
        if value is None or value in ("", []):
            return "" if self.optional or self.kind == "flag" else "不能为空。"
        if self.kind == "number":
            good = isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
            return "" if good else f"应是{self.least}至{self.most}的整数。"
        if self.kind == "flag":
            return "" if isinstance(value, bool) else "应是“是”或“否”。"
        known = tuple(SCHEMES) if self.kind == "schemes" else self.choices
        said = value if isinstance(value, list) else [value]
        return "" if all(one in known for one in said) else "有不认识的选项，请重新选择。"


class Clause:
    """Subclasses check one thing. `title` and `rule_id` are what screens show, `params` what an office may set."""

    title: str
    rule_id: str = ""
    wants: str = ""  # what it asks of the ledger beside work and posts (subsidies.facts)
    params: tuple[Param, ...] = ()

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        """(letter, value) from the person's facts and the months that count by the rule's places and forms."""
        raise NotImplementedError

    def asked(self, asked: dict[str, Any]) -> str:
        raise NotImplementedError

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return str(value)


def _met(good: bool) -> str:
    return MET if good else UNMET


class Population(Clause):
    title, rule_id = "人员范围", "YD-F19"
    params = (
        Param("groups", "人员范围", "choice", POPULATIONS[0], POPULATIONS),
        Param("without_removed", "风险已消除的监测对象除外", "flag", False),
    )

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        poverty = facts.is_poverty and asked["groups"] != POPULATIONS[2]
        monitored = facts.is_monitored and asked["groups"] != POPULATIONS[1]
        value = "p" * facts.is_poverty + "m" * facts.is_monitored + "r" * facts.risk_removed
        removed = asked.get("without_removed") and facts.risk_removed
        return _met((poverty or monitored) and not removed), value

    def asked(self, asked: dict[str, Any]) -> str:
        return asked["groups"] + ("，风险已消除的除外" if asked.get("without_removed") else "")

    def found(self, asked: dict[str, Any], value: Any) -> str:
        names = {"p": "脱贫人口", "m": "监测对象", "r": "风险已消除"}
        return "、".join(names[one] for one in value) or "不是脱贫人口或监测对象"


class State(Clause):
    title, rule_id = "当前状态", "YD-A10"

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _met(facts.person_state == NORMAL), facts.person_state

    def asked(self, asked: dict[str, Any]) -> str:
        return "当前状态为正常"


class Age(Clause):
    title = "年龄"
    params = (
        Param("least", "最小年龄", "number", 16, least=0, most=120),
        Param("most", "最大年龄（不限留空）", "number", None, least=0, most=120, optional=True),
    )

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        most = asked.get("most")
        return _met(asked["least"] <= facts.age and (most is None or facts.age <= most)), facts.age

    def asked(self, asked: dict[str, Any]) -> str:
        most = asked.get("most")
        return f"{asked['least']}周岁以上" if most is None else f"{asked['least']}至{most}周岁"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return f"{value}周岁"


class Ability(Clause):
    title, rule_id = "劳动能力", "YD-B07"
    params = (Param("among", "劳动能力", "choices", list(ABILITIES[:3]), ABILITIES),)

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _met(facts.ability in asked["among"]), facts.ability

    def asked(self, asked: dict[str, Any]) -> str:
        return "、".join(asked["among"])


class WorkedMonths(Clause):
    title, rule_id = "务工时间", "YD-G05"
    params = (
        Param("least", "至少几个月", "number", 3, least=1, most=12),
        Param("one_employer", "须在同一单位", "flag", False),
        Param("in_a_row", "须连续", "flag", False),
    )

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        if not asked.get("one_employer"):
            count = _longest(months) if asked.get("in_a_row") else len(months)
            return _met(count >= asked["least"]), count
        best, unnamed = 0, 0
        for employer, some in groupby(sorted(months, key=_employer), key=_employer):
            stretch = list(some)
            count = _longest(stretch) if asked.get("in_a_row") else len(stretch)
            best, unnamed = (max(best, count), unnamed) if employer else (best, count)
        if best < asked["least"] <= unnamed:
            return MISSING, best
        return _met(best >= asked["least"]), best

    def asked(self, asked: dict[str, Any]) -> str:
        how = ("在同一单位" if asked.get("one_employer") else "") + (
            "连续" if asked.get("in_a_row") else "累计"
        )
        return f"{how}务工满{asked['least']}个月"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return f"{value}个月"


def _employer(one: Worked) -> str:
    return one.employer


def _longest(months: Sequence[Worked]) -> int:
    """The longest stretch of months that follow one another."""
    best = run = 0
    last: Month | None = None
    for one in sorted(months):
        run = run + 1 if last is not None and one.month == last + 1 else 1
        best, last = max(best, run), one.month
    return best


class Wage(Clause):
    title, rule_id = "月平均工资", "YD-G07"
    params = (Param("least", "每月至少（元）", "number", 1000, least=1, most=100_000),)

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        wages = [one.wage for one in months if one.wage is not None]
        if not months:
            return UNMET, None
        if not wages:
            return MISSING, None
        average = sum(wages) // len(wages)
        return _met(sum(wages) >= asked["least"] * len(wages)), average

    def asked(self, asked: dict[str, Any]) -> str:
        return f"不低于{asked['least']:,}元"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return "没有填写工资" if value is None else f"{value:,}元"


class Income(Clause):
    title = "务工收入"
    params = (
        Param("least", "至少（元，不限留空）", "number", None, least=1, optional=True),
        Param("most", "至多（元，不限留空）", "number", None, least=1, optional=True),
    )

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        if months and all(one.wage is None for one in months):
            return MISSING, None
        income = sum(one.wage or 0 for one in months)
        least, most = asked.get("least"), asked.get("most")
        return _met((least is None or income >= least) and (most is None or income <= most)), income

    def asked(self, asked: dict[str, Any]) -> str:
        least, most = asked.get("least"), asked.get("most")
        told = ([f"不低于{least:,}元"] if least else []) + ([f"不超过{most:,}元"] if most else [])
        return "期间内务工收入" + ("，".join(told) or "不限")

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return "没有填写工资" if value is None else f"{value:,}元"


class Contract(Clause):
    title, rule_id = "劳动合同", "YD-C13"

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _answered(months[-1].has_contract if months else False)

    def asked(self, asked: dict[str, Any]) -> str:
        return "已签订劳动合同"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return {True: "已签订", False: "未签订", None: "没有填写"}[value]


class Insurance(Clause):
    title, rule_id = "社会保险", "YD-C13"

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _answered(months[-1].has_insurance if months else False)

    def asked(self, asked: dict[str, Any]) -> str:
        return "已缴纳社会保险"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return {True: "已缴纳", False: "未缴纳", None: "没有填写"}[value]


def _answered(value: bool | None) -> Answer:
    return (MISSING if value is None else _met(value)), value


class OwnTransport(Clause):
    title = "免费输送"

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        carried = is_carried(months)
        return _met(not carried), carried

    def asked(self, asked: dict[str, Any]) -> str:
        return "没有乘坐组织的免费专车、专列"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return "乘坐过点对点专车、专列" if value else "没有登记免费输送"


def is_carried(months: Sequence[Worked]) -> bool:
    """Whether the person travelled to any of this work on a free coach or train (P07, P10)."""
    return any("点对点" in one.organised_by for one in months)


class NoPost(Clause):
    title, rule_id = "公益性岗位", "YD-F03"

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        if not facts.post_months:
            return MET, []
        both = sorted({one.month for one in months} & set(facts.post_months))
        return _met(not both), [str(one) for one in both]

    def asked(self, asked: dict[str, Any]) -> str:
        return "务工的月份没有同时在公益性岗位"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return f"{'、'.join(Month.parse(one).label for one in value)}在岗" if value else "没有重叠的月份"


class NotPaid(Clause):
    title, rule_id = "不得重复享受", "YD-G04"
    params = (
        Param("codes", "已享受下列补贴的除外", "schemes", None),
        Param("years", "往前几年（0为当年，99为任何时候）", "number", 0, least=0, most=99),
    )

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        if not facts.paid:
            return MET, []
        first = facts.month.year - asked.get("years", 0)
        hit = [[one.code, one.year] for one in facts.paid if one.code in asked["codes"] and one.year >= first]
        return _met(not hit), hit

    def asked(self, asked: dict[str, Any]) -> str:
        years = asked.get("years", 0)
        since = "当年没有" if not years else "以前从未" if years >= 99 else f"近{years}年和当年没有"
        return f"{since}享受{'、'.join(name_of(one) for one in asked['codes'])}"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return "、".join(f"{year}年{name_of(code)}" for code, year in value) or "没有享受过"


class Years(Clause):
    title, rule_id = "享受年限", "YD-G14"
    params = (
        Param("codes", "下列补贴合并计算", "schemes", None),
        Param("most", "累计不超过几年", "number", 3, least=1, most=20),
    )

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        before = {one.year for one in facts.paid if one.code in asked["codes"]} - {facts.month.year}
        return _met(len(before) < asked["most"]), len(before)

    def asked(self, asked: dict[str, Any]) -> str:
        return f"{'、'.join(name_of(one) for one in asked['codes'])}累计不超过{asked['most']}年"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return f"其他年度享受过{value}年" if value else "其他年度没有享受过"


class Student(Clause):
    title = "在校情况"
    params = (Param("among", "在校阶段", "choices", None, ("中职", "高职高专", "技师学院", "本科")),)

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _met(facts.student_state.startswith(tuple(asked["among"]))), facts.student_state

    def asked(self, asked: dict[str, Any]) -> str:
        return f"在校：{'、'.join(asked['among'])}"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return value or "不在校"


class OwnBusiness(Clause):
    title, rule_id = "自主创业", "YD-G13"
    params = (Param("least", "已经营几个月", "number", 12, least=1, most=36),)

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        count = sum(one.job_form == SELF_EMPLOYED for one in facts.worked)
        return _met(count >= asked["least"]), count

    def asked(self, asked: dict[str, Any]) -> str:
        return f"登记自主创业满{asked['least']}个月"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return f"{value}个月"


class OnPost(Clause):
    title = "公益性岗位在岗"

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _met(facts.month in facts.post_months), facts.month in facts.post_months

    def asked(self, asked: dict[str, Any]) -> str:
        return "当月在公益性岗位"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return "在岗" if value else "不在岗"


class OnDuty(Clause):
    title, rule_id, wants = "公益性岗位考勤", "YD-F06", ON_DUTY

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _met(facts.month in facts.duty_months), facts.month in facts.duty_months

    def asked(self, asked: dict[str, Any]) -> str:
        return "当月有核对过的出勤"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return "有出勤" if value else "没有核对过的出勤"


class InClass(Clause):
    title, rule_id, wants = "培训出勤", "YD-J05", TRAINED
    params = (Param("least", "至少几天", "number", 1, least=1, most=366),)

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        return _met(facts.trained_days >= asked["least"]), facts.trained_days

    def asked(self, asked: dict[str, Any]) -> str:
        return f"期间内结业的培训班出勤满{asked['least']}天，没有发过生活费补贴"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return f"{value}天"


class Declared(Clause):
    title = "承诺或证明"
    params = (
        Param(
            "paper",
            "证明什么",
            "choice",
            None,
            PAPERS,
        ),
    )
    rule_id = "YD-G12"

    def check(self, asked: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> Answer:
        proven = asked["paper"] in facts.declared
        return (MET if proven else MISSING), proven

    def asked(self, asked: dict[str, Any]) -> str:
        return f"书面证明{asked['paper']}"

    def found(self, asked: dict[str, Any], value: Any) -> str:
        return "已提交" if value else "申请时提交"


CLAUSES: dict[str, Clause] = {
    "population": Population(),
    "state": State(),
    "age": Age(),
    "ability": Ability(),
    "months": WorkedMonths(),
    "wage": Wage(),
    "income": Income(),
    "contract": Contract(),
    "insurance": Insurance(),
    "own_transport": OwnTransport(),
    "no_post": NoPost(),
    "not_paid": NotPaid(),
    "years": Years(),
    "student": Student(),
    "own_business": OwnBusiness(),
    "on_post": OnPost(),
    "on_duty": OnDuty(),
    "in_class": InClass(),
    "declared": Declared(),
}
