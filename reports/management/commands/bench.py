"""bench: how long the long works take, beside a floor and a stock library, all in one run."""

from __future__ import annotations

import argparse
import json
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
from reports.bench.steps import FOLDER, STEPS, Step

SIDES = ("floor", "peer", "ours")  # ours last: it leaves its rows for the next step


class Command(BaseCommand):
    help = "Measure on an empty database (make bench gives it one) and write build/bench.json."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--step", help="one step, in this process")
        parser.add_argument("--side", choices=SIDES, default="ours")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["step"]:
            step = next(step for step in STEPS if step.name == options["step"])
            self.stdout.write(json.dumps(_measured(step, options["side"])))
            return
        call_command("migrate", verbosity=0)
        if Unit.objects.exists():
            raise CommandError("性能测量要用空数据库，请运行 make bench。")
        FOLDER.mkdir(parents=True, exist_ok=True)
        workbook.write(FOLDER)
        results = {}
        self.stdout.write(_line("", "ours s", "floor s", "peer s", "x floor", "peer /", "MB", ""))
        for step in STEPS:
            results[step.name] = result = self._step(step)
            self.stdout.write(_row(step.name, result))
        out = Path(settings.BASE_DIR) / "build" / "bench.json"
        out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")

    def _step(self, step: Step) -> dict[str, Any]:
        """All sides of a step, each in its own process; a side that fails is null and says so in the note."""
        found = {side: _in_a_process(step, side) for side in SIDES if getattr(step, side)}
        notes = [
            step.note,
            *(f"{side}: {answer['error']}" for side, answer in found.items() if "error" in answer),
        ]
        seconds = {side: found.get(side, {}).get("seconds") for side in SIDES}
        if seconds["peer"] is not None:
            seconds["peer"] = round(seconds["peer"] * step.peer_times, 3)
        rss = found["ours"].get("rss_mb")
        return {side: seconds[side] for side in ("ours", "floor", "peer")} | {
            "rss_mb": rss,
            "note": "; ".join(filter(None, notes)),
        }


def _in_a_process(step: Step, side: str) -> dict[str, Any]:
    manage = Path(settings.BASE_DIR) / "manage.py"
    run = subprocess.run(
        [sys.executable, str(manage), "bench", "--step", step.name, "--side", side],
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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer = {"seconds": round(statistics.median(times), 4), "rss_mb": round(peak)}
    return answer | ({"note": said} if isinstance(said, str) else {})


def _row(name: str, result: dict[str, Any]) -> str:
    ours, floor, peer = result["ours"], result["floor"], result["peer"]
    above = f"{ours / floor:.1f}" if ours and floor else "-"
    below = f"{peer / ours:.1f}" if ours and peer else "-"
    shown = ["-" if number is None else f"{number:.3f}" for number in (ours, floor, peer)]
    return _line(name, *shown, above, below, str(result["rss_mb"] or "-"), result["note"])


def _line(name: str, *cells: str) -> str:
    *numbers, note = cells
    return f"{name:<27}" + "".join(f"{cell:>10}" for cell in numbers) + f"  {note}"
