import json
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lib.month import Month, MonthConverter, MonthField, MonthFormField

MARCH = Month(2023, 3)
months = st.builds(Month, st.integers(1950, 2100), st.integers(1, 12))


class Sheet(models.Model):
    month = MonthField("月份", null=True, blank=True)

    class Meta:
        app_label = "lib_month_tests"


@pytest.fixture
def sheets(db):
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{Sheet._meta.db_table}" (id bigint PRIMARY KEY, month varchar(7))')
    Sheet.objects.bulk_create(Sheet(id=n, month=MARCH + n) for n in range(3))
    Sheet.objects.create(id=9, month=None)
    return Sheet.objects.order_by("id")


def test_a_month_reads_and_prints_its_key():
    assert Month.parse("2023-03") == Month.parse(" 2023-03 ") == MARCH
    assert str(MARCH) == "2023-03"
    assert MARCH.label == "2023年3月"
    assert json.dumps([MARCH], default=str) == '["2023-03"]'


@pytest.mark.parametrize(
    "text", ["", "2023-3", "2023-13", "2023-00", "202303", "2023.3", "２０２３-03", "二〇二三", "0001-01"]
)
def test_other_spellings_are_refused_with_a_chinese_sentence(text):
    with pytest.raises(ValueError, match="月"):
        Month.parse(text)


def test_the_last_day_knows_leap_years():
    assert Month(2024, 2).last_day == date(2024, 2, 29)
    assert Month(2023, 2).last_day == date(2023, 2, 28)
    assert MARCH.first_day == date(2023, 3, 1)


def test_months_count_forwards_and_back():
    assert Month(2024, 1) == MARCH + 10
    assert Month(2022, 12) == MARCH - 3
    assert Month(2024, 1) - MARCH == 10
    assert sorted([Month(2023, 10), Month(2022, 12), MARCH]) == [Month(2022, 12), MARCH, Month(2023, 10)]


@given(months, st.integers(-500, 500))
def test_adding_and_subtracting_are_inverse(month, distance):
    assert (month + distance) - month == distance
    assert (month + distance) - distance == month
    assert (str(month + distance) < str(month)) == (distance < 0)


def test_the_statistical_year_runs_from_october_to_september():
    assert Month(2022, 9).statistical_year() == 2022
    assert Month(2022, 10).statistical_year() == 2023
    assert Month(2023, 9).statistical_year() == 2023
    window = Month.statistical_months(2023)
    assert (window[0], window[-1], len(window)) == (Month(2022, 10), Month(2023, 9), 12)


def test_a_statistical_year_may_be_the_calendar_year():
    assert Month(2022, 12).statistical_year(start=1) == 2022
    assert Month.statistical_months(2023, start=1)[0] == Month(2023, 1)


def test_months_so_far_end_with_the_month_itself():
    assert [str(m) for m in MARCH.months_so_far()] == [
        "2022-10", "2022-11", "2022-12", "2023-01", "2023-02", "2023-03",
    ]  # fmt: skip
    assert Month(2022, 10).months_so_far() == [Month(2022, 10)]


@given(months, st.integers(1, 12))
def test_every_month_is_in_its_own_statistical_year(month, start):
    assert month in Month.statistical_months(month.statistical_year(start), start)


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        (datetime(2023, 3, 31, 15, 59, 59, tzinfo=UTC), Month(2023, 3)),
        (datetime(2023, 3, 31, 16, 0, 0, tzinfo=UTC), Month(2023, 4)),
        (datetime(2024, 2, 29, 16, 0, 0, tzinfo=UTC), Month(2024, 3)),
    ],
)
def test_the_month_is_shanghais(instant, month, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: instant)
    assert Month.of(instant) == month
    assert Month.current() == month


def test_a_month_is_stored_compared_and_read_back_as_a_month(sheets):
    assert list(sheets.values_list("month", flat=True)) == [MARCH, MARCH + 1, MARCH + 2, None]
    assert sheets.get(month=MARCH).id == sheets.get(month="2023-03").id == 0
    assert [s.id for s in sheets.filter(month__lt=MARCH + 1)] == [0]
    assert [s.id for s in sheets.filter(month__gte=MARCH + 1)] == [1, 2]
    assert [s.id for s in sheets.filter(month__in=[MARCH, MARCH + 2])] == [0, 2]
    assert [s.id for s in sheets.filter(month__range=(MARCH, MARCH + 1))] == [0, 1]
    assert [s.id for s in sheets.filter(month__startswith="2023-05")] == [2]
    assert [s.id for s in sheets.filter(month=None)] == [9]
    assert sheets.aggregate(last=models.Max("month"))["last"] == MARCH + 2


def test_a_month_can_be_updated_in_bulk_and_by_expression(sheets):
    rows = list(sheets.exclude(month=None))
    for row in rows:
        row.month += 12
    Sheet.objects.bulk_update(rows, ["month"])
    sheets.filter(id=9).update(month=Month(2020, 1))
    assert list(sheets.values_list("month", flat=True)) == [
        MARCH + 12,
        MARCH + 13,
        MARCH + 14,
        Month(2020, 1),
    ]
    assert sheets.filter(month=models.F("month")).count() == 4


def test_a_model_month_is_validated():
    sheet = Sheet(month="2023-03")
    sheet.full_clean(validate_unique=False)
    assert sheet.month == MARCH
    sheet.month = "2023年3月"
    with pytest.raises(ValidationError, match="无法识别"):
        sheet.full_clean(validate_unique=False)


def test_the_field_survives_a_migration():
    field = Sheet._meta.get_field("month")
    _, path, args, kwargs = field.deconstruct()
    assert path == "lib.month.MonthField"
    assert "max_length" not in kwargs
    assert MonthField(*args, **kwargs).max_length == 7
    assert field.value_to_string(Sheet(month=MARCH)) == "2023-03"


class SheetForm(forms.ModelForm):
    class Meta:
        model = Sheet
        fields = ["month"]


def test_a_form_shows_and_reads_a_month():
    assert 'type="month"' in str(SheetForm(instance=Sheet(month=MARCH))["month"])
    assert 'value="2023-03"' in str(SheetForm(instance=Sheet(month=MARCH))["month"])
    assert SheetForm({"month": "2023-04"}).is_valid()
    assert not SheetForm({"month": "2023-03"}, initial={"month": MARCH}).has_changed()
    assert "无法识别" in str(SheetForm({"month": "April"}).errors)


def test_a_form_can_offer_only_some_months():
    field = MonthFormField(months=[MARCH, MARCH + 1])
    assert field.clean("2023-04") == MARCH + 1
    assert field.widget.choices == [("2023-03", "2023年3月"), ("2023-04", "2023年4月")]
    with pytest.raises(ValidationError, match="请从列出的月份中选择"):
        field.clean("2023-05")


def test_a_url_carries_a_month():
    converter = MonthConverter()
    assert converter.to_python("2023-03") == MARCH
    assert converter.to_url(MARCH) == "2023-03"
    with pytest.raises(ValueError, match="没有这个月份"):
        converter.to_python("2023-13")
