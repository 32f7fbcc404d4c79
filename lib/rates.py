"""Rates and printed numbers: exact integers inside, rounded half up once, "—" when there is no base.

Places are decimal places; a rate is in per cent, a difference of rates in percentage points (百分点).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction

NOTHING = "—"
MINUS = "\u2212"


def _exact(value: Number | str) -> Fraction:
    """The exact value; a float is refused because its decimal digits are not the ones that were typed."""
    if isinstance(value, float):
        raise TypeError("A figure is never a float: pass int, Decimal or text.")
    return Fraction(value)


def round_half_up(value: Number | str, places: int = 0) -> Decimal:
    """Round to ``places`` decimals; a tie goes away from zero (1.25 → 1.3, −1.25 → −1.3)."""
    exact = _exact(value)
    scaled = abs(exact) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = int(exact < 0 and units > 0)
    return Decimal((sign, tuple(map(int, str(units))), -places))


def thousands(number: Number | None) -> str:
    """``36547`` → ``36,547``; the minus is U+2212; nothing → —."""
    if number is None:
        return NOTHING
    return f"{number:,}".replace("-", MINUS)


def signed(number: Number | None) -> str:
    """``+36``, ``−24`` (U+2212), ``0``; nothing → —."""
    if number is None:
        return NOTHING
    if number == 0:
        return "0"
    return f"{number:+}".replace("-", MINUS)


@dataclass(frozen=True, slots=True)
class Rate:
    """numerator ÷ denominator in per cent, with its base kept so that rates can be pooled, never averaged."""

    numerator: Number
    denominator: Number
    places: int = 1

    @property
    def value(self) -> Decimal | None:
        """Per cent rounded half up; None when there is no base."""
        if not self.denominator:
            return None
        return round_half_up(_exact(self.numerator) * 100 / _exact(self.denominator), self.places)

    @property
    def bare(self) -> str:
        value = self.value
        return NOTHING if value is None else f"{value:f}".replace("-", MINUS)

    @property
    def text(self) -> str:
        bare = self.bare
        return bare if bare == NOTHING else f"{bare}%"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def pooled(cls, rates: Iterable["Rate"], places: int = 1) -> "Rate":
        """Σ numerators ÷ Σ denominators: the only way to a rate of several units."""
        rates = list(rates)
        return cls(sum(r.numerator for r in rates), sum(r.denominator for r in rates), places)


def share(part: Number, whole: Number, places: int = 1) -> Rate:
    """占比: how much of the whole the part is."""
    return Rate(part, whole, places)


def growth(now: Number, base: Number, places: int = 2) -> Rate:
    """增幅: (now − base) ÷ base; "—" when the base is 0."""
    return Rate(_exact(now) - _exact(base), base, places)


def difference_points(a: Rate, b: Rate) -> Decimal | None:
    """a − b in 百分点, of the rounded values: a reader who subtracts the two printed rates gets this number."""
    left, right = a.value, b.value
    return None if left is None or right is None else left - right
