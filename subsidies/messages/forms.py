"""Forms of 政策宣传."""

from __future__ import annotations

from django import forms
from django.utils.functional import cached_property

from ledgers.codes import choices
from subsidies.messages.audience import AUDIENCES
from subsidies.messages.texts import KINDS, LONGEST, Words, problems
from subsidies.schemes import CHOICES


class TemplateForm(forms.Form):
    kind = forms.ChoiceField(label="方式", choices=choices(KINDS), widget=forms.RadioSelect)
    scheme = forms.ChoiceField(label="政策", choices=CHOICES)
    title = forms.CharField(label="名称", max_length=40, help_text="给自己看的，例如：稳岗补贴申领提醒。")
    text = forms.CharField(
        label="内容",
        max_length=LONGEST + 100,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="可以用{姓名}、{村}、{政策}、{标准}、{截止日期}、{联系电话}，发送时自动换成实际内容。微信文字不用{姓名}。",
    )
    standard = forms.CharField(
        label="标准", max_length=60, required=False, help_text="当年文件规定的标准，例如：每年300元。"
    )
    deadline = forms.DateField(label="截止日期", required=False)
    contact = forms.CharField(label="联系电话", max_length=40, required=False, help_text="办公电话。")
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    form_token = forms.CharField(widget=forms.HiddenInput, max_length=36)

    def clean(self) -> dict:
        super().clean()
        if self.cleaned_data.get("text"):
            for sentence in problems(self.words):
                self.add_error("text", sentence)
        return self.cleaned_data

    @cached_property
    def words(self) -> Words:
        """What is filled in, as it was before a mistake was found in it."""
        data = self.cleaned_data
        return Words(
            data.get("kind") or KINDS[0],
            data.get("scheme") or CHOICES[0][0],
            data.get("text") or "",
            data.get("standard") or "",
            data.get("deadline"),
            data.get("contact") or "",
        )


class MailingForm(forms.Form):
    """`units` are (code, name) of the units that the sender may send to."""

    unit = forms.ChoiceField(label="发给哪里的人")
    audience = forms.ChoiceField(
        label="发给哪些人", choices=list(AUDIENCES.items()), widget=forms.RadioSelect
    )
    form_token = forms.CharField(widget=forms.HiddenInput, max_length=36)

    def __init__(self, *args, units: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]  # a ChoiceField, as declared above
