"""A 交接单 as a workbook: national column order, header in the third row, what changed on a yellow ground.

Behind the national columns stand 异动内容 (old → new) and three columns for the answer; the workbook comes back as kind
receipts. National months are written 2022年10月; 年度交通费补助 is not in the ledger and stays blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils import timezone

from ledgers import imports
from ledgers.exports.laborers import flag_text
from ledgers.imports.known import CHUNK, Known, numbers, people
from ledgers.imports.receipts import ENTERED_ON, NUMBER, REASON, RESULT
from ledgers.matching import all_villages
from ledgers.models import Handover, HandoverLine, Laborer
from ledgers.models.handover import WAITING
from lib.bulk import among
from lib.month import Month
from lib.sheets import Column, Marked, Table, write_workbook

NATIONAL = {
    "county": "县", "town": "乡", "village": "行政村", "number": "户编号", "name": "姓名", "id_no": "证件号码",
    "poverty_kind": "户类型", "monitor_kind": "监测对象类别", "working": "是否已务工", "started": "开始时间",
    "ended": "结束时间", "region_text": "务工所在县", "monthly_wage": "务工月收入", "employer": "务工企业名称",
    "industry": "所属行业", "channel": "就业渠道", "organised_by": "是否点对点输送", "transport": "年度交通费补助",
    "phone": "联系电话",
}  # fmt: skip
USUAL = 9
WIDTHS = {"handover": 15, "village": 11, "number": 14, "name": 8, "id_no": 20, "started": 11, "ended": 11, "working": 6,
          "region_text": 18, "employer": 18, "phone": 13, "changed_at": 11, "changes": 36}  # fmt: skip
ADDED = "新增人员"
_KINDS = (imports.Laborers, imports.NationalBase, imports.NationalWork, imports.NationalPlan)
KEYS = {column.title: column.key for kind in _KINDS for column in kind.columns}  # printed label → column key


def write(handover: Handover, out: BinaryIO) -> int:
    """The workbook of all lines; returns how many people are on it."""
    lines = HandoverLine.objects.filter(handover=handover).select_related("handover")
    count = lines.count()
    since, until = timezone.localtime(handover.since), timezone.localtime(handover.until)
    table = Table(
        "异动",
        _columns(),
        _rows(handover),
        title=f"{handover.unit.name}{handover.month.label}务工人员异动交接单（{handover.number}）",
        notes=(
            f"{since:%Y年%m月%d日%H:%M}至{until:%Y年%m月%d日%H:%M}共{count}人有异动，由{handover.made_by.username}导出，内部资料。"
            "黄色格是有变化的内容。录入系统后在最后三列填写录入结果，整个文件在“导入”里选“异动回执”上传。"
        ),
        blank_rows=count,
        protect=True,
        printed=True,
        open_lists=True,
    )
    write_workbook(out, table)
    return count


def _columns() -> list[Column]:
    titles = NATIONAL | {"changed_at": "异动时间", "changes": "异动内容"}
    columns = [Column(NUMBER.title, WIDTHS["handover"], locked=True)]
    columns += [Column(title, WIDTHS.get(key, USUAL), locked=True) for key, title in titles.items()]
    return columns + [
        Column(one.title, 10, choices=one.choices, help=one.help) for one in (RESULT, ENTERED_ON, REASON)
    ]


def _rows(handover: Handover) -> Iterator[list]:
    ordered = HandoverLine.objects.filter(handover=handover).order_by(
        "laborer__village__sort_path", "laborer__household__number", "laborer_id"
    )
    lines = list(ordered)
    places = {one.pk: one.names for one in all_villages()}
    for start in range(0, len(lines), CHUNK):
        part = {line.laborer_id: line for line in lines[start : start + CHUNK]}
        chosen = Laborer.objects.filter(among("pk", list(part)))
        known = {one.pk: one for one in people(chosen, handover.month)}
        secret = {pk: (id_no, phone) for pk, id_no, phone in numbers(chosen)}
        for pk, line in part.items():
            if pk in known:
                known[pk].values["id_no"], known[pk].values["phone"] = secret[pk]
                yield _row(handover.number, line, known[pk], places.get(known[pk].village, ("", "", "")))


def _row(number: str, line: HandoverLine, known: Known, place: tuple[str, str, str]) -> list:
    values = national(known) | dict(zip(("village", "town", "county"), place, strict=True))
    touched = {KEYS.get(label, "") for label, _, _ in line.changes}
    cells: list[Any] = [number]
    for key in NATIONAL:
        cell = values.get(key) or ""
        cells.append(Marked(cell) if key in touched or (line.added and key == "name") else cell)
    changed_at = timezone.localtime(line.changed_at)
    answered = line.result != WAITING
    return [
        *cells,
        f"{changed_at:%Y-%m-%d}",
        told(line),
        line.result if answered else "",
        str(line.entered_on or ""),
        line.reason,
    ]


def told(line: HandoverLine) -> str:
    """异动内容: 月平均工资 3000 → 4500；…"""
    changes = [f"{label}：{old} → {new}" for label, old, new in line.changes]
    return "；".join([ADDED, *changes] if line.added else changes)


def national(known: Known) -> dict[str, str]:
    """The facts in national words; somebody who has stopped working shows the spell that ended."""
    spell = known.spell or (known.spells[-1] if known.spells else {})
    values = {key: str(known.values.get(key) or "") for key in NATIONAL}
    for key in ("region_text", "monthly_wage", "employer", "industry"):
        values[key] = str(spell.get(key) or "")
    return values | {
        "working": flag_text(known.spell is not None),
        "started": _month(spell.get("started")),
        "ended": _month(spell.get("ended")),
        "channel": spell.get("channel") or spell.get("job_form") or "",
        "organised_by": flag_text(str(spell.get("organised_by") or "").startswith("专车")) if spell else "",
    }


def _month(value: str | None) -> str:
    month = Month.parse(value) if value else None
    return f"{month.year}年{month.month:02d}月" if month else ""
