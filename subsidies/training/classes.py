"""The verbs of a 培训班: made, changed, opened with dates and real names, finished, certified, cancelled."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from ledgers import codes
from ledgers.facts import refigure_all
from ledgers.models import Laborer
from ledgers.periods import ensure_open
from lib.month import Month
from subsidies.models import (
    Allowance,
    Certificate,
    Completion,
    Enrolment,
    TrainingClass,
    TrainingDay,
    TrainingPlan,
)
from subsidies.training.answering import note_services
from subsidies.training.clashes import hold_days, refuse_away
from subsidies.training.rules import enough

State = TrainingClass.State
SAID = ("name", "trade", "kind", "organiser", "teacher", "place", "places")
NEEDED = {"name": "培训班名称", "trade": "培训工种", "kind": "培训类别", "organiser": "培训机构"}


@transaction.atomic
def make_class(
    plan: TrainingPlan, unit: Unit, said: dict[str, Any], days: list[dt.date], by: User
) -> TrainingClass:
    """A class of an approved plan; `said` are the fields of SAID. Without days it can be enrolled in, not opened."""
    plan = TrainingPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    if not by.can("training", "w", unit) or not unit.path.startswith(plan.unit.path):
        raise NotAllowed(f"您没有为{unit.name}建立培训班的权限。")
    _check_plan(plan, said["trade"])
    one = TrainingClass(
        plan=plan, unit=unit, year=plan.year, daily_fen=plan.daily_fen, least_percent=plan.least_percent,
        made_by=by,
    )  # fmt: skip
    _say(one, said, days)
    _save_named(one)
    record("training.make", by, one, unit, name=one.name, days=len(days))
    return one


def from_list(unit: Unit, name: str, trade: str, days: list[dt.date], by: User) -> TrainingClass:
    """A class that a workbook tells of, not saved; of the county's approved plan if that has its trade."""
    year = days[0].year
    plans = TrainingPlan.objects.filter(
        year=year, unit__code__in=unit.ancestor_codes, approved_by__isnull=False
    )
    plan = plans.filter(lines__trade=trade).first()
    kept = {"daily_fen": plan.daily_fen, "least_percent": plan.least_percent} if plan else {}
    one = TrainingClass(plan=plan, unit=unit, year=year, made_by=by, kind=codes.TRAINING_KINDS[0], **kept)
    _say(one, {"name": name, "trade": trade, "organiser": unit.name}, days)
    if days[0] <= timezone.localdate():
        one.state, one.opened_at = State.OPEN, timezone.now()
    return one


@transaction.atomic
def take_in(one: TrainingClass, by: User) -> TrainingClass:
    """Keep a class of `from_list`; what its people did is noted row by row."""
    if not by.can("training", "w", one.unit):
        raise NotAllowed(f"您没有为{one.unit.name}建立培训班的权限。")
    _save_named(one)
    record("training.make", by, one, one.unit, name=one.name, days=len(one.days))
    return one


@transaction.atomic
def count_days(row: Enrolment, days: int, by: User) -> Enrolment:
    """出勤天数 of one person from a list, once the class is over; who attended enough has finished."""
    one = locked(row.training_class, by)
    if one.state != State.OPEN or one.ends_on is None or one.ends_on > timezone.localdate():
        raise NotAllowed(f"“{one.name}”没有结束或已经结业，不能登记出勤天数。")
    if not 0 <= days <= len(one.days):
        raise NotAllowed(f"“{one.name}”共{len(one.days)}天，出勤天数不能是{days}天。")
    ensure_open(one.unit, Month.of(one.ends_on))
    row.days = days
    row.save(update_fields=["days"])
    if enough(days, len(one.days), one.least_percent):
        Completion.objects.get_or_create(enrolment=row, defaults={"on": one.ends_on, "by": by})
    record("training.count", by, row, row.village, name=one.name, days=days)
    return row


@transaction.atomic
def uncount_days(row: Enrolment, by: User) -> None:
    """Take back what `count_days` noted."""
    one = locked(row.training_class, by)
    if one.state != State.OPEN:
        raise NotAllowed(f"“{one.name}”已经结业，不能撤回出勤天数。")
    Completion.objects.filter(enrolment=row).delete()
    row.days = None
    row.save(update_fields=["days"])
    record("training.count", by, row, row.village, name=one.name, days=0)


@transaction.atomic
def change_class(one: TrainingClass, said: dict[str, Any], days: list[dt.date], by: User) -> TrainingClass:
    """Other words or days before the end; whoever is enrolled must be free on the new days."""
    people = _lock_people(one)
    one = locked(one, by)
    if one.state not in TrainingClass.ENROLLING:
        raise NotAllowed("培训班已经结束，不能修改。")
    if one.plan:
        _check_plan(one.plan, said.get("trade", one.trade))
    if said.get("places") is not None and said["places"] < one.taken:
        raise NotAllowed(f"已有{one.taken}人报名，名额不能少于{one.taken}人。")
    if one.state == State.OPEN and not days:
        raise NotAllowed("已经开班，培训日期不能为空。")
    _say(one, said, days)
    _move_days(one, people)
    _save_named(one)
    record("training.change", by, one, one.unit, name=one.name, days=len(days))
    return one


@transaction.atomic
def open_class(one: TrainingClass, by: User) -> TrainingClass:
    """开班, with dates and real names only (YD-J02); each person's wish is answered by a 就业服务记录."""
    people = _lock_people(one)
    one = locked(one, by)
    if one.state != State.PLANNED:
        raise NotAllowed(f"{one.name}{one.get_state_display()}，不能再开班。")
    if one.plan and not one.plan.approved_by_id:
        raise NotAllowed("培训计划改动后还没有审批，请先审批计划再开班。")
    if not one.days:
        raise NotAllowed("没有培训日期，不能开班。请先填写开始和结束日期。")
    if waiting := one.enrolments.filter(state=Enrolment.State.PROPOSED).count():
        raise NotAllowed(f"还有{waiting}人待确认，请先逐人确认或退回，再开班。")
    enrolled = list(one.enrolments.filter(state=Enrolment.State.ENROLLED).select_related("laborer"))
    if not enrolled:
        raise NotAllowed("没有实名学员，不能开班。请先从培训意愿里报名。")
    if any(row.laborer_id not in people for row in enrolled):
        raise NotAllowed("名单刚有变化，请刷新页面再开班。")
    refuse_away(
        {row.laborer_id: row.laborer.name for row in enrolled},
        {row.laborer_id: one.dates for row in enrolled},
    )
    one.state, one.opened_at = State.OPEN, timezone.now()
    one.save(update_fields=["state", "opened_at"])
    note_services(enrolled, one, by)
    record("training.open", by, one, one.unit, name=one.name, people=len(enrolled))
    return one


@transaction.atomic
def finish_class(one: TrainingClass, by: User) -> TrainingClass:
    """结业: every day of everybody has its mark; days are counted, and who attended enough has finished."""
    one = locked(one, by)
    if one.state != State.OPEN or one.ends_on is None:
        raise NotAllowed(f"{one.name}{one.get_state_display()}，不能办理结业。")
    if timezone.localdate() < one.ends_on:
        raise NotAllowed(f"培训到{one.ends_on.month}月{one.ends_on.day}日才结束，到期再办理结业。")
    rows = list(_counted(one))
    _refuse_gaps(one)
    attended = _attended_days(one)
    refuse_away({row.laborer_id: row.laborer.name for row in rows}, attended)
    for row in rows:
        if row.days is None:
            row.days = row.present
    Enrolment.objects.bulk_update(rows, ["days"], 500)
    trained = [row for row in rows if enough(row.days or 0, len(one.days), one.least_percent)]
    Completion.objects.bulk_create(
        (Completion(enrolment=row, on=one.ends_on, by=by) for row in trained), ignore_conflicts=True
    )
    one.state, one.finished_at = State.FINISHED, timezone.now()
    one.save(update_fields=["state", "finished_at"])
    record("training.finish", by, one, one.unit, name=one.name, people=len(rows), trained=len(trained))
    return one


@transaction.atomic
def reopen_class(one: TrainingClass, why: str, by: User) -> TrainingClass:
    """Back to the attendance: completions and amounts nobody approved are reckoned again at the next 结业."""
    one = locked(one, by, "a")
    why = because(why, most=100)
    if one.state not in TrainingClass.ENDED:
        raise NotAllowed("培训班还没有结业，不用退回考勤。")
    if Allowance.objects.filter(enrolment__training_class=one, approved_by__isnull=False).exists():
        raise NotAllowed("生活费补贴已经审批，不能再改考勤。")
    if Certificate.objects.filter(completion__enrolment__training_class=one).exists():
        raise NotAllowed("已经登记证书，请先撤销证书再退回考勤。")
    Allowance.objects.filter(enrolment__training_class=one).delete()
    Completion.objects.filter(enrolment__training_class=one).delete()
    one.enrolments.filter(attendance__isnull=False, state=Enrolment.State.ENROLLED).update(days=None)
    one.state, one.finished_at = State.OPEN, None
    one.save(update_fields=["state", "finished_at"])
    record("training.reopen", by, one, one.unit, name=one.name, reason=why)
    return one


@transaction.atomic
def end_certifying(one: TrainingClass, by: User) -> TrainingClass:
    """发证结束: whoever has no certificate yet did not get one."""
    one = locked(one, by)
    if one.state != State.FINISHED:
        raise NotAllowed(f"{one.name}{one.get_state_display()}，不能办理发证结束。")
    one.state = State.CERTIFIED
    one.save(update_fields=["state"])
    certified = Enrolment.objects.filter(training_class=one).certified().count()
    record("training.certified", by, one, one.unit, name=one.name, people=certified)
    settle(one)
    return one


@transaction.atomic
def cancel_class(one: TrainingClass, why: str, by: User) -> TrainingClass:
    """取消 a class that has not begun, or has nobody left; its people are free for another."""
    one = locked(one, by)
    why = because(why, most=100)
    if one.state != State.PLANNED and (one.state != State.OPEN or one.taken):
        raise NotAllowed(f"{one.name}{one.get_state_display()}，不能取消。")
    TrainingDay.objects.filter(enrolment__training_class=one).delete()
    one.enrolments.standing().update(
        state=Enrolment.State.LEFT, left_on=timezone.localdate(), left_why="培训班取消"
    )
    one.state, one.note, one.taken = State.VOID, why, 0
    one.save(update_fields=["state", "note", "taken"])
    record("training.cancel", by, one, one.unit, name=one.name, reason=why)
    return one


def settle(one: TrainingClass) -> None:
    """已结清 when the certificates are through and nobody who is eligible is unpaid (YD-J01)."""
    unpaid = Enrolment.objects.filter(training_class=one).unpaid().exists()
    if one.state == State.CERTIFIED and not unpaid:
        one.state = State.SETTLED
        one.save(update_fields=["state"])


# ── what the verbs share ─────────────────────────────────────────────────────────────────────────────────────────


def locked(one: TrainingClass, by: User, letter: str = "w") -> TrainingClass:
    """The class under lock, to whoever holds the right at its unit; the figures of its people's villages follow."""
    found = TrainingClass.objects.select_for_update(of=("self",)).select_related("unit", "plan__unit")
    one = found.get(pk=one.pk)
    if not by.can("training", letter, one.unit):
        raise NotAllowed(f"您没有办理{one.unit.name}培训班的权限。")
    villages = one.enrolments.order_by().values_list("village", flat=True).distinct()
    refigure_all(villages, one.starts_on or timezone.localdate())
    return one


def _lock_people(one: TrainingClass) -> set[int]:
    """Everybody who holds a place, locked before the class is (people first, in their order)."""
    held = Enrolment.objects.filter(training_class=one).standing().values("laborer")
    people = Laborer.objects.select_for_update(no_key=True).filter(pk__in=held).order_by("pk")
    return set(people.values_list("pk", flat=True))


def _check_plan(plan: TrainingPlan, trade: str) -> None:
    if not plan.approved_by_id:
        raise NotAllowed(f"{plan.year}年培训计划还没有审批，请先由另一位同事审批计划。")
    if not plan.lines.filter(trade=trade).exists():
        raise NotAllowed("计划里没有这个工种，请从计划的工种中选择，或先修改计划。")


def _say(one: TrainingClass, said: dict[str, Any], days: list[dt.date]) -> None:
    for name in SAID:
        if name in said:
            value = said[name]
            setattr(one, name, " ".join(value.split()) if isinstance(value, str) else value)
    for name, label in NEEDED.items():
        if not getattr(one, name):
            raise NotAllowed(f"请填写{label}。")
    if any(day.year != one.year for day in days):
        raise NotAllowed(f"培训日期应在{one.year}年之内；跨年的请分成两个班。")
    one.days = [str(day) for day in sorted(set(days))]
    one.starts_on, one.ends_on = (min(days), max(days)) if days else (None, None)


def _save_named(one: TrainingClass) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise NotAllowed(
            f"{one.unit.name}{one.year}年已有“{one.name}”，请换一个名称，例如加上期次。"
        ) from None


def _move_days(one: TrainingClass, people: set[int]) -> None:
    """The days of whoever holds a place follow the class; a day that has marks stays a class day."""
    rows = list(one.enrolments.standing().select_related("laborer"))
    if any(row.laborer_id not in people for row in rows):
        raise NotAllowed("名单刚有变化，请刷新页面再改。")
    held = TrainingDay.objects.filter(enrolment__in=rows)
    marked = held.exclude(mark="").exclude(day__in=one.dates).order_by("day").first()
    if marked:
        raise NotAllowed(f"{marked.day.month}月{marked.day.day}日已经登记考勤，不能从培训日期中去掉。")
    held.exclude(day__in=one.dates).delete()
    had = set(held.values_list("day", flat=True))
    new = [day for day in one.dates if day not in had]
    hold_days(rows, new)
    refuse_away({row.laborer_id: row.laborer.name for row in rows}, {row.laborer_id: new for row in rows})


def _counted(one: TrainingClass):
    """Enrolled people with `present`, the number of days they are marked as attended."""
    rows = one.enrolments.filter(state=Enrolment.State.ENROLLED).select_related("laborer")
    return rows.annotate(
        present=Count("attendance", filter=Q(attendance__mark=TrainingDay.PRESENT))
    ).order_by("pk")


def _refuse_gaps(one: TrainingClass) -> None:
    gaps = TrainingDay.objects.filter(
        enrolment__training_class=one,
        enrolment__state=Enrolment.State.ENROLLED,
        enrolment__days=None,
        mark="",
    )
    if first := gaps.order_by("day", "pk").select_related("laborer").first():
        raise NotAllowed(
            f"还有{gaps.count()}格考勤没有登记（{first.day.month}月{first.day.day}日{first.laborer.name}等），请先登记。"
        )


def _attended_days(one: TrainingClass) -> dict[int, list[dt.date]]:
    found: dict[int, list[dt.date]] = {}
    rows = TrainingDay.objects.filter(
        enrolment__training_class=one, enrolment__state=Enrolment.State.ENROLLED, mark=TrainingDay.PRESENT
    )
    for person, day in rows.values_list("laborer_id", "day"):
        found.setdefault(person, []).append(day)
    return found
