"""What is asked when a bulletin is begun, signed and reopened."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.models import Unit, User
from lib.month import Month, MonthFormField
from reports import reading
from reports.bulletins.layout import OFFICE

NUMBER = re.compile(r"[^\d〔〕号]{1,20}〔\d{4}〕[1-9]\d{0,4}号")


class UnitChoice(forms.ModelChoiceField):
    def label_from_instance(self, unit: Unit) -> str:
        return unit.full_name


class NewForm(forms.Form):
    """Which month of which unit, and in whose name."""

    unit = UnitChoice(Unit.objects.none(), label="发文范围")
    month = MonthFormField(label="月份")
    issuer = forms.CharField(label="发文机关", max_length=60, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.visible_to(user, "bulletin", "w").filter(level__in=("city", "county"))
        self.fields["unit"] = UnitChoice(
            units.in_order(), label="发文范围", empty_label=None, help_text="通报发给它的下级单位。"
        )
        if top := units.order_by("path").first():
            months = sorted(reading.history(top, []), reverse=True)
            self.fields["month"] = MonthFormField(
                months=months or [Month.current()], label="月份", help_text="已有统计数字的月份。"
            )
            self.fields["issuer"].help_text = f"不填则为“{top.name}{OFFICE}办公室”。"


class PublishForm(forms.Form):
    """What is fixed at signing."""

    number = forms.CharField(
        label="发文字号", max_length=40, required=False, help_text="如“示就专〔2023〕18号”；不编号可以留空。"
    )
    issued_on = forms.DateField(
        label="成文日期", widget=forms.DateInput, help_text="签发当日，印在署名下方。"
    )

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        if number and not NUMBER.fullmatch(number):
            raise forms.ValidationError(
                "发文字号应写成“机关代字〔年份〕序号”的样子，如“示就专〔2023〕18号”。"
            )
        return number


class ReasonForm(forms.Form):
    """Why a published bulletin must be reopened."""

    reason = forms.CharField(
        label="重开原因",
        min_length=4,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清哪里有误、依据是什么；原因会永久保留。",
    )
