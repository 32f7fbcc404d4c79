"""A filter only narrows: each parameter that a view reads, with blank, wild, foreign, listed and repeated values."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.proof.walking import EVERY, FOREIGN, HOME, foreign_canaries

pytestmark = pytest.mark.django_db

IDENTITIES = ("village", "county", "sampler")
PAGES = sorted(  # public pages show nothing of anybody
    name
    for name, pattern in EVERY.items()
    if not pattern.has_arguments and pattern.access and not pattern.access.public
)
WRONG = ("", "%", "_", "-1", "[]", "1" * 400, "ZQ", FOREIGN, FOREIGN[:3], FOREIGN[:2])


@pytest.fixture
def read(monkeypatch) -> set[str]:
    """The names of the parameters that were asked for since the test began."""
    names: set[str] = set()

    def noting(method: str) -> None:
        original = getattr(QueryDict, method)

        def note(query, key, *more, **named):
            if isinstance(key, str):
                names.add(key)
            return original(query, key, *more, **named)

        monkeypatch.setattr(QueryDict, method, note)

    for method in ("get", "__getitem__", "__contains__", "getlist"):
        noting(method)
    return names


@pytest.mark.parametrize("name", PAGES)
def test_no_parameter_widens_what_is_seen(asker, read, name):
    address = reverse(EVERY[name].name)
    for who in IDENTITIES:
        asker.ask(who, address)
    keys = sorted(key for key in read if key.isidentifier() and "csrf" not in key)
    row = asker.world.rows[FOREIGN]["person"]
    foreign = (*WRONG, str(row.pk), row.name, row.id_no, row.phone)
    for who in IDENTITIES:
        for value in foreign:
            answer = asker.ask(who, f"{address}?{_query(keys, value)}")
            assert answer.status < 500, f"{name} as {who}, {value[:9]}"
            leaked = {one for one in foreign_canaries(who, answer) if f"ZQ{one[0]}{one[1]}" not in value}
            assert not leaked, f"{name} as {who}, {value[:9]}: {leaked}"
        for key in keys:
            answer = asker.ask(who, f"{address}?{key}={FOREIGN}&{key}={HOME}&{key}=")
            assert answer.status < 500
            assert not foreign_canaries(who, answer), f"{name} as {who}: {key} repeated"


def _query(keys: list[str], value: str) -> str:
    query = QueryDict(mutable=True)
    for key in keys:
        query.setlist(key, [value])
    return query.urlencode()


@pytest.mark.parametrize("name", PAGES)
def test_no_answer_to_a_signed_in_user_may_be_kept(asker, name):
    for who in ("village", "city"):
        kept = dict(asker.ask(who, reverse(EVERY[name].name)).headers).get("cache-control", "")
        assert "no-store" in kept
        assert "private" in kept
