"""The verb of 收款账户: whose account a benefit is paid into."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.models import User
from ledgers.actions import NotAllowed
from ledgers.models import BankAccount, Laborer
from lib.crypto import blind_index

_NUMBER = re.compile(r"\d{12,25}")  # cards have 16 to 19 digits, passbooks of rural banks 12 to 25
TAKEN = "这个账号已登记为另一个人的收款账户。补贴只能发到本人账户，请核对账号。"


def number_of(text: str) -> str:
    """The digits of an account as people write them, in groups or full width; anything else raises NotAllowed."""
    digits = re.sub(r"[\s-]", "", text).translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if not _NUMBER.fullmatch(digits):
        raise NotAllowed("银行账号应为12至25位数字，请核对社保卡或存折。")
    return digits


def index_of(number: str) -> str:
    return blind_index(number, "bank_account")


@transaction.atomic
def keep_account(person: Laborer, bank: str, number: str, by: User) -> BankAccount:
    """The account of `person`'s own from now on; the same again is the first, another replaces the one before."""
    person = Laborer.objects.select_for_update(of=("self",)).select_related("village").get(pk=person.pk)
    if not by.can("person", "w", person.village) and not by.can("subsidy", "a", person.village):
        raise NotAllowed(f"您没有登记{person.village.name}收款账户的权限。")
    digits, bank = number_of(number), " ".join(bank.split())[:60]
    if not bank:
        raise NotAllowed("请填写开户行。")
    index = index_of(digits)
    with wall.opened("an account may be somebody's whom the user does not see"):
        standing = list(BankAccount.objects.standing().filter(number_index=index))
    if any(one.laborer_id != person.pk for one in standing):
        raise NotAllowed(TAKEN)
    if standing and standing[0].bank == bank:
        return standing[0]
    made = _replace(person, bank, digits, by)
    record("laborer.account", by, person, person.village, bank=bank)
    return made


def _replace(person: Laborer, bank: str, digits: str, by: User) -> BankAccount:
    now = timezone.now()
    BankAccount.objects.standing().filter(laborer=person).update(ended_at=now)
    try:
        with transaction.atomic():
            return BankAccount.objects.create(
                laborer=person, bank=bank, number=digits, number_index=index_of(digits), set_by=by, set_at=now
            )
    except IntegrityError:
        raise NotAllowed(TAKEN) from None
