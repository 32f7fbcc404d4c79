"""What a batch did to each person, kept for the person's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ledgers.models import PersonChange
from lib import bulk
from lib.month import Month
from lib.staging import Column, Context, Staged

ADDED, CHANGED, TAKEN_BACK = "导入登记", "导入变更", "撤回导入"
COLUMNS = ("laborer", "by", "what", "month", "batch", "changes")


def remember(
    rows: Iterable[Staged],
    context: Context,
    columns: Sequence[Column],
    words: tuple[str, str] = (ADDED, CHANGED),
) -> None:
    """One line per person the rows wrote to: what was said anew, old and new under the printed labels."""
    lines = [_line(row, context, columns, words) for row in rows if row.target]
    bulk.insert_many(PersonChange, COLUMNS, lines)


def remember_undone(ids: Iterable[int], context: Context) -> None:
    """One line per person whose old values came back."""
    lines = [[pk, context.user.pk, TAKEN_BACK, context.month, context.batch, []] for pk in ids]
    bulk.insert_many(PersonChange, COLUMNS, lines)


def _line(row: Staged, context: Context, columns: Sequence[Column], words: tuple[str, str]) -> list:
    known = "_version" in row.old
    told = [_told(column, row) for column in columns if column.key in row.new] if known else []
    what = words[1] if known else words[0]
    return [row.target, context.user.pk, what, context.month, context.batch, told]


def _told(column: Column, row: Staged) -> list[str]:
    if column.secret:
        return [column.title, "（不显示）", "（已修改）"]
    return [column.title, shown(row.old.get(column.key)), shown(row.new[column.key])]


def shown(value: Any) -> str:
    """A stored value as an office would write it."""
    if value is None or value == "":
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.label if isinstance(value, Month) else str(value)
