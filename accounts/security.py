"""Passwords, second factors and who must have one."""

from django.conf import settings

from accounts.roles import Role

SECOND_FACTOR_ROLES = frozenset({Role.CITY, Role.ADMIN})


def owes_second_factor(user) -> bool:
    """Whether this session still lacks the second factor that the user's role (or own choice) asks for."""
    if not settings.TOTP or user.is_verified():
        return False
    return bool(user.roles & SECOND_FACTOR_ROLES) or user.totpdevice_set.filter(confirmed=True).exists()
