"""帮扶车间 by workbook: new ones are proposed, those that stand are corrected; recognising is an act of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from accounts.authority import NotAllowed
from accounts.models import Unit
from ledgers.imports import cells
from ledgers.matching import Villages
from lib.identity import check_uscc
from lib.sheets.cells import Parsed, text, to_text
from lib.staging import (
    CHANGED,
    NEW,
    REJECT,
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
from posts import recognising
from posts.models import Workshop
from posts.models.workshops import WORKSHOP_FORMS, WORKSHOP_KINDS

FIELDS = ("name", "kind", "form", "uscc", "in_charge", "address", "industry", "operating_since")
KINDS = {
    "扶贫车间": "帮扶车间",
    "就业扶贫车间": "帮扶车间",
    "就业扶贫基地": "就业帮扶基地",
    "帮扶基地": "就业帮扶基地",
}


def to_uscc(cell: Any) -> Parsed:
    """The code of the business licence; a blank stays blank (居家式 often has none)."""
    if not text(cell):
        return Parsed(None)
    checked = check_uscc(cell)
    return (
        Parsed(checked.value)
        if checked.accepted
        else Parsed(None, REJECT, f"{checked.message}，请按营业执照核对。")
    )


@register
class Workshops(Kind):
    """Found by 车间编号, or by name in the village; a row with neither becomes a proposal."""

    name, title, right = "workshops", "帮扶车间", ("post", "i")
    place = 42
    about = "帮扶车间、社区工厂、就业帮扶基地：新的列为待认定，已有的更正信息；认定由县里在车间页办理。"
    columns = (
        Column("number", "车间编号", cells.short_text(30), ("编号",), help="新申报的可以留空，由系统编号。"),
        Column("unit_code", "单位编码", to_text, ("村编码",), help="填了单位编码，乡镇和所在村可以不填。"),
        Column("town", "乡镇", to_text, ("所在乡镇",)),
        Column("village", "所在村", to_text, ("行政村", "所在村（社区）")),
        Column("name", "车间名称", cells.short_text(60), ("名称", "帮扶车间名称", "扶贫车间名称"), required=True,
               example="示例村箱包车间"),
        Column("uscc", "统一社会信用代码", to_uscc, ("社会信用代码", "信用代码"), help="营业执照上的18位代码。"),
        Column("kind", "类别", cells.one_of(WORKSHOP_KINDS, KINDS), ("车间类别",), choices=WORKSHOP_KINDS,
               help="空着的为帮扶车间。"),
        Column("form", "形式", cells.one_of(WORKSHOP_FORMS), ("车间形式", "车间类型"), choices=WORKSHOP_FORMS),
        Column("in_charge", "负责人", cells.short_text(50), ("车间负责人", "负责人姓名")),
        Column("address", "地址", cells.short_text(100), ("车间地址", "详细地址")),
        Column("industry", "所属行业", cells.short_text(20), ("行业", "经营范围")),
        Column("operating_since", "投产日期", cells.day, ("投产时间", "成立时间"), example="2022年6月1日"),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        villages = Villages(context.unit, context.user)
        stored = list(Workshop.objects.visible_to(context.user, "i").select_related("unit").order_by("pk"))
        known = Known(stored)
        for row in rows:
            values, problems = parse_row(self.columns, row)
            yield _judged(row.number, values, problems, villages, known)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        for row in staged:
            try:
                if row.verdict == NEW or row.target is None:
                    said = {key: value for key, value in _typed(row.new).items() if key != "unit"}
                    unit = Unit.objects.get(code=row.new["unit"])
                    row.target = recognising.propose_workshop(unit, said, context.user).pk
                else:
                    self._set(row.pk, row.old, row.new, context)
            except NotAllowed as refusal:
                raise Stale(str(refusal)) from refusal

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            found = Workshop.objects.filter(pk=row.pk).first()
            try:
                if found and row.verdict == NEW:
                    recognising.withdraw_workshop(found, context.user)
                elif found:
                    self._set(found.pk, row.new, row.old, context)
            except (NotAllowed, Stale) as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}")
        return left

    def _set(self, pk: int, old: dict[str, Any], new: dict[str, Any], context: Context) -> None:
        found = Workshop.objects.select_for_update().get(pk=pk)
        if any(getattr(found, key) != value for key, value in _typed(old).items()):
            raise Stale(f"{found.name}此后又有改动，保持现状。")
        recognising.amend_workshop(found, _typed(new), context.user)


class Known:
    """What stands, by number and by village and name, and where the rows of this file put something."""

    def __init__(self, stored: list[Workshop]) -> None:
        self.by_number = {one.number: one for one in stored}
        self.open = {(one.unit_id, one.name): one for one in stored if one.state in recognising.OPEN}
        self.codes = {
            (one.unit_id, one.uscc): one for one in stored if one.uscc and one.state in recognising.OPEN
        }
        self.all_numbers = set(Workshop.objects.values_list("number", flat=True))
        self.seen: dict[Any, int] = {}

    def first(self, number: int, *keys: Any) -> int | None:
        """The earlier row of the file that has one of the keys; otherwise they are this row's."""
        earlier = next((self.seen[key] for key in keys if key in self.seen), None)
        if earlier is None:
            self.seen |= dict.fromkeys(keys, number)
        return earlier


def _judged(
    number: int, values: dict[str, Any], problems: list[Problem], villages: Villages, known: Known
) -> Staged:
    def refuse(column: str, message: str) -> None:
        problems.append(Problem(number, column, "", REJECT, message))

    name, told = values["name"] or "", values["number"] or ""
    found = known.by_number.get(told)
    village, why = None, ""
    if found is None or values["village"] or values["unit_code"]:
        village, why = villages.find(
            values["unit_code"] or "", "", values["town"] or "", values["village"] or ""
        )
        if village is None:
            refuse("所在村", why)
    if found is None and village:
        found = known.open.get((village.pk, name)) if not told else None
    if found is None and told in known.all_numbers:
        refuse("车间编号", "这个编号已用于管辖范围以外的车间，请核对。")
    if found and village and village.pk != found.unit_id:
        refuse("所在村", f"这个车间登记在{found.unit.name}，不能用导入改变所在村，请核对编号。")
    if found and found.state not in recognising.OPEN:
        refuse("车间名称", f"{found.name}{found.get_state_display()}，不能再修改。")
    place = found.unit_id if found else village.pk if village else 0
    _check_twins(values, place, found, known, refuse)
    if (since := values["operating_since"]) and since > timezone.localdate().isoformat():
        refuse("投产日期", "投产日期不能晚于今天，投产以后再申报。")
        problems[:] = [one for one in problems if one.level == REJECT]
    earlier = known.first(number, (place, name), *([told] if told else []))
    if earlier:
        refuse("车间名称", f"与第 {earlier} 行是同一个车间，请只保留一行。")
    if worst(problems):
        return Staged(number, worst(problems), name, problems=problems)
    if found is None:
        assert village is not None  # noqa: S101 - refused above
        new = {key: values[key] for key in FIELDS if values[key]} | {"unit": village.code}
        return Staged(number, NEW, name, new | ({"number": told} if told else {}), problems=problems)
    new = {key: values[key] for key in FIELDS if values[key] and values[key] != _plain(getattr(found, key))}
    old = {key: _plain(getattr(found, key)) for key in new}
    return Staged(number, CHANGED if new else SAME, name, new, old, found.pk, problems)


def _check_twins(values: dict[str, Any], place: int, found: Workshop | None, known: Known, refuse) -> None:
    same_name = known.open.get((place, values["name"]))
    if same_name and (found is None or same_name.pk != found.pk):
        refuse("车间名称", f"这个村已有同名的车间，编号{same_name.number}，请核对。")
    same_code = known.codes.get((place, values["uscc"]))
    if same_code and (found is None or same_code.pk != found.pk):
        refuse("统一社会信用代码", f"这个代码在本村已登记为“{same_code.name}”，请核对。")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value or ""


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """JSON values as the verbs take them."""
    given = dict(values)
    if "operating_since" in given:
        given["operating_since"] = (
            dt.date.fromisoformat(given["operating_since"]) if given["operating_since"] else None
        )
    return given
