"""What a fault did and what was left of it: one line of the table."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fault.place import Saver, until

HEAD = f"{'fault':<34}{'times':>6}{'acknowledged':>13}{'lost':>6}{'doubled':>8}{'stuck':>6}{'recovered s':>12}  result"


@dataclass
class Told:
    """One line. `recovered` is the longest time in seconds until everything worked again without anybody's help."""

    fault: str
    times: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    recovered: float = 0.0
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note what did not hold; the fault is played to its end all the same."""
        if not holds:
            self.failed.append(otherwise)

    def saves(self, savers: Iterable[Saver]) -> None:
        """Compare what was acknowledged with the audit trail and the ledger."""
        from accounts.audit import AuditEntry
        from ledgers.models import MonthlyRecord
        from tests.fault.place import MONTH

        for saver in savers:
            for person, count in saver.acknowledged.items():
                about = f"ledgers.laborer:{person}"
                written = AuditEntry.objects.filter(action="record.verify", about=about).count()
                self.acknowledged += count
                self.lost += max(0, count - written)
                self.doubled += max(0, written - count)
                if person in saver.last:
                    kept = MonthlyRecord.objects.get(laborer_id=person, month=MONTH).verified_how
                    self.lost += kept != saver.last[person]

    def jobs(self) -> None:
        """Nothing may be left waiting or running; asked while workers are there."""
        from jobs.models import Job

        live = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
        with contextlib.suppress(AssertionError):
            until(lambda: not live.exists())
        self.stuck += live.count()

    def whole(self) -> None:
        """The audit chain is unbroken, and so is the file of SQLite."""
        from django.db import connection

        from accounts.audit import first_bad_entry

        self.expect(first_bad_entry() is None, "the audit chain is broken")
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA integrity_check")
                self.expect(cursor.fetchone() == ("ok",), "the database file is damaged")

    @property
    def ok(self) -> bool:
        return not (self.failed or self.lost or self.doubled or self.stuck)

    def line(self) -> str:
        """The line of the table."""
        result = "ok" if self.ok else "FAILED " + "; ".join(self.failed)
        numbers = f"{self.times:>6}{self.acknowledged:>13}{self.lost:>6}{self.doubled:>8}{self.stuck:>6}"
        notes = f" ({'; '.join(self.notes)})" if self.notes else ""
        return f"{self.fault:<34}{numbers}{self.recovered:>12.1f}  {result}{notes}"
