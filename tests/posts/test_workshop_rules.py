"""认定条件, whole months, steps and the comparison with last year, as tables."""

from __future__ import annotations

import datetime as dt

import pytest

from posts.workshop_rules import (
    MET,
    MISSING,
    UNMET,
    Standard,
    Stint,
    Worker,
    all_met,
    criteria,
    full_months,
    growth_told,
    months_in,
    reckon,
    same_day_last_year,
    step_reached,
    steps_problem,
)

DAY = dt.date(2023, 3, 10)
WHOLE = Worker(True, 2600, True)
day = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("workers", "since", "states"),
    [
        ([WHOLE] * 5, DAY, (MET, MET, MET, MET)),
        ([WHOLE] * 4, DAY, (MET, UNMET, MET, MET)),
        ([WHOLE] * 4 + [Worker(False, 2600, True)], DAY, (MET, UNMET, MET, MET)),
        ([WHOLE] * 5, None, (MISSING, MET, MET, MET)),
        ([WHOLE] * 5, day("2023-03-11"), (UNMET, MET, MET, MET)),
        ([WHOLE] * 5 + [Worker(True, None, True)], DAY, (MET, MET, MISSING, MET)),
        ([WHOLE] * 5 + [Worker(True, 0, True)], DAY, (MET, MET, UNMET, MET)),
        ([WHOLE] * 5 + [Worker(True, 2600, None)], DAY, (MET, MET, MET, MISSING)),
        ([WHOLE] * 5 + [Worker(True, 2600, None), Worker(True, 2600, False)], DAY, (MET, MET, MET, UNMET)),
        ([WHOLE] * 5 + [Worker(False)], DAY, (MET, MET, MET, MET)),  # who does not count is not asked about
        ([], DAY, (MET, UNMET, MISSING, MISSING)),
    ],
)
def test_each_condition_is_answered_by_itself(workers, since, states):
    answered = criteria(workers, since, DAY, Standard())
    assert tuple(one.state for one in answered) == states
    assert all_met(answered) == (set(states) == {MET})
    assert all(one.told.endswith("。") for one in answered)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2023-01-10", "2023-04-09", 3),
        ("2023-01-10", "2023-04-08", 2),
        ("2023-01-01", "2023-12-31", 12),
        ("2022-11-30", "2023-02-27", 3),
        ("2023-01-31", "2023-02-26", 0),
        ("2024-02-29", "2025-02-28", 12),
        ("2023-03-01", "2023-03-01", 0),
    ],
)
def test_only_whole_months_count(first, last, months):
    assert full_months(day(first), day(last)) == months


def test_the_longest_unbroken_stay_within_the_days_counts():
    stints = [
        Stint(1, day("2022-06-01"), day("2022-12-31")),
        Stint(1, day("2023-02-01"), day("2023-03-31")),
        Stint(1, day("2023-05-01")),
        Stint(2, day("2022-01-01"), day("2022-12-31")),
    ]
    assert months_in(stints, day("2023-01-01"), day("2023-12-31")) == {1: 8}
    assert months_in(stints, dt.date.min, day("2023-12-31")) == {1: 8, 2: 12}


STEPS = ((5, 100), (10, 300))


@pytest.mark.parametrize(("people", "fen"), [(0, 0), (4, 0), (5, 100), (9, 100), (10, 300), (99, 300)])
def test_the_highest_step_reached_is_paid(people, fen):
    assert step_reached(people, STEPS) == fen


def test_who_is_too_short_or_counted_elsewhere_is_left_out_with_a_reason():
    months = {1: 3, 2: 2, 3: 12}
    result = reckon(months, {3: "2023年已由另一个车间计入。"}, Standard(per_head=7), per_head=True)
    assert (result.counted, result.amount) == ({1: 3}, 7)
    assert result.left_out == {2: "连续工作2个月，不满3个月。", 3: "2023年已由另一个车间计入。"}
    assert reckon(dict.fromkeys(range(5), 3), {}, Standard(steps=STEPS), per_head=False).amount == 100


@pytest.mark.parametrize(
    ("steps", "good"),
    [
        (STEPS, True),
        ((), False),
        (((5, 100), (5, 200)), False),
        (((5, 100), (10, 100)), False),
        (((0, 100),), False),
        (((5, 0),), False),
    ],
)
def test_steps_rise_in_people_and_in_money(steps, good):
    assert (steps_problem(steps) == "") == good


@pytest.mark.parametrize(
    ("shops", "people", "grown", "said"),
    [
        ((3, 2), (40, 30), True, "车间3个，比上年同日增加1个；带动就业40人，比上年同日增加10人，达到"),
        ((2, 2), (40, 30), False, "车间2个，与上年同日持平；带动就业40人，比上年同日增加10人，未达到"),
        ((3, 2), (20, 30), False, "带动就业20人，比上年同日减少10人，未达到"),
    ],
)
def test_both_must_exceed_last_year(shops, people, grown, said):
    answer, words = growth_told(shops, people)
    assert (answer, said in words) == (grown, True)


def test_the_29th_of_february_is_compared_with_the_28th():
    assert same_day_last_year(day("2024-02-29")) == day("2023-02-28")
    assert same_day_last_year(day("2023-03-10")) == day("2022-03-10")
