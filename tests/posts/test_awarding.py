"""车间奖补: reckoned from the placements, approved by another, and no worker counted twice (YD-G15)."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.authority import NotAllowed
from posts import awarding, placing, recognising, standards
from posts.models import ABSORBING, TIERED, Placement, WorkshopAward
from posts.workshop_rules import Standard
from tests import cast as casting
from tests import factories
from tests.posts import shops

pytestmark = pytest.mark.django_db
TODAY = dt.date(2023, 4, 20)


@pytest.fixture
def cast(at):
    at(20, month=4)
    return casting.build()


@pytest.fixture
def shop(cast):
    made = shops.recognised(cast)
    recognising.review(made, TODAY, shops.GOOD, "合格", "", cast.township)
    return made


def refused(words: str):
    return pytest.raises(NotAllowed, match=words)


def test_an_award_is_reckoned_proposed_and_approved_by_another(cast, shop):
    award = awarding.make_award(shop, TIERED, 2023, cast.county)
    assert (award.people, award.amount, award.until, award.basis["workers"]) == (5, 1_000_000, TODAY, 5)
    assert set(award.lines.values_list("months", flat=True)) == {3}  # of this year: January to April
    with refused("另一名"):
        awarding.approve_award(award, cast.county)
    with refused("没有办理"):
        awarding.approve_award(award, cast.township)
    done = awarding.approve_award(award, shops.second_county(cast))
    assert (done.state, done.amount_text) == ("approved", "10,000.00")
    with refused("已批准"):
        awarding.approve_award(award, cast.county)


def test_absorbing_is_paid_once_a_head_and_a_lifetime(cast, shop, at):
    short = factories.laborer(shop.unit, "新来的")
    placing.place(shop, short, dt.date(2023, 2, 1), cast.township, **shops.WHOLE)
    award = awarding.make_award(shop, ABSORBING, 2023, cast.township)
    assert (award.people, award.amount) == (5, 500_000)
    assert set(award.lines.values_list("months", flat=True)) == {5}  # since November
    left = awarding.reckoned(shop, ABSORBING, 2023, TODAY, but=award.pk).left_out
    assert left == {short.pk: "连续工作2个月，不满3个月。"}
    awarding.approve_award(award, cast.county)
    at(20, month=12)
    again = awarding.reckoned(shop, ABSORBING, 2023, dt.date(2023, 12, 20))
    assert list(again.counted) == [short.pk]
    assert set(again.left_out.values()) == {"2023年已由本车间计入吸纳就业补贴，不能重复计算。"}


def test_a_worker_of_two_employers_counts_for_the_first_only(cast, shop):
    other = shops.recognised(cast, "99112")
    recognising.review(other, TODAY, shops.GOOD, "合格", "", cast.township)
    mover = Placement.objects.filter(workshop=other).latest("pk")
    awarding.make_award(other, TIERED, 2023, cast.township)
    Placement.objects.filter(pk=mover.pk).update(ended_on=dt.date(2023, 1, 1))
    Placement.objects.create(workshop=shop, laborer=mover.laborer, started_on=dt.date(2023, 1, 2))
    found = awarding.reckoned(shop, TIERED, 2023, TODAY)
    assert found.left_out == {mover.laborer_id: "2023年已由另一个车间计入阶梯式奖补，不能重复计算。"}
    assert awarding.make_award(shop, TIERED, 2023, cast.township).people == 5


def test_a_refused_award_lets_its_workers_count_again(cast, shop):
    award = awarding.make_award(shop, TIERED, 2023, cast.township)
    with refused("已经申报"):
        awarding.make_award(shop, TIERED, 2023, cast.county)
    awarding.refuse_award(award, "工资表不全", cast.county)
    assert awarding.make_award(shop, TIERED, 2023, cast.township).people == 5


def test_what_changed_since_it_was_proposed_is_not_approved(cast, shop):
    award = awarding.make_award(shop, TIERED, 2023, cast.township)
    placing.leave(Placement.objects.latest("pk"), dt.date(2023, 3, 2), "个人辞职", cast.township)
    with refused("有变化"):
        awarding.approve_award(award, cast.county)


def test_whoever_counts_in_an_award_cannot_be_taken_back(cast, shop):
    awarding.make_award(shop, TIERED, 2023, cast.township)
    with refused("已计入"):
        placing.take_back(Placement.objects.latest("pk"), cast.township)


def test_an_award_needs_a_recognised_workshop_a_passed_review_and_an_amount(cast, shop):
    unreviewed = shops.recognised(cast, "99112")
    with refused("还没有合格的复核"):
        awarding.make_award(unreviewed, TIERED, 2023, cast.township)
    with refused("还没有合格的复核"):
        recognising.review(unreviewed, TODAY, shops.GOOD, "整改", "消防通道堵塞", cast.township)
        awarding.make_award(unreviewed, TIERED, 2023, cast.township)
    for year in (2022, 2024):
        with refused("奖补年度"):
            awarding.make_award(shop, TIERED, year, cast.township)
    with refused("奖补类别"):
        awarding.make_award(shop, "随意", 2023, cast.township)
    with refused("只有已认定"):
        awarding.make_award(shops.proposed(cast, "99112", name="新车间"), TIERED, 2023, cast.county)
    standards.set_standard(cast.units["991"], 2023, Standard(steps=((50, 100),)), cast.county)
    with refused("为0元"):
        awarding.make_award(shop, TIERED, 2023, cast.township)


def test_a_changed_standard_leaves_what_was_decided(cast, shop):
    award = awarding.make_award(shop, TIERED, 2023, cast.township)
    awarding.approve_award(award, cast.county)
    standards.set_standard(
        cast.units["991"], 2023, Standard(workers=8, steps=((5, 7),), per_head=9), cast.county
    )
    assert WorkshopAward.objects.get().amount == 1_000_000
    assert awarding.reckoned(shop, ABSORBING, 2023, TODAY).amount == 45
    assert standards.standard_of(cast.units["99111"], 2022) == Standard()
    assert standards.standard_of(cast.units["99111"], 2024).workers == 8
    assert standards.standard_of(cast.units["99211"], 2024) == Standard()


@pytest.mark.parametrize(
    ("standard", "words"),
    [
        (Standard(steps=()), "至少填写一档"),
        (Standard(steps=((5, 100), (4, 200))), "一档比一档高"),
        (Standard(per_head=100_000_001), "100万元"),
        (Standard(months=0), "1至12个月"),
    ],
)
def test_a_standard_that_cannot_be_is_refused(cast, standard, words):
    with refused(words):
        standards.set_standard(cast.units["991"], 2023, standard, cast.county)
    with refused("县级经办人员"):
        standards.set_standard(cast.units["991"], 2023, Standard(), cast.township)
