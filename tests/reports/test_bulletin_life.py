"""From draft to published and reopened: two persons, nothing out of step, nothing changed afterwards."""

from __future__ import annotations

import copy
import datetime as dt
import re

import pytest
from django.db import DatabaseError, transaction

from accounts.audit import AuditEntry, first_bad_entry
from accounts.authority import NotAllowed
from ledgers.models import MonthClosing
from posts.models import Appointment
from reports import rollup
from reports.bulletins import actions, checks, formats, snapshot
from reports.bulletins.actions import Conflict
from reports.bulletins.slots import to_chips
from reports.models import Bulletin, Target
from sampling.models import Call
from tests.factories import MARCH
from tests.reports import bulletin_world

pytestmark = pytest.mark.django_db
State = Bulletin.State


@pytest.fixture
def world():
    return bulletin_world.small_city()


def block(bulletin: Bulletin, name: str) -> dict:
    return next(b for b in bulletin.sentences if b["id"] == name)


def chips(bulletin: Bulletin, name: str) -> str:
    return to_chips(block(bulletin, name)["text"], bulletin.snapshot["slots"])


def refused(act, *args, **kwargs) -> NotAllowed:
    with pytest.raises(NotAllowed) as caught:
        act(*args, **kwargs)
    return caught.value


# ── drafting ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_of_real_rows_passes_every_check(world):
    draft = world.draft()
    assert draft.snapshot["slots"]["I01:99"]["text"] == "11"
    assert draft.snapshot["slots"]["I03:99"]["text"] == "84.6%"
    assert checks.problems(draft, files=True) == []


def test_there_is_one_living_version(world):
    world.draft()
    assert str(refused(world.draft)) == "2023年3月已有第1版通报（起草中）。"


def test_a_county_reports_on_its_townships(world):
    draft = actions.draft(world.cast.units["991"], MARCH, world.cast.city)
    assert draft.title == "关于2023年3月全县脱贫人口稳岗就业工作情况的通报"
    assert draft.snapshot["children"] == ["9911", "9912"]
    assert [p.text for p in checks.problems(draft, files=True)] == []


def test_only_the_city_office_may_draft_and_a_village_has_nothing_to_report_on(world):
    assert str(refused(actions.draft, world.city, MARCH, world.cast.county)) == "您没有办理这份通报的权限。"
    message = str(refused(actions.draft, world.cast.units["99111"], MARCH, world.cast.city))
    assert message == "甲东一村没有下级单位，不能编发通报。"


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_may_change_and_slots_may_move(world):
    draft = world.draft()
    words = "据统计，" + chips(draft, "dispatch-total")
    row = actions.edit_sentence(draft, "dispatch-total", words, world.cast.city, draft.edits)
    assert block(row, "dispatch-total")["text"].startswith("据统计，截至{{T:as_of}}")
    assert checks.problems(row, files=True) == []
    assert AuditEntry.objects.filter(action="bulletin.edit").count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("［外出务工人数·全市］", ""), "缺少数据项［外出务工人数·全市］，请保留"),
        (lambda t: t.replace("［外出务工人数·全市］", "［年度目标任务数·全市］"), "缺少数据项［外出务工人数·全市］"),
        (lambda t: t + "［外出务工人数·全市］", "多出数据项［外出务工人数·全市］，请删去。"),
        (lambda t: t + "［工资·全市］", "没有名为“工资·全市”的数据项，请核对。"),
        (lambda t: t + "比上年多200人。", "不能手工输入指标数字，请使用数据项：“…人）。比上年多200人。”处的“200”。"),
        (lambda t: t + "上月９人。", "正文中不能手工输入指标数字，请使用数据项：“…人）。上月９人。”处的“９”。"),
        (lambda t: t + "自3月9日起。", "日期须写全年份：“…人）。自3月9日起。”处的“3月9日”。"),
        (lambda t: "", "缺少数据项"),
    ],
)  # fmt: skip
def test_a_sentence_that_loses_a_slot_or_types_a_figure_is_refused_with_the_place(world, change, said):
    draft = world.draft()
    words = change(chips(draft, "dispatch-total"))
    error = refused(actions.edit_sentence, draft, "dispatch-total", words, world.cast.city, draft.edits)
    assert any(said in problem for problem in error.problems), error.problems
    assert world.again(draft).sentences == draft.sentences


def test_full_dates_titles_and_numbers_of_documents_may_be_typed(world):
    draft = world.draft()
    words = "按照2023年2月20日印发的《关于做好2023年工作的通知》（示就专〔2023〕4号）。" + chips(
        draft, "opening"
    )
    row = actions.edit_sentence(draft, "opening", words, world.cast.city, draft.edits)
    assert checks.problems(row) == []


def test_two_editors_of_one_sentence_conflict_and_of_two_sentences_do_not(world):
    draft = world.draft()
    seen, mine = draft.edits, chips(draft, "opening")
    actions.edit_sentence(draft, "opening", "各单位：" + mine, world.cast.city, seen)
    actions.edit_sentence(draft, "checks-base", "率以接通人数为基数。", world.cast.city2, seen)
    with pytest.raises(Conflict) as caught:
        actions.edit_sentence(draft, "opening", "同志们：" + mine, world.cast.city2, seen)
    assert caught.value.theirs.startswith("各单位：")
    assert caught.value.mine.startswith("同志们：")


def test_a_sentence_is_switched_off_and_on_and_restored(world):
    draft = world.draft()
    row = actions.switch_sentence(draft, "dispatch-posts", False, world.cast.city)
    assert "公益性岗位在岗" not in formats.render(row, "html").decode()
    row = actions.switch_sentence(row, "dispatch-posts", True, world.cast.city)
    row = actions.edit_sentence(row, "opening", "开头。" + chips(row, "opening"), world.cast.city, row.edits)
    row = actions.restore_sentence(row, "opening", world.cast.city)
    assert row.sentences[0]["text"] == row.sentences[0]["original"]


# ── out of step ──────────────────────────────────────────────────────────────────────────────────────────────────


def spoil_value(draft, world):
    draft.snapshot["slots"]["I01:991"]["numerator"] = 7


def spoil_text(draft, world):
    draft.snapshot["slots"]["I03:99"]["text"] = "84.5%"


def spoil_annex_cell(draft, world):
    slot = draft.snapshot["slots"]["I12:9911"]
    slot["numerator"], slot["text"] = 1, "33.3%"


def spoil_target(draft, world):
    Target.objects.create(unit=world.city, year=2023, value=99)


def spoil_sentence(draft, world):
    block(draft, "dispatch-total")["text"] += "共100人。"


def spoil_slot(draft, world):
    block(draft, "dispatch-total")["text"] += "{{I99:99}}"


def spoil_direction(draft, world):
    one = block(draft, "dispatch-posts")
    one["text"] = one["text"].replace("减少{{", "增加{{")


def spoil_rows(draft, world):
    Call.objects.filter(connected=True).update(knows_policy=True)
    rollup.recompute(MARCH)


def spoil_base_date(draft, world):
    block(draft, "dispatch-posts")["text"] += "与去年年底相比有变化。"


def spoil_count_in_words(draft, world):
    block(draft, "background")["text"] += "三个乡镇都已核对。"


def spoil_claim(draft, world):
    block(draft, "dispatch-units")["text"] += "各单位均完成年度目标任务。"


def spoil_month(draft, world):
    MonthClosing.objects.all().delete()


def spoil_hits(draft, world):
    slot = draft.snapshot["slots"]["I12:99"]
    slot["numerator"] = slot["denominator"] + 1


SPOILED = {
    spoil_value: "“外出务工人数·全市”为11，各下级单位之和为12，相差-1。",
    spoil_text: "快照“目标任务完成率·全市”印作84.5%，按原始数应为84.6%。",
    spoil_annex_cell: "“务工地信息准确率·甲县”为2，各下级单位之和为1，相差1。",
    spoil_target: "台账已变化：“年度目标任务数·全市”快照为13，现在为99，请刷新数据。",
    spoil_sentence: "正文中不能手工输入指标数字，请使用数据项",
    spoil_slot: "中的数据项“I99:99”没有取到数字。",
    spoil_direction: "与实际变化−1不符。",
    spoil_rows: "台账已变化：“政策知晓率·全市”快照为33.3%，现在为100.0%，请刷新数据。",
    spoil_base_date: "写了“去年年底”，但本句比较的基期是2022年10月。",
    spoil_count_in_words: "“三个乡镇”与实际的2个不符。",
    spoil_claim: "写了“均完成”，但乙县没有完成目标任务。",
    spoil_month: "2023年3月还没有关闭，数据仍会变动；请先在台账中关闭该月。",
    spoil_hits: "“务工地信息准确率·全市”的人数7超过基数6。",
}


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda f: f.__name__)
def test_neither_submitting_nor_publishing_while_anything_disagrees(world, spoil):
    draft = world.draft()
    spoil(draft, world)
    draft.save()
    error = refused(actions.submit, draft, world.cast.city)
    assert any(SPOILED[spoil] in problem for problem in error.problems), error.problems
    Bulletin.objects.filter(pk=draft.pk).update(state=State.SUBMITTED, submitted_by=world.cast.city)
    error = refused(actions.publish, draft, world.cast.city2)
    assert any(SPOILED[spoil] in problem for problem in error.problems), error.problems
    assert world.again(draft).state == State.SUBMITTED
    assert not AuditEntry.objects.filter(action="bulletin.publish").exists()


def test_publishing_is_refused_when_a_file_prints_another_number(world, monkeypatch):
    submitted = actions.submit(world.draft(), world.cast.city)
    other = copy.deepcopy(submitted)
    other.snapshot["slots"]["I01:99"]["numerator"] = 12
    wrong, real = formats.render(other, "docx"), formats.render
    monkeypatch.setattr(formats, "render", lambda b, f: wrong if f == "docx" else real(b, f))
    error = refused(actions.publish, submitted, world.cast.city2)
    assert any(
        p.startswith("Word 文件中的数字与正文不一致：") and "应为11，印作12" in p for p in error.problems
    )


def test_refreshing_takes_new_figures_and_keeps_edited_words_where_they_fit(world):
    draft = world.draft()
    row = actions.edit_sentence(draft, "opening", "新开头。" + chips(draft, "opening"), world.cast.city, 0)
    edited = "注意，" + chips(row, "dispatch-posts")
    row = actions.edit_sentence(row, "dispatch-posts", edited, world.cast.city, row.edits)
    Target.objects.filter(unit__code="992").update(value=4)
    at = dt.datetime(2023, 4, 20, tzinfo=dt.UTC)
    row.unit.closings.update(reopened_at=at, reopened_by=world.cast.city, reason="更正")
    first = Appointment.objects.order_by("pk").first()
    Appointment.objects.filter(pk=first.pk).update(ended_on=dt.date(2023, 2, 1))
    for one in Appointment.objects.exclude(pk=first.pk):
        Appointment.objects.filter(pk=one.pk).update(started_on=dt.date(2023, 1, 2))
    rollup.recompute(MARCH)
    assert checks.problems(row)
    assert actions.refresh(row, world.cast.city) == []
    row = world.again(row)
    assert row.snapshot["slots"]["I07:99"]["numerator"] == 2
    assert block(row, "opening")["text"].startswith("新开头。")
    assert block(row, "dispatch-posts")["text"].startswith("注意，")
    assert "各单位均完成年度目标任务。" in block(row, "dispatch-units")["text"]


# ── two persons ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_submitter_cannot_publish_and_a_county_cannot_either(world):
    submitted = actions.submit(world.draft(), world.cast.city)
    assert str(refused(actions.publish, submitted, world.cast.city)).startswith("送审人和签发人不能是同一人")
    assert str(refused(actions.publish, submitted, world.cast.county)) == "您没有办理这份通报的权限。"
    with pytest.raises(DatabaseError), transaction.atomic():
        Bulletin.objects.filter(pk=submitted.pk).update(
            state=State.PUBLISHED, published_by=world.cast.city, content_hash="x"
        )


def test_publishing_fixes_number_date_hash_and_the_head_of_the_audit_trail(world):
    published = world.published()
    entry = AuditEntry.objects.get(action="bulletin.publish")
    assert (published.number, published.issued_on) == ("示就专〔2023〕18号", dt.date(2023, 4, 10))
    assert published.content_hash == actions.content_hash(world.again(published))
    assert published.audit_head == entry.hash
    assert entry.detail["hash"] == published.content_hash
    assert first_bad_entry() is None
    html = formats.render(published, "html").decode()
    assert "送审稿" not in html
    assert "2023年4月10日" in html


def test_a_submitted_bulletin_is_sent_back_and_edited_again(world):
    submitted = actions.submit(world.draft(), world.cast.city)
    refused(actions.switch_sentence, submitted, "opening", False, world.cast.city)
    back = actions.send_back(submitted, world.cast.city2)
    assert back.state == State.DRAFT
    actions.switch_sentence(back, "opening", False, world.cast.city)


# ── frozen ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        {"snapshot": {}},
        {"sentences": []},
        {"content_hash": "0"},
        {"title": "别的题目"},
        {"number": "示就专〔2023〕19号"},
        {"issued_on": dt.date(2023, 4, 11)},
        {"state": State.DRAFT},
    ],
)
def test_the_database_refuses_to_change_what_was_published(world, change):
    published = world.published()
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        Bulletin.objects.filter(pk=published.pk).update(**change)
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        Bulletin.objects.filter(pk=published.pk)._raw_delete("default")


def test_verbs_refuse_what_was_published(world):
    published = world.published()
    for act in (
        lambda: actions.edit_sentence(published, "opening", "新。", world.cast.city, 0),
        lambda: actions.switch_sentence(published, "opening", False, world.cast.city),
        lambda: actions.refresh(published, world.cast.city),
        lambda: actions.submit(published, world.cast.city),
        lambda: actions.publish(published, world.cast.city2),
        lambda: actions.send_back(published, world.cast.city2),
    ):
        assert "已印发" in str(refused(act))


def test_a_published_bulletin_prints_the_same_bytes_whatever_happens_to_the_ledger(world):
    published = world.published()
    before = {form: formats.render(published, form) for form in ("pdf", "html", "json")}
    Target.objects.all().update(value=1)
    world.city.name = "改名市"
    world.city.save()
    Call.objects.all().delete()
    rollup.recompute(MARCH)
    after = {form: formats.render(world.again(published), form) for form in before}
    assert after == before


# ── reopening ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reopening_takes_two_persons_and_a_reason(world):
    published = world.published()
    assert str(refused(actions.reopen, published, world.cast.city)).startswith("还没有人申请重开")
    assert str(refused(actions.ask_reopen, published, world.cast.city, " 错 ")).startswith("请写明重开原因")
    actions.ask_reopen(published, world.cast.city, "阳台目标数有误")
    assert str(refused(actions.reopen, published, world.cast.city)).startswith(
        "申请重开和同意重开不能是同一人"
    )


def test_reopening_makes_version_two_and_leaves_the_bytes_of_version_one(world):
    draft = world.draft()
    edited = "注意，" + chips(draft, "opening")
    actions.edit_sentence(draft, "opening", edited, world.cast.city, 0)
    actions.submit(draft, world.cast.city)
    first = actions.publish(draft, world.cast.city2, "示就专〔2023〕18号", dt.date(2023, 4, 10))
    before = formats.render(first, "pdf")
    Target.objects.filter(unit__code="991").update(value=6)
    actions.ask_reopen(first, world.cast.city, "甲县目标数有误")
    second = actions.reopen(first, world.cast.city2)
    assert (second.version, second.state) == (2, State.DRAFT)
    assert second.snapshot["slots"]["I02:991"]["numerator"] == 6
    assert block(second, "opening")["text"].startswith("注意，")
    first = world.again(first)
    assert first.state == State.WITHDRAWN
    assert formats.render(first, "pdf") == before
    actions.submit(second, world.cast.city2)
    assert actions.suggested_number(second) == "示就专〔2023〕18号"
    actions.publish(world.again(second), world.cast.city, "示就专〔2023〕18号")
    with pytest.raises(DatabaseError), transaction.atomic():
        Bulletin.objects.filter(pk=first.pk).update(state=State.PUBLISHED)


def test_the_next_number_follows_the_last(world):
    world.published()
    other = Bulletin(unit=world.city, month=MARCH + 1)
    assert actions.suggested_number(other) == "示就专〔2023〕19号"


def test_no_identity_number_or_phone_is_in_any_format(world):
    published = world.published()
    for form in ("html", "json"):
        text = formats.render(published, form).decode()
        text = text.replace(published.content_hash, "").replace(published.audit_head, "")
        assert re.search(r"(?<!\d)(?:\d{17}[\dX]|1[3-9]\d{9})(?!\d)", text) is None


def test_the_hash_tells_a_changed_snapshot(world):
    draft = world.draft()
    before = actions.content_hash(draft)
    draft.snapshot["slots"]["I01:99"]["numerator"] += 1
    assert actions.content_hash(draft) != before
    assert snapshot.digest({"b": 1, "a": 2}) == snapshot.digest({"a": 2, "b": 1})
