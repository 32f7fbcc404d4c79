"""The verbs of 收款账户: whose account a benefit is paid into; another one takes two people."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from jobs import papers
from ledgers.models import AccountChange, BankAccount, Laborer
from lib.crypto import blind_index

_NUMBER = re.compile(r"\d{12,25}")  # cards have 16 to 19 digits, passbooks of rural banks 12 to 25
KEPT = "{name}已登记收款账户（{bank}，{masked}）。要更换的，请在个人页“收款账户”提出更正，由另一位同事确认。"
PROOF_RIGHT = "person.r"  # what the owner of a proof must still hold to open it
Change = AccountChange.State
TAKEN = "这个账号已登记为另一个人的收款账户。补贴只能发到本人账户，请核对账号。"


def number_of(text: str) -> str:
    """The digits of an account as people write them, in groups or full width; anything else raises NotAllowed."""
    digits = re.sub(r"[\s-]", "", text).translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if not _NUMBER.fullmatch(digits):
        raise NotAllowed("银行账号应为12至25位数字，请核对社保卡或存折。")
    return digits


def index_of(number: str) -> str:
    return blind_index(number, "bank_account")


def is_personal(digits: str, but: Laborer | None = None) -> bool:
    """Whether benefits are paid into the account for anybody, wherever they live, `but` this person."""
    with wall.opened("an account may be somebody's whom the user does not see"):
        standing = BankAccount.objects.standing().filter(number_index=index_of(digits))
        return standing.exclude(laborer=but).exists()


@transaction.atomic
def keep_account(person: Laborer, bank: str, number: str, by: User) -> BankAccount:
    """The account of `person`'s own, where none is registered; the same again is the first, another is refused."""
    person = _held(person, by)
    digits, bank = number_of(number), " ".join(bank.split())[:60]
    if not bank:
        raise NotAllowed("请填写开户行。")
    _refuse_of_another(person, digits)
    if kept := BankAccount.objects.standing().filter(laborer=person).first():
        if kept.number == digits:  # however the bank is spelt
            return kept
        raise NotAllowed(KEPT.format(name=person.name, bank=kept.bank, masked=kept.masked))
    made = _replace(person, bank, digits, by)
    record("laborer.account", by, person, person.village, bank=bank)
    return made


@transaction.atomic
def ask_change(person: Laborer, bank: str, number: str, reason: str, data: bytes, by: User) -> AccountChange:
    """Ask that another account takes the place of the one registered; `data` is the proof, photographed."""
    person = _held(person, by)
    digits, bank, reason = number_of(number), " ".join(bank.split())[:60], because(reason)
    kept = BankAccount.objects.standing().filter(laborer=person).first()
    if kept is None:
        raise NotAllowed(f"{person.name}还没有登记收款账户，直接登记就可以，不用更正。")
    if not bank:
        raise NotAllowed("请填写开户行。")
    if (kept.bank, kept.number) == (bank, digits):
        raise NotAllowed("填写的和现在登记的账户一样，不用更正。")
    _refuse_of_another(person, digits)
    if AccountChange.objects.filter(laborer=person, state=Change.WAITING).exists():
        raise NotAllowed(f"{person.name}已有一次更正等待确认，请先办完那一次。")
    proof = papers.store(
        by,
        f"收款账户证明-{person.pk}",
        data,
        "证明（社保卡、存折或银行证明）",
        unit=person.village,
        right=PROOF_RIGHT,
    )
    made = AccountChange.objects.create(
        laborer=person, bank=bank, number=digits, reason=reason, proof=proof, asked_by=by
    )
    record("laborer.account_ask", by, person, person.village, bank=bank, reason=reason)
    return made


@transaction.atomic
def confirm_change(change: AccountChange, by: User) -> BankAccount:
    """The township or the county has seen the proof: what is paid from now on goes to the new account.

    Lines that were sent to the bank keep the account they were sent with.
    """
    change = _to_decide(change, by)
    person = change.laborer
    _refuse_of_another(person, change.number)
    made = _replace(person, change.bank, change.number, change.asked_by)
    _decide(change, Change.CONFIRMED, by)
    record("laborer.account_change", by, person, person.village, bank=change.bank)
    return made


@transaction.atomic
def refuse_change(change: AccountChange, reason: str, by: User) -> AccountChange:
    """The proof does not show it: the account stays as it is."""
    change = _to_decide(change, by)
    change.refusal = because(reason)
    _decide(change, Change.REFUSED, by)
    record(
        "laborer.account_refuse", by, change.laborer, change.laborer.village, bank=change.bank, reason=change.refusal
    )  # fmt: skip
    return change


def may_ask(by: User, unit: Unit) -> bool:
    """Whether the user registers and corrects accounts of people of the village."""
    return by.can("person", "w", unit) or by.can("subsidy", "a", unit)


def may_decide(by: User, change: AccountChange) -> bool:
    """Whether the user confirms this one: township or county, and another person than who asked."""
    unit = change.laborer.village
    return change.asked_by_id != by.pk and (by.can("person", "a", unit) or by.can("subsidy", "a", unit))


def _held(person: Laborer, by: User) -> Laborer:
    rows = Laborer.objects.select_for_update(of=("self",), no_key=True).select_related("village")
    person = rows.get(pk=person.pk)
    if not may_ask(by, person.village):
        raise NotAllowed(f"您没有登记{person.village.name}收款账户的权限。")
    return person


def _to_decide(change: AccountChange, by: User) -> AccountChange:
    person = _held(change.laborer, by)
    change = AccountChange.objects.select_for_update().get(pk=change.pk)
    change.laborer = person
    if change.state != Change.WAITING:
        raise NotAllowed(f"这次更正{change.get_state_display()}，请刷新页面再看。")
    if not may_decide(by, change):
        raise NotAllowed("更正收款账户由乡镇或县里的另一位同事核对证明后确认，提出的人不能自己确认。")
    return change


def _decide(change: AccountChange, state: str, by: User) -> None:
    change.state, change.decided_by, change.decided_at = state, by, timezone.now()
    change.save(update_fields=["state", "decided_by", "decided_at", "refusal"])


def _refuse_of_another(person: Laborer, digits: str) -> None:
    if is_personal(digits, but=person):
        raise NotAllowed(TAKEN)


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
