"""Whether a person counts as 外出务工 this month, and why: the one definition behind I01."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.conf import settings

from ledgers.codes import (
    COLLECTED_ABILITIES,
    IN_CITY,
    IN_COUNTY,
    IN_PROVINCE,
    IN_TOWNSHIP,
    NORMAL,
    OUTSIDE,
    SELF_EMPLOYED,
    WITHIN_COUNTY,
)

# Codes kept with every monthly record; the sentence is what screens show.
REASONS = {
    "counted": "计入外出务工人数",
    "outside_population": "不是脱贫人口或监测对象，不计入",
    "exited": "当前状态为暂时退出或永久退出，不计入",
    "no_ability": "丧失劳动力或无劳动力，不计入",
    "not_working": "本月未务工，不计入",
    "self_employed": "自主创业只登记、不计入务工人数",
    "place_unknown": "务工地点未填到县级，无法判断是否达到标准，不计入",
    "months_short": "本年度累计务工时间未达到标准，不计入",
    "income_short": "本年度务工收入未达到标准，不计入",
}


@dataclass(frozen=True)
class Thresholds:
    """YD-D01: months and yuan needed inside and outside the home county; `strict` reads 大于 instead of 不少于."""

    months_inside: Decimal = Decimal(1)
    income_inside: int = 3000
    months_outside: Decimal = Decimal(3)
    income_outside: int = 9000
    strict: bool = False
    enabled: bool = True

    def missed(self, within_county: bool, months: Decimal, income: int) -> str:
        """The reason code of the first bound that is missed, or an empty string."""
        need_months, need_income = (
            (self.months_inside, self.income_inside)
            if within_county
            else (self.months_outside, self.income_outside)
        )
        if months < need_months or (self.strict and months == need_months):
            return "months_short"
        if income < need_income or (self.strict and income == need_income):
            return "income_short"
        return ""


# Another county's bounds: settings.COUNTING_THRESHOLDS, a dict of the fields above, e.g. {"income_inside": 3500}.
DEFAULT = Thresholds(**getattr(settings, "COUNTING_THRESHOLDS", {}))


def decide(
    *,
    in_population: bool,
    person_state: str,
    ability: str,
    working: bool,
    job_form: str,
    place_class: str,
    months: Decimal,
    income: int,
    thresholds: Thresholds = DEFAULT,
) -> str:
    """The reason code (a key of REASONS) for one person and month; only "counted" counts.

    `months` are 个月 and `income` is 元, both accumulated since the start of the statistical year (上年度10月).
    Sources: 指标解释3 and 4 of the 采集表, YD-C12, YD-D01.
    """
    if not in_population:
        return "outside_population"
    if person_state != NORMAL:
        return "exited"
    if ability not in COLLECTED_ABILITIES:
        return "no_ability"
    if not working:
        return "not_working"
    if job_form == SELF_EMPLOYED:
        return "self_employed"
    if not thresholds.enabled:
        return "counted"
    if not place_class:
        return "place_unknown"
    return thresholds.missed(place_class in WITHIN_COUNTY, months, income) or "counted"


class Counts(Protocol):
    """What the sentence needs of a monthly record, stored or only thought of."""

    reason: str
    months: Decimal
    income: int
    place_class: str


def counted_text(row: Counts) -> str:
    """Why the person counts or not, with the numbers the decision rests on."""
    sentence = REASONS[row.reason]
    if row.reason not in {"counted", "months_short", "income_short"}:
        return f"{sentence}。"
    return f"{sentence}。累计务工{row.months.normalize():f}个月、收入{row.income:,}元；{standard(row.place_class)}"


def standard(place_class: str) -> str:
    """The bound that applies, in words (YD-D01)."""
    inside = place_class in WITHIN_COUNTY
    months, income = (
        (DEFAULT.months_inside, DEFAULT.income_inside)
        if inside
        else (DEFAULT.months_outside, DEFAULT.income_outside)
    )
    return f"{'县内' if inside else '县外'}务工的标准是不少于{months}个月、{income:,}元。"


def place_class(home: str, work: str) -> str:
    """务工区域 from the home village's official code and the work place's code (GB/T 2260 digits).

    440300 names a city and 440000 a province: that decides 省外 but not 县内. Empty when it cannot be told (YD-C04).
    """
    known = significant(work)
    if len(home) < 6 or len(known) < 2:
        return ""
    for digits, outside in ((2, OUTSIDE), (4, IN_PROVINCE), (6, IN_CITY)):
        if len(known) < digits:
            return ""
        if known[:digits] != home[:digits]:
            return outside
    return IN_TOWNSHIP if len(known) >= 9 and known[:9] == home[:9] else IN_COUNTY


def significant(code: str) -> str:
    """The digits of a region code that say something: 440000 → 44, 440300 → 4403, 420222106000 → 420222106."""
    for end, zeros in ((12, 3), (9, 3), (6, 2), (4, 2)):
        if len(code) == end and code.endswith("0" * zeros):
            code = code[: end - zeros]
    return code
