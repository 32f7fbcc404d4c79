"""`manage.py drill`: restore the newest backup elsewhere every night, so that nobody finds out too late."""

from pathlib import Path

from django.core.management.base import CommandError

from accounts.management import LedgerCommand
from config.backup import drill
from config.backup_archive import Refused


class Command(LedgerCommand):
    help = "把最近的备份恢复到别处，核对行数、操作记录、已印发通报、加密样本并登录一次，然后丢弃。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "file", metavar="FILE", type=Path, nargs="?", help="default: newest in BACKUP_DIR"
        )
        parser.add_argument("--max-age", type=float, default=26, help="hours; an older backup is a failure")

    def handle(self, *args, **options) -> None:
        try:
            done = drill(options["file"], options["max_age"])
        except Refused as refusal:
            raise CommandError(f"恢复演练没有通过：{refusal}") from None
        except OSError as error:
            raise CommandError(f"恢复演练没有做成：{error.strerror}。") from None
        self.answer(
            done,
            options["json"],
            [
                f"恢复演练通过：{done['file']}（{done['age_hours']} 小时前），{done['tables']} 张表 "
                f"{done['rows']} 行、{done['files']} 个文件核对一致，可以登录，用时 {done['seconds']} 秒。"
            ],
        )
