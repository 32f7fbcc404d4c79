"""A raw cell as month, date, number, money, yes or no (items 38–41, 79–91, 95)."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.sheets import UNTIL_NOW, Cell, Parsed, text, to_bool, to_date, to_int, to_money, to_month, to_text

MARCH = date(2022, 3, 1)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2022.3",
            "2022.03",
            "2022-3",
            "2022/03",
            "2022年3月",
            "2022年03月份",
            "202203",
            "44621",
            "２０２２．３",
        ),
        *(" 2022 年 3 月 ", "2022-03-15", "2022.3.15", "20220315", "2022年3月15日", "2022-03-15 00:00:00"),
        *(2022.3, 202203.0, 44621.0, 44621.5, 20220315.0, 202203, date(2022, 3, 9), datetime(2022, 3, 9, 8)),
    ],
)
def test_every_usual_spelling_of_a_month_is_understood(cell):
    assert to_month(cell) == Parsed(MARCH)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (2022.1, "无法区分1月与10月"),
        ("3月", "缺少年份"),
        ("3月5日", "缺少年份"),
        ("03", "缺少年份"),
        ("2022", "缺少月份"),
        (2022.0, "缺少月份"),
        ("22.3", "四位"),
        ("2022.13", "月份不存在"),
        ("2022-02-30", "日期不存在"),
        ("去年春天", "不是日期"),
        ("1022.3", "年份不合理"),
        (True, "不是日期"),
        (time(8), "不是日期"),
        (float("nan"), "不是日期"),
        (1e308, "不是日期"),
        (-3.0, "不是日期"),
        (Cell.ERROR, "错误值"),
        (Cell.NO_VALUE, "公式无结果"),
    ],
)
def test_a_month_that_cannot_be_known_is_refused_with_the_reason(cell, reason):
    answer = to_month(cell)
    assert (answer.value, answer.level) == (None, "reject")
    assert reason in answer.message


def test_ten_and_one_are_told_apart_in_text():
    assert to_month("2022.10").value == date(2022, 10, 1)
    assert to_month("2022.1").value == date(2022, 1, 1)
    assert to_month(2022.11).value == date(2022, 11, 1)


def test_until_now_is_a_value_of_its_own():
    assert to_month("至今").value == to_date(" 至 今 ").value == UNTIL_NOW


def test_a_future_month_goes_to_review():
    assert to_month("2022.4", today=date(2022, 3, 31)).level == "review"
    assert to_month("2022.3", today=date(2022, 3, 1)).level == ""


def test_a_serial_number_counts_from_the_workbooks_epoch():
    assert to_date(44621.0).value == MARCH
    assert to_date(44621.0, date1904=True).value == date(2026, 3, 2)


def test_a_date_needs_its_day():
    assert to_date("2022年3月10日").value == date(2022, 3, 10)
    assert "缺少日" in to_date("2022年3月").message
    assert "缺少日" in to_date("202203").message
    assert "日期不存在" in to_date("19900230").message


@pytest.mark.parametrize("cell", ["12", "１２", "12个月", "12.0", 12.0, 12, "+12", " 12 月 "])
def test_whole_numbers_are_understood(cell):
    assert to_int(cell) == Parsed(12)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12.5", "不是整数"),
        (12.5, "不是整数"),
        ("-1", "负数"),
        ("十二", "不是数字"),
        ("3-4", "区间"),
        ("3²", "不是数字"),
        ("①", "不是数字"),
        (float("inf"), "异常"),
    ],
)
def test_other_numbers_are_refused(cell, reason):
    answer = to_int(cell)
    assert (answer.value, answer.level) == (None, "reject")
    assert reason in answer.message


def test_whole_numbers_have_the_callers_bounds():
    assert "不能大于12" in to_int("13", maximum=12).message
    assert to_int("-3", minimum=None).value == -3


@pytest.mark.parametrize(
    "cell",
    [
        "3000元/月",
        "３,０００",
        "0.3万",
        "0.3万元",
        "3,000.00",
        "￥3000",
        "3000",
        3000.0,
        3000,
        "3千",
        "3000元每月",
        "人民币3000元整",
    ],
)
def test_every_usual_spelling_of_money_is_understood(cell):
    answer = to_money(cell, monthly=True)
    assert answer == Parsed(Decimal("3000.00"))
    assert answer.value.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("3000-4000", "区间"),
        ("3000至4000元", "区间"),
        ("面议", "不是数字"),
        ("-100", "负数"),
        (-100.0, "负数"),
        (float("nan"), "异常"),
        (1e308, "异常"),
        ("9" * 29, "异常"),
        ("1e5", "不是数字"),
        (date(2022, 3, 1), "不是数字"),
        (True, "不是数字"),
        (Cell.ERROR, "错误值"),
    ],
)
def test_money_that_cannot_be_known_is_refused_with_the_reason(cell, reason):
    answer = to_money(cell)
    assert (answer.value, answer.level) == (None, "reject")
    assert reason in answer.message


def test_money_is_rounded_half_up_to_the_cent():
    assert to_money("10.005").value == Decimal("10.01")
    assert to_money(0.1 + 0.2).value == Decimal("0.30")


def test_strange_amounts_go_to_review():
    assert to_money("0").level == to_money(1.0).level == "review"
    assert "是否年薪" in to_money("36000", monthly=True).message
    assert to_money("36000").level == ""
    assert "换算为每月" in to_money("36000元/年", monthly=True).message


def test_yes_and_no_have_many_faces():
    assert all(to_bool(cell).value is True for cell in ("√", "✔", "是", "1", "有", 1.0, True, "Y", "１"))
    assert all(to_bool(cell).value is False for cell in ("×", "否", "0", "无", 0.0, False, "N"))
    assert to_bool("也许").level == "reject"


@pytest.mark.parametrize("getter", [to_text, to_month, to_date, to_int, to_money, to_bool])
def test_a_blank_cell_is_a_blank_for_every_getter(getter):
    assert getter(None) == getter("") == getter(" \u3000\u200b") == Parsed(None, "", "")


def test_text_without_a_value_is_refused_not_lost():
    assert to_text(Cell.NO_VALUE).level == to_text(Cell.ERROR).level == "reject"
    assert to_text(" 张三 ") == Parsed("张三")


RAW = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.text("0123456789.-/年月日元万,至今+ ", max_size=14),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(Cell),
)


@given(RAW)
def test_no_cell_makes_a_getter_raise(cell):
    assert isinstance(text(cell), str)
    for getter in (to_text, to_month, to_date, to_int, to_money, to_bool):
        answer = getter(cell)
        assert answer.level in ("", "info", "review", "reject")
        assert (answer.level == "reject") == (bool(answer.message) and answer.value is None)
    assert to_month(cell, date(2022, 3, 1), True).level in ("", "review", "reject")
    assert to_date(timedelta(1)).level == "reject"
