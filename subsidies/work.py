"""Long work of this room: sending a mailing, and asking the gateway what arrived."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

import subsidies.schemes.work  # noqa: F401 - registers the work of schemes and of screening
from accounts.models import User
from jobs.actions import LIVE, start
from jobs.dispatch import each_tick
from jobs.models import Job
from jobs.runner import Failure, Running, work
from subsidies.messages import gateways, sending
from subsidies.models import Mailing, Message

RECEIPTS_FOR = dt.timedelta(days=3)
ASKED_AT_ONCE = 200
BROKE_OFF = "发送中断，请核对后继续"
State = Mailing.State


def start_sending(mailing: Mailing, by: User) -> Job | None:
    """Ask for the mailing to be sent; at night nothing is asked for, the tick of the morning does it."""
    if sending.is_quiet():
        return None
    return start(
        "message.send", owner=by, unit=mailing.unit, title=f"发送宣传短信（{mailing.unit.name}）",
        params={"mailing": mailing.pk}, key=_key(mailing), queue=Job.Queue.BIG,
    )  # fmt: skip


@work("message.send")
def send(job: Running) -> dict[str, int]:
    """Job: params mailing. What was handed over before it was interrupted is not handed over again."""
    mailing = Mailing.objects.select_related("template", "unit").get(pk=job.params["mailing"])
    mine = Mailing.objects.filter(pk=mailing.pk, state=State.SENDING)
    gateway = gateways.chosen()
    try:
        if gateway is None:
            raise gateways.Unreachable(f"{gateways.NOT_SET_UP}。")
        if not User.objects.get(pk=job.owner.pk).can("message", "w", mailing.unit):
            raise gateways.Unreachable("确认发送的人已没有发送权限。")
        finished = sending.deliver(mailing, gateway, job.progress)
    except gateways.Unreachable as reason:
        mine.update(state=State.PAUSED, note=str(reason)[:100])
        raise Failure(f"{reason}没有发出的留在这一批里，处理好以后可以继续发送。") from None
    if finished:
        mine.update(state=State.DONE)
    return {"mailing": mailing.pk}


def start_receipts(mailing: Mailing, by: User) -> Job:
    """Ask the gateway what arrived of this mailing."""
    return start(
        "message.receipts", owner=by, unit=mailing.unit, title=f"查询送达情况（{mailing.unit.name}）",
        params={"mailing": mailing.pk}, key=f"receipts:{mailing.pk}",
    )  # fmt: skip


@work("message.receipts")
def receipts(job: Running) -> dict[str, int]:
    """Job: params mailing. Asks about what was handed over in the last days and has no answer yet."""
    gateway = gateways.chosen()
    if gateway is None:
        raise Failure(f"{gateways.NOT_SET_UP}。")
    since = timezone.now() - RECEIPTS_FOR
    open_ = Message.objects.filter(
        mailing=job.params["mailing"], state=Message.State.HANDED, at__gte=since
    ).exclude(reference="")
    asked = list(open_.order_by("pk").values_list("reference", flat=True))
    known = 0
    for first in range(0, len(asked), ASKED_AT_ONCE):
        try:
            told = gateway.receipts(asked[first : first + ASKED_AT_ONCE])
        except (gateways.Refused, gateways.Unreachable, gateways.Unsure):
            raise Failure("短信网关没有答复送达情况，请稍后再查。") from None
        for good, state, reason in (
            (True, Message.State.DELIVERED, ""),
            (False, Message.State.FAILED, "网关报告未送达"),
        ):
            references = [reference for reference, arrived in told.items() if arrived is good]
            known += open_.filter(reference__in=references).update(state=state, reason=reason)
        job.progress(first + ASKED_AT_ONCE, len(asked))
    return {"known": known}


@each_tick
def send_what_waits() -> None:
    """Mailings confirmed at night or cut off by the evening go on; one whose job gave up waits for somebody."""
    for mailing in Mailing.objects.filter(state=State.SENDING).select_related("unit", "confirmed_by")[:50]:
        jobs = Job.objects.filter(key=_key(mailing), created_at__gte=mailing.confirmed_at)
        if jobs.filter(state__in=LIVE).exists():
            continue
        if jobs.filter(state=Job.State.FAILED).exists():
            Mailing.objects.filter(pk=mailing.pk, state=State.SENDING).update(
                state=State.PAUSED, note=BROKE_OFF
            )
        elif mailing.confirmed_by:
            start_sending(mailing, mailing.confirmed_by)


def _key(mailing: Mailing) -> str:
    return f"mailing:{mailing.pk}"
