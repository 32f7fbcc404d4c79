"""The verbs of a batch until it is sent: made, confirmed by another, funded; a line taken out; the whole made void.

A batch is a list of approved claims, or of awards of workshops, with the accounts as they stand; nobody types an
amount. Rows are locked in the order batch, persons, claims.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from ledgers.facts import refigure_all
from ledgers.models import BankAccount, Laborer
from lib import bulk
from lib.money import yuan
from subsidies.batches import awards, candidates
from subsidies.models import Claim, ClaimStep, PaymentBatch, PaymentLine, SchemeVersion

State, Line = PaymentBatch.State, PaymentLine.State
MADE, OUT = "组成发放批次", "撤出发放批次"
BEFORE_SENDING = (State.DRAFT, State.CONFIRMED, State.FUNDED)
HELD = (
    "batch", "serial", "state", "paid_on", "reference", "reason", "claim__month", "claim__village", "claim__paid_on",
    "claim__reason",
)  # fmt: skip
CHANGED = "名单刚刚有变化，现在是{people}人{yuan}元。请再看一遍再组批。"


@transaction.atomic
def make(
    scheme: SchemeVersion, unit: Unit, by: User, expected: tuple[int, int] | None = None
) -> PaymentBatch:
    """A batch of every payable claim, or award, of the scheme under `unit`; `expected`: (people, fen) as shown."""
    may(by, unit)
    lines = awards.held(scheme, unit, by) if scheme.pays_workshops else _of_claims(scheme, unit, by)
    people, amount = len(lines), sum(one.amount for one in lines)
    if not lines:
        raise NotAllowed(f"{unit.name}没有可以组批的{scheme.name}，可能刚被别人组批。")
    if expected is not None and expected != (people, amount):
        raise NotAllowed(CHANGED.format(people=people, yuan=yuan(amount)))
    batch = PaymentBatch.objects.create(
        number=uuid.uuid4().hex[:24], scheme=scheme, unit=unit, people=people, amount=amount, made_by=by
    )
    batch.number = f"FF{timezone.localdate():%Y%m%d}-{batch.pk:05}"
    batch.save(update_fields=["number"])
    _put_in(batch, lines)
    move(claims_in(lines), Claim.State.BATCHED, by, MADE, batch.number)
    record(
        "subsidy.batch", by, batch, unit, number=batch.number, scheme=scheme.code, people=people, amount=batch.yuan
    )  # fmt: skip
    return batch


def _of_claims(scheme: SchemeVersion, unit: Unit, by: User) -> list[PaymentLine]:
    """A line of every payable claim, not saved yet; persons and claims stay locked."""
    found = candidates.of(scheme, unit, by)
    with candidates.whole():
        people = Laborer.objects.select_for_update(no_key=True).order_by("pk")
        list(people.filter(pk__in=found.order_by().values("laborer")).values_list("pk"))
        claims = list(
            found.select_for_update(of=("self",), no_key=True)
            .select_related("laborer")
            .order_by("village__sort_path", "laborer__name", "pk")
        )
        accounts = BankAccount.objects.in_bulk([_standing(one) for one in claims])
    lines = []
    for claim in claims:
        account = claim.account = accounts[_standing(claim)]
        lines.append(
            PaymentLine(
                claim=claim, village_id=claim.village_id, name=claim.laborer.name, bank=account.bank,
                number=account.number, amount=claim.amount,
            )
        )  # fmt: skip
    return lines


def _standing(claim: Claim) -> int:
    return claim.standing  # type: ignore[attr-defined]  # annotated by candidates


def _put_in(batch: PaymentBatch, lines: list[PaymentLine]) -> None:
    for serial, line in enumerate(lines, 1):
        line.batch, line.serial = batch, serial
    try:
        with transaction.atomic():
            PaymentLine.objects.bulk_create(lines, batch_size=1000)
    except IntegrityError:
        raise NotAllowed("名单里有人刚被组进另一个批次，请刷新页面再组批。") from None
    Claim.objects.bulk_update(claims_in(lines), ["account"], batch_size=500)


def claims_in(lines: Iterable[PaymentLine]) -> list[Claim]:
    """The claims these lines pay; a line of a workshop's award has none."""
    return [one.claim for one in lines if one.claim is not None]


def move(claims: Iterable[Claim], state: str, by: User, step: str, note: str) -> None:
    """Every claim into `state`, with a step that says so; the figures of the villages follow."""
    claims = list(claims)
    if claims:
        refigure_all({one.village_id for one in claims}, min(one.month for one in claims).first_day)
    Claim.objects.filter(bulk.among("pk", [one.pk for one in claims])).update(state=state)
    steps = ([one.pk, step, by.pk, note[:200]] for one in claims)
    bulk.insert_many(ClaimStep, ("claim", "step", "by", "note"), steps)


@transaction.atomic
def confirm(batch: PaymentBatch, by: User) -> PaymentBatch:
    """A second person has looked at the list."""
    batch = locked(batch)
    may(by, batch.unit)
    in_state(batch, State.DRAFT)
    if batch.made_by_id == by.pk:
        raise NotAllowed("组批的人不能自己确认，请另一位同事确认。")
    batch.state, batch.confirmed_by, batch.confirmed_at = State.CONFIRMED, by, timezone.now()
    batch.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    record("subsidy.batch_confirm", by, batch, batch.unit, **told(batch))
    return batch


@transaction.atomic
def fund(batch: PaymentBatch, number: str, on: dt.date, fund: str, by: User) -> PaymentBatch:
    """财政确认: its paper, its day, and the fund it is paid from."""
    batch = locked(batch)
    may(by, batch.unit)
    in_state(batch, State.CONFIRMED)
    number, fund = " ".join(number.split())[:60], " ".join(fund.split())[:40]
    if not number or not fund:
        raise NotAllowed("财政文号和资金来源都要填写。")
    if on > timezone.localdate():
        raise NotAllowed("财政确认日期不能晚于今天。")
    batch.finance_number, batch.finance_on, batch.fund, batch.finance_by = number, on, fund, by
    batch.state = State.FUNDED
    batch.save(update_fields=["finance_number", "finance_on", "fund", "finance_by", "state"])
    record("subsidy.batch_fund", by, batch, batch.unit, **told(batch), paper=number, day=str(on), fund=fund)
    return batch


@transaction.atomic
def take_out(line: PaymentLine, why: str, by: User) -> PaymentBatch:
    """One claim leaves the batch before it is sent and waits for another; what was confirmed is confirmed again."""
    batch = locked(line.batch)
    may(by, batch.unit)
    in_state(batch, *BEFORE_SENDING)
    why = because(why, "撤出原因", 100)
    if not batch.lines.filter(pk=line.pk, state=Line.WAITING).exists():
        raise NotAllowed("这一行已经撤出，不能这样办理；请刷新页面。")
    _release(batch, [line.pk], by, why)
    left = batch.lines.filter(state=Line.WAITING)
    batch.people, batch.amount = left.count(), left.aggregate(fen=Sum("amount"))["fen"] or 0
    batch.state = State.DRAFT if batch.people else State.VOID
    batch.confirmed_by = batch.confirmed_at = batch.finance_by = batch.finance_on = None
    batch.finance_number = ""
    batch.save()
    record("subsidy.batch_take_out", by, batch, batch.unit, **told(batch), line=line.serial, reason=why)
    return batch


@transaction.atomic
def void(batch: PaymentBatch, why: str, by: User) -> PaymentBatch:
    """The batch is given up before it was sent; its claims wait for another."""
    batch = locked(batch)
    may(by, batch.unit)
    in_state(batch, *BEFORE_SENDING)
    why = because(why, "作废原因", 100)
    _release(batch, batch.lines.filter(state=Line.WAITING).values_list("pk", flat=True), by, why)
    batch.state = State.VOID
    batch.save(update_fields=["state"])
    record("subsidy.batch_void", by, batch, batch.unit, **told(batch), reason=why)
    return batch


def _release(batch: PaymentBatch, lines: Iterable[int], by: User, why: str) -> None:
    found = held(batch, lines)
    for line in found:
        line.state = Line.VOID
    PaymentLine.objects.bulk_update(found, ["state"], batch_size=500)
    move(claims_in(found), Claim.State.APPROVED, by, OUT, f"{batch.number}：{why}")


# ── what every verb of a batch asks ──────────────────────────────────────────────────────────────────────────────


def locked(batch: PaymentBatch) -> PaymentBatch:
    """The batch as it is now, held until the transaction ends."""
    rows = PaymentBatch.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("unit", "scheme", "result_file").get(pk=batch.pk)


def held(batch: PaymentBatch, lines: Iterable[int]) -> list[PaymentLine]:
    """The waiting ones of these lines with their claims, behind their persons; all held.

    Who is paid into which account has been decided: neither is read again.
    """
    chosen = batch.lines.filter(bulk.among("id", list(lines)), state=Line.WAITING)
    with candidates.whole():
        people = Laborer.objects.select_for_update(no_key=True).order_by("pk")
        list(people.filter(pk__in=chosen.order_by().values("claim__laborer")).values_list("pk"))
        claims = Claim.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        list(claims.filter(pk__in=chosen.order_by().values("claim")).values_list("pk"))
        rows = chosen.select_for_update(of=("self",), no_key=True).select_related("claim").only(*HELD)
        return list(rows.order_by("serial"))


def in_state(batch: PaymentBatch, *states: str) -> None:
    if batch.state not in states:
        raise NotAllowed(f"批次{batch.number}现在是“{batch.get_state_display()}”，不能这样办理；请刷新页面。")


def may(by: User, unit: Unit, *letters: str) -> None:
    if not all(by.can("subsidy", letter, unit) for letter in letters or ("a",)):
        raise NotAllowed(f"您没有办理{unit.name}补贴发放的权限，请由县专班办理。")


def told(batch: PaymentBatch) -> dict[str, object]:
    """What every entry about a batch tells."""
    return {"number": batch.number, "people": batch.people, "amount": batch.yuan}
