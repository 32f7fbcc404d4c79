"""工资: computed from checked attendance, approved by another, paid once; the red rules refuse it (domain.md §3 F)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.authority import NotAllowed
from ledgers.models import BankAccount
from lib.month import Month
from posts import attending, paying, taking
from posts.arrears import Reckoning, reckoned_to
from posts.attending import Said
from posts.marks import Tally
from posts.models import POST_OR_AWAY, Appointment, Attendance, PayRun, Post, PostPay, TakenMonth
from tests import factories
from tests.posts.paying_world import MARCH, PHOTO, Village, account, appoint, said
from tests.proof_data.parallel import together

DAY = dt.date(2023, 4, 3)
Line = PostPay.State


@pytest.fixture
def village(at, db):
    at(5, month=4)
    return Village()


def refused(match):
    return pytest.raises(NotAllowed, match=match)


def test_a_month_from_the_sheet_to_the_voucher(village):
    run = village.paid(one=22, two=11)
    assert run.state == PayRun.State.PAID
    lines = run.lines.order_by("appointment").values_list("days", "amount", "deduction", "state", "voucher")
    assert list(lines) == [(22, 30000, 0, "paid", "2023-04-1"), (11, 15000, 15000, "paid", "2023-04-1")]
    assert Reckoning(Appointment.objects.all()).paid == {village.one.pk: MARCH, village.two.pk: MARCH}
    assert set(TakenMonth.objects.values_list("laborer", flat=True)) == {
        village.one.laborer_id, village.two.laborer_id
    }  # fmt: skip


# ── what blocks ──────────────────────────────────────────────────────────────────────────────────────────────────


def away(village):
    factories.record(village.one.laborer, MARCH, place_class="市外省内")


def subsidised(village):
    taking.take(village.one.laborer, [MARCH], POST_OR_AWAY, "claim:1", "稳岗补贴")


def stopped(village):
    Appointment.objects.filter(pk=village.one.pk).update(stop_pay_on=dt.date(2023, 2, 20))


def left(village):
    Appointment.objects.filter(pk=village.one.pk).update(
        ended_on=dt.date(2023, 3, 31), stop_pay_on=dt.date(2023, 3, 1)
    )


def without_standard(village):
    Post.objects.filter(pk=village.one.post_id).update(monthly_fen=None)


def without_account(village):
    BankAccount.objects.filter(laborer=village.one.laborer).update(ended_at="2023-03-01T00:00+08:00")


def absent(village):
    Attendance.objects.filter(appointment=village.one).update(days=0, absent=31)


def replaced(village):
    Attendance.objects.filter(appointment=village.one).update(substitute="其弟代班")


BLOCKS = [
    (away, "台账登记2023年3月在市外省内务工"),
    (subsidised, "2023年3月已享受稳岗补贴"),
    (stopped, "不在聘用期内或已停发"),
    (left, "不在聘用期内或已停发"),
    (without_standard, "没有登记补贴标准"),
    (without_account, "没有登记本人收款账户"),
    (absent, "出勤0天，不发工资"),
    (replaced, "有人顶岗（其弟代班）"),
]


@pytest.mark.parametrize(("happens", "why"), BLOCKS)
def test_what_blocks_leaves_the_holder_off_the_run_and_says_why(village, happens, why):
    village.checked()
    happens(village)
    one, two = paying.reckon(
        [Appointment.objects.select_related("post").get(pk=village.one.pk), village.two], MARCH
    )
    assert why in one.why
    assert two.why == ""
    run = village.run()
    assert list(run.lines.values_list("appointment", flat=True)) == [village.two.pk]


@pytest.mark.parametrize(("happens", "why"), [pair for pair in BLOCKS if pair[0] is not subsidised])
def test_what_comes_in_the_way_later_stops_approval_and_payment(village, happens, why):
    village.checked()
    run = village.run()
    happens(village)
    with refused(why.replace("（", ".")[:12]):
        paying.approve_run(run, village.cast.county)
    paying.void_pay(village.pay_of(village.one), "本月不应发放", village.cast.township)
    run = paying.approve_run(run, village.cast.county)
    assert paying.mark_paid(run, "1", DAY, village.cast.township).lines.filter(state=Line.PAID).count() == 1


def test_unchecked_attendance_pays_nobody(village):
    village.filled()
    with refused("没有可以发放的人"):
        village.run()
    line = Attendance.objects.first()
    run = PayRun.objects.create(unit=village.town, month=MARCH, made_by=village.cast.township)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostPay.objects.create(
            run=run, appointment=village.one, laborer=village.one.laborer, month=MARCH, attendance=line, days=0,
            account=BankAccount.objects.first(), required=22, standard=30000, amount=30000,
        )  # fmt: skip


def test_a_changed_standard_or_account_stops_the_run(village):
    village.checked()
    run = village.run()
    Post.objects.filter(pk=village.one.post_id).update(monthly_fen=40000)
    with refused("金额与现在计算的不同"):
        paying.approve_run(run, village.cast.county)
    Post.objects.filter(pk=village.one.post_id).update(monthly_fen=30000)
    BankAccount.objects.filter(laborer=village.one.laborer).update(ended_at="2023-03-01T00:00+08:00")
    account(village.one.laborer, village.cast.township)
    with refused("收款账户已变更"):
        paying.approve_run(run, village.cast.county)


def test_two_holders_never_share_an_account(village):
    number = BankAccount.objects.get(laborer=village.one.laborer).number
    with pytest.raises(IntegrityError), transaction.atomic():
        account(village.two.laborer, village.cast.township, number)


def test_who_makes_the_run_does_not_approve_it(village):
    village.checked()
    run = paying.draft_run(village.town, MARCH, village.cast.county)
    with refused("制表人不能审批"):
        paying.approve_run(run, village.cast.county)
    with refused("没有办理"):
        paying.approve_run(run, village.cast.township)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayRun.objects.update(state="approved", approved_by=village.cast.county)


def test_a_month_is_paid_once(village):
    village.paid()
    with refused("没有可以发放的人"):
        village.run()
    pay = village.pay_of(village.one)
    pay.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        pay.save(force_insert=True)


def test_who_changed_posts_within_the_month_is_paid_once_where_more_is_due(village):
    Appointment.objects.filter(pk=village.one.pk).update(ended_on=dt.date(2023, 3, 9))
    other = appoint(village.unit, started=dt.date(2023, 3, 10), person=village.one.laborer)
    early = attending.Said("1" * 9 + "-" * 22)
    late = attending.Said("-" * 9 + "1" * 22)
    attending.fill(village.unit, MARCH, {village.one.pk: early, other.pk: late}, village.cast.village)
    attending.fill(village.unit, MARCH, {village.two.pk: said(31)}, village.cast.village)
    attending.attach_paper(village.unit, MARCH, b"\xff\xd8\xff" + bytes(9), village.cast.village)
    attending.check(attending.sign(village.unit, MARCH, village.cast.village), village.cast.township)
    assert village.run().lines.get(laborer=village.one.laborer).appointment_id == other.pk


# ── after payment ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_bank_sent_back_is_paid_to_the_account_of_today_or_given_up(village):
    village.paid()
    one, two = village.pay_of(village.one), village.pay_of(village.two)
    with refused("已经发放，不能作废"):
        paying.void_pay(one, "发错了人", village.cast.township)
    for pay in (one, two):
        paying.bounce(pay, "账号户名不符", village.cast.township)
    BankAccount.objects.filter(laborer=village.one.laborer).update(ended_at="2023-04-04T00:00+08:00")
    new = account(village.one.laborer, village.cast.township)
    again = paying.pay_again(one, "2023-04-2", dt.date(2023, 4, 5), village.cast.township)
    assert (again.state, again.account_id, again.voucher) == (Line.PAID, new.pk, "2023-04-2")
    paying.void_pay(two, "本人放弃领取", village.cast.township)
    assert not TakenMonth.objects.filter(laborer=village.two.laborer).exists()
    assert village.run().lines.get().appointment_id == village.two.pk


def test_a_run_that_was_not_paid_can_be_voided_and_made_again(village):
    village.checked()
    run = paying.void_run(village.run(), "标准需要更正", village.cast.township)
    assert run.state == PayRun.State.VOID
    assert not TakenMonth.objects.exists()
    assert village.run().lines.count() == 2


@pytest.mark.parametrize(
    ("voucher", "day", "why"),
    [
        (" ", DAY, "请填写凭证号"),
        ("1", dt.date(2023, 4, 6), "发放日期"),
        ("1", dt.date(2023, 2, 28), "发放日期"),
    ],
)
def test_payment_needs_a_voucher_and_a_day_that_has_been(village, voucher, day, why):
    village.checked()
    run = paying.approve_run(village.run(), village.cast.county)
    with refused(why):
        paying.mark_paid(run, voucher, day, village.cast.township)
    with refused("不能登记发放"):
        paying.mark_paid(
            paying.void_run(run, "重新制表", village.cast.township), "1", DAY, village.cast.township
        )


def test_a_neighbour_makes_no_run(village):
    village.checked()
    with refused("没有编制"):
        paying.draft_run(village.town, MARCH, village.cast.neighbour_township)


# ── arrears ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_owed_are_the_months_since_the_last_paid_one_in_months_and_money(village, at):
    at(5, month=7)  # the last month due is June
    village.paid(one=31, two=0)
    found = {one.key: one for one in Reckoning(Appointment.objects.all()).arrears(Month(2023, 6))}
    assert [str(month) for month in found[village.one.pk].months] == ["2023-04", "2023-05", "2023-06"]
    assert found[village.one.pk].amount == 90000
    assert found[village.one.pk].paid_through == MARCH
    # nobody on duty in March: that month is not owed, and what was before it nobody knows
    assert [str(month) for month in found[village.two.pk].months] == ["2023-04", "2023-05", "2023-06"]


def test_a_month_that_was_skipped_is_owed_although_a_later_one_was_paid(village):
    days = {one.pk: Said(sums=Tally(n)) for one, n in ((village.one, 20), (village.two, 0))}
    february = Month(2023, 2)
    attending.fill(village.unit, february, days, village.cast.village)
    attending.attach_paper(village.unit, february, PHOTO, village.cast.village)
    attending.check(attending.sign(village.unit, february, village.cast.village), village.cast.township)
    village.paid()
    owed = Reckoning(Appointment.objects.all()).arrears(MARCH)
    assert [(one.key, one.months) for one in owed] == [(village.one.pk, [february])]


def test_a_unit_without_any_sheet_owes_nothing_that_is_known_and_its_holders_are_counted_apart(village):
    beside = appoint(village.cast.units["99121"])
    assert Reckoning(Appointment.objects.all()).arrears(MARCH) == []
    assert Reckoning(Appointment.objects.all()).unknown(MARCH) == 3
    village.checked()
    assert {one.key for one in Reckoning(Appointment.objects.all()).arrears(MARCH)} == {
        village.one.pk,
        village.two.pk,
    }
    assert Reckoning(Appointment.objects.all()).unknown(MARCH) == 1, beside


def test_what_is_owed_is_reckoned_to_the_last_month_due_that_the_ledger_has_come_to(village):
    assert reckoned_to(dt.date(2026, 11, 21)) == Month(2026, 10)  # nothing is kept yet
    village.checked()
    assert reckoned_to(dt.date(2026, 11, 21)) == MARCH
    assert reckoned_to(dt.date(2023, 3, 31)) == Month(2023, 2)  # March is paid in April
    factories.record(village.one.laborer, Month(2023, 5), place_class="乡内")
    assert reckoned_to(dt.date(2026, 11, 21)) == Month(2023, 5)


# ── at once ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_20_attempts_at_once_pay_a_month_once(at, test_environment):
    at(5, month=4)
    village = Village()
    village.checked()
    call = ("pay_month", {"who": "zhen", "unit": "9911", "month": str(Month(2023, 3)), "times": 10})
    answers = [answer for one in together(test_environment, *[call] * 2) for answer in one]
    assert sorted(answers) == ["made"] + ["refused"] * 19
    assert PostPay.objects.count() == TakenMonth.objects.count() == 2
