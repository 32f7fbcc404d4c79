"""The forms of 公益性岗位, one per step: each knows its row, so that it can begin with what is likely."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Unit
from ledgers import search
from ledgers.codes import choices
from ledgers.fields import YuanField, day_field, words_field
from ledgers.models import Laborer
from posts import opening
from posts.models import (
    CADRES,
    CONTRACT_KINDS,
    EXIT_GROUNDS,
    FUNDINGS,
    POST_CATEGORIES,
    POST_LEVELS,
    Appointment,
    Candidate,
    Post,
    Recruitment,
)
from posts.rules import Limits, questions

NONE = ("", "请选择")


class ProposalForm(forms.Form):
    """申请设岗: where, what, for how much."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="设岗村", to_field_name="code", empty_label="请选择"
    )
    category = forms.ChoiceField(label="岗位类别", choices=[NONE, *choices(POST_CATEGORIES)])
    title = forms.CharField(label="岗位名称", max_length=40, help_text="如“村级护林员”。")
    duties = forms.CharField(
        label="岗位职责",
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text="做什么、在哪里、多久一次。",
    )
    area = forms.CharField(label="责任片区", max_length=100, required=False)
    level = forms.ChoiceField(label="开发层级", choices=choices(POST_LEVELS), initial="村级")
    funding = forms.ChoiceField(label="资金来源", choices=[NONE, *choices(FUNDINGS)])
    department = forms.CharField(
        label="主管部门", max_length=60, required=False, help_text="如林业局、农业农村局。"
    )
    employer = forms.CharField(
        label="用人单位", max_length=60, required=False, help_text="与本人签合同的单位。"
    )
    monthly_fen = YuanField(label="补贴标准（元/月）", max_length=12)
    days_required = forms.IntegerField(label="规定出勤天数（天/月）", min_value=1, max_value=31)
    reason = words_field("申请理由")

    def __init__(self, *args: Any, villages: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["unit"]
        place.queryset = villages
        if villages.count() == 1:
            place.initial = villages.get().code


class StepForm(forms.Form):
    """What every step gets: the row it is about."""

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.begin()

    def begin(self) -> None:
        """Set what is likely, once the row is known."""


class NothingForm(StepForm):
    """A step that only asks whether."""


class ReasonForm(StepForm):
    reason = words_field("理由")


class OpenForm(StepForm):
    on = day_field("开发日期", initial=timezone.localdate)

    def begin(self) -> None:
        post: Post = self.row
        over = opening.ceilings_over(post.unit, timezone.localdate().year, "", post.category)
        told = [opening.taken(one, opening.open_under(one)) for one in over]
        self.fields["on"].help_text = "；".join(told) + "。" if told else "县里没有设岗位数量上限。"


class AnnounceForm(StepForm):
    notice = forms.CharField(
        label="公告内容", max_length=1000, widget=forms.Textarea({"rows": 5}),
        help_text="岗位、人数、条件、待遇、报名时间和地点。张贴在村公示栏，发到村民群。",
    )  # fmt: skip
    from_on = day_field("报名开始", initial=timezone.localdate)
    until_on = day_field("报名截止")

    def begin(self) -> None:
        post: Post = self.row
        yuan = f"，每月{post.monthly_fen // 100}元" if post.monthly_fen else ""
        self.fields["notice"].initial = (
            f"{post.unit.name}招聘{post.title}1名{yuan}。条件：本村脱贫户、监测户劳动力，年满16周岁，能胜任岗位，"
            f"不是村干部。职责：{(post.duties or '按岗位要求').rstrip('。')}。报名：到村委会登记。"
        )
        self.fields["until_on"].initial = timezone.localdate() + dt.timedelta(days=7)


class ApplyForm(StepForm):
    who = forms.CharField(
        label="应聘人", max_length=30, help_text="姓名、身份证末四位或完整身份证号码，限本村台账中的人。"
    )
    on = day_field("报名日期", initial=timezone.localdate)
    cadre = forms.ChoiceField(
        label="本人是否任村干部", choices=[("", "不是村干部"), *choices(CADRES)], required=False,
        help_text="由本人声明。村党组织书记、副书记，村委会主任、副主任、文书等都算。",
    )  # fmt: skip
    cadre_family = forms.BooleanField(label="是村干部的近亲属", required=False)

    def clean_who(self) -> Laborer:
        recruitment: Recruitment = self.row
        found = search.understand(self.cleaned_data["who"])
        if found is None or found.message:
            raise forms.ValidationError(found.message if found else "请填写应聘人。")
        people = Laborer.objects.filter(village=recruitment.post.unit).filter(found.condition())
        exact = [one for one in people[:20] if one.name == found.value] or list(people[:20])
        if not exact:
            raise forms.ValidationError("本村台账中没有这个人，请核对姓名或号码；新识别的人先办采集表。")
        if len(exact) > 1:
            raise forms.ValidationError(f"本村有{len(exact)}人符合，请填身份证末四位或完整身份证号码。")
        return exact[0]


class MeetingForm(StepForm):
    on = day_field("会议日期", initial=timezone.localdate)
    text = words_field("会议情况", help_text="应到、实到人数和表决结果。")


class NoticeForm(StepForm):
    from_on = day_field("公示开始", initial=timezone.localdate)
    until_on = day_field("公示截止")

    def begin(self) -> None:
        from posts.facts import limits_of

        candidate: Candidate = self.row
        days = limits_of(candidate.recruitment.post.unit).notice_days
        self.fields["until_on"].initial = timezone.localdate() + dt.timedelta(days=days)
        self.fields["until_on"].help_text = f"首尾两天都算，不少于{days}天。"


class RecommendForm(StepForm):
    objections = words_field("公示有无异议及处理结果")
    explained = words_field("情况说明", required=False)
    opinion = words_field("乡镇意见")

    def begin(self) -> None:
        from posts.facts import clauses_for

        open_ones = questions(clauses_for(self.row))
        field = self.fields["explained"]
        field.required = bool(open_ones)
        field.help_text = (
            "要说明：" + "".join(one.text for one in open_ones) if open_ones else "没有要说明的可以不写。"
        )


class FileForm(StepForm):
    since = day_field("聘用日期", initial=timezone.localdate)
    kind = forms.ChoiceField(
        label="合同种类", choices=[("", "暂未签订"), *choices(CONTRACT_KINDS)], required=False
    )
    contract_number = forms.CharField(label="合同编号", max_length=40, required=False)
    until = day_field("合同到期", required=False, help_text="最长一年。")
    insured_until = day_field("意外险到期日", required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if bool(said.get("kind")) != bool(said.get("until")):
            raise forms.ValidationError("签了合同的，合同种类和到期日期都要填。")
        return said


class ContractForm(StepForm):
    kind = forms.ChoiceField(label="合同种类", choices=[NONE, *choices(CONTRACT_KINDS)])
    number = forms.CharField(label="合同编号", max_length=40, required=False)
    from_on = day_field("合同开始")
    until_on = day_field("合同到期", help_text="最长一年。")

    def begin(self) -> None:
        held: Appointment = self.row
        last = held.contracts.order_by("-until_on").first()
        self.fields["from_on"].initial = last.until_on + dt.timedelta(days=1) if last else held.started_on
        self.fields["kind"].initial = last.kind if last else ""


class InsureForm(StepForm):
    until = day_field("意外险到期日")


class NotifyForm(StepForm):
    ground = forms.ChoiceField(label="退岗情形", choices=[NONE, *choices(EXIT_GROUNDS)])
    on = day_field("告知日期", initial=timezone.localdate)
    note = words_field("退岗说明", help_text="怎样告知本人，本人有什么意见。")

    def begin(self) -> None:
        held: Appointment = self.row
        self.fields["ground"].initial = held.exit_ground
        self.fields["note"].initial = held.exit_note


class DecideForm(StepForm):
    on = day_field("决定日期", initial=timezone.localdate)
    stop_pay_on = day_field("停发补贴日期", help_text="从这一天起不再在岗，不再发补贴。")

    def begin(self) -> None:
        self.fields["stop_pay_on"].initial = timezone.localdate() + dt.timedelta(days=1)


class FileExitForm(StepForm):
    successor = forms.TypedChoiceField(
        label="岗位是否补聘", choices=[("yes", "补聘，重新招聘"), ("no", "不再补聘，岗位另行撤销")],
        coerce=lambda value: value == "yes", widget=forms.RadioSelect,
    )  # fmt: skip


class PolicyForm(forms.Form):
    """岗位规定 of a county."""

    notice_days = forms.IntegerField(label="公示不少于（天）", min_value=1, max_value=30)
    new_under = forms.IntegerField(label="新聘年龄上限（不满，周岁）", min_value=17, max_value=80)
    stay_under = forms.IntegerField(label="在岗年龄上限（不满，周岁）", min_value=17, max_value=80)
    one_per_household = forms.BooleanField(label="每户只聘一人，再聘要写明原因", required=False)
    no_cadre_family = forms.BooleanField(label="村干部近亲属不得聘用", required=False)
    least_a_year = forms.IntegerField(
        label="补贴标准不低于（元/年）",
        min_value=0,
        max_value=100_000,
        help_text="低于的在公岗页标出；填0不比较。",
    )

    @property
    def limits(self) -> Limits:
        return Limits(**self.cleaned_data)


class CeilingForm(forms.Form):
    """岗位数量上限 of a unit, a year and a category."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="单位", to_field_name="code", empty_label=None)
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2099)
    category = forms.ChoiceField(
        label="岗位类别", choices=[("", "全部岗位"), *choices(POST_CATEGORIES)], required=False
    )
    number = forms.IntegerField(
        label="上限（个）", min_value=0, max_value=99_999, required=False, help_text="不填表示取消上限。"
    )

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["unit"]
        place.queryset = units


class PostFilter(forms.Form):
    """What the list of posts is narrowed to."""

    q = forms.CharField(
        label="岗位", max_length=30, required=False, widget=forms.TextInput({"placeholder": "岗位名称或编号"})
    )
    unit = forms.ChoiceField(label="单位", required=False)
    category = forms.ChoiceField(
        label="类别", choices=[("", "全部"), *choices(POST_CATEGORIES)], required=False
    )
    state = forms.ChoiceField(
        label="状态",
        choices=[
            ("", "全部"),
            ("mine", "待我办理"),
            ("doubtful", "在岗人员有疑点"),
            ("vacant", "空岗"),
            *Post.State.choices,
        ],
        required=False,
    )

    def __init__(self, data: dict[str, str], units: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        place: Any = self.fields["unit"]
        place.choices = units
