"""The worker of gunicorn: who gets a thread, and who is dropped."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.worker import LATE_SECONDS, FreshFirst, has_head, is_left
from tests.stack import ROOT, answers, free_port

APP = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture
def pair():
    here, there = socket.socketpair()
    here.setblocking(False)
    with here, there:
        yield here, there


def test_a_thread_gets_only_a_whole_head(pair):
    here, there = pair
    assert not has_head(here)
    there.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    assert not has_head(here)
    there.sendall(b"\r\n")
    assert has_head(here)


def test_a_closed_connection_needs_no_waiting(pair):
    here, there = pair
    there.close()
    assert has_head(here)


def test_whoever_hung_up_before_the_turn_is_left(pair):
    here, there = pair
    there.sendall(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    assert not is_left(here)
    there.close()
    assert is_left(here)


def test_the_newest_comes_first_only_while_the_oldest_is_late(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("config.worker.time.monotonic", lambda: now[0])
    waiting = FreshFirst()
    for name in "abcd":
        waiting.put(name)
    assert waiting.get() == "a"
    now[0] += LATE_SECONDS + 1
    waiting.put("e")
    assert [waiting.get() for _ in range(4)] == ["e", "d", "c", "b"]
    for name in "fg":
        waiting.put(name)
    assert [waiting.get(), waiting.get()] == ["f", "g"]


@pytest.fixture
def server(tmp_path: Path):
    """gunicorn with one thread."""
    (tmp_path / "tiny.py").write_text(APP)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tiny", "--bind", f"127.0.0.1:{port}", "--threads", "1",
               "--worker-class", "config.worker.PatientWorker", "--no-control-socket"]  # fmt: skip
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    process = subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL
    )
    try:
        while not answers(port):
            assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait()


def test_sockets_that_say_little_keep_nobody_waiting(server):
    with contextlib.ExitStack() as stack:
        for number in range(20):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server)))
            slow.sendall(b"GET / HT"[: number % 9])
        connection = stack.enter_context(
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", server, timeout=60))
        )
        for _ in range(3):  # on one connection, which is kept open
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"ok"
        slow.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"[(number % 9) :])
        assert b"200 OK" in slow.recv(1000)
