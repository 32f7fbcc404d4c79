"""The rows behind any number: who was counted, page by page, under the same condition that counted them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, needs
from ledgers.counting import REASONS
from ledgers.periods import period_state
from lib.money import yuan
from lib.month import Month
from lib.rates import NOTHING, thousands
from reports import reading
from reports.figures import FIGURES, Count
from reports.sources import (
    APPOINTMENTS,
    CALLS,
    ENROLMENTS,
    ENTITLEMENTS,
    OWED,
    PAYMENTS,
    PLACEMENTS,
    POSTS,
    RECORDS,
    WORKSHOPS,
    Source,
)
from reports.views import address, unit_or_top
from subsidies.rules import period_words

PAGE = 50
BASE = {"numerator": "", "denominator": "（分母）"}
Cell = Callable[[Any], str]


@dataclass(frozen=True)
class Listing:
    """How the rows of a source are shown. `person` tells whether each row is about a laborer."""

    related: tuple[str, ...]
    columns: tuple[tuple[str, str, Cell], ...]  # head, css class, cell
    measure: str = "人"
    person: bool = True


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _yes(value: bool | None) -> str:
    return NOTHING if value is None else "是" if value else "否"


def _claimed(row: Any) -> str:
    if row.is_waived:
        return "自愿放弃"
    return "已领取" if row.is_paid else "已申请" if row.is_claimed else "未申领"


LISTINGS: dict[Source, Listing] = {
    RECORDS: Listing(
        ("laborer", "village"),
        (
            ("村", "", lambda row: row.village.name),
            ("务工区域", "", lambda row: row.place_class or NOTHING),
            ("就业单位", "", lambda row: row.employer or NOTHING),
            ("月平均工资（元）", "num", lambda row: thousands(row.monthly_wage)),
            ("本年度累计（个月）", "num", lambda row: f"{row.months.normalize():f}"),
            ("是否计入", "", lambda row: REASONS[row.reason]),
            ("核实情况", "", lambda row: row.verify_state),
        ),
    ),
    APPOINTMENTS: Listing(
        ("laborer", "post__unit"),
        (
            ("所在村", "", lambda row: row.post.unit.name),
            ("岗位", "", lambda row: row.post.title),
            ("岗位类别", "", lambda row: row.post.category),
            ("聘用日期", "num", lambda row: _day(row.started_on)),
        ),
    ),
    POSTS: Listing(
        ("unit",),
        (
            ("所在村", "", lambda row: row.unit.name),
            ("岗位", "", lambda row: row.title),
            ("岗位类别", "", lambda row: row.category),
            ("开发日期", "num", lambda row: _day(row.opened_on)),
        ),
        "个",
        person=False,
    ),
    WORKSHOPS: Listing(
        ("unit",),
        (
            ("所在村", "", lambda row: row.unit.name),
            ("车间", "", lambda row: row.name),
            ("认定日期", "num", lambda row: _day(row.recognised_on)),
        ),
        "个",
        person=False,
    ),
    PLACEMENTS: Listing(
        ("laborer", "workshop__unit"),
        (
            ("所在村", "", lambda row: row.workshop.unit.name),
            ("车间", "", lambda row: row.workshop.name),
            ("入职日期", "num", lambda row: _day(row.started_on)),
        ),
    ),
    CALLS: Listing(
        ("laborer", "township", "village"),
        (
            ("乡镇", "", lambda row: row.township.name),
            ("村", "", lambda row: row.village.name),
            ("接通", "", lambda row: _yes(row.connected)),
            ("务工地一致", "", lambda row: _yes(row.place_matches)),
            ("务工时间一致", "", lambda row: _yes(row.time_matches)),
            ("知晓政策", "", lambda row: _yes(row.knows_policy)),
        ),
        "人次",
    ),
    OWED: Listing(
        ("appointment__laborer", "appointment__post", "sheet__unit"),
        (
            ("所在村", "", lambda row: row.sheet.unit.name),
            ("岗位", "", lambda row: row.appointment.post.title),
            ("月份", "num", lambda row: row.sheet.month.label),
            ("出勤天数", "num", lambda row: thousands(row.days)),
            ("月补贴标准（元）", "num", lambda row: yuan(row.fen)),
        ),
        "人月",
    ),
    ENTITLEMENTS: Listing(
        ("laborer", "village", "screening__scheme"),
        (
            ("村", "", lambda row: row.village.name),
            ("政策", "", lambda row: row.screening.scheme.name),
            ("所属期", "", lambda row: period_words(row.screening.period)),
            ("金额（元）", "num", lambda row: yuan(row.amount)),
            ("申领情况", "", _claimed),
        ),
        "人次",
    ),
    PAYMENTS: Listing(
        ("laborer", "village", "scheme"),
        (
            ("村", "", lambda row: row.village.name),
            ("政策", "", lambda row: row.scheme.name),
            ("所属期", "", lambda row: period_words(row.period)),
            ("金额（元）", "num", lambda row: yuan(row.amount)),
            ("发放日期", "num", lambda row: _day(row.paid_on)),
        ),
        "人次",
    ),
    ENROLMENTS: Listing(
        ("laborer", "village", "training_class"),
        (
            ("村", "", lambda row: row.village.name),
            ("培训班", "", lambda row: row.training_class.name),
            ("出勤天数", "num", lambda row: thousands(row.days)),
            ("结业", "", lambda row: _yes(row.is_finished)),
            ("取证", "", lambda row: _yes(row.is_certified)),
            ("生活费补贴", "", lambda row: "已发放" if row.is_paid else "未发放" if row.is_due else NOTHING),
        ),
        "人次",
    ),
}


@needs("figures.r")
@require_GET
def rows(request: OfficeRequest, figure: str, code: str, month: Month) -> HttpResponse:
    """`part=denominator` lists the base of a rate; persons appear only where the user may read persons."""
    unit = unit_or_top(request.user, code, "figures")
    definition, part = FIGURES.get(figure), request.GET.get("part", "numerator")
    count = getattr(definition, part, None) if part in ("numerator", "denominator") else None
    if definition is None or not isinstance(count, Count):
        raise Http404
    listing = LISTINGS[count.source]
    every: Any = definition.rows(unit, month, part)
    found = every.visible_to(request.user)
    if listing.person and not request.user.can("person", "r", unit):
        raise Http404
    if not request.user.can(found.subject, "r", unit):
        raise Http404
    value = reading.value(unit, figure, month)
    page = Page(found.select_related(*listing.related), count.source, request.GET)
    total = getattr(value, part) or 0
    summed = f"{yuan(total)} 元" if count.of else f"{thousands(total)} {listing.measure}"
    context = {
        "page_title": f"{definition.name}{BASE[part]}：{summed}",
        "figure": definition,
        "value": value,
        "unit": unit,
        "month": month,
        "part": part,
        "is_frozen": count.source.ledger and period_state(unit, month).closing is not None,
        "breadcrumbs": [
            {
                "label": f"{unit.name} {month.label}",
                "url": address("reports:dashboard", unit.code, month),
            },
            {"label": definition.name},
        ],
        "heads": [(head, css) for head, css, _ in listing.columns],
        "person": listing.person,
        "rows": [_row(row, listing, count.source) for row in page.rows],
        "shown": f"本页 {len(page.rows)} {listing.measure}，共 {summed}",
        "other": _other_part(definition, part, unit, month),
        "next_url": page.next_url(part),
        "prev_url": page.prev_url(part),
        "export_url": address("ledgers:export") if _may_export(request, count.source, unit) else "",
    }
    return render(request, "reports/rows.html", context)


def _row(row: Any, listing: Listing, source: Source) -> dict[str, Any]:
    cells = [{"text": cell(row), "css": css, "head": head} for head, css, cell in listing.columns]
    if not listing.person:
        return {"name": getattr(row, "number", ""), "url": "", "masked": "", "cells": cells}
    person = reduce(getattr, source.person.split("__"), row)
    url = address("ledgers:laborer", person.pk)
    return {"name": person.name, "url": url, "masked": person.masked_id, "cells": cells}


def _other_part(definition, part: str, unit, month: Month) -> dict[str, str] | None:
    """From the numerator of a rate to its base and back."""
    if not isinstance(definition.denominator, Count):
        return None
    other = "denominator" if part == "numerator" else "numerator"
    label = "看分母（全部）" if other == "denominator" else "看分子（符合条件的）"
    return {"url": address("reports:rows", definition.id, unit.code, month, part=other), "label": label}


def _may_export(request: OfficeRequest, source: Source, unit) -> bool:
    """The month's whole ledger, from which these rows were counted."""
    return source is RECORDS and request.user.can("person", "x", unit)


class Page:
    """Fifty rows by keyset: ordered by unit and key, so that a deep page costs what the first one does."""

    def __init__(self, rows: QuerySet, source: Source, query) -> None:
        self.unit = f"{source.unit}_id"
        self.forwards = "before" not in query
        place = _place(query.get("after" if self.forwards else "before"))
        order = (source.unit + "_id", "pk") if self.forwards else ("-" + source.unit + "_id", "-pk")
        if place:
            rows = rows.filter(self._beyond(*place))
        found = list(rows.order_by(*order)[: PAGE + 1])
        self.more, found = len(found) > PAGE, found[:PAGE]
        self.rows = found if self.forwards else found[::-1]
        self.started = place is not None

    def _beyond(self, unit: int, pk: int) -> Q:
        if self.forwards:
            return Q(**{f"{self.unit}__gte": unit}) & ~Q(**{self.unit: unit, "pk__lte": pk})
        return Q(**{f"{self.unit}__lte": unit}) & ~Q(**{self.unit: unit, "pk__gte": pk})

    def _mark(self, row: Any) -> str:
        unit = row
        for name in self.unit.split("__"):
            unit = getattr(unit, name)
        return f"{unit}-{row.pk}"

    def next_url(self, part: str) -> str:
        if not self.rows or not (self.more if self.forwards else self.started):
            return ""
        return f"?part={part}&after={self._mark(self.rows[-1])}"

    def prev_url(self, part: str) -> str:
        if not self.rows or not (self.started if self.forwards else self.more):
            return ""
        return f"?part={part}&before={self._mark(self.rows[0])}"


def _place(text: str | None) -> tuple[int, int] | None:
    """A mark of a page: unit and key. Whatever else stands there means the first page."""
    unit, _, pk = (text or "").partition("-")
    if not (unit.isdecimal() and pk.isdecimal() and len(unit) < 19 and len(pk) < 19):
        return None
    return int(unit), int(pk)
