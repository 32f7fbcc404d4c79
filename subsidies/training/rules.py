"""The rules of training as plain functions, each with the clause it keeps (domain.md §3 J). No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledgers.codes import WITHIN_COUNTY
from lib.month import Month

LONGEST = 200  # days of one class
ANSWER_DAYS = 15  # YD-J03, I37: from a wish to a place in a class


@dataclass(frozen=True)
class Away:
    """One spell of work as the ledger has it; `place_class` empty where the ledger does not know."""

    started: Month
    ended: Month | None
    place_class: str
    started_on: dt.date | None = None
    overseas: bool = False


@dataclass(frozen=True)
class Before:
    """One earlier class of a person."""

    year: int
    trade: str
    name: str


def class_days(
    first: dt.date, last: dt.date, weekends: bool = True, off: Iterable[dt.date] = ()
) -> list[dt.date]:
    """The days of a class from the first to the last, without its free days; ValueError with a sentence."""
    if last < first:
        raise ValueError("结束日期不能早于开始日期。")
    length = (last - first).days + 1
    if length > LONGEST:
        raise ValueError(f"一个培训班最长{LONGEST}天，请核对开始和结束日期。")
    free = set(off)
    days = [first + dt.timedelta(days=n) for n in range(length)]
    found = [day for day in days if day not in free and (weekends or day.weekday() < 5)]
    if not found:
        raise ValueError("除去停课日期以后没有上课的日子，请核对日期。")
    return found


def away_on(days: Iterable[dt.date], spells: Sequence[Away]) -> tuple[dt.date, Away] | None:
    """The first class day on which the ledger has the person at work outside the county (YD-J06).

    A spell that ended in the month of the day is over; one that began in it counts from its day where that is known.
    """
    away = [
        one for one in spells if one.overseas or (one.place_class and one.place_class not in WITHIN_COUNTY)
    ]
    for day in sorted(days):
        month = Month.of(day)
        for one in away:
            begun = one.started < month or (
                one.started == month and (one.started_on is None or one.started_on <= day)
            )
            if begun and (one.ended is None or one.ended > month):
                return day, one
    return None


def too_often(before: Sequence[Before], year: int, trade: str, per_year: int, same_trade: bool) -> str:
    """Why a further class is one too many (YD-J07); empty when it is not."""
    this_year = [one for one in before if one.year == year]
    if len(this_year) >= per_year:
        return f"{year}年已参加“{this_year[0].name}”，按计划每人每年最多{per_year}次。"
    again = next((one for one in before if one.trade == trade), None)
    if again and not same_trade:
        return f"{again.year}年已参加过{trade}培训（“{again.name}”），同一工种不重复培训。"
    return ""


def enough(attended: int, of: int, percent: int) -> bool:
    """Whether somebody who attended so many of the class days has finished (结业)."""
    return attended > 0 and attended * 100 >= of * percent


def allowance(days: int, rate_fen: int) -> int:
    """Fen of 培训生活费补贴: days attended × rate, nothing else (YD-J05)."""
    return days * rate_fen
