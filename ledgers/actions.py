"""Named writes of the ledger. Each happens in one transaction with its audit entry, or not at all."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from ledgers import facts
from ledgers.models import MonthClosing, MonthlyRecord
from ledgers.periods import PeriodClosed, ensure_open, period_state, wait_for_writers
from lib import changes as news
from lib.month import Month

# ── months ───────────────────────────────────────────────────────────────────────────────────────────────────────


def month_counts(unit: Unit, month: Month) -> dict[str, int]:
    """What closing would freeze: people, verified, counted."""
    rows = MonthlyRecord.objects.for_month(month).under(unit)
    return {
        "people": rows.count(),
        "verified": rows.filter(verify_state="已核实").count(),
        "counted": rows.counted().count(),
    }


def begin_month(unit: Unit, month: Month, by: User) -> int:
    """Give everyone under `unit` a record of the month that is due to begin. Returns how many were made."""
    if not by.can("month", "w", unit):
        raise NotAllowed(f"您没有开始{unit.name}月份的权限。")
    ensure_open(unit, month)
    due = facts.month_to_begin(unit)
    if month != due:
        then = f"现在可以开始的是{due.label}。" if due else "请先导入台账。"
        raise NotAllowed(f"{unit.name}{month.label}不用开始，或还不能开始；{then}")
    return facts.open_month(unit, month, by)


@transaction.atomic
def close_month(unit: Unit, month: Month, by: User) -> MonthClosing:
    """Freeze the month for `unit` and everything below it."""
    if not by.can("month", "w", unit):
        raise NotAllowed(f"您没有关闭{unit.name}月份的权限。")
    wait_for_writers()
    state = period_state(unit, month)
    if not state.is_open:
        raise PeriodClosed(state.why)
    counts = month_counts(unit, month)
    if not counts["people"]:
        raise NotAllowed(f"{unit.name}{month.label}还没有台账，不能关闭。")
    closing = MonthClosing.objects.create(unit=unit, month=month, closed_by=by, **counts)
    record("month.close", by, closing, unit, month=str(month), **counts)
    return closing


@transaction.atomic
def reopen_month(unit: Unit, month: Month, by: User, reason: str) -> MonthClosing:
    """Open the month again that `unit` itself closed; the closing stays on record with who, when and why."""
    if not by.can("month", "w", unit):
        raise NotAllowed(f"{unit.name}关闭的月份，只能由{unit.name}或它的上级重开。")
    reason = because(reason, "重开原因")
    closing = (
        MonthClosing.objects.select_for_update().filter(unit=unit, month=month, reopened_at=None).first()
    )
    if closing is None:
        why = period_state(unit, month).why
        raise NotAllowed(why or f"{unit.name}没有关闭{month.label}，不用重开。")
    closing.reopened_at, closing.reopened_by, closing.reason = timezone.now(), by, reason
    closing.save(update_fields=["reopened_at", "reopened_by", "reason"])
    record("month.reopen", by, closing, unit, month=str(month), reason=closing.reason)
    news.mark(month, Unit.objects.under(unit).villages().values_list("pk", flat=True))
    return closing
