"""What every verb of a claim does first and last: person and claim locked, right and state asked, the step kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from accounts import wall
from accounts.audit import record, record_all
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from jobs import papers
from jobs.models import StoredFile
from ledgers.facts import refigure, refigure_all
from ledgers.models import Household, Laborer
from lib.bulk import among
from posts.models import POST_OR_AWAY
from posts.taking import release, take, take_all
from subsidies.models import Claim, ClaimStep
from subsidies.models.claims import PAPER_RIGHT

State = Claim.State
APPLIED, AGAIN, WITHDRAWN = "申请", "补正后重新提交", "撤回"
CHECKED, NOTICED, SHOWN, COMPARED, APPROVED = "村核实", "开始公示", "公示结束", "镇比对", "县审核"
RETURNED, REJECTED = "退回补正", "不予通过"
PROPOSALS = (APPLIED, AGAIN)
ACT_OF = {
    APPLIED: "subsidy.apply", AGAIN: "subsidy.apply_again", WITHDRAWN: "subsidy.withdraw", CHECKED: "subsidy.check",
    NOTICED: "subsidy.notice", SHOWN: "subsidy.notice_end", COMPARED: "subsidy.compare", APPROVED: "subsidy.approve",
    RETURNED: "subsidy.return", REJECTED: "subsidy.reject",
}  # fmt: skip


def locked_person(pk: int, household: bool = False) -> Laborer:
    """The person, held until the transaction ends, so that of many attempts at once each sees the one before.

    With `household` its row is held as well: members of one household share a cap (P12).
    """
    with wall.opened("who has a claim may have moved to another village since"):
        person = Laborer.objects.select_for_update(no_key=True, of=("self",)).select_related(
            "village__parent"
        )
        found = person.get(pk=pk)
        if household:
            Household.objects.select_for_update(no_key=True).get(pk=found.household_id)
    return found


def locked_people(keys: Collection[int], households: bool = False) -> dict[int, Laborer]:
    """Many people at once, in one order everywhere; with their households where these share a cap."""
    with wall.opened("who has a claim may have moved to another village since"):
        people = Laborer.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
        rows = people.filter(among("pk", sorted(keys))).select_related("village__parent")
        found = {one.pk: one for one in rows}
        if households:
            homes = sorted({one.household_id for one in found.values()})
            held = Household.objects.select_for_update(no_key=True).order_by("pk")
            list(held.filter(among("pk", homes)).values_list("pk"))
    return found


def locked(claim: Claim) -> Claim:
    """The claim as it is now, behind its person; both held until the transaction ends."""
    locked_person(claim.laborer_id, "household_cap" in claim.scheme.rule)
    rows = Claim.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("scheme", "laborer", "village__parent").get(pk=claim.pk)


def in_state(claim: Claim, *states: str) -> None:
    if claim.state not in states:
        raise NotAllowed(f"这份申请现在是“{claim.get_state_display()}”，不能这样办理；请刷新页面。")


def may(by: User, letter: str, unit: Unit | None, what: str) -> None:
    if unit is None or not by.can("subsidy", letter, unit):
        raise NotAllowed(f"您没有{what}的权限，请由有权限的单位办理。")


def proposers(claim: Claim) -> set[int]:
    """Everybody who has ever handed the claim in: none of them decides on it."""
    handed_in = claim.steps.filter(step__in=PROPOSALS).values_list("by_id", flat=True)
    return {claim.proposed_by_id, *handed_in}


def stepped(claim: Claim, step: str, by: User, note: str = "", **detail: Any) -> Claim:
    """Save the claim with its step and its audit entry; the figures of its village follow."""
    claim.save()
    refigure(claim.village, claim.month.first_day)
    action = ACT_OF[step]
    ClaimStep.objects.create(claim=claim, step=step, by=by, note=note[:200])
    record(
        action, by, claim, claim.village, scheme=claim.code, period=claim.period, person=claim.laborer_id, **detail
    )  # fmt: skip
    return claim


def begun(claims: Sequence[Claim], by: User) -> list[Claim]:
    """The first step of many claims that were just saved, with an audit entry each."""
    if claims:
        refigure_all({one.village_id for one in claims}, min(one.month for one in claims).first_day)
    ClaimStep.objects.bulk_create(
        (ClaimStep(claim=one, step=APPLIED, by=by) for one in claims), batch_size=1000
    )
    record_all(
        ACT_OF[APPLIED], by,
        (
            (one, one.village, {"scheme": one.code, "period": one.period, "person": one.laborer_id, "how": one.how,
                                "amount": one.yuan})
            for one in claims
        ),
    )  # fmt: skip
    return list(claims)


def stored(data: bytes, name: str, by: User, village: Unit) -> StoredFile:
    """A photograph or PDF that belongs to a claim; `name` tells no person."""
    return papers.store(by, name, data, "材料", unit=village, right=PAPER_RIGHT)


# ── months beside a post (YD-F03) ────────────────────────────────────────────────────────────────────────────────


def hold_months(claim: Claim) -> None:
    """Take the months the claim pays for, where its scheme is for work outside the county or for a post."""
    if claim.takes_months:
        take(claim.laborer, claim.month_list, POST_OR_AWAY, claim.what, claim.scheme.name[:40])


def hold_all(claims: Iterable[Claim]) -> None:
    """The same of many claims."""
    wanted = (
        (one.laborer, one.month_list, one.what, one.scheme.name[:40]) for one in claims if one.takes_months
    )
    take_all(wanted, POST_OR_AWAY)


def let_go(claim: Claim) -> None:
    """Give the claim's months back; months that another living claim of the person pays for stay taken."""
    if not claim.takes_months:
        return
    release(claim.what)
    others = Claim.objects.alive().filter(laborer=claim.laborer_id).exclude(pk=claim.pk)
    for other in others.exclude(state=State.REFUNDED).select_related("scheme", "laborer"):
        if other.takes_months and other.what == claim.what:
            hold_months(other)
