"""Lists to take away: everybody of a screening with the result, and the 未申领底数 by unit, scheme and reason (I19)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import Unit, User
from ledgers.exports.printed import printed
from ledgers.exports.registers import age_on
from lib.money import yuan
from lib.month import Month
from lib.staging import Export, register_export
from subsidies.models import REASONS, Screened
from subsidies.rules import ENTITLED, RESULTS, period_words
from subsidies.schemes import name_of
from subsidies.screenings import reading

CHUNK = 2000
HEADINGS = (
    "补贴项目", "政策名称", "所属期", "县（市、区）", "乡镇", "行政村", "姓名", "性别", "年龄", "身份证号码",
    "联系电话", "筛查结果", "测算金额（元）", "不符合或缺少的条件", "申领情况", "未申领原因",
)  # fmt: skip
SUMMARY = (
    "乡镇",
    "行政村",
    "补贴项目",
    "政策名称",
    "所属期",
    "符合条件",
    "未申领",
    *REASONS,
    reading.UNKNOWN,
)


def _lines(user: User, unit: Unit, month: Month | None) -> QuerySet[Screened]:
    month = month or Month.current()
    return Screened.objects.visible_to(user, "x").under(unit).filter(screening__month=month)


def rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """In the order of schemes and villages."""
    month = month or Month.current()
    found = reading.followed(_lines(user, unit, month)).select_related(
        "screening__scheme", "screening__unit", "laborer", "village__parent"
    )
    schemes: dict[int, Any] = {}
    for line in found.order_by("screening__scheme__code", "village__sort_path", "pk").iterator(CHUNK):
        line.screening = schemes.setdefault(line.screening_id, line.screening)  # its rule is read once
        person, run, row = line.laborer, line.screening, reading.row(line)
        village, amount = line.village, yuan(line.amount, plain=True) if line.amount else ""
        yield [
            name_of(run.scheme.code), run.scheme.name, period_words(run.period), run.unit.name, village.parent.name,
            village.name, person.name, person.sex, age_on(person.id_no, month.last_day), person.id_no,
            person.phone, RESULTS[line.result], amount, row["obstacle"], row["state"], row["why"] or "",
        ]  # fmt: skip


def summary(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    """One row per village and scheme with somebody entitled: how many, how many unclaimed, and why."""
    entitled = reading.followed(_lines(user, unit, month).filter(result=ENTITLED)).order_by()
    groups = entitled.values(
        "village__sort_path", "village__name", "village__parent__name", "screening__scheme__code",
        "screening__scheme__name", "screening__period", "claim", "waived", "why",
    ).annotate(n=Count("pk"))  # fmt: skip
    found: dict[tuple, dict[str, int]] = {}
    for one in groups:
        key = (
            one["village__sort_path"], one["screening__scheme__code"], one["screening__period"],
            one["village__parent__name"], one["village__name"], one["screening__scheme__name"],
        )  # fmt: skip
        counts = found.setdefault(key, dict.fromkeys(SUMMARY[5:], 0))
        counts["符合条件"] += one["n"]
        if reading.state_of(one["claim"], one["waived"]) == reading.OPEN:
            counts["未申领"] += one["n"]
            counts[one["why"] or reading.UNKNOWN] += one["n"]
    for (_, code, period, town, village, name), counts in sorted(found.items()):
        yield [town, village, name_of(code), name, period_words(period), *counts.values()]


register_export(
    Export(
        name="screening",
        title="补贴筛查名单",
        right=("subsidy", "x"),
        headings=HEADINGS,
        rows=rows,
        count=lambda user, unit, month: _lines(user, unit, month).count(),
        personal=True,
        about="本月筛查的每个人、每项补贴的结果、金额和申领情况。",
        dress=printed,
    )
)
register_export(
    Export(
        name="unclaimed",
        title="未申领底数",
        right=("subsidy", "x"),
        headings=SUMMARY,
        rows=summary,
        numeric=frozenset(SUMMARY[5:]),
        about="符合条件还没有申领的人数，按村、补贴项目和原因列出。",
        dress=printed,
    )
)
