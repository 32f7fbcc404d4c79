"""Rows of ledger workbooks for tests: printed titles in, verdicts out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from itertools import count

from accounts.models import Unit, User
from lib.month import Month
from lib.staging import KINDS, Context, Row, Staged
from tests.factories import MARCH, citizen_id

_serial = count()


def fresh_id() -> str:
    """A number nobody has yet, unlike those of tests.factories; never one that ends with 000."""
    serial = next(_serial)
    number = citizen_id(serial % 900 + 50, dt.date(1975, 1, 1) + dt.timedelta(days=serial // 900))
    return fresh_id() if number.endswith("000") else number


def working(**cells) -> dict:
    """A row of 劳动力台账 without anything to complain about: works in Shenzhen since October."""
    return {
        "行政村": "甲东一村",
        "户主姓名": "",
        "姓名": "示例工",
        "身份证号码": fresh_id(),
        "联系电话": "13900000001",
        "是否务工": "是",
        "劳动能力": "普通劳动力",
        "务工地点": "广东省深圳市南山区",
        "就业形式": "单位就业",
        "就业单位名称": "示例电子厂",
        "就业时间": "2022年10月",
        "月平均工资": "4500",
        "所属产业行业": "普工",
    } | cells


def rows_of(kind: str, lines: Iterable[dict], first: int = 2) -> list[Row]:
    """Rows under the kind's keys, as the reader hands them over; every title may be a synonym."""
    known = {name: c.key for c in KINDS[kind].columns for name in (c.title, *c.synonyms)}
    lines = list(lines)
    titles = {title for line in lines for title in line}
    return [
        Row(number, {known[title]: line.get(title) for title in titles})
        for number, line in enumerate(lines, first)
    ]


def context(user: User, unit: Unit, month: Month = MARCH, batch: str = "20230331-0001") -> Context:
    return Context(user, unit, month, batch)


def judge(kind: str, lines: Iterable[dict], at: Context) -> list[Staged]:
    """Judged as the mechanism does it: through JSON, as the rows rest between preview and confirmation."""
    judged = list(KINDS[kind].judge(rows_of(kind, lines), at))
    for row in judged:
        row.new, row.old = json.loads(json.dumps(row.new)), json.loads(json.dumps(row.old))
    return judged


def send(kind: str, lines: Iterable[dict], at: Context, also: Iterable[str] = ()) -> list[Staged]:
    """Judge, and write what confirming would write (and rows of the verdicts in `also`)."""
    judged = judge(kind, lines, at)
    KINDS[kind].apply([row for row in judged if row.verdict in {"new", "changed", *also}], at)
    KINDS[kind].finish(at)
    return judged


def verdicts(judged: Iterable[Staged]) -> list[str]:
    return [row.verdict for row in judged]


def messages(row: Staged) -> list[str]:
    return [f"{problem.column}：{problem.message}" for problem in row.problems]
