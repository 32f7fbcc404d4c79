"""Mailings: choosing whom, seeing how many and what it costs, confirming, and who was sent what."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Level, Unit
from ledgers.once import new_token
from ledgers.views.saving import saved, sent
from lib.month import Month
from subsidies import work
from subsidies.messages import actions, gateways, sending, unreached
from subsidies.messages.audience import AUDIENCES, EVERYBODY
from subsidies.messages.forms import MailingForm
from subsidies.messages.views.templates import HOME, tabs
from subsidies.models import Mailing, Message, MessageTemplate

PAGE = 50
MAILINGS = {"label": "短信批次", "url": "/publicity/mailings/"}
NO_GATEWAY = "未配置短信网关，短信发不出去；微信文字可以照常复制转发。要发短信，请管理员按运行手册设置网关。"
TONES = {"draft": "warn", "sending": "info", "paused": "bad", "done": "good", "void": ""}


@needs("message.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mailing_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """Whom this template goes to; sent, the list is frozen and shown with its cost."""
    found = MessageTemplate.objects.visible_to(request.user).select_related("unit")
    one = get_object_or_404(found, pk=pk)
    units = _units(request)
    first = {"form_token": new_token(), "audience": EVERYBODY, "unit": units[0].code}
    form = MailingForm(sent(request), initial=first, units=[(unit.code, unit.full_name) for unit in units])
    if done := saved(request, form, lambda: _prepare(request, one, units, form)):
        return done
    context = {
        "breadcrumbs": [
            HOME,
            {"label": one.title, "url": reverse("publicity:template", args=[one.pk])},
            {"label": "发送"},
        ],
        "template": one,
        "form": form,
        "no_gateway": _no_gateway(),
    }
    return render(request, "subsidies/messages/mailing_new.html", context, status=422 if form.errors else 200)


def _units(request: OfficeRequest) -> list[Unit]:
    """One's own unit and those below it, villages only for a township."""
    found = Unit.objects.visible_to(request.user, "message", "w").filter(closed_on=None).in_order()
    if request.user.own_unit.level != Level.TOWNSHIP:
        found = found.exclude(level=Level.VILLAGE)
    return list(found.select_related("parent__parent"))


def _no_gateway() -> str:
    return NO_GATEWAY if gateways.chosen() is None else ""


def _prepare(request: OfficeRequest, one: MessageTemplate, units: list[Unit], form: MailingForm) -> str:
    unit = next(unit for unit in units if unit.code == form.cleaned_data["unit"])
    made = actions.prepare(one, unit, form.cleaned_data["audience"], request.user)
    return reverse("publicity:mailing", args=[made.pk])


@needs("message.r")
@require_GET
def mailings(request: OfficeRequest) -> HttpResponse:
    """The last mailings that concern one's units; who serves a village learns nothing of the others' numbers."""
    rows = Mailing.objects.visible_to(request.user).exclude(state=Mailing.State.VOID)
    rows = rows.select_related("template", "unit").order_by("-made_at", "-pk")[:100]
    lines = [
        {
            "mailing": row,
            "tone": TONES[row.state],
            "people": row.people if request.user.can("message", "r", row.unit) else None,
        }
        for row in rows
    ]
    context = {
        "tabs": tabs(request, "publicity:mailings"), "lines": lines, "no_gateway": _no_gateway(),
        "untold": unreached.told(request.user, Month.current()),
    }  # fmt: skip
    return render(request, "subsidies/messages/mailings.html", context)


@needs("message.r")
@require_GET
def mailing(request: OfficeRequest, pk: int) -> HttpResponse:
    """One mailing: before it is confirmed how many and what it costs, then who was sent it and what became of it."""
    one = _mailing(request, pk)
    user = request.user
    state = request.GET.get("state", "")
    state = state if state in Message.State else ""
    found = Message.objects.visible_to(user).filter(mailing=one)
    rows, links = _page(request, found.filter(state=state) if state else found, state)
    numbers = actions.counts(one, user)
    may_write = user.can("message", "w", one.unit)
    context = {
        "breadcrumbs": [HOME, MAILINGS, {"label": one.template.title}],
        "mailing": one,
        "audience": AUDIENCES.get(one.audience, one.audience),
        "tone": TONES[one.state],
        "whole": user.can("message", "r", one.unit),
        "sample": one.template.text_for(rows[0].laborer.name, rows[0].village.name) if rows else "",
        "tabs": _tabs(numbers, state),
        "rows": rows,
        "shown": f"共 {sum(line['people'] for line in numbers if state in ('', line['state'])):,} 人",
        "may_write": may_write,
        "facts": [
            {"label": "收到的人", "value": f"{one.people:,}", "unit": "人"},
            {"label": "短信", "value": f"{one.parts:,}", "unit": "条"},
            {"label": "没有手机号，不发", "value": f"{one.without_phone:,}", "unit": "人"},
            {"label": "本周已发满，不发", "value": f"{one.over_limit:,}", "unit": "人"},
        ],
        "no_gateway": _no_gateway(),
        "is_quiet": sending.is_quiet(),
        **links,
    }
    return render(request, "subsidies/messages/mailing.html", context)


def _mailing(request: OfficeRequest, pk: int, letter: str = "r") -> Mailing:
    found = Mailing.objects.visible_to(request.user, letter).select_related(
        "template", "unit", "made_by", "confirmed_by"
    )
    return get_object_or_404(found, pk=pk)


def _tabs(numbers: list[dict[str, Any]], chosen: str) -> list[dict[str, Any]]:
    every = {
        "label": "全部",
        "url": "?",
        "active": not chosen,
        "count": sum(one["people"] for one in numbers),
    }
    return [every] + [
        {
            "label": one["label"],
            "url": f"?{urlencode({'state': one['state']})}",
            "active": one["state"] == chosen,
            "count": one["people"],
        }
        for one in numbers
        if one["people"] or one["state"] == chosen
    ]


def _page(request: OfficeRequest, found: QuerySet, state: str) -> tuple[list[Message], dict[str, str]]:
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal() and len(after) < 19:
        found = found.filter(pk__gt=int(after))
    rows = list(found.select_related("laborer", "village").order_by("pk")[: PAGE + 1])
    query = {"state": state} if state else {}
    more = urlencode(query | {"after": rows[PAGE - 1].pk}) if len(rows) > PAGE else ""
    return rows[:PAGE], {
        "prev_url": f"?{urlencode(query)}" if after else "",
        "next_url": f"?{more}" if more else "",
    }


@needs("message.w")
@require_POST
def mailing_confirm(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _mailing(request, pk, "w")
    try:
        actions.confirm(one, request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("publicity:mailing", one.pk)
    if one.state == Mailing.State.SENDING and work.start_sending(one, request.user) is None:
        messages.success(request, "已确认。现在是休息时间，明早自动发送。")
    else:
        messages.success(request, "已确认，正在发送。离开本页不影响发送。")
    return redirect("publicity:mailing", one.pk)


@needs("message.w")
@require_POST
def mailing_stop(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _mailing(request, pk, "w")
    actions.stop(one, request.user)
    messages.success(
        request, "已作废，没有发出。" if one.state == Mailing.State.VOID else "已停止，余下的不再发送。"
    )
    return redirect("publicity:mailing", one.pk)


@needs("message.w")
@require_POST
def mailing_receipts(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _mailing(request, pk, "w")
    work.start_receipts(one, request.user)
    messages.success(request, "正在向网关查询，稍后刷新本页。")
    return redirect("publicity:mailing", one.pk)
