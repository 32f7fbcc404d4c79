"""The workbooks of the national system's 务工监测 module: header in the third row, every cell text (domain §1.3)."""

from __future__ import annotations

from dataclasses import replace

from ledgers.imports import columns as c
from ledgers.imports.laborers import LedgerKind
from lib.staging import register

NAME = replace(c.NAME, required=False)
ID = replace(c.ID, title="证件号码", synonyms=("身份证号码", "身份证号", "公民身份号码"))
WHERE = (
    replace(c.COUNTY, title="县", synonyms=("县（市、区）", "县区", "区县")),
    replace(c.TOWN, title="乡", synonyms=("乡镇", "乡(镇)")),
    replace(c.VILLAGE, synonyms=("村",)),
)
WHO = (*WHERE, c.NUMBER, NAME, ID)
KINDS_OF_HOUSEHOLD = c.HOUSEHOLD_COLUMNS[:2]


@register
class NationalBase(LedgerKind):
    """监测对象信息: families with their kind and flags, and their members. Children are read and not kept."""

    name = "national-base"
    place = 11
    title = "监测对象信息（全国系统导出）"
    about = "全国系统导出的监测对象信息：更新户类型、监测类别和成员基本情况，补充台账中没有的劳动力。"
    make_new = True
    header_row = 3
    columns = (
        *WHO, c.HEAD, c.RELATION, c.SEX, c.ETHNIC, c.EDUCATION, c.STUDENT, c.HEALTH, c.POLITICAL,
        replace(c.ABILITY, title="劳动技能", synonyms=("劳动能力",)), *c.HOUSEHOLD_COLUMNS, c.PHONE,
    )  # fmt: skip


@register
class NationalWork(LedgerKind):
    """已外出务工信息: spells of people the ledger has."""

    name = "national-work"
    place = 12
    title = "已外出务工信息（全国系统导出）"
    about = "全国系统导出的已外出务工信息：更新务工起止时间、务工地、工资、单位和渠道。"
    header_row = 3
    columns = (
        *WHO, *KINDS_OF_HOUSEHOLD, *(column for column in c.BLOCK_A if column.key == "working"),
        replace(c.STARTED, title="开始时间", synonyms=("务工开始时间", "务工开始")),
        replace(c.ENDED, title="结束时间", synonyms=("务工结束时间", "务工结束")),
        replace(c.REGION, title="务工所在县", synonyms=("务工所在地", "务工地点")),
        replace(c.WAGE, title="务工月收入", synonyms=("月收入",)),
        replace(c.EMPLOYER, title="务工企业名称", synonyms=("务工单位", "就业单位名称")),
        c.CHANNEL,
        replace(c.FORM, synonyms=()),
        c.PHONE,
    )  # fmt: skip


@register
class NationalPlan(LedgerKind):
    """计划外出务工信息: who plans to go, where, and what help is needed."""

    name = "national-plan"
    place = 13
    title = "计划外出务工信息（全国系统导出）"
    about = "全国系统导出的计划外出务工信息：更新外出计划、意向地和就业服务需求。"
    header_row = 3
    columns = (
        *WHO, *KINDS_OF_HOUSEHOLD, replace(c.PLANS, title="是否计划务工", synonyms=("是否有外出计划",)),
        replace(c.WANTED_REGION, title="计划务工所在县", synonyms=("外出务工意向地",)),
        replace(c.WANTED_MONTH, title="计划务工时间", synonyms=("计划外出时间",)), c.NEED,
    )  # fmt: skip
