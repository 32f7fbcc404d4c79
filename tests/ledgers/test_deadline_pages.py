"""填报截止 on the screens: set and granted on the 月份 page, told on the village's month, refused by its buttons."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.imports import NotNow, confirm, stage, undo
from ledgers import entry
from ledgers.models import Contact, EntryException, EntryRule, Laborer
from lib.sheets import Table, write_workbook
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.contacting import contact, noted
from tests.ledgers.sheets import working
from tests.ledgers.test_collection_closing import forms_in_every_state
from tests.ledgers.test_deadline import VILLAGE

pytestmark = pytest.mark.django_db
MONTHS = reverse("ledgers:months")
DEADLINE = reverse("ledgers:deadline", args=["991"])
GRANT = reverse("ledgers:exception_new", args=["991", MARCH])
WISH = {"unit": VILLAGE, "until": "2023-03-25", "reason": "村里停电两天"}


@pytest.fixture
def cast():
    return casting.build()


@pytest.fixture
def person(cast):
    return factories.whole_person(cast.units[VILLAGE])


@pytest.fixture
def rule(cast, at):
    return entry.set_rule(cast.units["991"], MARCH, 20, cast.county)


def text(client, user, address: str = MONTHS) -> str:
    client.force_login(user)
    return client.get(address).content.decode()


def test_a_county_sets_its_deadline_and_everyone_below_reads_it(client, cast, person, at):
    assert "没有设定填报截止日" in text(client, cast.county)
    assert EntryRule.objects.count() == 0
    client.post(DEADLINE, {"from_month": "2023-03", "day": "20"})
    assert (EntryRule.objects.get().day, EntryRule.objects.get().from_month) == (20, MARCH)
    told = "自2023年3月起，每月20日后停止填报（甲县设定）"
    assert told in text(client, cast.county)
    assert told in text(client, cast.village)
    assert told not in text(client, cast.neighbour_county)
    client.force_login(cast.county)
    client.post(DEADLINE, {"from_month": "2023-04", "day": ""})
    page = client.get(DEADLINE).content.decode()
    assert page.index("自2023年4月起，不设填报截止日") < page.index("自2023年3月起，每月20日后停止填报")


@pytest.mark.parametrize(
    "sent",
    [
        {"from_month": "", "day": "20"},
        {"from_month": "2023-13", "day": "20"},
        {"from_month": "2023-03", "day": "29"},
    ],
)
def test_a_deadline_that_is_none_is_asked_for_again(client, cast, at, sent):
    client.force_login(cast.county)
    assert client.post(DEADLINE, sent).status_code == 422
    assert not EntryRule.objects.exists()


def test_a_county_grants_an_exception_and_ends_it_early(client, cast, person, rule, at):
    at(22)
    assert "3月20日已截止" in text(client, cast.county)
    assert f'value="{VILLAGE}" selected' in text(client, cast.county, f"{GRANT}?for={VILLAGE}")
    client.post(GRANT, WISH)
    made = EntryException.objects.get()
    assert (made.unit.code, made.until, made.granted_by) == (VILLAGE, dt.date(2023, 3, 25), cast.county)
    for user in (cast.county, cast.village, cast.auditor):
        page = text(client, user)
        assert all(words in page for words in ("还剩 3 天", "村里停电两天", "甲县，县专班"))
    assert "提前结束" not in text(client, cast.village)
    assert "村里停电两天" not in text(client, cast.neighbour_village)
    end = reverse("ledgers:exception_end", args=[made.pk])
    assert "确定提前结束吗" in text(client, cast.county, end)
    client.post(end)
    page = text(client, cast.county)
    assert ("已提前结束" in page, "县专班提前结束，3月22日" in page) == (True, True)
    assert "已经结束" in text(client, cast.county, end)


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": ""},
        {"unit": "991"},
        {"unit": "99211"},
        {"until": "2023-03-20"},
        {"until": "9999-12-31"},
        {"reason": "停电"},
    ],
)
def test_an_exception_that_cannot_be_is_asked_for_again(client, cast, rule, at, wrong):
    at(22)
    client.force_login(cast.county)
    assert client.post(GRANT, WISH | wrong).status_code == 422
    assert not EntryException.objects.exists()


def test_where_nothing_ends_there_is_nothing_to_grant(client, cast, person, at):
    assert "没有填报截止日" in text(client, cast.county, GRANT)
    assert "批准例外" not in text(client, cast.county)


@pytest.mark.parametrize("who", ["village", "township", "neighbour_county", "auditor"])
def test_others_set_grant_and_end_nothing_through_the_pages(client, cast, rule, at, who):
    at(22)
    made = entry.grant(cast.units[VILLAGE], MARCH, dt.date(2023, 3, 25), "村里停电两天", cast.county)
    client.force_login(getattr(cast, who))
    end = reverse("ledgers:exception_end", args=[made.pk])
    for address, sent in ((DEADLINE, {"from_month": "2023-03", "day": ""}), (GRANT, WISH), (end, {})):
        assert client.post(address, sent).status_code == 404
    made.refresh_from_db()
    assert (made.ended_at, EntryRule.objects.count(), EntryException.objects.count()) == (None, 1, 1)


@pytest.mark.parametrize(
    ("today", "chip", "note", "open_"),
    [
        (20, "今天截止", "", True),
        (21, "3月20日已截止填报", "确需补录，请甲县在“月份”页批准例外", False),
        (24, "补录还剩 1 天", "经甲县批准可补录到3月25日（村里停电两天）", True),
        (26, "3月20日已截止填报", "请甲县", False),
    ],
)
def test_the_month_of_a_village_tells_and_keeps_the_deadline(
    client, cast, person, rule, at, today, chip, note, open_
):
    if today > 21:
        at(22)
        entry.grant(cast.units[VILLAGE], MARCH, dt.date(2023, 3, 25), "村里停电两天", cast.county)
    at(today)
    page = text(client, cast.village, reverse("ledgers:mine"))
    assert (chip in page, note in page) == (True, True)
    assert ("无变化" in page) is open_
    sent = client.post(contact(person), noted(person), headers={"Accept": "application/json"})
    assert (sent.status_code, Contact.objects.count()) == ((200, 1) if open_ else (422, 0))
    assert open_ or "填报已于3月20日截止" in sent.json()["error"]


def test_the_page_of_months_takes_the_same_queries_for_many_exceptions_as_for_one(
    client, cast, person, rule, at
):
    at(22)
    client.force_login(cast.county)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(MONTHS).status_code == 200
        return len(seen)

    entry.grant(cast.units[VILLAGE], MARCH, dt.date(2023, 3, 25), "村里停电两天", cast.county)
    queries()
    one = queries()
    for day in range(26, 31):
        entry.grant(cast.units["99112"], MARCH, dt.date(2023, 3, day), "村里停电两天", cast.county)
        entry.grant(cast.units["9912"], MARCH, dt.date(2023, 3, day), "村里停电两天", cast.county)
    assert queries() == one <= 24


def test_a_batch_judged_in_time_is_not_confirmed_late_but_under_an_exception(
    cast, rule, at, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    line = working(姓名="示例甲")
    write_workbook(out, [Table("台账", tuple(line), [list(line.values())])])
    batch = stage(out.getvalue(), "台账.xlsx", "laborers", cast.units["9911"], MARCH, cast.township)
    at(21)
    with pytest.raises(NotNow, match="填报已于3月20日截止"):
        confirm(batch, cast.township)
    assert not Laborer.objects.exists()
    entry.grant(cast.units["9911"], MARCH, dt.date(2023, 3, 22), "村里停电两天", cast.county)
    confirm(batch, cast.township)
    at(23)
    with pytest.raises(NotNow, match="截止"):
        undo(batch, cast.township)
    assert Laborer.objects.get().name == "示例甲"


def test_a_form_is_only_read_after_the_deadline_until_it_is_sent_back(client, cast, rule, at, settings):
    settings.SIGNATURES = False
    forms = forms_in_every_state(cast)
    page = reverse("ledgers:form_page", args=[forms["submitted"].pk])
    decide = reverse("ledgers:form_decide", args=[forms["submitted"].pk])
    at(22)
    assert "填报已于3月20日截止" in text(
        client, cast.village, reverse("ledgers:form_page", args=[forms["draft"].pk])
    )
    client.force_login(cast.township)
    sent = {"act": "return", "reason": "工资请与本人核对", "version": str(forms["submitted"].version)}
    answer = client.post(decide, sent, follow=True).content.decode()
    assert "采集表已退回，村里可以补正到3月25日" in answer
    client.force_login(cast.village)
    assert "ledgers/form.html" in [one.name for one in client.get(page).templates]
