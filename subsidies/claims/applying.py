"""The verbs of who applies: by the person or by an agent with consent, papers, correction after a return, withdrawal.

Nothing is typed that the ledger knows: the amount is what the scheme's rule gives for the facts of the month, kept with
the claim. What a form refuses, an import and a command refuse, because all of them come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from ledgers.banking import keep_account
from ledgers.models import BankAccount, Laborer
from lib.month import Month
from posts.models import ABSORBING
from posts.taking import told as clash_words
from subsidies.claims import steps
from subsidies.claims.known import Known
from subsidies.claims.rules import CONSENT_PAPER, Consent, Held, excluded_by, freeze, outside_window
from subsidies.claims.steps import State
from subsidies.facts import TRAINED, Facts
from subsidies.models import AGENT, OWN, Claim, ClaimPaper, SchemeVersion
from subsidies.rules import ENTITLED, Verdict, explain, period_words, tariff_words
from subsidies.schemes import FOUNDING, name_of
from subsidies.words import MET

ADDING = (State.APPLIED, State.RETURNED, State.CHECKED, State.NOTICED, State.SHOWN)  # papers may still come


@transaction.atomic
def begin(
    person: Laborer,
    scheme: SchemeVersion,
    month: Month,
    by: User,
    *,
    consent: Consent | None = None,
    declared: Iterable[str] = (),
    account: tuple[str, str] | None = None,
    letter: str = "p",
) -> Claim:
    """Claim `scheme` for the person as the ledger of `month` has them; with `consent` by an agent.

    `declared` are the papers that prove what the ledger cannot know, `account` is (bank, number) of the person's own,
    `letter` the right it is done by: p of a form, i of an import.
    """
    person = steps.locked_person(person.pk, "household_cap" in scheme.rule)
    claim = draft(person, scheme, month, by, consent=consent, declared=declared, letter=letter)
    if consent and consent.data:
        name = f"委托书-{person.pk}-{scheme.code}"
        claim.consent_file = steps.stored(consent.data, name, by, person.village)
    claim.account = _account(person, account, by)
    try:
        with transaction.atomic():
            claim.save()
    except IntegrityError:
        raise NotAllowed(_already(person, scheme.code, claim.period)) from None
    steps.hold_months(claim)
    return steps.stepped(claim, steps.APPLIED, by, how=claim.how, amount=claim.yuan)


@dataclass(frozen=True)
class Wanted:
    """One claim of many: `label` names it in a refusal, `person` is a key."""

    label: str
    person: int
    scheme: SchemeVersion
    month: Month
    consent: Consent | None = None
    account: tuple[str, str] | None = None


@transaction.atomic
def begin_all(wanted: Sequence[Wanted], by: User, letter: str) -> list[Claim]:
    """`begin` for many in one stroke, all or none; every claim is judged beside those before it."""
    caps = any("household_cap" in one.scheme.rule for one in wanted)
    people = steps.locked_people({one.person for one in wanted}, caps)
    known, made = Known(people.values()), []
    for one in wanted:
        try:
            claim = draft(
                people[one.person], one.scheme, one.month, by, consent=one.consent,
                declared=promised(one.scheme), letter=letter, known=known,
            )  # fmt: skip
            claim.account = _account_of(claim.laborer, one.account, by, known)
        except NotAllowed as refusal:
            raise NotAllowed(f"{one.label}：{refusal}") from None
        known.add(claim)
        made.append(claim)
    try:
        with transaction.atomic():
            Claim.objects.bulk_create(made, batch_size=500)
    except IntegrityError:
        raise NotAllowed("有人刚刚申请过其中一项，请重新校验。") from None
    steps.hold_all(made)
    return steps.begun(made, by)


def _account_of(
    person: Laborer, account: tuple[str, str] | None, by: User, known: Known
) -> BankAccount | None:
    """The account named, or the one the person has; the same again is no change."""
    standing = known.account(person)
    if standing and (account is None or account == (standing.bank, standing.number)):
        return standing
    return _account(person, account, by) if account else None


def draft(
    person: Laborer, scheme: SchemeVersion, month: Month, by: User, *,
    consent: Consent | None, declared: Iterable[str], letter: str, known: Known | None = None,
) -> Claim:  # fmt: skip
    """The claim as it would be made now, not saved; whatever refuses it refuses it here.

    `known` is what was asked of many people at once; without it the person is asked alone.
    """
    known = known or Known([person])
    period = scheme.terms.period(month)
    steps.may(by, letter, person.village, f"为{person.village.name}的人申请补贴")
    _acceptable(person, scheme, month, period, known)
    if told := outside_window(scheme.opens_on, scheme.closes_on, timezone.localdate()):
        raise NotAllowed(f"{scheme.name}{told}")
    claim = Claim(
        scheme=scheme, code=scheme.code, laborer=person, village=person.village, period=period, month=month,
        proposed_by=by, proposed_at=timezone.now(),
    )  # fmt: skip
    _agreed(claim, consent)
    _reckoned(claim, declared, known)
    if claim.takes_months and (found := known.clashes(person, claim.month_list, claim.what)):
        raise NotAllowed(clash_words(person, found))
    return claim


def _acceptable(person: Laborer, scheme: SchemeVersion, month: Month, period: str, known: Known) -> None:
    if not scheme.terms.for_people:
        raise NotAllowed(f"{scheme.name}{tariff_words(scheme.terms)}，不由个人申请。")
    if scheme.pk not in {one.pk for one in known.in_force(person, month)}:
        raise NotAllowed(f"{scheme}在{month.label}不适用于{person.village.name}，请按现行政策申请。")
    if known.waived(person, scheme.code, period):
        raise NotAllowed(
            f"{person.name}已登记自愿放弃{period_words(period)}{scheme.name}，要申请请先撤销放弃。"
        )
    if found := known.claim(person, scheme.code, period):
        raise NotAllowed(_already(person, scheme.code, period, found))


def _already(person: Laborer, code: str, period: str, found: Claim | None = None) -> str:
    found = found or Known([person]).claim(person, code, period)
    state = f"，现在是“{found.get_state_display()}”" if found else ""
    return f"{person.name}{period_words(period)}的这项补贴已经申请过{state}，不能重复申请（YD-G04）。"


def _agreed(claim: Claim, consent: Consent | None) -> None:
    """Write down who applies: the person, or an agent whose consent stands (YD-G03)."""
    claim.how = AGENT if consent else OWN
    claim.agent_name = claim.agent_relation = claim.agent_phone = claim.consent_how = ""
    claim.consent_on = None
    if consent is None:
        claim.consent_file = None
        return
    if told := consent.fault(claim.laborer.name, timezone.localdate()):
        raise NotAllowed(told)
    claim.agent_name, claim.agent_relation = consent.name.strip()[:50], consent.relation
    claim.agent_phone, claim.consent_on, claim.consent_how = (
        consent.phone.strip()[:20],
        consent.on,
        consent.how,
    )


def _reckoned(claim: Claim, declared: Iterable[str], known: Known) -> None:
    """Judge the person and keep facts, answers and amount on the claim, or refuse with the clause that fails."""
    scheme, person = claim.scheme, claim.laborer
    facts, verdict = known.judged(scheme, person, claim.month, declared)
    if verdict.result != ENTITLED:
        raise NotAllowed(f"{person.name}不能申请{scheme.name}：{_why_not(scheme, verdict)}")
    held = [Held(one.code, one.period, one.month, one.scheme.terms) for one in known.claims(person)]
    if told := excluded_by(claim.code, claim.period, claim.month, held):
        raise NotAllowed(f"{person.name}{told}")
    _refuse_paid_days(claim, facts)
    if claim.code in FOUNDING and (award := known.absorbed_in(person)):
        raise NotAllowed(
            f"{person.name}已由{award.workshop.name}计入{award.year}年{ABSORBING}，不能再申请{name_of(claim.code)}（YD-G15）。"
        )
    claim.amount, claim.letters, claim.values = verdict.amount, verdict.letters, list(verdict.values)
    claim.months = ",".join(str(one) for one in verdict.months)[:120]
    place = known.place(person, verdict.months[-1]) if verdict.months else ""
    claim.facts = freeze(facts) | {"place": place}


def _refuse_paid_days(claim: Claim, facts: Facts) -> None:
    """One person, one day of training, one allowance: a class that a living claim pays is paid for (YD-J05)."""
    mine = {one.enrolment for one in facts.trained}
    if not mine or TRAINED not in claim.scheme.terms.wants:
        return
    others = Claim.objects.alive().filter(laborer=claim.laborer).exclude(pk=claim.pk)
    for other in others.order_by("pk"):
        if mine & {row[0] for row in other.facts.get("trained", ())}:
            raise NotAllowed(
                f"{claim.laborer.name}的这次培训已在{other.period_text}{name_of(other.code)}申请中，同一天不能发两次。"
            )


def _why_not(scheme: SchemeVersion, verdict: Verdict) -> str:
    told = [
        f"{one.title}应为“{one.asked}”，台账是“{one.found}”（{one.words}）"
        for one in explain(scheme.terms, verdict.letters, verdict.values, verdict.amount)
        if one.letter != MET
    ]
    return "；".join(told[:3]) + "。台账有误的请先更正台账。"


def _account(person: Laborer, account: tuple[str, str] | None, by: User) -> BankAccount | None:
    if account and account[1]:
        return keep_account(person, *account, by)
    return BankAccount.objects.standing().filter(laborer=person).first()


def promised(scheme: SchemeVersion) -> list[str]:
    """What the scheme wants proven on paper because the ledger cannot know it."""
    return [asked["paper"] for _, asked in scheme.terms.clauses if asked["kind"] == "declared"]


def rewarded(scheme: SchemeVersion) -> list[str]:
    """What raises the amount when it is proven on paper, and need not be."""
    return [scheme.terms.tariff["paper"]] if scheme.terms.tariff["kind"] == "by_paper" else []


# ── papers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def papers_of(claim: Claim) -> list[dict[str, Any]]:
    """The checklist: name, whether it must be there, and the newest file; promises the claim rests on are required."""
    wanted = {one["name"]: bool(one.get("required")) for one in claim.scheme.documents}
    wanted |= dict.fromkeys(claim.facts.get("declared", ()), True)
    if claim.how == AGENT:
        wanted[CONSENT_PAPER] = True
    files = {one.name: one for one in claim.papers.select_related("file").order_by("pk")}
    return [
        {
            "name": name,
            "required": required,
            "paper": files.get(name),
            "is_there": name in files or (name == CONSENT_PAPER and claim.consent_file_id is not None),
        }
        for name, required in wanted.items()
    ]


@transaction.atomic
def add_paper(claim: Claim, name: str, data: bytes, by: User) -> ClaimPaper:
    """Keep one document of the checklist, until the county has decided."""
    claim = steps.locked(claim)
    steps.may(by, "p", claim.village, "上传申请材料")
    steps.in_state(claim, *ADDING)
    if name not in {one["name"] for one in papers_of(claim)}:
        raise NotAllowed("这项材料不在清单里，请从清单中选择。")
    file = steps.stored(data, f"申请材料-{claim.pk}-{name[:20]}", by, claim.village)
    paper = ClaimPaper.objects.create(claim=claim, name=name, file=file, by=by)
    record("subsidy.paper", by, claim, claim.village, scheme=claim.code, kind=name)
    return paper


# ── after a return, and away ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def apply_again(
    claim: Claim,
    by: User,
    *,
    consent: Consent | None = None,
    declared: Iterable[str] = (),
    account: tuple[str, str] | None = None,
) -> Claim:
    """Hand a returned claim in again: judged anew by the version it was made under, every step from the first."""
    claim = steps.locked(claim)
    steps.may(by, "p", claim.village, "重新提交申请")
    steps.in_state(claim, State.RETURNED)
    _agreed(claim, consent)
    if consent and consent.data:
        claim.consent_file = steps.stored(consent.data, f"委托书-{claim.pk}", by, claim.village)
    steps.let_go(claim)
    _reckoned(claim, declared, Known([claim.laborer]))
    claim.account = _account(claim.laborer, account, by)
    claim.state, claim.proposed_by = State.APPLIED, by
    steps.hold_months(claim)
    return steps.stepped(claim, steps.AGAIN, by, how=claim.how, amount=claim.yuan)


@transaction.atomic
def withdraw(claim: Claim, reason: str, by: User, letter: str = "p") -> Claim:
    """The person takes the claim back before the county has decided; the months it held are free again."""
    claim = steps.locked(claim)
    steps.may(by, letter, claim.village, "撤回这份申请")
    open_states = (State.APPLIED, State.CHECKED, State.NOTICED, State.SHOWN, State.COMPARED, State.RETURNED)
    steps.in_state(claim, *open_states)
    claim.state, claim.reason = State.WITHDRAWN, because(reason, "撤回原因")
    steps.let_go(claim)
    return steps.stepped(claim, steps.WITHDRAWN, by, claim.reason, reason=claim.reason)
