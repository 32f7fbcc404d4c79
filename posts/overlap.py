"""The database itself refuses one person in two places at once, and two holders of one post, on both databases.

The verbs ask first and say it in words; this stops what does not ask, and of two at once the second: on PostgreSQL by
an exclusion constraint, which looks at every unit's rows whoever asks (a range of one number stands for equality, so
that no extension is needed), on SQLite by triggers, where there is one writer at a time. Days count inclusively: who
leaves on the 10th begins elsewhere on the 11th at the earliest.

SQLite drops the triggers of a table that a later migration rebuilds: such a migration ends with `refused(table)` again.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython

REFUSAL = "this person is already somewhere else on these days"

_OTHER = (
    "SELECT 1 FROM {table} o WHERE o.{column} = NEW.{column} AND o.id <> NEW.id "
    "AND (o.ended_on IS NULL OR o.ended_on >= NEW.started_on) "
    "AND (NEW.ended_on IS NULL OR NEW.ended_on >= o.started_on)"
)


def _name(table: str, column: str) -> str:
    return f"{table}_one_{'place' if column == 'laborer_id' else column.removesuffix('_id')}"


def create(vendor: str, table: str, column: str = "laborer_id") -> list[str]:
    """The statements that put the refusal around a table with `column`, started_on and ended_on."""
    name = _name(table, column)
    if vendor == "sqlite":
        other = _OTHER.format(table=table, column=column)
        refuse = f"WHEN EXISTS ({other}) BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            *drop(vendor, table, column),
            f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table} {refuse}",
            f"CREATE TRIGGER {name}_update AFTER UPDATE OF {column}, started_on, ended_on ON {table} {refuse}",
        ]
    return [
        *drop(vendor, table, column),
        f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist "
        f"(int8range({column}, {column}, '[]') WITH &&, daterange(started_on, ended_on, '[]') WITH &&)",
    ]


def drop(vendor: str, table: str, column: str = "laborer_id") -> list[str]:
    name = _name(table, column)
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}_{verb}" for verb in ("insert", "update")]
    return [f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"]


def refused(table: str, *columns: str) -> RunPython:
    """The migration's operation that puts the refusal around a table, also again after SQLite rebuilt it."""

    def put(apps: Any, schema_editor: Any) -> None:
        for column in columns or ("laborer_id",):
            for statement in create(schema_editor.connection.vendor, table, column):
                schema_editor.execute(statement)

    def remove(apps: Any, schema_editor: Any) -> None:
        for column in columns or ("laborer_id",):
            for statement in drop(schema_editor.connection.vendor, table, column):
                schema_editor.execute(statement)

    return RunPython(put, remove)
