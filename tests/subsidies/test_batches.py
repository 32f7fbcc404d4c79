"""发放批次: who may make, confirm and send one, what the bank's answer books, and what never happens twice."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.models import User
from jobs.files import path_of, read_file
from lib import bankfile
from lib.sheets import read_workbook
from posts.models import POST_OR_AWAY, TakenMonth
from posts.taking import take
from subsidies.batches import actions, candidates, paying, reading, refunding
from subsidies.batches.papers import papers
from subsidies.models import Claim, PaymentBatch, PaymentLine, Refund
from tests import factories
from tests.subsidies.batching import (
    TODAY,
    as_file,
    claim_of,
    funded,
    made,
    moved,
    paid,
    receipt,
    scheme_of,
    second,
    sent,
    states,
)
from tests.subsidies.conftest import MORNING, at

pytestmark = pytest.mark.django_db
Line = PaymentLine.State


# ── making one ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_holds_every_payable_claim_with_its_account_as_it_stands(cast):
    batch = made(cast)
    assert (batch.people, batch.amount, batch.state) == (3, 75_051, "draft")
    assert re.fullmatch(r"FF20230318-\d{5}", batch.number)
    assert states(batch) == [("waiting", "batched")] * 3
    line = batch.lines.first()
    assert (line.number, line.name) == (line.claim.account.number, line.claim.laborer.name)
    assert [one.step for one in line.claim.steps.all()] == ["组成发放批次"]
    assert AuditEntry.objects.get(action="subsidy.batch").detail["amount"] == "750.51"


def test_a_claim_without_an_account_of_the_persons_own_waits(cast):
    scheme = scheme_of(cast)
    claim_of(cast, scheme)
    gone = claim_of(cast, scheme)
    gone.laborer.bank_accounts.update(ended_at=MORNING)
    assert made(cast, gone).people == 1
    (waiting,) = candidates.without_account(cast.county)
    assert (waiting.pk, waiting.why) == (gone.pk, candidates.NO_ACCOUNT)


def test_who_changed_the_account_is_paid_into_the_new_one(cast):
    claim = claim_of(cast, scheme_of(cast))
    moved(claim.laborer, cast, "6222029999999990001")
    line = made(cast, claim).lines.get()
    assert line.number == "6222029999999990001"
    assert Claim.objects.get(pk=claim.pk).account.number == line.number


def test_a_batch_is_made_by_the_county_of_what_lies_below(cast):
    claim = claim_of(cast, scheme_of(cast))
    for by in (cast.village, cast.township, cast.city, cast.auditor, cast.neighbour_county):
        with pytest.raises(NotAllowed, match="请由县专班办理"):
            actions.make(claim.scheme, cast.units["991"], by)
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(claim.scheme, cast.units["9912"], cast.county)
    assert actions.make(claim.scheme, cast.units["9911"], cast.county).people == 1


def test_what_was_shown_is_what_is_batched(cast):
    claim = claim_of(cast, scheme_of(cast))
    with pytest.raises(NotAllowed, match="名单刚刚有变化，现在是1人300.00元"):
        actions.make(claim.scheme, cast.units["991"], cast.county, (2, 60_000))
    assert not PaymentBatch.objects.exists()


def test_a_claim_is_in_one_living_line_only_by_verb_and_by_database(cast):
    batch = made(cast)
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(batch.scheme, batch.unit, cast.county)
    line = batch.lines.first()
    line.pk, line.serial = None, 99
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_twenty_attempts_at_once_make_one_batch(cast):
    claim = claim_of(cast, scheme_of(cast))

    def attempt(_) -> str:
        try:
            return actions.make(claim.scheme, cast.units["991"], cast.county).number
        except NotAllowed as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(20)))
    assert PaymentLine.objects.count() == 1
    assert sum(one.startswith("FF") for one in answers) == 1
    assert all("没有可以组批" in one or "刚被组进" in one for one in answers if not one.startswith("FF"))


# ── confirmed, funded, taken out, void ───────────────────────────────────────────────────────────────────────────


def test_who_made_a_batch_does_not_confirm_it_by_verb_and_by_database(cast):
    batch = made(cast)
    with pytest.raises(NotAllowed, match="组批的人不能自己确认"):
        actions.confirm(batch, cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch.pk).update(
            state="confirmed", confirmed_by=cast.county, confirmed_at=MORNING
        )


def test_the_steps_of_a_batch_follow_one_another(cast):
    batch = made(cast)
    for early in (
        lambda: actions.fund(batch, "文", TODAY, "资金", cast.county),
        lambda: paying.send(batch, "xlsx", cast.county),
        lambda: paying.take_result(batch, b"x", "f.csv", cast.county),
    ):
        with pytest.raises(NotAllowed, match="待确认"):
            early()
    actions.confirm(batch, second(cast))
    for number, on, fund in (
        ("", TODAY, "资金"),
        ("文", TODAY, " "),
        ("文", TODAY + dt.timedelta(1), "资金"),
    ):
        with pytest.raises(NotAllowed):
            actions.fund(batch, number, on, fund, cast.county)


def test_a_line_taken_out_goes_back_and_the_rest_is_confirmed_again(cast):
    batch = funded(cast)
    line = batch.lines.get(amount=45_050)
    after = actions.take_out(line, "账户已更换", cast.county)
    assert (after.state, after.people, after.amount, after.confirmed_by, after.finance_number) == (
        "draft", 2, 30_001, None, "",
    )  # fmt: skip
    assert sorted(states(batch)) == [("void", "approved"), ("waiting", "batched"), ("waiting", "batched")]
    assert made(cast, line.claim).people == 1
    with pytest.raises(NotAllowed, match="撤出原因"):
        actions.take_out(batch.lines.filter(state="waiting").first(), "误", cast.county)


def test_a_void_batch_sets_its_claims_free_and_a_sent_one_is_not_void(cast):
    batch = made(cast)
    actions.void(batch, "重新组批", cast.county)
    assert states(batch) == [("void", "approved")] * 3
    again = sent(cast, actions.make(batch.scheme, batch.unit, cast.county))
    with pytest.raises(NotAllowed, match="待银行回单"):
        actions.void(again, "重新组批", cast.county)


# ── the payment file ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_file_is_kept_encrypted_and_agrees_with_the_batch(cast, form):
    batch = sent(cast, form=form)
    data = read_file(batch.file)
    assert bankfile.verify(data, batch.file.name) == []
    *_, last = read_workbook(data, batch.file.name).sheets[0].rows
    assert (last[1], last[4], last[6]) == ("3笔", "750.51", batch.digest)
    number = batch.lines.first().number
    assert number.encode() not in path_of(batch.file).read_bytes()
    assert number not in str(AuditEntry.objects.values_list("detail", flat=True))
    assert number not in batch.file.name
    assert batch.file.right == "subsidy.x"


def test_sending_again_gives_the_first_file(cast):
    batch = sent(cast)
    assert paying.send(batch, "csv", cast.county).file == batch.file


def test_nothing_goes_to_an_account_that_was_given_up(cast):
    batch = funded(cast)
    line = batch.lines.get(serial=2)
    moved(line.claim.laborer, cast, "6222029999999990002")
    with pytest.raises(NotAllowed, match=f"第2行{line.name}等的收款账户已经更换"):
        paying.send(batch, "xlsx", cast.county)
    assert PaymentBatch.objects.get(pk=batch.pk).state == "funded"


# ── the bank's answer ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_answer_books_every_line_and_all_totals_agree(cast):
    batch = paid(cast)
    assert batch.state == "done"
    assert states(batch) == [("paid", "paid")] * 3
    assert [one["yuan"] for one in reading.sums(batch)] == ["750.51"] * 4
    assert {one["differs"] for one in reading.sums(batch)} == {"0.00"}
    line = batch.lines.first()
    assert (line.paid_on, line.reference, line.claim.paid_on) == (TODAY, "L000001", TODAY)


def test_the_same_answer_again_changes_nothing(cast):
    batch = sent(cast)
    data = as_file(receipt(batch))
    for _ in range(3):
        assert paying.take_result(batch, data, "回单.csv", cast.county).state == "done"
    assert AuditEntry.objects.filter(action="subsidy.batch_result").count() == 1
    assert Claim.objects.filter(steps__step=paying.PAID).count() == 3
    other = as_file(receipt(batch, failing={1: "销户"}))
    with pytest.raises(NotAllowed, match="已完成"):
        paying.take_result(batch, other, "回单.csv", cast.county)


SPOILED = {
    "缺行": lambda rows: rows[1:], "重复行": lambda rows: [*rows, rows[0]],
    "金额不符": lambda rows: [[*rows[0][:2], "300.02", *rows[0][3:]], *rows[1:]],
    "账号不符": lambda rows: [[rows[0][0], "6222020000000000009", *rows[0][2:]], *rows[1:]],
    "姓名不符": lambda rows: [["别人", *rows[0][1:]], *rows[1:]],
    "其他批次的行": lambda rows: [*rows, [*rows[0][:3], "FF20230101-00001", *rows[0][4:]]],
    "批次中没有的行": lambda rows: [*rows, [*rows[0][:4], "77", *rows[0][5:]]],
    "金额无法识别": lambda rows: [[*rows[0][:2], "三百", *rows[0][3:]], *rows[1:]],
}  # fmt: skip


@pytest.mark.parametrize("kind", SPOILED)
def test_an_answer_with_a_problem_books_nothing_and_names_it(cast, kind):
    batch = sent(cast)
    after = paying.take_result(batch, as_file(SPOILED[kind](receipt(batch))), "回单.csv", cast.county)
    assert after.state == "sent"
    assert states(batch) == [("waiting", "batched")] * 3
    assert kind in {one.kind for one in paying.standing_result(after).problems}


def test_what_an_answer_left_open_is_told_without_reading_its_file_again(cast):
    batch = sent(cast)
    paying.take_result(batch, as_file(SPOILED["缺行"](receipt(batch))), "回单.csv", cast.county)
    later = PaymentBatch.objects.get(pk=batch.pk)
    path_of(later.result_file).unlink()
    found = paying.standing_result(later)
    assert [one.kind for one in found.problems] == ["缺行"]
    open_line = later.lines.get(serial=found.problems[0].serial)
    paying.mark(open_line, "failed", None, "账户已销户", cast.county)
    assert paying.standing_result(PaymentBatch.objects.get(pk=batch.pk)).problems == []


def test_the_papers_of_a_batch_take_the_same_questions_however_many_lines(
    cast, django_assert_max_num_queries
):
    batch = sent(cast)
    with django_assert_max_num_queries(5):
        assert papers(batch)


def test_a_faithful_answer_after_a_spoiled_one_is_booked(cast):
    batch = sent(cast)
    rows = receipt(batch)
    paying.take_result(batch, as_file(SPOILED["缺行"](rows)), "回单.csv", cast.county)
    assert paying.take_result(batch, as_file(rows), "回单.csv", cast.county).state == "done"


def test_an_upload_that_is_no_table_is_refused_in_words_and_keeps_the_batch(cast):
    batch = sent(cast)
    for data, told in (
        (b"", "空的"),
        (b"\x00\x01", "没有找到表头"),
        ("账号,金额\n1,2\n".encode(), "缺少列：结果"),
    ):
        with pytest.raises(NotAllowed, match=told):
            paying.take_result(batch, data, "回单.csv" if data else "回单.xlsx", cast.county)
    assert PaymentBatch.objects.get(pk=batch.pk).result_file is None


def test_the_office_marks_the_lines_that_do_not_agree_and_the_rest_is_booked(cast):
    batch = sent(cast)
    first = batch.lines.get(serial=1)
    with pytest.raises(NotAllowed, match="请先上传银行回单"):
        paying.mark(first, "paid", TODAY, "L000001", cast.county)
    data = as_file(SPOILED["缺行"](receipt(batch)))
    paying.take_result(batch, data, "回单.csv", cast.county)
    for outcome, on, words, told in (
        ("paid", None, "L000001", "到账日期"), ("paid", TODAY + dt.timedelta(1), "L000001", "到账日期"),
        ("failed", None, "无", "退票原因"), ("lost", TODAY, "L000001", "到账还是退票"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed, match=told):
            paying.mark(first, outcome, on, words, cast.county)
    paying.mark(first, "failed", None, "账户已销户", cast.county)
    with pytest.raises(NotAllowed, match="已经登记过"):
        paying.mark(first, "paid", TODAY, "L000001", cast.county)
    after = paying.take_result(batch, data, "回单.csv", cast.county)
    assert after.state == "done"
    assert states(batch) == [("failed", "approved"), ("paid", "paid"), ("paid", "paid")]


def test_a_returned_payment_waits_for_another_account_and_enters_a_later_batch(cast, monkeypatch):
    batch = paid(cast, failing={2: "账户已销户"})
    line = batch.lines.get(serial=2)
    assert (line.state, line.claim.state, line.claim.reason) == ("failed", "approved", "退票：账户已销户")
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(batch.scheme, batch.unit, cast.county)
    (waiting,) = candidates.without_account(cast.county)
    assert waiting.why == candidates.NEW_ACCOUNT
    at(monkeypatch, MORNING + dt.timedelta(hours=1))
    moved(line.claim.laborer, cast, "6222029999999990003")
    again = actions.make(batch.scheme, batch.unit, cast.county)
    assert again.lines.get().number == "6222029999999990003"
    actions.take_out(again.lines.get(), "还要核对一次", cast.county)
    last = paid(cast, actions.make(batch.scheme, batch.unit, cast.county))
    assert states(last) == [("paid", "paid")]
    assert Claim.objects.get(pk=line.claim_id).reason == ""


# ── money that came back ─────────────────────────────────────────────────────────────────────────────────────────


def second_of(cast):
    return User.objects.get(username="xian-2")


def refund_of(cast, fen: int = 30_000) -> Refund:
    line = paid(cast).lines.get(amount=30_000)
    return refunding.note(line, "重复享受补贴", fen, TODAY, "缴款书1号", cast.county)


def test_a_refund_takes_two_people_by_verb_and_by_database(cast):
    refund = refund_of(cast)
    with pytest.raises(NotAllowed, match="不能自己确认"):
        refunding.confirm(refund, cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(confirmed_by=cast.county)
    other = second_of(cast)
    for _ in range(2):
        refunding.confirm(refund, other)
    assert ("refunded", "refunded") in states(refund.line.batch)
    with pytest.raises(NotAllowed, match="不能撤销"):
        refunding.drop(refund, cast.county)


def test_the_months_of_a_refunded_claim_are_free_again(cast):
    claim = claim_of(cast, scheme_of(cast, is_away=True))
    take(claim.laborer, [factories.MARCH], POST_OR_AWAY, claim.what, "交通补贴")
    line = paid(cast, made(cast, claim)).lines.get()
    refund = refunding.note(line, "重复享受补贴", line.amount, TODAY, "缴款书1号", cast.county)
    assert TakenMonth.objects.exists()
    refunding.confirm(refund, second_of(cast))
    assert not TakenMonth.objects.exists()


def test_part_of_a_payment_comes_back_and_the_rest_stays_paid(cast):
    refund = refund_of(cast, 10_000)
    refunding.confirm(refund, second_of(cast))
    assert states(refund.line.batch) == [("paid", "paid")] * 3
    cells = {
        one["label"]: one for one in reading.reconciled(cast.county, cast.units["991"], 2023)[0]["cells"]
    }
    assert (cells["已到账"]["yuan"], cells["其中追回"]["yuan"]) == ("750.51", "100.00")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"amount": 30_001}, "缴回金额"), ({"amount": 0}, "缴回金额"), ({"on": TODAY - dt.timedelta(1)}, "缴回日期"),
        ({"on": TODAY + dt.timedelta(1)}, "缴回日期"), ({"voucher": " "}, "凭证号"), ({"ground": "错"}, "追回原因"),
    ],
)  # fmt: skip
def test_a_refund_says_why_how_much_when_and_with_which_voucher(cast, changes, told):
    line = paid(cast).lines.get(amount=30_000)
    given = {"ground": "重复享受补贴", "amount": 30_000, "on": TODAY, "voucher": "缴款书1号"} | changes
    with pytest.raises(NotAllowed, match=told):
        refunding.note(line, by=cast.county, **given)


def test_a_refund_noted_by_mistake_is_dropped_and_one_unpaid_is_refused(cast):
    refund = refund_of(cast)
    with pytest.raises(NotAllowed, match="已经登记过追回"):
        refunding.note(refund.line, "重复享受补贴", 1, TODAY, "2号", cast.county)
    refunding.drop(refund, cast.county)
    assert not Refund.objects.exists()
    waiting = made(cast, claim_of(cast, refund.line.batch.scheme)).lines.get()
    with pytest.raises(NotAllowed, match="只有已到账"):
        refunding.note(waiting, "重复享受补贴", 1, TODAY, "2号", cast.county)


# ── 对账 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_reconciliation_adds_up_to_the_cent_by_unit(cast, monkeypatch):
    batch = paid(cast, failing={2: "账户已销户"})
    claim_of(cast, batch.scheme, "99121", 99)
    whole, *units = reading.reconciled(cast.county, cast.units["991"], 2023, "B01")
    shown = {one["label"]: (one["people"], one["yuan"]) for one in whole["cells"]}
    bounced = batch.lines.get(serial=2).amount
    assert shown["已批准"] == (4, "751.50")
    assert shown["待组批"] == (1, "0.99")
    assert shown["退票待重发"] == (1, f"{bounced / 100:.2f}")
    assert shown["已到账"] == (2, f"{(75_051 - bounced) / 100:.2f}")
    assert all(one["ok"] for one in (whole, *units))
    assert [one["unit"].code for one in units] == ["9911", "9912"]
    for column in range(len(reading.COLUMNS)):
        assert sum(one["cells"][column]["fen"] for one in units) == whole["cells"][column]["fen"]
    assert not any(
        cell["people"] for cell in reading.reconciled(cast.county, cast.units["991"], 2022)[0]["cells"]
    )
    assert not reading.unpaid(cast.county, cast.units["991"]).exists()
    at(monkeypatch, MORNING + dt.timedelta(days=31))
    late = reading.unpaid(cast.county, cast.units["991"])
    assert (late.count(), reading.is_year_unpaid(late[0])) == (2, False)
    at(monkeypatch, MORNING + dt.timedelta(days=300))
    assert reading.is_year_unpaid(late[0])
