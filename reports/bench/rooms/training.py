"""A plan of each county and a hundred classes of forty people: half of them ended, certified and paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from django.utils import timezone

from accounts.models import Level, Unit
from ledgers.models import Laborer
from lib import bulk
from reports.bench.rooms.posts import Users, accounts
from subsidies.models import (
    Allowance,
    Certificate,
    Completion,
    Enrolment,
    TrainingClass,
    TrainingDay,
    TrainingPlan,
)
from subsidies.models.training import DAILY_FEN

CLASSES, PEOPLE, DAYS, YEAR = 100, 40, 7, 2023
STATES = ("planned", "open", "finished", "settled")


def fill(users: Users) -> None:
    counties = list(Unit.objects.filter(level=Level.COUNTY).order_by("sort_path"))
    now, by = timezone.now(), users["county"].pk
    plans = _plans(counties, users)
    every = [_class(number, counties, plans) for number in range(CLASSES)]
    keys = bulk.reserve_ids(TrainingClass, CLASSES)
    bulk.insert_many(
        TrainingClass,
        ("id", "plan", "unit", "year", "name", "trade", "kind", "organiser", "places", "taken", "days", "starts_on",
         "ends_on", "state", "made_by", "opened_at"),
        ((pk, *one, by, now) for pk, one in zip(keys, every, strict=True)),
    )  # fmt: skip
    _people(keys, every, users)


def _plans(counties: list[Unit], users: Users) -> list[int]:
    """The plan of each county; the demo wrote some of them."""
    have = dict(TrainingPlan.objects.filter(year=YEAR).values_list("unit", "pk"))
    officers = users["county"].pk, users["county2"].pk
    bulk.insert_many(
        TrainingPlan,
        ("unit", "year", "made_by", "approved_by", "approved_at"),
        ((one.pk, YEAR, *officers, timezone.now()) for one in counties if one.pk not in have),
    )
    plans = dict(TrainingPlan.objects.filter(year=YEAR).values_list("unit", "pk"))
    return [plans[one.pk] for one in counties]


def _class(number: int, counties: list[Unit], plans: list[int]) -> tuple:
    at = number % len(counties)
    first = dt.date(YEAR, 1, 3) + dt.timedelta(days=DAYS * (number // len(counties)))
    days, state = _days(first), STATES[number // len(counties) % len(STATES)]
    return (
        plans[at], counties[at].pk, YEAR, f"第{number + 1}期电工培训班", f"工种{number % 9}", "技能培训",
        "示例职业培训学校", PEOPLE, PEOPLE, [str(day) for day in days], days[0], days[-1], state,
    )  # fmt: skip


def _days(first: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range(DAYS)]


def _people(keys: list[int], every: list[tuple], users: Users) -> None:
    """Everybody learns once."""
    now, by = timezone.now(), users["township"].pk
    source = {unit: _learners(unit) for unit in {one[1] for one in every}}
    chosen = [
        (pk, one, *person)
        for pk, one in zip(keys, every, strict=True)
        for person in islice(source[one[1]], PEOPLE)
    ]
    ids = bulk.reserve_ids(Enrolment, len(chosen))
    bulk.insert_many(
        Enrolment,
        ("id", "training_class", "laborer", "village", "is_poverty", "is_monitored", "state", "days", "proposed_by",
         "enrolled_by", "enrolled_at"),
        (
            (pk, of, person, village, True, False, "enrolled", DAYS if _over(one) else None, by, by, now)
            for pk, (of, one, person, village) in zip(ids, chosen, strict=True)
        ),
    )  # fmt: skip
    bulk.insert_many(
        TrainingDay,
        ("enrolment", "laborer", "day", "mark"),
        (
            (pk, person, day, "到" if one[-1] != "planned" else "")
            for pk, (_, one, person, _) in zip(ids, chosen, strict=True)
            for day in _days(one[-3])
        ),
    )
    _given(
        [(pk, one, person) for pk, (_, one, person, _) in zip(ids, chosen, strict=True) if _over(one)], users
    )


def _over(one: tuple) -> bool:
    return one[-1] in ("finished", "settled")


def _learners(county: int) -> Iterator[tuple[int, int]]:
    unit = Unit.objects.get(pk=county)
    return Laborer.objects.under(unit).order_by("pk").values_list("pk", "village").iterator(chunk_size=500)


def _given(ended: list[tuple[int, tuple, int]], users: Users) -> None:
    """Completions of the ended classes; certificates and paid allowances of the settled ones."""
    by, now = users["county"].pk, timezone.now()
    keys = bulk.reserve_ids(Completion, len(ended))
    bulk.insert_many(
        Completion,
        ("id", "enrolment", "on", "by"),
        ((key, pk, one[-2], by) for key, (pk, one, _) in zip(keys, ended, strict=True)),
    )
    settled = [(key, *row) for key, row in zip(keys, ended, strict=True) if row[1][-1] == "settled"]
    bulk.insert_many(
        Certificate,
        ("completion", "kind", "number", "issued_on", "by"),
        ((key, "专项职业能力证书", f"ZS{key:08d}", one[-2], by) for key, _, one, _ in settled),
    )
    owned = accounts([person for *_, person in settled], users["county"])
    bulk.insert_many(
        Allowance,
        ("enrolment", "days", "rate_fen", "amount_fen", "computed_by", "account", "approved_by", "approved_at",
         "paid_on", "paid_by", "voucher"),
        (
            (pk, DAYS, DAILY_FEN, DAYS * DAILY_FEN, users["township"].pk, owned[person], by, now, one[-2], by, "PZ2023")
            for _, pk, one, person in settled
        ),
    )  # fmt: skip
