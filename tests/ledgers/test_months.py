"""Closing and reopening: who may, what is frozen, and that the database itself keeps it."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.authority import NotAllowed
from accounts.models import AuditEntry, Posting
from jobs import runner
from jobs.models import Job
from ledgers import actions, facts
from ledgers.models import MonthClosing, MonthlyRecord
from ledgers.periods import PeriodClosed, period_state
from ledgers.work import start_opening
from lib.month import Month
from tests import cast as casting
from tests import factories
from tests.factories import MARCH


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture
def row(cast) -> MonthlyRecord:
    return factories.record(factories.laborer(cast.units["99111"]), verify_state="已核实")


def test_closing_freezes_the_unit_and_everything_below(cast, row):
    closing = actions.close_month(cast.units["991"], MARCH, cast.county)
    assert (closing.people, closing.verified, closing.counted) == (1, 1, 1)
    for code, open_ in (("991", False), ("9911", False), ("99111", False), ("99", True), ("992", True)):
        assert period_state(cast.units[code], MARCH).is_open is open_
    assert AuditEntry.objects.get(action="month.close").detail["people"] == 1


def test_a_closed_month_is_not_closed_again_by_anyone_below(cast, row):
    actions.close_month(cast.units["99"], MARCH, cast.city)
    for code, user in (("99", cast.city), ("991", cast.county)):
        with pytest.raises(PeriodClosed, match="已由示例市关闭"):
            actions.close_month(cast.units[code], MARCH, user)
    assert MonthClosing.objects.count() == 1


def test_a_month_to_come_is_not_closed(cast, row):
    with pytest.raises(PeriodClosed, match="还没有到"):
        actions.close_month(cast.units["99"], Month.current() + 1, cast.city)


def test_a_month_without_a_ledger_is_not_closed(cast):
    with pytest.raises(NotAllowed, match="还没有台账"):
        actions.close_month(cast.units["99"], MARCH, cast.city)


@pytest.mark.parametrize("who", ["village", "township", "neighbour_county", "auditor", "admin", "sampler"])
def test_who_may_not_close(cast, row, who):
    with pytest.raises(NotAllowed):
        actions.close_month(cast.units["991"], MARCH, getattr(cast, who))


def test_what_the_city_closed_the_county_cannot_open(cast, row):
    actions.close_month(cast.units["99"], MARCH, cast.city)
    for unit in ("99", "991"):
        with pytest.raises(NotAllowed):
            actions.reopen_month(cast.units[unit], MARCH, cast.county, "县里想改一个人")
    actions.reopen_month(cast.units["99"], MARCH, cast.city, "市办核实后补录")
    assert period_state(cast.units["99111"], MARCH).is_open


def test_the_city_opens_what_a_county_closed_and_the_closing_stays_on_record(cast, row):
    actions.close_month(cast.units["991"], MARCH, cast.county)
    actions.reopen_month(cast.units["991"], MARCH, cast.city, "市办核实后补录")
    actions.close_month(cast.units["991"], MARCH, cast.county)
    first, second = MonthClosing.objects.order_by("pk")
    assert (first.reopened_by, first.reason) == (cast.city, "市办核实后补录")
    assert second.reopened_at is None


def test_reopening_wants_a_reason(cast, row):
    actions.close_month(cast.units["991"], MARCH, cast.county)
    with pytest.raises(NotAllowed, match="重开原因"):
        actions.reopen_month(cast.units["991"], MARCH, cast.county, " 改 ")


def _refused(act) -> bool:
    try:
        with transaction.atomic():
            act()
    except DatabaseError:
        return True
    return False


def test_the_database_refuses_every_way_around_a_closed_month(cast, row):
    other = factories.laborer(cast.units["99112"])
    elsewhere = factories.record(factories.laborer(cast.units["99211"]))
    actions.close_month(cast.units["991"], MARCH, cast.county)
    rows = MonthlyRecord.objects.filter(pk=row.pk)
    assert _refused(lambda: factories.record(other))
    flags = {"is_poverty": True, "is_monitored": False, "working": False, "reason": "not_working"}
    late = MonthlyRecord(laborer=other, month=MARCH, village=other.village, **flags)
    assert _refused(lambda: MonthlyRecord.objects.bulk_create([late]))
    assert _refused(lambda: rows.update(income=1))
    assert _refused(lambda: rows.update(village=cast.units["99211"]))
    assert _refused(lambda: rows.update(month="2023-04"))
    assert _refused(lambda: rows.delete())
    assert _refused(lambda: MonthlyRecord.objects.filter(pk=elsewhere.pk).update(village=cast.units["99111"]))
    MonthlyRecord.objects.filter(pk=elsewhere.pk).update(income=1)
    factories.record(other, MARCH + 1)
    actions.reopen_month(cast.units["991"], MARCH, cast.county, "村里漏报一人")
    assert not _refused(lambda: factories.record(other))


def test_the_page_shows_what_closing_freezes_and_a_reading_request_closes_nothing(client, cast, row):
    client.force_login(cast.county)
    address = reverse("ledgers:close_month", args=["991", MARCH])
    assert "将关闭的记录" in client.get(address).content.decode()
    assert not MonthClosing.objects.exists()
    client.post(address)
    client.post(address)
    assert MonthClosing.objects.count() == 1
    shown = client.get(reverse("ledgers:months")).content.decode()
    assert "已关闭" in shown
    again = client.post(reverse("ledgers:reopen_month", args=["991", MARCH]), {"reason": "错"})
    assert again.status_code == 422
    client.post(reverse("ledgers:reopen_month", args=["991", MARCH]), {"reason": "村里漏报一人"})
    assert period_state(cast.units["991"], MARCH).is_open


@pytest.mark.parametrize("who", ["township", "village", "neighbour_county", "auditor"])
def test_others_cannot_close_through_the_page(client, cast, row, who):
    client.force_login(getattr(cast, who))
    assert client.post(reverse("ledgers:close_month", args=["991", MARCH])).status_code == 404
    assert not MonthClosing.objects.exists()


def test_the_months_of_elsewhere_are_not_shown(client, cast, row):
    client.force_login(cast.neighbour_county)
    assert client.get(reverse("ledgers:months"), {"unit": "991"}).status_code == 404


def test_the_command_answers_in_json(cast, row, capsys):
    call_command("close_month", "--unit=991", "--month=2023-03", "--as=xian", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"unit", "month", "closed_at", "people", "counted"}
    assert (answer["unit"], answer["month"], answer["people"], answer["counted"]) == ("991", "2023-03", 1, 1)
    with pytest.raises(CommandError, match="已由甲县关闭"):
        call_command("close_month", "--unit=991", "--month=2023-03", "--as=xian")


def test_the_command_keeps_to_the_users_reach(cast, row):
    with pytest.raises(CommandError, match="管辖范围"):
        call_command("close_month", "--unit=991", "--month=2023-03", "--as=xian2")


# ── beginning a month ────────────────────────────────────────────────────────────────────────────────────────────
APRIL = MARCH + 1


def _begin(client, user, month, unit="991"):
    client.force_login(user)
    return client.post(reverse("ledgers:open_month", args=[unit, month]), follow=True).content.decode()


def test_a_county_begins_the_next_month_from_the_page_and_everyone_is_unverified(client, cast, row):
    client.force_login(cast.county)
    assert "开始2023年4月" in client.get(reverse("ledgers:months")).content.decode()
    asked = client.get(reverse("ledgers:open_month", args=["991", APRIL])).content.decode()
    assert "将建立当月记录" in asked
    assert not MonthlyRecord.objects.filter(month=APRIL).exists()
    assert "建立1人的当月记录" in _begin(client, cast.county, APRIL)
    made = MonthlyRecord.objects.get(month=APRIL)
    assert (made.laborer_id, made.verify_state) == (row.laborer_id, "未核实")
    assert AuditEntry.objects.get(action="month.open").detail["people"] == 1
    assert "2023年4月台账" in client.get(reverse("ledgers:list")).content.decode()
    assert "不用开始" in _begin(client, cast.county, APRIL)


def test_a_month_that_came_by_import_for_one_village_can_still_be_begun_for_the_others(cast, row):
    early = factories.record(factories.laborer(cast.units["99112"]), APRIL, verify_state="已核实")
    assert facts.month_to_begin(cast.units["991"]) == APRIL
    assert actions.begin_month(cast.units["991"], APRIL, cast.county) == 1
    early.refresh_from_db()
    assert early.verify_state == "已核实"
    assert facts.month_to_begin(cast.units["991"]) == APRIL + 1


@pytest.mark.parametrize("month", [MARCH, MARCH - 1, MARCH + 2])
def test_only_the_month_that_is_due_begins(client, cast, row, month):
    assert "可以开始的是2023年4月" in _begin(client, cast.county, month)
    assert MonthlyRecord.objects.count() == 1


def test_a_month_to_come_or_closed_does_not_begin(client, cast):
    this = Month.current()
    factories.record(factories.laborer(cast.units["99111"]), this)
    assert facts.month_to_begin(cast.units["991"]) is None
    assert "还没有到" in _begin(client, cast.county, this + 1)
    assert MonthlyRecord.objects.count() == 1


@pytest.mark.parametrize("who", ["village", "township", "neighbour_county", "auditor", "admin", "sampler"])
def test_who_may_not_begin_a_month(client, cast, row, who):
    client.force_login(getattr(cast, who))
    assert client.post(reverse("ledgers:open_month", args=["991", APRIL])).status_code == 404
    with pytest.raises(NotAllowed):
        actions.begin_month(cast.units["991"], APRIL, getattr(cast, who))
    assert not MonthlyRecord.objects.filter(month=APRIL).exists()


def test_a_large_unit_begins_its_month_as_a_job(client, cast, row, monkeypatch):
    monkeypatch.setattr("ledgers.views.months.AT_ONCE", 0)
    _begin(client, cast.county, APRIL)
    job = Job.objects.get(kind="ledgers.open_month")
    assert not MonthlyRecord.objects.filter(month=APRIL).exists()
    runner.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"people": 1})
    assert MonthlyRecord.objects.filter(month=APRIL).count() == 1


def test_a_right_lost_meanwhile_stops_the_job(cast, row):
    job = start_opening(cast.units["991"], APRIL, cast.county)
    Posting.objects.filter(user=cast.county).update(unit=cast.units["992"])
    runner.run_waiting()
    job.refresh_from_db()
    assert (job.state, "权限" in job.note) == ("failed", True)
    assert not MonthlyRecord.objects.filter(month=APRIL).exists()


def test_what_the_city_closed_is_counted_for_a_county_and_both_must_reopen(client, cast, row):
    factories.record(factories.laborer(cast.units["99112"]), verify_state="未核实")
    actions.close_month(cast.units["991"], MARCH, cast.county)
    client.force_login(cast.city)
    address = reverse("ledgers:months")
    assert "两级都重开" not in client.get(address, {"unit": "991"}).content.decode()
    actions.close_month(cast.units["99"], MARCH, cast.city)
    line = client.get(address, {"unit": "991"}).context["lines"][0]
    assert (line.people_text, line.verified_text, line.counted_text) == ("2", "1", "2")
    assert "两级都重开以后才能更正" in client.get(address, {"unit": "991"}).content.decode()
