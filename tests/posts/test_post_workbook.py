"""公益性岗位台账 by workbook, in the headings counties keep; and the lists that are printed."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import wall
from accounts.authority import NotAllowed
from jobs.exports import watermark
from ledgers.models import BankAccount
from lib.month import Month
from lib.staging import EXPORTS
from posts import opening, taking_over
from posts.models import Appointment, Post
from tests import cast as casting
from tests import factories
from tests.ledgers.sheets import context, judge, messages, send, verdicts
from tests.posts import life


@pytest.fixture
def cast(db, at):
    at(18)
    return casting.build()


def line(person, **cells) -> dict:
    """A row as R6 and R7 of the real ledgers head it."""
    return {
        "姓名": person.name, "身份证号": person.id_no, "性别": person.sex, "村组": "一组",
        "户主": person.household.head_name,
        "户属性": "脱贫户", "岗位名称": "乡村道路护路员", "主管部门": "交通局", "合同期": "2023.1.1-2023.12.31",
        "补贴标准": "400元/月", "规定出勤天数": "20", "责任片区": "一组至三组", "开户行": "示例农商行",
        "社保卡号": f"62179900000{person.pk:08d}", "在岗状态": "在岗",
    } | cells  # fmt: skip


def test_a_register_is_taken_over_with_post_contract_and_account(cast):
    person = life.person(cast)
    judged = send("posts", [line(person)], context(cast.township, cast.units["9911"]))
    assert verdicts(judged) == ["new"]
    held = Appointment.objects.select_related("post").get()
    assert (held.laborer, held.source, held.started_on) == (person, "20230331-0001", dt.date(2023, 1, 1))
    post = held.post
    assert (post.category, post.monthly_fen, post.days_required, post.state) == ("护路员", 40_000, 20, "open")
    assert held.contracts.get().until_on == dt.date(2023, 12, 31)
    assert BankAccount.objects.get().laborer == person
    assert any("YD-F21" in one for one in messages(judged[0]))


def test_the_same_again_is_the_same_and_a_difference_corrects_the_post(cast):
    person = life.person(cast)
    at = context(cast.township, cast.units["9911"])
    send("posts", [line(person)], at)
    assert verdicts(judge("posts", [line(person)], at)) == ["same"]
    judged = send("posts", [line(person, 补贴标准="500")], at)
    assert verdicts(judged) == ["changed"]
    assert Post.objects.get().monthly_fen == 50_000


REDS = [
    ({"household__poverty_kind": "一般农户"}, {}, "YD-F19"),
    ({"ability": "无劳动力"}, {}, "YD-F14"),
    ({"birth_date": dt.date(1950, 1, 1)}, {}, "YD-F13"),
    ({}, {"place_class": "省外", "job_form": "灵活就业"}, "YD-F02"),
    ({}, {"place_class": "乡内", "job_form": "单位就业"}, "YD-F22"),
    ({}, {"place_class": "省外", "job_form": "灵活就业", "ended": Month(2023, 2)}, "YD-F02"),
]


@pytest.mark.parametrize(("fields", "spell", "rule"), REDS)
def test_red_rows_are_rejected_with_the_rule(cast, fields, spell, rule):
    person = factories.laborer(cast.units["99111"], **({"birth_date": dt.date(1965, 5, 1)} | fields))
    if spell:
        factories.spell(person, **spell)
    (row,) = judge("posts", [line(person)], context(cast.township, cast.units["9911"]))
    assert row.verdict == "rejected"
    assert any(rule in one for one in messages(row))


def test_one_person_is_not_taken_over_twice_nor_beside_another_post(cast):
    held = life.appointed(cast)
    at = context(cast.township, cast.units["9911"])
    assert any("YD-F01" in one for one in messages(judge("posts", [line(held.laborer)], at)[0]))
    person = life.person(cast)
    first, second = judge("posts", [line(person), line(person)], at)
    assert (first.verdict, second.verdict) == ("new", "rejected")


def test_a_cadre_is_refused_by_declaration_and_whoever_is_none_has_nothing_to_explain(cast):
    at = context(cast.township, cast.units["9911"])
    cadre, other = judge("posts", [line(life.person(cast), 村干部职务=said) for said in ("文书", "否")], at)
    assert (cadre.verdict, other.verdict) == ("rejected", "new")
    assert any("YD-F09" in one for one in messages(cadre))
    assert not any("YD-F09" in one for one in messages(other))


@pytest.mark.parametrize(("unit", "category"), [("991", ""), ("9911", "护路员")])
def test_a_workbook_opens_no_post_beyond_a_ceiling(cast, unit, category):
    opening.set_ceiling(cast.units[unit], 2023, category, 1, cast.county)
    at = context(cast.township, cast.units["9911"])
    rows = [line(life.person(cast)) for _ in range(2)]
    first, second = judge("posts", rows, at)
    assert (first.verdict, second.verdict) == ("new", "rejected")
    assert any("上限1个" in one for one in messages(second))
    send("posts", rows[:1], at)
    one = taking_over.Holder(life.person(cast).pk, {"title": "护路员", "category": "护路员"}, life.day(1))
    with pytest.raises(NotAllowed, match="上限1个"):
        taking_over.take_over_all([one], "20230331-0002", cast.township)


def test_the_ceiling_of_a_county_counts_posts_that_the_importing_township_does_not_see(cast):
    opening.set_ceiling(cast.units["991"], 2023, "", 1, cast.county)
    village = cast.units["99121"]
    Post.objects.create(
        number="GW-99121-001", unit=village, title="护路", category="护路员", opened_on=life.day(1)
    )
    with wall.narrowed(cast.township):
        (row,) = judge("posts", [line(life.person(cast))], context(cast.township, cast.units["9911"]))
        assert any("上限1个，已开发1个" in one for one in messages(row))
        with pytest.raises(NotAllowed, match="上限1个"):
            opening.room_for(cast.units["99111"], 2023, "")


def test_a_number_means_a_vacant_post_of_the_village_once(cast):
    far = Post.objects.create(
        number="GW-99211-001",
        unit=cast.units["99211"],
        title="护路",
        category="护路员",
        opened_on=life.day(1),
    )
    held = life.appointed(cast).post
    rows = [line(life.person(cast), 岗位编号=number) for number in (far.number, held.number, "GW-9", "GW-9")]
    with wall.narrowed(cast.township):
        judged = judge("posts", rows, context(cast.township, cast.units["9911"]))
    assert [one.verdict for one in judged] == ["rejected", "rejected", "new", "rejected"]
    for row, words in zip(judged, ("不在甲东一村", "这个岗位上已有人", "", "同一个岗位"), strict=True):
        assert any(words in one for one in messages(row))


def test_what_the_county_approved_of_a_post_only_the_county_changes(cast):
    held = life.appointed(cast)
    at = context(cast.township, cast.units["9911"])
    row = line(held.laborer, 岗位名称=held.post.title, 补贴标准="900", 责任片区="全村")
    (judged,) = judge("posts", [row], at)
    assert judged.verdict == "rejected"
    assert any("补贴标准是县里核定的" in one for one in messages(judged))
    with pytest.raises(NotAllowed, match="补贴标准是县里核定的"):
        taking_over.amend(held, {"monthly_fen": 90_000}, {"monthly_fen": 40_000}, cast.township)
    assert verdicts(send("posts", [row | {"补贴标准": "400"}], at)) == ["changed"]
    send("posts", [row], context(cast.county, cast.units["991"]))
    assert Post.objects.get().monthly_fen == 90_000


def test_a_post_is_not_moved_into_a_category_that_is_full(cast):
    at = context(cast.township, cast.units["9911"])
    person = life.person(cast)
    send("posts", [line(person)], at)
    opening.set_ceiling(cast.units["991"], 2023, "护林员", 0, cast.county)
    (row,) = judge("posts", [line(person, 岗位类别="护林员")], at)
    assert row.verdict == "rejected"
    assert any("护林员上限0个" in one for one in messages(row))
    with pytest.raises(NotAllowed, match="护林员上限0个"):
        taking_over.amend(
            Appointment.objects.get(), {"category": "护林员"}, {"category": "护路员"}, cast.township
        )


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"姓名": "别的人"}, "不一致"),
        ({"身份证号": "990101196211200044"}, "没有这个人"),
        ({"合同期": ""}, "至少填一项"),
        ({"补贴标准": "很多"}, "不是金额"),
        ({"社保卡号": "12"}, "12至25位"),
        ({"开户行": ""}, "开户行也要填"),
        ({"在岗状态": "离岗"}, "不导入"),
        ({"规定出勤天数": "40"}, "不能大于31"),
    ],
)
def test_what_is_wrong_in_a_row_is_said(cast, cells, said):
    (row,) = judge("posts", [line(life.person(cast)) | cells], context(cast.township, cast.units["9911"]))
    assert row.verdict == "rejected"
    assert any(said in one for one in messages(row))


def test_a_yearly_wage_is_spread_over_twelve_months(cast):
    row = line(life.person(cast)) | {"补贴标准": "", "工资（元/年）": "4800"}
    send("posts", [row], context(cast.township, cast.units["9911"]))
    assert Post.objects.get().monthly_fen == 40_000


def test_undoing_takes_back_what_nothing_was_built_on(cast):
    from lib.staging import KINDS

    people = [life.person(cast), life.person(cast)]
    at = context(cast.township, cast.units["9911"])
    judged = send("posts", [line(one) for one in people], at)
    life.told(cast, Appointment.objects.get(laborer=people[0]))
    left = KINDS["posts"].undo(judged, at)
    assert len(left) == 1
    assert [one.laborer for one in Appointment.objects.all()] == [people[0]]
    assert Post.objects.count() == 1


def test_what_is_exported_imports_again_as_the_same(cast):
    send("posts", [line(life.person(cast))], context(cast.township, cast.units["9911"]))
    export = EXPORTS["posts"]
    rows = [
        dict(zip(export.headings, row, strict=True))
        for row in export.rows(cast.county, cast.units["991"], None)
    ]
    assert verdicts(judge("posts", rows, context(cast.county, cast.units["991"]))) == ["same"]


@pytest.mark.parametrize("name", ["post-roster", "post-notice"])
def test_lists_that_are_posted_up_carry_no_number_of_a_person(cast, name):
    held = life.appointed(cast)
    export = EXPORTS[name]
    rows = list(export.rows(cast.village, cast.units["99111"], Month(2023, 3)))
    told = " ".join(str(cell) for row in rows for cell in row)
    assert held.laborer.name in told
    assert held.laborer.id_no not in told
    assert held.laborer.phone not in told
    assert "内部资料" not in watermark(export, cast.village, cast.units["99111"], Month(2023, 3))
    assert export.count(cast.village, cast.units["99111"], Month(2023, 3)) == len(rows) == 1
    assert list(export.rows(cast.neighbour_village, cast.units["99111"], Month(2023, 3))) == []
