"""The workbook of spot-check results (calls): one row for each person who was called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.utils import timezone

from accounts.audit import record
from accounts.models import Level, Unit
from ledgers.models import Laborer
from lib import changes
from lib.crypto import blind_index
from lib.identity import check_citizen_id, check_name
from lib.sheets import to_bool, to_text
from lib.sheets.cells import OK, Parsed
from lib.staging import (
    CHANGED,
    NEW,
    REJECT,
    REJECTED,
    REVIEW,
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
from sampling.actions import HITS, heard
from sampling.models import Call, Campaign

CHUNK = 2000
STORED = ("connected", *HITS, "satisfaction", "note")
ANSWERED = ("place_matches", "time_matches", "knows_policy")
SATISFACTIONS = ("满意", "基本满意", "不满意")


def _id(cell: Any) -> Parsed:
    if cell in (None, ""):
        return Parsed("", OK, "")
    checked = check_citizen_id(cell, timezone.localdate())
    return Parsed(checked.value, checked.level, f"{checked.message}。" if checked.message else "")


def _name(cell: Any) -> Parsed:
    if cell in (None, ""):
        return Parsed("", OK, "")
    checked = check_name(cell)
    return Parsed(checked.value, checked.level, f"{checked.message}。" if checked.message else "")


def _satisfaction(cell: Any) -> Parsed:
    parsed = to_text(cell)
    if parsed.value and parsed.value not in SATISFACTIONS:
        return Parsed(None, REJECT, f"只能填{'、'.join(SATISFACTIONS)}。")
    return parsed


@register
class Calls(Kind):
    """Person by ID number, or by name and township; without a campaign of the batch's unit and month one is opened."""

    name, title, right = "calls", "抽查结果", ("sampling", "i")
    place = 20
    about = (
        "电话抽查的结果：接通没有，务工地、务工时间是否一致，是否知晓政策。当月还没有抽查的，导入时自动建立。"
    )
    needs_month = True
    columns = (
        Column(
            "id_no", "身份证号码", _id, synonyms=("身份证号", "公民身份号码"), secret=True, example="（可空）"
        ),
        Column(
            "name",
            "姓名",
            _name,
            synonyms=("被抽查人", "务工人员姓名"),
            help="没有身份证号码时，凭姓名和乡镇找人。",
        ),
        Column("township", "乡镇", to_text, synonyms=("所在乡镇", "乡（镇）"), fill_down=True),
        Column("connected", "接通", to_bool, synonyms=("是否接通",), required=True, choices=("是", "否")),
        Column(
            "place_matches",
            "务工地一致",
            to_bool,
            synonyms=("务工地点一致", "务工地是否一致"),
            choices=("是", "否"),
        ),
        Column("time_matches", "务工时间一致", to_bool, synonyms=("务工时间是否一致",), choices=("是", "否")),
        Column(
            "knows_policy", "知晓政策", to_bool, synonyms=("是否知晓政策", "政策知晓"), choices=("是", "否")
        ),
        Column("employer_matches", "企业一致", to_bool, synonyms=("企业是否一致",), choices=("是", "否")),
        Column(
            "wage_matches", "工资额一致", to_bool, synonyms=("工资是否一致", "工资一致"), choices=("是", "否")
        ),
        Column("satisfaction", "满意度", _satisfaction, choices=SATISFACTIONS),
        Column("note", "备注", to_text),
    )

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        people = People(context.unit)
        seen: dict[int, int] = {}
        stored = self._stored(context)
        todo = iter(rows)
        while chunk := list(islice(todo, CHUNK)):
            parsed = [(row, *parse_row(self.columns, row)) for row in chunk]
            people.look_up(values for _, values, _ in parsed)
            for row, values, problems in parsed:
                yield _judge(row.number, values, problems, people, seen, stored)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        rows = list(staged)
        campaign = _campaign(context) or _open(context)
        people = Laborer.objects.select_related("village").in_bulk([row.new["laborer"] for row in rows])
        called = set(campaign.calls.filter(laborer__in=people).values_list("laborer", flat=True))
        now = timezone.now()
        for row in rows:
            person, new = people.get(row.new["laborer"]), _answers(row.new)
            if row.old:
                if not Call.objects.filter(pk=row.pk, **row.old).update(**new, called_at=now):
                    raise Stale(f"第 {row.row} 行")
            elif person is None or person.pk in called:
                raise Stale(f"第 {row.row} 行")
            else:
                place = {"village": person.village, "township_id": person.village.parent_id}
                call = Call(campaign=campaign, laborer=person, **place, called_at=now, **new)
                call.save()
                row.target = call.pk
        changes.mark(campaign.month, {person.village_id for person in people.values()})

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left: list[str] = []
        villages: set[int] = set()
        for row in staged:
            mine = Call.objects.filter(pk=row.pk, **_answers(row.new))
            village = mine.values_list("village", flat=True).first()
            if village is None:
                left.append(f"第 {row.row} 行：这通电话的结果此后又有人改过，未撤回。")
                continue
            villages.add(village)
            if row.old:
                mine.update(**row.old)
            else:
                mine.delete()
        changes.mark(context.month, villages)
        Campaign.objects.filter(
            unit=context.unit, month=context.month, name=_title(context), calls=None
        ).delete()
        return left

    def _stored(self, context: Context) -> dict[int, Call]:
        campaign = _campaign(context)
        return {call.laborer_id: call for call in campaign.calls.all()} if campaign else {}


class People:
    """Laborers below the unit of the batch, found by ID number, or by name within a township."""

    def __init__(self, unit: Unit) -> None:
        self.laborers = Laborer.objects.under(unit)
        self.townships = {one.pk: one.name for one in Unit.objects.under(unit).filter(level=Level.TOWNSHIP)}
        self.by_id: dict[str, int] = {}
        self.by_name: dict[tuple[str, str], list[int]] = defaultdict(list)

    def look_up(self, rows: Iterable[dict[str, Any]]) -> None:
        """Read everybody these rows may mean, in two queries."""
        rows = list(rows)
        indexes = {_index(row["id_no"]) for row in rows if row["id_no"]}
        self.by_id = dict(self.laborers.filter(id_index__in=indexes).values_list("id_index", "pk"))
        self.by_name.clear()
        names = {row["name"] for row in rows if row["name"] and not row["id_no"]}
        found = self.laborers.filter(name__in=names).values_list("pk", "name", "village__parent")
        for pk, name, township in found:
            self.by_name[name, self.townships.get(township, "")].append(pk)

    def find(self, values: dict[str, Any]) -> tuple[int | None, str, str, str]:
        """(laborer, level, column, what to say)."""
        if values["id_no"]:
            found = self.by_id.get(_index(values["id_no"]))
            return (
                found,
                "" if found else REJECT,
                "身份证号码",
                "" if found else "台账中没有这个人，或不在管辖范围内。",
            )
        if not values["name"] or not values["township"]:
            return None, REJECT, "姓名", "身份证号码为空时，姓名和乡镇都要填写。"
        if values["township"] not in self.townships.values():
            return None, REJECT, "乡镇", "没有这个乡镇，或不在管辖范围内，请写全称。"
        namesakes = self.by_name.get((values["name"], values["township"]), [])
        if len(namesakes) == 1:
            return namesakes[0], "", "", ""
        if namesakes:
            return None, REVIEW, "姓名", f"该乡镇有{len(namesakes)}名同名人员，请补填身份证号码。"
        return None, REJECT, "姓名", "该乡镇的台账中没有这个姓名，请核对或补填身份证号码。"


def _judge(
    number: int, values: dict[str, Any], problems: list[Problem], people: People, seen: dict, stored: dict
) -> Staged:
    def say(column: str, level: str, message: str) -> None:
        problems.append(Problem(number, column, "", level, message))

    person, level, column, message = (
        people.find(values) if worst(problems) != REJECTED else (None, "", "", "")
    )
    if message:
        say(column, level, message)
    if person in seen and person is not None:
        say("姓名", REJECT, f"与第 {seen[person]} 行是同一个人。")
    _check_answers(values, say)
    verdict = worst(problems)
    if verdict == REJECTED or person is None:
        return Staged(number, verdict or REJECTED, values["name"] or "", problems=problems)
    seen[person] = number
    new, call, old = heard(values), stored.get(person), {}
    if call:
        old = {name: getattr(call, name) for name in STORED if getattr(call, name) != new[name]}
        new = {name: new[name] for name in old}
    verdict = verdict or (CHANGED if old else SAME if call else NEW)
    target = call.pk if call else None
    return Staged(number, verdict, values["name"] or "", new | {"laborer": person}, old, target, problems)


def _check_answers(values: dict[str, Any], say) -> None:
    """Nothing is heard on an unanswered call; of an answered one the three printed questions are asked."""
    if values["connected"] is False and any(values[name] for name in HITS):
        say("接通", REJECT, "未接通的电话不能有一致或知晓的结果，请核对。")
    if values["connected"] is False and values["satisfaction"]:
        say("满意度", REJECT, "未接通的电话不能有满意度，请核对。")
    if values["connected"]:
        titles = {column.key: column.title for column in Calls.columns}
        for name in ANSWERED:
            if values[name] is None:
                say(titles[name], REJECT, "已接通的电话须填“是”或“否”。")


def _index(id_no: str) -> str:
    return blind_index(id_no, "laborer.id")


def _answers(new: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in new.items() if name in STORED}


def _title(context: Context) -> str:
    return f"{context.month.label}电话抽查"


def _campaign(context: Context) -> Campaign | None:
    """The newest campaign of the unit and month."""
    return (
        Campaign.objects.filter(unit=context.unit, month=context.month).order_by("-created_at", "-pk").first()
    )


def _open(context: Context) -> Campaign:
    campaign = Campaign.objects.create(
        unit=context.unit, month=context.month, name=_title(context), created_by=context.user
    )
    record(
        "campaign.open", context.user, campaign, context.unit, month=str(context.month), batch=context.batch
    )
    return campaign
