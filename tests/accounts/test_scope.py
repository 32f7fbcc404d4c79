"""Whose rows a user sees: boundaries of codes, postings that begin and end, and the matrix as it is printed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Level, Posting, Unit
from accounts.roles import MATRIX, Role, roles_with
from ledgers.models import Laborer
from tests import factories

# reliability.md §3 with import as a letter of its own; "-" is a missing page
PRINTED = {
    #            village township county city  sampler auditor admin
    "person":   ("ruwi", "ruwai", "ruxi", "rix", "-", "r", "-"),
    "form":     ("rp", "rpa", "rc", "r", "-", "r", "-"),
    "service":  ("rw", "rwa", "rwa", "r", "-", "r", "-"),
    "post":     ("rp", "rwi", "raxi", "rxi", "-", "r", "-"),
    "subsidy":  ("rp", "rpi", "raxi", "rx", "-", "r", "-"),
    "sampling": ("-", "r", "r", "rwaix", "rw", "r", "-"),
    "message":  ("rp", "rwp", "rwp", "rwp", "-", "r", "-"),
    "bulletin": ("-", "-", "r", "rwax", "-", "r", "-"),
    "accounts": ("-", "p", "rwi", "rwi", "-", "r", "rwix"),
    "audit":    ("r", "r", "r", "r", "-", "rv", "-"),
}  # fmt: skip


@pytest.mark.parametrize("subject", PRINTED)
def test_the_matrix_is_the_printed_one(subject):
    assert tuple(MATRIX[subject].get(role, "-") for role in Role) == PRINTED[subject]


def test_an_administrator_sees_no_person():
    assert Role.ADMIN not in roles_with("person", "r")
    assert Role.ADMIN not in roles_with("figures", "r")


def test_a_village_officer_sees_only_her_village(cast):
    own = factories.laborer(cast.units["99111"])
    factories.laborer(cast.units["99112"])
    assert list(Laborer.objects.visible_to(cast.village)) == [own]


def test_a_code_that_begins_like_mine_is_not_mine(cast):
    """County 991 must not reach county 9911x: the path ends with a slash."""
    alike = factories.unit("991X", "甲县开发区", Level.COUNTY, cast.units["99"])
    village = factories.unit("991X11", "邻区村", Level.VILLAGE, alike)
    stranger = factories.laborer(village)
    assert stranger not in Laborer.objects.visible_to(cast.county)
    assert village not in Unit.objects.visible_to(cast.county)
    assert not cast.county.can("person", "r", village)
    assert stranger in Laborer.objects.visible_to(cast.city)


def test_someone_without_a_posting_sees_nothing(cast):
    factories.laborer(cast.units["99111"])
    assert not Laborer.objects.visible_to(cast.nobody).exists()
    assert not Unit.objects.visible_to(cast.nobody).exists()


@pytest.mark.parametrize(
    ("since", "until", "sees"), [(-10, None, True), (-10, 0, True), (-10, -1, False), (1, None, False)]
)
def test_a_posting_counts_from_its_first_to_its_last_day(cast, since, until, sees):
    today = timezone.localdate()
    Posting.objects.create(
        user=cast.nobody,
        unit=cast.units["99111"],
        role=Role.VILLAGE,
        since=today + dt.timedelta(days=since),
        until=None if until is None else today + dt.timedelta(days=until),
    )
    assert Unit.objects.visible_to(cast.nobody).exists() is sees


def test_a_disabled_user_reaches_nothing(cast):
    cast.city.is_active = False
    assert not Unit.objects.visible_to(cast.city).exists()


def test_a_posting_that_ends_ends_the_sight_at_once(client, cast):
    client.force_login(cast.county)
    assert client.get("/accounts/units/991/").status_code == 200
    cast.county.postings.all().delete()
    assert client.get("/accounts/units/991/").status_code == 404
