"""车间带动就业 by workbook: who begins, whose terms are corrected, who left; judged and written by the same verb."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils import timezone

from accounts.authority import NotAllowed
from ledgers.imports import cells
from ledgers.models import Laborer
from lib.bulk import among
from lib.crypto import blind_index
from lib.sheets.cells import Parsed, to_bool, to_money, to_text
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
    worst,
)
from posts import placing
from posts.models import Placement, Workshop
from posts.models.workshops import CONTRACTS, LEAVINGS
from posts.workshop_rules import HIGHEST_WAGE, LOWEST_WAGE

OTHER = LEAVINGS[-1]
STORED = (*placing.SAID, "ended_on", "exit_reason")


def to_contract(cell: Any) -> Parsed:
    """是 is 劳动合同 and 否 is 未签订; a kind of contract may be named."""
    said = to_bool(cell)
    if said.value is not None:
        return Parsed(CONTRACTS[0] if said.value else CONTRACTS[-1])
    return cells.one_of(CONTRACTS)(cell)


def to_wage(cell: Any) -> Parsed:
    found = to_money(cell, monthly=True)
    if found.value is None:
        return found
    if not LOWEST_WAGE <= found.value <= HIGHEST_WAGE:
        return Parsed(
            None, REJECT, f"月工资应在{LOWEST_WAGE}元到{HIGHEST_WAGE}元之间，请与本人或车间核对（单位：元）。"
        )
    return Parsed(round(found.value))


@register
class Placements(Kind):
    """One row for one person in one workshop from one day on; the same row with a last day registers the leaving."""

    name, title, right = "placements", "车间带动就业人员", ("post", "i")
    place = 43
    about = "车间的在岗人员：登记入职、更正工种工资、登记离职。是否计入带动就业由系统按台账判断。"
    columns = (
        Column("number", "车间编号", cells.short_text(30), ("编号",), help="车间编号和车间名称填一项。"),
        Column("workshop", "车间名称", to_text, ("车间", "帮扶车间名称"), fill_down=True),
        Column("name", "姓名", cells.person_name, required=True),
        Column("id_no", "身份证号码", cells.id_number, ("身份证号", "公民身份号码"), required=True, secret=True),
        Column("started_on", "入职日期", cells.day, ("入职时间", "上岗日期"), required=True, example="2023年3月1日"),
        Column("ended_on", "离职日期", cells.day, ("离职时间",), help="最后一天上班的日期；还在岗的留空。"),
        Column("exit_reason", "离职原因", cells.one_of(LEAVINGS), choices=LEAVINGS, help="空着的为其他。"),
        Column("job", "工种", cells.short_text(30), ("岗位", "从事工种")),
        Column("monthly_wage", "月工资", to_wage, ("月工资（元）", "月平均工资", "月收入"), help="单位元。"),
        Column("contract", "是否签订合同", to_contract, ("合同类型", "合同", "是否签订劳动合同"),
               choices=("是", "否", *CONTRACTS[1:3]), help="填“是”的为劳动合同。"),
        Column("insured", "是否参保", to_bool, ("是否购买保险", "参保"), choices=("是", "否"),
               help="意外险或社会保险。"),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        parsed = [(row.number, *parse_row(self.columns, row)) for row in rows]
        known = Known(context, [values["id_no"] for _, values, _ in parsed if values["id_no"]])
        for number, values, problems in parsed:
            yield _judged(number, values, problems, known)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        rows = list(staged)
        fresh = [row for row in rows if row.target is None]
        try:
            for row in rows:  # whoever left a workshop may begin in another
                if row.target is not None:
                    _change(row.pk, row.old, row.new, context)
            made = placing.place_all(_wanted(fresh, context), context.user) if fresh else []
        except NotAllowed as refusal:
            raise Stale(str(refusal)) from refusal
        for row, one in zip(fresh, made, strict=True):
            row.target = one.pk

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            one = Placement.objects.filter(pk=row.pk).select_related("workshop", "laborer").first()
            try:
                if one and not row.old:
                    _still(one, {key: row.new.get(key) for key in STORED})
                    placing.take_back(one, context.user)
                elif one:
                    _change(one.pk, row.new, row.old, context)
            except (NotAllowed, Stale) as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}")
        return left


class Known:
    """The workshops and people within reach that a file may mean, and what its own rows say already."""

    def __init__(self, context: Context, numbers: list[str]) -> None:
        shops = Workshop.objects.visible_to(context.user, "i").under(context.unit).select_related("unit")
        self.shops = {one.pk: one for one in shops.order_by("pk")}
        self.by_number = {one.number: one for one in self.shops.values()}
        self.by_name: dict[str, list[Workshop]] = defaultdict(list)
        for one in self.shops.values():
            self.by_name[one.name].append(one)
        indexes = [blind_index(number, "laborer.id") for number in numbers]
        people = Laborer.objects.visible_to(context.user).filter(id_index__in=indexes)
        self.people = {one.id_index: one for one in people.select_related("village")}
        self.bound = placing.Bound([one.pk for one in self.people.values()])
        self.stored = {
            (one.workshop_id, one.laborer_id, str(one.started_on)): one
            for placements in self.bound.placements.values() for one in placements
        }  # fmt: skip
        self.told: dict[int, list[tuple[str, str, int]]] = defaultdict(
            list
        )  # person → first day, last day, row

    def shop(self, values: dict[str, Any]) -> tuple[Workshop | None, str]:
        if values["number"]:
            return self.by_number.get(values["number"]), "没有这个编号的车间，或不在管辖范围内。"
        found = self.by_name.get(values["workshop"] or "", [])
        if len(found) > 1:
            return None, "有几个同名的车间，请填车间编号。"
        missing = "没有这个名称的车间，或不在管辖范围内，请先申报车间。"
        return (
            (found[0], "") if found else (None, missing if values["workshop"] else "请填车间编号或车间名称。")
        )

    def beside(self, person: int, start: str, end: str) -> int | None:
        """The earlier row of the file that has the person elsewhere, or here, on some of these days."""
        for first, last, row in self.told[person]:
            if first <= (end or "9999") and start <= (last or "9999"):
                return row
        return None


def _judged(number: int, values: dict[str, Any], problems: list[Problem], known: Known) -> Staged:
    def refuse(column: str, message: str) -> None:
        problems.append(Problem(number, column, "", REJECT, message))

    name = values["name"] or ""
    if worst(problems) == REJECTED:
        return Staged(number, REJECTED, name, problems=problems)
    shop, why = known.shop(values)
    person = known.people.get(blind_index(values["id_no"], "laborer.id"))
    if shop is None:
        refuse("车间编号" if values["number"] else "车间名称", why)
    if person is None:
        refuse("身份证号码", "台账里没有这个人，或不在管辖范围内；新人先导入劳动力台账。")
    elif person.name != name:
        refuse("姓名", "姓名与台账中这个号码的姓名不一致，请核对。")
    if shop is None or person is None or worst(problems) == REJECTED:
        return Staged(number, REJECTED, name, problems=problems)
    one = known.stored.get((shop.pk, person.pk, values["started_on"]))
    new = _told(values)
    _check(shop, person, one, values, known, refuse)
    if earlier := known.beside(person.pk, values["started_on"], new["ended_on"] or ""):
        refuse("入职日期", f"与第 {earlier} 行是同一个人，日期重叠，同一时间只能在一个车间。")
    known.told[person.pk].append((values["started_on"], new["ended_on"] or "", number))
    if worst(problems):
        return Staged(number, worst(problems), name, problems=problems)
    if one is None:
        new |= {"shop": shop.pk, "person": person.pk, "started_on": values["started_on"]}
        return Staged(number, NEW, name, new, problems=problems)
    old = {key: _plain(getattr(one, key)) for key in STORED}
    new = {key: value for key, value in new.items() if value not in (None, "") and value != old[key]}
    old = {key: old[key] for key in new}
    return Staged(number, CHANGED if new else SAME, name, new, old, one.pk, problems)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    given = {key: values[key] for key in STORED}
    given["exit_reason"] = (values["exit_reason"] or OTHER) if values["ended_on"] else ""
    return given


def _check(
    shop: Workshop, person: Laborer, one: Placement | None, values: dict[str, Any], known: Known,
    refuse: Callable[[str, str], None],
) -> None:  # fmt: skip
    """What the verb would refuse, said of the cell it is about."""
    start, today = dt.date.fromisoformat(values["started_on"]), timezone.localdate()
    end = dt.date.fromisoformat(values["ended_on"]) if values["ended_on"] else None
    if start > today or (end and end > today):
        refuse("入职日期", "入职日期和离职日期不能晚于今天。")
    elif end and end < start:
        refuse("离职日期", "离职日期不能早于入职日期。")
    elif one is None and shop.state not in placing.TAKES:
        refuse("车间名称", f"{shop.name}{shop.get_state_display()}，不能再登记人员。")
    elif one is None and shop.operating_since and start < shop.operating_since:
        refuse("入职日期", f"入职日期不能早于{shop.name}的投产日期。")
    elif one is None and (told := placing.hindrance(person, start, end, known.bound)):
        refuse("入职日期", told)
    elif one and one.ended_on and end and end != one.ended_on:
        refuse("离职日期", "与已登记的离职日期不同，请在车间页核对。")


def _wanted(rows: list[Staged], context: Context) -> list[placing.Wanted]:
    shops = Workshop.objects.visible_to(context.user, "i").in_bulk({row.new["shop"] for row in rows})
    people = Laborer.objects.visible_to(context.user).filter(among("pk", [row.new["person"] for row in rows]))
    reach = set(people.values_list("pk", flat=True))
    if any(row.new["shop"] not in shops or row.new["person"] not in reach for row in rows):
        raise Stale("车间或人员已不在管辖范围内。")
    return [
        placing.Wanted(
            shops[row.new["shop"]], row.new["person"], dt.date.fromisoformat(row.new["started_on"]),
            dt.date.fromisoformat(row.new["ended_on"]) if row.new.get("ended_on") else None,
            row.new.get("exit_reason") or "", {key: row.new.get(key) for key in placing.SAID},
        )
        for row in rows
    ]  # fmt: skip


def _change(pk: int, old: dict[str, Any], new: dict[str, Any], context: Context) -> None:
    """Put `new` where `old` stands; raises Stale where something else stands by now."""
    one = Placement.objects.select_related("workshop", "laborer").get(pk=pk)
    _still(one, old)
    said = {key: new[key] for key in placing.SAID if key in new}
    said |= {
        key: None for key in ("monthly_wage", "insured") if said.get(key) == ""
    }  # nothing was said before
    if said:
        placing.amend_placement(one, said, context.user)
    if new.get("ended_on"):
        placing.leave(
            one, dt.date.fromisoformat(new["ended_on"]), new.get("exit_reason") or OTHER, context.user
        )
    elif "ended_on" in new:
        placing.take_back(one, context.user, whole=False)


def _still(one: Placement, values: dict[str, Any]) -> None:
    if any(_plain(getattr(one, key)) != _plain(value) for key, value in values.items()):
        raise Stale("此后又有改动，保持现状。")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else "" if value is None else value
