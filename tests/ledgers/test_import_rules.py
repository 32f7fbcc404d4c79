"""What the sender of 劳动力台账 hears about bad input (numbers in brackets: the list of bad inputs), and verdicts."""

from __future__ import annotations

import datetime as dt

import pytest

from ledgers.models import Laborer
from lib.month import Month
from lib.sheets import find_header
from lib.staging import KINDS
from tests import cast, factories
from tests.factories import citizen_id
from tests.ledgers.sheets import context, judge, messages, rows_of, send, verdicts, working

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast.build()


@pytest.fixture
def town(people):
    return context(people.township, people.units["9911"])


@pytest.fixture
def city(people):
    return context(people.city, people.units["99"])


def one(line, at):
    [row] = judge("laborers", [line], at)
    return row


REJECTED = [
    (
        "身份证号码",
        990101198506150000.0,
        "身份证号被存成数字，末位已丢失，请把该列设为文本后按证件重填。",
    ),  # 42
    ("身份证号码", "9.90101E+17", "身份证号被存成数字，末位已丢失，请把该列设为文本后按证件重填。"),  # 43
    ("身份证号码", "990101199001010018", "身份证号码校验码错误，请与证件核对。"),  # 47
    ("身份证号码", "9901011990X1010018", "身份证号码中的X只能在最后一位。"),  # 48
    ("身份证号码", "99010119900101001", "身份证号码应为18位，现为17位。"),  # 50
    ("身份证号码", "990101199002300012", "身份证号码中的出生日期不存在。"),  # 51
    ("身份证号码", "99010119900101001943", "疑似残疾人证号，请填18位身份证号码，残疾人证号另列填写。"),  # 56
    ("身份证号码", None, "不能为空。"),
    ("姓名", None, "不能为空。"),
    ("姓名", "=cmd|'/C calc'!A0", "姓名含非法字符。"),  # 70
    ("联系电话", "1390000000", "手机号码应为11位，现为10位。"),  # 76
    ("就业时间", 2022.1, "存成了数字，无法区分1月与10月，请写成2022年1月或2022年10月。"),  # 80
    ("就业时间", "3月", "缺少年份，请写成2022年3月。"),  # 81
    ("月平均工资", "3000-4000", "是区间，请填一个数。"),  # 87
    ("月平均工资", "面议", "不是数字，请只填一个数。"),  # 87
    ("月平均工资", "-100", "金额不能是负数。"),  # 88
    ("月平均工资", "1e308", "不是数字，请只填一个数。"),  # 91
    ("是否务工", "也许", "只能填“是”或“否”。"),  # 95
    ("就业形式", "正式工", "“正式工”不在可选项中"),  # 95
    ("年度累计务工时间", "13", "不能大于12个月。"),
    ("行政村", "没有的村", "没有找到这个行政村"),
    ("单位编码", "99211", "不在管辖范围"),  # 94
]


@pytest.mark.parametrize(("title", "cell", "message"), REJECTED)
def test_a_row_that_cannot_be_right_is_refused_and_says_why(town, title, cell, message):
    row = one(working() | {title: cell}, town)
    assert row.verdict == "rejected"
    assert any(said.startswith(f"{title}：{message}") for said in messages(row)), messages(row)


REVIEWED = [
    ("月平均工资", "0", "金额为0或1，请核对。"),  # 89
    ("月平均工资", 1, "金额为0或1，请核对。"),  # 89
    ("月平均工资", "36000", "月收入偏高，是否年薪？"),  # 90
    ("月平均工资", "399", "月收入偏低，请核对。"),
    ("姓名", "张□", "姓名疑似生僻字乱码，请与证件核对。"),  # 62
    ("联系电话", "11111111111", "联系电话疑似随意填写，请核对。"),  # 77
    ("务工地点", "远方", "没有认出县（市、区）"),
    ("务工地点", "广东省", "没有认出县（市、区）"),
    ("就业单位名称", None, "是否务工为“是”，就业单位名称应填写。"),
    ("月平均工资", None, "是否务工为“是”，月平均工资应填写。"),
]


@pytest.mark.parametrize(("title", "cell", "message"), REVIEWED)
def test_a_row_that_needs_a_second_look_waits_for_review(town, title, cell, message):
    row = one(working() | {title: cell}, town)
    assert row.verdict == "review"
    assert any(said.startswith(f"{title}：{message}") for said in messages(row)), messages(row)


ACCEPTED = [
    ("身份证号码", " '９９0101199001010019\u200b", "id_no", "990101199001010019"),  # 44, 45
    ("身份证号码", "99010119900301016x", "id_no", "99010119900301016X"),  # 46
    ("联系电话", "+86 139-0000-0001", "phone", "13900000001"),  # 72
    ("联系电话", "0714-6221234", "phone", "0714-6221234"),  # 73
    ("联系电话", 13900000001.0, "phone", "13900000001"),  # 75
    ("就业时间", "2022.3", "started", "2022-03"),  # 79
    ("就业时间", "2022年3月", "started", "2022-03"),  # 79
    ("就业时间", "202203", "started", "2022-03"),  # 79
    ("就业时间", 44621, "started", "2022-03"),  # 79
    ("月平均工资", "3000元/月", "monthly_wage", 3000),  # 86
    ("月平均工资", "３,０００", "monthly_wage", 3000),  # 86
    ("月平均工资", "0.3万", "monthly_wage", 3000),  # 86
    ("是否签订劳动合同", "√", "has_contract", True),  # 95
    ("是否签订劳动合同", "无", "has_contract", False),  # 95
    ("就业形式", "就业扶贫车间", "job_form", "帮扶车间"),  # terms of the form of 2020
    ("当前状态", "正常贫困劳动力", "person_state", "正常"),
    ("姓名", "阿依古丽•买买提", "name", "阿依古丽·买买提"),  # 63
    ("姓名", "张 三", "name", "张三"),  # 65
]


@pytest.mark.parametrize(("title", "cell", "key", "value"), ACCEPTED)
def test_other_spellings_mean_the_same(town, title, cell, key, value):
    row = one(working(务工地点="本乡镇") | {title: cell}, town)
    assert row.verdict == "new", messages(row)
    assert row.new[key] == value


def test_an_old_number_of_15_digits_waits_for_review(town):  # 49
    row = one(working(身份证号码="990101900101001"), town)
    assert row.verdict == "review"
    assert row.new["id_no"] == "990101199001010019"


def test_under_16_is_refused_and_from_60_on_only_weaker_labour_passes(town):  # 52
    def born(day: dt.date) -> str:
        return citizen_id(7, day)

    young = one(working(身份证号码=born(dt.date(2007, 4, 1))), town)
    assert (young.verdict, messages(young)) == ("rejected", ["身份证号码：未满16周岁，不能登记务工。"])
    assert one(working(身份证号码=born(dt.date(2007, 3, 31))), town).verdict == "new"
    old = one(working(身份证号码=born(dt.date(1963, 3, 31))), town)
    assert (old.verdict, messages(old)) == ("review", ["身份证号码：已满60周岁，请按弱劳动力核对。"])
    weaker = working(身份证号码=born(dt.date(1963, 3, 31)), 劳动能力="弱劳动力或半劳动力")
    assert one(weaker, town).verdict == "new"


def test_a_stated_sex_that_contradicts_the_number_waits_for_review(town):  # 54
    row = one(working(身份证号码="990101199001010019", 性别="女"), town)
    assert (row.verdict, messages(row)) == ("review", ["性别：性别与身份证号码不符，请核对。"])


def test_the_same_person_twice_is_merged_when_identical_and_refused_when_not(town):  # 58
    line = working()
    judged = judge("laborers", [line, dict(line), working()], town)
    assert verdicts(judged) == ["new", "same", "new"]
    assert messages(judged[1]) == ["：与第2行完全相同，已合并。"]
    judged = judge("laborers", [line, line | {"月平均工资": "5000"}], town)
    assert verdicts(judged) == ["rejected", "rejected"]
    assert messages(judged[0]) == ["身份证号码：与第3行是同一个人但内容不同，请只保留正确的一行。"]
    assert messages(judged[1]) == ["身份证号码：与第2行是同一个人但内容不同，请只保留正确的一行。"]


@pytest.mark.parametrize("village", ["99112", "99121", "99211"])
def test_somebody_of_another_village_gets_one_answer_wherever_that_is(people, town, village):  # 59
    other = factories.laborer(people.units[village], "示例别")
    row = one(working(姓名="示例别", 身份证号码=other.id_no), town)
    assert (row.verdict, row.target, row.old) == ("review", None, {})
    assert messages(row) == ["身份证号码：已提交，待乡镇核对"]


def test_a_known_number_under_another_name_waits_for_review(people, town):  # 60
    known = factories.laborer(people.units["99111"], "示例甲")
    row = one(working(姓名="示例乙", 身份证号码=known.id_no), town)
    assert row.verdict == "review"
    assert "姓名：身份证号码已登记在另一个姓名下，请核对。" in messages(row)


def test_a_telephone_of_thirty_people_waits_for_review(town):  # 78
    judged = judge("laborers", [working(联系电话="13911112222") for _ in range(30)], town)
    assert set(verdicts(judged)) == {"review"}
    assert messages(judged[0]) == ["联系电话：同一个联系电话登记了30人，请核对。"]


def test_a_day_that_does_not_exist_is_refused(town):  # 82
    row = one(working(是否务工="否", 未外出务工类型="就业转失业", 就业转失业日期="2022-02-30"), town)
    assert (row.verdict, messages(row)) == ("rejected", ["就业转失业日期：日期不存在。"])


def test_an_end_before_the_start_is_refused(town):  # 83
    row = one(working(务工结束时间="2022年9月"), town)
    assert (row.verdict, messages(row)) == ("rejected", ["务工结束时间：结束时间早于开始时间。"])


def test_until_now_is_an_open_end(town):  # 84
    send("laborers", [working(务工结束时间="至今")], town)
    assert Laborer.objects.get().spells.get().ended is None


def test_a_start_in_the_future_waits_for_review(town):  # 85
    row = one(working(就业时间="2999年1月".replace("2999", "2099")), town)
    assert row.verdict == "review"
    assert "就业时间：晚于今天，请核对。" in messages(row)


def test_a_village_name_of_two_towns_needs_the_town(people, city):  # 93
    people.units["99121"].name = "甲东一村"
    people.units["99121"].save()
    row = one(working(), city)
    assert (row.verdict, messages(row)) == ("rejected", ["行政村：有几个乡镇有同名的村，请填乡镇。"])
    assert one(working(乡镇="甲西镇"), city).verdict == "new"


def test_a_village_is_found_by_other_words_for_village(town):  # 92
    assert one(working(行政村="甲东一村委会"), town).verdict == "new"


def test_a_village_outside_the_batch_is_out_of_reach(town):  # 94
    row = one(working(行政村="甲西一村"), town)
    assert (row.verdict, messages(row)) == ("rejected", ["行政村：不在管辖范围，请核对。"])


def test_a_formula_as_identity_is_refused_and_as_amount_reviewed(town):  # 39
    [row] = rows_of("laborers", [working()])
    kind = KINDS["laborers"]
    row.formulas = frozenset({"id_no"})
    [judged] = kind.judge([row], town)
    assert (judged.verdict, messages(judged)) == ("rejected", ["身份证号码：是公式，请粘贴为数值。"])
    row.formulas = frozenset({"monthly_wage"})
    [judged] = kind.judge([row], town)
    assert (judged.verdict, messages(judged)) == ("review", ["月平均工资：是公式计算的结果，请核对。"])


def test_who_has_left_or_has_no_ability_cannot_work(town):
    dead = one(working(当前状态="永久退出（死亡）"), town)
    assert (dead.verdict, messages(dead)) == (
        "rejected",
        ["是否务工：当前状态为“永久退出/死亡”，不能同时务工。"],
    )
    unable = one(working(劳动能力="丧失劳动力"), town)
    assert (unable.verdict, messages(unable)) == (
        "rejected",
        ["是否务工：劳动能力为“丧失劳动力”，不能同时务工。"],
    )


def test_plans_need_what_rule_3_of_the_form_names(town):
    idle = working(
        是否务工="否", 未外出务工类型="就业转失业", 是否有外出计划="是", 就业转失业日期="", 期望月薪=""
    )
    assert messages(one(idle, town)) == [
        "就业转失业日期：就业转失业的，就业转失业日期应填写。",
        "期望月薪：有外出计划的，期望月薪应填写。",
    ]


def test_members_of_a_household_must_say_the_same_of_it(town):
    lines = [working(户编号="H1", 户类型="脱贫户"), working(户编号="H1", 户类型="一般农户")]
    judged = judge("laborers", lines, town)
    assert verdicts(judged) == ["new", "rejected"]
    assert messages(judged[1]) == ["户类型：同一户在第2行填的是“脱贫户”，请统一。"]


@pytest.mark.parametrize(
    "headings",
    [
        [
            "姓名",
            "身份证号码",
            "户口所在地",
            "就业形式",
            "就业地",
            "就业时间",
            "月均工资",
            "是否参加社会保险",
        ],
        ["姓名", "身份证号", "工作地点", "单位", "月收入", "务工开始", "务工结束"],
        [" 姓 名 *", "身份证号码：", "务工企业名称", "联系电话", "月平均工资（元）"],
    ],
)
def test_headings_of_real_ledgers_are_recognised(headings):  # 27, 28
    columns = KINDS["laborers"].columns
    known = {name: c.title for c in columns for name in (c.title, *c.synonyms)}
    title_line = ["某县2023年务工台账"]
    header = find_header([title_line, headings, ["示例", "990101199001010019"]], known)
    assert (header.row, header.unknown) == (2, ())


def test_no_two_columns_answer_to_the_same_heading():  # 30
    for name in ("laborers", "national-base", "national-work", "national-plan"):
        spellings = [s for c in KINDS[name].columns for s in (c.title, *c.synonyms)]
        assert len(spellings) == len(set(spellings)), name


def test_household_columns_and_only_those_are_filled_down():  # 37
    filled = {column.key for column in KINDS["laborers"].columns if column.fill_down}
    assert filled == {
        "number", "head_name", "poverty_kind", "monitor_kind", "monitored_on", "risk_removed_on", "is_relocated",
        "settlement",
    }  # fmt: skip


def test_a_month_counts_from_1904_where_the_workbook_does(people):  # 41
    at = context(people.township, people.units["9911"], Month(2026, 3))
    at.date1904 = True
    [row] = judge("laborers", [working(就业时间=44621)], at)
    assert row.new["started"] == "2026-03"
