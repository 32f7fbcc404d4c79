"""带动就业: one place at a time, nothing beside a post or work outside the county, counted by the household."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.authority import NotAllowed
from lib.month import Month
from posts import placing, recognising
from posts.models import Appointment, Placement, Post
from tests import cast as casting
from tests import factories
from tests.posts import shops

pytestmark = pytest.mark.django_db
MARCH_1, TODAY = dt.date(2023, 3, 1), dt.date(2023, 3, 20)


@pytest.fixture
def cast(at):
    at(20)
    return casting.build()


@pytest.fixture
def shop(cast):
    return shops.factory(cast, "CJ1", "示例车间")


@pytest.fixture
def worker(cast):
    return factories.laborer(cast.units["99111"], "工一")


def refused(words: str):
    return pytest.raises(NotAllowed, match=words)


def test_somebody_begins_is_corrected_and_leaves(cast, shop, worker):
    one = placing.place(shop, worker, MARCH_1, cast.township, **shops.WHOLE)
    assert (one.counted, one.monthly_wage, one.by) == (True, 2600, cast.township)
    placing.amend_placement(one, {"monthly_wage": 2800}, cast.township)
    placing.leave(one, TODAY, "外出务工", cast.township)
    one.refresh_from_db()
    assert (one.monthly_wage, one.job, one.ended_on, one.exit_reason) == (2800, "缝纫工", TODAY, "外出务工")
    with refused("已登记离职"):
        placing.leave(one, TODAY, "外出务工", cast.township)


@pytest.mark.parametrize(
    ("household", "counted"),
    [
        ({"poverty_kind": "脱贫户"}, True),
        ({"poverty_kind": "一般农户"}, False),
        ({"poverty_kind": "一般农户", "monitor_kind": "边缘易致贫户"}, True),
        (
            {
                "poverty_kind": "一般农户",
                "monitor_kind": "边缘易致贫户",
                "risk_removed_on": dt.date(2022, 1, 1),
            },
            False,
        ),
    ],
)
def test_only_people_out_of_poverty_or_under_monitoring_count(cast, shop, household, counted):
    person = factories.laborer(
        cast.units["99111"], **{f"household__{key}": value for key, value in household.items()}
    )
    one = placing.place(shop, person, MARCH_1, cast.township)
    assert one.counted == counted
    assert Placement.objects.absorbed_on(TODAY).exists() == counted


def test_nobody_is_placed_in_two_workshops_not_even_across_counties(cast, shop, worker):
    far = shops.factory(cast, "CJ2", "乙县车间", cast.units["99211"])
    first = Placement.objects.create(workshop=far, laborer=worker, started_on=MARCH_1)
    with refused("同一时间只能在一个车间"):
        placing.place(shop, worker, TODAY, cast.township)
    Placement.objects.filter(pk=first.pk).update(ended_on=TODAY)
    with refused("2023年3月1日至2023年3月20日"):
        placing.place(shop, worker, TODAY, cast.township)
    Placement.objects.filter(pk=first.pk).update(ended_on=dt.date(2023, 3, 19))
    placing.place(shop, worker, TODAY, cast.township)


def test_nobody_is_placed_beside_a_public_welfare_post(cast, shop, worker):
    post = Post.objects.create(
        number="GW1", unit=shop.unit, title="保洁", category="保洁员", opened_on=dt.date(2022, 1, 1)
    )
    held = Appointment.objects.create(post=post, laborer=worker, started_on=dt.date(2022, 1, 1))
    with refused("公益性岗位"):
        placing.place(shop, worker, MARCH_1, cast.township)
    Appointment.objects.filter(pk=held.pk).update(ended_on=dt.date(2023, 2, 28))
    placing.place(shop, worker, MARCH_1, cast.township)


@pytest.mark.parametrize(
    ("spell", "stands"),
    [
        ({"place_class": "省外"}, False),
        ({"place_class": "市外省内"}, False),
        ({"place_class": "县外市内", "ended": Month(2023, 4)}, False),
        ({"place_class": "省外", "ended": Month(2023, 3)}, True),  # came home in the month
        ({"place_class": "乡外县内"}, True),
        ({"place_class": ""}, True),
    ],
)
def test_nobody_is_placed_beside_work_outside_the_county(cast, shop, worker, spell, stands):
    """YD-C11, by the reasoning of YD-F02: a month or more of both."""
    factories.spell(worker, **spell)
    if stands:
        placing.place(shop, worker, MARCH_1, cast.township)
    else:
        with refused("县外务工"):
            placing.place(shop, worker, MARCH_1, cast.township)


def test_work_outside_the_county_after_the_placement_ended_is_no_clash(cast, shop, worker):
    factories.spell(worker, Month(2023, 3))
    placing.place(shop, worker, dt.date(2023, 1, 2), cast.township, ended_on=MARCH_1, exit_reason="外出务工")


@pytest.mark.parametrize(
    ("start", "more", "words"),
    [
        (dt.date(2023, 3, 21), {}, "不能晚于今天"),
        (MARCH_1, {"ended_on": dt.date(2023, 2, 1), "exit_reason": "其他"}, "不能早于入职"),
        (MARCH_1, {"ended_on": TODAY}, "离职原因"),
        (MARCH_1, {"monthly_wage": 1}, "月工资"),
        (MARCH_1, {"monthly_wage": 260000}, "月工资"),
        (MARCH_1, {"contract": "口头"}, "合同只能是"),
        (dt.date(2000, 1, 1), {}, "未满16周岁"),
    ],
)
def test_what_is_wrong_is_refused_in_words(cast, shop, worker, start, more, words):
    with refused(words):
        placing.place(shop, worker, start, cast.township, **more)
    assert not Placement.objects.exists()


def test_who_left_the_labour_force_is_not_placed(cast, shop):
    gone = factories.laborer(cast.units["99111"], person_state="暂时退出/服刑")
    with refused("暂时退出/服刑"):
        placing.place(shop, gone, MARCH_1, cast.township)


def test_nobody_is_placed_in_a_workshop_that_takes_nobody(cast, worker):
    shop = shops.recognised(cast)
    recognising.suspend(shop, MARCH_1, "设备检修停产", cast.county)
    with refused("不能再登记人员"):
        placing.place(shop, worker, MARCH_1, cast.township)


def test_rights_end_at_the_unit(cast, shop, worker):
    for who in (cast.village, cast.neighbour_township, cast.neighbour_county, cast.auditor):
        with refused("没有办理"):
            placing.place(shop, worker, MARCH_1, who)
    stranger = factories.laborer(cast.units["99121"])
    with refused("不在您的管辖范围内"):
        placing.place(shop, stranger, MARCH_1, cast.township)
    placing.place(shop, stranger, MARCH_1, cast.county)


def test_a_mistake_can_be_taken_back(cast, shop, worker):
    one = placing.place(shop, worker, MARCH_1, cast.township)
    placing.leave(one, TODAY, "其他", cast.township)
    placing.take_back(one, cast.township, whole=False)
    one.refresh_from_db()
    assert (one.ended_on, one.exit_reason) == (None, "")
    placing.take_back(one, cast.township)
    assert not Placement.objects.exists()
