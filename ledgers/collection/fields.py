"""The 采集表 as it is printed: blocks A to F, built from the columns that workbooks are read with.

Labels, parsers and code lists are those of ledgers.imports.columns; here stands only what a form adds: the order, the
official definition under each field, which answer a field depends on, the unit of a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from ledgers import codes
from ledgers.exports import cell_text
from ledgers.imports import cells
from ledgers.imports.columns import LABORERS
from lib.month import Month
from lib.staging import Column

COLUMNS = {column.key: column for column in LABORERS}
WORKS, IDLE = ("working", "是"), ("working", "否")
PLACES = frozenset({"region_text", "left_region", "wanted_region"})
KINDS: dict[Callable[[Any], Any], str] = {
    cells.flag: "flag", cells.month: "month", cells.plan_month: "month", cells.day: "day", cells.plan_day: "day",
    cells.ticked: "months", cells.services: "counts", cells.phone: "phone", cells.id_number: "id",
    cells.wage: "number", cells.wanted_wage: "number", cells.income: "number", cells.days: "number",
    cells.months_worked: "number",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of the form. `kind` is text, choice, flag, month, months, day, number, place, phone, id or counts."""

    key: str
    label: str
    kind: str
    help: str = ""  # the official definition in one sentence
    choices: tuple[str, ...] = ()
    only_when: tuple[str, str] | None = None  # asked only while that field has that answer
    unit: str = ""
    fixed: bool = False  # shown, never typed
    printed: bool = True  # stands on the official form
    secret: bool = False

    @property
    def column(self) -> Column:
        return COLUMNS[self.key]


@dataclass(frozen=True)
class Block:
    letter: str
    title: str
    fields: tuple[Field, ...]


OFFERED = {
    "ability": codes.COLLECTED_ABILITIES,
    "ethnic": tuple(codes.ETHNICS),
    "services": (*codes.SERVICES, cells.NO_SERVICE),
    "wants_training": ("有", "无"),
}


def _field(key: str, help: str = "", when: tuple[str, str] | None = None, **more: Any) -> Field:
    column = COLUMNS[key]
    kind = KINDS.get(column.parse) or ("place" if key in PLACES else "")
    choices = OFFERED.get(key) or column.choices
    return Field(
        key, column.title, kind or ("choice" if choices else "text"), help or column.help, choices, when,
        secret=column.secret, **more,
    )  # fmt: skip


# Who a new person belongs to: the household is on the cover of the paper, not in its blocks.
HOUSEHOLD = Block(
    "",
    "户",
    (
        _field("head_name", "同一户的人写同一个户主姓名。", printed=False),
        _field("number", "台账已有的户填户编号；新户留空，由系统编号。", printed=False),
        _field("relation", printed=False),
        _field("poverty_kind", printed=False),
        _field("monitor_kind", "不是监测对象的留空。", printed=False),
        _field("monitored_on", "纳入监测的日期。", printed=False),
    ),
)

BLOCK_A = Block(
    "A",
    "基本信息",
    (
        _field("name", "与身份证一致。"),
        _field("id_no"),
        _field("registered_address", "户口簿上的地址，写到村、组。"),
        _field("phone", "能联系到本人的手机号码，11位。"),
        _field("ethnic"),
        _field("verify_state", "提交后由系统填为已核实。", fixed=True),
        _field(
            "person_state", "上学、参军、服刑、暂时不能劳动的是暂时退出；死亡、永久不能劳动的是永久退出。"
        ),
        _field("working", "本月在外务工或已就业的选“是”。"),
        _field(
            "ability",
            "16至59周岁能劳动、无职业资格证书的是普通劳动力，有证书的是技能劳动力；"
            "有病但能干轻活或60周岁以上健康的是弱劳动力或半劳动力。",
        ),
        _field("skill_level", "按职业资格或技能等级证书；普通劳动力填“无”。"),
        _field("is_recent_leaver", "初中、高中毕业后没有升学，且毕业未满五年的是两后生。"),
        _field("education", "按最高学历。"),
        _field("graduated_in", "两后生必填。"),
        _field("home_address", "现在家庭居住的地址。"),
        _field("months", "上年10月至本年9月累计；不足一个月的用小数，如3.5；没有务工填0。", unit="个月"),
        _field("income", "与年度累计务工时间同一时段的务工收入；没有务工填0。", unit="元"),
        _field("ticked_months", "勾选务工的每一个月。"),
        _field("flexible_days", "灵活就业的实际天数。", ("job_form", codes.FLEXIBLE), unit="天"),
    ),
)
BLOCK_B = Block(
    "B",
    "已外出务工情况",
    (
        _field("region_text", "至少写到县（市、区）；本乡镇内的写“本乡镇”。", WORKS),
        _field("job_form", "自主创业只登记，不计入务工人数。", WORKS),
        _field("job_form_note", "写明是哪种形式。", ("job_form", codes.OTHER_FORM), printed=False),
        _field("employer", "单位全称；灵活就业、自主创业可以不填。", WORKS),
        _field("started", "到现在这个单位就业的年月。", WORKS),
        _field("monthly_wage", "到手工资的月平均数。", WORKS, unit="元"),
        _field("industry", "按本人所做的工作。", WORKS),
        _field("has_contract", "与用人单位签有书面劳动合同或协议的选“是”。", WORKS),
        _field("has_insurance", "单位缴纳城镇职工养老和医疗保险的选“是”；城乡居民保险不算。", WORKS),
        _field("helped", "经政府或帮扶干部介绍、组织而就业的选“是”。", WORKS),
        _field("helped_in", "帮扶成功的年月。", ("helped", "是")),
        _field("by_returnee_startup", "在返乡创业者办的企业就业的选“是”。", WORKS),
        _field("organised_by", "由政府组织输出的才填，不是的留空。", WORKS),
    ),
)
BLOCK_C = Block(
    "C",
    "暂未外出务工情况",
    (
        _field("idle_type", "以前务过工、现在没有工作的是就业转失业。", IDLE),
        _field("unemployed_on", "失去工作的日期。", ("idle_type", codes.IDLE_TYPES[1])),
        _field("plans_out", "意向地、岗位、月薪一时说不全的，先填“否”，下月再问。", IDLE),
        _field("no_plan_reason", "选最主要的一项。", ("plans_out", "否")),
        _field("wanted_region", "写到省、市（州）。", ("plans_out", "是")),
        _field("wanted_in", "打算什么时候出去，可以不填。", ("plans_out", "是")),
        _field("wanted_job", "想做的岗位或工种。", ("plans_out", "是")),
        _field("wanted_wage", "希望的最低月薪。", ("plans_out", "是"), unit="元"),
        _field("service_need", "需要什么帮助，如岗位信息、技能培训。", ("plans_out", "是"), printed=False),
    ),
)
BLOCK_D = Block(
    "D",
    "返乡回流情况",
    (
        _field("is_returned", "失业后从县外回到本县，或从本县其他乡镇回到本乡镇的，选“是”。"),
        _field("return_reason", "选最主要的一项。", ("is_returned", "是")),
        _field("left_region", "返乡以前在哪里务工，写到县（市、区）。", ("is_returned", "是")),
        _field(
            "returned_on", "回到家的日期；72小时内的服务从这一天算起。", ("is_returned", "是"), printed=False
        ),
    ),
)
WISHES = ("wants_training", "有")
BLOCK_E = Block(
    "E",
    "培训意愿",
    (
        _field("wants_training", "类别、工种、日期一时说不全的，先填“无”，下月再问。"),
        _field("training_kind", "技能培训或创业培训。", WISHES),
        _field("training_trade", "想学的工种。", WISHES),
        _field("training_on", "希望参加培训的日期。", WISHES),
    ),
)
BLOCK_F = Block(
    "F",
    "享受就业服务情况",
    (_field("services", "从本年1月1日起算，每项写明次数；没有的填“未享受过就业服务”。"),),
)
BLOCKS = (BLOCK_A, BLOCK_B, BLOCK_C, BLOCK_D, BLOCK_E, BLOCK_F)
NEW_PERSON = (HOUSEHOLD, *BLOCKS)
FIELDS = {field.key: field for block in NEW_PERSON for field in block.fields}
OF_HOUSEHOLD = frozenset(field.key for field in HOUSEHOLD.fields)


def blocks(new_person: bool = False) -> tuple[Block, ...]:
    """The blocks of a form; the household is asked for a new person only."""
    return NEW_PERSON if new_person else BLOCKS


def fields(new_person: bool = False) -> dict[str, Field]:
    return {field.key: field for block in blocks(new_person) for field in block.fields}


def month_boxes(month: Month) -> tuple[Month, ...]:
    """A17: the boxes of the statistical year that `month` lies in; those after `month` cannot be ticked yet."""
    start = settings.STATISTICAL_YEAR_START
    return tuple(Month.statistical_months(month.statistical_year(start), start))


def is_asked(field: Field, texts: Mapping[str, str]) -> bool:
    """Whether the answers given so far ask for the field; what hangs on an unasked field is not asked either."""
    if field.only_when is None:
        return True
    on, answer = field.only_when
    return texts.get(on, "") == answer and is_asked(FIELDS[on], texts)


def text_of(key: str, value: Any) -> str:
    """A stored value as one would type it into the field."""
    if key == "months" and value is not None:
        return f"{Decimal(value).normalize():f}"
    return cell_text(COLUMNS[key], value)


def canonical(key: str, text: str) -> str:
    """The text as the ledger would write the same value (2022-10 is 2022年10月); as typed while it cannot be read."""
    found = COLUMNS[key].parse(text)
    return text if found.value is None or found.message else text_of(key, found.value)
