"""看板: one unit and month in cards, a map, a ranking of the units below, and a year's trend."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, needs
from accounts.models import Custody, Level, Unit, User
from accounts.scope import paths
from ledgers.periods import period_state
from lib import charts
from lib.month import Month
from lib.rates import NOTHING, thousands
from reports import reading
from reports.figures import FIGURES, Value
from reports.reading import Values
from reports.views import address, unit_or_top

OUTLINES = Path(__file__).resolve().parent.parent / "data" / "outlines.json"
# (figure, head, unit of the column); calls are shown when there are any
COLUMNS = (
    ("I01", "外出务工", "人"),
    ("I07", "公益性岗位", "人"),
    ("I09a", "帮扶车间", "个"),
    ("I09b", "车间带动", "人"),
    ("I29", "核实率", "%"),
)
CALL_COLUMNS = (
    ("I11", "接通率", "%"),
    ("I12", "务工地准确", "%"),
    ("I13", "时间准确", "%"),
    ("I14", "政策知晓", "%"),
)
LEVELS_BELOW: dict[str, str] = {Level.COUNTY: "县（市、区）", Level.TOWNSHIP: "乡镇", Level.VILLAGE: "村"}
CARD = dict.fromkeys(("unit", "url", "note", "change", "change_text", "tone"), "")
SORTS = {"I03": "完成率", "I01": "外出务工人数", "I29": "核实率", "order": "单位顺序"}


@needs("figures.r")
@require_GET
def dashboard(request: OfficeRequest, code: str | None = None, month: Month | None = None) -> HttpResponse:
    if code is None or month is None:
        return _chosen(request)
    unit = unit_or_top(request.user, code, "figures")
    board = Board(request.user, unit, month, request.GET.get("sort", ""))
    return render(request, "reports/dashboard.html", board.context())


def _chosen(request: OfficeRequest) -> HttpResponse:
    """The address without unit and month, and the month switcher: to the page of the unit and month."""
    unit = unit_or_top(request.user, request.GET.get("unit"), "figures")
    try:
        month = Month.parse(request.GET["month"])
    except (KeyError, ValueError):
        month = reading.latest_month(unit)
    return redirect("reports:dashboard", unit.code, month)


class Board:
    """What the page shows, read in a number of queries that does not depend on people or units."""

    def __init__(self, user: User, unit: Unit, month: Month, sort: str) -> None:
        self.user, self.unit, self.month = user, unit, month
        self.above, self.children = self._family()
        shown = [unit, *self.children]
        self.whole_city = self._city_for_county()
        self.values: Values = reading.values([*shown, *self.whole_city], month)
        self.own = self.values[unit.pk]
        keys = list(self.values)
        self.before = reading.bases(keys, "I01", month, reading.PREVIOUS)
        self.base_name, self.base = reading.baselines(keys, "I07", month)
        self.history = reading.history(unit, ["I01"])
        self.reach = paths(user, "figures")
        has_target = any(self.values[child.pk]["I02"].numerator is not None for child in self.children)
        self.sort = sort if sort in SORTS else ("I03" if has_target else "I01")

    def _family(self) -> tuple[list[Unit], list[Unit]]:
        """The units above, and those that reported to this one at the month's end."""
        below = Custody.objects.on(self.month.last_day).filter(parent=self.unit).values("unit")
        found = Unit.objects.filter(Q(pk__in=below) | Q(code__in=self.unit.ancestor_codes[:-1])).in_order()
        codes = set(self.unit.ancestor_codes[:-1])
        above = sorted((u for u in found if u.code in codes), key=lambda u: u.path.count("/"))
        return above, [u for u in found if u.code not in codes]

    def _city_for_county(self) -> list[Unit]:
        """A county also sees the totals of its city, nothing else of it."""
        if self.unit.level != Level.COUNTY or "county" not in self.user.roles:
            return []
        return [unit for unit in self.above if unit.level == Level.CITY]

    def context(self) -> dict[str, Any]:
        state = period_state(self.unit, self.month)
        as_of = reading.as_of(self.unit, self.month)
        return {
            "page_title": f"{self.unit.name} {self.month.label}",
            "unit": self.unit,
            "month": self.month,
            "breadcrumbs": self._breadcrumbs(),
            "frozen": state.closing,
            "data_time": _clock(as_of.moment),
            "waiting": as_of.waiting,
            "months": self._months(),
            "empty": not self.own["I00"].numerator and not self.own["I07"].numerator,
            "cards": self._cards(),
            "map": self._map(),
            "tiles": self._tiles(),
            "calls": self._calls(),
            "table": self._table() if self.children else None,
            "trend": self._trend(),
            "goal_text": self._goal_text(),
            "rows_url": self._rows("I01"),
            "import_url": address("jobs:imports") if self.user.can("file", "w") else "",
        }

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────

    def _visible(self, unit: Unit) -> bool:
        return any(unit.path.startswith(path) for path in self.reach)

    def _page(self, unit: Unit) -> str:
        return address("reports:dashboard", unit.code, self.month) if self._visible(unit) else ""

    def _rows(self, figure: str, unit: Unit | None = None, part: str = "") -> str:
        """The rows behind a number, for those who may see them."""
        unit = unit or self.unit
        counted = FIGURES[figure].numerator
        if counted is None or not self._visible(unit) or not self.user.can(counted.source.subject, "r", unit):
            return ""
        return address("reports:rows", figure, unit.code, self.month, part=part)

    def _breadcrumbs(self) -> list[dict[str, str]]:
        chain = [unit for unit in (*self.above, self.unit) if self._visible(unit)]
        return [{"label": unit.name, "url": self._page(unit)} for unit in chain] if len(chain) > 1 else []

    def _months(self) -> list[dict[str, Any]]:
        months = sorted({*self.history, self.month}, reverse=True)
        return [{"value": str(m), "label": m.label, "chosen": m == self.month} for m in months]

    def _cards(self) -> list[dict[str, Any]]:
        own = self.own
        cards = [
            self._workers_card(),
            self._target_card(),
            {"label": "公益性岗位", "value": own["I07"].text, "unit": "人", "url": self._rows("I07")}
            | _change(own["I07"], self.base.get(self.unit.pk), f"较{self.base_name}"),
            {
                "label": "帮扶车间",
                "value": own["I09a"].text,
                "unit": "个",
                "url": self._rows("I09a"),
                "note": f"带动就业 {own['I09b'].text} 人",
            },
            {
                "label": "信息核实率",
                "value": own["I29"].rate.bare,
                "unit": "%",
                "url": self._rows("I29"),
                "note": f"已核实 {thousands(own['I29'].numerator)} / {thousands(own['I29'].denominator)} 人",
            },
        ]
        return [CARD | card for card in cards]

    def _workers_card(self) -> dict[str, Any]:
        now = self.own["I01"]
        card = {
            "label": "外出务工人数",
            "value": now.text,
            "unit": "人",
            "url": self._rows("I01"),
            "note": f"其中省外 {self.own['I01a'].text} 人",
        }
        return card | _change(now, self.before.get(self.unit.pk), "比上月")

    def _target_card(self) -> dict[str, Any]:
        rate, goal = self.own["I03"], self.own["I02"].numerator
        card = {"label": "目标任务完成率", "value": rate.rate.bare, "unit": "%"}
        if goal is None:
            return card | {"unit": "", "note": "还没有录入年度目标"}
        note = f"目标 {thousands(goal)} 人，" + (f"还差 {thousands(rate.gap)} 人" if rate.gap else "已经完成")
        return card | {"note": note, "tone": "warn" if rate.gap else "good", "url": self._rows("I03")}

    def _calls(self) -> dict[str, Any] | None:
        """电话抽查: the four rates with their bases; None in a month without calls."""
        if not self.own["I10"].numerator:
            return None
        items = [
            {
                "label": value.figure.name,
                "value": value.rate.value,
                "text": _with_base(value),
                "href": self._rows(figure),
            }
            for figure in ("I11", "I12", "I13", "I14")
            for value in (self.own[figure],)
        ]
        return {
            "count": self.own["I10"].text,
            "url": self._rows("I10"),
            "rows": charts.bars(items, full=100),
        }

    def _progress(self, unit: Unit) -> Value:
        """What the map and the tiles show: completion of the target, else the share that is verified."""
        return self.values[unit.pk]["I03" if self._by_target() else "I29"]

    def _by_target(self) -> bool:
        return any(self.values[unit.pk]["I02"].numerator is not None for unit in self.children or [self.unit])

    def _items(self) -> dict[str, dict[str, Any]]:
        return {
            child.code: {
                "label": child.name,
                "value": self._progress(child).rate.value,
                "text": self._progress(child).text,
                "href": self._page(child),
                "tone": _tone(self._progress(child)) if self._by_target() else "",
            }
            for child in self.children
        }

    def _map(self) -> dict[str, Any] | None:
        outlines, items = _outlines(), self._items()
        drawn = {place["unit"] for place in (*outlines["shapes"], *outlines["points"])}
        if not drawn & set(items):
            return None
        return {"chart": charts.choropleth(outlines, items), "title": self._progress_name()}

    def _progress_name(self) -> str:
        return "目标任务完成率" if self._by_target() else "信息核实率"

    def _tiles(self) -> dict[str, Any] | None:
        """Where there is no map: the units below as tiles, best first."""
        items = [item for item in self._items().values() if item["value"] is not None]
        if not items:
            return None
        ranked = sorted(items, key=lambda item: -item["value"])
        return {"rows": charts.bars(ranked, full=100), "title": self._progress_name()}

    def _trend(self) -> dict[str, Any]:
        points = []
        for then in (self.month - back for back in range(11, -1, -1)):
            value = self.history.get(then, {}).get("I01")
            points.append(
                {
                    "label": f"{then.month}月",
                    "value": None if value is None else value.numerator,
                    "text": "—" if value is None else f"{value.text} 人",
                    "href": address("reports:dashboard", self.unit.code, then) if value else "",
                }
            )
        return charts.trend(points, goal=self.own["I02"].numerator)

    def _goal_text(self) -> str:
        goal = self.own["I02"]
        return "" if goal.numerator is None else f"年度目标 {goal.text} 人"

    # ── ranking ──────────────────────────────────────────────────────────────────────────────────────────────

    def _columns(self) -> tuple[tuple[str, str, str], ...]:
        return COLUMNS + (CALL_COLUMNS if self.own["I10"].numerator else ())

    def _table(self) -> dict[str, Any]:
        if self.sort == "order":
            ranked = self.children
        else:
            ranked = sorted(self.children, key=lambda unit: -_sort_key(self.values[unit.pk][self.sort]))
        rows = [self._row(unit, rank) for rank, unit in enumerate(ranked, 1)]
        rest = self._directly_held()
        return {
            "by_target": self._by_target() or self.own["I02"].numerator is not None,
            "base_name": self.base_name if any(child.pk in self.base for child in self.children) else "",
            "columns": [{"head": head, "unit": unit} for _, head, unit in self._columns()[1:]],
            "rows": rows,
            "own": rest,
            "total": self._row(self.unit, None),
            "city": [self._row(unit, None) for unit in self.whole_city],
            "level": LEVELS_BELOW.get(self.children[0].level, "单位"),
            "sorts": [
                {"key": key, "label": label, "chosen": key == self.sort} for key, label in SORTS.items()
            ],
        }

    def _row(self, unit: Unit, rank: int | None) -> dict[str, Any]:
        values = self.values[unit.pk]
        rate, goal = values["I03"], values["I02"].numerator
        before, base = self.before.get(unit.pk), self.base.get(unit.pk)
        return {
            "name": unit.name,
            "url": "" if unit is self.unit else self._page(unit),
            "rank": rank,
            "workers": {"text": values["I01"].text, "url": self._rows("I01", unit)},
            "change": _signed(values["I01"], before),
            "goal": values["I02"].text,
            "rate": rate.rate.bare,
            "tone": _tone(rate),
            "length": charts.meter(rate.numerator or 0, goal or 0)["length"],
            "gap": values["I04"].text if goal is not None else "—",
            "base_change": _signed(values["I07"], base),
            "cells": [
                {"text": _bare(values[figure]), "url": self._rows(figure, unit)}
                for figure, _, _ in self._columns()[1:]
            ],
        }

    def _directly_held(self) -> list[str] | None:
        """本级: counts that belong to this unit itself and to none of those below; None when there are none."""
        held = []
        for figure, _, _ in self._columns():
            own = self.own[figure]
            below = sum(self.values[child.pk][figure].numerator or 0 for child in self.children)
            held.append(None if own.figure.is_rate else (own.numerator or 0) - below)
        return ["" if number is None else thousands(number) for number in held] if any(held) else None


@cache
def _outlines() -> dict[str, Any]:
    return json.loads(OUTLINES.read_text(encoding="utf-8"))


def _bare(value: Value) -> str:
    return value.rate.bare if value.figure.is_rate else value.text


def _sort_key(value: Value) -> float:
    if not value.figure.is_rate:
        return float(value.numerator or 0)
    return float(value.numerator or 0) / value.denominator if value.denominator else -1.0


def _tone(value: Value) -> str:
    """Green when the target is reached, amber within ten points of it, red below."""
    rate = value.rate.value
    if rate is None:
        return ""
    return "good" if not value.gap else "warn" if rate >= 90 else "bad"


def _change(now: Value, base: int | None, label: str) -> dict[str, str]:
    """Change in words, never by colour or arrow alone."""
    if base is None:
        return {}
    difference = (now.numerator or 0) - base
    if not difference:
        return {"change": "same", "change_text": f"{label}持平"}
    word = "多" if difference > 0 else "少"
    measure = now.figure.measure
    return {
        "change": "up" if difference > 0 else "down",
        "change_text": f"{label}{word} {thousands(abs(difference))} {measure}",
    }


def _with_base(value: Value) -> str:
    """56.7%（340/600）: a rate never stands without its base."""
    if not value.denominator:
        return NOTHING
    return f"{value.text}（{thousands(value.numerator)}/{thousands(value.denominator)}）"


def _signed(now: Value, base: int | None) -> str:
    """+3,569 or −24; — when nothing is known of the other date."""
    if base is None:
        return NOTHING
    difference = (now.numerator or 0) - base
    return f"{'+' if difference > 0 else ''}{thousands(difference)}"


def _clock(moment) -> str:
    local = timezone.localtime(moment)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
