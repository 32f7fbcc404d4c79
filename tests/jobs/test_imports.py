"""A workbook on its way: every row judged, shown, written once or not at all, and taken back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.audit import AuditEntry
from accounts.models import Posting, Region, User
from jobs import imports, work
from jobs.imports import chunks
from jobs.models import ColumnMapping, ImportBatch, StoredFile
from lib.sheets import Refused, read_workbook
from lib.staging import Stale
from tests.jobs import demo_kind
from tests.jobs.conftest import workbook

pytestmark = pytest.mark.django_db
ROWS = [["990101", "甲地"], ["990102", "乙地"], ["990103", "丙?地"], ["", "丁地"]]


@pytest.fixture
def village(cast, places):
    return cast.units["99111"]


def staged(cast, rows=ROWS, user: User | None = None, unit: str = "99111", **fields) -> ImportBatch:
    data = fields.pop("data", None) or workbook(rows, **fields)
    return imports.stage(data, "地名.xlsx", "places", cast.units[unit], None, user or cast.village)


def names() -> dict[str, str]:
    return dict(Region.objects.filter(code__startswith="99").values_list("code", "name"))


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return batch.new, batch.changed, batch.same, batch.review, batch.rejected


def test_every_row_gets_one_verdict_and_nothing_is_written(cast, village) -> None:
    Region.objects.create(code="990101", name="旧名", year=2023)
    batch = staged(cast)
    assert (batch.state, counts(batch), batch.read) == ("staged", (1, 1, 0, 1, 1), 4)
    assert names() == {"990101": "旧名"}
    assert re.fullmatch(r"\d{8}-0001", batch.number)


def test_confirming_writes_new_and_changed_rows_and_one_audit_entry(cast, village) -> None:
    Region.objects.create(code="990101", name="旧名", year=2023)
    batch = imports.confirm(staged(cast), cast.village)
    assert batch.state == "confirmed"
    assert names() == {"990101": "甲地", "990102": "乙地"}
    assert demo_kind.finished == [batch.number]
    entry = AuditEntry.objects.get(action="import.confirm")
    assert (entry.detail["new"], entry.detail["changed"], entry.detail["rejected"]) == (1, 1, 1)


def test_the_same_file_twice_changes_nothing(cast, village) -> None:
    data = workbook(ROWS[:2])
    first = imports.confirm(staged(cast, data=data), cast.village)
    entries = AuditEntry.objects.count()
    again = staged(cast, data=data)
    assert counts(again) == (0, 0, 2, 0, 0)
    assert f"已导入，批次{first.number}" in again.notes[0]["message"]
    imports.confirm(again, cast.village)
    assert AuditEntry.objects.count() == entries
    assert Region.objects.filter(code__startswith="99").count() == 2


def test_two_batches_judged_before_either_is_written_do_not_write_twice(cast, village) -> None:
    one, two = staged(cast), staged(cast, user=cast.township, unit="9911")
    imports.confirm(one, cast.village)
    with pytest.raises(Stale):
        imports.confirm(two, cast.township)
    two = imports.judge(ImportBatch.objects.get(pk=two.pk))
    assert counts(two) == (0, 0, 2, 1, 1)


def test_a_batch_is_confirmed_by_one_of_two(cast, village) -> None:
    batch = staged(cast)
    stale_view = ImportBatch.objects.get(pk=batch.pk)
    imports.confirm(batch, cast.village)
    with pytest.raises(imports.NotNow, match="已经入库，没有再写一次"):
        imports.confirm(stale_view, cast.village)


def test_a_crash_between_writing_and_commit_leaves_the_old_state(cast, village, places, monkeypatch) -> None:
    batch = staged(cast)
    monkeypatch.setattr(places, "finish", lambda context: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        imports.confirm(batch, cast.village)
    batch.refresh_from_db()
    assert (batch.state, names()) == ("staged", {})
    assert not AuditEntry.objects.filter(action="import.confirm").exists()


def test_judging_again_replaces_what_an_earlier_judging_left(cast, village) -> None:
    batch = staged(cast, rows=[[f"99{n:04d}", f"地{n}"] for n in range(1500)])
    assert batch.chunks.count() == 2
    Region.objects.create(code="990001", name="地1", year=2023)
    batch = imports.judge(batch)
    assert (batch.chunks.count(), batch.new, batch.same) == (2, 1499, 1)


def test_undo_restores_changed_rows_and_removes_new_ones(cast, village) -> None:
    Region.objects.create(code="990101", name="旧名", year=2023)
    batch = imports.confirm(staged(cast), cast.village)
    assert imports.undo(batch, cast.village) == []
    assert names() == {"990101": "旧名"}
    assert batch.state == "undone"
    with pytest.raises(imports.NotNow, match="已经撤回"):
        imports.undo(batch, cast.village)


def test_undo_leaves_rows_that_were_changed_since_and_says_so(cast, village) -> None:
    batch = imports.confirm(staged(cast), cast.village)
    Region.objects.filter(code="990102").update(name="又改了")
    assert imports.undo(batch, cast.village) == ["第 3 行已被改过，没有撤回。"]
    assert names() == {"990102": "又改了"}


def test_a_closed_month_stops_staging_confirming_and_undoing(cast, village, monkeypatch) -> None:
    batch = staged(cast)
    monkeypatch.setitem(demo_kind.locked_because, "reason", "2023年3月已封账。")
    with pytest.raises(imports.NotNow, match="已封账"):
        imports.confirm(batch, cast.village)
    refused = staged(cast)
    assert (refused.state, refused.refusal) == ("refused", "2023年3月已封账。")
    batch.refresh_from_db()
    assert (batch.state, names()) == ("staged", {})


def test_rows_in_review_are_written_only_when_somebody_accepts_them(cast, village) -> None:
    batch = imports.confirm(staged(cast), cast.village)
    assert "990103" not in names()
    assert imports.accept(batch, cast.township, [4]) == 1
    assert names()["990103"] == "丙?地"
    assert (batch.decided, batch.waiting) == (1, 0)
    assert imports.accept(batch, cast.township) == 0
    assert imports.undo(batch, cast.village) == []
    assert names() == {}


def test_a_dismissed_row_stays_out(cast, village) -> None:
    batch = imports.confirm(staged(cast), cast.village)
    assert imports.dismiss(batch, cast.village) == 1
    assert imports.accept(batch, cast.village) == 0
    assert "990103" not in names()


def test_only_the_sender_and_the_approvers_above_decide(cast, village) -> None:
    batch = staged(cast)
    can = {name for name, user in cast.everyone().items() if ImportBatch.objects.decidable_by(user).exists()}
    assert can == {"village", "township"}
    assert list(ImportBatch.objects.visible_to(cast.village)) == [batch]
    assert not ImportBatch.objects.visible_to(cast.city).exists()


def test_a_sender_who_was_moved_away_cannot_confirm(cast, village) -> None:
    batch = staged(cast)
    Posting.objects.filter(user=cast.village).update(unit=cast.units["99112"])
    with pytest.raises(imports.NotNow, match="管辖范围"):
        imports.confirm(batch, User.objects.get(pk=cast.village.pk))


def test_foreign_units_and_unknown_kinds_are_refused_before_anything_is_stored(cast, village) -> None:
    with pytest.raises(Refused, match="管辖范围"):
        imports.stage(workbook(ROWS), "x.xlsx", "places", cast.units["99112"], None, cast.village)
    with pytest.raises(Refused, match="没有“nothing”这种导入"):
        imports.stage(workbook(ROWS), "x.xlsx", "nothing", cast.units["99111"], None, cast.village)
    assert not StoredFile.objects.exists()


def test_a_refused_file_keeps_its_reason_and_nothing_else(cast, village, settings) -> None:
    batch = staged(cast, data=b"<html>")
    assert batch.state == "refused"
    assert batch.refusal
    assert not StoredFile.objects.exists()


def test_headings_of_a_unit_are_mapped_once_and_remembered(cast, village) -> None:
    head = ("编号", "名称", "其他")
    batch = staged(cast, head=head)
    assert (batch.state, batch.headings) == ("mapping", ["编号", "名称", "其他"])
    assert batch.refusal == "缺少列：代码。"
    batch = imports.judge(imports.staging.choose(batch, {"编号": "code", "名称": "name"}))
    assert (batch.state, batch.new) == ("staged", 2)
    assert ColumnMapping.objects.get().mapping == {"编号": "code", "名称": "name"}
    assert staged(cast, head=head).state == "staged"


def test_a_mapping_of_the_township_serves_its_villages(cast, village) -> None:
    head = ("编号", "叫法")
    batch = staged(cast, head=head, user=cast.township, unit="9911")
    imports.staging.choose(batch, {"编号": "code", "叫法": "name"})
    assert staged(cast, head=head).state == "staged"
    other = staged(cast, head=head, user=cast.neighbour_village, unit="99112")
    assert other.state == "staged"
    foreign = staged(cast, head=head, user=cast.neighbour_township, unit="9912")
    assert foreign.state == "mapping"


def test_several_filled_sheets_need_a_choice(cast, village) -> None:
    batch = staged(cast, sheets=2)
    assert (batch.state, batch.sheet, batch.headings) == ("mapping", "", ["表1", "表2"])
    batch = imports.judge(imports.staging.choose(batch, sheet="表2"))
    assert (batch.state, batch.sheet) == ("staged", "表2")


def test_synonyms_unknown_columns_and_footers_are_told(cast, village) -> None:
    batch = staged(
        cast, rows=[["990101", "甲地", "x"], ["合计", "1", ""]], head=("地名代码", "名称", "is_superuser")
    )
    assert batch.new == 1
    assert [note["message"] for note in batch.notes] == [
        "没有用到的列：is_superuser。",
        "合计、签字等不是数据的行没有读入：第3行。",
    ]


def test_problems_name_the_place_and_mask_what_identifies_people(cast, village) -> None:
    batch = staged(cast, rows=[["990101198506150015", "甲地"]])
    (problem,) = imports.problems(batch)
    assert problem == {
        "sheet": "表1",
        "row": 2,
        "column": "代码",
        "value": "9901**********0015",
        "level": "reject",
        "message": "代码过长，应为12位。",
    }


def test_rows_at_rest_are_unreadable(cast, village) -> None:
    batch = staged(cast)
    chunk = batch.chunks.get()
    assert "甲地".encode() not in bytes(chunk.payload)
    assert [row.key for row in chunks.unpacked(chunk)] == ["甲地", "乙地", "丙?地", ""]


def test_rows_of_a_verdict_are_paged_across_chunks(cast, village) -> None:
    batch = staged(cast, rows=[[f"99{n:04d}", f"地{n}?" if n % 2 else f"地{n}"] for n in range(2100)])
    rows = [row.row for _, row in chunks.rows_with(batch, "review", start=495, count=10)]
    assert rows == [3 + 2 * n for n in range(495, 505)]
    assert len(chunks.rows_with(batch, "new", start=1045, count=10)) == 5


def test_the_marked_copy_is_the_senders_sheet_with_the_reasons(cast, village, tmp_path) -> None:
    batch = staged(cast, head=("地名代码", "名称"))
    path = tmp_path / "marked.xlsx"
    with path.open("wb") as out:
        imports.marked_copy(batch, out)
    rows = read_workbook(path).sheets[0].rows
    assert "校验结果" in rows[0]
    assert "不能为空" in str(rows[4])
    assert "生僻字" in str(rows[3])


def test_a_corrected_marked_copy_can_be_sent_again(cast, village, tmp_path) -> None:
    batch = staged(cast)
    path = tmp_path / "marked.xlsx"
    with path.open("wb") as out:
        imports.marked_copy(batch, out)
    assert counts(imports.stage(path, "再报.xlsx", "places", village, None, cast.village)) == counts(batch)


def test_a_kind_that_loses_a_row_is_found_out(cast, village, places, monkeypatch) -> None:
    judge = places.judge
    monkeypatch.setattr(places, "judge", lambda rows, context: list(judge(rows, context))[1:])
    with pytest.raises(RuntimeError, match="4 rows read, 3 judged"):
        staged(cast)


def test_batches_that_nobody_confirms_are_forgotten(cast, village) -> None:
    kept, old = staged(cast), staged(cast)
    ImportBatch.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(days=31))
    work.forget_abandoned()
    assert list(ImportBatch.objects.all()) == [kept]
    assert StoredFile.objects.count() == 1


def test_nobody_else_decides_on_rows_in_review(cast, village) -> None:
    batch = imports.confirm(staged(cast), cast.village)
    for user in (cast.county, cast.neighbour_township, cast.neighbour_village):
        with pytest.raises(imports.NotNow):
            imports.accept(batch, user)


@pytest.mark.parametrize("refused", [True, False])
def test_a_file_that_is_not_kept_leaves_the_disk_when_the_transaction_ends(
    cast, village, refused, settings, tmp_path, django_capture_on_commit_callbacks
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with django_capture_on_commit_callbacks(execute=True):
        if refused:
            staged(cast, data=b"PK, but no workbook")
        else:
            imports.discard(staged(cast))
    assert not StoredFile.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
