"""A post by its verbs: proposed, checked, opened, filled, left; and what each step refuses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from ledgers.models import MonthClosing
from posts import leaving, opening, recruiting
from posts.models import Appointment, Candidate, Post, PostCeiling
from posts.rules import Limits
from tests import cast as casting
from tests import factories
from tests.posts import life
from tests.posts.life import day


@pytest.fixture
def cast(db, at):
    at(18)
    return casting.build()


def refused(words: str):
    return pytest.raises(NotAllowed, match=words)


def test_a_post_lives_from_proposal_to_exit_and_is_vacant_again(cast):
    one = life.appointed(cast)
    post = one.post
    assert (post.number, post.state, post.proposed_by) == ("GW-99111-001", "open", cast.village)
    assert not leaving.is_vacant(post)
    assert one.candidate.state == Candidate.State.FILED
    assert {clause["state"] for clause in one.candidate.checks} == {"符合"}
    gone = leaving.file_exit(life.decided(cast, one), True, cast.county)
    assert (gone.ended_on, gone.exit_step) == (day(17), 3)
    assert leaving.is_vacant(post)
    again = life.announced(cast, post)
    assert again.pk != one.candidate.recruitment_id
    told = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert told == [f"post.{act}" for act in (
        "propose", "check", "open", "announce", "apply", "meet", "notice", "recommend", "appoint", "exit_notify",
        "exit_decide", "exit_file", "announce",
    )]  # fmt: skip


def test_nobody_takes_two_steps_of_one_opening(cast):
    own = opening.propose(cast.units["99111"], cast.township, **life.proposal())
    with refused("您申请过"):
        opening.check(own, cast.township)
    post = life.proposed(cast)
    with refused("没有办理"):
        opening.check(post, cast.village)
    with refused("没有办理"):
        opening.check(post, cast.neighbour_township)
    checked = opening.check(post, cast.township)
    with refused("没有办理"):
        opening.open_post(checked, cast.township)
    for name in ("approved_by", "checked_by"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Post.objects.filter(pk=post.pk).update(**{name: cast.village})


def test_a_refused_post_keeps_its_reason_and_cannot_go_on(cast):
    post = opening.refuse(life.proposed(cast), "本村岗位已经够用", cast.township)
    assert (post.state, post.reason) == ("refused", "本村岗位已经够用")
    with refused("未同意"):
        opening.check(post, cast.township)
    checked = opening.check(life.proposed(cast), cast.township)
    with refused("没有办理"):
        opening.refuse(checked, "本村岗位已经够用", cast.township)
    assert opening.refuse(checked, "本年资金不足", cast.county).state == "refused"


@pytest.mark.parametrize(("unit", "category"), [("991", ""), ("9911", "保洁员"), ("9911", "")])
def test_an_opening_beyond_the_ceiling_of_county_or_township_is_refused(cast, unit, category):
    opening.set_ceiling(cast.units[unit], 2023, category, 1, cast.county)
    life.opened(cast)
    waiting = opening.check(life.proposed(cast), cast.township)
    with refused("上限1个，已开发1个"):
        opening.open_post(waiting, cast.county)
    opening.set_ceiling(cast.units[unit], 2023, category, None, cast.county)
    assert opening.open_post(waiting, cast.county).state == "open"


def test_ceilings_and_policy_are_the_countys_own(cast):
    with refused("没有办理"):
        opening.set_ceiling(cast.units["9911"], 2023, "", 3, cast.township)
    with refused("只对县和乡镇"):
        opening.set_ceiling(cast.units["99111"], 2023, "", 3, cast.county)
    with refused("没有办理"):
        opening.set_policy(cast.units["992"], Limits(), cast.county)
    with refused("公示天数"):
        opening.set_policy(cast.units["991"], Limits(notice_days=0), cast.county)
    opening.set_policy(cast.units["991"], Limits(notice_days=7), cast.county)
    met = recruiting.record_meeting(life.applied(cast), day(8), "到会32人，一致同意。", cast.village)
    with refused("公示不少于7天"):
        recruiting.start_notice(met, day(9), day(12), cast.village)


REDS = [
    ({"household__poverty_kind": "一般农户"}, "YD-F19"),
    ({"birth_date": dt.date(1953, 1, 1)}, "YD-F13"),
    ({"ability": "丧失劳动能力"}, "YD-F14"),
]


@pytest.mark.parametrize(("fields", "rule"), REDS)
def test_red_clauses_refuse_an_application(cast, fields, rule):
    fields = {"birth_date": dt.date(1965, 5, 1)} | fields
    who = factories.laborer(cast.units["99111"], **fields)
    with refused(rule):
        life.applied(cast, who)
    assert not Candidate.objects.exists()


def test_a_cadre_is_refused_by_declaration_and_families_where_the_county_says_so(cast):
    call, who = life.announced(cast), life.person(cast)
    with refused("YD-F09"):
        recruiting.apply_for(call, who, day(5), "文书", False, cast.village)
    opening.set_policy(cast.units["991"], Limits(no_cadre_family=True), cast.county)
    with refused("YD-F09"):
        recruiting.apply_for(call, who, day(5), "", True, cast.village)


@pytest.mark.parametrize(
    ("spell", "rule"),
    [({"place_class": "省外", "job_form": "灵活就业"}, "YD-F02"), ({"place_class": "乡内"}, "YD-F22")],
)
def test_who_went_away_or_found_a_job_meanwhile_is_neither_recommended_nor_appointed(cast, spell, rule):
    noticed = life.noticed(cast)
    factories.spell(noticed.laborer, **spell)
    with refused(rule):
        recruiting.recommend(noticed, "同意推荐。", "公示期满无异议", "已核实", cast.township)
    noticed.laborer.spells.all().delete()
    waiting = recruiting.recommend(noticed, "同意推荐。", "公示期满无异议", "", cast.township)
    factories.spell(noticed.laborer, **spell)
    with refused(rule):
        recruiting.file_appointment(waiting, day(15), cast.county)
    assert not Appointment.objects.exists()


def test_what_lacks_evidence_is_explained_in_writing_or_goes_no_further(cast):
    who = factories.laborer(cast.units["99111"], birth_date=dt.date(1965, 5, 1))
    noticed = life.noticed(cast, who)
    with refused("YD-F02"):
        recruiting.recommend(noticed, "同意推荐。", "公示期满无异议", "", cast.township)
    done = recruiting.recommend(
        noticed, "同意推荐。", "公示期满无异议", "上门核实，本人在家。", cast.township
    )
    assert done.state == Candidate.State.RECOMMENDED


def test_a_second_post_is_refused_even_in_a_village_out_of_sight(cast):
    who = life.person(cast)
    elsewhere = Post.objects.create(
        number="1", unit=cast.units["99211"], title="护林员", category="护林员", opened_on=day(1)
    )
    Appointment.objects.create(post=elsewhere, laborer=who, started_on=day(1))
    with refused("YD-F01"):
        life.applied(cast, who)


def test_nobody_is_recommended_before_the_notice_has_run_or_by_who_entered_the_application(cast, at):
    met = recruiting.record_meeting(life.applied(cast), day(8), "到会32人，一致同意。", cast.village)
    with refused("不能办理这一步"):
        recruiting.recommend(met, "同意推荐。", "公示期满无异议", "", cast.township)
    noticed = recruiting.start_notice(met, day(16), day(18), cast.village)
    with refused("公示还没有期满"):
        recruiting.recommend(noticed, "同意推荐。", "公示期满无异议", "", cast.township)
    at(19)
    Candidate.objects.filter(pk=noticed.pk).update(entered_by=cast.township)
    with refused("您登记报名过"):
        recruiting.recommend(noticed, "同意推荐。", "公示期满无异议", "", cast.township)


def test_whoever_recommended_does_not_file_not_even_past_the_verb(cast):
    waiting = life.recommended(cast)
    Candidate.objects.filter(pk=waiting.pk).update(recommended_by=cast.county)
    with refused("您推荐过"):
        recruiting.file_appointment(waiting, day(15), cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(
            post=waiting.recruitment.post, laborer=waiting.laborer, started_on=day(15), filed_by=cast.county,
            approved_by=cast.county,
        )  # fmt: skip


def test_others_who_applied_are_told_that_the_post_is_filled(cast):
    call = life.announced(cast)
    other = life.applied(cast, life.person(cast), call)
    life.appointed(cast, None, call)
    other.refresh_from_db()
    assert (other.state, other.reason) == ("withdrawn", "岗位已聘用他人")


def test_a_contract_lasts_a_year_at_most_and_is_renewed_from_the_day_after(cast):
    one = life.appointed(cast)
    with refused("最长一年"):
        leaving.renew_contract(
            one, "劳务协议", "2", dt.date(2024, 3, 15), dt.date(2025, 3, 15), cast.township
        )
    with refused("已有合同"):
        leaving.renew_contract(
            one, "劳务协议", "2", dt.date(2024, 3, 14), dt.date(2025, 3, 13), cast.township
        )
    made = leaving.renew_contract(
        one, "劳务协议", "2", dt.date(2024, 3, 15), dt.date(2025, 3, 14), cast.township
    )
    assert one.contracts.count() == 2
    assert made.number == "2"
    factories.spell(one.laborer, place_class="省外")
    with refused("应办理退岗"):
        leaving.renew_contract(
            one, "劳务协议", "3", dt.date(2025, 3, 15), dt.date(2026, 3, 14), cast.township
        )


def test_an_exit_is_told_decided_and_filed_in_this_order_by_two_people(cast):
    one = life.appointed(cast)
    with refused("请先告知本人"):
        leaving.decide_exit(one, day(17), day(18), cast.township)
    told = life.told(cast, one)
    with refused("还没有作出退岗决定"):
        leaving.file_exit(told, False, cast.county)
    leaving.decide_exit(told, day(17), day(18), cast.township)
    Appointment.objects.filter(pk=one.pk).update(exit_decided_by=cast.county)
    with refused("您决定退岗过"):
        leaving.file_exit(told, False, cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=one.pk).update(
            ended_on=day(17), exit_filed_on=day(18), exit_filed_by=cast.county
        )


def test_an_exit_told_or_decided_by_mistake_is_called_off_until_the_county_has_filed_it(cast):
    with refused("没有告知过退岗"):
        leaving.call_off_exit(one := life.appointed(cast), "本人不愿意退岗", cast.village)
    for step, by in ((life.told, cast.village), (life.decided, cast.township), (life.decided, cast.county)):
        step(cast, one)
        if by != cast.village:
            with refused("没有办理"):
                leaving.call_off_exit(one, "本人不愿意退岗", cast.village)
        stays = leaving.call_off_exit(one, "本人不愿意退岗", by)
        assert (stays.exit_step, stays.stop_pay_on, stays.ended_on, stays.exit_ground) == (0, None, None, "")
    leaving.file_exit(life.decided(cast, one), True, cast.county)
    with refused("已经结束"):
        leaving.call_off_exit(one, "本人不愿意退岗", cast.county)


def test_a_post_that_is_held_is_not_closed_and_a_closed_month_takes_no_appointment(cast):
    one = life.appointed(cast)
    with refused("岗位上还有人"):
        opening.close_post(one.post, "资金已经到期", cast.county)
    gone = leaving.file_exit(life.decided(cast, one), False, cast.county)
    assert opening.close_post(gone.post, "资金已经到期", cast.county).state == "closed"
    waiting = life.recommended(cast, None, life.announced(cast, life.opened(cast)))
    MonthClosing.objects.create(unit=cast.units["991"], month=factories.MARCH, closed_by=cast.county)
    with refused("2023年3月已由甲县关闭"):
        recruiting.file_appointment(waiting, day(15), cast.county)


def test_what_is_open_under_each_ceiling_is_asked_once_of_them_all(cast, django_assert_num_queries):
    life.opened(cast)
    for code, category, number in (("991", "", 5), ("9911", "保洁员", 3), ("9911", "护林员", 2)):
        opening.set_ceiling(cast.units[code], 2023, category, number, cast.county)
    ceilings = list(PostCeiling.objects.select_related("unit").order_by("pk"))
    with django_assert_num_queries(1):
        found = opening.open_under_each(ceilings, cast.units["991"])
    assert found == {one.pk: opening.open_under(one) for one in ceilings}
    assert list(found.values()) == [1, 1, 0]
