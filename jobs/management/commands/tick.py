"""`manage.py tick`: once a minute from cron where neither beat nor a web process does it."""

from django.conf import settings

from accounts.management import LedgerCommand
from jobs import dispatch, runner


class Command(LedgerCommand):
    help = "把中断的任务重新排队，把等待的任务再派发一次；没有 Redis 时就在这里逐个完成。"

    def handle(self, *args, **options) -> None:
        done = dispatch.tick()
        if not settings.REDIS_URL:
            done["finished"] = runner.run_waiting()
        self.answer(done, options["json"])
