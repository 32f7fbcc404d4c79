"""The verbs of 追回: money that came back of a paid line, noted by one person and confirmed by another."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from lib.money import yuan
from subsidies.batches.actions import may, move
from subsidies.claims import steps
from subsidies.models import Claim, PaymentLine, Refund

Line = PaymentLine.State
BACK = "补贴追回"


@transaction.atomic
def note(line: PaymentLine, ground: str, amount: int, on: dt.date, voucher: str, by: User) -> Refund:
    """What came back, in fen: the whole, or what was paid too much."""
    line = _locked(line, by)
    if line.state != Line.PAID or line.paid_on is None:
        raise NotAllowed("只有已到账、没有追回过的才能登记追回。")
    if not 0 < amount <= line.amount:
        raise NotAllowed(f"缴回金额应在0.01元到{yuan(line.amount)}元之间。")
    if not line.paid_on <= on <= timezone.localdate():
        raise NotAllowed("缴回日期不能早于到账日期，也不能晚于今天。")
    voucher = " ".join(voucher.split())[:60]
    if not voucher:
        raise NotAllowed("请填写缴款凭证号。")
    try:
        with transaction.atomic():
            made = Refund.objects.create(
                line=line,
                ground=because(ground, "追回原因", 100),
                amount=amount,
                on=on,
                voucher=voucher,
                made_by=by,
            )
    except IntegrityError:
        raise NotAllowed("这一笔已经登记过追回，请刷新页面。") from None
    _record("subsidy.refund", made, by, reason=made.ground)
    return made


@transaction.atomic
def confirm(refund: Refund, by: User) -> Refund:
    """A second person has seen the voucher. A claim paid back whole is 已追回 and gives its months back."""
    line = _locked(refund.line, by)
    refund = Refund.objects.select_for_update().get(pk=refund.pk)
    if refund.confirmed_by_id:
        return refund
    if refund.made_by_id == by.pk:
        raise NotAllowed("登记追回的人不能自己确认，请另一位同事核对凭证后确认。")
    refund.confirmed_by, refund.confirmed_at = by, timezone.now()
    refund.save(update_fields=["confirmed_by", "confirmed_at"])
    refund.line = line
    if refund.amount == line.amount:
        line.state = Line.REFUNDED
        line.save(update_fields=["state"])
        if line.claim is not None:
            move([line.claim], Claim.State.REFUNDED, by, BACK, refund.ground)
            steps.let_go(line.claim)
    _record("subsidy.refund_confirm", refund, by)
    return refund


@transaction.atomic
def drop(refund: Refund, by: User) -> None:
    """A note made by mistake goes before anybody has confirmed it."""
    _locked(refund.line, by)
    rows = Refund.objects.select_for_update(of=("self",)).select_related("line__batch__unit")
    refund = rows.get(pk=refund.pk)
    if refund.confirmed_by_id:
        raise NotAllowed("追回已经确认，不能撤销。")
    _record("subsidy.refund_drop", refund, by)
    refund.delete()


def _locked(line: PaymentLine, by: User) -> PaymentLine:
    claim = steps.locked(line.claim) if line.claim is not None else None
    found = PaymentLine.objects.select_for_update(of=("self",), no_key=True).select_related("batch__unit")
    line = found.get(pk=line.pk)
    line.claim = claim
    may(by, line.batch.unit)
    return line


def _record(action: str, refund: Refund, by: User, **detail: object) -> None:
    batch = refund.line.batch
    record(
        action, by, refund, batch.unit,
        number=batch.number, line=refund.line.serial, amount=yuan(refund.amount), day=str(refund.on),
        voucher=refund.voucher, **detail,
    )  # fmt: skip
