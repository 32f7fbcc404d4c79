"""The tables of T1 as markers: what layout, workbook, JSON and checks all read."""

from __future__ import annotations

from dataclasses import dataclass

from lib.rates import NOTHING
from reports.bulletins.slots import MARKER, Slots, marker, printed
from reports.bulletins.snapshot import Snapshot


@dataclass(frozen=True)
class Head:
    """A column: its title, the common heading over it, its weight in width."""

    title: str
    group: str = ""
    width: float = 1.0

    @property
    def full(self) -> str:
        return f"{self.group}·{self.title}" if self.group else self.title


@dataclass(frozen=True)
class Row:
    """Cells are words or markers. `kind` is row, subtotal or total; `spans` is the rowspan of the first cell."""

    cells: tuple[str, ...]
    kind: str = "row"
    spans: int = 1


@dataclass(frozen=True)
class Annex:
    title: str
    columns: tuple[Head, ...]
    rows: tuple[Row, ...]
    note: str = ""
    landscape: bool = True

    def texts(self, slots: Slots) -> list[list[str]]:
        """Every cell as it is printed; spanned cells repeat their text."""
        return [[printed(cell, slots) for cell in row.cells] for row in self.rows]

    def numbers(self, slots: Slots) -> list[list[str | int | float]]:
        """Every cell as a number where it prints one, read back from its printed text."""
        return [
            [
                _number(text) if MARKER.search(cell) else text
                for cell, text in zip(row.cells, line, strict=True)
            ]
            for row, line in zip(self.rows, self.texts(slots), strict=True)
        ]


def _number(text: str) -> str | int | float:
    if text in (NOTHING, ""):
        return text
    plain = text.replace("\u2212", "-").replace("+", "")
    return float(plain) if "." in plain else int(plain)


CHECKS = (
    Head("县（市、区）", width=2.0),
    Head("乡镇", width=1.8),
    Head("抽查人数（人）"),
    Head("人数（人）", "电话接通"),
    Head("接通率（%）", "电话接通"),
    Head("一致人数（人）", "务工地信息"),
    Head("准确率（%）", "务工地信息"),
    Head("一致人数（人）", "务工时间"),
    Head("准确率（%）", "务工时间"),
    Head("人数（人）", "政策知晓"),
    Head("知晓率（%）", "政策知晓"),
)
RATE_FIGURES = ("I11", "I12", "I13", "I14")
DISPATCH = (
    Head("县（市、区）", width=2.2),
    Head("人数（人）", "外出务工"),
    Head("目标（人）", "外出务工"),
    Head("完成率（%）", "外出务工"),
    Head("差额（人）", "外出务工"),
    Head("现有（人）", "公益性岗位"),
    Head("基期（人）", "公益性岗位"),
    Head("增减（人）", "公益性岗位"),
    Head("个数（个）", "帮扶车间"),
    Head("带动（人）", "帮扶车间"),
)


def annexes(snapshot: Snapshot) -> list[Annex]:
    """附件1 is left out where nobody was called."""
    found = [_checks(snapshot), _dispatch(snapshot)]
    return [annex for annex in found if annex.rows]


def _checks(snapshot: Snapshot) -> Annex:
    slots, units, unit = snapshot["slots"], snapshot["units"], snapshot["unit"]
    rows: list[Row] = []
    for group in snapshot["groups"]:
        name, towns = units[group["unit"]]["name"], group["townships"]
        if not towns:
            continue
        subtotal = group["unit"] != unit
        for place, town in enumerate(towns):
            spans = len(towns) + subtotal if place == 0 else 0
            rows.append(Row((name, units[town]["name"], *_called(slots, town)), "row", spans))
        if subtotal:
            rows.append(Row((name, "合计", *_called(slots, group["unit"])), "subtotal", 0))
    if rows:
        rows.append(Row((f"{snapshot['scope']}合计", "", *_called(slots, unit)), "total"))
    title = f"{snapshot['scope']}{snapshot['terms']['people']}务工信息抽查情况汇总表"
    note = "注：接通率以抽查人数为基数，准确率、知晓率均以接通人数为基数；合计按人数汇总计算。"
    return Annex(title, CHECKS, tuple(rows), note)


def _called(slots: Slots, unit: str) -> list[str]:
    cells = [marker(f"I10:{unit}")]
    for figure in RATE_FIGURES:
        key = f"{figure}:{unit}"
        cells += [marker(key, "num"), marker(key, "bare")]
    return [cell if f"I10:{unit}" in slots else NOTHING for cell in cells]


def _dispatch(snapshot: Snapshot) -> Annex:
    slots, unit = snapshot["slots"], snapshot["unit"]
    base = slots["B:I07"]["text"] if "B:I07" in slots else ""
    rows = [
        Row((snapshot["units"][child]["name"], *_dispatched(slots, child, base)))
        for child in snapshot["children"]
    ]
    rows.append(Row((f"{snapshot['scope']}合计", *_dispatched(slots, unit, base)), "total"))
    title = f"{snapshot['scope']}{snapshot['terms']['people']}稳岗就业调度情况汇总表"
    notes = [f"注：数据截至{marker('T:as_of')}", "差额按各单位目标分别计算，不累加"]
    notes += [f"公益性岗位基期为{marker('B:I07')}"] if base else []
    note = "；".join(notes) + "。"
    if "T:late" in slots:
        note += f"填报截止后经批准补录的单位：{marker('T:late')}。"
    return Annex(title, DISPATCH, tuple(rows), printed(note, slots), landscape=False)


def _dispatched(slots: Slots, unit: str, base: str) -> list[str]:
    wanted = (
        (f"I01:{unit}", ""),
        (f"I02:{unit}", ""),
        (f"I03:{unit}", "bare"),
        (f"I04:{unit}", ""),
        (f"I07:{unit}", ""),
        (f"I07:{unit}:{base}", ""),
        (f"I08:{unit}:{base}", ""),
        (f"I09a:{unit}", ""),
        (f"I09b:{unit}", ""),
    )
    return [marker(key, form) if key in slots else NOTHING for key, form in wanted]
