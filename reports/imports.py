"""Workbooks of entered numbers: 年度目标任务 and base figures (基期数) by unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from accounts.models import Unit
from lib.sheets.cells import Parsed, text, to_int, to_text
from lib.staging import (
    CHANGED,
    NEW,
    REJECT,
    REJECTED,
    SAME,
    Column,
    Context,
    Kind,
    Problem,
    Row,
    Staged,
    Stale,
    parse_row,
    register,
)
from reports import actions
from reports.actions import NumberChanged
from reports.figures import CATALOGUE, FIGURES
from reports.models import Baseline, Target

COUNTED = {figure.id: figure.id for figure in CATALOGUE if figure.denominator is None}
BY_NAME = {FIGURES[key].name: key for key in COUNTED}
# A plan is often headed by the name of the target itself.
TARGET_WORDS = {
    "I02": "I01",
    "目标任务": "I01",
    "年度目标任务": "I01",
    "年度目标任务数": "I01",
    "外出务工": "I01",
}
MOST = 99_999_999


def to_figure(cell: object) -> Parsed:
    """A figure by its id or its printed name; only counts can be entered."""
    words = text(cell)
    if not words:
        return Parsed(None, "", "")
    known = COUNTED | BY_NAME | TARGET_WORDS
    found = known.get(words) or known.get(words.upper())
    if found:
        return Parsed(found, "", "")
    return Parsed(None, REJECT, f"没有指标“{words[:20]}”，请填 I01 这样的编号或指标名称。")


def to_year(cell: object) -> Parsed:
    words = text(cell).removesuffix("度").removesuffix("年")
    if len(words) == 4 and words.isdecimal() and "2000" <= words <= "2099":
        return Parsed(int(words), "", "")
    return Parsed(None, REJECT, "年度应为四位数字，如 2023。") if words else Parsed(None, "", "")


def to_count(cell: object) -> Parsed:
    return to_int(cell, 0, MOST)


UNIT = Column(
    "unit", "单位编码", to_text, ("编码",), required=True, help="本系统的单位编码", example="4202YX"
)


class Numbers(Kind):
    """One entered number per row; `slot` are the columns that, with the unit, say which number it is."""

    right = ("target", "i")
    model: Any  # Target or Baseline
    slot: tuple[str, str]

    def set(self, unit: Unit, slot: dict[str, Any], value: int | None, context: Context, seen: int | None):
        raise NotImplementedError

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        reach = Unit.objects.under(context.unit).visible_to(context.user, *self.right)
        units = {unit.code: unit for unit in reach}
        stored = {
            (row.unit_id, *(getattr(row, name) for name in self.slot)): row
            for row in self.model._default_manager.filter(unit__in=reach.order_by().values("pk"))
        }
        first_at: dict[tuple, int] = {}
        for row in rows:
            values, problems = parse_row(self.columns, row)
            unit = units.get(str(values["unit"] or "").upper())
            if unit is None and values["unit"]:
                problems.append(self._unknown_unit(row, values["unit"]))
            if any(problem.level == REJECT for problem in problems) or unit is None:
                yield Staged(row.number, REJECTED, str(values["unit"] or ""), problems=problems)
                continue
            key = (unit.pk, *(values[name] for name in self.slot))
            if key in first_at:
                problems.append(self._repeated(row, first_at[key]))
                yield Staged(row.number, REJECTED, unit.name, problems=problems)
                continue
            first_at[key] = row.number
            yield self._judged(row, unit, values, stored.get(key), problems)

    def _judged(
        self, row: Row, unit: Unit, values: dict[str, Any], old: Any, problems: list[Problem]
    ) -> Staged:
        if old is None:
            new = {name: values[name] for name in (*self.slot, "value")} | {"unit": unit.code}
            return Staged(row.number, NEW, unit.name, new=new, problems=problems)
        if old.value == values["value"]:
            return Staged(row.number, SAME, unit.name, target=old.pk, problems=problems)
        return Staged(
            row.number,
            CHANGED,
            unit.name,
            new={"value": values["value"]},
            old={"value": old.value},
            target=old.pk,
            problems=problems,
        )

    def _unknown_unit(self, row: Row, code: str) -> Problem:
        return Problem(row.number, UNIT.title, str(code), REJECT, "没有这个单位，或不在您的管辖范围内。")

    def _repeated(self, row: Row, first: int) -> Problem:
        return Problem(row.number, UNIT.title, "", REJECT, f"与第 {first} 行重复，请只保留一行。")

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        for row in staged:
            unit, slot = self._place(row, context)
            try:
                saved = self.set(unit, slot, row.new["value"], context, row.old.get("value"))
            except NumberChanged as error:
                raise Stale(str(error)) from error
            row.target = saved.pk

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            stored = self.model._default_manager.filter(pk=row.target).select_related("unit").first()
            if stored is None or stored.value != row.new["value"]:
                left.append(f"第 {row.row} 行 {row.key}：入库后又有改动，没有撤回。")
                continue
            slot = {name: getattr(stored, name) for name in self.slot}
            self.set(stored.unit, slot, row.old.get("value"), context, stored.value)
        return left

    def _place(self, row: Staged, context: Context) -> tuple[Unit, dict[str, Any]]:
        """Which number the row is about; the unit is looked for again within the reach of today."""
        reach = Unit.objects.under(context.unit).visible_to(context.user, *self.right)
        if row.target is None:
            unit, slot = reach.filter(code=row.new["unit"]).first(), {n: row.new[n] for n in self.slot}
        else:
            stored = self.model._default_manager.filter(pk=row.target, unit__in=reach.order_by().values("pk"))
            found = stored.select_related("unit").first()
            unit = found.unit if found else None
            slot = {name: getattr(found, name) for name in self.slot} if found else {}
        if unit is None:
            raise Stale(f"{row.key}已不在管辖范围内。")
        return unit, slot


@register
class Targets(Numbers):
    name, title = "targets", "目标任务"
    place = 30
    about = "各单位的年度目标任务数，用来计算完成率和距目标差额。"
    model, slot = Target, ("year", "figure")
    columns = (
        UNIT,
        Column(
            "year",
            "年度",
            to_year,
            ("年份",),
            required=True,
            help="统计年度，以结束的年份命名",
            example="2023",
        ),
        Column(
            "figure", "指标", to_figure, ("指标名称",), required=True, help="指标编号或名称", example="I01"
        ),
        Column(
            "value",
            "目标数",
            to_count,
            ("目标任务数", "年度目标任务数", "目标"),
            required=True,
            example="37409",
        ),
    )

    def set(self, unit, slot, value, context, seen):
        return actions.set_target(unit, slot["year"], value, context.user, slot["figure"], seen=seen)


@register
class Baselines(Numbers):
    name, title = "baselines", "基期数"
    place = 31
    about = "某一基期的公益性岗位、帮扶车间等数字，用来与现在比较。"
    model, slot = Baseline, ("name", "figure")
    columns = (
        UNIT,
        Column(
            "name",
            "基期",
            to_text,
            ("基期时间",),
            required=True,
            help="同一比较只用一个基期",
            example="2022年10月",
        ),
        Column(
            "figure", "指标", to_figure, ("指标名称",), required=True, help="指标编号或名称", example="I07"
        ),
        Column("value", "数值", to_count, ("基期数",), required=True, example="2921"),
    )

    def set(self, unit, slot, value, context, seen):
        return actions.set_baseline(unit, slot["name"], slot["figure"], value, context.user, seen=seen)
