"""Keep the values of every figure per unit and month: counted where the rows are, added up the tree, never averaged.

A unit's total is its own rows plus the totals of its children, in the tree as it stood at the end of the month. What
changed is marked (Stale) in the writer's transaction; only the marked units and those above them are computed again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Aggregate, Q, QuerySet, Sum
from django.db.models import Count as SqlCount

from accounts.models import Custody, Unit
from jobs import actions as jobs
from jobs.models import Job
from ledgers.models import MonthClosing
from lib import bulk
from lib.month import Month
from reports.figures import CATALOGUE, Count, Figure
from reports.models import FigureValue, Stale
from reports.sources import SOURCES, Source

KIND = "figures.recompute"
FEW = 400  # up to so many changed values are written by one statement
# The counted numbers of a unit, in a fixed order: numerators, and denominators that are counts of rows.
PARTS: list[tuple[Figure, str, Count]] = [
    (figure, part, count)
    for figure in CATALOGUE
    for part in ("numerator", "denominator")
    if isinstance(count := getattr(figure, part), Count)
]
PLACES = {(figure.id, part): place for place, (figure, part, _) in enumerate(PARTS)}
Totals = dict[int, list[int]]


@dataclass
class Tree:
    """The units to compute, deepest first, and those children of theirs whose stored totals are only read."""

    parents: dict[int, int | None] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    inside: list[int] = field(default_factory=list)

    @property
    def boundary(self) -> list[int]:
        inside = set(self.inside)
        return [unit for unit in self.paths if unit not in inside]


# ── marks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def mark_stale(month: Month, village_ids: Iterable[int]) -> None:
    """Remember, in the caller's transaction, that facts of these units changed; recompute soon after it commits."""
    Stale.objects.bulk_create(Stale(month=month, village_id=pk) for pk in village_ids)
    transaction.on_commit(start_recompute)


def start_recompute() -> None:
    """Ask for a recompute unless one is still waiting. One that runs may have read its marks already: queue another."""
    if not Job.objects.waiting().filter(kind=KIND).exists():
        jobs.start(KIND, owner=None, title="更新统计数字")


def recompute_stale() -> int:
    """Compute every marked month and delete the marks served, in one transaction per month. Returns marks served."""
    served = 0
    for month in sorted(set(Stale.objects.values_list("month", flat=True))):
        with transaction.atomic():
            _take_turns()
            marks = list(Stale.objects.filter(month=month).values_list("pk", "village_id", "marked_at"))
            if marks:
                _compute(month, _above(month, {unit for _, unit, _ in marks}), marks)
                _forget(pk for pk, _, _ in marks)
        served += len(marks)
    return served


@transaction.atomic
def recompute(month: Month, unit: Unit | None = None) -> int:
    """Compute the month for all units, or for `unit`, all below it and those above. Returns how many values changed.

    What a closed month keeps stays as it is, whatever happened to posts and workshops since.
    """
    _take_turns()
    marks = list(Stale.objects.filter(month=month).values_list("pk", "village_id", "marked_at"))
    tree = _whole(month) if unit is None else _branch(month, unit)
    inside = set(tree.inside)
    served = [mark for mark in marks if mark[1] in inside]
    written = _compute(month, tree, served)
    _forget(pk for pk, _, _ in served)
    return written


def _take_turns() -> None:
    """Two recomputes one after the other: each reads totals that the other writes."""
    list(Unit.objects.select_for_update(no_key=True).filter(parent=None).order_by("pk").values_list("pk"))


def _forget(marks: Iterable[int]) -> None:
    keys = list(marks)
    for start in range(0, len(keys), 5000):
        Stale.objects.filter(pk__in=keys[start : start + 5000]).delete()


# ── which units ──────────────────────────────────────────────────────────────────────────────────────────────────


def _whole(month: Month) -> Tree:
    return _tree(Custody.objects.on(month.last_day), lambda path: True)


def _branch(month: Month, unit: Unit) -> Tree:
    """`unit`, all below and all above it."""
    custody = Custody.objects.on(month.last_day)
    own = custody.filter(unit=unit).values_list("path", flat=True).first()
    if own is None:
        return Tree()
    above = set(_prefixes(own))
    beside = custody.filter(parent__in=custody.filter(path__in=above).values("unit"))
    rows = custody.filter(path__startswith=own) | custody.filter(path__in=above) | beside
    return _tree(rows, lambda path: path in above or path.startswith(own))


def _above(month: Month, units: set[int]) -> Tree:
    """The given units and all above them; beside them, for their totals, the other children of each."""
    custody = Custody.objects.on(month.last_day)
    marked = custody.filter(unit__in=units).values_list("path", flat=True)
    wanted = {prefix for path in marked for prefix in _prefixes(path)}
    above = custody.filter(path__in=wanted)
    return _tree(above | custody.filter(parent__in=above.values("unit")), lambda path: path in wanted)


def _tree(custody: QuerySet, is_inside) -> Tree:
    tree = Tree()
    rows = custody.order_by().values_list("unit_id", "parent_id", "path")
    for unit, parent, path in sorted(rows, key=lambda row: -row[2].count("/")):
        tree.parents[unit], tree.paths[unit] = parent, path
        if is_inside(path):
            tree.inside.append(unit)
    return tree


def _prefixes(path: str) -> Iterator[str]:
    """Paths of the unit and of all above it."""
    codes = path.rstrip("/").split("/")
    return ("/".join(codes[: n + 1]) + "/" for n in range(len(codes)))


# ── computing ────────────────────────────────────────────────────────────────────────────────────────────────────


def _compute(month: Month, tree: Tree, marks: list[tuple[int, int, dt.datetime]]) -> int:
    kept = _stored(month, tree)
    frozen = _frozen(month, tree, marks)
    totals: Totals = defaultdict(lambda: [0] * len(PARTS), _own(month, tree))
    for unit in tree.boundary:
        _add(totals, tree.parents[unit], kept.get(unit))
    for unit in tree.inside:
        if unit in frozen and unit in kept:
            totals[unit] = _keep_ledger(totals[unit], kept[unit])
        _add(totals, tree.parents[unit], totals[unit])
    return _write(month, tree, totals, kept)


def _add(totals: Totals, parent: int | None, child: list[int] | None) -> None:
    if parent is not None and child is not None:
        totals[parent] = [mine + theirs for mine, theirs in zip(totals[parent], child, strict=True)]


def _keep_ledger(fresh: list[int], kept: list[int]) -> list[int]:
    """Of a closed unit only what is not part of the ledger (calls, made after closing) may still change."""
    return [kept[place] if count.source.ledger else fresh[place] for place, (_, _, count) in enumerate(PARTS)]


def _own(month: Month, tree: Tree) -> Totals:
    """Rows of every unit itself: one grouped query per source."""
    own: Totals = {}
    for source in SOURCES:
        places = [place for place, (_, _, count) in enumerate(PARTS) if count.source is source]
        for unit, *numbers in _grouped(source, month, tree, [PARTS[place][2] for place in places]):
            row = own.setdefault(unit, [0] * len(PARTS))
            for place, number in zip(places, numbers, strict=True):
                row[place] = number
    return own


def _grouped(source: Source, month: Month, tree: Tree, counts: list[Count]) -> Iterator[tuple]:
    """(unit, number of rows that meet each of `counts`, or the sum of their fen) for the units of the tree."""
    distinct = list(dict.fromkeys((count.where, count.of) for count in counts))
    names = [f"n{place}" for place in range(len(distinct))]
    numbers = {name: _aggregate(where, of) for name, (where, of) in zip(names, distinct, strict=True)}
    rows = source.rows(month).order_by()
    if tree.boundary:
        rows = rows.filter(**{f"{source.unit}__in": tree.inside})
    inside = set(tree.inside)
    order = [distinct.index((count.where, count.of)) for count in counts]
    for unit, *found in rows.values(source.unit).annotate(**numbers).values_list(source.unit, *names):
        if unit in inside:
            yield unit, *(found[place] or 0 for place in order)


def _aggregate(where: Q, of: str) -> Aggregate:
    kept = where or None
    return Sum(of, filter=kept) if of else SqlCount("pk", filter=kept)


def _stored(month: Month, tree: Tree) -> Totals:
    """Totals as they stand, of every unit that has been computed before (its first figure is kept even when zero)."""
    rows = FigureValue.objects.filter(month=month)
    if tree.boundary:
        rows = rows.filter(unit__in=list(tree.paths))
    stored: Totals = {}
    for unit, figure, numerator, denominator in rows.values_list(
        "unit_id", "figure", "numerator", "denominator"
    ):
        row = stored.setdefault(unit, [0] * len(PARTS))
        for part, number in (("numerator", numerator), ("denominator", denominator)):
            if (place := PLACES.get((figure, part))) is not None:
                row[place] = number or 0
    return stored


def _frozen(month: Month, tree: Tree, marks: list[tuple[int, int, dt.datetime]]) -> set[int]:
    """Units whose month is closed, except where facts changed before the closing and still wait to be counted."""
    closings = dict(
        MonthClosing.objects.filter(month=month, reopened_at=None).values_list("unit__code", "closed_at")
    )
    if not closings:
        return set()
    owed = {
        prefix
        for _, unit, marked in marks
        if unit in tree.paths and not _closed_before(tree.paths[unit], closings, marked)
        for prefix in _prefixes(tree.paths[unit])
    }
    return {
        unit for unit in tree.inside if (path := tree.paths[unit]) not in owed and _closed(path, closings)
    }


def _closed(path: str, closings: dict[str, dt.datetime]) -> list[dt.datetime]:
    """When this unit's month was closed, by itself or from above."""
    return [closings[code] for code in path.rstrip("/").split("/") if code in closings]


def _closed_before(path: str, closings: dict[str, dt.datetime], moment: dt.datetime) -> bool:
    return any(closed < moment for closed in _closed(path, closings))


def _write(month: Month, tree: Tree, totals: Totals, kept: Totals) -> int:
    """Write what differs from what is stored; a zero is stored only where something else stood before."""
    nothing = [0] * len(PARTS)
    rows = []
    for unit in tree.inside:
        new, old = totals[unit], kept.get(unit, nothing)
        if new == old and unit in kept:
            continue
        for figure in CATALOGUE:
            values = _pair(figure, new)
            if values != _pair(figure, old) or (figure is CATALOGUE[0] and unit not in kept):
                rows.append((month, unit, figure.id, *values))
    if len(rows) > FEW:
        columns = ("month", "unit", "figure", "numerator", "denominator")
        bulk.upsert(FigureValue, columns, rows, key=("month", "unit", "figure"))
    elif rows:
        FigureValue.objects.bulk_create(
            [
                FigureValue(month=m, unit_id=unit, figure=figure, numerator=n, denominator=d)
                for m, unit, figure, n, d in rows
            ],
            update_conflicts=True,
            unique_fields=["month", "unit", "figure"],
            update_fields=["numerator", "denominator"],
        )
    return len(rows)


def _pair(figure: Figure, totals: list[int]) -> tuple[int, int | None]:
    place = PLACES.get((figure.id, "denominator"))
    return totals[PLACES[figure.id, "numerator"]], None if place is None else totals[place]
