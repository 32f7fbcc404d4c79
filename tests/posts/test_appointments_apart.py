"""No two appointments of one person, nor of one post, share a day: the database refuses what forgets to ask."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from posts.models import Appointment, Post
from tests import cast as casting
from tests import factories

MAY, JUNE, JULY = dt.date(2022, 5, 1), dt.date(2022, 6, 1), dt.date(2022, 7, 1)


@pytest.fixture
def village(db):
    return casting.build().units["99111"]


def opened(village, number: str) -> Post:
    return Post.objects.create(
        number=number, unit=village, title="护林员", category="护林员", opened_on=dt.date(2022, 1, 1)
    )


def refused():
    return pytest.raises(IntegrityError)


def test_two_posts_of_a_person_and_two_holders_of_a_post_share_no_day(village):
    one, other = opened(village, "1"), opened(village, "2")
    person, second = factories.laborer(village), factories.laborer(village)
    Appointment.objects.create(post=one, laborer=person, started_on=MAY, ended_on=JUNE)
    with refused(), transaction.atomic():
        Appointment.objects.create(post=other, laborer=person, started_on=JUNE)
    with refused(), transaction.atomic():
        Appointment.objects.create(
            post=one, laborer=second, started_on=dt.date(2022, 4, 1), ended_on=dt.date(2022, 8, 1)
        )
    after = Appointment.objects.create(post=one, laborer=second, started_on=dt.date(2022, 6, 2))
    Appointment.objects.create(post=other, laborer=person, started_on=JULY)
    with refused(), transaction.atomic():
        Appointment.objects.filter(pk=after.pk).update(started_on=JUNE)
    after.ended_on = JULY
    after.save()
    assert Appointment.objects.count() == 3
