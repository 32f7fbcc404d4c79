"""Training from plan to payment through its verbs, and what each of them refuses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from ledgers.actions import close_month
from ledgers.clocks.table import to_train
from ledgers.models import Service, WorkSpell
from ledgers.periods import PeriodClosed
from lib.month import Month
from subsidies.models import Allowance, Certificate, Enrolment, TrainingClass, TrainingDay
from subsidies.training import attending, certifying, classes, enrolling, paying, planning
from tests import factories
from tests.subsidies.conftest import CHINA, at
from tests.subsidies.training_cast import DAYS, row_of, school, wishing, with_account

pytestmark = pytest.mark.django_db
TODAY = dt.date(2023, 3, 18)
State = TrainingClass.State


@pytest.fixture
def one(cast):
    return school(cast)


def test_from_a_wish_to_the_paid_allowance(cast, one):
    running = one.running()
    assert Service.objects.filter(kind="职业培训", laborer__in=one.people).count() == 3
    assert not to_train([cast.units["99111"].pk], None).exists()
    for n, day in enumerate(DAYS):
        marks = {row.pk: "到" for row in running.enrolments.all()}
        marks[row_of(running, one.people[2]).pk] = "到" if n < 2 else "缺"
        attending.mark(running, day, marks, cast.county)
    done = classes.finish_class(running, cast.county)
    assert list(Enrolment.objects.order_by("pk").values_list("days", flat=True)) == [5, 5, 2]
    assert Enrolment.objects.trained().count() == 2
    certifying.certify(row_of(done, one.people[0]), "职业技能等级证书", "ZS990001", TODAY, cast.county)
    classes.end_certifying(done, cast.county)
    computed = paying.compute(done, cast.county)
    assert (computed.people, computed.yuan) == (3, "180.00")
    for person in one.people:
        with_account(person, cast.county)
    assert paying.approve(done, one.boss).fen == 18000
    assert Enrolment.objects.unpaid().count() == 3
    assert paying.pay(done, TODAY, "凭证990001", cast.county).people == 3
    done.refresh_from_db()
    assert done.state == State.SETTLED
    assert (Enrolment.objects.paid().count(), Enrolment.objects.eligible().count()) == (3, 3)
    assert Enrolment.objects.of_year(2023).certified().under(cast.units["99111"]).count() == 1
    said = set(AuditEntry.objects.filter(action__startswith="training.").values_list("action", flat=True))
    assert {"training.plan", "training.approve", "training.open", "training.finish", "training.pay"} <= said


# ── plan and class ───────────────────────────────────────────────────────────────────────────────────────────────


def test_who_wrote_the_plan_does_not_approve_it_and_a_change_takes_the_approval_back(cast, one):
    plan = planning.write_plan(cast.units["991"], 2023, {"电工": 80}, cast.county, daily_fen=2500)
    plan.refresh_from_db()
    assert plan.approved_by is None
    with pytest.raises(NotAllowed, match="编制人不能审批"):
        planning.approve_plan(plan, cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(plan).objects.filter(pk=plan.pk).update(approved_by=cast.county, approved_at=plan.made_at)
    with pytest.raises(NotAllowed, match="还没有审批"):
        one.a_class()


@pytest.mark.parametrize(
    ("lines", "more", "sentence"),
    [
        ({}, {}, "至少填写一个培训工种"),
        ({"电工": 0}, {}, "人数至少1人"),
        ({"电工": 5}, {"daily_fen": 99_999}, "核对文件"),
        ({"电工": 5}, {"least_percent": 0}, "出勤率"),
        ({"电工": 5}, {"per_year": 0}, "次数"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(cast, lines, more, sentence):
    with pytest.raises(NotAllowed, match=sentence):
        planning.write_plan(cast.units["991"], 2024, lines, cast.county, **more)


def test_a_class_without_dates_or_names_does_not_open(cast, one):
    empty = one.a_class(days=[])
    enrolling.enrol(empty, one.people[0], cast.county)
    with pytest.raises(NotAllowed, match="没有培训日期"):
        classes.open_class(empty, cast.county)
    nobody = one.a_class(name="电工二期")
    with pytest.raises(NotAllowed, match="没有实名学员"):
        classes.open_class(nobody, cast.county)
    classes.change_class(empty, {}, DAYS, cast.county)
    assert TrainingDay.objects.filter(laborer=one.people[0]).count() == 5
    assert classes.open_class(empty, cast.county).state == State.OPEN


def test_what_the_village_proposed_is_confirmed_before_the_class_opens(cast, one):
    planned = one.a_class()
    row = enrolling.enrol(planned, one.people[0], cast.village)
    assert row.state == Enrolment.State.PROPOSED
    with pytest.raises(NotAllowed, match="还有1人待确认"):
        classes.open_class(planned, cast.county)
    with pytest.raises(NotAllowed, match="乡镇或县确认"):
        enrolling.confirm(row, cast.village)
    with pytest.raises(NotAllowed, match="没有为"):
        enrolling.enrol(planned, one.people[1], cast.neighbour_village)
    assert enrolling.confirm(row, cast.township).state == Enrolment.State.ENROLLED
    classes.open_class(planned, cast.county)
    assert row_of(planned, one.people[0]).service.done_by == "示例职业学校"


def test_a_class_that_is_cancelled_sets_its_people_free(cast, one):
    planned = one.a_class()
    enrolling.enrol(planned, one.people[0], cast.county)
    classes.cancel_class(planned, "教师临时有事", cast.county)
    again = one.a_class()
    assert enrolling.enrol(again, one.people[0], cast.county).state == Enrolment.State.ENROLLED
    assert again.pk != planned.pk


# ── who may be in a class ────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_is_in_two_classes_on_one_day(cast, one):
    planning.write_plan(cast.units["991"], 2023, {"电工": 60, "焊工": 30}, cast.county, per_year=2)
    planning.approve_plan(one.plan, one.boss)
    person = one.people[0]
    enrolling.enrol(one.a_class(), person, cast.county)
    other = one.a_class(days=[DAYS[-1], dt.date(2023, 3, 20)], name="焊工一期", trade="焊工")
    with pytest.raises(NotAllowed, match="3月17日已经在“电工一期”"):
        enrolling.enrol(other, person, cast.county)
    assert not other.enrolments.exists()
    later = one.a_class(days=[dt.date(2023, 3, 20)], name="焊工二期", trade="焊工")
    row = enrolling.enrol(later, person, cast.county)
    with pytest.raises(NotAllowed, match="3月17日已经在“电工一期”"):
        classes.change_class(later, {}, [DAYS[-1]], cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingDay.objects.create(enrolment=row, laborer=person, day=DAYS[0])


def test_nobody_in_the_ledger_at_work_outside_the_county_is_in_a_class(cast, one):
    person, planned = one.people[0], one.a_class()
    spell = factories.spell(person, Month(2022, 10))
    with pytest.raises(NotAllowed, match="2022年10月起在省外务工，3月13日不能在培训班"):
        enrolling.enrol(planned, person, cast.county)
    WorkSpell.objects.filter(pk=spell.pk).update(ended=Month(2023, 2))
    enrolling.enrol(planned, person, cast.county)
    WorkSpell.objects.filter(pk=spell.pk).update(ended=None)
    with pytest.raises(NotAllowed, match="在省外务工"):
        classes.open_class(planned, cast.county)


def test_days_marked_as_attended_are_compared_with_the_ledger_once_more_at_the_end(cast, one):
    running = one.running()
    for day in DAYS:
        attending.mark(running, day, {row.pk: "到" for row in running.enrolments.all()}, cast.county)
    factories.spell(one.people[1], Month(2023, 1))
    with pytest.raises(NotAllowed, match=f"{one.people[1].name}：台账记着2023年1月起在省外务工"):
        classes.finish_class(running, cast.county)


def test_once_a_year_and_no_trade_twice_unless_the_plan_says_so(cast, one):
    person = one.people[0]
    enrolling.enrol(one.a_class(), person, cast.county)
    second = one.a_class(days=[dt.date(2023, 4, 3)], name="电工二期")
    with pytest.raises(NotAllowed, match="每人每年最多1次"):
        enrolling.enrol(second, person, cast.county)
    for same_trade, sentence in ((False, "同一工种不重复培训"), (True, "")):
        planning.write_plan(
            cast.units["991"], 2023, {"电工": 60}, cast.county, per_year=2, same_trade=same_trade
        )
        planning.approve_plan(one.plan, one.boss)
        if sentence:
            with pytest.raises(NotAllowed, match=sentence):
                enrolling.enrol(second, person, cast.county)
    assert enrolling.enrol(second, person, cast.county).state == Enrolment.State.ENROLLED


def test_the_last_place_is_given_once(cast, one):
    small = one.a_class(places=1)
    enrolling.enrol(small, one.people[0], cast.county)
    with pytest.raises(NotAllowed, match="1个名额已满"):
        enrolling.enrol(small, one.people[1], cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingClass.objects.filter(pk=small.pk).update(taken=2)
    first = row_of(small, one.people[0])
    assert enrolling.enrol(small, one.people[0], cast.county).pk == first.pk
    enrolling.leave(first, "本人不愿参加", cast.township)
    enrolling.enrol(small, one.people[1], cast.county)
    small.refresh_from_db()
    assert small.taken == 1


def test_a_township_class_is_for_its_own_people(cast, one):
    far = wishing(cast, "99121")
    with pytest.raises(NotAllowed, match="跨乡镇的请县里开班"):
        enrolling.enrol(one.a_class(unit="9911"), far, cast.county)
    away = wishing(cast, person_state="暂时退出/参军")
    with pytest.raises(NotAllowed, match="不能报名培训"):
        enrolling.enrol(one.a_class(name="电工二期"), away, cast.county)


def test_who_leaves_before_the_first_day_was_not_served(cast, one):
    running = one.running()
    attending.mark(running, DAYS[0], {row_of(running, one.people[0]).pk: "到"}, cast.county)
    for person in one.people[:2]:
        enrolling.leave(row_of(running, person), "本人外出务工", cast.county)
    assert Service.objects.standing().filter(laborer__in=one.people[:2]).count() == 1
    assert TrainingDay.objects.filter(laborer__in=one.people[:2]).count() == 1


# ── attendance, completion, certificates ─────────────────────────────────────────────────────────────────────────


def test_attendance_is_of_days_that_were_and_of_months_that_are_open(cast, one, monkeypatch):
    running = one.running(days=[*DAYS, dt.date(2023, 3, 20)])
    marks = {row_of(running, one.people[0]).pk: "到"}
    for day, sentence in ((dt.date(2023, 3, 20), "还没有到"), (dt.date(2023, 3, 12), "不是这个班的培训日期")):
        with pytest.raises(NotAllowed, match=sentence):
            attending.mark(running, day, marks, cast.county)
    with pytest.raises(NotAllowed, match="只能是到、缺、假"):
        attending.mark(running, DAYS[0], {next(iter(marks)): "？"}, cast.county)
    with pytest.raises(NotAllowed, match="权限"):
        attending.mark(running, DAYS[0], marks, cast.township)
    assert attending.mark(running, DAYS[0], marks, cast.county) == 1
    assert attending.mark(running, DAYS[0], marks, cast.county) == 0
    factories.record(one.people[0])
    at(monkeypatch, dt.datetime(2023, 4, 1, 9, 0, tzinfo=CHINA))
    close_month(cast.units["991"], Month(2023, 3), cast.county)
    with pytest.raises(PeriodClosed, match="已由甲县关闭"):
        attending.mark(running, DAYS[1], marks, cast.county)


def test_a_class_ends_after_its_last_day_with_every_mark(cast, one):
    running = one.running(days=[*DAYS, TODAY + dt.timedelta(days=1)])
    with pytest.raises(NotAllowed, match="3月19日才结束"):
        classes.finish_class(running, cast.county)
    running = classes.change_class(running, {}, DAYS, cast.county)
    with pytest.raises(NotAllowed, match="还有15格考勤没有登记"):
        classes.finish_class(running, cast.county)


def test_no_certificate_without_completion_and_none_twice(cast, one):
    done = one.finished(absent={1: 2})
    first, lazy, third = (row_of(done, person) for person in one.people)
    with pytest.raises(NotAllowed, match="取证人数不能多于培训人数"):
        certifying.certify(lazy, "培训合格证书", "ZS2", TODAY, cast.county)
    certifying.certify(first, "培训合格证书", "ZS1", TODAY, cast.county)
    certifying.certify(first, "培训合格证书", "ZS1", TODAY, cast.county)
    with pytest.raises(NotAllowed, match="已经登记在别人名下"):
        certifying.certify(third, "培训合格证书", "ZS1", TODAY, cast.county)
    with pytest.raises(NotAllowed, match="发证日期"):
        certifying.certify(third, "培训合格证书", "ZS3", TODAY + dt.timedelta(days=1), cast.county)
    with pytest.raises(NotAllowed, match="先撤销证书"):
        classes.reopen_class(done, "考勤登记有误", cast.county)
    certifying.take_certificate_back(first, cast.county)
    assert not Certificate.objects.exists()
    assert classes.reopen_class(done, "考勤登记有误", cast.county).state == State.OPEN
    assert not Enrolment.objects.trained().exists()


# ── allowance ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_allowance_is_days_by_rate_and_approved_by_another(cast, one):
    done = one.finished(absent={2: 3})
    paying.compute(done, cast.county)
    assert paying.compute(done, cast.county).people == 0
    assert list(Allowance.objects.order_by("pk").values_list("amount_fen", flat=True)) == [7500, 7500, 3000]
    with pytest.raises(IntegrityError), transaction.atomic():
        Allowance.objects.update(amount_fen=9000)
    for person in one.people[:2]:
        with_account(person, cast.county)
    with pytest.raises(NotAllowed, match="测算人不能审批"):
        paying.approve(done, cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        Allowance.objects.filter(enrolment__laborer=one.people[0]).update(
            approved_by=cast.county, approved_at=done.finished_at, account=one.people[0].bank_accounts.get()
        )
    with pytest.raises(NotAllowed, match="没有已审批"):
        paying.pay(done, TODAY, "凭证", cast.county)
    approved = paying.approve(done, one.boss)
    assert (approved.people, approved.yuan) == (2, "150.00")
    assert approved.left_out == (f"{one.people[2].name}（没有本人收款账户）",)
    with pytest.raises(NotAllowed, match="已经审批，不能再改考勤"):
        classes.reopen_class(done, "考勤登记有误", cast.county)


@pytest.mark.parametrize(
    ("day", "voucher", "sentence"),
    [
        (TODAY, " ", "发放凭证"),
        (TODAY - dt.timedelta(days=1), "凭证1", "审批"),
        (dt.date(2023, 3, 19), "凭证1", "不晚于今天"),
    ],
)
def test_a_payment_has_a_day_after_the_approval_and_a_voucher(cast, one, day, voucher, sentence):
    done = one.finished()
    paying.compute(done, cast.county)
    for person in one.people:
        with_account(person, cast.county)
    paying.approve(done, one.boss)
    with pytest.raises(NotAllowed, match=sentence):
        paying.pay(done, day, voucher, cast.county)


def test_only_people_of_the_programme_are_eligible(cast, one):
    other = wishing(cast, household__poverty_kind="一般农户")
    one.people.append(other)
    done = one.finished()
    assert paying.compute(done, cast.county).people == 3
    assert not Allowance.objects.filter(enrolment__laborer=other).exists()
    assert Enrolment.objects.trained().count() == 4


def test_the_answer_to_a_wish_is_reckoned_in_days(cast, one):
    late = wishing(cast, days_ago=16)
    planned = one.a_class()
    assert enrolling.enrol(planned, late, cast.county).answered_after == 16
    assert enrolling.enrol(planned, one.people[0], cast.county).answered_after == 1


# ── rights ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["village", "township", "city", "auditor", "neighbour_county", "nobody"])
def test_who_has_no_right_at_the_class_does_nothing_with_it(cast, one, who):
    planned, user = one.a_class(), getattr(cast, who)
    acts = [
        lambda: classes.change_class(planned, {}, DAYS, user),
        lambda: classes.open_class(planned, user),
        lambda: classes.cancel_class(planned, "不办了不办了", user),
        lambda: paying.compute(planned, user),
        lambda: planning.write_plan(cast.units["991"], 2023, {"电工": 5}, user),
        lambda: planning.approve_plan(one.plan, user),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
