"""What a reader gets when the database is away, busy or full, and when the program is at fault."""

from __future__ import annotations

import errno
import logging

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.test import Client

from accounts.access import AccessMiddleware


@pytest.fixture
def failing(monkeypatch):
    """A client whose every request meets the error where sign-in is looked up, before any view."""

    def use(error: Exception) -> Client:
        def process_view(*args: object) -> None:
            raise error

        monkeypatch.setattr(AccessMiddleware, "process_view", process_view)
        return Client(raise_request_exception=False)

    return use


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        OperationalError("server closed the connection"),
        InterfaceError("closed"),
        OperationalError("database is locked"),
    ],
)
def test_while_the_database_is_away_or_busy_the_answer_says_when_to_try_again(failing, error):
    answer = failing(error).get("/home/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "请一两分钟后再试" in answer.content.decode()
    assert str(error) not in answer.content.decode()


def test_the_page_of_a_database_that_is_away_asks_it_nothing(monkeypatch):
    """Without access to a database: whoever has a cookie would be looked up for the menu."""

    def away(*args: object) -> None:
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert client.get("/home/").status_code == 503


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OperationalError("database or disk is full"),
        OperationalError('could not extend file "base/1/2": No space left on device'),
    ],
)
def test_a_full_disk_is_named(failing, error):
    answer = failing(error).post("/accounts/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 503
    assert "存储空间不足" in answer.content.decode()


@pytest.mark.django_db
def test_a_cause_behind_another_exception_is_found(failing):
    error = RuntimeError("template")
    error.__cause__ = OperationalError("gone")
    assert failing(error).get("/home/").status_code == 503


@pytest.mark.django_db
def test_a_fault_of_the_program_is_a_500_that_tells_nothing_but_its_number(failing, caplog):
    with caplog.at_level(logging.ERROR, "django.request"):
        answer = failing(ValueError("secret-word")).get("/home/")
    assert answer.status_code == 500
    assert answer["X-Request-ID"]
    assert "secret-word" not in answer.content.decode()
    assert "Retry-After" not in answer
