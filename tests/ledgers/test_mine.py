"""我的本月: the list of a village's month, noting contacts, taking them back, dialling."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.authority import NotAllowed
from accounts.models import AuditEntry, Reveal
from ledgers import actions
from ledgers.collection import contacts
from ledgers.models import CollectionForm, Contact, Intention, Laborer, MonthlyRecord, WorkSpell
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.contacting import contact, noted, shown

MINE = reverse("ledgers:mine")
JSON = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def cast(db):
    return casting.build()


def worker(cast, name: str, village: str = "99111", **fields) -> Laborer:
    made = factories.laborer(cast.units[village], name)
    factories.spell(made)
    factories.record(made, verify_state="未核实", **fields)
    return made


@pytest.fixture
def person(cast) -> Laborer:
    return worker(cast, "王建国")


def row(person: Laborer) -> MonthlyRecord:
    return MonthlyRecord.objects.get(laborer=person, month=MARCH)


def living(person: Laborer, state: str, **fields) -> CollectionForm:
    return CollectionForm.objects.create(
        laborer=person, village=person.village, month=MARCH, state=state, **fields
    )


def groups(client) -> dict[str, list[str]]:
    page = client.get(MINE)
    return {
        group["key"]: [card.row.laborer.name for card in group["cards"]] for group in page.context["groups"]
    }


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_of_the_month_stands_under_what_is_to_be_done(client, cast, person):
    sent_back, on_its_way, lost, done, _ = (
        worker(cast, name, is_poverty=name != "周长青") for name in ("李退", "张改", "赵失", "陈好", "周长青")
    )
    now = timezone.now()
    living(
        sent_back, "returned", filed_by=cast.village, filed_at=now, returned_by=cast.township, returned_at=now,
        reason="工资与收入对不上",
    )  # fmt: skip
    living(on_its_way, "submitted", filed_by=cast.village, filed_at=now)
    client.force_login(cast.village)
    client.post(contact(lost), noted(lost, "", "unreachable"))
    client.post(contact(done), noted(done))
    assert groups(client) == {
        "returned": ["李退"], "todo": ["王建国"], "lost": ["赵失"], "changed": ["张改"], "done": ["陈好"],
        "others": ["周长青"],
    }  # fmt: skip
    page = client.get(MINE).content.decode()
    assert "已完成 1 / 5 人" in page
    assert "退回1人，请先按退回原因改好再交。" in page
    assert "退回原因：工资与收入对不上" in page
    assert "联系过1次没联系上" in page


def test_a_card_says_what_we_believe_and_no_number(client, cast, person):
    idle = factories.laborer(person.village, "刘闲")
    factories.record(
        idle, working=False, reason="not_working", place_class="", job_form="", monthly_wage=None
    )
    Intention.objects.create(laborer=idle, idle_type="照顾家庭", no_plan_reason="家中有事")
    client.force_login(cast.village)
    page = client.get(MINE).content.decode()
    assert "广东省深圳市" in page
    assert "<span>示例电子厂</span> <span>月平均工资4,500元</span> <span>2022年10月起</span>" in page
    assert "<span>照顾家庭</span> <span>家中有事</span>" in page
    assert person.phone not in page
    assert person.id_no not in page


def test_a_village_of_200_costs_as_many_queries_as_one_of_2(client, cast, django_assert_max_num_queries):
    village = cast.units["99111"]
    for number in range(200):
        made = worker(cast, f"王{chr(0x4E00 + number)}")
        for _ in range(number % 3):
            Contact.objects.create(
                laborer=made, village=village, month=MARCH, by=cast.village, outcome="unreachable"
            )
        if not number % 5:
            living(made, "draft")
    client.force_login(cast.village)
    with django_assert_max_num_queries(26):
        assert client.get(MINE).context["people"] == 200


@pytest.mark.parametrize("show", ["todo", "lost", "", "nonsense"])
def test_one_group_can_be_shown_alone_without_a_script(client, cast, person, show):
    lost = worker(cast, "赵失", working=False, reason="not_working")
    client.force_login(cast.village)
    client.post(contact(lost), noted(lost, "", "unreachable"))
    page = client.get(MINE, {"show": show}).content.decode()
    assert ("王建国</a>" in page) == (show != "lost")
    assert ("赵失</a>" in page) == (show != "todo")


def test_a_closed_month_says_so_and_offers_no_button(client, cast, person):
    actions.close_month(cast.units["99"], MARCH, cast.city)
    client.force_login(cast.village)
    page = client.get(MINE).content.decode()
    assert "2023年3月已由示例市关闭" in page
    assert "无变化" not in page
    answer = client.post(contact(person), noted(person), **JSON)
    assert (answer.status_code, row(person).verify_state) == (422, "未核实")
    assert "已由示例市关闭" in answer.json()["error"]


def test_a_month_nobody_has_begun_says_who_begins_it(client, cast, person):
    client.force_login(cast.village)
    assert "还没有开始，由甲县在“月份”页开始；下面是2023年3月的名单。" in client.get(MINE).content.decode()


def test_an_empty_village_is_told_how_to_begin(client, cast):
    client.force_login(cast.village)
    assert "从导入台账开始" in client.get(MINE).content.decode()


def test_a_township_chooses_one_of_its_villages(client, cast, person):
    client.force_login(cast.township)
    page = client.get(MINE).content.decode()
    assert "甲东一村" in page
    assert "王建国" not in page
    assert "王建国" in client.get(MINE, {"unit": "99111"}).content.decode()
    assert client.get(MINE, {"unit": "99121"}).status_code == 404
    assert client.get(MINE, {"unit": "NONE"}).status_code == 404


def test_a_village_officer_opens_no_other_village(client, cast, person):
    client.force_login(cast.neighbour_village)
    assert client.get(MINE, {"unit": "99111"}).status_code == 404
    assert "王建国" not in client.get(MINE).content.decode()


def test_home_of_a_village_officer_is_the_month_and_the_menu_says_so(client, cast, person):
    client.force_login(cast.village)
    assert client.get(reverse("home"))["Location"] == MINE
    menu = client.get(MINE).context["menu"]
    assert [(entry["label"], entry["active"]) for entry in menu[:2]] == [("本月", True), ("台账", False)]


def test_somebody_new_on_a_form_is_listed(client, cast, person):
    CollectionForm.objects.create(village=person.village, month=MARCH, values={"name": "新来人"})
    client.force_login(cast.village)
    page = client.get(MINE).content.decode()
    assert "新登记的人" in page
    assert "新来人" in page


# ── contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("how", "outcome", "state", "stored"),
    [
        ("电话", "unchanged", "已核实", "电话"),
        ("微信", "unchanged", "已核实", "微信"),
        ("上门", "unreachable", "联系不上", ""),
        ("", "unreachable", "联系不上", ""),
        ("电话", "changed", "未核实", ""),
    ],
)
def test_a_contact_is_noted_with_what_was_on_the_screen(client, cast, person, how, outcome, state, stored):
    client.force_login(cast.village)
    client.post(contact(person), noted(person, how, outcome))
    made, now = Contact.objects.get(), row(person)
    assert (made.by, made.how, made.outcome, made.month) == (cast.village, how, outcome, MARCH)
    assert made.shown == {
        "是否务工": "是", "就业形式": "单位就业", "务工地点": "广东省深圳市", "就业单位": "示例电子厂",
        "月平均工资": "4,500元", "开始时间": "2022年10月",
    }  # fmt: skip
    assert (now.verify_state, now.verified_how) == (state, stored)
    assert now.verified_by == (None if outcome == "changed" else cast.village)
    entry = AuditEntry.objects.get(action="record.verify")
    assert (entry.detail["old"], entry.detail["new"]) == ("未核实", state)


def test_what_changed_since_the_screen_was_made_is_told_and_nothing_is_noted(client, cast, person):
    client.force_login(cast.village)
    sent = noted(person)
    WorkSpell.objects.filter(laborer=person).update(monthly_wage=5200, employer="东江电子厂")
    answer = client.post(contact(person), sent, **JSON)
    assert answer.status_code == 409
    assert answer.json()["now"] == [["就业单位", "东江电子厂"], ["月平均工资", "5,200元"]]
    assert "东江电子厂" in answer.json()["card"]
    page = client.post(contact(person), sent)
    assert page.status_code == 409
    assert "东江电子厂" in page.content.decode()
    assert not Contact.objects.exists()
    assert row(person).verify_state == "未核实"


@pytest.mark.parametrize("mark", ["", "0" * 54, "x"])
def test_nobody_is_unchanged_who_was_not_on_the_screen(client, cast, person, mark):
    client.force_login(cast.village)
    assert client.post(contact(person), noted(person, shown=mark), **JSON).status_code == 409
    assert not Contact.objects.exists()


def test_who_could_not_be_reached_is_noted_whatever_the_screen_said(client, cast, person):
    client.force_login(cast.village)
    client.post(contact(person), noted(person, "", "unreachable", shown=""))
    assert (Contact.objects.get().shown, row(person).verify_state) == ({}, "联系不上")


def test_a_contact_sent_again_gets_the_first_receipt(client, cast, person):
    client.force_login(cast.village)
    sent = noted(person)
    first, second = (client.post(contact(person), sent, **JSON) for _ in range(2))
    assert first.json()["receipt"] == second.json()["receipt"]
    assert first.json()["receipt"]["client_key"] == sent["client_key"]
    assert (Contact.objects.count(), AuditEntry.objects.filter(action="record.verify").count()) == (1, 1)
    altered = client.post(contact(person), sent | {"outcome": "unreachable"}, **JSON)
    assert (altered.status_code, row(person).verify_state) == (422, "已核实")


def test_a_receipt_is_given_again_after_the_month_closed(client, cast, person):
    client.force_login(cast.village)
    sent = noted(person)
    first = client.post(contact(person), sent, **JSON)
    actions.close_month(cast.units["99"], MARCH, cast.city)
    again = client.post(contact(person), sent, **JSON)
    assert (again.status_code, again.json()["receipt"]) == (200, first.json()["receipt"])


@pytest.mark.parametrize(
    ("how", "outcome"), [("托梦", "unchanged"), ("", "unchanged"), ("电话", "maybe"), ("", "")]
)
def test_an_unknown_way_or_outcome_changes_nothing(client, cast, person, how, outcome):
    client.force_login(cast.village)
    assert client.post(contact(person), noted(person, how, outcome), **JSON).status_code == 422
    assert (Contact.objects.count(), row(person).verify_state) == (0, "未核实")


def test_a_closed_month_takes_no_contact_from_the_verb_either(cast, person):
    mark = shown(person)
    actions.close_month(cast.units["99"], MARCH, cast.city)
    with pytest.raises(Exception, match="已由示例市关闭"):
        contacts.contact(person, MARCH, "电话", "unchanged", mark, cast.village)
    with pytest.raises(NotAllowed):
        contacts.contact(person, MARCH, "电话", "unchanged", mark, cast.county)


def test_the_way_used_last_is_the_way_of_the_next(client, cast, person):
    client.force_login(cast.village)
    assert client.get(MINE).context["how"] == "电话"
    client.post(contact(person), noted(person, "微信"))
    assert client.get(MINE).context["how"] == "微信"
    assert client.get(MINE, {"how": "上门"}).context["how"] == "上门"


def test_without_a_script_a_contact_leads_back_to_the_card_and_a_change_to_the_form(client, cast, person):
    client.force_login(cast.village)
    back = client.post(contact(person), noted(person, back="mine", unit="99111"))
    assert back["Location"] == f"{MINE}?unit=99111&month=2023-03#p{person.pk}"
    form = client.post(contact(person), noted(person, outcome="changed", back="mine"))
    assert form["Location"] == reverse("ledgers:form_page", args=[CollectionForm.objects.get().pk])
    assert client.get(form["Location"]).status_code == 200
    assert groups(client)["changed"] == ["王建国"]


# ── taking back ──────────────────────────────────────────────────────────────────────────────────────────────────


def undo(client, person: Laborer, made: Contact, **more):
    address = reverse("ledgers:contact_undo", args=[person.pk, MARCH])
    return client.post(address, {"number": made.pk, "back": "mine"}, **more)


def test_a_mistaken_contact_is_taken_back_and_stays_on_record(client, cast, person):
    client.force_login(cast.village)
    client.post(contact(person), noted(person))
    made = Contact.objects.get()
    assert "撤销" in client.get(MINE).content.decode()
    undo(client, person, made)
    undo(client, person, made)
    now = row(person)
    assert (now.verify_state, now.verified_at, now.verified_by, now.verified_how) == (
        "未核实",
        None,
        None,
        "",
    )
    assert AuditEntry.objects.filter(action="record.undo").count() == 1
    page = client.get(reverse("ledgers:laborer", args=[person.pk])).content.decode()
    assert "<del>无变化</del>" in page
    assert groups(client) == {"todo": ["王建国"]}


def test_taking_back_leads_to_what_the_contact_before_had_found(client, cast, person):
    client.force_login(cast.village)
    client.post(contact(person), noted(person, "", "unreachable"))
    client.post(contact(person), noted(person))
    undo(client, person, Contact.objects.get(outcome="unchanged"))
    assert row(person).verify_state == "联系不上"


def test_only_the_newest_contact_is_taken_back(client, cast, person):
    client.force_login(cast.village)
    client.post(contact(person), noted(person))
    first = Contact.objects.get()
    client.post(contact(person), noted(person, "微信"))
    assert undo(client, person, first, **JSON).status_code == 422
    assert row(person).verified_how == "微信"


def test_nothing_is_taken_back_in_a_closed_month(client, cast, person):
    client.force_login(cast.village)
    client.post(contact(person), noted(person))
    actions.close_month(cast.units["99"], MARCH, cast.city)
    assert undo(client, person, Contact.objects.get(), **JSON).status_code == 422
    assert row(person).verify_state == "已核实"


def test_nothing_of_elsewhere_is_taken_back(client, cast, person):
    client.force_login(cast.village)
    client.post(contact(person), noted(person))
    client.force_login(cast.neighbour_village)
    assert undo(client, person, Contact.objects.get()).status_code == 404
    assert row(person).verify_state == "已核实"


def test_attempts_of_the_month_are_counted_on_the_card_and_the_page(client, cast, person):
    client.force_login(cast.village)
    for _ in range(2):
        client.post(contact(person), noted(person, "电话", "unreachable"))
    assert "联系过2次没联系上" in client.get(MINE).content.decode()
    assert (
        client.get(reverse("ledgers:laborer", args=[person.pk])).content.decode().count("<strong>联系不上")
        == 2
    )


# ── the telephone ────────────────────────────────────────────────────────────────────────────────────────────────


def test_dialling_is_one_noted_look_a_day(client, cast, person):
    client.force_login(cast.village)
    address = reverse("ledgers:dial", args=[person.pk])
    assert client.get(address).status_code == 405
    for _ in range(2):
        assert client.post(address, **JSON).json() == {"number": person.phone}
    look = Reveal.objects.get()
    assert (look.user, look.field, look.reason) == (cast.village, "phone", "当月核实，电话联系本人")
    assert AuditEntry.objects.filter(action="reveal").count() == 1
    assert f"tel:{person.phone}" in client.post(address).content.decode()


def test_dialling_ends_with_the_looks_of_the_day(client, cast, person, settings):
    settings.REVEAL_LIMIT_PER_DAY = 1
    other = worker(cast, "李秀英")
    client.force_login(cast.village)
    assert client.post(reverse("ledgers:dial", args=[person.pk]), **JSON).status_code == 200
    refused = client.post(reverse("ledgers:dial", args=[other.pk]), **JSON)
    assert refused.status_code == 429
    assert other.phone not in refused.content.decode()
    assert "已到上限" in refused.json()["error"]
    assert client.post(reverse("ledgers:dial", args=[person.pk]), **JSON).status_code == 200


@pytest.mark.parametrize("who", ["neighbour_village", "city", "auditor"])
def test_nobody_else_dials(client, cast, person, who):
    client.force_login(getattr(cast, who))
    answer = client.post(reverse("ledgers:dial", args=[person.pk]))
    assert answer.status_code == 404
    assert not Reveal.objects.exists()


@pytest.mark.parametrize(
    ("born", "monitored", "returned", "told"),
    [
        (dt.date(2007, 3, 31), None, None, "刚满16周岁"),
        (dt.date(2007, 2, 2), None, None, "刚满16周岁"),
        (dt.date(2007, 2, 1), None, None, ""),
        (dt.date(2007, 4, 1), None, None, ""),
        (dt.date(1985, 6, 15), dt.date(2023, 2, 1), None, "新识别的监测对象"),
        (dt.date(1985, 6, 15), dt.date(2023, 1, 31), None, ""),
        (dt.date(1985, 6, 15), None, dt.date(2023, 3, 5), "返乡回流"),
        (dt.date(1985, 6, 15), None, dt.date(2022, 12, 5), ""),
    ],
)
def test_a_form_is_proposed_for_who_is_new_of_age_newly_monitored_or_back(
    client, cast, person, born, monitored, returned, told
):
    Laborer.objects.filter(pk=person.pk).update(birth_date=born)
    person.household.monitored_on = monitored
    person.household.save()
    Intention.objects.create(laborer=person, returned_on=returned)
    client.force_login(cast.village)
    page = client.get(MINE)
    assert page.context["groups"][0]["cards"][0].proposal == told
    assert ("建议填采集表" in page.content.decode()) == bool(told)
