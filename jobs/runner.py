"""How a job runs: claimed once, watched by a heartbeat, fenced by its attempt, ended with a plain sentence.

A job may be delivered twice, lose its worker or its broker: the row decides. `queued → running` is one conditional
UPDATE; every later write names the attempt, so that an older attempt that wakes up again changes nothing.
"""

from __future__ import annotations

import datetime as dt
import errno
import logging
import os
import queue
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

from django.db import InterfaceError, OperationalError, close_old_connections, connection, connections
from django.db.models import F
from django.utils import timezone

from accounts import wall
from jobs.files import RESULT_DAYS, XLSX, store_file
from jobs.models import Job, StoredFile

log = logging.getLogger("jobs")

STALE_AFTER = dt.timedelta(seconds=60)
DEATHS_ALLOWED = 3
BEAT_SECONDS = 1.0
QUIET_BEAT_SECONDS = 10.0
DIED = "任务多次中断，已停止，请联系管理员。"
BROKE = "任务没有完成，已有数据没有改动。请稍后再试；仍不成功时请联系管理员，并告知任务编号{number}。"
DISK_FULL = "存储空间不足，任务没有完成，已有数据没有改动。请联系管理员清理后再试。"

Work = Callable[["Running"], dict[str, Any] | None]
WORK: dict[str, Work] = {}


class Failure(Exception):
    """The work cannot be done; the message is a sentence for the owner that says what to do."""


class Superseded(Exception):
    """Another attempt has taken this job over: stop without a trace."""


def work(name: str) -> Callable[[Work], Work]:
    """Decorator: `name` is the kind of job this function does. What it returns becomes Job.result."""

    def register(function: Work) -> Work:
        WORK[name] = function
        return function

    return register


class Running:
    """A job while it runs: parameters, owner, progress, result file."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.params: dict[str, Any] = job.params
        self.owner: Any = job.owner  # a User; None only for jobs of the system itself
        self.unit = job.unit
        self.file: StoredFile | None = None
        self.watched = False
        self._shown = (job.done, job.total, job.note)
        self._written = self._shown
        self._lost = False
        self._last = time.monotonic()

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Say how far the work is; cheap enough for every row. Raises Superseded when the job is no longer ours."""
        self._shown = (done, total, note[:200])
        if not self.watched and time.monotonic() - self._last >= BEAT_SECONDS:
            self.beat()
        if self._lost:
            raise Superseded

    def attach(
        self, data: bytes | os.PathLike | BinaryIO, name: str, content_type: str = XLSX, right: str = "file.w"
    ) -> StoredFile:
        """Keep `data` as the result, for the owner to download within RESULT_DAYS while holding `right`."""
        self.file = store_file(
            self.owner, name, data, content_type, unit=self.unit, keep_days=RESULT_DAYS, right=right
        )
        return self.file

    def beat(self) -> None:
        """Write progress and heartbeat, unless another attempt runs by now."""
        shown, self._last = self._shown, time.monotonic()
        done, total, note = shown
        self._lost = not _mine(self.job).update(
            done=done, total=total, note=note, heartbeat_at=timezone.now()
        )
        self._written = shown

    def _is_due(self) -> bool:
        quiet = time.monotonic() - self._last
        return quiet >= (BEAT_SECONDS if self._shown != self._written else QUIET_BEAT_SECONDS)


class _Pulse:
    """Writes the progress from a thread with a connection of its own, so that a long transaction shows it too."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._beat, name="job-pulse", daemon=True)

    def __enter__(self) -> None:
        self.running.watched = True
        self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()
        self.running.watched = False

    def _beat(self) -> None:
        while not self.over.wait(BEAT_SECONDS):
            if self.running._is_due():
                with suppress(OperationalError, InterfaceError):  # the database is busy or away: next time
                    self.running.beat()
        connections.close_all()


def claim(job_id: Any) -> Job | None:
    """Take a queued job: exactly one caller gets it, with an attempt number of its own."""
    now = timezone.now()
    taken = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, attempt=F("attempt") + 1, started_at=now, heartbeat_at=now, done=0, note=""
    )
    return Job.objects.select_related("owner", "unit").get(pk=job_id) if taken else None


def run(job_id: Any, watched: bool = False) -> None:
    """Do the job if it still waits to be done. Never raises: the row tells how it ended."""
    job = claim(job_id)
    if job is None:
        return
    with wall.opened("a job checks by itself what its owner may do, when it begins and where it writes"):
        _do(job, watched)


def _do(job: Job, watched: bool) -> None:
    running = Running(job)
    try:
        function = WORK.get(job.kind)
        if function is None:
            raise Failure(f"这个版本不认识任务种类“{job.kind}”，请联系管理员。")
        if watched:
            with _Pulse(running):
                result = function(running)
        else:
            result = function(running)
        _end(running, Job.State.DONE, "", result or {})
    except Superseded:
        return
    except Failure as failure:
        _end(running, Job.State.FAILED, str(failure), {})
    except (OperationalError, InterfaceError) as error:
        _log(job, error)
        _give_back(job)
    except Exception as error:
        _log(job, error)
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        _end(running, Job.State.FAILED, DISK_FULL if full else BROKE.format(number=short_number(job)), {})


def requeue_stale(now: dt.datetime | None = None) -> list[Job]:
    """Jobs whose heartbeat stopped: back into the queue, the third time out of it. Returns the requeued ones."""
    edge = (now or timezone.now()) - STALE_AFTER
    stale = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=edge)
    return [job for job in stale if _give_back(job)]


def run_waiting(kind: str | None = None, limit: int = 1000) -> int:
    """Do what waits, one after the other, in this very thread: for tests and for `manage.py tick`."""
    done = 0
    while done < limit:
        waiting = Job.objects.waiting().order_by("created_at")
        job = (waiting.filter(kind=kind) if kind else waiting).first()
        if job is None:
            break
        run(job.pk)
        done += 1
    return done


def short_number(job: Job) -> str:
    """How a user names a job on the telephone."""
    return job.pk.hex[:8].upper()


def _mine(job: Job):
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=Job.State.RUNNING)


def _end(running: Running, state: str, note: str, result: dict[str, Any]) -> None:
    job, (done, total, said) = running.job, running._shown
    _mine(job).update(
        state=state,
        note=(note or said)[:200],
        result=result,
        result_file=running.file,
        done=total if state == Job.State.DONE else done,
        total=total,
        finished_at=timezone.now(),
    )


def _give_back(job: Job) -> bool:
    """After a death: once more, but not for ever."""
    if job.attempt >= DEATHS_ALLOWED:
        _mine(job).update(state=Job.State.FAILED, note=DIED, finished_at=timezone.now())
        return False
    return bool(_mine(job).update(state=Job.State.QUEUED, note="中断后重新排队"))


def _log(job: Job, error: Exception) -> None:
    """Type and place only: a message may quote a person's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    log.error("job %s (%s) attempt %d: %s at %s:%s", job.pk, job.kind, job.attempt, type(error).__name__,
              last.filename, last.lineno)  # fmt: skip


# ── jobs in the web process, when there is no broker ─────────────────────────────────────────────────────────────


class Pool:
    """One thread that does jobs in order. A daemon: work that is cut off is taken up again by the next process."""

    def __init__(self, name: str) -> None:
        self.waiting: queue.SimpleQueue = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name=f"jobs-{name}", daemon=True)
        self.thread.start()

    def put(self, job_id: Any) -> None:
        self.waiting.put(job_id)

    def close(self) -> None:
        """Finish what was put in, then end."""
        self.waiting.put(None)
        self.thread.join()

    def _work(self) -> None:
        while (job_id := self.waiting.get()) is not None:
            try:
                close_old_connections()
                run(job_id, watched=True)
            except (
                Exception
            ) as error:  # the database went away while claiming: the rescan brings the job back
                log.error("job %s could not be claimed: %s", job_id, type(error).__name__)
            finally:
                connection.close()
