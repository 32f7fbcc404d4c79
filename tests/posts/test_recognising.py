"""A workshop from proposal to its end: who may do what, what is refused, and what the figures count."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from posts import recognising
from posts.models import Placement, Workshop
from reports.sources import PLACEMENTS, WORKSHOPS
from tests import cast as casting
from tests import factories
from tests.posts import shops

pytestmark = pytest.mark.django_db
TODAY = dt.date(2023, 3, 20)
State = Workshop.State


@pytest.fixture
def cast(at):
    at(20)
    return casting.build()


def refused(words: str):
    return pytest.raises(NotAllowed, match=words)


def counted() -> tuple[int, int]:
    return WORKSHOPS.rows(factories.MARCH).count(), PLACEMENTS.rows(factories.MARCH).count()


def test_a_township_proposes_and_the_county_recognises_for_three_years(cast):
    shop = shops.proposed(cast, uscc="９1990101ma0000001y", form="厂房式")
    assert (shop.state, shop.number, shop.uscc) == (State.PROPOSED, "99111-CJ01", shops.USCC)
    shops.staff(shop, cast.township)
    assert counted() == (0, 0)
    shop = recognising.recognise(shop, TODAY, "示认字〔2023〕1号", cast.county)
    assert (shop.state, shop.recognised_by, shop.valid_until) == (
        State.RECOGNISED,
        cast.county,
        dt.date(2026, 3, 19),
    )
    assert counted() == (1, 5)
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="workshop.")] == [
        "workshop.recognise",
        "workshop.propose",
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": " "}, "车间名称"),
        ({"uscc": "91990101MA0000001X"}, "校验码错误"),
        ({"uscc": "123"}, "应为18位"),
        ({"kind": "扶贫车间"}, "类别只能是"),
        ({"form": "云端式"}, "形式只能是"),
        ({"operating_since": dt.date(2023, 3, 21)}, "投产日期"),
        ({"number": "CJ1"}, "车间编号CJ1已经有了"),
        ({"name": "示例"}, "已经有“示例”"),
    ],
)
def test_a_proposal_that_is_wrong_is_refused(cast, said, words):
    shops.factory(cast, "CJ1", "示例")
    with refused(words):
        shops.proposed(cast, **said)


def test_the_same_enterprise_is_not_proposed_twice_in_a_village(cast):
    shops.proposed(cast, uscc=shops.USCC)
    with refused("统一社会信用代码"):
        shops.proposed(cast, uscc=shops.USCC, name="另一个名字")
    shops.proposed(cast, "99112", uscc=shops.USCC)


@pytest.mark.parametrize("who", ["village", "neighbour_township", "neighbour_county", "auditor", "sampler"])
def test_nobody_else_proposes(cast, who):
    with refused("没有办理"):
        recognising.propose_workshop(cast.units["99111"], shops.SAID, getattr(cast, who))


def test_who_proposed_does_not_recognise_and_the_neighbour_does_not_either(cast):
    own = recognising.propose_workshop(cast.units["99111"], shops.SAID, cast.county)
    shops.staff(own, cast.county)
    with refused("不能认定自己申报"):
        recognising.recognise(own, TODAY, "示认字1号", cast.county)
    with refused("不能认定自己申报"):
        recognising.refuse(own, "申报人认定无效", cast.county)
    for one in (cast.neighbour_county, cast.township, cast.city):
        with refused("没有办理"):
            recognising.recognise(own, TODAY, "示认字1号", one)
    recognising.recognise(own, TODAY, "示认字1号", shops.second_county(cast))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"insured": None}, "购买意外险或社会保险缺少依据：1人没有登记参保情况"),
        ({"insured": False}, "购买意外险或社会保险不满足：1人没有"),
        ({"monthly_wage": None}, "发放工资缺少依据"),
        ({"counted": False}, "带动人数不满足：在岗脱贫和监测对象4人"),
    ],
)
def test_a_condition_that_is_not_met_keeps_it_from_being_recognised(cast, change, words):
    shop = shops.proposed(cast)
    shops.staff(shop, cast.township)
    Placement.objects.filter(pk=Placement.objects.earliest("pk").pk).update(**change)
    with refused(words):
        recognising.recognise(shop, TODAY, "示认字1号", cast.county)


def test_a_recognition_needs_its_number_and_a_day_that_fits(cast):
    shop = shops.proposed(cast)
    shops.staff(shop, cast.township)
    for on, number, words in (
        (dt.date(2023, 3, 21), "示认字1号", "认定日期"),
        (dt.date(2022, 5, 31), "示认字1号", "认定日期"),
        (TODAY, " ", "认定文号"),
    ):
        with refused(words):
            recognising.recognise(shop, on, number, cast.county)
    recognising.recognise(shop, TODAY, "示认字1号", cast.county)
    with refused("不是待认定"):
        recognising.recognise(shop, TODAY, "示认字2号", cast.county)
    other = shops.proposed(cast, "99112")
    shops.staff(other, cast.township)
    with refused("已用于另一个车间"):
        recognising.recognise(other, TODAY, "示认字1号", cast.county)


def test_a_refused_proposal_tells_why_and_can_be_made_again(cast):
    shop = recognising.refuse(shops.proposed(cast), "带动人数不足", cast.county)
    assert (shop.state, shop.reason) == (State.REFUSED, "带动人数不足")
    assert shops.proposed(cast).number == "99111-CJ02"


def test_a_proposal_without_anything_can_be_withdrawn(cast):
    shop = shops.proposed(cast)
    recognising.withdraw_workshop(shop, cast.township)
    assert not Workshop.objects.exists()
    with refused("不能撤回"):
        shop = shops.proposed(cast)
        shops.staff(shop, cast.township, 1)
        recognising.withdraw_workshop(shop, cast.township)


def test_what_a_workshop_is_can_be_corrected_while_it_is_open(cast):
    shop = shops.recognised(cast)
    recognising.amend_workshop(shop, {"in_charge": "张某", "industry": "箱包制造"}, cast.township)
    shop.refresh_from_db()
    assert (shop.in_charge, shop.industry, shop.state) == ("张某", "箱包制造", State.RECOGNISED)
    recognising.close(shop, TODAY, "订单全部终止", cast.township)
    with refused("不能再修改"):
        recognising.amend_workshop(shop, {"name": "新名字"}, cast.township)


def test_a_review_counts_the_people_of_the_day_and_refreshes_who_counts(cast):
    shop = shops.recognised(cast, people=6)
    home = Placement.objects.earliest("pk").laborer.household
    home.poverty_kind = "一般农户"
    home.save()
    review = recognising.review(shop, TODAY, shops.GOOD, "合格", "", cast.township)
    assert (review.people, review.counted) == (6, 5)
    with refused("已经复核过"):
        recognising.review(shop, TODAY, shops.GOOD, "合格", "", cast.township)


@pytest.mark.parametrize(
    ("said", "result", "note", "words"),
    [
        ({"operating": False}, "合格", "", "不能是合格"),
        ({"wage_paid": False}, "合格", "", "不能是合格"),
        ({}, "整改", "", "整改或撤销的原因"),
        ({}, "优秀", "", "复核结果"),
    ],
)
def test_a_review_that_contradicts_itself_is_refused(cast, said, result, note, words):
    with refused(words):
        recognising.review(shops.recognised(cast), TODAY, shops.GOOD | said, result, note, cast.county)


def test_revoking_takes_a_second_officer_of_the_county(cast):
    shop = shops.recognised(cast)
    asked = recognising.review(
        shop, TODAY, shops.GOOD | {"operating": False}, "撤销", "长期停产", cast.county
    )
    assert Workshop.objects.get().state == State.RECOGNISED
    with refused("另一名"):
        recognising.revoke(asked, cast.county)
    with refused("没有办理"):
        recognising.revoke(asked, cast.township)
    shop = recognising.revoke(asked, shops.second_county(cast))
    assert (shop.state, shop.closed_on, shop.reason) == (State.REVOKED, TODAY, "长期停产")
    assert counted() == (0, 0)
    assert Placement.objects.filter(ended_on=None).count() == 5  # they work on, and no longer count
    with refused("没有等待确认"):
        recognising.revoke(asked, cast.county)


def test_a_suspended_workshop_does_not_count_until_it_is_resumed(cast):
    shop = shops.recognised(cast)
    recognising.suspend(shop, dt.date(2023, 3, 15), "设备检修停产", cast.county)
    assert counted() == (0, 0)
    assert WORKSHOPS.rows(factories.MARCH - 1).count() == 1
    with refused("暂停"):
        recognising.suspend(shop, TODAY, "设备检修停产", cast.county)
    recognising.resume(shop, cast.county)
    assert counted() == (1, 5)


def test_when_a_workshop_closes_everybody_leaves(cast):
    shop = recognising.close(shops.recognised(cast), TODAY, "订单全部终止", cast.township)
    assert (shop.state, shop.closed_on) == (State.CLOSED, TODAY)
    assert set(Placement.objects.values_list("ended_on", "exit_reason")) == {(TODAY, "车间停产")}
    with refused("不用登记停办"):
        recognising.close(shop, TODAY, "订单全部终止", cast.township)
