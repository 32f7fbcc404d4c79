"""`manage.py export_workbook --kind KIND --unit CODE --month YYYY-MM --as USER --out FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.authority import NotAllowed
from accounts.management import LedgerCommand, acting_user, month_argument, named_unit
from jobs.exports import allowed, write_export


class Command(LedgerCommand):
    help = "把用户看得到的行导出为 xlsx 或 csv 文件，并记入操作记录。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--kind", required=True, help="种类，如 laborers")
        parser.add_argument("--unit", required=True, help="单位编码")
        parser.add_argument("--month", type=month_argument, help="月份，如 2023-03")
        parser.add_argument("--as", dest="user", required=True, help="以哪个用户的身份")
        parser.add_argument("--out", required=True, type=Path, help="写到哪个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        user, out = acting_user(options["user"]), options["out"]
        unit = named_unit(options["unit"])
        try:
            export = allowed(options["kind"], user, unit)
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = write_export(export, user, unit, options["month"], out, csv=out.suffix.lower() == ".csv")
        data = {"kind": export.name, "unit": unit.code, "month": str(options["month"] or ""), "rows": rows}
        self.answer(data | {"out": str(out)}, options["json"], [f"已导出{rows}行。"])
