"""The verbs of 车间奖补: reckoned from the placements, proposed by one officer, approved by another."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from lib.money import yuan
from posts.models import ABSORBING, AWARD_KINDS, AwardLine, Workshop, WorkshopAward
from posts.models.workshops import PASSED
from posts.standards import standard_of
from posts.workshop_rules import Reckoning, Stint, months_in, reckon
from posts.workshops import DECIDES, locked

State = WorkshopAward.State
STALE = "登记的人员有变化，与申报时的金额不一致。请不予批准，再重新测算申报。"


def last_day_of(year: int) -> dt.date:
    """Up to which day a year is reckoned: its end, or today."""
    return min(timezone.localdate(), dt.date(year, 12, 31))


def reckoned(workshop: Workshop, kind: str, year: int, until: dt.date, but: int | None = None) -> Reckoning:
    """The award as the placements have it: within the year for 阶梯, since they began for 吸纳; `but` this award."""
    standard = standard_of(workshop.unit, year)
    rows = workshop.placements.filter(counted=True, started_on__lte=until).order_by("pk")
    stints = [Stint(*row) for row in rows.values_list("laborer", "started_on", "ended_on")]
    if kind == ABSORBING:
        stints = [one for one in stints if one.ended is None or one.ended.year >= year]
    first = dt.date.min if kind == ABSORBING else dt.date(year, 1, 1)
    months = months_in(stints, first, until)
    return reckon(months, _taken(months, workshop, kind, year, but), standard, per_head=kind == ABSORBING)


def _taken(
    people: dict[int, int], workshop: Workshop, kind: str, year: int, but: int | None
) -> dict[int, str]:
    """Who counts already in an award of the kind, this year or, for 吸纳, ever (YD-G15)."""
    with wall.opened("another county may have counted the same worker"):
        lines = AwardLine.objects.filter(laborer__in=list(people), kind=kind, void=False).exclude(award=but)
        if kind != ABSORBING:
            lines = lines.filter(year=year)
        found = list(lines.order_by("pk").values_list("laborer", "year", "award__workshop"))
    return {
        person: f"{when}年已由{'本' if where == workshop.pk else '另一个'}车间计入{kind}，不能重复计算。"
        for person, when, where in found
    }


@transaction.atomic
def make_award(workshop: Workshop, kind: str, year: int, by: User) -> WorkshopAward:
    """申报奖补: the amount and the names come from the placements, nobody types them."""
    found = locked(workshop, by, "wa")
    if kind not in AWARD_KINDS:
        raise NotAllowed("请选择奖补类别。")
    if told := unready(found, year):
        raise NotAllowed(told)
    if found.awards.filter(kind=kind, year=year).exclude(state=State.REFUSED).exists():
        raise NotAllowed(f"{found.name}{year}年的{kind}已经申报，一年一次。")
    until = last_day_of(year)
    result = reckoned(found, kind, year, until)
    if not result.amount:
        raise NotAllowed(f"按标准测算，{found.name}{year}年{kind}为0元，不用申报。")
    try:
        with transaction.atomic():
            made = WorkshopAward.objects.create(
                workshop=found, kind=kind, year=year, until=until, people=len(result.counted), amount=result.amount,
                basis=asdict(standard_of(found.unit, year)), made_by=by,
            )  # fmt: skip
            AwardLine.objects.bulk_create(
                AwardLine(award=made, laborer_id=person, kind=kind, year=year, months=months)
                for person, months in result.counted.items()
            )
    except IntegrityError:
        raise NotAllowed("刚刚有人申报了同一笔奖补，或把其中的人计入了另一个车间，请刷新页面再看。") from None
    record(
        "award.make",
        by,
        made,
        found.unit,
        name=found.name,
        kind=kind,
        year=year,
        people=made.people,
        amount=made.amount,
    )
    return made


def unready(workshop: Workshop, year: int) -> str:
    """Why no award of the year can be made or approved for the workshop now; empty when it can."""
    today = timezone.localdate()
    if workshop.state != Workshop.State.RECOGNISED or not workshop.recognised_on:
        return f"{workshop.name}{workshop.get_state_display()}，只有已认定的车间才能申报奖补。"
    if not workshop.recognised_on.year <= year <= today.year:
        return f"奖补年度应在{workshop.recognised_on.year}年（认定）至{today.year}年之间。"
    if workshop.valid_until and workshop.valid_until < dt.date(year, 1, 1):
        return f"{workshop.name}的认定有效期已满，请先重新认定。"
    last = workshop.reviews.filter(on__year=year).order_by("-on").first()
    if last is None or last.result != PASSED:
        return f"{workshop.name}{year}年还没有合格的复核，请先复核。"
    return ""


@transaction.atomic
def approve_award(award: WorkshopAward, by: User) -> WorkshopAward:
    """批准 by another than who proposed it; what was reckoned then must still come out."""
    one = _to_decide(award, by)
    if told := unready(one.workshop, one.year):
        raise NotAllowed(told)
    now = reckoned(one.workshop, one.kind, one.year, one.until, but=one.pk)
    if now.counted != dict(one.lines.values_list("laborer", "months")) or now.amount != one.amount:
        raise NotAllowed(STALE)
    _decide(one, State.APPROVED, by)
    record("award.approve", by, one, one.workshop.unit, name=one.workshop.name, kind=one.kind, year=one.year,
           people=one.people, amount=yuan(one.amount))  # fmt: skip
    return one


@transaction.atomic
def refuse_award(award: WorkshopAward, reason: str, by: User) -> WorkshopAward:
    """不予批准: the workers may count again."""
    one = _to_decide(award, by)
    one.reason = because(reason, "不予批准的原因")
    _decide(one, State.REFUSED, by)
    one.lines.update(void=True)
    record("award.refuse", by, one, one.workshop.unit, name=one.workshop.name, kind=one.kind, year=one.year,
           reason=one.reason)  # fmt: skip
    return one


def _to_decide(award: WorkshopAward, by: User) -> WorkshopAward:
    workshop = locked(award.workshop, by, DECIDES)
    one = WorkshopAward.objects.select_for_update().get(pk=award.pk)
    one.workshop = workshop
    if one.state != State.PROPOSED:
        raise NotAllowed(f"这笔奖补{one.get_state_display()}，请刷新页面再看。")
    if one.made_by_id == by.pk:
        raise NotAllowed("不能审批自己申报的奖补，请由另一名经办人员审批。")
    return one


def _decide(one: WorkshopAward, state: str, by: User) -> None:
    one.state, one.decided_by, one.decided_at = state, by, timezone.now()
    one.save(update_fields=["state", "decided_by", "decided_at", "reason"])
