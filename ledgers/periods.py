"""Whether a month is open for a unit: the one function that screens, imports, tasks and commands ask."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Unit
from ledgers.models import MonthClosing, MonthlyRecord
from lib.month import Month


class PeriodClosed(Exception):
    """A write was refused because its month is closed; the message says which month, by whom, and what to do."""


@dataclass(frozen=True)
class PeriodState:
    """`is_open` and, when it is not, one sentence that says why not and what to do."""

    is_open: bool
    why: str = ""
    closing: MonthClosing | None = None


def period_state(unit: Unit, month: Month, today: Month | None = None) -> PeriodState:
    """The state of `month` for `unit`: closed when the unit or one above it has closed it, or when it is to come."""
    if month > (today or Month.current()):
        return PeriodState(False, f"{month.label}还没有到，不能填报。")
    closing = (
        MonthClosing.objects.filter(unit__code__in=unit.ancestor_codes, month=month, reopened_at=None)
        .select_related("unit", "closed_by")
        .order_by("unit__path")
        .first()
    )
    if closing is None:
        return PeriodState(True)
    why = f"{month.label}已由{closing.unit.name}关闭，数据已冻结；确需更正，请{closing.unit.name}先重开该月。"
    return PeriodState(False, why, closing)


def entry_state(village: Unit, month: Month) -> PeriodState:
    """Whether `month` may still be filled in (填报) for `village`; to decide on what was filled in ask `period_state`.

    Screens with fields, buttons to begin, sign or submit, contacts and files of villages and townships ask this one.
    """
    return period_state(village, month)


def due_words(month: Month, today: dt.date | None = None) -> tuple[str, str]:
    """How long until the month's ledger is due (每月20日前), in words, and the tone it deserves."""
    today = today or timezone.localdate()
    due = month.first_day.replace(day=settings.MONTH_LOCK_DAY)
    left = (due - today).days
    if left > 0:
        return f"还剩 {left} 天", "warn" if left <= 3 else ""
    if left == 0:
        return "今天截止", "warn"
    if left >= -31:
        return f"已超期 {-left} 天", "bad"
    return f"{due.month}月{due.day}日已截止", ""


def hold_off_closing() -> None:
    """Until this transaction ends nobody closes a month; who is just closing one is waited for.

    Writers share this lock; `close_month` takes the table for itself. SQLite has one writer at a time anyway.
    """
    _lock_records("ROW EXCLUSIVE")


def wait_for_writers() -> None:
    """Nobody writes a record between the count and the closing: wait for those who do, hold off the others."""
    _lock_records("SHARE ROW EXCLUSIVE")


def _lock_records(mode: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {MonthlyRecord._meta.db_table} IN {mode} MODE")


def ensure_open(unit: Unit, month: Month) -> None:
    """Raise PeriodClosed unless `month` may be written for `unit`; inside a transaction it stays open until its end."""
    if connection.in_atomic_block:
        hold_off_closing()
    state = period_state(unit, month)
    if not state.is_open:
        raise PeriodClosed(state.why)


def ensure_entry(village: Unit, month: Month) -> None:
    """Raise PeriodClosed unless `month` may be filled in for `village`, as `ensure_open` does for a decision."""
    if connection.in_atomic_block:
        hold_off_closing()
    state = entry_state(village, month)
    if not state.is_open:
        raise PeriodClosed(state.why)
