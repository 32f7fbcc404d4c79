"""The second wall: PostgreSQL itself shows a connection only people within its reach (row-level security).

`visible_to` is the first wall; this one stands behind it for the day somebody forgets it. Every connection carries
`ledger.reach`, the unit paths of whoever is served, and a policy on each table of people compares rows with it.
Nothing said: no rows. A web request gets the reach of its user and gives it back at its end; what the system does for
itself says so with `wall.opened("why")`. On SQLite all of this does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations import RunPython
from django.http import HttpRequest, HttpResponse
from psycopg2.extensions import TRANSACTION_STATUS_INERROR  # type: ignore[import-untyped]

from accounts.models import Unit, User
from accounts.scope import paths

OPEN, CLOSED = "*", ""

# ~>=~ and ~<~ compare bytes, whatever the collation, and use the index of paths; "0" is what follows "/".
IN_REACH = """EXISTS (
    SELECT FROM unnest(string_to_array(current_setting('ledger.reach', true), ',')) AS said(path), accounts_unit u
    WHERE u.id = {column} AND u.path ~>=~ said.path AND u.path ~<~ (rtrim(said.path, '/') || '0')
)"""
VISIBLE = "EXISTS (SELECT FROM {table} o WHERE o.id = {column})"
VILLAGE = IN_REACH.format(column="village_id")
UNIT = IN_REACH.format(column="unit_id")
TOWNSHIP = IN_REACH.format(column="township_id")
PERSON = f"EXISTS (SELECT FROM ledgers_laborer WHERE id = laborer_id AND {VILLAGE})"

# Table → when a row is in reach: seen, written, removed. A rule may ask a table that stands above it only, whose own
# rule then applies too.
TABLES = {
    "ledgers_household": VILLAGE,
    "ledgers_monthlyrecord": VILLAGE,
    "ledgers_contact": VILLAGE,
    "ledgers_collectionform": VILLAGE,
    "ledgers_formpaper": VISIBLE.format(table="ledgers_collectionform", column="form_id"),
    "ledgers_handover": UNIT,
    "ledgers_handoverline": VISIBLE.format(table="ledgers_handover", column="handover_id"),
    "posts_post": UNIT,
    "posts_workshop": UNIT,
    "posts_appointment": VISIBLE.format(table="posts_post", column="post_id"),
    "posts_attendancesheet": UNIT,
    "posts_attendance": VISIBLE.format(table="posts_attendancesheet", column="sheet_id"),
    "posts_sheetpaper": VISIBLE.format(table="posts_attendancesheet", column="sheet_id"),
    "posts_payrun": UNIT,
    "posts_postpay": VISIBLE.format(table="posts_appointment", column="appointment_id"),
    "posts_assessment": VISIBLE.format(table="posts_appointment", column="appointment_id"),
    "posts_placement": VISIBLE.format(table="posts_workshop", column="workshop_id"),
    "posts_workshopreview": VISIBLE.format(table="posts_workshop", column="workshop_id"),
    "posts_workshopaward": VISIBLE.format(table="posts_workshop", column="workshop_id"),
    "posts_awardline": VISIBLE.format(table="posts_workshopaward", column="award_id"),
    "posts_workshopaccount": VISIBLE.format(table="posts_workshop", column="workshop_id"),
    "posts_recruitment": VISIBLE.format(table="posts_post", column="post_id"),
    "posts_candidate": VISIBLE.format(table="posts_recruitment", column="recruitment_id"),
    "posts_contract": VISIBLE.format(table="posts_appointment", column="appointment_id"),
    "sampling_call": f"{VILLAGE} OR {TOWNSHIP}",
    "subsidies_message": VILLAGE,
    "subsidies_forwarding": VILLAGE,
    "subsidies_screened": VILLAGE,
    "subsidies_unclaimed": VILLAGE,
    "subsidies_trialline": VILLAGE,
    "subsidies_notice": VILLAGE,
    "subsidies_claim": VILLAGE,
    "subsidies_claimstep": VISIBLE.format(table="subsidies_claim", column="claim_id"),
    "subsidies_claimpaper": VISIBLE.format(table="subsidies_claim", column="claim_id"),
    "subsidies_waiver": VILLAGE,
    "subsidies_paymentline": VILLAGE,
    "subsidies_refund": VISIBLE.format(table="subsidies_paymentline", column="line_id"),
    "subsidies_enrolment": VILLAGE,
    "subsidies_trainingday": VISIBLE.format(table="subsidies_enrolment", column="enrolment_id"),
    "subsidies_completion": VISIBLE.format(table="subsidies_enrolment", column="enrolment_id"),
    "subsidies_certificate": VISIBLE.format(table="subsidies_completion", column="completion_id"),
    "subsidies_allowance": VISIBLE.format(table="subsidies_enrolment", column="enrolment_id"),
    "ledgers_laborer": VILLAGE,
    "ledgers_workspell": PERSON,
    "ledgers_intention": PERSON,
    "ledgers_personchange": PERSON,
    "ledgers_service": PERSON,
    "ledgers_bankaccount": PERSON,
    "ledgers_accountchange": PERSON,
    "posts_takenmonth": PERSON,
    "ledgers_zeroemployment": VISIBLE.format(table="ledgers_household", column="household_id"),
}
# Who lives elsewhere, but once was counted, called, written to or given work in reach, is seen and not written.
SEEN = {
    "ledgers_laborer": "accounts_met(id)",
    "ledgers_workspell": "accounts_met(laborer_id)",
    "ledgers_intention": "accounts_met(laborer_id)",
    "ledgers_personchange": "accounts_met(laborer_id)",
}
MEETINGS = (
    "ledgers_monthlyrecord",
    "ledgers_handoverline",
    "posts_appointment",
    "posts_placement",
    "posts_candidate",
    "sampling_call",
    "subsidies_message",
    "subsidies_claim",
    "subsidies_enrolment",
)

_MET = (
    "CREATE OR REPLACE FUNCTION accounts_met(person bigint) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE "
    "AS $$ BEGIN IF current_setting('ledger.reach', true) = '*' THEN RETURN true; END IF; RETURN {any}; END $$"
).format(any=" OR ".join(f"EXISTS (SELECT FROM {table} WHERE laborer_id = person)" for table in MEETINGS))
_SAID = "(SELECT current_setting('ledger.reach', true)) = '*'"  # asked once per query, before anything else


def around(*tables: str) -> RunPython:
    """The migration's operation that puts the wall around these tables, as their rules in TABLES are today."""

    def put(apps: Any, schema_editor: Any) -> None:
        for statement in [_MET, *build(tables)] if schema_editor.connection.vendor == "postgresql" else []:
            schema_editor.execute(statement)

    def remove(apps: Any, schema_editor: Any) -> None:
        for statement in tear_down(tables) if schema_editor.connection.vendor == "postgresql" else []:
            schema_editor.execute(statement)

    return RunPython(put, remove)


def build(tables: Iterable[str]) -> Iterator[str]:
    """The statements that put the wall around these tables, or put it up again after a rule has changed."""
    for table in tables:
        yield f"DROP POLICY IF EXISTS wall ON {table}"
        yield f"CREATE POLICY wall ON {table} USING ({_SAID} OR {TABLES[table]})"  # of writing as well
        if table in SEEN:
            yield f"DROP POLICY IF EXISTS seen ON {table}"
            yield f"CREATE POLICY seen ON {table} FOR SELECT USING ({SEEN[table]})"
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"  # for the owner, who is the application itself


def tear_down(tables: Iterable[str]) -> Iterator[str]:
    """The statements that take it away."""
    for table in tables:
        yield f"DROP POLICY wall ON {table}"
        yield f"DROP POLICY IF EXISTS seen ON {table}"
        yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"


# ── whose reach a connection carries ─────────────────────────────────────────────────────────────────────────────

_lenders: list[Callable[[User], Iterable[Unit]]] = []


def lend(lender: Callable[[User], Iterable[Unit]]) -> None:
    """`lender` names units beyond the postings of a user (people drawn for a spot check); kept once."""
    if lender not in _lenders:
        _lenders.append(lender)


def reach_of(user: User) -> str:
    """The unit paths below which the user may read people in any role, as `ledger.reach` has them."""
    found = set(paths(user, "person"))
    for lender in _lenders:
        found |= {unit.path for unit in lender(user)}
    return ",".join(sorted(found))


@contextmanager
def opened(why: str) -> Iterator[None]:
    """The system's own work, which needs people of everywhere; `why` is for the reader of the code."""
    with _carrying(OPEN):
        yield


@contextmanager
def narrowed(user: User | None) -> Iterator[None]:
    """Only people within the reach of `user`; of nobody: no people."""
    with opened("who lends what is asked before anything is narrowed"):
        reach = reach_of(user) if user else CLOSED
    with _carrying(reach):
        yield


@contextmanager
def _carrying(reach: str) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    before = _say(reach)
    try:
        yield
    finally:
        _say_again(before)


def _say(reach: str) -> str:
    """Set the reach of this connection; returns what it was."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('ledger.reach', true), set_config('ledger.reach', %s, false)", [reach]
        )
        return cursor.fetchone()[0] or CLOSED


def _say_again(before: str) -> None:
    """Give the reach back. A failed transaction does it by itself; a connection that cannot is not used again."""
    present = connection.connection
    if present is None or present.closed or present.info.transaction_status == TRANSACTION_STATUS_INERROR:
        return
    try:
        _say(before)
    except DatabaseError:
        connection.close()


class WallMiddleware:
    """A request of somebody signed in carries that user's reach; a stranger's keeps the closed one of the process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with narrowed(request.user):
            return self.get_response(request)


def fault() -> str:
    """Why the wall does not hold for the role this process uses; empty when it does."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (passes,) = cursor.fetchone()
    return PASSES if passes else ""


PASSES = (
    "数据库用户是超级用户或有 BYPASSRLS 权限，数据库自身的行级权限对它不起作用；"
    "请换用普通用户（ALTER ROLE 用户名 NOSUPERUSER NOBYPASSRLS）。"
)
