"""Which villages nobody told of a policy in a month: no message was handed over there, no text passed on (YD-G16)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Level, Unit, User
from ledgers.models import MonthlyRecord
from lib.month import Month
from subsidies.models import Forwarding, Message


def unreached(user: User, month: Month) -> QuerySet[Unit]:
    """Villages in reach with people at work in the newest month of the ledger up to `month`, in the order of units."""
    kept = MonthlyRecord.objects.visible_to(user).filter(month__lte=month).order_by("-month")
    newest = kept.values_list("month", flat=True).first()
    at_work = MonthlyRecord.objects.filter(village=OuterRef("pk"), month=newest, working=True)
    sent = Message.objects.received().filter(village=OuterRef("pk"))
    passed_on = Forwarding.objects.filter(village=OuterRef("pk"))
    begin, end = (
        timezone.make_aware(dt.datetime.combine(one.first_day, dt.time())) for one in (month, month + 1)
    )
    within = {"at__gte": begin, "at__lt": end}
    villages = Unit.objects.visible_to(user, "message").filter(level=Level.VILLAGE, closed_on=None)
    found = villages.filter(
        Exists(at_work), ~Exists(sent.filter(**within)), ~Exists(passed_on.filter(**within))
    )
    return found.in_order()


def told(user: User, month: Month) -> str:
    """The sentence for a page; empty where every village has been told."""
    found = list(unreached(user, month).values_list("name", flat=True))
    if not found:
        return ""
    names = "、".join(found[:10]) + ("等" if len(found) > 10 else "")
    return f"{month.label}还有{len(found):,}个有人务工的村没有发过短信，也没有转发过微信（YD-G16）：{names}。"
