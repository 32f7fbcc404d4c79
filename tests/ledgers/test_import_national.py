"""The workbooks of the national system: header in the third row, every cell text."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from jobs.imports import confirm, stage
from ledgers.models import Household, Intention, Laborer, MonthlyRecord, WorkSpell
from lib.month import Month
from lib.sheets import Table, write_workbook
from tests import cast, factories
from tests.factories import MARCH
from tests.ledgers.sheets import context, fresh_id, judge, messages, send, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast.build()


@pytest.fixture
def city(people):
    return context(people.city, people.units["99"])


def base(**cells) -> dict:
    return {
        "县": "甲县", "乡": "甲东镇", "行政村": "甲东一村", "户编号": "9901010001", "姓名": "示例甲",
        "证件号码": fresh_id(), "与户主关系": "户主", "性别": "", "民族": "汉族", "文化程度": "初中",
        "健康状况": "长期慢性病,残疾",
        "劳动技能": "普通劳动力", "户类型": "脱贫户", "监测对象类别": "脱贫不稳定户", "识别监测时间": "20220315",
        "消除监测时间": "",
    } | cells  # fmt: skip


def work(number: str, **cells) -> dict:
    return {
        "县": "甲县", "乡": "甲东镇", "行政村": "甲东一村", "证件号码": number, "户类型": "脱贫户", "是否已务工": "是",
        "开始时间": "2022年10月", "结束时间": "", "务工所在县": "广东省深圳市南山区", "务工月收入": "4600",
        "务工企业名称": "示例电子厂", "就业渠道": "",
    } | cells  # fmt: skip


def test_the_base_table_makes_families_with_their_laborers(city):
    lines = [base(), base(姓名="示例乙", 与户主关系="配偶", 户类型="", 监测对象类别="", 识别监测时间="")]
    assert verdicts(send("national-base", lines, city)) == ["new", "new"]
    household = Household.objects.get()
    assert (household.number, household.monitor_kind, str(household.monitored_on)) == (
        "9901010001",
        "脱贫不稳定户",
        "2022-03-15",
    )
    assert sorted(household.members.values_list("relation", flat=True)) == ["户主", "配偶"]
    assert Laborer.objects.first().health == "长期慢性病,残疾"
    assert set(MonthlyRecord.objects.values_list("is_poverty", "is_monitored", "reason")) == {
        (True, True, "not_working")
    }
    assert verdicts(judge("national-base", lines, city)) == ["same", "same"]


def test_children_and_people_without_ability_are_read_and_not_kept(city):
    child = factories.citizen_id(1, dt.date(2010, 6, 15))
    rows = judge("national-base", [base(证件号码=child), base(劳动技能="无劳动力")], city)
    assert verdicts(rows) == ["same", "same"]
    assert messages(rows[0]) == ["：未满16周岁或没有劳动能力，不列入劳动力台账。"]


def test_the_kind_of_a_household_reaches_the_facts_of_the_month(people, city):
    person = factories.laborer(people.units["99111"], "示例甲", household__poverty_kind="一般农户")
    factories.record(person, is_poverty=False, reason="outside_population")
    factories.spell(person)
    line = base(证件号码=person.id_no, 户编号="", 姓名="", 监测对象类别="突发严重困难户", 户类型="脱贫户")
    assert verdicts(send("national-base", [line], city)) == ["changed"]
    fact = MonthlyRecord.objects.get()
    assert (fact.is_poverty, fact.is_monitored, fact.reason) == (True, True, "counted")


def test_work_of_somebody_known_becomes_a_spell_and_twice_changes_nothing(people, city):
    person = factories.laborer(people.units["99111"])
    line = work(person.id_no)
    assert verdicts(send("national-work", [line], city)) == ["changed"]
    spell = WorkSpell.objects.get()
    assert (spell.started, spell.place_class, spell.job_form, spell.monthly_wage) == (
        Month(2022, 10),
        "省外",
        "单位就业",
        4600,
    )
    assert person.records.get(month=MARCH).reason == "counted"
    assert verdicts(send("national-work", [line], city)) == ["same"]


def test_the_end_of_a_spell_closes_it(people, city):
    person = factories.laborer(people.units["99111"])
    factories.spell(person, region_code="440305", region_text="广东省深圳市南山区", monthly_wage=4600)
    line = work(person.id_no, 是否已务工="否", 结束时间="2023年01月")
    assert verdicts(send("national-work", [line], city)) == ["changed"]
    assert WorkSpell.objects.get().ended == Month(2023, 1)
    assert person.records.get(month=MARCH).reason == "not_working"
    assert verdicts(send("national-work", [line], city)) == ["same"]


@pytest.mark.parametrize("kind", ["national-work", "national-plan"])
def test_somebody_nobody_knows_waits_for_review(city, kind):
    line = {"证件号码": fresh_id(), "是否计划务工": "是"} if kind == "national-plan" else work(fresh_id())
    [row] = judge(kind, [line], city)
    assert row.verdict == "review"
    assert messages(row)[0].startswith("证件号码：台账中没有此人")


def test_somebody_out_of_reach_is_answered_like_somebody_unknown(people):
    foreign = factories.laborer(people.units["99211"])
    at = context(people.township, people.units["9911"])
    answers = []
    for number in (foreign.id_no, fresh_id()):
        [row] = judge("national-plan", [{"证件号码": number, "是否计划务工": "是"}], at)
        answers.append((row.verdict, row.target, row.old, messages(row)))
    assert answers[0] == answers[1]


def test_plans_become_intentions(people, city):
    person = factories.laborer(people.units["99111"])
    line = {
        "证件号码": person.id_no,
        "是否计划务工": "是",
        "计划务工所在县": "浙江省义乌市",
        "就业服务需求": "岗位推荐",
    }
    assert verdicts(send("national-plan", [line], city)) == ["changed"]
    plan = Intention.objects.get()
    assert (plan.plans_out, plan.wanted_region, plan.service_need) == (True, "浙江省义乌市", "岗位推荐")
    assert verdicts(send("national-plan", [line], city)) == ["same"]


def test_an_export_of_the_national_system_goes_through_the_whole_mechanism(people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    person = factories.laborer(people.units["99111"])
    line = work(person.id_no)
    out = io.BytesIO()
    write_workbook(
        out, [Table("导出", tuple(line), [list(line.values())], title="（务工月监测）已外出务工信息")]
    )
    batch = stage(
        out.getvalue(),
        "已外出务工信息_20230331.xlsx",
        "national-work",
        people.units["99"],
        MARCH,
        people.city,
    )
    assert (batch.changed, batch.refusal) == (1, "")
    confirm(batch, people.city)
    assert person.spells.get().monthly_wage == 4600
