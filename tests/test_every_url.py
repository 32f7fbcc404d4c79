"""Every address × every user of the cast: who may open it, and that nothing of elsewhere ever shows.

The walker reads the URL configuration, so a new pattern is walked as soon as it has an entry in tests/url_samples.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access import Access, AccessMiddleware
from accounts.models import Level, User
from accounts.roles import Role
from tests import cast as cast_module
from tests import factories
from tests.proof.asking import text_of
from tests.url_samples import FURNISHERS, SAMPLES, Sample, World

for _more in sorted(Path(__file__).parent.glob("samples_of_*.py")):
    import_module(f"tests.{_more.stem}")  # the samples of one room each

CANARY = b"ZQ"
UNPOSTED = "您的账号还没有任职单位".encode()  # all that someone without a posting gets to see


@dataclass(frozen=True)
class Pattern:
    name: str
    view: Callable
    has_arguments: bool

    @property
    def access(self) -> Access | None:
        return getattr(self.view, "access", None)


def patterns(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[Pattern]:
    """Every pattern of the application with its full name."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, inner)
        elif isinstance(entry, URLPattern):
            name = f"{namespace}{entry.name}" if entry.name else f"{namespace}<{entry.pattern}>"
            yield Pattern(name, entry.callback, bool(entry.pattern.regex.groups))


def _named() -> dict[str, Pattern]:
    """Patterns by name; the second address of one name is called name#2."""
    found: dict[str, Pattern] = {}
    for pattern in patterns():
        count = sum(key.split("#")[0] == pattern.name for key in found)
        found[f"{pattern.name}#{count + 1}" if count else pattern.name] = pattern
    return found


EVERY = _named()


@pytest.fixture(scope="module")
def furnished(django_db_setup, django_db_blocker) -> Iterator[World]:
    """The cast in their city, and a neighbouring city whose every name carries the canary; a transaction holds it."""
    with django_db_blocker.unblock(), undone():
        yield furnish_world()


@pytest.fixture
def world(furnished, db) -> World:
    """What is furnished; the test's own transaction undoes what it does to it."""
    return deepcopy(furnished)


@contextmanager
def undone() -> Iterator[None]:
    """A transaction, or a part of one, of which nothing stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def furnish_world() -> World:
    made = World(cast_module.build())
    far = factories.unit("ZQ", "ZQ市", Level.CITY)
    county = factories.unit("ZQ1", "ZQ县", Level.COUNTY, far)
    town = factories.unit("ZQ11", "ZQ镇", Level.TOWNSHIP, county)
    village = factories.unit("ZQ111", "ZQ村", Level.VILLAGE, town)
    made.rows |= {"far_city": far, "far_county": county, "far_town": town, "far_village": village}
    made.rows["far_user"] = cast_module.user("ZQuser", village, Role.VILLAGE, "ZQ村信息员")
    made.rows["far_laborer"] = factories.laborer(village, "ZQ甲")
    for furnisher in FURNISHERS:
        furnisher(made)
    return made


HANDLER = ClientHandler(
    enforce_csrf_checks=False
)  # one for all: building the middleware costs more than a request


def signed_in(user: User | None) -> Client:
    client = Client()
    client.handler = HANDLER
    if user is not None:
        client.force_login(user)
    return client


def body(response) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:4] in (b"PK\x03\x04", b"%PDF"):
        return text_of(content).encode()
    return re.sub(rb'(csrfmiddlewaretoken" value=|"token": |nonce=)"[^"]+"', b"", content)


def call(user: User | None, name: str, arguments: dict, sample: Sample, method: str):
    """One request in a transaction that is rolled back, so that no request changes the world of the next."""
    client = signed_in(user)
    address = reverse(EVERY[name].name, kwargs=arguments) + (f"?{sample.query}" if sample.query else "")
    with undone():
        response = client.get(address) if method == "GET" else client.post(address, sample.post)
        answer = (response.status_code, response.get("Location", ""), body(response))
    return answer


def test_every_pattern_says_who_may_use_it():
    silent = [name for name, pattern in EVERY.items() if pattern.access is None]
    assert not silent, f"这些网址没有声明谁可以使用（accounts.access 的 public、signed_in、needs）：{silent}"


def test_every_pattern_has_a_sample():
    unknown = sorted(set(EVERY) - set(SAMPLES))
    assert not unknown, f"请把这些网址加入 tests/url_samples.py：{unknown}"


def test_every_sample_belongs_to_a_pattern():
    assert not set(SAMPLES) - set(EVERY), "tests/url_samples.py 里有已经不存在的网址"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", sorted(set(EVERY) & set(SAMPLES)))
def test_an_address_opens_to_those_it_is_for_and_to_nobody_else(world, name, method, monkeypatch):
    pattern, sample = EVERY[name], SAMPLES[name](world)
    nowhere = body(signed_in(None).get("/no/such/page/"))
    status, location, _ = call(None, name, sample.own, sample, method)
    if pattern.access.public:
        assert status < 500
        return
    assert (status, location.split("?")[0]) == (302, reverse(settings.LOGIN_URL)), "anonymous"
    for who, user in world.cast.everyone().items():
        status, location, text = call(user, name, sample.own, sample, method)
        assert CANARY not in text + location.encode(), f"{who} sees a foreign name at {name}"
        if UNPOSTED in text and not user.roles:
            continue
        openers = sample.openers(method)
        if pattern.access.admits(user) and (openers is None or who in openers):
            assert status not in {404, *range(500, 600)}, f"{who} cannot open {name}: {status}"
        elif status != 405:
            assert (status, text) == (404, nowhere), f"{who} must not open {name}"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "name", sorted(name for name in set(EVERY) & set(SAMPLES) if EVERY[name].has_arguments)
)
def test_a_foreign_row_and_a_missing_row_answer_alike(world, name, method):
    sample = SAMPLES[name](world)
    assert sample.foreign is not None, f"请在 tests/url_samples.py 给 {name} 加上 foreign 和 missing"
    assert sample.missing is not None, f"请在 tests/url_samples.py 给 {name} 加上 foreign 和 missing"
    for who, user in world.cast.everyone().items():
        foreign = call(user, name, sample.foreign, sample, method)
        missing = call(user, name, sample.missing, sample, method)
        assert foreign == missing, f"{who} can tell a foreign row from a missing one at {name}"
        assert foreign[0] in {404, 405} or UNPOSTED in foreign[2], (
            f"{who} opens a foreign row at {name}: {foreign[0]}"
        )


def test_a_view_that_declares_nothing_answers_404(world, rf):
    request = rf.get("/")
    request.user = world.cast.city
    with pytest.raises(Http404):
        AccessMiddleware(lambda request: None).process_view(request, lambda request: None, (), {})


KEYS = (
    "q",
    "unit",
    "county",
    "village",
    "role",
    "state",
    "after",
    "before",
    "month",
    "kind",
    "parent",
    "group",
)
VALUES = ("", "%", "ZQ1", "ZQ", "99", "_", "' OR 1=1", "ZQ村", "1" * 400)


@pytest.mark.parametrize(
    "name", sorted(name for name in set(EVERY) & set(SAMPLES) if not EVERY[name].has_arguments)
)
def test_no_query_widens_what_is_seen(world, name):
    """Blank, wild, foreign and overlong values for every parameter that lists know, each sent twice."""
    for who in ("village", "township", "county", "city"):
        client = signed_in(world.cast.everyone()[who])
        for value in VALUES:
            response = client.get(reverse(EVERY[name].name), [(key, value) for key in KEYS for _ in range(2)])
            assert response.status_code < 500
            shown = body(response)
            for echo in (f'value="{value}"', f"={value}", f"={quote(value)}", f">{value}<"):
                shown = shown.replace(echo.encode(), b"")
            assert CANARY not in shown, f"{who} sees a foreign name at {name}?…={value}"
