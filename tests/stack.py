"""Private PostgreSQL, Redis and Celery worker for one command; nothing on the machine is touched or left behind.

    python -m tests.stack [--postgres] [--redis] [--redis-durable] [--celery] -- COMMAND…
    python -m tests.stack --install

The command finds them in DATABASE_URL and REDIS_URL, and its exit code is ours. Servers listen on free loopback
ports and keep their files in a temporary folder. The classes also serve tests that must kill a server.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import glob
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

START_SECONDS = 60
ROOT = Path(__file__).resolve().parent.parent

# what the tests start → the Debian package that has it
PROGRAMS = {
    "initdb": "postgresql",
    "redis-server": "redis-server",
    "chromium": "chromium",
    "pdftoppm": "poppler-utils",
    "NotoSansCJK": "fonts-noto-cjk",
}


def find(program: str) -> str | None:
    """The path of a program, of PostgreSQL's newest own folder, or of the font file."""
    if program == "NotoSansCJK":
        return next(iter(glob.glob("/usr/share/fonts/**/NotoSansCJK*", recursive=True)), None)
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    newest = max(folders, key=lambda folder: int(folder.split("/")[-2]), default="")
    return shutil.which(program) or shutil.which(program, path=newest)


def need(program: str) -> str:
    """The path of a program, or the end of the run with the line that installs it."""
    if path := find(program):
        return path
    package = PROGRAMS.get(program, PROGRAMS["initdb"])
    raise SystemExit(
        f"{program} is missing. Install it with: apt-get install --no-install-recommends {package}"
    )


def install() -> None:
    """Install what the tests need from Debian's packages; where that is not permitted, say how."""
    packages = sorted({package for program, package in PROGRAMS.items() if not find(program)})
    if not packages:
        return
    line = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if os.geteuid() or not shutil.which("apt-get"):
        raise SystemExit(f"The tests need more programs. Install them with: sudo {' '.join(line)}")
    print(f"Installing {', '.join(packages)} from Debian's packages.", flush=True)
    # RUNLEVEL keeps the packages from starting servers of their own: the tests start private ones.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    log = Path(tempfile.gettempdir()) / f"ledger-install-{os.getpid()}.log"
    for command in (["apt-get", "update", "-qq"], line):
        with log.open("a") as output:
            done = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text()[-2000:]}")
    log.unlink()


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    """Whether something accepts connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A process with a log, a moment when it is ready, and an end."""

    name = "server"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / f"{self.name}.log"
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        """The arguments that start the server."""
        raise NotImplementedError

    def options(self) -> dict:
        """Further arguments of Popen: user, environment."""
        return {}

    def ready(self) -> bool:
        """Whether the server serves."""
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it serves; a server that does not come up shows its log."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True, **self.options(),
            )  # fmt: skip
        self.wait_until(self.ready)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for the condition, at most START_SECONDS."""
        end = time.monotonic() + START_SECONDS
        while not condition():
            if self.process is None or self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in its own orderly way; what does not end is killed."""
        self._signal(self.stop_signal)
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        self.kill()

    def kill(self) -> None:
        """Take it away at once, with its children, as a power cut would."""
        self._signal(signal.SIGKILL, group=True)
        if self.process:
            self.process.wait()
            self.process = None

    def _signal(self, number: int, group: bool = False) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, number)


class Postgres(Server):
    """PostgreSQL with fsync on, on a loopback port and a socket in its folder; role and database `ledger`.

    The role is a plain one that may create databases, as on a real server: row-level security holds for it.
    """

    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: does not wait for clients

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.data = folder / "data"
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self.url = f"postgres://ledger:{self.password}@127.0.0.1:{self.port}/ledger"
        # PostgreSQL refuses to run as root; its Debian package brings the user postgres.
        self.user = "postgres" if os.geteuid() == 0 else getpass.getuser()

    def options(self) -> dict:
        as_user = {"user": self.user, "group": self.user, "extra_groups": []} if os.geteuid() == 0 else {}
        return {"cwd": self.folder, **as_user}

    def prepare(self) -> None:
        """Make the cluster: UTF-8, C collation, one password."""
        secret = self.folder / "password"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.folder, secret):
                shutil.chown(path, self.user, self.user)
        subprocess.run(
            [need("initdb"), "-D", str(self.data), "-U", "owner", "-E", "UTF8", "--locale=C.UTF-8",
             "--auth=scram-sha-256", f"--pwfile={secret}"],
            check=True, stdout=subprocess.DEVNULL, **self.options(),
        )  # fmt: skip
        secret.unlink()

    def command(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder,
                    "fsync": "on", "shared_buffers": "256MB", "max_connections": 200}  # fmt: skip
        return [
            need("postgres"),
            "-D",
            str(self.data),
            *(f"--{key}={value}" for key, value in settings.items()),
        ]

    def start(self) -> None:
        if not self.data.exists():
            self.prepare()
        super().start()
        make = (
            f"CREATE ROLE ledger LOGIN CREATEDB PASSWORD '{self.password}'",
            "CREATE DATABASE ledger OWNER ledger",
        )
        for statement in make:  # both are there already after a restart
            self.as_owner(statement)

    def as_owner(self, statement: str) -> None:
        """Run a statement as the superuser of the cluster, whatever comes of it."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", "postgres"]
        environment = os.environ | {"PGPASSWORD": self.password}
        subprocess.run(
            [need("psql"), *where, "-c", statement], env=environment, check=False, capture_output=True
        )

    def ready(self) -> bool:
        probe = [need("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(probe).returncode == 0


class Redis(Server):
    """Redis on a loopback port; it forgets everything when it stops unless it is durable."""

    name = "redis"

    def __init__(self, folder: Path, durable: bool = False) -> None:
        super().__init__(folder)
        self.durable = durable
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [need("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                "--save", "", "--appendonly", "yes" if self.durable else "no", "--appendfsync", "always"]  # fmt: skip

    def ready(self) -> bool:
        return answers(self.port)


class CeleryWorker(Server):
    """A real worker process, with the environment it is given; `beat` adds the clock that rescans the jobs."""

    name = "celery"

    def __init__(
        self, folder: Path, environment: dict[str, str], beat: bool = False, queues: str = "small,big"
    ) -> None:
        super().__init__(folder)
        self.environment = environment
        self.beat = beat
        self.queues = queues

    def command(self) -> list[str]:
        clock = ["--beat", "--schedule", str(self.folder / "beat")] if self.beat else []
        return [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "INFO", "--concurrency", "2",
                "--queues", self.queues, "--without-gossip", "--without-mingle", *clock]  # fmt: skip

    def options(self) -> dict:
        closed = {"WALL_OPEN": "0"}  # as on a server, where each job opens the wall itself
        return {"env": self.environment | closed, "cwd": ROOT}

    def ready(self) -> bool:
        return b" ready." in self.log.read_bytes()


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for one server, removed whoever owns the files in it."""
    folder = Path(tempfile.mkdtemp(prefix="ledger-stack-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(server: type[Server], *args: object, **kwargs: object) -> Iterator[Server]:
    """Start a server of this kind in a folder of its own; stop it and remove the folder at the end."""
    with temporary_folder() as folder:
        instance = server(folder, *args, **kwargs)
        try:
            instance.start()
            yield instance
        finally:
            instance.stop()


def run(arguments: argparse.Namespace) -> int:
    """Start what was asked for, run the command, return its exit code."""
    environment = {"WALL_OPEN": "1"} | os.environ  # what is no web process sees all: accounts/wall.py
    with contextlib.ExitStack() as stack:
        if arguments.postgres:
            environment["DATABASE_URL"] = stack.enter_context(running(Postgres)).url
        if arguments.redis or arguments.redis_durable or arguments.celery:
            environment["REDIS_URL"] = stack.enter_context(
                running(Redis, durable=arguments.redis_durable)
            ).url
        if arguments.celery:
            stack.enter_context(running(CeleryWorker, environment, beat=True))
        process = subprocess.Popen(arguments.command, env=environment)
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    return code if code >= 0 else 128 - code


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.stack", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--install", action="store_true", help="install missing programs from Debian's packages"
    )
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--redis", action="store_true", help="a Redis that forgets")
    parser.add_argument("--redis-durable", action="store_true", help="a Redis that survives a restart")
    parser.add_argument(
        "--celery", action="store_true", help="a worker with beat on the same database and Redis"
    )
    parser.add_argument("command", nargs="*", metavar="COMMAND")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    if arguments.install:
        install()
    return run(arguments) if arguments.command else 0


if __name__ == "__main__":
    sys.exit(main())
