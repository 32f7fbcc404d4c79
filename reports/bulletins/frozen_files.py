"""The database itself refuses to change or delete a file that went out."""

from __future__ import annotations

TABLE = "reports_bulletinfile"
REFUSAL = "a published file is never changed or deleted"


def create(vendor: str) -> list[str]:
    """The statements that put the refusal into a database of this kind."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER bulletinfile_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION refuse_bulletinfile_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER bulletinfile_no_change BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW "
        f"EXECUTE FUNCTION refuse_bulletinfile_change()",
    ]


def drop(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS bulletinfile_no_{verb}" for verb in ("update", "delete")]
    return [
        f"DROP TRIGGER IF EXISTS bulletinfile_no_change ON {TABLE}",
        "DROP FUNCTION IF EXISTS refuse_bulletinfile_change()",
    ]
