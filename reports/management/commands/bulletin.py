"""manage.py bulletin --type T1 --unit CODE --month YYYY-MM --as USER --format html|docx|pdf|xlsx|json --out FILE"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.management import LedgerCommand, acting_user, month_argument, named_unit
from accounts.models import User
from lib.month import Month
from reports.bulletins import actions, formats
from reports.models import Bulletin

PRINTABLE = ("html", "json")


class Command(LedgerCommand):
    help = "Write a bulletin to a file: the living version, or a new draft when there is none and the user may write."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--type", default="T1", choices=["T1"])
        parser.add_argument("--unit", required=True)
        parser.add_argument("--month", required=True)
        parser.add_argument("--as", dest="user", required=True)
        parser.add_argument("--format", default="json", choices=list(formats.CONTENT_TYPES))
        parser.add_argument("--out")

    def handle(self, *args: Any, **options: Any) -> None:
        form, out = options["format"], options["out"]
        if not out and form not in PRINTABLE:
            raise CommandError(f"{form} 文件须用 --out 指定存放的位置。")
        user, month = acting_user(options["user"]), month_argument(options["month"])
        bulletin = living_or_draft(options["unit"], month, user, options["type"])
        try:
            data = formats.content(bulletin, form)
        except LookupError as error:
            raise CommandError(f"正文的数据项“{error.args[0]}”没有取到数字，请先刷新数据。") from error
        except formats.Damaged as error:
            raise CommandError("保存的文件与印发时的校验码不一致，请核对备份。") from error
        if not out:
            self.stdout.write(data.decode())
            return
        Path(out).write_bytes(data)
        answer = {
            "file": out,
            "bytes": len(data),
            "bulletin": str(bulletin.pk),
            "version": bulletin.version,
            "state": bulletin.state,
            "hash": bulletin.content_hash,
        }
        self.answer(
            answer, options["json"], [f"已写入 {out}（{bulletin.title}，{bulletin.get_state_display()}）"]
        )


def living_or_draft(code: str, month: Month, user: User, template: str) -> Bulletin:
    """The version in work or in force that the user may read; else a draft, where the user may write one."""
    found = Bulletin.objects.visible_to(user).filter(unit__code=code, month=month, template=template)
    living = found.exclude(state=Bulletin.State.WITHDRAWN).select_related("unit").first()
    if living:
        return living
    unit = named_unit(code, user, "bulletin", "w")
    try:
        return actions.draft(unit, month, user)
    except actions.Refused as error:
        raise CommandError(str(error)) from error
