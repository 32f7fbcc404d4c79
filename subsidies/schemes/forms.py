"""A scheme version as forms: an office ticks conditions and fills in numbers; the rule's JSON is made from them.

The vocabulary decides the fields: every clause of subsidies.clauses is offered, ticked or not, with its parameters.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from ledgers.codes import JOB_FORMS, PLACE_CLASSES, choices
from lib.month import MonthFormField
from lib.rendering import MonthInput
from posts.workshop_rules import AWARD_KINDS
from subsidies.clauses import CLAUSES, PAPERS
from subsidies.rules import WINDOWS
from subsidies.schemes import CHOICES
from subsidies.schemes.fields import MoneyField, field_of
from subsidies.tariffs import PROOFS, TARIFFS

AGAIN = {"not_paid": 3, "declared": len(PAPERS)}  # clauses that a rule may ask more than once
AMOUNT_FIELDS = ("flat", "per_month", "per_day", "per_post_month")  # named like the tariff they belong to
BLANK_ROWS = 3
MOST_ROWS = 40


class HeadForm(forms.Form):
    """What the scheme is called, when it holds, what it rests on and who pays."""

    code = forms.ChoiceField(label="补贴项目", choices=CHOICES)
    name = forms.CharField(label="政策名称", max_length=40, help_text="本地文件上的叫法。")
    from_month = MonthFormField(label="从哪个月起执行", widget=MonthInput, help_text="不能早于已关闭的月份。")
    until_month = MonthFormField(
        label="执行到哪个月", widget=MonthInput, required=False, help_text="长期执行的不填。"
    )
    opens_on = forms.DateField(label="受理开始", required=False)
    closes_on = forms.DateField(label="受理截止", required=False, help_text="全年受理的不填。")
    notice_days = forms.IntegerField(label="公示天数", min_value=1, max_value=30)
    basis = forms.CharField(label="政策依据", max_length=200, help_text="文件名称和文号。")
    fund = forms.CharField(
        label="资金来源", max_length=40, help_text="如“衔接资金”“就业补助资金”“光伏收益”“县财政”。"
    )
    is_away = forms.BooleanField(
        label="县外务工类补贴",
        required=False,
        help_text="勾选后，发了这项补贴的月份不能再发公益性岗位补贴。",
    )
    window = forms.ChoiceField(label="享受期间", choices=list(WINDOWS.items()), widget=forms.RadioSelect)
    places = forms.MultipleChoiceField(
        label="务工区域", required=False, choices=choices(PLACE_CLASSES[::-1]),
        widget=forms.CheckboxSelectMultiple, help_text="只算在这些区域务工的月份；都不勾就是不限。",
    )  # fmt: skip
    job_forms = forms.MultipleChoiceField(
        label="就业形式", required=False, choices=choices(JOB_FORMS), widget=forms.CheckboxSelectMultiple,
        help_text="都不勾就是不限。",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for first, last, told in (
            ("from_month", "until_month", "不能早于起始月份。"),
            ("opens_on", "closes_on", "不能早于受理开始。"),
        ):
            if data.get(first) and data.get(last) and data[last] < data[first]:
                self.add_error(last, told)
        return data


class ClauseForm(forms.Form):
    """One condition of the vocabulary: asked or not, its parameters, and the article it stands in."""

    on = forms.BooleanField(required=False)

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.clause = kind, CLAUSES[kind]
        self.after = ""  # for data-when: one more of a kind shows when the one before it is ticked
        self.fields["on"].label = self.clause.title
        self.params = self.clause.params
        for param in self.params:
            self.fields[param.key] = field_of(param)
        self.fields["basis"] = forms.CharField(
            label="依据条款", max_length=60, required=False, help_text="如“第三条第二款”，可以不填。"
        )

    def full_clean(self) -> None:
        """What is not ticked is not looked at."""
        if self.is_bound and not self.is_on:
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
            return
        super().full_clean()

    @property
    def is_on(self) -> bool:
        return bool(self["on"].value())

    @property
    def when(self) -> str:
        """For data-when: the parameters show while the condition is ticked."""
        return f"{self.add_prefix('on')}:on"

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "on"]

    @property
    def data_of_rule(self) -> dict[str, Any]:
        said = {param.key: self.cleaned_data[param.key] for param in self.params}
        basis = self.cleaned_data["basis"]
        return {"kind": self.kind, **said} | ({"basis": basis} if basis else {})


class TariffForm(forms.Form):
    """How much: one of the ways of reckoning with its numbers, and the caps."""

    tariff = forms.ChoiceField(
        label="怎么算", choices=[(key, one.title) for key, one in TARIFFS.items()], widget=forms.RadioSelect
    )
    flat = MoneyField(label="每人（元）", required=False)
    per_month = MoneyField(label="每月（元）", required=False)
    most = forms.IntegerField(
        label="最多几个月", required=False, min_value=1, max_value=12, help_text="不限的不填。"
    )
    per_day = MoneyField(label="每天（元）", required=False)
    most_days = forms.IntegerField(
        label="最多几天", required=False, min_value=1, max_value=366, help_text="不限的不填。"
    )
    per_post_month = MoneyField(label="在岗每月（元）", required=False)
    most_post = forms.IntegerField(
        label="最多几个月", required=False, min_value=1, max_value=12, help_text="不限的不填。"
    )
    paper = forms.ChoiceField(label="证明什么", choices=[("", "请选择"), *choices(PROOFS)], required=False)
    without_paper = MoneyField(label="没有证明的（元）", required=False)
    with_paper = MoneyField(label="有证明的（元）", required=False)
    award = forms.ChoiceField(
        label="哪一种车间奖补", choices=[("", "请选择"), *choices(AWARD_KINDS)], required=False,
        help_text="金额按“车间标准”测算，审批后在“组批”里发放。",
    )  # fmt: skip
    told = forms.CharField(
        label="补多少、在哪里办", max_length=100, required=False, help_text="只用于公开和宣传，不在这里发放。"
    )
    carried_percent = forms.IntegerField(
        label="乘坐免费专车、专列的，按百分之几", required=False, min_value=1, max_value=99,
        help_text="如只补单程的填50；不减的不填，不补的请勾选条件“免费输送”。",
    )  # fmt: skip
    rest = MoneyField(label="其他地区（元）", required=False, help_text="其他地区不补的不填。")
    cap = MoneyField(label="每人最高（元）", required=False, help_text="不设上限的不填。")
    household_cap = MoneyField(label="每户合计最高（元）", required=False, help_text="不设上限的不填。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, place in reversed(list(enumerate(PLACE_CLASSES))):
            self.fields[f"place{number}"] = MoneyField(label=f"{place}（元）", required=False)

    @property
    def places(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("place")]

    @property
    def caps(self) -> dict[str, int]:
        names = ("cap", "household_cap", "carried_percent")
        return {key: self.cleaned_data[key] for key in names if self.cleaned_data[key]}


class BandForm(forms.Form):
    """One band of distance: what it is called, which regions, how much."""

    label = forms.CharField(label="这一档叫什么", max_length=30, required=False)
    prefixes = forms.RegexField(
        r"^\s*\d{2}(?:\d{2}){0,2}(?:[\s,，、]+\d{2}(?:\d{2}){0,2})*\s*$",
        label="地区代码", max_length=200, required=False,
        error_messages={"invalid": "应是区划代码的前2、4或6位，用空格分开，如“44 35 3301”。"},
    )  # fmt: skip
    amount = MoneyField(label="金额（元）", required=False)

    @property
    def row(self) -> dict[str, Any] | None:
        said = self.cleaned_data
        if not any(said.get(one) for one in ("label", "prefixes", "amount")):
            return None
        prefixes = " ".join(said["prefixes"].replace(",", " ").replace("，", " ").replace("、", " ").split())
        return {"label": said["label"], "prefixes": prefixes, "amount": said["amount"]}


class StepForm(forms.Form):
    """One step of wages: up to how much, and the per cent of it that is paid."""

    upto = forms.IntegerField(label="务工收入不超过（元）", min_value=1, max_value=10_000_000, required=False)
    percent = forms.DecimalField(
        label="按百分之几", min_value=Decimal("0.01"), max_value=100, decimal_places=2, required=False
    )

    @property
    def row(self) -> dict[str, Any] | None:
        upto, percent = self.cleaned_data.get("upto"), self.cleaned_data.get("percent")
        if percent is None:
            return None if upto is None else {"upto": upto, "percent": ""}
        return {"upto": upto, "percent": f"{percent.normalize():f}"}


class PaperForm(forms.Form):
    """One document of the checklist."""

    name = forms.CharField(label="材料", max_length=40, required=False)
    required = forms.BooleanField(label="必须提交", required=False)

    @property
    def row(self) -> dict[str, Any] | None:
        name = " ".join(self.cleaned_data.get("name", "").split())
        return {"name": name, "required": self.cleaned_data["required"]} if name else None


def _rows(form: type[forms.Form], prefix: str, data: Any, initial: list[dict[str, Any]]) -> forms.BaseFormSet:
    made = forms.formset_factory(form, extra=BLANK_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    return made(data, prefix=prefix, initial=initial)


class SchemeForms:
    """All forms of one page: `is_valid`, then `rule` and `values` for the verb, or `problems` for the summary."""

    def __init__(
        self, data: Any, head: dict[str, Any], rule: dict[str, Any], documents: list[dict[str, Any]], code: str = ""
    ) -> None:  # fmt: skip
        """`code` fixes the scheme: a version belongs to the one it follows."""
        tariff = rule.get("tariff") or {}
        self.code_given = code
        self.head = HeadForm(
            data, initial=head | {key: rule.get(key) for key in ("window", "places", "job_forms")}
        )
        if code:
            del self.head.fields["code"]
        self.clauses = _clause_forms(data, rule.get("clauses") or [])
        self.tariff = TariffForm(data, initial=_tariff_initial(rule, tariff))
        self.bands = _rows(BandForm, "bands", data, tariff.get("bands") or [])
        self.steps = _rows(StepForm, "steps", data, tariff.get("steps") or [])
        self.papers = _rows(PaperForm, "papers", data, documents)

    @property
    def _all(self) -> list[Any]:
        return [self.head, *self.clauses, self.tariff, *self._rows_of_tariff, *self.papers]

    @property
    def _rows_of_tariff(self) -> list[Any]:
        kind = self.tariff["tariff"].value()
        return [*{"by_region": self.bands, "percent": self.steps}.get(str(kind), ())]

    def is_valid(self) -> bool:
        """Every form and every row that is asked; rows of another tariff are not looked at."""
        sets = (self.bands, self.steps, self.papers)
        if not all(one.management_form.is_valid() for one in sets):
            return False
        wrong = [one for one in self._all if not one.is_valid()]  # all of them, so that each shows its errors
        return not wrong

    @property
    def problems(self) -> list[dict[str, str]]:
        """What is wrong, each with the place to go to."""
        told: list[dict[str, str]] = []
        if not all(one.management_form.is_valid() for one in (self.bands, self.steps, self.papers)):
            return [{"text": "提交的内容不完整，没有保存。请重新打开页面填写。"}]
        for form in self._all:
            title = f"{form.clause.title}，" if isinstance(form, ClauseForm) else ""
            told += [{"text": error} for error in form.non_field_errors()]
            for field in form:
                told += [
                    {"text": f"{title}{field.label}：{error}", "anchor": field.anchor}
                    for error in field.errors
                ]
        return told

    @property
    def rule(self) -> dict[str, Any]:
        """The rule's JSON as it was filled in; subsidies.rules.read says whether it can stand."""
        head = self.head.cleaned_data
        return {
            "window": head["window"],
            "places": [one for one in PLACE_CLASSES if one in head["places"]],
            "job_forms": head["job_forms"],
            "clauses": [one.data_of_rule for one in self.clauses if one.is_on],
            "tariff": self._tariff,
        } | self.tariff.caps

    @property
    def _tariff(self) -> dict[str, Any]:
        said = self.tariff.cleaned_data
        kind = said["tariff"]
        if kind == "flat":
            return {"kind": kind, "amount": said["flat"]}
        if kind == "per_month":
            return {"kind": kind, "amount": said["per_month"], "most": said["most"]}
        if kind == "per_day":
            return {"kind": kind, "amount": said["per_day"], "most": said["most_days"]}
        if kind == "per_post_month":
            return {"kind": kind, "amount": said["per_post_month"], "most": said["most_post"]}
        if kind == "by_paper":
            return {
                "kind": kind, "paper": said["paper"], "amount": said["without_paper"], "with_paper": said["with_paper"],
            }  # fmt: skip
        if kind == "workshops":
            return {"kind": kind, "award": said["award"]}
        if kind == "elsewhere":
            return {"kind": kind, "told": said["told"]}
        if kind == "by_place":
            amounts = {place: said[f"place{number}"] for number, place in enumerate(PLACE_CLASSES)}
            return {"kind": kind, "amounts": {place: fen for place, fen in amounts.items() if fen}}
        if kind == "by_region":
            return {"kind": kind, "bands": _filled(self.bands), "rest": said["rest"] or 0}
        return {"kind": kind, "steps": _filled(self.steps)}

    @property
    def code(self) -> str:
        return self.code_given or self.head.cleaned_data["code"]

    @property
    def values(self) -> dict[str, Any]:
        """The other fields of the version."""
        said = self.head.cleaned_data
        names = (
            "name",
            "from_month",
            "until_month",
            "opens_on",
            "closes_on",
            "notice_days",
            "basis",
            "fund",
            "is_away",
        )
        return {name: said[name] for name in names} | {"documents": _filled(self.papers)}


def _filled(rows: Any) -> list[dict[str, Any]]:
    return [form.row for form in rows if form.row is not None]


def _clause_forms(data: Any, given: list[dict[str, Any]]) -> list[ClauseForm]:
    """Every clause of the vocabulary in its order; what the rule asks is ticked."""
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in given:
        asked[one["kind"]].append(one)
    made = []
    for kind, clause in CLAUSES.items():
        for number in range(AGAIN.get(kind, 1)):
            said = asked[kind][number] | {"on": True} if number < len(asked[kind]) else {}
            default = {param.key: param.default for param in clause.params}
            made.append(ClauseForm(kind, data, prefix=f"{kind}-{number}", initial=default | said))
            made[-1].after = f"{kind}-{number - 1}-on:on" if number else ""
    return made


def _tariff_initial(rule: dict[str, Any], tariff: dict[str, Any]) -> dict[str, Any]:
    kind, amounts = tariff.get("kind"), tariff.get("amounts") or {}
    places = {f"place{number}": amounts.get(place) for number, place in enumerate(PLACE_CLASSES)}
    return places | {
        "tariff": kind,
        **{of: tariff.get("amount") if kind == of else None for of in AMOUNT_FIELDS},
        "without_paper": tariff.get("amount") if kind == "by_paper" else None,
        "most": tariff.get("most") if kind == "per_month" else None,
        "most_days": tariff.get("most") if kind == "per_day" else None,
        "most_post": tariff.get("most") if kind == "per_post_month" else None,
        **{key: tariff.get(key) for key in ("paper", "with_paper", "award", "told")},
        "carried_percent": rule.get("carried_percent"),
        "rest": tariff.get("rest") or None,
        "cap": rule.get("cap"),
        "household_cap": rule.get("household_cap"),
    }
