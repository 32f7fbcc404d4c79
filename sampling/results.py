"""The table of a spot check as the annex prints it: townships, 合计 of each county, 全市合计. Rates are pooled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from lib.rates import Rate

TOTAL, GRAND_TOTAL = "合计", "全市合计"
HEADINGS = (
    "县（市、区）",
    "乡镇",
    "抽查人数",
    "接通人数",
    "接通率（%）",
    "务工地一致人数",
    "务工地准确率（%）",
    "务工时间一致人数",
    "务工时间准确率（%）",
    "知晓人数",
    "政策知晓率（%）",
)


class Counts(NamedTuple):
    """One township as counted, in 人."""

    county: str
    township: str
    sampled: int
    connected: int
    place: int
    time: int
    aware: int


@dataclass(frozen=True)
class Line:
    """One row of the table. `kind` is township, county or all; accuracy and awareness are of those who answered."""

    kind: str
    county: str
    township: str
    sampled: int
    connected: int
    place: int
    time: int
    aware: int

    @property
    def connected_rate(self) -> Rate:
        return Rate(self.connected, self.sampled)

    @property
    def place_rate(self) -> Rate:
        return Rate(self.place, self.connected)

    @property
    def time_rate(self) -> Rate:
        return Rate(self.time, self.connected)

    @property
    def aware_rate(self) -> Rate:
        return Rate(self.aware, self.connected)

    @property
    def cells(self) -> list[str | int]:
        """As HEADINGS say, rates as printed."""
        return [
            self.county,
            self.township,
            self.sampled,
            self.connected,
            self.connected_rate.bare,
            self.place,
            self.place_rate.bare,
            self.time,
            self.time_rate.bare,
            self.aware,
            self.aware_rate.bare,
        ]


def table(rows: Iterable[tuple], grand_total: str = GRAND_TOTAL) -> list[Line]:
    """Rows in their order with the total of every county after it and the total of all at the end.

    Each row is (county, township, sampled, connected, place, time, aware); townships of a county stand together in
    the order of the first. An empty `grand_total` leaves the last line out, for a reader who sees a part only.
    """
    counted = [Counts(*row) for row in rows]
    lines: list[Line] = []
    for county in dict.fromkeys(row.county for row in counted):
        own = [row for row in counted if row.county == county]
        lines += [Line("township", *row) for row in own]
        lines.append(_sum("county", county, TOTAL, own))
    if counted and grand_total:
        lines.append(_sum("all", grand_total, "", counted))
    return lines


def _sum(kind: str, county: str, township: str, rows: list[Counts]) -> Line:
    return Line(
        kind, county, township, *(sum(numbers) for numbers in zip(*(row[2:] for row in rows), strict=True))
    )
