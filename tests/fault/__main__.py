"""`python -m tests.fault [--seed N] [--database sqlite|postgres] [--only NAME …]`: play the faults, print a table.

Without --database both are played, one after the other. The seed draws the moments of the kills; the same seed draws
the same ones. Ends with 1 when anything acknowledged was lost or doubled, anything is stuck or a sentence is missing.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.fault import background, resuming, serving
from tests.fault.place import Place
from tests.fault.telling import HEAD, Told
from tests.stack import temporary_folder

Fault = Callable[[Place, random.Random], Told]
BOTH = {
    "web-worker": serving.web_worker,
    "clock": serving.wrong_clock,
    "disk": serving.full_disk,
    "import-process": background.importing_process,
}
FAULTS: dict[str, dict[str, Fault]] = {
    "sqlite": BOTH | {"held": serving.held_database},
    "postgres": BOTH
    | {
        "database": serving.database_restart,
        "hanging-broker": background.hanging_broker,
        "duplicates": background.duplicate_deliveries,
        "redis": background.lost_redis,
        "celery-child": background.celery_child,
        "celery-group": background.celery_group,
        "stages": resuming.stages,
        "restarts": resuming.restarts,
    },
}


SHORT: dict[str, Fault] = {  # for every run of the suite
    "web-worker": partial(serving.web_worker, rounds=2),
    "import-process": partial(background.importing_process, rounds=1),
}


def play(kind: str, seed: int, faults: dict[str, Fault]) -> bool:
    """Play the faults on one database. Whether all of them were survived."""
    fine = True
    with temporary_folder() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
        place = Place(folder, kind)
        try:
            place.open()
            print(f"\n{kind}, seed {seed}\n{HEAD}", flush=True)
            for name, fault in faults.items():
                fine &= _one(place, name, fault, seed)
        finally:
            place.close()
    return fine


def _one(place: Place, name: str, fault: Fault, seed: int) -> bool:
    try:
        told = fault(place, random.Random(f"{seed} {name}"))
    except Exception as error:  # one fault that cannot be played must not hide the others
        told = Told(name, failed=[f"{type(error).__name__}: {error}"])
    print(told.line(), flush=True)
    return told.ok


def _told_to(command: list[str]) -> int:
    """The exit code of a run; when this one is ended, that one stops its servers too."""
    with subprocess.Popen(command) as process:
        try:
            return process.wait()
        finally:
            process.terminate()


def main() -> int:
    """The command line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    parser = argparse.ArgumentParser(prog="python -m tests.fault", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--database", choices=list(FAULTS))
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--short", action="store_true", help="two faults, a few kills each")
    arguments = parser.parse_args()
    if kind := arguments.database:
        faults = SHORT if arguments.short else FAULTS[kind]
        chosen = {name: fault for name, fault in faults.items() if name in (arguments.only or faults)}
        return not play(kind, arguments.seed, chosen)
    begun = time.monotonic()
    again = [sys.executable, "-m", "tests.fault", "--seed", str(arguments.seed)]
    again += ["--short"] if arguments.short else []
    again += ["--only", *arguments.only] if arguments.only else []
    codes = [_told_to([*again, "--database", kind]) for kind in FAULTS]
    print(f"\n{time.monotonic() - begun:.0f} s", flush=True)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
