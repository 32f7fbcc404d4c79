"""The verbs of 培训计划: written by one person, approved by another. A change takes the approval back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from lib.money import yuan
from subsidies.models import PlanLine, TrainingPlan

MOST_FEN = 20_000  # 200 元/人·天: more is a slip of the pen
PARAMETERS = ("daily_fen", "per_year", "same_trade", "least_percent", "basis")


@transaction.atomic
def write_plan(unit: Unit, year: int, lines: dict[str, int], by: User, **parameters) -> TrainingPlan:
    """Save the year's plan of a county: people by trade and what holds for its classes (PARAMETERS)."""
    if unit.level != Level.COUNTY or not by.can("training", "w", unit):
        raise NotAllowed("培训计划由县（市、区）编制，请用县专班账号。")
    _check(lines, parameters)
    plan, _ = TrainingPlan.objects.get_or_create(unit=unit, year=year, defaults={"made_by": by})
    plan = TrainingPlan.objects.select_for_update().get(pk=plan.pk)
    for name in PARAMETERS:
        if name in parameters:
            setattr(plan, name, parameters[name])
    plan.made_by, plan.made_at, plan.approved_by, plan.approved_at = by, timezone.now(), None, None
    plan.save()
    _keep_used(plan, lines)
    plan.lines.all().delete()
    PlanLine.objects.bulk_create(
        PlanLine(plan=plan, trade=trade, people=people) for trade, people in lines.items()
    )
    record("training.plan", by, plan, unit, year=year, people=sum(lines.values()), rate=yuan(plan.daily_fen))
    return plan


def _check(lines: dict[str, int], parameters: dict) -> None:
    if not lines:
        raise NotAllowed("请至少填写一个培训工种和计划人数。")
    if any(not trade.strip() or people < 1 for trade, people in lines.items()):
        raise NotAllowed("每个工种都要写名称和人数，人数至少1人。")
    if not 0 <= parameters.get("daily_fen", 0) <= MOST_FEN:
        raise NotAllowed(f"生活费补贴标准应在0到{yuan(MOST_FEN)}元/人·天之间，请核对文件。")
    if not 1 <= parameters.get("least_percent", 1) <= 100:
        raise NotAllowed("结业最低出勤率应在1%到100%之间。")
    if not 1 <= parameters.get("per_year", 1) <= 12:
        raise NotAllowed("每人每年最多参加次数应在1到12次之间。")


def _keep_used(plan: TrainingPlan, lines: dict[str, int]) -> None:
    used = plan.classes.exclude(state="void").exclude(trade__in=lines).values_list("trade", flat=True)
    if missing := sorted(set(used)):
        raise NotAllowed(f"“{missing[0]}”已经建了培训班，不能从计划里去掉。")


@transaction.atomic
def approve_plan(plan: TrainingPlan, by: User) -> TrainingPlan:
    """The second person agrees; classes can be made from now on."""
    plan = TrainingPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    if not by.can("training", "a", plan.unit):
        raise NotAllowed("您没有审批这个培训计划的权限。")
    if plan.approved_by_id:
        return plan
    if plan.made_by_id == by.pk:
        raise NotAllowed("编制人不能审批自己的计划，请另一位同事审批。")
    plan.approved_by, plan.approved_at = by, timezone.now()
    plan.save(update_fields=["approved_by", "approved_at"])
    record("training.approve", by, plan, plan.unit, year=plan.year)
    return plan
