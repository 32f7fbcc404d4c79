"""The 采集表 on paper: labels in order, boxes as the ledger has them, one sheet a person, and who may print it."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.models import Posting, Reveal
from jobs import files, runner
from jobs.models import Job
from ledgers import paper, work
from ledgers.models import Intention
from ledgers.paper import printing
from ledgers.paper.layout import month_boxes
from lib.month import Month
from tests import cast as casting
from tests import factories
from tests.factories import MARCH

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 3, 18)

# as the official form prints them, from top to bottom and from left to right
LABELS = (
    "外出务工劳动力信息采集表", "姓名", "身份证号码", "户籍地", "联系电话", "民族", "核实情况", "当前状态", "是否务工",
    "劳动能力", "技能等级", "是否为两后生", "文化程度", "毕业时间", "家庭地址", "年度累计务工时间", "年度务工收入",
    "具体务工时间", "已外出务工情况", "务工地点", "就业形式", "就业单位名称", "就业时间", "月平均工资", "所属产业行业",
    "第一产业：", "第二产业：", "第三产业：", "是否签订劳动合同", "是否缴纳社会保险", "经帮扶实现就业", "帮扶时间",
    "是否返乡创业带动", "有组织劳务输出", "暂未外出务工情况", "未外出务工类型", "就业转失业日期", "是否有外出计划",
    "无外出意愿原因", "外出务工意向地", "计划外出时间", "意向岗位（工种）", "期望月薪", "返乡回流情况", "是否返乡回流",
    "返乡回流原因", "返乡前务工地点", "培训意愿", "有无培训意愿", "意愿培训类别", "意愿培训工种", "意愿培训日期",
    "享受就业服务情况", "备注栏", "告知：",
)  # fmt: skip
SIGNED = ("被采集人签字：", "采集人签字：", "采集人电话：", "日期：")


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture(autouse=True)
def files_on_disk(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REDIS_URL = ""


@pytest.fixture
def person(cast):
    made = factories.laborer(
        cast.units["99111"], "示例甲", ethnic="土家族", education="初中", person_state="暂时退出/参军"
    )
    factories.spell(
        made, region_code="440305", region_text="广东省深圳市南山区粤海街道", job_form="其他就业形式",
        job_form_note="网约配送", has_contract=True, has_insurance=False, helped=True,
    )  # fmt: skip
    factories.record(made, ticked_months="2022-10,2023-01", verify_state="已核实", flexible_days=12)
    Intention.objects.create(
        laborer=made,
        wants_training=True,
        training_kind="技能培训",
        is_returned=False,
        services={"职业指导": 2},
    )
    return made


def pages(data: bytes) -> list[str]:
    """The text of each page without spaces."""
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]


def printed(keys: list[int], month: Month = MARCH) -> list[str]:
    return pages(paper.book(paper.sheets(keys, month, "甲县稳岗就业工作专班"), month, DAY, "村信息员打印"))


def test_every_printed_label_stands_on_the_form_in_its_order(person):
    front, back = printed([person.pk])
    at = 0
    for label in LABELS:
        at = front.find(label, at)
        assert at >= 0, label
        at += len(label)
    assert all(field in front for field in SIGNED)
    assert back.index("填表说明") < back.index("填表规则") < back.index("指标解释")
    assert "2022年10月至2023年9月累计" in back


def test_boxes_are_ticked_as_the_ledger_has_it(person):
    front, _ = printed([person.pk])
    ticked = re.findall(r"☑([^☑□）]+?)(?=[☑□）]|$)", front)
    assert [words[:6] for words in ticked][:4] == ["已核实", "暂时退出（", "参军", "是"]
    assert front.count("☑") == 18
    for words in ("☑普通劳动力", "☑2022年10月", "□2022年11月", "☑2023年1月", "☑其他就业形式，请注明：网约配送", "☑普工",
                  "☑有□无", "☑技能培训", "☑职业指导次数：2", "□职业介绍次数："):  # fmt: skip
        assert words in front, words
    for words in ("广东省", "深圳市", "南山区", "粤海街道", person.id_no, person.phone, "示例甲"):
        assert words in front, words


def test_labels_of_one_row_stand_on_one_line_and_blocks_below_each_other(person):
    places: dict[str, tuple[float, float]] = {}

    def see(text, page, line, _font, _size):
        x, y = line[4], line[5]
        at = (page[0] * x + page[2] * y + page[4], page[1] * x + page[3] * y + page[5])
        places.setdefault(text.strip(), at)

    page = PdfReader(io.BytesIO(paper.book(paper.sheets([person.pk], MARCH, "甲县"), MARCH, DAY))).pages[0]
    page.extract_text(visitor_text=see)
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)  # A4
    assert places["姓名"][1] == pytest.approx(places["身份证号码"][1], abs=1)
    assert places["姓名"][0] < places["身份证号码"][0]
    below = [
        places[head][1] for head in ("姓名", "已外出务工情况", "暂未外出务工情况", "返乡回流情况", "培训意愿")
    ]
    assert below == sorted(below, reverse=True)


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        (Month(2020, 9), "2019-10", "2020-12"),
        (Month(2022, 10), "2022-10", "2023-12"),
        (Month(2023, 3), "2022-10", "2023-12"),
    ],
)
def test_the_fifteen_months_are_those_of_the_statistical_year(month, first, last):
    boxes = month_boxes(month)
    assert (len(boxes), str(boxes[0]), str(boxes[-1])) == (15, first, last)


def test_the_longest_answers_still_fit_a_sheet(cast):
    place = "示例市甲县甲东镇甲东一村三组门牌十二号院内" * 9
    long = factories.laborer(
        cast.units["99111"], "示例乙", registered_address=place[:200], home_address=place[:200]
    )
    factories.spell(
        long, region_code="", region_text="广" * 100, job_form="其他就业形式", job_form_note="网" * 60,
        employer="厂" * 100,
    )  # fmt: skip
    Intention.objects.create(
        laborer=long,
        wanted_region="海" * 60,
        wanted_job="电" * 60,
        left_region="川" * 100,
        training_trade="焊" * 60,
    )
    front, back = printed([long.pk])
    assert front.count("厂") == 100
    assert "被采集人签字：" in front
    assert back.startswith("填表说明")


def test_everybody_has_a_sheet_of_their_own_beyond_what_is_typeset_at_once(cast, monkeypatch):
    monkeypatch.setattr(printing, "TOGETHER", 2)
    people = [factories.laborer(cast.units["99111"], f"示例{number}") for number in range(5)]
    found = printed([person.pk for person in people])
    assert len(found) == 10
    assert [person.name in front for person, front in zip(people, found[::2], strict=True)] == [True] * 5
    assert found[1] == found[9]


def test_a_blank_sheet_has_no_tick_and_no_name(cast):
    front, _ = pages(paper.render([paper.blank_sheet(MARCH, "甲东一村", "甲县专班")], MARCH, DAY))
    assert "☑" not in front
    assert "甲东一村" in front


# ── printing as work ─────────────────────────────────────────────────────────────────────────────────────────────


def run(job: Job) -> Job:
    runner.run_waiting()
    job.refresh_from_db()
    return job


def content(job: Job) -> list[str]:
    return pages(b"".join(files.open_file(job.result_file)))


def test_a_village_is_printed_and_noted_with_how_many(cast, person):
    other = factories.laborer(cast.units["99112"], "邻村人")
    job = run(work.start_printing(cast.units["99111"], MARCH, cast.village))
    assert (job.state, job.result) == ("done", {"people": 1})
    assert job.result_file.name == "甲东一村2023-03采集表.pdf"
    found = content(job)
    assert (len(found), other.name in "".join(found)) == (2, False)
    entry = AuditEntry.objects.get(action="print")
    assert (entry.actor, entry.unit_path) == (cast.village, cast.units["99111"].path)
    assert entry.detail == {"month": "2023-03", "people": 1}
    assert "cun" in found[0]  # the foot of the page says who printed it


def test_a_township_is_one_file_in_the_order_of_its_villages(cast, person):
    factories.laborer(cast.units["99112"], "示例丙")
    found = content(run(work.start_printing(cast.units["9911"], MARCH, cast.township)))
    assert [name in page for name, page in zip(("示例甲", "示例丙"), found[::2], strict=True)] == [True, True]


def test_only_those_not_verified_are_printed_when_asked(cast, person):
    waiting = factories.laborer(cast.units["99111"], "示例丁")
    factories.record(waiting, verify_state="未核实")
    found = content(run(work.start_printing(cast.units["99111"], MARCH, cast.village, work.UNVERIFIED)))
    assert len(found) == 2
    assert waiting.name in found[0]


def test_whom_the_form_is_not_for_is_not_printed(cast):
    village = cast.units["99111"]
    factories.laborer(village, ability="无劳动力")
    factories.laborer(village, person_state="永久退出/死亡")
    job = run(work.start_printing(village, MARCH, cast.village))
    assert (job.state, job.note) == ("failed", "甲东一村2023年3月没有要打印的人员。")


@pytest.mark.parametrize(("who", "unit"), [("city", "9911"), ("auditor", "99111"), ("village", "99112")])
def test_nobody_prints_whose_numbers_they_may_not_see(cast, who, unit):
    with pytest.raises(NotAllowed, match="没有打印"):
        work.start_printing(cast.units[unit], MARCH, getattr(cast, who))


def test_a_county_is_printed_township_by_township(cast):
    with pytest.raises(NotAllowed, match="按村或乡镇"):
        work.start_printing(cast.units["991"], MARCH, cast.county)


def test_printing_counts_among_the_lists_of_a_day(cast, person, settings):
    settings.EXPORT_LIMIT_PER_DAY = 1
    work.start_printing(cast.units["99111"], MARCH, cast.village)
    with pytest.raises(NotAllowed, match="上限"):
        work.start_printing(cast.units["99111"], MARCH - 1, cast.village)
    work.start_printing(cast.units["99111"], MARCH, cast.village, work.BLANK)  # names nobody


def test_a_right_that_ended_stops_the_waiting_print(cast, person):
    job = work.start_printing(cast.units["99111"], MARCH, cast.village)
    Posting.objects.filter(user=cast.village).update(until="2020-12-31")
    assert run(job).state == "failed"


def test_one_person_is_printed_from_the_page_and_the_look_is_noted(client, cast, person):
    client.force_login(cast.village)
    assert "打印采集表" in client.get(reverse("ledgers:laborer", args=[person.pk])).content.decode()
    answer = client.post(reverse("ledgers:form_print", args=[person.pk, MARCH]))
    job = Job.objects.get()
    assert answer.url == reverse("jobs:job", args=[job.pk])
    assert person.name not in job.title
    assert len(content(run(job))) == 2
    assert Reveal.objects.get().subject_id == person.pk


def test_over_the_limit_of_looks_nobody_is_printed(client, cast, person, settings):
    settings.REVEAL_LIMIT_PER_DAY = 0
    client.force_login(cast.village)
    answer = client.post(reverse("ledgers:form_print", args=[person.pk, MARCH]))
    assert answer.url.startswith(reverse("ledgers:laborer", args=[person.pk]))
    assert not Job.objects.exists()
