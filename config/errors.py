"""What the reader gets when something broke: try again in a moment, or tell the administrator."""

from __future__ import annotations

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 10
_FULL = (errno.ENOSPC, errno.EDQUOT)
# SQLite and PostgreSQL name a full disk only in words: SQLITE_FULL, and the text of ENOSPC in C and in Chinese
_FULL_WORDS = ("disk is full", "no space left", "could not extend file", "设备上没有空间")


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: 503 with Retry-After while the database is away, busy or the disk is full; else the 500 page."""
    error = sys.exc_info()[1]
    if is_disk_full(error):
        return _later("503_disk.html")
    if is_unavailable(error):
        return _later("503.html")
    return _page("500.html", 500)


def is_unavailable(error: BaseException | None) -> bool:
    """The database cannot be reached, was restarted, or another writer holds it for too long."""
    return any(isinstance(link, OperationalError | InterfaceError) for link in _chain(error))


def is_disk_full(error: BaseException | None) -> bool:
    """A file or the database could not grow."""
    return any(
        getattr(link, "errno", None) in _FULL
        or (isinstance(link, OperationalError) and any(word in str(link).lower() for word in _FULL_WORDS))
        for link in _chain(error)
    )


def _later(template: str) -> HttpResponse:
    response = _page(template, 503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _page(template: str, status: int) -> HttpResponse:
    """Without the request: what every page is given (menu, unit) comes from the database that may be away."""
    return HttpResponse(render_to_string(template), status=status)


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links
