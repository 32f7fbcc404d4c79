"""The verbs of 报名: a village proposes its people, the township or the county enrols them, people leave again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from ledgers import codes
from ledgers.models import Intention, Laborer
from subsidies.models import Enrolment, TrainingClass, TrainingDay
from subsidies.training.answering import note_services, take_service_back
from subsidies.training.clashes import hold_days, refuse_away, refuse_too_often
from subsidies.training.rules import Before

State = Enrolment.State
ONCE_A_YEAR, NOT_AGAIN = 1, False  # YD-J07 where no plan says otherwise


@transaction.atomic
def enrol(one: TrainingClass, person: Laborer, by: User, days: Iterable[dt.date] | None = None) -> Enrolment:
    """A place for the person: a proposal where `by` may only propose, else enrolled at once.

    `days` are those the person comes; without them all of the class, of one that runs those still to come.
    """
    person = _locked_person(person)
    at_once = by.can("training", "w", person.village)
    if not at_once and not by.can("training", "p", person.village):
        raise NotAllowed(f"您没有为{person.village.name}的人报名的权限。")
    one = _locked_class(one)
    row = Enrolment.objects.filter(training_class=one, laborer=person).first()
    if row and row.state in Enrolment.HOLDING:
        return row
    wanted = sorted(days) if days is not None else _still_to_come(one)
    refuse_unfit(one, person, wanted)
    row = _place(row or Enrolment(training_class=one, laborer=person), person, by, at_once)
    hold_days([row], wanted)
    TrainingClass.objects.filter(pk=one.pk).update(taken=F("taken") + 1)
    if at_once and one.state == TrainingClass.State.OPEN:
        note_services([row], one, by, one.starts_on)
    record(
        "training.enrol" if at_once else "training.propose", by, row, person.village, name=one.name,
    )  # fmt: skip
    return row


def _locked_person(person: Laborer) -> Laborer:
    rows = Laborer.objects.select_for_update(no_key=True, of=("self",)).select_related("village", "household")
    return rows.get(pk=person.pk)


def _locked_class(one: TrainingClass) -> TrainingClass:
    rows = TrainingClass.objects.select_for_update(of=("self",)).select_related("unit", "plan")
    return rows.get(pk=one.pk)


def refuse_unfit(
    one: TrainingClass, person: Laborer, days: list[dt.date], more: Sequence[Before] = ()
) -> None:
    """Raise NotAllowed when the person may not be in the class on these days, whoever asks.

    `more` are classes that the person is about to be in, by earlier rows of a workbook.
    """
    if not person.village.path.startswith(one.unit.path):
        raise NotAllowed(f"“{one.name}”由{one.unit.name}开办，只收本地的人；跨乡镇的请县里开班。")
    if one.state not in TrainingClass.ENROLLING:
        raise NotAllowed(f"“{one.name}”{one.get_state_display()}，不能再报名。")
    if person.person_state != codes.NORMAL:
        raise NotAllowed(f"{person.name}当前状态是“{person.person_state}”，不能报名培训。")
    if one.free is not None and one.free <= 0:
        raise NotAllowed(f"“{one.name}”{one.places}个名额已满。请增加名额，或选另一个班。")
    plan = one.plan
    limits = (plan.per_year, plan.same_trade) if plan else (ONCE_A_YEAR, NOT_AGAIN)
    refuse_too_often(person, one, *limits, more)
    refuse_away({person.pk: person.name}, {person.pk: days})


def _still_to_come(one: TrainingClass) -> list[dt.date]:
    if one.state == TrainingClass.State.PLANNED:
        return one.dates
    left = [day for day in one.dates if day >= timezone.localdate()]
    if not left and one.dates:
        raise NotAllowed(f"“{one.name}”已经上完课，不能再报名。")
    return left


def _place(row: Enrolment, person: Laborer, by: User, at_once: bool) -> Enrolment:
    """The row with who the person is today; the facts stay as they are from here on."""
    now = timezone.now()
    wish = Intention.objects.filter(laborer=person, wants_training=True).first()
    row.village, row.proposed_by, row.proposed_at = person.village, by, now
    row.is_poverty, row.is_monitored = person.household.is_poverty, person.household.is_monitored
    row.wished_at = wish.wish_registered_at if wish else None
    row.state, row.days, row.left_on, row.left_why = State.PROPOSED, None, None, ""
    if at_once:
        row.state, row.enrolled_by, row.enrolled_at = State.ENROLLED, by, now
    row.save()
    return row


@transaction.atomic
def confirm(row: Enrolment, by: User) -> Enrolment:
    """The township or the county agrees to what the village proposed."""
    _locked_person(row.laborer)
    one, row = _locked_row(row)
    if not by.can("training", "w", row.village):
        raise NotAllowed("报名由乡镇或县确认，您没有这个权限。")
    if row.state == State.ENROLLED:
        return row
    if row.state != State.PROPOSED or one.state not in TrainingClass.ENROLLING:
        raise NotAllowed(f"{row.laborer.name}的报名{row.get_state_display()}，不能确认。")
    row.state, row.enrolled_by, row.enrolled_at = State.ENROLLED, by, timezone.now()
    row.save(update_fields=["state", "enrolled_by", "enrolled_at"])
    if one.state == TrainingClass.State.OPEN:
        note_services([row], one, by, one.starts_on)
    record("training.confirm", by, row, row.village, name=one.name)
    return row


@transaction.atomic
def leave(row: Enrolment, why: str, by: User) -> Enrolment:
    """退班 of somebody enrolled, or 未采纳 of a proposal; the days still to come and the place are free again."""
    _locked_person(row.laborer)
    one, row = _locked_row(row)
    why = because(why, most=100)
    mine = row.state == State.PROPOSED and row.proposed_by_id == by.pk
    if not by.can("training", "w", row.village) and not mine:
        raise NotAllowed("退班和退回报名由乡镇或县办理，您没有这个权限。")
    if row.state not in Enrolment.HOLDING:
        return row
    if one.state not in TrainingClass.ENROLLING:
        raise NotAllowed(f"“{one.name}”{one.get_state_display()}，不能再退班。")
    row.attendance.filter(mark="").delete()
    if not row.attendance.filter(mark=TrainingDay.PRESENT).exists():
        take_service_back(row, by)
    row.state = State.REFUSED if row.state == State.PROPOSED else State.LEFT
    row.left_on, row.left_why = timezone.localdate(), why
    row.save(update_fields=["state", "left_on", "left_why"])
    TrainingClass.objects.filter(pk=one.pk).update(taken=F("taken") - 1)
    record("training.leave", by, row, row.village, name=one.name, reason=why)
    return row


def _locked_row(row: Enrolment) -> tuple[TrainingClass, Enrolment]:
    one = TrainingClass.objects.select_for_update().get(pk=row.training_class_id)
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("village", "laborer", "service")
    return one, rows.get(pk=row.pk)
