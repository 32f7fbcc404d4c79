"""The rules of training as tables, without a database."""

from __future__ import annotations

import datetime as dt

import pytest

from lib.month import Month
from subsidies.training.rules import Away, Before, allowance, away_on, class_days, enough, too_often

MARCH, APRIL = Month(2023, 3), Month(2023, 4)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2023-{text}")


@pytest.mark.parametrize(
    ("first", "last", "weekends", "off", "count"),
    [
        ("03-13", "03-17", True, [], 5),
        ("03-13", "03-19", True, [], 7),
        ("03-13", "03-19", False, [], 5),
        ("03-13", "03-19", False, ["03-15"], 4),
        ("03-13", "03-13", True, [], 1),
    ],
)
def test_the_days_of_a_class_leave_out_its_free_days(first, last, weekends, off, count):
    assert len(class_days(day(first), day(last), weekends, [day(one) for one in off])) == count


@pytest.mark.parametrize(
    ("first", "last", "weekends", "sentence"),
    [
        ("03-17", "03-13", True, "结束日期不能早于开始日期"),
        ("03-18", "03-19", False, "没有上课的日子"),
        ("01-01", "12-31", True, "最长200天"),
    ],
)
def test_days_that_make_no_class_say_why(first, last, weekends, sentence):
    with pytest.raises(ValueError, match=sentence):
        class_days(day(first), day(last), weekends)


@pytest.mark.parametrize(
    ("spell", "clashes"),
    [
        (Away(Month(2023, 1), None, "省外"), True),
        (Away(Month(2023, 1), None, "市外省内"), True),
        (Away(Month(2023, 1), None, "县外市内"), True),
        (Away(Month(2023, 1), None, "乡外县内"), False),
        (Away(Month(2023, 1), None, "乡内"), False),
        (Away(Month(2023, 1), None, ""), False),
        (Away(Month(2023, 1), None, "", overseas=True), True),
        (Away(Month(2023, 1), MARCH, "省外"), False),  # ended in the month of the class
        (Away(Month(2023, 1), APRIL, "省外"), True),
        (Away(Month(2023, 1), Month(2023, 2), "省外"), False),
        (Away(APRIL, None, "省外"), False),
        (Away(MARCH, None, "省外"), True),  # the day is not known
        (Away(MARCH, None, "省外", day("03-20")), False),  # went after the class
        (Away(MARCH, None, "省外", day("03-14")), True),
    ],
)
def test_work_outside_the_county_stands_against_the_days_of_a_class(spell, clashes):
    found = away_on([day("03-13"), day("03-14")], [spell])
    assert (found is not None) == clashes


@pytest.mark.parametrize(
    ("before", "per_year", "same_trade", "sentence"),
    [
        ([], 1, False, ""),
        ([Before(2023, "焊工", "焊工一期")], 1, False, "最多1次"),
        ([Before(2023, "焊工", "焊工一期")], 2, False, ""),
        ([Before(2022, "电工", "电工老班")], 1, False, "不重复培训"),
        ([Before(2022, "电工", "电工老班")], 1, True, ""),
        ([Before(2022, "焊工", "焊工一期")], 1, False, ""),
    ],
)
def test_a_class_too_many_is_one_by_the_parameters_of_the_plan(before, per_year, same_trade, sentence):
    told = too_often(before, 2023, "电工", per_year, same_trade)
    assert sentence in told
    assert bool(told) == bool(sentence)


@pytest.mark.parametrize(
    ("attended", "of", "percent", "done"),
    [
        (4, 5, 80, True),
        (3, 5, 80, False),
        (0, 5, 1, False),
        (5, 5, 100, True),
        (8, 11, 72, True),
        (8, 11, 73, False),
    ],
)
def test_who_attended_the_share_that_the_plan_asks_for_has_finished(attended, of, percent, done):
    assert enough(attended, of, percent) is done


def test_the_allowance_is_days_by_rate():
    assert [allowance(days, 1500) for days in (0, 1, 5)] == [0, 1500, 7500]
