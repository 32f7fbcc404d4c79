"""The recipe for monthly partitions leaves a table that the ledger goes on working with, guards and all."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.models import Unit
from ledgers import facts
from ledgers.models import MonthClosing, MonthlyRecord
from tests import cast as cast_module
from tests import factories
from tests.factories import MARCH

WALL = """
GRANT SELECT ON ledgers_monthlyrecord TO PUBLIC;
ALTER TABLE ledgers_monthlyrecord ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_some ON ledgers_monthlyrecord FOR SELECT USING (village_id > 0);
"""
SHAPE = """
SELECT conname::text, contype::text FROM pg_constraint
WHERE conrelid = 'ledgers_monthlyrecord'::regclass AND contype IN ('c', 'f', 'u')
UNION ALL SELECT tgname, 't' FROM pg_trigger WHERE tgrelid = 'ledgers_monthlyrecord'::regclass AND NOT tgisinternal
UNION ALL SELECT relname, 'i' FROM pg_index JOIN pg_class ON oid = indexrelid
WHERE indrelid = 'ledgers_monthlyrecord'::regclass
UNION ALL SELECT policyname, 'p' || cmd || qual FROM pg_policies WHERE tablename = 'ledgers_monthlyrecord'
UNION ALL SELECT grantee || privilege_type, 'g' FROM information_schema.role_table_grants
WHERE table_name = 'ledgers_monthlyrecord'
UNION ALL SELECT relrowsecurity::text, relforcerowsecurity::text FROM pg_class
WHERE oid = 'ledgers_monthlyrecord'::regclass
ORDER BY 2, 1
"""


def shape() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        return cursor.fetchall()


@pytest.mark.stack
@pytest.mark.django_db
def test_the_ledger_works_on_with_a_partition_per_month():
    with connection.cursor() as cursor:
        cursor.execute(WALL)
    cast = cast_module.build()
    people = [factories.laborer(cast.units["99111"]) for _ in range(3)]
    for person in people:
        factories.spell(person)
    for month in (MARCH + -1, MARCH):
        facts.refresh(month)
    before, rows = shape(), list(MonthlyRecord.objects.order_by("pk").values())
    MonthClosing.objects.create(unit=cast.units["99"], month=MARCH + -1, closed_by=cast.city)

    recipe = (settings.BASE_DIR / "docs/partitions.sql").read_text()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ledger.reach = ''")  # as psql begins: nobody is in reach
        cursor.execute(recipe.replace("BEGIN;\n", "", 1).replace("COMMIT;\n", ""))  # taken back with the test
        cursor.execute("SELECT count(*) FROM record_2023_03")
        assert cursor.fetchone() == (3,)
    assert shape() == before
    assert list(MonthlyRecord.objects.order_by("pk").values()) == rows

    with pytest.raises(DatabaseError, match="month of this record is closed"), transaction.atomic():
        MonthlyRecord.objects.filter(month=MARCH + -1).update(income=1)
    factories.spell(factories.laborer(cast.units["99112"]))
    assert facts.refresh(MARCH, unit=Unit.objects.get(code="9911")) == 1
    assert facts.open_month(cast.units["99"], MARCH + 1, cast.city) == 4
    assert MonthlyRecord.objects.count() == 11
