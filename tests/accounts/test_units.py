"""Units: who may change which, and what a move leaves in the history."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import actions
from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.models import Custody, Level, Unit

APRIL = dt.date(2023, 4, 1)
MARCH = dt.date(2023, 3, 31)


def test_a_moved_township_takes_its_villages_and_keeps_its_past(cast):
    units = cast.units
    actions.move_unit(units["9911"], units["992"], APRIL, cast.city)
    village = Unit.objects.get(code="99111")
    assert village.path == "99/992/9911/99111/"
    assert village.parent_id == units["9911"].pk
    assert set(Unit.objects.under_on(units["991"], MARCH)) >= {village, units["9911"]}
    assert village not in Unit.objects.under_on(units["991"], APRIL)
    assert village in Unit.objects.under_on(units["992"], APRIL)
    assert village not in Unit.objects.under_on(units["992"], MARCH)
    assert AuditEntry.objects.latest().action == "unit.move"


def test_a_moved_unit_stands_last_among_its_new_siblings(cast):
    actions.move_unit(cast.units["9911"], cast.units["992"], APRIL, cast.city)
    in_order = list(Unit.objects.under(cast.units["992"]).in_order().values_list("code", flat=True))
    assert in_order == ["992", "9921", "99211", "99212", "9922", "99221", "99222", "9911", "99111", "99112"]


def test_there_is_one_custody_for_every_day(cast):
    actions.move_unit(cast.units["9911"], cast.units["992"], APRIL, cast.city)
    actions.move_unit(cast.units["9911"], cast.units["991"], dt.date(2023, 6, 1), cast.city)
    unit = cast.units["9911"]
    for day in (dt.date(2022, 1, 1), MARCH, APRIL, dt.date(2023, 5, 31), dt.date(2023, 6, 1)):
        assert Custody.objects.on(day).filter(unit=unit).count() == 1


def test_a_closed_village_stays_where_it_was_when_its_township_moves(cast):
    cast.village.postings.all().delete()
    actions.close_unit(cast.units["99111"], MARCH, cast.city)
    actions.move_unit(cast.units["9911"], cast.units["992"], APRIL, cast.city)
    assert not Custody.objects.on(APRIL).filter(unit__code="99111").exists()
    assert Custody.objects.on(MARCH).get(unit__code="99111").path == "99/991/9911/99111/"


@pytest.mark.parametrize(
    ("unit", "parent"), [("991", "9911"), ("991", "991"), ("9911", "9912"), ("99111", "99112")]
)
def test_a_unit_moves_only_under_a_higher_one_that_is_not_its_own(cast, unit, parent):
    with pytest.raises(NotAllowed):
        actions.move_unit(cast.units[unit], cast.units[parent], APRIL, cast.city)


def test_a_county_moves_only_within_itself(cast):
    actions.move_unit(cast.units["99111"], cast.units["9912"], APRIL, cast.county)
    with pytest.raises(NotAllowed):
        actions.move_unit(cast.units["9911"], cast.units["992"], APRIL, cast.county)
    with pytest.raises(NotAllowed):
        actions.move_unit(cast.units["9921"], cast.units["991"], APRIL, cast.county)


def test_a_move_cannot_begin_before_the_present_custody(cast):
    actions.move_unit(cast.units["9911"], cast.units["992"], APRIL, cast.city)
    with pytest.raises(NotAllowed):
        actions.move_unit(cast.units["9911"], cast.units["991"], APRIL, cast.city)


@pytest.mark.parametrize("who", ["village", "township", "auditor", "sampler", "neighbour_county"])
def test_others_change_no_unit(cast, who):
    user = cast.everyone()[who]
    with pytest.raises(NotAllowed):
        actions.rename_unit(cast.units["99111"], "新名村", user)
    with pytest.raises(NotAllowed):
        actions.add_unit(code="99119", name="新村", level=Level.VILLAGE, parent=cast.units["9911"], by=user)


def test_a_county_grows_below_itself_and_leaves_itself_alone(cast):
    made = actions.add_unit(
        code="9913", name="新镇", level=Level.TOWNSHIP, parent=cast.units["991"], by=cast.county
    )
    assert made.path == "99/991/9913/"
    with pytest.raises(NotAllowed):
        actions.rename_unit(cast.units["991"], "大甲县", cast.county)


def test_only_an_administrator_adds_a_unit_without_a_parent(cast):
    with pytest.raises(NotAllowed):
        actions.add_unit(code="98", name="另一市", level=Level.CITY, by=cast.city)
    assert actions.add_unit(code="98", name="另一市", level=Level.CITY, by=cast.admin).path == "98/"


@pytest.mark.parametrize("code", ["", "99/1", "99 1", "９９"])
def test_a_code_is_digits_and_letters(cast, code):
    with pytest.raises(NotAllowed):
        actions.add_unit(code=code, name="村", level=Level.VILLAGE, parent=cast.units["9911"], by=cast.city)


def test_a_unit_with_units_or_people_is_not_closed(cast):
    with pytest.raises(NotAllowed, match="下级"):
        actions.close_unit(cast.units["9911"], MARCH, cast.city)
    with pytest.raises(NotAllowed, match="用户"):
        actions.close_unit(cast.units["99111"], MARCH, cast.city)


def test_the_page_of_a_unit_adds_moves_and_closes(client, cast):
    client.force_login(cast.county)
    page = "/accounts/units/9911/"
    answer = client.post(
        page, {"act": "add", "code": "99113", "name": "第三村", "level": "village"}, follow=True
    )
    assert "已新增第三村" in answer.content.decode()
    move = {"act": "move", "parent": "9912", "from_day": "2023-04-01", "sure": "on"}
    assert "已划归" in client.post("/accounts/units/99113/", move, follow=True).content.decode()
    close = {"act": "close", "day": "2023-05-01", "sure": "on"}
    assert "已撤销" in client.post("/accounts/units/99113/", close, follow=True).content.decode()
    wrong = client.post(page, {"act": "add", "code": "99111", "name": "重号村", "level": "village"})
    assert "已经有单位使用" in wrong.content.decode()
    wrong = client.post(page, {"act": "move", "parent": "992", "from_day": "2023-04-01", "sure": "on"})
    assert "没有这个单位" in wrong.content.decode()


def test_the_page_shows_what_a_unit_was_called_and_what_was_merged_into_it(client, cast):
    client.force_login(cast.admin)
    page = "/accounts/units/99122/"
    client.post(page, {"act": "rename", "name": "新西村"})
    merged = {"act": "close", "day": "2023-02-28", "sure": "on", "into": "99122"}
    assert client.post("/accounts/units/99121/", merged).status_code == 302
    shown = client.get(page).content.decode()
    assert "原名称" in shown
    assert "甲西二村" in shown
    assert "甲西一村" in shown
    assert "并入，使用至 2023年2月28日" in shown
    client.post(page, {"act": "rename", "name": "甲西二村"})
    assert [alias.name for alias in cast.units["99122"].aliases.order_by("pk")] == ["甲西一村", "新西村"]


def test_a_unit_is_merged_only_into_another_of_its_level(cast):
    for code in ("99121", "9911"):
        with pytest.raises(NotAllowed, match="只能并入另一个在用的"):
            actions.close_unit(cast.units["99121"], dt.date(2023, 2, 28), cast.city, into=cast.units[code])
    assert not cast.units["99122"].aliases.exists()
