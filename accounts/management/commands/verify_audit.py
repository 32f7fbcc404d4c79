"""Walk the audit chain and name the first entry that does not fit."""

from __future__ import annotations

from accounts.audit import AuditEntry, first_bad_entry, head
from accounts.management import LedgerCommand


class Command(LedgerCommand):
    help = "核对操作记录的哈希链，指出第一条被改动、缺失或截去的记录。"

    def handle(self, *args, **options) -> None:
        bad = first_bad_entry()
        _, hash_ = head()
        entries = AuditEntry.objects.count()
        number, why = bad or (None, None)
        self.answer(
            {"ok": bad is None, "entries": entries, "head": hash_, "first_bad": number, "why": why},
            options["json"],
            [f"{why}，请立即查明原因。"] if bad else [f"操作记录完整，共 {entries} 条，最新哈希 {hash_}。"],
        )
        if bad:
            raise SystemExit(1)
