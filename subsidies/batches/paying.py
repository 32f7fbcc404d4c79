"""The verbs from the payment file to the last line: sent, the bank's answer booked whole, a line marked by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import asdict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from jobs.files import XLSX, store_file
from lib import bankfile, bulk
from lib.bankfile import Outcome, Problem, Result
from lib.sheets import Refused
from subsidies.batches.actions import claims_in, held, in_state, locked, may, move, told
from subsidies.models import Claim, PaymentBatch, PaymentLine

State, Line = PaymentBatch.State, PaymentLine.State
PAID, BOUNCED = "银行已到账", "银行退票"
FORMS = {"xlsx": XLSX, "csv": "text/csv"}
LARGEST = 20 * 2**20  # bytes of a receipt


def sent_lines(batch: PaymentBatch) -> list[bankfile.Line]:
    """The lines of the batch as they stand in the payment file. Fen."""
    purpose = batch.scheme.name[:20]
    return [
        bankfile.Line(one.serial, one.name, one.bank, one.number, one.amount, purpose, batch.number)
        for one in batch.lines.exclude(state=Line.VOID).order_by("serial")
    ]


@transaction.atomic
def send(batch: PaymentBatch, form: str, by: User) -> PaymentBatch:
    """Make the payment file, read it back, keep it; asked again, the first file stands."""
    batch = locked(batch)
    may(by, batch.unit, "a", "x")
    if batch.state == State.SENT:
        return batch
    in_state(batch, State.FUNDED)
    if form not in FORMS:
        raise NotAllowed("发放文件只能是xlsx或csv。")
    _still_their_own(batch)
    lines = sent_lines(batch)
    name = f"发放文件-{batch.number}.{form}"
    data = bankfile.write(lines, form)
    if bankfile.total(lines) != batch.amount or len(lines) != batch.people or bankfile.verify(data, name):
        raise NotAllowed("发放文件与批次对不上，没有发送。请作废这一批，重新组批。")
    batch.file = store_file(by, name, data, FORMS[form], unit=batch.unit, right="subsidy.x")
    batch.digest, batch.state, batch.sent_at = bankfile.digest(lines), State.SENT, timezone.now()
    batch.save(update_fields=["file", "digest", "state", "sent_at"])
    record("subsidy.batch_send", by, batch, batch.unit, **told(batch), digest=batch.digest)
    return batch


def _still_their_own(batch: PaymentBatch) -> None:
    """Nobody's account has been given up since the batch was made (YD-F24)."""
    with wall.opened("who is paid may have moved to another village since"):
        ended = Q(claim__account__ended_at__isnull=False) | Q(payee__ended_at__isnull=False)
        gone = batch.lines.filter(ended, state=Line.WAITING)
        names = list(gone.order_by("serial").values_list("serial", "name")[:3])
    if names:
        told = "、".join(f"第{serial}行{name}" for serial, name in names)
        raise NotAllowed(f"{told}等的收款账户已经更换，请先把这些行撤出批次，再用新账户另行组批。")


# ── the bank's answer ────────────────────────────────────────────────────────────────────────────────────────────


def compared(batch: PaymentBatch, data: bytes, name: str) -> Result:
    """The receipt beside the batch; problems whose line was marked by hand are settled and left out."""
    first = timezone.localtime(batch.sent_at).date() if batch.sent_at else dt.date.min
    result = bankfile.compare(sent_lines(batch), bankfile.read(data, name), first, timezone.localdate())
    waiting = _waiting(batch)
    result.problems = [one for one in result.problems if one.serial is None or one.serial in waiting]
    return result


def standing_result(batch: PaymentBatch) -> Result | None:
    """What the last receipt left open, as it was read when it came; lines marked by hand since are settled."""
    if batch.state != State.SENT or batch.result_total is None:
        return None
    kept = [Problem(**one) for one in batch.result_problems]
    waiting = _waiting(batch) if kept else set()
    problems = [one for one in kept if one.serial is None or one.serial in waiting]
    return Result(problems=problems, total=batch.result_total)


def _waiting(batch: PaymentBatch) -> set[int]:
    return set(batch.lines.filter(state=Line.WAITING).values_list("serial", flat=True))


@transaction.atomic
def take_result(batch: PaymentBatch, data: bytes, name: str, by: User) -> PaymentBatch:
    """The bank's answer: a wholly good one books every line at once, one with problems books nothing.

    The same file again gives the same answer, so that an upload that broke off is simply repeated.
    """
    batch = locked(batch)
    may(by, batch.unit)
    digest = hashlib.sha256(data).hexdigest()
    if batch.state == State.DONE and batch.result_digest == digest:
        return batch
    in_state(batch, State.SENT)
    if not data or len(data) > LARGEST:
        raise NotAllowed(f"回单文件是空的，或者超过{LARGEST >> 20}MB。")
    try:
        result = compared(batch, data, name)
    except Refused as refusal:
        raise NotAllowed(refusal.message) from None
    if batch.result_digest != digest:
        ending = name.rpartition(".")[2].lower()
        ending = ending if ending in ("xlsx", "xls", "csv", "txt", "et") else "xlsx"
        batch.result_file = store_file(
            by, f"银行回单-{batch.number}.{ending}", data, unit=batch.unit, right="subsidy.x"
        )
        batch.result_digest = digest
    batch.result_total, batch.result_problems = result.total, [asdict(one) for one in result.problems]
    batch.save(update_fields=["result_file", "result_digest", "result_total", "result_problems"])
    if not result.problems:
        _book(batch, result.paid, Line.PAID, by)
        _book(batch, result.failed, Line.FAILED, by)
        _finish(batch)
    record(
        "subsidy.batch_result", by, batch, batch.unit, **told(batch), rows=result.rows, paid=len(result.paid),
        failed=len(result.failed), problems=len(result.problems), file=digest,
    )  # fmt: skip
    return batch


@transaction.atomic
def mark(line: PaymentLine, outcome: str, on: dt.date | None, words: str, by: User) -> PaymentBatch:
    """One line as the bank says it, where the receipt is wrong: `words` is the reference (paid) or the reason."""
    batch = locked(line.batch)
    may(by, batch.unit)
    in_state(batch, State.SENT)
    if batch.result_file is None:
        raise NotAllowed("请先上传银行回单；回单里对不上的行才逐行登记。")
    if outcome not in (Line.PAID, Line.FAILED):
        raise NotAllowed("请选择这一行是到账还是退票。")
    words = because(words, "退票原因" if outcome == Line.FAILED else "银行流水号", 100)
    if outcome == Line.PAID and (
        on is None or not timezone.localtime(batch.sent_at).date() <= on <= timezone.localdate()
    ):
        raise NotAllowed("到账的要填到账日期，不早于发送日，不晚于今天。")
    if not batch.lines.filter(pk=line.pk, state=Line.WAITING).exists():
        raise NotAllowed("这一行已经登记过结果，请刷新页面。")
    _book(batch, [Outcome(line.serial, on, words)], outcome, by)
    _finish(batch)
    record(
        "subsidy.batch_mark",
        by,
        batch,
        batch.unit,
        **told(batch),
        line=line.serial,
        outcome=str(outcome),
        reason=words,
    )
    return batch


def _book(batch: PaymentBatch, outcomes: Iterable[Outcome], state: str, by: User) -> None:
    """Lines and claims as the bank says; a returned payment is approved again and waits for another account."""
    said = {one.serial: one for one in outcomes}
    found = held(batch, batch.lines.filter(serial__in=said).values_list("pk", flat=True))
    for line in found:
        one = said[line.serial]
        line.state, line.paid_on = state, one.on
        paid = state == Line.PAID
        line.reference, line.reason = (one.words, line.reason) if paid else (line.reference, one.words)
        if line.claim is not None:
            line.claim.paid_on = one.on if paid else line.claim.paid_on
            line.claim.reason = "" if paid else f"退票：{one.words}"
    columns = ("state", "paid_on", "reference", "reason")
    bulk.update_many(
        PaymentLine, ("id", *columns), ([one.pk, *(getattr(one, name) for name in columns)] for one in found)
    )
    claims = claims_in(found)
    bulk.update_many(
        Claim, ("id", "paid_on", "reason"), ([one.pk, one.paid_on, one.reason] for one in claims)
    )
    into, step = (Claim.State.PAID, PAID) if state == Line.PAID else (Claim.State.APPROVED, BOUNCED)
    move(claims, into, by, step, batch.number)


def _finish(batch: PaymentBatch) -> None:
    if not batch.lines.filter(state=Line.WAITING).exists():
        batch.state, batch.done_at, batch.result_problems = State.DONE, timezone.now(), []
        batch.save(update_fields=["state", "done_at", "result_problems"])
