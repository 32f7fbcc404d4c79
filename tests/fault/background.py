"""Faults under long work: the importing process, Celery's children and workers, Redis, a broker that hangs."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fault.place import (
    MONTH,
    OFFICER,
    RECOVERY_SECONDS,
    VILLAGE,
    Beat,
    Place,
    Worker,
    command,
    kill,
    until,
)
from tests.fault.telling import Told
from tests.stack import Redis, free_port, running

ROWS = 1500
OUTSTANDING = 50
TRIES = 8  # kills until one hits running work
_numbers = iter(range(0, 60_000, ROWS))


def importing_process(place: Place, dice: random.Random, rounds: int = 10) -> Told:
    """SIGKILL of the importing process at any moment: the ledger is as before or as after, and can be sent again."""
    from ledgers.models import Laborer, MonthlyRecord, PersonChange

    told = Told("importing process SIGKILL")

    def count() -> tuple[int, int, int]:
        return (
            Laborer.objects.count(),
            MonthlyRecord.objects.filter(month=MONTH).count(),
            PersonChange.objects.count(),
        )

    def process(path: Path) -> subprocess.Popen:
        arguments = ("--kind", "laborers", "--unit", VILLAGE, "--as", OFFICER, "--month", MONTH, "--confirm")
        return command(place, "import_workbook", str(path), *arguments, "--json")

    path = place.folder / "import.xlsx"
    path.write_bytes(place.workbook(next(_numbers), ROWS))
    begun = time.monotonic()
    told.expect(process(path).wait() == 0, "the undisturbed import does not succeed")
    length = time.monotonic() - begun
    for _ in range(rounds):
        path.write_bytes(place.workbook(next(_numbers), ROWS))
        before = count()
        whole = tuple(number + ROWS for number in before)
        one = process(path)
        with contextlib.suppress(subprocess.TimeoutExpired):
            one.wait(dice.uniform(0.2, 1.0) * length)
        told.times += one.poll() is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()
        until(lambda before=before, whole=whole: count() in (before, whole), 10)
        if count() == before:
            told.expect(process(path).wait() == 0, "the same file is not taken a second time")
        now = count()
        told.lost += max(0, whole[0] - now[0])
        told.doubled += max(0, now[0] - whole[0]) + max(0, now[2] - whole[2])
        told.acknowledged += ROWS
    told.whole()
    told.notes.append(f"{ROWS} rows, {length:.1f} s undisturbed")
    return told


# ── workers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def workers(place: Place, app: str = "config") -> Iterator[Worker]:
    """A worker and two beats on the installation's Redis; the controlling process hands out through it as well."""
    environment = place.broker()
    with contextlib.ExitStack() as stack:
        hand_out_through(environment["REDIS_URL"])
        stack.callback(hand_out_through, "")
        for name in ("beat1", "beat2"):
            beat = Beat(place.folder, environment, name)
            beat.start()
            stack.callback(beat.stop)
        worker = Worker(place.folder, environment, "worker", app)
        worker.start()
        stack.callback(worker.stop)
        yield worker


def hand_out_through(url: str) -> None:
    """The broker of the controlling process."""
    from django.conf import settings

    from config.celery import app

    settings.REDIS_URL = url
    app.conf.broker_url = url or "memory://"
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app._after_fork()  # forgets the connections to the broker before


def _confirming(place: Place, count: int) -> list:
    """So many staged workbooks on their way into the ledger, as jobs."""
    from accounts.models import Unit, User
    from jobs import imports, work
    from lib.month import Month

    user, unit = User.objects.get(username=OFFICER), Unit.objects.get(code=VILLAGE)
    batches = [
        imports.stage(
            place.workbook(next(_numbers), ROWS), "台账.xlsx", "laborers", unit, Month.parse(MONTH), user
        )
        for _ in range(count)
    ]
    return [work.start_confirming(batch) for batch in batches]


def _running(jobs: list) -> int:
    from jobs.models import Job

    return Job.objects.filter(pk__in=[job.pk for job in jobs], state=Job.State.RUNNING).count()


def _over(jobs: list) -> bool:
    from jobs.models import Job

    states = (Job.State.DONE, Job.State.FAILED)
    return Job.objects.filter(pk__in=[job.pk for job in jobs], state__in=states).count() == len(jobs)


def _compare(told: Told, jobs: list, people_before: int) -> None:
    from jobs.models import Job
    from ledgers.models import Laborer

    done = Job.objects.filter(pk__in=[job.pk for job in jobs], state=Job.State.DONE).count()
    told.expect(done == len(jobs), f"{len(jobs) - done} jobs did not end well")
    wanted = people_before + ROWS * len(jobs)
    found = Laborer.objects.count()
    told.acknowledged += ROWS * len(jobs)
    told.lost += max(0, wanted - found)
    told.doubled += max(0, found - wanted)
    told.jobs()
    told.whole()


def _killed(told: Told, place: Place, worker: Worker, dice: random.Random, group: bool) -> None:
    """Kill once while a job runs; one that was faster than the kill does not count."""
    from jobs.models import Job
    from ledgers.models import Laborer

    before = Laborer.objects.count()
    jobs = _confirming(place, 1)
    until(lambda: _running(jobs) or _over(jobs))
    time.sleep(dice.uniform(0, 0.5))
    begun = time.monotonic()
    if group:
        worker.kill()
        worker.start()
    else:
        for pid in worker.pools():
            kill(pid)
    until(lambda: _over(jobs), RECOVERY_SECONDS + 30)
    told.recovered = max(told.recovered, time.monotonic() - begun)
    told.times += Job.objects.filter(pk__in=[job.pk for job in jobs], attempt__gt=1).count()
    _compare(told, jobs, before)


def _until_hit(told: Told, place: Place, dice: random.Random, group: bool) -> Told:
    with workers(place) as worker:
        for _ in range(TRIES):
            if not told.times:
                _killed(told, place, worker, dice, group)
    told.expect(told.times > 0, "no kill hit running work")
    told.expect(told.recovered <= RECOVERY_SECONDS, "it took longer than two minutes")
    return told


def celery_child(place: Place, dice: random.Random) -> Told:
    """SIGKILL of the processes that do the work: the job begins again by itself."""
    return _until_hit(Told("Celery child SIGKILL"), place, dice, group=False)


def celery_group(place: Place, dice: random.Random) -> Told:
    """SIGKILL of the whole worker, and a new one: the job begins again by itself."""
    return _until_hit(Told("Celery worker group SIGKILL"), place, dice, group=True)


# ── the broker ───────────────────────────────────────────────────────────────────────────────────────────────────


def _exports(count: int) -> list:
    """So many small exports asked for by the administrator."""
    from accounts.models import User
    from jobs.actions import start

    admin = User.objects.get(username="demo_admin")
    unit = admin.own_unit
    return [
        start(
            "export.rows", owner=admin, unit=unit, title="导出单位", params={"export": "units", "month": ""}
        )
        for _ in range(count)
    ]


def _outstanding(url: str) -> int:
    from redis import Redis as RedisClient

    with RedisClient.from_url(url) as client:
        return int(client.llen("small")) + int(client.hlen("unacked"))


def lost_redis(place: Place, dice: random.Random) -> Told:
    """Redis is killed and comes back empty with fifty jobs outstanding, two beats running, people saving."""
    from jobs.models import Job

    told = Told("Redis killed and emptied, two beats", times=1)
    with workers(place) as worker, place.web(REDIS_URL=place.broker()["REDIS_URL"]) as web:
        savers = place.savers(web.port, 2, 1, 400)
        assert place.redis is not None
        assert worker.process is not None
        os.killpg(worker.process.pid, signal.SIGSTOP)  # nothing is taken before Redis dies
        jobs = _exports(OUTSTANDING)
        told.expect(_outstanding(place.redis.url) >= OUTSTANDING - 1, "the jobs did not wait in Redis")
        before = sum(sum(saver.acknowledged.values()) for saver in savers)
        place.redis.kill()
        until(lambda: sum(sum(saver.acknowledged.values()) for saver in savers) > before + 10)
        begun = time.monotonic()
        place.redis.start()
        os.killpg(worker.process.pid, signal.SIGCONT)
        until(lambda: _over(jobs), RECOVERY_SECONDS)
        told.recovered = time.monotonic() - begun
        for saver in savers:
            saver.halt.set()
            saver.join(60)
        told.saves(savers)
        told.expect(not any(saver.refused for saver in savers), "saves were refused while Redis was away")
        told.jobs()
    rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
    told.lost += OUTSTANDING - rows.filter(state=Job.State.DONE).count()
    told.doubled += rows.filter(attempt__gt=1).count()
    told.expect(told.recovered <= 60, "it took longer than a minute")
    told.whole()
    return told


@contextlib.contextmanager
def silence() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
        listener.listen(50)
        yield listener.getsockname()[1]


def hanging_broker(place: Place, dice: random.Random) -> Told:
    """A broker that accepts and never answers: asking for an export stays quick enough, the work is done later."""
    from jobs.models import Job

    told = Told("broker hangs", times=1)
    with silence() as port, place.web(REDIS_URL=f"redis://127.0.0.1:{port}/0") as web:
        officer = place.client(web.port, "demo_county")
        known = set(Job.objects.values_list("pk", flat=True))
        begun = time.monotonic()
        status, *_ = officer.post("/ledgers/export/", {"unit": VILLAGE, "month": MONTH})
        waited = time.monotonic() - begun
        told.expect(status == 302, f"asking for an export answers {status}")
        told.expect(waited < 15, "asking for an export takes longer than 15 s")
        (job,) = Job.objects.exclude(pk__in=known)
        told.acknowledged = 1
    begun = time.monotonic()
    with workers(place):
        until(lambda: _over([job]))
        told.recovered = time.monotonic() - begun
        told.jobs()
    job.refresh_from_db()
    told.lost = int(job.state != Job.State.DONE)
    told.notes.append(f"the request took {waited:.1f} s")
    return told


def duplicate_deliveries(place: Place, dice: random.Random) -> Told:
    """Redis hands one job to several workers while it runs: one of them does it, once."""
    from accounts.audit import AuditEntry
    from accounts.models import User
    from jobs.actions import start
    from jobs.models import Job

    told = Told("duplicate deliveries")
    log = place.folder / "deliveries"
    log.touch()
    with running(Redis) as redis, contextlib.ExitStack() as stack:
        environment = place.environment | {"REDIS_URL": redis.url, "DELIVERIES": str(log)}
        for name in ("one", "two"):
            worker = Worker(place.folder, environment, name, "tests.fault.impatient")
            worker.start()
            stack.callback(worker.stop)
        hand_out_through(redis.url)
        stack.callback(hand_out_through, "")
        job = start("fault.slow", owner=User.objects.get(username="demo_admin"), title="慢任务")
        until(lambda: _over([job]))
        until(lambda: len(log.read_text().split()) >= 2, 60)
    job.refresh_from_db()
    told.times = len(log.read_text().split()) - 1
    told.acknowledged = int(job.state == Job.State.DONE)
    told.doubled = AuditEntry.objects.filter(action="fault.slow").count() - 1 + job.attempt - 1
    told.expect(told.times >= 1, "no delivery was doubled")
    told.stuck = int(not _over([job]))
    told.whole()
    return told
