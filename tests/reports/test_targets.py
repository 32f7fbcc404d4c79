"""Entering targets and base figures on the page and by workbook."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import AuditEntry
from lib.staging import CHANGED, NEW, REJECTED, SAME, Context, Row
from reports.forms import name, seen
from reports.imports import Baselines, Targets
from reports.models import Baseline, Target


def post(client, units, numbers: dict[str, tuple[object, object]], page="reports:targets", **query):
    """`numbers`: unit code → (seen, wanted)."""
    data = {}
    for code, (before, wanted) in numbers.items():
        key = units[code].pk
        data |= {name(key, "I01"): wanted, seen(key, "I01"): before}
    return client.post(reverse(page, query=query), data)


def values() -> dict[str, int]:
    return dict(Target.objects.filter(year=2023).values_list("unit__code", "value"))


def test_a_city_enters_the_targets_of_its_counties_in_one_go(client, month):
    client.force_login(month.city)
    answer = post(client, month.units, {"991": ("5", "37,409"), "992": ("1", "1")}, unit="99", year=2023)
    assert answer.status_code == 302
    assert values() == {"991": 37409, "992": 1}
    entry = AuditEntry.objects.get(action="target.set")
    assert entry.detail == {"old": 5, "new": 37409}


def test_an_emptied_box_removes_the_target(client, month):
    client.force_login(month.city)
    post(client, month.units, {"991": ("5", ""), "992": ("1", "1")}, unit="99", year=2023)
    assert values() == {"992": 1}


def test_when_somebody_was_faster_nothing_is_saved_and_both_numbers_are_shown(client, month):
    client.force_login(month.city)
    Target.objects.filter(unit=month.units["991"]).update(value=7)
    answer = post(client, month.units, {"991": ("5", "6"), "992": ("1", "9")}, unit="99", year=2023)
    assert answer.status_code == 409
    assert values() == {"991": 7, "992": 1}
    assert "甲县：他人已保存为 7，您填的是 6。" in answer.content.decode()
    assert f'name="{seen(month.units["991"].pk, "I01")}" value="7"' in answer.content.decode()


def test_numbers_that_are_none_are_refused_and_nothing_typed_is_lost(client, month):
    client.force_login(month.city)
    answer = post(client, month.units, {"991": ("5", "很多"), "992": ("1", "9")}, unit="99", year=2023)
    assert answer.status_code == 200
    assert "很多" in answer.content.decode()
    assert values() == {"991": 5, "992": 1}


def test_the_sum_of_the_parts_is_held_against_the_whole(client, month):
    Target.objects.create(unit=month.units["99"], year=2023, value=8)
    client.force_login(month.city)
    html = client.get(reverse("reports:targets")).content.decode()
    assert "下级合计 6 人，比本级 8 人少 2 人，请核对。" in html


def test_readers_see_targets_and_cannot_write_them(client, month):
    client.force_login(month.township)
    assert "保存" not in client.get(reverse("reports:targets")).content.decode()
    post(client, month.units, {"9911": ("", "3")}, unit="9911", year=2023)
    assert values() == {"991": 5, "992": 1}


def test_targets_of_other_counties_are_not_there(client, month):
    client.force_login(month.county)
    for code in ("99", "992"):
        assert client.get(reverse("reports:targets"), {"unit": code}).status_code == 404
        assert post(client, month.units, {"992": ("1", "9")}, unit=code, year=2023).status_code == 404
    post(client, month.units, {"9911": ("", "3"), "992": ("1", "9")}, unit="991", year=2023)
    assert values() == {"991": 5, "992": 1, "9911": 3}


def test_a_sampler_has_no_targets(client, month):
    client.force_login(month.sampler)
    assert client.get(reverse("reports:targets")).status_code == 404


def test_base_figures_of_a_named_date_are_entered_side_by_side(client, month):
    client.force_login(month.city)
    url = reverse("reports:baselines", query={"unit": "99", "name": "2022年10月"})
    key = month.units["991"].pk
    data = {name(key, "I07"): "2921", seen(key, "I07"): "3", name(key, "I09a"): "26"}
    assert client.post(url, data).status_code == 302
    found = dict(Baseline.objects.filter(unit=month.units["991"]).values_list("figure", "value"))
    assert found == {"I07": 2921, "I09a": 26}
    client.force_login(month.county)
    assert "2921" in client.get(reverse("reports:baselines")).content.decode()


def judged(kind, people, rows: list[dict], unit: str = "99", user=None) -> list:
    context = Context(user or people.city, people.units[unit])
    return list(kind.judge([Row(n, cells) for n, cells in enumerate(rows, 2)], context))


def target_row(unit: str, value: object, year: object = "2023", figure: object = "I01") -> dict:
    return {"unit": unit, "year": year, "figure": figure, "value": value}


def test_a_workbook_of_targets_is_judged_row_by_row(month):
    rows = [
        target_row("991", 5),
        target_row("992", "12"),
        target_row("9911", 3, "2023年度", "外出务工人数"),
        target_row("9911", 4),
        target_row("nowhere", 4),
        target_row("9912", "多"),
        target_row("9912", 1, "23"),
        target_row("9912", 1, 2023, "I11"),
        target_row("", 1),
    ]
    found = judged(Targets(), month, rows)
    assert [one.verdict for one in found] == [SAME, CHANGED, NEW, *[REJECTED] * 6]
    assert found[1].old == {"value": 1}
    assert found[3].problems[0].message == "与第 4 行重复，请只保留一行。"
    assert found[4].problems[0].message == "没有这个单位，或不在您的管辖范围内。"


def test_a_county_cannot_send_targets_of_its_neighbour(month):
    found = judged(Targets(), month, [target_row("992", 12), target_row("9911", 3)], "991", month.county)
    assert [one.verdict for one in found] == [REJECTED, NEW]


def test_targets_are_written_once_and_taken_back(month):
    kind, context = Targets(), Context(month.city, month.units["99"])
    rows = [target_row("992", 12), target_row("9911", 3)]
    staged = judged(kind, month, rows)
    kind.apply(staged, context)
    assert values() == {"991": 5, "992": 12, "9911": 3}
    assert [one.verdict for one in judged(kind, month, rows)] == [SAME, SAME]
    Target.objects.filter(unit__code="9911").update(value=4)
    left = kind.undo(staged[::-1], context)
    assert values() == {"991": 5, "992": 1, "9911": 4}
    assert left == ["第 3 行 甲东镇：入库后又有改动，没有撤回。"]


def test_base_figures_come_by_workbook_too(month):
    kind, context = Baselines(), Context(month.city, month.units["99"])
    rows = [
        {"unit": "991", "name": "2022年10月", "figure": "公益性岗位人数", "value": "2921"},
        {"unit": "992", "name": "2022年底", "figure": "I09b", "value": 0},
    ]
    staged = judged(kind, month, rows)
    assert [one.verdict for one in staged] == [CHANGED, NEW]
    kind.apply(staged, context)
    assert set(Baseline.objects.values_list("unit__code", "name", "figure", "value")) == {
        ("991", "2022年10月", "I07", 2921),
        ("992", "2022年10月", "I07", 0),
        ("992", "2022年底", "I09b", 0),
    }
