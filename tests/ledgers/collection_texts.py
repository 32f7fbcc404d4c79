"""Answers of a 采集表 that lack nothing, for tests that leave one out or make it wrong."""

from __future__ import annotations

from ledgers.collection.fields import FIELDS
from ledgers.models import CollectionForm
from tests.factories import MARCH
from tests.ledgers.sheets import fresh_id

WHO = {
    "head_name": "示例户", "relation": "户主", "poverty_kind": "脱贫户", "name": "示例人",
    "registered_address": "示例市甲县东镇一组", "phone": "13900000002", "ethnic": "汉族", "person_state": "正常",
    "ability": "普通劳动力", "skill_level": "无", "is_recent_leaver": "否", "education": "初中",
    "home_address": "示例市甲县东镇一组", "is_returned": "否", "wants_training": "无",
    "services": "未享受过就业服务",
}  # fmt: skip
AT_WORK = WHO | {
    "working": "是", "months": "3", "income": "13500", "ticked_months": "2023年1月、2023年2月、2023年3月",
    "region_text": "广东省深圳市南山区", "job_form": "单位就业", "employer": "示例电子厂", "started": "2023年1月",
    "monthly_wage": "4500", "industry": "普工", "has_contract": "是", "has_insurance": "否", "helped": "否",
    "by_returnee_startup": "否",
}  # fmt: skip
AT_HOME = WHO | {
    "working": "否", "months": "0", "income": "0", "idle_type": "就业转失业", "unemployed_on": "2023-02-01",
    "plans_out": "否", "no_plan_reason": "照顾家人",
}  # fmt: skip
LEAVING = AT_HOME | {
    "plans_out": "是", "no_plan_reason": "", "wanted_region": "广东省深圳市", "wanted_job": "缝纫工",
    "wanted_wage": "5000", "service_need": "岗位信息",
}  # fmt: skip


def new_form(village, by, texts: dict[str, str], month=MARCH) -> CollectionForm:
    """A draft for somebody new with these answers."""
    values = dict.fromkeys(FIELDS, "") | {"id_no": fresh_id()} | texts
    return CollectionForm.objects.create(village=village, month=month, values=values, begun_by=by)


def line(form: CollectionForm) -> dict[str, str | None]:
    """The same answers as a row of 劳动力台账."""
    return {"行政村": form.village.name} | {
        one.label: form.values[key] or None for key, one in FIELDS.items() if not one.fixed
    }
