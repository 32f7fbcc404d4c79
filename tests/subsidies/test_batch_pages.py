"""The pages of 发放批次, from what waits to the reconciliation, as the county uses them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.audit import AuditEntry
from lib import bankfile
from lib.sheets import read_workbook
from subsidies.batches import actions
from subsidies.models import PaymentBatch, Refund
from tests.pages import pages_of
from tests.subsidies.batching import (
    as_file,
    claim_of,
    funded,
    made,
    paid,
    receipt,
    scheme_of,
    second,
    sent,
    states,
)
from tests.test_every_url import signed_in

page, post = pages_of("subsidies")

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast) -> Client:
    return signed_in(cast.county)


def upload(data: bytes) -> dict[str, object]:
    return {"file": SimpleUploadedFile("回单.csv", data)}


def test_a_batch_goes_from_the_list_to_the_receipt_through_its_pages(cast, officer):
    scheme = scheme_of(cast)
    claims = [claim_of(cast, scheme, village, 30_000) for village in ("99111", "99121")]
    assert "看名单汇总" in page(officer, "batch_new")
    preview = page(officer, "batch_new", query=f"?scheme={scheme.pk}")
    assert "甲东镇" in preview
    assert "600.00" in preview
    given = {"scheme": scheme.pk, "unit": "991", "people": 2, "fen": 60_000, "form_token": "t1"}
    answers = {post(officer, "batch_new", **given)["Location"] for _ in range(3)}
    batch = PaymentBatch.objects.get()
    assert answers == {reverse("subsidies:batch", args=[batch.pk])}
    assert "请另一位同事确认" in page(officer, "batch", batch.pk)
    other = signed_in(second(cast))
    post(other, "batch_confirm", batch.pk)
    post(officer, "batch_fund", batch.pk, number="示例财〔2023〕1号", on="2023-03-18", fund="衔接资金")
    post(officer, "batch_send", batch.pk, form="csv")
    assert "没有这样的明细" in page(officer, "batch", batch.pk, query="?state=paid")
    data = b"".join(post(officer, "batch_file", batch.pk).streaming_content)
    assert bankfile.verify(data, "f.csv") == []
    assert AuditEntry.objects.get(action="subsidy.batch_file").detail["people"] == 2
    answer = officer.post(
        reverse("subsidies:batch_result", args=[batch.pk]), upload(as_file(receipt(batch))), follow=True
    )
    text = answer.content.decode()
    assert "已逐人登记结果" in text
    assert "全部到账 2 笔" in text
    assert text.count("600.00") >= 4
    number = claims[0].account.number
    assert number not in text
    assert f"尾号{number[-4:]}" in text
    assert batch.number in page(officer, "batches")


def test_a_spoiled_receipt_is_shown_problem_by_problem_and_marked_by_hand(cast, officer):
    batch = sent(cast)
    rows = receipt(batch)[1:]
    answer = officer.post(
        reverse("subsidies:batch_result", args=[batch.pk]), upload(as_file(rows)), follow=True
    )
    text = answer.content.decode()
    assert "一行都没有登记" in text
    assert "缺行" in text
    line = batch.lines.get(serial=1)
    assert "逐行登记银行结果" in page(officer, "payment_line", line.pk)
    assert post(officer, "payment_line_mark", line.pk, outcome="paid", on="", words="L1").status_code == 422
    done = post(officer, "payment_line_mark", line.pk, outcome="failed", on="", words="账户已销户")
    assert done.status_code == 302
    officer.post(reverse("subsidies:batch_result", args=[batch.pk]), upload(as_file(rows)))
    assert states(batch)[0] == ("failed", "approved")
    assert "退票 1 笔" in page(officer, "batch", batch.pk, query="?state=failed")
    assert "上次退票，还没有换新的收款账户" in page(officer, "batch_new")


def test_what_is_typed_wrongly_stays_and_what_is_too_late_is_told(cast, officer):
    batch = made(cast)
    assert post(officer, "batch_void", batch.pk, why="错").status_code == 422
    assert "至少四个字" in post(officer, "batch_void", batch.pk, why="错").content.decode()
    late = officer.post(reverse("subsidies:batch_send", args=[batch.pk]), {"form": "csv"}, follow=True)
    assert "待确认" in late.content.decode()
    line = batch.lines.first()
    assert post(officer, "payment_line_out", line.pk, why="账户已更换").status_code == 302
    assert "不能这样办理" in officer.post(
        reverse("subsidies:payment_line_out", args=[line.pk]), {"why": "账户已更换"}, follow=True
    ).content.decode()  # fmt: skip


def test_money_that_came_back_is_noted_and_confirmed_on_the_page_of_the_line(cast, officer):
    line = paid(cast).lines.get(amount=30_000)
    given = {"ground": "重复享受补贴", "amount": "300.001", "on": "2023-03-18", "voucher": "缴款书1号"}
    assert "不是金额" in post(officer, "payment_line_refund", line.pk, **given).content.decode()
    post(officer, "payment_line_refund", line.pk, **given | {"amount": "300.00"})
    assert "请另一位同事核对凭证后确认" in page(officer, "payment_line", line.pk)
    post(officer, "refund_confirm", line.pk)
    assert Refund.objects.get().confirmed_at is None
    other = signed_in(cast.county.__class__.objects.get(username="xian-2"))
    post(other, "refund_confirm", line.pk)
    assert Refund.objects.get().confirmed_by is not None
    assert "已追回" in page(officer, "payment_line", line.pk)


def test_the_papers_carry_the_whole_numbers_and_are_noted(cast, officer):
    batch = funded(cast)
    answer = post(officer, "batch_papers", batch.pk)
    book = read_workbook(b"".join(answer.streaming_content), "花名册.xlsx")
    roster, summary = book.sheets
    line = batch.lines.first()
    printed = str(roster.rows)
    assert (line.claim.laborer.id_no in printed, line.number in printed, "制表人" in printed) == (True,) * 3
    assert "领款人签字（按印）" in printed
    assert summary.rows[-1][0] == "合计"
    assert "750.51" in summary.rows[-1]
    assert AuditEntry.objects.filter(action="subsidy.batch_papers").count() == 1
    for user in (cast.township, cast.auditor):
        assert post(signed_in(user), "batch_papers", batch.pk).status_code == 404


def test_the_reconciliation_page_shows_each_unit_its_own(cast, officer):
    paid(cast, failing={1: "账户已销户"})
    whole = page(officer, "batches_reconciled", query="?scheme=B01&year=2023")
    assert "差额0.00元" in whole
    assert "750.51" in whole
    own = page(signed_in(cast.neighbour_village), "batches_reconciled", query="?year=2023")
    assert "450.50" in own
    assert "750.51" not in own
    assert officer.get(reverse("subsidies:batches_reconciled") + "?unit=992").status_code == 404


@pytest.mark.parametrize(
    ("name", "most"),
    [("batches", 9), ("batch_new", 14), ("batches_reconciled", 14), ("batch", 16), ("payment_line", 12)],
)  # fmt: skip
def test_a_page_asks_the_same_number_of_questions_however_much_there_is(
    cast, officer, name, most, django_assert_max_num_queries
):
    batch = made(cast)
    for _ in range(4):
        claim_of(cast, batch.scheme)
    actions.make(batch.scheme, batch.unit, cast.county)
    claim_of(cast, batch.scheme)
    args = [batch.pk] if name == "batch" else [batch.lines.first().pk] if name == "payment_line" else []
    page(officer, "batches")
    with django_assert_max_num_queries(most):
        page(officer, name, *args)


def test_a_long_batch_is_shown_page_by_page(cast, officer):
    scheme = scheme_of(cast)
    for _ in range(52):
        claim_of(cast, scheme)
    batch = actions.make(scheme, cast.units["991"], cast.county)
    assert page(officer, "batch", batch.pk).count("尾号") == 50
    assert page(officer, "batch", batch.pk, query="?page=2").count("尾号") == 2
