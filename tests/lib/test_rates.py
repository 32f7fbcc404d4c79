from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.rates import Rate, difference_points, growth, round_half_up, share, signed, thousands

counts = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [
        (51398, 51150, "100.5"),
        (36547, 37409, "97.7"),
        (2377, 2533, "93.8"),
        (33, 48, "68.8"),
        (1, 80, "1.3"),
        (5, 80, "6.3"),
        (9, 80, "11.3"),
        (0, 80, "0.0"),
        (80, 80, "100.0"),
        (0, 0, "—"),
        (3, 0, "—"),
        (-1, 80, "−1.3"),
    ],
)
def test_a_rate_rounds_half_up(numerator, denominator, printed):
    rate = Rate(numerator, denominator)
    assert rate.bare == printed
    assert rate.text == (printed if printed == "—" else printed + "%")
    assert rate.value == (None if printed == "—" else Decimal(printed.replace("−", "-")))


@pytest.mark.parametrize(("places", "text"), [(0, "104%"), (1, "103.5%"), (2, "103.50%")])
def test_places_belong_to_the_figure(places, text):
    assert Rate(207, 200, places).text == text


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9), st.integers(0, 4))
def test_a_rate_agrees_with_integer_arithmetic(numerator, denominator, places):
    units = (2 * abs(numerator) * 100 * 10**places + denominator) // (2 * denominator)
    expected = units if numerator >= 0 else -units
    assert Rate(numerator, denominator, places).value * 10**places == expected


@given(st.fractions(-(10**6), 10**6), st.integers(0, 6))
def test_rounding_moves_a_value_by_at_most_half_a_unit(value, places):
    rounded = Fraction(round_half_up(value, places))
    assert abs(rounded - value) <= Fraction(1, 2 * 10**places)
    assert round_half_up(-value, places) == -round_half_up(value, places)


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("1.25", 1, "1.3"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.04", 1, "0.0"),
        ("-0.04", 1, "0.0"),
        (7, 2, "7.00"),
    ],
)
def test_ties_go_away_from_zero(value, places, rounded):
    assert str(round_half_up(value, places)) == rounded


def test_a_float_is_not_a_figure():
    with pytest.raises(TypeError):
        round_half_up(1.25, 1)
    with pytest.raises(TypeError):
        _ = Rate(1.0, 3).value


def test_money_can_be_shared_out_exactly():
    assert share(Decimal("0.05"), Decimal("0.30"), 2).text == "16.67%"


@given(st.lists(st.tuples(counts, counts), max_size=6))
def test_pooling_adds_numerators_and_denominators(parts):
    pooled = Rate.pooled(Rate(n, d) for n, d in parts)
    assert (pooled.numerator, pooled.denominator) == (sum(n for n, _ in parts), sum(d for _, d in parts))


def test_a_pooled_rate_is_not_the_mean_of_rates():
    assert Rate.pooled([Rate(1, 2), Rate(0, 98)]).text == "1.0%"


def test_a_difference_is_that_of_the_printed_rates():
    assert difference_points(Rate(36547, 37409), Rate(2377, 2533)) == Decimal("3.9")
    assert difference_points(Rate(1, 80), Rate(3, 80)) == Decimal("-2.5")
    assert difference_points(Rate(1, 80), Rate(0, 0)) is None


def test_growth_stands_on_its_base():
    assert growth(51398, 50000).text == "2.80%"
    assert growth(26, 28, places=1).text == "−7.1%"
    assert growth(5, 0).text == "—"


def test_numbers_are_printed_with_sign_and_commas():
    assert [signed(n) for n in (36, -24, 0, Decimal("-2.5"), None)] == ["+36", "−24", "0", "−2.5", "—"]
    assert [thousands(n) for n in (36547, 862, 0, -1771, Decimal("3000.50"), None)] == [
        "36,547", "862", "0", "−1,771", "3,000.50", "—",
    ]  # fmt: skip
