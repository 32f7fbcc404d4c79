"""The printed city: every number of the bulletin is the one that can be recomputed, in every format."""

from __future__ import annotations

import json
import re

import pytest

from lib.documents import plain_text, slots
from lib.month import Month
from reports import terms
from reports.bulletins import annexes, as_json, checks, formats, layout, printed_files, snapshot, text
from reports.bulletins.slots import printed, text_of
from reports.models import Baseline, Bulletin, FigureValue, Target
from tests.factories import MARCH
from tests.reports import bulletin_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return bulletin_world.printed_city()


@pytest.fixture
def bulletin(city) -> Bulletin:
    taken = snapshot.take(city, MARCH)
    made = Bulletin(unit=city, month=MARCH, snapshot=taken, issuer="示例办公室")
    made.sentences = text.compose(taken, made.issuer)
    made.title = "".join(layout.title_lines(taken))
    return made


def words(bulletin: Bulletin) -> str:
    return "\n".join(plain_text(layout.document(bulletin)))


def test_the_json_has_the_numbers_of_the_contract(bulletin):
    data = json.loads(formats.render(bulletin, "json"))
    figures = data["figures"]
    assert figures["4202"]["I01"]["value"] == 51596
    assert figures["4202"]["I02"]["value"] == 51453
    assert [figures[u]["I03"]["value"] for u in ("4202", "4202YX", "4202XG")] == [100.3, 97.7, 93.8]
    assert [figures[u]["I04"]["value"] for u in ("4202YX", "4202XG", "4202DY")] == [862, 156, 0]
    changes = [figures[u]["I08"] for u in ("4202YX", "4202KT", "4202XG", "4202DY")]
    assert [c["value"] for c in changes] == [-1771, -24, -134, 36]
    assert [c["text"] for c in changes] == ["−1771", "−24", "−134", "+36"]
    assert changes[0]["base"] == "2022年10月"


def test_the_annex_pools_rates_and_has_a_total_for_every_county(bulletin):
    data = as_json.data(bulletin)
    rows = data["annex"]["rows"]
    totals = {row[0]: row for row in rows if "合计" in (row[1], row[0][2:])}
    rates = {name: [row[4], row[6], row[8], row[10]] for name, row in totals.items()}
    assert rates == {
        "大冶市": [66.5, 67.7, 72.9, 51.1],
        "阳新县": [59.5, 65.5, 68.1, 20.2],
        "开发区·铁山区": [48.0, 70.8, 68.8, 45.8],
        "新港园区": [40.0, 40.0, 47.5, 15.0],
        "全市合计": [56.7, 64.1, 67.6, 35.3],
    }
    assert len(rows) == 6 + 4 + 1
    assert data["annex"]["columns"][2] == "抽查人数（人）"


def test_the_text_says_what_the_figures_show(bulletin):
    said = words(bulletin)
    for part in (
        "截至2023年3月底，全市脱贫人口（含监测对象）外出务工人数51596人，完成年度目标任务的100.3%（目标任务51453人）",
        "阳新县外出务工36547人，距年度目标任务37409人还差862人；新港园区外出务工2377人，距年度目标任务2533人还差156人。",
        "阳新县1150人，与2921人相比还差1771人；开发区·铁山区1095人，与1119人相比还差24人；新港园区181人，与315人相比还差134人。",
        "带动就业人数209人，与2022年10月的283人相比减少74人",
        "共6个乡镇（管理区）",
        "电话接通率均不超过70%，平均值为56.7%；其中，海口湖管理区40.0%，低于平均值16.7个百分点。",
        "低于30%预警线的有陶港镇27.6%、木港镇13.1%、海口湖管理区15.0%。",
        "低于60%预警线的有木港镇55.7%、海口湖管理区40.0%。",
        "低于60%预警线的有木港镇59.0%、海口湖管理区47.5%。",
        "准确率、知晓率均以接通人数为基数",
    ):
        assert part in said
    assert re.search(r"\d,\d", said) is None  # no thousands separators
    assert "思想重视不够" in said
    assert "工作作风" not in said  # nothing in the figures shows it


def test_units_keep_one_order_everywhere(bulletin):
    names = [row[1] for row in bulletin_world.COUNTIES]
    for line in plain_text(layout.document(bulletin)):
        found = [name for name in re.findall("|".join(names), line) if name in names]
        for sentence in re.split("[。：]", line):
            found = list(dict.fromkeys(re.findall("|".join(names), sentence)))
            assert found == [name for name in names if name in found]


def test_every_figure_of_the_text_is_a_slot_and_prints_as_the_snapshot_says(bulletin):
    known = bulletin.snapshot["slots"]
    printed_slots = list(slots(layout.document(bulletin)))
    assert len(printed_slots) > 150
    for marker, said in printed_slots:
        key, _, form = marker.partition("|")
        assert said == text_of(known, key, form)
    for block in bulletin.sentences:
        bare = re.sub(r"\{\{.*?\}\}", "", block["text"] + block["lead"])
        assert re.search(r"\d", bare) is None


@pytest.mark.parametrize("form", ["html", "docx", "pdf"])
def test_every_file_prints_the_same_numbers_in_the_same_order(bulletin, form):
    expected = printed_files.numbers(words(bulletin))
    read = {"html": printed_files.html_text, "docx": printed_files.docx_text, "pdf": printed_files.pdf_text}
    assert printed_files.numbers(read[form](formats.render(bulletin, form))) == expected
    assert "51596" in expected
    assert "−1771" in expected


def test_the_workbook_prints_the_same_numbers_and_files_that_differ_are_named(bulletin, monkeypatch):
    assert list(printed_files.differences(bulletin)) == []
    other = formats.render(bulletin, "xlsx")
    bulletin.snapshot["slots"]["I11:4202DY07"]["numerator"] = 69
    real = formats.render
    monkeypatch.setattr(formats, "render", lambda b, f: other if f == "xlsx" else real(b, f))
    (said,) = printed_files.differences(bulletin)
    assert said.startswith("Excel 文件附件1的数字不一致")
    assert "69" in said


def test_nothing_but_the_closed_month_and_the_missing_rows_stands_against_it(bulletin):
    failed = [check.label for check in checks.run(bulletin, files=True) if not check.passed]
    assert failed == ["快照与今天的台账一致", "该月已关闭，统计数字已更新完"]
    texts = [problem.text for problem in checks.problems(bulletin)]
    assert "“外出务工人数”统计数为51596，名单为0人，请先更新统计数字。" in texts


def test_the_same_rows_give_the_same_snapshot(city):
    assert snapshot.canonical(snapshot.take(city, MARCH)) == snapshot.canonical(snapshot.take(city, MARCH))


@pytest.mark.parametrize(
    ("hits", "base", "said"),
    [
        (33, 48, "68.8%"),
        (1, 80, "1.3%"),
        (5, 80, "6.3%"),
        (9, 80, "11.3%"),
        (51398, 51150, "100.5%"),
        (0, 0, "—"),
    ],
)
def test_rates_are_rounded_half_up_and_have_no_value_without_a_base(hits, base, said):
    slot = {"kind": "rate", "numerator": hits, "denominator": base, "places": 1}
    assert text_of({"x": slot}, "x") == said


def test_a_city_target_that_is_not_the_sum_of_its_counties_is_named(city, bulletin):
    Target.objects.create(unit=city, year=2023, value=51150)
    bulletin.snapshot = snapshot.take(city, MARCH)
    (said,) = [p.text for p in checks._sums(bulletin)]
    assert said.startswith("“年度目标任务数·全市”为51150，各下级单位之和为51453，相差-303。")


def test_digits_turned_round_are_suggested_when_they_explain_a_wrong_sum(city, bulletin):
    FigureValue.objects.filter(unit=city, figure__in=("I01", "I03")).update(numerator=51398)
    bulletin.snapshot = snapshot.take(city, MARCH)
    (said,) = [p.text for p in checks._sums(bulletin)]
    assert said.endswith("开发区·铁山区的6553是否应为6355？")


def test_sentences_without_figures_are_left_out_and_numbers_move_up(city):
    Target.objects.all().delete()
    Baseline.objects.all().delete()
    FigureValue.objects.filter(figure__in=("I10", "I11", "I12", "I13", "I14")).delete()
    taken = snapshot.take(city, MARCH)
    made = Bulletin(unit=city, month=MARCH, snapshot=taken, issuer="示例办公室", title="题")
    made.sentences = text.compose(taken, made.issuer)
    said = words(made)
    assert "未发现问题" in said
    assert "（一）巩固工作成效。" in said
    assert "抽查情况" not in said
    assert "目标任务的" not in said
    assert [annex.title for annex in annexes.annexes(taken)] == ["全市脱贫人口稳岗就业调度情况汇总表"]


def test_one_point_has_no_number_and_two_have(bulletin):
    said = words(bulletin)
    assert "（一）思想重视不够。责任落实有差距。" in said
    assert "（二）工作进度不快。一是部分地方务工规模未达到年度目标任务。" in said
    for block in bulletin.sentences:
        if block["id"] in ("point-posts", "point-workshops", "point-attitude"):
            block["on"] = False
    said = words(bulletin)
    assert "（一）工作进度不快。部分地方务工规模未达到年度目标任务。" in said
    assert "思想重视" not in said


def test_chosen_townships_are_not_called_random_and_random_ones_are(bulletin):
    block = next(b for b in bulletin.sentences if b["id"] == "background")
    assert "随机" not in block["text"]
    bulletin.snapshot["campaign"] = {"selection": "随机抽取", "mode": ""}
    block = next(b for b in text.compose(bulletin.snapshot, "示例办公室") if b["id"] == "background")
    assert "随机抽取大冶市灵乡镇" in printed(block["text"], bulletin.snapshot["slots"])


def test_terms_follow_their_date():
    assert terms.words_on(Month(2020, 6).last_day)["people"] == "贫困劳动力"
    assert terms.words_on(Month(2023, 3).last_day)["office"] == "乡村振兴局"
    assert terms.words_on(Month(2025, 3).last_day)["office"] == "农业农村局"
