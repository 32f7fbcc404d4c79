"""Two kinds of workbook: units of the reporting chain, and the users who serve them.

Imported users have no password: nobody can sign in before 重置密码 on the user's page makes a first one, shown once to
the person who hands it over. So no file and no job result ever holds a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from accounts import actions
from accounts.authority import NotAllowed, may_grant, may_manage
from accounts.models import Level, Posting, Unit, User
from accounts.roles import SERVES_AT, Role
from lib.sheets.cells import to_text
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

Parsed = tuple[Any, str, str]
LEVELS = {level.label: level.value for level in Level} | {
    "村（社区）": "village",
    "乡镇": "township",
    "县（市、区）": "county",
}
ROLES = {role.label: role.value for role in Role}


def matching(pattern: str, message: str, upper: bool = False):
    """A parser of text that has a fixed shape; blank is left to `required`."""
    shape = re.compile(pattern)

    def parse(cell: Any) -> Parsed:
        value, level, note = to_text(cell)
        if note or not value:
            return value or "", level, note
        value = value.upper() if upper else value
        return (value, "ok", "") if shape.fullmatch(value) else (value, REJECT, message)

    return parse


def one_of(words: dict[str, str], what: str):
    """A parser of a word from a list, with or without its ending 级."""
    offered = "、".join(words)

    def parse(cell: Any) -> Parsed:
        value, level, note = to_text(cell)
        if note or not value:
            return value or "", level, note
        found = words.get(value) or words.get(value.removesuffix("级"))
        return (found, "ok", "") if found else (value, REJECT, f"{what}只能是{offered}。")

    return parse


def reject(row: Row, column: str, value: str, message: str) -> Problem:
    return Problem(row.number, column, value, REJECT, message)


UNIT_CODE = matching(r"[0-9A-Z]{1,20}", "单位编码只能由 1 到 20 位数字和字母组成。", upper=True)


@dataclass
class KnownUnit:
    """A unit as stored, or as an earlier row of the same file will make it."""

    pk: int | None
    name: str
    level: str
    parent: str
    gb_code: str
    path: str
    closed: bool = False


@register
class Units(Kind):
    """Units: new ones, corrected names and official codes. Moving a unit takes a date and is done on its page."""

    name = "units"
    place = 60
    title = "单位"
    about = "报送单位名单：新增单位，更正名称和国标代码。改变隶属关系请在单位页划转。"
    right = ("accounts", "i")
    columns = (
        Column("code", "单位编码", UNIT_CODE, ("编码", "单位代码"), required=True, example="4202DY0105"),
        Column("name", "单位名称", to_text, ("名称", "单位"), required=True, example="示例村"),
        Column("level", "级别", one_of(LEVELS, "级别"), ("单位级别",), required=True,
               choices=("市", "县", "乡", "村"), example="村"),
        Column("parent", "上级编码", UNIT_CODE, ("上级单位编码", "上级"), help="最高一级单位留空。",
               example="4202DY01"),
        Column("gb_code", "国标代码", matching(r"\d{12}", "国标代码应为 12 位数字，没有的留空。"), ("统计用区划代码",),
               help="统计用区划代码 12 位；没有的留空。"),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        known = {
            unit.code: KnownUnit(
                unit.pk, unit.name, unit.level, unit.parent.code if unit.parent else "", unit.gb_code, unit.path,
                unit.closed_on is not None,
            )
            for unit in Unit.objects.select_related("parent")
        }  # fmt: skip
        seen: dict[str, int] = {}
        for row in rows:
            values, problems = parse_row(self.columns, row)
            code = values["code"]
            if code and code in seen:
                problems.append(reject(row, "单位编码", code, f"与第 {seen[code]} 行重复，请保留一行。"))
            else:
                seen[code] = row.number
            if not problems:
                problems = self._place(row, values, known, context)
            yield self._staged(row, values, problems, known)

    def _place(self, row: Row, values: dict, known: dict[str, KnownUnit], context: Context) -> list[Problem]:
        """Whether the unit may stand where the row puts it."""
        code, parent = values["code"], known.get(values["parent"])
        stored = known.get(code)
        if values["parent"] and parent is None:
            message = "没有这个上级单位；上级也在本表中的，请排在下级前面。"
            return [reject(row, "上级编码", values["parent"], message)]
        if parent and _rank(values["level"]) <= _rank(parent.level):
            return [reject(row, "级别", Level(values["level"]).label, f"级别必须低于上级{parent.name}。")]
        path = f"{parent.path if parent else ''}{code}/"
        if not self._within(context, stored.path if stored else path, parent is None and stored is None):
            return [reject(row, "单位编码", code, "不在管辖范围。")]
        if stored and stored.closed:
            return [reject(row, "单位编码", code, "这个单位已撤销。")]
        if stored and stored.parent != values["parent"]:
            return [reject(row, "上级编码", values["parent"], "与现有隶属关系不同，划转请在单位页办理。")]
        if stored and stored.level != values["level"]:
            return [reject(row, "级别", Level(values["level"]).label, "与现有级别不同，请核对编码。")]
        if stored is None:
            known[code] = KnownUnit(
                None, values["name"], values["level"], values["parent"], values["gb_code"], path
            )
        return []

    def _within(self, context: Context, path: str, top: bool) -> bool:
        if top:
            return Role.ADMIN in context.user.roles
        return any(
            path.startswith(posting.unit.path)
            and (posting.role == Role.ADMIN or path != posting.unit.path)
            and context.user.can("accounts", "w", posting.unit)
            for posting in context.user.current_postings()
        )

    def _staged(self, row: Row, values: dict, problems: list[Problem], known: dict[str, KnownUnit]) -> Staged:
        key = f"{values['name']}（{values['code']}）"
        if problems:
            return Staged(row.number, REJECTED, key, values, problems=problems)
        stored = known[values["code"]]
        if stored.pk is None:
            return Staged(row.number, NEW, key, values)
        old = {
            name: getattr(stored, name)
            for name in ("name", "gb_code")
            if getattr(stored, name) != values[name]
        }
        new = {name: values[name] for name in old}
        return Staged(row.number, CHANGED if old else SAME, key, new, old, stored.pk)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        for row in staged:
            if row.verdict == NEW:
                given = dict(row.new)
                parent = Unit.objects.filter(code=given.pop("parent")).first()
                if Unit.objects.filter(code=given["code"]).exists():
                    raise Stale(f"单位{given['code']}已经存在。")
                row.target = actions.add_unit(**given, parent=parent, by=context.user).pk
            else:
                self._set(Unit.objects.get(pk=row.pk), row.old, row.new, context)

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            unit = Unit.objects.filter(pk=row.pk).first()
            if unit is None:
                continue
            try:
                if row.verdict == NEW:
                    actions.remove_unit(unit, context.user)
                else:
                    self._set(unit, row.new, row.old, context)
            except (NotAllowed, Stale) as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}")
        return left

    def _set(self, unit: Unit, before: dict, after: dict, context: Context) -> None:
        if any(getattr(unit, name) != value for name, value in before.items()):
            raise Stale("已被别人修改，保持现状。")
        if "name" in after:
            actions.rename_unit(unit, after["name"], context.user)
        if "gb_code" in after:
            actions.set_gb_code(unit, after["gb_code"], context.user)


def _rank(level: str) -> int:
    return actions.LEVEL_ORDER.index(Level(level))


@dataclass
class KnownUsers:
    """What judging users needs: accounts by name, units by code, in one query each."""

    by_name: dict[str, User] = field(default_factory=lambda: {
        user.username.lower(): user for user in User.objects.prefetch_related("postings__unit")
    })  # fmt: skip
    units: dict[str, Unit] = field(default_factory=lambda: {unit.code: unit for unit in Unit.objects.all()})


@register
class Users(Kind):
    """Users with one posting each: new accounts, corrected names, further postings. Nobody is disabled by a file."""

    name = "users"
    place = 61
    title = "用户"
    about = "用户名单：新建账号、更正姓名、增加任职。导入的账号没有密码，在用户页“重置密码”后才能登录。"
    right = ("accounts", "i")
    columns = (
        Column("username", "用户名", matching(r"[A-Za-z0-9._-]{3,40}", "用户名由 3 到 40 位字母、数字、点、横线组成。"),
               ("账号", "登录名"), required=True, example="wangqiao"),
        Column("name", "姓名", to_text, ("用户姓名",), required=True, example="示例"),
        Column("role", "角色", one_of(ROLES, "角色"), ("岗位", "身份"), required=True, choices=tuple(ROLES)),
        Column("unit", "单位编码", UNIT_CODE, ("所在单位编码", "编码"), required=True, example="4202DY0105"),
    )  # fmt: skip

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        known = KnownUsers()
        seen: dict[str, int] = {}
        for row in rows:
            values, problems = parse_row(self.columns, row)
            name = (values["username"] or "").lower()
            if name and name in seen:
                message = f"与第 {seen[name]} 行重复；一人多岗的，请导入后在用户页增加任职。"
                problems.append(reject(row, "用户名", values["username"], message))
            seen.setdefault(name, row.number)
            user = known.by_name.get(name)
            if not problems:
                problems = self._place(row, values, user, known, context)
            yield self._staged(row, values, user, problems)

    def _place(
        self, row: Row, values: dict, user: User | None, known: KnownUsers, context: Context
    ) -> list[Problem]:
        unit, role = known.units.get(values["unit"]), values["role"]
        if unit is None or unit.closed_on:
            return [reject(row, "单位编码", values["unit"], "没有这个单位，或已撤销。")]
        if unit.level not in SERVES_AT[role]:
            message = f"“{Role(role).label}”不能在{unit.get_level_display()}级单位任职。"
            return [reject(row, "角色", Role(role).label, message)]
        if not may_grant(context.user, unit, role) or (user and not may_manage(context.user, user)):
            return [reject(row, "单位编码", values["unit"], "不在管辖范围。")]
        return []

    def _staged(self, row: Row, values: dict, user: User | None, problems: list[Problem]) -> Staged:
        key = f"{values['name']}（{values['username']}）"
        if problems:
            return Staged(row.number, REJECTED, key, values, problems=problems)
        if user is None:
            return Staged(row.number, NEW, key, values)
        new, old = {}, {}
        if user.name != values["name"]:
            new["name"], old["name"] = values["name"], user.name
        held = [(posting.role, posting.unit.code) for posting in user.current_postings()]
        if (values["role"], values["unit"]) not in held:
            new |= {"role": values["role"], "unit": values["unit"]}
            old |= {"role": "、".join(role for role, _ in held), "unit": "、".join(code for _, code in held)}
        return Staged(row.number, CHANGED if new else SAME, key, new, old, user.pk)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        for row in staged:
            if row.verdict == NEW:
                given = dict(row.new)
                if User.objects.filter(username__iexact=given["username"]).exists():
                    raise Stale(f"用户名{given['username']}已经有人使用。")
                unit = Unit.objects.get(code=given.pop("unit"))
                row.target = actions.open_user(**given, unit=unit, password=None, by=context.user).pk
                continue
            user = User.objects.get(pk=row.pk)
            if "name" in row.new:
                if user.name != row.old["name"]:
                    raise Stale(f"{user.name}的姓名已被别人修改。")
                actions.rename_user(user, row.new["name"], context.user)
            if "unit" in row.new:
                actions.set_posting(
                    user, Unit.objects.get(code=row.new["unit"]), row.new["role"], context.user
                )

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        left = []
        for row in staged:
            user = User.objects.filter(pk=row.pk).first()
            if user is None:
                continue
            try:
                self._take_back(row, user, context)
            except NotAllowed as refusal:
                left.append(f"第 {row.row} 行 {row.key}：{refusal}")
        return left

    def _take_back(self, row: Staged, user: User, context: Context) -> None:
        if row.verdict == NEW:
            actions.remove_user(user, context.user)
            return
        if "name" in row.new and user.name == row.new["name"]:
            actions.rename_user(user, row.old["name"], context.user)
        if "unit" in row.new:
            held = Posting.objects.current().filter(
                user=user, unit__code=row.new["unit"], role=row.new["role"]
            )
            for posting in held:
                actions.end_posting(posting, context.user)
