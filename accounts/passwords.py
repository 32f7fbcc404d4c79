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


# What somebody who knows the office would try first; docs/security.md says how they are used.
OFFICE_WORDS = (
    "password", "passw0rd", "passwd", "mima", "admin", "guanliyuan", "root", "test", "user", "qwerty", "qazwsx",
    "asdfgh", "zxcvbn", "abcdef", "abc123", "123456", "654321", "111111", "888888", "666666", "1234", "aaaa",
    "wengang", "taizhang", "ledger", "jiuye", "wugong", "laodongli", "tuopin", "bangfu", "xiangcun", "zhenxing",
    "renshe", "rensheju", "huangshi", "yangxin", "daye", "hubei", "cun", "zhen", "xian", "shi", "weiyuanhui", "稳岗",
    "台账", "就业", "务工", "脱贫", "帮扶", "乡村", "振兴", "人社", "密码", "管理员",
)  # fmt: skip
LEFT = 6  # characters that must remain when those words are taken out


class OfficeWordsValidator:
    """Not made of words that belong to the office, the user or the keyboard, however they are joined."""

    def validate(self, password: str, user=None) -> None:
        unit = user.home_unit if user and user.pk else None
        own = (user.username, user.name) if user else ()
        words = {
            word.lower() for word in (*OFFICE_WORDS, *own, *((unit.code, unit.name) if unit else ())) if word
        }
        pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        if len(re.sub(pattern, "", password.lower())) < LEFT:
            raise ValidationError(self.get_help_text(), code="password_of_office_words")

    def get_help_text(self) -> str:
        return "密码不能主要由单位、姓名、业务用语或键盘上相邻的字符组成。"


class ThreeClassesValidator:
    """At least three of: lower case, upper case, digits, other characters (等保 2.0 口令复杂度)."""

    def validate(self, password: str, user=None) -> None:
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三种。"
