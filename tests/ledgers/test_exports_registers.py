"""Ledgers and lists of offices: who is on each, its 合计 line, and that it prints as an official table."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from jobs.exports import write_export
from ledgers.exports.registers import GROUP, unstable
from ledgers.imports.known import people
from ledgers.models import Intention, Laborer
from lib.month import Month
from lib.staging import EXPORTS
from posts.models import Appointment, Post
from tests import cast as casting
from tests import factories
from tests.factories import MARCH

pytestmark = pytest.mark.django_db
IDLE = {
    "working": False,
    "place_class": "",
    "job_form": "",
    "months": 0,
    "income": 0,
    "reason": "not_working",
}


@pytest.fixture
def cast(db):
    return casting.build()


def sheet_of(name: str, user, unit, month=MARCH):
    out = io.BytesIO()
    write_export(EXPORTS[name], user, unit, month, out)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue())).active


def names(name: str, user, unit) -> list[str]:
    export = EXPORTS[name]
    at = export.headings.index("姓名")
    return [row[at] for row in export.rows(user, unit, MARCH)]


@pytest.fixture
def village(cast):
    """甲 works, 乙 too after a change, 丙 wants to go out, 丁 does not, 戊 came back, 己 is outside, 庚 studies."""
    home = cast.units["99111"]
    made = {name: factories.laborer(home, f"示例{name}") for name in "甲乙丙丁戊己"}
    made["庚"] = factories.laborer(home, "示例庚", person_state="暂时退出/上学")
    moved = factories.laborer(home, "示例辛", household__is_relocated=True, household__settlement="示例小区")
    for name in "甲己":
        factories.spell(made[name])
        factories.record(made[name], is_poverty=name == "甲")
    factories.spell(made["乙"], Month(2022, 10), ended=Month(2022, 12), employer="示例鞋厂")
    factories.spell(made["乙"], Month(2023, 1))
    factories.record(made["乙"], income=13000)
    for name in "丙丁戊庚":
        factories.record(made[name], **IDLE)
    factories.record(moved, **IDLE)
    Intention.objects.create(laborer=made["丙"], plans_out=True, wanted_job="焊工")
    Intention.objects.create(laborer=made["丁"], plans_out=False, no_plan_reason="照顾家人")
    Intention.objects.create(laborer=made["戊"], is_returned=True, return_reason="因病", left_region="广东省")
    return home


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("work-ledger", "甲乙丙丁戊庚辛"),
        ("relocated-ledger", "辛"),
        ("employed-list", "甲乙"),
        ("unemployed-list", "丙丁戊辛"),
        ("willing-list", "丙"),
        ("returned-list", "戊"),
        ("unstable-list", "乙"),
        ("unwilling-ledger", "丁"),
    ],
)
def test_each_list_has_whom_it_is_for(cast, village, name, expected):
    assert names(name, cast.county, cast.units["991"]) == [f"示例{one}" for one in expected]


def test_a_list_has_only_people_within_reach(cast, village):
    factories.record(factories.laborer(cast.units["99211"], "别县人"))
    assert "别县人" not in names("employed-list", cast.county, cast.units["99"])
    assert names("employed-list", cast.township, cast.units["9911"]) == []  # a township takes no lists out


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([("2022-10", None, "甲厂")], False),
        ([("2022-10", "2022-12", "甲厂"), ("2023-01", None, "乙厂")], True),
        ([("2022-10", "2022-12", "甲厂"), ("2023-01", None, "甲厂")], False),
        ([("2022-10", "2022-11", "甲厂"), ("2023-01", None, "甲厂")], True),
        ([("2021-10", "2022-08", "乙厂"), ("2022-10", None, "甲厂")], False),
        ([("2022-10", "2023-01", "甲厂"), ("2023-02", "2023-02", "乙厂")], False),
    ],
)
def test_unstable_is_two_employers_or_a_gap_within_the_year(cast, spells, expected):
    person = factories.laborer(cast.units["99111"])
    for started, ended, employer in spells:
        ends = Month.parse(ended) if ended else None
        factories.spell(person, Month.parse(started), ended=ends, employer=employer)
    [known] = people(Laborer.objects.filter(pk=person.pk), MARCH)
    assert unstable(known, MARCH) is expected


def test_a_ledger_prints_as_an_official_table(cast, village):
    sheet = sheet_of("work-ledger", cast.county, cast.units["991"])
    assert sheet["A1"].value.startswith("甲县2023年3月脱贫户、监测户劳动力务工台账（xian 于")
    head = [cell.value for cell in sheet[2]]
    assert head[:3] == ["序号", "乡镇", "行政村"]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6, 7, "合计"]
    total = dict(zip(head, rows[-1], strict=True))
    assert (total["姓名"], total["年度务工收入"]) == ("7人", 40000)
    setup = sheet.page_setup
    assert (setup.orientation, int(setup.paperSize), int(setup.fitToHeight)) == ("landscape", 9, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$2"
    assert {cell.border.left.style for cell in sheet[3]} == {"thin"}
    assert sheet.freeze_panes == "A3"


def test_an_empty_list_is_a_table_with_nobody(cast):
    sheet = sheet_of("returned-list", cast.county, cast.units["991"])
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[0] for row in rows] == ["合计"]
    assert "0人" in rows[0]


def test_every_list_names_people_and_says_whom_it_lists():
    found = [export for export in EXPORTS.values() if export.group == GROUP]
    assert {export.name for export in found} >= {"work-ledger", "post-ledger", "workshop-roster"}
    assert all(export.about.endswith("。") for export in found)
    named = {"姓名", "身份证号码", "联系电话", "负责人"}
    assert {export.name for export in found if not export.personal} == {
        export.name for export in found if not named.intersection(export.headings)
    }


def test_the_ledger_of_posts_lists_who_held_one_in_the_month(cast):
    village = cast.units["99111"]
    posts = [
        Post.objects.create(
            number=f"G{n}", unit=village, title="护路员", category="护路员", opened_on=dt.date(2022, 1, 1)
        )
        for n in range(3)
    ]
    now, left, before = (factories.laborer(village, f"示例{name}") for name in "甲乙丙")
    Appointment.objects.create(post=posts[0], laborer=now, started_on=dt.date(2022, 5, 1))
    Appointment.objects.create(
        post=posts[1], laborer=left, started_on=dt.date(2022, 5, 1), ended_on=dt.date(2023, 3, 10)
    )
    Appointment.objects.create(
        post=posts[2], laborer=before, started_on=dt.date(2022, 5, 1), ended_on=dt.date(2023, 2, 28)
    )
    headings = EXPORTS["post-ledger"].headings
    rows = [
        dict(zip(headings, row, strict=True))
        for row in EXPORTS["post-ledger"].rows(cast.county, cast.units["991"], MARCH)
    ]
    assert [(row["姓名"], row["在岗状态"]) for row in rows] == [("示例甲", "在岗"), ("示例乙", "已退岗")]
    assert names("post-ledger", cast.township, cast.units["9911"]) == []
