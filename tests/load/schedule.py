"""When requests come, and what their times say. Arrivals are drawn beforehand, whatever the server does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random

Plan = list[tuple[float, str]]


def arrivals(rate: float, seconds: float, dice: Random) -> list[float]:
    """Moments in seconds from the beginning at which people who know nothing of each other ask, `rate` a second."""
    moments: list[float] = []
    at = dice.expovariate(rate) if rate else seconds
    while at < seconds:
        moments.append(at)
        at += dice.expovariate(rate)
    return moments


def plan(rates: Mapping[str, float], seconds: float, seed: str) -> Plan:
    """(moment, request) in the order of time; the same seed draws the same."""
    return sorted(
        (moment, name)
        for name, rate in rates.items()
        for moment in arrivals(rate, seconds, Random(f"{seed} {name}"))
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of all do not exceed (nearest rank); 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


def recovered_after(samples: Sequence[tuple[float, float]], bound: float) -> float | None:
    """Seconds until the 95th percentile of each second that follows stays within `bound`; None when it never does.

    `samples` are (second at which it was due, seconds it took).
    """
    buckets: dict[int, list[float]] = {}
    for due, took in samples:
        buckets.setdefault(int(due), []).append(took)
    if not buckets:
        return None
    slow = [second for second, took in buckets.items() if percentile(took, 95) > bound]
    if not slow:
        return 0.0
    return None if max(slow) == max(buckets) else max(slow) + 1.0
