"""A Celery application whose whole worker is killed once at each stage of its work that DIE_AT names (a JSON list).

A worker that falls silent counts as dead after seconds instead of a minute, and the tick comes every second, so that
many deaths fit into a few minutes; what is done about a death is what the product does.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from config.celery import app

STALE_SECONDS = 6
BEFORE, AFTER = "before", "after"

# stage → where: owner of the function, its name, before or after which of its calls
JUDGING = {
    "claimed, nothing begun": ("jobs.runner", "claim", AFTER, 1),
    "before the file is read": ("jobs.imports.staging", "read", BEFORE, 1),
    "file read, no row judged": ("jobs.imports.staging", "read", AFTER, 1),
    "first rows judged": ("jobs.imports.chunks", "_chunk", AFTER, 1),
    "last rows judged": ("jobs.imports.chunks", "_chunk", AFTER, 6),
    "before the judged rows are stored": ("jobs.imports.staging", "_store", BEFORE, 1),
    "judged rows stored, job not ended": ("jobs.imports.staging", "_store", AFTER, 1),
}
WRITING = {
    "before the first row is written": ("laborers", "apply", BEFORE, 1),
    "first chunks written": ("laborers", "apply", AFTER, 1),
    "middle chunk remembered": ("jobs.imports.confirming", "_remember_targets", AFTER, 3),
    "last chunks written": ("laborers", "apply", AFTER, 2),
    "all rows written, no totals": ("laborers", "finish", BEFORE, 1),
    "audit entry written, no commit": ("jobs.imports.confirming", "record", AFTER, 1),
    "committed, job not ended": ("jobs.imports.confirming", "confirm", AFTER, 1),
}
EXPORTING = {
    "export not begun": ("jobs.exports", "write_export", BEFORE, 1),
    "export written, not kept": ("jobs.runner.Running", "attach", BEFORE, 1),
    "export kept, job not ended": ("jobs.runner.Running", "attach", AFTER, 1),
}
STAGES: dict[str, tuple[str, str, str, int]] = JUDGING | WRITING | EXPORTING


def die(stage: str) -> None:
    """SIGKILL for the worker, its children and its clock; only the first time at this stage."""
    with contextlib.suppress(FileExistsError):
        (Path(os.environ["DEATHS"]) / stage).touch(exist_ok=False)
        os.killpg(0, signal.SIGKILL)


def _deadly(function: Callable, stage: str, moment: str, call: int) -> Callable:
    calls = 0

    def instead(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if (calls, moment) == (call, BEFORE):
            die(stage)
        result = function(*arguments, **options)
        if (calls, moment) == (call, AFTER):
            die(stage)
        return result

    return instead


def _owner(where: str) -> Any:
    from lib.staging import KINDS

    if where in KINDS:
        return KINDS[where]
    module, _, name = where.rpartition(".")
    return getattr(import_module(module), name) if name[0].isupper() else import_module(where)


@app.on_after_finalize.connect
def prepare(sender: object, **options: object) -> None:
    """Shorten the waiting and lay the trap, once the applications are loaded."""
    from jobs import dispatch, runner

    runner.STALE_AFTER = dt.timedelta(seconds=STALE_SECONDS)
    runner.QUIET_BEAT_SECONDS = runner.BEAT_SECONDS
    dispatch.HAND_OUT_AGAIN = dt.timedelta(seconds=2)
    app.conf.beat_schedule = {"tick": {"task": "jobs.tasks.tick", "schedule": 1.0}}
    for stage in json.loads(os.environ.get("DIE_AT", "[]")):
        where, name, moment, call = STAGES[stage]
        owner = _owner(where)
        setattr(owner, name, _deadly(getattr(owner, name), stage, moment, call))
