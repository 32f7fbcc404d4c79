"""Awards of workshops (B06, B08, B14) go through a batch like claims: account of two people, file, receipt, refund."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.authority import NotAllowed
from ledgers.banking import keep_account
from posts import awarding, recognising, shop_accounts
from posts.models import ABSORBING, WorkshopAccount, WorkshopAward
from subsidies.batches import actions, paying, refunding
from subsidies.models import Claim, PaymentBatch, PaymentLine, SchemeVersion
from tests import factories
from tests.posts import shops
from tests.subsidies.batching import TODAY, as_file, receipt, second, sent
from tests.subsidies.claiming import scheme_of
from tests.test_every_url import signed_in

pytestmark = pytest.mark.django_db
NUMBER = "9910010000000001"


@pytest.fixture
def boss(cast):
    return second(cast)


@pytest.fixture
def award(cast, boss) -> WorkshopAward:
    """Of a recognised and reviewed workshop with five people at work for three months: 5 × 1,000 yuan, approved."""
    shop = shops.recognised(cast)
    recognising.review(shop, dt.date(2023, 3, 1), shops.GOOD, "合格", "", cast.township)
    made = awarding.make_award(shop, ABSORBING, 2023, cast.county)
    return awarding.approve_award(made, boss)


@pytest.fixture
def scheme(cast) -> SchemeVersion:
    return scheme_of(cast, "b06", is_away=False, name="车间吸纳补贴", fund="衔接资金")


def with_account(cast, boss, award: WorkshopAward, number: str = NUMBER) -> WorkshopAccount:
    asked = shop_accounts.ask(award.workshop, "示例村箱包车间", "示例农商行", number, cast.township)
    return shop_accounts.confirm(asked, boss)


def test_an_award_is_paid_through_a_batch_with_file_and_receipt(cast, boss, award, scheme):
    account = with_account(cast, boss, award)
    page = signed_in(cast.county).get(reverse("subsidies:batch_new"))
    assert [(one["shops"], one["yuan"]) for one in page.context["shops"]] == [(1, "5,000.00")]
    batch = actions.make(scheme, cast.units["991"], cast.county, (1, 500_000))
    line = batch.lines.get()
    assert (line.name, line.number, line.amount, line.payee) == ("示例村箱包车间", NUMBER, 500_000, account)
    done = paying.take_result(sent(cast, batch), as_file(receipt(batch)), "回单.csv", cast.county)
    assert (done.state, done.lines.get().state) == ("done", "paid")
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(scheme, cast.units["991"], cast.county)
    officer = signed_in(cast.county)
    for name, pk in (("batch", batch.pk), ("payment_line", line.pk)):
        assert "示例村箱包车间" in officer.get(reverse(f"subsidies:{name}", args=[pk])).content.decode()
    assert officer.post(reverse("subsidies:batch_papers", args=[batch.pk])).status_code == 200
    refund = refunding.note(done.lines.get(), "名单有误", 500_000, TODAY, "凭证1", cast.county)
    refunding.confirm(refund, boss)
    assert done.lines.get().state == "refunded"


def test_an_approved_award_without_a_scheme_in_force_is_told_where_batches_are_made(cast, award):
    told = f"已批准的2023年{ABSORBING}1家，没有对应年度执行中的政策"
    officer, address = signed_in(cast.county), reverse("subsidies:batch_new")
    assert told in officer.get(address).content.decode()
    scheme_of(cast, "b06", is_away=False, name="车间吸纳补贴", fund="衔接资金")
    assert told not in officer.get(address).content.decode()


def test_the_page_shows_what_is_made_a_batch_and_the_same_sums(cast, boss, award, scheme):
    with_account(cast, boss, award)
    officer, address = signed_in(cast.county), reverse("subsidies:batch_new")
    page = officer.get(address, {"scheme": scheme.pk})
    shown = {one["name"]: one["value"] for one in page.context["hidden"]}
    assert (shown["people"], shown["fen"]) == (1, 500_000)
    assert officer.post(address, shown).status_code == 302
    assert PaymentBatch.objects.get().amount == 500_000


def test_no_award_is_paid_without_an_account_that_two_people_registered(cast, boss, award, scheme):
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(scheme, cast.units["991"], cast.county)
    asked = shop_accounts.ask(award.workshop, "示例车间", "示例农商行", NUMBER, cast.county)
    page = signed_in(cast.county).get(reverse("subsidies:batch_new")).content.decode()
    assert "没有已确认的对公账户" in page
    with pytest.raises(NotAllowed, match="不能自己确认"):
        shop_accounts.confirm(asked, cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkshopAccount.objects.update(confirmed_by=cast.county, confirmed_at=asked.set_at)
    answer = signed_in(boss).post(reverse("posts:workshop_account_confirm", args=[asked.pk]))
    assert answer.status_code == 302
    assert actions.make(scheme, cast.units["991"], cast.county).people == 1


def test_an_account_of_a_person_is_no_account_of_a_workshop(cast, award):
    keep_account(factories.laborer(cast.units["99111"]), "示例农商行", NUMBER, cast.village)
    address = reverse("posts:workshop_account", args=[award.workshop_id])
    said = {"holder": "示例车间", "bank": "示例农商行", "number": NUMBER, "form_token": "t"}
    answer = signed_in(cast.township).post(address, said)
    assert (answer.status_code, WorkshopAccount.objects.count()) == (422, 0)
    assert "个人的收款账户" in answer.content.decode()


def test_one_award_is_in_one_living_line_and_a_line_pays_one_thing(cast, boss, award, scheme):
    with_account(cast, boss, award)
    line = actions.make(scheme, cast.units["991"], cast.county).lines.get()
    other = scheme_of(cast, "b14", is_away=False, name="基地奖补")
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(other, cast.units["991"], cast.county)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.create(**{name: getattr(line, name) for name in (
            "batch", "award", "payee", "village", "name", "bank", "number", "amount")}, serial=9)  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.filter(pk=line.pk).update(award=None)


def test_an_account_changed_after_the_batch_was_made_holds_the_line_back(cast, boss, award, scheme):
    with_account(cast, boss, award)
    batch = actions.make(scheme, cast.units["991"], cast.county)
    with_account(cast, boss, award, "9910010000000002")
    with pytest.raises(NotAllowed, match="收款账户已经更换"):
        sent(cast, batch)
    actions.take_out(batch.lines.get(), "账户已经更换", cast.county)
    again = actions.make(scheme, cast.units["991"], cast.county)
    assert again.lines.get().number == "9910010000000002"


def test_a_returned_award_waits_for_another_account(cast, boss, award, scheme, monkeypatch):
    with_account(cast, boss, award)
    batch = sent(cast, actions.make(scheme, cast.units["991"], cast.county))
    paying.take_result(batch, as_file(receipt(batch, failing={1: "账户已销户"})), "回单.csv", cast.county)
    page = signed_in(cast.county).get(reverse("subsidies:batch_new")).content.decode()
    assert "还没有换新的对公账户" in page
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(scheme, cast.units["991"], cast.county)


def test_who_is_paid_as_a_founder_holds_the_award_back(cast, boss, award, scheme):
    with_account(cast, boss, award)
    worker = award.lines.first().laborer
    b03 = scheme_of(cast, "b03", is_away=False, name="创业补贴")
    claim = Claim.objects.create(scheme=b03, code="B03", laborer=worker, village=worker.village, period="once",
                                 month=factories.MARCH, amount=1, letters="m", proposed_by=cast.village)  # fmt: skip
    assert "YD-G15" in signed_in(cast.county).get(reverse("subsidies:batch_new")).content.decode()
    with pytest.raises(NotAllowed, match="没有可以组批"):
        actions.make(scheme, cast.units["991"], cast.county)
    Claim.objects.filter(pk=claim.pk).update(state="withdrawn")
    assert actions.make(scheme, cast.units["991"], cast.county).amount == Decimal(500_000)
