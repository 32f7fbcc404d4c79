"""异动: who changed since the last 交接单, in national order, and what the other system answered."""

from __future__ import annotations

import datetime as dt
import io
import uuid

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from jobs import files, runner
from jobs.imports import confirm, stage, undo
from jobs.models import Job
from ledgers import handover, work
from ledgers.exports.handover import NATIONAL
from ledgers.models import Handover, HandoverLine, Laborer, WorkSpell
from lib.month import SHANGHAI
from tests import cast as casting
from tests.factories import MARCH
from tests.ledgers.sheets import context, send, working

pytestmark = pytest.mark.django_db
HEAD = 3  # as the national exports: the third row


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REDIS_URL = ""
    return casting.build()


@pytest.fixture
def county(cast):
    """Somebody new in March, whose employer and wage then change; another who does not change any more."""
    town = context(cast.township, cast.units["9911"])
    before = timezone.now()
    line = working(姓名="示例甲")
    send("laborers", [line, working(姓名="示例乙")], town)
    between = timezone.now()
    send("laborers", [line | {"就业单位名称": "示例鞋厂", "月平均工资": "5200"}], town)
    return {"unit": cast.units["991"], "before": before, "between": between, "line": line, "town": town}


def made(cast, county, since: str = "between") -> Handover:
    return handover.make(county["unit"], MARCH, county[since], cast.county, uuid.uuid4())


def told(found: Handover) -> dict[str, list]:
    return {line.laborer.name: line.changes for line in found.lines.select_related("laborer")}


def test_only_who_changed_since_the_moment_is_handed_over(cast, county):
    assert told(made(cast, county)) == {
        "示例甲": [["就业单位名称", "示例电子厂", "示例鞋厂"], ["月平均工资", "4500", "5200"]]
    }


def test_new_people_are_handed_over_as_new(cast, county):
    lines = {line.laborer.name: line for line in made(cast, county, "before").lines.select_related("laborer")}
    assert {name: line.added for name, line in lines.items()} == {"示例甲": True, "示例乙": True}
    assert lines["示例乙"].changes == []


def test_several_changes_are_told_as_one_and_one_that_came_back_is_none(cast, county):
    send(
        "laborers", [county["line"] | {"就业单位名称": "示例帽厂"}], county["town"]
    )  # the wage is 4500 again
    assert told(made(cast, county)) == {"示例甲": [["就业单位名称", "示例电子厂", "示例帽厂"]]}


def test_the_next_one_begins_where_the_last_one_ended(cast, county):
    first = made(cast, county, "before")
    assert handover.last_moment(county["unit"], MARCH) == first.until
    with pytest.raises(NotAllowed, match="没有异动"):
        handover.make(county["unit"], MARCH, first.until, cast.county, uuid.uuid4())
    assert handover.last_moment(cast.units["992"], MARCH) == dt.datetime(2023, 3, 1, tzinfo=SHANGHAI)


def test_a_batch_that_was_taken_back_is_no_change(cast, county):
    data = workbook([county["line"] | {"就业单位名称": "示例帽厂", "月平均工资": "5200"}])
    before = timezone.now()
    batch = stage(data, "甲.xlsx", "laborers", cast.units["9911"], MARCH, cast.township)
    undo(confirm(batch, cast.township), cast.township)
    assert handover.changed(county["unit"], before, timezone.now(), cast.county) == []


def workbook(lines: list[dict]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(list(lines[0]))
    for line in lines:
        book.active.append(list(line.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_same_job_makes_it_once(cast, county):
    job = uuid.uuid4()
    first = handover.make(county["unit"], MARCH, county["between"], cast.county, job)
    assert handover.make(county["unit"], MARCH, county["between"], cast.county, job) == first
    assert AuditEntry.objects.filter(action="handover.make").count() == 1


@pytest.mark.parametrize("who", ["village", "township", "neighbour_county", "auditor"])
def test_only_who_may_export_the_unit_hands_over(cast, county, who):
    with pytest.raises(NotAllowed, match="权限"):
        work.start_handover(county["unit"], MARCH, county["before"], getattr(cast, who))


def test_a_line_without_its_receipt_is_refused_by_the_database(cast, county):
    line = made(cast, county).lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        HandoverLine.objects.filter(pk=line.pk).update(result="已入库")


# ── the workbook and its answer ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def file(cast, county) -> bytes:
    """The workbook of everybody since the beginning, through its job."""
    job = work.start_handover(county["unit"], MARCH, county["between"], cast.county)
    runner.run_waiting()
    job.refresh_from_db()
    number = Handover.objects.get().number
    assert (job.state, job.result_file.name) == ("done", f"甲县2023-03异动交接单{number}.xlsx")
    return b"".join(files.open_file(job.result_file))


def test_the_workbook_has_the_national_columns_and_marks_what_changed(cast, file):
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    head = [cell.value for cell in sheet[HEAD]]
    assert head[1:18] == list(NATIONAL.values())[:17]
    row = dict(zip(head, sheet[HEAD + 1], strict=True))
    expected = {
        "县": "甲县", "乡": "甲东镇", "行政村": "甲东一村", "姓名": "示例甲", "是否已务工": "是",
        "开始时间": "2022年10月", "务工企业名称": "示例鞋厂",
    }  # fmt: skip
    assert {title: row[title].value for title in expected} == expected
    assert row["异动内容"].value == "就业单位名称：示例电子厂 → 示例鞋厂；月平均工资：4500 → 5200"
    yellow = {title for title, cell in row.items() if cell.fill.fgColor.rgb == "FFFFF2CC"}
    assert yellow == {"务工企业名称", "务工月收入"}
    assert (row["证件号码"].data_type, row["证件号码"].value) == (
        "s",
        Laborer.objects.get(name="示例甲").id_no,
    )


def test_somebody_who_stopped_working_shows_the_spell_that_ended(cast, county):
    WorkSpell.objects.filter(laborer__name="示例甲").update(ended=MARCH - 1)
    found = made(cast, county)
    out = io.BytesIO()
    work.handover_sheet.write(found, out)
    sheet = openpyxl.load_workbook(out).active
    row = dict(
        zip([cell.value for cell in sheet[HEAD]], [cell.value for cell in sheet[HEAD + 1]], strict=True)
    )
    assert (row["是否已务工"], row["结束时间"], row["务工企业名称"]) == ("否", "2023年02月", "示例鞋厂")


def answered(file: bytes, *answers: str | None) -> bytes:
    """The workbook with 录入结果, 录入日期, 未录入原因 of its first person."""
    book = openpyxl.load_workbook(io.BytesIO(file))
    head = [cell.value for cell in book.active[HEAD]]
    for title, answer in zip(("录入结果", "录入日期", "未录入原因"), answers, strict=True):
        book.active.cell(HEAD + 1, head.index(title) + 1).value = answer
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def receive(cast, data: bytes):
    return stage(data, "回执.xlsx", "receipts", cast.units["991"], None, cast.county)


def test_an_answer_makes_the_line_entered_and_can_be_taken_back(cast, file):
    batch = receive(cast, answered(file, "已入库", f"{timezone.localdate()}", None))
    assert (batch.state, batch.changed, batch.rejected) == ("staged", 1, 0)
    confirm(batch, cast.county)
    line = HandoverLine.objects.get()
    assert (line.result, line.entered_on, line.received_by) == ("已入库", timezone.localdate(), cast.county)
    assert AuditEntry.objects.get(action="handover.receipt").detail["people"] == 1
    assert undo(batch, cast.county) == []
    line.refresh_from_db()
    assert (line.result, line.entered_on, line.received_at) == ("待录入", None, None)


def test_a_workbook_without_answers_changes_nothing(cast, file):
    batch = receive(cast, file)
    assert (batch.state, batch.same, batch.changed) == ("staged", 1, 0)


def test_a_refusal_keeps_its_reason(cast, file):
    confirm(receive(cast, answered(file, "未入库", None, "系统中户籍已迁出")), cast.county)
    line = HandoverLine.objects.get()
    assert (line.result, line.entered_on, line.reason) == ("未入库", None, "系统中户籍已迁出")


@pytest.mark.parametrize(
    "answers", [("未入库", None, None), ("已入库", "2099-01-01", None), ("已入库", "2020-01-01", None)]
)
def test_an_answer_that_cannot_be_is_rejected(cast, file, answers):
    assert receive(cast, answered(file, *answers)).rejected == 1


def test_a_number_or_a_person_that_is_not_on_it_is_rejected(cast, county, file):
    on_it, other = Laborer.objects.get(name="示例甲"), Laborer.objects.get(name="示例乙")
    foreign = Handover.objects.create(
        unit=cast.units["992"], month=MARCH, since=county["before"], until=timezone.now(), made_by=cast.city,
        job=uuid.uuid4(),
    )  # fmt: skip
    mine = Handover.objects.get(unit=county["unit"]).number
    rows = [
        {"交接单号": mine, "姓名": "示例乙", "证件号码": other.id_no, "录入结果": "已入库"},
        {"交接单号": foreign.number, "姓名": "示例甲", "证件号码": on_it.id_no, "录入结果": "已入库"},
    ]  # fmt: skip
    assert receive(cast, workbook(rows)).rejected == 2


# ── its page ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_that_waits_is_entered_with_one_button(client, cast, county):
    found = made(cast, county, "before")
    client.force_login(cast.county)
    page = client.get(reverse("ledgers:handover", args=[found.pk])).content.decode()
    assert "待录入的2人全部入库" in page
    client.post(reverse("ledgers:handover_receive", args=[found.pk]), {"day": f"{timezone.localdate()}"})
    assert {line.result for line in found.lines.all()} == {"已入库"}
    assert "每个人都有录入结果" in client.get(reverse("ledgers:handover", args=[found.pk])).content.decode()


@pytest.mark.parametrize("day", ["2020-01-01", "2099-01-01", "", "gestern"])
def test_a_day_that_cannot_be_enters_nobody(client, cast, county, day):
    found = made(cast, county)
    client.force_login(cast.county)
    client.post(reverse("ledgers:handover_receive", args=[found.pk]), {"day": day})
    assert found.lines.get().result == "待录入"


def test_the_page_offers_each_role_what_it_may_take(client, cast, county):
    def offered(user, unit: str) -> list[bool]:
        client.force_login(user)
        page = client.get(reverse("ledgers:papers"), {"unit": unit}).content.decode()
        return [words in page for words in ("打印全部人员", "导出采集工作簿", "无就业意愿台账", "生成交接单")]

    assert offered(cast.village, "99111") == [True, True, False, False]
    assert offered(cast.township, "9911") == [True, False, False, False]
    assert offered(cast.county, "991") == [False, False, True, True]
    assert offered(cast.county, "99111") == [True, True, True, True]
    assert offered(cast.auditor, "99") == [False, False, False, False]


def test_the_workbook_can_be_had_again(client, cast, county):
    found = made(cast, county)
    client.force_login(cast.county)
    client.post(reverse("ledgers:handover_again", args=[found.pk]))
    runner.run_waiting()
    job = Job.objects.get()
    assert (job.state, job.result) == ("done", {"handover": found.pk, "people": 1})
    assert Handover.objects.count() == 1
