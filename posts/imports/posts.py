"""公益性岗位台账 by workbook, in the headings that counties keep (domain.md §1.6): a row is a holder in a post."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from accounts import wall
from accounts.authority import NotAllowed
from ledgers.banking import number_of
from ledgers.imports import cells
from ledgers.models import Laborer
from lib.bulk import among
from lib.crypto import blind_index
from lib.money import parse_yuan
from lib.sheets.cells import Parsed, text, to_date, to_int, to_text
from lib.staging import (
    CHANGED,
    INFO,
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
from posts.facts import facts_of, limits_by_county
from posts.models import (
    CADRES,
    CONTRACT_KINDS,
    FUNDINGS,
    POST_CATEGORIES,
    POST_LEVELS,
    Appointment,
    Post,
)
from posts.opening import Room
from posts.rules import Clause, Limits, questions, refusals
from posts.taking_over import (
    OF_POST,
    Holder,
    amend,
    approved_fields,
    category_of,
    clauses_now,
    take_back,
    take_over_all,
)

HOLDING = ("在岗", "离岗")
_TERM = re.compile(r"(\d{4}\D\d{1,2}\D\d{1,2})\D{1,3}(\d{4}\D\d{1,2}\D\d{1,2})")


def to_fen(cell: Any) -> Parsed:
    """A monthly amount in yuan; 400元/月 is 400."""
    words = text(cell).replace("元/月", "").replace("元/人·月", "").strip()
    if not words:
        return Parsed(None)
    try:
        fen = parse_yuan(words)
    except ValueError as error:
        return Parsed(None, REJECT, str(error))
    return Parsed(fen) if 0 < fen <= 1_000_000 else Parsed(None, REJECT, "补贴标准应在0到10000元/月之间。")


def to_yearly(cell: Any) -> Parsed:
    """A yearly amount in yuan as fen a month; what does not divide by twelve is said."""
    words = text(cell).replace("元/年", "").strip()
    if not words:
        return Parsed(None)
    try:
        fen = parse_yuan(words)
    except ValueError as error:
        return Parsed(None, REJECT, str(error))
    if fen % 12:
        return Parsed(None, REJECT, "年工资不能按12个月平分，请改填“补贴标准”（元/月）。")
    return Parsed(fen // 12)


def to_day(cell: Any) -> Parsed:
    found = to_date(cell)
    if found.value is None or isinstance(found.value, dt.date):
        return found
    return Parsed(None, REJECT, "这里不能填“至今”，请写日期。")


def to_term(cell: Any) -> Parsed:
    """合同期 as 2023.1.1-2023.12.31: the two days."""
    words = text(cell)
    if not words:
        return Parsed(None)
    found = _TERM.search(words)
    days = [to_day(re.sub(r"\D", "-", part)) for part in found.groups()] if found else []
    if len(days) == 2 and all(one.value for one in days):
        return Parsed([one.value for one in days])
    return Parsed(None, INFO, "合同期应写作“2023.1.1-2023.12.31”，没有写入。")


def to_account(cell: Any) -> Parsed:
    words = text(cell)
    if not words:
        return Parsed(None)
    try:
        return Parsed(number_of(words))
    except NotAllowed as refusal:
        return Parsed(None, REJECT, str(refusal))


def to_holding(cell: Any) -> Parsed:
    return cells.one_of(
        HOLDING, {"是": "在岗", "否": "离岗", "退岗": "离岗", "已退岗": "离岗", "已离岗": "离岗"}
    )(cell)


def to_cadre(cell: Any) -> Parsed:
    """The office held, "" for none; blank: not asked."""
    no = {"不是": "否", "无": "否", "是": CADRES[-1]}
    found = cells.one_of(("否", *CADRES), no)(cell)
    return Parsed("") if found.value == "否" else found


@register
class Posts(Kind):
    """Who holds which post: new holders are taken over with their post, known ones have its details corrected."""

    name, title, right = "posts", "公益性岗位台账", ("post", "i")
    place = 40
    about = (
        "在岗人员和岗位。新的人按聘用条件逐条核对，不符合的退回；已在岗的只更正岗位信息。退岗请在公岗页办理。"
    )
    columns = (
        Column("name", "姓名", cells.person_name, required=True),
        Column("id_no", "身份证号码", cells.id_number, ("身份证号", "公民身份号码"), required=True, secret=True),
        Column("sex", "性别", cells.one_of(("男", "女")), help="核对用，不改台账。"),
        Column("group", "村组", to_text, ("组别",), help="核对用，不改台账。"),
        Column("head", "户主", to_text, ("户主姓名",), help="核对用，不改台账。"),
        Column("kind_of_household", "户属性", to_text, ("户类型", "低收入类型"), help="核对用，以台账为准。"),
        Column("phone", "联系电话", to_text, ("电话", "手机号码"), secret=True, help="核对用，不改台账。"),
        Column("number", "岗位编号", cells.short_text(30), help="已有岗位的编号；留空的新编。"),
        Column("title", "岗位名称", cells.short_text(40), ("公益岗位名称", "岗位"), required=True,
               example="村级护林员"),
        Column("category", "岗位类别", cells.one_of(POST_CATEGORIES), ("岗位类型",), choices=POST_CATEGORIES,
               help="留空的按岗位名称判断。"),
        Column("level", "开发层级", cells.one_of(POST_LEVELS), choices=POST_LEVELS),
        Column("funding", "资金来源", cells.one_of(FUNDINGS), choices=FUNDINGS),
        Column("department", "主管部门", cells.short_text(60)),
        Column("employer", "用人单位", cells.short_text(60), ("安置单位名称",)),
        Column("area", "责任片区", cells.short_text(100), ("负责片区", "安置地址")),
        Column("monthly_fen", "补贴标准", to_fen, ("补贴标准（元/月）", "岗位补贴", "月工资"), help="单位元/月。",
               example="400"),
        Column("yearly", "工资（元/年）", to_yearly, ("年工资",), help="没有补贴标准的，按12个月折算。"),
        Column("days_required", "规定出勤天数", lambda cell: to_int(cell, 1, 31), ("出勤天数",), help="每月几天。"),
        Column("since", "聘用日期", to_day, ("安置时间", "上岗时间", "上岗日期"), help="留空的按合同开始。"),
        Column("contract_kind", "合同种类", cells.one_of(CONTRACT_KINDS), ("合同类型",), choices=CONTRACT_KINDS,
               help="留空的为劳务协议。"),
        Column("contract_from", "合同开始", to_day, ("合同开始日期", "合同起")),
        Column("contract_until", "合同到期", to_day, ("合同到期日期", "合同止")),
        Column("term", "合同期", to_term, ("合同期限",), example="2023.1.1-2023.12.31"),
        Column("bank", "开户行", cells.short_text(60), ("开户银行",)),
        Column("account", "社保卡号", to_account, ("银行账号", "一卡通账号"), secret=True, help="本人账户，用于发放。"),
        Column("cadre", "村干部职务", to_cadre, ("是否村干部", "本人任村干部"), choices=("否", *CADRES),
               help="由本人声明；是村干部的不能聘用。"),
        Column("holding", "在岗状态", to_holding, ("状态",), choices=HOLDING),
        Column("note", "备注", to_text),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        parsed = [(row.number, *parse_row(self.columns, row)) for row in rows]
        known = Known(context, [said for _, said, _ in parsed])
        for number, said, problems in parsed:
            yield _judged(Line(number, said, problems), known)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        rows = list(staged)
        fresh = [row for row in rows if row.verdict == NEW and row.target is None]
        made = _taken_over(fresh, context) if fresh else []
        for row, one in zip(fresh, made, strict=True):
            row.target = one.pk
        for row in rows:
            if row.verdict != NEW:
                _amended(row, context)

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            one = Appointment.objects.filter(pk=row.pk).first()
            try:
                if one and row.old:
                    amend(one, row.old, row.new, context.user)
                elif one:
                    take_back(one, context.batch, context.user)
            except NotAllowed as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}")
        return left


class Known:
    """The people within reach whom a file means, what they hold, and what is known of them."""

    def __init__(self, context: Context, rows: list[dict[str, Any]]) -> None:
        self.user = context.user
        indexes = [blind_index(said["id_no"], "laborer.id") for said in rows if said["id_no"]]
        found = Laborer.objects.visible_to(context.user).under(context.unit).filter(id_index__in=indexes)
        self.people = {one.id_index: one for one in found.select_related("household", "village")}
        held = Appointment.objects.filter(laborer__in=self.people.values(), ended_on=None)
        self.held = {one.laborer_id: one for one in held.select_related("post__unit")}
        self.facts = facts_of(self.people.values())
        self.limits = limits_by_county()
        self.first_at: dict[int, int] = {}  # person → row
        numbers = [said["number"] for said in rows if said["number"]]
        with wall.opened("a number may be another village's post"):
            self.posts = {one.number: one for one in Post.objects.filter(number__in=numbers)}
            kept = Appointment.objects.filter(post__in=self.posts.values(), ended_on=None)
            self.kept = set(kept.values_list("post", flat=True))
        self.number_at: dict[str, int] = {}  # number of a post → row
        self.room = Room(timezone.localdate().year)  # less what the rows before take

    def clauses(self, person: Laborer, since: dt.date, cadre: str | None) -> list[Clause]:
        path = person.village.path
        limits = next((one for county, one in self.limits.items() if path.startswith(county)), Limits())
        return clauses_now(replace(self.facts[person.pk], cadre=cadre), limits, since)

    def not_to_have(self, number: str, person: Laborer, row: int) -> str:
        """Why the person cannot be taken over into the post of that number; empty when they can."""
        if not number:
            return ""
        if (first := self.number_at.setdefault(number, row)) != row:
            return f"与第 {first} 行是同一个岗位，一个岗位只聘一人。"
        post = self.posts.get(number)
        if post is None:
            return ""
        if post.unit_id != person.village_id or post.state != Post.State.OPEN:
            return f"岗位{number}不在{person.village.name}，或者没有开发、已经撤销。"
        return (
            "这个岗位上已有人，退岗备案以后才能再聘；另有岗位的请核对编号。" if post.pk in self.kept else ""
        )


@dataclass
class Line:
    """One row as read: its number, its values and what there is to say."""

    number: int
    said: dict[str, Any]
    problems: list[Problem]

    def tell(self, column: str, message: str, level: str = REJECT) -> None:
        self.problems.append(Problem(self.number, column, "", level, message))

    @property
    def is_rejected(self) -> bool:
        return worst(self.problems) == REJECTED

    def staged(self, verdict: str, **more: Any) -> Staged:
        return Staged(self.number, verdict, self.said["name"] or "", problems=self.problems, **more)


def _judged(line: Line, known: Known) -> Staged:
    person = _person(line, known)
    if line.is_rejected or person is None:
        return line.staged(REJECTED)
    known.first_at[person.pk] = line.number
    one = known.held.get(person.pk)
    if one and line.said["title"] == one.post.title and line.said["number"] in (None, "", one.post.number):
        return _corrected(line, one, known)
    new = _new(line, person, known)
    return line.staged(REJECTED) if line.is_rejected else line.staged(NEW, new=new)


def _person(line: Line, known: Known) -> Laborer | None:
    """Whom the row means; where it differs from the ledger the ledger holds, and it is said."""
    said = line.said
    person = known.people.get(blind_index(said["id_no"], "laborer.id")) if said["id_no"] else None
    if person is None:
        if said["id_no"]:
            line.tell("身份证号码", "台账中没有这个人，或不在管辖范围内，请先办采集表。")
        return None
    if said["name"] and person.name != said["name"]:
        line.tell("姓名", f"与台账的姓名“{person.name}”不一致，请核对。")
    if person.pk in known.first_at:
        first = known.first_at[person.pk]
        line.tell("身份证号码", f"与第 {first} 行重复，一人只能有一个岗位（YD-F01）。")
    for column, key, stored in (("性别", "sex", person.sex), ("户主", "head", person.household.head_name)):
        if said[key] and stored and said[key] != stored:
            line.tell(column, f"台账是“{stored}”，以台账为准；确需更正请办采集表。", INFO)
    return person


def _corrected(line: Line, one: Appointment, known: Known) -> Staged:
    """The person holds this post already: only what the row says differently of the post is changed."""
    if line.said["holding"] == "离岗":
        line.tell("在岗状态", "台账中还在岗，退岗请在公岗页按三步办理。", INFO)
    new = {name: value for name, value in _values(line.said).items() if getattr(one.post, name) != value}
    old = {name: getattr(one.post, name) for name in new}
    if told := approved_fields(one.post, new, known.user):
        line.tell("岗位名称", told)
        return line.staged(REJECTED)
    if "category" in new and (told := known.room.none_for(one.post.unit, new["category"])):
        line.tell("岗位类别", told)
        return line.staged(REJECTED)
    return line.staged(CHANGED if new else SAME, new=new, old=old, target=one.pk)


def _new(line: Line, person: Laborer, known: Known) -> dict[str, Any]:
    """What taking the holder over needs, with every clause said."""
    said = line.said
    since, contract = _dates(line)
    if said["holding"] == "离岗":
        line.tell("在岗状态", "已离岗的人不导入。")
    if said["account"] and not said["bank"]:
        line.tell("开户行", "填了社保卡号的，开户行也要填。")
    if since and since > timezone.localdate():
        line.tell("聘用日期", "还没有到聘用日期，请走招聘和备案。")
    elif since:
        for clause in (clauses := known.clauses(person, since, said["cadre"])):
            if clause in refusals(clauses) or clause in questions(clauses):
                level = REJECT if clause.refuses else INFO
                line.tell("岗位名称", f"{clause.text}（{clause.rule}）", level)
    values = _values(said)
    values.setdefault("category", category_of(said["title"] or ""))
    bank = {"bank": said["bank"], "account": said["account"]} if said["account"] else {}
    if told := known.not_to_have(said["number"] or "", person, line.number):
        line.tell("岗位编号", told)
    is_new = not line.is_rejected and said["number"] not in known.posts
    if is_new and (told := known.room.none_for(person.village, "", values["category"])):
        line.tell("岗位名称", told)
    about = {
        "person": person.pk, "number": said["number"] or "", "since": str(since), "contract": contract,
        "cadre": said["cadre"],
    }  # fmt: skip
    return about | values | bank


def _values(said: dict[str, Any]) -> dict[str, Any]:
    """What the row says of the post: blank cells say nothing."""
    values = {name: said[name] for name in OF_POST if said.get(name) not in (None, "")}
    if said["monthly_fen"] is None and said["yearly"] is not None:
        values["monthly_fen"] = said["yearly"]
    return values


def _dates(line: Line) -> tuple[dt.date | None, dict[str, str] | None]:
    """Since when, and the contract of the row where it has both ends."""
    said = line.said
    begin, end = said["contract_from"], said["contract_until"]
    if said["term"] and not (begin and end):
        begin, end = said["term"]
    since = said["since"] or begin
    if since is None:
        line.tell("聘用日期", "聘用日期和合同开始至少填一项。")
    if since is None or not (begin and end):
        return since, None
    return since, {
        "kind": said["contract_kind"] or CONTRACT_KINDS[1],
        "from_on": str(begin),
        "until_on": str(end),
    }


def _taken_over(rows: list[Staged], context: Context) -> list[Appointment]:
    people = Laborer.objects.visible_to(context.user).filter(among("pk", [row.new["person"] for row in rows]))
    reach = set(people.values_list("pk", flat=True))
    if gone := next((row for row in rows if row.new["person"] not in reach), None):
        raise Stale(f"{gone.key}：这个人已不在管辖范围内。")
    holders = [
        Holder(
            row.new["person"], row.new, dt.date.fromisoformat(row.new["since"]), _contract(row.new),
            row.new.get("bank", ""), row.new.get("account", ""), f"{row.key}：",
        )
        for row in rows
    ]  # fmt: skip
    try:
        return take_over_all(holders, context.batch, context.user)
    except NotAllowed as refusal:
        raise Stale(str(refusal)) from refusal


def _contract(new: dict[str, Any]) -> dict[str, Any] | None:
    said = new.get("contract")
    days = {name: dt.date.fromisoformat(said[name]) for name in ("from_on", "until_on")} if said else {}
    return {"number": "", "kind": said["kind"]} | days if said else None


def _amended(row: Staged, context: Context) -> None:
    try:
        amend(Appointment.objects.get(pk=row.pk), row.new, row.old, context.user)
    except NotAllowed as refusal:
        raise Stale(f"{row.key}：{refusal}") from refusal
