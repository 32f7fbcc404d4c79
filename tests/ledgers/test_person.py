"""The page of one person through its addresses."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Reveal
from ledgers.models import Laborer
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


@pytest.mark.parametrize("who", ["neighbour_village", "neighbour_township", "neighbour_county"])
def test_a_person_of_elsewhere_is_as_missing_as_one_that_is_not_there(client, cast, person, who):
    client.force_login(getattr(cast, who))
    assert client.get(page(person)).status_code == 404
    assert client.get(reverse("ledgers:form", args=[person.pk, MARCH])).status_code == 404
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


def test_a_county_reads_and_gets_no_form_to_fill_in(client, cast, person):
    client.force_login(cast.county)
    shown = client.get(page(person))
    assert shown.status_code == 200
    assert "填采集表" not in shown.content.decode()
    client.force_login(cast.village)
    assert "填采集表" in client.get(page(person)).content.decode()


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
