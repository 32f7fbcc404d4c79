"""The audit trail: nothing can be changed in place, and whatever is changed behind its back shows."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts import append_only
from accounts.audit import AuditEntry, AuditHead, first_bad_entry, head, record
from jobs.models import ImportBatch
from lib.month import Month
from reports.models import Bulletin
from tests import cast as cast_module

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    """Seven entries, and a database whose guard is switched off as an intruder would."""
    cast = cast_module.build()
    for number in range(7):
        record("test.act", cast.village, cast.village, cast.units["99111"], number=number, text="甲")
    with connection.cursor() as cursor:
        for statement in append_only.drop(connection.vendor):
            cursor.execute(statement)
    return cast


def verify() -> tuple[dict, int]:
    out = StringIO()
    try:
        call_command("verify_audit", "--json", stdout=out)
    except SystemExit as stop:
        return json.loads(out.getvalue()), int(stop.code)
    return json.loads(out.getvalue()), 0


def test_an_untouched_chain_is_whole(chain):
    answer, code = verify()
    assert code == 0
    assert answer == {"ok": True, "entries": 7, "head": head()[1], "first_bad": None, "why": None}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"sequence": 40},
        {"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"actor": None},
        {"action": "other.act"},
        {"unit_path": "99/"},
        {"about": "accounts.user:999"},
        {"detail": {"number": 3, "text": "乙"}},
        {"previous_hash": "f" * 64},
        {"hash": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_any_column_names_the_entry(chain, change):
    AuditEntry.objects.filter(sequence=4).update(**change)
    answer, code = verify()
    assert (code, answer["ok"], answer["first_bad"]) == (1, False, 4)


def test_a_deleted_entry_is_missed(chain):
    AuditEntry.objects.filter(sequence=4).delete()
    assert first_bad_entry() == (4, "缺少第4条记录")


def test_two_swapped_entries_are_noticed(chain):
    AuditEntry.objects.filter(sequence=3).update(sequence=99)
    AuditEntry.objects.filter(sequence=4).update(sequence=3)
    AuditEntry.objects.filter(sequence=99).update(sequence=4)
    assert first_bad_entry()[0] == 3


def test_a_tail_that_was_cut_off_is_missed(chain):
    AuditEntry.objects.filter(sequence__gt=5).delete()
    assert first_bad_entry() == (6, "第6条及以后的记录被截去")


def test_an_emptied_trail_is_noticed(chain):
    AuditEntry.objects.all().delete()
    assert first_bad_entry()[0] == 1
    AuditHead.objects.all().delete()
    assert first_bad_entry() is None  # only the head printed in bulletins can tell this from a new system


def test_the_walk_may_begin_in_the_middle(chain):
    AuditEntry.objects.filter(sequence=2).update(action="other.act")
    assert first_bad_entry(after=4) is None
    assert first_bad_entry()[0] == 2


@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_or_delete_entries(statement):
    record("test.act")
    with (
        pytest.raises(DatabaseError, match=append_only.REFUSAL),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(append_only.TABLE))
    assert first_bad_entry() is None


def test_an_act_that_fails_leaves_no_entry():
    @transaction.atomic
    def act() -> None:
        record("test.act")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert not AuditEntry.objects.exists()
    assert head()[0] == 0


def test_details_read_back_as_they_were_hashed():
    record(
        "test.act",
        month=Month(2023, 3),
        day=dt.date(2023, 3, 20),
        rate=97.7,
        big=1e22,
        keys={1: (2, 3)},
        d=Decimal("1.50"),
    )
    assert first_bad_entry() is None
    assert AuditEntry.objects.latest().detail == {
        "month": "2023-03",
        "day": "2023-03-20",
        "rate": "97.7",
        "big": "1e+22",
        "keys": {"1": [2, 3]},
        "d": "1.50",
    }


def test_the_page_says_in_words_what_an_import_wrote_and_names_batch_and_bulletin(client):
    cast = cast_module.build()
    unit = cast.units["991"]
    batch = ImportBatch.objects.create(
        owner=cast.county, unit=unit, number="20230331-0007", kind="laborers", sha256="0" * 64
    )
    bulletin = Bulletin.objects.create(
        unit=unit,
        month=Month(2023, 3),
        version=1,
        title="三月通报",
        snapshot={},
        sentences=[],
        created_by=cast.city,
    )
    record("import.confirm", cast.county, batch, unit, number=batch.number, rows="a" * 64, new=3, changed=1)
    record("bulletin.draft", cast.city, bulletin, unit, version=1)
    record("import.undo", cast.county, "jobs.importbatch:nonsense", unit, left=0)
    client.force_login(cast.auditor)
    shown = client.get(reverse("accounts:audit")).content.decode()
    assert "新增：3，变更：1" in shown
    assert "行数：a" not in shown
    assert "新值" not in shown
    assert "导入批次 20230331-0007" in shown
    assert 'data-label="对象">三月通报<' in shown
    assert str(batch.pk) not in shown
    assert str(bulletin.pk) not in shown


@pytest.mark.parametrize(("who", "entry"), [("auditor", "操作记录"), ("admin", "用户"), ("county", "用户")])
def test_the_auditors_menu_leads_to_the_audit_trail(client, who, entry):
    client.force_login(getattr(cast_module.build(), who))
    labels = [one["label"] for one in client.get(reverse("home")).context["menu"]]
    assert {"用户", "操作记录"} & set(labels) == {entry}
