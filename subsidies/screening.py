"""Ask schemes of everybody: the ledger's facts of a month in a few queries per 5,000 people, judged and kept.

The same month screened twice gives the same list: what counts is the ledger of the month, and a claim for the very
period that is screened does not stand in its own way.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from ledgers.models import Laborer, MonthlyRecord, WorkSpell
from lib import bulk, changes
from lib.identity import age_on
from lib.month import Month
from posts.models import Appointment, Attendance, AttendanceSheet
from subsidies.facts import ON_DUTY, TRAINED, Facts, Paid, Trained, Worked
from subsidies.models import Claim, Enrolment, SchemeVersion, Screened, Screening
from subsidies.rules import ENTITLED, NOT_ENTITLED, RESULTS, UNPROVEN, Rule, Verdict, judge

CHUNK = 5000
_SPELL = (
    "place_class", "region_code", "job_form", "employer", "monthly_wage", "has_contract", "has_insurance",
    "organised_by",
)  # fmt: skip


class Claimed(NamedTuple):
    household: int
    laborer: int
    paid: Paid


@dataclass(frozen=True)
class Person:
    """One person of a month: who, where, of which household, and the facts without what depends on the scheme."""

    laborer: int
    village: int
    household: int
    facts: Facts


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def people_of(
    records: QuerySet[MonthlyRecord], month: Month, first: Month, wants: frozenset[str] = frozenset()
) -> Iterator[Person]:
    """Everyone with one of these records of `month`, in order of their keys; work since `first`, what it `wants`."""
    rows = records.filter(month=month).order_by("laborer_id").values_list(
        "laborer_id", "village_id", "laborer__household_id", "is_poverty", "is_monitored",
        "laborer__household__risk_removed_on", "laborer__birth_date", "laborer__person_state", "laborer__ability",
        "laborer__student_state",
    )  # fmt: skip
    day = month.last_day
    for part in _parts(rows.iterator(chunk_size=CHUNK)):
        ids = [row[0] for row in part]
        worked, posts = _worked(ids, first, month), _post_months(ids, first, month)
        duty = _duty_months(ids, first, month) if ON_DUTY in wants else {}
        trained = _trained(ids, first, month) if TRAINED in wants else {}
        for laborer, village, household, poverty, monitored, removed, born, state, ability, student in part:
            yield Person(
                laborer, village, household,
                Facts(
                    month=month, age=age_on(born, day), is_poverty=poverty, is_monitored=monitored,
                    risk_removed=removed is not None and removed <= day, person_state=state, ability=ability,
                    student_state=student, worked=worked.get(laborer, ()), post_months=posts.get(laborer, ()),
                    duty_months=duty.get(laborer, ()), trained=trained.get(laborer, ()),
                ),
            )  # fmt: skip


def _worked(ids: list[int], first: Month, last: Month) -> dict[int, tuple[Worked, ...]]:
    """Month by month the spell the person was in, the one begun last where two touch."""
    spells = WorkSpell.objects.filter(
        bulk.among("laborer", ids), Q(ended=None) | Q(ended__gte=first), started__lte=last
    ).order_by("laborer_id", "started")
    window = [first + n for n in range(last - first + 1)]
    found: dict[int, dict[Month, Worked]] = defaultdict(dict)
    for laborer, started, ended, *rest in spells.values_list("laborer_id", "started", "ended", *_SPELL):
        begin = max(0, started - first)
        end = len(window) if ended is None else min(len(window), ended - first + 1)
        found[laborer].update((month, Worked(month, *rest)) for month in window[begin:end])
    return {laborer: tuple(months[one] for one in sorted(months)) for laborer, months in found.items()}


def _post_months(ids: list[int], first: Month, last: Month) -> dict[int, tuple[Month, ...]]:
    held = Appointment.objects.filter(
        bulk.among("laborer", ids),
        Q(ended_on=None) | Q(ended_on__gte=first.first_day),
        started_on__lte=last.last_day,
    )
    found: dict[int, set[Month]] = defaultdict(set)
    for laborer, started, ended in held.values_list("laborer_id", "started_on", "ended_on"):
        begin, end = max(Month.of(started), first), min(Month.of(ended) if ended else last, last)
        found[laborer].update(begin + n for n in range(end - begin + 1))
    return {laborer: tuple(sorted(months)) for laborer, months in found.items()}


def _duty_months(ids: list[int], first: Month, last: Month) -> dict[int, tuple[Month, ...]]:
    """Months with a day on duty on a checked sheet (YD-F06)."""
    lines = Attendance.objects.filter(
        bulk.among("appointment__laborer", ids), days__gte=1, sheet__state=AttendanceSheet.State.CHECKED,
        sheet__month__gte=first, sheet__month__lte=last,
    )  # fmt: skip
    found: dict[int, set[Month]] = defaultdict(set)
    for laborer, month in lines.values_list("appointment__laborer_id", "sheet__month"):
        found[laborer].add(month)
    return {laborer: tuple(sorted(months)) for laborer, months in found.items()}


def _trained(ids: list[int], first: Month, last: Month) -> dict[int, tuple[Trained, ...]]:
    """Classes that ended within the months, with the days attended; those an allowance pays are left out (YD-J05)."""
    rows = Enrolment.objects.eligible().filter(
        bulk.among("laborer", ids), allowance=None, training_class__ends_on__gte=first.first_day,
        training_class__ends_on__lte=last.last_day,
    )  # fmt: skip
    found: dict[int, list[Trained]] = defaultdict(list)
    for laborer, enrolment, days, ended in rows.order_by("pk").values_list(
        "laborer_id", "pk", "days", "training_class__ends_on"
    ):
        found[laborer].append(Trained(enrolment, days or 0, Month.of(ended)))
    return {laborer: tuple(rows) for laborer, rows in found.items()}


def claims_of(people: QuerySet[Laborer]) -> dict[int, list[Claimed]]:
    """Claims that are alive or paid, by household: what somebody, or somebody's family, has got already."""
    households = people.order_by().values("household")
    rows = Claim.objects.alive().filter(laborer__household__in=households).values_list(
        "laborer__household_id", "laborer_id", "code", "period", "month", "amount"
    )  # fmt: skip
    found: dict[int, list[Claimed]] = defaultdict(list)
    for household, laborer, code, period, month, amount in rows:
        found[household].append(Claimed(household, laborer, Paid(code, period, month.year, amount)))
    return found


@dataclass(frozen=True)
class Asked:
    """A scheme as it is asked in one month: since when it looks at work, and for which 所属期."""

    code: str
    rule: Rule
    first: Month
    period: str

    @classmethod
    def of(cls, code: str, rule: Rule, month: Month) -> Asked:
        return cls(code, rule, rule.first(month), rule.period(month))


def of_scheme(person: Person, asked: Asked, claims: dict[int, list[Claimed]]) -> Facts:
    """The person's facts as this scheme looks at them: its window, and claims other than for the same period."""
    facts, code, period = person.facts, asked.code, asked.period
    if facts.duty_months or facts.trained:
        facts = replace(
            facts, duty_months=tuple(one for one in facts.duty_months if one >= asked.first),
            trained=tuple(one for one in facts.trained if one.ended >= asked.first),
        )  # fmt: skip
    if facts.worked and facts.worked[0].month < asked.first:
        facts = replace(facts, worked=tuple(one for one in facts.worked if one.month >= asked.first))
    if around := claims.get(person.household):
        own = tuple(
            one.paid for one in around
            if one.laborer == person.laborer and (one.paid.code, one.paid.period) != (code, period)
        )  # fmt: skip
        others = sum(
            one.paid.amount for one in around
            if one.laborer != person.laborer and (one.paid.code, one.paid.period) == (code, period)
        )  # fmt: skip
        facts = replace(facts, paid=own, household_paid=others)
    return facts


def people_among(keys: Iterable[int], month: Month, asked: Asked) -> dict[int, Person]:
    """Of these people whoever has a record of `month`, by key, with the facts that the scheme wants."""
    records = MonthlyRecord.objects.filter(bulk.among("laborer", sorted(keys)))
    return {one.laborer: one for one in people_of(records, month, asked.first, asked.rule.wants)}


def judged(
    person: Person, asked: Asked, claims: dict[int, list[Claimed]], declared: Iterable[str] = ()
) -> tuple[Facts, Verdict]:
    """One person against one scheme, with the papers they bring."""
    facts = replace(of_scheme(person, asked, claims), declared=frozenset(declared))
    return facts, judge(asked.rule, facts)


def judge_person(
    scheme: SchemeVersion, person: Laborer, month: Month, declared: Iterable[str] = ()
) -> tuple[Facts, Verdict]:
    """One person against one scheme for `month`, with the papers they bring; NotAllowed without a monthly record."""
    asked = Asked.of(scheme.code, scheme.terms, month)
    found = people_among([person.pk], month, asked).get(person.pk)
    if found is None:
        raise NotAllowed(f"{person.name}没有{month.label}的月度记录，不能核算补贴。请先在台账中核对。")
    return judged(found, asked, claims_of(Laborer.objects.filter(pk=person.pk)), declared)


# ── screening ────────────────────────────────────────────────────────────────────────────────────────────────────


def verdicts(
    schemes: Sequence[tuple[str, Rule]], unit: Unit, month: Month
) -> Iterator[tuple[Person, list[Verdict]]]:
    """Everyone under `unit` in `month` with a verdict of each (code, rule); reads, never writes."""
    records = MonthlyRecord.objects.under(unit)
    every = [Asked.of(code, rule, month) for code, rule in schemes]
    claims = claims_of(Laborer.objects.under(unit))
    wants = frozenset().union(*(asked.rule.wants for asked in every))
    for person in people_of(records, month, min(asked.first for asked in every), wants):
        yield person, [judge(asked.rule, of_scheme(person, asked, claims)) for asked in every]


@transaction.atomic
def screen(
    schemes: Sequence[SchemeVersion],
    unit: Unit,
    month: Month,
    by: User | None,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Screening]:
    """Screen everyone under `unit` for every scheme and keep the lines; lines of an earlier run are replaced.

    `unit` is a county; `by` None is the system; `progress` is told how many people are done. NotAllowed where `by` may
    not, or a scheme is not approved.
    """
    if by is not None and not by.can("subsidy", "a", unit):
        raise NotAllowed(f"您没有在{unit.name}进行补贴筛查的权限，请由县专班发起。")
    if unit.level != Level.COUNTY:
        raise NotAllowed("补贴按县（市、区）筛查，请选择县（市、区）。")
    for scheme in schemes:
        if scheme.state != SchemeVersion.State.APPROVED:
            raise NotAllowed(f"{scheme}还没有批准，不能正式筛查；请先试算或批准。")
        if not scheme.terms.for_people:
            raise NotAllowed(f"{scheme}不由个人申请，不用筛查。")
    runs = [_begun(scheme, unit, month, by) for scheme in schemes]
    digests = [hashlib.sha256() for _ in runs]
    found_by: list[Counter[str]] = [Counter() for _ in runs]
    asked = [(scheme.code, scheme.terms) for scheme in schemes]
    done = 0
    villages: set[int] = set()
    for part in _parts(verdicts(asked, unit, month)):
        for place, (run, digest) in enumerate(zip(runs, digests, strict=True)):
            lines = [_line(person, found[place]) for person, found in part]
            digest.update(json.dumps(lines, ensure_ascii=False).encode())
            found_by[place].update(found[place].result for _, found in part)
            bulk.insert_many(Screened, ("screening", *_LINE), ([run.pk, *line] for line in lines))
        done += len(part)
        villages.update(person.village for person, _ in part)
        progress(done)
    changes.mark(month, villages)
    for run, digest, results in zip(runs, digests, found_by, strict=True):
        run.people, run.digest = done, digest.hexdigest()
        run.entitled, run.unproven = results[ENTITLED], results[UNPROVEN]
        run.save(update_fields=["people", "digest", "entitled", "unproven"])
        record("subsidy.screen", by, run, unit, month=str(month), scheme=run.scheme.name, people=done)
    return runs


_LINE = ("laborer", "village", "result", "letters", "values", "amount", "months")


def _line(person: Person, verdict: Verdict) -> tuple[Any, ...]:
    months = ",".join(str(one) for one in verdict.months)
    values = json.dumps(verdict.values, ensure_ascii=False)
    return (person.laborer, person.village, verdict.result, verdict.letters, values, verdict.amount, months)


def _begun(scheme: SchemeVersion, unit: Unit, month: Month, by: User | None) -> Screening:
    """The run, empty; of the scheme's other versions none is left for this month, so that nobody counts twice."""
    others = Screening.objects.filter(scheme__code=scheme.code, unit=unit, month=month).exclude(scheme=scheme)
    others.delete()
    run, new = Screening.objects.select_for_update().get_or_create(
        scheme=scheme, unit=unit, month=month, defaults={"made_by": by, "period": scheme.terms.period(month)}
    )
    if not new:
        lines = Screened.objects.filter(screening=run)
        lines._raw_delete(lines.db)  # nothing hangs on a line
        run.made_by, run.made_at = by, timezone.now()
        run.save(update_fields=["made_by", "made_at"])
    return run


def _parts(rows: Iterable) -> Iterator[list]:
    source = iter(rows)
    while part := list(islice(source, CHUNK)):
        yield part


__all__ = ["ENTITLED", "NOT_ENTITLED", "RESULTS", "UNPROVEN", "Person", "judge_person", "screen", "verdicts"]
