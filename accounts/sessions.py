"""How long somebody stays signed in: at most SESSION_COOKIE_AGE, and not through a long silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SEEN = "seen"  # when the session was last used, in seconds since 1970
BEGUN = "begun"  # when it began
STEP = 300  # seconds: noted no more often than this
FRESH = 600  # seconds after signing in during which the password need not be asked for again


def begin(request: HttpRequest) -> None:
    """A session has just begun: whatever is done in it, it ends SESSION_COOKIE_AGE from now."""
    now = timezone.now()
    request.session.set_expiry(now + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE))
    request.session[SEEN] = request.session[BEGUN] = int(now.timestamp())


def is_fresh(request: HttpRequest) -> bool:
    """Whether the password was typed so lately that what opens the account may be changed."""
    now = int(timezone.now().timestamp())
    return now - request.session.get(BEGUN, now) <= FRESH


class IdleMiddleware:
    """Signs out who has asked for nothing during SESSION_IDLE_MINUTES; a draft waits in the browser (draft.js)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SEEN in request.session:
            silent = int(timezone.now().timestamp()) - request.session[SEEN]
            if silent > settings.SESSION_IDLE_MINUTES * 60:
                logout(request)
            elif silent > STEP:
                request.session[SEEN] += silent
        return self.get_response(request)
