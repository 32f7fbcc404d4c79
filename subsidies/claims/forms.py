"""Forms of claims: nothing the ledger knows is asked; amounts are never a field."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from jobs import papers
from ledgers.codes import choices
from ledgers.fields import day_field, paper_field
from subsidies.claims.applying import promised, rewarded
from subsidies.claims.rules import CONSENT_HOWS, Consent
from subsidies.models import AGENT, OWN, RELATIONS, Claim, SchemeVersion

NEEDED_OF_AN_AGENT = {
    "agent_name": "请填写代办人姓名。",
    "agent_relation": "请选择代办人与本人的关系：代办人只能是本人亲属、乡村干部、驻村帮扶干部。",
    "consent_on": "没有本人委托不能代办，请先取得委托，填写委托日期。",
    "consent_how": "请选择委托方式。",
    "consent_file": "代办的请上传委托书。",
}


class ApplyForm(forms.Form):
    """Who applies, what the person promises on paper, and into which account of the person's own."""

    how = forms.ChoiceField(
        label="申请方式", choices=choices((OWN, AGENT)), widget=forms.RadioSelect, initial=OWN
    )
    agent_name = forms.CharField(label="代办人姓名", max_length=50, required=False)
    agent_relation = forms.ChoiceField(
        label="代办人与本人关系", required=False, choices=[("", "请选择"), *choices(RELATIONS)],
        help_text="只能是本人亲属、乡村干部、驻村帮扶干部。",
    )  # fmt: skip
    agent_phone = forms.CharField(label="代办人电话", max_length=20, required=False)
    consent_on = day_field("委托日期", required=False, help_text="先取得本人委托，再代办。")
    consent_how = forms.ChoiceField(
        label="委托方式", required=False, choices=[("", "请选择"), *choices(CONSENT_HOWS)]
    )
    consent_file = paper_field(
        "委托书",
        required=False,
        help_text="委托书照片或PDF；电话、视频委托的，上传记录截图。",
    )
    bank = forms.CharField(label="开户行", max_length=60, required=False)
    number = forms.CharField(
        label="社保卡（一卡通）账号", max_length=40, required=False, help_text="只能是本人账户。",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(
        self, scheme: SchemeVersion, *args: Any, account: str = "", claim: Claim | None = None, **kw: Any
    ):
        super().__init__(*args, **kw)
        self.promised = [*promised(scheme), *rewarded(scheme)]
        self.has_paper = bool(claim and claim.consent_file_id)
        for place, paper in enumerate(self.promised):
            self.fields[f"declared{place}"] = forms.BooleanField(
                label=f"本人书面承诺或证明：{paper}", required=False
            )  # fmt: skip
        if account:
            self.fields[
                "number"
            ].help_text = f"已登记{account}，不用填；要更换的，先在个人页“收款账户”提出更正。"

    @property
    def promises(self) -> list[forms.BoundField]:
        return [self[f"declared{place}"] for place in range(len(self.promised))]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("number") and not said.get("bank"):
            self.add_error("bank", "请填写开户行。")
        if said.get("how") == AGENT:
            for name, told in NEEDED_OF_AN_AGENT.items():
                if (
                    not said.get(name)
                    and name not in self.errors
                    and not (name == "consent_file" and self.has_paper)
                ):
                    self.add_error(name, told)
        return said

    def terms(self) -> dict[str, Any]:
        """What the verbs ask for."""
        said = self.cleaned_data
        consent = None
        if said["how"] == AGENT:
            consent = Consent(
                said["agent_name"], said["agent_relation"], said["consent_on"], said["consent_how"],
                said["agent_phone"], papers.read(said["consent_file"], "委托书"),
            )  # fmt: skip
        declared = [paper for place, paper in enumerate(self.promised) if said[f"declared{place}"]]
        account = (said["bank"], said["number"]) if said["number"] else None
        return {"consent": consent, "declared": declared, "account": account}


class WaiveForm(forms.Form):
    """The person gives the benefit up: own words, why, before whom, when, signed."""

    words = forms.CharField(
        label="本人原话",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="照本人说的写，不要改写。",
    )
    reason = forms.CharField(label="放弃原因", max_length=100, min_length=4)
    witness = forms.CharField(label="见证人", max_length=50)
    on = day_field("放弃日期")
    file = paper_field("签字页", help_text="本人签字的放弃声明，照片或PDF，不超过8MB。")


class NoticeForm(forms.Form):
    """Where and from when to when the list is up."""

    from_on = day_field("公示开始")
    until_on = day_field("公示截止")
    place = forms.CharField(label="公示地点", max_length=60, initial="村委会公示栏")

    def __init__(self, days: int, data: Any = None) -> None:
        today = timezone.localdate()
        first = {"from_on": today, "until_on": today + dt.timedelta(days=days - 1)}
        super().__init__(data, initial=first)
        self.fields["until_on"].help_text = f"不少于{days}天。"


class PhotoForm(forms.Form):
    file = paper_field("公示照片", help_text="能看清公示栏和名单的照片，不超过8MB。")


class EndForm(forms.Form):
    objections = forms.CharField(
        label="异议情况", max_length=1000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text="没有异议的不用填；有异议的先把那几份申请退回，再在这里写明。",
    )  # fmt: skip


class PaperForm(forms.Form):
    """One document of the checklist."""

    name = forms.ChoiceField(label="材料")
    file = paper_field("文件", help_text="照片或PDF，不超过8MB。")

    def __init__(self, names: list[str], *args: Any, first: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.ChoiceField(label="材料", choices=choices(names), initial=first)
