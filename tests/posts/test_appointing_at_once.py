"""20 appointments of one person at once, each to another post: one is made, on either database."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.audit import first_bad_entry
from ledgers.models import Laborer
from posts.models import Appointment, Candidate, Post, Recruitment
from tests import cast as casting
from tests.posts import life
from tests.posts.life import day
from tests.proof_data.parallel import together


@pytest.fixture
def cast(test_environment) -> casting.Cast:
    return casting.build()


def waiting(cast: casting.Cast, person: Laborer, number: int) -> Candidate:
    """Somebody the township has recommended, for a post of their own."""
    post = Post.objects.create(
        number=f"{number}",
        unit=cast.units["99111"],
        title="护林员",
        category="护林员",
        opened_on=dt.date(2022, 1, 1),
    )
    call = Recruitment.objects.create(
        post=post, notice="招聘护林员", from_on=day(1), until_on=day(5), by=cast.village
    )
    return Candidate.objects.create(
        recruitment=call, laborer=person, state=Candidate.State.RECOMMENDED, applied_on=day(2), met_on=day(3),
        notice_from=day(4), notice_until=day(7), entered_by=cast.village, recommended_by=cast.township,
    )  # fmt: skip


def test_20_appointments_of_one_person_at_once_are_one(cast, test_environment):
    person = life.person(cast)
    keys = [waiting(cast, person, number).pk for number in range(20)]
    calls = [
        ("appoint", {"who": "xian", "candidates": keys[start::2], "day": "2023-03-15"}) for start in (0, 1)
    ]
    answers = [answer for one in together(test_environment, *calls) for answer in one]
    assert sorted(answers) == ["made"] + ["refused"] * 19
    assert Appointment.objects.count() == 1
    assert Candidate.objects.filter(state=Candidate.State.FILED).count() == 1
    assert first_bad_entry() is None
