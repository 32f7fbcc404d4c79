"""The verbs of 培训生活费补贴 (B09): computed from the attendance, approved by another, paid with a voucher."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers.models import BankAccount, Laborer
from lib.money import yuan
from subsidies.models import Allowance, Claim, Enrolment, TrainingClass
from subsidies.training.classes import locked, settle
from subsidies.training.rules import allowance

CODE = "B09"


@dataclass(frozen=True)
class Sum:
    """How many people, how much in fen, and who was left out and why."""

    people: int
    fen: int
    left_out: tuple[str, ...] = ()

    @property
    def yuan(self) -> str:
        return yuan(self.fen)


@transaction.atomic
def compute(one: TrainingClass, by: User) -> Sum:
    """测算: an amount for everybody eligible who has none: days attended × rate (YD-J05)."""
    one = locked(one, by)
    if one.state not in TrainingClass.ENDED:
        raise NotAllowed("结业以后才能测算生活费补贴。")
    due = list(
        Enrolment.objects.filter(training_class=one, allowance=None)
        .eligible()
        .select_related("laborer")
        .order_by("pk")
    )
    claimed = _claimed(due, one.year)
    rows = [row for row in due if row.pk not in claimed]
    made = [
        Allowance(
            enrolment=row, days=row.days, rate_fen=one.daily_fen, computed_by=by,
            amount_fen=allowance(row.days or 0, one.daily_fen),
        )
        for row in rows
    ]  # fmt: skip
    Allowance.objects.bulk_create(made)
    left = tuple(f"{row.laborer.name}（已在补贴申请中）" for row in due if row.pk in claimed)
    total = Sum(len(made), sum(row.amount_fen for row in made), left)
    if made:
        record("training.allowance", by, one, one.unit, name=one.name, people=total.people, amount=total.yuan)
    return total


def _claimed(due: list[Enrolment], year: int) -> set[int]:
    """Which of these a living claim pays: one person, one day, one allowance. Their people stay locked.

    A claim that names no classes, as one of so much a course, stands for the whole of its year.
    """
    with wall.opened("who learned here may live in another village since"):
        people = Laborer.objects.filter(pk__in=[row.laborer_id for row in due]).order_by("pk")
        list(people.select_for_update(no_key=True).values_list("pk"))
        claims = list(Claim.objects.alive().filter(code=CODE, laborer__in=people.order_by().values("pk")))
    named = {row[0] for claim in claims for row in claim.facts.get("trained", ())}
    whole = {
        one.laborer_id for one in claims if not one.facts.get("trained") and one.period.startswith(str(year))
    }
    return {row.pk for row in due if row.pk in named or row.laborer_id in whole}


@transaction.atomic
def approve(one: TrainingClass, by: User) -> Sum:
    """审批 of all amounts that wait, by another person; who has no account of their own is left out (YD-F24)."""
    one = locked(one, by, "a")
    rows = list(_of(one).filter(approved_by=None).select_for_update(of=("self",)))
    if not rows:
        raise NotAllowed("没有待审批的生活费补贴，请先测算。")
    if any(row.computed_by_id == by.pk for row in rows):
        raise NotAllowed("测算人不能审批自己测算的补贴，请另一位同事审批。")
    accounts = {
        account.laborer_id: account
        for account in BankAccount.objects.standing().filter(
            laborer__in=[row.enrolment.laborer_id for row in rows]
        )
    }
    ready = [row for row in rows if row.enrolment.laborer_id in accounts]
    left = tuple(f"{row.enrolment.laborer.name}（没有本人收款账户）" for row in rows if row not in ready)
    if not ready:
        raise NotAllowed(f"{'、'.join(left[:3])}等不能审批：请先在个人页登记本人收款账户。")
    for row in ready:
        row.account = accounts[row.enrolment.laborer_id]
        row.approved_by, row.approved_at = by, timezone.now()
    Allowance.objects.bulk_update(ready, ["account", "approved_by", "approved_at"], 500)
    total = Sum(len(ready), sum(row.amount_fen for row in ready), left)
    record("training.allow", by, one, one.unit, name=one.name, people=total.people, amount=total.yuan)
    return total


@transaction.atomic
def pay(one: TrainingClass, on: dt.date, voucher: str, by: User, only: list[int] | None = None) -> Sum:
    """登记发放 of the approved amounts (of the enrolments in `only`), with the day and the voucher."""
    one = locked(one, by)
    rows = _of(one).filter(approved_by__isnull=False, paid_on=None)
    if only is not None:
        rows = rows.filter(enrolment__in=only)
    found = list(rows.select_for_update(of=("self",)))
    voucher = " ".join(voucher.split())[:60]
    if not found:
        raise NotAllowed("没有已审批、待发放的生活费补贴。")
    if not voucher:
        raise NotAllowed("请填写发放凭证，例如支付凭证号。")
    first = max(timezone.localdate(row.approved_at) for row in found if row.approved_at)
    if not first <= on <= timezone.localdate():
        raise NotAllowed(f"发放日期应在审批（{first.month}月{first.day}日）以后，不晚于今天。")
    for row in found:
        row.paid_on, row.paid_by, row.voucher = on, by, voucher
    Allowance.objects.bulk_update(found, ["paid_on", "paid_by", "voucher"], 500)
    total = Sum(len(found), sum(row.amount_fen for row in found))
    record(
        "training.pay", by, one, one.unit, name=one.name, day=str(on), people=total.people, amount=total.yuan,
    )  # fmt: skip
    settle(one)
    return total


def _of(one: TrainingClass) -> QuerySet[Allowance]:
    return (
        Allowance.objects.filter(enrolment__training_class=one)
        .select_related("enrolment__laborer")
        .order_by("enrolment__laborer_id")
    )
