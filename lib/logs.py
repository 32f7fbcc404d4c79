"""Logs that may be read by anyone who runs the server: who asked for what and what broke, never about whom.

An exception is logged as its type and the places it passed through; its message and the local variables may hold
a name or a number and are left out. Numbers that look like an ID or a mobile phone are masked in every line.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.debug import SafeExceptionReporterFilter

HEADER = "X-Request-ID"
CHAIN = 5  # causes of an exception that are told
_GIVEN = re.compile(r"[0-9a-f]{32}")  # what the proxy in front may send
# A number begins after no digit, or after a sign that Django wrote as \x00 or \u4e09 when it logged an address.
_BEGINS = r"(?:(?<!\d)|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4})|(?<=\\U[0-9a-f]{8}))"
_MASKS = (
    (re.compile(_BEGINS + r"(?:\d{17}[\dXx]|\d{15})(?!\d)"), "[ID]"),
    (re.compile(_BEGINS + r"(?:\+?86)?1[3-9]\d{9}(?!\d)"), "[phone]"),
    (re.compile(r"(/[^\s?\"']*)\?[^\s\"']*"), r"\1"),  # the query of an address: search words
)

request_id: ContextVar[str] = ContextVar("request_id", default="")
access = logging.getLogger("access")


def mask(text: str) -> str:
    """The text without anything that looks like an identity number, a mobile phone or the query of an address."""
    for pattern, shown in _MASKS:
        text = pattern.sub(shown, text)
    return text


def places(error: BaseException) -> list[str]:
    """One line per exception of the chain, outermost first: its type and where it passed, without its message."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < CHAIN:
        name = f"{type(current).__module__}.{type(current).__qualname__}".removeprefix("builtins.")
        lines.append(" < ".join([name, *_frames(current.__traceback__)]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def _frames(trace: TracebackType | None) -> list[str]:
    """Places from the innermost outwards."""
    return [f"{f.filename}:{f.lineno} {f.name}" for f in reversed(traceback.extract_tb(trace))]


class PlainFormatter(logging.Formatter):
    """One readable line, masked; exceptions as type and places."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have written the full traceback into it
        return mask(super().format(record))

    def formatException(self, ei) -> str:
        return "\n".join(places(ei[1])) if ei[1] else ""

    def formatStack(self, stack_info: str) -> str:
        return ""


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message, request, and what the record brings along."""

    FIELDS = ("user", "method", "path", "status", "ms", "job")

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": timezone.localtime().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        # Django tells of 4xx answers when the middleware has already ended
        if number := request_id.get() or getattr(getattr(record, "request", None), "number", ""):
            line["request"] = number
        for name in self.FIELDS:
            if (value := getattr(record, name, None)) is not None:
                line[name] = mask(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1]:
            line["error"] = [mask(text) for text in places(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False, default=str)


class NothingPersonal(SafeExceptionReporterFilter):
    """Error reports show neither local variables, nor what was posted, nor settings: not even while DEBUG is on."""

    def is_active(self, request) -> bool:
        return True

    def get_traceback_frame_variables(self, request, tb_frame):
        return ()

    def get_post_parameters(self, request):
        return {}


class RequestMiddleware:
    """Gives every request a number, answers it in X-Request-ID and writes one line about it. Place it first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        number = given if _GIVEN.fullmatch(given) else secrets.token_hex(16)
        request.number = number  # type: ignore[attr-defined]
        token, started = request_id.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = number
            user = getattr(request, "_cached_user", None)  # asking request.user could cost a query
            told = {
                "user": getattr(user, "pk", None),
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000),
            }
            access.info("%s %s %s", request.method, request.path, response.status_code, extra=told)
            return response
        finally:
            request_id.reset(token)
