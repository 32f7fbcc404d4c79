"""The database itself refuses to change or delete an approved scheme version: claims keep theirs."""

from __future__ import annotations

TABLE = "subsidies_schemeversion"
REFUSAL = "an approved scheme version is never changed or deleted"
_WHEN = "OLD.state = 'approved'"


def create(vendor: str) -> list[str]:
    """The statements that put the refusal into a database of this kind."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER scheme_no_{verb.lower()} BEFORE {verb} ON {TABLE} WHEN {_WHEN} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION refuse_scheme_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER scheme_no_change BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW "
        f"WHEN ({_WHEN}) EXECUTE FUNCTION refuse_scheme_change()",
    ]


def drop(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS scheme_no_{verb}" for verb in ("update", "delete")]
    return [
        f"DROP TRIGGER IF EXISTS scheme_no_change ON {TABLE}",
        "DROP FUNCTION IF EXISTS refuse_scheme_change()",
    ]
