"""The pure rules of claims: facts that are kept come back, months and ages as a board prints them, exclusions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lib.month import Month
from subsidies.claims.rules import Held, age_band, compared, excluded_by, freeze, months_words, thaw
from subsidies.facts import Paid
from subsidies.rules import judge, read
from subsidies.schemes.examples import EXAMPLES
from tests.subsidies.worked import MARCH, facts, quarter

RULE = read(next(one for one in EXAMPLES if one.key == "b01-places").rule)


def test_facts_are_kept_as_json_and_judged_alike_when_they_come_back():
    said = facts(*quarter(), post_months=(Month(2022, 12),), paid=(Paid("B02", "2023", 2023, 120_000),))
    said = replace(said, declared=frozenset({"首次创业"}))
    back = thaw(json.loads(json.dumps(freeze(said) | {"place": "广东省深圳市"})))
    assert back == said
    assert judge(RULE, back) == judge(RULE, said)


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ([], "—"),
        ([MARCH], "2023年3月"),
        ([Month(2023, 1), Month(2023, 2), MARCH], "2023年1月至3月"),
        ([Month(2022, 12), Month(2023, 1)], "2022年12月至2023年1月"),
        ([Month(2023, 1), MARCH], "2023年1月、2023年3月"),
    ],
)
def test_months_are_told_as_a_board_prints_them(months, words):
    assert months_words(months) == words


@pytest.mark.parametrize(
    ("age", "band"), [(16, "10—19岁"), (29, "20—29岁"), (30, "30—39岁"), (70, "70—79岁")]
)
def test_an_age_is_told_as_a_band(age, band):
    assert age_band(age) == band


def held(years: int, code: str = "B02", month: Month = MARCH) -> Held:
    clause = {"kind": "not_paid", "codes": ["B11", "B02"], "years": years}
    return Held(code, str(month.year), month, read(RULE.data | {"clauses": [clause]}))


@pytest.mark.parametrize(
    ("one", "code", "month", "refused"),
    [
        (held(0), "B11", MARCH, True),
        (held(0), "B11", Month(2024, 3), False),
        (held(1), "B11", Month(2024, 3), True),
        (held(99), "B11", Month(2030, 3), True),
        (held(0), "B03", MARCH, False),
        (held(0), "B02", MARCH, False),  # the very claim: one_claim_of_a_period refuses a second
        (held(1), "B02", Month(2024, 3), True),
    ],
)
def test_a_claim_that_is_held_forbids_what_its_own_scheme_excludes(one, code, month, refused):
    assert bool(excluded_by(code, str(month.year), month, [one])) is refused


def test_the_comparison_names_what_the_ledger_says_otherwise():
    before, after = facts(*quarter()), facts(*quarter(employer="示例鞋厂", wage=5000))
    lines = compared(RULE, (before, judge(RULE, before)), (after, judge(RULE, after)))
    assert [one.label for one in lines if one.differs] == ["务工单位", "月平均工资"]
