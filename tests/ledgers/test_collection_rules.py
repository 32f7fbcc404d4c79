"""Every filling rule of the 采集表, told by the form and by the import with the same words."""

from __future__ import annotations

import datetime as dt

import pytest

from ledgers.collection import actions, filling
from ledgers.collection.fields import FIELDS
from ledgers.rules import ALWAYS
from tests import cast as casting
from tests import factories
from tests.ledgers.collection_texts import AT_HOME, AT_WORK, LEAVING, new_form
from tests.ledgers.collection_texts import line as line_of
from tests.ledgers.sheets import context, judge, messages

pytestmark = pytest.mark.django_db

UNDER_16 = factories.citizen_id(7, dt.date(2015, 1, 1))
MISSING, DOUBT, REFUSED = "missing", "doubt", "refused"
WORKS, IDLES = "是否务工为“是”，", "是否务工为“否”，"
RETURNED = {"is_returned": "是", "return_reason": "因疫情", "left_region": "广东省深圳市"}
LEARNING = {
    "wants_training": "有",
    "training_kind": "技能培训",
    "training_trade": "缝纫",
    "training_on": "2023-05-08",
}
OUTSIDE_COUNTY = "应在县内，务工地点在县外，请核对。"

# rule, answers to begin with, what is answered otherwise, field, message, and what it means for a form
RULES = [
    ("2 YD-C01", AT_WORK, {"region_text": ""}, "region_text", f"{WORKS}务工地点应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"job_form": ""}, "job_form", f"{WORKS}就业形式必须填写。", REFUSED),
    ("2 YD-C01", AT_WORK, {"employer": ""}, "employer", f"{WORKS}就业单位名称应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"started": ""}, "started", "没有填就业时间，按2023年3月登记。", MISSING),
    ("2 YD-C01", AT_WORK, {"monthly_wage": ""}, "monthly_wage", f"{WORKS}月平均工资应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"industry": ""}, "industry", f"{WORKS}所属产业行业应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"has_contract": ""}, "has_contract", f"{WORKS}是否签订劳动合同应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"has_insurance": ""}, "has_insurance", f"{WORKS}是否缴纳社会保险应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"helped": ""}, "helped", f"{WORKS}经帮扶实现就业应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"by_returnee_startup": ""}, "by_returnee_startup",
     f"{WORKS}是否返乡创业带动应填写。", MISSING),
    ("2 YD-C01", AT_WORK, {"job_form": "其他就业形式"}, "job_form_note", "选了其他就业形式的，其他就业形式应填写。",
     MISSING),
    ("YD-C04", AT_WORK, {"region_text": "广东省"}, "region_text",
     "没有认出县（市、区），请写成“广东省深圳市南山区”这样。", DOUBT),
    ("YD-C05", AT_WORK, {"started": "2023年9月"}, "started", "就业时间晚于2023年3月，请核对。", DOUBT),
    ("YD-C09", AT_WORK, {"ticked_months": ""}, "ticked_months", "有累计务工时间的，具体务工时间应填写。", MISSING),
    ("YD-C09", AT_WORK, {"months": "6"}, "months", "年度累计务工时间与勾选的月份数不符，请核对。", DOUBT),
    ("YD-C11", AT_WORK, {"job_form": "公益性岗位"}, "job_form", f"公益性岗位{OUTSIDE_COUNTY}", DOUBT),
    ("YD-C11", AT_WORK, {"job_form": "帮扶车间"}, "job_form", f"帮扶车间{OUTSIDE_COUNTY}", DOUBT),
    ("YD-C15", AT_WORK, {"helped": "是"}, "helped_in", "经帮扶实现就业的，帮扶时间应填写。", MISSING),
    ("YD-E01", AT_WORK, {"monthly_wage": "1"}, "monthly_wage", "金额为0或1，请核对。", DOUBT),
    ("YD-E03", AT_WORK, {"monthly_wage": "300"}, "monthly_wage", "月收入偏低，请核对。", DOUBT),
    ("YD-A10", AT_WORK, {"person_state": "暂时退出/参军"}, "working", "当前状态为“暂时退出/参军”，不能同时务工。",
     REFUSED),
    ("YD-B07", AT_WORK, {"ability": "丧失劳动力"}, "working", "劳动能力为“丧失劳动力”，不能同时务工。", REFUSED),
    ("YD-B02", AT_HOME, {"id_no": UNDER_16}, "id_no", "未满16周岁，不能登记务工。", REFUSED),
    ("YD-B10", AT_WORK, {"ability": "技能劳动力"}, "skill_level", "技能劳动力应有技能等级。", DOUBT),
    ("YD-B10", AT_WORK, {"skill_level": "中级"}, "skill_level",
     "普通劳动力的技能等级应为“无”，有等级的是技能劳动力。", DOUBT),
    ("2 YD-C02", AT_HOME, {"idle_type": ""}, "idle_type", f"{IDLES}未外出务工类型应填写。", MISSING),
    ("2 YD-C02", AT_HOME, {"plans_out": ""}, "plans_out", f"{IDLES}是否有外出计划应填写。", MISSING),
    ("2 YD-C02", AT_HOME, {"unemployed_on": ""}, "unemployed_on", "就业转失业的，就业转失业日期应填写。", MISSING),
    ("3 YD-C02", AT_HOME, {"no_plan_reason": ""}, "no_plan_reason", "没有外出计划的，无外出意愿原因应填写。", MISSING),
    ("3 YD-C02", LEAVING, {"wanted_region": ""}, "wanted_region", "有外出计划的，外出务工意向地应填写。", MISSING),
    ("3 YD-C02", LEAVING, {"wanted_job": ""}, "wanted_job", "有外出计划的，意向岗位（工种）应填写。", MISSING),
    ("3 YD-C02", LEAVING, {"wanted_wage": ""}, "wanted_wage", "有外出计划的，期望月薪应填写。", MISSING),
    ("YD-C14", LEAVING, {"service_need": ""}, "service_need", "有外出计划的，就业服务需求应填写。", MISSING),
    ("YD-I04", AT_HOME | RETURNED, {"return_reason": ""}, "return_reason", "返乡回流的，返乡回流原因应填写。", MISSING),
    ("YD-I04", AT_HOME | RETURNED, {"left_region": ""}, "left_region", "返乡回流的，返乡前务工地点应填写。", MISSING),
    ("4 YD-J08", AT_HOME | LEARNING, {"training_kind": ""}, "training_kind", "有培训意愿的，意愿培训类别应填写。",
     MISSING),
    ("4 YD-J08", AT_HOME | LEARNING, {"training_trade": ""}, "training_trade", "有培训意愿的，意愿培训工种应填写。",
     MISSING),
    ("4 YD-J08", AT_HOME | LEARNING, {"training_on": ""}, "training_on", "有培训意愿的，意愿培训日期应填写。", MISSING),
    ("5", AT_HOME, {"services": ""}, "services", "本年度享受就业服务项目应填写，没有的填“未享受过就业服务”。", MISSING),
    ("5 YD-I06", AT_HOME, {"services": "未享受过就业服务、职业介绍1次"}, "services",
     "填了“未享受过就业服务”，不能同时填其他项目。", REFUSED),
]  # fmt: skip


@pytest.fixture
def cast():
    return casting.build()


@pytest.fixture(autouse=True)
def unsigned(settings):
    settings.SIGNATURES = False


def test_answers_that_lack_nothing_are_taken_by_form_and_import(cast):
    for texts in (AT_WORK, AT_HOME, LEAVING, AT_HOME | RETURNED, AT_HOME | LEARNING):
        form = new_form(cast.units["99111"], cast.village, texts)
        assert filling.check(form).problems == []
        [row] = judge("laborers", [line_of(form)], context(cast.township, cast.units["9911"]))
        assert (row.verdict, messages(row)) == ("new", [])
        assert actions.submit(form, "电话", cast.village).state == "submitted"


def told_by_form(cast, form, key: str, message: str, kind: str) -> bool:
    """Whether the form says it, as what it means, and is submitted with a doubt only."""
    checked = filling.check(form)
    told = {MISSING: checked.missing, DOUBT: checked.doubts, REFUSED: checked.refused}[kind]
    try:
        submitted = actions.submit(form, "上门", cast.village).state == "submitted"
    except actions.Incomplete as refusal:
        submitted = message not in str(refusal)
    return (key, message) in [(one, words) for one, _, words in told] and submitted == (kind == DOUBT)


def told_by_import(cast, form, key: str, message: str, kind: str) -> bool:
    """Whether a sheet with the same answers hears the same of the same column."""
    [row] = judge("laborers", [line_of(form)], context(cast.township, cast.units["9911"]))
    verdict = "rejected" if kind == REFUSED else "review"
    return f"{FIELDS[key].label}：{message}" in messages(row) and row.verdict == verdict


@pytest.mark.parametrize("told", [told_by_import, told_by_form])
def test_every_rule_of_the_form_is_told_with_the_same_words(cast, told):
    silent = []
    for rule, texts, otherwise, key, message, kind in RULES:
        form = new_form(cast.units["99111"], cast.village, texts | otherwise)
        if not told(cast, form, key, message, kind):
            silent.append((rule, key, message, filling.check(form).problems))
    assert silent == []


def test_rule_1_no_item_of_block_a_stays_empty_on_a_form(cast):
    for key in ALWAYS:
        told = filling.check(new_form(cast.units["99111"], cast.village, AT_WORK | {key: ""}))
        assert not told.may_submit
        assert key in [one for one, _, _ in [*told.missing, *told.refused]]


def test_what_only_some_must_say_is_asked_of_them_alone(cast):
    village = cast.units["99111"]
    leaver = filling.check(new_form(village, cast.village, AT_WORK | {"is_recent_leaver": "是"}))
    assert [words for _, _, words in leaver.missing] == ["两后生的，毕业时间应填写。"]
    flexible = AT_WORK | {"job_form": "灵活就业", "employer": ""}
    told = filling.check(new_form(village, cast.village, flexible))
    assert [words for _, _, words in told.missing] == ["灵活就业的，其中：灵活就业天数应填写。"]


def test_a_stored_person_hears_of_an_emptied_field_in_a_form_and_a_sheet_leaves_it(cast):
    person = factories.whole_person(cast.units["99111"])
    form = factories.form(person, values={"employer": ""})
    assert [words for _, _, words in filling.check(form).missing] == [f"{WORKS}就业单位名称应填写。"]
    [row] = judge("laborers", [line_of(form)], context(cast.township, cast.units["9911"]))
    assert (row.verdict, messages(row)) == ("same", [])
