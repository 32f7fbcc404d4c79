"""Forms of spot checks."""

from __future__ import annotations

from django import forms

from ledgers.codes import choices
from lib.month import Month, MonthFormField
from lib.rendering import MonthInput
from sampling.models import MODES, SELECTIONS

YES_NO = (("1", "是"), ("0", "否"))
LIKED = ("满意", "基本满意", "不满意")


class CampaignForm(forms.Form):
    name = forms.CharField(label="名称", max_length=60, help_text="例如：2023年3月交叉抽查。")
    month = MonthFormField(label="抽查哪个月的务工", widget=MonthInput)
    selection = forms.ChoiceField(label="乡镇选取方式", choices=choices(SELECTIONS), widget=forms.RadioSelect)
    mode = forms.ChoiceField(label="抽查方式", choices=choices(MODES), widget=forms.RadioSelect)
    due_on = forms.DateField(
        label="截止日期", required=False, help_text="过了这一天，抽查员不再看到交给自己的名单，也不能登记。"
    )
    form_token = forms.CharField(widget=forms.HiddenInput, max_length=36)

    def clean_month(self) -> Month:
        month = self.cleaned_data["month"]
        if month > Month.current():
            raise forms.ValidationError("这个月还没有到。")
        return month


def _yes_no(label: str, required: bool = False, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=YES_NO, widget=forms.RadioSelect, required=required, help_text=help_text
    )


class CallForm(forms.Form):
    """The questions in the order they are asked."""

    connected = _yes_no("接通了吗？", required=True)
    place_matches = _yes_no("务工地与台账一致吗？")
    time_matches = _yes_no("务工时间与台账一致吗？")
    knows_policy = _yes_no("知道务工补贴等政策吗？")
    employer_matches = _yes_no("企业与台账一致吗？（可不问）")
    wage_matches = _yes_no("工资额与台账一致吗？（可不问）")
    satisfaction = forms.ChoiceField(
        label="满意度（可不问）", choices=choices(LIKED), widget=forms.RadioSelect, required=False
    )
    note = forms.CharField(label="备注", required=False, max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    form_token = forms.CharField(widget=forms.HiddenInput, max_length=36)

    ASKED = ("place_matches", "time_matches", "knows_policy")

    def clean(self) -> dict:
        super().clean()
        data = self.cleaned_data
        if data.get("connected") == "1":
            for name in self.ASKED:
                if not data.get(name):
                    self.add_error(name, "接通的电话要问这一项。")
        return data

    def answers(self) -> dict:
        """What sampling.actions.record_call takes."""
        words = {"satisfaction", "note"}
        return {
            name: value if name in words else {"1": True, "0": False}.get(value)
            for name, value in self.cleaned_data.items()
            if name not in {"seen", "form_token"}
        }
