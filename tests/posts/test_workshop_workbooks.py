"""Workbooks of workshops and of who works there: staged, refused in words, written by the verbs, undone, exported."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from jobs.exports import write_export
from jobs.imports import chunks, confirming, staging
from lib.sheets import Table, write_workbook
from lib.staging import EXPORTS, Stale
from posts import awarding, placing, recognising
from posts.models import TIERED, Placement, Workshop
from tests import cast as casting
from tests import factories
from tests.posts import shops

pytestmark = pytest.mark.django_db
SHOP = ("单位编码", "车间名称", "统一社会信用代码", "类别", "投产日期", "负责人")
WORK = (
    "车间名称",
    "姓名",
    "身份证号码",
    "入职日期",
    "离职日期",
    "工种",
    "月工资",
    "是否签订合同",
    "是否参保",
)


@pytest.fixture
def cast(at, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REDIS_URL = ""
    at(20)
    return casting.build()


def stage(cast, kind: str, head: tuple, *rows, user=None, unit: str = "9911"):
    out = io.BytesIO()
    write_workbook(out, [Table("表", head, [list(row) for row in rows])])
    return staged(cast, kind, out.getvalue(), user or cast.township, unit)


def staged(cast, kind: str, data: bytes, user, unit: str):
    return staging.stage(data, "表.xlsx", kind, cast.units[unit], None, user)


def counts(batch) -> tuple:
    return batch.new, batch.changed, batch.same, batch.review, batch.rejected


def told(batch) -> str:
    return " ".join(
        problem.message
        for chunk in batch.chunks.all()
        for row in chunks.unpacked(chunk)
        for problem in row.problems
    )


def file(name: str, user, unit) -> bytes:
    out = io.BytesIO()
    write_export(EXPORTS[name], user, unit, factories.MARCH, out)
    return out.getvalue()


def sheet(name: str, user, unit) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(file(name, user, unit))).active.iter_rows(values_only=True))


def test_workshops_are_proposed_corrected_left_alone_and_taken_back(cast):
    row = ("99111", "箱包车间", shops.USCC, "扶贫车间", "2023年1月5日", "张某")
    batch = stage(cast, "workshops", SHOP, row)
    assert counts(batch) == (1, 0, 0, 0, 0)
    assert not Workshop.objects.exists()
    confirming.confirm(batch, cast.township)
    shop = Workshop.objects.get()
    assert (shop.state, shop.kind, shop.operating_since, shop.proposed_by) == (
        "proposed",
        "帮扶车间",
        dt.date(2023, 1, 5),
        cast.township,
    )
    assert counts(stage(cast, "workshops", SHOP, row)) == (0, 0, 1, 0, 0)
    changed = stage(cast, "workshops", SHOP, (*row[:5], "李某"))
    assert counts(changed) == (0, 1, 0, 0, 0)
    confirming.confirm(changed, cast.township)
    assert Workshop.objects.get().in_charge == "李某"
    confirming.undo(changed, cast.township)
    assert Workshop.objects.get().in_charge == "张某"
    confirming.undo(batch, cast.township)
    assert not Workshop.objects.exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("99111", "箱包车间", "91990101MA0000001X", "", "", ""), "统一社会信用代码校验码错误"),
        (("99111", "", "", "", "", ""), "不能为空"),
        (("99121", "箱包车间", "", "", "", ""), "不在管辖范围"),
        (("99111", "箱包车间", "", "工厂", "", ""), "不在可选项中"),
        (("99111", "箱包车间", "", "", "2023年3月21日", ""), "投产日期不能晚于今天"),
        (("99111", "停了的", "", "", "", ""), None),
        (("99111", "示例", shops.USCC, "", "", ""), None),
    ],
)
def test_a_row_that_the_verb_would_refuse_is_rejected_with_the_reason(cast, row, words):
    shops.factory(cast, "CJ1", "示例")
    batch = stage(cast, "workshops", SHOP, row)
    assert counts(batch)[4] == (1 if words else 0)
    assert words is None or words in told(batch)


def test_the_same_workshop_twice_in_one_file_is_taken_once(cast):
    row = ("99111", "箱包车间", "", "", "", "")
    batch = stage(cast, "workshops", SHOP, row, row)
    assert counts(batch) == (1, 0, 0, 0, 1)
    assert "与第 2 行是同一个车间" in told(batch)


@pytest.fixture
def shop(cast):
    return shops.factory(cast, "CJ1", "示例车间")


@pytest.fixture
def worker(cast):
    return factories.laborer(cast.units["99111"], "王五")


def line(worker, **more) -> tuple:
    values = {
        "车间名称": "示例车间",
        "姓名": worker.name,
        "身份证号码": worker.id_no,
        "入职日期": "2023年3月1日",
    } | more
    return tuple(values.get(title, "") for title in WORK)


def test_people_begin_are_corrected_leave_and_are_taken_back(cast, shop, worker):
    first = stage(
        cast,
        "placements",
        WORK,
        line(worker, 工种="缝纫工", 月工资="2600元", 是否签订合同="是", 是否参保="√"),
    )
    assert counts(first) == (1, 0, 0, 0, 0)
    confirming.confirm(first, cast.township)
    one = Placement.objects.get()
    assert (one.job, one.monthly_wage, one.contract, one.insured, one.counted, one.by) == (
        "缝纫工",
        2600,
        "劳动合同",
        True,
        True,
        cast.township,
    )
    gone = stage(cast, "placements", WORK, line(worker, 离职日期="2023年3月15日", 月工资="2800"))
    assert counts(gone) == (0, 1, 0, 0, 0)
    confirming.confirm(gone, cast.township)
    one.refresh_from_db()
    assert (one.monthly_wage, str(one.ended_on), one.exit_reason) == (2800, "2023-03-15", "其他")
    confirming.undo(gone, cast.township)
    one.refresh_from_db()
    assert (one.monthly_wage, one.ended_on, one.exit_reason) == (2600, None, "")
    confirming.undo(first, cast.township)
    assert not Placement.objects.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"车间名称": "没有的"}, "没有这个名称的车间"),
        ({"姓名": "王六"}, "姓名与台账中这个号码的姓名不一致"),
        ({"身份证号码": factories.citizen_id(997)}, "台账里没有这个人"),
        ({"月工资": "1"}, "月工资应在100元到30000元之间"),
        ({"离职日期": "2023年2月1日"}, "离职日期不能早于入职日期"),
        ({"入职日期": "2023年3月21日"}, "不能晚于今天"),
        ({"是否签订合同": "口头"}, "不在可选项中"),
    ],
)
def test_a_row_with_a_mistake_says_where_and_what_to_do(cast, shop, worker, more, words):
    batch = stage(cast, "placements", WORK, line(worker, **more))
    assert counts(batch) == (0, 0, 0, 0, 1)
    assert words in told(batch)


@pytest.mark.parametrize("beside", ["post", "away", "workshop"])
def test_the_file_refuses_what_the_verb_refuses(cast, shop, worker, beside):
    words = shops.occupied(cast, worker, beside)
    batch = stage(cast, "placements", WORK, line(worker))
    assert counts(batch) == (0, 0, 0, 0, 1)
    assert words in told(batch)
    assert not shop.placements.exists()


def test_one_person_in_two_workshops_of_one_file_is_refused(cast, shop, worker):
    shops.factory(cast, "CJ2", "另一车间")
    batch = stage(
        cast, "placements", WORK, line(worker), line(worker, 车间名称="另一车间", 入职日期="2023年3月10日")
    )
    assert counts(batch) == (1, 0, 0, 0, 1)
    assert "与第 2 行是同一个人，日期重叠" in told(batch)


def test_what_was_judged_and_is_no_longer_so_is_judged_again(cast, shop, worker):
    batch = stage(cast, "placements", WORK, line(worker))
    shops.occupied(cast, worker, "away")
    with pytest.raises(Stale, match="县外务工"):
        confirming.confirm(batch, cast.township)
    assert not Placement.objects.exists()


def test_what_is_exported_can_be_imported_and_changes_nothing(cast, shop, worker):
    placing.place(shop, worker, dt.date(2023, 3, 1), cast.township, **shops.WHOLE)
    shops.proposed(cast, "99112", uscc=shops.USCC, form="居家式")
    for name, rows in (("workshops", 2), ("placements", 1)):
        batch = staged(cast, name, file(name, cast.county, cast.units["991"]), cast.county, "991")
        assert counts(batch) == (0, 0, rows, 0, 0), told(batch)


def test_the_lists_to_print_name_workshops_people_and_amounts(cast, at):
    at(20, month=4)
    done = shops.recognised(cast, people=5, uscc=shops.USCC)
    outside = factories.laborer(done.unit, "不计入的", household__poverty_kind="一般农户")
    placing.place(done, outside, dt.date(2023, 3, 1), cast.township)
    recognising.review(done, dt.date(2023, 4, 20), shops.GOOD, "合格", "", cast.township)
    awarding.make_award(done, TIERED, 2023, cast.township)
    county = cast.units["991"]
    roster = str(sheet("workshop-roster", cast.county, county))
    assert "示例村箱包车间" in roster
    people = sheet("absorbed-roster", cast.county, county)
    assert "不计入的" not in str(people)
    assert people[-2][4] == "5人"
    notice = sheet("award-notice", cast.county, county)
    assert notice[-2][7:9] == (5, 10_000)
    secrets = [
        one for person in done.placements.all() for one in (person.laborer.id_no, person.laborer.phone)
    ]
    assert not any(secret in str(notice) for secret in secrets)
    assert not any(person.laborer.name in str(notice) for person in done.placements.all())
