"""The month as a value: the period key of every ledger row, closing and bulletin.

A period is an explicit key in Asia/Shanghai. Nothing here derives one from the clock except `Month.current`.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, overload

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone as django_timezone

# China has kept one zone without summer time since 1991; a fixed offset needs no zone data on the machine.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
STATISTICAL_YEAR_START = 10
_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """One calendar month; orders by time, prints as ``2023-03``."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12 or not 1900 <= self.year <= 2999:
            raise ValueError(f"没有这个月份：{self.year}年{self.month}月。")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read ``2023-03`` and nothing else; the importer understands the looser spellings."""
        found = _TEXT.fullmatch(str(text).strip())
        if not found:
            raise ValueError(f"月份“{str(text)[:20]}”无法识别，应写成“2023-03”的样子。")
        return _month(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a date; an aware datetime is first moved to Asia/Shanghai."""
        if isinstance(day, datetime) and day.tzinfo is not None:
            day = day.astimezone(SHANGHAI)
        return _month(day.year, day.month)

    @classmethod
    def current(cls) -> "Month":
        """This month in Asia/Shanghai, whatever the zone of the machine."""
        return cls.of(django_timezone.now())

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def label(self) -> str:
        return f"{self.year}年{self.month}月"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    def __add__(self, months: int) -> "Month":
        if not isinstance(months, int):
            return NotImplemented
        years, index = divmod(self.year * 12 + self.month - 1 + months, 12)
        return _month(years, index + 1)

    @overload
    def __sub__(self, other: "Month") -> int: ...
    @overload
    def __sub__(self, other: int) -> "Month": ...
    def __sub__(self, other: "Month | int") -> "Month | int":
        """``Month - int`` is an earlier month; ``Month - Month`` is the number of months between."""
        if isinstance(other, Month):
            return (self.year - other.year) * 12 + self.month - other.month
        return self + -other if isinstance(other, int) else NotImplemented

    def statistical_year(self, start: int = STATISTICAL_YEAR_START) -> int:
        """The 统计年度, named after the year it ends in: October 2022 to September 2023 is 2023."""
        return self.year + (1 < start <= self.month)

    @staticmethod
    def statistical_months(year: int, start: int = STATISTICAL_YEAR_START) -> list["Month"]:
        """The twelve months of a 统计年度, in order."""
        first = Month(year - (start > 1), start)
        return [first + n for n in range(12)]

    def months_so_far(self, start: int = STATISTICAL_YEAR_START) -> list["Month"]:
        """From the first month of its 统计年度 up to and including itself."""
        return [m for m in Month.statistical_months(self.statistical_year(start), start) if m <= self]


@lru_cache(maxsize=2048)
def _month(year: int, month: int) -> Month:
    """One object for each month: lists reckon with the same few by the hundred thousand."""
    return Month(year, month)


def to_month(value: Any) -> Month | None:
    """A Month from a Month, a date, text or nothing. Raises ValueError."""
    if value is None or value == "":
        return None
    if isinstance(value, Month):
        return value
    return Month.of(value) if isinstance(value, date) else Month.parse(value)


# Tables hold few different months in many rows; a Month never changes, so one of each will do.
_stored = lru_cache(maxsize=4096)(Month.parse)


class MonthField(models.CharField):
    """A month kept as seven sortable characters, so that order and comparison work in every database."""

    description = "月份"
    # what the type checker's Django plugin takes for set, read and looked-up values
    _pyi_private_set_type: "Month | str | None"  # type: ignore[assignment]  # not the text of a CharField
    _pyi_private_get_type: "Month"  # type: ignore[assignment]
    _pyi_lookup_exact_type: "Month | str"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 7)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if kwargs.get("max_length") == 7:
            del kwargs["max_length"]
        return name, path, args, kwargs

    def from_db_value(self, value, expression, connection) -> Month | None:
        return _stored(value) if value else None

    def to_python(self, value: Any) -> Month | None:
        try:
            return to_month(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def validate(self, value, model_instance) -> None:
        super().validate(value if value is None else str(value), model_instance)

    def run_validators(self, value) -> None:
        """The length validator of CharField measures text; a parsed Month always fits."""

    def get_prep_value(self, value: Any) -> str | None:
        value = models.Field.get_prep_value(self, value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return str(to_month(value) or "") or None

    def value_to_string(self, obj) -> str:
        return str(self.value_from_object(obj) or "")

    def formfield(self, **kwargs):
        kwargs.setdefault("form_class", MonthFormField)
        return models.Field.formfield(self, **kwargs)


class MonthInput(forms.TextInput):
    input_type = "month"

    def format_value(self, value):
        return str(value) if value else None


class MonthFormField(forms.Field):
    """A month typed into ``type=month``, or picked from ``months`` when those are given."""

    widget = MonthInput
    default_error_messages = {"invalid_choice": "请从列出的月份中选择。"}

    def __init__(self, *, months: Iterable[Month] | None = None, **kwargs: Any) -> None:
        self.months = None if months is None else list(months)
        if self.months is not None:
            choices = [(str(m), m.label) for m in self.months]
            kwargs.setdefault("widget", forms.Select(choices=choices))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> str | None:
        return str(value) if isinstance(value, Month) else value

    def to_python(self, value: Any) -> Month | None:
        try:
            return to_month(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def validate(self, value: Month | None) -> None:
        super().validate(value)
        if value is not None and self.months is not None and value not in self.months:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")


class MonthConverter:
    """``<month:month>`` in a URL; text that is no month does not match, so the answer is 404."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> Month:
        return Month.parse(value)

    def to_url(self, value: Month | str) -> str:
        return str(value)
