"""Receive a workbook and judge every row of it. Nothing of a ledger is written here."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Unit, User
from jobs.files import path_of, read_file, store_file
from jobs.imports import chunks
from jobs.imports.reading import NeedsMapping, NeedsSheet, Reading, read, signature
from jobs.models import ColumnMapping, ImportBatch, ImportChunk, StoredFile
from lib.month import Month
from lib.sheets import HOSTILE, Refused
from lib.staging import KINDS, VERDICTS, Context, Kind

log = logging.getLogger("jobs")

State = ImportBatch.State
Progress = Callable[[int, int, str], None]
OPEN = (State.UPLOADED, State.MAPPING, State.STAGED)
ALREADY = "这个文件已导入，批次{number}；与台账一致，没有需要写入的内容。"


def silent(done: int, total: int, note: str) -> None:
    """Progress that nobody watches."""


def kind_of(batch: ImportBatch) -> Kind:
    return KINDS[batch.kind]


def context_of(batch: ImportBatch, by: User | None = None, date1904: bool = False) -> Context:
    return Context(by or batch.owner, batch.unit, batch.month, batch.number, date1904)


def source_of(batch: ImportBatch) -> StoredFile:
    """The file as it was sent. Refused batches have none any more."""
    if batch.source is None:
        raise Refused("原文件已不在，请重新上传。")
    return batch.source


def may_send(user: User, kind: Kind, unit: Unit) -> bool:
    return user.can(*kind.right, unit=unit)


def line_up(batch: ImportBatch) -> None:
    """Writers of overlapping units follow one another: each locks its unit and those above, from the top.

    Judging passes here too, so that what it sees is wholly before or wholly after any confirmation.
    """
    units = Unit.objects.filter(code__in=batch.unit.ancestor_codes).order_by("path")
    list(units.select_for_update(no_key=True).values_list("pk"))
    batch.refresh_from_db()


def receive(
    source: bytes | PathLike | str,
    filename: str,
    kind: str,
    unit: Unit,
    month: Month | None,
    user: User,
    mapping: Mapping[str, str] | None = None,
    sheet: str = "",
) -> ImportBatch:
    """Keep the file and open a batch for it. Raises Refused when this user may not send this kind for this unit."""
    known = KINDS.get(kind)
    if known is None:
        raise Refused(f"没有“{kind}”这种导入。可以是：{'、'.join(sorted(KINDS))}。")
    if not may_send(user, known, unit):
        raise Refused(f"您没有为{unit.name}导入{known.title}的权限，或该单位不在您的管辖范围内。")
    if known.needs_month and month is None:
        raise Refused(f"导入{known.title}要指定月份。")
    data = source if isinstance(source, bytes) else Path(source)
    stored = store_file(user, _label(filename), data, "application/octet-stream", unit=unit)
    fields = dict(
        kind=kind, unit=unit, month=month, owner=user, source=stored,
        sha256=stored.sha256, mapping=dict(mapping or {}), sheet=sheet,
    )  # fmt: skip
    while True:
        try:
            with transaction.atomic():
                return ImportBatch.objects.create(number=_next_number(), **fields)
        except IntegrityError:
            continue  # somebody took the number


def _label(filename: str) -> str:
    """The sender's name for the file: only ever shown; without folders and what cannot be printed (item 23)."""
    last = Path(filename.replace("\\", "/")).name
    return "".join(character for character in last if character.isprintable()) or "未命名.xlsx"


def judge(batch: ImportBatch, progress: Progress = silent) -> ImportBatch:
    """Read the workbook and judge its rows. The batch ends staged, waiting for a mapping, or refused.

    May be repeated at any time before confirmation; a crash leaves the batch as it was.
    """
    kind, source = kind_of(batch), source_of(batch)
    progress(0, 0, "正在读取文件")
    with transaction.atomic():
        line_up(batch)
        since = timezone.now()
    try:
        if reason := kind.locked(context_of(batch)):
            raise Refused(reason)
        reading = read(
            read_file(source), source.name, kind, batch.sheet, batch.mapping,
            lambda headings: remembered(batch, headings),
        )  # fmt: skip
    except Refused as refusal:
        if refusal.message in HOSTILE:
            log.warning("import: batch %s refused as hostile: %s", batch.number, refusal.message)
        return refuse(batch, refusal.message)
    except NeedsSheet as needs:
        return _wait(batch, "", 0, needs.sheets, {}, str(needs))
    except NeedsMapping as needs:
        headings = [heading for heading in needs.header.columns if heading]
        return _wait(batch, needs.sheet, needs.header.row, headings, needs.found, str(needs), needs.written)
    total = len(reading)
    context = context_of(batch, date1904=reading.date1904)
    judged = kind.judge(reading, context)
    packed = list(chunks.packed(batch, judged, lambda done: progress(done, total, "正在逐行校验")))
    return _store(batch, reading, packed, since)


def stage(
    source: bytes | PathLike | str,
    filename: str,
    kind: str,
    unit: Unit,
    month: Month | None,
    user: User,
    mapping: Mapping[str, str] | None = None,
    sheet: str = "",
) -> ImportBatch:
    """Receive and judge in one go. Raises Refused only when the user may not send it at all."""
    return judge(receive(source, filename, kind, unit, month, user, mapping, sheet))


def choose(batch: ImportBatch, mapping: Mapping[str, str] | None = None, sheet: str = "") -> ImportBatch:
    """The sender said which sheet, or which heading is which column; the mapping is remembered for the unit."""
    if mapping:
        ColumnMapping.objects.update_or_create(
            unit=batch.unit, kind=batch.kind, signature=signature(batch.headings),
            defaults={"mapping": dict(mapping)},
        )  # fmt: skip
    fields = {"mapping": dict(mapping or {}), "sheet": sheet or batch.sheet, "state": State.UPLOADED}
    ImportBatch.objects.filter(pk=batch.pk, state__in=OPEN).update(**fields)
    batch.refresh_from_db()
    return batch


def remembered(batch: ImportBatch, headings: list[str]) -> Mapping[str, str] | None:
    """How this unit, or the nearest one above it, mapped a sheet with these headings before."""
    known = ColumnMapping.objects.filter(
        kind=batch.kind, signature=signature(headings), unit__code__in=batch.unit.ancestor_codes
    ).select_related("unit")
    nearest = max(known, key=lambda one: len(one.unit.path), default=None)
    return nearest.mapping if nearest else None


def refuse(batch: ImportBatch, reason: str) -> ImportBatch:
    """Nothing of the file is kept but the sentence why it was refused."""
    with transaction.atomic():
        batch.chunks.all().delete()
        source, batch.source = batch.source, None
        batch.state, batch.refusal = State.REFUSED, reason[:300]
        batch.save(update_fields=["source", "state", "refusal"])
        _remove(source)
    return batch


def discard(batch: ImportBatch) -> None:
    """As if the file had never been sent; only for batches that were not confirmed."""
    with transaction.atomic():
        source = batch.source
        batch.delete()
        _remove(source)


def _remove(source) -> None:
    if source:
        path = path_of(source)  # a deleted row has no key to find its file by
        source.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _wait(
    batch: ImportBatch, sheet: str, header_row: int, headings: list[str], found: Mapping[str, str], why: str,
    written: Mapping[str, str] | None = None,
) -> ImportBatch:  # fmt: skip
    ImportBatch.objects.filter(pk=batch.pk, state__in=OPEN).update(
        state=State.MAPPING, sheet=sheet[:60], header_row=header_row, headings=headings, mapping=dict(found),
        written=dict(written or {}), refusal=why[:300],
    )  # fmt: skip
    batch.refresh_from_db()
    return batch


def _store(
    batch: ImportBatch, reading: Reading, packed: list[ImportChunk], since: dt.datetime
) -> ImportBatch:
    """Chunks, counts and state together; what an earlier judging left is replaced."""
    counts = {verdict: sum(getattr(chunk, verdict) for chunk in packed) for verdict in VERDICTS}
    if sum(counts.values()) != len(reading):
        raise RuntimeError(f"{batch.kind}: {len(reading)} rows read, {sum(counts.values())} judged")
    notes = reading.notes
    if counts["same"] == len(reading) and (earlier := _earlier(batch)):
        notes = [{"level": "info", "message": ALREADY.format(number=earlier.number)}, *notes]
    with transaction.atomic():
        mine = ImportBatch.objects.filter(pk=batch.pk, state__in=OPEN)
        if mine.update(
            state=State.STAGED, sheet=reading.sheet[:60], header_row=reading.header.row, headings=reading.headings,
            written=reading.written, mapping=reading.mapping, notes=notes, refusal="", decided=0, staged_at=since,
            **counts,
        ):  # fmt: skip
            batch.chunks.all().delete()
            ImportChunk.objects.bulk_create(packed, batch_size=20)
    batch.refresh_from_db()
    return batch


def _earlier(batch: ImportBatch) -> ImportBatch | None:
    same = ImportBatch.objects.filter(
        sha256=batch.sha256, kind=batch.kind, unit=batch.unit, month=batch.month, state=State.CONFIRMED
    )
    return same.exclude(pk=batch.pk).order_by("-confirmed_at").first()


def _next_number() -> str:
    """20230331-0007: the day, and the next of that day."""
    day = f"{timezone.localdate():%Y%m%d}-"
    last = ImportBatch.objects.filter(number__startswith=day).order_by("-number").first()
    return f"{day}{int(last.number[9:]) + 1 if last else 1:04d}"
