"""Write a judged batch, take it back, or decide on its rows in review. Each is one transaction with one audit entry."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from jobs.imports import chunks
from jobs.imports.staging import Progress, State, context_of, kind_of, line_up, may_send, silent
from jobs.models import ImportBatch, ImportChunk
from lib.staging import REVIEW, Staged, Stale

DONE_ALREADY: dict[str, str] = {
    State.UPLOADED: "这一批还在校验，请稍后再确认。",
    State.MAPPING: "这一批还没有对应好列，请先完成列对应。",
    State.REFUSED: "这个文件已拒收，没有可以写入的内容。",
    State.CONFIRMED: "这一批已经入库，没有再写一次。",
    State.UNDONE: "这一批已经撤回。",
    State.STAGED: "这一批还没有入库。",
}
TOGETHER = 5  # chunks that one set of statements writes
CHANGED_SINCE = "校验之后台账有变化，需要重新校验后再确认。"


class NotNow(Exception):
    """The batch cannot be confirmed, undone or decided on; the message says why."""


def confirm(batch: ImportBatch, by: User, progress: Progress = silent) -> ImportBatch:
    """Write the new and changed rows: all or none. Raises NotNow, or Stale when the batch must be judged again.

    A batch without anything to write is marked as confirmed and leaves no trace in the audit trail.
    """
    kind, context = kind_of(batch), context_of(batch, by)
    with transaction.atomic():
        line_up(batch)
        _move(batch, State.STAGED, State.CONFIRMED, confirmed_at=timezone.now(), confirmed_by=by)
        _check(batch, by)
        if batch.writes:
            if _others_since(batch):
                raise Stale(CHANGED_SINCE)
            digest, done = hashlib.sha256(), 0
            for part, rows in _opened(batch.chunks.order_by("number")):
                kind.apply(list(chain.from_iterable(rows)), context)
                for chunk, written in zip(part, rows, strict=True):
                    _remember_targets(chunk, written)
                    digest.update(chunk.payload)
                    done += len(written)
                progress(done, batch.writes, "正在写入台账")
            kind.finish(context)
            record(
                "import.confirm", by, batch, batch.unit, number=batch.number, kind=batch.kind,
                month=str(batch.month or ""), file=batch.sha256, rows=digest.hexdigest(), new=batch.new,
                changed=batch.changed, same=batch.same, review=batch.review, rejected=batch.rejected,
            )  # fmt: skip
    batch.refresh_from_db()
    return batch


def _opened(stored: Iterable[ImportChunk]) -> Iterator[tuple[list[ImportChunk], list[list[Staged]]]]:
    """Chunks with their rows to write; the next ones are unpacked while the database is busy with these."""
    source = iter(stored)
    parts = iter(lambda: list(islice(source, TOGETHER)), [])

    def unpacked(part: list[ImportChunk]) -> list[list[Staged]]:
        return [chunks.to_write(chunk) for chunk in part]

    with ThreadPoolExecutor(1) as aside:
        waiting: deque = deque()
        for part in parts:
            waiting.append((part, aside.submit(unpacked, part)))
            if len(waiting) > 1:
                first, rows = waiting.popleft()
                yield first, rows.result()
        for last, rows in waiting:
            yield last, rows.result()


def undo(batch: ImportBatch, by: User, progress: Progress = silent) -> list[str]:
    """Take back what the batch wrote; sentences tell of rows that were changed since and left alone."""
    kind, context = kind_of(batch), context_of(batch, by)
    left: list[str] = []
    with transaction.atomic():
        line_up(batch)
        _move(batch, State.CONFIRMED, State.UNDONE, undone_at=timezone.now(), undone_by=by)
        _check(batch, by)
        done, total = 0, batch.writes + batch.decided
        for chunk in batch.chunks.order_by("-number"):
            if rows := chunks.written(chunk):
                left += kind.undo(rows[::-1], context)
                done += len(rows)
                progress(done, total, "正在撤回")
        kind.finish(context)
        if total:
            record("import.undo", by, batch, batch.unit, number=batch.number, kind=batch.kind, left=len(left))
    batch.refresh_from_db()
    return left


def accept(batch: ImportBatch, by: User, rows: Iterable[int] | None = None) -> int:
    """Write rows of the review (all undecided ones when none are named). Returns how many."""
    return _decide(batch, by, rows, "accepted")


def dismiss(batch: ImportBatch, by: User, rows: Iterable[int] | None = None) -> int:
    """Leave rows of the review unwritten, for good. Returns how many."""
    return _decide(batch, by, rows, "dismissed")


def _decide(batch: ImportBatch, by: User, rows: Iterable[int] | None, decision: str) -> int:
    kind, context = kind_of(batch), context_of(batch, by)
    wanted = None if rows is None else {int(row) for row in rows}
    count = 0
    with transaction.atomic():
        line_up(batch)
        if not ImportBatch.objects.decidable_by(by).filter(pk=batch.pk).exists():
            raise NotNow(f"{batch.unit.name}已不在您的管辖范围内。")
        if batch.state != State.CONFIRMED:
            raise NotNow("请先确认入库，再处理待核的行。")
        if reason := kind.locked(context):
            raise NotNow(reason)
        for chunk in batch.chunks.filter(review__gt=0).order_by("number"):
            chosen = [row for row in _undecided(chunk) if wanted is None or row.row in wanted]
            if not chosen:
                continue
            if decision == "accepted":
                kind.apply(chosen, context)
            chunk.decided |= {str(row.row): decision for row in chosen}
            _remember_targets(chunk, chosen)
            count += len(chosen)
        if count:
            kind.finish(context)
            batch.decided += count
            batch.save(update_fields=["decided"])
            record(
                f"import.{decision}", by, batch, batch.unit, number=batch.number, kind=batch.kind, rows=count
            )
    return count


def _undecided(chunk: ImportChunk) -> list:
    return [
        row for row in chunks.unpacked(chunk) if row.verdict == REVIEW and str(row.row) not in chunk.decided
    ]


def _move(batch: ImportBatch, old: str, new: str, **fields: object) -> None:
    """One conditional UPDATE decides who does it; the second of two gets a sentence."""
    if not ImportBatch.objects.filter(pk=batch.pk, state=old).update(state=new, **fields):
        raise NotNow(DONE_ALREADY[batch.state])


def _check(batch: ImportBatch, by: User) -> None:
    if not may_send(by, kind_of(batch), batch.unit):
        raise NotNow(f"{batch.unit.name}已不在您的管辖范围内。")
    if reason := kind_of(batch).locked(context_of(batch, by)):
        raise NotNow(reason)


def _others_since(batch: ImportBatch) -> bool:
    """Whether another batch of overlapping units was written or taken back after this one was judged."""
    since = batch.staged_at
    written = Q(state__in=(State.CONFIRMED, State.UNDONE)) & (Q(new__gt=0) | Q(changed__gt=0))
    recent = Q(confirmed_at__gt=since) | Q(undone_at__gt=since)
    others = ImportBatch.objects.filter(written & recent).exclude(pk=batch.pk)
    paths = others.order_by().values_list("unit__path", flat=True)
    own = batch.unit.path
    return any(path.startswith(own) or own.startswith(path) for path in paths)


def _remember_targets(chunk: ImportChunk, rows: list) -> None:
    """Which stored rows were made or changed, so that the undo finds them; the payload stays as it was judged."""
    chunk.targets |= {str(row.row): row.target for row in rows if row.target is not None}
    chunk.save(update_fields=["targets", "decided"])
