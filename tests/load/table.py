"""The table of a run: what was asked, how long it took, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable

from tests.load.browser import BROKEN, TIMEOUT
from tests.load.day import Sample
from tests.load.schedule import percentile

HEAD = f"{'phase':<12}{'request':<18}{'count':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'max ms':>8}  errors"


def rows(samples: list[Sample], phases: Iterable[str]) -> Iterable[str]:
    """A line for each request of each phase, and one for all reads and all saves of it."""
    for phase in phases:
        own = [sample for sample in samples if sample.phase == phase]
        for name in dict.fromkeys(sample.name for sample in own):
            yield _row(phase, name, [sample for sample in own if sample.name == name])


def _row(phase: str, name: str, samples: list[Sample]) -> str:
    took = [sample.took * 1000 for sample in samples]
    numbers = "".join(f"{percentile(took, percent):>8.0f}" for percent in (50, 95, 99, 100))
    return f"{phase:<12}{name:<18}{len(took):>7}{numbers}  {_errors(samples)}".rstrip()


def _errors(samples: list[Sample]) -> str:
    words = {TIMEOUT: "no answer in 30 s", BROKEN: "broken"}
    wrong = [words.get(sample.status, str(sample.status)) for sample in samples if not sample.fine]
    return ", ".join(f"{wrong.count(word)} x {word}" for word in sorted(set(wrong)))
