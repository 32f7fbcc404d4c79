"""The verbs of a workshop's 对公账户: registered by one, confirmed by another, the one before it kept on record."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers import banking
from posts.models import Workshop, WorkshopAccount
from posts.workshops import locked

WRITES = "wa"


@transaction.atomic
def ask(workshop: Workshop, holder: str, bank: str, number: str, by: User) -> WorkshopAccount:
    """Register the account awards are to be paid into; it is used when another person has confirmed it."""
    found = locked(workshop, by, WRITES)
    holder, bank = " ".join(holder.split())[:60], " ".join(bank.split())[:60]
    if not holder or not bank:
        raise NotAllowed("户名和开户行都要填写。")
    digits = banking.number_of(number)
    if banking.is_personal(digits):
        raise NotAllowed("这个账号是个人的收款账户，车间奖补只能发到车间的对公账户，请核对。")
    WorkshopAccount.objects.filter(workshop=found, confirmed_at=None, ended_at=None).update(
        ended_at=timezone.now()
    )
    made = WorkshopAccount.objects.create(workshop=found, holder=holder, bank=bank, number=digits, set_by=by)
    record("workshop.account", by, made, found.unit, name=found.name, bank=bank)
    return made


@transaction.atomic
def confirm(account: WorkshopAccount, by: User) -> WorkshopAccount:
    """Somebody else has seen the 开户许可证: from now on awards go there; what is on its way stays as it was sent."""
    found = locked(account.workshop, by, WRITES)
    one = WorkshopAccount.objects.select_for_update().get(pk=account.pk)
    if one.ended_at or one.confirmed_at:
        raise NotAllowed("这个账户已经确认或停用，请刷新页面再看。")
    if one.set_by_id == by.pk:
        raise NotAllowed("登记账户的人不能自己确认，请另一位同事核对开户许可证后确认。")
    now = timezone.now()
    before = WorkshopAccount.objects.filter(workshop=found, confirmed_at__isnull=False, ended_at=None)
    before.update(ended_at=now)
    one.confirmed_by, one.confirmed_at = by, now
    one.save(update_fields=["confirmed_by", "confirmed_at"])
    record("workshop.account_confirm", by, one, found.unit, name=found.name, bank=one.bank)
    return one
