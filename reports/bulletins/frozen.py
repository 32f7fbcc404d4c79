"""The database itself refuses to change or delete what was published; only its reopening may still be noted."""

from __future__ import annotations

TABLE = "reports_bulletin"
REFUSAL = "a published bulletin is never changed or deleted"
FROZEN = (
    "template", "unit_id", "month", "version", "title", "issuer", "number", "issued_on", "snapshot", "sentences",
    "content_hash", "audit_head", "created_by_id", "submitted_by_id", "published_by_id", "published_at",
)  # fmt: skip
_OUT = "OLD.state IN ('published', 'withdrawn')"
_BACK = (
    "NEW.state NOT IN ('published', 'withdrawn') OR (OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn')"
)


def _changed(operator: str) -> str:
    fields = " OR ".join(f"NEW.{name} {operator} OLD.{name}" for name in FROZEN)
    return f"{_OUT} AND ({_BACK} OR {fields})"


def create(vendor: str) -> list[str]:
    """The statements that put the refusal into a database of this kind."""
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            f"CREATE TRIGGER bulletin_no_update BEFORE UPDATE ON {TABLE} WHEN {_changed('IS NOT')} {refuse}",
            f"CREATE TRIGGER bulletin_no_delete BEFORE DELETE ON {TABLE} WHEN {_OUT} {refuse}",
        ]
    return [
        f"CREATE FUNCTION refuse_bulletin_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER bulletin_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW "
        f"WHEN ({_changed('IS DISTINCT FROM')}) EXECUTE FUNCTION refuse_bulletin_change()",
        f"CREATE TRIGGER bulletin_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW "
        f"WHEN ({_OUT}) EXECUTE FUNCTION refuse_bulletin_change()",
    ]


def drop(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return ["DROP TRIGGER IF EXISTS bulletin_no_update", "DROP TRIGGER IF EXISTS bulletin_no_delete"]
    return [
        f"DROP TRIGGER IF EXISTS bulletin_no_update ON {TABLE}",
        f"DROP TRIGGER IF EXISTS bulletin_no_delete ON {TABLE}",
        "DROP FUNCTION IF EXISTS refuse_bulletin_change()",
    ]
