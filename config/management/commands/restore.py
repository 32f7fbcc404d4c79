"""`manage.py restore FILE`: bring a backup back, after it has passed every check beside the present data."""

from pathlib import Path

from django.core.management.base import CommandError

from accounts.management import LedgerCommand
from config.backup import restore
from config.backup_archive import Refused


class Command(LedgerCommand):
    help = "从备份恢复。先停止网页和任务服务；核对全部通过后才替换现有数据。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="the present database is not empty")

    def handle(self, *args, **options) -> None:
        try:
            done = restore(options["file"], options["replace"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"没有恢复：{error.strerror}。") from None
        lines = [
            f"已恢复 {done['made_at']} 的备份：{done['tables']} 张表 {done['rows']} 行、{done['files']} 个文件，"
            f"行数、操作记录、已印发通报和加密样本核对一致，用时 {done['seconds']} 秒。"
        ]
        if done["kept"]:
            lines.append(f"原来的数据保留在 {done['kept']}，确认无误后请删除。")
        if done["missing_files"]:
            lines.append(f"有 {done['missing_files']} 个文件在备份时已不在磁盘上。")
        self.answer(done, options["json"], lines)
