"""The hash-chained audit trail: every entry carries the hash of the one before it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

VERSION = 1
GENESIS = "0" * 64
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class AuditEntry(models.Model):
    """One acknowledged act. Never changed, never deleted; personal data stays out of `detail`."""

    sequence = models.BigIntegerField(unique=True)
    version = models.PositiveSmallIntegerField(default=VERSION)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40, db_index=True)
    unit_path = models.CharField(max_length=120, blank=True, db_index=True)
    about = models.CharField(
        max_length=60, blank=True, help_text="table:key of what was acted on", db_index=True
    )
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "操作记录"
        ordering = ["-sequence"]
        get_latest_by = "sequence"


class AuditHead(models.Model):
    """The last link of the chain: locking this row is what makes entries follow one another."""

    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)


HASHED = ("version", "sequence", "at", "actor_id", "action", "unit_path", "about", "detail", "previous_hash")


def canonical(fields: Sequence[Any]) -> bytes:
    """The bytes that are hashed: the fields of HASHED in their order, the time as UTC with microseconds."""
    version, sequence, at, *rest = fields
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return _encode([version, sequence, moment, *rest]).encode()


def digest(fields: Sequence[Any]) -> str:
    return hashlib.sha256(canonical(fields)).hexdigest()


def _plain(detail: dict[str, Any]) -> dict[str, Any]:
    """As any database gives it back: text keys, no tuples; fractions as text, which no database rewrites."""
    return json.loads(json.dumps(detail, default=str), parse_float=str)


def record(
    action: str, by: Any = None, about: models.Model | str = "", unit: Any = None, **detail: Any
) -> AuditEntry:
    """Append one entry, in the caller's transaction: the act and its entry stand or fall together."""
    return record_all(action, by, [(about, unit, detail)])[0]


def record_all(
    action: str, by: Any, acts: Iterable[tuple[models.Model | str, Any, dict[str, Any]]]
) -> list[AuditEntry]:
    """Append an entry for each (about, unit, detail) of the same act, one after the other in the chain."""
    entries: list[AuditEntry] = []
    with transaction.atomic():
        head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1)
        for about, unit, detail in acts:
            entry = AuditEntry(
                sequence=head.sequence + 1,
                at=timezone.now(),
                actor=by,
                action=action,
                unit_path=unit.path if unit else "",
                about=about if isinstance(about, str) else f"{about._meta.label_lower}:{about.pk}",
                detail=_plain(detail),
                previous_hash=head.hash,
            )
            entry.hash = digest([getattr(entry, name) for name in HASHED])
            head.sequence, head.hash = entry.sequence, entry.hash
            entries.append(entry)
        if len(entries) == 1:
            entries[0].save(force_insert=True)
        else:
            AuditEntry.objects.bulk_create(entries, batch_size=500)
        head.save(update_fields=["sequence", "hash"])
    return entries


def first_bad_entry(after: int = 0) -> tuple[int, str] | None:
    """Walk the chain from the entry after `after`; the first sequence that does not fit and why, or None."""
    entries = AuditEntry.objects.order_by("sequence")
    start = entries.filter(sequence=after).values_list("hash", flat=True).first()
    expected, previous = (after + 1, start) if start else (1, GENESIS)
    walk = entries.filter(sequence__gte=expected).values_list(*HASHED, "hash")
    for *fields, stored in walk.iterator(chunk_size=2000):
        if fields[1] != expected:
            return expected, f"缺少第{expected}条记录"
        if fields[-1] != previous:
            return expected, f"第{expected}条记录与前一条不相连"
        if digest(fields) != stored:
            return expected, f"第{expected}条记录的内容被改动过"
        expected, previous = expected + 1, stored
    if head() != (expected - 1, previous):
        return expected, f"第{expected}条及以后的记录被截去"
    return None


def head() -> tuple[int, str]:
    """Sequence and hash of the newest entry, as the chain's own head remembers them."""
    row = AuditHead.objects.filter(pk=1).values_list("sequence", "hash").first()
    return row or (0, GENESIS)
