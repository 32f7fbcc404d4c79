"""Schemes to begin from (domain.md §4.1, §4.2): what seeds and published standards say, every number replaceable.

An example is no policy: an office takes it into a draft, changes what its own document says, tries it and approves it.
Amounts are fen. Schemes that pay employers (B05–B08, B12, B14, B16) are reckoned from workshops, not from a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ledgers.codes import FLEXIBLE, IN_CITY, IN_PROVINCE, OUTSIDE, SELF_EMPLOYED
from subsidies.clauses import PAPERS, POPULATIONS
from subsidies.rules import CALENDAR, MONTH, ONCE, QUARTER, STATISTICAL

AWAY = [IN_CITY, IN_PROVINCE, OUTSIDE]


@dataclass(frozen=True)
class Example:
    """What a draft begins with. `title` says whose standard it follows."""

    key: str
    code: str
    title: str
    rule: dict[str, Any]
    basis: str = ""
    fund: str = "衔接资金"
    notice_days: int = 5
    is_away: bool = False
    documents: list[dict[str, Any]] = field(default_factory=list)


def _papers(*required: str, optional: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [{"name": name, "required": True} for name in required] + [
        {"name": name, "required": False} for name in optional
    ]


def _asked(kind: str, basis: str = "", **params: Any) -> dict[str, Any]:
    return {"kind": kind, **params} | ({"basis": basis} if basis else {})


ANYBODY = _asked("population", groups=POPULATIONS[0], without_removed=False)
ALIVE = _asked("state")
AGE = _asked("age", least=16, most=None)
NO_POST = _asked("no_post")
A_MONTH = _asked("months", least=1, one_employer=False, in_a_row=False)
ONCE_A_YEAR = _asked("not_paid", codes=["B01"], years=0)
STAFF = _asked("declared", paper=PAPERS[0])
FORM = _papers("个人申请和承诺书", "务工证明或劳动合同", optional=("工资收入凭证", "车票"))


def _transport(key: str, title: str, tariff: dict[str, Any], *more: dict[str, Any], **fields: Any) -> Example:
    window = fields.pop("window", CALENDAR)
    people = fields.pop("people", ANYBODY)
    caps = {one: fields.pop(one) for one in ("cap", "household_cap") if one in fields}
    rule = {
        "window": window,
        "places": AWAY,
        "clauses": [people, ALIVE, AGE, *more, NO_POST],
        "tariff": tariff,
    }
    return Example(key, "B01", title, rule | caps, is_away=True, documents=FORM, **fields)


EXAMPLES = (
    _transport(
        "b01-places", "按务工区域一年一次（省外1500元、市外600元、县外300元）",
        {"kind": "by_place", "amounts": {OUTSIDE: 150_000, IN_PROVINCE: 60_000, IN_CITY: 30_000}},
        A_MONTH, ONCE_A_YEAR,
    ),
    _transport(
        "b01-removed", "同上，风险已消除的监测对象除外，省外500元、省内县外300元，三年内领过的除外",
        {"kind": "by_place", "amounts": {OUTSIDE: 50_000, IN_PROVINCE: 30_000, IN_CITY: 30_000}},
        A_MONTH, _asked("not_paid", codes=["B01"], years=3), STAFF, window=QUARTER,
        people=_asked("population", groups=POPULATIONS[0], without_removed=True),
    ),
    _transport(
        "b01-distance", "按距离分档，务工满3个月，没有乘坐免费专车",
        {
            "kind": "by_region",
            "bands": [
                {"label": "邻近省份", "prefixes": "41 42 61 62", "amount": 40_000},
                {"label": "京津沪和珠三角", "prefixes": "11 12 31 44", "amount": 60_000},
            ],
            "rest": 60_000,
        },
        _asked("months", least=3, one_employer=False, in_a_row=False), _asked("own_transport"), ONCE_A_YEAR,
    ),
    _transport(
        "b01-bonus", "务工奖：满6个月、收入1.5万元以上，按工资2%、3%、4%，每人1500元、每户3000元封顶",
        {
            "kind": "percent",
            "steps": [{"upto": 10_000, "percent": "2"}, {"upto": 30_000, "percent": "3"},
                      {"upto": None, "percent": "4"}],
        },
        _asked("months", least=6, one_employer=False, in_a_row=False), _asked("income", least=15_000, most=None),
        window=STATISTICAL, cap=150_000, household_cap=300_000,
    ),
    Example(
        "b02", "B02", "同一单位满6个月、月均1000元以上，每月200元最多6个月",
        {
            "window": CALENDAR, "places": AWAY,
            "clauses": [
                ANYBODY, ALIVE, AGE, _asked("months", least=6, one_employer=True, in_a_row=False),
                _asked("wage", least=1000), NO_POST, _asked("not_paid", codes=["B02"], years=0),
            ],
            "tariff": {"kind": "per_month", "amount": 20_000, "most": 6},
        },
        is_away=True, documents=_papers("个人申请和承诺书", "务工证明或劳动合同", "工资收入凭证"),
    ),
    Example(
        "b03", "B03", "首次创业经营满12个月，一次性5000元",
        {
            "window": ONCE, "places": [], "job_forms": [SELF_EMPLOYED],
            "clauses": [
                ANYBODY, ALIVE, _asked("own_business", least=12), _asked("declared", paper=PAPERS[1]),
                _asked("declared", paper=PAPERS[2]), _asked("not_paid", codes=["B03"], years=99),
            ],
            "tariff": {"kind": "flat", "amount": 500_000},
        },
        fund="就业补助资金", documents=_papers("营业执照", "经营场所照片", optional=("带动就业名单",)),
    ),
    Example(
        "b04", "B04", "创业场地租赁，每月250元，每年最多12个月，累计不超过3年",
        {
            "window": CALENDAR, "places": [], "job_forms": [SELF_EMPLOYED],
            "clauses": [
                ANYBODY, ALIVE, _asked("own_business", least=1), _asked("declared", paper=PAPERS[2]),
                _asked("years", codes=["B04"], most=3),
            ],
            "tariff": {"kind": "per_month", "amount": 25_000, "most": 12},
        },
        fund="就业补助资金", documents=_papers("营业执照", "场地租赁合同"),
    ),
    Example(
        "b10", "B10", "公益性岗位补贴，当月在岗每月300元",
        {
            "window": MONTH, "places": [], "clauses": [ANYBODY, ALIVE, _asked("on_post")],
            "tariff": {"kind": "flat", "amount": 30_000},
        },
        documents=_papers("考勤表"),
    ),
    Example(
        "b11", "B11", "一次性求职创业补贴500元，同年没有享受职业介绍类补贴",
        {
            "window": CALENDAR, "places": [],
            "clauses": [ANYBODY, ALIVE, AGE, A_MONTH, _asked("not_paid", codes=["B11"], years=0)],
            "tariff": {"kind": "flat", "amount": 50_000},
        },
        fund="就业补助资金", documents=FORM,
    ),
    Example(
        "b13", "B13", "务工奖补：连续外出6个月1000元",
        {
            "window": CALENDAR, "places": AWAY,
            "clauses": [ANYBODY, ALIVE, _asked("months", least=6, one_employer=False, in_a_row=True), NO_POST],
            "tariff": {"kind": "flat", "amount": 100_000},
        },
        is_away=True, documents=FORM,
    ),
    Example(
        "b13-flexible", "B13", "务工奖补：灵活就业满3个月500元",
        {
            "window": CALENDAR, "places": [], "job_forms": [FLEXIBLE],
            "clauses": [ANYBODY, ALIVE, _asked("months", least=3, one_employer=False, in_a_row=False)],
            "tariff": {"kind": "flat", "amount": 50_000},
        },
        documents=FORM,
    ),
    Example(
        "b15", "B15", "一次性交通住宿费补贴，省外800元、省内县外400元",
        {
            "window": ONCE, "places": AWAY,
            "clauses": [ANYBODY, ALIVE, AGE, A_MONTH, _asked("not_paid", codes=["B01", "B15"], years=99)],
            "tariff": {"kind": "by_place", "amounts": {OUTSIDE: 80_000, IN_PROVINCE: 40_000, IN_CITY: 40_000}},
        },
        is_away=True, documents=FORM,
    ),
    Example(
        "b17", "B17", "雨露计划：中高职在校学生每年3000元",
        {
            "window": CALENDAR, "places": [],
            "clauses": [ANYBODY, _asked("student", among=["中职", "高职高专", "技师学院"])],
            "tariff": {"kind": "flat", "amount": 300_000},
        },
        documents=_papers("在校证明或学籍信息"),
    ),
)  # fmt: skip
