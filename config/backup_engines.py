"""How each database is copied out as of one moment, restored beside the present one, and put in its place."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from accounts import wall
from config.backup_archive import Refused

HOLD_DATA = (
    "accounts_user",
    "accounts_unit",
    "accounts_auditentry",
)  # any row in one of them is worth keeping
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


def facts(cursor: Any, vendor: str) -> dict[str, Any]:
    """What a restored copy must have too: rows per table, migrations, the audit head, hashes of printed bulletins."""

    def rows(sql: str) -> list[tuple]:
        cursor.execute(sql)
        return cursor.fetchall()

    tables = sorted(name for (name,) in rows(_TABLES[vendor]))
    told: dict[str, Any] = {
        "rows": {table: rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables},  # noqa: S608
        "migrations": [],
        "audit": [],
        "bulletins": {},
    }
    if "django_migrations" in tables:
        told["migrations"] = sorted(
            [app, name] for app, name in rows("SELECT app, name FROM django_migrations")
        )
    if "accounts_audithead" in tables:
        told["audit"] = [list(row) for row in rows("SELECT sequence, hash FROM accounts_audithead")]
    if "reports_bulletin" in tables:
        printed = rows(
            "SELECT id, content_hash, snapshot, sentences FROM reports_bulletin "
            "WHERE state IN ('published', 'withdrawn')"
        )
        told["bulletins"] = {str(key).replace("-", ""): _digest(rest) for key, *rest in printed}
    return told


def _digest(values: list[Any]) -> str:
    plain = [json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value for value in values]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Everything of this process works on the database `name` instead."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def holds_data() -> bool:
    """Whether the present database has anything a restore would take away; one that cannot be read may have."""
    try:
        tables = connection.introspection.table_names()
        with connection.cursor() as cursor:
            for table in set(HOLD_DATA) & set(tables):
                cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608
                if cursor.fetchone():
                    return True
    except DatabaseError as error:
        return "does not exist" not in str(error)
    return False


class Sqlite:
    """One file. The copy is made page by page under SQLite's own lock; so is the return."""

    vendor = "sqlite"

    def dump(self, path: Path) -> dict[str, Any]:
        """Write the database as of one moment to `path`; writers wait meanwhile. Returns its facts."""
        with closing(self._open(self._target())) as source, closing(self._open(path)) as copy:
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):  # a copy cut short is thrown away
                copy.execute(f"PRAGMA {pragma}")
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            self._whole(copy)
            return facts(copy.cursor(), self.vendor)

    @contextmanager
    def restored(self, path: Path) -> Iterator[str]:
        """The name of the dump as a database."""
        with closing(self._open(path)) as copy:
            self._whole(copy)
        yield str(path)

    def adopt(self, name: str, stamp: str) -> str:
        """Put the restored copy in the place of the present database; returns where that one is kept."""
        connection.close()
        target, kept = self._target(), ""
        if target.exists() and target.stat().st_size:
            kept = f"{target}.before-{stamp}"
            self._keep(target, Path(kept))
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open(Path(name))) as copy, closing(self._open(target)) as present:
            present.execute("PRAGMA synchronous=FULL")
            copy.backup(present)
        return kept

    def _keep(self, target: Path, kept: Path) -> None:
        try:
            with closing(self._open(target)) as present, closing(self._open(kept)) as copy:
                present.backup(copy)
        except sqlite3.DatabaseError:  # damaged: nothing to copy page by page, put it aside as it is
            kept.unlink(missing_ok=True)
            os.replace(target, kept)
            for tail in ("-journal", "-wal", "-shm"):
                Path(f"{target}{tail}").unlink(missing_ok=True)
        kept.chmod(0o600)

    @staticmethod
    def _target() -> Path:
        return Path(connection.settings_dict["NAME"])

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=60)

    @staticmethod
    def _whole(copy: sqlite3.Connection) -> None:
        answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok" or copy.execute("PRAGMA foreign_key_check").fetchone():
            raise Refused("数据库文件内部不一致（integrity_check 未通过）。")


class Postgres:
    """pg_dump on an exported snapshot, of which the counts speak as well; pg_restore into a new database."""

    vendor = "postgresql"

    def dump(self, path: Path) -> dict[str, Any]:
        """Write the database as of one moment to `path`, while others go on writing. Returns its facts."""
        with closing(connection.copy()) as reader, reader.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            name = str(connection.settings_dict["NAME"])
            self._run("pg_dump", "--format=custom", "--compress=1", "--no-owner", "--no-privileges",
                      "--enable-row-security", f"--snapshot={snapshot}", f"--file={path}", name)  # fmt: skip
            told = facts(cursor, self.vendor)
            cursor.execute("ROLLBACK")
        return told

    @contextmanager
    def restored(self, path: Path) -> Iterator[str]:
        """The name of a new database on the same server with the dump in it; dropped at the end unless adopted."""
        name = f"{connection.settings_dict['NAME'][:40]}_restore_{secrets.token_hex(4)}"
        self._create(name)
        try:
            self._fill(name, path)
            yield name
        finally:
            self._leave(name)
            self._admin(f'DROP DATABASE IF EXISTS "{name}"')

    def _fill(self, name: str, path: Path) -> None:
        """Everything, then row-level security: where it is on and its policies are not there yet, a row is hidden from
        the check of a key that points to it."""
        listed = self._run("pg_restore", "--list", str(path)).splitlines(keepends=True)
        last = [line for line in listed if " POLICY " in line or " ROW SECURITY " in line]
        with tempfile.TemporaryDirectory() as folder:
            chosen = Path(folder) / "list"
            for step in ([line for line in listed if line not in last], last):
                chosen.write_text("".join(step))
                self._run("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", "--jobs=2",
                          "--enable-row-security", f"--use-list={chosen}", f"--dbname={name}", str(path))  # fmt: skip

    def adopt(self, name: str, stamp: str) -> str:
        """Rename the restored database to the present one's name; returns the name that one has now."""
        target = connection.settings_dict["NAME"]
        kept = f"{target[:40]}_before_{stamp}".replace("-", "_")
        connection.close()
        swap = f'ALTER DATABASE "{name}" RENAME TO "{target}"'
        exists = self._admin("SELECT 1 FROM pg_database WHERE datname = %s", [target])
        if exists:  # one string is one transaction: both names change, or neither
            swap = f'ALTER DATABASE "{target}" RENAME TO "{kept}"; {swap}'
        for _ in range(5):  # a server that is still running connects again at once
            with contextlib.suppress(DatabaseError):
                self._leave(target, name)
                self._admin(swap)
                return kept if exists else ""
        raise Refused("还有程序占用着数据库，请先停止网页和任务服务，再恢复。")

    def _create(self, name: str) -> None:
        like = self._admin(
            "SELECT datcollate, datctype FROM pg_database WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )
        locale = f" LC_COLLATE '{like[0][0]}' LC_CTYPE '{like[0][1]}'" if like else ""
        try:
            self._admin(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'{locale}")
        except DatabaseError:
            raise Refused(
                "数据库用户不能新建库，无法在旁边恢复和核对；请由管理员执行 ALTER ROLE 用户名 CREATEDB。"
            ) from None

    def _leave(self, *names: str) -> None:
        """End the sessions in these databases. Autovacuum stays: only a superuser may end it (which is why DROP … FORCE
        fails while it works), and a plain DROP or RENAME makes it give way."""
        self._admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = ANY(%s) AND backend_type = 'client backend'",
            [list(names)],
        )

    @staticmethod
    def _admin(sql: str, values: list | None = None) -> list[tuple]:
        with connection._nodb_cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    @staticmethod
    def _run(program: str, *arguments: str) -> str:
        settings = connection.settings_dict
        given = {"PGHOST": settings["HOST"], "PGPORT": settings["PORT"], "PGUSER": settings["USER"],
                 "PGPASSWORD": settings["PASSWORD"], "PGSSLMODE": settings["OPTIONS"].get("sslmode"),
                 "PGOPTIONS": f"-c ledger.reach={wall.OPEN}"}  # fmt: skip
        environment = os.environ | {key: str(value) for key, value in given.items() if value}
        done = subprocess.run(
            [_program(program), *arguments], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["?"])[0]
            raise Refused(f"{program} 没有成功：{why}")
        return done.stdout


def _program(name: str) -> str:
    """The newest of PostgreSQL's own programs, else the one on the PATH."""
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    newest = max(folders, key=lambda folder: int(folder.split("/")[-2]), default="")
    found = shutil.which(name, path=newest) or shutil.which(name)
    if not found:
        raise Refused(f"找不到程序 {name}，请先安装 postgresql-client。")
    return found


def engine() -> Sqlite | Postgres:
    """The one of the present database."""
    return Sqlite() if connection.vendor == "sqlite" else Postgres()
