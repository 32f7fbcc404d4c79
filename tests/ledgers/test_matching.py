"""Places of work and villages as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers.codes import IN_CITY, IN_COUNTY, IN_TOWNSHIP, OUTSIDE, PLACE_CLASSES
from ledgers.counting import place_class
from ledgers.matching import Places, Villages, common_name
from tests import cast

HOME = "420222106201"  # a village of 阳新县
DIGITS = st.text("0123456789", max_size=12)


@pytest.fixture
def places(db) -> Places:
    return Places()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("广东省深圳市南山区", "440305"),
        ("广东深圳南山", "440305"),
        ("广东省 深圳市 南山区", "440305"),
        ("深圳市南山区", "440305"),
        ("浙江省义乌市", "330782"),
        ("北京市朝阳区", "110105"),
        ("上海市市辖区浦东新区", "310115"),
        ("湖北省恩施州恩施市", "422801"),
        ("湖北省阳新县", "420222"),
        ("湖北省仙桃市", "429004"),
        ("广东省东莞市", "441900"),
        ("440305", "440305"),
        ("440305000000", "440305"),
    ],
)
def test_a_place_is_recognised_down_to_the_county(places, written, code):
    place = places.find(written, HOME)
    assert place is not None
    assert (place.code, place.to_county) == (code, True)


@pytest.mark.parametrize(
    ("written", "code"), [("广东省", "440000"), ("广东深圳", "440300"), ("深圳", "440300")]
)
def test_a_province_or_city_alone_is_known_as_far_as_it_goes(places, written, code):
    place = places.find(written, HOME)
    assert (place.code, place.to_county) == (code, False)
    assert place.seen_from(HOME) == OUTSIDE


@pytest.mark.parametrize("written", ["远方", "老板家", "123", "工地"])
def test_words_that_are_no_place_are_none(places, written):
    assert places.find(written, HOME) is None


def test_own_township_and_county_are_seen_from_home(places):
    assert places.find("本乡镇", HOME).seen_from(HOME) == IN_TOWNSHIP
    assert places.find("本县", HOME).seen_from(HOME) == IN_COUNTY
    assert places.find("黄石市下陆区", HOME).seen_from(HOME) == IN_CITY
    assert places.find("境外务工", HOME).seen_from(HOME) == OUTSIDE


@given(DIGITS, DIGITS)
def test_every_pair_of_codes_has_one_class_or_none(home, work):
    assert place_class(home, work) in {"", *PLACE_CLASSES}


@given(st.text("123456789", min_size=12, max_size=12))
def test_at_home_is_within_the_township(code):
    assert place_class(code, code) == IN_TOWNSHIP


def test_words_for_village_make_no_difference():
    assert {common_name(name) for name in ("王桥村", "王桥村委会", "王桥社区", "王桥村民委员会")} == {"王桥"}


@pytest.mark.django_db
def test_a_village_is_within_the_batch_and_within_the_reach_of_its_sender():
    people = cast.build()
    county = people.units["991"]
    assert {Villages(county, people.county).by_pk[pk].code for pk in Villages(county, people.county).within} == {
        "99111", "99112", "99121", "99122",
    }  # fmt: skip
    assert len(Villages(people.units["99"], people.county).within) == 4
    assert Villages(people.units["99111"], people.village).find("", "", "", "")[0].code == "99111"
    assert Villages(county, people.nobody).within == set()
