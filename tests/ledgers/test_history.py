"""The person's page tells what workbooks did to the person: who, when, which batch, old and new."""

import datetime as dt

import pytest

from jobs import imports
from ledgers import facts
from ledgers.models import Laborer, PersonChange
from lib.month import Month
from lib.sheets import Column as SheetColumn
from lib.sheets import Table, write_workbook
from tests import cast as casting
from tests import factories

MARCH = Month(2023, 3)


@pytest.fixture
def cast(db):
    return casting.build()


def workbook(tmp_path, headings: list[str], *rows: list) -> str:
    path = tmp_path / "sheet.xlsx"
    write_workbook(path, Table("台账", [SheetColumn(title) for title in headings], rows))
    return str(path)


def send(cast, path: str):
    batch = imports.stage(path, "台账.xlsx", "laborers", cast.units["99111"], MARCH, cast.township)
    return imports.confirm(batch, cast.township)


def test_a_change_by_workbook_stands_on_the_persons_page_without_secret_values(cast, client, tmp_path):
    person = factories.laborer(cast.units["99111"], "示例甲", birth_date=dt.date(1985, 1, 1))
    factories.spell(person)
    facts.refresh(MARCH, [person.pk])
    path = workbook(
        tmp_path,
        ["姓名", "身份证号码", "联系电话", "就业单位名称"],
        ["示例甲", person.id_no, "13900009999", "新示例厂"],
    )
    batch = send(cast, path)
    assert (batch.changed, batch.rejected, batch.review) == (1, 0, 0)
    client.force_login(cast.township)
    page = client.get(f"/ledgers/people/{person.pk}/?month=2023-03").content.decode()
    assert "导入变更" in page
    assert "示例电子厂 → 新示例厂" in page
    assert batch.number in page
    assert "13900009999" not in page


def test_taking_the_batch_back_is_told_as_well(cast, tmp_path):
    person = factories.laborer(cast.units["99111"], "示例乙")
    factories.spell(person)
    facts.refresh(MARCH, [person.pk])
    batch = send(
        cast, workbook(tmp_path, ["姓名", "身份证号码", "文化程度"], ["示例乙", person.id_no, "初中"])
    )
    assert imports.undo(batch, cast.township) == []
    told = list(PersonChange.objects.filter(laborer=person).order_by("pk").values_list("what", "changes"))
    assert told == [("导入变更", [["文化程度", "（空）", "初中"]]), ("撤回导入", [])]


def test_a_person_first_entered_by_a_workbook_can_still_be_taken_back(cast, tmp_path):
    number = factories.citizen_id(77)
    path = workbook(tmp_path, ["姓名", "身份证号码", "是否务工"], ["示例丙", number, ""])
    batch = send(cast, path)
    assert PersonChange.objects.get().what == "导入登记"
    assert imports.undo(batch, cast.township) == []
    assert not Laborer.objects.exists()
