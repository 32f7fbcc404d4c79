"""The second wall: with every filter of the application gone, the database still shows nobody another's people."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.urls import reverse

from accounts import wall
from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from config import checks
from ledgers.models import Household, Laborer, MonthlyRecord, WorkSpell
from sampling.models import CallRows
from tests.proof.mutants import everything
from tests.proof.walking import HOME, foreign_canaries
from tests.proof.world import AWAY, FOREIGN, MARCH, SIBLING

pytestmark = [pytest.mark.django_db, pytest.mark.stack]

# Tables that lead to a unit and have no wall: what they hold is no person, or belongs to one user and not to a place.
WITHOUT = {
    "accounts": "units, their history and who serves where",
    "jobs": "files and imports of one user, encrypted; workers serve all of them",
    "reports": "figures, targets and bulletins: no persons",
    "ledgers_monthclosing": "which month a unit closed",
    "ledgers_entryrule": "until when a unit fills in its months: those below ask for it",
    "ledgers_entryexception": "which unit may fill in a month for longer: villages below a township ask for it",
    "ledgers_submittedform": "of one user",
    "posts_workshopstandard": "what a county asks of its workshops and pays them: those below ask for it",
    "posts_postceiling": "how many posts a unit may have, without persons",
    "posts_postpolicy": "what a county set about its posts: villages below read it",
    "subsidies_messagetemplate": "a text of an office, without persons",
    "subsidies_schemeversion": "a policy of an office, without persons; villages below read it",
    "subsidies_trial": "a trial run of a policy, without persons",
    "subsidies_screening": "how many were screened, without persons",
    "subsidies_paymentbatch": "how many are paid and how much, without persons",
    "subsidies_trainingplan": "how many are to be trained, without persons; those below read it",
    "subsidies_trainingclass": "what is taught where and when, without persons; those below enrol in it",
    "subsidies_mailing": "how many were written to, without persons; villages below read theirs",
    "sampling_campaign": "what a check is called and when it is due",
}


@pytest.fixture
def as_identity(proof):
    return lambda who: wall.narrowed(proof.identities[who])


def leads_to_people(model: type[models.Model]) -> bool:
    return any(
        field.related_model in (Unit, Laborer, Household, *walled()) for field in model._meta.concrete_fields
    )


def walled() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.db_table in wall.TABLES]


def test_every_table_that_leads_to_a_person_or_a_unit_has_a_wall_or_a_reason():
    found = {m._meta.db_table for m in apps.get_models() if leads_to_people(m)} | {"ledgers_household"}
    reasons = {t for t in found if t in WITHOUT or t.split("_")[0] in WITHOUT}
    assert found - reasons == set(wall.TABLES)


def test_the_database_has_the_wall_around_each_of_them_and_the_role_does_not_pass_it():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        assert {name for (name,) in cursor.fetchall()} == set(wall.TABLES)
        cursor.execute("SELECT policyname, cmd, tablename FROM pg_policies")
        expected = {("wall", "ALL", table) for table in wall.TABLES}
        assert set(cursor.fetchall()) == expected | {("seen", "SELECT", table) for table in wall.SEEN}
    assert wall.fault() == ""


def test_without_a_reach_nobody_is_there(proof):
    with wall.narrowed(None):
        assert {model.__name__: model.objects.count() for model in walled()} == {
            model.__name__: 0 for model in walled()
        }


@pytest.mark.parametrize("who", ["village", "township", "county", "city", "auditor", "sampler", "admin"])
def test_unfiltered_queries_see_the_people_in_reach_and_nobody_else(proof, as_identity, who):
    for model in walled():
        with wall.opened("all of them, to compare with"):
            every = str(list(model.objects.order_by("pk").values_list()))
        with as_identity(who):
            shown = str(list(model.objects.order_by("pk").values_list()))
        for code in (SIBLING, AWAY, FOREIGN):
            mine = code.startswith(
                {"village": HOME, "township": HOME[:4], "county": HOME[:3]}.get(who, HOME[:2])
            )
            mine = mine and who not in ("sampler", "admin")
            if f"ZQ{code}" in every:
                assert (f"ZQ{code}" in shown) == mine, (model, code)
        if f"ZQ{HOME}" in every:
            assert (f"ZQ{HOME}" in shown) == (who != "admin"), model


PEOPLE = {"person", "other", "employer", "address", "settlement", "region", "form", "wish", "note"}


def leaked(asker) -> set[tuple[str, str, str]]:
    """Who is shown whose people, over the pages of people."""
    found = set()
    for who in ("village", "county", "sampler"):
        for place in (SIBLING, AWAY, FOREIGN):
            rows = asker.world.rows[place]
            pages = [reverse("ledgers:laborer", args=[rows["laborer"].pk]), reverse("ledgers:list")]
            pages += [reverse("sampling:call", args=[rows["call"].pk]), reverse("ledgers:list") + "?q=ZQ"]
            for page in pages:
                shown = foreign_canaries(who, asker.ask(who, page))
                found |= {(who, code, what) for code, what in shown if what in PEOPLE}
    return found


def test_with_every_filter_gone_no_page_shows_a_foreign_person(asker, monkeypatch):
    for rows in (ScopedQuerySet, CallRows):
        monkeypatch.setattr(rows, "visible_to", everything)
    assert leaked(asker) == set()
    monkeypatch.setattr(wall, "reach_of", lambda user: wall.OPEN)
    assert {who for who, *_ in leaked(asker)} >= {"village", "county"}  # what the wall held back


def refused():
    return pytest.raises(DatabaseError, match="row-level security")


def test_the_database_refuses_to_write_a_person_of_elsewhere(proof, as_identity):
    home, foreign = proof.units[HOME], proof.units[FOREIGN]
    own, other = proof.rows[HOME]["laborer"], proof.rows[FOREIGN]["laborer"]
    with as_identity("village"):
        with refused(), transaction.atomic():
            Household.objects.create(number="新", village=foreign)
        with refused(), transaction.atomic():
            Laborer.objects.filter(pk=own.pk).update(village=foreign)
        with refused(), transaction.atomic():
            WorkSpell.objects.create(laborer_id=other.pk, started=MARCH, job_form="单位就业")
        assert MonthlyRecord.objects.filter(laborer=other).update(income=1) == 0
        assert Laborer.objects.filter(pk=other.pk).update(village=home) == 0
        assert Laborer.objects.filter(pk=own.pk).update(village=home) == 1
        transaction.set_rollback(False)


def test_somebody_once_counted_here_who_lives_elsewhere_is_seen_and_not_written(proof, as_identity):
    home, other = proof.units[HOME], proof.rows[FOREIGN]["laborer"]
    with transaction.atomic():
        assert MonthlyRecord.objects.filter(laborer=other).update(village=home)
        with as_identity("village"):
            people, spells = Laborer.objects.filter(pk=other.pk), WorkSpell.objects.filter(laborer=other)
            assert (people.count(), spells.count()) == (1, 1)
            assert people.update(village=home) == 0  # nobody is fetched home
            assert spells.update(employer="别处") == 0
            assert spells.delete() == (0, {})
            with refused(), transaction.atomic():
                WorkSpell.objects.create(laborer=other, started=MARCH, job_form="单位就业")
        transaction.set_rollback(True)


def said() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('ledger.reach', true)")
        return cursor.fetchone()[0]


def test_a_connection_carries_no_reach_from_one_request_to_the_next(proof, asker, monkeypatch):
    before, during = said(), []
    monkeypatch.setattr(ScopedQuerySet, "visible_to", lambda rows, *_: during.append(said()) or rows.none())
    asker.ask("village", reverse("ledgers:list"))
    assert set(during) == {proof.units[HOME].path}
    assert said() == before

    def fall(*args):
        raise RuntimeError

    monkeypatch.setattr(ScopedQuerySet, "visible_to", fall)
    assert asker.ask("village", reverse("ledgers:list")).status == 500
    assert said() == before


def test_a_process_that_serves_pages_begins_with_nobody_in_reach():
    options = settings.DATABASES["default"]["OPTIONS"]["options"]
    assert options.endswith("ledger.reach=*")  # the tests themselves, as every command
    fresh = connection.copy()
    fresh.settings_dict = fresh.settings_dict | {"OPTIONS": {"options": options.rstrip("*")}}
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SELECT current_setting('ledger.reach'), (SELECT count(*) FROM ledgers_laborer)")
            assert cursor.fetchone() == ("", 0)
    finally:
        fresh.close()


def test_a_role_that_passes_the_wall_is_told_before_anybody_is_served(monkeypatch):
    assert checks.check_wall() == []
    monkeypatch.setattr(wall, "fault", lambda: wall.PASSES)
    assert [warning.id for warning in checks.check_wall()] == ["config.W002"]
