"""Who may be appointed to a post and who may keep it, clause by clause (疑点规则 YD-F of domain.md §3). Pure.

A clause is met, not met, or without evidence. A red clause that is not met refuses; whatever else is not met or lacks
evidence has to be explained in writing before an appointment goes on. Blue ones are only shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ledgers import codes
from lib.money import yuan
from lib.month import Month

MET, NOT_MET, MISSING = "符合", "不符合", "缺依据"
RED, YELLOW, BLUE = "红", "黄", "蓝"
UNABLE = ("丧失劳动能力", "无劳动力")
AWAY = ("县外市内", "市外省内", "省外")
STEADY = ("单位就业", codes.SELF_EMPLOYED)  # YD-F22: 单位就业, 个体户
YOUNGEST = 16  # YD-F13
ABLE_TO_LEAVE, YOUNG = ("普通劳动力", "技能劳动力"), 45  # YD-F17
ROTATION_MONTHS = 6  # YD-F20
ABOUT = {  # what a clause is about, where there is no room for its sentence
    "YD-F01": "一人一岗", "YD-F02": "县外务工", "YD-F09": "村干部声明", "YD-F10": "合同", "YD-F12": "补贴标准",
    "YD-F13": "年龄", "YD-F14": "劳动能力", "YD-F16": "每户人数", "YD-F17": "能否外出", "YD-F19": "人员身份",
    "YD-F20": "轮流上岗", "YD-F21": "公示", "YD-F22": "稳定就业", "YD-F23": "意外险",
}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What a county sets about its posts; ages are "under", in 周岁; days are calendar days."""

    notice_days: int = 3
    new_under: int = 70
    stay_under: int = 70
    one_per_household: bool = False
    no_cadre_family: bool = False
    least_a_year: int = 4000  # yuan, YD-F12 (S4 二(三)3: 原则上不低于4000元/年); 0: no floor


@dataclass(frozen=True)
class Gone:
    """Work outside the county that is over: where, from one month to another, both included."""

    where: str
    started: Month
    ended: Month


@dataclass(frozen=True)
class Held:
    """An appointment (its key): from one day to another, both included; `until` None: still held."""

    since: dt.date
    until: dt.date | None
    title: str
    key: int = 0

    def meets(self, since: dt.date, until: dt.date | None) -> bool:
        return (until is None or self.since <= until) and (self.until is None or self.until >= since)


@dataclass(frozen=True)
class Facts:
    """What is known of one person. `cadre` None: not asked; "": no; else the office held."""

    birth_date: dt.date
    ability: str
    person_state: str = codes.NORMAL
    is_poverty: bool = False
    is_monitored: bool = False
    posts: tuple[Held, ...] = ()  # beside the post in question
    work_known: bool = True  # the ledger has a record of this month or the one before
    job_form: str = ""  # of the open spell of work; empty: none
    place_class: str = ""
    overseas: bool = False
    gone: tuple[Gone, ...] = ()
    household: tuple[str, ...] = ()  # other holders of the household, by name
    cadre: str | None = None
    cadre_family: bool | None = None
    notice: tuple[dt.date, dt.date] | None = None
    objections: str = ""
    rotated: tuple[dt.date, ...] = ()  # on which days others left this post


@dataclass(frozen=True)
class Clause:
    """One answer: which rule, how grave, met or not, and the sentence that says so."""

    rule: str
    level: str
    state: str
    text: str

    @property
    def about(self) -> str:
        return ABOUT[self.rule]

    @property
    def refuses(self) -> bool:
        return self.level == RED and self.state == NOT_MET

    @property
    def asks(self) -> bool:
        """Whether it has to be explained in writing."""
        return not self.refuses and self.level != BLUE and self.state != MET

    @property
    def tone(self) -> str:
        if self.state == MET:
            return "good"
        return "bad" if self.refuses else "info" if self.level == BLUE else "warn"

    def as_json(self) -> dict[str, str]:
        return {"rule": self.rule, "level": self.level, "state": self.state, "text": self.text}


def age_on(birth: dt.date, day: dt.date) -> int:
    """周岁 on `day`; who was born on 29 February is a year older on 1 March of other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def born_by(age: int, day: dt.date) -> dt.date:
    """The last day of birth of whoever is of this age, in 周岁, on `day`."""
    try:
        return day.replace(year=day.year - age)
    except ValueError:  # 29 February, of a year without one
        return dt.date(day.year - age, 2, 28)


def appointing(facts: Facts, limits: Limits, since: dt.date) -> list[Clause]:
    """Whether the person may be appointed from `since` on: every clause, in the order of the catalogue."""
    return [
        one_post(facts, since),
        not_away(facts, since),
        no_cadre(facts, limits),
        of_age(facts, limits.new_under, since),
        able(facts),
        alone_in_household(facts, limits),
        needs_it(facts, since),
        in_population(facts),
        no_rotation(facts, since),
        announced(facts, limits),
        no_steady_job(facts),
    ]


def keeping(
    facts: Facts, limits: Limits, since: dt.date, today: dt.date,
    contract_until: dt.date | None, insured_until: dt.date | None, monthly_fen: int | None = None,
) -> list[Clause]:  # fmt: skip
    """Whether the holder appointed on `since` may keep the post on `today`: as above, with contract, pay, insurance."""
    clauses = [
        one_post(facts, max(since, today)),
        not_away(facts),
        no_cadre(facts, limits),
        in_contract(contract_until, today),
        paid_enough(monthly_fen, limits),
        of_age(facts, limits.stay_under, today),
        able(facts),
        alone_in_household(facts, limits),
        needs_it(facts, today),
        in_population(facts),
        announced(facts, limits),
        no_steady_job(facts),
        insured(insured_until, today),
    ]
    return clauses


def refusals(clauses: Iterable[Clause]) -> list[Clause]:
    return [one for one in clauses if one.refuses]


def questions(clauses: Iterable[Clause]) -> list[Clause]:
    return [one for one in clauses if one.asks]


# ── one clause each ──────────────────────────────────────────────────────────────────────────────────────────────


def one_post(facts: Facts, since: dt.date, until: dt.date | None = None) -> Clause:
    """YD-F01 一人一岗: no other appointment shares a day with this one, now or then."""
    other = next((one for one in facts.posts if one.meets(since, until)), None)
    if other is None:
        return Clause("YD-F01", RED, MET, "没有同时在其他公益性岗位。")
    span = f"{spoken(other.since)}{'起' if other.until is None else '到' + spoken(other.until)}"
    return Clause("YD-F01", RED, NOT_MET, f"{span}在“{other.title}”岗位，一人只能有一个岗位。")


def not_away(facts: Facts, since: dt.date | None = None) -> Clause:
    """YD-F02: no open spell of work outside the county, and none that lasted beyond the month of `since`."""
    if facts.job_form and (facts.overseas or facts.place_class in AWAY):
        where = "国外" if facts.overseas else facts.place_class
        return Clause("YD-F02", RED, NOT_MET, f"台账上正在{where}务工，不能同时在公益性岗位。")
    over = next((one for one in facts.gone if since and one.ended > Month.of(since)), None)
    if over:
        return Clause(
            "YD-F02", RED, NOT_MET,
            f"台账登记{over.started.label}至{over.ended.label}在{over.where}务工，聘用应从回来以后开始；记错的请先更正台账。",
        )  # fmt: skip
    if not facts.work_known:
        return Clause("YD-F02", RED, MISSING, "近两个月没有务工情况记录，不能确定是否在县外务工。")
    return Clause("YD-F02", RED, MET, "没有在县外务工。")


def no_cadre(facts: Facts, limits: Limits) -> Clause:
    """YD-F09: not a village cadre; where the county says so, nor of a cadre's family."""
    if facts.cadre is None:
        return Clause("YD-F09", RED, MISSING, "没有声明是否担任村干部。")
    if facts.cadre:
        return Clause("YD-F09", RED, NOT_MET, f"本人任村干部（{facts.cadre}），不能聘用。")
    if limits.no_cadre_family and facts.cadre_family:
        return Clause("YD-F09", RED, NOT_MET, "是村干部近亲属，本县规定不得聘用。")
    return Clause("YD-F09", RED, MET, "不是村干部。")


def in_contract(until: dt.date | None, today: dt.date) -> Clause:
    """YD-F10: a contract or agreement in force."""
    if until is None:
        return Clause("YD-F10", YELLOW, NOT_MET, "没有登记劳动合同或劳务协议。")
    if until < today:
        return Clause("YD-F10", YELLOW, NOT_MET, f"合同已于{spoken(until)}到期。")
    return Clause("YD-F10", YELLOW, MET, f"合同到{spoken(until)}。")


def paid_enough(monthly_fen: int | None, limits: Limits) -> Clause:
    """YD-F12: twelve months of the post's standard (fen) reach the floor that the county set."""
    year = (monthly_fen or 0) * 12
    if monthly_fen and year < limits.least_a_year * 100:
        text = f"补贴标准全年{yuan(year)}元，低于{limits.least_a_year:,}元/年，请调整标准或写明依据。"
        return Clause("YD-F12", YELLOW, NOT_MET, text)
    if not monthly_fen:
        return Clause("YD-F12", YELLOW, MISSING, "没有登记补贴标准。")
    return Clause("YD-F12", YELLOW, MET, f"补贴标准全年{yuan(year)}元。")


def of_age(facts: Facts, under: int, day: dt.date) -> Clause:
    """YD-F13: from 16 and under the limit on `day`."""
    age = age_on(facts.birth_date, day)
    met = YOUNGEST <= age < under
    text = f"{age}周岁，" + ("符合年龄要求。" if met else f"应年满{YOUNGEST}周岁、不满{under}周岁。")
    return Clause("YD-F13", RED, MET if met else NOT_MET, text)


def able(facts: Facts) -> Clause:
    """YD-F14: able to work, and neither dead nor gone for good."""
    if facts.ability in UNABLE:
        return Clause("YD-F14", RED, NOT_MET, f"劳动能力为“{facts.ability}”，不能聘用。")
    if facts.person_state != codes.NORMAL:
        return Clause("YD-F14", RED, NOT_MET, f"当前状态为“{facts.person_state}”，不能在岗。")
    return Clause("YD-F14", RED, MET, f"劳动能力为“{facts.ability}”。")


def alone_in_household(facts: Facts, limits: Limits) -> Clause:
    """YD-F16: one holder per household, where the county says so."""
    if limits.one_per_household and facts.household:
        names = "、".join(facts.household)
        return Clause("YD-F16", YELLOW, NOT_MET, f"同户{names}已在公益性岗位，本县规定每户只聘一人。")
    return Clause(
        "YD-F16", YELLOW, MET, "同户没有其他人在岗。" if not facts.household else "本县未限每户人数。"
    )


def needs_it(facts: Facts, day: dt.date) -> Clause:
    """YD-F17: posts are meant for people who cannot leave and find nothing else."""
    if age_on(facts.birth_date, day) < YOUNG and facts.ability in ABLE_TO_LEAVE:
        return Clause(
            "YD-F17", BLUE, NOT_MET, f"不满{YOUNG}周岁的{facts.ability}，公益性岗位应优先安置无法外出的人。"
        )
    return Clause("YD-F17", BLUE, MET, "属于难以外出的人员。")


def in_population(facts: Facts) -> Clause:
    """YD-F19: of a household out of poverty or under monitoring."""
    if facts.is_poverty or facts.is_monitored:
        return Clause("YD-F19", RED, MET, "脱贫人口。" if facts.is_poverty else "监测对象。")
    return Clause("YD-F19", RED, NOT_MET, "不是脱贫人口，也不是未消除风险的监测对象，不能聘用。")


def no_rotation(facts: Facts, since: dt.date) -> Clause:
    """YD-F20 轮流坐庄: within the months before, nobody else left the same post."""
    first = since - dt.timedelta(days=ROTATION_MONTHS * 30)
    left = [day for day in facts.rotated if first <= day < since]
    if len(left) > 1:
        return Clause(
            "YD-F20",
            YELLOW,
            NOT_MET,
            f"这个岗位{ROTATION_MONTHS}个月内已换过{len(left)}人，请说明是否轮流上岗。",
        )
    return Clause("YD-F20", YELLOW, MET, f"{ROTATION_MONTHS}个月内没有频繁换人。")


def announced(facts: Facts, limits: Limits) -> Clause:
    """YD-F21: the public notice (公示) took place, long enough."""
    if facts.notice is None:
        return Clause("YD-F21", YELLOW, MISSING, "没有公示记录。")
    begin, end = facts.notice
    days = (end - begin).days + 1
    if days < limits.notice_days:
        return Clause("YD-F21", YELLOW, NOT_MET, f"只公示了{days}天，应不少于{limits.notice_days}天。")
    return Clause("YD-F21", YELLOW, MET, f"{spoken(begin)}至{spoken(end)}公示{days}天。")


def no_steady_job(facts: Facts) -> Clause:
    """YD-F22: no steady work elsewhere."""
    if facts.job_form in STEADY:
        return Clause("YD-F22", RED, NOT_MET, f"台账上已{facts.job_form}，属于稳定就业，不能在公益性岗位。")
    if not facts.work_known:
        return Clause("YD-F22", RED, MISSING, "近两个月没有务工情况记录，不能确定是否已稳定就业。")
    return Clause("YD-F22", RED, MET, "没有其他稳定就业。")


def insured(until: dt.date | None, today: dt.date) -> Clause:
    """YD-F23: accident insurance."""
    if until is None or until < today:
        text = "没有登记意外险。" if until is None else f"意外险已于{spoken(until)}到期。"
        return Clause("YD-F23", BLUE, NOT_MET, text)
    return Clause("YD-F23", BLUE, MET, f"意外险到{spoken(until)}。")


def spoken(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
