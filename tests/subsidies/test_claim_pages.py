"""The pages of claims: from a line of the screening to the county's decision, by form, and what a form refuses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.models import Job
from subsidies.claims import applying, deciding, waiving
from subsidies.claims.forms import NEEDED_OF_AN_AGENT
from subsidies.models import Claim, Notice, Screened, Waiver
from subsidies.screening import screen
from tests.subsidies.claiming import JPG, MARCH, PNG, TODAY, applied, scheme_of, shown, worker
from tests.subsidies.conftest import MORNING, at
from tests.subsidies.test_claims import WORDS
from tests.test_every_url import signed_in

State = Claim.State


@pytest.fixture
def scheme(cast):
    return scheme_of(cast)


def url(name: str, *args) -> str:
    return reverse(f"subsidies:{name}", args=args)


def line_for(cast, scheme, person) -> Screened:
    screen([scheme], cast.units["991"], MARCH, cast.county)
    return Screened.objects.get(laborer=person, screening__scheme=scheme)


def picture(data: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile("照片.png", data, "image/png")


def agent(**more) -> dict:
    return {
        "how": "代办", "agent_name": "示例代办", "agent_relation": "乡村干部", "consent_on": str(TODAY),
        "consent_how": "书面委托书", "consent_file": picture(), "form_token": "t1",
    } | more  # fmt: skip


def test_a_claim_is_made_from_the_line_of_a_screening_and_decided_page_by_page(cast, scheme, monkeypatch):
    person = worker(cast)
    line = line_for(cast, scheme, person)
    village = signed_in(cast.village)
    assert url("claim_new", line.pk) in village.get(url("claims_of", person.pk)).content.decode()
    page = village.get(url("claim_new", line.pk)).content.decode()
    assert "按台账核算：1,500.00 元" in page
    assert 'name="amount"' not in page
    assert village.post(url("claim_new", line.pk), agent()).status_code == 302
    claim = Claim.objects.get()
    assert "还没有" in village.get(url("claim", claim.pk)).content.decode()
    refused = village.post(url("claim_step", claim.pk), {"act": "check"})
    assert refused.status_code == 422
    assert "还缺材料：个人申请和承诺书" in refused.content.decode()
    village.post(url("claim_paper", claim.pk), {"name": "个人申请和承诺书", "file": picture()})
    assert village.post(url("claim_step", claim.pk), {"act": "check"}).status_code == 302
    assert url("notice_new", claim.pk) in village.get(url("notices")).content.decode()
    dates = {"from_on": str(TODAY), "until_on": str(TODAY + dt.timedelta(days=4)), "place": "公示栏"}
    assert village.post(url("notice_new", claim.pk), dates).status_code == 302
    notice = Notice.objects.get()
    board = village.get(url("notice_print", notice.pk)).content.decode()
    assert "30—39岁" in board
    assert not any(secret in board for secret in (person.id_no, person.phone, person.masked_id, "尾号"))
    village.post(url("notice", notice.pk), {"act": "photo", "file": picture(JPG)})
    at(monkeypatch, MORNING + dt.timedelta(days=5))
    village, town, county = (signed_in(one) for one in (cast.village, cast.township, cast.county))
    assert village.post(url("notice", notice.pk), {"act": "end"}).status_code == 302
    assert "申请与现在的台账" in town.get(url("claim", claim.pk)).content.decode()
    assert town.post(url("claim_step", claim.pk), {"act": "compare"}).status_code == 302
    assert county.post(url("claim_step", claim.pk), {"act": "approve"}).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.agent_name) == (State.APPROVED, "示例代办")
    assert b"PNG" in b"".join(town.get(url("claim_consent", claim.pk)).streaming_content)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"agent_relation": "邻居"}, "邻居"),
        ({"agent_relation": ""}, "代办人只能是"),
        ({"consent_on": ""}, "没有本人委托不能代办"),
        ({"consent_on": "2023-03-19"}, "先委托，后代办"),
        ({"consent_file": ""}, "请上传委托书"),
        ({"consent_file": picture(b"MZ")}, "JPG、PNG或PDF"),
        ({"agent_name": ""}, "请填写代办人姓名"),
        ({"number": "123", "bank": "示例银行"}, "12至25位"),
        ({"number": "6222020000001234567"}, "请填写开户行"),
    ],
)
def test_the_form_refuses_an_agent_without_consent_and_keeps_what_was_typed(cast, scheme, more, told):
    line = line_for(cast, scheme, worker(cast))
    answer = signed_in(cast.village).post(url("claim_new", line.pk), agent(**more))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Claim.objects.exists()


def test_the_same_form_sent_twice_makes_one_claim_and_an_amount_that_is_sent_is_not_read(cast, scheme):
    line = line_for(cast, scheme, worker(cast))
    village = signed_in(cast.village)
    sent = {"how": "本人申请", "form_token": "t1", "amount": "999999"}
    answers = [village.post(url("claim_new", line.pk), sent) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert Claim.objects.get().amount == 150_000
    again = village.post(url("claim_new", line.pk), sent | {"form_token": "t2"})
    assert "不能重复申请" in again.content.decode()


def test_a_returned_claim_is_corrected_and_handed_in_again(cast, scheme):
    claim = applied(cast, scheme)
    town, village = signed_in(cast.township), signed_in(cast.village)
    town.post(url("claim_step", claim.pk), {"act": "return", "reason": "承诺书没有签字"})
    assert "承诺书没有签字" in village.get(url("claim_again", claim.pk)).content.decode()
    answer = village.post(url("claim_again", claim.pk), {"how": "本人申请", "form_token": "t1"})
    assert answer.url == url("claim", claim.pk)
    assert Claim.objects.get().state == State.APPLIED
    assert village.get(url("claim_again", claim.pk)).status_code == 404


def test_a_checked_set_is_shown_again_with_names_number_and_sum_before_it_is_done(cast, scheme):
    claims = [applied(cast, scheme) for _ in range(2)]
    village = signed_in(cast.village)
    ticked = {"act": "check", "form": [f"{one.pk}:{one.steps.last().pk}" for one in claims]}
    page = village.get(url("claims")).content.decode()
    assert all(one in page for one in ticked["form"])
    shown_again = village.post(url("claims_decide"), ticked).content.decode()
    assert "核实通过下面 2 份，合计 3,000.00 元" in shown_again
    assert all(one.laborer.name in shown_again for one in claims)
    assert set(Claim.objects.values_list("state", flat=True)) == {"applied"}
    village.post(url("claims_decide"), ticked | {"count": "2"})
    assert set(Claim.objects.values_list("state", flat=True)) == {"checked"}


def test_an_office_does_no_other_step_than_its_own(cast, scheme):
    claim = applied(cast, scheme)
    for who, act in ((cast.township, "approve"), (cast.county, "check"), (cast.village, "compare")):
        signed_in(who).post(url("claims_decide"), {"act": act, "form": f"{claim.pk}:1", "count": "1"})
    assert Claim.objects.get().state == State.APPLIED


def test_a_waiver_is_noted_and_taken_back_on_its_pages(cast, scheme):
    person = worker(cast)
    line = line_for(cast, scheme, person)
    village = signed_in(cast.village)
    sent = {key: str(value) for key, value in WORDS.items() if key != "data"} | {"form_token": "t1"}
    refused = village.post(url("waiver_new", line.pk), sent)
    assert (refused.status_code, Waiver.objects.count()) == (422, 0)
    assert village.post(url("waiver_new", line.pk), sent | {"file": picture()}).status_code == 302
    waiver = Waiver.objects.get()
    assert "我不要这个补贴" in village.get(url("waivers")).content.decode()
    assert url("claim_new", line.pk) not in village.get(url("claims_of", person.pk)).content.decode()
    assert "还没有标注" in village.get(url("waivers")).content.decode()
    village.post(url("waiver_mark", waiver.pk))
    waiver.refresh_from_db()
    assert (waiver.marked_on, waiver.marked_by) == (waiver.on, cast.village)
    assert "还没有标注" not in village.get(url("waivers")).content.decode()
    village.post(url("waiver_withdraw", waiver.pk))
    assert url("claim_new", line.pk) in village.get(url("claims_of", person.pk)).content.decode()


def test_the_list_is_filtered_by_unit_scheme_and_state_and_counts_what_it_shows(cast, scheme):
    mine = applied(cast, scheme)
    other = applying.begin(worker(cast, village="99112"), scheme, MARCH, cast.township)
    county = signed_in(cast.county)
    assert "共 2 份，合计 3,000.00 元" in county.get(url("claims")).content.decode()
    page = county.get(url("claims"), {"unit": "99112", "code": "B01", "state": "applied"}).content.decode()
    assert other.laborer.name in page
    assert mine.laborer.name not in page
    assert "没有这样的申请" in county.get(url("claims"), {"state": "paid"}).content.decode()


@pytest.mark.parametrize("name", ["claims", "notices", "waivers"])
def test_a_list_asks_as_often_for_many_rows_as_for_few(cast, scheme, monkeypatch, name):
    def fill() -> None:
        claim = applied(cast, scheme)
        shown(cast, scheme, monkeypatch, claim)
        at(monkeypatch, MORNING)
        deciding.check(applied(cast, scheme), cast.village)
        waiving.waive(worker(cast), scheme, MARCH, cast.village, **WORDS)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(url(name)).status_code == 200
        return len(seen)

    client = signed_in(cast.township)
    fill()
    few = asked()
    fill()
    assert asked() == few


def test_one_claim_is_shown_with_few_questions(cast, scheme, monkeypatch, django_assert_max_num_queries):
    claim = applied(cast, scheme)
    shown(cast, scheme, monkeypatch, claim)
    client = signed_in(cast.township)
    with django_assert_max_num_queries(30):
        assert client.get(url("claim", claim.pk)).status_code == 200


def test_what_the_county_rejects_keeps_its_reason_on_the_page(cast, scheme, monkeypatch):
    claim = applied(cast, scheme)
    shown(cast, scheme, monkeypatch, claim)
    deciding.compare(claim, cast.township)
    county = signed_in(cast.county)
    refused = county.post(url("claim_step", claim.pk), {"act": "reject", "reason": "否"})
    assert "至少四个字" in refused.content.decode()
    county.post(url("claim_step", claim.pk), {"act": "reject", "reason": "已被录用为公务员"})
    assert "已被录用为公务员" in signed_in(cast.village).get(url("claim", claim.pk)).content.decode()
    assert applying.begin(claim.laborer, scheme, MARCH, cast.village)


def test_the_county_takes_the_claims_out_as_the_workbook_that_imports_again(cast, scheme):
    applied(cast, scheme)
    assert "导出 Excel" in signed_in(cast.county).get(url("claims")).content.decode()
    assert signed_in(cast.county).post(url("claims_export"), {"unit": "991"}).status_code == 302
    assert Job.objects.get().title == "导出补贴申请（甲县）"
    assert "导出 Excel" not in signed_in(cast.village).get(url("claims")).content.decode()


def test_the_form_names_everything_an_agent_still_lacks_at_once(cast, scheme):
    line = line_for(cast, scheme, worker(cast))
    answer = signed_in(cast.village).post(url("claim_new", line.pk), {"how": "代办", "form_token": "t1"})
    assert answer.status_code == 422
    assert all(told in answer.content.decode() for told in NEEDED_OF_AN_AGENT.values())


def test_a_claim_says_whose_turn_it_is_and_asks_for_the_document_that_is_missing(cast, scheme):
    claim = applying.begin(worker(cast), scheme, MARCH, cast.village)
    asked = lambda: signed_in(cast.village).get(url("claim", claim.pk)).context["paper_form"]["name"].initial  # noqa: E731
    assert asked() == "个人申请和承诺书"
    applying.add_paper(claim, "个人申请和承诺书", PNG, cast.village)
    assert asked() == "车票"
    assert "等村里核实。" in signed_in(cast.county).get(url("claim", claim.pk)).content.decode()
    deciding.check(claim, cast.village)
    assert "去公示" in signed_in(cast.village).get(url("claim", claim.pk)).content.decode()
    assert "等村里公示。" in signed_in(cast.county).get(url("claim", claim.pk)).content.decode()
