"""What a phone needs to go on without a signal: the key of its queue, the page it shows, the worker that shows it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, public, signed_in
from lib.crypto import blind_index

WORKER = Path(settings.BASE_DIR) / "static" / "js" / "worker.js"


@signed_in
@require_GET
def device(request: OfficeRequest) -> HttpResponse:
    """The key under which this user's device keeps what it could not send (256 bits), and a fresh form token.

    The device holds the key only while somebody is signed in; whoever signs in again as the same user gets the same.
    """
    key = "".join(blind_index(f"{request.user.pk}:{half}", "device.key") for half in (1, 2))
    return JsonResponse({"user": str(request.user.pk), "key": key, "token": get_token(request)})


@public
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """The empty page that the worker shows without a signal; the device fills it with what it kept."""
    return render(request, "offline.html")


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at an address from which it may answer for every page."""
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
