"""How an empty database is filled in seconds: what guards single rows waits until all rows are there."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

from django.db import connection, models


@contextlib.contextmanager
def relaxed() -> Iterator[None]:
    """Neither the collector nor SQLite's disk is waited for.

    A hundred thousand people in memory hold no cycles; a crash leaves a database to fill again.
    """
    collecting = gc.isenabled()
    gc.disable()
    outside = connection.vendor == "sqlite" and not connection.in_atomic_block
    try:
        if outside:
            _run("PRAGMA synchronous = OFF", "PRAGMA cache_size = -200000")
        yield
    finally:
        if outside:
            _run("PRAGMA synchronous = FULL", "PRAGMA cache_size = -2000")
        if collecting:
            gc.enable()


@contextlib.contextmanager
def bare(model: type[models.Model]) -> Iterator[None]:
    """Without the plain indexes of an empty table and, on PostgreSQL, its foreign keys; both are put back whole.

    Rows checked together at the end are checked all the same: adding a foreign key reads the table once.
    """
    table = model._meta.db_table
    take, put = _postgresql(table) if connection.vendor == "postgresql" else _sqlite(table)
    _run(*take)
    yield
    _run(*put)


def _sqlite(table: str) -> tuple[list[str], list[str]]:
    rows = _read(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql > ''", table
    )
    return [f'DROP INDEX "{name}"' for name, _ in rows], [sql for _, sql in rows]


def _postgresql(table: str) -> tuple[list[str], list[str]]:
    keys = _read(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
        table,
    )
    indexes = _read(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "WHERE i.indrelid = %s::regclass AND NOT i.indisunique",
        table,
    )
    take = [f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for name, _ in keys]
    take += [f"DROP INDEX {name}" for name, _ in indexes]
    put = [sql for _, sql in indexes]
    put += [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule}' for name, rule in keys]
    return ["SET CONSTRAINTS ALL IMMEDIATE", *take], [*put, "SET CONSTRAINTS ALL DEFERRED"]


def _read(sql: str, *values: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
