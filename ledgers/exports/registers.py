"""The ledgers and lists that offices keep beside the 采集表, all of them views of the same people and month.

务工台账 and 易地搬迁台账 are asked for by Shanxi (domain.md §1.2, S3), the lists 已就业, 失业或未就业, 有意愿外出 by
Xuchang (S2), 返乡回流, 有意愿外出, 就业不稳定 and 无就业意愿 by Shaanxi (S5). They list 脱贫人口 and 监测对象 only, as
of the month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Unit, User
from ledgers import codes
from ledgers.exports.laborers import flag_text, month_text
from ledgers.exports.printed import printed
from ledgers.imports.known import CHUNK, Known, numbers, people
from ledgers.matching import all_villages
from ledgers.models import Laborer, MonthlyRecord
from lib.bulk import among
from lib.identity import sex
from lib.month import Month
from lib.staging import Export, register_export

GROUP = "台账和清单"
Records = QuerySet[MonthlyRecord]

WHO = {
    "town": "乡镇", "village": "行政村", "number": "户编号", "head_name": "户主姓名", "name": "姓名",
    "id_no": "身份证号码", "sex": "性别", "age": "年龄", "phone": "联系电话", "poverty_kind": "户类型",
    "monitor_kind": "监测对象类别",
}  # fmt: skip
ABLE = {"education": "文化程度", "health": "健康状况", "ability": "劳动能力", "skill_level": "技能等级"}
WORK = {
    "working": "是否务工", "job_form": "就业形式", "place_class": "务工区域", "region_text": "务工地点",
    "employer": "就业单位名称", "started": "就业时间", "monthly_wage": "月平均工资", "has_contract": "是否签订劳动合同",
    "has_insurance": "是否缴纳社会保险", "months": "年度累计务工时间", "income": "年度务工收入", "counted": "是否计入",
}  # fmt: skip
IDLE = {"idle_type": "未外出务工类型", "unemployed_on": "就业转失业日期", "plans_out": "是否有外出计划"}
WISH = {
    "wanted_region": "外出务工意向地", "wanted_in": "计划外出时间", "wanted_job": "意向岗位（工种）",
    "wanted_wage": "期望月薪", "wants_training": "有无培训意愿", "service_need": "就业服务需求",
}  # fmt: skip
RETURN = {"returned_on": "返乡日期", "return_reason": "返乡回流原因", "left_region": "返乡前务工地点"}
VERIFIED = {"verify_state": "核实情况"}

FLAGS = {"working", "has_contract", "has_insurance", "counted", "plans_out"}
MONTHS = {"started", "wanted_in"}
SUMMED = ("年度务工收入",)


@dataclass(frozen=True)
class Register:
    """One list: who is on it (`where` of the month's records, `keep` of what only the spells tell) and its columns."""

    name: str
    title: str
    about: str
    columns: dict[str, str]  # column key → printed heading
    where: Q
    keep: Callable[[Known, Month], bool] = lambda known, month: True

    def records(self, user: User, unit: Unit, month: Month | None) -> Records:
        found = MonthlyRecord.objects.visible_to(user, "x").under(unit).filter(month=month or Month.current())
        return found.filter(Q(is_poverty=True) | Q(is_monitored=True)).filter(self.where)

    def rows(self, user: User, unit: Unit, month: Month | None) -> Iterator[list]:
        month = month or Month.current()
        order = ("village__sort_path", "laborer__household__number", "laborer_id")
        found = self.records(user, unit, month).order_by(*order)
        kept = list(found.values_list("laborer_id", "village_id", "place_class", "reason"))
        places = {one.pk: one.names for one in all_villages()}
        for start in range(0, len(kept), CHUNK):
            part = kept[start : start + CHUNK]
            for known, record in _known(part, month):
                if self.keep(known, month):
                    values = known.values | _as_of(known, record, month, places)
                    yield [_printed(key, values.get(key)) for key in self.columns]


def _known(part: list[tuple], month: Month) -> Iterator[tuple[Known, tuple]]:
    chosen = Laborer.objects.filter(among("pk", [record[0] for record in part]))
    known = {one.pk: one for one in people(chosen, month)}
    secret = {pk: (id_no, phone) for pk, id_no, phone in numbers(chosen)}
    for record in part:
        if record[0] in known:
            one = known[record[0]]
            one.values["id_no"], one.values["phone"] = secret[one.pk]
            yield one, record


def _as_of(known: Known, record: tuple, month: Month, places: dict[int, Any]) -> dict[str, Any]:
    _, village, place_class, reason = record
    name, town, _ = places.get(village, ("", "", ""))
    id_no = known.values["id_no"]
    return {
        "town": town, "village": name, "sex": sex(id_no), "age": age_on(id_no, month.last_day),
        "place_class": place_class, "counted": reason == "counted",
    }  # fmt: skip


def age_on(id_no: str, day: dt.date) -> int:
    """周岁 on the day, from the birth date in the number."""
    year, month_day = int(id_no[6:10]), (int(id_no[10:12]), int(id_no[12:14]))
    return day.year - year - (month_day > (day.month, day.day))


def _printed(key: str, value: Any) -> Any:
    if key in FLAGS:
        return flag_text(value)
    if key == "wants_training":
        return "" if value is None else "有" if value else "无"
    if key in MONTHS:
        return month_text(value)
    return "" if value is None else value


def unstable(known: Known, month: Month) -> bool:
    """就业不稳定: at work, but in this 统计年度 so far with two employers or more, or with a gap between two spells.

    [assumption] Shaanxi names the list without defining it; the 统计年度 (上年10月 to now) is that of the 采集表. A
    spell without an employer's name (灵活就业) counts as an employer of its own kind, once.
    """
    first = str(month.months_so_far()[0])
    year = [one for one in known.spells if one["started"] <= str(month) and (one["ended"] or "9999") >= first]
    if known.spell is None or len(year) < 2:
        return False
    employers = {(one["employer"] or one["job_form"]).strip() for one in year}
    return len(employers) > 1 or any(_gap(one, after) for one, after in pairwise(year))


def _gap(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether a whole month lies between the two without work."""
    return bool(before["ended"]) and Month.parse(after["started"]) - Month.parse(before["ended"]) > 1


NORMAL = Q(laborer__person_state=codes.NORMAL)
IDLE_NOW = Q(working=False) & NORMAL
REGISTERS = (
    Register("work-ledger", "脱贫户、监测户劳动力务工台账", "脱贫户和监测户的全部劳动力，是否务工、在哪里、做什么。",
             WHO | ABLE | WORK | VERIFIED, Q()),
    Register("relocated-ledger", "易地搬迁脱贫户劳动力务工台账", "易地搬迁户的劳动力，带安置点。",
             WHO | {"settlement": "安置点"} | ABLE | WORK | VERIFIED, Q(laborer__household__is_relocated=True)),
    Register("employed-list", "已就业人员清单", "本月在务工的人。", WHO | WORK | VERIFIED, Q(working=True)),
    Register("unemployed-list", "失业或未就业人员清单", "状态正常、本月没有务工的人。",
             WHO | ABLE | IDLE | WISH | VERIFIED, IDLE_NOW),
    Register("willing-list", "有意愿外出人员清单", "没有务工、有外出计划的人，带意向地、岗位和期望月薪。",
             WHO | ABLE | IDLE | WISH, IDLE_NOW & Q(laborer__intention__plans_out=True)),
    Register("returned-list", "返乡回流人员清单", "登记为返乡回流的人，带返乡原因和返乡前务工地点。",
             WHO | RETURN | IDLE | WISH, NORMAL & Q(laborer__intention__is_returned=True)),
    Register("unstable-list", "就业不稳定人员清单", "本月在务工，但本统计年度换过单位或者中断过一个月以上的人。",
             WHO | WORK | VERIFIED, Q(working=True), unstable),
    Register("unwilling-ledger", "无就业意愿台账", "没有务工、也没有外出计划的人，带原因。",
             WHO | ABLE | {"idle_type": "未外出务工类型", "no_plan_reason": "无外出意愿原因"} | VERIFIED,
             IDLE_NOW & Q(laborer__intention__plans_out=False)),
)  # fmt: skip


def _export(one: Register) -> Export:
    headings = tuple(one.columns.values())
    return Export(
        name=one.name,
        title=one.title,
        right=("person", "x"),
        headings=headings,
        rows=one.rows,
        count=lambda user, unit, month: one.records(user, unit, month).count(),
        numeric=frozenset(SUMMED).intersection(headings),
        personal=True,
        group=GROUP,
        about=one.about,
        dress=printed,
    )


for _register in REGISTERS:
    register_export(_export(_register))
