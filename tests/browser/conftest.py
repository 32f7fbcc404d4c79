"""Debian's Chromium against a live server. A page that writes an error to its console, or asks another host, fails.

`page` is a desk, `phone` a phone of 390 × 844; `page.goto("/path")` goes to the live server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.stack import need

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


@dataclass
class Complaints:
    """What the browser had to say. A test that provokes an error checks it here and calls `clear()`."""

    host: str
    lines: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.lines.clear()

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.lines.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def on_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and url.netloc != self.host:
            self.lines.append(f"request to another host: {url.netloc}")

    def watch(self, page: Page) -> None:
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.lines.append(f"uncaught: {error}"))
        page.on("request", self.on_request)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": need("chromium"), "args": CHROMIUM_ARGUMENTS}


@pytest.fixture
def complaints(live_server: Any) -> Iterator[Complaints]:
    """What the pages of this test complained about; must be empty at the end."""
    found = Complaints(urlsplit(live_server.url).netloc)
    yield found
    assert not found.lines, "\n".join(found.lines)


@pytest.fixture
def open_context(
    browser: Browser, live_server: Any, complaints: Complaints
) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts (one per person) on the live server, e.g. `open_context(**PHONE)`."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        defaults = {"base_url": live_server.url, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
        context = browser.new_context(**(defaults | options))
        context.set_default_timeout(10_000)
        context.on("page", complaints.watch)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A page on a desk, 1280 × 800."""
    return open_context(viewport={"width": 1280, "height": 800}).new_page()


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext]) -> Page:
    """A page on a village officer's phone, 390 × 844."""
    return open_context(**PHONE).new_page()


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[Page, Any], None]:
    """`sign_in(page, user)`: gives the page's context the session of a signed-in user, without the login form."""

    def give_session(page: Page, user: Any) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    return give_session


@pytest.fixture
def barriers() -> Callable[[Page], list[str]]:
    """`barriers(page)`: what keeps a person from reading or using the page (axe, WCAG 2 A and AA), one line each."""

    def find(page: Page) -> list[str]:
        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
        violations = Axe().run(page, options=rules).response["violations"]
        return [f"{fault['id']}: {node['html'][:120]}" for fault in violations for node in fault["nodes"]]

    return find


@pytest.fixture
def fine(barriers: Callable[[Page], list[str]]) -> Callable[[Page], None]:
    """`fine(page)`: the page as it stands has no barrier and does not scroll sideways."""

    def check(page: Page) -> None:
        page.wait_for_load_state()
        assert not barriers(page), (page.url, barriers(page))
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, f"{page.url} is {wide} px wide in a window of {window} px"

    return check


def type_login(page: Page, username: str, password: str) -> None:
    """The real form of signing in, as a person types it."""
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
