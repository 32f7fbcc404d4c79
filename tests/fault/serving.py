"""Faults under people who save: web worker, database, disk, clock, a writer that holds SQLite."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

from tests.fault.place import HOWS, MONTH, VILLAGE, Client, Place, Saver, contact, kill, marks, until
from tests.fault.telling import Told

OFFICERS, PEOPLE_EACH, STEPS = 4, 1, 400
PAUSE = (0.2, 0.9)  # seconds between two kills, drawn by the seed


def _finish(told: Told, savers: list[Saver], since: float) -> None:
    """Every officer gets at least one more answer after the last fault; then they stop."""
    before = [sum(saver.acknowledged.values()) for saver in savers]
    until(
        lambda: all(
            not saver.is_alive() or sum(saver.acknowledged.values()) > count
            for saver, count in zip(savers, before, strict=True)
        )
    )
    told.recovered = max(told.recovered, time.monotonic() - since)
    for saver in savers:
        saver.halt.set()
    for saver in savers:
        saver.join(90)
        told.expect(not saver.is_alive(), "an officer waits for an answer that does not come")
    told.saves(savers)
    told.whole()


def web_worker(place: Place, dice: random.Random, rounds: int = 10) -> Told:
    """SIGKILL of a web worker: only the requests in flight fail."""
    told = Told("web worker SIGKILL")
    with place.web() as web:
        savers = place.savers(web.port, OFFICERS, PEOPLE_EACH, STEPS)
        for _ in range(rounds):
            time.sleep(dice.uniform(*PAUSE))
            until(lambda: len(web.workers()) == 2)
            told.times += kill(dice.choice(web.workers()))
        _finish(told, savers, time.monotonic())
    told.notes.append(f"requests cut off {sum(saver.broken for saver in savers)}")
    return told


def database_restart(place: Place, dice: random.Random, rounds: int = 4) -> Told:
    """PostgreSQL ends at once (as `pg_ctl stop -m immediate`) and starts again while officers save."""
    told = Told("PostgreSQL immediate restart")
    from django.db import connections

    assert place.postgres is not None
    with place.web() as web:
        savers = place.savers(web.port, OFFICERS, PEOPLE_EACH, STEPS)
        begun = time.monotonic()
        for _ in range(rounds):
            time.sleep(dice.uniform(*PAUSE))
            assert place.postgres.process is not None
            os.kill(place.postgres.process.pid, signal.SIGQUIT)
            place.postgres.process.wait(30)
            until(lambda: any(saver.refused for saver in savers), 30)
            begun = time.monotonic()
            place.postgres.start()
            told.times += 1
        connections.close_all()  # those of this process ended with the server
        _finish(told, savers, begun)
    refused = [status for saver in savers for status in saver.refused]
    told.expect(set(refused) <= {503}, f"answers {sorted(set(refused))} instead of 503")
    told.expect(
        sum(saver.retry_after for saver in savers) == len(refused), "a 503 does not say when to try again"
    )
    told.notes.append(f"503 with Retry-After {len(refused)}")
    return told


def held_database(place: Place, dice: random.Random, seconds: float = 30) -> Told:
    """Another program holds SQLite for half a minute: 503 with Retry-After, then everything goes on."""
    told = Told("SQLite held by another writer 30 s", times=1)
    with place.web() as web:
        savers = place.savers(web.port, 2, PEOPLE_EACH, STEPS)
        holder = sqlite3.connect(
            Path(place.environment["DATA_DIR"]) / "ledger.sqlite3", timeout=60, isolation_level=None
        )
        holder.execute("BEGIN IMMEDIATE")
        over = threading.Event()
        over.wait(seconds)
        holder.execute("ROLLBACK")
        holder.close()
        _finish(told, savers, time.monotonic())
    refused = [status for saver in savers for status in saver.refused]
    told.expect(bool(refused) and set(refused) == {503}, f"answers {sorted(set(refused))} instead of 503")
    told.expect(
        sum(saver.retry_after for saver in savers) == len(refused), "a 503 does not say when to try again"
    )
    told.notes.append(f"503 with Retry-After {len(refused)}")
    return told


def full_disk(place: Place, dice: random.Random) -> Told:
    """DATA_DIR on a small disk that fills: reading goes on, writing says so, and room heals it."""
    told = Told("full disk", times=1)
    disk = place.folder / "small-disk"
    disk.mkdir()
    size = f"size={_kilobytes(Path(place.environment['DATA_DIR'])) + 40_000}k"
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], capture_output=True
    ).returncode:
        told.expect(False, "a small disk cannot be mounted here; this fault needs the right to mount")
        return told
    try:
        subprocess.run(["cp", "-a", f"{place.environment['DATA_DIR']}/.", str(disk)], check=True)
        with place.web(DATA_DIR=str(disk)) as web:
            officer = place.client(web.port)
            page = f"/imports/new/?kind=laborers&month={MONTH}"
            content = place.workbook(60_000, 40)
            filler = disk / "filler"
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
                while out.write(bytes(4096)):
                    pass
            status, _, text = _send_in(officer, page, content)
            told.expect(
                status == 503 and "存储空间不足" in text, f"an upload on a full disk answers {status}"
            )
            told.expect(officer.get("/ledgers/")[0] == 200, "reading fails on a full disk")
            begun = time.monotonic()
            filler.unlink()
            status, _, _ = _send_in(officer, page, content)
            told.expect(status == 302, f"an upload after room was made answers {status}")
            told.recovered = time.monotonic() - begun
            told.acknowledged = 1
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    return told


def _send_in(officer: Client, page: str, content: bytes) -> tuple[int, dict, str]:
    from accounts.models import Unit

    officer.get(page)
    unit = Unit.objects.only("pk").get(code=VILLAGE).pk
    form = {"kind": "laborers", "unit": str(unit), "month": MONTH}
    return officer.upload("/imports/new/", form, "台账.xlsx", content)


def _kilobytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024


def wrong_clock(place: Place, dice: random.Random) -> Told:
    """The clock an hour back, then a month ahead: the trail keeps its order, months stay open or closed as they are."""
    from accounts.audit import AuditEntry
    from ledgers.collection.contacts import believed, mark
    from ledgers.models import MonthClosing, MonthlyRecord

    told = Told("clock an hour back, a month ahead", times=2)
    (person,) = place.take(1)
    about = f"ledgers.laborer:{person}"
    months = MonthClosing.objects.filter(reopened_at=None).values("month")
    frozen = MonthlyRecord.objects.filter(laborer=person, month__in=months).latest("month")
    another = next(how for how in HOWS if how != frozen.verified_how)
    seen = mark(frozen, believed(frozen))
    for step, seconds in enumerate((-3600, 31 * 86400)):
        with place.web("tests.fault.clock", CLOCK_OFFSET=str(seconds)) as web:
            officer = place.client(web.port)
            sent = contact(HOWS[step], marks([person])[person])
            status, *_ = officer.post(f"/ledgers/people/{person}/contact/{MONTH}/", sent)
            told.expect(status == 302, f"a save with the clock {seconds:+} s off answers {status}")
            told.acknowledged += status == 302
            late = officer.post(f"/ledgers/people/{person}/contact/{frozen.month}/", contact(another, seen))[
                0
            ]
            told.expect(late != 404, "there is no address to note a contact at")
            text = officer.get(f"/ledgers/people/{person}/?month={frozen.month}")[2]
            told.expect(
                "数据已冻结" in text, f"with the clock {seconds:+} s off a closed month does not say so"
            )
    written = list(AuditEntry.objects.filter(action="record.verify", about=about).order_by("sequence"))
    told.lost = told.acknowledged - len(written)
    told.expect(
        len(written) == 2 and written[0].at < written[1].at, "the entries are not those of two clocks"
    )
    how = MonthlyRecord.objects.get(pk=frozen.pk).verified_how
    told.expect(how == frozen.verified_how, "a closed month was written to")
    told.whole()
    return told
