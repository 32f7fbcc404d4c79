"""考勤 by workbook: a mark for each day, or the sums of a paper; judged and written by the verb of the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.authority import NotAllowed
from accounts.models import Unit
from ledgers.imports import cells
from ledgers.periods import period_state
from lib.crypto import blind_index
from lib.month import Month
from lib.sheets.cells import Parsed, text, to_int, to_month, to_text
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
from posts import attending, marks
from posts.attending import Said
from posts.marks import Tally
from posts.models import Appointment, Attendance, AttendanceSheet


def to_mark(cell: Any) -> Parsed:
    """√, 1 and 出勤 are a day on duty; ×, 0 and 缺勤 absence; 假 leave; blank no mark."""
    found = marks.READ.get(text(cell).replace(" ", ""))
    return Parsed(found) if found else Parsed(None, REJECT, "考勤只能是√、×、假，或者空着。")


def to_days(cell: Any) -> Parsed:
    return to_int(cell, 0, 31)


WHO = (
    Column("name", "姓名", cells.person_name, required=True),
    Column("id_no", "身份证号码", cells.id_number, ("身份证号", "公民身份号码"), required=True, secret=True),
    Column("number", "岗位编号", to_text, ("编号",), help="一个月内换过岗位的必填。"),
    Column("title", "岗位名称", to_text, ("岗位",)),
    Column("month", "月份", to_month, ("考勤月份", "发放月份", "所属月份"), help="空着按导入时选的月份。",
           example="2023年3月"),
)  # fmt: skip


def appointments_of(context: Context, numbers: list[str]) -> dict[str, list[Appointment]]:
    """Who held a post of the unit in the month, by the blind index of their ID number."""
    indexes = [blind_index(one, "laborer.id") for one in numbers]
    held = Appointment.objects.visible_to(context.user, "i").under(context.unit)
    held = held.filter(attending.in_month(context.month), laborer__id_index__in=indexes)
    found = defaultdict(list)
    for one in held.select_related("post__unit__parent", "laborer__village").order_by("started_on", "pk"):
        found[one.laborer.id_index].append(one)
    return found


def meant(
    values: dict[str, Any], held: dict[str, list[Appointment]], month: Month
) -> tuple[Appointment | None, str, str]:
    """Which appointment a row means, or the column and the reason why none."""
    said = values["month"]
    if said and str(said)[:7] != str(month):
        return (
            None,
            "月份",
            f"这张表按{month.label}导入，这一行是{Month.parse(str(said)[:7]).label}的，请分月导入。",
        )
    found = held.get(blind_index(values["id_no"], "laborer.id"), [])
    if values["number"]:
        found = [one for one in found if one.post.number == values["number"]]
    elif len(found) > 1 and values["title"]:
        found = [one for one in found if one.post.title == values["title"]]
    if len(found) > 1:
        return None, "岗位编号", "这个人当月换过岗位，请填岗位编号。"
    if not found:
        return None, "身份证号码", f"{month.label}没有这个人在岗的聘用记录，或不在管辖范围内。"
    if found[0].laborer.name != values["name"]:
        return None, "姓名", "与台账中这个身份证号码的姓名不同，请核对。"
    return found[0], "", ""


@register
class AttendanceKind(Kind):
    """Lines of draft sheets; a sheet that was signed is changed by nobody."""

    name, title, right = "attendance", "公益性岗位考勤", ("post", "i")
    place = 41
    about = "公益性岗位的考勤：逐日打钩，或者只有出勤、缺勤天数。导入后还要上传签到表、报送和核对。"
    needs_month = True
    columns = (
        *WHO,
        Column("days", "出勤天数", to_days, ("出勤", "实际出勤天数", "出勤天数（天）"), example="22"),
        Column("absent", "缺勤", to_days, ("缺勤天数", "旷工天数")),
        Column("leave", "请假", to_days, ("请假天数",)),
        Column("substitute", "顶岗情况", cells.short_text(100), ("顶岗", "替岗情况"), help="谁替谁、哪几天。"),
        *(Column(f"d{day}", str(day), to_mark, (f"{day}日",)) for day in range(1, 32)),
    )  # fmt: skip

    def locked(self, context: Context) -> str:
        return period_state(context.unit, context.month).why

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        parsed = [(row.number, *parse_row(self.columns, row)) for row in rows]
        held = appointments_of(context, [values["id_no"] for _, values, _ in parsed if values["id_no"]])
        keys = [one.pk for many in held.values() for one in many]
        lines = Attendance.objects.filter(appointment__in=keys, sheet__month=context.month)
        stored = {one.appointment_id: one for one in lines}
        units = {one.post.unit_id for many in held.values() for one in many}
        sheets = AttendanceSheet.objects.filter(unit__in=units, month=context.month)
        states = {one.unit_id: one for one in sheets}
        seen: dict[int, int] = {}
        for number, values, problems in parsed:
            yield _judged(number, values, problems, held, stored, states, seen, context.month)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        rows = list(staged)
        keys = [row.new["appointment"] for row in rows]
        lines = Attendance.objects.filter(appointment__in=keys, sheet__month=context.month)
        stored = {one.appointment_id: _stored(one) for one in lines}
        by_unit: dict[Unit, dict[int, Said]] = defaultdict(dict)
        held = (
            Appointment.objects.visible_to(context.user, "i").under(context.unit).select_related("post__unit")
        )
        found = {one.pk: one for one in held.filter(pk__in=keys)}
        for row in rows:
            one = found.get(row.new["appointment"])
            if one is None or stored.get(one.pk, {}) != row.old:
                raise Stale(f"第 {row.row} 行 {row.key}")
            by_unit[one.post.unit][one.pk] = _said(row.new)
        try:
            for unit, said in by_unit.items():
                attending.fill(unit, context.month, said, context.user)
        except NotAllowed as refusal:
            raise Stale(str(refusal)) from refusal
        made = dict(lines.all().values_list("appointment", "pk"))
        for row in rows:
            row.target = made[row.new["appointment"]]

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            line = Attendance.objects.filter(pk=row.pk).select_related("sheet__unit").first()
            if line is None or _stored(line) != {key: row.new[key] for key in attending.NOTED}:
                left.append(f"第 {row.row} 行 {row.key}：考勤此后又有改动，没有撤回。")
                continue
            try:
                unit, key = line.sheet.unit, row.new["appointment"]
                if row.old:
                    attending.fill(unit, context.month, {key: _said(row.old)}, context.user)
                else:
                    attending.strike(unit, context.month, [key], context.user)
            except NotAllowed as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}")
        return left


def _judged(
    number: int, values: dict[str, Any], problems: list[Problem], held: dict[str, list[Appointment]],
    stored: dict[int, Attendance], sheets: dict[int, AttendanceSheet], seen: dict[int, int], month: Month,
) -> Staged:  # fmt: skip
    def refuse(column: str, message: str) -> Staged:
        problems.append(Problem(number, column, "", REJECT, message))
        return Staged(number, REJECTED, values["name"] or "", problems=problems)

    if worst(problems) == REJECTED:
        return Staged(number, REJECTED, values["name"] or "", problems=problems)
    one, column, why = meant(values, held, month)
    if one is None:
        return refuse(column, why)
    if one.pk in seen:
        return refuse("身份证号码", f"与第 {seen[one.pk]} 行是同一个人，请只保留一行。")
    seen[one.pk] = number
    said, why = _read(values, month)
    if said is None:
        return refuse("出勤天数", why)
    if why := attending.fault(one, month, said):
        return refuse("出勤天数", why)
    new = {"marks": said.marks, **vars(said.tally), "substitute": said.substitute}
    line, sheet = stored.get(one.pk), sheets.get(one.post.unit_id)
    old = _stored(line) if line else {}
    if old == new:
        return Staged(number, SAME, one.laborer.name, target=line.pk if line else None, problems=problems)
    if sheet and sheet.state != AttendanceSheet.State.DRAFT:
        return refuse(
            "姓名", f"{one.post.unit.name}的考勤表{sheet.get_state_display()}，不能再改；请乡镇先退回。"
        )
    verdict = CHANGED if old else NEW
    return Staged(
        number,
        verdict,
        one.laborer.name,
        new | {"appointment": one.pk},
        old,
        line.pk if line else None,
        problems,
    )


def _read(values: dict[str, Any], month: Month) -> tuple[Said | None, str]:
    """What a row says; marks must agree with the sums that stand beside them."""
    given = {day: mark for day in range(1, 32) if (mark := values[f"d{day}"]) not in (None, marks.NONE)}
    substitute = values["substitute"] or ""
    if not given:
        if values["days"] is None:
            return None, "没有逐日考勤的，请填出勤天数。"
        sums = Tally(values["days"], values["absent"] or 0, values["leave"] or 0)
        return Said(sums=sums, substitute=substitute), ""
    if max(given) > month.last_day.day:
        return None, f"{month.label}没有{max(given)}日。"
    said = Said(marks.joined(month, given), substitute=substitute)
    for key, label in (("days", "出勤"), ("absent", "缺勤"), ("leave", "请假")):
        counted = getattr(said.tally, key)
        if values[key] is not None and values[key] != counted:
            return None, f"逐日考勤合计{label}{counted}天，与填写的{values[key]}天不同，请核对。"
    return said, ""


def _said(new: dict[str, Any]) -> Said:
    sums = None if new["marks"] else Tally(new["days"], new["absent"], new["leave"])
    return Said(new["marks"], sums, new["substitute"])


def _stored(line: Attendance) -> dict[str, Any]:
    return {key: getattr(line, key) for key in attending.NOTED}
