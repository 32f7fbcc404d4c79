"""An export runs as a job of its owner, whose reach is looked up again when it runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.models import Posting
from jobs import exports, files, runner
from jobs.models import Job
from lib.month import Month
from lib.staging import EXPORTS, Export

pytestmark = pytest.mark.django_db
MARCH = Month(2023, 3)


@pytest.fixture(autouse=True)
def export(monkeypatch) -> None:
    rows = lambda user, unit, month: ([str(n)] for n in range(250))  # noqa: E731
    made = Export(
        "numbers", "数字表", ("person", "x"), ("数",), rows, count=lambda *scope: 250, personal=True
    )
    monkeypatch.setitem(EXPORTS, "numbers", made)


def test_the_file_waits_for_its_owner(cast) -> None:
    job = exports.start_export("numbers", cast.county, cast.units["991"], MARCH)
    assert exports.start_export("numbers", cast.county, cast.units["991"], MARCH) == job
    runner.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.result, job.queue) == ("done", {"rows": 250}, "small")
    assert job.result_file.name == "甲县2023-03数字表.xlsx"
    assert files.may_open(job.result_file, cast.county)


def test_a_revoked_right_stops_the_waiting_export(cast) -> None:
    job = exports.start_export("numbers", cast.county, cast.units["991"], MARCH)
    Posting.objects.filter(user=cast.county).update(unit=cast.units["992"])
    runner.run_waiting()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "管辖范围" in job.note


def test_nobody_exports_what_the_role_does_not_allow(cast) -> None:
    with pytest.raises(NotAllowed, match="权限"):
        exports.start_export("numbers", cast.village, cast.units["99111"], MARCH)


@pytest.mark.parametrize(
    ("name", "page", "label"), [("units", "unit", "导出单位名单"), ("users", "users", "导出用户名单")]
)
def test_a_county_takes_the_list_of_units_and_of_users_from_their_pages(
    client, cast, name, page, label
) -> None:
    client.force_login(cast.county)
    address = reverse(f"accounts:{page}", args=["991"] if page == "unit" else [])
    assert label in client.get(address).content.decode()
    client.post(reverse("jobs:export", args=[name]), {"unit": "991"})
    runner.run_waiting()
    assert Job.objects.get().state == "done"


@pytest.mark.parametrize(("who", "name", "unit"), [
    ("county", "users", "992"), ("county", "laborers", "991"), ("township", "users", "9911"),
])  # fmt: skip
def test_no_list_is_taken_beyond_right_and_reach(client, cast, who, name, unit) -> None:
    client.force_login(getattr(cast, who))
    assert client.post(reverse("jobs:export", args=[name]), {"unit": unit}).status_code == 404
    assert not Job.objects.exists()


def test_the_exports_of_a_day_are_limited_and_the_first_refusal_is_an_alert(cast, settings) -> None:
    settings.EXPORT_LIMIT_PER_DAY = 2
    for month in (MARCH, MARCH + 1):
        exports.start_export("numbers", cast.county, cast.units["991"], month)
    for _ in range(3):
        with pytest.raises(NotAllowed, match="已到上限"):
            exports.start_export("numbers", cast.county, cast.units["991"], MARCH + 2)
    assert AuditEntry.objects.filter(action="export.limit", actor=cast.county).count() == 1
    exports.start_export("units", cast.county, cast.units["991"], None)  # names nobody
    Job.objects.update(created_at=timezone.now() - dt.timedelta(days=1))
    exports.start_export("numbers", cast.county, cast.units["991"], MARCH + 3)


def test_a_refused_list_leads_back_with_the_sentence(client, cast, settings, monkeypatch) -> None:
    settings.EXPORT_LIMIT_PER_DAY = 1
    exports.start_export("numbers", cast.county, cast.units["991"], MARCH)
    monkeypatch.setitem(EXPORTS, "users", replace(EXPORTS["users"], personal=True))
    client.force_login(cast.county)
    answer = client.post(reverse("jobs:export", args=["users"]), {"unit": "991"}, follow=True)
    assert "已到上限" in answer.content.decode()
