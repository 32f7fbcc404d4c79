"""The verbs of a workshop: a township proposes, the county recognises, both review; what ends it takes two people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Level, Unit, User
from ledgers.facts import refigure
from lib.identity import check_uscc
from posts.models import Workshop, WorkshopReview
from posts.models.workshops import PASSED, RESULTS, TO_REVOKE, WORKSHOP_FORMS, WORKSHOP_KINDS
from posts.placing import everybody_leaves, recount
from posts.standards import standard_of
from posts.workshop_rules import MET, all_met
from posts.workshops import DECIDES, WRITES, clauses_of, locked, may

State = Workshop.State
OPEN = (State.PROPOSED, State.RECOGNISED, State.SUSPENDED)
TEXTS = {"name": 60, "in_charge": 50, "address": 100, "industry": 20}  # field → characters


# ── proposing ────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def propose_workshop(unit: Unit, said: dict[str, Any], by: User) -> Workshop:
    """申报: `said` are fields of the workshop; its number is made here where none is given."""
    unit = Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)
    may(by, WRITES, unit)
    if unit.level != Level.VILLAGE or unit.closed_on:
        raise NotAllowed("车间要登记在一个在用的村（社区），请选择所在村。")
    values = checked(said)
    number = str(values.pop("number", "") or "") or _next_number(unit)
    _refuse_twins(unit, values)
    if Workshop.objects.filter(number=number).exists():
        raise NotAllowed(f"车间编号{number}已经有了，请换一个编号，或者留空由系统编号。")
    made = Workshop.objects.create(
        unit=unit,
        number=number,
        state=State.PROPOSED,
        proposed_by=by,
        proposed_on=timezone.localdate(),
        **values,
    )
    record("workshop.propose", by, made, unit, name=made.name, code=number)
    return made


def _next_number(unit: Unit) -> str:
    begun = f"{unit.code}-CJ"
    taken = set(Workshop.objects.filter(number__startswith=begun).values_list("number", flat=True))
    return next(text for n in range(1, len(taken) + 2) if (text := f"{begun}{n:02}") not in taken)


def _refuse_twins(unit: Unit, values: dict[str, Any], but: int | None = None) -> None:
    there = Workshop.objects.filter(unit=unit, state__in=OPEN)
    there = there.exclude(pk=but) if but else there
    if there.filter(name=values["name"]).exists():
        raise NotAllowed(f"{unit.name}已经有“{values['name']}”，请核对是否重复申报。")
    if values.get("uscc") and (twin := there.filter(uscc=values["uscc"]).first()):
        raise NotAllowed(f"这个统一社会信用代码已在{unit.name}登记为“{twin.name}”，请核对是否重复申报。")


def checked(said: dict[str, Any]) -> dict[str, Any]:
    """Tidy texts and codes; raises NotAllowed with the first thing that is wrong."""
    values = dict(said)
    for key, most in TEXTS.items():
        values[key] = " ".join(str(values.get(key) or "").split())[:most]
    if not values["name"]:
        raise NotAllowed("请填写车间名称。")
    if values.setdefault("kind", WORKSHOP_KINDS[0]) not in WORKSHOP_KINDS:
        raise NotAllowed(f"类别只能是{'、'.join(WORKSHOP_KINDS)}。")
    if values.get("form") and values["form"] not in WORKSHOP_FORMS:
        raise NotAllowed(f"形式只能是{'、'.join(WORKSHOP_FORMS)}。")
    if values.get("uscc"):
        code = check_uscc(values["uscc"])
        if not code.accepted:
            raise NotAllowed(f"{code.message}，请按营业执照核对。")
        values["uscc"] = code.value
    if values.get("operating_since") and values["operating_since"] > timezone.localdate():
        raise NotAllowed("投产日期不能晚于今天，投产以后再申报。")
    return values


@transaction.atomic
def amend_workshop(workshop: Workshop, said: dict[str, Any], by: User) -> Workshop:
    """Correct what a workshop is called, does and where; its number, village and state have verbs of their own."""
    found = locked(workshop, by, WRITES)
    if found.state not in OPEN:
        raise NotAllowed(f"{found.name}{found.get_state_display()}，不能再修改。")
    fixed = ("name", "kind", "form", "uscc", "in_charge", "address", "industry", "operating_since")
    values = checked({key: getattr(found, key) for key in fixed} | said)
    _refuse_twins(found.unit, values, but=found.pk)
    changed = [key for key in fixed if getattr(found, key) != values[key]]
    for key in changed:
        setattr(found, key, values[key])
    if changed:
        found.save(update_fields=changed)
        record("workshop.amend", by, found, found.unit, name=found.name)
    return found


@transaction.atomic
def withdraw_workshop(workshop: Workshop, by: User) -> None:
    """Take back a proposal made by mistake: nothing hangs on it yet."""
    found = locked(workshop, by, WRITES)
    if found.state != State.PROPOSED:
        raise NotAllowed(f"{found.name}{found.get_state_display()}，只有待认定的车间可以撤回申报。")
    if found.placements.exists() or found.reviews.exists():
        raise NotAllowed(f"{found.name}已登记人员或复核，不能撤回申报；不予认定的由县里办理。")
    record("workshop.withdraw", by, found, found.unit, name=found.name, code=found.number)
    found.delete()


# ── recognising ──────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def recognise(workshop: Workshop, on: dt.date, number: str, by: User) -> Workshop:
    """认定 by another than who proposed, when every condition is met on the day of the act."""
    found = _to_decide(workshop, by)
    today, number = timezone.localdate(), " ".join(number.split())[:40]
    if on > today or (found.operating_since and on < found.operating_since):
        raise NotAllowed("认定日期不能晚于今天，也不能早于投产日期。")
    if not number:
        raise NotAllowed("请填写认定文号。")
    clauses = clauses_of(found, today)
    if not all_met(clauses):
        lacking = "".join(f"{one.name}{one.state}：{one.told}" for one in clauses if one.state != MET)
        raise NotAllowed(f"还不能认定。{lacking}请补齐以后再认定，或者不予认定。")
    found.state, found.recognised_by, found.recognised_on = State.RECOGNISED, by, on
    found.recognition_number, found.reason = number, ""
    found.valid_until = _years_on(on, standard_of(found.unit, on.year).term)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise NotAllowed(f"认定文号{number}已用于另一个车间，请核对。") from None
    record("workshop.recognise", by, found, found.unit, name=found.name, day=str(on), code=number)
    refigure(found.unit, on)
    return found


def _years_on(day: dt.date, years: int) -> dt.date:
    """The last day of so many years that begin on `day`."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap else day.day) - dt.timedelta(
        days=0 if leap else 1
    )


@transaction.atomic
def refuse(workshop: Workshop, reason: str, by: User) -> Workshop:
    """不予认定, with a reason that the township reads."""
    found = _to_decide(workshop, by)
    found.state, found.reason = State.REFUSED, because(reason, "不予认定的原因")
    found.save(update_fields=["state", "reason"])
    record("workshop.refuse", by, found, found.unit, name=found.name, reason=found.reason)
    return found


def _to_decide(workshop: Workshop, by: User) -> Workshop:
    found = locked(workshop, by, DECIDES)
    if found.state != State.PROPOSED:
        raise NotAllowed(f"{found.name}{found.get_state_display()}，不是待认定的车间。请刷新页面再看。")
    if found.proposed_by_id == by.pk:
        raise NotAllowed("不能认定自己申报的车间，请由另一名经办人员认定。")
    return found


# ── reviewing ────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def review(
    workshop: Workshop, on: dt.date, said: dict[str, bool], result: str, note: str, by: User
) -> WorkshopReview:
    """复核: `said` answers operating, wage_paid and insured; the people are counted from the placements of the day."""
    found = locked(workshop, by, "wa")
    if found.state not in (State.RECOGNISED, State.SUSPENDED):
        raise NotAllowed(f"{found.name}{found.get_state_display()}，只有已认定的车间才复核。")
    if on > timezone.localdate() or (found.recognised_on and on < found.recognised_on):
        raise NotAllowed("复核日期不能晚于今天，也不能早于认定日期。")
    if result not in RESULTS:
        raise NotAllowed("请选择复核结果。")
    if result == PASSED and not (said["operating"] and said["wage_paid"]):
        raise NotAllowed("没有正常生产或没有按时发放工资的，复核结果不能是合格。")
    note = because(note, "整改或撤销的原因") if result != PASSED else " ".join(note.split())[:200]
    recount(found)
    people = list(found.placements.active_on(on).order_by().values_list("counted", flat=True))
    try:
        with transaction.atomic():
            made = WorkshopReview.objects.create(
                workshop=found,
                on=on,
                result=result,
                note=note,
                by=by,
                people=len(people),
                counted=sum(people),
                **said,
            )
    except IntegrityError:
        raise NotAllowed(f"{found.name}这一天已经复核过，请核对日期。") from None
    record("workshop.review", by, found, found.unit, name=found.name, day=str(on), outcome=result)
    refigure(found.unit, on)
    return made


@transaction.atomic
def revoke(asked: WorkshopReview, by: User) -> Workshop:
    """撤销认定: another officer of the county confirms a review whose result it was."""
    found = locked(asked.workshop, by, DECIDES)
    one = WorkshopReview.objects.select_for_update().get(pk=asked.pk)
    if one.result != TO_REVOKE or one.checked_by_id or found.state not in OPEN[1:]:
        raise NotAllowed("没有等待确认的撤销意见，请刷新页面再看。")
    if one.by_id == by.pk:
        raise NotAllowed("撤销认定要由另一名经办人员确认，不能确认自己的复核意见。")
    one.checked_by, one.checked_at = by, timezone.now()
    one.save(update_fields=["checked_by", "checked_at"])
    _end(found, State.REVOKED, max(one.on, timezone.localdate()), one.note)
    record("workshop.revoke", by, found, found.unit, name=found.name, reason=one.note)
    return found


@transaction.atomic
def suspend(workshop: Workshop, on: dt.date, reason: str, by: User) -> Workshop:
    """暂停: it is not counted from that day until it is resumed."""
    found = _of_state(workshop, State.RECOGNISED, by)
    _check_end(found, on, "暂停日期")
    found.state, found.suspended_on, found.reason = State.SUSPENDED, on, because(reason, "暂停的原因")
    found.save(update_fields=["state", "suspended_on", "reason"])
    record("workshop.suspend", by, found, found.unit, name=found.name, day=str(on), reason=found.reason)
    refigure(found.unit, on)
    return found


@transaction.atomic
def resume(workshop: Workshop, by: User) -> Workshop:
    """恢复: the cause of the suspension is gone."""
    found = _of_state(workshop, State.SUSPENDED, by)
    since = found.suspended_on or timezone.localdate()
    found.state, found.suspended_on, found.reason = State.RECOGNISED, None, ""
    found.save(update_fields=["state", "suspended_on", "reason"])
    record("workshop.resume", by, found, found.unit, name=found.name)
    refigure(found.unit, since)
    return found


@transaction.atomic
def close(workshop: Workshop, on: dt.date, reason: str, by: User) -> Workshop:
    """停办: production ended on the day; whoever still worked there leaves on it."""
    everybody_leaves(workshop, on, by)
    found = locked(workshop, by, "wa")
    if found.state not in (State.RECOGNISED, State.SUSPENDED):
        raise NotAllowed(f"{found.name}{found.get_state_display()}，不用登记停办。")
    _check_end(found, on, "停办日期")
    _end(found, State.CLOSED, on, because(reason, "停办的原因"))
    record("workshop.close", by, found, found.unit, name=found.name, day=str(on), reason=found.reason)
    return found


def _of_state(workshop: Workshop, state: str, by: User) -> Workshop:
    found = locked(workshop, by, DECIDES)
    if found.state != state:
        raise NotAllowed(f"{found.name}{found.get_state_display()}，请刷新页面再看。")
    return found


def _check_end(found: Workshop, on: dt.date, label: str) -> None:
    if on > timezone.localdate() or (found.recognised_on and on < found.recognised_on):
        raise NotAllowed(f"{label}不能晚于今天，也不能早于认定日期。")


def _end(found: Workshop, state: str, on: dt.date, reason: str) -> None:
    found.state, found.closed_on, found.suspended_on, found.reason = state, on, None, reason
    found.save(update_fields=["state", "closed_on", "suspended_on", "reason"])
    refigure(found.unit, on)
