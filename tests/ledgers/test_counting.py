"""Who counts as 外出务工, and why not: the table of YD-D01, 指标解释3 and 4, and the five classes of 务工区域."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import codes
from ledgers.counting import REASONS, Thresholds, decide, place_class, significant

WORKER = {
    "in_population": True,
    "person_state": codes.NORMAL,
    "ability": "普通劳动力",
    "working": True,
    "job_form": "单位就业",
    "place_class": codes.OUTSIDE,
    "months": Decimal(6),
    "income": 27000,
}
INSIDE = {"place_class": codes.IN_COUNTY}


def reason(**facts) -> str:
    return decide(**(WORKER | facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "counted"),
        ({"in_population": False}, "outside_population"),
        ({"person_state": "暂时退出/参军"}, "exited"),
        ({"person_state": "永久退出/死亡"}, "exited"),
        ({"ability": "丧失劳动力"}, "no_ability"),
        ({"ability": "无劳动力"}, "no_ability"),
        ({"ability": "弱劳动力或半劳动力"}, "counted"),
        ({"ability": "技能劳动力"}, "counted"),
        ({"working": False}, "not_working"),
        ({"job_form": "自主创业"}, "self_employed"),
        ({"job_form": "灵活就业"}, "counted"),
        ({"job_form": "公益性岗位", **INSIDE}, "counted"),
        ({"place_class": ""}, "place_unknown"),
    ],
)
def test_one_answer_decides_who_counts(facts, expected):
    assert reason(**facts) == expected


@pytest.mark.parametrize(
    ("place", "months", "income", "loose", "strict"),
    [
        ("乡外县内", "1.0", 3000, "counted", "months_short"),
        ("乡外县内", "1.1", 3000, "counted", "income_short"),
        ("乡外县内", "1.1", 3001, "counted", "counted"),
        ("乡内", "0.9", 5000, "months_short", "months_short"),
        ("乡内", "1.0", 2999, "income_short", "months_short"),
        ("县外市内", "3.0", 9000, "counted", "months_short"),
        ("市外省内", "2.9", 9000, "months_short", "months_short"),
        ("省外", "3.0", 8999, "income_short", "months_short"),
        ("省外", "3.1", 9000, "counted", "income_short"),
        ("省外", "3.1", 9001, "counted", "counted"),
        ("省外", "1.0", 3000, "months_short", "months_short"),
    ],
)
def test_the_thresholds_hold_at_their_very_edge(place, months, income, loose, strict):
    facts = {"place_class": place, "months": Decimal(months), "income": income}
    assert reason(**facts) == loose
    assert reason(**facts, thresholds=Thresholds(strict=True)) == strict


def test_without_thresholds_everyone_who_works_counts_but_the_self_employed_do_not():
    off = Thresholds(enabled=False)
    assert reason(months=Decimal(0), income=0, place_class="", thresholds=off) == "counted"
    assert reason(job_form="自主创业", thresholds=off) == "self_employed"


def test_an_office_may_set_its_own_thresholds():
    own = Thresholds(months_inside=Decimal(2), income_inside=4000)
    assert reason(**INSIDE, months=Decimal(2), income=3999, thresholds=own) == "income_short"
    assert reason(**INSIDE, months=Decimal(2), income=4000, thresholds=own) == "counted"


@given(
    in_population=st.booleans(),
    person_state=st.sampled_from(codes.PERSON_STATES),
    ability=st.sampled_from(codes.ABILITIES),
    working=st.booleans(),
    job_form=st.sampled_from(codes.JOB_FORMS),
    place_class=st.sampled_from(("", *codes.PLACE_CLASSES)),
    months=st.decimals(0, 12, places=1),
    income=st.integers(0, 200_000),
)
def test_every_person_gets_one_known_reason_and_a_counted_one_works(**facts):
    found = decide(**facts)
    assert found in REASONS
    if found == "counted":
        assert facts["working"]
        assert facts["in_population"]
        assert facts["job_form"] != codes.SELF_EMPLOYED
        assert facts["place_class"]


HOME = "420222106201"


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ("420222106", "乡内"),
        ("420222106205", "乡内"),
        ("420222103", "乡外县内"),
        ("420222", "乡外县内"),
        ("420222000000", "乡外县内"),
        ("420281", "县外市内"),
        ("420111", "市外省内"),
        ("420100", "市外省内"),
        ("429004", "市外省内"),
        ("440305", "省外"),
        ("440300", "省外"),
        ("440000", "省外"),
        ("441900", "省外"),
        ("420200", ""),
        ("420000", ""),
        ("", ""),
    ],
)
def test_the_work_place_is_classed_as_far_as_its_code_tells(work, expected):
    assert place_class(HOME, work) == expected


def test_a_village_without_an_official_code_has_no_work_place_class():
    assert place_class("", "440300") == ""


@given(
    home=st.from_regex(r"[1-9]\d{11}", fullmatch=True),
    work=st.from_regex(r"[1-9]\d{5}(\d{3})?(\d{3})?", fullmatch=True),
)
def test_the_class_says_exactly_how_much_of_the_two_codes_agrees(home, work):
    found, known = place_class(home, work), significant(work)
    if known[:2] != home[:2]:
        assert found == codes.OUTSIDE
    elif len(known) >= 6 and known[:6] == home[:6]:
        assert found in codes.WITHIN_COUNTY
    else:
        assert found in ("", codes.IN_CITY, codes.IN_PROVINCE)
