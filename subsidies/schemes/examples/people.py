"""Examples for founders, learners, holders of posts and families: B03, B04, B09, B10, B11, B15, B16, B17."""

from __future__ import annotations

from typing import Any

from ledgers.codes import SELF_EMPLOYED
from subsidies.rules import CALENDAR, HALF, MONTH, ONCE
from subsidies.schemes.examples.parts import (
    AGE,
    ALIVE,
    ANYBODY,
    FIRST,
    JOBS,
    LICENSED,
    LOCAL,
    NO_FARMING,
    NOT_ABSORBED,
    WORKING,
    Example,
    asked,
    months,
    not_paid,
    papers,
)

FOUNDING = papers("个人申请和承诺书", "营业执照", optional=("经营场所照片", "带动就业名单"))
WUZHAI = "五寨县（山西）方案，S3"


def _example(
    key: str, code: str, title: str, source: str, tariff: dict[str, Any], *more: dict[str, Any], **fields: Any
) -> Example:
    rule: dict[str, Any] = {
        "window": fields.pop("window", CALENDAR),
        "places": [],
        "clauses": [ANYBODY, ALIVE, *more],
        "tariff": tariff,
    }
    if forms := fields.pop("job_forms", None):
        rule["job_forms"] = forms
    return Example(key, code, title, source, rule, fund=fields.pop("fund", JOBS), **fields)


def _founder(
    key: str, title: str, source: str, tariff: dict, running: int, *more: dict, **fields: Any
) -> Example:
    """A first business that has been running for so many months (YD-G13)."""
    code = fields.pop("code", "B03")
    return _example(
        key, code, title, source, tariff, asked("own_business", least=running), FIRST, LICENSED, NOT_ABSORBED,
        not_paid(code, years=99), *more, window=ONCE, job_forms=[SELF_EMPLOYED], documents=FOUNDING, **fields,
    )  # fmt: skip


def _flat(yuan: int) -> dict[str, Any]:
    return {"kind": "flat", "amount": yuan * 100}


def _days(yuan: int, most: int | None = None) -> dict[str, Any]:
    return {"kind": "per_day", "amount": yuan * 100, "most": most}


def _lesson(
    key: str, title: str, source: str, tariff: dict[str, Any], *more: dict[str, Any], **fields: Any
) -> Example:
    told = "培训班里测算的生活费补贴和这里的申请只能选一种：发过的培训不再计入。"
    return _example(
        key, "B09", title, source, tariff, asked("in_class", least=1), *more,
        documents=papers("个人申请和承诺书", optional=("培训证书",)), told=told, **fields,
    )  # fmt: skip


def _post(key: str, title: str, source: str, yuan: int, **fields: Any) -> Example:
    told = fields.pop("told", "")
    return _example(
        key, "B10", title, source, {"kind": "per_post_month", "amount": yuan * 100, "most": None}, asked("on_post"),
        asked("on_duty"), window=MONTH, documents=papers("考勤表"), fund=LOCAL,
        told=f"{told}岗位工资表已经发放的月份不能再申请。", **fields,
    )  # fmt: skip


PEOPLE = (
    _founder("b03", "首次创业经营满12个月，一次性5000元", "山西省，P02", _flat(5000), 12),
    _founder(
        "b03-jobs", "首次创业经营满12个月，带动3人以上就业的5000元，其他2500元", WUZHAI,
        {"kind": "by_paper", "paper": "经营实体带动3人以上就业", "amount": 250_000, "with_paper": 500_000}, 12,
        blank=True, told="文件写明按带动就业人数给予，没有写金额，请按本地文件填写。",
    ),
    _founder(
        "b03-registered", "首次创业经营满12个月，一次性10000元，登记后12至18个月内申请", "某县，P11", _flat(10_000), 12,
        told="申请期限由村和乡镇按营业执照核对，系统没有登记日期。",
    ),
    _founder(
        "b03-no-farming", "首次创业经营满12个月，一次性10000元，种植养殖除外", "恭城县（广西），P46", _flat(10_000), 12,
        NO_FARMING,
    ),
    _founder(
        "b03-second-half", "满6个月预付50%的，经营满12个月发其余50%：2500元", WUZHAI, _flat(2500), 12,
        told="与“创业补贴预付”一起使用，两项合计为全额。", blank=True,
    ),
    _founder(
        "b03-advance", "首次创业经营满6个月，预付50%：2500元", WUZHAI, _flat(2500), 6,
        code="B03Q", told="文件没有写全额是多少，请按本地文件填写一半的金额。", blank=True,
    ),
    _example(
        "b04", "B04", "创业场地租赁，每月250元，每年最多12个月，累计不超过3年", "山西省3000元/年，P02；三年，S3",
        {"kind": "per_month", "amount": 25_000, "most": 12}, asked("own_business", least=1), LICENSED,
        asked("years", codes=["B04"], most=3), job_forms=[SELF_EMPLOYED],
        documents=papers("个人申请和承诺书", "营业执照", "场地租赁合同"),
    ),
    _lesson("b09", "培训生活费每人每天15元", "山西省，S3、P02", _days(15)),
    _lesson("b09-25", "培训生活费每人每天25元", "黑龙江，P45", _days(25)),
    _lesson("b09-50", "培训生活费和交通费每人每天50元，每年一次", "某县，P11", _days(50), not_paid("B09")),
    _lesson("b09-hainan", "培训生活费每人每天50元", "海南2018年，P13", _days(50)),
    _lesson("b09-course", "每个培训班500元，每年一次", "广东", _flat(500), not_paid("B09")),
    _post("b10", "公益性岗位补贴，在岗有考勤的每月300元", "许昌市，S2；金寨县关庙乡（安徽），P18", 300,
          told="按考勤和考核扣减的，请用岗位工资表核算，不用这里的申请。"),
    _post("b10-year", "公益性岗位补贴，原则上不低于每年4000元", "固镇县（安徽），S4", 334,
          told="每月334元，一年4008元。"),
    _post("b10-half", "公益性岗位补贴，不低于当地最低工资50%", "山西省，P02", 900, blank=True,
          told="请填写当地最低工资的50%。"),
    _post("b10-hainan", "公益性岗位补贴，当地最低工资80%", "海南2018年，P13", 1200, blank=True,
          told="请填写当地最低工资的80%。"),
    _example(
        "b11", "B11", "一次性求职创业补贴500元，同年没有享受职业介绍补贴", "某县，P11；11月30日前，S4", _flat(500),
        AGE, months(1), not_paid("B11", "B11Z"), documents=WORKING, closes=(11, 30),
    ),
    _example(
        "b11-introduced", "B11Z", "职业介绍补贴，同年没有享受求职创业补贴", "某县，P11", _flat(300), AGE, months(1),
        not_paid("B11", "B11Z"), documents=WORKING, blank=True, told="文件没有写金额，请按本地文件填写。",
    ),
    _example(
        "b15-opening", "B15K", "开业补贴，新登记自主创业", "许昌市2021—2022年调研，S2", _flat(1000),
        asked("own_business", least=1), LICENSED, not_paid("B15K", years=99), window=ONCE, documents=FOUNDING,
        job_forms=[SELF_EMPLOYED], blank=True, fund=LOCAL, told="文件没有写金额，请按本地文件填写。",
    ),
    _example(
        "b16-pension", "B16Y", "居民养老保险代缴", WUZHAI, _flat(100), asked("age", least=16, most=59),
        not_paid("B16Y"), documents=papers("个人申请和承诺书"), blank=True, fund=LOCAL,
        told="文件只有名称，没有写代缴标准，请按本地文件填写。",
    ),
    _example(
        "b17", "B17", "雨露计划：中高职在校学生每年3000元", "云南省，P32", _flat(3000),
        asked("student", among=["中职", "高职高专", "技师学院"]), not_paid("B17"),
        documents=papers("在校证明或学籍信息"), fund=LOCAL,
        told="云南已提高到每年3000元、4000元、5000元三档，请按本地文件改。",
    ),
    _example(
        "b17-term", "B17", "雨露计划：中高职在校学生每学期1500元", "国务院扶贫办雨露计划政策，R1", _flat(1500),
        asked("student", among=["中职", "高职高专", "技师学院"]), window=HALF,
        documents=papers("在校证明或学籍信息"), fund=LOCAL,
    ),
)  # fmt: skip
