"""The dashboard and the rows behind its numbers, through their addresses."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from ledgers.models import MonthClosing
from lib.month import Month
from reports import reading, rollup
from reports.figures import FIGURES
from reports.models import Stale
from tests import factories
from tests.factories import MARCH


def page(code: str, month: Month = MARCH) -> str:
    return reverse("reports:dashboard", args=[code, month])


def rows(figure: str, code: str, month: Month = MARCH) -> str:
    return reverse("reports:rows", args=[figure, code, month])


def listed(response) -> int:
    return len(response.context["rows"])


def test_the_city_page_shows_cards_map_free_ranking_total_and_trend(client, month):
    client.force_login(month.city)
    response = client.get(page("99"))
    board = response.context
    table = board["table"]
    assert [row["name"] for row in table["rows"]] == ["乙县", "甲县"]
    assert [row["rate"] for row in table["rows"]] == ["100.0", "80.0"]
    assert (table["total"]["workers"]["text"], table["total"]["rate"], table["total"]["gap"]) == (
        "5",
        "83.3",
        "1",
    )
    assert table["total"]["base_change"] == "−2"
    labels = {card["label"]: card for card in board["cards"]}
    assert labels["目标任务完成率"]["note"] == "目标 6 人，还差 1 人"
    assert labels["公益性岗位"]["change_text"] == "较2022年10月少 2 人"
    assert board["calls"]["rows"][0]["text"] == "50.0%（1/2）"
    assert board["trend"]["points"][-1]["text"] == "5 人"


@pytest.mark.parametrize(
    ("who", "code"), [("city", "99"), ("county", "991"), ("township", "9911"), ("village", "99111")]
)
def test_a_page_of_any_level_takes_at_most_fifteen_queries(
    client, month, django_assert_max_num_queries, who, code
):
    client.force_login(getattr(month, who))
    with django_assert_max_num_queries(15):
        assert client.get(page(code)).status_code == 200


def test_more_people_and_villages_do_not_cost_more_queries(client, month, django_assert_max_num_queries):
    for n in range(20):
        village = factories.unit(f"9911X{n}", f"甲东{n}村", "village", month.units["9911"])
        factories.record(factories.laborer(village))
    rollup.recompute(MARCH)
    client.force_login(month.township)
    with django_assert_max_num_queries(15):
        response = client.get(page("9911"))
    assert response.context["table"]["total"]["workers"]["text"] == "24"


def test_units_outside_the_users_reach_are_not_there(client, month):
    client.force_login(month.county)
    for code in ("99", "992", "99211", "no-such-unit"):
        assert client.get(page(code)).status_code == 404
        assert client.get(rows("I01", code)).status_code == 404
    assert client.get(reverse("reports:dashboard"), {"unit": "992"}).status_code == 404


def test_a_sampler_and_an_administrator_have_no_dashboard(client, month):
    for user in (month.sampler, month.admin):
        client.force_login(user)
        assert client.get(page("992")).status_code == 404
        assert client.get(reverse("reports:dashboard")).status_code == 404


def test_a_county_sees_the_city_totals_as_one_row_without_links(client, month):
    client.force_login(month.county)
    city = client.get(page("991")).context["table"]["city"]
    assert [row["name"] for row in city] == ["示例市"]
    assert (city[0]["url"], city[0]["workers"]) == ("", {"text": "5", "url": ""})
    client.force_login(month.township)
    assert client.get(page("9911")).context["table"]["city"] == []


def test_without_unit_the_page_opens_the_own_unit_and_the_last_counted_month(client, month):
    client.force_login(month.township)
    assert client.get(reverse("reports:dashboard")).headers["Location"] == page("9911")
    answer = client.get(reverse("reports:dashboard"), {"unit": "99111", "month": "2023-02"})
    assert answer.headers["Location"] == page("99111", Month(2023, 2))
    answer = client.get(reverse("reports:dashboard"), {"month": "2023-99"})
    assert answer.headers["Location"] == page("9911")


def test_a_month_without_numbers_explains_how_to_begin(client, month):
    client.force_login(month.county)
    response = client.get(page("991", Month(2021, 1)))
    assert response.context["empty"] is True
    assert "这个月还没有数字" in response.content.decode()


def test_changed_villages_and_closed_months_are_said(client, month):
    client.force_login(month.city)
    assert "未关闭" in client.get(page("99")).content.decode()
    Stale.objects.create(month=MARCH, village=month.units["99111"])
    assert "有 1 个村的数字正在更新" in client.get(page("99")).content.decode()
    MonthClosing.objects.create(unit=month.units["99"], month=MARCH, closed_by=month.city)
    assert "已关闭" in client.get(page("99")).content.decode()


def test_posts_of_the_township_itself_have_a_row_of_their_own(client, month):
    from posts.models import Appointment, Post

    post = Post.objects.create(
        number="T1", unit=month.units["9911"], title="护路员", category="护路员", opened_on="2022-01-01"
    )
    person = factories.laborer(month.units["99112"])
    Appointment.objects.create(post=post, laborer=person, started_on="2023-01-01")
    rollup.recompute(MARCH)
    client.force_login(month.township)
    table = client.get(page("9911")).context["table"]
    assert table["own"][:2] == ["0", "1"]
    assert table["total"]["cells"][0]["text"] == "2"


def test_every_link_of_the_page_answers_and_lists_as_many_rows_as_the_number_says(client, month):
    client.force_login(month.city)
    html = client.get(page("99")).content.decode()
    links = set(re.findall(r'href="(/dashboard/rows/[^"]+)"', html))
    assert len(links) > 12
    for link in links:
        response = client.get(link)
        assert response.status_code == 200, link
        assert listed(response) == response.context["value"].numerator, link


@pytest.mark.parametrize("figure", [f.id for f in FIGURES.values() if f.numerator])
def test_the_rows_behind_a_figure_are_as_many_as_the_figure(client, month, figure):
    client.force_login(month.city)
    for code in ("99", "991", "9911", "99111", "992"):
        response = client.get(rows(figure, code))
        value = reading.value(month.units[code], figure, MARCH)
        assert listed(response) == value.numerator
        base = client.get(rows(figure, code), {"part": "denominator"})
        if FIGURES[figure].denominator not in (None, "target"):
            assert listed(base) == value.denominator
        else:
            assert base.status_code == 404


def test_rows_mask_the_numbers_of_people(client, month):
    client.force_login(month.village)
    html = client.get(rows("I01", "99111")).content.decode()
    person = month.units["99111"].laborers.order_by("pk").first()
    assert person.masked_id in html
    assert person.id_no not in html


def test_pages_of_rows_meet_and_never_overlap(client, month, django_assert_max_num_queries):
    village = month.units["99112"]
    for _ in range(120):
        factories.record(factories.laborer(village))
    rollup.recompute(MARCH)
    client.force_login(month.city)
    url, seen, pages = rows("I01", "99"), [], []
    while url:
        with django_assert_max_num_queries(12):
            response = client.get(url)
        pages.append([row["url"] or row["name"] for row in response.context["rows"]])
        seen += [row["masked"] for row in response.context["rows"]]
        url = response.context["next_url"] and rows("I01", "99") + response.context["next_url"]
    assert [len(one) for one in pages] == [50, 50, 25]
    assert len(seen) == 125
    back = client.get(rows("I01", "99") + response.context["prev_url"])
    assert [row["url"] or row["name"] for row in back.context["rows"]] == pages[1]


def test_rubbish_in_the_address_of_rows_is_the_first_page_or_nothing(client, month):
    client.force_login(month.city)
    for mark in ("", "x", "1-", "-1", "9" * 40 + "-1", "１-１"):
        response = client.get(rows("I01", "99"), {"after": mark})
        assert response.status_code == 200
    for figure in ("I02", "I04", "I99", "nonsense"):
        assert client.get(rows(figure, "99")).status_code == 404
    assert client.get(rows("I11", "99"), {"part": "rows"}).status_code == 404


def test_calls_are_listed_only_for_those_who_may_read_calls(client, month):
    client.force_login(month.village)
    assert client.get(rows("I11", "99111")).status_code == 404
    assert "rows/I11" not in client.get(page("99111")).content.decode()
    client.force_login(month.township)
    assert listed(client.get(rows("I11", "9911"))) == 1


def test_rows_of_a_closed_month_are_its_frozen_facts(client, month):
    MonthClosing.objects.create(unit=month.units["99"], month=MARCH, closed_by=month.city)
    person = month.units["99111"].laborers.order_by("pk").first()
    type(person).objects.filter(pk=person.pk).update(village=month.units["99222"])
    client.force_login(month.village)
    response = client.get(rows("I01", "99111"))
    assert response.context["is_frozen"]
    assert listed(response) == 3


def test_the_health_checks_need_no_user_and_tell_no_data(client, db):
    assert client.get(reverse("reports:healthz")).json() == {"status": "ok"}
    ready = client.get(reverse("reports:readyz"))
    assert ready.status_code == 200
    assert set(ready.json()["checks"]) == {"database", "migrations", "jobs", "disk", "broker"}


def test_not_ready_when_the_disk_is_full(client, db, monkeypatch):
    from reports.views import health

    monkeypatch.setattr(health, "_disk", lambda: "full")
    response = client.get(reverse("reports:readyz"))
    assert (response.status_code, response.json()["checks"]["disk"]) == (503, "full")
