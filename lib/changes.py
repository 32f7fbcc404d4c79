"""Word from the rooms below to the rooms above that facts of a month changed, without the lower knowing the upper."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lib.month import Month

Listener = Callable[[Month, list[int]], None]
listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(month, village_ids)` whenever facts change; the same listener is kept once."""
    if listener not in listeners:
        listeners.append(listener)


def mark(month: Month, village_ids: Iterable[int]) -> None:
    """Facts of `month` in these villages changed: tell every listener, inside the caller's transaction."""
    changed = sorted(set(village_ids))
    if changed:
        for listener in listeners:
            listener(month, changed)
