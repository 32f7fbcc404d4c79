"""Named writes about the deadline of 填报: set it, allow a village or township longer, end that early."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Level, Unit, User
from ledgers.deadline import rule_of, rules_for, spoken
from ledgers.models import EntryException, EntryRule
from ledgers.models.entry import LONGEST
from ledgers.periods import PeriodState, ensure_open, entry_state
from lib.month import Month

SETS = (Level.CITY, Level.COUNTY)
EXCEPTED = (Level.TOWNSHIP, Level.VILLAGE)
CORRECTION, CORRECTION_DAYS = "退回补正", 3


@transaction.atomic
def set_rule(unit: Unit, from_month: Month, day: int | None, by: User) -> EntryRule:
    """From `from_month` on months are filled in up to their `day`-th (1–28), or until they are closed (None)."""
    if unit.level not in SETS or not by.can("month", "w", unit):
        raise NotAllowed(f"您没有设定{unit.name}填报截止日的权限。")
    if day is not None and not 1 <= day <= 28:
        raise NotAllowed("截止日只能是1日至28日。")
    in_force = rule_of([rule for rule in rules_for(unit) if rule.unit_id == unit.pk], from_month)
    if in_force and (in_force.from_month, in_force.day) == (from_month, day):
        return in_force
    rule = EntryRule.objects.create(unit=unit, from_month=from_month, day=day, set_by=by, at=timezone.now())
    record("month.deadline", by, rule, unit, month=str(from_month), rule=rule.words)
    return rule


@transaction.atomic
def grant(unit: Unit, month: Month, until: dt.date, reason: str, by: User) -> EntryException:
    """Let a village or township fill in `month` up to and including `until`; the same again is the first."""
    if not by.can("month", "w", unit):
        raise NotAllowed(f"您没有批准{unit.name}补录的权限。")
    if unit.level not in EXCEPTED:
        raise NotAllowed("例外只批给乡镇或村。")
    reason = because(reason, "批准原因")
    ensure_open(unit, month)
    state, today = entry_state(unit, month), timezone.localdate()
    if state.due is None:
        raise NotAllowed(f"{unit.name}{month.label}没有填报截止日，不用批准例外。")
    if not max(today, state.due + dt.timedelta(days=1)) <= until <= today + dt.timedelta(days=LONGEST):
        raise NotAllowed(
            f"截至日期要在今天和{spoken(state.due)}的截止日之后，且不超过今天起{LONGEST}天。"
            if until < today or until <= state.due
            else f"截至日期不能超过今天起{LONGEST}天。"
        )
    standing = EntryException.objects.standing().filter(unit=unit, month=month, reason=reason)
    same = next((one for one in standing if one.until == until), None)
    return same or _grant(unit, month, until, reason, by)


def allow_correction(village: Unit, month: Month, by: User) -> EntryException | None:
    """A form sent back on the last day of 填报 or later: its village has three days to correct it, as 退回补正.

    Whoever sends back grants it. Nothing is granted where that much time is left anyway.
    """
    state, today = entry_state(village, month), timezone.localdate()
    until = today + dt.timedelta(days=CORRECTION_DAYS)
    if not _is_due(state, today) or (state.until and state.until >= until):
        return None
    return _grant(village, month, until, CORRECTION, by)


def _is_due(state: PeriodState, today: dt.date) -> bool:
    return state.due is not None and today >= state.due


def _grant(unit: Unit, month: Month, until: dt.date, reason: str, by: User) -> EntryException:
    now = timezone.now()
    made = EntryException.objects.create(
        unit=unit, month=month, days=(until - timezone.localdate(now)).days, reason=reason,
        office=by.own_unit, granted_by=by, granted_at=now,
    )  # fmt: skip
    record("month.exempt", by, made, unit, month=str(month), until=until.isoformat(), reason=reason)
    return made


@transaction.atomic
def end(exception: EntryException, by: User) -> EntryException:
    """End it before its day; what was filled in meanwhile stays. Ended or expired already it stays as it is."""
    one = EntryException.objects.select_for_update(of=("self",)).select_related("unit").get(pk=exception.pk)
    if not by.can("month", "w", one.unit):
        raise NotAllowed(f"您没有结束{one.unit.name}例外的权限。")
    if one.is_over:
        return one
    one.ended_at, one.ended_by = max(timezone.now(), one.granted_at), by
    one.save(update_fields=["ended_at", "ended_by"])
    record("month.exempt_end", by, one, one.unit, month=str(one.month), reason=one.reason)
    return one
