"""What the pages of batches say: sums side by side, by unit, and the whole of a scheme and year to the cent. Fen."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Level, Unit, User
from lib.money import yuan
from subsidies.models import Claim, PaymentBatch, PaymentLine, Refund

State, Line = PaymentBatch.State, PaymentLine.State
TRANSPORT = "B01"
LATE_DAYS = 30  # approved and unpaid for longer is a case of YD-G17
COLUMNS = (
    ("approved", "已批准"), ("waiting", "待组批"), ("bounced", "退票待重发"), ("batched", "已组批未发送"),
    ("sent", "待银行回单"), ("paid", "已到账"), ("refunded", "其中追回"),
)  # fmt: skip
PARTS = ("waiting", "bounced", "batched", "sent", "paid")  # each approved claim stands in one of them


def sums(batch: PaymentBatch, receipt: int | None = None) -> list[dict[str, Any]]:
    """Claims, lines, file and receipt side by side; `differs` names what the one before does not agree with.

    `receipt` is the total of a bank file that is not booked yet.
    """
    living = batch.lines.exclude(state=Line.VOID)
    either = Coalesce("claim__amount", "award__amount", output_field=BigIntegerField())
    found = living.aggregate(
        lines=Sum("amount"), claims=Sum(either), people=Count("pk"),
        booked=Sum("amount", filter=~Q(state=Line.WAITING)), answered=Count("pk", filter=~Q(state=Line.WAITING)),
    )  # fmt: skip
    was_sent = batch.state in (State.SENT, State.DONE)
    back = found["booked"] if receipt is None and found["answered"] else receipt
    rows = [
        ("奖补合计" if batch.scheme.pays_workshops else "申请合计", found["claims"] or 0),
        ("批次明细合计", found["lines"] or 0),
        ("发放文件合计", batch.amount if was_sent else None),
        ("银行回单合计", back if was_sent else None),
    ]
    first = rows[0][1] or 0
    return [
        {"label": label, "fen": fen, "yuan": yuan(fen), "differs": _difference(first, fen)}
        for label, fen in rows
    ]


def outcome(batch: PaymentBatch) -> dict[str, str]:
    """What became of a batch whose receipt is booked, for a note; empty before."""
    if batch.state != State.DONE:
        return {}
    living = batch.lines.exclude(state=Line.VOID)
    failed = Q(state=Line.FAILED)
    found = living.aggregate(
        failed=Count("pk", filter=failed), back=Sum("amount", filter=failed),
        paid=Count("pk", filter=~failed), there=Sum("amount", filter=~failed),
    )  # fmt: skip
    told = f"到账 {found['paid']} 笔、{yuan(found['there'] or 0)} 元。"
    if not found["failed"]:
        return {"text": f"全部{told}", "tone": "good", "url": "", "link_label": ""}
    again = "已回到待发放：更换收款账户以后在“组批”里重新发放。"
    text = f"{told}退票 {found['failed']} 笔、{yuan(found['back'])} 元，{again}"
    return {"text": text, "tone": "warn", "url": f"?state={Line.FAILED}", "link_label": "看退票"}


def _difference(first: int, fen: int | None) -> str:
    if fen is None:
        return "—"
    return "0.00" if fen == first else f"{'多' if fen > first else '少'}{yuan(abs(fen - first))}元"


def by_unit(
    rows: QuerySet, units: Iterable[Unit], place: str = "village", **counts: Any
) -> list[dict[str, Any]]:
    """`counts` of the rows added up to the units, which stand side by side in the tree; rows have a `place`."""
    paths = {one.path: one for one in units}
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    villages = rows.order_by().values(path=F(f"{place}__path")).annotate(**counts)
    for row in villages:
        unit = next((one for path, one in paths.items() if row["path"].startswith(path)), None)
        for key in counts:
            found[unit.pk if unit else 0][key] += row[key] or 0
    return [{"unit": one, **found[one.pk]} for one in paths.values() if one.pk in found]


def parts_of(unit: Unit) -> list[Unit]:
    """The units right below, of which a table has a line each; a village stands for itself."""
    if unit.level == Level.VILLAGE:
        return [unit]
    return list(unit.children.order_by("sort_path"))


# ── a scheme and a year ──────────────────────────────────────────────────────────────────────────────────────────


def claims_of(user: User, unit: Unit, year: int, code: str = "") -> QuerySet:
    """Decided claims below `unit` for months of the year, each with its `part`."""
    rows = _of_year(Claim.objects.visible_to(user).under(unit), year, code).filter(state__in=Claim.DECIDED)
    lines = PaymentLine.objects.filter(claim=OuterRef("pk"))
    paid = Q(state__in=(Claim.State.PAID, Claim.State.REFUNDED))
    part = Case(
        When(paid, then=Value("paid")),
        When(Q(state=Claim.State.BATCHED) & Exists(lines.filter(state=Line.WAITING, batch__state=State.SENT)),
             then=Value("sent")),
        When(state=Claim.State.BATCHED, then=Value("batched")),
        When(Exists(lines.filter(state=Line.FAILED)), then=Value("bounced")),
        default=Value("waiting"),
        output_field=CharField(),
    )  # fmt: skip
    return rows.annotate(part=part)


def newest_year(user: User, unit: Unit) -> int:
    """The year of the newest month that a decided claim below `unit` is for; this year without any."""
    rows = Claim.objects.visible_to(user).under(unit).filter(state__in=Claim.DECIDED)
    month = rows.order_by("-month").values_list("month", flat=True).first()
    return month.year if month else timezone.localdate().year


def _of_year(rows: Any, year: int, code: str, way: str = "") -> Any:
    """Rows whose claim, reached by `way`, is for months of the year, and of the scheme if one is named."""
    rows = rows.filter(**{f"{way}month__gte": f"{year}-01", f"{way}month__lte": f"{year}-12"})
    return rows.filter(**{f"{way}code": code}) if code else rows


def reconciled(user: User, unit: Unit, year: int, code: str = "") -> list[dict[str, Any]]:
    """Per unit below and 合计: people and fen of each column; `ok` says that the parts add up to what was approved."""
    units = parts_of(unit)
    owner = {one.path: one for one in units}
    lines: dict[int, dict[str, list[int]]] = {one.pk: _empty() for one in units}
    whole = _empty()

    def add(path: str, column: str, people: int, fen: int) -> None:
        one = next((unit for at, unit in owner.items() if path.startswith(at)), None)
        for line in (whole, *([lines[one.pk]] if one else [])):
            line[column][0] += people
            line[column][1] += fen

    claims = claims_of(user, unit, year, code)
    for row in claims.order_by().values("village__path", "part").annotate(n=Count("pk"), fen=Sum("amount")):
        add(row["village__path"], row["part"], row["n"], row["fen"])
        add(row["village__path"], "approved", row["n"], row["fen"])
    back = _of_year(Refund.objects.visible_to(user).under(unit), year, code, "line__claim__")
    back = back.filter(confirmed_at__isnull=False, line__claim__state__in=Claim.DECIDED)
    for row in back.order_by().values("line__village__path").annotate(n=Count("pk"), fen=Sum("amount")):
        add(row["line__village__path"], "refunded", row["n"], row["fen"])
    shown = [(None, whole)] + [(one, lines[one.pk]) for one in units if lines[one.pk]["approved"][0]]
    return [{"unit": one, "cells": _cells(line), "ok": _adds_up(line)} for one, line in shown]


def _empty() -> dict[str, list[int]]:
    return {key: [0, 0] for key, _ in COLUMNS}


def _adds_up(line: dict[str, list[int]]) -> bool:
    return all(line["approved"][at] == sum(line[part][at] for part in PARTS) for at in (0, 1))


def _cells(line: dict[str, list[int]]) -> list[dict[str, Any]]:
    return [
        {"label": label, "people": line[key][0], "yuan": yuan(line[key][1]), "fen": line[key][1]}
        for key, label in COLUMNS
    ]


def unpaid(user: User, unit: Unit, code: str = "") -> QuerySet[Claim]:
    """Approved more than thirty days ago and still not paid (YD-G17), the oldest first."""
    before = timezone.now() - dt.timedelta(days=LATE_DAYS)
    rows = Claim.objects.visible_to(user).under(unit).filter(
        state__in=(Claim.State.APPROVED, Claim.State.BATCHED), approved_at__lt=before
    )  # fmt: skip
    return (rows.filter(code=code) if code else rows).order_by("approved_at", "pk")


def is_year_unpaid(claim: Claim) -> bool:
    """YD-G09: 外出务工补贴 was approved, and its whole year went by without a fen of it."""
    return (
        claim.code == TRANSPORT
        and claim.period[:4].isdecimal()
        and int(claim.period[:4]) < timezone.localdate().year
    )


def days_waiting(claim: Claim) -> int:
    """Whole days since it was approved."""
    return (timezone.now() - claim.approved_at).days if claim.approved_at else 0
