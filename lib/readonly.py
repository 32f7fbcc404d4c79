"""A GET cannot write: reading requests run with every database connection refusing to change data."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings
from django.db import connections

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_COMMENT = r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*"
_FIRST_WORD = re.compile(_COMMENT + r"([A-Za-z]+)", re.DOTALL)
_HARMLESS = {
    "SELECT", "VALUES", "TABLE", "SHOW", "SET", "RESET", "PRAGMA", "DECLARE", "FETCH", "CLOSE", "MOVE",
    "BEGIN", "START", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "END",
}  # fmt: skip
# These two may hide a write further inside (WITH x AS (DELETE …), EXPLAIN ANALYZE UPDATE …).
_MAY_HIDE = frozenset({"WITH", "EXPLAIN"})
_WRITE = re.compile(
    r"\b(?:(INSERT|REPLACE|MERGE)\s+(?:OR\s+\w+\s+)?INTO|(?<!FOR\s)(?<!KEY\s)(UPDATE)(?:\s+OR\s+\w+)?|(DELETE)\s+FROM)"
    r"\s+(?:ONLY\s+)?[\"`]?(\w+(?:[\"`]?\.[\"`]?\w+)?)",
    re.IGNORECASE,
)


class WriteInGet(Exception):
    """A reading request tried to change the database. Carries verb and table, never values."""


def written_table(sql: str) -> tuple[str, str] | None:
    """(verb, table) of the first change a statement makes, or None when it only reads.

    A changing statement other than INSERT, UPDATE, DELETE and their kin has the table "".
    """
    first = _FIRST_WORD.match(sql)
    verb = first[1].upper() if first else ""
    if verb in _HARMLESS or not verb:
        return None
    found = _WRITE.search(sql)
    if found:
        table = re.sub(r"[\"`]", "", found[4]).rpartition(".")[2]
        return (found[1] or found[2] or found[3]).upper(), table
    return None if verb in _MAY_HIDE else (verb, "")


def _refuse(execute, sql, params, many, context):
    change = written_table(str(sql))
    if change and change[1] not in getattr(settings, "READONLY_ALLOWED_TABLES", ()):
        raise WriteInGet(" ".join(filter(None, change)) + " in a reading request")
    return execute(sql, params, many, context)


@contextmanager
def writes_refused() -> Iterator[None]:
    """Refuse changes on every connection of this thread; READONLY_ALLOWED_TABLES are exempt."""
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(_refuse))
        yield


def _stream(chunks: Iterable) -> Iterator:
    """Guard each chunk while it is produced and let go in between: other work may run on this thread."""
    source = iter(chunks)
    while True:
        with writes_refused():
            try:
                chunk = next(source)
            except StopIteration:
                return
        yield chunk


class ReadOnlyMiddleware:
    """Wraps synchronous views; a streamed body stays guarded until its last chunk.

    Place it below the session and login middleware, or list their tables in READONLY_ALLOWED_TABLES.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in READING_METHODS:
            return self.get_response(request)
        with writes_refused():
            response = self.get_response(request)
        if response.streaming and not response.is_async:
            response.streaming_content = _stream(response.streaming_content)
        return response
