"""The private servers of tests.stack: they serve, they end with the command, they leave nothing behind."""

import os
import signal
import subprocess
import sys

import psycopg2
import pytest
from redis import Redis as RedisClient

from tests.stack import ROOT, Postgres, Redis, answers, need, running

STACK = [sys.executable, "-m", "tests.stack"]


def test_the_exit_code_is_the_commands_own():
    assert subprocess.run([*STACK, "--", "sh", "-c", "exit 3"], cwd=ROOT).returncode == 3


def test_postgres_keeps_what_was_committed_when_it_is_killed():
    with running(Postgres) as server:
        with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept (line text); INSERT INTO kept VALUES ('稳岗')")
        connection.close()
        server.kill()
        server.start()
        with psycopg2.connect(server.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT line, current_setting('fsync') FROM kept")
            assert cursor.fetchone() == ("稳岗", "on")
        connection.close()
    assert not answers(server.port)
    assert not server.folder.exists()


@pytest.mark.parametrize(("durable", "left"), [(True, b"1"), (False, None)])
def test_only_a_durable_redis_survives_being_killed(durable, left):
    with running(Redis, durable=durable) as server:
        with RedisClient.from_url(server.url) as client:
            client.set("job", 1)
        server.kill()
        server.start()
        with RedisClient.from_url(server.url) as client:
            assert client.get("job") == left


def test_a_terminated_run_takes_its_servers_with_it():
    command = [*STACK, "--redis", "--", "sh", "-c", "echo $REDIS_URL; sleep 60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        port = int(run.stdout.readline().rsplit(":", 1)[1].split("/")[0])
        assert answers(port)
        os.kill(run.pid, signal.SIGTERM)
        run.wait(20)
    assert not answers(port)


def test_a_missing_program_names_the_line_that_installs_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match="apt-get install --no-install-recommends chromium"):
        need("chromium")
