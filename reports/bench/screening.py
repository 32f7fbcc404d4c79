"""Screening a city for six schemes, beside the bare writing of its lines and beside asking one person at a time."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import Level, Unit, User
from ledgers.models import Laborer, MonthlyRecord
from lib import bulk
from lib.month import Month
from reports.demo import city, load
from subsidies.models import SchemeVersion, Screened, Screening
from subsidies.schemes.examples import EXAMPLES
from subsidies.screening import judge_person, screen

MARCH = Month(2023, 3)
KEYS = ("b01-places", "b02", "b11", "b13", "b15", "b17")
SLICE = 200  # people asked one by one


def schemes() -> list[SchemeVersion]:
    """Six approved schemes of the city, made once."""
    top, (by, second) = Unit.objects.get(code=city.TOP), (_user("city"), _user("city2"))
    for key in KEYS:
        example = next(one for one in EXAMPLES if one.key == key)
        SchemeVersion.objects.get_or_create(
            unit=top, code=example.code, version=90,
            defaults={
                "name": example.title[:40], "rule": example.rule, "from_month": Month(2022, 1), "state": "approved",
                "written_by": by, "approved_by": second, "approved_at": timezone.now(),
            },
        )  # fmt: skip
    return list(SchemeVersion.objects.filter(unit=top, version=90).order_by("code"))


def _user(key: str) -> User:
    return User.objects.get(username=load.USERS[key][0])


def counties() -> list[Unit]:
    return list(Unit.objects.filter(level=Level.COUNTY).order_by("sort_path"))


def screen_counties(most: int = 1000) -> str:
    people = 0
    for county in counties()[:most]:
        people += screen(schemes(), county, MARCH, None)[0].people
    return f"{people:,} people x {len(schemes())} schemes"


def write_lines() -> None:
    """As many lines of the same width, ready made, into the same table; rolled back."""
    rows = (
        MonthlyRecord.objects.filter(month=MARCH)
        .order_by("laborer_id")
        .values_list("laborer_id", "village_id")
    )
    people = list(rows)
    columns = ("screening", "laborer", "village", "result", "letters", "values", "amount", "months")
    rest = ("entitled", "mmmmmmm", '["p", "正常", 38, 3, 4000, [], []]', 150_000, "2023-01,2023-02,2023-03")
    with transaction.atomic():
        for scheme in schemes():
            run = Screening.objects.create(scheme=scheme, unit=scheme.unit, month=MARCH)
            bulk.insert_many(Screened, columns, ([run.pk, *person, *rest] for person in people))
        transaction.set_rollback(True)


def one_by_one() -> None:
    """Each person fetched and asked alone, as a page does it."""
    for person in Laborer.objects.filter(records__month=MARCH).order_by("pk")[:SLICE]:
        for scheme in schemes():
            judge_person(scheme, person, MARCH)
