"""Invented work: who went where since when, and what the counting rule makes of it in each of the twelve months.

Nothing here repeats the rule: `standings` asks ledgers.counting.decide. In October and November the sheets still carry
the months and the income of the statistical year that just ended, as offices fill them in (declared), so that the trend
has no hole where every accumulation starts again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from random import Random
from typing import NamedTuple

from ledgers.codes import (
    FLEXIBLE,
    IN_CITY,
    IN_COUNTY,
    IN_PROVINCE,
    IN_TOWNSHIP,
    NORMAL,
    OUTSIDE,
    SELF_EMPLOYED,
    WITHIN_COUNTY,
)
from ledgers.counting import decide
from lib.month import Month

LAST = Month(2023, 3)
MONTHS = [LAST - back for back in range(11, -1, -1)]
CARRIED = (Month(2022, 10), Month(2022, 11))
_DECIMALS = [Decimal(number) for number in range(13)]
Calendar = tuple[tuple[Month, Month | None], ...]

_LONG_AGO = [Month(2020, 3) + n for n in range(20)]
_BEFORE_HOME, _AFTER_HOME = [Month(2022, 12), Month(2022, 12), Month(2023, 1)], Month(2023, 3)

# Code of the county worked in, its name as a form has it, and the trade it is known for.
FAR = (
    ("440306", "广东省深圳市宝安区"), ("440307", "广东省深圳市龙岗区"), ("441900", "广东省东莞市"),
    ("440605", "广东省佛山市南海区"), ("440111", "广东省广州市白云区"), ("330106", "浙江省杭州市西湖区"),
    ("330212", "浙江省宁波市鄞州区"), ("330302", "浙江省温州市鹿城区"), ("320583", "江苏省苏州市昆山市"),
    ("320205", "江苏省无锡市锡山区"), ("310115", "上海市浦东新区"), ("350582", "福建省泉州市晋江市"),
    ("360102", "江西省南昌市东湖区"),
)  # fmt: skip
PROVINCE = (
    ("420111", "湖北省武汉市洪山区"), ("420112", "湖北省武汉市东西湖区"), ("420106", "湖北省武汉市武昌区"),
    ("420704", "湖北省鄂州市鄂城区"), ("421102", "湖北省黄冈市黄州区"),
)  # fmt: skip
CITY = (
    ("420202", "湖北省黄石市黄石港区"), ("420203", "湖北省黄石市西塞山区"), ("420204", "湖北省黄石市下陆区"),
    ("420205", "湖北省黄石市铁山区"),
)  # fmt: skip
COUNTIES = {"420222": "湖北省黄石市阳新县", "420281": "湖北省黄石市大冶市", "420203": "湖北省黄石市西塞山区",
            "420205": "湖北省黄石市铁山区"}  # fmt: skip
TRADES = (
    ("示例电子厂", "普工"), ("示例电子厂", "普工"), ("示例制衣厂", "技工"), ("示例制鞋厂", "普工"),
    ("示例五金厂", "技工"), ("示例玩具厂", "普工"), ("示例家具厂", "技工"), ("示例建筑工程队", "建筑/装修"),
    ("示例建筑工程队", "建筑/装修"), ("示例装修公司", "建筑/装修"), ("示例物流公司", "其他"),
    ("示例餐饮店", "服务员/接待员/收银/导购员"),
    ("示例超市", "服务员/接待员/收银/导购员"), ("示例家政公司", "家庭服务业"), ("示例物业公司", "环卫/保卫/市政维护"),
    ("示例学校后勤", "行政/管理"),
)  # fmt: skip
NEAR_TRADES = (
    *TRADES[2:],
    ("示例种植专业合作社", "种植"),
    ("示例养殖专业合作社", "养殖"),
    ("示例茶园", "种植"),
)
CHANNELS = ("自主外出", "亲友介绍", "亲友介绍", "劳务公司介绍", "政府组织")


@dataclass(slots=True)
class Work:
    """What a person does, in all spells of `calendar` the same."""

    calendar: Calendar
    place_class: str = ""
    region_code: str = ""
    region_text: str = ""
    job_form: str = "单位就业"
    industry: str = ""
    employer: str = ""
    channel: str = ""
    wage: int = 0

    @property
    def is_near(self) -> bool:
        return self.place_class in WITHIN_COUNTY

    @property
    def is_steady(self) -> bool:
        return len(self.calendar) == 1 and self.calendar[0][0] < MONTHS[0] and self.calendar[0][1] is None


IDLE = Work(())


class Standing(NamedTuple):
    """One month of a person: whether working, 个月 since the statistical year began, which ones, and the rule."""

    month: Month
    working: bool
    months: int
    declared: bool
    ticked: str
    reason: str


@cache
def attendance(calendar: Calendar) -> tuple[tuple[Month, bool, int, bool, str], ...]:
    """Month, whether working, months so far, whether declared and which months, for each of MONTHS."""
    made = []
    for month in MONTHS:
        declared = month in CARRIED and bool(calendar)
        since = CARRIED[0] - 12 if declared else month.months_so_far()[0]
        worked = [
            str(max(start, since) + n)
            for start, end in calendar
            for n in range(_overlap((start, end), since, month))
        ]
        months = min(12, len(worked))
        working = any(start <= month and (end is None or end >= month) for start, end in calendar)
        made.append((month, working, months, declared, ",".join(worked[-12:])))
    return tuple(made)


def standings(in_population: bool, state: str, ability: str, work: Work) -> tuple[Standing, ...]:
    """What the counting rule says in each of MONTHS."""
    return tuple(
        Standing(
            month,
            working,
            months,
            declared,
            ticked,
            decide(
                in_population=in_population,
                person_state=state,
                ability=ability,
                working=working,
                job_form=work.job_form,
                place_class=work.place_class,
                months=_DECIMALS[months],
                income=months * work.wage,
            ),
        )
        for month, working, months, declared, ticked in attendance(work.calendar)
    )


def _overlap(spell: tuple[Month, Month | None], first: Month, last: Month) -> int:
    start, end = spell
    return max(0, (min(end or last, last) - max(start, first)) + 1)


class Careers:
    """Draws the work of a person for the verdict wanted in the last month."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def pick(self, pool):
        return pool[int(self.random.random() * len(pool))]

    def counted(self, home: str, near: float) -> Work:
        """Work that counts in the last month; `home` is the village's official code, `near` the share in the county."""
        work = self._placed(home, near)
        chance = self.random.random()
        start = self.pick(_LONG_AGO)
        if chance < 0.63:
            work.calendar = ((start, None),)
        elif chance < 0.83:
            late = int(self.random.random() ** 1.3 * (10 if work.is_near else 9))
            work.calendar = ((Month(2022, 4) + late, None),)
        else:
            left = self.pick(_BEFORE_HOME)
            back = _AFTER_HOME if left == Month(2023, 1) or chance < 0.9 else Month(2023, 2)
            work.calendar = ((start, left), (back, None))
        return work

    def uncounted(self, reason: str, home: str) -> Work:
        """Work that ends in `reason` in the last month; for a person whose own state decides, none or what was."""
        if reason in ("never", "no_ability", "exited"):
            return IDLE
        near = {"months_short": 0.0, "income_short": 1.0, "self_employed": 0.7}.get(reason, 0.3)
        work = self._placed(home, near)
        if reason == "not_working":
            work.calendar = ((self.pick(_LONG_AGO), Month(2022, 6) + int(self.random.random() * 9)),)
        elif reason == "months_short":
            work.calendar = ((Month(2023, 2) + int(self.random.random() * 2), None),)
        elif reason == "income_short":
            work.calendar, work.wage = ((Month(2023, 2), None),), 700 + 100 * int(self.random.random() * 8)
        else:
            work.calendar = ((self.pick(_LONG_AGO), None),)
        if reason == "self_employed":
            work.job_form, work.employer, work.industry = (
                SELF_EMPLOYED,
                "",
                self.pick(("其他", "种植", "养殖")),
            )
        if reason == "place_unknown":
            work.place_class, work.region_code, work.region_text = "", "44", "广东省"
        return work

    def _placed(self, home: str, near: float) -> Work:
        chance = self.random.random()
        if chance < near:
            return self._near(home)
        if chance < near + (1 - near) * 0.69:
            return self._far(OUTSIDE, FAR, 3200, 44)
        if chance < near + (1 - near) * 0.9:
            return self._far(IN_PROVINCE, PROVINCE, 3000, 28)
        return self._far(IN_CITY, [place for place in CITY if place[0] != home[:6]], 3000, 22)

    def _far(self, place_class: str, places, wage: int, steps: int) -> Work:
        code, text = self.pick(places)
        trade, industry = self.pick(TRADES)
        town = text[3:] if text[2] == "省" else text
        flexible = self.random.random() < 0.15
        return Work(
            (),
            place_class,
            code,
            text,
            FLEXIBLE if flexible else "单位就业",
            industry,
            f"{town}{trade}",
            self.pick(CHANNELS),
            wage + 100 * int((self.random.random() + self.random.random()) / 2 * steps),
        )

    def _near(self, home: str) -> Work:
        in_township = self.random.random() < 0.45
        trade, industry = self.pick(NEAR_TRADES)
        text = COUNTIES.get(home[:6], "湖北省黄石市")
        form = (
            "农业合作社等新型经营主体"
            if trade.endswith("合作社")
            else FLEXIBLE
            if self.random.random() < 0.4
            else "单位就业"
        )
        return Work(
            (),
            IN_TOWNSHIP if in_township else IN_COUNTY,
            home[:9] if in_township else home[:6],
            text,
            form,
            industry,
            f"{text[6:]}{trade}",
            self.pick(CHANNELS),
            1600 + 100 * int(self.random.random() * 24),
        )


def state_for(reason: str, random: Random) -> str:
    """当前状态 of somebody who is `exited`; otherwise 正常."""
    if reason != "exited":
        return NORMAL
    exits = (
        "暂时退出/上学",
        "暂时退出/上学",
        "暂时退出/参军",
        "暂时退出/暂时丧失劳动力",
        "永久退出/永久丧失劳动力",
    )
    return exits[int(random.random() * len(exits))]
