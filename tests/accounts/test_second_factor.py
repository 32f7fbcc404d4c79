"""The second factor: owed by city and administrators, offered to the rest, reset by those above."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import actions
from accounts.audit import AuditEntry
from accounts.models import Phone
from accounts.security import device_for, new_secret

PAGE = "/accounts/second-factor/"
SECURITY = "/accounts/security/"


@pytest.fixture(autouse=True)
def switched_on(settings):
    settings.TOTP = True


def code(device: Phone) -> str:
    return f"{totp(bytes.fromhex(device.key)):06d}"


def bind(client: Client) -> None:
    client.get(PAGE)
    device = device_for(None, client.session["second_factor_secret"])
    assert client.post(PAGE, {"token": code(device)}).status_code == 302


@pytest.mark.parametrize("who", ["city", "admin"])
def test_city_and_administrators_bind_a_phone_before_anything_else(client, cast, who):
    client.force_login(cast.everyone()[who])
    assert client.get(SECURITY)["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert "data:image/svg+xml" in page
    bind(client)
    assert client.get(SECURITY).status_code == 200


@pytest.mark.parametrize("who", ["village", "county", "auditor"])
def test_others_are_offered_one(client, cast, who):
    client.force_login(cast.everyone()[who])
    assert PAGE in client.get(SECURITY).content.decode()
    bind(client)
    again = Client()
    again.force_login(cast.everyone()[who])
    assert again.get(SECURITY)["Location"] == PAGE


def test_looking_at_the_page_stores_no_phone(client, cast):
    client.force_login(cast.city)
    client.get(PAGE)
    assert not Phone.objects.exists()
    client.post(PAGE, {"token": "000000"})
    assert not Phone.objects.exists()


@pytest.fixture
def bound(cast):
    device = actions.bind_second_factor(cast.city, device_for(cast.city, new_secret()))
    client = Client()
    client.force_login(cast.city)
    return client, device


def test_a_right_code_opens_and_is_spent(bound, cast):
    client, device = bound
    right = code(device)
    assert client.post(PAGE, {"token": right}).status_code == 302
    assert client.get(SECURITY).status_code == 200
    thief = Client()
    thief.force_login(cast.city)
    assert thief.post(PAGE, {"token": right}).status_code == 200
    assert thief.get(SECURITY)["Location"] == PAGE


def test_wrong_codes_open_nothing_and_slow_down(bound):
    client, device = bound
    wrong = f"{(int(code(device)) + 1) % 1_000_000:06d}"
    for _ in range(3):
        assert client.post(PAGE, {"token": wrong}).status_code == 200
    answer = client.post(PAGE, {"token": code(device)})
    assert "连续输错" in answer.content.decode()
    assert client.get(SECURITY)["Location"] == PAGE
    assert AuditEntry.objects.filter(action="second_factor.failed").exists()


def test_a_lost_phone_is_unbound_by_an_administrator(bound, cast):
    client, _ = bound
    actions.reset_second_factor(cast.city, cast.admin)
    assert "data:image/svg+xml" in client.get(PAGE).content.decode()


def test_a_session_that_entered_the_code_survives_no_reset(bound, cast):
    client, device = bound
    client.post(PAGE, {"token": code(device)})
    actions.reset_second_factor(cast.city, cast.admin)
    assert client.get(SECURITY)["Location"] == PAGE


def test_switched_off_nobody_owes_one(client, cast, settings):
    settings.TOTP = False
    client.force_login(cast.city)
    assert client.get(SECURITY).status_code == 200


def test_a_stolen_password_cannot_set_a_new_one(bound, cast):
    """The code comes first, even where a first password must be changed."""
    client, device = bound
    assert client.get("/accounts/password/")["Location"] == PAGE
    cast.city.must_change_password = True
    cast.city.save()
    assert client.get("/accounts/password/")["Location"] == PAGE
    client.post(PAGE, {"token": code(device)})
    assert client.get(SECURITY)["Location"] == "/accounts/password/"
    assert client.get("/accounts/password/").status_code == 200


def test_one_can_always_sign_out(client, cast):
    client.force_login(cast.city)
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_everybody_owes_one_where_the_office_says_so(client, cast, settings):
    settings.TOTP_EVERYONE = True
    client.force_login(cast.village)
    assert client.get(SECURITY)["Location"] == PAGE


def test_the_secret_is_encrypted_in_the_table(bound):
    _, device = bound
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM accounts_phone")
        (stored,) = cursor.fetchone()
    assert device.key not in stored
    assert stored.startswith("v1:")


def test_one_code_sent_twice_at_once_opens_once(bound):
    _, device = bound
    right, other = code(device), Phone.objects.get(pk=device.pk)
    assert other.verify_token(right)
    assert not device.verify_token(right)  # read before the other one was spent


def test_a_phone_bound_before_secrets_were_encrypted_still_opens(cast):
    old = TOTPDevice.objects.create(user=cast.city, name="手机动态码", key=new_secret())
    import_module("accounts.migrations.0006_phone").bring_over(apps, None)
    assert Phone.objects.get(user=cast.city).verify_token(f"{totp(old.bin_key):06d}")
    assert not TOTPDevice.objects.exists()
