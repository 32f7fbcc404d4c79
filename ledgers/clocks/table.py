"""The clocks: who starts each, how long it allows, what stops it, under which rule. One row per clock.

Each names a function from (villages, moment) to the rows that still run, with `started` on them. What stops a clock
takes its row off that list by itself, because the list is asked from the ledger each time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import (
    CharField,
    Count,
    DateField,
    Exists,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Substr

from ledgers import codes
from ledgers.clocks.allowance import Allowance
from ledgers.models import (
    Contact,
    Household,
    Intention,
    Laborer,
    MonthlyRecord,
    Service,
    WorkSpell,
    ZeroEmployment,
)
from lib.bulk import among
from lib.month import Month

OFFERS = 3  # posts offered to a returnee before a refusal counts as an answer
# 1131: how many of each a graduate is owed; either of the last two will do.
OWED = (("政策宣讲", 1), ("职业指导", 1), (codes.OFFER, 3))
LAST_OWED = (codes.TRAINING, codes.TRAINEESHIP)
DEGREES = codes.EDUCATIONS[4:]
GRADUATE_MONTHS = 24  # 离校两年内
ABLE = Q(person_state=codes.NORMAL, ability__in=codes.COLLECTED_ABILITIES)
WILLING = Q(intention__plans_out=None) | Q(intention__plans_out=True)


Reach = list[
    int
]  # keys of villages: as a list, because PostgreSQL walks a subquery of units once for each person


class LocalDay(Func):
    """The day of a moment in Shanghai; TruncDate would call Python for each row of SQLite."""

    output_field = DateField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="date(%(expressions)s, '+8 hours')", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "(%(expressions)s AT TIME ZONE 'Asia/Shanghai')::date"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True)
class Clock:
    """`kind` is what the start is kept as: a moment, a day, or a month whose end starts it. No allowance: no limit."""

    key: str
    name: str
    starts: str
    stops: str
    rule: str
    running: Callable[[Reach, dt.datetime], QuerySet]
    allowance: Allowance | None = None
    kind: str = "moment"
    of_households: bool = False


def _people(villages: Reach) -> QuerySet[Laborer]:
    return Laborer.objects.filter(ABLE, among("village", villages))


def at_work(person: str = "pk") -> Exists:
    """Whether the person whose key is `person` has work that has not ended."""
    return Exists(WorkSpell.objects.filter(laborer=OuterRef(person), ended=None))


def _employed() -> Exists:
    return Exists(WorkSpell.objects.filter(laborer__household=OuterRef("pk"), ended=None))


def _served(since: str, **more) -> QuerySet[Service]:
    """Services of the person since the day of `since`, which is annotated on the row outside."""
    return Service.objects.standing().filter(laborer=OuterRef("pk"), on__gte=OuterRef(since), **more)


def _number(rows: QuerySet[Service]) -> Coalesce:
    counted = rows.order_by().values("laborer").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


# ── returnees ────────────────────────────────────────────────────────────────────────────────────────────────────


def _returned(villages: Reach) -> QuerySet[Laborer]:
    """Returnees who are not at work, with the hour they were registered and its day."""
    registered = "intention__return_registered_at"
    people = _people(villages).filter(**{f"{registered}__isnull": False, "intention__is_returned": True})
    return people.exclude(at_work()).annotate(started=F(registered), since=LocalDay(registered))


def to_contact(villages: Reach, at: dt.datetime) -> QuerySet[Laborer]:
    reached = Contact.objects.filter(laborer=OuterRef("pk"), at__gte=OuterRef("started"), undone_at=None)
    reached = reached.exclude(outcome=Contact.Outcome.UNREACHABLE)
    return _returned(villages).exclude(Exists(reached)).exclude(Exists(_served("since")))


def to_offer(villages: Reach, at: dt.datetime) -> QuerySet[Laborer]:
    offers = _number(_served("since", kind=codes.OFFER))
    return _returned(villages).filter(WILLING).annotate(offers=offers).filter(offers__lt=OFFERS)


def to_place(villages: Reach, at: dt.datetime) -> QuerySet[Laborer]:
    """Who refused three posts is picky (挑拣): served on, without this limit."""
    refused = _number(_served("since", kind=codes.OFFER, outcome=codes.REFUSED))
    people = _returned(villages).filter(WILLING).annotate(refused=refused).filter(refused__lt=OFFERS)
    return people.exclude(Exists(_served("since", outcome=codes.PLACED)))


# ── wishes and graduates ─────────────────────────────────────────────────────────────────────────────────────────


def to_train(villages: Reach, at: dt.datetime) -> QuerySet[Laborer]:
    wishes = Intention.objects.filter(wish_registered_at__isnull=False, wants_training=True).values("pk")
    people = _people(villages).filter(pk__in=wishes)  # found by their index, which is of few people
    wished = "intention__wish_registered_at"
    people = people.annotate(started=F(wished), since=LocalDay(wished))
    return people.exclude(Exists(_served("since", kind=codes.TRAINING)))


def graduates(villages: Reach, at: dt.datetime) -> QuerySet[Laborer]:
    """Willing graduates of the last two years without work whose 1131 is not complete."""
    since = Month.of(at) - GRADUATE_MONTHS
    people = _people(villages).filter(WILLING, education__in=DEGREES, graduated_in__gte=since)
    lost = Substr(Cast("intention__unemployed_on", CharField()), 1, 7)
    left = Cast("graduated_in", CharField())
    people = people.annotate(started=Greatest(left, Coalesce(lost, Value("")), output_field=CharField()))
    for number, (kind, _) in enumerate(OWED):
        people = people.annotate(**{f"had{number}": _number(_of_kind(kind))})
    people = people.annotate(trained=Exists(_of_kind(*LAST_OWED)))
    complete = Q(trained=True)
    for number, (_, owed) in enumerate(OWED):
        complete &= Q(**{f"had{number}__gte": owed})
    return people.exclude(at_work()).exclude(complete)


def _of_kind(*kinds: str) -> QuerySet[Service]:
    return Service.objects.standing().filter(laborer=OuterRef("pk"), kind__in=kinds)


# ── households ───────────────────────────────────────────────────────────────────────────────────────────────────


def _households(villages: Reach) -> QuerySet[Household]:
    return Household.objects.filter(among("village", villages))


def _has_labour() -> Exists:
    return Exists(Laborer.objects.filter(ABLE, household=OuterRef("pk")))


def _recognised(villages: Reach) -> QuerySet[Household]:
    open_one = FilteredRelation("recognitions", condition=Q(recognitions__cleared_on=None))
    found = _households(villages).annotate(zero=open_one).filter(zero__isnull=False)
    return found.annotate(started=F("zero__recognised_on"))


def zero_households(villages: Reach, at: dt.datetime) -> QuerySet[Household]:
    return _recognised(villages).exclude(_employed())


def relocated(villages: Reach, at: dt.datetime) -> QuerySet[Household]:
    """Since the month in which somebody last worked, or the first one the ledger knows.

    The few households are found first: PostgreSQL would look the months of all of them up.
    """
    found = _households(villages).filter(is_relocated=True).exclude(_employed()).values_list("pk", flat=True)
    rows = MonthlyRecord.objects.filter(laborer__household=OuterRef("pk")).order_by()
    last = rows.filter(working=True).values("laborer__household").annotate(m=Max("month")).values("m")
    first = rows.order_by("month").values("month")[:1]
    since = Coalesce(Subquery(last), Subquery(first), output_field=CharField())
    idle = Household.objects.filter(among("pk", list(found))).filter(_has_labour())
    return idle.annotate(started=since).filter(started__isnull=False)


def to_recognise(villages: Reach, at: dt.datetime) -> QuerySet[Household]:
    """Labour that wants work and nobody employed: what a 零就业户 is before anybody said so."""
    willing = Intention.objects.filter(plans_out=True).values("pk")
    homes = Laborer.objects.filter(ABLE, pk__in=willing).values("household")
    found = _households(villages).filter(pk__in=homes).exclude(_employed())
    return found.exclude(Exists(ZeroEmployment.objects.filter(household=OuterRef("pk"), cleared_on=None)))


def to_clear(villages: Reach, at: dt.datetime) -> QuerySet[Household]:
    """Recognised, and somebody works now."""
    return _recognised(villages).filter(_employed())


CLOCKS = (
    Clock("contact", "返乡联系", "登记返乡回流", "联系上本人，或提供了服务", "YD-I01", to_contact, Allowance(hours=24)),
    Clock("offers", "返乡推介岗位", "登记返乡回流", f"推介满{OFFERS}个岗位", "YD-I01", to_offer, Allowance(hours=48)),
    Clock("placed", "返乡上岗", "登记返乡回流", "就业，或三次不愿意", "YD-I02", to_place, Allowance(hours=72)),
    Clock("training", "培训意愿", "登记培训意愿", "提供一次职业培训", "YD-J03", to_train, Allowance(days=15)),
    Clock("zero", "零就业户", "认定零就业户", "一人就业，或按规定消除", "YD-H02", zero_households,
          Allowance(months=1), "day", of_households=True),
    Clock("relocated", "搬迁户就业", "有劳动力的搬迁户无人就业", "一人就业", "YD-H01", relocated,
          Allowance(months=1), "month", of_households=True),
    Clock("graduate", "毕业生1131", "毕业或失业的次月", "1131服务齐全，或就业", "YD-H05", graduates,
          Allowance(months=1), "month"),
)  # fmt: skip
# Not clocks, but what starts and ends one: decisions that wait for somebody.
DECISIONS = (
    Clock("recognise", "待认定", "有劳动力、愿意就业而无人就业", "认定为零就业户", "YD-H02", to_recognise,
          of_households=True),
    Clock("clear", "待消除", "零就业户已有人就业", "登记消除", "YD-H02", to_clear, of_households=True),
)  # fmt: skip
BY_KEY = {clock.key: clock for clock in (*CLOCKS, *DECISIONS)}
