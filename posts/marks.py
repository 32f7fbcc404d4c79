"""The marks of an attendance sheet, a letter for each day of the month. Pure: no models.

A day without a mark counts for nothing: it lies before the appointment or after it, is a day of rest, or is to come.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lib.month import Month

PRESENT, ABSENT, LEAVE, NONE = "1", "0", "L", "-"
WORDS = {PRESENT: "出勤", ABSENT: "缺勤", LEAVE: "请假", NONE: "不计"}
SIGNS = {PRESENT: "√", ABSENT: "×", LEAVE: "假", NONE: ""}  # as the paper has them
READ = {
    "√": PRESENT, "✓": PRESENT, "✔": PRESENT, "1": PRESENT, "出": PRESENT, "出勤": PRESENT, "到": PRESENT,
    "全": PRESENT, "×": ABSENT, "✗": ABSENT, "X": ABSENT, "x": ABSENT, "0": ABSENT, "缺": ABSENT, "缺勤": ABSENT,
    "旷": ABSENT, "旷工": ABSENT, "假": LEAVE, "请假": LEAVE, "事假": LEAVE, "病假": LEAVE, "L": LEAVE,
    "": NONE, "-": NONE, "—": NONE, "休": NONE, "/": NONE, "○": NONE,
}  # fmt: skip
_BETWEEN = re.compile(r"[,，、;；\s]+")
_SPAN = re.compile(r"(\d{1,2})日?(?:[-—~至](\d{1,2})日?)?", re.ASCII)


@dataclass(frozen=True)
class Tally:
    """Days on duty, absent and on leave."""

    days: int
    absent: int = 0
    leave: int = 0

    @property
    def total(self) -> int:
        return self.days + self.absent + self.leave


def tally(marks: str) -> Tally:
    return Tally(marks.count(PRESENT), marks.count(ABSENT), marks.count(LEAVE))


def service(month: Month, first: dt.date, last: dt.date | None) -> range:
    """Which days of the month an appointment from `first` to `last` (both included) covers; empty when none."""
    begin = max(first, month.first_day)
    end = min(last or month.last_day, month.last_day)
    return range(begin.day, end.day + 1) if begin <= end else range(0)


def full(month: Month, days: range, today: dt.date) -> str:
    """全勤: every day in service up to today."""
    over = today.day if Month.of(today) == month else 0 if Month.of(today) < month else 31
    return "".join(
        PRESENT if day in days and day <= over else NONE for day in range(1, month.last_day.day + 1)
    )


def joined(month: Month, said: Mapping[int, str]) -> str:
    """The marks from a mapping of day number to mark; days not said carry none."""
    return "".join(said.get(day, NONE) for day in range(1, month.last_day.day + 1))


def fault(marks: str, month: Month, days: Collection[int], today: dt.date) -> str:
    """Why these marks cannot stand, as a sentence; empty when they can."""
    if len(marks) != month.last_day.day or set(marks) - set(WORDS):
        return f"{month.label}有{month.last_day.day}天，每天只能记出勤、缺勤、请假或不计。"
    for day, mark in enumerate(marks, 1):
        if mark == NONE:
            continue
        if day not in days:
            return f"{month.month}月{day}日不在聘用期内，不能记考勤。"
        if dt.date(month.year, month.month, day) > today:
            return f"{month.month}月{day}日还没有到，不能记考勤。"
    return ""


def fault_of_sums(sums: Tally, month: Month, days: Collection[int], today: dt.date) -> str:
    """The same of a paper that gives sums only."""
    past = sum(1 for day in days if dt.date(month.year, month.month, day) <= today)
    if sums.total > past:
        return f"出勤、缺勤和请假合计{sums.total}天，超过{month.label}到今天为止在聘的{past}天。"
    return ""


def named(marks: str, mark: str) -> str:
    """The days that carry the mark, as people write them: 5,6,9."""
    return ",".join(str(day) for day, one in enumerate(marks, 1) if one == mark)


def days_named(text: str) -> list[int]:
    """Days as people write them: 5,6、9-11; [0] where it is no such list."""
    found: list[int] = []
    for part in _BETWEEN.split(text.strip()) if text.strip() else []:
        span = _SPAN.fullmatch(part)
        if not span:
            return [0]
        first, last = int(span[1]), int(span[2] or span[1])
        found += range(first, last + 1)
    return found
