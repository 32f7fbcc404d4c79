"""The schemes that are shipped: every line of the seeds and every standard found is there, complete or honestly not."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from subsidies.models import SchemeVersion
from subsidies.rules import BadRule, read, rule_words
from subsidies.schemes import SCHEMES
from subsidies.schemes.examples import EXAMPLES
from tests.subsidies.test_schemes import filled
from tests.test_every_url import signed_in

BY_KEY = {one.key: one for one in EXAMPLES}
SEEDS = [f"B{number:02d}" for number in range(1, 18)]
NOT_HERE = {"B05", "B06X", "B07", "B07T", "B11F", "B12", "B12S", "B16"}
AWARDS = {"B06": "吸纳就业补贴", "B08": "阶梯式奖补", "B14": "吸纳就业补贴"}
# domain.md §4.2, line by line: what the standard says in the words that are printed of the example
STANDARDS = [
    ("b01-places", "省外1,500.00元，市外省内600.00元，县外市内300.00元"),
    ("b01-bands", "市内县外近100.00元"),
    ("b01-filed-once", "风险已消除的除外"),
    ("b01-removed", "近3年和当年没有享受一次性交通补贴"),
    ("b01-removed", "书面证明不是财政供养人员和国有企业职工"),
    ("b01-distance", "邻近省份400.00元，其他地区600.00元"),
    ("b01-distance", "没有乘坐组织的免费专车、专列"),
    ("b01-quarter", "享受期间：季度"),
    ("b01-wages", "10%"),
    ("b01-income", "每人500.00元，书面证明上年收入低于1万元的1,000.00元"),
    ("b01-carried", "乘坐免费专车、专列的按50%"),
    ("b01-carried", "16至60周岁"),
    ("b01-outside", "每人300.00元"),
    ("b01-month", "省外500.00元，市外省内200.00元"),
    ("b01-statistical", "省外600.00元，市外省内300.00元，县外市内200.00元"),
    ("b01-bonus", "每户合计最高3,000.00元"),
    ("b02", "在同一单位累计务工满6个月"),
    ("b02", "每月200.00元，最多6个月"),
    ("b03", "每人5,000.00元"),
    ("b03-registered", "每人10,000.00元"),
    ("b03-no-farming", "书面证明不属于种植养殖类"),
    ("b03-advance", "登记自主创业满6个月"),
    ("b04", "场地租赁补贴累计不超过3年"),
    ("b06", "按批准的吸纳就业补贴金额"),
    ("b06-small", "5000元／人（广东）"),
    ("b07", "每月200元，最长3年"),
    ("b07-tax", "每人每年6000元"),
    ("b09", "每天15.00元"),
    ("b09-25", "每天25.00元"),
    ("b09-50", "每天50.00元"),
    ("b09-course", "每人500.00元"),
    ("b10", "在岗有考勤的每月300.00元"),
    ("b11", "没有享受求职创业和转移就业补贴、职业介绍补贴"),
    ("b17", "每人3,000.00元"),
    ("b17-term", "享受期间：半年（学期）"),
]


def test_every_line_of_the_seeds_is_shipped_with_source_fund_documents_and_notice():
    shipped = {one.code for one in EXAMPLES}
    assert shipped >= set(SEEDS)
    assert shipped == set(SCHEMES)
    for one in EXAMPLES:
        assert one.source, one.key
        assert one.whose, one.key
        assert not re.search(r"[PRS]\d|^[，；、]", one.whose), one.whose
        assert one.fund, one.key
        assert one.documents, one.key
        assert one.notice_days >= 3, one.key


@pytest.mark.parametrize(("key", "words"), STANDARDS)
def test_every_standard_found_is_in_an_example(key, words):
    assert any(words in line for line in rule_words(read(BY_KEY[key].rule)))


def test_what_no_person_claims_says_who_pays_it():
    kinds = {one.code: read(one.rule).tariff for one in EXAMPLES if not read(one.rule).for_people}
    assert {code for code, one in kinds.items() if one["kind"] == "elsewhere"} == NOT_HERE
    assert {code: one["award"] for code, one in kinds.items() if one["kind"] == "workshops"} == AWARDS
    assert all(one.told for one in EXAMPLES if one.code in NOT_HERE | set(AWARDS))


@pytest.mark.parametrize("key", [one.key for one in EXAMPLES if one.blank])
def test_an_example_whose_document_names_no_amount_cannot_be_used_before_it_is_filled_in(key):
    one = BY_KEY[key]
    assert one.told, "the office is told what to fill in"
    with pytest.raises(BadRule, match="补贴标准"):
        read(one.start)
    assert read(one.rule)


@pytest.mark.django_db
def test_a_blank_example_is_not_saved_from_its_form_until_the_amount_is_there(cast):
    officer, address = signed_in(cast.county), reverse("subsidies:scheme_new")
    page = officer.get(f"{address}?example=b16-pension").content.decode()
    assert "金额没有填：填好以前不能保存，也不能批准。" in page
    empty = officer.post(address, filled(BY_KEY["b16-pension"], flat=""))
    assert (empty.status_code, SchemeVersion.objects.count()) == (422, 0)
    assert "金额应大于0元" in empty.content.decode()
    assert officer.post(address, filled(BY_KEY["b16-pension"], flat="100")).status_code == 302
    assert SchemeVersion.objects.get().rule["tariff"] == {"kind": "flat", "amount": 10_000}


@pytest.mark.django_db
def test_an_example_opens_and_closes_on_its_days_in_the_year_it_begins(cast):
    page = (
        signed_in(cast.county)
        .get(reverse("subsidies:scheme_new") + "?example=b01-filed-once")
        .content.decode()
    )
    assert 'value="2023-11-01"' in page
    assert 'value="2023-11-10"' in page
