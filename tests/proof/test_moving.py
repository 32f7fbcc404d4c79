"""Scope is read per request and per task: an officer moved away loses everything at once, finished files included."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Level, Posting, Unit, User
from jobs import work
from jobs.exports import start_export
from jobs.models import ImportBatch, Job, StoredFile
from jobs.runner import run
from lib.staging import EXPORTS
from sampling.models import Call, Campaign
from tests import cast as cast_module
from tests import factories

pytestmark = pytest.mark.django_db
NO_RIGHT, OUT_OF_REACH = "您没有导出", "这一批已不在您的管辖范围内"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def cast(db) -> cast_module.Cast:
    return cast_module.build()


@pytest.fixture
def person(cast):
    found = factories.laborer(cast.units["99111"], "示例甲")
    factories.record(found)
    return found


def move(user: User, unit: Unit, role: str | None = None) -> None:
    """As accounts.actions does it, from this moment on."""
    Posting.objects.filter(user=user).update(unit=unit, **({"role": role} if role else {}))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def exported(cast) -> Job:
    return start_export("records", cast.county, cast.units["991"], factories.MARCH)


def ended(job: Job) -> Job:
    run(job.pk)
    job.refresh_from_db()
    return job


def test_the_next_request_of_an_old_session_finds_nothing(cast, person):
    client, address = signed_in(cast.county), reverse("ledgers:laborer", args=[person.pk])
    assert client.get(address).status_code == 200
    move(cast.county, cast.units["992"])
    assert client.get(address).status_code == 404
    assert "示例甲" not in client.get(reverse("ledgers:list")).content.decode()


def test_a_session_of_a_disabled_account_ends(cast, person):
    client = signed_in(cast.county)
    User.objects.filter(pk=cast.county.pk).update(is_active=False)
    assert client.get(reverse("ledgers:laborer", args=[person.pk])).status_code == 302


def test_a_queued_export_fails_with_a_sentence(cast, person):
    job = exported(cast)
    move(cast.county, cast.units["992"])
    assert ended(job).state == Job.State.FAILED
    assert NO_RIGHT in job.note
    assert not StoredFile.objects.exists()


def test_a_queued_export_of_a_disabled_account_fails(cast, person):
    job = exported(cast)
    User.objects.filter(pk=cast.county.pk).update(is_active=False)
    assert ended(job).state == Job.State.FAILED
    assert NO_RIGHT in job.note


def test_an_export_fails_when_its_owner_moves_while_it_runs(cast, person, monkeypatch):
    whole = EXPORTS["records"]

    def rows(user, unit, month):
        for row in whole.rows(user, unit, month):
            move(cast.county, cast.units["992"])
            yield row

    monkeypatch.setitem(EXPORTS, "records", dataclasses.replace(whole, rows=rows))
    job = ended(exported(cast))
    assert (job.state, job.result_file) == (Job.State.FAILED, None)
    assert NO_RIGHT in job.note
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("code", "role"), [("992", None), ("9911", "township"), ("991", "auditor"), ("991", "admin")]
)
def test_a_finished_file_cannot_be_fetched_any_more(cast, person, code, role):
    job = ended(exported(cast))
    client, address = signed_in(cast.county), reverse("jobs:download", args=[job.result_file.pk])
    assert client.get(address).status_code == 200
    move(cast.county, cast.units[code], role)
    gone, never = client.get(address), client.get(reverse("jobs:download", args=[UNKNOWN]))
    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content
    assert address not in client.get(reverse("jobs:mine")).content.decode()


@pytest.mark.parametrize("start", [work.start_staging, work.start_confirming, work.start_undoing])
def test_a_queued_import_of_somebody_moved_away_writes_nothing(cast, start):
    batch = ImportBatch.objects.create(
        owner=cast.village, unit=cast.units["99111"], number="1", kind="laborers", sha256="0" * 64,
        state=ImportBatch.State.STAGED, new=1,
        source=StoredFile.objects.create(owner=cast.village, name="名单.xlsx", content_type="x", sha256="0" * 64),
    )  # fmt: skip
    job = start(batch)
    move(cast.village, cast.units["99112"])
    assert ended(job).state == Job.State.FAILED
    assert OUT_OF_REACH in job.note


def test_a_samplers_grant_ends_when_the_sample_is_due(cast, person, monkeypatch):
    campaign = Campaign.objects.create(
        unit=cast.units["99"], month=factories.MARCH, name="三月抽查", due_on=dt.date(2023, 3, 25)
    )
    call = Call.objects.create(
        campaign=campaign,
        laborer=person,
        village=person.village,
        township=person.village.parent,
        caller=cast.sampler,
    )
    address = reverse("sampling:call", args=[call.pk])
    for day, status in ((25, 200), (26, 404)):
        moment = dt.datetime(2023, 3, day, 0, 0, 1, tzinfo=timezone.get_default_timezone())
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        client = signed_in(cast.sampler)
        assert client.get(address).status_code == status
        revealed = client.post(reverse("sampling:reveal", args=[call.pk]), {"reason": "核对身份信息"})
        assert revealed.status_code == status
        assert ("示例甲" in client.get(reverse("sampling:calls", args=[campaign.pk])).content.decode()) is (
            status == 200
        )


def test_the_office_that_was_left_is_not_told_where_somebody_serves_today(cast):
    far = factories.unit("98", "彼岸市", Level.CITY)
    Posting.objects.filter(user=cast.village).update(until="2022-12-31")
    Posting.objects.create(user=cast.village, unit=far, role="auditor", since="2023-01-01")
    client = signed_in(cast.county)
    for page in (reverse("accounts:users"), reverse("accounts:user", args=[cast.village.pk])):
        shown = client.get(page).content.decode()
        assert "村信息员" in shown
        assert "彼岸市" not in shown
