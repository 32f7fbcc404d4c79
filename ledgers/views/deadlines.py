"""The deadline of 填报 on the 月份 page: set it, allow a village or township longer, end that early."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.models import Level, Unit
from ledgers import entry
from ledgers.deadline import rule_of, rules_for, spoken
from ledgers.fields import day_field
from ledgers.models import EntryException
from ledgers.models.entry import LONGEST
from ledgers.periods import entry_state
from ledgers.views.saving import form_page, sent
from lib.month import Month, MonthFormField
from lib.rendering import MonthInput

MANY = 1000  # units; above this a list leaves the villages out
HISTORY = 10  # rules shown


class DeadlineForm(forms.Form):
    """From which month on, and up to which of its days."""

    from_month = MonthFormField(label="从哪个月起", widget=MonthInput)
    day = forms.TypedChoiceField(
        label="填报截止日",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "不设截止日"), *((day, f"当月{day}日") for day in range(1, 29))],
        help_text="截止日当天24时停止填报。不设截止日的，填到月份关闭为止。",
    )


class _Place(forms.ModelChoiceField):
    """Townships, each followed by its villages."""

    def label_from_instance(self, unit: Unit) -> str:
        return f"\u3000{unit.name}" if unit.level == Level.VILLAGE else unit.name


class ExceptionForm(forms.Form):
    """Who may fill in longer, until when, and why."""

    unit = _Place(
        Unit.objects.none(),
        label="单位",
        to_field_name="code",
        empty_label="请选择",
        help_text="选乡镇的，它的各村都可以补录。",
    )
    until = day_field("可补录到", help_text=f"最长{LONGEST}天，到期自动停止。")
    reason = forms.CharField(
        label="原因",
        min_length=4,
        max_length=200,
        help_text="会印在当月通报附件的注里，例如“山洪断网，逾期两天”。不要写个人姓名。",
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, unit: Unit, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        below = Unit.objects.under(unit).filter(level__in=entry.EXCEPTED, closed_on=None)
        many = below.count() > MANY
        places = cast(Any, self.fields["unit"])
        places.queryset = (below.exclude(level=Level.VILLAGE) if many else below).in_order()


def _unit(request: OfficeRequest, code: str) -> Unit:
    return get_object_or_404(Unit.objects.visible_to(request.user, "month", "w"), code=code)


def _months(unit: Unit) -> str:
    return f"{reverse('ledgers:months')}?unit={unit.code}"


@needs("month.w")
@require_http_methods(["GET", "HEAD", "POST"])
def deadline(request: OfficeRequest, code: str) -> HttpResponse:
    """Say what is in force; POST sets what holds from a month on."""
    unit = _unit(request, code)
    rules = rules_for(unit)
    rule = rule_of(rules, Month.current())
    first = {"from_month": Month.current(), "day": rule.day if rule else settings.MONTH_LOCK_DAY}

    def save(said: dict[str, Any]) -> str:
        made = entry.set_rule(unit, said["from_month"], said["day"], request.user)
        messages.success(request, f"{unit.name}：{made.words}。")
        return _months(unit)

    context = {
        "unit": unit,
        "rules": sorted(rules, key=lambda one: one.pk, reverse=True)[:HISTORY],
        "back_url": _months(unit),
    }
    form = DeadlineForm(sent(request), initial=first)
    return form_page(request, form, save, context, "ledgers/deadline.html")


@needs("month.w")
@require_http_methods(["GET", "HEAD", "POST"])
def exception_new(request: OfficeRequest, code: str, month: Month) -> HttpResponse:
    """Ask who, until when and why; `?for=` names the village or township beforehand."""
    unit = _unit(request, code)
    state = entry_state(unit, month)
    after = state.due + dt.timedelta(days=1) if state.due else dt.date.min
    until = max(timezone.localdate(), after) + dt.timedelta(days=entry.CORRECTION_DAYS - 1)
    first = {"unit": request.GET.get("for", ""), "until": until}

    def save(said: dict[str, Any]) -> str:
        made = entry.grant(said["unit"], month, said["until"], said["reason"], request.user)
        messages.success(request, f"已批准{made.unit.name}补录{month.label}，到{spoken(made.until)}为止。")
        return _months(unit)

    why = "" if state.due else state.why or f"{month.label}没有填报截止日，不用批准例外。"
    context = {"unit": unit, "month": month, "why": why, "back_url": _months(unit)}
    form = ExceptionForm(unit, sent(request), initial=first)
    return form_page(request, form, save, context, "ledgers/exception.html")


@needs("month.w")
@require_http_methods(["GET", "HEAD", "POST"])
def exception_end(request: OfficeRequest, pk: int) -> HttpResponse:
    """Ask once more; POST ends it today."""
    reach = EntryException.objects.visible_to(request.user, "w").select_related(
        "unit__parent", "granted_by", "office"
    )
    one = get_object_or_404(reach, pk=pk)
    back = _months(request.user.own_unit)
    if request.method == "POST":
        entry.end(one, request.user)
        messages.success(request, f"{one.unit.name}{one.month.label}的例外已结束。")
        return redirect(back)
    return render(request, "ledgers/exception_end.html", {"one": one, "facts": _facts(one), "back_url": back})


def _facts(one: EntryException) -> list[dict[str, str]]:
    return [
        {"label": "可补录到", "value": spoken(one.until)},
        {"label": "批准单位", "value": one.office.name},
    ]
