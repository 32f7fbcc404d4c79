"""Freeze every figure that a bulletin may print: exact numbers, base, as-of date, and the text they print as."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any

from accounts.models import Custody, Level, Unit
from ledgers.models import EntryException
from lib.month import Month
from lib.rates import round_half_up
from reports import reading, terms
from reports.bulletins.slots import Slots, text_of
from reports.figures import FIGURES, Figure
from reports.models import FigureValue
from sampling.models import Campaign

Snapshot = dict[str, Any]
FORM = 1  # of the snapshot itself
RULES = "YD-D01"
DISPATCH = ("I01", "I01a", "I01b", "I01c", "I02", "I03", "I04", "I07", "I09a", "I09b")
CHECKED = ("I10", "I11", "I12", "I13", "I14")
# 预警线 in per cent (domain.md §9.1) and how far below the pooled rate is worth naming, in 百分点.
WARN = {"I11": 70, "I12": 60, "I13": 60, "I14": 30}
FAR_BELOW = 10
# figure → its difference to the base date, and that difference in per cent
DIFFERENCES = {"I07": ("I08", "I08g"), "I09a": ("I09ad", ""), "I09b": ("I09bd", "I09bg")}
NAMES = {
    "I06": "外出务工人数较上月增减",
    "I08": "公益性岗位较基期增减",
    "I08g": "公益性岗位较基期增幅",
    "I09ad": "帮扶车间较基期增减",
    "I09bd": "车间带动就业较基期增减",
    "I09bg": "车间带动就业较基期增幅",
}
RATES = "I11", "I12", "I13", "I14"


class NothingToReport(Exception):
    """The unit has no units below it: there is nothing to dispatch."""


def canonical(content: Any) -> bytes:
    """The same bytes for the same content, whatever database gave it back."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: Any) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def take(unit: Unit, month: Month) -> Snapshot:
    """The snapshot of `unit`, its children and the checked townships; the same rows give the same snapshot."""
    paths = dict(Custody.objects.on(month.last_day).filter(parent=unit).values_list("unit_id", "path"))
    children = list(Unit.objects.filter(pk__in=paths).in_order())
    if not children:
        raise NothingToReport(f"{unit.name}没有下级单位，不能编发通报。")
    groups = _groups(unit, children, month)
    townships = [town for _, towns in groups for town in towns]
    snapshot: Snapshot = {
        "form": FORM,
        "template": "T1",
        "unit": unit.code,
        "month": str(month),
        "as_of": month.last_day.isoformat(),
        "scope": scope_word(unit),
        "rules": RULES,
        "rounding": {"method": "四舍五入", "places": 1},
        "terms": terms.words_on(month.last_day),
        "warn": WARN,
        "units": {u.code: {"name": u.name, "level": u.level} for u in [unit, *children, *townships]},
        "children": [child.code for child in children],
        "groups": [{"unit": group.code, "townships": [t.code for t in towns]} for group, towns in groups],
        "campaign": _campaign(unit, month),
        "slots": _Slots(unit, children, townships, month).all(),
    }
    return json.loads(canonical(snapshot))


def scope_word(unit: Unit) -> str:
    """How a text names the whole of a unit: 全市, 全县, 全区, 全镇."""
    if unit.level == Level.COUNTY:
        return "全市" if unit.name.endswith("市") else "全县" if unit.name.endswith("县") else "全区"
    words = {"province": "全省", "city": "全市", "township": "全镇"}
    return words.get(unit.level, unit.name)


def _groups(unit: Unit, children: list[Unit], month: Month) -> list[tuple[Unit, list[Unit]]]:
    """The checked townships under each child; a county that reports on its own townships is one group."""
    level = Level.VILLAGE if unit.level == Level.TOWNSHIP else Level.TOWNSHIP
    checked = FigureValue.objects.filter(month=month, figure="I10", numerator__gt=0)
    below = Unit.objects.under_on(unit, month.last_day).filter(level=level, pk__in=checked.values("unit"))
    towns = list(below.in_order())
    if children[0].level == level:
        return [(unit, towns)]
    custody = Custody.objects.on(month.last_day).filter(unit__in=[*towns, *children])
    paths = dict(custody.values_list("unit_id", "path"))
    return [
        (child, [town for town in towns if paths[town.pk].startswith(paths[child.pk])]) for child in children
    ]


def _campaign(unit: Unit, month: Month) -> dict[str, str] | None:
    """How townships and callers were chosen; empty words where several campaigns of the month differ."""
    below = Unit.objects.under_on(unit, month.last_day).order_by().values("pk")
    rows = set(
        Campaign.objects.filter(month=month, calls__village__in=below).values_list("selection", "mode")
    )
    if not rows:
        return None
    selections, modes = ({row[place] for row in rows} for place in (0, 1))
    return {
        "selection": selections.pop() if len(selections) == 1 else "",
        "mode": modes.pop() if len(modes) == 1 else "",
    }


def late_entries(unit: Unit, month: Month) -> str:
    """Who was allowed to fill in the month after its deadline: units, and in brackets why, by whom, until when."""
    below = Unit.objects.under_on(unit, month.last_day).order_by().values("pk")
    found = EntryException.objects.filter(month=month, unit__in=below).select_related(
        "unit__parent", "office"
    )
    groups: dict[tuple, list[str]] = defaultdict(list)
    for one in found.order_by("unit__sort_path", "pk"):
        of = one.unit.parent.name if one.unit.level == Level.VILLAGE and one.unit.parent else ""
        names = groups[one.reason, one.office.name, one.lasted]
        if (name := of + one.unit.name) not in names:
            names.append(name)
    return "；".join(
        f"{'、'.join(names)}（{reason}，{office}批准，截至{day.year}年{day.month}月{day.day}日）"
        for (reason, office, day), names in groups.items()
    )


class _Slots:
    """Collects the slots of one snapshot."""

    def __init__(self, unit: Unit, children: list[Unit], townships: list[Unit], month: Month) -> None:
        self.unit, self.month = unit, month
        self.main, self.townships = [unit, *children], townships
        self.children = children
        self.slots: Slots = {}
        everyone = list({u.pk: u for u in [*self.main, *townships]}.values())
        self.values = reading.values(everyone, month)
        self.everyone = everyone

    def all(self) -> Slots:
        for unit in self.main:
            for figure in DISPATCH:
                self._value(FIGURES[figure], unit)
        for unit in self.everyone:
            if self.values[unit.pk]["I10"].numerator:
                for figure in CHECKED:
                    self._value(FIGURES[figure], unit)
        self._previous_month()
        for figure in DIFFERENCES:
            self._base(figure)
        self._below_mean()
        self._words()
        for key, slot in self.slots.items():
            slot["text"] = text_of(self.slots, key)
        return self.slots

    def _add(self, key: str, kind: str, name: str, unit: Unit | None = None, **more: Any) -> None:
        place = "" if unit is None else scope_word(unit) if unit == self.unit else unit.name
        self.slots[key] = {
            "figure": key.split(":")[0],
            "kind": kind,
            "name": name,
            "unit": unit.code if unit else "",
            "unit_name": place,
            "measure": "",
            "population": "",
            "as_of": self.month.last_day.isoformat(),
            "places": 0,
            "numerator": None,
            "denominator": None,
        } | more

    def _value(self, figure: Figure, unit: Unit) -> None:
        value = self.values[unit.pk][figure.id]
        if figure.id in ("I02", "I04") and value.numerator is None:
            return
        if figure.id == "I03" and not value.denominator:
            return
        self._add(
            f"{figure.id}:{unit.code}",
            "rate" if figure.is_rate else "count",
            figure.name,
            unit,
            measure=figure.measure,
            population=figure.population,
            places=figure.places if figure.is_rate else 0,
            numerator=value.numerator,
            denominator=value.denominator,
        )

    def _previous_month(self) -> None:
        before = reading.bases([u.pk for u in self.main], "I01", self.month, reading.PREVIOUS)
        label = (self.month - 1).label
        for unit in self.main:
            if unit.pk in before:
                now = self.values[unit.pk]["I01"].numerator or 0
                self._add(
                    f"I06:{unit.code}:{label}",
                    "change",
                    NAMES["I06"],
                    unit,
                    measure="人",
                    base=label,
                    numerator=now - before[unit.pk],
                )

    def _base(self, figure_id: str) -> None:
        """Value at the base date, the difference to it, and the difference in per cent."""
        base, then = reading.baselines([u.pk for u in self.main], figure_id, self.month)
        if not then:
            return
        figure, (difference, growth) = FIGURES[figure_id], DIFFERENCES[figure_id]
        self._add(f"B:{figure_id}", "word", f"{figure.name}基期", text=base, base=base)
        for unit in self.main:
            if (number := then.get(unit.pk)) is None:
                continue
            change = (self.values[unit.pk][figure_id].numerator or 0) - number
            common = {"measure": figure.measure, "population": figure.population, "base": base}
            key = f"{unit.code}:{base}"
            self._add(f"{figure_id}:{key}", "count", f"{figure.name}基期数", unit, numerator=number, **common)
            self._add(f"{difference}:{key}", "change", NAMES[difference], unit, numerator=change, **common)
            if growth:
                common["measure"] = "%"
                self._add(
                    f"{growth}:{key}",
                    "growth",
                    NAMES[growth],
                    unit,
                    numerator=change,
                    denominator=number,
                    places=1,
                    **common,
                )

    def _below_mean(self) -> None:
        """百分点 of every checked township to the pooled rate of the whole."""
        for figure in RATES:
            for town in self.townships:
                mine, whole = f"{figure}:{town.code}", f"{figure}:{self.unit.code}"
                if mine in self.slots and whole in self.slots:
                    self._add(
                        f"{figure}d:{town.code}",
                        "points",
                        f"{FIGURES[figure].name}与平均值之差",
                        town,
                        measure="百分点",
                        places=1,
                        of=[mine, whole],
                    )

    def _words(self) -> None:
        self._add("T:as_of", "word", "截至日期", text=f"{self.month.label}底")
        self._add("T:month", "word", "月份", text=self.month.label)
        self._add("T:previous", "word", "上月", text=(self.month - 1).label)
        if late := late_entries(self.unit, self.month):
            self._add("T:late", "word", "例外补录", text=late)
        self._add("N:townships", "count", "抽查乡镇数", measure="个", numerator=len(self.townships))
        for figure, percent in WARN.items():
            self._add(
                f"P:{figure}", "word", f"{FIGURES[figure].name}预警线", text=f"{round_half_up(percent)}%"
            )
