"""How long a clock allows, and which starts are over at a given moment. Pure; times are Asia/Shanghai.

Hours are counted from the minute of the start. Days and months count whole days: the last day still counts in full, and
a month ends on the same day of the next month, or on its last day (31 January → 28 February).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lib.month import SHANGHAI, Month

Start = dt.datetime | dt.date | Month


@dataclass(frozen=True)
class Allowance:
    """One of the three."""

    hours: int = 0
    days: int = 0
    months: int = 0

    def __str__(self) -> str:
        return f"{self.hours}小时" if self.hours else f"{self.days}天" if self.days else f"{self.months}个月"

    def due(self, start: Start) -> dt.datetime:
        """The moment after which it is late: so many hours on, or the end of the last day."""
        if self.hours and isinstance(start, dt.datetime):
            return start.astimezone(SHANGHAI) + dt.timedelta(hours=self.hours)
        return midnight(self._last_day(day_of(start)) + dt.timedelta(days=1))

    def _last_day(self, day: dt.date) -> dt.date:
        if not self.months:
            return day + dt.timedelta(days=self.days or -(-self.hours // 24))
        month = Month.of(day) + self.months
        return month.first_day.replace(day=min(day.day, month.last_day.day))

    def is_over(self, due: dt.datetime, at: dt.datetime) -> bool:
        """A limit of hours includes its last moment; one of days ends with its last day."""
        return at > due if self.hours else at >= due

    def last_day(self, due: dt.datetime) -> dt.date:
        """The day on which it falls due."""
        return due.date() if self.hours else due.date() - dt.timedelta(days=1)

    def first_in_time(self, at: dt.datetime) -> dt.datetime:
        """Whatever started before this moment is over at `at`; what started at it or later is not."""
        if self.hours:
            return at - dt.timedelta(hours=self.hours)
        today = at.astimezone(SHANGHAI).date()
        day = today - dt.timedelta(days=31 * self.months + self.days + 1)
        while self._last_day(day) < today:
            day += dt.timedelta(days=1)
        return midnight(day)

    def grace(self, most: dt.timedelta) -> dt.timedelta:
        """How late it may be before it goes up to the county: as long again as was allowed, `most` at most."""
        return min(most, dt.timedelta(hours=self.hours)) if self.hours else most


def day_of(start: Start) -> dt.date:
    """The day a clock of days starts on; one that starts with a month starts on the first of the next one."""
    if isinstance(start, Month):
        return (start + 1).first_day
    return start.astimezone(SHANGHAI).date() if isinstance(start, dt.datetime) else start


def midnight(day: dt.date) -> dt.datetime:
    """The beginning of the day."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI)


def left(due: dt.datetime, at: dt.datetime) -> str:
    """How long until `due`, or since: in minutes below an hour, in hours below three days, else in days."""
    span = abs(due - at)
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        words = f"{minutes}分钟"
    elif minutes < 72 * 60:
        words = f"{minutes // 60}小时"
    else:
        words = f"{minutes // 1440}天"
    return f"还剩{words}" if at < due else f"已超期{words}"
