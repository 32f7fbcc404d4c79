"""Ledgers as an office prints them: title line, running numbers, borders, 合计 at the end, A4 sideways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from lib.sheets import Column, Marked, Table
from lib.staging import Export

SERIAL = "序号"
PEOPLE = "姓名"  # under it the 合计 line says how many
SPACE = "\u3000" * 8
DAY = "\u3000\u3000月\u3000\u3000日"
SIGNED = f"单位（盖章）：{SPACE}制表人：{SPACE}审核人：{SPACE}负责人：{SPACE}年{DAY}"
POSTED = f"公示单位（盖章）：{SPACE}监督电话：{SPACE}公示时间：{DAY}至{DAY}"


def signed(export: Export, rows: Iterable[list], title: str) -> Table:
    """A printed list with the line in which those who answer for it sign."""
    return replace(printed(export, rows, title), foot=SIGNED)


def posted(export: Export, rows: Iterable[list], title: str) -> Table:
    """A printed list for the board: who puts it up, whom to call, from when until when."""
    return replace(printed(export, rows, title), foot=POSTED)


def printed(export: Export, rows: Iterable[list], title: str) -> Table:
    """The rows under a running number, with how many people they are and what the columns of numbers add up to."""
    columns = [Column(SERIAL, 5, numeric=True, centred=True)]
    columns += [Column(name, _width(name), numeric=name in export.numeric) for name in export.headings]
    totals: list = []
    return Table(
        export.title[:31], columns, _numbered(export, rows, totals), title=title, totals=totals, printed=True
    )


def _numbered(export: Export, rows: Iterable[list], totals: list) -> Iterator[list]:
    """Running numbers; when the last row is through, `totals` holds the 合计 line."""
    count = 0
    sums: dict[str, int | Decimal] = dict.fromkeys(export.numeric, 0)
    for count, row in enumerate(rows, 1):
        for name, cell in zip(export.headings, row, strict=True):
            if name in sums:
                sums[name] += _number(cell)
        yield [count, *row]
    line = [f"{count}人" if name == PEOPLE else sums.get(name, "") for name in export.headings]
    totals += ["合计", *line]


def _number(cell) -> int | Decimal:
    value = cell.value if isinstance(cell, Marked) else cell
    return value if isinstance(value, int | Decimal) else 0


DAY_WIDTH = 3  # of the days of a month
USUAL = 8  # characters: four Chinese ones; longer headings and texts go on in the next line
WIDTHS = {
    "乡镇": 9, "行政村": 11, "户编号": 14, "户主姓名": 8, "姓名": 8, "身份证号码": 20, "性别": 5, "年龄": 5,
    "联系电话": 13, "劳动能力": 10, "是否务工": 6, "是否计入": 6, "就业单位名称": 18, "就业时间": 11,
    "社保卡号": 22, "开户行": 14, "发放日期": 11,
    "返乡前务工地点": 18, "外出务工意向地": 14, "未外出务工类型": 14, "无外出意愿原因": 14, "意向岗位（工种）": 12,
    "车间名称": 18, "统一社会信用代码": 20, "金额（元）": 12, "认定文号": 16, "地址": 16, "入职日期": 11,
    "认定日期": 11, "聘用日期": 11, "解聘日期": 11, "返乡日期": 11, "就业转失业日期": 11, "计划外出时间": 11,
    "年度务工收入": 10, "合同到期": 11, "公示开始": 11, "公示截止": 11, "开始": 11, "结束": 11, "证书名称": 16,
    "证书编号": 17,
    "岗位编号": 11, "岗位名称": 13, "岗位类别": 11, "培训班": 18, "培训机构": 16, "补贴项目": 14, "政策名称": 14,
    "务工时间": 16, "务工单位": 16, "务工地点": 18, "不符合或缺少的条件": 28, "资金来源": 10, "本人签字": 12,
    "签收": 12,
    "领取人签字": 12, "签字": 12, "所属期": 11, "用人单位": 12, "责任片区": 12,
}  # fmt: skip


def _width(name: str) -> float:
    return DAY_WIDTH if name.isdecimal() else WIDTHS.get(name, USUAL)
