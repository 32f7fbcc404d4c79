"""Signing in and out: equal answers for strangers, the lock, forced passwords, sessions that end."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.audit import AuditEntry
from tests.cast import PASSWORD

LOGIN = "/accounts/login/"
pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra):
    return client.post(LOGIN, {"username": username, "password": password} | extra)


def test_the_right_password_signs_in_and_is_recorded(client, cast):
    answer = sign_in(client, "cun", next="/accounts/security/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/security/"
    assert client.get("/accounts/security/").status_code == 200
    entry = AuditEntry.objects.latest()
    assert (entry.action, entry.actor) == ("login", cast.village)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_no_address_of_another_site_follows_a_login(client, cast, target, settings):
    settings.LOGIN_REDIRECT_URL = "/accounts/security/"
    assert sign_in(client, "cun", next=target)["Location"] == "/accounts/security/"


def _without_token(content: bytes, name: str) -> str:
    return re.sub(r'value="[^"]{64}"', "", content.decode()).replace(name, "")


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(client, cast):
    wrong = sign_in(client, "cun", "Wrong-password-1")
    unknown = sign_in(client, "nun", "Wrong-password-1")
    assert wrong.status_code == unknown.status_code == 200
    assert _without_token(wrong.content, "cun") == _without_token(unknown.content, "nun")


def test_a_failed_login_keeps_the_name_only_of_a_real_user(client, cast):
    sign_in(client, "my-secret-password", "Wrong-password-1")
    sign_in(client, "cun", "Wrong-password-1")
    stranger, known = AuditEntry.objects.filter(action="login.failed").order_by("sequence")
    assert stranger.detail == {}
    assert known.detail == {"username": "cun"}
    assert "Wrong-password-1" not in str(list(AuditEntry.objects.values()))


def test_five_failures_lock_this_user_at_this_address_only(client, cast, settings):
    settings.LOGIN_REDIRECT_URL = "/accounts/security/"
    answers = [sign_in(client, "cun", "Wrong-password-1") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    locked = sign_in(client, "cun")
    assert locked.status_code == 429
    assert "暂时不能登录" in locked.content.decode()
    assert sign_in(Client(), "zhen").status_code == 302
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), "cun").status_code == 302
    assert AuditEntry.objects.filter(action="login.locked").count() == 1
    assert AuditEntry.objects.filter(action="login.failed").count() == 4


def test_signing_out_needs_a_post_and_ends_the_session(client, cast):
    client.force_login(cast.village)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/accounts/security/").status_code == 302


def test_a_disabled_user_is_out_at_once(client, cast):
    client.force_login(cast.village)
    cast.village.is_active = False
    cast.village.save()
    assert client.get("/accounts/security/")["Location"].startswith(LOGIN)
    assert sign_in(client, "cun").status_code == 200


def test_a_first_password_must_be_changed_before_anything_else(client, cast):
    cast.village.must_change_password = True
    cast.village.save()
    client.force_login(cast.village)
    assert client.get("/accounts/security/")["Location"] == "/accounts/password/"
    new = {"old_password": PASSWORD, "new_password1": "Another-2023-one", "new_password2": "Another-2023-one"}
    assert client.post("/accounts/password/", new).status_code == 302
    assert client.get("/accounts/security/").status_code == 200
    assert AuditEntry.objects.filter(action="user.password_change").exists()


@pytest.mark.parametrize("password", [PASSWORD, "short-A1", "alllowercaseletters", "1234567890"])
def test_a_new_password_must_be_another_and_a_good_one(client, cast, password):
    client.force_login(cast.village)
    new = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    answer = client.post("/accounts/password/", new)
    assert answer.status_code == 200
    assert "请改正" in answer.content.decode()


def test_a_changed_password_ends_the_sessions_on_other_machines(client, cast):
    other = Client()
    other.force_login(cast.village)
    client.force_login(cast.village)
    new = {"old_password": PASSWORD, "new_password1": "Another-2023-one", "new_password2": "Another-2023-one"}
    client.post("/accounts/password/", new)
    assert client.get("/accounts/security/").status_code == 200
    assert other.get("/accounts/security/").status_code == 302


def test_someone_without_a_posting_is_told_so(client, cast):
    client.force_login(cast.nobody)
    assert "还没有任职单位" in client.get("/accounts/security/").content.decode()


def test_a_form_sent_after_the_session_ended_leads_back_to_a_page(client, cast):
    assert client.post("/accounts/logout/")["Location"] == f"{LOGIN}?next=/"
    assert client.get("/accounts/users/?q=x")["Location"] == f"{LOGIN}?next=/accounts/users/%3Fq%3Dx"
