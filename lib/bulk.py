"""Many rows at once: COPY on PostgreSQL, executemany on SQLite, behind one function each.

Columns are field names (`village` or `village_id`); rows are sequences of Python values in that order. Values are
prepared as the fields would: a Month, a date, a Decimal, JSON are welcome, and an EncryptedTextField takes plain text
and encrypts it here. Fields not named get their default, evaluated once per call. Nothing of Django's save happens:
no validation, no auto_now. All functions want to be inside a transaction.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL

from lib.crypto import EncryptedTextField, make_encryptor

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_AS_THEY_ARE = {
    "AutoField", "BigAutoField", "BigIntegerField", "BooleanField", "IntegerField", "PositiveBigIntegerField",
    "PositiveIntegerField", "PositiveSmallIntegerField", "SmallIntegerField", "TextField", "CharField",
}  # fmt: skip
_BARE = {int, bool, dt.date, dt.datetime, Decimal}  # written without a sign that COPY would take for its own
_BATCH = 5000


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh primary keys, nobody else's, so that related rows can be written without reading back."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [f'"{table}"', count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        last = found[0] if found else 0
        if found:
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + count, table])
        else:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last + count])
        return list(range(last + 1, last + count + 1))


def among(name: str, values: list, kind: str = "bigint") -> Q:
    """That the field is one of many keys (or, of kind text, words): one parameter, which costs less than a list.

    PostgreSQL is not offered a subquery: with statistics of a table that was empty it would read the table for each.
    """
    if connection.vendor == "postgresql":
        array = RawSQL(f"%s::{kind}[]", [values])  # noqa: S611 - ours
        return Q(
            Func(
                F(name), array, template="%(expressions)s", arg_joiner=" = ANY ", output_field=BooleanField()
            )
        )
    return Q(**{f"{name}__in": RawSQL("SELECT value FROM json_each(%s)", [json.dumps(values)])})


def insert_many(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence]) -> int:
    """Insert the rows; name `id` among the columns (see reserve_ids) or leave it to the database. Returns how many."""
    plan = _Plan(model, columns, defaults=True)
    if connection.vendor == "postgresql":
        if not _has_policies(plan.table):
            return _copy(plan.table, plan.names, plan.prepared(rows))
        with _staged(plan, rows) as (cursor, staged):
            cursor.execute(f"INSERT INTO {plan.table} ({plan.listed()}) SELECT {plan.listed()} FROM {staged}")
            return cursor.rowcount
    places = ", ".join(["%s"] * len(plan.names))
    return _many(f"INSERT INTO {plan.table} ({plan.listed()}) VALUES ({places})", plan.prepared(rows))


def fill(table: str, columns: Sequence[str], rows: Iterable[Sequence]) -> int:
    """Rows of ready values into any table, also a temporary one; names are ours and need no quoting."""
    if connection.vendor == "postgresql":
        return _copy(table, columns, rows)
    places = ", ".join(["%s"] * len(columns))
    return _many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


def update_many(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence], key: Sequence[str] = ("id",)
) -> int:
    """Set the columns that are not in `key` on the rows found by `key`. Returns how many rows were found."""
    plan = _Plan(model, columns, defaults=False)
    keys = plan.columns(key)
    values = [name for name in plan.names if name not in keys]
    if connection.vendor == "postgresql":
        with _staged(plan, rows) as (cursor, staged):
            sets = ", ".join(f"{name} = s.{name}" for name in values)
            where = " AND ".join(f"t.{name} = s.{name}" for name in keys)
            cursor.execute(f"UPDATE {plan.table} t SET {sets} FROM {staged} s WHERE {where}")
            return cursor.rowcount
    sets = ", ".join(f"{name} = %s" for name in values)
    where = " AND ".join(f"{name} = %s" for name in keys)
    order = [plan.names.index(name) for name in (*values, *keys)]
    prepared = ([row[place] for place in order] for row in plan.prepared(rows))
    return _many(f"UPDATE {plan.table} SET {sets} WHERE {where}", prepared)


def upsert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence],
    key: Sequence[str],
    update: Sequence[str] | None = None,
) -> int:
    """Insert, or where `key` (a unique constraint) exists set `update` (default: all other columns).

    A row that already stands there unchanged is not written. Returns how many rows were inserted or changed.
    """
    plan = _Plan(model, columns, defaults=True)
    keys = plan.columns(key)
    given = [name for name in plan.columns(columns) if name not in keys]
    values = plan.columns(update) if update is not None else given
    sets = ", ".join(f"{name} = excluded.{name}" for name in values)
    old, new = (", ".join(f"{side}.{name}" for name in values) for side in (plan.table, "excluded"))
    differ = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    action = f"UPDATE SET {sets} WHERE ({old}) {differ} ({new})" if values else "NOTHING"
    merge = f"ON CONFLICT ({', '.join(keys)}) DO {action}"
    if connection.vendor == "postgresql":
        with _staged(plan, rows) as (cursor, staged):
            cursor.execute(
                f"INSERT INTO {plan.table} ({plan.listed()}) SELECT {plan.listed()} FROM {staged} {merge}"
            )
            return cursor.rowcount
    places = ", ".join(["%s"] * len(plan.names))
    statement = f"INSERT INTO {plan.table} ({plan.listed()}) VALUES ({places}) {merge}"
    return _many(statement, plan.prepared(rows))


class _Plan:
    """Quoted names of the columns to write, and how each value becomes what the driver takes."""

    def __init__(self, model: type[models.Model], columns: Sequence[str], defaults: bool) -> None:
        self.model = model
        self.table = connection.ops.quote_name(model._meta.db_table)
        fields = [self._field(name) for name in columns]
        absent = [f for f in model._meta.concrete_fields if f not in fields and not f.primary_key]
        absent = absent if defaults else []
        self.names = [_quoted(field) for field in (*fields, *absent)]
        self.prepare = [(place, prep) for place, field in enumerate(fields) if (prep := _preparer(field))]
        self.tail = [field.get_db_prep_save(field.get_default(), connection) for field in absent]
        self.tail = [json.dumps(value.adapted) if hasattr(value, "adapted") else value for value in self.tail]

    def _field(self, name: str) -> models.Field:
        for field in self.model._meta.concrete_fields:
            if name in (field.name, field.attname):
                return field
        raise ValueError(f"{self.model.__name__} has no column {name}")

    def columns(self, names: Sequence[str]) -> list[str]:
        return [_quoted(self._field(name)) for name in names]

    def listed(self) -> str:
        return ", ".join(self.names)

    def prepared(self, rows: Iterable[Sequence]) -> Iterator[list]:
        prepare, tail = self.prepare, self.tail
        for row in rows:
            values = [*row, *tail]
            for place, prep in prepare:
                values[place] = prep(values[place])
            yield values


def _quoted(field: models.Field) -> str:
    return connection.ops.quote_name(str(field.column))


def _preparer(field: Any) -> Callable[[Any], Any] | None:
    """None for what the driver takes as it is; text with a length keeps its length check in the database."""
    while field.remote_field:
        field = field.target_field
    if isinstance(field, EncryptedTextField):
        seal = make_encryptor(field.bound_to)
        return lambda value: seal(value) if value else value
    if isinstance(field, models.JSONField):
        encode = DjangoJSONEncoder().encode
        return lambda value: None if value is None else encode(value)
    if type(field).__name__ in _AS_THEY_ARE:
        return None
    database = connections[DEFAULT_DB_ALIAS]  # the connection itself: its proxy costs a look-up per value
    # What is left are months, dates and decimals: few different ones in many rows, each prepared once.
    return lru_cache(maxsize=16_384)(
        lambda value: None if value is None else field.get_db_prep_save(value, database)
    )


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _many(statement: str, rows: Iterable[Sequence]) -> int:
    written = 0
    with connection.cursor() as cursor:
        for batch in _batches(rows):
            cursor.executemany(statement, batch)
            written += max(cursor.rowcount, 0)
    return written


def _batches(rows: Iterable[Sequence]) -> Iterator[list[Sequence]]:
    batch: list[Sequence] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────


def _copy(table: str, names: Sequence[str], rows: Iterable[Sequence]) -> int:
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN", _Stream(map(_line, rows)))
        return cursor.rowcount


def _has_policies(table: str) -> bool:
    """Whether row-level security applies: PostgreSQL then refuses COPY into the table itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_security_active(%s)", [table])
        return cursor.fetchone()[0]


class _staged:
    """The rows in a temporary table of this transaction, without constraints, for one merging statement."""

    def __init__(self, plan: _Plan, rows: Iterable[Sequence]) -> None:
        self.plan, self.rows = plan, rows

    def __enter__(self) -> tuple[Any, str]:
        self.block = transaction.atomic()
        self.block.__enter__()
        self.name = connection.ops.quote_name(f"staged_{self.plan.model._meta.db_table}"[:60])
        self.cursor = connection.cursor()
        self.cursor.execute(
            f"CREATE TEMPORARY TABLE {self.name} ON COMMIT DROP AS "
            f"SELECT {self.plan.listed()} FROM {self.plan.table} WITH NO DATA"
        )
        _copy(self.name, self.plan.names, self.plan.prepared(self.rows))
        return self.cursor, self.name

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self.cursor.execute(f"DROP TABLE {self.name}")
        self.cursor.close()
        self.block.__exit__(*error)


def _line(row: Sequence) -> str:
    """One row in COPY's text format. The row's words are searched once, because cell by cell costs three times that."""
    words = "".join([value for value in row if value.__class__ is str])
    if "\\" in words or "\t" in words or "\n" in words or "\r" in words:
        return "\t".join(map(_text, row)) + "\n"
    return "\t".join([v if v.__class__ is str else "\\N" if v is None else _text(v) for v in row]) + "\n"


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if value.__class__ in _BARE:
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return f"\\\\x{bytes(value).hex()}"
    return str(value).translate(_ESCAPES)


class _Stream:
    """Lines as the file that COPY reads from; never more than a piece of it in memory."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.rest = b""

    def read(self, size: int = 65536) -> bytes:
        pieces, length = [self.rest], len(self.rest)
        for line in self.lines:
            piece = line.encode()
            pieces.append(piece)
            length += len(piece)
            if length >= size:
                break
        whole = b"".join(pieces)
        self.rest = whole[size:]
        return whole[:size]
