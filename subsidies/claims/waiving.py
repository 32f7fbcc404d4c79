"""自愿放弃: in the person's own words, witnessed and signed; taken back until the scheme closes (YD-G02)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from ledgers.facts import refigure
from ledgers.models import Laborer
from lib.month import Month
from subsidies.claims import steps
from subsidies.claims.rules import outside_window
from subsidies.models import Claim, SchemeVersion, Waiver
from subsidies.rules import period_words


@transaction.atomic
def waive(
    person: Laborer, scheme: SchemeVersion, month: Month, by: User, *,
    words: str, reason: str, witness: str, on: dt.date, data: bytes,
) -> Waiver:  # fmt: skip
    """Note that the person gives up `scheme` for the period of `month`; `data` is the signed page, photographed."""
    person = steps.locked_person(person.pk)
    steps.may(by, "p", person.village, "登记自愿放弃")
    period = scheme.terms.period(month)
    words, reason, witness = (
        words.strip()[:1000],
        because(reason, "放弃原因", 100),
        witness.strip()[:50],
    )
    if len(words) < 4:
        raise NotAllowed("请按本人原话写明放弃的意思，至少四个字。")
    if not witness or witness == person.name:
        raise NotAllowed("请填写见证人姓名，见证人不能是本人。")
    if on > timezone.localdate():
        raise NotAllowed("放弃日期不能晚于今天。")
    if not data:
        raise NotAllowed("没有本人签字的放弃不能登记，请上传签字页的照片或PDF（YD-G02）。")
    if told := outside_window(scheme.opens_on, scheme.closes_on, timezone.localdate()):
        raise NotAllowed(f"{scheme.name}{told}")
    if Claim.objects.alive().filter(laborer=person, code=scheme.code, period=period).exists():
        raise NotAllowed(f"{person.name}{period_words(period)}的这项补贴已经申请，要放弃请先撤回申请。")
    file = steps.stored(data, f"自愿放弃-{person.pk}-{scheme.code}", by, person.village)
    try:
        with transaction.atomic():
            made = Waiver.objects.create(
                laborer=person, village=person.village, scheme=scheme, code=scheme.code, period=period, words=words,
                reason=reason, witness=witness, on=on, file=file, by=by,
            )  # fmt: skip
    except IntegrityError:
        raise NotAllowed(f"{person.name}已经登记放弃{period_words(period)}{scheme.name}。") from None
    refigure(made.village, month.first_day)
    record("subsidy.waive", by, made, made.village, scheme=made.code, period=period, person=person.pk)
    return made


@transaction.atomic
def take_back(waiver: Waiver, by: User) -> Waiver:
    """The person wants the benefit after all: possible until the last day on which it can be claimed."""
    steps.locked_person(waiver.laborer_id)
    rows = Waiver.objects.select_for_update(of=("self",)).select_related("village", "scheme")
    waiver = rows.get(pk=waiver.pk)
    steps.may(by, "p", waiver.village, "撤销这次放弃")
    if waiver.withdrawn_at:
        return waiver
    if told := outside_window(None, waiver.scheme.closes_on, timezone.localdate()):
        raise NotAllowed(f"{waiver.scheme.name}{told}放弃不能再撤销。")
    waiver.withdrawn_by, waiver.withdrawn_at = by, timezone.now()
    waiver.save(update_fields=["withdrawn_by", "withdrawn_at"])
    refigure(waiver.village, waiver.on)
    record(
        "subsidy.unwaive", by, waiver, waiver.village, scheme=waiver.code, period=waiver.period,
        person=waiver.laborer_id,
    )  # fmt: skip
    return waiver


@transaction.atomic
def mark(waiver: Waiver, by: User) -> Waiver:
    """平台标注: it stands on the national platform since today; due the day it was waived (YD-G02)."""
    rows = Waiver.objects.select_for_update(of=("self",), no_key=True).select_related("village")
    waiver = rows.get(pk=waiver.pk)
    steps.may(by, "p", waiver.village, "登记平台标注")
    if waiver.withdrawn_at:
        raise NotAllowed("这次放弃已经撤销，不用标注；平台上已经标注的请取消。")
    if waiver.marked_on:
        return waiver
    waiver.marked_on, waiver.marked_by = timezone.localdate(), by
    waiver.save(update_fields=["marked_on", "marked_by"])
    record(
        "subsidy.waiver_mark", by, waiver, waiver.village, scheme=waiver.code, period=waiver.period,
        person=waiver.laborer_id, day=str(waiver.marked_on),
    )  # fmt: skip
    return waiver
