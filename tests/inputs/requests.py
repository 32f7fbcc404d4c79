"""98 to 111: requests that come twice, too late, too big, from elsewhere, or with rubbish in them."""

from __future__ import annotations

from uuid import uuid4

from django.test import Client
from django.urls import reverse

from jobs.files import store_file
from ledgers.collection import actions
from ledgers.models import CollectionForm, Laborer
from tests import factories
from tests.cast import PASSWORD
from tests.inputs.corpus import PROVEN, case
from tests.inputs.desk import xlsx_of
from tests.ledgers.filling import typed, url
from tests.ledgers.sheets import working


def somebody(desk) -> Laborer:
    person = factories.laborer(desk.cast.units["99111"], "示例甲")
    factories.spell(person)
    factories.record(person)
    return person


def begun(person: Laborer) -> str:
    return reverse("ledgers:form", args=[person.pk, factories.MARCH])


@case(98)
def what_was_seen_before_is_a_conflict(desk, client) -> None:
    form = actions.begin(somebody(desk), factories.MARCH, desk.cast.village)
    client.force_login(desk.cast.village)
    mine = typed(form, employer="示例鞋厂")
    actions.keep(form, "employer", "示例食品厂", "示例电子厂", desk.cast.township)
    for was in (mine["was:employer"], "", "x", "9" * 400):
        answer = client.post(url("fields", form), mine | {"was:employer": was})
        assert answer.status_code == 409
        assert all(factory in answer.content.decode() for factory in ("示例鞋厂", "示例食品厂"))
    assert client.post(url("fields", form), {"employer": "示例鞋厂"}).status_code == 302  # shown to nobody
    form.refresh_from_db()
    assert (form.values["employer"], form.version) == ("示例食品厂", 2)


@case(99)
def a_double_click_saves_once(desk, client) -> None:
    client.force_login(desk.cast.village)
    page = client.get(reverse("ledgers:form_new"))
    sent = {"unit": "99111", "form_token": page.context["form"]["form_token"].value()}
    first, second = (
        client.post(reverse("ledgers:form_new"), sent),
        client.post(reverse("ledgers:form_new"), sent),
    )
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert CollectionForm.objects.count() == 1


@case(100)
def a_body_that_is_too_big_gets_413(desk, client, settings) -> None:
    client.force_login(desk.cast.township)
    settings.UPLOAD_MAX_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    form = client.post(reverse("ledgers:list"), {"q": "x" * 20_000}, "application/x-www-form-urlencoded")
    assert form.status_code == 413
    with_file = {"kind": "laborers", "unit": desk.cast.units["9911"].pk, "file": _file(b"x" * 100_000)}
    answer = client.post(reverse("jobs:import_new"), with_file)
    assert answer.status_code == 413
    assert "文件太大" in answer.content.decode()


def _file(data: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("台账.xlsx", data)


@case(101)
def more_than_a_thousand_fields_get_400(desk, client) -> None:
    client.force_login(desk.cast.township)
    assert client.post(reverse("ledgers:list"), {f"f{n}": "1" for n in range(1001)}).status_code == 400
    assert client.post(reverse("ledgers:list"), {f"f{n}": "1" for n in range(900)}).status_code == 302


@case(102)
def a_page_out_of_range_is_the_nearest_one(desk, client) -> None:
    batch = desk.receive(xlsx_of([working(), working()]))
    client.force_login(desk.cast.township)
    address = reverse("jobs:batch_rows", args=[batch.pk, "review"])
    plain = client.get(address).context["rows"]
    for page in ("-1", "0", "1000000000", "9" * 400, "１", "x", "1e9", "²"):
        answer = client.get(address, {"page": page})
        assert (answer.status_code, answer.context["rows"]) == (200, plain), page
    for name in ("ledgers:list", "accounts:audit", "accounts:users", "jobs:imports"):
        client.force_login(desk.cast.city)
        for key in ("page", "after", "before"):
            for page in ("-1", "1000000000", "9" * 400):
                assert client.get(reverse(name), {key: page}).status_code == 200, (name, key, page)


@case(103)
def an_order_nobody_offers_is_ignored(desk, client) -> None:
    somebody(desk)
    client.force_login(desk.cast.village)
    shown = [row.pk for row in client.get(reverse("ledgers:list"), {"month": "2023-03"}).context["rows"]]
    for order in ("password", "-laborer__id_no", "?", "updated_by__password"):
        for key in ("order_by", "order", "sort", "o", "ordering"):
            answer = client.get(reverse("ledgers:list"), {"month": "2023-03", key: order})
            assert [row.pk for row in answer.context["rows"]] == shown == [shown[0]]


@case(104)
def wildcards_mean_themselves(desk, client) -> None:
    somebody(desk)
    client.force_login(desk.cast.village)
    for word in ("%%", "__", "示%", "示_", "示*", "\\%\\%", "' OR 1=1 --"):
        answer = client.get(reverse("ledgers:list"), {"month": "2023-03", "q": word})
        assert (answer.status_code, list(answer.context["rows"])) == (200, []), word
    assert len(client.get(reverse("ledgers:list"), {"month": "2023-03", "q": "示例"}).context["rows"]) == 1


@case(105)
def what_is_no_text_gets_400(desk, client) -> None:
    client.force_login(desk.cast.city)
    addresses = (
        "/ledgers/?q=%00",
        "/ledgers/?q=%ff%fe",
        "/ledgers/?unit=99%00",
        "/ledgers/?%00=1",
        "/accounts/units/%00/",
    )
    for address in (*addresses, "/accounts/units/%ff/", "/accounts/users/?q=a%C0%80", "/ledgers/%E4%BD/"):
        assert client.get(address).status_code == 400, address
    for where in ("/ledgers/", "/accounts/units/991/", "/imports/new/", "/accounts/security/"):
        assert client.post(where, {"q": "a\0b", "act": "rename", "name": "\0"}).status_code == 400, where
    assert client.get("/ledgers/?q=示例%25").status_code == 200
    assert client.get("/accounts/units/50%25/").status_code == 404


@case(106)
def a_foreign_host_gets_400(desk, client, settings) -> None:
    settings.ALLOWED_HOSTS = ["ledger.example"]
    for host in (
        "evil.example",
        "ledger.example.evil.example",
        "ledger.example@evil.example",
        "ledger.example:x",
    ):
        answer = client.get("/accounts/login/", headers={"host": host})
        assert answer.status_code == 400, host
        assert "evil" not in answer.content.decode()
    assert client.get("/accounts/login/", headers={"host": "ledger.example"}).status_code == 200


@case(107)
def a_form_from_another_site_gets_403(desk) -> None:
    client = Client(enforce_csrf_checks=True)
    person = somebody(desk)
    client.force_login(desk.cast.village)
    for address in (
        begun(person),
        reverse("ledgers:list"),
        reverse("jobs:import_new"),
        reverse("accounts:logout"),
    ):
        answer = client.post(address, {"name": "示例乙", "csrfmiddlewaretoken": "x" * 64})
        assert answer.status_code == 403, address
    assert Laborer.objects.get().name == "示例甲"


@case(108)
def no_login_leads_to_another_site(desk, client) -> None:
    for target in (
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "99",  # no address, but a redirect would look it up as a name
        "javascript:alert(1)",
        "\t//evil.example",
    ):
        answer = client.post("/accounts/login/", {"username": "cun", "password": PASSWORD, "next": target})
        assert (answer.status_code, answer["Location"]) == (302, "/home/"), target
        client.logout()


@case(109)
def other_methods_obey_the_same_rules(desk, client) -> None:
    person = somebody(desk)
    pages = [
        reverse("ledgers:laborer", args=[person.pk]),
        reverse("ledgers:form", args=[person.pk, factories.MARCH]),
    ]
    pages += [
        reverse("ledgers:form_new"),
        reverse("ledgers:list"),
        reverse("jobs:import_new"),
        reverse("accounts:unit", args=["99111"]),
    ]
    for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"):
        client.logout()
        for page in pages:
            answer = client.generic(method, page)
            assert answer.status_code in {302, 405}, (method, page)
            assert "示例甲" not in answer.content.decode()
        client.force_login(desk.cast.neighbour_village)
        for page in pages[:2]:
            missing = client.generic(method, page.replace(str(person.pk), "987654321"))
            foreign = client.generic(method, page)
            assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
            assert foreign.status_code in {404, 405}
    assert Laborer.objects.get().version == 1


@case(110)
def a_guessed_file_or_job_is_not_there(desk, client) -> None:
    theirs = store_file(desk.cast.city, "导出.xlsx", b"x")
    client.force_login(desk.cast.village)
    for name in ("download", "job", "progress"):
        guessed = client.get(reverse(f"jobs:{name}", args=[uuid4()]))
        assert guessed.status_code == 404, name
    answer = client.get(reverse("jobs:download", args=[theirs.pk]))
    assert (answer.status_code, answer.content) == (404, guessed.content)
    assert client.get("/jobs/files/1/").status_code == 404


@case(111)
def a_form_sent_after_the_session_ended_leads_back_to_that_form(desk, client) -> None:
    person = somebody(desk)
    back = f"{begun(person)}?month=2023-03"
    for referer, after in ((f"http://testserver{back}", back), ("http://evil.example/x", "/"), ("", "/")):
        answer = client.post(begun(person), {"name": "示例乙"}, headers={"referer": referer})
        assert answer.status_code == 302
        signed_in = client.post(answer["Location"], {"username": "cun", "password": PASSWORD})
        assert signed_in["Location"] == after
        client.logout()
    assert Laborer.objects.get().name == "示例甲"


PROVEN[111] = "tests/browser/test_drafts.py::test_what_was_typed_survives_the_end_of_the_session"
