"""The workbook of 培训: judged by the checks of the form, written once, taken back, made again by the export."""

from __future__ import annotations

import datetime as dt

import pytest

from jobs import imports
from jobs.imports.problems import problems
from jobs.models import ImportBatch
from ledgers.models import Laborer, Service
from lib.month import Month
from lib.staging import EXPORTS, KINDS
from subsidies.models import Allowance, Certificate, Enrolment, TrainingClass
from subsidies.training import classes, paying
from tests import factories
from tests.jobs.conftest import workbook
from tests.subsidies.training_cast import row_of, school, with_account

pytestmark = pytest.mark.django_db
HEADINGS = [column.title for column in KINDS["training"].columns]
MARCH = Month(2023, 3)
DONE = {"出勤天数": "5", "证书名称": "培训合格证书", "证书编号": "ZS1", "补贴金额": "75"}


@pytest.fixture
def one(cast):
    return school(cast)


def row(person: Laborer, **more: object) -> list:
    values = {
        "姓名": person.name, "身份证号码": person.id_no, "培训班": "电工一期", "工种": "电工", "开始": "2023-03-13",
        "结束": "2023-03-17",
    } | more  # fmt: skip
    return [values.get(heading) for heading in HEADINGS]


def staged(cast, *rows: list, by=None, unit: str = "991") -> ImportBatch:
    data = workbook(list(rows), HEADINGS)
    return imports.stage(data, "培训.xlsx", "training", cast.units[unit], None, by or cast.county)


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return batch.new, batch.changed, batch.same, batch.review, batch.rejected


def told(batch: ImportBatch) -> str:
    return "".join(one["message"] for one in problems(batch))


def test_a_class_and_its_people_come_from_a_workbook_and_go_back_into_one(cast, one):
    first, second, third = one.people
    rows = [row(first, **DONE), row(second, 出勤天数="3", 补贴金额="45.00"), row(third)]
    batch = staged(cast, *rows)
    assert (counts(batch), TrainingClass.objects.count()) == ((3, 0, 0, 0, 0), 0)
    imports.confirm(batch, cast.county)
    made = TrainingClass.objects.get()
    assert (made.plan, made.state, made.taken, len(made.days)) == (one.plan, "open", 3, 5)
    assert (Enrolment.objects.trained().count(), Enrolment.objects.certified().count()) == (1, 1)
    assert Service.objects.filter(kind="职业培训", on=dt.date(2023, 3, 13)).count() == 3
    assert counts(staged(cast, *rows)) == (0, 0, 3, 0, 0)
    assert counts(staged(cast, row(third, 出勤天数="5"))) == (0, 1, 0, 0, 0)
    again = [
        [str(cell) for cell in line]
        for line in EXPORTS["training"].rows(cast.county, cast.units["991"], MARCH)
    ]
    assert [line[0] for line in again] == [person.name for person in one.people]
    assert counts(staged(cast, *again)) == (0, 0, 3, 0, 0)
    assert imports.undo(batch, cast.county) == []
    assert not Enrolment.objects.standing().exists()
    assert not Certificate.objects.exists()
    made.refresh_from_db()
    assert made.state == "void"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (DONE | {"补贴金额": "80"}, "按出勤5天×15.00元应为75.00元（YD-J05）"),
        ({"补贴金额": "75"}, "没有出勤天数"),
        ({"补贴金额": "很多"}, "不是金额"),
        ({"出勤天数": "6"}, "不能多于5天"),
        (DONE | {"出勤天数": "3", "补贴金额": ""}, "取证人数不能多于培训人数（YD-J04）"),
        ({"证书名称": "培训合格证书"}, "要一起填写"),
        ({"结束": "2023-03-10"}, "不能早于开始日期"),
        ({"工种": None}, "工种不能为空"),
        ({"姓名": "别人"}, "姓名不同"),
        ({"身份证号码": "990101199001010019"}, "台账中没有这个人"),
        ({"结束": "2023-03-24", "出勤天数": "5"}, "培训结束后再登记出勤天数"),
    ],
)
def test_what_a_form_refuses_a_workbook_refuses_with_the_cell(cast, one, more, message):
    batch = staged(cast, row(one.people[0], **more))
    assert counts(batch) == (0, 0, 0, 0, 1)
    assert message in told(batch)


def test_people_who_are_away_or_in_another_class_are_refused(cast, one):
    away, busy, free = one.people
    factories.spell(away)
    batch = staged(
        cast, row(away), row(busy), row(busy, 培训班="焊工一期", 工种="焊工"), row(free),
        row(free, 培训班="焊工二期", 工种="焊工", 开始="2023-03-06", 结束="2023-03-07"), row(free),
    )  # fmt: skip
    assert counts(batch) == (2, 0, 0, 0, 4)
    words = told(batch)
    for part in ("在省外务工", "每人每年最多1次", "与第 5 行重复"):
        assert part in words


def test_an_existing_class_is_compared_and_keeps_its_places(cast, one):
    small = one.a_class(places=1)
    assert counts(staged(cast, row(one.people[0]), row(one.people[1]))) == (1, 0, 0, 0, 1)
    different = staged(cast, row(one.people[0], 结束="2023-03-16"))
    assert "与系统里“电工一期”的2023-03-17不同" in told(different)
    batch = staged(cast, row(one.people[0]), by=cast.township, unit="9911")
    assert counts(batch) == (1, 0, 0, 0, 0)
    foreign = staged(cast, row(one.people[0], 出勤天数="5"), by=cast.township, unit="9911")
    assert "由甲县登记" in told(foreign)
    imports.confirm(batch, cast.township)
    assert row_of(small, one.people[0]).state == Enrolment.State.ENROLLED


def test_a_day_of_payment_counts_for_an_approved_allowance_only(cast, one):
    done = one.finished()
    person = with_account(one.people[0], cast.county)
    early = staged(cast, row(person, 发放日期="2023-03-18"))
    assert (counts(early), "还没有审批" in told(early)) == ((0, 0, 1, 0, 0), True)
    paying.compute(done, cast.county)
    paying.approve(done, one.boss)
    batch = staged(cast, row(person, 出勤天数="5", 补贴金额="75", 发放日期="2023-03-18"))
    assert counts(batch) == (0, 1, 0, 0, 0)
    imports.confirm(batch, cast.county)
    assert Allowance.objects.get(enrolment__laborer=person).paid_on == dt.date(2023, 3, 18)
    assert "没有撤回" in imports.undo(batch, cast.county)[0]
    differs = staged(cast, row(person, 发放日期="2023-03-17", 出勤天数="4"))
    assert "系统里登记的发放日期是2023-03-18" in told(differs)
    assert "系统里已登记5天" in told(differs)


def test_the_printed_lists_hold_the_people_of_the_month(cast, one):
    done = one.finished(absent={1: 2})
    classes.end_certifying(done, cast.county)
    paying.compute(done, cast.county)

    def rows(name: str, month: Month = MARCH) -> list[list]:
        export = EXPORTS[name]
        found = list(export.rows(cast.county, cast.units["991"], month))
        assert all(len(line) == len(export.headings) for line in found)
        return found

    assert [line[2] for line in rows("training-roll")] == [person.name for person in one.people]
    sheet = rows("training-attendance")[1]
    assert [sheet[2 + day] for day in (12, 13, 15, 16, 17)] == ["", "√", "√", "×", "×"]
    assert sheet[-2] == 3
    assert [str(line[7]) for line in rows("training-allowance")] == ["75", "45", "75"]
    assert rows("training-roll", Month(2023, 4)) == []
