"""`python -m tests.load [--seconds N] [--seed N] [--workers N] [--threads N]`: play the deadline day, print a table.

The servers are private and on loopback, and end with the run. Exits with 1 when an acknowledged save is not in the
database or a page answered with a server error; how fast it was stands beside the goal and decides nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import signal
import sys
import time
from pathlib import Path

from tests.load import slow, table
from tests.load.browser import PATIENCE
from tests.load.city import City, opened
from tests.load.day import READS, SAVES, Day, rates
from tests.load.machine import Watch
from tests.load.schedule import percentile, plan, recovered_after
from tests.stack import temporary_folder

BOUND = 0.5  # seconds: p95 of the deadline day
PHASES = ("deadline", "burst", "recovery", "quiet", "sign-ins", "slow")
READING, SAVING = tuple(READS), tuple(SAVES)
ENDS = 400  # seconds after the city is loaded: a phase that would last longer is left out


async def _day(day: Day, seconds: float, seed: int, only: list[str]) -> None:
    begun = time.monotonic()

    async def phase(name: str, length: float, requests: dict[str, float], draw: str = "") -> None:
        late = time.monotonic() - begun + length + PATIENCE > max(ENDS, 7 * seconds)
        if late:
            print(f"{name}: left out, no time left", flush=True)
        elif not only or name in only:
            await day.play(name, plan(requests, length, f"{seed} {draw or name}"))

    officers = [officer for level in day.city.officers.values() for officer in level]
    await day.enter(officers)
    big = [] if only and "deadline" not in only else [day.big_import(), day.big_export()]
    works = [asyncio.create_task(one) for one in big]
    await phase("deadline", seconds, rates(50, 10) | {"50-row file": 0.2})
    await phase("burst", seconds, rates(150, 31))
    await phase("recovery", max(30, seconds / 2), rates(50, 10))
    await day.answered()
    if works:
        await asyncio.wait(works, timeout=max(60, seconds))
    await phase("quiet", seconds / 2, rates(5, 10), draw="quiet")
    await day.answered()
    await phase("sign-ins", seconds, rates(5, 10) | {"sign in": 100 / 60}, draw="quiet")
    await day.answered()
    async with slow.sockets(day.address, 200):
        await phase("slow", seconds / 2, rates(5, 10), draw="quiet")
        await day.answered()


def _play(city: City, arguments: argparse.Namespace) -> int:
    day = Day(city, arguments.seed)
    day.prepare()
    counts = ", ".join(f"{len(waiting)} to {action}" for action, waiting in day.free.items())
    print(f"{sum(map(len, city.officers.values()))} officers, people: {counts}", flush=True)
    servers = {
        "web": city.web,
        "small worker": city.small,
        "big worker": city.big,
        "PostgreSQL": city.postgres,
    }
    watch = Watch({name: server.process.pid for name, server in servers.items() if server.process})
    watch.look()
    before, own, begun = watch.seconds(), time.process_time(), time.monotonic()
    watch.start()
    print(f"load average at the start {os.getloadavg()[0]:.1f}", flush=True)
    asyncio.run(_day(day, arguments.seconds, arguments.seed, arguments.only))
    watch.over.set()
    watch.look()
    length, own = time.monotonic() - begun, time.process_time() - own
    print(table.HEAD)
    for line in table.rows(day.samples, PHASES):
        print(line)
    _tell(day, watch)
    used = watch.seconds()
    spent = ", ".join(f"{name} {(used[name] - before[name]) / length:.2f}" for name in servers)
    print(f"processors used: {spent}, this program {own / length:.2f}; load average {os.getloadavg()[0]:.1f}")
    return _verdict(day)


def _tell(day: Day, watch: Watch) -> None:
    """What stands beside a goal."""
    for name, goal in (("50,000-row file", 90), ("export", 30)):
        took = [sample.took for sample in day.samples if sample.name == name and sample.fine]
        print(f"{name} meanwhile: {f'{took[0]:.1f} s' if took else 'not done'} (goal {goal})")
    files = [sample.took for sample in day.samples if sample.name == "50-row file" and sample.fine]
    if files:
        print(f"50-row file meanwhile, upload to the ledger: p50 {percentile(files, 50):.1f} s, "
              f"max {max(files):.1f} s (goal 5)")  # fmt: skip
    after = [(sample.due, sample.took) for sample in day.samples if sample.phase == "recovery"]
    if after:
        calm = recovered_after(after, BOUND)
        print(
            f"after the burst within {BOUND} s again: {'not' if calm is None else f'after {calm:.0f} s'} (goal 30)"
        )
    for phase, goal in (
        ("deadline", 500),
        ("burst", 2000),
        ("quiet", 0),
        ("sign-ins", 0),
        ("slow", 0),
    ):
        saves = [s.took * 1000 for s in day.samples if s.phase == phase and s.name in SAVING]
        reads = [s.took * 1000 for s in day.samples if s.phase == phase and s.name in READING]
        if saves:
            beside = f" (goal {goal})" if goal else ""
            print(
                f"{phase}: p95 of reads {percentile(reads, 95):.0f} ms, of saves {percentile(saves, 95):.0f} ms{beside}"
            )
    print(
        "memory of the largest process: "
        + ", ".join(f"{name} {mb:.0f} MB" for name, mb in watch.peak.items())
    )


def _verdict(day: Day) -> int:
    acknowledged, lost, doubled = day.lost()
    broken = sum(sample.status >= 500 for sample in day.samples)
    print(f"{acknowledged} saves acknowledged, {lost} lost, {doubled} doubled; {broken} server errors")
    return 1 if lost or doubled or broken else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="length of a phase")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--workers", type=int, default=3, help="of gunicorn")
    parser.add_argument("--threads", type=int, default=4, help="of each")
    parser.add_argument("--worker-class", default="config.worker.PatientWorker")
    parser.add_argument("--only", nargs="*", default=[], choices=PHASES, metavar="PHASE")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, hard), hard))
    gunicorn = {"--worker-class": arguments.worker_class, "--workers": str(arguments.workers),
                "--threads": str(arguments.threads)}  # fmt: skip
    with temporary_folder() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
        with opened(folder, gunicorn) as city:
            return _play(city, arguments)


if __name__ == "__main__":
    sys.exit(main())
