"""The shipped data files agree with themselves and with each other (docs/data-sources.md)."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARENT_LEVEL = {"county": "city", "township": "county", "village": "township"}


def read(path: str) -> list[dict[str, str]]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def regions() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in read("accounts/data/regions.csv")}


@pytest.fixture(scope="module")
def units() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in read("accounts/data/huangshi_units.csv")}


@pytest.fixture(scope="module")
def outlines() -> dict:
    return json.loads((ROOT / "reports/data/outlines.json").read_text(encoding="utf-8"))


def chain(units: dict, name: str, level: str) -> list[tuple[str, str]]:
    """(name, name of the unit it reports to) of every unit of that name and level."""
    found = [unit for unit in units.values() if (unit["name"], unit["level"]) == (name, level)]
    return [(unit["name"], units[unit["parent_code"]]["name"]) for unit in found]


@pytest.mark.parametrize("path", ["accounts/data/regions.csv", "accounts/data/huangshi_units.csv"])
def test_codes_are_unique_and_names_are_clean(path):
    rows = read(path)
    assert [code for code, n in Counter(row["code"] for row in rows).items() if n > 1] == []
    assert [row for row in rows if not re.fullmatch(r"[\w·、（）]{1,30}", row["name"])] == []


def test_regions_are_sorted_by_code():
    codes = [row["code"] for row in read("accounts/data/regions.csv")]
    assert codes == sorted(codes)


def test_every_region_lies_inside_its_parent(regions):
    prefix = {"city": 2, "county": 4, "town": 6}
    parent_level = {"city": "province", "county": "city", "town": "county"}
    for code, row in regions.items():
        assert len(code) == (9 if row["level"] == "town" else 6)
        if row["level"] == "province":
            assert row["parent"] == ""
            continue
        length = prefix[row["level"]]
        assert regions[row["parent"]]["level"] == parent_level[row["level"]]
        assert row["parent"][:length] == code[:length]


def test_regions_cover_the_nation_and_the_towns_of_hubei(regions):
    counts = Counter(row["level"] for row in regions.values())
    assert counts == {"province": 34, "city": 342, "county": 2975, "town": 1475}
    assert {code[:2] for code, row in regions.items() if row["level"] == "town"} == {"42"}


def test_units_form_one_tree_from_city_to_village(units):
    assert [unit["code"] for unit in units.values() if not unit["parent_code"]] == ["4202"]
    for code, unit in units.items():
        if unit["level"] == "city":
            continue
        parent = units[unit["parent_code"]]
        assert parent["level"] == PARENT_LEVEL[unit["level"]]
        assert re.fullmatch(re.escape(parent["code"]) + r"([A-Z]{2}|\d{2})", code)


def test_siblings_have_different_names_and_run_in_order(units):
    names = Counter((unit["parent_code"], unit["name"]) for unit in units.values())
    assert [key for key, n in names.items() if n > 1] == []
    orders: dict[str, list[int]] = {}
    for unit in units.values():
        orders.setdefault(unit["parent_code"], []).append(int(unit["order"]))
    assert all(order == list(range(1, len(order) + 1)) for order in orders.values())


def test_four_counties_report_in_the_order_of_the_bulletin_annex(units):
    counties = [(unit["code"], unit["name"]) for unit in units.values() if unit["level"] == "county"]
    assert counties == [
        ("4202DY", "大冶市"),
        ("4202YX", "阳新县"),
        ("4202KT", "开发区·铁山区"),
        ("4202XG", "新港园区"),
    ]


def test_every_leaf_of_the_tree_is_a_village(units):
    parents = {unit["parent_code"] for unit in units.values()}
    assert {unit["level"] for code, unit in units.items() if code not in parents} == {"village"}


def test_official_codes_have_twelve_digits_and_belong_to_one_unit(units):
    codes = [unit["gb_code"] for unit in units.values() if unit["gb_code"]]
    assert len(codes) == len(set(codes))
    assert [code for code in codes if not re.fullmatch(r"4202\d{8}", code)] == []


def test_only_local_units_lack_an_official_code(units):
    local = {unit["name"] for unit in units.values() if not unit["gb_code"]}
    assert local == {"开发区·铁山区", "新港园区", "海口湖管理区"}


def test_township_codes_stand_in_the_region_table(units, regions):
    townships = [unit for unit in units.values() if unit["level"] == "township" and unit["gb_code"]]
    assert [unit["name"] for unit in townships if unit["gb_code"][:9] not in regions] == []
    assert {unit["gb_code"][9:] for unit in townships} == {"000"}


@pytest.mark.parametrize(
    ("township", "county"),
    [
        ("灵乡镇", "大冶市"),
        ("茗山乡", "大冶市"),
        ("陶港镇", "阳新县"),
        ("木港镇", "阳新县"),
        ("太子镇", "开发区·铁山区"),
        ("海口湖管理区", "新港园区"),
        ("东风农场管理区", "大冶市"),
    ],
)
def test_a_township_of_the_bulletin_reports_where_the_bulletin_says(units, township, county):
    assert chain(units, township, "township") == [(township, county)]


@pytest.mark.parametrize(
    ("village", "township", "county"),
    [
        ("左家铺村", "金海管理区", "新港园区"),
        ("谭家畈村", "韦源口镇", "新港园区"),
        ("海口村", "海口湖管理区", "新港园区"),
        ("刘政村", "太子镇", "开发区·铁山区"),
    ],
)
def test_a_village_of_the_bulletin_reports_where_the_bulletin_says(units, village, township, county):
    assert chain(units, village, "village") == [(village, township)]
    assert chain(units, township, "township") == [(township, county)]


def test_village_names_carry_no_committee_suffix(units):
    names = [unit["name"] for unit in units.values() if unit["level"] == "village"]
    assert [name for name in names if re.search(r"委员会|村委|居委|村村|社区社区", name)] == []
    assert {name for name in names if not name.endswith(("村", "社区"))} == {
        "水产生产队",
        "开发生产队",
        "杨家洲生产队",
    }


def test_outlines_link_to_the_reporting_counties_only(units, outlines):
    linked = [shape["unit"] for shape in outlines["shapes"] + outlines["points"]]
    assert sorted(linked) == sorted(code for code, unit in units.items() if unit["level"] == "county")
    assert all(shape["name"] == units[shape["unit"]]["name"] for shape in outlines["shapes"])
    assert {shape["name"] for shape in outlines["background"]} == {
        "黄石港区",
        "西塞山区",
        "下陆区",
    }
    assert not any("unit" in shape for shape in outlines["background"])


def test_outlines_stay_inside_the_picture_and_are_small(outlines):
    width, height = outlines["viewBox"]
    for shape in outlines["shapes"] + outlines["background"]:
        assert re.fullmatch(r"(M[\d. L]+Z)+", shape["path"])
        numbers = [float(n) for n in re.findall(r"[\d.]+", shape["path"])] + shape["label"]
        assert all(0 <= x <= width for x in numbers[::2])
        assert all(0 <= y <= height for y in numbers[1::2])
    assert (ROOT / "reports/data/outlines.json").stat().st_size < 60_000
