"""What every command needs: the acting user, a unit by its code, and an answer as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Unit, User
from lib.month import Month


def acting_user(username: str) -> User:
    """The user named by --as, whose scope applies to everything the command does."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"没有名为“{username}”的在用账号，请用 --as 指定一个用户名。")
    return user


def named_unit(code: str, user: User | None = None, subject: str = "figures", letter: str = "r") -> Unit:
    """The unit with this custody code, within the user's reach when a user is given."""
    units = Unit.objects.all() if user is None else Unit.objects.visible_to(user, subject, letter)
    unit = units.filter(code=code).first()
    if unit is None:
        raise CommandError(f"没有编码为“{code}”的单位，或不在该用户的管辖范围内。")
    return unit


def month_argument(text: str) -> Month:
    """`--month` as argparse wants it: 2023-03."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise CommandError(str(error)) from error


class LedgerCommand(BaseCommand):
    """A command of the contract: takes --json and answers with one JSON object or with plain lines."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def answer(self, data: dict[str, Any], as_json: bool, lines: list[str] | None = None) -> None:
        if as_json:
            self.stdout.write(json.dumps(data, ensure_ascii=False, default=str))
        else:
            self.stdout.write(
                "\n".join(lines if lines is not None else [f"{key}：{value}" for key, value in data.items()])
            )
