"""Forms of the ledger: the filters of the list, the correction of a person, closing a month."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.regions import children
from ledgers import codes
from ledgers.actions import own_township
from ledgers.counting import REASONS
from ledgers.models import Laborer, MonthlyRecord, WorkSpell
from ledgers.search import HELP
from lib.identity import REJECT, check_name, check_phone
from lib.month import Month

NOT_COUNTED = "no"
IN_POPULATION = "脱贫人口（含监测对象）"
HOUSEHOLDS = (IN_POPULATION, *codes.POVERTY_KINDS, *codes.MONITOR_KINDS)
YES_NO = (("1", "是"), ("0", "否"))
HERE, AWAY = "here", "away"


def _select(label: str, every: str, choices) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", every), *choices])


class RecordFilter(forms.Form):
    """What the ledger list can be narrowed to. `q` is understood by ledgers.search."""

    q = forms.CharField(
        label="查找",
        required=False,
        max_length=50,
        widget=forms.TextInput(
            {"placeholder": "姓名、首字母、身份证末四位或完整号码", "autocomplete": "off", "title": HELP}
        ),
    )
    month = _select("月份", "最近", [])
    unit = _select("单位", "全部", [])
    working = _select("是否务工", "不限", [("1", "务工"), ("0", "未务工")])
    reason = _select(
        "是否计入",
        "不限",
        [
            ("counted", "计入"),
            (NOT_COUNTED, "未计入（全部原因）"),
            *((code, text.removesuffix("，不计入")) for code, text in REASONS.items() if code != "counted"),
        ],
    )
    verify = _select("核实情况", "不限", codes.choices(codes.VERIFY_STATES))
    place = _select("务工区域", "不限", codes.choices(codes.PLACE_CLASSES))
    form = _select("就业形式", "不限", codes.choices(codes.JOB_FORMS))
    household = _select("户类型", "不限", codes.choices(HOUSEHOLDS))

    fields: dict[str, Any]  # each of its own kind

    def __init__(self, data, *, months: list[Month], units: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["month"].choices = [(str(month), month.label) for month in months]
        self.fields["unit"].choices = units


class VersionField(forms.CharField):
    """The version that was shown. What is missing or no number was never shown: a conflict, not a slip of the pen."""

    def clean(self, value: Any) -> int:
        text = str(value or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


class CorrectionForm(forms.Form):
    """One person in the order of the 采集表: who, whether and where they work, what adds up, why not."""

    name = forms.CharField(label="姓名", max_length=50)
    phone = forms.CharField(
        label="联系电话",
        required=False,
        max_length=40,
        help_text="不改就留空；填了才会替换现在的号码。",
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    person_state = forms.ChoiceField(label="当前状态", choices=codes.choices(codes.PERSON_STATES))
    ability = forms.ChoiceField(label="劳动能力", choices=codes.choices(codes.ABILITIES))
    skill_level = forms.ChoiceField(label="技能等级", choices=codes.choices(codes.SKILL_LEVELS))
    working = forms.ChoiceField(label="是否务工", choices=YES_NO, widget=forms.RadioSelect)
    job_form = forms.ChoiceField(
        label="就业形式",
        required=False,
        choices=codes.choices(codes.JOB_FORMS),
        help_text="自主创业只登记，不计入务工人数。",
    )
    at = forms.ChoiceField(
        label="务工地点",
        required=False,
        choices=((HERE, "本乡镇"), (AWAY, "其他地方")),
        widget=forms.RadioSelect,
    )
    province = forms.CharField(required=False, max_length=12)
    city = forms.CharField(required=False, max_length=12)
    county = forms.CharField(required=False, max_length=12)
    employer = forms.CharField(label="就业单位名称", required=False, max_length=100)
    industry = forms.ChoiceField(
        label="所属产业行业",
        required=False,
        choices=[("", "请选择"), *codes.choices(tuple(codes.INDUSTRIES))],
    )
    monthly_wage = forms.IntegerField(
        label="月平均工资（元）", required=False, min_value=0, max_value=200_000
    )
    months = forms.DecimalField(
        label="年度累计务工时间（个月）",
        required=False,
        min_value=0,
        max_value=12,
        max_digits=3,
        decimal_places=1,
        help_text="从上年10月起累计；务工满15天不足1个月的，按半个月计。",
    )
    income = forms.IntegerField(
        label="年度务工收入（元）",
        required=False,
        min_value=0,
        max_value=5_000_000,
        help_text="从上年10月起累计。",
    )
    idle_type = forms.ChoiceField(
        label="未外出务工类型", required=False, choices=[("", "请选择"), *codes.choices(codes.IDLE_TYPES)]
    )
    no_plan_reason = forms.ChoiceField(
        label="无外出意愿原因",
        required=False,
        choices=[("", "请选择"), *codes.choices(codes.NO_PLAN_REASONS)],
    )
    version = VersionField(widget=forms.HiddenInput, required=False)
    month = forms.CharField(widget=forms.HiddenInput, max_length=7)
    form_token = forms.CharField(widget=forms.HiddenInput, max_length=36)

    def __init__(self, data=None, *, laborer: Laborer, initial=None) -> None:
        super().__init__(data, initial=initial)
        self.laborer = laborer

    def clean_name(self) -> str:
        checked = check_name(self.cleaned_data["name"])
        if checked.level == REJECT:
            raise forms.ValidationError(f"{checked.message}。")
        return checked.value

    def clean_phone(self) -> str:
        if not self.cleaned_data["phone"]:
            return self.laborer.phone
        checked = check_phone(self.cleaned_data["phone"])
        if checked.level == REJECT:
            raise forms.ValidationError(f"{checked.message}。")
        return checked.value

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("working") == "1":
            if not data.get("job_form"):
                self.add_error("job_form", "务工人员须选择就业形式。")
            if data.get("at") == AWAY:
                data["county"] = self._place(data)
        return data

    def _place(self, data: dict[str, Any]) -> str:
        """The code of the county chosen, or of a city that has none below it (东莞, 中山, 儋州)."""
        city, county = data.get("city", ""), data.get("county", "")
        if (county or city) and (county or city) == self.initial.get("county"):
            return county or city  # as stored, perhaps by an import that knew no more
        if county and county[:2] == data.get("province", "")[:2] and county in _codes(city):
            return county
        if city and not county and city in _codes(data.get("province", "")) and not children(city):
            return city
        self.add_error("at", "务工地点须选到县（市、区）。")
        return ""

    def changes(self) -> dict[str, Any]:
        """What ledgers.actions.correct takes."""
        data = self.cleaned_data
        changes: dict[str, Any] = {
            key: data[key] for key in ("name", "phone", "person_state", "ability", "skill_level")
        }
        changes["working"] = data["working"] == "1"
        if not changes["working"]:
            return changes | {f"intention.{key}": data[key] for key in ("idle_type", "no_plan_reason")}
        spell = {key: data[key] for key in ("job_form", "employer", "industry", "monthly_wage")}
        if data["at"]:
            spell["region_code"] = (
                own_township(self.laborer.village) if data["at"] == HERE else data["county"]
            )
        changes |= {f"spell.{key}": value for key, value in spell.items()}
        stated = {key: data[key] for key in ("months", "income") if data[key] is not None}
        return changes | {f"record.{key}": value for key, value in stated.items()}


def _codes(parent: str) -> set[str]:
    return {place["code"] for place in children(parent)} if parent else set()


def initial(laborer: Laborer, spell: WorkSpell | None, record: MonthlyRecord | None) -> dict[str, Any]:
    """What the correction form shows first: the person as stored."""
    values: dict[str, Any] = {
        key: getattr(laborer, key) for key in ("name", "person_state", "ability", "skill_level", "version")
    }
    values["working"] = "1" if spell else "0"
    if spell:
        values |= {key: getattr(spell, key) for key in ("job_form", "employer", "industry", "monthly_wage")}
        code = spell.region_code
        here = bool(code) and len(code) >= 9 and code[:9] == laborer.village.gb_code[:9]
        values["at"] = HERE if here else AWAY if code else ""
        if not here and len(code) >= 6:
            values |= {"province": f"{code[:2]}0000", "city": f"{code[:4]}00", "county": code[:6]}
    if record:
        values |= {"months": record.months, "income": record.income}
    if intention := getattr(laborer, "intention", None):
        values |= {"idle_type": intention.idle_type, "no_plan_reason": intention.no_plan_reason}
    return values


def region_levels(form: forms.Form) -> list[dict[str, Any]]:
    """The three selects of the work place with the options their current answers allow."""
    province, city, county = (form[name].value() or "" for name in ("province", "city", "county"))
    return [
        {
            "name": "province",
            "label": "省（区、市）",
            "options": children(""),
            "value": province,
            "next": "city",
        },
        {
            "name": "city",
            "label": "市（州）",
            "options": children(province) if province else [],
            "value": city,
            "next": "county",
        },
        {
            "name": "county",
            "label": "县（市、区）",
            "options": children(city) if city else [],
            "value": county,
            "next": "",
        },
    ]


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="重开原因",
        min_length=4,
        max_length=200,
        help_text="会记入操作记录，例如“某村漏报3人，县专班核实后补录”。",
        widget=forms.Textarea({"rows": 3}),
    )
