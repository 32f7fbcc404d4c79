"""The database itself refuses one person in two places at once, on both databases.

The verbs ask first and say it in words; this stops what does not ask, and of two at once the second: on PostgreSQL the
trigger locks the person, on SQLite there is one writer. Days count inclusively: who leaves on the 10th begins
elsewhere on the 11th at the earliest. The function looks at every unit's rows and gives the connection its reach back;
a refusal does it by rolling back.

SQLite drops the triggers of a table that a later migration rebuilds: such a migration ends with `refused(table)` again.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython

REFUSAL = "this person is already somewhere else on these days"

_OTHER = (
    "SELECT 1 FROM {table} o WHERE o.laborer_id = NEW.laborer_id AND o.id <> NEW.id "
    "AND (o.ended_on IS NULL OR o.ended_on >= NEW.started_on) "
    "AND (NEW.ended_on IS NULL OR NEW.ended_on >= o.started_on)"
)
_COLUMNS = "laborer_id, started_on, ended_on"


def create(vendor: str, table: str) -> list[str]:
    """The statements that put the refusal around a table with laborer_id, started_on and ended_on."""
    other = _OTHER.format(table=table)
    if vendor == "sqlite":
        refuse = f"WHEN EXISTS ({other}) BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            *drop(vendor, table),
            f"CREATE TRIGGER {table}_one_place_insert AFTER INSERT ON {table} {refuse}",
            f"CREATE TRIGGER {table}_one_place_update AFTER UPDATE OF {_COLUMNS} ON {table} {refuse}",
        ]
    body = (
        "PERFORM set_config('ledger.reach', '*', true); "
        "PERFORM 1 FROM ledgers_laborer WHERE id = NEW.laborer_id FOR NO KEY UPDATE; "
        f"IF EXISTS ({other}) THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'exclusion_violation'; END IF; "
        "PERFORM set_config('ledger.reach', reach, true); RETURN NULL;"
    )
    return [
        *drop(vendor, table),
        f"CREATE FUNCTION {table}_one_place() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"DECLARE reach text := coalesce(current_setting('ledger.reach', true), ''); BEGIN {body} END $$",
        f"CREATE TRIGGER {table}_one_place AFTER INSERT OR UPDATE OF {_COLUMNS} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_one_place()",
    ]


def drop(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_one_place_{verb}" for verb in ("insert", "update")]
    return [
        f"DROP TRIGGER IF EXISTS {table}_one_place ON {table}",
        f"DROP FUNCTION IF EXISTS {table}_one_place()",
    ]


def refused(table: str) -> RunPython:
    """The migration's operation that puts the refusal around a table, also again after SQLite rebuilt it."""

    def put(apps: Any, schema_editor: Any) -> None:
        for statement in create(schema_editor.connection.vendor, table):
            schema_editor.execute(statement)

    def remove(apps: Any, schema_editor: Any) -> None:
        for statement in drop(schema_editor.connection.vendor, table):
            schema_editor.execute(statement)

    return RunPython(put, remove)
