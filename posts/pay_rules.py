"""What a holder of a post is paid for a month, and which months are owed. Pure: fen, days and months, no models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from lib.month import Month

MONTHS_LATE = 1  # YD-F08: the month before this one is due


@dataclass(frozen=True)
class Wage:
    """Fen: the month's standard is what is paid and what is taken off."""

    amount: int
    deduction: int


def wage(standard: int, required: int, days: int) -> Wage:
    """Pay for `days` on duty where `required` days earn the whole `standard`; leave is no day on duty.

    Each missing day takes off 1/required, rounded half up to the fen. Nobody on duty for no day is paid (YD-F07).
    """
    if days <= 0:
        return Wage(0, standard)
    missing = max(0, required - days)
    deduction = (2 * standard * missing + required) // (2 * required) if missing else 0
    return Wage(standard - deduction, deduction)


def last_day(ended_on: dt.date | None, stop_pay_on: dt.date | None) -> dt.date | None:
    """The last day that is paid: of the appointment, or the day before 停发 begins; None while it goes on."""
    days = [ended_on, stop_pay_on - dt.timedelta(days=1) if stop_pay_on else None]
    return min((day for day in days if day), default=None)


def last_due(today: dt.date) -> Month:
    """The last month whose pay is due (YD-F08): one month is given to pay."""
    return Month.of(today) - MONTHS_LATE


def owed(
    first: dt.date,
    last: dt.date | None,
    paid_through: Month | None,
    since: Month | None,
    due: Month,
    unearned: Collection[Month] = (),
) -> list[Month]:
    """The unpaid months of an appointment, from the one after `paid_through` to `due` (I27).

    `since` is the first month whose attendance or pay the unit keeps: before it nobody knows what was paid; None,
    nothing is reckoned. Months without a day on duty (`unearned`) are no arrears.
    """  # fmt: skip
    if since is None:
        return []
    begin = max(Month.of(first), since, *([paid_through + 1] if paid_through else []))
    end = min(due, Month.of(last)) if last else due
    months = _span(begin, end)
    return [month for month in months if month not in unearned] if unearned else list(months)


@lru_cache(maxsize=1024)
def _span(begin: Month, end: Month) -> tuple[Month, ...]:
    """The months from one to another: thousands of holders are owed the same ones."""
    return tuple(begin + n for n in range(max(0, end - begin + 1)))
