"""Lines of the home pages: what waits for a person's decision. The rooms above add theirs with `room`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import F, Sum
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from jobs.models import ImportBatch, Job
from lib.rates import thousands

Lines = list[dict[str, Any]]
_rooms: list[Callable[[User], Lines]] = []


def room(asks: Callable[[User], Lines]) -> Callable[[User], Lines]:
    """Register what a room asks: the lines of a user, in a handful of queries."""
    _rooms.append(asks)
    return asks


def of_rooms(user: User) -> Lines:
    """What waits for the user in the rooms above this one, in the order in which they stand."""
    return [line for asks in _rooms for line in asks(user)]


def todo(
    title: str,
    count: int | str,
    unit: str,
    url: str,
    button: str,
    text: str = "",
    tone: str = "",
    due: str = "",
) -> dict[str, Any]:
    """One line of work; a line without a page to go to is left out by the caller."""
    return {
        "title": title,
        "count": count if isinstance(count, str) else thousands(count),
        "unit": unit,
        "url": url,
        "button": button,
        "text": text,
        "tone": tone,
        "due": due,
    }


def waiting_rows(user: User) -> list[dict[str, Any]]:
    """Imported rows that a person must decide on."""
    batches = ImportBatch.objects.decidable_by(user).filter(
        review__gt=F("decided"), state__in=[ImportBatch.State.STAGED, ImportBatch.State.CONFIRMED]
    )
    rows = batches.aggregate(rows=Sum(F("review") - F("decided")))["rows"] or 0
    newest = batches.first()
    if newest is None:
        return []
    text = "导入时拿不准的行，看过后决定采用或不采用。"
    url = reverse("jobs:batch_rows", args=[newest.pk, "review"])
    return [todo("待核的导入行", rows, "行", url, "去处理", text, "warn")]


def unconfirmed(user: User) -> list[dict[str, Any]]:
    """Workbooks that were checked and not yet confirmed."""
    batches = ImportBatch.objects.visible_to(user).filter(state=ImportBatch.State.STAGED)
    count, newest = batches.count(), batches.first()
    if newest is None:
        return []
    text = "已校验，还没有写入台账。"
    return [
        todo("等您确认的导入", count, "批", reverse("jobs:batch", args=[newest.pk]), "看一看", text, "warn")
    ]


def finished_jobs(user: User) -> list[dict[str, Any]]:
    """Results of long work that wait to be fetched: those of the last day."""
    since = timezone.now() - dt.timedelta(days=1)
    ready = Job.objects.visible_to(user).filter(finished_at__gte=since, result_file__isnull=False)
    if not (count := ready.count()):
        return []
    return [todo("可以下载的结果", count, "个", reverse("jobs:mine"), "去下载", "导出等任务已经完成。")]
