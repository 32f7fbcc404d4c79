"""补贴申请: what begins one, what refuses it, who may take it a step further, and what stays as it was."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.roles import Role
from ledgers.banking import keep_account
from ledgers.codes import IN_CITY, IN_COUNTY, OUTSIDE
from ledgers.models import BankAccount, MonthlyRecord, WorkSpell
from lib.month import Month
from posts.models import POST_OR_AWAY, TakenMonth
from posts.taking import take
from subsidies.claims import applying, deciding, notices, waiving
from subsidies.claims.rules import Consent
from subsidies.models import Claim, ClaimStep
from tests import factories
from tests.cast import user
from tests.subsidies.claiming import (
    CONSENT,
    EXAMPLE,
    JPG,
    MARCH,
    PNG,
    TODAY,
    applied,
    approved,
    noticed,
    scheme_of,
    shown,
    worker,
)  # fmt: skip
from tests.subsidies.conftest import MORNING, at

State = Claim.State


@pytest.fixture
def scheme(cast):
    return scheme_of(cast)


# ── applying ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_is_reckoned_from_the_ledger_and_keeps_facts_amount_and_account(cast, scheme):
    person = worker(cast)
    claim = applying.begin(person, scheme, MARCH, cast.village)
    assert (claim.state, claim.amount, claim.period, set(claim.letters)) == (
        "applied",
        150_000,
        "2023",
        {"m"},
    )
    assert (claim.facts["place"], len(claim.month_list)) == ("广东省深圳市", 3)
    assert claim.account == BankAccount.objects.get(laborer=person)
    assert [one.step for one in claim.steps.all()] == ["申请"]
    told = AuditEntry.objects.get(action="subsidy.apply").detail
    assert (told["amount"], told["person"]) == ("1,500.00", person.pk)


def test_an_account_given_with_the_claim_is_kept_and_one_of_somebody_else_refused(cast, scheme):
    person, other = worker(cast), worker(cast)
    new = ("示例银行", "6222020000001234567")
    with pytest.raises(NotAllowed, match="已登记收款账户.*提出更正"):
        applying.begin(person, scheme, MARCH, cast.village, account=new)
    BankAccount.objects.all().delete()
    claim = applying.begin(person, scheme, MARCH, cast.village, account=new)
    assert claim.account.number.endswith("4567")
    with pytest.raises(NotAllowed, match="另一个人"):
        applying.begin(other, scheme, MARCH, cast.village, account=("示例银行", "6222020000001234567"))


def test_an_agent_needs_a_consent_before_and_is_named_on_the_claim(cast, scheme):
    claim = applying.begin(worker(cast), scheme, MARCH, cast.village, consent=CONSENT)
    assert (claim.how, claim.agent_name, claim.agent_relation) == ("代办", "示例代办", "乡村干部")
    assert claim.consent_file is not None


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (Consent("", "乡村干部", TODAY), "代办人姓名"),
        (Consent("某人", "邻居", TODAY), "只能是本人亲属、乡村干部、驻村帮扶干部"),
        (Consent("某人", "", TODAY), "只能是本人亲属"),
        (Consent("某人", "乡村干部", None), "没有本人委托不能代办"),
        (Consent("某人", "乡村干部", TODAY + dt.timedelta(days=1)), "先委托，后代办"),
        (Consent("某人", "乡村干部", TODAY, how="口头"), "委托方式"),
        (Consent("示例甲", "本人亲属", TODAY), "代办人不能是本人"),
    ],
)
def test_who_may_not_act_for_somebody_does_not(cast, scheme, consent, told):
    with pytest.raises(NotAllowed, match=told):
        applying.begin(worker(cast, name="示例甲"), scheme, MARCH, cast.village, consent=consent)
    assert not Claim.objects.exists()


def test_the_database_refuses_an_agent_without_consent_and_a_second_living_claim(cast, scheme):
    claim = applied(cast, scheme)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(how="代办")
    values = dict(scheme=scheme, code="B01", laborer=claim.laborer, village=claim.village, period="2023",
                  month=MARCH, amount=1, letters="m", proposed_by=cast.village)  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(**values)


def test_a_second_claim_for_the_period_is_refused_with_the_state_of_the_first(cast, scheme):
    claim = applied(cast, scheme)
    with pytest.raises(NotAllowed, match="已经申请过，现在是“待村核实”"):
        applying.begin(claim.laborer, scheme, MARCH, cast.village)


def test_a_scheme_that_pays_once_ever_is_refused_in_any_later_year(cast, scheme):
    clause = {"kind": "not_paid", "codes": ["B01"], "years": 99}
    rule = scheme.rule | {"clauses": [*scheme.rule["clauses"], clause]}
    once = scheme_of(cast, version=2, rule=rule)
    person = worker(cast)
    Claim.objects.create(scheme=scheme, code="B01", laborer=person, village=person.village, period="2019",
                         month=Month(2019, 6), amount=1, letters="m", proposed_by=cast.village)  # fmt: skip
    with pytest.raises(NotAllowed, match="以前从未"):
        applying.begin(person, once, MARCH, cast.village)


@pytest.mark.parametrize("first", ["b02", "b11"])
def test_schemes_that_exclude_each_other_are_refused_whichever_comes_first(cast, first):
    """Only one of the two names the other; the other way round is refused as well (§4.4)."""
    rule = EXAMPLE["b02"].rule
    rule = rule | {"clauses": [*rule["clauses"], {"kind": "not_paid", "codes": ["B11"], "years": 0}]}
    schemes = {
        "b02": scheme_of(cast, "b02", name="稳岗补贴", rule=rule), "b11": scheme_of(cast, "b11", name="求职补贴"),
    }  # fmt: skip
    person = worker(cast)
    factories.record(person, Month(2023, 6))
    applying.begin(person, schemes.pop(first), Month(2023, 6), cast.village)
    (other,) = schemes.values()
    with pytest.raises(NotAllowed, match="没有享受求职|不能同时享受|当年没有享受"):
        applying.begin(person, other, Month(2023, 6), cast.village)


def test_months_a_post_was_paid_for_are_refused_to_work_away_and_the_other_way_round(cast, scheme):
    person = worker(cast)
    take(person, [Month(2023, 2)], POST_OR_AWAY, "post-pay:1", "公益性岗位工资")
    with pytest.raises(NotAllowed, match="2023年2月已享受公益性岗位工资"):
        applying.begin(person, scheme, MARCH, cast.village)
    assert not Claim.objects.exists()
    other = applied(cast, scheme).laborer
    with pytest.raises(NotAllowed, match="已享受交通补贴"):
        take(other, [MARCH], POST_OR_AWAY, "post-pay:2", "公益性岗位工资")


def test_two_schemes_for_work_away_share_months_and_give_back_only_their_own(cast, scheme):
    person = worker(cast)
    steady = scheme_of(cast, "b11", name="求职补贴", is_away=True)
    first = applying.begin(person, scheme, MARCH, cast.village)
    second = applying.begin(person, steady, MARCH, cast.village)
    applying.withdraw(first, "本人不申请了", cast.village)
    assert TakenMonth.objects.filter(laborer=person).count() == 3
    applying.withdraw(second, "本人不申请了", cast.village)
    assert not TakenMonth.objects.exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"closes_on": TODAY - dt.timedelta(days=1)}, "受理期到2023年3月17日为止"),
        ({"opens_on": TODAY + dt.timedelta(days=1)}, "2023年3月19日开始受理"),
        ({"state": "draft", "approved_by": None, "approved_at": None}, "不适用"),
        ({"from_month": Month(2023, 4)}, "不适用"),
        ({"until_month": Month(2023, 2)}, "不适用"),
    ],
)
def test_outside_its_window_or_its_months_a_scheme_takes_no_claims(cast, fields, told):
    closed = scheme_of(cast, **fields)
    with pytest.raises(NotAllowed, match=told):
        applying.begin(worker(cast), closed, MARCH, cast.village)


def test_who_is_not_entitled_is_told_by_which_clause_and_nothing_is_paid_for_work_at_home(cast, scheme):
    person = worker(cast)
    MonthlyRecord.objects.filter(laborer=person).update(is_poverty=False)
    with pytest.raises(NotAllowed, match="人员范围应为"):
        applying.begin(person, scheme, MARCH, cast.village)
    with pytest.raises(NotAllowed, match="累计务工满1个月"):
        applying.begin(worker(cast, IN_COUNTY), scheme, MARCH, cast.village)


def test_evidence_the_ledger_lacks_is_promised_on_paper_and_the_paper_is_asked_for(cast):
    strict = scheme_of(cast, "b01-removed")
    person, paper = worker(cast), "不是财政供养人员和国有企业职工"
    with pytest.raises(NotAllowed, match="缺少依据"):
        applying.begin(person, strict, MARCH, cast.village)
    claim = applying.begin(person, strict, MARCH, cast.village, declared=[paper])
    assert {one["name"] for one in applying.papers_of(claim) if one["required"]} == {
        "个人申请和承诺书",
        paper,
    }


@pytest.mark.parametrize("who", ["county", "city", "auditor", "sampler", "neighbour_village", "admin"])
def test_only_village_and_township_apply_for_their_people(cast, scheme, who):
    with pytest.raises(NotAllowed, match="权限"):
        applying.begin(worker(cast), scheme, MARCH, getattr(cast, who))


def test_two_of_a_household_share_its_cap(cast):
    capped = scheme_of(cast, rule=EXAMPLE["b01-places"].rule | {"household_cap": 200_000})
    first = worker(cast)
    second = worker(cast, household=first.household)
    third = worker(cast, household=first.household)
    amounts = [applying.begin(one, capped, MARCH, cast.village).amount for one in (first, second)]
    assert amounts == [150_000, 50_000]
    with pytest.raises(NotAllowed, match="没有可发的金额"):
        applying.begin(third, capped, MARCH, cast.village)


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_goes_from_village_to_county_by_three_people(cast, scheme, monkeypatch):
    claim = approved(cast, scheme, monkeypatch)
    assert (claim.state, claim.approved_by, claim.compared_by) == ("approved", cast.county, cast.township)
    told = list(ClaimStep.objects.filter(claim=claim).values_list("step", "by__username"))
    steps = ["申请", "村核实", "开始公示", "公示结束", "镇比对", "县审核"]
    assert told == list(zip(steps, ["cun"] * 4 + ["zhen", "xian"], strict=True))


def test_the_village_checks_only_with_every_required_paper(cast, scheme):
    claim = applying.begin(
        worker(cast), scheme, MARCH, cast.village, consent=Consent("某人", "本人亲属", TODAY)
    )
    with pytest.raises(NotAllowed, match="还缺材料：个人申请和承诺书、委托书"):
        deciding.check(claim, cast.village)
    for name in ("个人申请和承诺书", "委托书"):
        applying.add_paper(claim, name, PNG, cast.village)
    assert deciding.check(claim, cast.village).state == State.CHECKED


def test_a_paper_is_a_picture_or_pdf_of_the_checklist(cast, scheme):
    claim = applying.begin(worker(cast), scheme, MARCH, cast.village)
    with pytest.raises(NotAllowed, match="JPG、PNG或PDF"):
        applying.add_paper(claim, "车票", b"MZ", cast.village)
    with pytest.raises(NotAllowed, match="不在清单里"):
        applying.add_paper(claim, "别的", PNG, cast.village)


def test_a_notice_lasts_as_long_as_the_scheme_asks_and_ends_with_a_photograph(cast, scheme, monkeypatch):
    claim = applied(cast, scheme)
    deciding.check(claim, cast.village)
    up = lambda days: notices.put_up(  # noqa: E731
        claim.village, scheme, "2023", TODAY, TODAY + dt.timedelta(days=days - 1), "公示栏", cast.village
    )
    with pytest.raises(NotAllowed, match="不能少于5天"):
        up(4)
    notice = up(5)
    with pytest.raises(NotAllowed, match="期满后"):
        notices.end(notice, "", cast.village)
    at(monkeypatch, MORNING + dt.timedelta(days=5))
    with pytest.raises(NotAllowed, match="公示照片"):
        notices.end(notice, "", cast.village)
    notices.add_photo(notice, JPG, cast.village)
    assert notices.end(notice, "", cast.village).objections == "无异议"
    assert Claim.objects.get().state == State.SHOWN


def test_a_claim_somebody_objects_to_is_returned_and_the_others_go_on(cast, scheme, monkeypatch):
    claims = [applied(cast, scheme), applied(cast, scheme)]
    notice = notices.add_photo(noticed(cast, scheme, *claims), JPG, cast.village)
    deciding.send_back(claims[0], "村民反映已经返乡", cast.township)
    at(monkeypatch, MORNING + dt.timedelta(days=6))
    notices.end(notice, "一人有异议，已退回", cast.village)
    assert [Claim.objects.get(pk=one.pk).state for one in claims] == ["returned", "shown"]


def test_the_list_on_the_board_tells_no_number_and_no_exact_age(cast, scheme):
    claim = applied(cast, scheme)
    (row,) = notices.printed(noticed(cast, scheme, claim))
    assert row[1:] == [claim.laborer.sex, "30—39岁", "2023年1月至3月", "广东省深圳市", "1,500.00"]
    assert not {claim.laborer.id_no, claim.laborer.phone, claim.account.number} & set(row)


def test_what_the_ledger_says_otherwise_now_is_explained_or_returned(cast, scheme, monkeypatch):
    claim = applied(cast, scheme)
    shown(cast, scheme, monkeypatch, claim)
    WorkSpell.objects.filter(laborer=claim.laborer).update(employer="示例鞋厂")
    with pytest.raises(NotAllowed, match="不一致：务工单位。请说明"):
        deciding.compare(claim, cast.township)
    done = deciding.compare(claim, cast.township, "三月换厂，电话核实")
    assert done.steps.last().note == "务工单位不一致：三月换厂，电话核实"


def test_a_claim_the_ledger_would_pay_otherwise_goes_back_and_is_reckoned_anew(cast, scheme, monkeypatch):
    claim = applied(cast, scheme)
    shown(cast, scheme, monkeypatch, claim)
    WorkSpell.objects.filter(laborer=claim.laborer).update(place_class=IN_CITY)
    with pytest.raises(NotAllowed, match="请退回补正"):
        deciding.compare(claim, cast.township, "已经核实过了")
    deciding.send_back(claim, "务工区域与台账不同", cast.township)
    again = applying.apply_again(claim, cast.village)
    assert (again.state, again.amount, again.notice, again.checked_by) == ("applied", 30_000, None, None)


def test_nobody_decides_on_what_they_handed_in_or_decided_before(cast, scheme, monkeypatch):
    town2 = user("zhen9", cast.units["9911"], Role.TOWNSHIP)
    claim = applying.begin(worker(cast), scheme, MARCH, cast.township)
    applying.add_paper(claim, "个人申请和承诺书", PNG, cast.township)
    shown(cast, scheme, monkeypatch, claim)
    with pytest.raises(NotAllowed, match="另一个人"):
        deciding.compare(claim, cast.township)
    with pytest.raises(NotAllowed, match="权限"):
        deciding.compare(claim, cast.village)
    deciding.compare(claim, town2)
    with pytest.raises(NotAllowed, match="权限"):
        deciding.approve(claim, town2)
    Claim.objects.filter(pk=claim.pk).update(proposed_by=cast.county)
    with pytest.raises(NotAllowed, match="另一个人"):
        deciding.approve(claim, cast.county)


@pytest.mark.parametrize(
    "fields", [{"compared_by": "village"}, {"compared_by": "township", "approved_by": "township"}]
)
def test_the_database_refuses_one_person_in_two_parts(cast, scheme, fields):
    claim = applied(cast, scheme)
    deciding.check(claim, cast.village)
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**{key: getattr(cast, who) for key, who in fields.items()})


def test_an_amount_off_the_tariff_is_not_approved_whoever_wrote_it(cast, scheme, monkeypatch):
    claim = applied(cast, scheme)
    shown(cast, scheme, monkeypatch, claim)
    deciding.compare(claim, cast.township)
    Claim.objects.filter(pk=claim.pk).update(amount=999_900)
    with pytest.raises(NotAllowed, match="应为1,500.00元"):
        deciding.approve(claim, cast.county)


def test_nothing_is_approved_without_an_account_of_the_person(cast, scheme, monkeypatch):
    claim = applied(cast, scheme)
    shown(cast, scheme, monkeypatch, claim)
    deciding.compare(claim, cast.township)
    BankAccount.objects.filter(laborer=claim.laborer).update(ended_at=timezone.now())
    with pytest.raises(NotAllowed, match="收款账户"):
        deciding.approve(claim, cast.county)
    made = keep_account(claim.laborer, "示例银行", "6222020000007654321", cast.township)
    assert deciding.approve(claim, cast.county).account == made


def test_a_tariff_that_changes_later_changes_no_decided_claim(cast, scheme, monkeypatch):
    claim = approved(cast, scheme, monkeypatch)
    dearer = scheme.rule | {"tariff": {"kind": "by_place", "amounts": {OUTSIDE: 200_000}}}
    scheme_of(cast, version=2, rule=dearer)
    kept = Claim.objects.get(pk=claim.pk)
    assert (kept.amount, kept.scheme_id) == (150_000, scheme.pk)


def test_a_rejected_claim_keeps_its_reason_and_frees_the_period_and_the_months(cast, scheme, monkeypatch):
    claim = applied(cast, scheme)
    shown(cast, scheme, monkeypatch, claim)
    with pytest.raises(NotAllowed, match="至少四个字"):
        deciding.reject(claim, "不行", cast.township)
    deciding.reject(claim, "没有外出务工", cast.township)
    assert Claim.objects.get(pk=claim.pk).reason == "没有外出务工"
    assert not TakenMonth.objects.exists()
    assert applying.begin(claim.laborer, scheme, MARCH, cast.village).pk != claim.pk


def test_each_step_waits_for_the_one_before(cast, scheme):
    claim = applied(cast, scheme)
    for act, who in ((deciding.compare, cast.township), (deciding.approve, cast.county)):
        with pytest.raises(NotAllowed, match="现在是“待村核实”"):
            act(claim, who)
    deciding.check(claim, cast.village)
    with pytest.raises(NotAllowed, match="现在是“待公示”"):
        deciding.check(claim, cast.village)


# ── a checked set ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_checked_set_is_done_whole_or_not_at_all(cast, scheme):
    claims = [applied(cast, scheme), applying.begin(worker(cast), scheme, MARCH, cast.village)]
    seen = {one.pk: one.steps.last().pk for one in claims}
    with pytest.raises(NotAllowed, match="还缺材料.*全部2份都没有办理"):
        deciding.check_many(seen, 2, cast.village)
    assert set(Claim.objects.values_list("state", flat=True)) == {"applied"}
    with pytest.raises(NotAllowed, match="重新勾选"):
        deciding.check_many(seen, 3, cast.village)
    applying.add_paper(claims[1], "个人申请和承诺书", PNG, cast.village)
    assert len(deciding.check_many(seen, 2, cast.village)) == 2
    with pytest.raises(NotAllowed, match="有了变化"):
        deciding.check_many(seen, 2, cast.village)


# ── waived ───────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = {"words": "我不要这个补贴", "reason": "嫌手续麻烦", "witness": "示例见证", "on": TODAY, "data": PNG}


def test_a_waiver_keeps_the_persons_own_words_and_stands_in_the_way_of_a_claim(cast, scheme):
    person = worker(cast)
    waiver = waiving.waive(person, scheme, MARCH, cast.village, **WORDS)
    with pytest.raises(NotAllowed, match="先撤销放弃"):
        applying.begin(person, scheme, MARCH, cast.village)
    with pytest.raises(NotAllowed, match="已经登记放弃"):
        waiving.waive(person, scheme, MARCH, cast.village, **WORDS)
    waiving.take_back(waiver, cast.village)
    assert applying.begin(person, scheme, MARCH, cast.village).state == State.APPLIED
    with pytest.raises(NotAllowed, match="先撤回申请"):
        waiving.waive(person, scheme, MARCH, cast.village, **WORDS)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"words": "不"}, "原话"),
        ({"reason": ""}, "放弃原因"),
        ({"witness": ""}, "见证人"),
        ({"on": TODAY + dt.timedelta(days=1)}, "不能晚于今天"),
        ({"data": b""}, "签字"),
        ({"data": b"MZ"}, "JPG"),
    ],
)
def test_a_waiver_without_words_reason_witness_day_or_signature_is_none(cast, scheme, fields, told):
    with pytest.raises(NotAllowed, match=told):
        waiving.waive(worker(cast), scheme, MARCH, cast.village, **(WORDS | fields))


def test_a_waiver_is_taken_back_until_the_scheme_closes(cast, monkeypatch):
    scheme = scheme_of(cast, closes_on=TODAY)
    waiver = waiving.waive(worker(cast), scheme, MARCH, cast.village, **WORDS)
    at(monkeypatch, MORNING + dt.timedelta(days=1))
    with pytest.raises(NotAllowed, match="2023年3月18日为止.*不能再撤销"):
        waiving.take_back(waiver, cast.village)
