"""Workbooks of units and users: every bad row has its answer, nothing beyond one's reach is written."""

from __future__ import annotations

import pytest

from accounts import actions
from accounts.imports import Units, Users
from accounts.models import Unit, User
from lib.staging import CHANGED, NEW, REJECTED, SAME, Context, Row, Stale


def rows(kind, *lines):
    keys = [column.key for column in kind.columns]
    return [Row(number, dict(zip(keys, line))) for number, line in enumerate(lines, 2)]


def judge(kind, user, *lines):
    return list(kind.judge(rows(kind, *lines), Context(user=user, unit=user.home_unit)))


def one(kind, user, *line):
    return judge(kind, user, line)[0]


UNIT = ("99113", "三村", "村", "9911", "")
USER = ("sancun", "三村信息员", "村信息员", "99112")


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (("", "三村", "村", "9911", ""), "单位编码", "不能为空"),
        (("99113", "", "村", "9911", ""), "单位名称", "不能为空"),
        (("99-113", "三村", "村", "9911", ""), "单位编码", "数字和字母"),
        (("99113", "三村", "屯", "9911", ""), "级别", "只能是"),
        (("99113", "三村", "村", "9919", ""), "上级编码", "没有这个上级"),
        (("99113", "三村", "乡", "9911", ""), "级别", "低于上级"),
        (("99113", "三村", "村", "9911", "1234"), "国标代码", "12 位"),
        (("99213", "三村", "村", "9921", ""), "单位编码", "不在管辖范围"),
        (("98", "另一市", "市", "", ""), "单位编码", "不在管辖范围"),
        (("99111", "甲东一村", "村", "9912", ""), "上级编码", "划转"),
    ],
)
def test_a_bad_unit_is_rejected_with_the_reason(cast, line, column, words):
    staged = one(Units(), cast.county, *line)
    assert staged.verdict == REJECTED
    assert [problem.column for problem in staged.problems] == [column]
    assert words in staged.problems[0].message


def test_a_new_unit_may_stand_on_one_of_the_same_file(cast):
    staged = judge(
        Units(), cast.county, ("9913", "新镇", "乡", "991", ""), ("99131", "新村", "村级", "9913", "")
    )
    assert [row.verdict for row in staged] == [NEW, NEW]
    Units().apply(staged, Context(user=cast.county, unit=cast.units["991"]))
    assert Unit.objects.get(code="99131").path == "99/991/9913/99131/"


def test_the_second_of_two_equal_rows_is_rejected(cast):
    staged = judge(Units(), cast.county, UNIT, UNIT)
    assert [row.verdict for row in staged] == [NEW, REJECTED]
    assert "与第 2 行重复" in staged[1].problems[0].message


def test_the_same_units_twice_change_nothing(cast):
    context = Context(user=cast.county, unit=cast.units["991"])
    Units().apply(judge(Units(), cast.county, UNIT), context)
    assert one(Units(), cast.county, *UNIT).verdict == SAME


def test_a_corrected_name_is_a_change_and_can_be_taken_back(cast):
    context = Context(user=cast.county, unit=cast.units["991"])
    gb_code = cast.units["99111"].gb_code
    staged = judge(Units(), cast.county, ("99111", "改名村", "村", "9911", gb_code))
    assert (staged[0].verdict, staged[0].old, staged[0].new) == (
        CHANGED,
        {"name": "甲东一村"},
        {"name": "改名村"},
    )
    Units().apply(staged, context)
    assert Units().undo(staged, context) == []
    assert Unit.objects.get(code="99111").name == "甲东一村"


def test_a_unit_changed_since_it_was_judged_is_not_overwritten(cast):
    staged = judge(Units(), cast.county, ("99111", "改名村", "村", "9911", ""))
    actions.rename_unit(Unit.objects.get(code="99111"), "别人改的村", cast.city)
    with pytest.raises(Stale):
        Units().apply(staged, Context(user=cast.county, unit=cast.units["991"]))


def test_new_units_are_taken_back_unless_someone_serves_there(cast):
    context = Context(user=cast.county, unit=cast.units["991"])
    staged = judge(Units(), cast.county, UNIT, ("99114", "四村", "村", "9911", ""))
    Units().apply(staged, context)
    actions.set_posting(cast.village, Unit.objects.get(code="99113"), "village", cast.county)
    left = Units().undo(staged[::-1], context)
    assert len(left) == 1
    assert "三村" in left[0]
    assert not Unit.objects.filter(code="99114").exists()


def test_an_administrator_imports_a_whole_city(cast):
    staged = judge(
        Units(), cast.admin, ("98", "另一市", "市", "", "980100000000"), ("981", "丙县", "县", "98", "")
    )
    assert staged[0].verdict == NEW
    Units().apply(staged[:1], Context(user=cast.admin, unit=cast.units["99"]))
    assert Unit.objects.get(code="98").parent is None


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (("三村", "三村信息员", "村信息员", "99112"), "用户名", "字母"),
        (("sancun", "", "村信息员", "99112"), "姓名", "不能为空"),
        (("sancun", "甲", "村长", "99112"), "角色", "只能是"),
        (("sancun", "甲", "村信息员", "99119"), "单位编码", "没有这个单位"),
        (("sancun", "甲", "村信息员", "9911"), "角色", "不能在乡级单位任职"),
        (("sancun", "甲", "村信息员", "99211"), "单位编码", "不在管辖范围"),
        (("sancun", "甲", "县专班", "991"), "单位编码", "不在管辖范围"),
        (("shi", "甲", "村信息员", "99111"), "单位编码", "不在管辖范围"),
    ],
)
def test_a_bad_user_is_rejected_with_the_reason(cast, line, column, words):
    staged = one(Users(), cast.county, *line)
    assert staged.verdict == REJECTED
    assert [problem.column for problem in staged.problems] == [column]
    assert words in staged.problems[0].message


def test_imported_users_cannot_sign_in_before_a_password_is_handed_over(client, cast):
    context = Context(user=cast.county, unit=cast.units["991"])
    staged = judge(Users(), cast.county, USER)
    Users().apply(staged, context)
    user = User.objects.get(username="sancun")
    assert not user.has_usable_password()
    assert user.must_change_password
    assert user.can("person", "w", cast.units["99112"])
    assert one(Users(), cast.county, *USER).verdict == SAME
    assert Users().undo(staged, context) == []
    assert not User.objects.filter(username="sancun").exists()


def test_a_further_posting_is_a_change_that_can_be_taken_back(cast):
    context = Context(user=cast.county, unit=cast.units["991"])
    staged = judge(Users(), cast.county, ("cun", "村信息员", "村信息员", "99112"))
    assert staged[0].verdict == CHANGED
    assert staged[0].old == {"role": "village", "unit": "99111"}
    Users().apply(staged, context)
    assert User.objects.get(username="cun").can("person", "w", cast.units["99112"])
    assert Users().undo(staged, context) == []
    assert not User.objects.get(username="cun").can("person", "w", cast.units["99112"])


def test_a_user_who_has_signed_in_stays(client, cast):
    context = Context(user=cast.county, unit=cast.units["991"])
    staged = judge(Users(), cast.county, USER)
    Users().apply(staged, context)
    client.force_login(User.objects.get(username="sancun"))
    assert "已经登录过" in Users().undo(staged, context)[0]


def test_two_rows_for_one_name_are_told_apart(cast):
    staged = judge(Users(), cast.county, USER, ("SanCun", "乙", "村信息员", "99111"))
    assert [row.verdict for row in staged] == [NEW, REJECTED]


def test_lists_can_be_exported_within_reach(cast):
    from lib.staging import EXPORTS

    units = list(EXPORTS["units"].rows(cast.county, cast.units["991"], None))
    assert [row[0] for row in units] == ["991", "9911", "99111", "99112", "9912", "99121", "99122"]
    assert len(units[0]) == len(EXPORTS["units"].headings)
    users = list(EXPORTS["users"].rows(cast.county, cast.units["99"], None))
    assert {row[0] for row in users} == {"cun", "cun2", "zhen", "zhen2", "xian"}
    assert users[0][:5] == ["xian", "县专班", "县专班", "991", "甲县"]
