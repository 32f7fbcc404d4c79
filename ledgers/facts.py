"""The monthly facts: what one person's ledger entries say about one month, written in bulk, in open months only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import wall
from accounts.audit import record
from accounts.models import Unit, User
from ledgers.codes import VERIFY_STATES
from ledgers.counting import decide
from ledgers.models import Laborer, MonthClosing, MonthlyRecord, WorkSpell
from ledgers.periods import ensure_open, period_state
from lib import bulk, changes
from lib.month import Month

CHUNK = 5000
# What a refresh may set; verification, ticks and declared sums belong to whoever filled them in.
COMPUTED = (
    "village",
    "is_poverty",
    "is_monitored",
    "working",
    "place_class",
    "region_code",
    "job_form",
    "industry",
    "employer",
    "monthly_wage",
    "months",
    "income",
    "reason",
)
# What a 采集表 states about a month itself; a refresh writes it only when told to.
STATED = ("declared", "ticked_months", "flexible_days", "verify_state")
IDLE = ("", "", "", "", "", None)  # place class … wage of someone who does not work


class Spell(NamedTuple):
    """A WorkSpell as far as a month's fact needs it."""

    started: Month
    ended: Month | None
    place_class: str
    region_code: str
    job_form: str
    industry: str
    employer: str
    monthly_wage: int | None

    def covers(self, month: Month) -> bool:
        return self.started <= month and (self.ended is None or self.ended >= month)


class Declared(NamedTuple):
    """The sums a 采集表 states itself (A15, A16); each wins over what the spells add up to."""

    months: Decimal | None
    income: int | None


class Stated(NamedTuple):
    """One record as a sheet states it: sums (or None where the spells are to be added up), and STATED."""

    sums: Declared | None
    ticked_months: str = ""
    flexible_days: int | None = None
    verify_state: str = VERIFY_STATES[0]

    @property
    def values(self) -> tuple:
        return (self.sums is not None, *self[1:])


def year_to_date(spells: Sequence[Spell], month: Month) -> tuple[Decimal, int]:
    """(个月, 元) since the start of the statistical year (上年度10月).

    Each month counts once, at the wage of the spell begun last.
    """
    if not spells:
        return Decimal(0), 0
    window = _year_so_far(month, settings.STATISTICAL_YEAR_START)
    worked = [spell for spell in (at(spells, one) for one in window) if spell]
    return Decimal(len(worked)), sum(spell.monthly_wage or 0 for spell in worked)


# Asked for every person of a ledger, with the same month each time.
_year_so_far = lru_cache(maxsize=64)(Month.months_so_far)


def at(spells: Sequence[Spell], month: Month) -> Spell | None:
    """The spell the person was in during `month`: the one begun last, when several touch it."""
    touching = [spell for spell in spells if spell.covers(month)]
    return max(touching, key=lambda spell: spell.started) if len(touching) > 1 else next(iter(touching), None)


def month_to_begin(unit: Unit) -> Month | None:
    """The month whose records are still to be made: the newest one while a village waits for it, else the next.

    None before the first records, when that month is closed, and when it is still to come.
    """
    newest = MonthlyRecord.objects.under(unit).order_by("-month").values_list("month", flat=True).first()
    if newest is None:
        return None
    for month in (newest, newest + 1):
        if period_state(unit, month).is_open and (month > newest or _a_village_waits(unit, newest)):
            return month
    return None


def _a_village_waits(unit: Unit, month: Month) -> bool:
    """Whether a village with people has no record of `month`, though nobody closed it there."""
    people = Laborer.objects.filter(village=OuterRef("pk"))
    records = MonthlyRecord.objects.filter(village=OuterRef("pk"), month=month)
    villages = Unit.objects.under(unit).villages().filter(Exists(people)).exclude(Exists(records))
    return villages.exists() and villages.exclude(pk__in=closed_villages(month).values("pk")).exists()


def without_record(unit: Unit, month: Month) -> QuerySet[Laborer]:
    """Everyone under `unit` whom opening `month` would give a record."""
    people = Laborer.objects.under(unit).exclude(records__month=month)
    return people.exclude(village__in=closed_villages(month).values("pk"))


@transaction.atomic
def open_month(unit: Unit, month: Month, by: User | None) -> int:
    """Give everyone under `unit` a record of `month` who has none yet, 未核实. Returns how many were made."""
    ensure_open(unit, month)
    made = _write(month, without_record(unit, month), {})
    if made:
        record("month.open", by, f"month:{month}", unit, month=str(month), people=made)
    return made


@transaction.atomic
def refresh(
    month: Month,
    laborer_ids: Iterable[int] | None = None,
    unit: Unit | None = None,
    stated: Mapping[int, Stated] | None = None,
) -> int:
    """Compute the month's records of these people (or all under `unit`) again; villages that closed it are left alone.

    `stated` gives, by laborer, what a sheet says about the record itself; all other records keep that part.
    Returns how many records were made or changed. Unchanged records are not written.
    """
    stated = stated or {}
    if laborer_ids is None:
        people = Laborer.objects.under(unit) if unit else Laborer.objects.all()
        return _write(month, people, stated)
    ids = iter(set(laborer_ids))
    return sum(_write(month, Laborer.objects.filter(bulk.among("pk", part)), stated) for part in _parts(ids))


def refigure(unit: Unit, since: dt.date) -> None:
    """What counts in the unit's months from that day on changed: their figures are to be computed again."""
    refigure_all([unit.pk], since)


def refigure_all(villages: Iterable[int], since: dt.date) -> None:
    """The same of many villages at once."""
    rows = MonthlyRecord.objects.filter(
        bulk.among("village", sorted(set(villages))), month__gte=Month.of(since)
    )
    touched: dict[Month, list[int]] = defaultdict(list)
    for month, village in rows.order_by().values_list("month", "village").distinct():
        touched[month].append(village)
    for month in sorted(touched):
        changes.mark(month, touched[month])


def closed_villages(month: Month) -> QuerySet[Unit]:
    """Villages for which `month` is closed, by themselves or by any unit above them."""
    closings = MonthClosing.objects.filter(month=month, reopened_at=None).values_list("unit__path", flat=True)
    condition = Q(pk__in=[])
    for path in closings:
        condition |= Q(path__startswith=path)
    return Unit.objects.filter(condition).order_by()


def _write(month: Month, people: QuerySet[Laborer], stated: Mapping[int, Stated]) -> int:
    if MonthClosing.objects.filter(month=month, reopened_at=None).exists():
        people = people.exclude(village__in=closed_villages(month).values("pk"))
    facts = people.order_by("pk").values_list(
        "pk",
        "village_id",
        "person_state",
        "ability",
        "household__poverty_kind",
        "household__monitor_kind",
        "household__risk_removed_on",
    )
    written = 0
    villages: set[int] = set()
    for part in _parts(facts.iterator(chunk_size=CHUNK)):
        ids = [row[0] for row in part]
        spells, declared = _spells(ids, month), _declared(ids, month)
        told: list[list] = []
        computed: list[list] = []
        for row in part:
            one = stated.get(row[0])
            sums = one.sums if one else declared.get(row[0])
            fact = [row[0], month, row[1], *_facts(row, spells.get(row[0], ()), sums, month)]
            if one:
                told.append([*fact, *one.values])
            else:
                computed.append(fact)
        written += _upsert(computed, COMPUTED) + _upsert(told, (*COMPUTED, *STATED))
        villages.update(row[1] for row in part)
    if written:
        changes.mark(month, villages)
    return written


def _upsert(rows: list[list], columns: tuple[str, ...]) -> int:
    key = ("laborer", "month")
    with wall.opened("a record counted where the person lived before follows its person"):
        return bulk.upsert(MonthlyRecord, (*key, *columns), rows, key, columns) if rows else 0


def _spells(ids: list[int], month: Month) -> dict[int, list[Spell]]:
    start = month.months_so_far(settings.STATISTICAL_YEAR_START)[0]
    found: dict[int, list[Spell]] = defaultdict(list)
    rows = WorkSpell.objects.filter(
        bulk.among("laborer", ids), Q(ended=None) | Q(ended__gte=start), started__lte=month
    ).values_list("laborer_id", *Spell._fields)
    for laborer, *values in rows:
        found[laborer].append(Spell(*values))
    return found


def _declared(ids: list[int], month: Month) -> dict[int, Declared]:
    rows = MonthlyRecord.objects.filter(bulk.among("laborer", ids), month=month, declared=True)
    with wall.opened("what was declared of these people, wherever they lived then"):
        found = list(rows.values_list("laborer_id", "months", "income"))
    return {pk: Declared(months, income) for pk, months, income in found}


def _facts(row: tuple, spells: Sequence[Spell], declared: Declared | None, month: Month) -> list:
    """The values of COMPUTED after the village, in order."""
    _, _, state, ability, poverty, monitor, risk_removed = row
    is_poverty = poverty == "脱贫户" or monitor == "脱贫不稳定户"
    is_monitored = bool(monitor) and risk_removed is None
    spell = at(spells, month)
    months, income = declared or (None, None)
    if months is None or income is None:
        worked, earned = year_to_date(spells, month)
        months, income = worked if months is None else months, earned if income is None else income
    place = (
        (
            spell.place_class,
            spell.region_code,
            spell.job_form,
            spell.industry,
            spell.employer,
            spell.monthly_wage,
        )
        if spell
        else IDLE
    )
    reason = decide(
        in_population=is_poverty or is_monitored,
        person_state=state,
        ability=ability,
        working=spell is not None,
        job_form=place[2],
        place_class=place[0],
        months=months,
        income=income,
    )
    return [is_poverty, is_monitored, spell is not None, *place, months, income, reason]


def _parts(rows: Iterable) -> Iterator[list]:
    source = iter(rows)
    while part := list(islice(source, CHUNK)):
        yield part
