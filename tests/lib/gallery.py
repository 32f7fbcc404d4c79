"""The sample context of components/gallery.html: invented people, the demo city's units."""

import json
from pathlib import Path
from types import SimpleNamespace

from django import forms

from lib.charts import bars, choropleth, meter, sparkline, trend
from lib.rendering import MonthInput

_OUTLINES = Path(__file__).resolve().parents[2] / "reports/data/outlines.json"
_SERIES = (49120, 49388, 49700, 50011, 50240, 50410, None, 50815, 50960, 51102, 51383, 51596)
_COUNTIES = (
    ("4202YX", "阳新县", 36547, 37409),
    ("4202DY", "大冶市", 6119, 5155),
    ("4202KT", "开发区·铁山区", 6553, 6356),
    ("4202XG", "新港园区", 2377, 2533),
)


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=50, help_text="与身份证一致；少数民族姓名用“·”隔开。")
    id_number = forms.CharField(label="身份证号码", help_text="18 位，末位 X 用大写。")
    status = forms.ChoiceField(
        label="就业状态",
        choices=[("out", "省外务工"), ("in", "省内务工"), ("home", "未务工")],
        widget=forms.RadioSelect,
        help_text="省外、省内以务工地所在省为准。",
    )
    skills = forms.MultipleChoiceField(
        label="技能",
        choices=[("w", "电焊"), ("s", "缝纫")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    industry = forms.ChoiceField(label="行业", choices=[("", "---------"), ("c", "建筑业"), ("m", "制造业")])
    started = forms.DateField(label="务工开始日期")
    month = forms.CharField(label="所属月份", widget=MonthInput)
    wage = forms.DecimalField(label="月工资（元）", required=False)
    proof = forms.FileField(label="凭证", required=False, widget=forms.FileInput(attrs={"data-max-mb": "10"}))
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="本人已签字确认")


class FilterForm(forms.Form):
    q = forms.CharField(label="姓名、拼音首字母或身份证后四位", required=False)
    state = forms.ChoiceField(
        label="状态", choices=[("", "全部"), ("1", "在岗"), ("2", "未返岗")], required=False
    )
    month = forms.CharField(label="月份", widget=MonthInput, required=False)


def _rate(workers: int, target: int) -> float:
    return workers / target * 100


def _table() -> dict:
    rows = [
        {
            "name": name,
            "cells": [
                f"{workers:,}",
                f"{target:,}",
                f"{workers - target:+,}".replace("-", "−"),
                f"{_rate(workers, target):.1f}",
            ],
            "spark": sparkline([v and v + i * 90 for i, v in enumerate(_SERIES)]),
            "spark_title": f"{name}近一年务工人数逐月上升",
        }
        for _, name, workers, target in _COUNTIES
    ]
    heads = ["务工人数（人）", "目标（人）", "差额（人）", "完成率（%）"]
    return {"heads": heads, "rows": rows, "total": ["51,596", "51,453", "+143", "100.3"]}


def _job(state: str, label: str) -> SimpleNamespace:
    return SimpleNamespace(
        pk=state,
        title="导入《阳新县台账.xlsx》",
        state=state,
        get_state_display=label,
        is_finished=state == "done",
        done=1204,
        total=3722,
        note="",
    )


def sample() -> dict:
    """Everything components/gallery.html asks for."""
    months = [f"{m}月" for m in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)]
    points = [
        {"label": m, "value": v, "text": "" if v is None else f"{v:,} 人", "href": "#m"}
        for m, v in zip(months, _SERIES)
    ]
    rates = {
        code: {"value": _rate(w, t), "text": f"{_rate(w, t):.1f}%", "href": f"#{code}"}
        for code, _, w, t in _COUNTIES
    }
    ranks = [
        {
            "label": name,
            "value": _rate(w, t),
            "text": f"{_rate(w, t):.1f}",
            "href": f"#{code}",
            "tone": "good" if w >= t else "warn",
        }
        for code, name, w, t in sorted(_COUNTIES, key=lambda c: -_rate(c[2], c[3]))
    ]
    return {
        "menu": [
            {"label": "首页", "url": "#1", "active": True, "icon": "home"},
            {"label": "台账", "url": "#2", "active": False, "icon": "ledger", "badge": 12},
            {"label": "导入", "url": "#3", "active": False, "icon": "upload"},
            {"label": "看板", "url": "#4", "active": False, "icon": "chart"},
            {"label": "抽查", "url": "#5", "active": False, "icon": "phone", "badge": 3},
            {"label": "通报", "url": "#6", "active": False, "icon": "bulletin"},
        ],
        "page_title": "部件一览",
        "home_unit": "黄石市就业专班",
        "data_time": "2023年3月31日 18:00",
        "breadcrumbs": [
            {"label": "首页", "url": "/"},
            {"label": "黄石市", "url": "#"},
            {"label": "2023年3月"},
        ],
        "steps": [
            {"label": "上传", "state": "done"},
            {"label": "核对表头", "state": "done"},
            {"label": "预览改动", "state": "current"},
            {"label": "确认", "state": "todo"},
        ],
        "todo": [
            {
                "title": "核实未返岗人员",
                "count": 41,
                "unit": "人",
                "text": "超过 30 天没有回访",
                "url": "#",
                "button": "开始核实",
                "tone": "bad",
                "due": "已超 2 天",
            },
            {
                "title": "确认阳新县导入",
                "count": 1,
                "unit": "批",
                "text": "3,722 行，改动 86 行",
                "url": "#",
                "button": "去确认",
                "tone": "warn",
                "due": "还剩 3 天",
            },
            {"title": "签发 3 月通报", "count": 1, "unit": "份", "url": "#", "button": "去看看"},
        ],
        "map": choropleth(json.loads(_OUTLINES.read_text("utf-8")), rates),
        "trend": trend(points, goal=51453),
        "bars": bars(ranks),
        "tabs": [
            {"label": "全部", "url": "#", "active": True, "count": "3,722"},
            {"label": "省外务工", "url": "#", "active": False, "count": "2,104"},
            {"label": "省内务工", "url": "#", "active": False, "count": "1,306"},
            {"label": "未务工", "url": "#", "active": False, "count": "312"},
        ],
        "filter_form": FilterForm({"state": "2"}, auto_id="filter_%s"),
        "chosen": [{"label": "状态：未返岗", "url": "?"}],
        "people": [
            {
                "key": "id-1",
                "name": "石晓禾",
                "state": "在岗",
                "tone": "good",
                "masked": "9901**********0019",
                "place": "广东省东莞市",
                "wage": "5,200",
            },
            {
                "key": "id-2",
                "name": "阿依古丽·买买提",
                "state": "待核实",
                "tone": "warn",
                "masked": "9901**********0035",
                "place": "湖北省黄石市",
                "wage": "3,800",
            },
            {
                "key": "id-3",
                "name": "柯望春",
                "state": "未返岗",
                "tone": "bad",
                "masked": "9901**********0078",
                "place": "—",
                "wage": "—",
            },
        ],
        "table": _table(),
        "form": PersonForm({"name": "石晓禾", "id_number": "", "started": "2023-03-10", "month": "2023-03"}),
        "facts": [
            {"label": "务工人数", "value": "51,596", "unit": "人"},
            {"label": "未确认采集表", "value": "0", "unit": "张"},
            {"label": "未处理问题", "value": "27", "unit": "条"},
        ],
        "job": _job("running", "进行中"),
        "job_done": _job("done", "已完成"),
        "meter": meter(1204, 3722),
        "kv": [
            {"label": "户主", "value": "石大山", "note": "脱贫户"},
            {"label": "所在村", "value": "陶港镇碧庄村", "url": "#"},
            {"label": "联系电话", "value": "139****1234"},
        ],
        "problems": [{"text": "第 18 行 身份证号码：校验码错误，请核对末位。", "anchor": "form"}],
    }
