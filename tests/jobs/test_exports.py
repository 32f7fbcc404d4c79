"""An export runs as a job of its owner, whose reach is looked up again when it runs."""

from __future__ import annotations

import pytest

from accounts.models import Posting
from jobs import exports, files, runner
from lib.month import Month
from lib.staging import EXPORTS, Export

pytestmark = pytest.mark.django_db
MARCH = Month(2023, 3)


@pytest.fixture(autouse=True)
def export(monkeypatch) -> None:
    rows = lambda user, unit, month: ([str(n)] for n in range(250))  # noqa: E731
    made = Export("numbers", "数字表", ("person", "x"), ("数",), rows, count=lambda *scope: 250)
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
    with pytest.raises(exports.NotAllowed, match="权限"):
        exports.start_export("numbers", cast.village, cast.units["99111"], MARCH)
