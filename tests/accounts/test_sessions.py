"""How long a session lasts, what it leaves behind, and where a failed sign-in is counted."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.passwords import OfficeArgon2Hasher, OfficeWordsValidator
from tests.cast import PASSWORD

LOGIN, PAGE = "/accounts/login/", "/accounts/security/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """Call it with minutes to let them pass."""
    now = [timezone.now()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now[0])

    def passes(minutes: int) -> None:
        now[0] += dt.timedelta(minutes=minutes)

    return passes


def sign_in(client: Client, **extra):
    return client.post(LOGIN, {"username": "cun", "password": PASSWORD}, **extra)


def signed_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_a_day_of_work_may_be_silent(client, cast, clock):
    sign_in(client)
    clock(478)
    assert signed_in(client)
    clock(3)
    assert not signed_in(client)


def test_where_an_hour_of_silence_is_too_long_it_ends_the_session_and_work_keeps_it(
    client, cast, clock, settings
):
    settings.SESSION_IDLE_MINUTES = 60
    sign_in(client)
    for minutes in (4, 50, 59, 59):
        clock(minutes)
        assert signed_in(client)
    clock(61)
    assert not signed_in(client)
    assert "_auth_user_id" not in client.session


def test_after_eight_hours_everybody_signs_in_again(client, cast, clock):
    sign_in(client)
    for _ in range(15):
        clock(30)
        assert signed_in(client)
    clock(29)
    assert signed_in(client)
    clock(2)
    assert not signed_in(client)


def test_signing_in_gives_the_session_another_name(client, cast):
    client.get(f"{LOGIN}?next=/")
    client.cookies["sessionid"] = "a" * 32
    sign_in(client)
    first = client.cookies["sessionid"].value
    assert first != "a" * 32
    client.post("/accounts/logout/")
    sign_in(client)
    assert client.cookies["sessionid"].value != first


def test_a_phone_is_bound_only_shortly_after_the_password(client, cast, clock, settings):
    settings.TOTP = True
    sign_in(client)
    clock(10)
    assert client.get("/accounts/second-factor/").status_code == 200
    clock(1)
    away = client.get("/accounts/second-factor/")
    assert away["Location"] == f"{LOGIN}?next=/accounts/second-factor/"
    assert "请再输入一次密码" in client.get(LOGIN).content.decode()
    sign_in(client)
    assert client.get("/accounts/second-factor/").status_code == 200


def test_signing_out_clears_what_the_browser_kept(client, cast):
    sign_in(client)
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"storage"'


def test_behind_the_proxy_failures_are_counted_for_the_address_it_tells(client, cast, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    wrong = {"username": "cun", "password": "Wrong-password-1"}
    answers = [client.post(LOGIN, wrong, headers={"x-real-ip": "10.0.0.8"}) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert sign_in(client, headers={"x-real-ip": "10.0.0.9"}).status_code == 302


def test_without_a_proxy_nobody_chooses_an_address(client, cast):
    wrong = {"username": "cun", "password": "Wrong-password-1"}
    for number in range(5):
        client.post(LOGIN, wrong, headers={"x-real-ip": f"10.0.0.{number}"})
    assert sign_in(client).status_code == 429


@pytest.mark.parametrize(
    "password", ["Wengang-2023", "Ledger@123456", "Mima888888!", "稳岗台账Admin1", "Cun-99111-Qwe"]
)
def test_a_password_of_office_words_is_refused(cast, password):
    with pytest.raises(ValidationError, match="业务用语"):
        OfficeWordsValidator().validate(password, cast.village)


@pytest.mark.parametrize("password", ["Another-2023-one", "竹影扫阶尘不动", "Wengang-7-tihua-Lu"])
def test_words_of_the_office_are_no_harm_among_others(cast, password):
    OfficeWordsValidator().validate(password, cast.village)


def test_passwords_are_hashed_with_argon2id_at_19_mebibytes():
    assert (
        OfficeArgon2Hasher()
        .encode("a", "salt-of-16-bytes")
        .startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    )
