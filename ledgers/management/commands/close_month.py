"""`manage.py close_month --unit CODE --month YYYY-MM --as USER`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from accounts.authority import NotAllowed
from accounts.management import LedgerCommand, acting_user, month_argument, named_unit
from ledgers.actions import close_month


class Command(LedgerCommand):
    help = "关闭一个单位的月份：台账冻结，此后的更正须先重开。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--unit", required=True, help="单位编码")
        parser.add_argument("--month", required=True, type=month_argument, help="月份，如 2023-03")
        parser.add_argument("--as", dest="user", required=True, help="以哪个用户的身份")

    def handle(self, *args: Any, **options: Any) -> None:
        user, month = acting_user(options["user"]), options["month"]
        unit = named_unit(options["unit"], user, "month", "w")
        try:
            closing = close_month(unit, month, user)
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal
        data = {
            "unit": unit.code,
            "month": str(month),
            "closed_at": timezone.localtime(closing.closed_at).isoformat(timespec="seconds"),
            "people": closing.people,
            "counted": closing.counted,
        }
        lines = [f"{unit.name}{month.label}已关闭：共{closing.people}人，计入{closing.counted}人。"]
        self.answer(data, options["json"], lines)
