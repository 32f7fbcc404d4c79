"""The pages of jobs, files and imports, used as people use them."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Posting, Region
from jobs import actions, files, runner
from jobs.models import ImportBatch, Job
from tests.jobs.conftest import workbook

pytestmark = pytest.mark.django_db
ROWS = [["990101", "甲地"], ["990102", "乙地"], ["990103", "丙?地"], ["9901021985061500153", "丁地"]]


@pytest.fixture
def village(client, cast, places):
    client.force_login(cast.village)
    return client


def upload(client, unit, data: bytes | None = None, **extra):
    file = SimpleUploadedFile("地名.xlsx", data if data is not None else workbook(ROWS))
    return client.post(
        reverse("jobs:import_new"), {"kind": "places", "unit": unit.pk, "month": "", "file": file} | extra
    )


@pytest.fixture
def batch(village, cast) -> ImportBatch:
    upload(village, cast.units["99111"])
    runner.run_waiting()
    return ImportBatch.objects.get()


def page(client, name: str, *args) -> str:
    response = client.get(reverse(f"jobs:{name}", args=args))
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store, private"
    return response.content.decode()


def test_my_jobs_are_listed_with_their_results_and_nobody_elses(client, cast, works) -> None:
    works["demo"] = lambda job: job.attach(b"x", "结果.xlsx") and {}
    actions.start("demo", owner=cast.village, title="我的导出", unit=cast.units["99111"])
    actions.start("demo", owner=cast.city, title="别人的导出")
    runner.run_waiting()
    client.force_login(cast.village)
    text = page(client, "mine")
    assert "我的导出" in text
    assert "别人的导出" not in text
    assert reverse("jobs:download", args=[Job.objects.get(owner=cast.village).result_file_id]) in text
    foreign = Job.objects.get(owner=cast.city)
    for name in ("job", "progress"):
        assert client.get(reverse(f"jobs:{name}", args=[foreign.pk])).status_code == 404


def test_a_running_job_polls_and_says_that_leaving_is_safe(client, cast) -> None:
    job = actions.start("demo", owner=cast.village, title="演示")
    client.force_login(cast.village)
    text = page(client, "job", job.pk)
    assert 'hx-trigger="every 1s"' in text
    assert "可以离开本页" in text
    Job.objects.update(state="done")
    assert "hx-get" not in page(client, "progress", job.pk)


def test_a_download_has_its_chinese_name_and_belongs_to_the_owner_in_reach(client, cast) -> None:
    stored = files.store_file(cast.village, "花名册.xlsx", b"content", unit=cast.units["99111"])
    url = reverse("jobs:download", args=[stored.pk])
    client.force_login(cast.village)
    response = client.get(url)
    assert b"".join(response.streaming_content) == b"content"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%E8%8A%B1%E5%90%8D%E5%86%8C.xlsx"
    assert response["Cache-Control"] == "no-store, private"
    Posting.objects.filter(user=cast.village).update(unit=cast.units["99112"])
    assert client.get(url).status_code == 404
    for user in (cast.city, cast.admin, cast.neighbour_village):
        client.force_login(user)
        assert client.get(url).status_code == 404


def test_from_upload_to_confirmation(village, cast, batch) -> None:
    text = page(village, "batch", batch.pk)
    for words in (
        "写入新增",
        "确认写入台账吗？",
        "代码过长",
        "9901***********0153",
        '退回 <span class="n">1</span>',
    ):
        assert words in text
    assert "9901021985061500153" not in text
    assert not Region.objects.filter(code__startswith="99").exists()
    village.post(reverse("jobs:batch_confirm", args=[batch.pk]))
    village.post(reverse("jobs:batch_confirm", args=[batch.pk]))
    assert 'hx-trigger="every 1s"' in page(village, "batch", batch.pk)
    runner.run_waiting()
    assert Job.objects.filter(kind="import.confirm").count() == 1
    assert Region.objects.filter(code__startswith="99").count() == 2
    assert "已入库" in page(village, "batch", batch.pk)


def test_the_progress_of_an_import_leads_back_to_its_page(village, batch) -> None:
    job = Job.objects.get(kind="import.stage")
    response = village.get(reverse("jobs:progress", args=[job.pk]) + "?to=batch")
    assert response["HX-Redirect"] == reverse("jobs:batch", args=[batch.pk])


def test_changed_rows_are_shown_cell_by_cell(village, cast) -> None:
    Region.objects.create(code="990101", name="旧名", year=2023)
    upload(village, cast.units["99111"])
    runner.run_waiting()
    text = page(village, "batch_rows", ImportBatch.objects.get().pk, "changed")
    assert "<del>旧名</del>" in text
    assert "<ins>甲地</ins>" in text


@pytest.mark.parametrize("number", ["-1", "999999999", "x", "9" * 30])
def test_a_page_out_of_range_is_the_nearest_one(village, batch, number) -> None:
    response = village.get(reverse("jobs:batch_rows", args=[batch.pk, "new"]), {"page": number})
    assert response.status_code == 200


def test_undo_asks_once_and_takes_the_batch_back(village, batch) -> None:
    village.post(reverse("jobs:batch_confirm", args=[batch.pk]))
    runner.run_waiting()
    Region.objects.filter(code="990102").update(name="又改了")
    assert "确定撤回这一批吗？" in page(village, "batch_undo", batch.pk)
    village.post(reverse("jobs:batch_undo", args=[batch.pk]))
    runner.run_waiting()
    text = page(village, "batch", batch.pk)
    assert "已撤回" in text
    assert "第 3 行已被改过，没有撤回。" in text
    assert re.search(
        r"村信息员于.*确认，曾写入新增 2 行、变更 0 行；村信息员于.*撤回，其中 1 行没有撤回", text
    )
    assert "确认后写入" not in page(village, "batch_rows", batch.pk, "new")
    assert not Region.objects.filter(code="990101").exists()


def test_the_township_accepts_rows_in_review(client, village, cast, batch) -> None:
    village.post(reverse("jobs:batch_confirm", args=[batch.pk]))
    runner.run_waiting()
    client.force_login(cast.township)
    assert "等您核对" in page(client, "imports")
    assert "采纳勾选的行" in page(client, "batch_rows", batch.pk, "review")
    url = reverse("jobs:batch_review", args=[batch.pk])
    client.post(url, {"decision": "accept"})
    assert not Region.objects.filter(code="990103").exists()
    client.post(url, {"decision": "accept", "row": ["4", "x", "9" * 30]})
    assert Region.objects.filter(code="990103").exists()
    assert client.post(reverse("jobs:batch_confirm", args=[batch.pk])).status_code == 404


def test_other_peoples_batches_answer_like_missing_ones(client, cast, batch) -> None:
    for user in (cast.neighbour_village, cast.neighbour_township, cast.county, cast.city, cast.admin):
        client.force_login(user)
        for name in ("batch", "batch_mapping", "batch_undo"):
            assert client.get(reverse(f"jobs:{name}", args=[batch.pk])).status_code == 404
        for name in ("batch_confirm", "batch_undo", "batch_marked", "batch_review"):
            assert client.post(reverse(f"jobs:{name}", args=[batch.pk])).status_code == 404


def test_the_marked_copy_waits_as_a_result_file(village, batch) -> None:
    response = village.post(reverse("jobs:batch_marked", args=[batch.pk]))
    runner.run_waiting()
    job = Job.objects.get(kind="import.marked")
    assert response.url == reverse("jobs:job", args=[job.pk])
    assert job.result_file.name == "地名（标注副本）.xlsx"
    assert "下载结果" in page(village, "job", job.pk)


def test_unknown_headings_lead_to_the_mapping_page(village, cast) -> None:
    upload(village, cast.units["99111"], workbook(ROWS, head=("编号", "名称")))
    runner.run_waiting()
    found = ImportBatch.objects.get()
    mapping = reverse("jobs:batch_mapping", args=[found.pk])
    assert village.get(reverse("jobs:batch", args=[found.pk])).url == mapping
    assert "缺少列：代码。" in page(village, "batch_mapping", found.pk)
    twice = village.post(mapping, {"code": "编号", "name": "编号"})
    assert twice.status_code == 422
    assert "一列只能用一次" in twice.content.decode()
    village.post(mapping, {"code": "编号", "name": "名称"})
    runner.run_waiting()
    found.refresh_from_db()
    assert (found.state, found.new) == ("staged", 2)


def test_what_is_missing_comes_first_in_the_senders_own_words(village, cast) -> None:
    upload(village, cast.units["99111"], workbook(ROWS, head=("编 号*", "名称")))
    runner.run_waiting()
    shown = page(village, "batch_mapping", ImportBatch.objects.get().pk)
    assert '<option value="编号">编 号*</option>' in shown
    assert "还缺 1 个必填列" in shown
    before, folded = shown.split("<details>")
    assert ('name="code"' in before, 'name="code"' in folded) == (True, False)
    assert ('name="note"' in before, 'name="note"' in folded) == (False, True)


def test_several_sheets_are_offered(village, cast) -> None:
    upload(village, cast.units["99111"], workbook(ROWS, sheets=2))
    runner.run_waiting()
    found = ImportBatch.objects.get()
    assert "请选择工作表" in page(village, "batch_mapping", found.pk)
    village.post(reverse("jobs:batch_mapping", args=[found.pk]), {"sheet": "表2"})
    runner.run_waiting()
    found.refresh_from_db()
    assert found.state == "staged"


def test_a_refused_file_tells_why(village, cast) -> None:
    upload(village, cast.units["99111"], b"<html>")
    runner.run_waiting()
    text = page(village, "batch", ImportBatch.objects.get().pk)
    assert "文件没有收下，台账没有任何改动" in text


def test_a_form_without_file_or_with_a_foreign_unit_is_sent_back(village, cast) -> None:
    response = upload(village, cast.units["99112"])
    assert response.status_code == 422
    response = village.post(reverse("jobs:import_new"), {"kind": "places", "unit": cast.units["99111"].pk})
    assert "请选择一个文件" in response.content.decode()
    assert not ImportBatch.objects.exists()


def test_an_oversized_upload_gets_a_sentence_and_is_not_kept(village, cast, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    response = upload(village, cast.units["99111"], b"x" * 100_000)
    assert response.status_code == 413
    assert "文件太大" in response.content.decode()
    assert not ImportBatch.objects.exists()


def test_the_template_has_our_headings(village, places) -> None:
    response = village.get(reverse("jobs:import_template", args=["places"]))
    assert response.content.startswith(b"PK")
    assert village.get(reverse("jobs:import_template", args=["nothing"])).status_code == 404


def test_the_list_pages_by_number(village, cast, batch) -> None:
    assert batch.number in page(village, "imports")
    response = village.get(reverse("jobs:imports"), {"before": batch.number})
    assert batch.number not in response.content.decode()


def test_roles_without_uploads_see_no_import_pages(client, cast, places) -> None:
    for user in (cast.sampler, cast.auditor, cast.nobody):
        client.force_login(user)
        assert client.get(reverse("jobs:imports")).status_code == 404
        assert client.get(reverse("jobs:import_new")).status_code == 404
