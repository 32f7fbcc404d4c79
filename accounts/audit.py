"""The hash-chained audit trail: every entry carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

VERSION = 1
GENESIS = "0" * 64


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


def canonical(entry: AuditEntry) -> bytes:
    """The bytes that are hashed: version, sequence, time (UTC, microseconds), actor, act, detail, previous hash."""
    fields = [
        entry.version,
        entry.sequence,
        entry.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.action,
        entry.unit_path,
        entry.about,
        entry.detail,
        entry.previous_hash,
    ]
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def record(
    action: str, by: Any = None, about: models.Model | str = "", unit: Any = None, **detail: Any
) -> AuditEntry:
    """Append one entry, in the caller's transaction: the act and its entry stand or fall together."""
    with transaction.atomic():
        head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1)
        entry = AuditEntry(
            sequence=head.sequence + 1,
            at=timezone.now(),
            actor=by,
            action=action,
            unit_path=unit.path if unit else "",
            about=about if isinstance(about, str) else f"{about._meta.label_lower}:{about.pk}",
            detail=detail,
            previous_hash=head.hash,
        )
        entry.hash = hashlib.sha256(canonical(entry)).hexdigest()
        entry.save(force_insert=True)
        head.sequence, head.hash = entry.sequence, entry.hash
        head.save(update_fields=["sequence", "hash"])
    return entry


def first_bad_entry() -> tuple[int, str] | None:
    """Walk the chain from the first entry; the first sequence that does not fit and why, or None."""
    expected, previous = 1, GENESIS
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=2000):
        if entry.sequence != expected:
            return expected, f"缺少第{expected}条记录"
        if entry.previous_hash != previous:
            return expected, f"第{expected}条记录与前一条不相连"
        if hashlib.sha256(canonical(entry)).hexdigest() != entry.hash:
            return expected, f"第{expected}条记录的内容被改动过"
        expected, previous = expected + 1, entry.hash
    head = AuditHead.objects.filter(pk=1).first()
    if (head.sequence if head else 0) != expected - 1 or (head and head.hash != previous):
        return expected, f"第{expected}条及以后的记录被截去"
    return None
