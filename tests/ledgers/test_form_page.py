"""The 采集表 through its addresses: begun, filled in field by field, signed, submitted, seen by those who decide."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry, Reveal
from ledgers.actions import close_month
from ledgers.collection import actions
from ledgers.models import CollectionForm, Contact, Laborer, MonthlyRecord
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.collection_texts import AT_WORK, new_form
from tests.ledgers.contacting import contact, noted
from tests.ledgers.filling import fill, typed, url

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture
def person(cast) -> Laborer:
    return factories.whole_person(cast.units["99111"], name="王建国")


@pytest.fixture
def form(cast, person) -> CollectionForm:
    return actions.begin(person, MARCH, cast.village)


@pytest.fixture
def officer(client, cast):
    client.force_login(cast.village)
    return client


def begin(person: Laborer) -> str:
    return reverse("ledgers:form", args=[person.pk, MARCH])


# ── beginning ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_looking_at_a_form_that_nobody_began_writes_nothing(officer, person):
    assert "开始填写" in officer.get(begin(person)).content.decode()
    assert not CollectionForm.objects.exists()


def test_a_click_begins_the_form_once_and_opens_it(officer, person):
    first = officer.post(begin(person))
    form = CollectionForm.objects.get()
    assert first["Location"] == officer.post(begin(person))["Location"] == url("page", form)
    assert officer.get(begin(person))["Location"] == url("page", form)
    assert CollectionForm.objects.count() == 1


def test_who_said_that_something_changed_is_on_the_form_at_once(officer, person):
    answer = officer.post(contact(person), noted(person, outcome="changed"))
    assert answer["Location"] == url("page", CollectionForm.objects.get())
    assert Contact.objects.get().outcome == "changed"


def test_somebody_new_is_begun_once_however_often_the_button_is_pressed(officer, cast):
    page = officer.get(reverse("ledgers:form_new"), {"unit": "99111"})
    sent = {"unit": "99111", "form_token": page.context["form"]["form_token"].value()}
    first, second = (officer.post(reverse("ledgers:form_new"), sent) for _ in range(2))
    form = CollectionForm.objects.get()
    assert first["Location"] == second["Location"] == url("page", form)
    assert (form.laborer, form.village) == (None, cast.units["99111"])
    assert officer.get(reverse("ledgers:form_new"), {"unit": "99112"}).status_code == 404


def test_a_closed_month_is_read_only_and_says_by_whom(officer, cast, person, form):
    other = factories.whole_person(cast.units["99111"])
    close_month(cast.units["99"], MARCH, cast.city)
    shown = officer.get(url("page", form), follow=True)
    assert shown.templates[0].name == "ledgers/form_read.html"
    assert "已由示例市关闭" in shown.content.decode()
    answer = fill(officer, form, employer="另一家厂")
    assert answer.status_code == 422
    assert "已由示例市关闭" in answer.json()["error"]
    assert "已由示例市关闭" in officer.get(begin(other)).content.decode()


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_opens_what_there_is_to_do_and_shows_no_number(officer, person, form):
    page = officer.get(url("page", form))
    by_title = {section.title: section for section in page.context["sections"]}
    assert list(by_title) == [
        "A 是否务工", "B 已外出务工情况", "C 暂未外出务工情况", "A 年度累计", "D 返乡回流情况", "E 培训意愿",
        "F 享受就业服务情况", "A 本人",
    ]  # fmt: skip
    assert by_title["B 已外出务工情况"].is_open
    assert by_title["B 已外出务工情况"].asked
    assert not by_title["C 暂未外出务工情况"].asked
    assert not by_title["A 本人"].is_open
    shown = page.content.decode()
    assert person.id_no not in shown
    assert person.phone not in shown
    assert "示例电子厂" in shown
    assert "计入外出务工人数" in shown


def test_the_page_costs_few_queries(officer, form, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        officer.get(url("page", form))
    with django_assert_max_num_queries(32):
        fill(officer, form, employer="另一家厂")


def test_a_field_is_kept_as_soon_as_it_is_left_and_the_answer_tells_what_it_means(officer, form):
    answer = fill(officer, form, job_form="自主创业")
    told = answer.json()
    assert answer.status_code == 200
    assert told["receipt"] == {"form": form.pk, "version": 2, "keys": ["job_form"]}
    assert told["marks"] == {"job_form": "自主创业"}
    assert "不计入" in told["check"]
    assert "单位就业" in told["check"]
    form.refresh_from_db()
    assert form.values["job_form"] == "自主创业"
    assert MonthlyRecord.objects.get().job_form == "单位就业"


def test_a_rule_speaks_beside_its_field(officer, form):
    told = fill(officer, form, monthly_wage="30").json()
    assert told["told"]["monthly_wage"] == [["review", "月收入偏低，请核对。"]]
    assert fill(officer, form, months="13").json()["told"]["months"] == [["reject", "不能大于12个月。"]]


@pytest.mark.parametrize(
    ("sent", "key", "kept"),
    [
        ({"started": "2022-11"}, "started", "2022年11月"),
        ({"income": "31,000元"}, "income", "31000"),
        ({"ticked_months": "2023-01"}, "ticked_months", "2023年1月"),
        ({"services:职业指导": "2", "services:其他": "0"}, "services", "职业指导2次"),
        ({"services:none": "1"}, "services", "未享受过就业服务"),
        ({"employer": "  另一家厂 "}, "employer", "另一家厂"),
        ({"employer": ""}, "employer", ""),
    ],
)
def test_an_answer_is_kept_as_the_ledger_would_write_it(officer, form, sent, key, kept):
    officer.post(url("fields", form), typed(form, **sent))
    form.refresh_from_db()
    assert form.values[key] == kept


def test_what_was_not_touched_is_not_sent_for_a_second_opinion(officer, form):
    whole = {key: text for key, text in form.values.items() if key not in ("id_no", "phone", "services")}
    whole["services:none"] = "1"  # as the box is ticked
    answer = officer.post(url("fields", form), typed(form, **whole))
    assert answer["Location"] == url("page", form)
    form.refresh_from_db()
    assert (form.version, form.typed) == (1, {})


def test_a_number_is_typed_anew_and_never_sent_back(officer, form, person):
    answer = fill(officer, form, phone="139 1234 5678")
    form.refresh_from_db()
    assert form.values["phone"] == "13912345678"
    shown = answer.content.decode() + officer.get(url("page", form)).content.decode()
    assert "13912345678" not in shown
    assert "139****5678" in shown
    assert fill(officer, form, phone="").json()["receipt"]["version"] == 2  # left empty: the number stays
    assert fill(officer, form, id_no="990101199001010011").status_code == 422


def test_two_who_answer_the_same_field_see_both_values_side_by_side(client, cast, form):
    seen = CollectionForm.objects.get()
    client.force_login(cast.township)
    assert fill(client, form, employer="东江电子厂").status_code == 200
    client.force_login(cast.village)
    answer = fill(client, seen, employer="南城服装厂")
    told = answer.json()["differs"]
    assert answer.status_code == 409
    assert [(one["key"], one["mine"], one["theirs"], one["who"]) for one in told] == [
        ("employer", "南城服装厂", "东江电子厂", "乡镇专干")
    ]
    page = client.post(url("fields", form), typed(seen, employer="南城服装厂", monthly_wage="5000"))
    assert page.status_code == 409
    assert "东江电子厂" in page.content.decode()
    assert "南城服装厂" in page.content.decode()
    form.refresh_from_db()
    assert (form.values["employer"], form.values["monthly_wage"]) == ("东江电子厂", "5000")
    assert fill(client, form, employer="南城服装厂").status_code == 200  # after a look: now it is meant


def test_two_numbers_that_differ_are_not_shown(client, cast, form):
    seen = CollectionForm.objects.get()
    client.force_login(cast.township)
    fill(client, form, phone="13912345678")
    client.force_login(cast.village)
    answer = fill(client, seen, phone="13987654321")
    assert answer.status_code == 409
    assert answer.json()["differs"][0]["theirs"] == "另一个号码"
    assert "13912345678" not in answer.content.decode()


def test_what_the_ledger_changed_meanwhile_is_taken_over_by_a_click(officer, cast, person, form):
    fill(officer, form, monthly_wage="5000")
    Laborer.objects.filter(pk=person.pk).update(home_address="示例市甲县东镇二组", version=2)
    assert "按台账更新" in officer.get(url("page", form)).content.decode()
    assert officer.post(url("catch_up", form)).status_code == 302
    form.refresh_from_db()
    assert form.values["home_address"] == "示例市甲县东镇二组"
    assert form.values["monthly_wage"] == "5000"
    assert "按台账更新" not in officer.get(url("page", form)).content.decode()


def test_employers_of_the_village_are_offered(officer, cast, form):
    factories.spell(factories.laborer(cast.units["99111"]), employer="示例鞋厂")
    factories.spell(factories.laborer(cast.units["99112"]), employer="别村的厂")
    assert set(officer.get(url("page", form)).context["employers"]) == {"示例电子厂", "示例鞋厂"}


# ── signing and submitting ───────────────────────────────────────────────────────────────────────────────────────


def signature(kind: str) -> dict:
    return {"kind": kind, "file": SimpleUploadedFile("签名.png", PNG, "image/png")}


def test_both_sign_on_the_screen_and_the_form_goes_to_the_township(officer, cast, form):
    fill(officer, form, monthly_wage="5000")
    refused = officer.post(url("submit", form), {"how": "上门"}, follow=True)
    assert "还没有签字" in refused.content.decode()
    told = officer.post(url("sign", form), signature("person"), headers={"Accept": "application/json"}).json()
    assert (told["signed"], "被采集人签名" in told["papers"]) == (False, True)
    officer.post(url("sign", form), signature("collector"))
    answer = officer.post(url("submit", form), {"how": "上门"})
    assert answer["Location"] == reverse("ledgers:mine") + "?unit=99111&month=2023-03"
    form.refresh_from_db()
    assert (form.state, form.how, form.filed_by) == ("submitted", "上门", cast.village)
    shown = officer.get(url("page", form)).content.decode()
    assert "待镇审" in shown
    assert "通过，送县专班" not in shown  # nobody reviews what they entered


def test_a_paper_is_seen_by_those_who_decide_and_by_nobody_else(client, cast, form):
    paper = actions.sign(form, "paper", PNG, cast.village)
    where = url("paper", form, paper.pk)
    for who, status in (("township", 200), ("county", 200), ("neighbour_township", 404), ("admin", 404)):
        client.force_login(getattr(cast, who))
        assert client.get(where).status_code == status, who
    client.force_login(cast.county)
    answer = client.get(where)
    assert b"".join(answer.streaming_content) == PNG
    assert "no-store" in answer["Cache-Control"]
    assert (
        client.get(url("paper", new_form(form.village, cast.village, AT_WORK), paper.pk)).status_code == 404
    )


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"GIF89a"])
def test_a_signature_is_a_picture(officer, form, data):
    file = SimpleUploadedFile("x.png", data or b" ", "image/png")
    answer = officer.post(
        url("sign", form), {"kind": "paper", "file": file}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert "JPG或PNG" in answer.json()["error"]


def test_what_is_missing_is_listed_with_a_way_to_its_field(officer, cast, settings):
    settings.SIGNATURES = False
    form = new_form(cast.units["99111"], cast.village, AT_WORK | {"employer": "", "education": ""})
    page = officer.get(url("page", form)).content.decode()
    assert 'href="#f-employer"' in page
    assert 'href="#f-education"' in page
    refused = officer.post(url("submit", form), {"how": "电话"}, follow=True).content.decode()
    assert "就业单位名称应填写" in refused
    form.refresh_from_db()
    assert form.state == "draft"


def test_who_began_a_form_may_make_it_void(officer, cast, person, form):
    officer.post(url("withdraw", form))
    form.refresh_from_db()
    assert form.state == "withdrawn"
    assert officer.post(begin(person)).status_code == 302
    assert CollectionForm.objects.living().count() == 1


def test_who_decides_looks_at_a_number_for_a_reason(client, cast, person, form):
    where = url("reveal", form, "id_no")
    client.force_login(cast.township)
    assert client.post(where).status_code == 422
    assert person.id_no in client.post(where, {"reason": "核对身份"}).content.decode()
    assert Reveal.objects.get().subject_type == "collectionform"
    client.force_login(cast.village)
    assert client.post(where, {"reason": "核对身份"}).status_code == 404
    client.force_login(cast.township)
    assert client.post(url("reveal", form, "name"), {"reason": "核对身份"}).status_code == 404


def test_nothing_of_a_form_reaches_the_audit_in_clear(officer, form, settings):
    settings.SIGNATURES = False
    fill(officer, form, phone="13912345678")
    officer.post(url("submit", form), {"how": "电话"})
    assert "13912345678" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
