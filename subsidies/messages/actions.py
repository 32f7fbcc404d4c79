"""Named writes of 政策宣传: a template and its versions, a mailing from its list to its end, a text passed on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from lib import bulk
from subsidies.messages import gateways, sending
from subsidies.messages.audience import AUDIENCES, people
from subsidies.messages.texts import Words, parts, problems
from subsidies.models import Forwarding, Mailing, Message, MessageTemplate

MOST = 20_000  # people of one mailing
State = Mailing.State


class Conflict(Exception):
    """Somebody else saved this template since the form was opened."""


# ── templates ────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def write_template(
    unit: Unit,
    title: str,
    words: Words,
    by: User,
    old: MessageTemplate | None = None,
    seen: dt.datetime | None = None,
) -> MessageTemplate:
    """Save a new template, or another text for `old` as it was `seen`; one that was used gets a new version."""
    if not by.can("message", "w", old.unit if old else unit):
        raise NotAllowed("您没有编写这个单位宣传模板的权限。")
    if told := problems(words):
        raise NotAllowed("".join(told))
    values = {"title": title, "written_by": by, "written_at": timezone.now()} | vars(words)
    made = _rewritten(old, values, seen) if old else MessageTemplate.objects.create(unit=unit, **values)
    record("message.write", by, made, made.unit, title=title, version=made.version)
    return made


def _rewritten(old: MessageTemplate, values: dict[str, Any], seen: dt.datetime | None) -> MessageTemplate:
    stored = MessageTemplate.objects.select_for_update().get(pk=old.pk)
    if stored.replaced_at or stored.written_at != seen:
        raise Conflict(stored.title)
    if values["kind"] != stored.kind:
        raise NotAllowed("短信和微信不能互换，请另建一个模板。")
    used = stored.mailings.exclude(state=State.VOID).exists() or stored.forwardings.exists()
    if not used:
        MessageTemplate.objects.filter(pk=stored.pk).update(**values)
        stored.refresh_from_db()
        return stored
    MessageTemplate.objects.filter(pk=stored.pk).update(replaced_at=timezone.now())
    return MessageTemplate.objects.create(
        series=stored.series, version=stored.version + 1, unit=stored.unit, is_on=stored.is_on, **values
    )


@transaction.atomic
def switch_template(template: MessageTemplate, on: bool, by: User) -> None:
    """Offer the template for sending and passing on, or no longer."""
    if not by.can("message", "w", template.unit):
        raise NotAllowed("您没有停用这个宣传模板的权限。")
    if MessageTemplate.objects.filter(pk=template.pk, replaced_at=None, is_on=not on).update(is_on=on):
        record("message.switch", by, template, template.unit, title=template.title, on=on)


# ── mailings ─────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def prepare(template: MessageTemplate, unit: Unit, audience: str, by: User) -> Mailing:
    """Freeze the list of people below `unit` who would get this version, with the cost; nothing is sent."""
    if not by.can("message", "w", unit):
        raise NotAllowed(f"您没有向{unit.name}发送宣传短信的权限。")
    locked = MessageTemplate.objects.select_for_update().get(pk=template.pk)
    if not locked.is_sms or not locked.is_on or locked.replaced_at:
        raise NotAllowed("这个模板已停用或有了新版本，请回到模板列表重新选择。")
    found = people(unit, audience, by)
    if found.count() > MOST:
        raise NotAllowed(f"一批最多{MOST}人，请按县或乡镇分批发送。")
    reached, without, over = _recipients(locked, found)
    if not reached:
        who = AUDIENCES[audience]
        raise NotAllowed(f"{unit.name}的{who}中没有可以发送的人：没有手机号{without}人，本周已发满{over}人。")
    mailing = Mailing.objects.create(
        template=locked, unit=unit, audience=audience, people=len(reached), made_by=by,
        parts=sum(cost for *_, cost in reached), without_phone=without, over_limit=over,
    )  # fmt: skip
    rows = ([mailing.pk, person, village, cost] for person, village, cost in reached)
    bulk.insert_many(Message, ("mailing", "laborer", "village", "parts"), rows)
    record(
        "message.prepare",
        by,
        mailing,
        unit,
        title=locked.title,
        version=locked.version,
        people=mailing.people,
    )
    return mailing


def _recipients(template: MessageTemplate, found: QuerySet) -> tuple[list[tuple[int, int, int]], int, int]:
    """((person, village, parts), people without a mobile phone, people who got enough this week)."""
    full = sending.full_this_week([])
    reached, without, over = [], 0, 0
    rows = found.order_by("village__sort_path", "pk").values_list(
        "pk", "village_id", "village__name", "name", "phone"
    )
    for pk, village, village_name, name, phone in rows.iterator():
        if not sending.mobile(phone):
            without += 1
        elif pk in full:
            over += 1
        else:
            reached.append((pk, village, parts(template.text_for(name, village_name))))
    return reached, without, over


@transaction.atomic
def confirm(mailing: Mailing, by: User) -> None:
    """Send the frozen list, or go on with it after a pause. A second click finds it on its way."""
    if not by.can("message", "w", mailing.unit):
        raise NotAllowed("您没有发送这一批的权限。")
    if gateways.chosen() is None:
        raise NotAllowed(f"{gateways.NOT_SET_UP}，不能发送短信。请联系管理员，或用微信文字转发。")
    waiting = Mailing.objects.filter(pk=mailing.pk, state__in=(State.DRAFT, State.PAUSED))
    if not waiting.update(state=State.SENDING, confirmed_by=by, confirmed_at=timezone.now(), note=""):
        mailing.refresh_from_db()
        if mailing.state in (State.SENDING, State.DONE):
            return
        raise NotAllowed("这一批已经作废，请重新建立。")
    mailing.refresh_from_db()
    record("message.send", by, mailing, mailing.unit, people=mailing.people, parts=mailing.parts)


@transaction.atomic
def stop(mailing: Mailing, by: User) -> None:
    """Void a list that was not confirmed; of one on its way, send nobody else."""
    if not by.can("message", "w", mailing.unit):
        raise NotAllowed("您没有停止这一批的权限。")
    living = Mailing.objects.select_for_update().filter(pk=mailing.pk)
    state = living.values_list("state", flat=True).get()
    if state not in (State.DRAFT, State.SENDING, State.PAUSED):
        return
    left = Message.objects.filter(mailing=mailing, state=Message.State.WAITING)
    if state == State.DRAFT:
        living.update(state=State.VOID)
        left.delete()
    else:
        living.update(state=State.DONE, note="中途停止，余下的没有发送")
        left.update(state=Message.State.FAILED, reason=sending.STOPPED)
    mailing.refresh_from_db()
    record("message.stop", by, mailing, mailing.unit, people=mailing.people)


# ── texts for the group of a village ─────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def forward(template: MessageTemplate, village: Unit, by: User) -> Forwarding:
    """Note that the village passed this text on; noted twice, the first stays."""
    if village.level != Level.VILLAGE or not by.can("message", "p", village):
        raise NotAllowed("您没有登记这个村转发的权限。")
    if template.is_sms or not template.is_on or template.replaced_at:
        raise NotAllowed("这条文字已停用或有了新版本，请刷新页面再看。")
    made, new = Forwarding.objects.get_or_create(template=template, village=village, defaults={"by": by})
    if new:
        record("message.forward", by, made, village, title=template.title, version=template.version)
    return made


def counts(mailing: Mailing, by: User) -> list[dict[str, Any]]:
    """Messages of the mailing that `by` may see, by state, in the order in which a message passes through them."""
    seen = Message.objects.visible_to(by).filter(mailing=mailing).order_by()
    found = {
        row["state"]: row for row in seen.values("state").annotate(people=Count("pk"), parts=Sum("parts"))
    }
    return [
        {"state": state, "label": state.label, "people": found.get(state, {}).get("people", 0)}
        for state in Message.State
    ]
