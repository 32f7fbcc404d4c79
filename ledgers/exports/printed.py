"""Ledgers as an office prints them: title line, running numbers, borders, 合计 at the end, A4 sideways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lib.sheets import Column, Marked, Table
from lib.staging import Export

SERIAL = "序号"
PEOPLE = "姓名"  # under it the 合计 line says how many
NARROW, WIDE = 6, 24  # characters


def printed(export: Export, rows: Iterable[list], title: str) -> Table:
    """The rows under a running number, with how many people they are and what the columns of numbers add up to."""
    columns = [Column(SERIAL, NARROW, numeric=True)]
    columns += [Column(name, _width(name), numeric=name in export.numeric) for name in export.headings]
    totals: list = []
    return Table(
        export.title[:31], columns, _numbered(export, rows, totals), title=title, totals=totals, printed=True
    )


def _numbered(export: Export, rows: Iterable[list], totals: list) -> Iterator[list]:
    """Running numbers; when the last row is through, `totals` holds the 合计 line."""
    count, sums = 0, dict.fromkeys(export.numeric, 0)
    for count, row in enumerate(rows, 1):
        for name, cell in zip(export.headings, row, strict=True):
            if name in sums:
                sums[name] += _number(cell)
        yield [count, *row]
    line = [f"{count}人" if name == PEOPLE else sums.get(name, "") for name in export.headings]
    totals += ["合计", *line]


def _number(cell) -> int:
    value = cell.value if isinstance(cell, Marked) else cell
    return value if isinstance(value, int) else 0


WIDTHS = {
    "身份证号码": 20, "证件号码": 20, "联系电话": 13, "务工地点": WIDE, "就业单位名称": WIDE, "务工企业名称": WIDE,
    "行政村": 14, "性别": NARROW, "年龄": NARROW, "户类型": 10, "岗位名称": 14, "原务工地点": WIDE,
}  # fmt: skip


def _width(name: str) -> float | None:
    return WIDTHS.get(name)
