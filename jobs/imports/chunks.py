"""Judged rows as they rest between preview and confirmation: a thousand to a chunk, compressed and encrypted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jobs.models import ImportBatch, ImportChunk
from lib.crypto import decrypt_bytes, encrypt_bytes, reseal_bytes
from lib.staging import REVIEW, VERDICTS, Problem, Staged

SIZE = 1000


def packed(
    batch: ImportBatch, staged: Iterable[Staged], each: Callable[[int], None]
) -> Iterator[ImportChunk]:
    """Unsaved chunks of the rows, in order; `each` hears how many rows are done."""
    number, rows = 0, []
    for row in staged:
        rows.append(row)
        each(number * SIZE + len(rows))
        if len(rows) == SIZE:
            yield _chunk(batch, number, rows)
            number, rows = number + 1, []
    if rows:
        yield _chunk(batch, number, rows)


def _chunk(batch: ImportBatch, number: int, rows: list[Staged]) -> ImportChunk:
    counts = Counter(row.verdict for row in rows)
    if unknown := counts.keys() - VERDICTS.keys():
        raise ValueError(f"unknown verdicts {unknown}")
    chunk = ImportChunk(batch=batch, number=number, first_row=rows[0].row, last_row=rows[-1].row, **counts)
    text = json.dumps([_plain(row) for row in rows], ensure_ascii=False, separators=(",", ":"), default=str)
    chunk.payload = encrypt_bytes(text.encode(), _bound(chunk), level=1)
    return chunk


def unpacked(chunk: ImportChunk) -> list[Staged]:
    """The chunk's rows; rows that were written carry the primary key they were written to."""
    rows = [_staged(plain) for plain in json.loads(decrypt_bytes(bytes(chunk.payload), _bound(chunk)))]
    for row in rows:
        row.target = chunk.targets.get(str(row.row), row.target)
    return rows


def rows_with(
    batch: ImportBatch, verdict: str, start: int = 0, count: int | None = None
) -> list[tuple[ImportChunk, Staged]]:
    """`count` rows of this verdict from the `start`-th on; only the chunks that hold them are opened."""
    found: list[tuple[ImportChunk, Staged]] = []
    for chunk in batch.chunks.filter(**{f"{verdict}__gt": 0}).defer("payload").order_by("number"):
        inside = getattr(chunk, verdict)
        if start >= inside:
            start -= inside
            continue
        rows = [row for row in unpacked(chunk) if row.verdict == verdict]
        room = None if count is None else start + count - len(found)
        found += [(chunk, row) for row in rows[start:room]]
        start = 0
        if count is not None and len(found) >= count:
            break
    return found


def to_write(chunk: ImportChunk) -> list[Staged]:
    return [row for row in unpacked(chunk) if row.verdict in ("new", "changed")]


def written(chunk: ImportChunk) -> list[Staged]:
    """What this chunk put into the ledger: new and changed rows, and the accepted ones of the review."""
    accepted = {row for row, decision in chunk.decided.items() if decision == "accepted"}
    return [
        row
        for row in unpacked(chunk)
        if row.verdict in ("new", "changed") or (row.verdict == REVIEW and str(row.row) in accepted)
    ]


def reseal(chunk: ImportChunk) -> bytes:
    """The chunk's payload under the current key, for the rotation of keys."""
    return reseal_bytes(bytes(chunk.payload), _bound(chunk))


def _plain(row: Staged) -> list[Any]:
    problems = [[p.row, p.column, p.value, p.level, p.message] for p in row.problems]
    return [row.row, row.verdict, row.key, row.new, row.old, row.target, problems]


def _staged(plain: list[Any]) -> Staged:
    *fields, problems = plain
    row = Staged(*fields)
    row.problems = [Problem(*problem) for problem in problems]
    return row


def _bound(chunk: ImportChunk) -> str:
    return f"jobs_importchunk:{chunk.batch_id}:{chunk.number}"
