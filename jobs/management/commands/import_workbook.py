"""`manage.py import_workbook FILE --kind KIND --unit CODE --as USER [--month YYYY-MM] [--confirm] --json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.management import LedgerCommand, acting_user, month_argument, named_unit
from accounts.models import User
from jobs import imports
from jobs.imports.problems import sentence_of
from jobs.models import ImportBatch
from lib.sheets import Refused
from lib.staging import KINDS, Stale

COUNTS = ("read", "new", "changed", "same", "review", "rejected")
REFUSED = 2  # exit code
TRIES = 3


class Command(LedgerCommand):
    help = "校验一个工作簿；加 --confirm 时写入台账。文件被拒收时退出码为 2，什么都不保存。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, help="种类，如 laborers")
        parser.add_argument("--unit", required=True, help="单位编码")
        parser.add_argument("--as", dest="user", required=True, help="以哪个用户的身份")
        parser.add_argument("--month", type=month_argument, help="月份，如 2023-03")
        parser.add_argument("--sheet", default="", help="工作表名，文件有多个表时需要")
        parser.add_argument("--confirm", action="store_true", help="确认写入")

    def handle(self, *args: Any, **options: Any) -> None:
        user = acting_user(options["user"])
        unit = named_unit(options["unit"])
        try:
            batch = self._staged(user, unit, options)
        except Refused as refusal:
            self._refuse(refusal.message, options)
        except imports.NotNow as reason:
            self._refuse(str(reason), options)
        problems = list(imports.problems(batch))
        data = {"batch": batch.number, "status": batch.state}
        data |= {name: getattr(batch, name) for name in COUNTS} | {"problems": problems}
        self.answer(data, options["json"], [summary(batch), *map(sentence_of, problems)])

    def _staged(self, user: User, unit, options: dict[str, Any]) -> ImportBatch:
        """The batch, judged and perhaps confirmed; nothing stays behind when it is refused."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"没有找到文件 {path.name}。")
        month, kind = options["month"], options["kind"]
        batch = imports.receive(path, path.name, kind, unit, month, user, sheet=options["sheet"])
        try:
            batch = imports.judge(batch)
            if batch.state != ImportBatch.State.STAGED:
                raise Refused(batch.refusal)
            return _confirmed(batch, user) if options["confirm"] else batch
        except BaseException:
            imports.discard(batch)
            raise

    def _refuse(self, reason: str, options: dict[str, Any]) -> None:
        problem = {"sheet": "", "row": 0, "column": "", "value": "", "level": "reject", "message": reason}
        data = {"batch": None, "status": "refused"} | dict.fromkeys(COUNTS, 0) | {"problems": [problem]}
        self.answer(data, options["json"], [f"已拒收：{reason}"])
        raise SystemExit(REFUSED)


def _confirmed(batch: ImportBatch, user: User) -> ImportBatch:
    """Confirm; when another batch was written in between, judge again and repeat."""
    for _ in range(TRIES):
        try:
            return imports.confirm(batch, user)
        except Stale:
            batch = imports.judge(batch)
    raise imports.NotNow("台账正在被别的批次不断改动，没有写入，请稍后再试。")


def summary(batch: ImportBatch) -> str:
    kind = KINDS[batch.kind].title
    return (
        f"批次{batch.number}，{kind}，{batch.get_state_display()}：读入{batch.read}行，新增{batch.new}，"
        f"变更{batch.changed}，相同{batch.same}，待核{batch.review}，退回{batch.rejected}。"
    )
