"""What the 采集表 demands: its filling rules 1 to 5 and the rules 红 and 黄 (YD-…) that follow from them.

Rules 2 to 5 hold for every row, from a form or from a sheet (`check`); rule 1, that every item be filled in, for forms
(`filled`): a sheet may lack columns, and its blank cells leave the ledger as it is.

Refused (红, the row says something that cannot be): somebody who left for good or has no ability but works, an end
before the start, someone under 16, work without 就业形式. For review (黄, must be explained or completed): every other
blank that a rule of the form forbids, and answers that do not fit each other. A column that the sheet does not have is
not asked for: offices send the columns they keep.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledgers import codes
from lib.identity import check_working_age
from lib.staging import REJECT, REVIEW

Told = tuple[str, str, str]  # column key, level, message

WORKING_NEEDS = ("region_text", "employer", "started", "monthly_wage", "industry", "has_contract", "has_insurance",
                 "helped", "by_returnee_startup")  # fmt: skip
# Rule 1: block A, and the questions that open blocks D and E (rule 4: without a wish for training the answer is 无).
ALWAYS = ("name", "id_no", "registered_address", "phone", "ethnic", "person_state", "working", "ability",
          "skill_level", "is_recent_leaver", "education", "home_address", "months", "income", "is_returned",
          "wants_training")  # fmt: skip
IDLE_NEEDS = ("idle_type", "plans_out")
PLAN_NEEDS = ("wanted_region", "wanted_job", "wanted_wage", "service_need")
TRAINING_NEEDS = ("training_kind", "training_trade", "training_on")
WITHOUT_EMPLOYER = (codes.FLEXIBLE, codes.SELF_EMPLOYED)
HERE_ONLY = ("公益性岗位", "帮扶车间")


def filled(texts: Mapping[str, str], titles: Mapping[str, str]) -> Iterator[Told]:
    """Rule 1 for a form, whose fields are all there: the items that may never stay empty."""
    for key in ALWAYS:
        if not texts.get(key, "").strip():
            yield key, REVIEW, f"{titles[key]}应填写。"
    if texts.get("is_recent_leaver") == "是" and not texts.get("graduated_in"):
        yield "graduated_in", REVIEW, f"两后生的，{titles['graduated_in']}应填写。"
    if texts.get("job_form") == codes.FLEXIBLE and not texts.get("flexible_days"):
        yield "flexible_days", REVIEW, f"灵活就业的，{titles['flexible_days']}应填写。"


def check(row: Mapping[str, Any], given: Collection[str], titles: Mapping[str, str]) -> Iterator[Told]:
    """`row` is what the ledger would hold; `given` are the columns of the sheet; `titles` names columns.

    Rule 2: YD-C01 and YD-C02 · rule 3: YD-C02 and YD-C14 · rule 4: YD-J08 · rule 5 · block D: YD-I04.
    """

    def blank(keys: tuple[str, ...], because: str) -> Iterator[Told]:
        for key in keys:
            if key in given and row.get(key) in (None, ""):
                yield key, REVIEW, f"{because}，{titles[key]}应填写。"

    if row.get("working"):
        yield from _working(row, blank)
    elif row.get("working") is False:
        yield from _idle(row, blank)
    if row.get("is_returned"):
        yield from blank(("return_reason", "left_region"), "返乡回流的")
    if row.get("wants_training"):
        yield from blank(TRAINING_NEEDS, "有培训意愿的")
    if "services" in given and row.get("services") in (None, ""):
        yield "services", REVIEW, f"{titles['services']}应填写，没有的填“未享受过就业服务”。"
    yield from _able(row)
    yield from _months(row, given)


def _working(row: Mapping[str, Any], blank) -> Iterator[Told]:
    """Block B: YD-C01, YD-C15 (帮扶时间), YD-A10 (left, but works), YD-B07 (no ability, but works), YD-C11."""
    form = row.get("job_form")
    if not form:
        yield "job_form", REJECT, "是否务工为“是”，就业形式必须填写。"
    because = "是否务工为“是”"
    needs = (
        WORKING_NEEDS if form not in WITHOUT_EMPLOYER else tuple(k for k in WORKING_NEEDS if k != "employer")
    )
    yield from blank(needs, because)
    if form == codes.OTHER_FORM:
        yield from blank(("job_form_note",), "选了其他就业形式的")
    if row.get("helped"):
        yield from blank(("helped_in",), "经帮扶实现就业的")
    if row.get("person_state") not in (None, "", codes.NORMAL):
        yield "working", REJECT, f"当前状态为“{row['person_state']}”，不能同时务工。"
    if row.get("ability") in codes.ABILITIES[3:]:
        yield "working", REJECT, f"劳动能力为“{row['ability']}”，不能同时务工。"
    if form in HERE_ONLY and row.get("place_class") in codes.PLACE_CLASSES[2:]:
        yield "job_form", REVIEW, f"{form}应在县内，务工地点在县外，请核对。"


def _idle(row: Mapping[str, Any], blank) -> Iterator[Told]:
    """Block C: YD-C02 with the branches of rule 3, YD-C14 (就业服务需求 of who plans to go)."""
    yield from blank(IDLE_NEEDS, "是否务工为“否”")
    if row.get("idle_type") == codes.IDLE_TYPES[1]:
        yield from blank(("unemployed_on",), "就业转失业的")
    if row.get("plans_out"):
        yield from blank(PLAN_NEEDS, "有外出计划的")
    elif row.get("plans_out") is False:
        yield from blank(("no_plan_reason",), "没有外出计划的")


def _able(row: Mapping[str, Any]) -> Iterator[Told]:
    """YD-B10: 技能劳动力 and a grade go together."""
    ability, skill = row.get("ability"), row.get("skill_level")
    if ability == "技能劳动力" and skill in (None, "", "无"):
        yield "skill_level", REVIEW, "技能劳动力应有技能等级。"
    if ability == "普通劳动力" and skill not in (None, "", "无"):
        yield "skill_level", REVIEW, "普通劳动力的技能等级应为“无”，有等级的是技能劳动力。"


def _months(row: Mapping[str, Any], given: Collection[str]) -> Iterator[Told]:
    """YD-C09: the sum and the months ticked for it."""
    if row.get("months") in (None, "") or "months" not in given or "ticked_months" not in given:
        return
    months, ticks = Decimal(row["months"]), row.get("ticked_months") or ""
    if months and not ticks:
        yield "ticked_months", REVIEW, "有累计务工时间的，具体务工时间应填写。"
    elif ticks and abs(months - (ticks.count(",") + 1)) > 1:
        yield "months", REVIEW, "年度累计务工时间与勾选的月份数不符，请核对。"


def check_age(birth: dt.date, on: dt.date, ability: str) -> Told | None:
    """YD-B02: under 16 is refused; YD-B05: 60 and more are 弱劳动力或半劳动力 or outside the collection."""
    checked = check_working_age(birth, on)
    if checked.level == REVIEW and ability not in codes.ABILITIES[:2]:
        return None
    return None if not checked.message else ("id_no", checked.level, f"{checked.message}。")
