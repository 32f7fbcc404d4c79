"""The home page of every role says what to do next, with numbers that lead on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from ledgers import entry
from ledgers.models import MonthClosing
from reports.models import Bulletin
from reports.views.home import due_words
from tests import factories
from tests.factories import MARCH

ROLES = ["township", "county", "city", "sampler", "auditor", "admin"]


@pytest.fixture(autouse=True)
def every_page_exists(monkeypatch):
    """What to do is tested here, not which pages of other rooms are there."""
    from django.urls import NoReverseMatch
    from django.urls import reverse as real

    from reports import views
    from reports.views import home

    def address(name, /, *args, **query):
        try:
            real(name, args=args)
        except NoReverseMatch:
            return f"/{name}/"
        return views.address(name, *args, **query)

    monkeypatch.setattr(home, "address", address)


def titles(client, user) -> dict[str, str]:
    client.force_login(user)
    return {item["title"]: item["count"] for item in client.get(reverse("home")).context["items"]}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_home_within_few_queries(client, month, role, django_assert_max_num_queries):
    client.force_login(getattr(month, role))
    with django_assert_max_num_queries(37):
        response = client.get(reverse("home"))
    assert response.status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_an_empty_house_greets_every_role(client, people, role):
    client.force_login(getattr(people, role))
    assert client.get(reverse("home")).status_code == 200


def test_the_start_page_leads_home_and_strangers_to_the_door(client, month):
    assert client.get("/").headers["Location"] == reverse("home")
    assert reverse("accounts:login") in client.get(reverse("home")).headers["Location"]


def test_a_township_is_told_whom_to_check(client, month):
    assert titles(client, month.township)["本月还没有核实的人"] == "1"
    assert "本月还没有核实的人" not in titles(client, month.neighbour_township)


def test_a_closed_month_asks_for_no_more_checks(client, month):
    MonthClosing.objects.create(unit=month.units["99"], month=MARCH, closed_by=month.city)
    assert "本月还没有核实的人" not in titles(client, month.township)


def test_after_the_deadline_homes_say_so_and_the_county_sees_who_still_fills_in(client, month, at):
    at(22)
    entry.set_rule(month.units["991"], MARCH, 20, month.county)
    client.force_login(month.township)
    item = next(one for one in client.get(reverse("home")).context["items"] if "核实" in one["title"])
    assert ("请甲县在“月份”页批准例外" in item["text"], item["due"]) == (True, "3月20日已截止填报")
    assert "例外补录中的单位" not in titles(client, month.county)
    entry.grant(month.units["9911"], MARCH, dt.date(2023, 3, 25), "村里停电两天", month.county)
    assert titles(client, month.county)["例外补录中的单位"] == "1"
    client.force_login(month.township)
    assert client.get(reverse("home")).context["progress"]["due"] == "补录还剩 3 天"


def test_a_county_sees_what_is_left_below_it_and_is_asked_to_close(client, month):
    found = titles(client, month.county)
    assert (found["关闭2023年3月"], found["开始2023年4月"]) == ("3", "4")
    client.force_login(month.county)
    table = client.get(reverse("home")).context["table"]
    assert [(row["name"], row["left"]) for row in table["rows"]] == [("甲东镇", "1"), ("甲西镇", "0")]


def test_a_city_sees_counties_behind_and_counties_not_closed(client, month):
    found = titles(client, month.city)
    assert found["没有完成目标的单位"] == "1"
    assert found["还没有关闭2023年3月的县（市、区）"] == "2"
    MonthClosing.objects.create(unit=month.units["991"], month=MARCH, closed_by=month.county)
    assert titles(client, month.city)["还没有关闭2023年3月的县（市、区）"] == "1"


def test_the_second_signer_is_asked_to_sign_and_the_author_is_not(client, month):
    Bulletin.objects.create(
        unit=month.units["99"],
        month=MARCH,
        state=Bulletin.State.SUBMITTED,
        title="通报",
        issuer="示例市",
        created_by=month.city,
        submitted_by=month.city,
    )
    assert titles(client, month.city2)["等您签发的通报"] == "1"
    assert "等您签发的通报" not in titles(client, month.city)


def test_a_sampler_is_told_how_many_calls_are_left(client, month):
    from sampling.models import Call

    Call.objects.filter(connected=False).update(connected=None)
    assert titles(client, month.sampler)["还没有拨打的电话"] == "1"


def test_an_administrator_hears_of_accounts_without_second_factor(client, month, settings):
    from accounts.models import User

    User.objects.filter(pk=month.county.pk).update(must_change_password=True)
    assert titles(client, month.admin)["还没有改过初始密码的账号"] == "1"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2023, 3, 17), ("还剩 3 天", "warn")),
        (dt.date(2023, 3, 1), ("还剩 19 天", "")),
        (dt.date(2023, 3, 20), ("今天截止", "warn")),
        (dt.date(2023, 3, 23), ("已超期 3 天", "bad")),
        (dt.date(2024, 1, 1), ("3月20日已截止", "")),
    ],
)
def test_the_time_left_is_said_in_words(day, words):
    assert due_words(MARCH, day) == words


def test_first_time_pages_say_how_to_begin(client, people):
    factories.tree  # noqa: B018  the tree exists, the ledger is empty
    client.force_login(people.township)
    assert "从导入台账开始" in client.get(reverse("home")).content.decode()


def test_the_people_to_check_are_as_many_as_their_list_shows(client, month):
    outsider = factories.laborer(month.units["99111"])
    factories.record(outsider, verify_state="未核实", is_poverty=False, is_monitored=False)
    client.force_login(month.township)
    item = next(
        one for one in client.get(reverse("home")).context["items"] if one["title"] == "本月还没有核实的人"
    )
    assert item["count"] == "1"
    assert client.get(item["url"]).context["total"] == 1


def test_rows_to_decide_lead_to_a_page_that_opens(client, month):
    from jobs.models import ImportBatch

    batch = ImportBatch.objects.create(
        number="20230331-0001",
        kind="laborers",
        unit=month.units["99111"],
        month=MARCH,
        owner=month.village,
        state=ImportBatch.State.CONFIRMED,
        review=2,
    )
    client.force_login(month.township)
    items = client.get(reverse("home")).context["items"]
    client.force_login(month.village)
    for listed in (items, client.get(reverse("ledgers:mine")).context["todos"]):
        item = next(one for one in listed if one["title"] == "待核的导入行")
        assert item["url"] == reverse("jobs:batch_rows", args=[batch.pk, "review"])
        assert client.get(item["url"]).status_code == 200
