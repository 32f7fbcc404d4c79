"""Handing a mailing over, message by message, so that nobody gets it twice whatever happens in between.

Before a message leaves the house it is marked 未知, in a transaction of its own; the gateway's answer then makes it
已交网关 or 失败. A worker that dies in between leaves 未知, which is never sent again by itself: one message too few
can be repaired by a telephone call, the same message twice cannot be taken back. Only what was surely not accepted
(`gateways.Unreachable`) goes back to 待发, and pauses the mailing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from ledgers.models import Laborer
from subsidies.messages import gateways
from subsidies.messages.gateways import Gateway
from subsidies.models import Mailing, Message

WEEK = dt.timedelta(days=7)
TAKEN_AT_ONCE = 100
STOPPED = "停止发送"
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
State = Message.State
Progress = Callable[[int, int], None]


def mobile(phone: str) -> str:
    """The first mobile number of what the ledger has; empty when there is none."""
    found = _MOBILE.search(phone)
    return found[0] if found else ""


def is_quiet(now: dt.datetime | None = None) -> bool:
    """Whether people sleep, in Asia/Shanghai: before SMS_FROM_HOUR or from SMS_UNTIL_HOUR on."""
    hour = timezone.localtime(now).hour
    return not settings.SMS_FROM_HOUR <= hour < settings.SMS_UNTIL_HOUR


def full_this_week(among: list[int]) -> set[int]:
    """Of these people (of all, when none are named) those who got as many messages in seven days as a week allows."""
    sent = Message.objects.filter(state__in=Message.COUNTED, at__gt=timezone.now() - WEEK)
    sent = sent.filter(laborer__in=among) if among else sent
    counted = sent.order_by().values("laborer").annotate(n=Count("pk")).filter(n__gte=settings.SMS_PER_WEEK)
    return set(counted.values_list("laborer", flat=True))


def deliver(mailing: Mailing, gateway: Gateway, progress: Progress) -> bool:
    """Hand over what waits. True when nothing is left; False when the evening has come or somebody stopped it."""
    waiting = Message.objects.filter(mailing=mailing, state=State.WAITING).order_by("pk")
    done = mailing.people - waiting.count()
    while batch := list(waiting.select_related("village")[:TAKEN_AT_ONCE]):
        for message in batch:
            if is_quiet() or not _is_sending(mailing):
                return False
            _hand_over(mailing, message, gateway)
            progress(done := done + 1, mailing.people)
    return True


def _is_sending(mailing: Mailing) -> bool:
    return Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.SENDING).exists()


def _hand_over(mailing: Mailing, message: Message, gateway: Gateway) -> None:
    phone, name = _take(mailing, message)
    if not phone:
        return
    text = mailing.template.text_for(name, message.village.name)
    mine = Message.objects.filter(pk=message.pk, state=State.UNKNOWN)
    try:
        reference = gateway.send(phone, text, message.key)
    except gateways.Refused as reason:
        mine.update(state=State.FAILED, reason=str(reason)[:40])
    except gateways.Unsure as reason:
        mine.update(reason=str(reason)[:40])
    except gateways.Unreachable:
        goes_on = _is_sending(mailing)
        state, why = (State.WAITING, "") if goes_on else (State.FAILED, STOPPED)
        mine.update(state=state, at=None, reason=why)
        raise
    else:
        mine.update(state=State.HANDED, reference=reference, reason="")


@transaction.atomic
def _take(mailing: Mailing, message: Message) -> tuple[str, str]:
    """Mark the message before it leaves; (number, name), or nothing when another worker has it or it must not go.

    The lock on the person makes two mailings at once count each other against the limit of the week.
    """
    person = Laborer.objects.select_for_update().get(pk=message.laborer_id)
    phone, reason = mobile(person.phone), ""
    if not phone:
        reason = "没有手机号"
    elif not person.village.path.startswith(mailing.unit.path):
        reason = "已不在发送范围"
    elif full_this_week([person.pk]):
        reason = "本周已发满"
    waiting = Message.objects.filter(pk=message.pk, state=State.WAITING)
    if reason:
        waiting.update(state=State.FAILED, reason=reason)
        return "", ""
    taken = waiting.update(state=State.UNKNOWN, at=timezone.now(), reason="没有交完就中断")
    return (phone, person.name) if taken else ("", "")
