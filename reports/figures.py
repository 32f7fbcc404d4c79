"""The only definition of each statistic (domain.md §2.2): which rows are counted, over which base, how it is printed.

A figure is a numerator and perhaps a denominator. Both are either counts of rows (kept per unit and month in
FigureValue and added up the tree) or entered values (targets). A rate is always pooled: sum over sum, never averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q, QuerySet

from accounts.models import Unit
from ledgers import codes
from lib.money import FEN, yuan
from lib.month import Month
from lib.rates import Rate, round_half_up, thousands
from reports.sources import (
    APPOINTMENTS,
    CALLS,
    ENROLMENTS,
    ENTITLEMENTS,
    OWED,
    PAYMENTS,
    PLACEMENTS,
    POSTS,
    RECORDS,
    WORKSHOPS,
    Source,
)


@dataclass(frozen=True)
class Count:
    """Rows of a source that meet a condition; persons are counted once. `of` names a column of fen to sum instead."""

    source: Source
    where: Q = Q()
    of: str = ""

    def rows(self, month: Month) -> QuerySet:
        return self.source.rows(month).filter(self.where)


@dataclass(frozen=True)
class Figure:
    """One statistic. `denominator` is a Count, "target" (年度目标任务) or None; `places` are those of the percentage.

    A figure without numerator is read off others: I02 and I04 off I03. Measured in 元 it is kept in fen: a sum, or with
    a denominator a sum per head.
    """

    id: str
    name: str
    measure: str  # 人, 个, 人次 or %
    numerator: Count | None
    denominator: Count | str | None = None
    population: str = "脱贫人口（含监测对象）"
    places: int = 1

    @property
    def is_rate(self) -> bool:
        """A percentage: its numerator and base are printed beside it."""
        return self.denominator is not None and not self.is_money

    @property
    def is_money(self) -> bool:
        return self.measure == "元"

    def rows(self, unit: Unit, month: Month, part: str = "numerator") -> QuerySet:
        """The rows behind the number of `unit` (or its base), in the tree as it stood at the month's end."""
        count = getattr(self, part)
        if not isinstance(count, Count):
            raise LookupError(f"{self.id} {part} is no count of rows")
        units = Unit.objects.under_on(unit, month.last_day).order_by()
        return count.rows(month).filter(**{f"{count.source.unit}__in": units.values("pk")})


POPULATION = Q(is_poverty=True) | Q(is_monitored=True)
COUNTED = Q(reason="counted")
CONNECTED = Q(connected=True)

_records, _calls = (lambda where: Count(RECORDS, where)), (lambda where=Q(): Count(CALLS, where))
DUE, PAID = Count(ENTITLEMENTS, Q(is_waived=False)), Count(PAYMENTS)
FINISHED, ALLOWED = Count(ENROLMENTS, Q(is_finished=True)), Count(ENROLMENTS, Q(is_due=True))

CATALOGUE = (
    Figure("I00", "脱贫劳动力人数", "人", _records(POPULATION)),
    Figure("I01", "外出务工人数", "人", _records(COUNTED)),
    Figure("I01a", "其中：省外", "人", _records(COUNTED & Q(place_class=codes.OUTSIDE))),
    Figure(
        "I01b",
        "其中：省内县外",
        "人",
        _records(COUNTED & Q(place_class__in=(codes.IN_CITY, codes.IN_PROVINCE))),
    ),
    Figure("I01c", "其中：县内", "人", _records(COUNTED & Q(place_class__in=codes.WITHIN_COUNTY))),
    Figure("I03", "目标任务完成率", "%", _records(COUNTED), "target"),
    Figure("I07", "公益性岗位人数", "人", Count(APPOINTMENTS)),
    Figure("I07p", "公益性岗位个数", "个", Count(POSTS)),
    Figure("I09a", "帮扶车间个数", "个", Count(WORKSHOPS)),
    Figure("I09b", "帮扶车间带动就业人数", "人", Count(PLACEMENTS)),
    Figure("I10", "抽查人数", "人", _calls()),
    Figure("I11", "电话接通率", "%", _calls(CONNECTED), _calls()),
    Figure("I12", "务工地信息准确率", "%", _calls(CONNECTED & Q(place_matches=True)), _calls(CONNECTED)),
    Figure("I13", "务工时间准确率", "%", _calls(CONNECTED & Q(time_matches=True)), _calls(CONNECTED)),
    Figure("I14", "政策知晓率", "%", _calls(CONNECTED & Q(knows_policy=True)), _calls(CONNECTED)),
    Figure(
        "I15a",
        "务工企业准确率",
        "%",
        _calls(CONNECTED & Q(employer_matches=True)),
        _calls(CONNECTED & Q(employer_matches__isnull=False)),
    ),
    Figure(
        "I15b",
        "工资额准确率",
        "%",
        _calls(CONNECTED & Q(wage_matches=True)),
        _calls(CONNECTED & Q(wage_matches__isnull=False)),
    ),
    Figure(
        "I16",
        "满意度",
        "%",
        _calls(CONNECTED & Q(satisfaction__in=("满意", "基本满意"))),
        _calls(CONNECTED & ~Q(satisfaction="")),
    ),
    Figure("I17", "抽查覆盖率", "%", _calls(), _records(POPULATION)),
    Figure("I18", "补贴应享尽享率", "%", Count(ENTITLEMENTS, Q(is_waived=False, is_paid=True)), DUE),
    Figure("I19", "未申领底数", "人次", Count(ENTITLEMENTS, Q(is_waived=False, is_claimed=False))),
    Figure("I24", "培训人数", "人次", FINISHED),
    Figure("I24c", "培训取证率", "%", Count(ENROLMENTS, Q(is_finished=True, is_certified=True)), FINISHED),
    Figure("I25", "培训生活费发放率", "%", Count(ENROLMENTS, Q(is_due=True, is_paid=True)), ALLOWED),
    Figure("I26a", "公岗考勤覆盖率", "%", Count(APPOINTMENTS, Q(has_attendance=True)), Count(APPOINTMENTS)),
    Figure("I26b", "公岗考核率", "%", Count(APPOINTMENTS, Q(is_assessed=True)), Count(APPOINTMENTS)),
    Figure("I26c", "公岗合同签订率", "%", Count(APPOINTMENTS, Q(has_contract=True)), Count(APPOINTMENTS)),
    Figure("I27", "公岗出勤未发工资", "人月", Count(OWED)),
    Figure("I27m", "公岗出勤未发工资金额", "元", Count(OWED, of="fen")),
    Figure("I29", "信息核实率", "%", _records(POPULATION & Q(verify_state="已核实")), _records(POPULATION)),
    Figure("I29a", "未核实人数", "人", _records(POPULATION & Q(verify_state="未核实"))),
    Figure(
        "I29b", "联系不上率", "%", _records(POPULATION & Q(verify_state="联系不上")), _records(POPULATION)
    ),
    Figure("I33", "本年发放补贴人次", "人次", PAID),
    Figure("I33m", "本年发放补贴金额", "元", Count(PAYMENTS, of="amount")),
    Figure("I33a", "人均补贴金额", "元", Count(PAYMENTS, of="amount"), PAID),
)
TARGET = Figure("I02", "年度目标任务数", "人", None)
GAP = Figure("I04", "距目标差额", "人", None)
FIGURES = {figure.id: figure for figure in (*CATALOGUE, TARGET, GAP)}
# I06 and I08 are differences of values of two dates.


@dataclass(frozen=True)
class Value:
    """What a figure comes to for one unit and month: numerator, and denominator where it is a rate."""

    figure: Figure
    numerator: int | None  # None: nothing was entered (a target)
    denominator: int | None = None

    @property
    def rate(self) -> Rate:
        return Rate(self.numerator or 0, self.denominator or 0, self.figure.places)

    @property
    def text(self) -> str:
        """As screens print it: 36,547, 97.7% or 1,234.50 of money; — when there is no base."""
        if self.figure.is_money:
            return yuan(self.fen)
        return self.rate.text if self.figure.is_rate else thousands(self.numerator)

    @property
    def fen(self) -> int | None:
        """Of a figure in 元: the sum, or the sum per head rounded half up; None when there is no base."""
        if self.figure.denominator is None:
            return self.numerator or 0
        return (
            int(round_half_up(Fraction(self.numerator or 0, self.denominator))) if self.denominator else None
        )

    @property
    def gap(self) -> int:
        """I04: how many are missing to the denominator (the target); 0 when it is reached or not set."""
        return max(0, (self.denominator or 0) - (self.numerator or 0))

    def as_json(self) -> dict[str, object]:
        """The form of the command line contract: numerator, denominator, value (number as text), text."""
        exact = self.rate.value if self.figure.is_rate else self.numerator
        if self.figure.is_money:
            exact = None if self.fen is None else round_half_up(Fraction(self.fen, FEN), 2)
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": float(exact) if isinstance(exact, Decimal) else exact,
            "text": self.text,
        }
