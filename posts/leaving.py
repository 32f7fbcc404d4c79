"""签约 and 退岗: contracts and insurance of a holder, and the exit in three steps: told, decided, filed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from ledgers.facts import refigure
from ledgers.models import Laborer
from posts.facts import clauses_of_holders
from posts.models import CONTRACT_KINDS, EXIT_GROUNDS, Appointment, Contract, Post
from posts.opening import APPROVES, CHECKS, PROPOSES, another, may, month_open
from posts.rules import refusals


def _locked(appointment: Appointment, by: User, letters: str) -> Appointment:
    """The appointment of somebody still in the post; the person is locked before it."""
    Laborer.objects.select_for_update(no_key=True).filter(pk=appointment.laborer_id).first()
    rows = Appointment.objects.select_for_update(of=("self",)).select_related(
        "post__unit", "laborer__household", "candidate"
    )
    found = rows.get(pk=appointment.pk)
    may(by, letters, found.post.unit)
    if found.ended_on is not None:
        raise NotAllowed("这段聘用已经结束。")
    return found


def _told(act: str, by: User, one: Appointment, **detail: str) -> None:
    record(act, by, one.post, one.post.unit, number=one.post.number, person=one.laborer_id, **detail)


# ── contract and insurance ───────────────────────────────────────────────────────────────────────────────────────


def sign_contract(
    one: Appointment, kind: str, number: str, from_on: dt.date, until_on: dt.date, by: User
) -> Contract:
    """The contract of an appointment, inside the caller's transaction: a year at most, never two on a day."""
    made = contract_of(one, kind, number, from_on, until_on, by)
    if one.contracts.filter(from_on__lte=until_on, until_on__gte=from_on).exists():
        raise NotAllowed("这段时间已有合同，续签请从原合同到期的次日开始。")
    made.save()
    return made


def contract_of(
    one: Appointment, kind: str, number: str, from_on: dt.date, until_on: dt.date, by: User
) -> Contract:
    """The contract as it may be, not saved yet."""
    if kind not in CONTRACT_KINDS:
        raise NotAllowed("合同种类只能是劳动合同或劳务协议。")
    if not from_on <= until_on <= _year_after(from_on):
        raise NotAllowed("合同期限最长一年，到期可以续签。")
    if from_on < one.started_on:
        raise NotAllowed("合同开始日期不能早于聘用日期。")
    return Contract(
        appointment=one,
        kind=kind,
        number=number.strip()[:40],
        from_on=from_on,
        until_on=until_on,
        signed_by=by,
    )


def _year_after(day: dt.date) -> dt.date:
    """The last day of a year that begins on `day`."""
    if (day.month, day.day) == (2, 29):
        return dt.date(day.year + 1, 2, 28)
    return day.replace(year=day.year + 1) - dt.timedelta(days=1)


@transaction.atomic
def renew_contract(
    appointment: Appointment, kind: str, number: str, from_on: dt.date, until_on: dt.date, by: User
) -> Contract:
    """签订或续签: whoever may no longer hold the post is not renewed."""
    one = _locked(appointment, by, CHECKS + APPROVES)
    against = refusals(clauses_of_holders([one])[one.pk])
    if against:
        raise NotAllowed("不能续签，应办理退岗：" + "".join(f"{it.text}（{it.rule}）" for it in against))
    made = sign_contract(one, kind, number, from_on, until_on, by)
    refigure(one.post.unit, from_on)
    _told("post.contract", by, one, kind=kind, until=str(until_on))
    return made


@transaction.atomic
def insure(appointment: Appointment, until: dt.date, by: User) -> Appointment:
    """登记意外险, up to and including `until`."""
    one = _locked(appointment, by, CHECKS + APPROVES)
    if until < one.started_on:
        raise NotAllowed("意外险到期日不能早于聘用日期。")
    one.insured_until = until
    one.save(update_fields=["insured_until"])
    _told("post.insure", by, one, until=str(until))
    return one


# ── the exit ─────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def notify_exit(appointment: Appointment, ground: str, on: dt.date, note: str, by: User) -> Appointment:
    """第一步 告知: the holder is told on which ground the post ends; may be corrected until it is decided."""
    one = _locked(appointment, by, PROPOSES)
    if one.exit_decided_on:
        raise NotAllowed("退岗已经决定，不能再改告知内容。")
    if ground not in EXIT_GROUNDS:
        raise NotAllowed("请选择退岗情形。")
    if not one.started_on <= on <= timezone.localdate():
        raise NotAllowed("告知日期不能早于聘用日期，也不能晚于今天。")
    one.exit_ground, one.exit_note = ground, because(note, "退岗说明")
    one.exit_notified_on, one.exit_notified_by = on, by
    one.save(update_fields=["exit_ground", "exit_note", "exit_notified_on", "exit_notified_by"])
    _told("post.exit_notify", by, one, reason=ground, day=str(on))
    return one


@transaction.atomic
def decide_exit(appointment: Appointment, on: dt.date, stop_pay_on: dt.date, by: User) -> Appointment:
    """第二步 决定: from `stop_pay_on` on nothing is paid; the day before is the last in the post."""
    one = _locked(appointment, by, CHECKS)
    if one.exit_notified_on is None:
        raise NotAllowed("请先告知本人，再作退岗决定。")
    if not one.exit_notified_on <= on <= timezone.localdate():
        raise NotAllowed("决定日期不能早于告知日期，也不能晚于今天。")
    if stop_pay_on <= one.started_on:
        raise NotAllowed("停发日期要晚于聘用日期。")
    month_open(one.post.unit, stop_pay_on)
    one.exit_decided_on, one.exit_decided_by, one.stop_pay_on = on, by, stop_pay_on
    one.save(update_fields=["exit_decided_on", "exit_decided_by", "stop_pay_on"])
    _told("post.exit_decide", by, one, reason=one.exit_ground, day=str(stop_pay_on))
    return one


@transaction.atomic
def file_exit(appointment: Appointment, successor: bool, by: User) -> Appointment:
    """第三步 备案: the appointment ends; the post is filled anew (`successor`) or is to be given up."""
    one = _locked(appointment, by, APPROVES)
    if one.exit_decided_on is None or one.stop_pay_on is None:
        raise NotAllowed("乡镇还没有作出退岗决定，不能备案。")
    another(by, one.exit_decided_by, "决定退岗", "备案")
    month_open(one.post.unit, one.stop_pay_on)
    one.ended_on = one.stop_pay_on - dt.timedelta(days=1)
    one.exit_filed_on, one.exit_filed_by, one.successor = timezone.localdate(), by, successor
    one.save(update_fields=["ended_on", "exit_filed_on", "exit_filed_by", "successor"])
    _told("post.exit_file", by, one, reason=one.exit_ground, day=str(one.ended_on))
    refigure(one.post.unit, one.ended_on)
    return one


@transaction.atomic
def call_off_exit(appointment: Appointment, reason: str, by: User) -> Appointment:
    """撤销退岗: told or decided by mistake; until the county has filed it the holder stays as if nothing had been said.

    What was only told whoever may tell takes back; a decision the township takes back, or the county.
    """
    one = _locked(appointment, by, PROPOSES + APPROVES)
    if one.exit_notified_on is None:
        raise NotAllowed("没有告知过退岗，不用撤销。")
    said = {"reason": because(reason, "撤销退岗的理由"), "title": one.exit_ground}
    stopped = one.stop_pay_on
    if stopped:
        may(by, CHECKS + APPROVES, one.post.unit)
        month_open(one.post.unit, stopped)
    one.exit_ground = one.exit_note = ""
    one.exit_notified_on = one.exit_notified_by = None
    one.exit_decided_on = one.exit_decided_by = one.stop_pay_on = None
    one.save()
    _told("post.exit_call_off", by, one, **said)
    if stopped:
        refigure(one.post.unit, stopped)
    return one


def is_vacant(post: Post, day: dt.date | None = None) -> bool:
    """Open, and nobody holds it on `day` (today) or later."""
    day = day or timezone.localdate()
    held = post.appointments.exclude(ended_on__lt=day)
    return post.state == Post.State.OPEN and not held.exists()
