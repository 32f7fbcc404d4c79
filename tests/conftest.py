"""What every test gets: its own database, and failures instead of silent mistakes.

The database is the one of DATABASE_URL, else a SQLite file. Warnings are errors (pyproject.toml), so a page of an
unordered queryset and a naive datetime fail; below, an undefined template variable and a moment saved as a date do.
"""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, models
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from accounts import append_only
from ledgers import closed_months
from lib.month import SHANGHAI
from reports.bulletins import frozen, frozen_files
from subsidies.schemes import frozen as frozen_schemes
from tests.stack import CeleryWorker, running


class UndefinedVariable(str):
    """Django's string_if_invalid: refuses to print a variable that one of our templates does not have."""

    def __contains__(self, text: object) -> bool:
        return text == "%s"  # Django then asks for `self % variable`

    def __mod__(self, variable: object) -> str:
        context = sys._getframe(1).f_locals["context"]
        origin = context.render_context.template.origin.name
        if Path(origin).is_relative_to(settings.BASE_DIR / "templates"):
            raise AssertionError(f"undefined template variable {variable} in {origin}")
        return ""  # templates of other packages print missing variables on purpose


def pytest_configure() -> None:
    for engine in settings.TEMPLATES:
        engine["OPTIONS"]["string_if_invalid"] = UndefinedVariable("undefined")
    # no deadline: a busy machine is no bug; on CI the same examples every time
    hypothesis_settings.register_profile("ledger", deadline=None, derandomize="CI" in os.environ)
    hypothesis_settings.load_profile("ledger")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True  # looks for a file when asked, not for all of them per client


LONGEST = (
    "test_every_url", "test_mutants", "test_scope", "test_two_worlds", "test_sameness", "test_short", "test_rubbish",
    "test_backup", "test_parallel", "test_every_act", "test_rollup", "test_demo", "test_journeys_of_a_month",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then the others: at the end no worker waits for one file of the other."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A file for SQLite: threads of the live server and other processes cannot see a database in memory."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """PostgreSQL drops no database that has a session: those of processes that tests killed may outlive them."""
    yield
    if connection.vendor == "postgresql":
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) {others} AND usename = current_user")


@pytest.fixture(autouse=True, scope="session")
def a_moment_is_no_date() -> Iterator[None]:
    """Saving or comparing a datetime in a DateField cuts its time of day, in UTC: fail instead."""
    prepare = models.DateField.get_prep_value

    def strict(field: models.DateField, value: object) -> object:
        if isinstance(value, datetime.datetime) and not isinstance(field, models.DateTimeField):
            raise AssertionError(f"a datetime was given to the date field {field}")
        return prepare(field, value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.DateField, "get_prep_value", strict)
        yield


@pytest.fixture(autouse=True, scope="session")
def what_a_flush_leaves_alone() -> Iterator[None]:
    """Emptying the tables after a transactional test meets the guards in the database, and regions are constants."""
    sql_flush = type(connection.ops).sql_flush

    def flush(ops, style, tables, **options):
        kept = [table for table in tables if table != "accounts_region"]
        statements = sql_flush(ops, style, kept, **options)
        for guard in (append_only, closed_months, frozen, frozen_files, frozen_schemes):
            if connection.vendor == "sqlite" and guard.TABLE in kept:
                statements = [*guard.drop("sqlite"), *statements, *guard.create("sqlite")]
        return statements

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", flush)
        yield


def url_of_test_database() -> str:
    """DATABASE_URL for another process that should see the test's own database."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def test_environment(transactional_db: None) -> dict[str, str]:
    """The environment of a second process on the test's database, files, keys and Redis."""
    return os.environ | {"DATABASE_URL": url_of_test_database(), "PYTHONWARNINGS": "default"}


@pytest.fixture
def celery_worker_process(test_environment: dict[str, str]) -> Iterator[CeleryWorker]:
    """A real Celery worker on the test's database; `.kill()`, `.stop()` and `.start()` it at will.

    Mark the test `stack`: it runs where PostgreSQL and Redis are, that is under `python -m tests.stack`.
    """
    if not settings.REDIS_URL:
        pytest.fail("needs Redis: python -m tests.stack --postgres --redis -- python -m pytest …")
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
    with running(CeleryWorker, test_environment) as worker:
        yield worker


@pytest.fixture
def at(monkeypatch):
    """at(20) is 10:00 on 20 March 2023, at(20, 23, 59) a minute before its end; later months: at(day, month=4)."""

    def set_clock(day: int, hour: int = 10, minute: int = 0, month: int = 3, micro: int = 0) -> None:
        now = datetime.datetime(2023, month, day, hour, minute, 59 if micro else 0, micro, SHANGHAI)
        monkeypatch.setattr(timezone, "now", lambda: now.astimezone(datetime.UTC))

    set_clock(10)
    return set_clock
