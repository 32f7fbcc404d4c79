"""Texts of messages: slots, what may not stand in them, and what they cost."""

from __future__ import annotations

import datetime as dt

import pytest

from subsidies.messages.texts import SMS, WECHAT, Words, characters, measure, parts, problems, render
from subsidies.schemes import SCHEMES

FULL = {"standard": "每年300元", "deadline": dt.date(2023, 4, 30), "contact": "0714-6221234"}


@pytest.mark.parametrize(
    ("length", "count"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_a_text_of_so_many_characters_costs_so_many_messages(length, count):
    assert parts("字" * length) == count


def test_a_rare_character_counts_twice_as_on_the_wire():
    assert characters("𬱖") == 2
    assert parts("字" * 69 + "𬱖") == 2


def test_slots_are_filled_for_one_person():
    words = Words(SMS, "B02", "{姓名}（{村}）：{政策}{标准}，{截止日期}前，{联系电话}", **FULL)
    assert (
        render(words, "测试甲", "示例村")
        == "测试甲（示例村）：稳岗补贴每年300元，2023年4月30日前，0714-6221234"
    )
    assert problems(words) == []


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (SMS, "  ", "请填写宣传内容"),
        (
            SMS,
            "{名字}您好",
            "没有“{名字}”这一项，可以用：{姓名}、{村}、{政策}、{标准}、{截止日期}、{联系电话}",
        ),
        (SMS, "{}您好", "没有“{}”这一项"),
        (SMS, "{姓名您好", "花括号没有成对"),
        (SMS, "标准{标准}", "请填写标准"),
        (SMS, "{截止日期}前", "请填写截止日期"),
        (SMS, "电话{联系电话}", "请填写联系电话"),
        (WECHAT, "{姓名}您好", "微信文字发到群里，不能有“{姓名}”"),
        (SMS, "请打13900000001", "内容里有身份证号码或手机号"),
        (WECHAT, "990101199001010019", "内容里有身份证号码或手机号"),
        (SMS, "字" * 501, "最多500字"),
        (SMS, "字" * 336, "每人要6条短信，最多5条"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_by_name(kind, text, told):
    assert told in "".join(problems(Words(kind, "B01", text)))


def test_a_long_text_is_no_matter_for_a_group():
    assert problems(Words(WECHAT, "B01", "字" * 400)) == []


def test_the_preview_tells_length_and_cost():
    assert measure(Words(SMS, "B01", "{姓名}" + "字" * 67)) == "71字，2条短信"
    assert measure(Words(WECHAT, "B01", "字" * 9)) == "9字"


def test_the_schemes_are_those_of_the_catalogue():
    seeds = [f"B{number:02d}" for number in range(1, 18)]
    assert list(SCHEMES)[:17] == seeds
    assert all(code[:3] in seeds and len(code) == 4 for code in list(SCHEMES)[17:])  # parts of one line
    assert all(scheme.name and scheme.beneficiary for scheme in SCHEMES.values())
