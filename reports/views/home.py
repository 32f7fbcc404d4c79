"""首页: what to do next, for each role, with how much is left and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, signed_in
from accounts.audit import AuditEntry
from accounts.models import Level, Phone, Unit, User
from accounts.roles import Role
from accounts.security import SECOND_FACTOR_ROLES
from jobs.todos import finished_jobs, of_rooms, todo, unconfirmed, waiting_rows
from ledgers.clocks import reading as reading_clocks
from ledgers.facts import month_to_begin
from ledgers.forms import IN_POPULATION
from ledgers.models import EntryException, MonthClosing, MonthlyRecord
from ledgers.periods import PeriodState, due_words, entry_state
from ledgers.views.review import waiting_for
from lib import charts
from lib.month import Month
from lib.rates import thousands
from reports import reading
from reports.figures import POPULATION
from reports.models import Bulletin
from reports.views import address
from reports.views.dashboard import LEVELS_BELOW
from sampling.models import Call

UNVERIFIED, LOST = "未核实", "联系不上"
GREETINGS = {
    Role.VILLAGE: "每月把本村劳动力的务工情况核实一遍，有变化的填采集表，没变化的确认。",
    Role.TOWNSHIP: "看各村核实到哪里，处理待核的行，催没有完成的村。",
    Role.COUNTY: "收齐各乡镇的台账，对照目标看进度，到期关闭本月。",
    Role.CITY: "看各县（市、区）的进度，收齐后组织抽查、起草和签发通报。",
    Role.SAMPLER: "逐个拨打分配给您的电话，当场登记结果。",
    Role.AUDITOR: "查看操作记录，核对记录链是否完整。",
    Role.ADMIN: "维护单位和账号，督促绑定手机动态码。",
}


@dataclass(frozen=True)
class Desk:
    """Whose work it is, where, and in which month."""

    user: User
    unit: Unit
    month: Month

    @cached_property
    def entry(self) -> PeriodState:
        """Whether the month may still be filled in."""
        return entry_state(self.unit, self.month)

    @property
    def is_open(self) -> bool:
        """Whether the month is not closed; filling it in may be over."""
        return self.entry.is_open or self.entry.is_locked

    @property
    def due(self) -> tuple[str, str]:
        return due_words(self.month, state=self.entry)

    @cached_property
    def children(self) -> list[Unit]:
        return list(self.unit.children.in_order())

    @cached_property
    def values(self) -> reading.Values:
        """Figures of the unit and of those directly below it."""
        return reading.values([self.unit, *self.children], self.month)


@signed_in
@require_GET
def home(request: OfficeRequest) -> HttpResponse:
    user = request.user
    if user.roles == {Role.VILLAGE}:
        return redirect("ledgers:mine")  # the month is her work
    unit = user.own_unit
    month = reading.latest_month(unit)
    desk = Desk(user, unit, month)
    roles = [role for role in Role if role in user.roles]
    items = [item for role in roles for item in WORK[role](desk) if item["url"]]
    context = {
        "page_title": f"{user.name}，您好",
        "greeting": GREETINGS[roles[0]] if roles else "",
        "unit": unit,
        "month": month,
        "items": items + finished_jobs(desk.user),
        "progress": _progress(desk) if user.can("person", "r") else None,
        "table": _below(desk) if user.can("figures", "r") else None,
        "dashboard_url": address("reports:dashboard", unit.code, month) if user.can("figures", "r") else "",
        "import_url": address("jobs:import_new") if user.can("file", "w") else "",
        "first_time": user.can("person", "r") and not MonthlyRecord.objects.visible_to(user).exists(),
    }
    return render(request, "reports/home.html", context)


# ── what is left ─────────────────────────────────────────────────────────────────────────────────────────────────


def _records(desk: Desk) -> QuerySet[MonthlyRecord]:
    return MonthlyRecord.objects.visible_to(desk.user).filter(POPULATION, month=desk.month)


def _ledger(desk: Desk, state: str, unit: Unit | None = None) -> str:
    """The people behind such a number: like the figures, only the population."""
    code = unit.code if unit else ""
    return address("ledgers:list", month=desk.month, verify=state, unit=code, household=IN_POPULATION)


def _progress(desk: Desk) -> dict[str, Any] | None:
    value = desk.values[desk.unit.pk]["I29"]
    if not value.denominator:
        return None
    due, tone = desk.due
    meter = charts.meter(value.numerator or 0, value.denominator)
    return {
        "label": f"{desk.month.label}信息核实",
        "text": f"{thousands(value.numerator)} / {thousands(value.denominator)} 人",
        "length": meter["length"],
        "tone": "good" if value.numerator == value.denominator else tone,
        "due": due,
    }


def _verification(desk: Desk) -> list[dict[str, Any]]:
    """People of this month nobody has checked yet, and those who could not be reached."""
    if not desk.is_open:
        return []
    due, tone = desk.due
    found = _records(desk).aggregate(
        unverified=Count("pk", filter=Q(verify_state=UNVERIFIED)),
        lost=Count("pk", filter=Q(verify_state=LOST)),
    )
    items = []
    if found["unverified"]:
        text = desk.entry.told or "逐人核对务工地点和单位，在个人页记下核实方式。"
        if desk.entry.is_locked and desk.user.can("month", "w", desk.unit):
            text = "填报已截止；确需补录的，在“月份”页批准例外。"
        items.append(
            todo(
                "本月还没有核实的人",
                found["unverified"],
                "人",
                _ledger(desk, UNVERIFIED),
                "去核实",
                text,
                tone,
                due,
            )
        )
    if found["lost"]:
        items.append(
            todo(
                "联系不上的人", found["lost"], "人", _ledger(desk, LOST), "再联系", "换个时间或找家人再联系。"
            )
        )
    return items


def _late(desk: Desk) -> list[dict[str, Any]]:
    """Services whose time is over: for the township at once, for the county when they stay so."""
    county = desk.unit.level == Level.COUNTY
    villages = reading_clocks.reach(desk.user, desk.unit)
    found = reading_clocks.late(villages, reading_clocks.moment(desk.month), county)
    if not found:
        return []
    title = f"超期{settings.CLOCK_ESCALATION_DAYS}天以上的服务" if county else "已超期的服务"
    text = "、".join(f"{name} {number} 件" for name, number in found.items()) + "。"
    url = address("ledgers:clocks", unit=desk.unit.code)
    return [todo(title, sum(found.values()), "件", url, "去处理", text, "bad")]


# ── by role ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _forms(desk: Desk) -> list[dict[str, Any]]:
    """采集表 whose next step is this office."""
    count = waiting_for(desk.user).count()
    text = "看有哪些变化、有没有疑点，通过或退回。"
    url = address("ledgers:form_review")
    return [todo("等您审核的采集表", count, "张", url, "去审核", text, "warn")] if count else []


def _township(desk: Desk) -> list[dict[str, Any]]:
    return [
        *_forms(desk),
        *of_rooms(desk.user),
        *waiting_rows(desk.user),
        *_verification(desk),
        *_late(desk),
        *unconfirmed(desk.user),
    ]


def _county(desk: Desk) -> list[dict[str, Any]]:
    return [
        *_forms(desk), *of_rooms(desk.user), *_behind(desk), *waiting_rows(desk.user),
        *_verification(desk), *_late(desk), *_exceptions(desk), *_close(desk), *_begin(desk), *unconfirmed(desk.user),
    ]  # fmt: skip


def _city(desk: Desk) -> list[dict[str, Any]]:
    return [
        *_bulletins(desk), *_not_closed(desk), *_begin(desk), *_behind(desk), *waiting_rows(desk.user),
        *unconfirmed(desk.user),
    ]  # fmt: skip


def _behind(desk: Desk) -> list[dict[str, Any]]:
    """Units below that have not reached their target."""
    values = desk.values
    late = [child for child in desk.children if values[child.pk]["I03"].gap]
    if not late:
        return []
    gap = sum(values[child.pk]["I03"].gap for child in late)
    names = "、".join(child.name for child in late[:3]) + ("等" if len(late) > 3 else "")
    return [
        todo(
            "没有完成目标的单位",
            len(late),
            "个",
            address("reports:dashboard", desk.unit.code, desk.month),
            "看进度",
            f"{names}，共差 {thousands(gap)} 人。",
            "bad",
        )
    ]


def _close(desk: Desk) -> list[dict[str, Any]]:
    if not desk.is_open:
        return []
    due, tone = desk.due
    text = "关闭后数据冻结，不再变化。"
    return [
        todo(
            f"关闭{desk.month.label}",
            str(desk.month.month),
            "月",
            address("ledgers:months"),
            "去关闭",
            text,
            tone,
            due,
        )
    ]


def _exceptions(desk: Desk) -> list[dict[str, Any]]:
    """Who still fills in after the deadline."""
    if not desk.entry.is_locked:
        return []
    standing = EntryException.objects.standing().under(desk.unit).filter(month=desk.month)
    units = {one.unit for one in standing.select_related("unit") if not one.is_over}
    if not units:
        return []
    names = "、".join(unit.name for unit in sorted(units, key=lambda unit: unit.sort_path)[:4])
    text = f"{names}{'等' if len(units) > 4 else ''}经批准还可以补录{desk.month.label}。"
    return [todo("例外补录中的单位", len(units), "个", address("ledgers:months"), "看一看", text)]


def _begin(desk: Desk) -> list[dict[str, Any]]:
    """The month whose records are still to be made."""
    month = month_to_begin(desk.unit)
    if month is None:
        return []
    text = "为每个人建立当月记录，按现有务工情况预填，再由村里核实。"
    url = address("ledgers:open_month", desk.unit.code, month)
    return [todo(f"开始{month.label}", str(month.month), "月", url, "去开始", text)]


def _not_closed(desk: Desk) -> list[dict[str, Any]]:
    counties = Unit.objects.under(desk.unit).filter(level=Level.COUNTY, closed_on=None)
    closed = MonthClosing.objects.filter(month=desk.month, reopened_at=None)
    if closed.filter(unit__code__in=desk.unit.ancestor_codes).exists():
        return []
    waiting = list(counties.exclude(pk__in=closed.values("unit")).in_order())
    if not waiting:
        return []
    due, tone = desk.due
    names = "、".join(unit.name for unit in waiting[:4])
    title = f"还没有关闭{desk.month.label}的县（市、区）"
    return [todo(title, len(waiting), "个", address("ledgers:months"), "看一看", names, tone, due)]


def _bulletins(desk: Desk) -> list[dict[str, Any]]:
    mine = Bulletin.objects.visible_to(desk.user)
    items = []
    to_sign = mine.filter(state=Bulletin.State.SUBMITTED).exclude(submitted_by=desk.user)
    if count := to_sign.count():
        url = address("reports:bulletin", to_sign[0].pk)
        items.append(todo("等您签发的通报", count, "份", url, "去签发", to_sign[0].title, "warn"))
    drafts = mine.filter(state=Bulletin.State.DRAFT)
    if count := drafts.count():
        url = address("reports:bulletin", drafts[0].pk)
        items.append(todo("正在起草的通报", count, "份", url, "继续写", drafts[0].title))
    if not mine.filter(month=desk.month).exists():
        url = address("reports:bulletins")
        items.append(
            todo(
                f"起草{desk.month.label}通报",
                str(desk.month.month),
                "月",
                url,
                "去起草",
                "数字收齐后生成通报。",
            )
        )
    return items


def _sampler(desk: Desk) -> list[dict[str, Any]]:
    calls = Call.objects.visible_to(desk.user).filter(caller=desk.user)
    left = calls.filter(connected=None)
    if not (count := left.count()):
        return []
    due = left.order_by("campaign__due_on").values_list("campaign__due_on", flat=True).first()
    days = (due - timezone.localdate()).days if due else None
    words = "" if days is None else "今天截止" if days <= 0 else f"还剩 {days} 天"
    text = f"已完成 {thousands(calls.count() - count)} 个。"
    return [todo("还没有拨打的电话", count, "个", address("sampling:list"), "开始拨打", text, "", words)]


def _auditor(desk: Desk) -> list[dict[str, Any]]:
    today = timezone.now() - dt.timedelta(days=1)
    entries = AuditEntry.objects.filter(unit_path__startswith=desk.unit.path, at__gte=today).count()
    return [todo("最近一天的操作记录", entries, "条", address("accounts:audit"), "去查看")]


def _admin(desk: Desk) -> list[dict[str, Any]]:
    users = User.objects.filter(is_active=True, postings__unit__path__startswith=desk.unit.path).distinct()
    bound = Phone.objects.filter(confirmed=True).values("user")
    unbound = users.filter(postings__role__in=SECOND_FACTOR_ROLES).exclude(pk__in=bound).count()
    first = users.filter(must_change_password=True).count()
    url = address("accounts:users")
    items = []
    if unbound and settings.TOTP:
        text = "市办和管理员登录要用手机动态码。"
        items.append(todo("还没有绑定动态码的账号", unbound, "个", url, "看名单", text, "warn"))
    if first:
        items.append(todo("还没有改过初始密码的账号", first, "个", url, "看名单", "开户后一直没有登录。"))
    return [
        *items,
        *unconfirmed(desk.user),
        todo(
            "管理的单位",
            Unit.objects.under(desk.unit).count(),
            "个",
            address("accounts:units"),
            "维护单位",
            "新设、划转、撤并和改名。",
        ),
        todo("在用的账号", users.count(), "个", url, "维护账号", "开户、调整任职、重置密码。"),
    ]


WORK: dict[str, Callable[[Desk], list[dict[str, Any]]]] = {
    Role.VILLAGE: _township,
    Role.TOWNSHIP: _township,
    Role.COUNTY: _county,
    Role.CITY: _city,
    Role.SAMPLER: _sampler,
    Role.AUDITOR: _auditor,
    Role.ADMIN: _admin,
}


def _below(desk: Desk) -> dict[str, Any] | None:
    """The units below at a glance: workers, target and how far the check of this month is."""
    children, values = desk.children, desk.values
    if not children:
        return None
    by_target = any(values[child.pk]["I02"].numerator is not None for child in children)

    def row(unit: Unit) -> dict[str, Any]:
        own = values[unit.pk]
        shown = own["I03"] if by_target else own["I29"]
        return {
            "name": unit.name,
            "url": address("reports:dashboard", unit.code, desk.month),
            "workers": own["I01"].text,
            "rate": own["I03"].rate.bare,
            "left": own["I29a"].text,
            "left_url": _ledger(desk, UNVERIFIED, unit) if own["I29a"].numerator else "",
            "length": charts.meter(shown.numerator or 0, shown.denominator or 0)["length"],
            "tone": "good" if shown.denominator and not shown.gap else "",
        }

    return {
        "rows": [row(child) for child in children],
        "total": row(desk.unit),
        "level": LEVELS_BELOW.get(children[0].level, "单位"),
        "by_target": by_target,
    }
