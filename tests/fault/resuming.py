"""Work that is cut off again and again: at every stage exactly, and every few seconds with little memory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import resource
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.fault.background import hand_out_through
from tests.fault.dying import EXPORTING, JUDGING, STALE_SECONDS, WRITING
from tests.fault.place import MONTH, OFFICER, VILLAGE, Place, Worker, until
from tests.fault.telling import Told

STAGE_ROWS = 5500  # six chunks, which two sets of statements write
MANY_ROWS = 50_000
FIRST = 100_000  # numbers of people whom no other fault makes
MEMORY = 512 << 20  # address space of the worker and each of its children, bytes
UP_SECONDS = 5  # how long a worker lives before it is told to go
GRACE_SECONDS = 90  # what systemd gives a worker to finish its job before it kills it
EXPORTER = "demo_county"
PATIENCE = 600  # seconds for the large work, on a machine that does other things too


class Cut(Worker):
    """A worker with its own clock and one child; `deaths` gets a file for each stage it was killed at."""

    def __init__(self, folder: Path, environment: dict[str, str], memory: int = 0) -> None:
        super().__init__(folder, environment, "cut", "tests.fault.dying")
        self.beat, self.memory = True, memory
        self.deaths = folder / "deaths"
        self.deaths.mkdir(exist_ok=True)
        self.environment = environment | {"DEATHS": str(self.deaths)}

    def command(self) -> list[str]:
        command = super().command()
        command[command.index("--concurrency") + 1] = "1"
        return [*command, "--pidfile="]

    def options(self) -> dict:
        if not self.memory:
            return super().options()
        limit = (self.memory, self.memory)
        return super().options() | {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, limit)}

    def leave(self) -> None:
        """Ask the worker to end, as `systemctl restart` does: it finishes what it has begun."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_SECONDS)
        self.kill()


# ── a copy of the installation for each death ────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def copied(place: Place, name: str) -> Iterator[dict[str, str]]:
    """A copy of the database, with the environment that names it; the controlling process looks into it meanwhile."""
    from django.db import connections

    connections.close_all()
    known = connections.settings["default"]
    original = known["NAME"]
    _maintain(place, f"CREATE DATABASE {name} TEMPLATE {original}")
    known["NAME"] = connections["default"].settings_dict["NAME"] = name
    try:
        yield place.broker() | {
            "DATABASE_URL": place.environment["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        }
    finally:
        connections.close_all()
        known["NAME"] = connections["default"].settings_dict["NAME"] = original
        _maintain(place, f"DROP DATABASE {name} WITH (FORCE)")


def _maintain(place: Place, statement: str) -> None:
    import psycopg2

    connection = psycopg2.connect(place.environment["DATABASE_URL"].rpartition("/")[0] + "/postgres")
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)


def _received(place: Place, first: int, rows: int) -> Any:
    """A workbook that lies in the installation, not yet judged."""
    from accounts.models import Unit, User
    from jobs import imports
    from lib.month import Month

    user, unit = User.objects.get(username=OFFICER), Unit.objects.get(code=VILLAGE)
    content = place.workbook(first, rows)
    return imports.receive(content, "台账.xlsx", "laborers", unit, Month.parse(MONTH), user)


def _steps(batch: Any) -> Iterator[Any]:
    """The jobs of one workbook, each started when the one before is over: judge, write, export."""
    from accounts.models import User
    from jobs import work
    from jobs.exports import start_export

    yield work.start_staging(batch)
    batch.refresh_from_db()
    yield work.start_confirming(batch)
    yield start_export("records", User.objects.get(username=EXPORTER), batch.unit, batch.month)


def _ended(job: Any) -> bool:
    job.refresh_from_db()
    return job.is_finished


def _settled() -> bool:
    """Nothing waits or runs, and the totals follow the facts."""
    from jobs.models import Job
    from reports.models import Stale

    return not (
        Stale.objects.exists() or Job.objects.exclude(state__in=[Job.State.DONE, Job.State.FAILED]).exists()
    )


def content() -> dict[str, str]:
    """What the work left: a hash for each table, without what differs by nature (keys, moments, ciphertexts)."""
    from accounts.audit import AuditEntry
    from jobs.models import ImportBatch, ImportChunk, Job
    from ledgers.models import Household, Intention, Laborer, MonthlyRecord, PersonChange, WorkSpell
    from reports.models import FigureValue

    tables = (
        Household, Laborer, WorkSpell, Intention, MonthlyRecord, PersonChange, FigureValue, ImportBatch, ImportChunk
    )  # fmt: skip
    hashes = {model.__name__: _hash(model) for model in tables}
    # an export that died between its file and its end is written twice, and the trail says so
    acts = Counter(AuditEntry.objects.exclude(action="export").values_list("action", flat=True))
    ends = sorted(Job.objects.values_list("kind", "state").distinct())
    return hashes | {"acts": repr(sorted(acts.items())), "jobs": repr(ends)}


def _hash(model: Any) -> str:
    from django.db import models

    natural = {"Laborer": "id_index", "Household": "number"}
    names = []
    for column in model._meta.concrete_fields:
        if column.is_relation:
            other = natural.get(column.related_model.__name__)
            names.append(f"{column.name}__{other}" if other else column.attname)
        elif not column.primary_key and column.name != "targets":
            left_out = (models.DateTimeField, models.BinaryField, models.UUIDField)
            names += [] if isinstance(column, left_out) else [column.name]
    rows = sorted(map(repr, model.objects.order_by().values_list(*names)))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


# ── the faults ───────────────────────────────────────────────────────────────────────────────────────────────────


def stages(place: Place, dice: random.Random) -> Told:
    """SIGKILL of the whole worker at each stage of judging, writing, exporting: the end equals that of a quiet run."""
    told = Told("worker killed at each stage")
    phases = [list(phase) for phase in (JUDGING, WRITING, EXPORTING)]
    for phase in phases:
        dice.shuffle(phase)
    batch = _received(place, FIRST, STAGE_ROWS)
    quiet = _played(place, told, batch.pk, ())
    for deaths in zip_longest(*phases):  # at most one for each of the three jobs
        chosen = tuple(filter(None, deaths))
        left = _played(place, told, batch.pk, chosen)
        differs = [name for name in quiet if left[name] != quiet[name]]
        told.expect(not differs, f"{'; '.join(chosen)}: other {', '.join(differs)}")
    told.notes.append(f"{STAGE_ROWS} rows; {STALE_SECONDS} s of silence count as death here")
    return told


def _played(place: Place, told: Told, batch_id: Any, deaths: tuple[str, ...]) -> dict[str, str]:
    """The content after the work was done with a death at each of these stages."""
    from jobs.models import ImportBatch
    from ledgers.models import Laborer

    with copied(place, "dying") as environment, contextlib.ExitStack() as stack:
        before = Laborer.objects.count()
        _forget(environment["REDIS_URL"])
        hand_out_through(environment["REDIS_URL"])
        stack.callback(hand_out_through, "")
        worker = Cut(place.folder, environment | {"DIE_AT": json.dumps(deaths)})
        worker.start()
        stack.callback(worker.stop)
        for job in _steps(ImportBatch.objects.get(pk=batch_id)):
            told.recovered = max(told.recovered, _done_after_death(worker, job))
            told.expect(job.state == job.State.DONE, f"{job.kind} with {deaths} ended as {job.state}")
        told.times += len(deaths)
        for stage in deaths:
            told.expect((worker.deaths / stage).exists(), f"{stage}: nothing was killed")
        until(_settled)
        told.acknowledged += STAGE_ROWS
        told.lost += max(0, before + STAGE_ROWS - Laborer.objects.count())
        told.doubled += max(0, Laborer.objects.count() - before - STAGE_ROWS)
        told.jobs()
        told.whole()
        return content()


def _done_after_death(worker: Cut, job: Any) -> float:
    """Start the worker again when it has died; the seconds from then to the end of the job, 0 when it lived on."""
    assert worker.process is not None
    until(lambda: _ended(job) or worker.process.poll() is not None)
    if _ended(job):
        return 0.0
    begun = time.monotonic()
    worker.kill()
    worker.start()
    until(lambda: _ended(job))
    return time.monotonic() - begun


def _forget(url: str) -> None:
    from redis import Redis

    with Redis.from_url(url) as client:
        client.flushdb()


def restarts(place: Place, dice: random.Random, rows: int = MANY_ROWS) -> Told:
    """A worker with 512 MB of address space, restarted every five seconds: a large import and its export get done.

    Each job also loses its first worker to a SIGKILL at a drawn moment.
    """
    from ledgers.models import Laborer

    told = Told(f"worker restarted every {UP_SECONDS} s")
    before = Laborer.objects.count()
    batch = _received(place, 2 * FIRST, rows)
    environment = place.broker()
    hand_out_through(environment["REDIS_URL"])
    worker = Cut(place.folder, environment, MEMORY)
    worker.start()
    begun = time.monotonic()
    try:
        for job in _steps(batch):
            _killed_once(worker, job, dice)
            told.times += 1 + _restarted_until_done(worker, job)
            told.expect(job.state == job.State.DONE, f"{job.kind}: {job.note}")
        until(_settled)
    finally:
        worker.stop()
        hand_out_through("")
    told.recovered = time.monotonic() - begun
    told.acknowledged = rows
    told.lost = max(0, before + rows - Laborer.objects.count()) + (job.result.get("rows", 0) < rows)
    told.doubled = max(0, Laborer.objects.count() - before - rows)
    told.jobs()
    told.whole()
    told.notes.append(f"{rows} rows, {MEMORY >> 20} MB of address space")
    return told


def _killed_once(worker: Cut, job: Any, dice: random.Random) -> None:
    """SIGKILL while the job runs (or has just ended), and a new worker."""
    until(lambda: _ended(job) or job.state == job.State.RUNNING)
    time.sleep(dice.uniform(0, UP_SECONDS))
    worker.kill()
    worker.start()


def _restarted_until_done(worker: Cut, job: Any) -> int:
    """Restart the worker every UP_SECONDS until the job is over; how often."""
    count, end = 0, time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(AssertionError):
            until(lambda: _ended(job), UP_SECONDS)
            return count
        if time.monotonic() > end:
            raise AssertionError(f"{job.kind} is not done after {PATIENCE} s")
        worker.leave()
        worker.start()
        count += 1
