"""收款账户: a person's own account, one at a time, never one of two people."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from ledgers.banking import ask_change, confirm_change, keep_account, refuse_change
from ledgers.models import AccountChange, BankAccount
from tests import cast as casting
from tests import factories
from tests.test_every_url import signed_in

CARD, OTHER = "6222020000000000017", "622202000000000002"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture
def cast(db, settings):
    settings.TOTP = False
    return casting.build()


@pytest.fixture
def person(cast):
    return factories.laborer(cast.units["99111"])


def test_an_account_is_kept_encrypted_masked_and_audited_without_its_number(cast, person):
    made = keep_account(person, " 示例农商行 ", "6222 0200 0000 0000 017", cast.village)
    assert (made.number, made.bank, made.masked) == (CARD, "示例农商行", "尾号0017")
    assert CARD not in str(AuditEntry.objects.get(action="laborer.account").detail)


def test_the_same_account_again_is_the_first_and_another_takes_a_correction(cast, person):
    first = keep_account(person, "示例农商行", CARD, cast.village)
    assert keep_account(person, "示例农商行东镇支行", CARD, cast.village).pk == first.pk
    with pytest.raises(NotAllowed, match="已登记收款账户（示例农商行，尾号0017）"):
        keep_account(person, "示例农商行", OTHER, cast.village)
    assert list(BankAccount.objects.standing()) == [first]


def asked(cast, person, by: str = "village", number: str = OTHER) -> AccountChange:
    if not BankAccount.objects.filter(laborer=person).exists():
        keep_account(person, "示例农商行", CARD, cast.village)
    return ask_change(person, "示例银行", number, "原卡已经注销", PNG, getattr(cast, by))


def test_an_account_is_changed_with_reason_and_proof_by_two_people_and_the_old_one_kept(cast, person):
    change = asked(cast, person)
    assert BankAccount.objects.standing().get().number == CARD
    made = confirm_change(change, cast.township)
    assert list(BankAccount.objects.standing()) == [made]
    assert (made.number, made.set_by, BankAccount.objects.count()) == (OTHER, cast.village, 2)
    assert OTHER not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    with pytest.raises(NotAllowed, match="已更换"):
        confirm_change(change, cast.township)


@pytest.mark.parametrize(
    ("asker", "decider"), [("township", "township"), ("township", "village"), ("village", "city")]
)
def test_who_asked_or_has_no_such_right_does_not_confirm(cast, person, asker, decider):
    change = asked(cast, person, asker)
    with pytest.raises(NotAllowed, match="不能自己确认|权限"):
        confirm_change(change, getattr(cast, decider))
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountChange.objects.update(
            state="confirmed", decided_by=change.asked_by, decided_at=change.asked_at
        )


def test_a_change_that_is_refused_leaves_the_account_and_says_why(cast, person):
    change = refuse_change(asked(cast, person), "证明看不清楚", cast.county)
    assert (change.state, change.refusal) == ("refused", "证明看不清楚")
    assert BankAccount.objects.standing().get().number == CARD


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"reason": "换"}, "原因"),
        ({"data": b"MZ"}, "证明"),
        ({"bank": ""}, "开户行"),
        ({"number": "12"}, "12至25位"),
        ({"number": CARD, "bank": "示例农商行"}, "不用更正"),
        ({"number": "6222020000000000099"}, "另一个人"),
    ],
)
def test_a_change_without_reason_proof_or_another_account_is_none(cast, person, said, told):
    keep_account(person, "示例农商行", CARD, cast.village)
    keep_account(factories.laborer(cast.units["99112"]), "示例农商行", "6222020000000000099", cast.township)
    values = {"bank": "示例银行", "number": OTHER, "reason": "原卡已经注销", "data": PNG} | said
    with pytest.raises(NotAllowed, match=told):
        ask_change(person, by=cast.village, **values)


def test_the_page_shows_registers_corrects_and_confirms(cast, person):
    address = reverse("ledgers:laborer_account", args=[person.pk])
    village, township = signed_in(cast.village), signed_in(cast.township)
    first = {"bank": "示例农商行", "number": CARD, "form_token": "a1"}
    assert village.post(address, first).status_code == 302
    proof = SimpleUploadedFile("卡.png", PNG, "image/png")
    second = {
        "bank": "示例银行",
        "number": OTHER,
        "reason": "原卡已经注销",
        "proof": proof,
        "form_token": "a2",
    }
    assert village.post(address, second).status_code == 302
    change = AccountChange.objects.get()
    page = township.get(address).content.decode()
    assert ("尾号0017" in page, CARD in page, OTHER in page) == (True, False, False)
    assert "核对一致，确认更换" in page
    assert "核对一致，确认更换" not in village.get(address).content.decode()
    assert b"".join(township.get(reverse("ledgers:account_proof", args=[change.pk])).streaming_content) == PNG
    township.post(reverse("ledgers:account_decide", args=[change.pk]), {"act": "yes"})
    assert BankAccount.objects.standing().get().number == OTHER
    assert "以前的账户" in village.get(address).content.decode()


def test_the_page_asks_the_same_few_questions(cast, person, django_assert_max_num_queries):
    for n in range(4):
        confirm_change(asked(cast, person, number=f"62220200000000001{n:02d}"), cast.township)
    officer, address = signed_in(cast.township), reverse("ledgers:laborer_account", args=[person.pk])
    officer.get(address)
    with django_assert_max_num_queries(14):
        officer.get(address)


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
