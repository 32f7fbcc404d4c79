"""Whether a month is open for a unit: the one function that screens, imports, tasks and commands ask.

Two questions of one answer. `period_state` says whether anything about the month may still be decided: it is closed
or it is not. `entry_state` begins with that and adds the deadline of 填报 (ledgers.deadline): forms, contacts, and the
files of villages and townships ask it; reviews, confirmations and the county's own work do not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.authority import NotAllowed
from accounts.models import Level, Unit
from ledgers import deadline
from ledgers.deadline import spoken
from ledgers.models import EntryException, EntryRule, MonthClosing, MonthlyRecord
from lib.month import Month


class PeriodClosed(NotAllowed):
    """A write was refused because its month is closed; the message says which month, by whom, and what to do."""


@dataclass(frozen=True)
class PeriodState:
    """`is_open` and, when it is not, one sentence that says why not and what to do.

    Of `entry_state` only: `due`, the last day by the rule; `exception`, what allows longer, when that day is over; and
    `until`, the last day by both. None where no rule ends the month.
    """

    is_open: bool
    why: str = ""
    closing: MonthClosing | None = None
    due: dt.date | None = None
    until: dt.date | None = None
    exception: EntryException | None = None

    @property
    def is_locked(self) -> bool:
        """The deadline is over and nothing else: what was filled in may still be decided on."""
        return not self.is_open and self.due is not None

    @property
    def told(self) -> str:
        """One sentence for who fills in: why not, or by whose leave still; empty when there is nothing to say."""
        if self.due is None or self.exception is None:
            return self.why
        one = self.exception
        return (
            f"{one.month.label}的填报已于{spoken(self.due)}截止，经{one.office.name}批准可补录到{spoken(one.until)}"
            f"（{one.reason}）。"
        )


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


def entry_state(unit: Unit, month: Month) -> PeriodState:
    """Whether `month` may still be filled in (填报) for `unit`; to decide on what was filled in ask `period_state`.

    Screens with fields, buttons to begin, sign or submit, contacts and files of villages and townships ask this one.
    """
    state = period_state(unit, month)
    rule = deadline.rule_of(deadline.rules_for(unit), month) if state.is_open else None
    due = deadline.last_day(rule, month)
    today = timezone.localdate()
    if rule is None or due is None or today <= due:
        return replace(state, due=due, until=due)
    exception = deadline.exception_of(unit, month)
    if exception and exception.until >= today:
        return replace(state, due=due, until=exception.until, exception=exception)
    return PeriodState(False, _locked(rule, month, due), due=due, until=due)


def _locked(rule: EntryRule, month: Month, due: dt.date) -> str:
    who = rule.unit.name if rule.unit.level == Level.COUNTY else "县（市、区）"
    return (
        f"{month.label}的填报已于{spoken(due)}截止；确需补录，请{who}在“月份”页批准例外，写明原因和截至日期。"
    )


def due_words(
    month: Month, today: dt.date | None = None, state: PeriodState | None = None
) -> tuple[str, str]:
    """How long until the month's ledger is due, in words, and the tone it deserves.

    Where no rule of `state` (of `entry_state`) says otherwise it is due before the 20th (每月20日前), and may be late.
    """
    today = today or timezone.localdate()
    if state and not state.is_open:
        return (f"{spoken(state.due)}已截止填报", "bad") if state.due else ("已关闭", "")
    due = state.until if state and state.until else month.first_day.replace(day=settings.MONTH_LOCK_DAY)
    left = (due - today).days
    more = "补录" if state and state.exception else ""
    if left > 0:
        return f"{more}还剩 {left} 天", "warn" if more or left <= 3 else ""
    if left == 0:
        return f"{more}今天截止", "warn"
    if left >= -31:
        return f"已超期 {-left} 天", "bad"
    return f"{spoken(due)}已截止", ""


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
    """Raise PeriodClosed unless `month` may be decided on for `unit`; inside a transaction that holds to its end."""
    _ensure(period_state, unit, month)


def ensure_entry(unit: Unit, month: Month) -> None:
    """Raise PeriodClosed unless `month` may be filled in for `unit`, as `ensure_open` does for a decision."""
    _ensure(entry_state, unit, month)


def _ensure(ask: Callable[[Unit, Month], PeriodState], unit: Unit, month: Month) -> None:
    if connection.in_atomic_block:
        hold_off_closing()
    state = ask(unit, month)
    if not state.is_open:
        raise PeriodClosed(state.why)
