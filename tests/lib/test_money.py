"""Money: fen inside, yuan outside, nothing lost on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.money import parse_yuan, yuan


@pytest.mark.parametrize(
    ("said", "fen"),
    [
        ("1,234.50", 123450),
        ("1234.5", 123450),
        (" 300元", 30000),
        ("￥0.01", 1),
        (300, 30000),
        (300.1, 30010),
        (Decimal("15.00"), 1500),
        ("-12.30", -1230),
    ],
)
def test_an_amount_is_read_as_offices_write_it(said, fen):
    assert parse_yuan(said) == fen


@pytest.mark.parametrize(
    "said", ["", "三百", "1.234", "1,23", "12 34", None, True, 0.123, "NaN", "1e5", float("inf")]
)
def test_what_is_no_amount_is_refused(said):
    with pytest.raises(ValueError, match="不是金额"):
        parse_yuan(said)


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_printed_and_read_again_it_is_the_same(fen):
    assert parse_yuan(yuan(fen)) == parse_yuan(yuan(fen, plain=True)) == fen


def test_nothing_prints_as_a_dash():
    assert yuan(None) == "—"
