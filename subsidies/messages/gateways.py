"""Where short messages leave the house: nowhere, the console, a file, or an office's gateway over HTTP.

A gateway takes one message at a time and says what became of it: a reference, or one of three exceptions. What they
promise decides whether a message may be tried again: only one that was surely not accepted may.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from lib.identity import mask_phone
from lib.logs import mask
from subsidies.messages.texts import parts

TIMEOUT = 10.0  # seconds, for connecting and for each answer
TRIES = 3
PAUSE = 1.0  # seconds between two tries
OURS = frozenset(
    {401, 403, 404, 405, 429, 503}
)  # the key, the address or the moment is wrong, not the message
NOT_SET_UP = "未配置短信网关"


class Refused(Exception):
    """The gateway does not take this message; the reason is a few words without anything personal."""


class Unreachable(Exception):
    """This message was surely not accepted, and neither would the next be; a sentence says why."""


class Unsure(Exception):
    """Nobody knows whether the message was accepted: it is not sent again."""


class Gateway(Protocol):
    def send(self, phone: str, text: str, key: str) -> str:
        """Hand one message over and return the gateway's reference; `key` is the same if it is ever repeated."""
        ...

    def receipts(self, references: list[str]) -> dict[str, bool]:
        """What is known by now: reference → delivered or failed."""
        ...


class Console:
    """Prints that a message would go out: number masked, no text. To try the pages."""

    def send(self, phone: str, text: str, key: str) -> str:
        sys.stdout.write(f"短信 {key}：{mask_phone(phone)}，{parts(text)}条\n")
        return f"console-{key}"

    def receipts(self, references: list[str]) -> dict[str, bool]:
        return {}


class File:
    """One line of JSON each in a file that only this account reads, for an office that sends from it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, phone: str, text: str, key: str) -> str:
        line = json.dumps({"key": key, "phone": phone, "text": text}, ensure_ascii=False) + "\n"
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError:
            raise Unreachable("短信文件不能写入，请检查目录权限。") from None
        with os.fdopen(handle, "a", encoding="utf-8") as out:
            out.write(line)
        return f"file-{key}"

    def receipts(self, references: list[str]) -> dict[str, bool]:
        return {}


class Http:
    """POSTs signed JSON: X-Signature is HMAC-SHA256 of "timestamp.body". No redirects, no proxy of the environment."""

    def __init__(self, url: str, key: str) -> None:
        self.parts, self.key = urlsplit(url), key.encode()

    def send(self, phone: str, text: str, key: str) -> str:
        answer = self._post("", {"key": key, "phone": phone, "text": text})
        return mask(str(answer.get("reference", "")))[:60]

    def receipts(self, references: list[str]) -> dict[str, bool]:
        answer = self._post("/receipts", {"references": references})
        asked = set(references)
        told = {"delivered": True, "failed": False}
        return {str(one): good for word, good in told.items() for one in answer.get(word, ()) if one in asked}

    def _post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(content, ensure_ascii=False).encode()
        connection = self._connected()
        try:
            connection.request("POST", (self.parts.path.rstrip("/") + path) or "/", body, self._headers(body))
            with connection.getresponse() as response:
                return _judged(response)
        except (OSError, HTTPException):  # sent, or half sent: it may have been accepted
            raise Unsure("网关没有答复") from None
        finally:
            connection.close()

    def _connected(self) -> HTTPConnection:
        """A connection; before it stands nothing has been sent, so that it may be tried again."""
        kind = HTTPSConnection if self.parts.scheme == "https" else HTTPConnection
        for left in reversed(range(TRIES)):
            connection = kind(self.parts.hostname or "", self.parts.port, timeout=TIMEOUT)
            try:
                connection.connect()
                return connection
            except OSError:
                connection.close()
                if left:
                    time.sleep(PAUSE)
        raise Unreachable("连不上短信网关，请检查网络和网关地址。")

    def _headers(self, body: bytes) -> dict[str, str]:
        moment = str(int(time.time()))
        signature = hmac.new(self.key, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json; charset=utf-8",
            "X-Timestamp": moment,
            "X-Signature": signature,
        }


def _judged(response: HTTPResponse) -> dict[str, Any]:
    """The answer as an object; what a gateway writes about an error is not kept, it may quote the number."""
    data, status = response.read(65_536), response.status
    if status in OURS:
        raise Unreachable(f"短信网关现在不收短信（{status}），请检查密钥和网关状态。")
    if 300 <= status < 500 and status != 408:
        raise Refused(f"网关拒收（{status}）")
    if not 200 <= status < 300:
        raise Unsure(f"网关出错（{status}）")
    try:
        answer = json.loads(data)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def chosen() -> Gateway | None:
    """The gateway of the settings; None when there is none."""
    if settings.SMS_GATEWAY == "console":
        return Console()
    if settings.SMS_GATEWAY == "file":
        return File(Path(settings.SMS_FILE))
    return Http(settings.SMS_URL, settings.SMS_KEY) if settings.SMS_GATEWAY == "http" else None
