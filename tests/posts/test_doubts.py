"""在岗人员有疑点: the list's one question finds exactly whom the clauses of posts.rules have something against."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import pytest

from posts.doubts import doubtful
from posts.facts import clauses_of_holders
from posts.models import Appointment, Contract, Post, PostPolicy
from posts.rules import BLUE, MET, Limits, age_on, born_by
from tests import cast as casting
from tests import factories
from tests.posts import life


@pytest.fixture
def cast(db, at):
    at(18)
    return casting.build()


def set_limits(cast, **said):
    PostPolicy.objects.create(unit=cast.units["991"], set_by=cast.county, **asdict(Limits()) | said)


def change(row, **said):
    type(row).objects.filter(pk=row.pk).update(**said)


def beside(cast, holder, person, since=dt.date(2023, 3, 1)):
    post = Post.objects.create(number="GW88", unit=cast.units["99121"], title="护林员", category="护林员",
                               opened_on=since, closed_on=None)  # fmt: skip
    return Appointment.objects.create(post=post, laborer=person, started_on=since)


def of_the_household(cast, holder):
    set_limits(cast, one_per_household=True)
    beside(cast, holder, factories.laborer(cast.units["99121"], household=holder.laborer.household))


def again_later(cast, holder):
    change(holder, ended_on=dt.date(2023, 3, 20))
    beside(cast, holder, holder.laborer, dt.date(2023, 4, 1))


def away(cast, holder):
    factories.spell(holder.laborer)


def of_a_cadre(cast, holder):
    set_limits(cast, no_cadre_family=True)
    change(holder.candidate, cadre_family=True)


CASES = [
    ("", lambda cast, one: None),
    ("YD-F01", again_later),
    ("YD-F02", away),
    ("YD-F02", lambda cast, one: one.laborer.records.all().delete()),
    ("YD-F09", lambda cast, one: change(one.candidate, cadre="文书")),
    ("YD-F09", of_a_cadre),
    ("YD-F09", lambda cast, one: change(one, candidate=None)),
    ("YD-F10", lambda cast, one: Contract.objects.update(until_on=dt.date(2023, 3, 17))),
    ("YD-F10", lambda cast, one: Contract.objects.all().delete()),
    ("YD-F12", lambda cast, one: change(one.post, monthly_fen=33_333)),
    ("", lambda cast, one: change(one.post, monthly_fen=33_334)),
    ("YD-F12", lambda cast, one: change(one.post, monthly_fen=None)),
    ("YD-F12", lambda cast, one: set_limits(cast, least_a_year=4801)),
    ("", lambda cast, one: set_limits(cast, least_a_year=4800)),
    ("YD-F13", lambda cast, one: change(one.laborer, birth_date=dt.date(1953, 3, 18))),
    ("", lambda cast, one: change(one.laborer, birth_date=dt.date(1953, 3, 19))),
    ("YD-F13", lambda cast, one: change(one.laborer, birth_date=dt.date(2007, 3, 19))),
    ("YD-F13", lambda cast, one: set_limits(cast, new_under=50, stay_under=57)),
    ("YD-F14", lambda cast, one: change(one.laborer, ability="丧失劳动能力")),
    ("YD-F14", lambda cast, one: change(one.laborer, person_state="死亡")),
    ("YD-F16", of_the_household),
    ("YD-F19", lambda cast, one: change(one.laborer.household, poverty_kind="一般农户")),
    ("YD-F21", lambda cast, one: change(one.candidate, notice_until=dt.date(2023, 3, 10))),
    ("YD-F21", lambda cast, one: set_limits(cast, notice_days=5)),
    ("", lambda cast, one: set_limits(cast, notice_days=4)),
]


@pytest.mark.parametrize(("rule", "act"), CASES)
def test_the_list_and_the_clauses_agree_on_every_holder(cast, rule, act):
    holder = life.appointed(cast)
    act(cast, holder)
    found = doubtful(Post.objects.filter(unit=cast.units["99111"]))
    rows = Appointment.objects.filter(pk=holder.pk).select_related(
        "laborer__household", "candidate", "post__unit"
    )
    clauses = clauses_of_holders(rows)[holder.pk]
    told = {one.rule for one in clauses if one.state != MET and one.level != BLUE}
    assert (found, rule in told) == (([holder.post_id], True) if rule else ([], False))


def test_two_of_a_household_on_one_page_are_both_told(cast):
    holder = life.appointed(cast)
    of_the_household(cast, holder)
    rows = Appointment.objects.select_related("laborer__household", "candidate", "post__unit")
    told = clauses_of_holders(rows)
    assert all(one.state != MET for found in told.values() for one in found if one.rule == "YD-F16")
    assert len(doubtful(Post.objects.all())) == len(told) == 2


@pytest.mark.parametrize("day", [dt.date(2023, 2, 28), dt.date(2023, 3, 1), dt.date(2024, 2, 29)])
def test_who_was_born_by_a_day_is_of_the_age_and_nobody_later(day):
    last = born_by(16, day)
    assert age_on(last, day) == 16
    assert age_on(last + dt.timedelta(days=1), day) == 15
