"""Requests that cannot be text are answered before anything looks at them: 400, or 413 for a form beyond the limit.

PostgreSQL refuses the character U+0000, and bytes that are no UTF-8 would be searched for as something else (item 105).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

PIECE = 1 << 16
_BROKEN = re.compile("\0|%[89A-F][0-9A-F]")  # bytes of a path that are no UTF-8 stay percent-encoded


def is_text(raw: str) -> bool:
    """Whether the query of an address, as WSGI hands it over, is UTF-8 without U+0000."""
    try:
        return "\0" not in unquote_to_bytes(raw.encode("latin-1")).decode()
    except UnicodeError:
        return False


class WellFormedMiddleware:
    """Stands behind the check of cross-site requests, which is the first to read a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _BROKEN.search(request.path_info) or not is_text(request.META.get("QUERY_STRING", "")):
            raise BadRequest("an address that is not text")
        if (
            request.content_type != "multipart/form-data"
            and _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        ):
            _read_past(request)
            return render(request, "413.html", status=413)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *rest: Any) -> None:
        if any("\0" in text for _, texts in request.POST.lists() for text in texts):
            raise BadRequest("a form that is not text")


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _read_past(request: HttpRequest) -> None:
    """A browser that is still sending would otherwise show a broken connection instead of the answer."""
    for _ in range(settings.UPLOAD_MAX_BYTES // PIECE):
        if not request.read(PIECE):
            return
