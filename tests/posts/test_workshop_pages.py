"""The pages of 车间: the list with its comparison, one workshop, every form with the verb behind it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from posts import awarding, placing, recognising
from posts.models import TIERED, Placement, Workshop, WorkshopAward, WorkshopReview, WorkshopStandard
from tests import cast as casting
from tests import factories
from tests.pages import text
from tests.posts import shops

pytestmark = pytest.mark.django_db
LIST = reverse("posts:workshops")


@pytest.fixture
def cast(at):
    at(20, month=4)
    return casting.build()


def to(name: str, row, *more) -> str:
    return reverse(f"posts:{name}", args=[row.pk, *more])


def send(client, url: str, **data):
    token = client.get(url).context["token"]
    return client.post(url, data | {"form_token": token})


def test_the_list_compares_with_the_same_day_of_last_year_and_says_whether_both_grew(cast, as_):
    old = shops.factory(cast, "CJ1", "老车间")
    Workshop.objects.filter(pk=old.pk).update(recognised_on=dt.date(2022, 1, 1))
    placing.place(old, factories.laborer(old.unit), dt.date(2022, 1, 10), cast.township)
    page = text(as_(cast.county).get(LIST))
    assert (
        "车间1个，与上年同日持平；带动就业1人，与上年同日持平，未达到“个数和带动人数都要比上年增加”的要求。"
        in page
    )
    shops.recognised(cast, "99112")
    page = text(as_(cast.county).get(LIST))
    assert "车间2个，比上年同日增加1个；带动就业6人，比上年同日增加5人，达到" in page
    assert "老车间" in text(as_(cast.village).get(LIST))
    assert "示例村箱包车间" not in text(as_(cast.village).get(LIST))


def test_the_list_is_narrowed_by_name_state_kind_and_unit(cast, as_):
    shops.proposed(cast, name="社区鞋厂", kind="社区工厂")
    shops.factory(cast, "CJ1", "老车间", cast.units["99121"])
    client = as_(cast.county)
    for query, shown, hidden in (
        ("?q=鞋", "社区鞋厂", "老车间"),
        ("?state=recognised", "老车间", "社区鞋厂"),
        ("?kind=社区工厂", "社区鞋厂", "老车间"),
        ("?unit=9912", "老车间", "社区鞋厂"),
    ):
        page = text(client.get(LIST + query))
        assert shown in page
        assert hidden not in page
    assert client.get(LIST + "?unit=992").status_code == 404


def test_a_list_of_any_length_takes_the_same_queries(cast, as_, django_assert_num_queries):
    client = as_(cast.county)
    shops.factory(cast, "CJ0", "车间零")
    client.get(LIST)
    with django_assert_num_queries(12):
        client.get(LIST)
    for n in range(1, 8):
        shops.factory(cast, f"CJ{n}", f"车间{n}")
    with django_assert_num_queries(12):
        assert text(client.get(LIST)).count("已认定</span>") == 8


def test_a_workshop_of_any_size_takes_the_same_queries(cast, as_, django_assert_num_queries):
    shop = shops.recognised(cast)
    client, url = as_(cast.county), to("workshop", shop)
    client.get(url)
    with django_assert_num_queries(12):
        page = text(client.get(url))
    person = Placement.objects.first().laborer
    assert person.masked_id in page
    assert person.id_no not in page
    shops.staff(shop, cast.township, 6)
    with django_assert_num_queries(12):
        client.get(url)


def test_a_township_proposes_and_places_by_form(cast, as_):
    client = as_(cast.township)
    answer = send(
        client, reverse("posts:workshop_new"), unit="99111", name="箱包车间", kind="帮扶车间", uscc="1",
        operating_since="2023-01-05",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "应为18位" in text(answer)
    answer = send(
        client, reverse("posts:workshop_new"), unit="99111", name="箱包车间", kind="帮扶车间", uscc=shops.USCC,
        operating_since="2023-01-05",
    )  # fmt: skip
    shop = Workshop.objects.get()
    assert answer.url == to("workshop", shop)
    person = factories.laborer(shop.unit, "王五")
    place = to("placement_new", shop)
    for wrong, words in (
        ({"name": "王六"}, "姓名与台账"),
        ({"id_no": factories.citizen_id(998)}, "台账里没有这个人"),
        ({"monthly_wage": "1"}, "月工资应在"),
        ({"started_on": "2023-01-04"}, "投产日期"),
    ):
        said = {"name": "王五", "id_no": person.id_no, "started_on": "2023-02-01"} | wrong
        answer = send(client, place, **said)
        assert answer.status_code == 422
        assert words in text(answer)
    send(
        client,
        place,
        name="王五",
        id_no=person.id_no,
        started_on="2023-02-01",
        monthly_wage="2600",
        insured="1",
    )
    one = Placement.objects.get()
    assert (one.laborer, one.monthly_wage, one.insured, one.contract) == (person, 2600, True, "")
    send(
        client, to("placement_edit", one), job="缝纫工", monthly_wage="2700", contract="劳动合同", insured="1"
    )
    send(client, to("placement_leave", one), on="2023-04-01", reason="个人辞职")
    one.refresh_from_db()
    assert (one.job, one.monthly_wage, one.ended_on) == ("缝纫工", 2700, dt.date(2023, 4, 1))
    assert "个人辞职" in text(client.get(to("workshop", shop) + "?show=left"))


def test_somebody_of_the_ledger_is_named_by_the_end_of_the_number(cast, as_):
    shop, person = shops.factory(cast, "CJ1", "示例车间"), factories.laborer(cast.units["99111"], "王五")
    client, place = as_(cast.township), to("placement_new", shop)
    said = {"id_no": person.id_no[-4:], "started_on": "2023-03-01"}
    assert "台账里没有这个人" in text(send(client, place, name="王六", **said))
    send(client, place, name="王五", **said)
    assert shop.placements.get().laborer == person


@pytest.mark.parametrize("beside", ["post", "away", "workshop"])
def test_the_form_refuses_what_the_verb_refuses(cast, as_, beside):
    shop, person = shops.factory(cast, "CJ1", "示例车间"), factories.laborer(cast.units["99111"], "王五")
    words = shops.occupied(cast, person, beside)
    said = {"name": "王五", "id_no": person.id_no, "started_on": "2023-03-01"}
    answer = send(as_(cast.township), to("placement_new", shop), **said)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not shop.placements.exists()


def test_the_county_recognises_with_the_conditions_before_its_eyes(cast, as_):
    shop = shops.proposed(cast)
    client, url = as_(cast.county), to("workshop_decide", shop)
    assert "还没有在岗人员" in text(client.get(url))
    refused = send(client, url, answer="yes", number="示认字1号", on="2023-04-20")
    assert (refused.status_code, Workshop.objects.get().state) == (422, "proposed")
    shops.staff(shop, cast.township)
    send(client, url, answer="yes", number="示认字1号", on="2023-04-20")
    assert Workshop.objects.get().state == "recognised"
    other = shops.proposed(cast, "99112")
    send(client, to("workshop_decide", other), answer="no", reason="带动人数不足")
    assert "带动人数不足" in text(as_(cast.township).get(to("workshop", other)))


def test_reviews_are_entered_and_a_revocation_is_confirmed_by_another(cast, as_):
    shop, second = shops.recognised(cast), shops.second_county(cast)
    said = {
        "on": "2023-04-20",
        "operating": "0",
        "wage_paid": "1",
        "insured": "1",
        "result": "撤销",
        "note": "长期停产",
    }
    assert send(as_(cast.county), to("workshop_review", shop), **said | {"result": "合格"}).status_code == 422
    send(as_(cast.county), to("workshop_review", shop), **said)
    asked = WorkshopReview.objects.get()
    assert "确认撤销认定" not in text(as_(cast.county).get(to("workshop", shop)))
    as_(cast.county).post(to("workshop_revoke", asked))
    assert Workshop.objects.get().state == "recognised"
    assert "确认撤销认定" in text(as_(second).get(to("workshop", shop)))
    as_(second).post(to("workshop_revoke", asked))
    assert Workshop.objects.get().state == "revoked"


def test_a_workshop_is_suspended_resumed_corrected_and_closed(cast, as_):
    shop, client = shops.recognised(cast), as_(cast.county)
    said = {"on": "2023-04-20", "reason": "设备检修停产"}
    send(client, to("workshop_end", shop, "suspend"), **said)
    assert Workshop.objects.get().state == "suspended"
    client.post(to("workshop_resume", shop))
    send(client, to("workshop_edit", shop), name="新名字", kind="社区工厂", operating_since="2022-06-01")
    send(client, to("workshop_end", shop, "close"), **said)
    shop.refresh_from_db()
    assert (shop.state, shop.name, shop.kind) == ("closed", "新名字", "社区工厂")
    assert client.get(to("workshop_end", shop, "burn")).status_code == 404


def test_an_award_is_shown_before_it_is_proposed_and_decided_by_another(cast, as_):
    shop, second = shops.recognised(cast), shops.second_county(cast)
    url = to("award_new", shop)
    assert "还没有合格的复核" in text(as_(cast.county).get(url))
    recognising.review(shop, dt.date(2023, 4, 20), shops.GOOD, "合格", "", cast.township)
    page = text(as_(cast.county).get(url))
    assert "10,000.00" in page
    assert "满5人10,000.00元" in page
    assert "5,000.00" in text(as_(cast.county).get(url + "?kind=吸纳就业补贴"))
    send(as_(cast.county), url, amount="99999999")  # nobody asks what was typed
    award = WorkshopAward.objects.get()
    assert award.amount == 1_000_000
    assert send_award(as_(cast.county), award, answer="yes").status_code == 422
    send_award(as_(second), award, answer="yes")
    award.refresh_from_db()
    assert (award.state, award.decided_by) == ("approved", second)


def send_award(client, award, **said):
    return send(client, to("award", award), **said)


def test_a_refused_award_says_why(cast, as_):
    shop = shops.recognised(cast)
    recognising.review(shop, dt.date(2023, 4, 20), shops.GOOD, "合格", "", cast.township)
    award = awarding.make_award(shop, TIERED, 2023, cast.township)
    send_award(as_(cast.county), award, answer="no", reason="工资表不全")
    assert "工资表不全" in text(as_(cast.township).get(to("award", award)))


def test_the_county_sets_its_standard_in_yuan(cast, as_):
    url = reverse("posts:workshop_standard")
    said = {"from_year": "2023", "workers": "8", "term": "2", "months": "6", "per_head": "2,000"}
    wrong = send(as_(cast.county), url, **said, people1="5", fen1="12.345")
    assert wrong.status_code == 422
    assert "最多两位小数" in text(wrong)
    send(as_(cast.county), url, **said, people1="5", fen1="8000.50", people2="12", fen2="20000")
    row = WorkshopStandard.objects.get()
    assert (row.unit.code, row.workers, row.per_head, row.steps) == (
        "991",
        8,
        200_000,
        [[5, 800_050], [12, 2_000_000]],
    )
    assert "满12人20,000.00元" in text(as_(cast.county).get(url))


def test_what_waits_for_an_officer_stands_on_the_home_page_and_in_the_list(cast, as_):
    shop, second = shops.proposed(cast), shops.second_county(cast)
    home = text(as_(cast.county).get(reverse("home")))
    assert "待办理的车间" in home
    assert "示例村箱包车间" in text(as_(cast.county).get(LIST + "?state=waiting"))
    shops.staff(shop, cast.township)
    recognising.recognise(shop, dt.date(2023, 4, 1), "示认字1号", cast.county)
    assert "待办理的车间" not in text(as_(cast.county).get(reverse("home")))
    recognising.review(shop, dt.date(2023, 4, 20), shops.GOOD, "合格", "", cast.township)
    awarding.make_award(shop, TIERED, 2023, cast.county)
    assert "待办理的车间" not in text(as_(cast.county).get(reverse("home")))
    assert "待办理的车间" in text(as_(second).get(reverse("home")))
