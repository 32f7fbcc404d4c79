"""The pooled table, the page it stands on, and calls made by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.authority import NotAllowed
from accounts.models import AuditEntry, Posting
from sampling import actions
from sampling.models import Call, Campaign
from sampling.results import table
from tests import cast as casting
from tests import factories
from tests.factories import MARCH

# township, 抽查, 接通, 务工地, 务工时间, 知晓 of a published annex
ANNEX = [
    ("大冶市", "灵乡镇", 100, 68, 51, 52, 40),
    ("大冶市", "茗山乡", 100, 65, 39, 45, 28),
    ("阳新县", "陶港镇", 100, 58, 44, 45, 16),
    ("阳新县", "木港镇", 100, 61, 34, 36, 8),
    ("开发区·铁山区", "太子镇", 100, 48, 34, 33, 22),
    ("新港园区", "海口湖管理区", 100, 40, 16, 19, 6),
]


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture
def campaign(cast) -> Campaign:
    return Campaign.objects.create(unit=cast.units["99"], month=MARCH, name="三月交叉抽查")


def make(campaign: Campaign, village, caller=None, name: str = "", **fields) -> Call:
    person = factories.laborer(village, name)
    if fields.get("connected"):
        fields = {"place_matches": False, "time_matches": False, "knows_policy": False} | fields
    return Call.objects.create(
        campaign=campaign, laborer=person, township=village.parent, village=village, caller=caller, **fields
    )


def test_totals_are_pooled_and_never_averaged():
    lines = table(ANNEX)
    rates = {
        (line.kind, line.county): (
            line.connected_rate.bare, line.place_rate.bare, line.time_rate.bare, line.aware_rate.bare
        )
        for line in lines
        if line.kind != "township"
    }  # fmt: skip
    assert rates == {
        ("county", "大冶市"): ("66.5", "67.7", "72.9", "51.1"),
        ("county", "阳新县"): ("59.5", "65.5", "68.1", "20.2"),
        ("county", "开发区·铁山区"): ("48.0", "70.8", "68.8", "45.8"),
        ("county", "新港园区"): ("40.0", "40.0", "47.5", "15.0"),
        ("all", "全市合计"): ("56.7", "64.1", "67.6", "35.3"),
    }
    assert [line.kind for line in lines][:4] == ["township", "township", "county", "township"]
    assert lines[-1].sampled == 600


def test_nobody_reached_has_no_rate():
    line = table([("甲县", "甲东镇", 3, 0, 0, 0, 0)])[0]
    assert (line.connected_rate.bare, line.place_rate.bare) == ("0.0", "—")


def test_no_calls_make_no_table():
    assert table([]) == []


def test_each_number_leads_to_the_calls_behind_it(client, cast, campaign):
    make(campaign, cast.units["99111"], connected=True, place_matches=True)
    make(campaign, cast.units["99112"], connected=False)
    make(campaign, cast.units["99211"], connected=True, knows_policy=True)
    client.force_login(cast.city)
    rows = client.get(reverse("sampling:campaign", args=[campaign.pk])).context["rows"]
    assert [row.line.kind for row in rows] == ["township", "county", "township", "county", "all"]
    for row in rows:
        for show, number in (("all", row.line.sampled), ("connected", row.line.connected), ("place", row.line.place),
                             ("time", row.line.time), ("aware", row.line.aware)):  # fmt: skip
            assert len(client.get(f"{row.url}show={show}").context["rows"]) == number


def test_a_township_sees_its_own_result_and_no_other(client, cast, campaign):
    make(campaign, cast.units["99111"], connected=True, name="王本镇")
    make(campaign, cast.units["99211"], connected=True, name="彼岸远方")
    client.force_login(cast.township)
    shown = client.get(reverse("sampling:campaign", args=[campaign.pk]))
    assert [row.line.kind for row in shown.context["rows"]] == ["township", "county"]
    calls = client.get(reverse("sampling:calls", args=[campaign.pk])).content.decode()
    assert "王本镇" in calls
    assert "彼岸" not in calls
    assert client.get(reverse("sampling:calls", args=[campaign.pk]), {"unit": "9921"}).status_code == 404


def test_a_campaign_without_own_calls_is_missing(client, cast, campaign):
    make(campaign, cast.units["99211"], connected=True)
    client.force_login(cast.township)
    assert client.get(reverse("sampling:campaign", args=[campaign.pk])).status_code == 404
    assert list(client.get(reverse("sampling:list")).context["lines"]) == []


def sent(client, call: Call, **answers) -> dict:
    form = client.get(reverse("sampling:call", args=[call.pk])).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | answers


YES = {"connected": "1", "place_matches": "1", "time_matches": "1", "knows_policy": "0"}


def test_a_sampler_enters_her_calls_one_after_the_other(client, cast, campaign):
    first = make(campaign, cast.units["99111"], cast.sampler)
    second = make(campaign, cast.units["99112"], cast.sampler)
    other = make(campaign, cast.units["99111"], cast.city2)
    client.force_login(cast.sampler)
    address = reverse("sampling:call", args=[first.pk])
    answer = client.post(address, sent(client, first, **YES))
    assert answer["Location"] == reverse("sampling:call", args=[second.pk])
    first.refresh_from_db()
    assert (first.connected, first.place_matches, first.knows_policy) == (True, True, False)
    assert AuditEntry.objects.filter(action="call.record").count() == 1
    assert client.get(reverse("sampling:call", args=[other.pk])).status_code == 404
    answer = client.post(
        reverse("sampling:call", args=[second.pk]), sent(client, second, connected="0", place_matches="1")
    )
    assert answer["Location"] == reverse("sampling:calls", args=[campaign.pk])
    second.refresh_from_db()
    assert (second.connected, second.place_matches) == (False, None)


def test_a_connected_call_asks_the_three_questions(client, cast, campaign):
    call = make(campaign, cast.units["99111"], cast.sampler)
    client.force_login(cast.sampler)
    answer = client.post(reverse("sampling:call", args=[call.pk]), sent(client, call, connected="1"))
    assert answer.status_code == 422
    assert Call.objects.get(pk=call.pk).connected is None


def test_a_double_click_registers_once(client, cast, campaign):
    call = make(campaign, cast.units["99111"], cast.sampler)
    client.force_login(cast.sampler)
    data = sent(client, call, **YES)
    answers = [client.post(reverse("sampling:call", args=[call.pk]), data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert AuditEntry.objects.filter(action="call.record").count() == 1


def test_two_who_enter_the_same_call_do_not_overwrite_each_other(client, cast, campaign):
    call = make(campaign, cast.units["99111"], cast.sampler)
    client.force_login(cast.sampler)
    data = sent(client, call, **YES)
    actions.record_call(call, {"connected": False}, cast.city, None)
    answer = client.post(reverse("sampling:call", args=[call.pk]), data)
    assert answer.status_code in {404, 409}  # the office that corrected it took the call over
    assert Call.objects.get(pk=call.pk).connected is False


def test_the_office_sees_both_values_when_somebody_was_faster(client, cast, campaign):
    call = make(campaign, cast.units["99111"], cast.sampler)
    client.force_login(cast.city)
    data = sent(client, call, **YES)
    actions.record_call(call, {"connected": False}, cast.sampler, None)
    answer = client.post(reverse("sampling:call", args=[call.pk]), data)
    assert answer.status_code == 409
    assert "接通了吗" in answer.content.decode()


def test_after_the_due_date_nothing_is_seen_or_entered(client, cast, campaign):
    call = make(campaign, cast.units["99111"], cast.sampler)
    Campaign.objects.filter(pk=campaign.pk).update(due_on=timezone.localdate() - dt.timedelta(days=1))
    client.force_login(cast.sampler)
    assert client.get(reverse("sampling:call", args=[call.pk])).status_code == 404
    call.refresh_from_db()
    with pytest.raises(NotAllowed, match="截止"):
        actions.record_call(Call.objects.get(pk=call.pk), {"connected": True}, cast.city, None)


def test_a_dismissed_sampler_has_no_calls(client, cast, campaign):
    call = make(campaign, cast.units["99111"], cast.sampler)
    Posting.objects.filter(user=cast.sampler).update(until="2023-01-01")
    client.force_login(cast.sampler)
    assert client.post(reverse("sampling:call", args=[call.pk]), YES).status_code in {403, 404}
    assert Call.objects.get(pk=call.pk).connected is None


def test_the_telephone_number_is_revealed_to_who_has_to_call(client, cast, campaign):
    call = make(campaign, cast.units["99111"], cast.sampler)
    client.force_login(cast.sampler)
    assert call.laborer.phone not in client.get(reverse("sampling:call", args=[call.pk])).content.decode()
    address = reverse("sampling:reveal", args=[call.pk])
    assert call.laborer.phone in client.post(address, {"reason": "电话联系本人"}).content.decode()
    client.force_login(cast.township)
    assert client.post(address, {"reason": "电话联系本人"}).status_code == 404


def test_the_city_opens_a_campaign_once(client, cast):
    client.force_login(cast.city)
    address = reverse("sampling:campaign_new")
    token = client.get(address).context["form"]["form_token"].value()
    data = {
        "name": "三月抽查",
        "month": "2023-03",
        "selection": "随机抽取",
        "mode": "本级抽查",
        "form_token": token,
    }
    first, second = client.post(address, data), client.post(address, data)
    assert first["Location"] == second["Location"]
    assert Campaign.objects.get().unit == cast.units["99"]
    again = client.post(address, data | {"form_token": "other"})
    assert again.status_code == 422
    assert "已有一次" in again.content.decode()


@pytest.mark.parametrize("who", ["sampler", "county", "township", "auditor"])
def test_who_may_not_open_a_campaign(client, cast, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("sampling:campaign_new")).status_code == 404


def test_the_pages_cost_few_queries(client, cast, campaign, django_assert_max_num_queries):
    for number in range(60):
        make(campaign, cast.units[f"99{1 + number % 2}11"], connected=bool(number % 3))
    client.force_login(cast.city)
    for name in ("campaign", "calls"):
        with django_assert_max_num_queries(12):
            client.get(reverse(f"sampling:{name}", args=[campaign.pk]))
