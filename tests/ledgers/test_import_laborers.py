"""劳动力台账 into the ledger: new, changed, same; what is written; taken back; closed months."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from jobs.imports import NotNow, accept, confirm, stage, undo
from ledgers.exports import COLUMNS, laborer_rows
from ledgers.models import Household, Intention, Laborer, MonthClosing, MonthlyRecord, WorkSpell
from lib.month import Month
from lib.sheets import Table, write_workbook
from lib.staging import KINDS, Stale
from tests import cast, factories
from tests.factories import MARCH
from tests.ledgers.sheets import context, judge, messages, send, verdicts, working

pytestmark = pytest.mark.django_db
FEBRUARY = Month(2023, 2)


@pytest.fixture
def people():
    return cast.build()


@pytest.fixture
def town(people):
    return context(people.township, people.units["9911"])


def test_a_new_person_is_written_with_household_spell_and_the_fact_of_the_month(town):
    [row] = send("laborers", [working(姓名="示例甲", 身份证号码="990101199001010019")], town)
    person = Laborer.objects.get()
    assert (row.verdict, row.key, row.target) == ("new", "示例甲", person.pk)
    assert (person.name, person.initials, person.sex, person.village.code) == ("示例甲", "slj", "男", "99111")
    assert person.household.head_name == "示例甲"
    spell = person.spells.get()
    assert (spell.region_code, spell.place_class, spell.started) == ("440305", "省外", Month(2022, 10))
    fact = person.records.get(month=MARCH)
    assert (fact.reason, fact.months, fact.income, fact.declared) == ("counted", Decimal(6), 27000, False)


def test_the_same_sheet_twice_changes_nothing(town):
    lines = [working(姓名="示例甲"), working(姓名="示例乙", 是否务工="否", 未外出务工类型="从未外出就业过")]
    assert verdicts(send("laborers", lines, town)) == ["new", "new"]
    before = list(Laborer.objects.order_by("pk").values_list("pk", "version"))
    assert verdicts(send("laborers", lines, town)) == ["same", "same"]
    assert list(Laborer.objects.order_by("pk").values_list("pk", "version")) == before


def test_a_returnee_and_a_wish_are_registered_at_the_hour_of_the_import_and_not_again(town):
    back = {
        "是否返乡回流": "是",
        "返乡回流原因": "因农忙",
        "返乡前务工地点": "广东省深圳市南山区",
        "返乡日期": "2023-03-12",
    }
    wish = {
        "有无培训意愿": "有",
        "意愿培训类别": "技能培训",
        "意愿培训工种": "电工",
        "意愿培训日期": "2023-04-01",
    }
    line = working(姓名="示例甲") | back | wish
    send("laborers", [line], town)
    registered = Intention.objects.values_list("return_registered_at", "wish_registered_at").get()
    assert None not in registered
    send("laborers", [line | {"意愿培训工种": "焊工"}], town)
    assert Intention.objects.values_list("return_registered_at", "wish_registered_at").get() == registered
    send("laborers", [line | {"是否返乡回流": "否", "有无培训意愿": "无"}], town)
    assert Intention.objects.values_list("return_registered_at", "wish_registered_at").get() == (None, None)


def test_a_change_is_shown_cell_by_cell_and_raises_the_version(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    [row] = judge("laborers", [line | {"月平均工资": "5200", "联系电话": "13900000002"}], town)
    shown = {key: (row.old[key], new) for key, new in row.new.items() if key[0] != "_"}
    assert shown == {"monthly_wage": (4500, 5200), "phone": ("13900000001", "13900000002")}
    KINDS["laborers"].apply([row], town)
    person = Laborer.objects.get()
    assert (person.version, person.phone, person.spells.get().monthly_wage) == (2, "13900000002", 5200)
    assert person.records.get().monthly_wage == 5200


def test_what_was_exported_imports_without_a_change(people):
    village, city = people.units["99111"], people.units["99"]
    away = factories.laborer(village, "示例远")
    factories.spell(away, started_on=None, has_contract=True, helped=False)
    factories.record(away)
    home = factories.laborer(
        village, "示例近", household=away.household, health="长期慢性病,残疾", graduated_in=Month(2020, 6)
    )
    factories.record(
        home, working=False, place_class="", job_form="", months=0, income=0, reason="not_working"
    )
    Intention.objects.create(laborer=home, plans_out=True, wanted_wage=5000, services={"职业指导": 2})
    rows = [dict(zip([c.title for c in COLUMNS], row)) for row in laborer_rows(people.city, city, MARCH)]
    assert rows[0]["身份证号码"] == away.id_no
    assert verdicts(send("laborers", rows, context(people.city, city))) == ["same", "same"]


def test_an_export_holds_only_what_its_user_may_see(people):
    mine, foreign = factories.laborer(people.units["99111"]), factories.laborer(people.units["99211"])
    rows = list(laborer_rows(people.county, people.units["99"], MARCH))
    names = {row[6] for row in rows}
    assert mine.name in names
    assert foreign.name not in names


def test_a_new_start_closes_the_old_spell_and_begins_another(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    moved = {"就业时间": "2023年2月", "就业单位名称": "示例制衣厂", "务工地点": "浙江省杭州市西湖区"}
    [row] = send("laborers", [line | moved], town)
    assert row.verdict == "changed"
    old, new = WorkSpell.objects.order_by("started")
    assert (old.started, old.ended, old.employer) == (Month(2022, 10), Month(2023, 1), "示例电子厂")
    assert (new.started, new.ended, new.region_code) == (FEBRUARY, None, "330106")
    assert verdicts(judge("laborers", [line | moved], town)) == ["same"]


def test_a_correction_that_keeps_the_start_changes_the_spell(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    send("laborers", [line | {"就业单位名称": "示例制衣厂"}], town)
    spell = WorkSpell.objects.get()
    assert (spell.started, spell.employer) == (Month(2022, 10), "示例制衣厂")


def test_an_earlier_start_moves_the_start_of_the_open_spell(town):
    line = working(姓名="示例甲", 就业时间="2023年2月")
    send("laborers", [line], town)
    send("laborers", [line | {"就业时间": "2022年11月"}], town)
    assert WorkSpell.objects.get().started == Month(2022, 11)


def test_another_employer_without_a_start_begins_in_the_month_of_the_batch(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    line = line | {"就业单位名称": "示例制衣厂"}
    del line["就业时间"]
    send("laborers", [line], town)
    old, new = WorkSpell.objects.order_by("started")
    assert (old.ended, new.started, new.monthly_wage, new.region_code) == (FEBRUARY, MARCH, 4500, "440305")


def test_no_longer_working_ends_the_open_spell_before_the_month(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    idle = {"是否务工": "否", "未外出务工类型": "就业转失业", "就业转失业日期": "2023-02-28"}
    [row] = send("laborers", [line | idle], town)
    assert (row.old["working"], row.new["working"]) == (True, False)
    assert WorkSpell.objects.get().ended == FEBRUARY
    fact = MonthlyRecord.objects.get()
    assert (fact.reason, fact.months, fact.income) == ("not_working", Decimal(5), 22500)
    assert Intention.objects.get().idle_type == "就业转失业"


def test_stated_sums_of_the_year_win_over_the_spells(town):
    line = working(姓名="示例甲", 年度累计务工时间="2.5个月", 年度务工收入="8999", 核实情况="已核实")
    send("laborers", [line], town)
    fact = MonthlyRecord.objects.get()
    assert (fact.months, fact.income, fact.declared, fact.verify_state) == (
        Decimal("2.5"),
        8999,
        True,
        "已核实",
    )
    assert fact.reason == "months_short"


def test_people_with_one_head_share_a_household_and_others_have_their_own(town):
    family = [working(姓名="示例甲", 户主姓名="示例户"), working(姓名="示例乙", 户主姓名="示例户")]
    send("laborers", [*family, working()], town)
    assert sorted(Household.objects.values_list("head_name", flat=True)) == ["示例工", "示例户"]
    assert Household.objects.get(head_name="示例户").members.count() == 2


def test_what_a_household_is_changes_with_its_row(town):
    line = working(户编号="H7", 户类型="脱贫户")
    send("laborers", [line], town)
    send("laborers", [line | {"户类型": "一般农户", "监测对象类别": "边缘易致贫户"}], town)
    fact = MonthlyRecord.objects.get()
    assert (fact.is_poverty, fact.is_monitored, fact.reason) == (False, True, "counted")


def test_a_blank_cell_leaves_the_ledger_as_it_is(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    assert verdicts(
        judge("laborers", [line | {"联系电话": "", "就业单位名称": None, "户籍地": ""}], town)
    ) == ["same"]


def test_an_accepted_row_brings_the_person_over_with_the_right_to_both_villages(people):
    other = factories.laborer(people.units["99112"], "示例别")
    factories.spell(other)
    at = context(people.township, people.units["9911"])
    send("laborers", [working(姓名="示例别", 身份证号码=other.id_no)], at, also=["review"])
    other.refresh_from_db()
    assert (other.village.code, other.version, other.household.village.code) == ("99111", 2, "99111")
    assert other.records.get(month=MARCH).village.code == "99111"


def test_nobody_brings_over_a_person_from_outside_the_own_reach(people, town):
    other = factories.laborer(people.units["99211"], "示例别")
    with pytest.raises(Stale, match="不在您的管辖范围内"):
        send("laborers", [working(姓名="示例别", 身份证号码=other.id_no)], town, also=["review"])


def test_what_changed_since_the_check_stops_the_writing(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    [row] = judge("laborers", [line | {"月平均工资": "5200"}], town)
    Laborer.objects.update(version=9)
    with pytest.raises(Stale, match="在校验之后已被修改"):
        KINDS["laborers"].apply([row], town)


def test_somebody_registered_since_the_check_stops_the_writing(town):
    line = working(姓名="示例甲")
    judged = judge("laborers", [line], town)
    send("laborers", [line], town)
    with pytest.raises(Stale, match="已有人登记"):
        KINDS["laborers"].apply(judged, town)


def test_undoing_takes_new_people_out_again(town):
    judged = send("laborers", [working(姓名="示例甲"), working(姓名="示例乙")], town)
    assert KINDS["laborers"].undo(judged, town) == []
    for model in (Laborer, Household, WorkSpell, MonthlyRecord):
        assert not model.objects.exists(), model


def test_undoing_leaves_a_new_person_whom_somebody_verified_since(town, people):
    judged = send("laborers", [working(姓名="示例甲")], town)
    MonthlyRecord.objects.update(verified_at="2023-03-20T08:00:00+08:00", verified_by=people.village)
    assert KINDS["laborers"].undo(judged, town) == ["第 2 行 示例甲：已有其他记录用到此人，保持现状。"]
    assert Laborer.objects.exists()


def test_undoing_brings_every_old_value_back(town):
    line = working(
        姓名="示例甲", 户类型="脱贫户", 年度累计务工时间="6", 年度务工收入="27000", 是否有外出计划="是"
    )
    send("laborers", [line], town)
    before = _everything()
    change = {
        "联系电话": "13900000009", "就业时间": "2023年2月", "就业单位名称": "示例制衣厂", "年度务工收入": "28000",
        "户类型": "一般农户", "是否有外出计划": "否", "民族": "土家族", "核实情况": "已核实",
    }  # fmt: skip
    judged = send("laborers", [line | change], town)
    assert _everything() != before
    assert KINDS["laborers"].undo(judged, town) == []
    assert _everything() == before


def _everything() -> list:
    """All that the ledger says, without versions and moments."""
    person = Laborer.objects.get()
    tables = [
        Household.objects.order_by("pk").values(), WorkSpell.objects.order_by("pk").values(),
        Intention.objects.order_by("pk").values(), MonthlyRecord.objects.order_by("pk").values(),
    ]  # fmt: skip
    return [person.phone, person.phone_index, person.ethnic, *[list(table) for table in tables]]


def test_undoing_leaves_a_person_changed_since(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    judged = send("laborers", [line | {"月平均工资": "5200"}], town)
    send("laborers", [line | {"月平均工资": "5300"}], town)
    assert KINDS["laborers"].undo(judged, town) == ["第 2 行 示例甲：导入之后又被修改过，保持现状。"]
    assert WorkSpell.objects.get().monthly_wage == 5300


def test_a_closed_month_refuses_the_batch_and_a_closed_village_its_rows(people):
    kind, village = KINDS["laborers"], people.units["99111"]
    at = context(people.township, people.units["9911"])
    [before] = judge("laborers", [working()], at)
    MonthClosing.objects.create(unit=village, month=MARCH, closed_by=people.county)
    [row] = judge("laborers", [working()], at)
    assert (row.verdict, messages(row)) == ("rejected", ["行政村：甲东一村的2023年3月已关闭，不能修改。"])
    assert judge("laborers", [working(行政村="甲东二村")], at)[0].verdict == "new"
    with pytest.raises(Stale, match="已关闭"):
        kind.apply([before], at)
    assert kind.locked(at) == ""
    assert "已由甲东一村关闭" in kind.locked(context(people.village, village))


def test_undoing_leaves_people_of_a_village_closed_since(people, town):
    judged = send("laborers", [working(姓名="示例甲")], town)
    MonthClosing.objects.create(unit=people.units["99111"], month=MARCH, closed_by=people.county)
    assert KINDS["laborers"].undo(judged, town) == ["第 2 行 示例甲：所在村已关闭这个月，保持现状。"]
    assert Laborer.objects.exists()


def test_judging_takes_the_same_queries_for_many_rows_as_for_one(town, django_assert_max_num_queries):
    send("laborers", [working() for _ in range(30)], town)
    with django_assert_max_num_queries(14):
        judge("laborers", [working() for _ in range(30)], town)


def test_a_workbook_goes_through_preview_review_and_back(people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    lines = [
        working(姓名="示例甲"),
        working(姓名="示例乙", 月平均工资="1"),
        working(姓名="示例丙", 身份证号码="123"),
    ]
    out = io.BytesIO()
    write_workbook(out, [Table("台账", tuple(lines[0]), [list(line.values()) for line in lines])])
    batch = stage(out.getvalue(), "台账.xlsx", "laborers", people.units["9911"], MARCH, people.township)
    assert (batch.new, batch.review, batch.rejected) == (1, 1, 1)
    confirm(batch, people.township)
    assert Laborer.objects.get().name == "示例甲"
    assert accept(batch, people.township) == 1
    assert Laborer.objects.count() == MonthlyRecord.objects.for_month(MARCH).count() == 2
    assert undo(batch, people.township) == []
    assert not Laborer.objects.exists()
    again = stage(out.getvalue(), "台账.xlsx", "laborers", people.units["9911"], MARCH, people.township)
    MonthClosing.objects.create(unit=people.units["991"], month=MARCH, closed_by=people.county)
    with pytest.raises(NotNow, match="已由甲县关闭"):
        confirm(again, people.township)
