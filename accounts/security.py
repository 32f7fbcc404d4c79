"""Second factors: who must have one, and how a phone is bound."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.http import HttpRequest

from accounts.models import Phone
from accounts.roles import Role
from lib.crypto import blind_index

SECOND_FACTOR_ROLES = frozenset({Role.CITY, Role.ADMIN})
DEVICE_NAME = "手机动态码"


def readable_secret(device: Phone) -> str:
    """The secret in groups of four, for phones that cannot scan."""
    text = device.secret
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def first_code_fits(device: Phone, code: str) -> bool:
    """Whether the phone shows the code of a device that is not stored yet; the code is then spent."""
    step = device.step_of(code)
    if step is not None:
        device.last_t = step
    return step is not None


def name_for_lock(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """What failed attempts are counted under: people type ID numbers and passwords into the wrong box."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return blind_index(typed, "login.name")


def address(request: HttpRequest) -> str:
    """Where a request comes from: behind the proxy of a server its X-Real-IP, which the proxy always sets itself."""
    direct = request.META.get("REMOTE_ADDR", "")
    return request.META.get("HTTP_X_REAL_IP", direct) if settings.SECURE_PROXY_SSL_HEADER else direct


def must_have_second_factor(user) -> bool:
    asked = settings.TOTP_EVERYONE or bool(user.roles & SECOND_FACTOR_ROLES)
    return settings.TOTP and not user.is_demo and asked


def owes_second_factor(user) -> bool:
    """Whether this session still lacks the second factor that the user's role (or own choice) asks for."""
    if not settings.TOTP or user.is_verified():
        return False
    return must_have_second_factor(user) or confirmed_device(user) is not None


def may_have_second_factor() -> bool:
    return settings.TOTP


def confirmed_device(user) -> Phone | None:
    return Phone.objects.filter(user=user, confirmed=True).first()


def new_secret() -> str:
    """160 random bits as hexadecimal, the length RFC 4226 recommends."""
    return secrets.token_hex(20)


def device_for(user, secret: str) -> Phone:
    """A phone that is being bound: not stored before its first correct code."""
    return Phone(user=user, key=secret, name=DEVICE_NAME, confirmed=True)


def qr_code(device: Phone) -> str:
    """The binding address as a picture for an img tag (a data: address; nothing is sent anywhere)."""
    issuer = settings.OTP_TOTP_ISSUER
    label = quote(f"{issuer}:{device.user.get_username()}")
    address = f"otpauth://totp/{label}?{urlencode({'secret': device.secret, 'issuer': issuer})}"
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2)
