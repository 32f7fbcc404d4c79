"""The same month gives the same bytes: in every zone, with every hash seed, on both databases, and a year later."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from functools import partial

import pytest
from django.db import connection

from accounts import actions as units
from accounts.models import Posting, Unit
from ledgers import actions as ledger
from ledgers import facts
from ledgers.counting import Thresholds, decide
from ledgers.models import Laborer, MonthlyRecord
from reports import rollup
from reports.bulletins import formats
from tests.factories import MARCH
from tests.reports import bulletin_world
from tests.stack import ROOT

ZONES = {"UTC": "+0000", "America/New_York": "", "Asia/Shanghai": "+0800"}  # New York has two
SEEDS = ("0", "1", "random")


def child(environment: dict[str, str], what: str, zone: str = "UTC", seed: str = "0") -> dict:
    more = {"TZ": zone, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.proof_data.same", what]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment | more | {"DATA_DIR": os.environ["DATA_DIR"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


def test_zone_and_hash_seed_of_the_process_do_not_change_a_byte(test_environment):
    told = [child(test_environment, "month", zone, seed) for zone, seed in zip(ZONES, SEEDS)]
    assert len({one["zone"] for one in told}) == 3  # the zones were really in force
    assert {one["database"] for one in told} == {connection.vendor}
    for one in told:
        assert one["issued"] == "2023-04-10"
        assert one["content"] == told[0]["content"]
        assert one["files"] == told[0]["files"]
    assert not Unit.objects.exists()  # each child took its rows back


@pytest.mark.stack
def test_sqlite_and_postgresql_give_the_same_bytes(test_environment, tmp_path):
    assert connection.vendor == "postgresql"
    sqlite = test_environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite3'}"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=sqlite, check=True
    )
    one, other = child(test_environment, "month"), child(sqlite, "month", "America/New_York", "random")
    assert (one.pop("database"), other.pop("database")) == ("postgresql", "sqlite")
    assert one["files"] == other["files"]
    assert one["content"] == other["content"]


# moment → (day, month, its last day, whether the months before, this and after may be filled in, how long it is due)
BORDERS = {
    "2023-03-19T23:59:59.9": ("2023-03-19", "2023-03", "2023-03-31", "还剩 1 天"),
    "2023-03-20T00:00:00": ("2023-03-20", "2023-03", "2023-03-31", "今天截止"),
    "2023-03-20T23:59:59.9": ("2023-03-20", "2023-03", "2023-03-31", "今天截止"),
    "2023-03-31T23:59:59.9": ("2023-03-31", "2023-03", "2023-03-31", "已超期 11 天"),
    "2023-04-01T00:00:00": ("2023-04-01", "2023-04", "2023-04-30", "还剩 19 天"),
    "2023-12-31T23:59:59.9": ("2023-12-31", "2023-12", "2023-12-31", "已超期 11 天"),
    "2024-01-01T00:00:00": ("2024-01-01", "2024-01", "2024-01-31", "还剩 19 天"),
    "2024-02-28T23:59:59.9": ("2024-02-28", "2024-02", "2024-02-29", "已超期 8 天"),
    "2024-02-29T00:00:00": ("2024-02-29", "2024-02", "2024-02-29", "已超期 9 天"),
    "2024-02-29T23:59:59.9": ("2024-02-29", "2024-02", "2024-02-29", "已超期 9 天"),
    "2024-03-01T00:00:00": ("2024-03-01", "2024-03", "2024-03-31", "还剩 19 天"),
    "2023-02-28T23:59:59.9": ("2023-02-28", "2023-02", "2023-02-28", "已超期 8 天"),
}


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_and_a_month_begin_in_china_whatever_the_zone_of_the_process(test_environment, zone):
    told = child(test_environment, "days", zone)
    assert told["zone"] == ZONES[zone] or zone == "America/New_York"
    expected = {
        moment: [day, month, last, [True, True, False], due]
        for moment, (day, month, last, due) in BORDERS.items()
    }
    assert told["moments"] == expected


@pytest.mark.django_db
def test_a_published_bulletin_rebuilt_a_year_later_gives_the_same_bytes(monkeypatch):
    world = bulletin_world.small_city()
    cast, published = world.cast, world.published()
    same = (
        "html",
        "json",
        "pdf",
    )  # Word and Excel files say when they were written: there the kept ones count
    assert all(formats.render(published, form) == formats.content(published, form) for form in same)
    before = {form: formats.content(published, form) for form in formats.CONTENT_TYPES}

    ledger.reopen_month(world.city, MARCH, cast.city, "更正收入数")
    Laborer.objects.filter(village__code="99111").update(name="改名")
    MonthlyRecord.objects.filter(village__code="99111", month=MARCH).update(income=100, declared=True)
    units.rename_unit(cast.units["99111"], "新一村", cast.admin)
    units.rename_unit(cast.units["991"], "丙区", cast.admin)
    units.move_unit(cast.units["99211"], cast.units["9911"], dt.date(2023, 3, 2), cast.admin)
    rollup.recompute(MARCH)
    Posting.objects.filter(unit=cast.units["99111"]).delete()
    units.close_unit(cast.units["99111"], dt.date(2023, 3, 15), cast.admin, into=cast.units["99112"])
    monkeypatch.setattr("ledgers.facts.decide", partial(decide, thresholds=Thresholds(income_outside=99_000)))
    facts.refresh(MARCH)
    rollup.recompute(MARCH)

    again = world.again(published)
    assert {form: formats.content(again, form) for form in before} == before
    assert {form: formats.render(again, form) for form in same} == {form: before[form] for form in same}
    following = _next_version(world)  # the new version has everything that changed
    assert "丙区" in formats.render(following, "html").decode()
    assert following.snapshot["slots"]["I01:991"] != again.snapshot["slots"]["I01:991"]


def _next_version(world: bulletin_world.World):
    from reports.bulletins import actions
    from reports.models import Bulletin

    published = Bulletin.objects.get()
    actions.ask_reopen(published, world.cast.city, "更正收入数")
    return actions.reopen(published, world.cast.city2)
