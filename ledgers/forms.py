"""Forms of the ledger: the filters of the list, reopening a month."""

from __future__ import annotations

from typing import Any

from django import forms

from ledgers import codes
from ledgers.counting import REASONS
from ledgers.search import HELP
from lib.month import Month

NOT_COUNTED = "no"
IN_POPULATION = "脱贫人口（含监测对象）"
HOUSEHOLDS = (IN_POPULATION, *codes.POVERTY_KINDS, *codes.MONITOR_KINDS)


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


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="重开原因",
        min_length=4,
        max_length=200,
        help_text="会记入操作记录，例如“某村漏报3人，县专班核实后补录”。",
        widget=forms.Textarea({"rows": 3}),
    )
