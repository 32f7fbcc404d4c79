"""已享受月份: what excludes each other in one month, by the verb and by the database."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounts.authority import NotAllowed
from lib.month import Month
from posts.models import POST_OR_AWAY, TakenMonth
from posts.taking import release, take
from tests import cast as casting
from tests import factories

FEBRUARY, MARCH, APRIL = Month(2023, 2), Month(2023, 3), Month(2023, 4)


@pytest.fixture
def person(db):
    return factories.laborer(casting.build().units["99111"])


def test_a_month_taken_by_one_benefit_is_refused_to_the_other_with_its_name(person):
    take(person, [FEBRUARY, MARCH], POST_OR_AWAY, "post-pay:1", "公益性岗位工资")
    with pytest.raises(NotAllowed, match="2023年3月已享受公益性岗位工资"):
        take(person, [MARCH, APRIL], POST_OR_AWAY, "claim:7", "稳岗补贴")
    assert TakenMonth.objects.count() == 2


def test_the_same_benefit_may_take_a_month_twice_and_gives_all_of_them_back(person):
    take(person, [MARCH], POST_OR_AWAY, "claim:7", "稳岗补贴")
    take(person, [MARCH, APRIL], POST_OR_AWAY, "claim:7", "稳岗补贴")
    assert TakenMonth.objects.count() == 2
    release("claim:7")
    assert not TakenMonth.objects.exists()


def test_the_database_refuses_what_forgets_to_ask(person):
    take(person, [MARCH], POST_OR_AWAY, "claim:7", "稳岗补贴")
    with pytest.raises(IntegrityError), transaction.atomic():
        TakenMonth.objects.create(laborer=person, month=MARCH, group=POST_OR_AWAY, what="post-pay:1")
