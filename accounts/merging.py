"""Word from the units to the rooms above that one ceases to report: each brings what it keeps of it over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from accounts import wall
from accounts.models import Unit, User

# (unit, into or None, its last day, by) → what was brought over, for the audit trail; raises NotAllowed
Follower = Callable[[Unit, Unit | None, dt.date, User | None], dict[str, int]]
_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """Call `follower` whenever a unit closes, in the same transaction; the same follower is kept once."""
    if follower not in _followers:
        _followers.append(follower)


def bring_over(unit: Unit, into: Unit | None, day: dt.date, by: User | None) -> dict[str, int]:
    """What all rooms brought over from `unit`, whose last day is `day`."""
    counts: dict[str, int] = {}
    with wall.opened("who closes a unit need not be one who sees its people"):
        for follower in _followers:
            counts |= follower(unit, into, day, by)
    return {name: count for name, count in counts.items() if count}
