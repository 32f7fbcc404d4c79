"""车间 on paper and as workbooks: the sheets that import again, 帮扶车间花名册, 带动就业人员花名册, 奖补公示."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.models import Unit, User
from ledgers.exports.printed import posted, signed
from ledgers.exports.registers import GROUP, age_on
from ledgers.imports.known import CHUNK
from ledgers.models import Household
from lib.money import FEN
from lib.month import Month
from lib.staging import Export, register_export
from posts.imports.placements import Placements
from posts.imports.workshops import Workshops
from posts.models import Placement, Workshop, WorkshopAward, WorkshopReview

RIGHT = ("post", "x")
YES = {True: "是", False: "否", None: ""}
AMOUNT = "金额（元）"


def _day(day: dt.date | None) -> str:
    return str(day or "")


def _town(unit: Unit) -> str:
    return unit.parent.name if unit.parent else ""


# ── the sheets that import again ─────────────────────────────────────────────────────────────────────────────────


def _shops(user: User, unit: Unit, month: Month | None) -> QuerySet[Workshop]:
    return Workshop.objects.visible_to(user, "x").under(unit).exclude(state=Workshop.State.REFUSED)


def shop_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    found = _shops(user, unit, month).select_related("unit__parent").order_by("unit__sort_path", "number")
    for one in found.iterator(CHUNK):
        yield [
            one.number, one.unit.code, _town(one.unit), one.unit.name, one.name, one.uscc, one.kind, one.form,
            one.in_charge, one.address, one.industry, _day(one.operating_since),
        ]  # fmt: skip


def _placed(user: User, unit: Unit, month: Month | None) -> QuerySet[Placement]:
    return Placement.objects.visible_to(user, "x").under(unit)


def placement_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    found = _placed(user, unit, month).select_related("workshop", "laborer")
    for one in found.order_by("workshop__unit__sort_path", "workshop__number", "started_on", "pk").iterator(
        CHUNK
    ):
        yield [
            one.workshop.number, one.workshop.name, one.laborer.name, one.laborer.id_no, _day(one.started_on),
            _day(one.ended_on), one.exit_reason, one.job, one.monthly_wage or "", one.contract, YES[one.insured],
        ]  # fmt: skip


# ── lists to print ───────────────────────────────────────────────────────────────────────────────────────────────

SHOPS = (
    "乡镇", "行政村", "车间编号", "车间名称", "类别", "形式", "统一社会信用代码", "负责人", "地址", "所属行业",
    "认定文号", "认定日期", "有效期至", "在岗人数", "带动人数", "最近复核", "状态",
)  # fmt: skip
PEOPLE = (
    "乡镇", "行政村", "车间名称", "姓名", "性别", "年龄", "身份证号码", "联系电话", "户类型", "监测对象类别",
    "入职日期", "工种", "月工资（元）", "合同", "是否参保",
)  # fmt: skip
NOTICE = ("乡镇", "行政村", "车间名称", "类别", "奖补类别", "年度", "计入人数", AMOUNT, "审批情况")


def _recognised(user: User, unit: Unit, month: Month | None) -> QuerySet[Workshop]:
    """Recognised by the last day of the month and not ended before its first."""
    month = month or Month.current()
    rows = Workshop.objects.visible_to(user, "x").under(unit).filter(recognised_on__lte=month.last_day)
    return rows.exclude(closed_on__lt=month.first_day)


def roster_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    day = (month or Month.current()).last_day
    here = Q(placements__started_on__lte=day) & (
        Q(placements__ended_on=None) | Q(placements__ended_on__gte=day)
    )
    last = WorkshopReview.objects.filter(workshop=OuterRef("pk"), on__lte=day).order_by("-on")
    found = _recognised(user, unit, month).annotate(
        people=Count("placements", here), counted=Count("placements", here & Q(placements__counted=True)),
        result=Subquery(last.values("result")[:1]),
    )  # fmt: skip
    for one in found.select_related("unit__parent").order_by("unit__sort_path", "number").iterator(CHUNK):
        yield [
            _town(one.unit), one.unit.name, one.number, one.name, one.kind, one.form, one.uscc, one.in_charge,
            one.address, one.industry, one.recognition_number, _day(one.recognised_on), _day(one.valid_until),
            one.people, one.counted, one.result or "", one.get_state_display(),
        ]  # fmt: skip


def _absorbed(user: User, unit: Unit, month: Month | None) -> QuerySet[Placement]:
    return (
        Placement.objects.visible_to(user, "x").under(unit).absorbed_on((month or Month.current()).last_day)
    )


def absorbed_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    day = (month or Month.current()).last_day
    home = Household.objects.filter(pk=OuterRef("laborer__household"))  # which may be out of the user's reach
    found = _absorbed(user, unit, month).select_related("workshop__unit__parent", "laborer")
    found = found.annotate(
        poverty=Subquery(home.values("poverty_kind")), monitor=Subquery(home.values("monitor_kind"))
    )
    for one in found.order_by("workshop__unit__sort_path", "workshop__number", "pk").iterator(CHUNK):
        person = one.laborer
        yield [
            _town(one.workshop.unit), one.workshop.unit.name, one.workshop.name, person.name, person.sex,
            age_on(person.id_no, day), person.id_no, person.phone, one.poverty or "", one.monitor or "",
            _day(one.started_on), one.job, one.monthly_wage or "", one.contract, YES[one.insured],
        ]  # fmt: skip


def _awarded(user: User, unit: Unit, month: Month | None) -> QuerySet[WorkshopAward]:
    rows = WorkshopAward.objects.visible_to(user, "x").under(unit).exclude(state=WorkshopAward.State.REFUSED)
    return rows.filter(year=(month or Month.current()).year)


def notice_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    found = _awarded(user, unit, month).select_related("workshop__unit__parent")
    for one in found.order_by("workshop__unit__sort_path", "workshop__number", "kind").iterator(CHUNK):
        shop = one.workshop
        yield [
            _town(shop.unit), shop.unit.name, shop.name, shop.kind, one.kind, one.year, one.people,
            Decimal(one.amount) / FEN, one.get_state_display(),
        ]  # fmt: skip


def _titles(kind: Any) -> tuple[str, ...]:
    return tuple(column.title for column in kind.columns)


def _count(rows: Any) -> Any:
    return lambda user, unit, month: rows(user, unit, month).count()


for _export in (
    Export("workshops", "帮扶车间", RIGHT, _titles(Workshops), shop_rows, _count(_shops), personal=True, group=GROUP,
           about="全部车间的登记信息，改好可以再导入。"),
    Export("placements", "车间带动就业人员", RIGHT, _titles(Placements), placement_rows, _count(_placed),
           frozenset({"月工资"}), personal=True, group=GROUP, about="车间人员的入职、离职和用工信息，改好可以再导入。"),
    Export("workshop-roster", "帮扶车间花名册", RIGHT, SHOPS, roster_rows, _count(_recognised),
           frozenset({"在岗人数", "带动人数"}), personal=True, group=GROUP,
           about="本月已认定的车间，认定文号、负责人、在岗和带动人数、最近一次复核。", dress=signed),
    Export("absorbed-roster", "带动就业人员花名册", RIGHT, PEOPLE, absorbed_rows, _count(_absorbed),
           personal=True, group=GROUP, about="本月月底在车间上班、计入带动就业的脱贫人口和监测对象。", dress=signed),
    Export("award-notice", "车间奖补公示", RIGHT, NOTICE, notice_rows, _count(_awarded),
           frozenset({"计入人数", AMOUNT}), group=GROUP,
           about="本年度申报和批准的车间奖补，人数和金额，不含个人信息，可以张贴。", dress=posted),
):  # fmt: skip
    register_export(_export)
