"""What the invented people answered: blocks C to F of the 采集表, and graduation. Pure, seeded, apart from the story.

A few were never asked or left something open, as in a ledger that people keep.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from ledgers.codes import IDLE_TYPES, NORMAL, RETURN_REASONS
from lib.month import SHANGHAI, Month
from reports.demo.people import Person
from reports.demo.story import Resident
from reports.demo.working import FAR, LAST

COLUMNS = (
    "laborer", "idle_type", "unemployed_on", "plans_out", "no_plan_reason", "wanted_region", "wanted_in", "wanted_job",
    "wanted_wage", "service_need", "is_returned", "return_reason", "left_region", "returned_on", "wants_training",
    "training_kind", "training_trade", "training_on", "services",
    "return_registered_at", "wish_registered_at",
)  # fmt: skip
NEVER_ASKED = 0.015
TRADES = (
    ("技能培训", "家政服务"), ("技能培训", "中式烹调"), ("技能培训", "电工"), ("技能培训", "焊工"),
    ("技能培训", "养老护理"), ("技能培训", "茶叶加工"), ("创业培训", "创办企业"), ("创业培训", "电商"),
)  # fmt: skip
SERVED: tuple[dict[str, int], ...] = (
    *({},) * 11, {"职业指导": 1}, {"职业指导": 1}, {"职业介绍": 1}, {"职业介绍": 2}, {"职业指导": 1, "职业介绍": 1},
    {"职业培训": 1}, {"职业指导": 2, "职业培训": 1}, {"创业服务": 1}, {"其他": 1},
)  # fmt: skip
REGIONS = ("广东省深圳市", "广东省东莞市", "浙江省宁波市", "湖北省武汉市", "湖北省黄石市", "江苏省苏州市")
JOBS = ("普工", "缝纫工", "保洁员", "保安", "餐饮服务员", "电工", "家政服务员", "仓库管理员")
NEEDS = ("岗位信息", "岗位信息、职业指导", "职业介绍", "技能培训")
STAYING = ("照顾家人", "照顾家人", "务农", "专业规模种养", "主观意愿不强", "其他")
GRADUATES = {"大专": 21, "本科及以上": 22}  # age at the end of the course


class Answers:
    """Draws what one person answered, so that it agrees with the person's work."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed + 2)

    def pick(self, pool):
        return pool[int(self.random.random() * len(pool))]

    def of(self, one: Resident) -> dict[str, Any] | None:
        """Values by column, the blank ones left out; None for somebody who was never asked."""
        if self.random.random() < NEVER_ASKED:
            return None
        told: dict[str, Any] = {"is_returned": False, "wants_training": False, "services": self.pick(SERVED)}
        able = one.person.state == NORMAL and one.person.ability not in ("丧失劳动力", "无劳动力")
        if one.months[-1].working:
            self._came_back_to_work(one, told)
        else:
            self._idle(one, able, told)
        if able and self.random.random() < (0.03 if one.months[-1].working else 0.15):
            kind, trade = self.pick(TRADES)
            told |= {"wants_training": True, "training_kind": kind, "training_trade": trade}
            told["training_on"] = dt.date(2023, 4, 1) + dt.timedelta(days=self._days(60))
            told["wish_registered_at"] = self._moment(LAST.last_day - dt.timedelta(days=self._days(40)))
        return told

    def _moment(self, day: dt.date) -> dt.datetime:
        """An hour of that working day."""
        return dt.datetime.combine(day, dt.time(8 + self._days(9), self._days(60)), SHANGHAI)

    def _came_back_to_work(self, one: Resident, told: dict[str, Any]) -> None:
        """Half of those who began near home since the new year had come back for it."""
        started, _ = one.work.calendar[-1]
        if (
            one.work.is_near
            and len(one.work.calendar) == 1
            and started >= LAST - 1
            and self.random.random() < 0.5
        ):
            self._returned(told, self.pick(FAR)[1], started.first_day - dt.timedelta(days=self._days(25)))

    def _idle(self, one: Resident, able: bool, told: dict[str, Any]) -> None:
        """Block C, and D for whoever lost work outside the county this winter."""
        told["idle_type"] = IDLE_TYPES[0]
        if one.work.calendar:
            end: Month = one.work.calendar[-1][1] or LAST
            lost = end.last_day - dt.timedelta(days=self._days(20))
            told |= {"idle_type": IDLE_TYPES[1], "unemployed_on": lost}
            if not one.work.is_near and end >= LAST - 3:
                recent = LAST.last_day - dt.timedelta(days=1 + int(self.random.random() ** 2 * 30))
                home = recent if end == LAST - 1 else lost + dt.timedelta(days=self._days(9))
                self._returned(told, one.work.region_text, home)
        if not able:
            told |= {
                "plans_out": False,
                "no_plan_reason": "身体或精神状态不佳" if one.person.ability == "丧失劳动力" else "其他",
            }
        elif self.random.random() < 0.02:
            pass  # asked for the rest, but not for plans
        elif self.random.random() < 0.45:
            told |= {
                "plans_out": True, "wanted_region": self.pick(REGIONS), "wanted_in": LAST + 1 + self._days(2),
                "wanted_job": self.pick(JOBS), "wanted_wage": 3500 + 500 * int(self.random.random() * 6),
                "service_need": self.pick(NEEDS),
            }  # fmt: skip
        else:
            told |= {"plans_out": False, "no_plan_reason": self.pick(STAYING)}

    def _returned(self, told: dict[str, Any], left: str, on: dt.date) -> None:
        """Registered the day after."""
        told |= {"is_returned": True, "return_reason": self.pick(RETURN_REASONS[1:]), "left_region": left,
                 "returned_on": on, "return_registered_at": self._moment(on + dt.timedelta(days=1))}  # fmt: skip

    def _days(self, most: int) -> int:
        return int(self.random.random() * most)


def row(one: Resident, told: dict[str, Any]) -> tuple:
    """One row of Intention in the order of COLUMNS."""
    return (one.pk, *(told.get(name, _BLANK.get(name, "")) for name in COLUMNS[1:]))


_BLANK: dict[str, Any] = dict.fromkeys(
    (
        "unemployed_on",
        "plans_out",
        "wanted_in",
        "wanted_wage",
        "returned_on",
        "training_on",
        "return_registered_at",
        "wish_registered_at",
    )
)


def graduation(person: Person) -> tuple[bool, Month | None]:
    """是否为两后生, and when the person graduated, where the ledger asks for it: within five years before 2023-03."""
    year, last = person.birth.year, person.education
    if last in GRADUATES:
        left = year + GRADUATES[last]
        return False, Month(left, 6) if 2018 <= left <= 2022 else None
    if person.state != NORMAL or last not in ("初中", "高中"):
        return False, None
    left = year + (16 if last == "初中" else 19)
    return (True, Month(left, 6)) if 2018 <= left <= 2022 else (False, None)
