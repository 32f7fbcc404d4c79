"""`manage.py backup FILE`: everything of this installation but its keys, in one encrypted file."""

from pathlib import Path

from django.core.management.base import CommandError

from accounts.management import LedgerCommand
from config.backup import back_up
from config.backup_archive import Refused


class Command(LedgerCommand):
    help = "把数据库和文件备份成一个加密文件（不含密钥）；FILE 是文件夹时自动按时间命名。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--keep", type=int, default=0, help="of the folder, keep only the newest N backups"
        )

    def handle(self, *args, **options) -> None:
        try:
            done = back_up(options["file"], options["keep"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"备份没有写成：{error.strerror}。") from None
        self.answer(
            done,
            options["json"],
            [
                f"已备份到 {done['file']}：{done['tables']} 张表 {done['rows']} 行，{done['files']} 个文件，"
                f"{done['size'] / 1e6:.1f} MB，用时 {done['seconds']} 秒。",
                f"SHA-256 {done['sha256']}；密钥不在备份里，请另行保存。",
            ],
        )
