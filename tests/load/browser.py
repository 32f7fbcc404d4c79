"""Browsers of many officers in one thread: cookies, forms with their token, a connection for each request."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field

PATIENCE = 30.0  # seconds, as long as somebody waits before the page counts as not answered
EDGE = "ledger-load-edge"
FORM = "application/x-www-form-urlencoded"
TIMEOUT, BROKEN = 0, -1  # in place of a status


@dataclass(frozen=True)
class Address:
    """Where the servers under test listen. Another machine is refused: this is no tool to disturb others with."""

    port: int
    host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        try:
            loopback = ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise SystemExit(f"The load is for a loopback address of this machine, not for {self.host}.")


@dataclass(slots=True)
class Answer:
    """Status (TIMEOUT, BROKEN without an answer), where it sends, the page."""

    status: int
    location: str = ""
    text: bytes = b""


@dataclass(slots=True)
class Officer:
    """Somebody with a browser; `people` of the village by number."""

    username: str
    unit: str
    people: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)


async def ask(
    address: Address,
    officer: Officer,
    path: str,
    body: bytes | None = None,
    kind: str = FORM,
    accept: str = "text/html",
) -> Answer:
    """GET, or POST when there is a body; within PATIENCE."""
    cookies = "; ".join(f"{name}={value}" for name, value in officer.cookies.items())
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
        f"Host: {address.host}:{address.port}",
        "Connection: close",
        f"Accept: {accept}",
        *([f"Cookie: {cookies}"] if cookies else []),
        *([f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if body is not None else []),
    ]
    sent = "\r\n".join([*lines, "", ""]).encode() + (body or b"")
    try:
        async with asyncio.timeout(PATIENCE):
            return _read(officer, await _exchange(address, sent))
    except TimeoutError:
        return Answer(TIMEOUT)
    except OSError:
        return Answer(BROKEN)


async def _exchange(address: Address, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(sent)
        return await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _read(officer: Officer, received: bytes) -> Answer:
    head, ended, text = received.partition(b"\r\n\r\n")
    if not ended:
        return Answer(BROKEN)
    status, *lines = head.decode("latin-1").split("\r\n")
    location = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "Set-Cookie":
            key, _, rest = value.partition("=")
            officer.cookies[key] = rest.partition(";")[0]
        elif name == "Location":
            location = value
    return Answer(int(status.split(" ")[1]), location, text)


def form(officer: Officer, values: Mapping[str, str]) -> bytes:
    """A form as the browser sends it, with the token."""
    return urllib.parse.urlencode(_with_token(officer, values)).encode()


def multipart(officer: Officer, values: Mapping[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """A form with one file: its body and its content type."""
    parts = [f'--{EDGE}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
             for key, value in _with_token(officer, values).items()]  # fmt: skip
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = b"".join([*parts, head.encode(), content, f"\r\n--{EDGE}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={EDGE}"


def _with_token(officer: Officer, values: Mapping[str, str]) -> dict[str, str]:
    return {"csrfmiddlewaretoken": officer.cookies.get("csrftoken", ""), **values}


async def sign_in(address: Address, officer: Officer, password: str) -> Answer:
    """Over the sign-in page, as anybody; 302 when it worked."""
    officer.cookies.clear()
    page = await ask(address, officer, "/accounts/login/")
    if page.status != 200:
        return page
    values = {"username": officer.username, "password": password}
    return await ask(address, officer, "/accounts/login/", form(officer, values))
