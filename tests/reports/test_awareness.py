"""Who had been told of a policy before the telephone call, and who knew."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from reports.views.awareness import told
from sampling.models import Call, Campaign
from subsidies.models import Forwarding, Message
from tests import factories
from tests.factories import MARCH
from tests.test_every_url import signed_in

CALLED = dt.datetime(2023, 3, 20, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAY = dt.timedelta(days=1)


def call(campaign: Campaign, person, knows: bool | None, connected: bool = True) -> Call:
    return Call.objects.create(
        campaign=campaign, laborer=person, village=person.village, township=person.village.parent,
        connected=connected, knows_policy=knows, called_at=CALLED,
    )  # fmt: skip


@pytest.fixture
def campaign(people) -> Campaign:
    """Of 9911: two of five had an SMS in time; of 9912: one lives where a text was passed on."""
    units = people.units
    made = Campaign.objects.create(unit=units["99"], month=MARCH, name="三月抽查")
    called = [factories.laborer(units["99111"]) for _ in range(6)]
    for person, knows in zip(called[:5], (True, True, False, False, True), strict=True):
        call(made, person, knows)
    call(made, called[5], None, connected=False)
    states = Message.State
    for person, state, at in (
        (called[0], states.HANDED, CALLED - DAY),
        (called[1], states.DELIVERED, CALLED - DAY),
        (called[2], states.HANDED, CALLED + DAY),  # too late
        (called[3], states.FAILED, CALLED - DAY),
        (called[4], states.UNKNOWN, CALLED - DAY),
    ):
        given = factories.messages(units["9911"], people.township, person)
        Message.objects.filter(pk=given["message"].pk).update(state=state, at=at)
    Forwarding.objects.all().delete()
    other = factories.laborer(units["99121"])
    given = factories.messages(units["9912"], people.neighbour_township, other)
    Message.objects.filter(pk=given["message"].pk).delete()
    Forwarding.objects.update(at=CALLED - DAY)
    call(made, other, True)
    return made


def groups(campaign: Campaign, township, scheme: str = "") -> list[tuple[int, int]]:
    return [
        (one.reached, one.aware) for one in told(campaign.calls.filter(connected=True), scheme)[township.pk]
    ]


def test_everybody_reached_is_in_one_group_and_only_what_came_before_the_call_counts(campaign, people):
    assert groups(campaign, people.units["9911"]) == [(2, 2), (0, 0), (3, 1)]
    assert groups(campaign, people.units["9912"]) == [(0, 0), (1, 1), (0, 0)]


def test_messages_of_another_scheme_do_not_count(campaign, people):
    assert groups(campaign, people.units["9911"], "B02") == [(2, 2), (0, 0), (3, 1)]
    assert groups(campaign, people.units["9911"], "B01") == [(0, 0), (0, 0), (5, 3)]


def test_the_page_shows_pooled_rates_and_links_to_the_calls(campaign, people, django_assert_max_num_queries):
    client = signed_in(people.city)
    client.get(reverse("sampling:list"))
    with django_assert_max_num_queries(9):
        shown = client.get(reverse("reports:awareness", args=[campaign.pk])).content.decode()
    assert "66.7%" in shown  # 4 of 6, not the mean of 60 and 100
    assert "—" in shown
    assert f"{reverse('sampling:calls', args=[campaign.pk])}?unit=9911&amp;show=aware" in shown


def test_a_township_sees_its_own_line_and_a_village_no_page(campaign, people):
    shown = signed_in(people.township).get(reverse("reports:awareness", args=[campaign.pk])).content.decode()
    assert "甲东镇" in shown
    assert "甲西镇" not in shown
    assert signed_in(people.village).get(reverse("reports:awareness", args=[campaign.pk])).status_code == 404


def test_a_spot_check_without_calls_says_what_will_be_here(people):
    empty = Campaign.objects.create(unit=people.units["99"], month=MARCH, name="四月抽查")
    shown = signed_in(people.city).get(reverse("reports:awareness", args=[empty.pk])).content.decode()
    assert "还没有接通的电话" in shown
