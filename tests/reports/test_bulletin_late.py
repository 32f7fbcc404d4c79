"""Who filled in after the deadline by somebody's leave stands in the notes of the month's bulletin."""

from __future__ import annotations

import datetime as dt

import pytest

from ledgers.models import EntryException
from lib.month import SHANGHAI
from reports.bulletins import actions, annexes, as_json, checks, formats
from reports.bulletins.printed_files import html_text
from reports.bulletins.snapshot import take
from tests.factories import MARCH
from tests.reports import bulletin_world

pytestmark = pytest.mark.django_db
REASON = "山洪断网2天，漏报3人"
BEFORE = "注：数据截至2023年3月底；差额按各单位目标分别计算，不累加；公益性岗位基期为2022年10月。"
TOLD = (
    "填报截止后经批准补录的单位：甲东镇甲东一村、甲东镇甲东二村（山洪断网2天，漏报3人，甲县批准，截至2023年3月25日）；"
    "甲西镇（退回补正，甲县批准，截至2023年3月27日）。"
)


@pytest.fixture
def world():
    return bulletin_world.small_city()


def allowed(world, code: str, days: int, reason: str = REASON, **more) -> EntryException:
    return EntryException.objects.create(
        unit=world.cast.units[code], month=MARCH, days=days, reason=reason, office=world.cast.units["991"],
        granted_by=world.cast.county, granted_at=dt.datetime(2023, 3, 22, 10, tzinfo=SHANGHAI), **more,
    )  # fmt: skip


def note(bulletin) -> str:
    return annexes.annexes(bulletin.snapshot)[-1].note


def test_without_exceptions_the_notes_say_what_they_always_said(world):
    EntryException.objects.create(
        unit=world.cast.units["99111"], month=MARCH + 1, days=1, reason=REASON, office=world.cast.units["991"],
        granted_by=world.cast.county,
    )  # fmt: skip
    draft = world.draft()
    assert note(draft) == BEFORE
    assert "T:late" not in draft.snapshot["slots"]


def test_units_reasons_offices_and_days_stand_in_the_notes_and_every_file_prints_them(world):
    for code, days, reason in (
        ("99111", 3, REASON),
        ("99112", 3, REASON),
        ("9912", 5, "退回补正"),
        ("99111", 3, REASON),
    ):
        allowed(world, code, days, reason)
    draft = world.draft()
    assert note(draft) == BEFORE + TOLD
    assert checks.problems(draft, files=True) == []
    assert TOLD in html_text(formats.content(draft, "html"))
    assert as_json.data(draft)["annexes"][-1]["note"] == BEFORE + TOLD


def test_a_county_names_its_own_and_not_those_of_its_neighbour(world):
    allowed(world, "99111", 3)
    units = world.cast.units
    assert "T:late" in take(units["991"], MARCH)["slots"]
    assert "T:late" not in take(units["992"], MARCH)["slots"]


def test_what_is_granted_or_ended_later_makes_a_draft_stale_and_leaves_a_published_one_alone(world):
    published = world.published()
    one = allowed(world, "99111", 5)
    assert note(world.again(published)) == BEFORE
    told = [problem.text for problem in checks.problems(world.again(published))]
    assert any("例外补录" in words for words in told)
    draft = actions.draft(world.cast.units["991"], MARCH, world.cast.city)
    assert "截至2023年3月27日" in note(draft)
    one.ended_at, one.ended_by = dt.datetime(2023, 3, 24, 9, tzinfo=SHANGHAI), world.cast.county
    one.save()
    assert any("例外补录" in problem.text for problem in checks.problems(draft))
    actions.refresh(draft, world.cast.city)
    assert "截至2023年3月24日" in note(world.again(draft))
