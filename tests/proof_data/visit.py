"""A child process in MODE=server: answers of every kind, as one JSON line of statuses, headers and cookies."""

from __future__ import annotations

import json
import sys

import django
from django.test import Client

django.setup()

from accounts.models import User  # noqa: E402 - after the setup
from ledgers.models import Laborer  # noqa: E402

HTTPS = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_HOST": "ledger.example"}


def told(response) -> dict:
    if response.streaming:
        list(response.streaming_content)
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "cookies": {name: dict(morsel) for name, morsel in response.cookies.items()},
    }


def main() -> None:
    stranger = Client(raise_request_exception=False, **HTTPS)
    officer = Client(raise_request_exception=False, enforce_csrf_checks=True, **HTTPS)
    officer.force_login(User.objects.get(username="cun"))
    person = f"/ledgers/people/{Laborer.objects.get().pk}/"
    answers = {
        "sign-in page": stranger.get("/accounts/login/"),
        "stranger": stranger.get("/ledgers/"),
        "stranger, unknown address": stranger.get("/nowhere/"),
        "home": officer.get("/"),
        "list": officer.get("/ledgers/"),
        "person": officer.get(person),
        "form": officer.get(f"{person}form/2023-03/"),
        "workbook": officer.get("/imports/templates/laborers.xlsx"),
        "unknown address": officer.get("/nowhere/"),
        "wrong method": officer.get(f"{person}reveal/phone/"),
        "without token": officer.post(f"{person}reveal/phone/", {"reason": "核对身份"}),
        "wrong host": stranger.get("/accounts/login/", HTTP_HOST="evil.example"),
        "plain http": Client(HTTP_HOST="ledger.example").get("/accounts/login/"),
    }
    from ledgers.views import people

    people.counted_text = people._history = lambda *_: 1 / 0
    answers["broken"] = officer.get(person)
    sys.stdout.write(json.dumps({name: told(answer) for name, answer in answers.items()}))


if __name__ == "__main__":
    main()
