"""`manage.py rotate_keys`: seal everything anew with the first key of FIELD_KEYS; `--check` says what is left."""

from django.core.management.base import CommandError

from accounts import audit
from accounts.management import LedgerCommand
from config import rotation
from lib.crypto import Undecryptable, key_ring


class Command(LedgerCommand):
    help = "用 FIELD_KEYS 的第一把密钥重新加密全部内容；可以中断，再运行时从剩下的继续。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--check", action="store_true", help="only count; exit 1 while an old key is needed"
        )

    def handle(self, *args, **options) -> None:
        done = 0 if options["check"] else self._rotate(options["json"])
        counts = rotation.keys_in_use()
        left, backups = rotation.remaining(counts), [path.name for path in rotation.old_backups()]
        answer = {
            "current": rotation.current_key(),
            "ring": list(key_ring().kids),
            "done": done,
            "remaining": left,
            "places": {place: dict(keys) for place, keys in counts.items()},
            "backups_with_old_keys": backups,
        }
        self.answer(answer, options["json"], self._lines(answer))
        if left:
            raise SystemExit(1)

    def _rotate(self, quiet: bool) -> int:
        def tell(place: str, number: int) -> None:
            if not quiet and number % 10_000 < rotation.BATCH:
                self.stderr.write(f"{place}：已重新加密 {number}")

        try:
            done = rotation.rotate(tell)
        except Undecryptable as error:
            raise CommandError(f"没有做完：{error}请确认旧密钥还在 FIELD_KEYS 中，再运行一次。") from None
        if done.total():
            audit.record("keys.rotate", to=rotation.current_key(), places=dict(done))
        return done.total()

    @staticmethod
    def _lines(answer: dict) -> list[str]:
        lines = [
            f"{place}：" + "，".join(f"密钥 {key} {number} 处" for key, number in keys.items())
            for place, keys in answer["places"].items()
            if keys
        ]
        if answer["remaining"]:
            lines.append(f"还有 {answer['remaining']} 处不是现在的密钥 {answer['current']}，旧密钥不能去掉。")
        else:
            lines.append(f"全部内容都已使用现在的密钥 {answer['current']}，旧密钥可以从 FIELD_KEYS 中去掉。")
        if answer["backups_with_old_keys"]:
            lines.append(
                f"另有 {len(answer['backups_with_old_keys'])} 份备份要用旧密钥才能打开，请另行保存旧密钥。"
            )
        return lines
