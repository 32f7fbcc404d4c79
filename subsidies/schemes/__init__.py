"""Subsidy schemes as data (domain.md §4.1): what each is called, for whom it is, and what the seeds say it pays.

Amounts and conditions differ between counties and years; `standard` is only what a new message begins with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheme:
    code: str
    name: str
    beneficiary: str
    standard: str = ""


_ROWS = (
    ("B01", "一次性交通补贴", "省外、县外务工的脱贫劳动力（含监测对象）"),
    ("B02", "稳岗补贴", "稳定务工的脱贫劳动力（含监测对象）"),
    ("B03", "一次性创业补贴", "首次创业的返乡入乡人员、脱贫户和监测户"),
    ("B04", "场地租赁补贴", "租用经营场地的创业人员"),
    ("B05", "创业担保贷款及贴息", "符合条件的创业人员"),
    ("B06", "一次性吸纳就业补贴", "吸纳就业的帮扶车间、小微企业"),
    ("B07", "社会保险补贴", "吸纳就业的小微企业"),
    ("B08", "阶梯式奖补", "帮扶车间"),
    ("B09", "培训生活费补贴", "参加培训的脱贫劳动力和监测对象", "每人每天15元"),
    ("B10", "公益性岗位补贴", "公益性岗位在岗人员"),
    ("B11", "求职创业和转移就业补贴", "求职创业、转移就业人员和劳务经纪人"),
    ("B12", "用人单位岗位补贴和稳岗返还", "用人单位、帮扶车间"),
    ("B13", "务工奖补", "连续外出务工满6个月、灵活就业满3个月的人员"),
    ("B14", "帮扶车间（基地）吸纳奖补", "帮扶车间、就业帮扶基地"),
    ("B15", "一次性交通住宿费和开业补贴", "脱贫人口和监测对象"),
    ("B16", "一次性扩岗补助和养老保险代缴", "用人单位、符合条件的居民"),
    ("B17", "雨露计划职业教育补助", "脱贫户、监测户的中高职在校学生"),
    # what the seeds name in one line and a county pays one beside the other
    ("B01J", "务工奖（劳务补助）", "外出务工的脱贫劳动力（含监测对象）"),
    ("B03Q", "创业补贴预付", "首次创业满半年的返乡入乡人员、脱贫户和监测户"),
    ("B06X", "小微企业吸纳就业补贴", "新吸纳劳动力的小微企业"),
    ("B07T", "招用脱贫人口税费扣减", "招用脱贫人口的企业"),
    ("B11F", "就业创业服务补贴", "人力资源机构和劳务经纪人"),
    ("B11Z", "职业介绍补贴", "经介绍稳定就业的脱贫劳动力"),
    ("B12S", "失业保险稳岗返还和以工代训", "用人单位、帮扶车间"),
    ("B15K", "开业补贴", "新开业的脱贫人口和监测对象"),
    ("B16Y", "居民养老保险代缴", "符合条件的脱贫人口和监测对象"),
)
SCHEMES: dict[str, Scheme] = {row[0]: Scheme(*row) for row in _ROWS}
CHOICES = [(scheme.code, f"{scheme.name}（{scheme.beneficiary}）") for scheme in SCHEMES.values()]


def name_of(code: str) -> str:
    """The name of a scheme; the code itself where a later edition has dropped it."""
    return SCHEMES[code].name if code in SCHEMES else code


FOUNDING = (
    "B03",
    "B03Q",
    "B04",
    "B15K",
)  # for who founds a business: nobody is absorbed by a workshop beside it (YD-G15)
