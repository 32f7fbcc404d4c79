"""Second factors: who must have one, and how a phone is bound."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.roles import Role
from lib.crypto import blind_index

SECOND_FACTOR_ROLES = frozenset({Role.CITY, Role.ADMIN})
DEVICE_NAME = "手机动态码"
DRIFT = 1  # steps of 30 seconds that a phone's clock may be off


def readable_secret(device: TOTPDevice) -> str:
    """The secret in groups of four, for phones that cannot scan."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def first_code_fits(device: TOTPDevice, code: str) -> bool:
    """Whether the phone shows the code of a device that is not stored yet; the code is then spent."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    if not totp.verify(int(code), device.tolerance):
        return False
    device.last_t = totp.t()
    return True


def name_for_lock(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """What failed attempts are counted under: people type ID numbers and passwords into the wrong box."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return blind_index(typed, "login.name")


def must_have_second_factor(user) -> bool:
    return settings.TOTP and not user.is_demo and bool(user.roles & SECOND_FACTOR_ROLES)


def owes_second_factor(user) -> bool:
    """Whether this session still lacks the second factor that the user's role (or own choice) asks for."""
    if not settings.TOTP or user.is_verified():
        return False
    return must_have_second_factor(user) or confirmed_device(user) is not None


def may_have_second_factor() -> bool:
    return settings.TOTP


def confirmed_device(user) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def new_secret() -> str:
    """160 random bits as hexadecimal, the length RFC 4226 recommends."""
    return secrets.token_hex(20)


def device_for(user, secret: str) -> TOTPDevice:
    """A phone that is being bound: not stored before its first correct code."""
    return TOTPDevice(user=user, key=secret, name=DEVICE_NAME, tolerance=DRIFT, confirmed=True)


def qr_code(device: TOTPDevice) -> str:
    """The binding address as a picture for an img tag (a data: address; nothing is sent anywhere)."""
    return segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=2)
