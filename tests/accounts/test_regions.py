"""Work places: the table comes with the database, the picker goes down level by level, the search names the way."""

import pytest

from accounts import regions
from accounts.models import Region

pytestmark = pytest.mark.django_db


def test_a_fresh_database_knows_the_regions_and_loading_again_changes_nothing():
    before = Region.objects.count()
    assert before > 4000
    assert regions.load() == before
    assert Region.objects.count() == before


def test_the_picker_goes_down_level_by_level(client, cast):
    client.force_login(cast.village)
    provinces = client.get("/accounts/regions/").json()["regions"]
    assert {"code": "440000", "name": "广东省"} in provinces
    assert len(provinces) == 34
    below = client.get("/accounts/regions/?parent=440000").json()["regions"]
    assert {"code": "440300", "name": "深圳市"} in below
    options = client.get("/accounts/regions/?parent=440300", headers={"hx-request": "true"}).content.decode()
    assert '<option value="440305">南山区</option>' in options


@pytest.mark.parametrize(
    ("text", "found"),
    [("南山区", "广东省深圳市南山区"), ("420281", "湖北省黄石市大冶市"), ("东城区", "北京市东城区")],
)
def test_a_search_names_the_whole_way(text, found):
    assert found in [row["name"] for row in regions.search(text)]


@pytest.mark.parametrize("text", ["", "南", "%", "没有这个地方"])
def test_a_search_needs_two_characters_and_no_wildcards(text):
    assert regions.search(text) == []


def test_a_code_is_written_out():
    assert regions.full_name("440305") == "广东省深圳市南山区"
    assert regions.full_name("999999") == ""
