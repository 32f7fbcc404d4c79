"""The page of one person, corrections, double submits and lost updates, through their addresses."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Reveal
from ledgers import actions
from ledgers.models import Laborer, MonthlyRecord, SubmittedForm
from lib.crypto import blind_index
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.contacting import contact, noted


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture
def person(cast) -> Laborer:
    made = factories.laborer(cast.units["99111"], "王建国")
    factories.spell(made)
    factories.record(made)
    return made


def page(person: Laborer) -> str:
    return reverse("ledgers:laborer", args=[person.pk])


def edit(person: Laborer) -> str:
    return reverse("ledgers:laborer_edit", args=[person.pk])


def answers(client, person: Laborer, **changed) -> dict:
    """The correction form as it is shown, with some answers changed."""
    form = client.get(edit(person)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (values | changed).items()}


@pytest.mark.parametrize("who", ["neighbour_village", "neighbour_township", "neighbour_county"])
def test_a_person_of_elsewhere_is_as_missing_as_one_that_is_not_there(client, cast, person, who):
    client.force_login(getattr(cast, who))
    assert client.get(page(person)).status_code == 404
    assert client.get(edit(person)).status_code == 404
    assert client.get(reverse("ledgers:consequence", args=[person.pk])).status_code == 404
    assert (
        client.post(reverse("ledgers:reveal", args=[person.pk, "phone"]), {"reason": "核对身份"}).status_code
        == 404
    )
    assert client.post(contact(person), noted(person)).status_code == 404
    assert client.post(reverse("ledgers:dial", args=[person.pk])).status_code == 404


def test_the_page_says_whether_the_person_counts_with_the_numbers(client, cast, person):
    client.force_login(cast.village)
    shown = client.get(page(person)).content.decode()
    assert "计入外出务工人数。累计务工6个月、收入27,000元；县外务工的标准是不少于3个月、9,000元。" in shown
    assert person.id_no not in shown
    assert person.phone not in shown


def test_the_page_costs_few_queries(client, cast, person, django_assert_max_num_queries):
    for month in range(1, 10):
        factories.record(person, MARCH - month)
    client.force_login(cast.village)
    with django_assert_max_num_queries(14):
        client.get(page(person))


def test_a_correction_changes_the_ledger_and_leaves_a_trace(client, cast, person):
    client.force_login(cast.village)
    sent = answers(client, person, name="王建新", phone="138 0013 8000", monthly_wage="5000")
    answer = client.post(edit(person), sent)
    assert answer.status_code == 302
    person.refresh_from_db()
    assert (person.name, person.initials, person.phone) == ("王建新", "wjx", "13800138000")
    assert person.phone_index == blind_index("13800138000", "laborer.phone")
    assert (person.version, person.updated_by) == (2, cast.village)
    entry = AuditEntry.objects.get(action="laborer.correct")
    assert entry.detail["changes"]["姓名"] == ["王建国", "王建新"]
    assert entry.detail["changes"]["月平均工资"] == ["4500", "5000"]
    assert "13800138000" not in str(entry.detail)
    shown = client.get(answer["Location"]).content.decode()
    assert "王建国 → 王建新" in shown


def test_a_correction_recomputes_whether_the_person_counts(client, cast, person):
    client.force_login(cast.village)
    client.post(edit(person), answers(client, person, months="2", income="8000"))
    row = MonthlyRecord.objects.get(laborer=person)
    assert (row.months, row.income, row.declared, row.reason) == (2, 8000, True, "months_short")
    client.post(edit(person), answers(client, person, job_form="自主创业", months="6", income="27000"))
    assert MonthlyRecord.objects.get(laborer=person).reason == "self_employed"


def test_who_stopped_working_has_an_ended_spell(client, cast, person):
    client.force_login(cast.village)
    client.post(edit(person), answers(client, person, working="0", idle_type="就业转失业"))
    spell = person.spells.get()
    assert spell.ended == MARCH - 1
    assert MonthlyRecord.objects.get(laborer=person).reason == "not_working"
    assert Laborer.objects.get(pk=person.pk).intention.idle_type == "就业转失业"


def test_work_in_the_own_township_is_classed_from_the_place(client, cast, person):
    client.force_login(cast.village)
    client.post(edit(person), answers(client, person, at="here"))
    assert person.spells.get().place_class == "乡内"
    client.post(
        edit(person), answers(client, person, at="away", province="420000", city="420200", county="420222")
    )
    spell = person.spells.get()
    assert (spell.place_class, spell.region_code) == ("省外", "420222")
    assert spell.region_text.startswith("湖北省")


def test_a_city_without_counties_is_a_work_place(client, cast, person):
    client.force_login(cast.village)
    client.post(edit(person), answers(client, person, at="away", province="440000", city="441900", county=""))
    spell = person.spells.get()
    assert (spell.region_code, spell.place_class) == ("441900", "省外")


@pytest.mark.parametrize(
    ("city", "county"), [("440300", "420222"), ("420200", ""), ("420200", "999999"), ("", "")]
)
def test_a_work_place_is_one_of_those_offered(client, cast, person, city, county):
    client.force_login(cast.village)
    sent = answers(client, person, at="away", province="420000", city=city, county=county)
    assert client.post(edit(person), sent).status_code == 422
    assert person.spells.get().region_code == "440300"


def test_a_second_click_saves_nothing_and_gets_the_first_answer(client, cast, person):
    client.force_login(cast.village)
    sent = answers(client, person, name="王建新")
    first, second = client.post(edit(person), sent), client.post(edit(person), sent)
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert AuditEntry.objects.filter(action="laborer.correct").count() == 1
    assert SubmittedForm.objects.count() == 1
    altered = client.post(edit(person), sent | {"name": "王建刚"})
    assert altered.status_code == 422
    assert Laborer.objects.get(pk=person.pk).name == "王建新"


def test_the_second_of_two_officers_sees_both_values_and_overwrites_nothing(client, cast, person):
    client.force_login(cast.village)
    mine = answers(client, person, name="王建刚")
    actions.correct(Laborer.objects.get(pk=person.pk), {"name": "王建新"}, cast.township, 1, MARCH)
    answer = client.post(edit(person), mine)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "乡镇专干" in shown
    assert "王建新" in shown
    assert "王建刚" in shown
    assert Laborer.objects.get(pk=person.pk).name == "王建新"


def test_saving_without_a_change_writes_nothing(client, cast, person):
    client.force_login(cast.village)
    client.post(edit(person), answers(client, person))
    assert Laborer.objects.get(pk=person.pk).version == 1
    assert not AuditEntry.objects.filter(action="laborer.correct").exists()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "<script>", ""),
        ("phone", "1380013800", ""),
        ("at", "away", "务工地点须选到县"),
        ("months", "13", ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_disappears(client, cast, person, field, value, message):
    client.force_login(cast.village)
    sent = answers(client, person, employer="新示例厂", **{"city": "", "county": "", field: value})
    answer = client.post(edit(person), sent)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "新示例厂" in shown
    assert message in shown


def test_a_closed_month_is_not_corrected(client, cast, person):
    client.force_login(cast.village)
    sent = answers(client, person, name="王建新")
    actions.close_month(cast.units["99"], MARCH, cast.city)
    answer = client.post(edit(person), sent)
    assert answer.status_code == 422
    assert "已由示例市关闭" in answer.content.decode()
    assert Laborer.objects.get(pk=person.pk).name == "王建国"


def test_a_county_reads_but_does_not_write(client, cast, person):
    client.force_login(cast.county)
    assert client.get(page(person)).status_code == 200
    assert client.get(edit(person)).status_code == 404


def test_the_consequence_of_an_answer_is_told_before_saving(client, cast, person):
    client.force_login(cast.village)
    address = reverse("ledgers:consequence", args=[person.pk])
    sent = {"month": "2023-03", "working": "1", "job_form": "单位就业", "at": "", "months": "2", "income": "9000",
            "person_state": "正常", "ability": "普通劳动力", "skill_level": "无"}  # fmt: skip
    shown = client.get(address, sent).content.decode()
    assert "累计务工时间未达到标准" in shown
    assert "不计入" in client.get(address, sent | {"job_form": "自主创业", "months": "6"}).content.decode()
    assert MonthlyRecord.objects.get(laborer=person).months == 6


def test_after_verifying_the_next_person_of_the_village_is_offered(client, cast, person):
    other = factories.laborer(person.village, "安示例")
    factories.record(other, verify_state="未核实")
    client.force_login(cast.village)
    page = client.post(contact(person), noted(person), follow=True)
    assert page.context["following"].laborer == other
    assert "下一位：安示例" in page.content.decode()
    last = client.post(contact(other), noted(other), follow=True)
    assert "下一位" not in last.content.decode()


def test_a_number_is_revealed_for_a_reason_and_the_look_is_noted(client, cast, person):
    client.force_login(cast.village)
    address = reverse("ledgers:reveal", args=[person.pk, "id_no"])
    assert client.post(address).status_code == 422
    assert client.get(address).status_code == 405
    shown = client.post(address, {"reason": "核对身份"})
    assert person.id_no in shown.content.decode()
    assert Reveal.objects.get().user == cast.village


def test_no_other_field_is_revealed(client, cast, person):
    client.force_login(cast.village)
    answer = client.post(reverse("ledgers:reveal", args=[person.pk, "id_index"]), {"reason": "核对身份"})
    assert answer.status_code == 404
