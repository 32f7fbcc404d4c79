"""Several processes at once on one database: no update lost, nothing doubled, no state that nobody allowed."""

from __future__ import annotations

from collections import Counter

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.audit import AuditEntry, first_bad_entry
from jobs.models import ImportBatch
from ledgers.models import CollectionForm, Contact, Laborer, MonthlyRecord, SubmittedForm
from reports.bulletins import actions, formats
from reports.models import Bulletin
from tests import cast as casting
from tests import factories
from tests.ledgers.contacting import contact, noted
from tests.proof_data.parallel import together
from tests.proof_data.traces import IDS
from tests.reports import bulletin_world

State = Bulletin.State


@pytest.fixture
def cast(test_environment) -> casting.Cast:
    return casting.build()


def people_of(village, count: int) -> list[int]:
    people = [factories.laborer(village) for _ in range(count)]
    for person in people:
        factories.spell(person)
        factories.record(person)
    return [person.pk for person in people]


def test_20_equal_forms_at_once_are_saved_once_and_answered_alike(client, cast, test_environment):
    client.force_login(cast.village)
    url = reverse("ledgers:form_new")
    data = {"unit": "99111", "form_token": client.get(url).context["form"]["form_token"].value()}
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    call = ("post", {"session": session, "url": url, "data": data, "times": 5})
    answers = [tuple(answer) for one in together(test_environment, *[call] * 4) for answer in one]
    assert len(answers) == 20
    assert {status for status, _ in answers} == {302}
    assert len({address for _, address in answers}) == 1
    assert SubmittedForm.objects.count() == CollectionForm.objects.count() == 1
    assert AuditEntry.objects.filter(action="form.begin").count() == 1


def test_20_equal_contacts_at_once_are_noted_once_and_answered_alike(client, cast, test_environment):
    person = Laborer.objects.get(pk=people_of(cast.units["99111"], 1)[0])
    client.force_login(cast.village)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    call = ("post", {"session": session, "url": contact(person), "data": noted(person), "times": 5})
    answers = [tuple(answer) for one in together(test_environment, *[call] * 4) for answer in one]
    assert len(answers) == 20
    assert {status for status, _ in answers} == {302}
    assert len({address for _, address in answers}) == 1
    assert Contact.objects.count() == 1
    assert AuditEntry.objects.filter(action="record.verify").count() == 1


def test_a_month_closed_while_others_write_freezes_what_was_saved_and_refuses_the_rest(
    cast, test_environment
):
    people = people_of(cast.units["99111"], 6) + people_of(cast.units["99112"], 6)
    writers = [("verify", {"who": "zhen", "people": people, "seed": seed}) for seed in range(4)]
    closer = ("close", {"who": "xian", "unit": "991", "after": 15})
    *told, closing = together(test_environment, *writers, closer)
    assert [error for one in told for error in one["errors"]] == []
    assert [one["closed"] for one in told] == [1] * 4
    end = AuditEntry.objects.get(action="month.close")
    saved = AuditEntry.objects.filter(action="record.verify")
    assert saved.count() == sum(one["accepted"] for one in told) >= 15
    assert not saved.filter(sequence__gt=end.sequence).exists()
    assert closing["people"] == len(people)
    last = {entry.about: entry.detail["how"] for entry in saved.order_by("sequence")}
    kept = {f"ledgers.laborer:{row.laborer_id}": row.verified_how for row in MonthlyRecord.objects.all()}
    assert {about: kept[about] for about in last} == last
    assert first_bad_entry() is None


def test_two_imports_of_one_unit_at_once_write_everybody_once(cast, test_environment):
    calls = [
        ("bring_in", {"who": "zhen", "unit": "9911", "first": 0, "last": 60}),
        ("bring_in", {"who": "cun", "unit": "99111", "first": 30, "last": 90}),
        ("bring_in", {"who": "zhen", "unit": "9911", "first": 0, "last": 60}),
    ]
    told = together(test_environment, *calls)
    numbers = sorted(Laborer.objects.values_list("id_no", flat=True))
    assert numbers == sorted(IDS[:90])
    assert sum(one["new"] for one in told) == 90
    assert all(one["new"] + one["same"] == one["read"] == 60 for one in told)
    assert len({one["number"] for one in told}) == 3
    assert set(ImportBatch.objects.values_list("state", flat=True)) == {"confirmed"}
    assert MonthlyRecord.objects.count() == 90
    assert first_bad_entry() is None


ALLOWED = {
    "bulletin.draft": (None, State.DRAFT), "bulletin.edit": (State.DRAFT, State.DRAFT),
    "bulletin.refresh": (State.DRAFT, State.DRAFT), "bulletin.submit": (State.DRAFT, State.SUBMITTED),
    "bulletin.send_back": (State.SUBMITTED, State.DRAFT), "bulletin.publish": (State.SUBMITTED, State.PUBLISHED),
    "bulletin.keep": (State.PUBLISHED, State.PUBLISHED), "bulletin.ask_reopen": (State.PUBLISHED, State.PUBLISHED),
    "bulletin.reopen": (State.PUBLISHED, State.WITHDRAWN),
}  # fmt: skip


def test_four_people_who_do_not_look_cannot_bring_a_bulletin_into_a_wrong_state(test_environment):
    world = bulletin_world.small_city()
    world.draft()
    calls = [
        ("office", {"who": who, "steps": 10, "seed": 7 + seed})
        for seed, who in enumerate(["shi", "shi2"] * 2)
    ]
    told = together(test_environment, *calls)
    assert [error for one in told for error in one["errors"]] == []
    done = Counter(act for one in told for act in one["done"])
    assert done["publish"] > 0

    versions = list(Bulletin.objects.order_by("version"))
    assert [row.version for row in versions] == list(range(1, len(versions) + 1))
    assert len(versions) == 1 + done["reopen"]
    assert sum(row.state != State.WITHDRAWN for row in versions) == 1
    for row in versions:
        state = None if row.version == 1 else State.DRAFT  # later versions begin as drafts of a reopening
        for entry in AuditEntry.objects.filter(about=f"reports.bulletin:{row.pk}").order_by("sequence"):
            before, after = ALLOWED[entry.action]
            assert state == before, (row.version, entry.action)
            state = after
        assert row.state == state
        assert row.files.count() == (len(formats.CONTENT_TYPES) if row.state in Bulletin.OUT else 0)
        if row.state in Bulletin.OUT:
            assert row.content_hash == actions.content_hash(row)
            assert row.published_by_id != row.submitted_by_id
    assert first_bad_entry() is None
