"""Imports in the background: jobs stage, confirm and take back a batch; a repeated request joins the live one."""

from __future__ import annotations

import datetime as dt
import tempfile

from django.utils import timezone

from accounts.models import User
from jobs.actions import LIVE, start
from jobs.dispatch import each_tick
from jobs.imports import confirming, marked_copy, staging
from jobs.models import ImportBatch, Job
from jobs.runner import Failure, Running, work
from lib.staging import Stale

ABANDONED_DAYS = 30
SMALL_BYTES = 300_000
SMALL_ROWS = 2_000
CHANGED_MEANWHILE = "校验之后台账有了变化，已重新校验。请再看一遍预览，然后确认。"


def start_staging(batch: ImportBatch) -> Job:
    small = staging.source_of(batch).size < SMALL_BYTES
    return _start("import.stage", batch, "校验", small)


def start_confirming(batch: ImportBatch) -> Job:
    return _start("import.confirm", batch, "写入", batch.writes < SMALL_ROWS)


def start_undoing(batch: ImportBatch) -> Job:
    return _start("import.undo", batch, "撤回", batch.writes < SMALL_ROWS)


def start_marking(batch: ImportBatch) -> Job:
    kind = staging.kind_of(batch)
    return start(
        "import.marked", owner=batch.owner, title=f"标注副本：{kind.title}（批次{batch.number}）", unit=batch.unit,
        params={"file_of": str(batch.pk)}, queue=_queue(batch.read < SMALL_ROWS), key=f"marked:{batch.pk}",
    )  # fmt: skip


def start_deciding(batch: ImportBatch, by: User, decision: str) -> Job:
    """`decision` is accept or dismiss, for all rows in review."""
    return start(
        "import.review", owner=by, title=f"处理待核行（批次{batch.number}）", unit=batch.unit,
        params={"batch": str(batch.pk), "decision": decision}, queue=_queue(batch.waiting < SMALL_ROWS),
        key=_key(batch),
    )  # fmt: skip


def live_job(batch: ImportBatch) -> Job | None:
    return Job.objects.filter(key=_key(batch), state__in=LIVE).first()


def last_job(batch: ImportBatch) -> Job | None:
    return Job.objects.filter(key=_key(batch)).order_by("-created_at").first()


@work("import.stage")
def stage(job: Running) -> dict:
    batch = staging.judge(_batch(job), job.progress)
    return {"batch": str(batch.pk), "state": batch.state}


@work("import.confirm")
def confirm(job: Running) -> dict:
    batch = _batch(job)
    try:
        confirming.confirm(batch, job.owner, job.progress)
    except Stale:
        staging.judge(batch, job.progress)
        raise Failure(CHANGED_MEANWHILE) from None
    except confirming.NotNow as reason:
        if batch.state != staging.State.CONFIRMED:  # an attempt that died after its commit has done it
            raise Failure(str(reason)) from None
    return {"batch": str(batch.pk), "state": batch.state}


@work("import.undo")
def undo(job: Running) -> dict:
    batch = _batch(job)
    try:
        left = confirming.undo(batch, job.owner, job.progress)
    except Stale as reason:
        raise Failure(str(reason)) from None
    except confirming.NotNow as reason:
        if batch.state != staging.State.UNDONE:
            raise Failure(str(reason)) from None
        left = []
    return {"batch": str(batch.pk), "state": batch.state, "left": left[:100], "left_rows": len(left)}


@work("import.review")
def review(job: Running) -> dict:
    batch = _batch(job)
    decide = {"accept": confirming.accept, "dismiss": confirming.dismiss}[job.params["decision"]]
    try:
        return {"batch": str(batch.pk), "rows": decide(batch, job.owner)}
    except Stale:
        raise Failure("台账在校验后有变化，待核的行没有写入。请下载标注副本，改后重新上传。") from None
    except confirming.NotNow as reason:
        raise Failure(str(reason)) from None


@work("import.marked")
def marked(job: Running) -> dict:
    batch = _batch(job, job.params["file_of"])
    if batch.source is None:
        raise Failure("原文件已不在，请重新上传。")
    with tempfile.TemporaryFile() as out:
        marked_copy(batch, out)
        out.seek(0)
        stem = batch.source.name.rpartition(".")[0] or batch.source.name
        job.attach(out, f"{stem}（标注副本）.xlsx")
    return {}


@each_tick
def forget_abandoned() -> int:
    """Batches that nobody confirmed within ABANDONED_DAYS go, with their files and rows."""
    edge = timezone.now() - dt.timedelta(days=ABANDONED_DAYS)
    old = ImportBatch.objects.filter(state__in=staging.OPEN, created_at__lt=edge).select_related("source")[
        :50
    ]
    for batch in (found := list(old)):
        staging.discard(batch)
    return len(found)


def _start(kind: str, batch: ImportBatch, verb: str, small: bool) -> Job:
    return start(
        kind,
        owner=batch.owner,
        title=f"{verb}{staging.kind_of(batch).title}（批次{batch.number}）",
        unit=batch.unit,
        params={"batch": str(batch.pk)},
        queue=_queue(small),
        key=_key(batch),
    )


def _queue(small: bool) -> str:
    return Job.Queue.SMALL if small else Job.Queue.BIG


def _key(batch: ImportBatch) -> str:
    return f"import:{batch.pk}"


def _batch(job: Running, pk: str = "") -> ImportBatch:
    """The batch, if the job's owner still reaches it."""
    reach = ImportBatch.objects.decidable_by(job.owner).select_related("unit", "owner", "source")
    found = reach.filter(pk=pk or job.params["batch"]).first()
    if found is None:
        raise Failure("这一批已不在您的管辖范围内，没有改动任何数据。")
    return found
