"""The pure rules of attendance and pay, as tables."""

from __future__ import annotations

import datetime as dt

import pytest

from lib.month import Month
from posts import marks
from posts.marks import Tally
from posts.pay_rules import last_day, last_due, owed, wage

MARCH = Month(2023, 3)
TODAY = dt.date(2023, 4, 5)


@pytest.mark.parametrize(
    ("standard", "required", "days", "amount"),
    [
        (30000, 22, 22, 30000),  # the whole standard
        (30000, 22, 31, 30000),  # never more
        (30000, 22, 21, 28636),  # 1363.64 off, half up to the fen
        (30000, 22, 11, 15000),
        (30000, 22, 1, 1364),
        (30000, 22, 0, 0),  # YD-F07
        (30000, 3, 2, 20000),
        (10001, 2, 1, 5000),  # the half fen goes to the deduction
        (33333, 22, 0, 0),
    ],
)
def test_each_missing_day_takes_off_its_share_and_no_day_is_not_paid(standard, required, days, amount):
    paid = wage(standard, required, days)
    assert (paid.amount, paid.amount + paid.deduction) == (amount, standard)


@pytest.mark.parametrize(
    ("first", "last", "paid", "since", "months"),
    [
        ("2022-01-10", None, "2022-12", "2022-10", 3),  # January, February, March
        ("2022-01-10", None, None, "2022-10", 6),  # nobody knows what was before
        ("2022-01-10", None, None, None, 0),
        ("2023-02-10", None, None, "2022-10", 2),
        ("2022-01-10", "2023-01-31", "2022-12", "2022-10", 1),
        ("2022-01-10", None, "2023-03", "2022-10", 0),
        ("2022-01-10", None, "2023-04", "2022-10", 0),
    ],
)
def test_owed_are_the_months_after_the_last_paid_one_up_to_the_last_due(first, last, paid, since, months):
    found = owed(
        dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None,
        Month.parse(paid) if paid else None, Month.parse(since) if since else None, last_due(TODAY),
    )  # fmt: skip
    assert len(found) == months


def test_a_month_without_a_day_on_duty_is_no_arrears():
    found = owed(dt.date(2022, 1, 1), None, Month(2022, 12), Month(2022, 1), MARCH, {Month(2023, 2)})
    assert found == [Month(2023, 1), MARCH]


def test_pay_ends_with_the_appointment_or_the_day_before_it_is_stopped():
    assert last_day(None, None) is None
    assert last_day(dt.date(2023, 3, 20), None) == dt.date(2023, 3, 20)
    assert last_day(dt.date(2023, 3, 20), dt.date(2023, 3, 10)) == dt.date(2023, 3, 9)


def test_marks_are_counted_by_kind():
    assert marks.tally("1110L--") == Tally(3, 1, 1)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (dt.date(2023, 1, 1), None, 31),
        (dt.date(2023, 3, 11), None, 21),
        (dt.date(2023, 3, 11), dt.date(2023, 3, 20), 10),
        (dt.date(2023, 4, 1), None, 0),
        (dt.date(2023, 1, 1), dt.date(2023, 2, 28), 0),
    ],
)
def test_the_days_of_an_appointment_within_a_month(first, last, days):
    assert len(marks.service(MARCH, first, last)) == days


def test_full_attendance_ends_today():
    whole = range(1, 32)
    assert marks.tally(marks.full(MARCH, whole, TODAY)).days == 31
    assert marks.tally(marks.full(MARCH, whole, dt.date(2023, 3, 18))).days == 18
    assert marks.tally(marks.full(MARCH, whole, dt.date(2023, 2, 18))).days == 0


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({1: "1", 31: "0"}, ""),
        ({9: "1"}, "3月9日不在聘用期内"),
        ({1: "?"}, "每天只能记"),
    ],
)
def test_marks_outside_the_appointment_or_of_no_kind_are_refused(said, message):
    days = [*range(1, 9), *range(10, 32)]
    found = marks.fault(marks.joined(MARCH, said), MARCH, days, TODAY)
    assert message in found
    assert bool(found) == bool(message)


def test_marks_of_days_to_come_and_of_another_month_are_refused():
    assert "还没有到" in marks.fault(
        marks.joined(MARCH, {20: "1"}), MARCH, range(1, 32), dt.date(2023, 3, 18)
    )
    assert "有31天" in marks.fault("1" * 30, MARCH, range(1, 32), TODAY)


def test_sums_may_not_exceed_the_days_that_have_been():
    assert not marks.fault_of_sums(Tally(20, 8, 3), MARCH, range(1, 32), TODAY)
    assert "超过" in marks.fault_of_sums(Tally(20, 8, 4), MARCH, range(1, 32), TODAY)
    assert "超过" in marks.fault_of_sums(Tally(19), MARCH, range(1, 32), dt.date(2023, 3, 18))
