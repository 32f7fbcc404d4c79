"""The printed layout of the 采集表: thirteen columns, the labels in their order, boxes ticked as the ledger has it.

A row is a list of cells; a cell is {"kind", "text" or "options", "span", "rows"}. A first column of blocks, twelve of
contents. Kinds: block (the name of a block, upright), head, label, value, options, months,
times, sign.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ledgers import codes
from ledgers.imports.cells import NO_SERVICE, services_stored
from ledgers.paper.words import SIGNATURES
from lib.month import Month

OFF, ON = "□", "☑"
COLUMNS = 12
YES_NO = ("是", "否")

Values = Mapping[str, Any]
Row = list[dict[str, Any]]


def rows(values: Values, month: Month) -> list[Row]:
    """The whole table for one person; missing values are left blank to be written in."""
    work = [*_working(values), *_idle(values)]
    return [
        *_in_block("基本信息", _basics(values, month)),
        *_in_block("外出务工情况", work),
        *_in_block("返乡与培训", [*_returned(values), *_training(values)]),
        *_in_block("就业服务政策", _services(values)),
    ]


# ── cells ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_block(name: str, lines: list[Row]) -> list[Row]:
    block = {"kind": "block", "text": name, "span": 1, "rows": len(lines)}
    return [[block, *lines[0]], *lines[1:]]


def _head(text: str, span: int = COLUMNS) -> dict:
    return {"kind": "head", "text": text, "span": span}


def _label(text: str, span: int = 2) -> dict:
    return {"kind": "label", "text": text, "span": span}


def _value(text: Any, span: int, unit: str = "") -> dict:
    return {"kind": "value", "text": "" if text is None else str(text), "span": span, "unit": unit}


def box(ticked: bool, text: str) -> str:
    return f"{ON if ticked else OFF} {text}"


def _options(offered: Sequence[str], chosen: Collection[str], span: int, note: str = "") -> dict:
    """`note` follows the last option: what was written beside 其他."""
    shown = [box(one in chosen, one) for one in offered]
    if note:
        shown[-1] += note
    return {"kind": "options", "options": shown, "span": span}


def _one(offered: Sequence[str], value: str | None, span: int, note: str = "") -> dict:
    return _options(offered, {value} if value else (), span, note)


def _flag(value: bool | None, span: int, words: tuple[str, str] = YES_NO) -> dict:
    return _one(words, None if value is None else words[0] if value else words[1], span)


def _month(value: str | None) -> str:
    return Month.parse(value).label if value else ""


def _day(value: str | None) -> str:
    if not value:
        return ""
    year, month, day = value.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


# ── block A ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _basics(values: Values, month: Month) -> list[Row]:
    months = values.get("months")
    return [
        [_label("姓名"), _value(values.get("name"), 4), _label("身份证号码"), _value(values.get("id_no"), 4)],
        [_label("户籍地"), _value(values.get("registered_address"), 10)],
        [_label("联系电话"), _value(values.get("phone"), 4), _label("民族"), _value(values.get("ethnic"), 4)],
        [_label("核实情况"), _one(codes.VERIFY_STATES, values.get("verify_state"), 10)],
        [_label("当前状态"), _state(values.get("person_state"))],
        [_label("是否务工"), _flag(values.get("working"), 10)],
        [_label("劳动能力"), _one(codes.COLLECTED_ABILITIES, values.get("ability"), 10)],
        [_label("技能等级"), _one(codes.SKILL_LEVELS, values.get("skill_level"), 10)],
        [
            _label("是否为两后生"), _flag(values.get("is_recent_leaver"), 2),
            _label("文化程度"), _value(values.get("education"), 2),
            _label("毕业时间"), _value(_month(values.get("graduated_in")), 2),
        ],
        [_label("家庭地址"), _value(values.get("home_address"), 10)],
        [
            _label("上年度10月至本年度9月"), _label("年度累计务工时间"), _value(months, 3, "个月"),
            _label("年度务工收入"), _value(values.get("income"), 3, "元"),
        ],
        [
            _label("具体务工时间"), _ticked_months(values.get("ticked_months"), month),
            _label("其中：灵活就业天数", 1), _value(values.get("flexible_days"), 1, "天"),
        ],
    ]  # fmt: skip


def _state(value: str | None) -> dict:
    """Two levels on one line: the kind of exit before its brackets, the reason inside."""
    shown = [box(value == codes.NORMAL, "正常脱贫劳动力")]
    reasons: dict[str, list[str]] = {}
    for state in codes.PERSON_STATES[1:]:
        parent, reason = state.split("/")
        reasons.setdefault(parent, []).append(reason)
    for parent, offered in reasons.items():
        exits = [box(value == f"{parent}/{reason}", reason) for reason in offered]
        exits[0], exits[-1] = f"（{exits[0]}", f"{exits[-1]}）"
        shown += [box(bool(value) and str(value).startswith(f"{parent}/"), parent), *exits]
    return {"kind": "options", "options": shown, "span": 10}


def month_boxes(month: Month) -> list[Month]:
    """The fifteen months the form prints: the 统计年度 and what is left of the year in which it ends."""
    year = Month.statistical_months(month.statistical_year())
    return [year[0] + step for step in range(Month(year[-1].year, 12) - year[0] + 1)]


def _ticked_months(ticked: str | None, month: Month) -> dict:
    chosen = set((ticked or "").split(","))
    shown = [box(str(one) in chosen, one.label) for one in month_boxes(month)]
    return {"kind": "months", "options": shown, "span": 8}


# ── blocks B to F ────────────────────────────────────────────────────────────────────────────────────────────────

SECTORS = (
    ("第一产业：", ("种植", "养殖")),
    ("第二产业：", ("技工", "普工")),
    (
        "第三产业：",
        ("家庭服务业", "建筑/装修", "环卫/保卫/市政维护", "行政/管理", "服务员/接待员/收银/导购员"),
    ),
)  # as printed; nationally 建筑/装修 belongs to 第二产业


def _industries(value: str | None) -> dict:
    shown = []
    for sector, offered in SECTORS:
        shown += [sector, *(box(value == one, one) for one in offered)]
    return {"kind": "options", "options": [*shown, box(value == "其他", "其他，请注明：")], "span": 10}


def _place(values: Values) -> Row:
    parts = values.get("place_parts") or ("", "", "", "")
    spans = (2, 2, 3, 3)
    units = ("省", "市(州)", "县(市区)", "镇(乡)")
    return [_value(part, span, unit) for part, span, unit in zip(parts, spans, units, strict=True)]


def _working(values: Values) -> list[Row]:
    form = values.get("job_form")
    offered = (*codes.JOB_FORMS[:-1], f"{codes.OTHER_FORM}，请注明：")
    ticked = offered[-1] if form == codes.OTHER_FORM else form
    return [
        [_head("已外出务工情况")],
        [_label("务工地点"), *_place(values)],
        [_label("就业形式"), _one(offered, ticked, 10, values.get("job_form_note") or "")],
        [
            _label("就业单位名称"), _value(values.get("employer"), 3), _label("就业时间", 1),
            _value(_month(values.get("started")), 2), _label("月平均工资"), _value(values.get("monthly_wage"), 2, "元"),
        ],
        [_label("所属产业行业"), _industries(values.get("industry"))],
        [
            _label("是否签订劳动合同"), _flag(values.get("has_contract"), 4),
            _label("是否缴纳社会保险"), _flag(values.get("has_insurance"), 4),
        ],
        [
            _label("经帮扶实现就业"), _flag(values.get("helped"), 2),
            _label("帮扶时间", 1), _value(_month(values.get("helped_in")), 2),
            _label("是否返乡创业带动", 3), _flag(values.get("by_returnee_startup"), 2),
        ],
        [_label("有组织劳务输出"), _one(codes.ORGANISED, values.get("organised_by"), 10)],
    ]  # fmt: skip


def _idle(values: Values) -> list[Row]:
    idle = values.get("working") is False
    return [
        [_head("暂未外出务工情况")],
        [
            _label("未外出务工类型"), _one(codes.IDLE_TYPES, values.get("idle_type") if idle else None, 6),
            _label("就业转失业日期"), _value(_day(values.get("unemployed_on")), 2),
        ],
        [_label("是否有外出计划"), _flag(values.get("plans_out"), 10)],
        [
            _label("无外出意愿原因"),
            _one((*codes.NO_PLAN_REASONS[:-1], "其他，原因："), _reason(values.get("no_plan_reason")), 10),
        ],
        [
            _label("外出务工意向地"), _value(values.get("wanted_region"), 5),
            _label("计划外出时间"), _value(_month(values.get("wanted_in")), 3),
        ],
        [
            _label("意向岗位（工种）"), _value(values.get("wanted_job"), 5),
            _label("期望月薪"), _value(values.get("wanted_wage"), 3, "元"),
        ],
    ]  # fmt: skip


def _reason(value: str | None) -> str | None:
    return "其他，原因：" if value == "其他" else value


def _returned(values: Values) -> list[Row]:
    return [
        [_head("返乡回流情况")],
        [
            _label("是否返乡回流"), _flag(values.get("is_returned"), 2),
            _label("返乡回流原因"), _one(codes.RETURN_REASONS, values.get("return_reason"), 6),
        ],
        [_label("返乡前务工地点"), _value(values.get("left_region"), 10)],
    ]  # fmt: skip


def _training(values: Values) -> list[Row]:
    return [
        [_head("培训意愿")],
        [
            _label("有无培训意愿"), _flag(values.get("wants_training"), 2, ("有", "无")),
            _label("意愿培训类别"), _one(codes.TRAINING_KINDS, values.get("training_kind"), 6),
        ],
        [
            _label("意愿培训工种"), _value(values.get("training_trade"), 4),
            _label("意愿培训日期"), _value(_day(values.get("training_on")), 4),
        ],
    ]  # fmt: skip


def _counted(times: int | None) -> dict:
    return {"kind": "times", "text": str(times or ""), "span": 2}


def _services(values: Values) -> list[Row]:
    written = values.get("services") or ""
    counts = services_stored(written) if written else {}
    lines: list[Row] = []
    for name in codes.SERVICES:
        ticked = {"kind": "options", "options": [box(name in counts, name)], "span": 3}
        lines.append([ticked, _counted(counts.get(name))])
    lines.append([{"kind": "options", "options": [box(written == NO_SERVICE, NO_SERVICE)], "span": 5}])
    lines[0].insert(0, {"kind": "label", "text": "本年度享受就业服务项目", "span": 2, "rows": len(lines)})
    lines[0].append({"kind": "sign", "lines": list(SIGNATURES), "span": 5, "rows": len(lines)})
    return [[_head("享受就业服务情况", 7), _head("备注栏", 5)], *lines]
