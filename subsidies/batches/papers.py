"""发放花名册 with its signature lines and 资金申请表: the papers of a batch, as one workbook to print."""

from __future__ import annotations

import io
from collections.abc import Iterator

from django.db.models import Count, Sum

from lib.money import yuan
from lib.sheets import Column, Table, write_workbook
from subsidies.batches import candidates
from subsidies.batches.reading import by_unit, parts_of
from subsidies.models import PaymentBatch, PaymentLine

ROSTER = (
    Column("序号", 5, numeric=True), Column("乡镇", 9), Column("行政村", 11), Column("姓名", 8),
    Column("身份证号码", 20), Column("所属期", 12), Column("务工月份", 16), Column("开户行", 16),
    Column("银行账号", 22), Column("金额（元）", 11), Column("领款人签字（按印）", 14), Column("备注", 8),
)  # fmt: skip
SUMMARY = (
    Column("序号", 5, numeric=True), Column("单位", 20), Column("人数（人）", 12, numeric=True),
    Column("金额（元）", 18), Column("备注", 24),
)  # fmt: skip
COLUMNS = (
    "batch", "serial", "name", "bank", "number", "amount", "state", "claim__period", "claim__months",
    "claim__laborer__id_no", "award__year", "award__people", "award__workshop__uscc", "award__workshop__number",
    "village__name", "village__parent__name",
)  # fmt: skip
SIGNED = "制表人：　　　　　　复核人：　　　　　　单位负责人：　　　　　　（公章）　　　　　年　　月　　日"


def papers(batch: PaymentBatch) -> bytes:
    """Both sheets as xlsx. Whole ID and account numbers: for who may export, and noted by the caller."""
    out = io.BytesIO()
    write_workbook(out, [_roster(batch), _summary(batch)])
    return out.getvalue()


def _title(batch: PaymentBatch, name: str) -> str:
    return f"{batch.unit.name}{batch.scheme.name}{name}"


def _notes(batch: PaymentBatch) -> str:
    paper = f"　财政文号：{batch.finance_number}" if batch.finance_number else ""
    return f"批次号：{batch.number}　资金来源：{batch.fund or batch.scheme.fund or '—'}{paper}　单位：人、元\n{SIGNED}"


def _roster(batch: PaymentBatch) -> Table:
    total = ["合计", "", "", f"{batch.people}人", "", "", "", "", "", yuan(batch.amount, plain=True), "", ""]
    return Table(
        "发放花名册", ROSTER, _people(batch), title=_title(batch, "发放花名册"), notes=_notes(batch),
        totals=total, printed=True, filter=False,
    )  # fmt: skip


def _people(batch: PaymentBatch) -> Iterator[list]:
    rows = batch.lines.exclude(state=PaymentLine.State.VOID).select_related(
        "claim__laborer", "award__workshop", "village__parent"
    )
    rows = rows.only(*COLUMNS)  # claims and people are wide, and much of them is encrypted
    with candidates.whole():
        found = list(rows.order_by("serial"))
    for line in found:
        place = line.village
        yield [
            line.serial, place.parent.name if place.parent else "", place.name, line.name, *_whose(line),
            line.bank, line.number, yuan(line.amount, plain=True), "",
            "退票" if line.state == PaymentLine.State.FAILED else "",
        ]  # fmt: skip


def _whose(line: PaymentLine) -> tuple[str, str, str]:
    """ID, 所属期 and months of a claim; of an award the code of the workshop, its year and how many it counts."""
    if line.claim is not None:
        return line.claim.laborer.id_no, line.claim.period_text, line.claim.months
    award = line.award
    if award is None:  # the database keeps no such line
        return "", "", ""
    return award.workshop.uscc or award.workshop.number, f"{award.year}年", f"计入{award.people}人"


def _summary(batch: PaymentBatch) -> Table:
    units = unit_sums(batch)
    rows = [
        [n, one["unit"].name, one["people"], yuan(one["fen"], plain=True), ""]
        for n, one in enumerate(units, 1)
    ]
    total = ["合计", "", batch.people, yuan(batch.amount, plain=True), ""]
    return Table(
        "资金申请表", SUMMARY, rows, title=_title(batch, "资金申请表"), notes=_notes(batch), totals=total,
        printed=True, filter=False,
    )  # fmt: skip


def unit_sums(batch: PaymentBatch) -> list[dict]:
    """People and fen of the batch by the units right below its own."""
    rows = batch.lines.exclude(state=PaymentLine.State.VOID)
    return by_unit(rows, parts_of(batch.unit), people=Count("pk"), fen=Sum("amount"))
