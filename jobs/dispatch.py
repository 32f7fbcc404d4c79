"""Who does a job: a Celery worker when REDIS_URL is set, otherwise two threads of the web process.

Delivery is a hint, never a promise: the row in the table is what is owed, and `tick` hands out again what waits.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts import wall
from jobs.files import remove_expired
from jobs.models import Job
from jobs.runner import Pool, requeue_stale

log = logging.getLogger("jobs")

TICK_SECONDS = 30  # settings.CELERY_BEAT_SCHEDULE says the same
HAND_OUT_AGAIN = dt.timedelta(seconds=25)
HAND_OUT_LIMIT = 500  # oldest first; the rest come with the next tick

EACH_TICK: list = []  # what other rooms want done at every tick; registered with `each_tick`
_pools: dict[str, Pool] = {}
_serving = threading.Event()
_lock = threading.Lock()


def each_tick(function):
    """Decorator for a room's work.py: call this at every tick; it must be cheap and safe to repeat."""
    EACH_TICK.append(function)
    return function


def dispatch(job_id: Any, queue: str) -> None:
    """Tell a worker about the job. A broker that is away is no error: the tick repeats it."""
    if settings.REDIS_URL:
        from jobs.tasks import run

        try:
            run.apply_async([str(job_id)], queue=queue)
        except Exception as error:
            log.warning(
                "broker unreachable (%s): job %s waits for the next tick", type(error).__name__, job_id
            )
    elif _serving.is_set():
        _pool(queue).put(job_id)


def tick() -> dict[str, int]:
    """Twice a minute: revive what died, hand out what waits, remove what expired. Safe to run twice at once."""
    with wall.opened("the minute's work is nobody's"):
        return _tick()


def _tick() -> dict[str, int]:
    revived = requeue_stale()
    due = Q(heartbeat_at=None) | Q(heartbeat_at__lt=timezone.now() - HAND_OUT_AGAIN)
    waiting = Job.objects.waiting().filter(due).order_by("created_at")[:HAND_OUT_LIMIT]
    for job in (handed := list(waiting)):
        Job.objects.waiting().filter(pk=job.pk).update(heartbeat_at=timezone.now())
        dispatch(job.pk, job.queue)
    for function in EACH_TICK:
        try:
            function()
        except Exception as error:
            log.error("tick: %s failed: %s", function.__name__, type(error).__name__)
    return {"revived": len(revived), "handed_out": len(handed), "removed_files": remove_expired()}


def serve() -> None:
    """This process answers requests: without a broker it also does the jobs and ticks. Called by config/wsgi.py."""
    if settings.REDIS_URL or _serving.is_set():
        return
    _serving.set()
    threading.Thread(target=_tick_forever, name="jobs-tick", daemon=True).start()


@contextmanager
def in_this_process() -> Iterator[None]:
    """Do jobs in threads of this process for a while, without the tick; at the end what was handed out is finished."""
    _serving.set()
    try:
        yield
    finally:
        _serving.clear()
        with _lock:
            while _pools:
                _pools.popitem()[1].close()


def _pool(queue: str) -> Pool:
    with _lock:
        if queue not in _pools:
            _pools[queue] = Pool(queue)
        return _pools[queue]


def _tick_forever() -> None:
    while True:
        try:
            tick()
        except Exception as error:  # the database is away or not migrated yet: the next tick, again
            log.warning("tick failed: %s", type(error).__name__)
        finally:
            connection.close()
        time.sleep(TICK_SECONDS)
