"""How passwords are hashed and what a good one must contain."""

import re

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


class OfficeArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB per check (OWASP's second option): a morning of logins must not exhaust the server."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class ThreeClassesValidator:
    """At least three of: lower case, upper case, digits, other characters (等保 2.0 口令复杂度)."""

    def validate(self, password: str, user=None) -> None:
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三种。"
