"""The installation under load: servers of its own, the demo city, many officers, workbooks of people nobody has."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fault.place import MONTH, Beat, Web, Worker
from tests.load.browser import Address, Officer
from tests.stack import Postgres, Redis, Server

OFFICERS = {"village": 120, "township": 20, "county": 2}
PER_OFFICER = 60  # people, at most
HEADINGS = ("单位编码", "姓名", "身份证号码", "是否务工", "劳动能力", "务工地点", "就业形式", "就业单位名称",
            "就业时间", "月平均工资", "所属产业行业", "户编号", "户主姓名", "户类型", "与户主关系", "健康状况",
            "文化程度", "政治面貌", "技能等级", "民族", "家庭地址", "是否签订劳动合同", "是否缴纳社会保险",
            "就业渠道", "经帮扶实现就业")  # fmt: skip
PLACES = ("广东省深圳市南山区", "湖北省武汉市洪山区", "浙江省杭州市西湖区")


class Gunicorn(Web):
    """gunicorn as docs/operating.md starts it, or with other values of its options."""

    def __init__(self, folder: Path, environment: dict[str, str], choice: dict[str, str]) -> None:
        super().__init__(folder, environment)
        self.choice = choice

    def command(self) -> list[str]:
        command = super().command()
        for name, value in self.choice.items():
            command[command.index(name) + 1] = value
        return command


class Queue(Worker):
    """The worker of one queue."""

    def __init__(self, folder: Path, environment: dict[str, str], queue: str, concurrency: int) -> None:
        super().__init__(folder, environment, queue)
        self.queues, self.concurrency = queue, concurrency

    def command(self) -> list[str]:
        command = super().command()
        command[command.index("--concurrency") + 1] = str(self.concurrency)
        return command


class City:
    """Servers, officers and their people; the controlling process reads the same database."""

    def __init__(self, folder: Path, gunicorn: dict[str, str]) -> None:
        self.folder, self.gunicorn = folder, gunicorn
        self.stack = contextlib.ExitStack()
        self.officers: dict[str, list[Officer]] = {}
        self.password = self.top = ""
        self.serial = 0

    def open(self) -> None:
        """Start PostgreSQL and Redis, load the city, make the officers, start web, workers and beat."""
        data = self.folder / "data"
        data.mkdir()
        self.postgres = self._start(Postgres(self._folder("postgres")))
        self.redis = self._start(Redis(self._folder("redis")))
        for name in ("MODE", "FIELD_KEYS", "INDEX_KEY", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ.update(DATA_DIR=str(data), DEMO="1", TOTP="off", DJANGO_SETTINGS_MODULE="config.settings",
                          SECRET_KEY=secrets.token_urlsafe(50), LOG_LEVEL="WARNING",
                          DATABASE_URL=self.postgres.url, REDIS_URL=self.redis.url)  # fmt: skip
        environment = dict(os.environ)
        os.environ["WALL_OPEN"] = "1"  # this process sees everybody; the servers say themselves what they see
        self._load()
        self.web = self._start(Gunicorn(self.folder, environment, self.gunicorn))
        self.small = self._start(Queue(self.folder, environment, "small", 2))
        self.big = self._start(Queue(self.folder, environment, "big", 1))
        self._start(Beat(self.folder, environment, "beat"))
        self.address = Address(self.web.port)

    def close(self) -> None:
        """End every server."""
        with contextlib.suppress(ImportError):
            from django.db import connections

            connections.close_all()
        self.stack.close()

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _start(self, server: Server) -> Any:
        server.start()
        self.stack.callback(server.stop)
        return server

    def _load(self) -> None:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        with contextlib.redirect_stdout(io.StringIO()):
            call_command("load_demo", "--scale", "city", "--json")
        from accounts.models import Unit
        from reports.demo.load import PASSWORD

        self.top = Unit.objects.get(parent=None).code

        self.password = PASSWORD
        self.officers = {level: list(_officers(level, count)) for level, count in OFFICERS.items()}

    def reset(self) -> None:
        """Nobody whom an officer will save is verified or has a form: the first step then changes something."""
        from ledgers.models import CollectionForm, FormPaper, MonthlyRecord

        people = [person for officer in self.officers["village"] for person in officer.people]
        FormPaper.objects.filter(form__laborer__in=people).delete()
        CollectionForm.objects.filter(laborer__in=people).delete()
        MonthlyRecord.objects.filter(laborer__in=people, month=MONTH).update(
            verify_state="未核实", verified_how="", verified_at=None, verified_by=None
        )

    def workbook(self, villages: list[str], count: int) -> bytes:
        """New people by turns in these villages, 25 columns each."""
        from lib.sheets import write_rows_fast

        out = io.BytesIO()
        first, self.serial = self.serial, self.serial + count
        rows = (_person(number, villages[number % len(villages)]) for number in range(first, first + count))
        write_rows_fast(out, HEADINGS, rows, numeric={"月平均工资"})
        return out.getvalue()


def _person(number: int, village: str) -> list[Any]:
    from tests.factories import citizen_id

    born = dt.date(1966, 1, 1) + dt.timedelta(days=number // 792)
    serial = 100 * (number // 99 % 8 + 1) + number % 99 + 1  # never two zeros at the end
    name = f"示例{chr(0x4E00 + number % 9000)}"
    return [village, name, citizen_id(serial, born), "是", "普通劳动力", PLACES[number % 3], "单位就业",
            f"示例{number % 500}厂", "2022年10月", 3000 + number % 50 * 100, "普工", f"99L{number:09d}", name,
            "脱贫户", "户主", "健康", "初中", "群众", "无", "汉族", f"示例路{number % 300}号", "是", "否",
            "自主就业", "否"]  # fmt: skip


def _officers(level: str, count: int) -> Iterator[Officer]:
    """Users of so many offices of a level, those with most people, all with the demonstration's hash."""
    from django.db.models import Count, OuterRef, Subquery
    from django.utils import timezone

    from accounts.models import Posting, Unit, User
    from ledgers.models import MonthlyRecord

    hashed = User.objects.get(username="demo_village").password
    people = MonthlyRecord.objects.filter(month=MONTH).order_by("laborer_id")
    inside = people.order_by().filter(village__path__startswith=OuterRef("path")).values("month")
    size = Subquery(inside.annotate(count=Count("pk")).values("count"))
    largest = (
        Unit.objects.filter(level=level).annotate(size=size).exclude(size=None).order_by("-size", "code")
    )
    for number, unit in enumerate(largest[:count], 1):
        rows = people.filter(village__path__startswith=unit.path)
        own = list(rows.values_list("laborer_id", "laborer__name")[:PER_OFFICER])
        user = User.objects.create(
            username=f"load_{level}_{number}", name=f"{unit.name}信息员", password=hashed,
            must_change_password=False, password_changed_at=timezone.now(), is_demo=True,
        )  # fmt: skip
        Posting.objects.create(user=user, unit=unit, role=level, since=dt.date(2022, 1, 1))
        names = [name for _, name in own]
        yield Officer(user.username, unit.code, [pk for pk, _ in own], names)


@contextlib.contextmanager
def opened(folder: Path, gunicorn: dict[str, str]) -> Iterator[City]:
    """A city that is closed again whatever happens."""
    city = City(folder, gunicorn)
    try:
        city.open()
        yield city
    finally:
        city.close()
