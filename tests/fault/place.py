"""An installation of its own for the faults: servers of tests.stack, the demo village, people who save."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import http.cookies
import io
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.stack import ROOT, CeleryWorker, Postgres, Redis, Server, answers, free_port

VILLAGE, OFFICER, MONTH = "4202YX0408", "demo_village", "2023-03"
HOWS = ("电话", "微信", "上门")
RECOVERY_SECONDS = 120


def until(condition: Callable[[], Any], seconds: float = RECOVERY_SECONDS) -> float:
    """Wait for what happens in other processes. Returns the seconds it took; AssertionError when it does not."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > seconds:
            raise AssertionError(f"did not happen within {seconds:.0f} s")
        time.sleep(0.05)
    return time.monotonic() - begin


class Web(Server):
    """gunicorn as docs/operating.md starts it, with two workers; `module` is the WSGI module."""

    name = "web"

    def __init__(
        self, folder: Path, environment: dict[str, str], module: str = "config.wsgi", log: str = "web"
    ) -> None:
        self.name = log
        super().__init__(folder)
        self.environment, self.module = environment, module
        self.port = free_port()

    def command(self) -> list[str]:
        return [sys.executable, "-m", "gunicorn", self.module, "--bind", f"127.0.0.1:{self.port}",
                "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "60",
                "--log-level", "warning", "--no-control-socket"]  # fmt: skip

    def options(self) -> dict:
        return {"env": self.environment, "cwd": ROOT}

    def ready(self) -> bool:
        return answers(self.port) and Client(self.port).get("/healthz/")[0] == 200

    def workers(self) -> list[int]:
        """Process numbers of the workers."""
        assert self.process is not None
        return children(self.process.pid)


class Worker(CeleryWorker):
    """A worker of both queues that can be told which Celery application to run; `beat` is a process of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], name: str, app: str = "config") -> None:
        self.name, self.app = name, app
        super().__init__(folder, environment)

    def command(self) -> list[str]:
        command = super().command()
        command[command.index("-A") + 1] = self.app
        return [*command, "--hostname", f"{self.name}@127.0.0.1"]

    def pools(self) -> list[int]:
        """Process numbers of the children that do the work."""
        assert self.process is not None
        return children(self.process.pid)


class Beat(Server):
    """The clock that rescans the jobs."""

    def __init__(self, folder: Path, environment: dict[str, str], name: str) -> None:
        self.name = name
        super().__init__(folder)
        self.environment = environment

    def command(self) -> list[str]:
        return [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "INFO",
                "--schedule", str(self.folder / f"{self.name}.schedule"), "--pidfile="]  # fmt: skip

    def options(self) -> dict:
        return {"env": self.environment, "cwd": ROOT}

    def ready(self) -> bool:
        return b"beat: Starting" in self.log.read_bytes()


def children(pid: int) -> list[int]:
    """Process numbers of the children of a process, oldest first."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Client:
    """One officer's browser: cookies, forms with their token, and nothing else."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, dict[str, str], str]:
        """Status, headers, text."""
        return self._ask("GET", path)

    def post(self, path: str, data: dict[str, str]) -> tuple[int, dict[str, str], str]:
        """The same for a form."""
        body = urllib.parse.urlencode(data | {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")})
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, path: str, data: dict[str, str], name: str, content: bytes) -> tuple[int, dict, str]:
        """The same for a form with one file."""
        edge = secrets.token_hex(12)
        data = data | {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
                 for key, value in data.items()]  # fmt: skip
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{edge}--\r\n".encode()])
        return self._ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={edge}"})

    def sign_in(self, user: str, password: str) -> None:
        """Over the sign-in page, as anybody."""
        self.get("/accounts/login/")
        status, *_ = self.post("/accounts/login/", {"username": user, "password": password})
        assert status == 302, status

    def _ask(
        self, method: str, path: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
            connection.request(method, path, body, sent | (headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for name, value in answer.getheaders():
                if name == "Set-Cookie":
                    for key, morsel in http.cookies.SimpleCookie(value).items():
                        self.cookies[key] = morsel.value
            return answer.status, dict(answer.getheaders()), text
        finally:
            connection.close()


def contact(how: str, shown: str) -> dict[str, str]:
    """The form of 无变化, with a client key of its own."""
    return {"how": how, "outcome": "unchanged", "shown": shown, "client_key": str(uuid.uuid4())}


def marks(people: list[int]) -> dict[int, str]:
    """What the screens of these people carry, read from the database instead of their pages."""
    from ledgers.collection.contacts import believed, mark
    from ledgers.models import MonthlyRecord

    rows = MonthlyRecord.objects.filter(laborer__in=people, month=MONTH).select_related("laborer__intention")
    return {row.laborer_id: mark(row, believed(row)) for row in rows.prefetch_related("laborer__spells")}


class Saver(threading.Thread):
    """Verifies its own people by turns, each time in another way, and tries until the answer is an acknowledgement.

    Each step keeps its client key while it tries again, so after n acknowledged steps a person has exactly n entries of
    the audit trail: fewer is a lost save, more a doubled one.
    """

    def __init__(self, client: Client, people: list[int], steps: int) -> None:
        super().__init__(daemon=True)
        self.client, self.people, self.steps = client, people, steps
        self.shown = marks(people)
        self.acknowledged: dict[int, int] = dict.fromkeys(people, 0)
        self.last: dict[int, str] = {}
        self.refused: list[int] = []
        self.retry_after = 0
        self.broken = 0
        self.slowest = 0.0
        self.halt = threading.Event()

    def run(self) -> None:
        for step in range(self.steps):
            for person in self.people:
                if self.halt.is_set():
                    return
                self._until_acknowledged(person, HOWS[step % len(HOWS)])

    def _until_acknowledged(self, person: int, how: str) -> None:
        sent = contact(how, self.shown[person])
        while not self.halt.is_set():
            begin = time.monotonic()
            try:
                status, headers, _ = self.client.post(f"/ledgers/people/{person}/contact/{MONTH}/", sent)
            except OSError as error:
                self.broken += isinstance(error, OSError)
                time.sleep(0.1)
                continue
            except http.client.HTTPException:
                self.broken += 1
                time.sleep(0.1)
                continue
            finally:
                self.slowest = max(self.slowest, time.monotonic() - begin)
            if status == 302:
                self.acknowledged[person] += 1
                self.last[person] = how
                return
            self.refused.append(status)
            self.retry_after += "Retry-After" in headers
            time.sleep(0.1)


class Place:
    """The installation under test: folder, servers, environment; the controlling process uses its database too."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, kind
        self.stack = contextlib.ExitStack()
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None
        self.environment: dict[str, str] = {}
        self.people: list[int] = []
        self.password = ""
        self._taken = 0

    def open(self) -> None:
        """Start the servers, make the tables, load the demo village."""
        data = self.folder / "data"
        data.mkdir()
        os.environ.update(DATA_DIR=str(data), DEMO="1", TOTP="off", DJANGO_SETTINGS_MODULE="config.settings",
                          SECRET_KEY=secrets.token_urlsafe(50), LOG_LEVEL="WARNING")  # fmt: skip
        for name in ("DATABASE_URL", "REDIS_URL", "MODE", "FIELD_KEYS", "INDEX_KEY", "WALL_OPEN"):
            os.environ.pop(name, None)
        if self.kind == "postgres":
            self.postgres = Postgres(self._folder("postgres"))
            self.start(self.postgres)
            os.environ["DATABASE_URL"] = self.postgres.url
        os.environ["WALL_OPEN"] = "1"  # this process sees everybody; the servers say themselves what they see
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        with contextlib.redirect_stdout(io.StringIO()):
            call_command("load_demo", "--scale", "village", "--json")
        from ledgers.models import MonthlyRecord
        from reports.demo.load import PASSWORD

        rows = MonthlyRecord.objects.filter(village__code=VILLAGE, month=MONTH).order_by("laborer_id")
        untouched = rows.filter(laborer__contacts=None, laborer__forms=None)
        self.people = list(untouched.values_list("laborer_id", flat=True))
        self.password = PASSWORD
        # this process looks at everything, what it starts sees what it would see in an office
        self.environment = {key: value for key, value in os.environ.items() if key != "WALL_OPEN"}

    def close(self) -> None:
        """End every server."""
        from django.db import connections

        connections.close_all()
        self.stack.close()

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def start(self, server: Server) -> Any:
        """Start a server that ends with the installation."""
        server.start()
        self.stack.callback(server.stop)
        return server

    @contextlib.contextmanager
    def web(self, module: str = "config.wsgi", **environment: str) -> Iterator[Web]:
        """gunicorn for one fault."""
        server = Web(self.folder, self.environment | environment, module)
        server.start()
        try:
            yield server
        finally:
            server.stop()

    def broker(self) -> dict[str, str]:
        """Redis for the rest of the run; the environment that names it."""
        if self.redis is None:
            self.redis = self.start(Redis(self._folder("redis")))
        return self.environment | {"REDIS_URL": self.redis.url}

    def take(self, count: int) -> list[int]:
        """People whom no other fault has touched and nobody has verified."""
        from ledgers.models import MonthlyRecord

        taken = self.people[self._taken : self._taken + count]
        assert len(taken) == count, "the demo village has too few people"
        self._taken += count
        rows = MonthlyRecord.objects.filter(laborer__in=taken, month=MONTH)
        rows.update(verify_state="未核实", verified_how="", verified_at=None, verified_by=None)
        return taken

    def client(self, port: int, user: str = OFFICER) -> Client:
        """A signed-in officer."""
        client = Client(port)
        client.sign_in(user, self.password)
        return client

    def savers(self, port: int, count: int, people: int, steps: int) -> list[Saver]:
        """Officers who save at the same time, each their own people."""
        made = [Saver(self.client(port), self.take(people), steps) for _ in range(count)]
        for saver in made:
            saver.start()
        return made

    def workbook(self, first: int, count: int) -> bytes:
        """A workbook of new people of the village, with numbers that nobody has."""
        from lib.sheets import Table, write_workbook
        from tests.factories import citizen_id
        from tests.ledgers.sheets import working

        lines = []
        for number in range(first, first + count):
            born = dt.date(1972, 1, 1) + dt.timedelta(days=number // 792)
            serial = 100 * (number // 99 % 8 + 1) + number % 99 + 1  # never two zeros at the end
            row = working(姓名=f"示例{chr(0x4E00 + number % 9000)}", 身份证号码=citizen_id(serial, born))
            row["单位编码"] = VILLAGE
            del row["行政村"], row["联系电话"]
            lines.append(row)
        out = io.BytesIO()
        write_workbook(out, [Table("台账", list(lines[0]), [list(line.values()) for line in lines])])
        return out.getvalue()


def kill(pid: int) -> bool:
    """SIGKILL; whether there was such a process."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def command(place: Place, *arguments: str) -> subprocess.Popen:
    """A manage.py command as a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=place.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
