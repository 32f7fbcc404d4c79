"""A village's month as a workbook: what it locks and offers, and that exactly the edited cells come back as changes."""

from __future__ import annotations

import io

import openpyxl
import pytest

from accounts.authority import NotAllowed
from accounts.models import Unit, User
from jobs.exports import allowed, write_export
from jobs.imports import stage
from jobs.imports.chunks import unpacked
from ledgers.codes import IDLE_TYPES
from ledgers.exports import COLUMNS
from ledgers.exports.sheet import LOCKED
from ledgers.models import Intention
from lib.staging import EXPORTS
from tests import cast as casting
from tests import factories
from tests.factories import MARCH

pytestmark = pytest.mark.django_db
SHEET = EXPORTS["month-sheet"]
WHOLE = {"region_code": "440305", "region_text": "广东省深圳市南山区", "has_contract": True, "has_insurance": True,
         "helped": False, "by_returnee_startup": False}  # fmt: skip
HEAD = 3  # the row of the headings, below title and notes


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return casting.build()


@pytest.fixture
def village(cast) -> Unit:
    """Three people: one away, one at home with plans, one whose employer looks like a formula."""
    home = cast.units["99111"]
    away = factories.laborer(home, "示例甲", education="初中")
    factories.spell(away, **WHOLE)
    factories.record(away, months=2, ticked_months="2022-10,2022-11")
    Intention.objects.create(laborer=away)
    idle = factories.laborer(home, "示例乙", phone="")
    factories.record(
        idle, working=False, place_class="", job_form="", months=0, income=0, reason="not_working"
    )
    Intention.objects.create(
        laborer=idle, idle_type=IDLE_TYPES[0], plans_out=True, wanted_region="广东省", wanted_job="焊工",
        wanted_wage=5000, services={"职业指导": 2}, service_need="岗位信息",
    )  # fmt: skip
    live = factories.laborer(home, "示例丙")
    factories.spell(live, **WHOLE | {"employer": "=1+1号厂"})
    factories.record(live, months=2, ticked_months="2022-10,2022-11")
    return home


def exported(user: User, unit: Unit) -> bytes:
    out = io.BytesIO()
    write_export(SHEET, user, unit, MARCH, out)
    return out.getvalue()


def changes(data: bytes, unit: Unit, user: User) -> tuple[list[str], list[dict]]:
    """Verdicts and new values, as the staged import of the kind laborers judges the file."""
    batch = stage(data, "采集工作簿.xlsx", "laborers", unit, MARCH, user)
    assert batch.state == "staged", (batch.state, batch.refusal)
    rows = [row for chunk in batch.chunks.all() for row in unpacked(chunk)]
    told = [{key: value for key, value in row.new.items() if not key.startswith("_")} for row in rows]
    return [row.verdict for row in rows], told


def edited(data: bytes, cells: dict[tuple[int, str], str]) -> bytes:
    """The workbook after somebody wrote into these cells: (person from 0, heading) → text."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.active
    column = {cell.value: cell.column for cell in sheet[HEAD]}
    for (person, heading), text in cells.items():
        sheet.cell(HEAD + 1 + person, column[heading]).value = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_sent_back_untouched_everybody_is_the_same(cast, village):
    assert changes(exported(cast.village, village), village, cast.village)[0] == ["same"] * 3


def test_exactly_the_edited_cells_are_the_changes(cast, village):
    data = edited(
        exported(cast.village, village),
        {
            (0, "月平均工资"): "5200",
            (0, "就业单位名称"): "示例制衣厂",
            (1, "期望月薪"): "5500",
            (1, "联系电话"): "13900000077",
        },
    )
    verdicts, told = changes(data, village, cast.village)
    assert verdicts == ["changed", "changed", "same"]
    assert told[0] == {"monthly_wage": 5200, "employer": "示例制衣厂"}
    assert told[1] == {"wanted_wage": 5500, "phone": "13900000077"}


def test_a_person_written_below_the_last_is_new(cast, village):
    data = edited(
        exported(cast.village, village),
        {(3, "姓名"): "示例丁", (3, "身份证号码"): "990101199001010019", (3, "行政村"): "甲东一村",
         (3, "是否务工"): "否",
         (3, "未外出务工类型"): "就业转失业", (3, "就业转失业日期"): "2023-02-01", (3, "是否有外出计划"): "否",
         (3, "无外出意愿原因"): "务农", (3, "本年度享受就业服务项目"): "未享受过就业服务"},
    )  # fmt: skip
    assert changes(data, village, cast.village)[0] == ["same", "same", "same", "new"]


def test_who_somebody_is_is_locked_and_answers_are_not(cast, village):
    sheet = openpyxl.load_workbook(io.BytesIO(exported(cast.village, village))).active
    assert sheet.protection.sheet
    assert all(cell.protection.locked for cell in sheet[HEAD])
    locked = {COLUMNS[cell.column - 1].key for cell in sheet[HEAD + 1] if cell.protection.locked}
    assert locked == LOCKED
    below = {columns.protection.locked for columns in sheet.column_dimensions.values()}
    assert below == {False}  # rows below the last are free


def test_code_lists_drop_down_in_their_cells_and_nothing_is_hidden(cast, village):
    book = openpyxl.load_workbook(io.BytesIO(exported(cast.village, village)))
    sheet = book.active
    offered = {
        COLUMNS[min(rule.sqref.ranges, key=str).min_col - 1].key: rule
        for rule in sheet.data_validations.dataValidation
    }
    assert set(offered) == {column.key for column in COLUMNS if column.choices}
    rule = offered["verify_state"]
    assert rule.formula1 == '"未核实,已核实,联系不上"'
    assert max(one.max_row for one in rule.sqref.ranges) >= HEAD + 4
    assert (len(book.sheetnames), sheet.sheet_state) == (1, "visible")
    assert not any(row.hidden for row in sheet.row_dimensions.values())
    assert not any(column.hidden for column in sheet.column_dimensions.values())


def test_numbers_of_people_stay_text_and_nothing_calculates(cast, village):
    sheet = openpyxl.load_workbook(io.BytesIO(exported(cast.village, village))).active
    keys = [column.key for column in COLUMNS]
    cells = {key: sheet.cell(HEAD + 1, keys.index(key) + 1) for key in ("id_no", "phone")}
    assert {(cell.data_type, cell.number_format) for cell in cells.values()} == {("s", "@")}
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_the_workbook_is_made_village_by_village_for_those_who_may_see_the_numbers(cast):
    with pytest.raises(NotAllowed, match="逐个下级单位"):
        allowed("month-sheet", cast.township, cast.units["9911"])
    with pytest.raises(NotAllowed, match="权限"):
        allowed("month-sheet", cast.city, cast.units["99111"])
    assert allowed("month-sheet", cast.township, cast.units["99111"]) == SHEET
