"""Promise 23: a server's answers of every kind carry the headers, and its cookies the flags."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from django.conf import settings

from tests import cast, factories
from tests.stack import ROOT

STATUS = {
    "sign-in page": 200, "stranger": 302, "stranger, unknown address": 404, "home": 302, "list": 200, "person": 200,
    "form": 200, "workbook": 200, "unknown address": 404, "wrong method": 405, "without token": 403,
    "wrong host": 400, "plain http": 301, "broken": 500,
}  # fmt: skip
SIGNED_IN = (
    "home",
    "list",
    "person",
    "form",
    "workbook",
    "unknown address",
    "wrong method",
    "without token",
    "broken",
)
POLICY = {
    "default-src": ["'self'"], "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"],
    "object-src": ["'none'"], "base-uri": ["'none'"], "form-action": ["'self'"], "frame-ancestors": ["'none'"],
}  # fmt: skip


@pytest.fixture
def answers(test_environment) -> dict[str, dict]:
    people = cast.build()
    factories.record(factories.laborer(people.units["99111"]))
    keys = {name: getattr(settings, name) for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")}
    environment = test_environment | keys | {
        "MODE": "server", "ALLOWED_HOSTS": "ledger.example", "DJANGO_SETTINGS_MODULE": "config.settings",
        "CSRF_TRUSTED_ORIGINS": "https://ledger.example",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.proof_data.visit"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def policy(answer: dict) -> dict[str, list[str]]:
    """Directive → sources without the nonce."""
    text = re.sub(r" 'nonce-[^']+'", "", answer["headers"]["Content-Security-Policy"])
    return {name: sources for name, *sources in (part.split() for part in text.split(";") if part.strip())}


def test_every_kind_of_answer_carries_the_headers_and_its_cookies_the_flags(answers):
    assert {name: answer["status"] for name, answer in answers.items()} == STATUS
    for name, answer in answers.items():
        headers = answer["headers"]
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        if name != "plain http":  # browsers ignore it there
            hsts = headers["Strict-Transport-Security"]
            assert hsts == "max-age=31536000; includeSubDomains; preload", name
        if name not in ("plain http", "wrong host"):  # answered before there is a page
            assert policy(answer) == POLICY, name
            assert headers["X-Frame-Options"] == "DENY", name
        for cookie in answer["cookies"].values():
            assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax"), name
    for name in SIGNED_IN:
        assert "no-store" in answers[name]["headers"].get("Cache-Control", ""), name
    assert answers["plain http"]["headers"]["Location"] == "https://ledger.example/accounts/login/"
    assert answers["sign-in page"]["cookies"].keys() == {"__Host-csrftoken"}
    policies = [a["headers"].get("Content-Security-Policy", "") for a in answers.values()]
    nonces = re.findall(r"'nonce-([^']+)'", " ".join(policies))
    assert len(set(nonces)) == len(nonces)
