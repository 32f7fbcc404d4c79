"""Two villages become one: people and open months go on there, what is over stays, and nobody is lost on the way."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from django.urls import reverse

from accounts import actions
from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.models import Posting
from ledgers import facts
from ledgers.collection import contacts
from ledgers.collection.actions import keep
from ledgers.counting import Thresholds, decide
from ledgers.models import Household, Laborer, MonthClosing, MonthlyRecord, PersonChange
from posts.models import Post
from reports import reading, rollup
from tests import cast as cast_module
from tests import factories
from tests.factories import MARCH
from tests.ledgers.contacting import shown

pytestmark = pytest.mark.django_db
FEBRUARY, DAY = MARCH + -1, dt.date(2023, 3, 15)


@pytest.fixture
def cast():
    """Three people in the village that goes and two in the one that stays, February closed, March open."""
    made = cast_module.build()
    for village, number in (("99111", 3), ("99112", 2)):
        for _ in range(number):
            person = factories.laborer(made.units[village])
            factories.spell(person)
            for month in (FEBRUARY, MARCH):
                factories.record(person, month)
    for month in (FEBRUARY, MARCH):
        rollup.recompute(month)
    close(made, "991", FEBRUARY)
    Posting.objects.filter(unit=made.units["99111"]).delete()
    return made


def close(cast, code: str, month) -> None:
    MonthClosing.objects.create(unit=cast.units[code], month=month, closed_by=cast.county)


def merge(cast, day: dt.date = DAY, into: str = "99112") -> None:
    actions.close_unit(cast.units["99111"], day, cast.county, into=cast.units[into])


def counted(cast, month, *codes: str) -> list[int]:
    rollup.recompute(month)
    units = [cast.units[code] for code in codes]
    values = reading.values(units, month)
    return [values[unit.pk]["I01"].numerator for unit in units]


def test_who_may_close_a_unit_without_seeing_people_loses_nobody(client, cast):
    village = cast.units["99111"]
    client.force_login(cast.admin)
    before = set(Laborer.objects.values_list("pk", flat=True))
    for into, day in ((None, None), ("99112", DAY)):
        answer = {"act": "close", "day": DAY.isoformat(), "into": into or "", "sure": "on"}
        client.post(reverse("accounts:unit", args=[village.code]), answer)
        village.refresh_from_db()
        assert village.closed_on == day
    assert set(Laborer.objects.filter(village=cast.units["99112"]).values_list("pk", flat=True)) == before


def test_months_before_the_merge_stand_on_the_page_of_the_person(client, cast):
    person = Laborer.objects.filter(village=cast.units["99111"]).first()
    merge(cast)
    client.force_login(cast.neighbour_village)
    shown = client.get(reverse("ledgers:laborer", args=[person.pk])).context["strip"]
    assert [one.month for one in shown if one.record] == [FEBRUARY, MARCH]


def test_people_households_and_open_months_go_on_in_the_village_that_remains(cast):
    post = Post.objects.create(
        number="P1",
        unit=cast.units["99111"],
        title="保洁员",
        category="保洁员",
        opened_on=dt.date(2022, 1, 1),
    )
    before = dict(Laborer.objects.values_list("pk", "version"))
    merge(cast)
    stays = cast.units["99112"]
    assert (
        Laborer.objects.filter(village=stays).count() == Household.objects.filter(village=stays).count() == 5
    )
    assert MonthlyRecord.objects.filter(village=stays, month=MARCH).count() == 5
    post.refresh_from_db()
    assert post.unit == stays
    raised = [pk for pk, version in Laborer.objects.values_list("pk", "version") if version > before[pk]]
    assert len(raised) == 3
    entry = AuditEntry.objects.latest()
    assert (entry.action, entry.detail["into"], entry.detail["people"]) == ("unit.close", "99112", 3)
    told = PersonChange.objects.get(laborer=raised[0])
    assert (told.what, told.changes) == ("村并入", [["行政村", "甲东一村", "甲东二村"]])
    assert stays.aliases.get().name == "甲东一村"


def test_the_month_that_was_closed_stays_and_no_total_changes(cast):
    frozen = list(MonthlyRecord.objects.filter(month=FEBRUARY).order_by("pk").values())
    merge(cast)
    assert list(MonthlyRecord.objects.filter(month=FEBRUARY).order_by("pk").values()) == frozen
    assert counted(cast, FEBRUARY, "99111", "99112", "9911", "99") == [3, 2, 5, 5]
    assert counted(cast, MARCH, "99112", "9911", "99") == [5, 5, 5]


def test_a_person_brought_over_is_verified_in_the_open_month(cast):
    merge(cast)
    person = Laborer.objects.filter(changes__what="村并入").first()
    township = cast.everyone()["township"]
    contacts.contact(person, MARCH, "电话", "unchanged", shown(person), township)
    row = person.records.get(month=MARCH)
    assert (row.village, row.verify_state) == (cast.units["99112"], "已核实")
    assert person.records.get(month=FEBRUARY).village == cast.units["99111"]


@pytest.mark.parametrize(
    ("day", "closed", "says"),
    [
        (dt.date(2023, 2, 27), (), "2023年2月已经关闭，撤销日期不能早于2023年2月28日"),
        (DAY, (("991", MARCH),), "2023年3月已经关闭，撤销日期不能早于2023年3月31日"),
        (DAY, (("99111", FEBRUARY + -1),), "2023年1月只有其中一个村关闭"),
    ],
)
def test_a_merge_that_would_change_a_closed_month_is_refused(cast, day, closed, says):
    for code, month in closed:
        close(cast, code, month)
    with pytest.raises(NotAllowed, match=says):
        merge(cast, day)
    assert Laborer.objects.filter(village=cast.units["99111"]).count() == 3


def test_a_village_with_people_is_not_closed_without_a_successor(cast):
    with pytest.raises(NotAllowed, match="台账上还有3人"):
        actions.close_unit(cast.units["99111"], DAY, cast.county)
    cast.units["99111"].refresh_from_db()
    assert cast.units["99111"].closed_on is None


def test_a_village_with_a_post_is_not_closed_without_a_successor(cast):
    empty = actions.add_unit(
        code="99119", name="空村", level="village", parent=cast.units["9911"], by=cast.county
    )
    Post.objects.create(
        number="P2", unit=empty, title="保洁员", category="保洁员", opened_on=dt.date(2022, 1, 1)
    )
    with pytest.raises(NotAllowed, match="公益性岗位"):
        actions.close_unit(empty, DAY, cast.county)


def test_other_thresholds_change_open_months_only(cast, monkeypatch):
    frozen = list(MonthlyRecord.objects.filter(month=FEBRUARY).order_by("pk").values())
    monkeypatch.setattr("ledgers.facts.decide", partial(decide, thresholds=Thresholds(income_outside=99_000)))
    for month in (FEBRUARY, MARCH):
        facts.refresh(month)
    assert list(MonthlyRecord.objects.filter(month=FEBRUARY).order_by("pk").values()) == frozen
    assert counted(cast, FEBRUARY, "99") == [5]
    assert counted(cast, MARCH, "99") == [0]
    assert set(MonthlyRecord.objects.filter(month=MARCH).values_list("reason", flat=True)) == {"income_short"}


def test_the_page_of_the_unit_merges(client, cast):
    client.force_login(cast.county)
    form = {"act": "close", "day": "2023-03-15", "sure": "on"}
    refused = client.post("/accounts/units/99111/", form)
    assert "请选择并入哪个村" in refused.content.decode()
    assert client.post("/accounts/units/99111/", form | {"into": "99112"}).status_code == 302
    assert Laborer.objects.filter(village=cast.units["99112"]).count() == 5


def test_a_form_on_its_way_goes_with_its_person(cast):
    person = Laborer.objects.filter(village=cast.units["99111"]).first()
    form = factories.form(person, begun_by=cast.village)
    merge(cast)
    form.refresh_from_db()
    assert form.village == cast.units["99112"]
    assert keep(form, "employer", "甲厂", "示例电子厂", cast.neighbour_village).values["employer"] == "甲厂"
