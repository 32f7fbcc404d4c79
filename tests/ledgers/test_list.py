"""The ledger list through its address: scope, filters, pages, and what may never stand in an address."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from jobs.models import Job
from ledgers.models import MonthlyRecord
from tests import cast as casting
from tests import factories
from tests.factories import MARCH

ADDRESS = reverse("ledgers:list")


@pytest.fixture
def cast(db):
    return casting.build()


def names(response) -> list[str]:
    return [row.laborer.name for row in response.context["rows"]]


def put(cast, code: str, name: str, **fields) -> MonthlyRecord:
    return factories.record(factories.laborer(cast.units[code], name), **fields)


def test_a_village_officer_sees_only_her_village(client, cast):
    put(cast, "99111", "王本村")
    put(cast, "99112", "李邻村")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS)) == ["王本村"]


@pytest.mark.parametrize("unit", ["99112", "992", "%", "nowhere"])
def test_a_unit_out_of_reach_is_as_missing_as_one_that_is_not_there(client, cast, unit):
    put(cast, "99112", "李邻村")
    client.force_login(cast.village)
    assert client.get(ADDRESS, {"unit": unit}).status_code == 404


def test_a_blank_unit_means_the_own_unit_and_not_everything(client, cast):
    put(cast, "99111", "王本村")
    put(cast, "99112", "李邻村")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS, {"unit": "", "q": "", "month": ""})) == ["王本村"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"working": "0"}, ["丙未务工"]),
        ({"working": "1"}, ["甲计入", "乙时间短"]),
        ({"reason": "counted"}, ["甲计入"]),
        ({"reason": "no"}, ["乙时间短", "丙未务工"]),
        ({"reason": "months_short"}, ["乙时间短"]),
        ({"verify": "已核实"}, ["甲计入"]),
        ({"place": "乡内"}, ["乙时间短"]),
        ({"form": "灵活就业"}, ["乙时间短"]),
        ({"household": "边缘易致贫户"}, ["丙未务工"]),
        ({"household": "脱贫户"}, ["甲计入", "乙时间短"]),
    ],
)
def test_filters_narrow_the_list(client, cast, query, found):
    put(cast, "99111", "甲计入", verify_state="已核实")
    put(cast, "99111", "乙时间短", reason="months_short", place_class="乡内", job_form="灵活就业")
    edge = factories.laborer(
        cast.units["99111"],
        "丙未务工",
        household__poverty_kind="一般农户",
        household__monitor_kind="边缘易致贫户",
    )
    factories.record(edge, working=False, reason="not_working", place_class="", job_form="")
    client.force_login(cast.village)
    assert sorted(names(client.get(ADDRESS, query))) == sorted(found)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("小单", ["仇小单"]), ("qxd", ["仇小单"]), ("QX", ["仇小单"]), ("xd", []), ("小明", [])],
)
def test_search_knows_names_and_initials(client, cast, typed, found):
    put(cast, "99111", "仇小单")
    put(cast, "99111", "王建国")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS, {"q": typed})) == found


def test_the_last_four_of_an_id_find_the_person(client, cast):
    row = put(cast, "99111", "王建国")
    put(cast, "99111", "李秀英")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS, {"q": row.laborer.id_no[-4:].lower()})) == ["王建国"]


@pytest.mark.parametrize("field", ["id_no", "phone"])
@pytest.mark.parametrize("method", ["post", "get"])
def test_a_whole_number_is_found_and_never_stands_in_the_address(client, cast, field, method):
    row = put(cast, "99111", "王建国")
    put(cast, "99111", "李秀英")
    number = getattr(row.laborer, field)
    client.force_login(cast.village)
    answer = getattr(client, method)(ADDRESS, {"q": f" {number} ", "verify": "未核实"})
    assert answer.status_code == 302
    assert number not in answer["Location"]
    assert "verify=" in answer["Location"]
    page = client.get(answer["Location"])
    assert names(page) == ["王建国"]
    assert number not in page.content.decode()


def test_a_whole_number_of_elsewhere_finds_nothing(client, cast):
    row = put(cast, "99112", "李邻村")
    put(cast, "99111", "王建国")
    client.force_login(cast.village)
    page = client.post(ADDRESS, {"q": row.laborer.id_no}, follow=True)
    assert names(page) == []


@pytest.mark.parametrize("typed", ["王", "w"])
def test_one_character_is_too_little_to_search_for(client, cast, typed):
    put(cast, "99111", "王建国")
    client.force_login(cast.village)
    page = client.get(ADDRESS, {"q": typed})
    assert names(page) == []
    assert "至少输入两个字" in page.content.decode()


def test_part_of_a_number_is_not_kept_in_the_address(client, cast):
    client.force_login(cast.village)
    answer = client.post(ADDRESS, {"q": "99010119850"})
    assert "99010119850" not in answer["Location"]


@pytest.mark.parametrize("typed", ["%%", "__", "%国", "_建国", "a%", "\\%"])
def test_wildcards_mean_themselves(client, cast, typed):
    put(cast, "99111", "王建国")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS, {"q": typed})) == []


@pytest.mark.parametrize(
    "query",
    [
        {"order_by": "password"},
        {"sort": "laborer__id_no"},
        {"after": "%"},
        {"before": "9" * 30},
        {"page": "-1"},
    ],
)
def test_unknown_orders_and_cursors_are_ignored(client, cast, query):
    put(cast, "99111", "王建国")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS, query)) == ["王建国"]


def test_an_unknown_filter_value_finds_nothing(client, cast):
    put(cast, "99111", "王建国")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS, {"reason": "%"})) == []


def test_numbers_are_masked(client, cast):
    row = put(cast, "99111", "王建国")
    client.force_login(cast.city)
    page = client.get(ADDRESS).content.decode()
    assert row.laborer.masked_id in page
    assert row.laborer.masked_phone in page
    assert not re.search(r"99[0-9]{15}[0-9X]", page)
    assert row.laborer.phone not in page


def test_pages_follow_each_other_forwards_and_back(client, cast):
    for number in range(120):
        put(cast, f"99{1 + number % 2}1{1 + number % 3 % 2}", f"人{number:03d}")
    client.force_login(cast.city)
    pages = [client.get(ADDRESS)]
    while pages[-1].context["next_url"]:
        pages.append(client.get(ADDRESS + pages[-1].context["next_url"]))
    every = [name for page in pages for name in names(page)]
    assert [len(names(page)) for page in pages] == [50, 50, 20]
    assert len(set(every)) == 120
    paths = [row.village.sort_path for page in pages for row in page.context["rows"]]
    assert paths == sorted(paths)
    back = client.get(ADDRESS + pages[-1].context["prev_url"])
    assert names(back) == names(pages[1])
    first = client.get(ADDRESS + back.context["prev_url"])
    assert names(first) == names(pages[0])
    assert first.context["prev_url"] == ""
    assert "共 120 人" in first.content.decode()


def test_a_cursor_of_a_foreign_row_means_the_first_page(client, cast):
    foreign = put(cast, "99221", "ZQ远方")
    put(cast, "99111", "王建国")
    client.force_login(cast.village)
    assert names(client.get(ADDRESS, {"after": foreign.pk})) == ["王建国"]


def test_the_list_asks_the_database_the_same_few_questions_however_long_it_is(
    client, cast, django_assert_max_num_queries
):
    for number in range(60):
        put(cast, "99111", f"人{number:03d}")
    client.force_login(cast.city)
    with django_assert_max_num_queries(12):
        page = client.get(ADDRESS, {"q": "人0", "working": "1"})
    assert len(names(page)) == 50


def test_a_township_may_not_export(client, cast):
    put(cast, "99111", "王建国")
    client.force_login(cast.township)
    answer = client.post(reverse("ledgers:export"), {"unit": "9911", "month": str(MARCH)})
    assert answer.status_code == 404


def test_a_county_exports_only_its_own(client, cast):
    client.force_login(cast.county)
    answer = client.post(reverse("ledgers:export"), {"unit": "992", "month": str(MARCH)})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("what", "export"), [("", "records"), ("records", "records"), ("laborers", "laborers")]
)
def test_a_county_chooses_the_facts_or_the_sheet_that_imports_again(client, cast, what, export):
    put(cast, "99111", "王建国")
    client.force_login(cast.county)
    page = client.get(ADDRESS).content.decode()
    assert 'value="laborers">可再导入的采集表' in page
    client.post(reverse("ledgers:export"), {"unit": "991", "month": str(MARCH), "what": what})
    assert Job.objects.get().params == {"export": export, "month": "2023-03"}


def test_nothing_else_is_exported_from_the_ledger(client, cast):
    client.force_login(cast.county)
    answer = client.post(reverse("ledgers:export"), {"unit": "991", "month": str(MARCH), "what": "users"})
    assert answer.status_code == 404
