"""时限: who waits for a service that has a time limit, by unit; 认定 and 消除 of 零就业户."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.models import Unit, User
from ledgers import codes, serving
from ledgers.clocks import reading
from ledgers.clocks.table import BY_KEY, CLOCKS, DECISIONS, Clock
from ledgers.fields import day_field, words_field
from ledgers.models import Household
from ledgers.views.lists import months_of, unit_choices, unit_of
from ledgers.views.saving import form_page, sent

PAGE = 50


class ClockFilter(forms.Form):
    """Which unit and which rows of a clock."""

    unit = forms.ChoiceField(label="单位")
    state = forms.ChoiceField(
        label="期限",
        required=False,
        choices=[("", "全部"), *((key, name) for key, (name, _) in reading.STATES.items())],
    )


@needs("service.r")
@require_GET
def clocks(request: OfficeRequest) -> HttpResponse:
    """One clock of a unit; without one named, the first that somebody is late for."""
    user, unit = request.user, unit_of(request.user, request.GET.get("unit", ""))
    at = reading.moment(next(iter(months_of(unit)), None))
    villages = reading.reach(user, unit)
    late = reading.late(villages, at)
    clock = _clock(request.GET.get("clock", ""), late)
    state = request.GET.get("state", "") if clock.allowance else ""
    number = _number(request.GET.get("page", ""))
    found = reading.rows(clock, villages, at, state)[number * PAGE : (number + 1) * PAGE + 1]
    lines = reading.lines(clock, found, at)
    form = ClockFilter(initial={"unit": unit.code, "state": state}, auto_id="filter_%s")
    form.fields["unit"] = forms.ChoiceField(label="单位", choices=unit_choices(user, unit))
    if not clock.allowance:
        del form.fields["state"]
    context: dict[str, Any] = {
        "unit": unit,
        "clock": clock,
        "at": at,
        "is_past": at < timezone.now() - dt.timedelta(days=1),
        "form": form,
        "tabs": _tabs(unit, clock, late, user),
        "lines": lines[:PAGE],
        "may_recognise": user.can("service", "a", unit),
        **_pages(number, len(lines) > PAGE, {"unit": unit.code, "clock": clock.key, "state": state}),
    }
    return render(request, "ledgers/clocks.html", context)


def _clock(key: str, late: dict[str, int]) -> Clock:
    if key and key not in BY_KEY:
        raise Http404
    return BY_KEY[key] if key else next((clock for clock in CLOCKS if clock.name in late), CLOCKS[0])


def _tabs(unit: Unit, chosen: Clock, late: dict[str, int], user: User) -> list[dict[str, object]]:
    """Every clock with how many are late; the decisions for those who may make them."""
    shown = [*CLOCKS, *(DECISIONS if user.can("service", "a", unit) or chosen in DECISIONS else ())]
    return [
        {
            "label": clock.name,
            "url": f"?{urlencode({'unit': unit.code, 'clock': clock.key})}",
            "active": clock == chosen,
            "count": late.get(clock.name) or "",
        }
        for clock in shown
    ]


def _number(text: str) -> int:
    """The page asked for, counted from nought; nonsense is the first one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0


def _pages(number: int, more: bool, query: dict[str, str]) -> dict[str, str]:
    def to(page: int) -> str:
        return f"?{urlencode({key: value for key, value in query.items() if value} | {'page': page})}"

    links = {"prev_url": to(number - 1) if number else "", "next_url": to(number + 1) if more else ""}
    return links | {"shown": f"第{number + 1}页" if number or more else ""}


# ── 零就业户 ─────────────────────────────────────────────────────────────────────────────────────────────────────


class RecogniseForm(forms.Form):
    day = day_field("认定日期", help_text="一个月内至少一人就业，从这一天算起。")
    basis = words_field("认定依据", help_text="谁在什么时候入户核实、依据什么文件。")


class ClearForm(forms.Form):
    why = forms.ChoiceField(label="消除原因", choices=codes.choices(codes.CLEARED), widget=forms.RadioSelect)
    day = day_field("消除日期")
    note = words_field("消除依据", help_text="就业的写明谁在哪里上岗；其他原因写明证明材料。")


@needs("service.a")
@require_http_methods(["GET", "HEAD", "POST"])
def recognise(request: OfficeRequest, pk: int) -> HttpResponse:
    def act(household: Household, data: dict) -> str:
        serving.recognise(household, data["day"], data["basis"], request.user)
        return "已认定为零就业户。"

    return _decide(request, pk, RecogniseForm, "认定零就业户", act)


@needs("service.a")
@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: OfficeRequest, pk: int) -> HttpResponse:
    def act(household: Household, data: dict) -> str:
        serving.clear(household, data["day"], data["why"], data["note"], request.user)
        return "已登记消除。"

    return _decide(request, pk, ClearForm, "消除零就业户", act)


def _decide(request: OfficeRequest, pk: int, kind: type[forms.Form], title: str, act) -> HttpResponse:
    households = Household.objects.visible_to(request.user).select_related("village__parent__parent")
    household = get_object_or_404(households, pk=pk)
    if not request.user.can("service", "a", household.village):
        raise Http404
    back = f"{reverse('ledgers:clocks')}?{urlencode({'unit': household.village.code, 'clock': 'zero'})}"
    form = kind(sent(request), initial={"day": timezone.localdate()})

    def save(said: dict[str, Any]) -> str:
        messages.success(request, f"{household.head_name or household.number}户：{act(household, said)}")
        return back

    context = {
        "page_title": title,
        "household": household,
        "back": back,
        "members": household.members.filter(person_state=codes.NORMAL)
        .order_by("birth_date")
        .defer("id_no", "phone"),
    }
    return form_page(request, form, save, context, "ledgers/zero_household.html")
