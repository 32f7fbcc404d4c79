"""Start long work. The row is written in the caller's transaction; a worker hears of it when that commits."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Unit, User
from jobs.dispatch import dispatch
from jobs.files import open_file, read_file, store_file
from jobs.models import Job

__all__ = ["open_file", "read_file", "start", "store_file"]

LIVE = (Job.State.QUEUED, Job.State.RUNNING)


def start(
    kind: str,
    *,
    owner: User | None,
    title: str,
    unit: Unit | None = None,
    params: dict[str, Any] | None = None,
    queue: str = Job.Queue.SMALL,
    key: str = "",
) -> Job:
    """Ask for work of a registered kind. `params` holds ids only; with a `key`, a live job of that key is joined."""
    while True:
        if key and (live := Job.objects.filter(key=key, state__in=LIVE).first()):
            return live
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    owner=owner,
                    title=title[:120],
                    unit=unit,
                    params=params or {},
                    queue=queue,
                    key=key,
                )
                transaction.on_commit(partial(dispatch, job.pk, job.queue))
                return job
        except IntegrityError:
            if not key:
                raise  # with a key, somebody was faster: join theirs
