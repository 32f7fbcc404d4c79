"""The verbs of the offices: village check, township comparison with the ledger, county review; back, or away.

    申请 → 村核实 → 公示 (notices.py) → 镇比对 → 县审核 → 待发放 (subsidies.batches)

Who handed a claim in decides nothing on it; village, township and county are three people. A checked set is done whole
or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import wall
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from ledgers.models import BankAccount, Laborer
from lib.money import yuan
from subsidies.claims import steps
from subsidies.claims.applying import papers_of
from subsidies.claims.rules import Compared, compared, thaw
from subsidies.claims.steps import State
from subsidies.models import Claim
from subsidies.rules import ENTITLED, judge
from subsidies.screening import judge_person

ANOTHER = "这份申请是您提交或办理过的，请由另一个人办理。"


@transaction.atomic
def check(claim: Claim, by: User) -> Claim:
    """村核实: the person, the papers and the facts are as the claim says; required papers must be there."""
    claim = steps.locked(claim)
    steps.may(by, "p", claim.village, "村核实")
    steps.in_state(claim, State.APPLIED)
    if missing := [one["name"] for one in papers_of(claim) if one["required"] and not one["is_there"]]:
        raise NotAllowed(f"{claim.laborer.name}还缺材料：{'、'.join(missing)}。请先上传，再核实。")
    claim.state, claim.checked_by = State.CHECKED, by
    return steps.stepped(claim, steps.CHECKED, by)


def comparison(claim: Claim) -> list[Compared]:
    """The claim beside the ledger of today, for the month it was reckoned for."""
    facts, rule = thaw(claim.facts), claim.scheme.terms
    now = judge_person(claim.scheme, claim.laborer, claim.month, facts.declared)
    return compared(rule, (facts, judge(rule, facts)), now)


@transaction.atomic
def compare(claim: Claim, by: User, explained: str = "") -> Claim:
    """镇比对: passes where the ledger of today says the same; a difference needs its explanation (YD-G06).

    Where today's ledger would pay another amount, or nothing, the claim goes back and is reckoned anew.
    """
    claim = steps.locked(claim)
    steps.may(by, "p", claim.village.parent, "镇比对")
    steps.in_state(claim, State.SHOWN)
    if by.pk in steps.proposers(claim) | {claim.checked_by_id}:
        raise NotAllowed(ANOTHER)
    lines = comparison(claim)
    different = [one.label for one in lines if one.differs]
    if any(one.differs for one in lines[-2:]):
        raise NotAllowed(
            f"{claim.laborer.name}的申请与现在的台账不一致：{'、'.join(different)}。应发金额已经不同，请退回补正。"
        )
    explained = " ".join(explained.split())
    if different and len(explained) < 4:
        raise NotAllowed(
            f"{claim.laborer.name}的申请与台账不一致：{'、'.join(different)}。请说明原因（至少四个字），或退回补正。"
        )
    claim.state, claim.compared_by = State.COMPARED, by
    note = f"{'、'.join(different)}不一致：{explained}" if different else ""
    return steps.stepped(claim, steps.COMPARED, by, note, different="、".join(different))


@transaction.atomic
def approve(claim: Claim, by: User) -> Claim:
    """县审核: a third person; the amount is reckoned once more from the kept facts, the account is the person's own."""
    claim = steps.locked(claim)
    steps.may(by, "a", claim.village, "县审核")
    steps.in_state(claim, State.COMPARED)
    if by.pk in steps.proposers(claim) | {claim.checked_by_id, claim.compared_by_id}:
        raise NotAllowed(ANOTHER)
    verdict = judge(claim.scheme.terms, thaw(claim.facts))
    if verdict.result != ENTITLED or verdict.amount != claim.amount:
        raise NotAllowed(
            f"{claim.laborer.name}的金额{claim.yuan}元与标准不符，应为{yuan(verdict.amount)}元（YD-G10），请退回补正。"
        )
    claim.account = BankAccount.objects.standing().filter(laborer=claim.laborer_id).first()
    if claim.account is None:
        raise NotAllowed(f"{claim.laborer.name}还没有登记本人的收款账户，请先由村里登记。")
    steps.hold_months(claim)
    claim.state, claim.approved_by, claim.approved_at = State.APPROVED, by, timezone.now()
    return steps.stepped(claim, steps.APPROVED, by, amount=claim.yuan)


# ── back, or away ────────────────────────────────────────────────────────────────────────────────────────────────


def office_of(claim: Claim) -> tuple[str, Unit | None]:
    """The right and the unit whose turn it is: who may send the claim back from where it is."""
    if claim.state in (State.COMPARED, State.APPROVED):
        return "a", claim.village
    return "p", claim.village.parent if claim.state == State.SHOWN else claim.village


@transaction.atomic
def send_back(claim: Claim, reason: str, by: User) -> Claim:
    """Return the claim to be corrected, by the office whose turn it is; not once it is in a batch."""
    claim = steps.locked(claim)
    waiting = (State.APPLIED, State.CHECKED, State.NOTICED, State.SHOWN, State.COMPARED, State.APPROVED)
    steps.in_state(claim, *waiting)
    steps.may(by, *office_of(claim), "退回这份申请")
    claim.state, claim.reason = State.RETURNED, because(reason, "退回原因")
    claim.notice = claim.checked_by = claim.compared_by = claim.approved_by = claim.approved_at = None
    return steps.stepped(claim, steps.RETURNED, by, claim.reason, reason=claim.reason)


@transaction.atomic
def reject(claim: Claim, reason: str, by: User) -> Claim:
    """Refuse the claim for good, by township or county; the reason stays with it, the months it held are free."""
    claim = steps.locked(claim)
    steps.in_state(claim, State.SHOWN, State.COMPARED)
    steps.may(by, *office_of(claim), "不予通过这份申请")
    claim.state, claim.reason = State.REJECTED, because(reason, "不通过的原因")
    steps.let_go(claim)
    return steps.stepped(claim, steps.REJECTED, by, claim.reason, reason=claim.reason)


# ── a checked set ────────────────────────────────────────────────────────────────────────────────────────────────


def check_many(shown: Mapping[int, int], expected: int, by: User) -> list[Claim]:
    """Check the set that was shown (key → its last step, and how many); all of it or nothing."""
    return _many(shown, expected, by, check)


def compare_many(shown: Mapping[int, int], expected: int, by: User) -> list[Claim]:
    """Compare the set; one that differs from the ledger is named and nothing is done."""
    return _many(shown, expected, by, compare)


def approve_many(shown: Mapping[int, int], expected: int, by: User) -> list[Claim]:
    """Approve the set that was shown; all of it or nothing."""
    return _many(shown, expected, by, approve)


@transaction.atomic
def _many(
    shown: Mapping[int, int], expected: int, by: User, act: Callable[[Claim, User], Claim]
) -> list[Claim]:
    if not shown or len(shown) != expected:
        raise NotAllowed(f"选中的是{len(shown)}份，显示的是{expected}份，请重新勾选。")
    found = Claim.objects.visible_to(by).filter(pk__in=shown)
    with wall.opened("who has a claim may have moved to another village since"):
        people = Laborer.objects.filter(pk__in=found.order_by().values("laborer"))
        list(people.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    rows = list(found.annotate(last=Max("steps__pk")).select_related("laborer", "scheme").order_by("pk"))
    moved = [one.laborer.name for one in rows if one.last != shown[one.pk]]
    if moved or len(rows) != len(shown):
        names = "、".join(moved) or f"{len(shown) - len(rows)}份已不在您的范围内"
        raise NotAllowed(f"这些申请在您查看之后有了变化，请重新核对：{names}。")
    done = []
    for claim in rows:
        try:
            done.append(act(claim, by))
        except NotAllowed as refusal:
            raise NotAllowed(f"{claim.laborer.name}：{refusal}全部{len(rows)}份都没有办理。") from refusal
    return done
