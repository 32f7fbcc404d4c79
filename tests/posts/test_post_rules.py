"""The clauses of 公益性岗位, one table: who may be appointed, who may stay, and what has to be explained."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from lib.month import Month
from posts.rules import (
    BLUE,
    MET,
    MISSING,
    NOT_MET,
    Facts,
    Gone,
    Held,
    Limits,
    age_on,
    appointing,
    keeping,
    paid_enough,
    questions,
    refusals,
)

DAY = dt.date(2023, 3, 20)
FIT = Facts(
    birth_date=dt.date(1965, 5, 1), ability="弱劳动力或半劳动力", is_poverty=True, cadre="", cadre_family=False,
    notice=(dt.date(2023, 3, 10), dt.date(2023, 3, 12)),
)  # fmt: skip
NO_FAMILY, ONE_EACH = Limits(no_cadre_family=True), Limits(one_per_household=True)


def held(since: tuple, until: tuple | None = None) -> Held:
    return Held(dt.date(*since), dt.date(*until) if until else None, "护林员")


CASES = [
    ("YD-F01", {"posts": (held((2022, 1, 1)),)}, Limits(), NOT_MET),
    ("YD-F01", {"posts": (held((2022, 1, 1), (2023, 3, 20)),)}, Limits(), NOT_MET),
    ("YD-F01", {"posts": (held((2022, 1, 1), (2023, 3, 19)),)}, Limits(), MET),
    ("YD-F01", {"posts": (held((2024, 1, 1)),)}, Limits(), NOT_MET),
    ("YD-F02", {"job_form": "灵活就业", "place_class": "省外"}, Limits(), NOT_MET),
    ("YD-F02", {"job_form": "灵活就业", "place_class": "县外市内"}, Limits(), NOT_MET),
    ("YD-F02", {"job_form": "灵活就业", "place_class": "乡外县内"}, Limits(), MET),
    ("YD-F02", {"job_form": "灵活就业", "overseas": True}, Limits(), NOT_MET),
    ("YD-F02", {"work_known": False}, Limits(), MISSING),
    ("YD-F02", {"gone": (Gone("省外", Month(2022, 5), Month(2023, 4)),)}, Limits(), NOT_MET),
    ("YD-F02", {"gone": (Gone("省外", Month(2022, 5), Month(2023, 3)),)}, Limits(), MET),
    ("YD-F09", {"cadre": "文书"}, Limits(), NOT_MET),
    ("YD-F09", {"cadre": None}, Limits(), MISSING),
    ("YD-F09", {"cadre_family": True}, Limits(), MET),
    ("YD-F09", {"cadre_family": True}, NO_FAMILY, NOT_MET),
    ("YD-F13", {"birth_date": dt.date(1953, 3, 21)}, Limits(), MET),
    ("YD-F13", {"birth_date": dt.date(1953, 3, 20)}, Limits(), NOT_MET),
    ("YD-F13", {"birth_date": dt.date(2007, 3, 20)}, Limits(), MET),
    ("YD-F13", {"birth_date": dt.date(2007, 3, 21)}, Limits(), NOT_MET),
    ("YD-F13", {"birth_date": dt.date(1962, 3, 20)}, Limits(new_under=61), NOT_MET),
    ("YD-F14", {"ability": "丧失劳动能力"}, Limits(), NOT_MET),
    ("YD-F14", {"ability": "无劳动力"}, Limits(), NOT_MET),
    ("YD-F14", {"person_state": "暂时退出/服刑"}, Limits(), NOT_MET),
    ("YD-F16", {"household": ("张三",)}, Limits(), MET),
    ("YD-F16", {"household": ("张三",)}, ONE_EACH, NOT_MET),
    ("YD-F17", {"birth_date": dt.date(1990, 1, 1), "ability": "普通劳动力"}, Limits(), NOT_MET),
    ("YD-F19", {"is_poverty": False}, Limits(), NOT_MET),
    ("YD-F19", {"is_poverty": False, "is_monitored": True}, Limits(), MET),
    ("YD-F20", {"rotated": (dt.date(2022, 11, 1), dt.date(2023, 2, 1))}, Limits(), NOT_MET),
    ("YD-F20", {"rotated": (dt.date(2022, 5, 1), dt.date(2023, 2, 1))}, Limits(), MET),
    ("YD-F21", {"notice": None}, Limits(), MISSING),
    ("YD-F21", {"notice": (dt.date(2023, 3, 10), dt.date(2023, 3, 11))}, Limits(), NOT_MET),
    ("YD-F21", {}, Limits(notice_days=7), NOT_MET),
    ("YD-F22", {"job_form": "单位就业", "place_class": "乡内"}, Limits(), NOT_MET),
    ("YD-F22", {"job_form": "自主创业", "place_class": "乡内"}, Limits(), NOT_MET),
    ("YD-F22", {"job_form": "公益性岗位", "place_class": "乡内"}, Limits(), MET),
]


@pytest.mark.parametrize(("rule", "fields", "limits", "state"), CASES)
def test_each_clause_says_met_not_met_or_without_evidence(rule, fields, limits, state):
    found = {one.rule: one for one in appointing(replace(FIT, **fields), limits, DAY)}
    assert found[rule].state == state
    assert found[rule].text.endswith("。")
    others = {one.rule for one in found.values() if one.state == NOT_MET and one.level != BLUE} - {rule}
    assert not others - {"YD-F02", "YD-F22"}


def test_somebody_who_fits_meets_every_clause():
    assert {one.state for one in appointing(FIT, Limits(), DAY)} == {MET}


def test_red_refuses_yellow_and_missing_evidence_ask_and_blue_does_neither():
    clauses = appointing(
        replace(FIT, is_poverty=False, notice=None, work_known=False, birth_date=dt.date(1990, 1, 1),
                ability="普通劳动力"), Limits(), DAY,
    )  # fmt: skip
    assert [one.rule for one in refusals(clauses)] == ["YD-F19"]
    assert [one.rule for one in questions(clauses)] == ["YD-F02", "YD-F21", "YD-F22"]
    assert {one.tone for one in clauses} == {"good", "bad", "warn", "info"}


@pytest.mark.parametrize(
    ("contract", "insured", "birth", "wrong"),
    [
        (None, None, dt.date(1965, 5, 1), {"YD-F10", "YD-F23"}),
        (dt.date(2023, 3, 19), dt.date(2023, 3, 19), dt.date(1965, 5, 1), {"YD-F10", "YD-F23"}),
        (DAY, DAY, dt.date(1965, 5, 1), set()),
        (DAY, DAY, dt.date(1953, 3, 20), {"YD-F13"}),
    ],
)
def test_a_holder_needs_contract_insurance_and_the_age_to_stay(contract, insured, birth, wrong):
    found = keeping(
        replace(FIT, birth_date=birth),
        Limits(new_under=60),
        dt.date(2022, 1, 1),
        DAY,
        contract,
        insured,
        33_334,
    )
    assert {one.rule for one in found if one.state != MET} == wrong


@pytest.mark.parametrize(
    ("fen", "floor", "state"),
    [
        (33_333, 4000, NOT_MET),
        (33_334, 4000, MET),
        (30_000, 3600, MET),
        (30_000, 0, MET),
        (None, 4000, MISSING),
    ],
)
def test_a_standard_is_compared_with_the_floor_of_the_county(fen, floor, state):
    assert paid_enough(fen, Limits(least_a_year=floor)).state == state


def test_age_on_a_birthday_and_of_somebody_born_on_29_february():
    assert age_on(dt.date(2000, 2, 29), dt.date(2023, 2, 28)) == 22
    assert age_on(dt.date(2000, 2, 29), dt.date(2023, 3, 1)) == 23
    assert age_on(dt.date(2000, 3, 20), DAY) == 23
