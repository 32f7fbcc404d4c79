"""The pages: writing with a preview, choosing whom, confirming, seeing what became of it, passing texts on."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from jobs.runner import run_waiting
from subsidies.messages import actions
from subsidies.messages.examples import EXAMPLES
from subsidies.messages.texts import WECHAT
from subsidies.models import Forwarding, Mailing, Message, MessageTemplate
from tests import factories
from tests.pages import pages_of
from tests.subsidies.conftest import prepared, template
from tests.test_every_url import signed_in

page, post = pages_of("publicity")

pytestmark = pytest.mark.django_db
FILLED = {
    "kind": "短信", "scheme": "B02", "title": "稳岗补贴提醒", "text": "{姓名}您好，{政策}可以申领了。", "standard": "",
    "deadline": "", "contact": "", "seen": "",
}  # fmt: skip


@pytest.fixture
def officer(cast) -> Client:
    return signed_in(cast.township)


def test_a_template_is_written_and_changed(officer, cast):
    assert post(officer, "template_new", **FILLED, form_token="t1").status_code == 302
    one = MessageTemplate.objects.get()
    assert (one.unit, one.scheme_name, one.version) == (cast.units["9911"], "稳岗补贴", 1)
    assert "阿依古丽您好，稳岗补贴可以申领了。" in page(officer, "template", one.pk)
    changed = FILLED | {"text": "{村}：新内容", "seen": one.written_at.isoformat(), "form_token": "t2"}
    assert post(officer, "template_edit", one.pk, **changed).status_code == 302
    one.refresh_from_db()
    assert one.text == "{村}：新内容"
    late = post(
        officer,
        "template_edit",
        one.pk,
        **changed | {"seen": "2020-01-01T00:00:00+08:00", "form_token": "t3"},
    )
    assert late.status_code == 422
    assert "刚被别人改过" in late.content.decode()


def test_each_example_is_offered_and_lacks_nothing_but_what_the_office_fills_in(officer):
    first = page(officer, "template_new")
    for number, (name, example) in enumerate(EXAMPLES.items()):
        assert name in first
        assert example["title"] in page(officer, "template_new", query=f"?example={quote(name)}")
        given = example | {
            "standard": "每年300元",
            "deadline": "2023-04-30",
            "contact": "0714-6221234",
            "seen": "",
        }
        assert post(officer, "template_new", **given, form_token=f"e{number}").status_code == 302


def test_a_wrong_slot_is_named_at_its_field_and_nothing_is_saved(officer):
    answer = post(officer, "template_new", **FILLED | {"text": "{名字}您好"}, form_token="t1")
    assert answer.status_code == 422
    assert "没有“{名字}”这一项" in answer.content.decode()
    assert not MessageTemplate.objects.exists()


def test_the_preview_shows_the_text_its_cost_and_what_is_wrong(officer):
    shown = post(officer, "preview", **FILLED | {"text": "{姓名}" + "字" * 67}).content.decode()
    assert "阿依古丽" in shown
    assert "71字，2条短信" in shown
    assert "请填写标准" in post(officer, "preview", **FILLED | {"text": "{标准}"}).content.decode()
    assert post(officer, "preview").status_code == 200
    assert not MessageTemplate.objects.exists()


def test_twenty_equal_submissions_make_one_mailing(officer, cast, people):
    one = template(cast)
    chosen = {"unit": "9911", "audience": "counted", "form_token": "t1"}
    answers = {post(officer, "mailing_new", one.pk, **chosen)["Location"] for _ in range(20)}
    assert answers == {reverse("publicity:mailing", args=[Mailing.objects.get().pk])}
    assert Message.objects.count() == 4
    assert AuditEntry.objects.filter(action="message.prepare").count() == 1


def test_the_list_is_seen_before_it_is_confirmed_and_then_followed(officer, cast, people, recorder):
    mailing = prepared(cast)
    shown = page(officer, "mailing", mailing.pk)
    assert "待确认" in shown
    assert "名单已固定，确认后按名单每人发一次。" in shown
    assert f"{mailing.parts} <small>条</small>" in shown
    assert people[0].name in shown
    assert people[0].phone not in shown
    for _ in range(3):
        assert post(officer, "mailing_confirm", mailing.pk).status_code == 302
    run_waiting()
    assert len(recorder.sent) == 4
    assert "已发完" in page(officer, "mailing", mailing.pk)
    assert people[3].name in page(officer, "mailing", mailing.pk, query="?state=handed")
    assert "没有这样的短信" in page(officer, "mailing", mailing.pk, query="?state=failed")
    assert "稳岗补贴提醒" in page(officer, "mailings")


def test_a_village_reads_what_its_people_got_and_no_totals(cast, people, recorder):
    mailing = prepared(cast)
    client = signed_in(cast.village)
    assert client.get(reverse("publicity:mailing", args=[mailing.pk])).status_code == 404
    actions.confirm(mailing, cast.township)
    shown = page(client, "mailing", mailing.pk)
    assert people[0].name in shown
    assert people[3].name not in shown
    assert "confirm-facts" not in shown
    assert post(client, "mailing_stop", mailing.pk).status_code == 404


def test_without_a_gateway_the_pages_say_so(officer, cast, people, settings):
    settings.SMS_GATEWAY = "off"
    mailing = prepared(cast)
    for name, args in (("mailings", ()), ("mailing", (mailing.pk,)), ("mailing_new", (mailing.template.pk,))):
        assert "未配置短信网关" in page(officer, name, *args)
    answer = officer.post(reverse("publicity:mailing_confirm", args=[mailing.pk]), follow=True)
    assert "不能发送短信" in answer.content.decode()
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.DRAFT


def test_a_village_copies_a_text_and_notes_that_it_passed_it_on(cast):
    one = template(cast, "991", "county", WECHAT)
    client = signed_in(cast.village)
    assert client.get(reverse("publicity:list"))["Location"] == reverse("publicity:texts")
    text = one.text_for("", "甲东一村")
    assert f'data-copy="{text}"' in page(client, "texts")
    answer = client.post(reverse("publicity:forward", args=[one.pk]), {"village": "99111"}, follow=True)
    assert "已登记：甲东一村转发了" in answer.content.decode()
    assert Forwarding.objects.get().by == cast.village
    assert post(client, "forward", one.pk, village="99112").status_code == 404
    board = page(signed_in(cast.county), "texts")
    assert "甲东二村" in board
    assert ">甲东一村</a>" not in board


def test_villages_that_nobody_told_of_a_policy_this_month_are_named(cast, people, officer):
    """YD-G16: people of 99111 and 99112 are at work; a text passed on in one of them leaves the other."""
    county = signed_in(cast.county)
    assert "还有2个有人务工的村没有发过短信，也没有转发过微信（YD-G16）：甲东一村、甲东二村" in page(
        county, "mailings"
    )
    one = template(cast, "991", "county", WECHAT)
    Forwarding.objects.create(template=one, village=cast.units["99111"], by=cast.village, at=timezone.now())
    assert "还有1个有人务工的村没有发过短信，也没有转发过微信（YD-G16）：甲东二村" in page(county, "mailings")
    assert "YD-G16" not in page(signed_in(cast.neighbour_township), "mailings")


@pytest.mark.parametrize(("name", "most"), [("list", 8), ("mailings", 10), ("texts", 9), ("template", 9)])
def test_a_page_asks_the_same_number_of_questions_however_much_there_is(
    cast, people, name, most, django_assert_max_num_queries
):
    client, one = signed_in(cast.county), template(cast, "991", "county")
    for _ in range(3):
        template(cast, "991", "county", WECHAT)
        prepared(cast, "991", "county", text=one)
    page(client, "list")
    with django_assert_max_num_queries(most):
        page(client, name, *([one.pk] if name == "template" else []))


def test_a_mailing_of_many_costs_a_page_of_questions(cast, officer, django_assert_max_num_queries):
    for _ in range(60):
        factories.laborer(cast.units["99111"])
    mailing = prepared(cast)
    page(officer, "list")
    with django_assert_max_num_queries(9):
        shown = page(officer, "mailing", mailing.pk)
    assert shown.count("<tr>") == 51
    assert "下一页" in shown
    last = mailing.messages.order_by("pk")[49]
    assert page(officer, "mailing", mailing.pk, query=f"?after={last.pk}").count("<tr>") == 11
