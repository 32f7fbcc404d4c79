"""What schemes ask and pay: every clause on both sides of its bound, every tariff, caps and periods."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers.codes import IN_CITY, IN_COUNTY, IN_PROVINCE, OUTSIDE, PLACE_CLASSES, SELF_EMPLOYED
from lib.month import Month
from subsidies.clauses import CLAUSES, POPULATIONS
from subsidies.facts import Paid, Trained
from subsidies.rules import (
    CALENDAR,
    ENTITLED,
    HALF,
    MONTH,
    NOT_ENTITLED,
    ONCE,
    QUARTER,
    STATISTICAL,
    UNPROVEN,
    BadRule,
    explain,
    judge,
    period_words,
    read,
    rule_words,
)
from subsidies.schemes.examples import EXAMPLES
from tests.subsidies.worked import MARCH, facts, quarter, worked

FLAT = {"kind": "flat", "amount": 30_000}


def rule(*clauses: dict, tariff: dict = FLAT, **fields):
    asked = list(clauses) or [{"kind": "state"}]
    return read({"window": CALENDAR, "clauses": asked, "tariff": tariff} | fields)


ONE = (worked(MARCH),)
RENT = tuple(Paid("B04", str(year), year, 1) for year in (2021, 2022, 2023))
CASES = [
    ("population", {"groups": POPULATIONS[0]}, {"is_poverty": False, "is_monitored": True}, "m"),
    ("population", {"groups": POPULATIONS[0]}, {"is_poverty": False}, "u"),
    ("population", {"groups": POPULATIONS[1]}, {"is_poverty": False, "is_monitored": True}, "u"),
    ("population", {"groups": POPULATIONS[2]}, {"is_poverty": True}, "u"),
    ("population", {"groups": POPULATIONS[0], "without_removed": True}, {"risk_removed": True}, "u"),
    ("population", {"groups": POPULATIONS[0], "without_removed": False}, {"risk_removed": True}, "m"),
    ("state", {}, {"person_state": "永久退出/死亡"}, "u"),
    ("state", {}, {}, "m"),
    ("age", {"least": 16, "most": 60}, {"age": 16}, "m"),
    ("age", {"least": 16, "most": 60}, {"age": 15}, "u"),
    ("age", {"least": 16, "most": 60}, {"age": 60}, "m"),
    ("age", {"least": 16, "most": 60}, {"age": 61}, "u"),
    ("age", {"least": 16, "most": None}, {"age": 75}, "m"),
    ("ability", {"among": ["普通劳动力"]}, {"ability": "丧失劳动力"}, "u"),
    ("months", {"least": 3}, {"worked": quarter()}, "m"),
    ("months", {"least": 3}, {"worked": quarter()[:2]}, "u"),
    ("months", {"least": 3, "in_a_row": True}, {"worked": (*quarter()[:2], worked(Month(2023, 5)))}, "u"),
    ("months", {"least": 3, "one_employer": True}, {"worked": (*quarter()[:2], worked(MARCH, employer="另一厂"))}, "u"),
    ("months", {"least": 3, "one_employer": True}, {"worked": quarter(employer="")}, "x"),
    ("wage", {"least": 1000}, {"worked": quarter(wage=1000)}, "m"),
    ("wage", {"least": 1000}, {"worked": (worked(Month(2023, 1), wage=999), worked(MARCH, wage=1000))}, "u"),
    ("wage", {"least": 1000}, {"worked": quarter(wage=None)}, "x"),
    ("wage", {"least": 1000}, {}, "u"),
    ("income", {"least": 12_000}, {"worked": quarter()}, "m"),
    ("income", {"least": 12_001}, {"worked": quarter()}, "u"),
    ("income", {"most": 10_000}, {"worked": quarter()}, "u"),
    ("income", {"least": 1}, {"worked": quarter(wage=None)}, "x"),
    ("contract", {}, {"worked": quarter(has_contract=None)}, "x"),
    ("contract", {}, {"worked": quarter(has_contract=False)}, "u"),
    ("contract", {}, {"worked": quarter()}, "m"),
    ("contract", {}, {}, "u"),
    ("insurance", {}, {"worked": quarter(has_insurance=None)}, "x"),
    ("own_transport", {}, {"worked": quarter(organised_by="专车、专列点对点输送")}, "u"),
    ("own_transport", {}, {"worked": quarter(organised_by="免费专场招聘会")}, "m"),
    ("no_post", {}, {"worked": ONE, "post_months": (MARCH,)}, "u"),
    ("no_post", {}, {"worked": ONE, "post_months": (Month(2023, 2),)}, "m"),
    ("not_paid", {"codes": ["B01"], "years": 0}, {"paid": (Paid("B01", "2023Q1", 2023, 1),)}, "u"),
    ("not_paid", {"codes": ["B01"], "years": 0}, {"paid": (Paid("B01", "2022", 2022, 1),)}, "m"),
    ("not_paid", {"codes": ["B01"], "years": 3}, {"paid": (Paid("B01", "2020", 2020, 1),)}, "u"),
    ("not_paid", {"codes": ["B01"], "years": 3}, {"paid": (Paid("B01", "2019", 2019, 1),)}, "m"),
    ("not_paid", {"codes": ["B03"], "years": 99}, {"paid": (Paid("B03", "once", 1999, 1),)}, "u"),
    ("years", {"codes": ["B04"], "most": 2}, {"paid": RENT}, "u"),
    ("years", {"codes": ["B04"], "most": 3}, {"paid": RENT}, "m"),
    ("on_duty", {}, {"duty_months": (MARCH,)}, "m"),
    ("on_duty", {}, {"post_months": (MARCH,)}, "u"),
    ("in_class", {"least": 5}, {"trained": (Trained(1, 3, MARCH), Trained(2, 2, MARCH))}, "m"),
    ("in_class", {"least": 6}, {"trained": (Trained(1, 3, MARCH), Trained(2, 2, MARCH))}, "u"),
    ("student", {"among": ["中职"]}, {"student_state": "中职二年级"}, "m"),
    ("student", {"among": ["中职"]}, {"student_state": ""}, "u"),
    ("own_business", {"least": 3}, {"worked": quarter(job_form=SELF_EMPLOYED)}, "m"),
    ("own_business", {"least": 3}, {"worked": quarter()}, "u"),
    ("on_post", {}, {"post_months": (MARCH,)}, "m"),
    ("on_post", {}, {}, "u"),
    ("declared", {"paper": "首次创业"}, {}, "x"),
    ("declared", {"paper": "首次创业"}, {"declared": frozenset({"首次创业"})}, "m"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "asked", "known", "letter"), CASES)
def test_a_clause_says_met_not_met_or_evidence_missing(kind, asked, known, letter):
    one = rule({"kind": kind} | asked)
    verdict = judge(one, facts(*known.pop("worked", ()), **known) if "worked" in known else facts(**known))
    assert verdict.letters == letter
    told = explain(one, verdict.letters, json.loads(json.dumps(verdict.values)), verdict.amount)[0]
    assert told.asked
    assert told.found
    assert told.words == {"m": "符合", "u": "不符合", "x": "缺少依据"}[letter]


def test_every_clause_of_the_vocabulary_is_tried():
    assert {kind for kind, *_ in CASES} == set(CLAUSES)


def test_one_clause_not_met_pays_nothing_and_one_without_evidence_waits():
    aged, paper = {"kind": "age", "least": 50}, {"kind": "declared", "paper": "首次创业"}
    assert (judge(rule(), facts()).result, judge(rule(), facts()).amount) == (ENTITLED, 30_000)
    assert judge(rule(paper), facts()).result == UNPROVEN
    both = judge(rule(paper, aged), facts())
    assert (both.result, both.amount, both.letters) == (NOT_ENTITLED, 0, "xu")


STEPS = {"kind": "percent"}


def test_what_pays_nothing_entitles_to_nothing_and_says_so():
    one = rule(tariff={"kind": "by_place", "amounts": {OUTSIDE: 150_000}})
    verdict = judge(one, facts(*quarter(place_class=IN_COUNTY)))
    assert (verdict.result, verdict.letters) == (NOT_ENTITLED, "m")
    assert explain(one, verdict.letters, verdict.values, 0)[-1].found == "按标准没有可发的金额"


TARIFFS = [
    ({"kind": "by_place", "amounts": {OUTSIDE: 150_000, IN_CITY: 30_000}}, quarter(), 150_000),
    ({"kind": "by_place", "amounts": {OUTSIDE: 150_000, IN_CITY: 30_000}}, quarter(place_class=IN_CITY), 30_000),
    ({"kind": "by_place", "amounts": {OUTSIDE: 150_000}}, quarter(place_class=IN_PROVINCE), 0),
    ({"kind": "by_place", "amounts": {OUTSIDE: 150_000}}, (), 0),
    ({"kind": "by_region", "bands": [{"prefixes": "11 44", "amount": 60_000}], "rest": 0}, quarter(), 60_000),
    ({"kind": "by_region", "bands": [{"prefixes": "11", "amount": 60_000}], "rest": 500}, quarter(), 500),
    ({"kind": "per_month", "amount": 20_000, "most": 2}, quarter(), 40_000),
    ({"kind": "per_month", "amount": 20_000, "most": None}, quarter(), 60_000),
    (STEPS | {"steps": [{"upto": 12_000, "percent": "2"}, {"upto": None, "percent": "3"}]}, quarter(), 24_000),
    (STEPS | {"steps": [{"upto": 11_999, "percent": "2"}, {"upto": None, "percent": "3"}]}, quarter(), 36_000),
    ({"kind": "percent", "steps": [{"upto": None, "percent": "2.5"}]}, (worked(MARCH, wage=1),), 3),
]  # fmt: skip


@pytest.mark.parametrize(("tariff", "months", "fen"), TARIFFS)
def test_a_tariff_reckons_fen(tariff, months, fen):
    one = rule(tariff=tariff)
    assert judge(one, facts(*months)).amount == fen
    assert rule_words(one)[-1].startswith("补贴标准：")


DAYS = {"kind": "per_day", "amount": 1_500}
POST = {"kind": "per_post_month", "amount": 30_000}
PAPER = {"kind": "by_paper", "paper": "上年收入低于1万元", "amount": 50_000, "with_paper": 100_000}
LEARNED = {"trained": (Trained(1, 10, MARCH), Trained(2, 2, MARCH))}
ON_DUTY = {"duty_months": (Month(2023, 1), MARCH), "post_months": (Month(2023, 1), Month(2023, 2), MARCH)}
BESIDE_WORK = [
    (DAYS | {"most": None}, LEARNED, 18_000, ()),
    (DAYS | {"most": 10}, LEARNED, 15_000, ()),
    (DAYS, {}, 0, ()),
    (POST | {"most": None}, ON_DUTY, 60_000, ON_DUTY["duty_months"]),
    (POST | {"most": 1}, ON_DUTY, 30_000, (Month(2023, 1),)),
    (POST, {"post_months": (MARCH,)}, 0, ()),
    (PAPER, {}, 50_000, ()),
    (PAPER, {"declared": frozenset({"上年收入低于1万元"})}, 100_000, ()),
]


@pytest.mark.parametrize(("tariff", "known", "fen", "months"), BESIDE_WORK)
def test_a_tariff_reckons_days_of_training_months_on_duty_and_papers(tariff, known, fen, months):
    verdict = judge(rule(tariff=tariff), facts(**known))
    assert (verdict.amount, verdict.months) == (fen, months)


@pytest.mark.parametrize(
    "tariff", [{"kind": "workshops", "award": "阶梯式奖补"}, {"kind": "elsewhere", "told": "向人社部门申请"}]
)
def test_what_no_person_claims_needs_no_clause_and_pays_no_person(tariff):
    one = read({"window": CALENDAR, "clauses": [], "tariff": tariff})
    assert not one.for_people
    assert judge(one, facts(*quarter())).result == NOT_ENTITLED


def test_who_was_carried_for_nothing_gets_less_before_any_cap():
    half = rule(carried_percent=50)
    carried = quarter(organised_by="专车、专列点对点输送")
    assert (judge(half, facts(*quarter())).amount, judge(half, facts(*carried)).amount) == (30_000, 15_000)
    assert judge(rule(carried_percent=50, cap=10_000), facts(*carried)).amount == 10_000


def test_a_business_is_looked_at_since_it_began_and_paid_for_its_window():
    one = rule(
        {"kind": "own_business", "least": 12}, tariff={"kind": "per_month", "amount": 100, "most": None}
    )
    year = [worked(Month(2022, 4) + n, job_form=SELF_EMPLOYED) for n in range(12)]
    assert one.first(MARCH) == Month(2022, 4)
    assert (judge(one, facts(*year)).letters, judge(one, facts(*year)).amount) == ("m", 300)
    assert judge(one, facts(*year[1:])).letters == "u"


def test_caps_of_the_person_and_of_the_household():
    capped = rule(cap=10_000, household_cap=25_000)
    assert judge(capped, facts()).amount == 10_000
    assert judge(capped, facts(household_paid=20_000)).amount == 5_000
    assert judge(capped, facts(household_paid=30_000)).amount == 0


def test_only_work_in_the_places_and_forms_of_the_rule_counts():
    away = rule({"kind": "months", "least": 2}, places=[OUTSIDE], job_forms=["单位就业"])
    home, away_one = worked(Month(2023, 1), place_class=IN_COUNTY), worked(Month(2023, 2))
    odd = worked(MARCH, job_form="灵活就业")
    assert judge(away, facts(home, away_one, odd)).months == (Month(2023, 2),)
    assert judge(away, facts(home, away_one, odd)).letters == "u"


@pytest.mark.parametrize(
    ("window", "period", "first", "words"),
    [
        (CALENDAR, "2023", Month(2023, 1), "2023年"),
        (ONCE, "once", Month(2023, 1), "一次性"),
        (HALF, "2023H1", Month(2023, 1), "2023年上半年"),
        (QUARTER, "2023Q1", Month(2023, 1), "2023年第1季度"),
        (STATISTICAL, "2023T", Month(2022, 10), "2023统计年度"),
        (MONTH, "2023-03", MARCH, "2023年3月"),
    ],
)
def test_a_window_begins_and_is_named(window, period, first, words):
    one = rule(window=window)
    assert (one.period(MARCH), one.first(MARCH)) == (period, first)
    assert period_words(period) == words


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"window": "never"}, "期间"),
        ({"clauses": []}, "至少要有一条"),
        ({"clauses": [{"kind": "luck"}]}, "不认识"),
        ({"clauses": [{"kind": "months", "least": 0}]}, "至少几个月：应是1至12"),
        ({"clauses": [{"kind": "months", "least": "3"}]}, "至少几个月"),
        ({"clauses": [{"kind": "age", "least": None}]}, "最小年龄：不能为空"),
        ({"clauses": [{"kind": "not_paid", "codes": ["B99"]}]}, "不认识的选项"),
        ({"tariff": {}}, "算法"),
        ({"tariff": {"kind": "flat", "amount": 0}}, "大于0"),
        ({"tariff": {"kind": "flat", "amount": 1.5}}, "大于0"),
        ({"tariff": {"kind": "by_place", "amounts": {"月球": 1}}}, "务工区域"),
        ({"tariff": {"kind": "by_region", "bands": [{"prefixes": "广东", "amount": 1}]}}, "地区代码"),
        ({"tariff": {"kind": "per_month", "amount": 1, "most": 13}}, "1至12"),
        ({"tariff": {"kind": "percent", "steps": [{"upto": 100, "percent": "2"}]}}, "最后一档"),
        ({"tariff": {"kind": "percent", "steps": [{"upto": None, "percent": "二"}]}}, "比例"),
        ({"tariff": {"kind": "per_day", "amount": 1500, "most": 0}}, "最多天数应是1至366"),
        ({"tariff": {"kind": "per_post_month", "amount": None}}, "每月金额应大于0"),
        ({"tariff": {"kind": "by_paper", "paper": "猜的", "amount": 1, "with_paper": 2}}, "证明什么"),
        ({"tariff": {"kind": "workshops", "award": "随便"}}, "车间奖补"),
        ({"tariff": {"kind": "elsewhere", "told": ""}}, "在哪里办"),
        ({"carried_percent": 100}, "专列的比例"),
        ({"cap": -1}, "每人上限"),
        ({"household_cap": True}, "每户上限"),
    ],
)
def test_a_rule_that_cannot_be_used_says_which_part(broken, told):
    good = {"window": CALENDAR, "clauses": [{"kind": "state"}], "tariff": FLAT}
    with pytest.raises(BadRule, match=told):
        read(good | broken)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.key)
def test_every_shipped_example_can_be_read_printed_and_asked(example):
    one = read(json.loads(json.dumps(example.rule)))
    assert all(text.endswith("。") for text in rule_words(one))
    assert len(judge(one, facts(*quarter())).letters) == len(one.clauses)


month_of_work = st.builds(
    worked,
    st.integers(1, 3).map(lambda n: Month(2023, n)),
    place_class=st.sampled_from(PLACE_CLASSES),
    wage=st.none() | st.integers(0, 40_000),
    employer=st.sampled_from(["", "甲厂", "乙厂"]),
)


@given(
    st.lists(month_of_work, max_size=3, unique_by=lambda one: one.month).map(sorted),
    st.sampled_from(EXAMPLES),
    st.integers(0, 400_000),
)
def test_whatever_the_facts_every_clause_answers_and_no_cap_is_passed(months, example, household):
    one = read(example.rule)
    verdict = judge(one, facts(*months, household_paid=household))
    assert len(verdict.letters) == len(verdict.values) == len(one.clauses)
    assert set(verdict.letters) <= set("mux")
    assert 0 <= verdict.amount <= one.data.get("cap", 10**9)
    assert verdict.amount == 0 or "u" not in verdict.letters
    assert verdict.amount + household <= max(household, one.data.get("household_cap", 10**9))
    told = explain(one, verdict.letters, verdict.values, verdict.amount)
    assert len(told) == len(one.clauses) + ("u" not in verdict.letters)
    assert ("u" in {line.letter for line in told}) == (verdict.result == NOT_ENTITLED)


def test_half_a_fen_goes_up():
    tariff = {"kind": "percent", "steps": [{"upto": None, "percent": "0.5"}]}
    assert judge(rule(tariff=tariff), facts(worked(MARCH, wage=1))).amount == 1
