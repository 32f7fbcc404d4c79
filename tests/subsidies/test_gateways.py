"""Gateways: what leaves the house, signed, and what an answer means for trying again."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from subsidies.messages import gateways
from subsidies.messages.gateways import Console, File, Http, Refused, Unreachable, Unsure, chosen

KEY = "an-agreed-key-of-the-test"
PHONE = "13900000001"


@dataclass
class Office:
    """A gateway on this machine: what it was sent, and what it answers."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"reference": "R-1"}'
    silent: bool = False
    requests: list[tuple[str, dict, bytes]] = field(default_factory=list)


@pytest.fixture
def office(monkeypatch) -> Iterator[Office]:
    made, over = Office(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.requests.append((self.path, dict(self.headers), body))
            if made.silent:
                over.wait(10)
                return
            self.send_response(made.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(made.answer)

        def log_message(self, *args: object) -> None:
            pass

    monkeypatch.setattr(gateways, "PAUSE", 0)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_is_posted_once_with_a_signature_that_the_office_can_check(office):
    assert Http(office.url, KEY).send(PHONE, "测试甲您好", "7-1") == "R-1"
    ((path, headers, body),) = office.requests
    assert (path, json.loads(body)) == ("/send", {"key": "7-1", "phone": PHONE, "text": "测试甲您好"})
    signed = hmac.new(KEY.encode(), f"{headers['X-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == signed


@pytest.mark.parametrize(
    ("status", "error"),
    [(302, Refused), (400, Refused), (422, Refused), (401, Unreachable), (403, Unreachable), (404, Unreachable),
     (429, Unreachable), (503, Unreachable), (408, Unsure), (500, Unsure), (502, Unsure), (504, Unsure)],
)  # fmt: skip
def test_what_an_answer_means(office, status, error):
    office.status, office.answer = status, PHONE.encode()
    with pytest.raises(error) as told:
        Http(office.url, KEY).send(PHONE, "您好", "7-1")
    assert PHONE not in str(told.value)
    assert len(office.requests) == 1  # whatever the answer, this call does not repeat it


@pytest.mark.parametrize("answer", [b"", b"ok", b"[1]", b"{}"])
def test_an_answer_without_a_reference_is_an_acceptance(office, answer):
    office.answer = answer
    assert Http(office.url, KEY).send(PHONE, "您好", "7-1") == ""


def test_a_reference_that_holds_the_number_is_masked(office):
    office.answer = json.dumps({"reference": f"{PHONE}"}).encode()
    assert Http(office.url, KEY).send(PHONE, "您好", "7-1") == "[phone]"


def test_silence_after_the_message_was_sent_is_not_tried_again(office, monkeypatch):
    monkeypatch.setattr(gateways, "TIMEOUT", 0.2)
    office.silent = True
    with pytest.raises(Unsure, match="没有答复"):
        Http(office.url, KEY).send(PHONE, "您好", "7-1")
    assert len(office.requests) == 1


def test_a_connection_that_never_stood_is_tried_three_times(monkeypatch):
    monkeypatch.setattr(gateways, "PAUSE", 0)
    tried = []
    monkeypatch.setattr(gateways.HTTPConnection, "connect", lambda self: tried.append(1) or _refuse())
    with pytest.raises(Unreachable, match="连不上短信网关"):
        Http("http://127.0.0.1:9/", KEY).send(PHONE, "您好", "7-1")
    assert len(tried) == gateways.TRIES


def _refuse() -> None:
    raise ConnectionRefusedError


def test_a_closed_port_is_unreachable(monkeypatch):
    monkeypatch.setattr(gateways, "PAUSE", 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Unreachable):
            Http(f"http://127.0.0.1:{port}", KEY).send(PHONE, "您好", "7-1")


def test_receipts_are_asked_for_by_reference_and_others_are_left_out(office):
    office.answer = json.dumps({"delivered": ["R-1", "R-9"], "failed": ["R-2"]}).encode()
    assert Http(office.url, KEY).receipts(["R-1", "R-2", "R-3"]) == {"R-1": True, "R-2": False}
    assert office.requests[0][0] == "/send/receipts"


def test_the_file_has_a_line_for_each_and_only_its_owner_reads_it(tmp_path):
    file = File(tmp_path / "sms.jsonl")
    assert [file.send(PHONE, f"第{n}条", f"7-{n}") for n in (1, 2)] == ["file-7-1", "file-7-2"]
    lines = [json.loads(line) for line in file.path.read_text(encoding="utf-8").splitlines()]
    assert lines[1] == {"key": "7-2", "phone": PHONE, "text": "第2条"}
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    with pytest.raises(Unreachable):
        File(tmp_path / "none" / "sms.jsonl").send(PHONE, "您好", "7-1")


def test_the_console_shows_neither_number_nor_text(capsys):
    Console().send(PHONE, "测试甲您好", "7-1")
    told = capsys.readouterr().out
    assert "139****0001" in told
    assert PHONE not in told
    assert "测试甲" not in told


@pytest.mark.parametrize(
    ("kind", "made"), [("off", None), ("console", Console), ("file", File), ("http", Http)]
)
def test_the_settings_choose_the_gateway(settings, kind, made):
    settings.SMS_GATEWAY, settings.SMS_URL, settings.SMS_KEY = kind, "https://sms.example/send", KEY
    assert type(chosen()) is (made or type(None))
