"""What the tables of workshops refuse, whoever writes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from posts.models import AwardLine, Placement, Workshop, WorkshopAward, WorkshopReview
from tests import cast, factories

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 1, 10)


@pytest.fixture
def people():
    return cast.build()


@pytest.fixture
def shops(people):
    return [
        Workshop.objects.create(number=f"CJ{code}", unit=people.units[code], name="示例", recognised_on=DAY)
        for code in ("99111", "99121")
    ]


@pytest.fixture
def worker(people):
    return factories.laborer(people.units["99111"])


def refused():
    return pytest.raises(IntegrityError)


@pytest.mark.parametrize(
    ("started", "ended", "stands"),
    [
        (dt.date(2023, 2, 1), dt.date(2023, 2, 10), False),  # within
        (dt.date(2022, 12, 1), None, False),  # around
        (dt.date(2023, 3, 31), None, False),  # the last day counts
        (dt.date(2023, 4, 1), None, True),
        (dt.date(2022, 12, 1), dt.date(2023, 1, 9), True),
        (dt.date(2022, 12, 1), dt.date(2023, 1, 10), False),
    ],
)
def test_nobody_is_in_two_workshops_on_one_day(shops, worker, started, ended, stands):
    one, two = shops
    Placement.objects.create(workshop=one, laborer=worker, started_on=DAY, ended_on=dt.date(2023, 3, 31))
    if stands:
        Placement.objects.create(workshop=two, laborer=worker, started_on=started, ended_on=ended)
    else:
        with refused(), transaction.atomic():
            Placement.objects.create(workshop=two, laborer=worker, started_on=started, ended_on=ended)
    other = factories.laborer(worker.village)
    Placement.objects.create(workshop=two, laborer=other, started_on=started, ended_on=ended)


def test_a_changed_placement_may_not_run_into_another_one(shops, worker):
    one, two = shops
    first = Placement.objects.create(workshop=one, laborer=worker, started_on=DAY, ended_on=DAY)
    Placement.objects.create(workshop=two, laborer=worker, started_on=dt.date(2023, 2, 1))
    with refused(), transaction.atomic():
        Placement.objects.filter(pk=first.pk).update(ended_on=dt.date(2023, 2, 1))
    Placement.objects.filter(pk=first.pk).update(ended_on=dt.date(2023, 1, 31))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "recognised", "recognised_on": None},
        {"state": "proposed", "recognised_on": DAY},
        {"state": "revoked", "recognised_on": DAY},
        {"state": "suspended", "recognised_on": DAY},
        {"state": "recognised", "recognised_on": DAY, "suspended_on": DAY},
    ],
)
def test_a_state_stands_on_its_dates(people, fields):
    with refused(), transaction.atomic():
        Workshop.objects.create(number="CJ1", unit=people.units["99111"], name="示例", **fields)


def test_who_proposes_does_not_recognise_and_who_reviews_does_not_check(people, shops):
    with refused(), transaction.atomic():
        Workshop.objects.filter(pk=shops[0].pk).update(
            proposed_by=people.county.pk, recognised_by=people.county.pk
        )
    review = {"on": DAY, "operating": False, "wage_paid": False, "insured": False, "people": 0, "counted": 0}
    with refused(), transaction.atomic():
        WorkshopReview.objects.create(
            workshop=shops[0], result="撤销", by=people.county, checked_by=people.county, **review
        )
    with refused(), transaction.atomic():
        WorkshopReview.objects.create(workshop=shops[0], result="合格", by=people.county, **review)


def award(shop, people, kind="阶梯式奖补", year=2023, **fields):
    return WorkshopAward.objects.create(
        workshop=shop, kind=kind, year=year, until=DAY, people=1, amount=100, made_by=people.county, **fields
    )


def test_an_award_is_decided_by_another_and_made_once_a_year(people, shops):
    now = timezone.now()
    with refused(), transaction.atomic():
        award(shops[0], people, state="approved", decided_by=people.county, decided_at=now)
    with refused(), transaction.atomic():
        award(shops[0], people, state="approved")
    award(shops[0], people)
    with refused(), transaction.atomic():
        award(shops[0], people)
    award(shops[0], people, kind="吸纳就业补贴")
    award(shops[0], people, year=2024)


@pytest.mark.parametrize(
    ("kind", "year", "stands"),
    [
        ("阶梯式奖补", 2023, False),
        ("阶梯式奖补", 2024, True),
        ("吸纳就业补贴", 2023, False),
        ("吸纳就业补贴", 2024, False),
    ],
)
def test_no_worker_counts_twice(people, shops, worker, kind, year, stands):
    first = award(shops[0], people, kind)
    AwardLine.objects.create(award=first, laborer=worker, kind=kind, year=2023, months=3)
    second = award(shops[1], people, kind, year)
    line = {"award": second, "laborer": worker, "kind": kind, "year": year, "months": 3}
    if not stands:
        with refused(), transaction.atomic():
            AwardLine.objects.create(**line)
        AwardLine.objects.filter(award=first).update(void=True)
    AwardLine.objects.create(**line)
