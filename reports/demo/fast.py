"""How an empty database is filled in seconds: what guards single rows waits until all rows are there."""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Iterator
from typing import Any

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


def insert_select(model: type[models.Model], sources: dict[str, str], rows: str) -> None:
    """Insert into the model's table what the SQL expressions of `sources` (by column) come to over `rows`.

    Columns not named get the default of their field.
    """
    named = dict(sources)
    for field in model._meta.concrete_fields:
        if field.column and field.column not in named and not field.primary_key:
            named[field.column] = literal(model, field.name, field.get_default())
    columns = ", ".join(connection.ops.quote_name(column) for column in named)
    _run(f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(named.values())} FROM {rows}")


def literal(model: type[models.Model], name: str, value: Any) -> str:
    """The value as SQL of the column's type; only for values of our own, never for what somebody typed."""
    field: Any = model._meta.get_field(name)
    ready = field.get_db_prep_save(value, connection)
    if ready is None:
        return "NULL"
    if isinstance(ready, bool):
        return "TRUE" if ready else "FALSE"
    ready = json.dumps(ready.adapted) if hasattr(ready, "adapted") else str(ready)
    quoted = "'" + ready.replace("'", "''") + "'"
    return f"CAST({quoted} AS {field.db_type(connection)})" if connection.vendor == "postgresql" else quoted


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
