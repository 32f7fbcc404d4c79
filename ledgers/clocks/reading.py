"""Lists and counts of what runs: at which moment, how late, since when, and what was done last."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, Value
from django.utils import timezone

from accounts import wall
from accounts.models import Unit, User
from ledgers import codes
from ledgers.clocks.allowance import Allowance, day_of, left, midnight
from ledgers.clocks.table import ABLE, CLOCKS, LAST_OWED, OWED, Clock, Reach
from ledgers.models import Contact, Household, Laborer, Service
from lib.month import SHANGHAI, Month

WHY = "who waits is asked of the services, contacts and spells of people within reach"
LATE, TODAY, RUNNING = "late", "today", "open"
STATES = {LATE: ("已超期", "bad"), TODAY: ("今天到期", "warn"), RUNNING: ("未到期", "")}


def moment(newest: Month | None) -> dt.datetime:
    """Now; of a ledger that ended two months ago or earlier, the end of its last month, so that it stays readable."""
    now = timezone.now().astimezone(SHANGHAI)
    if newest is None or Month.of(now) - newest < 2:
        return now
    return midnight((newest + 1).first_day) - dt.timedelta(minutes=1)


def _before(clock: Clock, at: dt.datetime) -> Q:
    """Rows of the clock whose time is over at `at`."""
    first = clock.allowance.first_in_time(at) if clock.allowance else at
    if clock.kind == "moment":
        return Q(started__lt=first)
    day = first.date()
    return Q(started__lt=day) if clock.kind == "day" else Q(started__lt=str(Month.of(day - _DAY)))


_DAY = dt.timedelta(days=1)


def _conditions(clock: Clock, at: dt.datetime) -> dict[str, Q]:
    tomorrow = midnight(at.astimezone(SHANGHAI).date() + _DAY)
    late, soon = _before(clock, at), _before(clock, tomorrow)
    return {LATE: late, TODAY: soon & ~late, RUNNING: ~soon}


def gone_up(clock: Clock, at: dt.datetime) -> Q:
    """Late for so long that the county is told."""
    most = dt.timedelta(days=settings.CLOCK_ESCALATION_DAYS)
    return _before(clock, at - clock.allowance.grace(most)) if clock.allowance else Q(pk__in=[])


def reach(user: User, unit: Unit) -> Reach:
    """The villages of the unit whose services the user may see."""
    return list(
        Unit.objects.visible_to(user, "service")
        .under(unit)
        .villages()
        .order_by()
        .values_list("pk", flat=True)
    )


def rows(clock: Clock, villages: Reach, at: dt.datetime, state: str = "") -> QuerySet:
    """What runs, the most urgent first."""
    with wall.opened(WHY):
        found = clock.running(villages, at)
    if clock.allowance is None:
        return found.order_by("village__sort_path", "pk")
    if state in STATES:
        found = found.filter(_conditions(clock, at)[state])
    return found.order_by("started", "pk")


def late(villages: Reach, at: dt.datetime, for_county: bool = False) -> dict[str, int]:
    """Name of the clock → how many are late; for the county, those that have gone up to it."""
    over = gone_up if for_county else _before
    with wall.opened(WHY):
        parts = [
            clock.running(villages, at).filter(over(clock, at)).order_by().values_list(Value(clock.name))
            for clock in CLOCKS
        ]
        return dict(Counter(name for (name,) in parts[0].union(*parts[1:], all=True)))


# ── one page of rows, with what a person needs to act ────────────────────────────────────────────────────────────


@dataclass
class Line:
    """One row of the list; `person` is whose page one goes to."""

    name: str
    person: Laborer | None
    household: Household | None
    village: Unit
    last: str
    since: str = ""
    due: str = ""
    left: str = ""
    state: str = ""

    @property
    def chip(self) -> tuple[str, str]:
        """How long it still has, and the tone of that."""
        name, tone = STATES[self.state]
        return (f"{name}，{self.left}" if self.state == TODAY else self.left), tone


def lines(clock: Clock, found: QuerySet, at: dt.datetime) -> list[Line]:
    """A handful of queries, however many rows the slice has; who is shown passes the wall."""
    with wall.opened(WHY):
        running = list(found.values("pk", *found.query.annotations))
    keys = [row["pk"] for row in running]
    shown = found.model._default_manager.select_related("village__parent")
    subjects = (shown if clock.of_households else shown.defer("id_no", "phone")).in_bulk(keys)
    members: dict[int, list[Laborer]] = {
        pk: [] if clock.of_households else [one] for pk, one in subjects.items()
    }
    if clock.of_households:
        people = Laborer.objects.filter(ABLE, household__in=members).defer("id_no", "phone")
        for person in people.order_by("birth_date", "pk"):
            members[person.household_id].append(person)
    steps = _last_steps([person.pk for family in members.values() for person in family])
    return [
        _line(clock, row, subjects[row["pk"]], members[row["pk"]], at, steps)
        for row in running
        if row["pk"] in subjects
    ]


Steps = dict[int, tuple[dt.datetime, str]]


def _line(
    clock: Clock, row: dict[str, Any], one: Any, family: list[Laborer], at: dt.datetime, steps: Steps
) -> Line:
    done = [steps[person.pk] for person in family if person.pk in steps]
    last = _dated(*max(done)) if done else ""
    if clock.key == "graduate":
        last = "，".join(part for part in (last, owed(row)) if part)
    name = f"{one.head_name or one.number}户" if clock.of_households else one.name
    person, household = family[-1] if family else None, one if clock.of_households else None
    line = Line(name, person, household, one.village, last)
    if clock.allowance:
        start = Month.parse(row["started"]) if clock.kind == "month" else row["started"]
        due = clock.allowance.due(start)
        line.since, line.due = _hour_or_day(clock.allowance, start), _due(clock.allowance, due)
        line.state, line.left = state_of(clock.allowance, due, at), left(due, max(at, _moment_of(start)))
    return line


def state_of(allowance: Allowance, due: dt.datetime, at: dt.datetime) -> str:
    """已超期, 今天到期 or 未到期."""
    if allowance.is_over(due, at):
        return LATE
    return TODAY if allowance.last_day(due) == at.astimezone(SHANGHAI).date() else RUNNING


def _moment_of(start: Any) -> dt.datetime:
    return start if isinstance(start, dt.datetime) else midnight(day_of(start))


def _hour_or_day(allowance: Allowance, start: Any) -> str:
    """A start as the limit is counted from it."""
    if allowance.hours:
        local = start.astimezone(SHANGHAI)
        return f"{_day(local.date())}{local:%H:%M}"
    return _day(day_of(start))


def _due(allowance: Allowance, due: dt.datetime) -> str:
    return _hour_or_day(allowance, due if allowance.hours else allowance.last_day(due))


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _dated(at: dt.datetime, words: str) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{words}"


def owed(row: dict[str, Any]) -> str:
    """What of 1131 a graduate still lacks."""
    missing = [
        f"{kind}{number - row[f'had{place}']}次"
        for place, (kind, number) in enumerate(OWED)
        if row[f"had{place}"] < number
    ]
    if not row["trained"]:
        missing.append(f"{'或'.join(LAST_OWED)}1次")
    return f"还缺{'、'.join(missing)}" if missing else ""


def _last_steps(people: list[int]) -> Steps:
    """What was done last for each: a contact or a service, whichever is later."""
    steps: Steps = {}
    contacts = Contact.objects.filter(laborer__in=people, undone_at=None).defer("shown").order_by("at", "pk")
    for contact in contacts:
        steps[contact.laborer_id] = (contact.at, f"{contact.how}{contact.get_outcome_display()}")
    for service in Service.objects.standing().filter(laborer__in=people).order_by("on", "at", "pk"):
        step = (midnight(service.on), told(service))
        steps[service.laborer_id] = max(step, steps.get(service.laborer_id, step))
    return steps


def told(service: Service) -> str:
    """A service in a few words: 岗位推介（示例电子厂，不愿意）."""
    parts = [part for part in (service.employer, service.post, service.outcome) if part]
    return f"{service.kind}（{'，'.join(parts)}）" if parts else service.kind


def counted(services: Iterable[Service], year: int) -> str:
    """Block F from the services of the year: 职业指导2次、职业介绍1次, or an empty string."""
    numbers: dict[str, int] = defaultdict(int)
    for service in services:
        if service.undone_at is None and service.on.year == year:
            numbers[codes.ON_FORM.get(service.kind, service.kind)] += 1
    return "、".join(f"{name}{numbers[name]}次" for name in codes.SERVICES if numbers[name])
