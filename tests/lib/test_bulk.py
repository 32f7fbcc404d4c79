"""Bulk writes: the same rows as the ORM would write, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from accounts.models import Unit
from ledgers.models import Household, Laborer, WorkSpell
from lib import bulk
from lib.month import Month
from tests import factories

pytestmark = pytest.mark.django_db
AWKWARD = 'a\tb\\c\nd\re\\N"引号'


@pytest.fixture
def village() -> Unit:
    return factories.tree()["99111"]


def test_reserved_ids_link_rows_that_are_written_later(village: Unit) -> None:
    first = bulk.reserve_ids(Household, 3)
    second = bulk.reserve_ids(Household, 2)
    assert len({*first, *second}) == 5
    rows = [[pk, f"H{pk}", village.pk, AWKWARD] for pk in [*first, *second]]
    assert bulk.insert_many(Household, ["id", "number", "village", "head_name"], rows) == 5
    assert set(Household.objects.values_list("pk", flat=True)) == {*first, *second}
    assert Household.objects.first().head_name == AWKWARD
    assert Household.objects.create(number="next", village=village).pk > max(second)


def test_values_are_prepared_as_their_fields_would(village: Unit) -> None:
    person = factories.laborer(village, id_no=factories.citizen_id(7))
    bulk.update_many(
        Laborer,
        ["id", "id_no", "birth_date", "phone"],
        [[person.pk, AWKWARD, dt.date(1990, 2, 3), ""]],
    )
    again = Laborer.objects.get(pk=person.pk)
    assert (again.id_no, again.birth_date, again.phone) == (AWKWARD, dt.date(1990, 2, 3), "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_no FROM ledgers_laborer WHERE id = %s", [person.pk])
        assert cursor.fetchone()[0].startswith("v1:")


def test_months_money_and_nothing_round_trip(village: Unit) -> None:
    person = factories.laborer(village)
    columns = ["laborer_id", "started", "ended", "monthly_wage", "region_text"]
    bulk.insert_many(WorkSpell, columns, [[person.pk, Month(2023, 3), None, 4500, ""]])
    spell = WorkSpell.objects.get()
    assert (spell.started, spell.ended, spell.monthly_wage) == (Month(2023, 3), None, 4500)


def test_upsert_writes_only_what_differs(village: Unit) -> None:
    columns = ["number", "village", "head_name", "is_relocated"]
    rows = [[f"H{n}", village.pk, f"户主{n}", False] for n in range(3)]
    assert bulk.upsert(Household, columns, rows, key=["number"]) == 3
    assert bulk.upsert(Household, columns, rows, key=["number"]) == 0
    rows[1][2] = "新户主"
    assert bulk.upsert(Household, columns, rows, key=["number"]) == 1
    assert list(Household.objects.order_by("number").values_list("head_name", flat=True)) == [
        "户主0", "新户主", "户主2",
    ]  # fmt: skip
    assert bulk.upsert(Household, columns, [["H1", village.pk, "别人", True]], key=["number"], update=[]) == 0


def test_update_reports_how_many_rows_it_found(village: Unit) -> None:
    Household.objects.create(number="H1", village=village)
    rows = [["H1", "甲"], ["H2", "乙"]]
    assert bulk.update_many(Household, ["number", "head_name"], rows, key=["number"]) == 1


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(ValueError, match="no column colour"):
        bulk.insert_many(Household, ["colour"], [])
