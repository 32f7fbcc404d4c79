"""A subsidy's whole life in a real browser: screened, claimed by an agent, decided, paid, the bank's receipt."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from subsidies.models import Claim, Notice, PaymentBatch, Screened
from subsidies.screening import screen
from tests import cast as casting
from tests.subsidies.batching import as_file, receipt, second
from tests.subsidies.schemes import MARCH, version, worker

pytestmark = pytest.mark.django_db(transaction=True)
PNG = {"name": "paper.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 40}


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


def address(name: str, key: int) -> str:
    return reverse(f"subsidies:{name}", args=[key])


def decide(page: Page, claim: Claim, act: str, told: str) -> None:
    """The next step on the claim's page, and the state it leads to."""
    page.goto(address("claim", claim.pk))
    page.locator(f"button[name=act][value={act}]").click()
    expect(page.get_by_text(told, exact=True).first).to_be_visible()


def test_a_subsidy_from_the_screening_to_the_banks_receipt(page, phone, sign_in, cast, fine):
    today = timezone.localdate()
    person = worker(cast, name="李远行")
    scheme = version(cast.units["991"], cast.county, cast.city)
    screen([scheme], cast.units["991"], MARCH, cast.county)
    line = Screened.objects.get(laborer=person)

    def desk(user: User, where: str) -> None:
        sign_in(page, user)
        page.goto(where)

    # the village, on its phone: why he is entitled, and a claim by an agent with consent
    sign_in(phone, cast.village)
    phone.goto(address("screened", line.pk))
    expect(phone.get_by_text("累计务工满1个月")).to_be_visible()
    fine(phone)
    phone.get_by_role("link", name="申请", exact=True).click()
    phone.get_by_text("代办", exact=True).click()
    phone.get_by_label("代办人姓名").fill("王驻村")
    phone.get_by_label("代办人与本人关系").select_option("驻村帮扶干部")
    phone.get_by_label("委托日期").fill(str(today))
    phone.get_by_label("委托方式").select_option("书面委托书")
    phone.get_by_label("委托书", exact=True).set_input_files(PNG)
    phone.get_by_label("开户行").fill("示例农商银行")
    phone.get_by_label("社保卡（一卡通）账号").fill("6222020000000000017")
    fine(phone)
    phone.get_by_role("button", name="提交申请").click()
    expect(phone.get_by_text("1,500.00 元")).to_be_visible()
    claim = Claim.objects.get()
    assert (claim.laborer, claim.agent_relation, claim.amount) == (person, "驻村帮扶干部", 150_000)
    decide(phone, claim, "check", "待公示")

    # five days on the board, which are over
    phone.goto(address("notice_new", claim.pk))
    phone.get_by_label("公示开始").fill(str(today - dt.timedelta(days=6)))
    phone.get_by_label("公示截止").fill(str(today - dt.timedelta(days=2)))
    phone.get_by_role("button", name="开始公示").click()
    phone.get_by_label("公示照片").set_input_files(PNG)
    phone.get_by_role("button", name="上传照片").click()
    phone.get_by_role("button", name="结束公示，送镇比对").click()
    expect(phone.get_by_text("无异议").first).to_be_visible()
    fine(phone)
    assert Notice.objects.get().ended_by == cast.village

    # township and county, each another person
    sign_in(page, cast.township)
    decide(page, claim, "compare", "待县审核")
    sign_in(page, cast.county)
    decide(page, claim, "approve", "待发放")

    # a batch, confirmed by a second officer, funded, sent
    page.goto(reverse("subsidies:batch_new"))
    page.get_by_role("link", name="看名单汇总").click()
    fine(page)
    page.get_by_role("button", name="组成批次").click()
    expect(page.get_by_text("您是组批的人，请另一位同事确认。")).to_be_visible()
    batch = PaymentBatch.objects.get()
    here = address("batch", batch.pk)
    desk(second(cast), here)
    page.get_by_role("button", name="确认批次").click()
    page.get_by_label("财政文号").fill("示例财〔2023〕1号")
    page.get_by_label("资金来源").fill("衔接资金")
    page.get_by_role("button", name="登记财政确认").click()
    page.get_by_role("button", name="生成发放文件").click()
    expect(page.get_by_role("button", name="下载发放文件")).to_be_visible()
    fine(page)

    # an altered receipt books nothing, the faithful one everything
    rows = receipt(batch, day=today)
    altered = [[*rows[0][:2], "1500.01", *rows[0][3:]]]
    for told, content in (("一行都没有登记", altered), ("已逐人登记结果", rows)):
        csv = {"name": "receipt.csv", "mimeType": "text/csv", "buffer": as_file(content)}
        page.get_by_label("银行回单").set_input_files(csv)
        page.get_by_role("button", name="上传并核对").click()
        expect(page.get_by_text(told).first).to_be_visible()
    fine(page)
    phone.goto(address("claim", claim.pk))
    expect(phone.get_by_text("已发放", exact=True).first).to_be_visible()
    fine(phone)
    claim.refresh_from_db()
    assert (claim.state, claim.paid_on) == (Claim.State.PAID, today)
