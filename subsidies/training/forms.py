"""Forms of 培训."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms

from ledgers import codes
from ledgers.codes import choices
from ledgers.fields import YuanField, day_field
from subsidies.training.certifying import KINDS
from subsidies.training.rules import class_days

_LINE = re.compile(r"(?P<trade>.*?\D)[\s:：,，、]*(?P<people>\d{1,6})\s*人?")
_DAYS = re.compile(r"[\s,，、;；]+")


class PlanForm(forms.Form):
    """The plan of one county and year."""

    year = forms.IntegerField(label="年度", min_value=2000, max_value=2999)
    lines = forms.CharField(
        label="培训工种和人数", max_length=2000, widget=forms.Textarea({"rows": 5}),
        help_text="每行一个工种，后面写人数，例如：电工 60。",
    )  # fmt: skip
    daily = YuanField(
        label="生活费补贴标准（元/人·天）", max_length=12, help_text="按本县文件填写；默认15元。"
    )
    per_year = forms.IntegerField(label="每人每年最多参加次数", min_value=1, max_value=12)
    same_trade = forms.BooleanField(label="同一工种可以重复培训", required=False)
    least_percent = forms.IntegerField(
        label="结业最低出勤率（%）",
        min_value=1,
        max_value=100,
        help_text="出勤天数达到这个比例的，才算结业。",
    )
    basis = forms.CharField(label="文件依据", max_length=100, required=False)

    def clean_lines(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), 1):
            if not line.strip():
                continue
            match = _LINE.fullmatch(line.strip())
            trade = match["trade"].strip(" :：,，、\t") if match else ""
            if match is None or not trade or len(trade) > 40:
                raise forms.ValidationError(f"第{number}行看不懂，应写成“电工 60”的样子。")
            if trade in found:
                raise forms.ValidationError(f"第{number}行“{trade}”重复，请合并成一行。")
            found[trade] = int(match["people"])
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {name: said[name] for name in ("per_year", "same_trade", "least_percent", "basis")} | {
            "daily_fen": said["daily"]
        }


class ClassForm(forms.Form):
    """What is taught, by whom, where and on which days."""

    name = forms.CharField(label="培训班名称", max_length=60, help_text="带上期次，例如：电工一期。")
    trade = forms.ChoiceField(label="培训工种")
    kind = forms.ChoiceField(
        label="培训类别", choices=choices(codes.TRAINING_KINDS), widget=forms.RadioSelect
    )
    unit = forms.ChoiceField(label="开班单位", help_text="培训班只收开班单位所辖的人。")
    organiser = forms.CharField(label="培训机构", max_length=60)
    teacher = forms.CharField(label="授课教师", max_length=40, required=False)
    place = forms.CharField(label="培训地点", max_length=60, required=False)
    places = forms.IntegerField(label="名额", min_value=1, max_value=2000)
    starts_on = day_field("开始日期", required=False, help_text="日期没定的可以先空着，开班前必须填写。")
    ends_on = day_field("结束日期", required=False)
    weekends = forms.BooleanField(label="周末上课", required=False)
    off = forms.CharField(
        label="停课日期",
        max_length=400,
        required=False,
        help_text="中间停课的日子，例如：2023-04-05，2023-04-06。",
    )

    def __init__(self, *args, trades: list[str], units: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trade"].choices = [(one, one) for one in trades]  # type: ignore[attr-defined]
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        self.days: list[dt.date] = []

    def clean_off(self) -> list[dt.date]:
        words = [word for word in _DAYS.split(self.cleaned_data["off"]) if word]
        try:
            return [dt.date.fromisoformat(word) for word in words]
        except ValueError:
            raise forms.ValidationError("停课日期应写成“2023-04-05”的样子，用逗号隔开。") from None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        first, last = said.get("starts_on"), said.get("ends_on")
        if bool(first) != bool(last) and not self.errors:
            self.add_error("ends_on", "开始日期和结束日期要一起填写。")
        if first and last:
            try:
                self.days = class_days(first, last, said.get("weekends", False), said.get("off") or [])
            except ValueError as error:
                self.add_error("ends_on", str(error))
        return said

    @property
    def said(self) -> dict[str, Any]:
        names = ("name", "trade", "kind", "organiser", "teacher", "place", "places")
        return {name: self.cleaned_data[name] for name in names}


def day_fields(days: list[dt.date]) -> dict[str, Any]:
    """Initial values of the date fields for these days."""
    if not days:
        return {"weekends": True}
    first, last = days[0], days[-1]
    weekends = any(day.weekday() > 4 for day in days)
    off = set(class_days(first, last, weekends)) - set(days)
    return {
        "starts_on": first, "ends_on": last, "weekends": weekends,
        "off": "，".join(str(day) for day in sorted(off)),
    }  # fmt: skip


class WhyForm(forms.Form):
    """Why: of whatever is taken back."""

    why = forms.CharField(label="原因", min_length=4, max_length=100, widget=forms.Textarea({"rows": 2}))


class NumberForm(forms.Form):
    """Somebody who has no wish registered, found by the number on the card."""

    id_no = forms.CharField(
        label="身份证号码", max_length=30, widget=forms.TextInput({"autocomplete": "off"}),
        help_text="没有登记培训意愿、但本人要求参加的。",
    )  # fmt: skip


class CertificateForm(forms.Form):
    """The certificate of one person."""

    kind = forms.ChoiceField(label="证书名称", choices=choices(KINDS))
    number = forms.CharField(label="证书编号", max_length=40)
    level = forms.CharField(label="等级", max_length=20, required=False)
    issued_on = day_field("发证日期")


class PayForm(forms.Form):
    """When the money went out, and by which voucher."""

    on = day_field("发放日期")
    voucher = forms.CharField(label="发放凭证", max_length=60, help_text="例如支付凭证号、批次号。")
