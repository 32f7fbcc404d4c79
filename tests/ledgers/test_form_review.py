"""采集表审核 through its addresses: what waits, one at a time or a checked set, by three people."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ledgers.collection import actions
from ledgers.models import CollectionForm, MonthlyRecord
from tests import cast as casting
from tests import factories
from tests.cast import user
from tests.ledgers.filling import url

LIST, SET = reverse("ledgers:form_review"), reverse("ledgers:forms_decide")


@pytest.fixture
def cast(db, settings):
    settings.SIGNATURES = False
    return casting.build()


def submitted(cast, name: str, village: str = "99111", **values: str) -> CollectionForm:
    person = factories.whole_person(cast.units[village], name=name)
    values = values or {"monthly_wage": "5000"}
    by = cast.village if village == "99111" else user(f"cun{village}", cast.units[village], "village")
    form = factories.form(person, values=values, begun_by=by)
    return actions.submit(form, "电话", by)


def names(page) -> list[str]:
    return [line["form"].name for line in page.context["lines"]]


def decide(client, form: CollectionForm, act: str, **more: str):
    return client.post(url("decide", form), {"act": act, "version": str(form.version)} | more)


def test_an_office_sees_what_waits_for_it_with_differences_doubts_and_who_filed_it(client, cast):
    first = submitted(cast, "王建国", monthly_wage="300")
    second = actions.review(submitted(cast, "李秀英"), cast.township)
    submitted(cast, "别镇人", "99121")
    client.force_login(cast.township)
    page = client.get(LIST)
    assert names(page) == ["王建国"]
    shown = page.content.decode()
    assert "月平均工资：<del>4500</del> → <ins>300</ins>" in shown
    assert "月收入偏低，请核对。" in shown
    assert "村信息员" in shown
    client.force_login(cast.county)
    assert names(client.get(LIST)) == ["李秀英"]
    assert set(names(client.get(LIST, {"state": "submitted"}))) == {"王建国", "别镇人"}
    assert client.get(LIST, {"state": "draft"}).status_code == 404
    client.force_login(cast.village)
    assert client.get(LIST).status_code == 404
    assert (first.state, second.state) == ("submitted", "reviewed")


def test_the_list_costs_the_same_however_many_wait(client, cast, django_assert_max_num_queries):
    for number in range(6):
        submitted(cast, f"示例{number}")
    client.force_login(cast.township)
    with django_assert_max_num_queries(14):
        assert len(client.get(LIST).context["lines"]) == 6


def test_a_form_goes_through_three_hands_and_only_then_into_the_ledger(client, cast):
    form, other = submitted(cast, "王建国"), submitted(cast, "李秀英")
    client.force_login(cast.township)
    shown = client.get(url("page", form)).content.decode()
    assert "通过，送县专班" in shown
    answer = decide(client, form, "pass")
    assert answer["Location"] == url("page", other)  # the next that waits
    assert MonthlyRecord.objects.get(laborer=form.laborer).monthly_wage == 4500
    assert decide(client, other, "pass")["Location"] == LIST
    client.force_login(cast.county)
    assert "确认入库" in client.get(url("page", form)).content.decode()
    told = client.post(url("decide", form), {"act": "confirm", "version": form.version}, follow=True)
    assert "王建国的采集表已确认，台账已更新。" in told.content.decode()
    row = MonthlyRecord.objects.get(laborer=form.laborer)
    assert (row.monthly_wage, row.verify_state, row.verified_by) == (5000, "已核实", cast.village)
    shown = client.get(url("page", form)).content.decode()
    assert all(word in shown for word in ("已确认", "提交采集表", "月平均工资", "5000"))


def test_a_form_is_sent_back_with_a_reason_that_the_village_reads(client, cast):
    form = submitted(cast, "王建国")
    client.force_login(cast.township)
    refused = decide(client, form, "return", reason="不对")
    assert refused.status_code == 422
    assert "请写明退回原因" in refused.content.decode()
    assert decide(client, form, "return", reason="工资请与本人核对").status_code == 302
    client.force_login(cast.village)
    page = client.get(url("page", form))
    assert page.templates[0].name == "ledgers/form.html"
    assert "工资请与本人核对" in page.content.decode()


def test_what_was_changed_since_it_was_opened_is_not_decided_unseen(client, cast):
    form = submitted(cast, "王建国")
    actions.send_back(form, "工资请与本人核对", cast.township)
    actions.keep(CollectionForm.objects.get(), "monthly_wage", "5200", "5000", cast.village)
    actions.submit(CollectionForm.objects.get(), "电话", cast.village)
    client.force_login(cast.township)
    answer = decide(client, form, "pass")
    assert answer.status_code == 422
    assert "在您打开之后改过" in answer.content.decode()
    assert CollectionForm.objects.get().state == "submitted"


def test_who_filled_a_form_in_does_not_pass_it_on(client, cast):
    person = factories.whole_person(cast.units["99111"], name="王建国")
    form = actions.submit(factories.form(person, begun_by=cast.township), "电话", cast.township)
    client.force_login(cast.township)
    answer = decide(client, form, "pass")
    assert answer.status_code == 422
    assert "请由另一个人审核" in answer.content.decode()


@pytest.mark.parametrize("act", ["", "publish"])
def test_an_act_nobody_offers_changes_nothing(client, cast, act):
    form = submitted(cast, "王建国")
    client.force_login(cast.township)
    assert decide(client, form, act).status_code == 422
    assert client.post(SET, {"act": act})["Location"] == LIST
    assert CollectionForm.objects.get().state == "submitted"


def test_a_checked_set_is_shown_with_its_number_before_it_is_done(client, cast):
    forms = [submitted(cast, name) for name in ("王建国", "李秀英", "张三丰")]
    client.force_login(cast.township)
    ticked = [f"{form.pk}:{form.version}" for form in forms[:2]]
    shown = client.post(SET, {"act": "pass", "form": ticked})
    assert [form.name for form in shown.context["forms"]] == ["王建国", "李秀英"]
    assert CollectionForm.objects.filter(state="reviewed").count() == 0
    wrong = client.post(SET, {"act": "pass", "form": ticked, "count": "3"}, follow=True)
    assert "选中的是2张，显示的是3张" in wrong.content.decode()
    done = client.post(SET, {"act": "pass", "form": ticked, "count": "2"}, follow=True)
    assert "审核通过2张。" in done.content.decode()
    states = CollectionForm.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["reviewed", "reviewed", "submitted"]
    client.force_login(cast.county)
    client.post(SET, {"act": "confirm", "form": ticked, "count": "2"})
    assert CollectionForm.objects.filter(state="confirmed").count() == 2


def test_one_that_moved_stops_the_whole_set_and_is_named(client, cast):
    forms = [submitted(cast, name) for name in ("王建国", "李秀英")]
    ticked = [f"{form.pk}:{form.version}" for form in forms]
    actions.send_back(forms[1], "工资请与本人核对", cast.township)
    client.force_login(cast.township)
    answer = client.post(SET, {"act": "pass", "form": ticked, "count": "2"}, follow=True)
    assert "李秀英" in answer.content.decode()
    assert CollectionForm.objects.get(pk=forms[0].pk).state == "submitted"


def test_a_set_reaches_no_further_than_its_office(client, cast):
    far = submitted(cast, "别县人", "99211")
    client.force_login(cast.township)
    ticked = [f"{far.pk}:{far.version}"]
    assert client.post(SET, {"act": "pass", "form": ticked})["Location"] == LIST
    client.post(SET, {"act": "pass", "form": ticked, "count": "1"})
    assert CollectionForm.objects.get().state == "submitted"


def test_the_home_of_an_office_counts_what_waits(client, cast):
    submitted(cast, "王建国")
    client.force_login(cast.township)
    page = client.get(reverse("home")).content.decode()
    assert "等您审核的采集表" in page
    client.force_login(cast.county)
    assert "等您审核的采集表" not in client.get(reverse("home")).content.decode()
