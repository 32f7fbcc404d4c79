"""What must be in order before anybody is served; each fault is one plain sentence.

`manage.py check` and `migrate` show them all; the web process (config/wsgi.py) refuses to start on the first.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from accounts import wall
from lib.crypto import EncryptedTextField, Undecryptable, key_ring

WAL_IS_SAFE = (3, 51, 3)  # the first SQLite without the WAL-reset bug


def packages_missing() -> str:
    """Style sheets and scripts of the front-end packages."""
    present = (settings.BASE_DIR / "node_modules/@tabler/core/dist/css/tabler.min.css").is_file()
    return "" if present else "缺少页面所用的前端文件（node_modules），请先运行 make setup。"


def folder_unwritable() -> str:
    """Database, files and backups live in the data folder."""
    for folder in (settings.DATA_DIR, settings.MEDIA_ROOT):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            return f"目录 {folder} 不能写入，请检查它的所有者和权限。"
    return ""


def database_unreachable() -> str:
    """The reason is left out: it may hold the address, the user and what was asked."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return unreachable(error)
    return ""


def unreachable(error: BaseException) -> str:
    """The sentence for a database that gives no connection."""
    if connection.vendor == "sqlite":
        return f"数据库文件 {connection.settings_dict['NAME']} 打不开：不是数据库文件、已损坏，或没有权限。"
    text = str(error)
    if "password authentication" in text or "role" in text:
        why = "用户名或口令不对"
    elif "does not exist" in text:
        why = "没有这个库，请先建库"
    else:
        why = "服务器没有应答，请检查它是否已启动、地址和端口是否正确"
    return f"连不上数据库（DATABASE_URL）：{why}。"


def journal_unsafe() -> str:
    """WAL on an SQLite library that can lose a committed write (a file may have been switched to it elsewhere)."""
    if connection.vendor != "sqlite" or sqlite3.sqlite_version_info >= WAL_IS_SAFE:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0]
    if mode != "wal":
        return ""
    return (
        f"数据库文件处于 WAL 模式，而 SQLite {sqlite3.sqlite_version} 的 WAL 可能丢失已保存的内容；"
        "请停止其他正在使用它的程序后再启动。"
    )


def migrations_pending() -> str:
    """The tables are older than the code."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"数据库还有 {len(pending)} 步升级没有做，请先运行 manage.py migrate。" if pending else ""


def rows_locked() -> str:
    """The oldest and the newest row of each encrypted column open with the present keys."""
    tables = set(connection.introspection.table_names())
    for model, field in encrypted_columns():
        with wall.opened("the keys are tried on whatever stands there"):
            opens = model._meta.db_table not in tables or not _stands(model, field) or _opens(model, field)
        if not opens:
            return (
                "已保存的身份证号码或电话用现有密钥打不开；请恢复原来的 FIELD_KEYS"
                f"（单机版是 {settings.DATA_DIR / 'keys.json'}），或检查密钥是否属于这个数据库。"
            )
    return ""


def encrypted_columns() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    """Every encrypted column of the application."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def _stands(model: type[Model], field: EncryptedTextField) -> bool:
    """Whether the table has the column yet: `migrate` asks before it adds it."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return field.column in {column.name for column in columns}


def _opens(model: type[Model], field: EncryptedTextField) -> bool:
    name = connection.ops.quote_name
    table, column, key = name(model._meta.db_table), name(str(field.column)), name(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        for order in ("ASC", "DESC"):
            cursor.execute(
                f"SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY {key} {order} LIMIT 1"  # noqa: S608
            )
            for (token,) in cursor.fetchall():
                try:
                    key_ring().decrypt(token, field.bound_to)
                except Undecryptable:
                    return False
    return True


AT_START: tuple[Callable[[], str], ...] = (
    packages_missing,
    folder_unwritable,
    database_unreachable,
    journal_unsafe,
    migrations_pending,
    rows_locked,
)


def fault_at_start() -> str:
    """The first thing that keeps the web process from serving; empty when all is in order."""
    return next(filter(None, (check() for check in AT_START)), "")


@register(Tags.files)
def check_files(**options: Any) -> list[CheckMessage]:
    """A host that only migrates or only works needs no style sheets: a warning there, a refusal in the web."""
    found: list[CheckMessage] = []
    if sentence := packages_missing():
        found.append(Warning(sentence, id="config.W001"))
    if sentence := folder_unwritable():
        found.append(Error(sentence, id="config.E001"))
    return found


@register(Tags.security, deploy=True)
def check_wall(**options: Any) -> list[CheckMessage]:
    """With `check --deploy`: a role that row-level security does not hold for makes the second wall none."""
    if database_unreachable():
        return []
    return [Warning(sentence, id="config.W002")] if (sentence := wall.fault()) else []


@register(Tags.database)
def check_database(**options: Any) -> list[CheckMessage]:
    """With `migrate` and `check --database default`."""
    if not options.get("databases"):
        return []
    return [
        Error(sentence, id=f"config.{number}")
        for number, check in (("E002", journal_unsafe), ("E003", rows_locked))
        if (sentence := check())
    ]
