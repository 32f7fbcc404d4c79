"""Rubbish in addresses, queries and forms of every page: never an error of the server."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from tests.test_every_url import EVERY, furnished, signed_in, undone, world  # noqa: F401 - two fixtures
from tests.url_samples import SAMPLES, Sample

ROOMS = ("accounts", "jobs", "ledgers", "posts", "reports", "sampling", "subsidies", "config")
_READ = re.compile(r"(?:GET|POST|data|asked|query)\)?\.(?:get|getlist)\(\s*\"(\w+)\"")
_FIELD = re.compile(r"^    (\w+) = (?:forms\.)?\w*Field\(", re.MULTILINE)
VALUES = [
    "", " ", "0", "-1", "1e9", "9" * 40, "9" * 400, "NaN", "²", "１", "%", "_", "%s%n{0}{{x}}${7*7}", "' OR 1=1 --",
    "null", "[]", "2023-13", "2023-03", "0000-00", "99999-01", "2023-02-30", "../../etc/passwd", "<script>", "\u202e",
    "\U0001f600", "张\U0002ebf0", "=1+1", "a" * 5000, "990101199001010019", "id:" + "0" * 32, "true", "on", "\ufffd",
    "\r\nX: y", "99/1/", "99",
]  # fmt: skip


def asked() -> list[str]:
    """Every parameter that a view reads and every field that a form has, as the sources name them."""
    found = {"page", "order_by", "next", "act"}
    for room in ROOMS:
        for source in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            text = source.read_text()
            found |= {*_READ.findall(text), *_FIELD.findall(text)}
    return sorted(found - {"csrfmiddlewaretoken"})


KEYS = asked()
NAMES = sorted(set(EVERY) & set(SAMPLES))


def opener(world, name: str, sample: Sample):  # noqa: F811
    """Somebody whom the page lets in, so that the rubbish reaches it."""
    people = world.cast.everyone()
    names = (
        sample.readers
        or sample.writers
        or ("city", "county", "township", "village", "admin", "sampler", "auditor")
    )
    return next((people[who] for who in names if EVERY[name].access.admits(people[who])), world.cast.city)


def rubbish(chance: random.Random) -> dict[str, str]:
    return {key: chance.choice(VALUES) for key in KEYS if chance.random() < 0.6}


@pytest.mark.parametrize("name", NAMES)
def test_rubbish_is_never_an_error_of_the_server(world, name) -> None:  # noqa: F811
    sample, chance = SAMPLES[name](world), random.Random(name)
    client = signed_in(opener(world, name, sample))
    address = reverse(EVERY[name].name, kwargs=sample.own)
    tries = [(address, kept) for _ in range(2) for kept in in_two_ways(sample, chance)]
    tries += [(wrong, sample.post) for wrong in misspelt(address, sample)]
    healthy = client.get(address).status_code  # 503 where the page reports what is not there in a test
    for where, sent in tries:
        with undone():
            statuses = {client.get(where, sent).status_code, client.post(where, sent).status_code}
            assert all(status < 500 or status == healthy == 503 for status in statuses), (
                where,
                sent,
                statuses,
            )


def in_two_ways(sample: Sample, chance: random.Random) -> list[dict]:
    """Rubbish in everything, and in three fields of a form that is right otherwise."""
    sent = rubbish(chance)
    return [sent, sample.post | dict(chance.sample(sorted(sent.items()), 3))]


def misspelt(address: str, sample: Sample) -> list[str]:
    """The address with each of its arguments replaced by what is none."""
    found = []
    for value in map(str, sample.own.values()):
        for wrong in ("0", "-1", "9" * 30, "x", "2023-13", "..", "a" * 300, "%E5%BC%A0"):
            found.append(address.replace(f"/{value}/", f"/{wrong}/").replace(f"/{value}.", f"/{wrong}."))
    return [wrong for wrong in found if wrong != address]
