"""Examples for who works away from home: 交通补贴, 务工奖, 稳岗补贴, 务工奖补, 交通住宿费 (B01, B02, B13, B15)."""

from __future__ import annotations

from typing import Any

from ledgers.codes import FLEXIBLE, IN_CITY, IN_PROVINCE, OUTSIDE
from subsidies.rules import CALENDAR, ONCE, QUARTER, STATISTICAL
from subsidies.schemes.examples.parts import (
    AGE,
    ALIVE,
    ANYBODY,
    AT_RISK,
    AWAY,
    BENEFITS,
    NO_POST,
    NO_STAFF,
    OWN_TRANSPORT,
    WORKING,
    Example,
    asked,
    months,
    not_paid,
    papers,
)

SHANXI = "山西省2023—2025年，晋乡振〔2023〕44号"
ONCE_A_YEAR = not_paid("B01")


def _places(outside: int, province: int, city: int = 0) -> dict[str, Any]:
    """By 务工区域, in yuan."""
    said = {OUTSIDE: outside, IN_PROVINCE: province, IN_CITY: city}
    return {"kind": "by_place", "amounts": {place: yuan * 100 for place, yuan in said.items() if yuan}}


def _band(label: str, prefixes: str, yuan: int) -> dict[str, Any]:
    return {"label": label, "prefixes": prefixes, "amount": yuan * 100}


def _away(
    key: str, title: str, source: str, tariff: dict[str, Any], *more: dict[str, Any], **fields: Any
) -> Example:
    """Of B01, where nothing else is said."""
    rule: dict[str, Any] = {
        "window": fields.pop("window", CALENDAR),
        "places": fields.pop("places", AWAY),
        "clauses": [fields.pop("people", ANYBODY), ALIVE, fields.pop("age", AGE), *more, NO_POST],
        "tariff": tariff,
    }
    rule |= {one: fields.pop(one) for one in ("cap", "household_cap", "carried_percent") if one in fields}
    return Example(
        key, fields.pop("code", "B01"), title, source, rule, is_away=True, documents=WORKING, **fields
    )


WORK = (
    _away(
        "b01-places", "一年一次，省外1500元、省内市外600元、市内县外300元，含灵活就业", SHANXI,
        _places(1500, 600, 300), months(1), ONCE_A_YEAR, basis=SHANXI,
    ),
    _away(
        "b01-filed-once", "同上，风险已消除的除外，每年11月上旬集中申报一次", "临猗县（山西），P01",
        _places(1500, 600, 300), months(1), ONCE_A_YEAR, BENEFITS, people=AT_RISK, opens=(11, 1), closes=(11, 10),
    ),
    _away(
        "b01-bands", "按距离定额：市内县外100至200元、省内市外100至400元、省外800至1500元", "汾阳市（山西）2025年，P04",
        {
            "kind": "by_region", "rest": 150_000,
            "bands": [
                _band("市内县外近", "1411", 100), _band("市内县外中", "1411", 150), _band("市内县外远", "1411", 200),
                _band("省内市外近", "14", 100), _band("省内市外远", "14", 400), _band("省外近", "13 41 61", 800),
                _band("省外中", "11 12 32 37", 1300),
            ],
        },
        months(1), ONCE_A_YEAR, blank=True,
        told="文件按里程分档，没有写各档包括哪些地区：请按本县位置填写每档的地区代码和金额。",
    ),
    _away(
        "b01-removed", "按季申报，省外500元、省内县外300元，三年内领过的和财政供养、国企职工除外，风险已消除的除外",
        "兴山县（湖北）2024年，P06", _places(500, 300, 300), months(1), not_paid("B01", years=3), NO_STAFF,
        window=QUARTER, people=AT_RISK, closes=(9, 10), told="受理截止按季填写，第三季度为9月10日。",
    ),
    _away(
        "b01-distance", "满3个月，邻近省份400元、其他省份600元、省内市外300元、市内县外200元，坐免费专车的除外",
        "崇信县（甘肃）2024年，P07",
        {
            "kind": "by_region", "rest": 60_000,
            "bands": [
                _band("市内县外", "6208", 200), _band("省内市外", "62", 300),
                _band("邻近省份", "15 51 61 63 64 65", 400),
            ],
        },
        months(3), OWN_TRANSPORT, ONCE_A_YEAR,
    ),
    _away(
        "b01-quarter", "满3个月，每年1000元，按季申报", "某县2023年，P08", {"kind": "flat", "amount": 100_000},
        months(3), not_paid("B01"), window=QUARTER,
        told="受理截止为4月30日、7月31日、10月31日和次年1月31日，请按季填写；另有务工收入10%以内的劳务补助，见“务工奖”。",
    ),
    _away(
        "b01-income", "每年500元，上年收入低于1万元的1000元", "清镇市（贵州）2023年，P09",
        {"kind": "by_paper", "paper": "上年收入低于1万元", "amount": 50_000, "with_paper": 100_000},
        months(1), ONCE_A_YEAR,
    ),
    _away(
        "b01-carried", "16至60周岁，每年800元，坐免费专列的只补单程", "鹿寨县（广西）2022年，P10",
        {"kind": "flat", "amount": 80_000}, months(1), ONCE_A_YEAR, age=asked("age", least=16, most=60),
        carried_percent=50,
    ),
    _away(
        "b01-outside", "跨省务工每人300元", "西平县（河南）2024年公示名单", {"kind": "flat", "amount": 30_000},
        months(1), ONCE_A_YEAR, places=[OUTSIDE],
    ),
    _away(
        "b01-month", "满1个月，省外500元、省内200元，每年一次", "黑龙江某市，P45", _places(500, 200, 200),
        months(1), ONCE_A_YEAR,
    ),
    _away(
        "b01-statistical", "上年10月至当年9月满6个月、收入1.5万元以上，省外600元、省内300元、市内200元",
        "某市2023年，P12", _places(600, 300, 200), months(6), asked("income", least=15_000, most=None),
        not_paid("B01"), people=AT_RISK, window=STATISTICAL,
    ),
    _away(
        "b01-bonus", "务工奖：满6个月、收入1.5万元以上，按务工收入2%、3%、4%，每人1500元、每户3000元封顶",
        "某市2023年，P12",
        {
            "kind": "percent",
            "steps": [{"upto": 10_000, "percent": "2"}, {"upto": 30_000, "percent": "3"},
                      {"upto": None, "percent": "4"}],
        },
        months(6), asked("income", least=15_000, most=None), code="B01J", window=STATISTICAL, people=AT_RISK,
        cap=150_000, household_cap=300_000,
    ),
    _away(
        "b01-wages", "劳务补助：满3个月，一年一次，按务工收入10%", "某县2023年，P08",
        {"kind": "percent", "steps": [{"upto": None, "percent": "10"}]}, months(3), not_paid("B01J"), code="B01J",
    ),
    _away(
        "b02", "同一单位满6个月、月均1000元以上，每月200元最多6个月，不限最大年龄", SHANXI,
        {"kind": "per_month", "amount": 20_000, "most": 6}, months(6, one_employer=True), asked("wage", least=1000),
        not_paid("B02"), code="B02", basis=SHANXI,
    ),
    _away(
        "b13", "务工奖补：连续外出6个月", "海南2022年，S5", {"kind": "flat", "amount": 100_000},
        months(6, in_a_row=True), code="B13", blank=True,
        told="文件没有写金额（人均1306元是算出来的），请按本地文件填写。",
    ),
    Example(
        "b13-flexible", "B13", "务工奖补：灵活就业满3个月", "海南2022年，S5",
        {
            "window": CALENDAR, "places": [], "job_forms": [FLEXIBLE],
            "clauses": [ANYBODY, ALIVE, months(3)],
            "tariff": {"kind": "flat", "amount": 50_000},
        },
        documents=papers("个人申请和承诺书", optional=("务工证明或劳动合同", "工资收入凭证")), blank=True,
        told="文件没有写金额，请按本地文件填写。",
    ),
    _away(
        "b15", "一次性交通住宿费补贴", "许昌市2021—2022年调研，S2", _places(800, 400, 400), months(1),
        not_paid("B01", "B15", years=99), code="B15", window=ONCE, blank=True,
        told="文件没有写金额，请按本地文件填写。",
    ),
)  # fmt: skip
