"""What the home of the village and of the offices lists of claims, notices, batches and classes, each with its page."""

from __future__ import annotations

import datetime as dt

from jobs.todos import of_rooms
from ledgers import banking
from subsidies.batches import actions as batches
from subsidies.batches import refunding
from subsidies.claims import deciding, notices
from subsidies.models import Claim
from subsidies.training import enrolling, paying, planning
from tests.cast import user
from tests.subsidies.claiming import JPG, applied, noticed, scheme_of, worker
from tests.subsidies.conftest import MORNING, at
from tests.subsidies.test_batches import refund_of
from tests.subsidies.test_schemes import draft_of, tried
from tests.subsidies.training_cast import school, with_account
from tests.test_every_url import signed_in


def lines(who) -> dict[str, str]:
    return {line["title"]: line["count"] for line in of_rooms(who)}


def test_a_claim_is_on_the_list_of_whose_turn_it_is(cast, monkeypatch):
    scheme = scheme_of(cast)
    claim = applied(cast, scheme)
    page = signed_in(cast.village).get("/ledgers/mine/").content.decode()
    assert "待核实的补贴申请" in page
    assert 'href="/subsidies/claims/?state=applied"' in page
    deciding.check(claim, cast.village)
    assert lines(cast.village) == {"等待公示的补贴申请": "1"}
    claim.refresh_from_db()
    claim.state = claim.State.APPLIED
    claim.save(update_fields=["state"])
    notice = notices.add_photo(noticed(cast, scheme, claim), JPG, cast.village)
    assert lines(cast.village) == {}
    at(monkeypatch, MORNING + dt.timedelta(days=5))
    assert lines(cast.village) == {"期满的补贴公示": "1"}
    notices.end(notice, "", cast.village)
    assert lines(cast.township) == {"待比对的补贴申请": "1"}
    deciding.send_back(claim, "务工证明看不清，请重新拍照。", cast.township)
    assert lines(cast.village) == {"退回补正的补贴申请": "1"}
    assert (
        f'href="/subsidies/claims/{claim.pk}/"'
        in signed_in(cast.village).get("/ledgers/mine/").content.decode()
    )
    Claim.objects.filter(pk=claim.pk).update(state=Claim.State.SHOWN)
    deciding.compare(claim, cast.township)
    assert lines(cast.county) == {"待审核的补贴申请": "1"}
    deciding.approve(claim, cast.county)
    assert lines(cast.county) == {"待组批的补贴申请": "1"}
    batch = batches.make(scheme, cast.units["991"], cast.county)
    boss = user("xianjz", cast.units["991"], "county", "县局长")
    assert lines(cast.county) == lines(cast.auditor) == {}
    assert lines(boss) == {"待办理的发放批次": "1"}
    batches.confirm(batch, boss)
    assert lines(cast.county) == {"待办理的发放批次": "1"}


def test_a_class_calls_the_villages_and_their_people_wait_for_the_office(cast):
    made = school(cast)
    one = made.a_class(days=[dt.date(2023, 3, 27)])
    assert lines(cast.village) == {"正在报名的培训班": "1"}
    page = signed_in(cast.village).get("/ledgers/mine/").content.decode()
    assert f'href="/subsidies/training/classes/{one.pk}/wishes/"' in page
    assert lines(cast.township) == lines(cast.county) == {}
    enrolling.enrol(one, made.people[0], cast.village)
    assert lines(cast.township) == lines(cast.county) == {"待确认的培训报名": "1"}


def test_a_scheme_that_was_tried_waits_for_a_second_officer(cast):
    draft = draft_of(cast)
    boss = user("xianjz", cast.units["991"], "county", "县局长")
    assert lines(boss) == {}
    tried(draft, cast.county)
    assert lines(cast.county) == lines(cast.city) == {}
    assert lines(boss) == {"待批准的补贴政策": "1"}
    assert f'href="/subsidies/schemes/{draft.pk}/"' in signed_in(boss).get("/home/").content.decode()


def test_a_change_of_an_account_waits_for_another_officer_of_township_or_county(cast):
    person = worker(cast)
    change = banking.ask_change(
        person, "示例农商行", "622202009999999999", "原卡已注销，换了新卡", JPG, cast.township
    )
    boss = user("zhen9", cast.units["9911"], "township", "镇长")
    title = "待确认的收款账户更正"
    assert [
        who for who in (cast.village, cast.township, cast.neighbour_township) if title in lines(who)
    ] == []
    assert lines(boss)[title] == lines(cast.county)[title] == "1"
    assert f'href="/ledgers/people/{person.pk}/account/"' in signed_in(boss).get("/home/").content.decode()
    banking.confirm_change(change, boss)
    assert title not in lines(cast.county)


def test_money_that_came_back_waits_for_the_officer_who_did_not_note_it(cast):
    refund = refund_of(cast)
    title = "待确认的补贴追回"
    assert title not in lines(refund.made_by)
    boss = user("xianjz", cast.units["991"], "county", "县局长")
    assert lines(boss)[title] == "1"
    refunding.confirm(refund, boss)
    assert title not in lines(boss)


def test_a_plan_and_the_allowances_of_a_class_wait_for_a_second_officer(cast):
    made = school(cast)
    planning.write_plan(cast.units["991"], 2024, {"电工": 60}, cast.county)
    one = made.finished()
    for person in made.people:
        with_account(person, cast.township)
    paying.compute(one, cast.county)
    assert {"待审批的培训计划", "待审批的培训生活费补贴"}.isdisjoint(lines(cast.county))
    waits = lines(made.boss)
    assert (waits["待审批的培训计划"], waits["待审批的培训生活费补贴"]) == ("1", "1")
    paying.approve(one, made.boss)
    assert "待审批的培训生活费补贴" not in lines(made.boss)
