"""收款账户: a person's own account, one at a time, never one of two people."""

from __future__ import annotations

import pytest

from accounts.audit import AuditEntry
from ledgers.actions import NotAllowed
from ledgers.banking import keep_account
from ledgers.models import BankAccount
from tests import cast as casting
from tests import factories

CARD = "6222020000000000017"


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture
def person(cast):
    return factories.laborer(cast.units["99111"])


def test_an_account_is_kept_encrypted_masked_and_audited_without_its_number(cast, person):
    made = keep_account(person, " 示例农商行 ", "6222 0200 0000 0000 017", cast.village)
    assert (made.number, made.bank, made.masked) == (CARD, "示例农商行", "尾号0017")
    assert CARD not in str(AuditEntry.objects.get(action="laborer.account").detail)


def test_the_same_account_again_is_the_first_and_another_replaces_it(cast, person):
    first = keep_account(person, "示例农商行", CARD, cast.village)
    assert keep_account(person, "示例农商行", CARD, cast.village).pk == first.pk
    second = keep_account(person, "示例农商行", "622202000000000002", cast.village)
    assert list(BankAccount.objects.standing()) == [second]
    assert BankAccount.objects.count() == 2


def test_an_account_of_somebody_else_is_refused_even_of_another_county(cast, person):
    other = factories.laborer(cast.units["99111"])
    keep_account(other, "示例农商行", CARD, cast.village)
    with pytest.raises(NotAllowed, match="另一个人"):
        keep_account(person, "示例农商行", CARD, cast.village)


@pytest.mark.parametrize("number", ["", "1234", "62220200000000A0017", "1" * 26])
def test_what_is_no_account_number_is_refused(cast, person, number):
    with pytest.raises(NotAllowed, match="12至25位"):
        keep_account(person, "示例农商行", number, cast.village)


def test_nobody_keeps_an_account_of_people_elsewhere(cast, person):
    with pytest.raises(NotAllowed, match="权限"):
        keep_account(person, "示例农商行", CARD, cast.sampler)
