"""bench: how long the long works take, beside a floor and a stock library, all in one run."""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Unit
from reports.bench import workbook
from reports.bench.steps import FOLDER, GROWTHS, PROVINCE, STEPS, TO_PROVINCE, Growth, Step
from reports.demo import load

SIDES = ("floor", "peer", "ours")  # ours last: it leaves its rows for the next step
SCALES = {"city": STEPS, "province": PROVINCE}
Results = dict[str, dict[str, Any]]


class Command(BaseCommand):
    help = "Measure on an empty database (make bench gives it one) and write build/bench.json."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--scale", choices=SCALES, default="city")
        parser.add_argument("--step", help="one step, in this process")
        parser.add_argument("--side", choices=SIDES, default="ours")

    def handle(self, *args: Any, **options: Any) -> None:
        scale = options["scale"]
        if options["step"]:
            step = next(step for step in SCALES[scale] if step.name == options["step"])
            self.stdout.write(json.dumps(_measured(step, options["side"])))
            return
        call_command("migrate", verbosity=0)
        FOLDER.mkdir(parents=True, exist_ok=True)
        steps = self._steps(scale)
        if scale == "city":
            workbook.write(FOLDER)
        self.stdout.write(f"load average of the machine at the start: {os.getloadavg()[0]:.1f}")
        self.stdout.write(_line("", "ours s", "floor s", "peer s", "x floor", "peer /", "MB", ""))
        results: Results = {}
        for step in steps:
            results[step.name] = result = self._step(step, scale)
            self.stdout.write(_row(step.name, result))
        self.stdout.write(f"load average at the end: {os.getloadavg()[0]:.1f}")
        self._tables(results, scale)
        self._file(scale).write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")

    def _steps(self, scale: str) -> tuple[Step, ...]:
        """All steps; a province that is loaded already is measured as it is."""
        before = load.loaded()
        if scale == "province" and before and before["scale"] == scale:
            return PROVINCE[1:]
        if Unit.objects.exists():
            raise CommandError("性能测量要用空数据库，请运行 make bench。")
        return SCALES[scale]

    def _file(self, scale: str) -> Path:
        return FOLDER.parent / ("bench.json" if scale == "city" else f"bench-{scale}.json")

    def _step(self, step: Step, scale: str) -> dict[str, Any]:
        """All sides of a step, each in its own process; a side that fails is null and says so in the note."""
        found = {side: _in_a_process(step, side, scale) for side in SIDES if getattr(step, side)}
        errors = [f"{side}: {answer['error']}" for side, answer in found.items() if "error" in answer]
        seconds = {side: found.get(side, {}).get("seconds") for side in SIDES}
        if seconds["peer"] is not None:
            seconds["peer"] = round(seconds["peer"] * step.peer_times, 3)
        ours = found["ours"]
        told = {"rss_mb": ours.get("rss_mb"), "pages": ours.get("pages", {})}
        notes = "; ".join(filter(None, (step.note, ours.get("note", ""), *errors)))
        return {side: seconds[side] for side in ("ours", "floor", "peer")} | told | {"note": notes}

    def _tables(self, results: Results, scale: str) -> None:
        """What pages cost, and how works grow with the number of people."""
        for name, result in results.items():
            if result["pages"]:
                self.stdout.write(f"\n{name:<48}{'queries':>10}{'ms':>10}{'database ms':>14}{'x floor':>10}")
            for page, cost in result["pages"].items():
                above = f"{cost['ms'] / cost['floor']:.1f}" if cost.get("floor") else "-"
                line = f"{page:<48}{cost['queries']:>10}{cost['ms']:>10.1f}{cost['db_ms']:>14.1f}{above:>10}"
                self.stdout.write(line)
        if scale == "city":
            growths, before = GROWTHS, results
        else:
            before = results | _earlier(self._file("city"))
            cities, provinces = (
                before.get(f"pages, {n}", {}).get("pages", {}) for n in ("demo city", "province")
            )
            growths = tuple(
                Growth(page, ("pages, demo city", page), ("pages, province", page), TO_PROVINCE)
                for page in provinces
                if page in cities
            )
        self.stdout.write(f"\n{'growth':<38}{'people':>10}{'before':>10}{'after':>10}{'exponent':>10}")
        for growth in growths:
            self.stdout.write(_grown(growth, before))


def _earlier(file: Path) -> Results:
    return json.loads(file.read_text()) if file.exists() else {}


def _grown(growth: Growth, results: Results) -> str:
    """0 is flat, 1 grows with the number of people."""
    small, big = _value(growth.small, results), _value(growth.big, results)
    if not (small and big):
        return f"{growth.name:<38}         -"
    exponent = math.log(big / small) / math.log(growth.times)
    return f"{growth.name:<38}{f'x {growth.times:.0f}':>10}{small:>10.2f}{big:>10.2f}{exponent:>10.2f}"


def _value(path: tuple[str, ...], results: Results) -> float | None:
    """Seconds of a step, or milliseconds of one of its pages."""
    result = results.get(path[0], {})
    return result.get("ours") if len(path) == 1 else result.get("pages", {}).get(path[1], {}).get("ms")


def _in_a_process(step: Step, side: str, scale: str) -> dict[str, Any]:
    manage = Path(settings.BASE_DIR) / "manage.py"
    run = subprocess.run(
        [sys.executable, str(manage), "bench", "--scale", scale, "--step", step.name, "--side", side],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        return {"error": (run.stderr.strip().splitlines() or ["failed"])[-1][:200]}
    return json.loads(run.stdout.strip().splitlines()[-1])


def _measured(step: Step, side: str) -> dict[str, Any]:
    work = getattr(step, side)
    times, said = [], None
    for _ in range(step.repeat):
        started = time.perf_counter()
        said = work()
        times.append(time.perf_counter() - started)
    answer = {"seconds": round(statistics.median(times), 4), "rss_mb": _peak()}
    if isinstance(said, dict) and step.name.startswith("pages"):
        return answer | {"pages": said}
    return answer | ({"note": said} if isinstance(said, str) else {})


def _peak() -> int:
    """MB of this process at most; ru_maxrss would begin with what the process that started it holds."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return round(int(line.split()[1]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _row(name: str, result: dict[str, Any]) -> str:
    ours, floor, peer = result["ours"], result["floor"], result["peer"]
    above = f"{ours / floor:.1f}" if ours and floor else "-"
    below = f"{peer / ours:.1f}" if ours and peer else "-"
    shown = ["-" if number is None else f"{number:.3f}" for number in (ours, floor, peer)]
    return _line(name, *shown, above, below, str(result["rss_mb"] or "-"), result["note"])


def _line(name: str, *cells: str) -> str:
    *numbers, note = cells
    return f"{name:<27}" + "".join(f"{cell:>10}" for cell in numbers) + f"  {note}"
