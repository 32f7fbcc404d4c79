"""The database itself refuses to touch a monthly record whose month is closed for its village.

The code asks ledgers.periods; this stops what does not ask: a task, a command, queryset.update, a cascade.
"""

from __future__ import annotations

TABLE = "ledgers_monthlyrecord"
REFUSAL = "the month of this record is closed"

# In force for the village itself or for any unit above it: the closing unit's path begins the village's path.
# CROSS JOIN keeps SQLite from starting with the units: a month without a closing costs one look into an index.
_CLOSED = (
    "SELECT 1 FROM ledgers_monthclosing c CROSS JOIN accounts_unit above CROSS JOIN accounts_unit v "
    "WHERE c.reopened_at IS NULL AND c.month = {month} AND above.id = c.unit_id AND v.id = {village} "
    "AND substr(v.path, 1, length(above.path)) = above.path"
)
_VERBS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def _sqlite(verb: str, rows: tuple[str, ...]) -> str:
    closed = " OR ".join(
        f"EXISTS ({_CLOSED.format(month=f'{row}.month', village=f'{row}.village_id')})" for row in rows
    )
    return (
        f"CREATE TRIGGER record_{verb.lower()}_in_open_month BEFORE {verb} ON {TABLE} WHEN {closed} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def _function(verb: str, rows: tuple[str, ...]) -> str:
    touched = " UNION ".join(f"SELECT month, village_id FROM {row.lower()}_records" for row in rows)  # noqa: S608 - constants
    closed = _CLOSED.format(month="t.month", village="t.village_id")
    return (
        f"CREATE FUNCTION refuse_{verb.lower()}_in_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - constants
        f"IF EXISTS (SELECT 1 FROM ledgers_monthclosing WHERE reopened_at IS NULL) AND "
        f"EXISTS (SELECT 1 FROM ({touched}) t WHERE EXISTS ({closed})) "
        f"THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN NULL; END $$"
    )


def _trigger(verb: str, rows: tuple[str, ...]) -> str:
    tables = " ".join(f"{row} TABLE AS {row.lower()}_records" for row in rows)
    return (
        f"CREATE TRIGGER record_{verb.lower()}_in_open_month AFTER {verb} ON {TABLE} REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_{verb.lower()}_in_closed_month()"
    )


def create(vendor: str) -> list[str]:
    """The statements that put the refusal into a database of this kind; on PostgreSQL one check per statement."""
    if vendor == "sqlite":
        return [_sqlite(verb, rows) for verb, rows in _VERBS.items()]
    return [make(verb, rows) for verb, rows in _VERBS.items() for make in (_function, _trigger)]


def drop(vendor: str) -> list[str]:
    names = [verb.lower() for verb in _VERBS]
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS record_{name}_in_open_month" for name in names]
    return [
        statement
        for name in names
        for statement in (
            f"DROP TRIGGER IF EXISTS record_{name}_in_open_month ON {TABLE}",
            f"DROP FUNCTION IF EXISTS refuse_{name}_in_closed_month()",
        )
    ]
