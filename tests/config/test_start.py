"""The web process serves only when everything is in order, and otherwise says in one sentence what is not."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection

from config import checks
from tests import cast, factories

ROOT = Path(__file__).resolve().parents[2]


def gunicorn(folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """Start the web server as `make run` does; it is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"unix:{folder}/web", "--workers", "1",
         "--log-level", "critical", "--no-control-socket"],
        cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "default"} | environment, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"MODE": "nonsense"}, "MODE"),
        ({"DATABASE_URL": "postgres://ledger:secret-word@127.0.0.1:1/ledger"}, "没有应答"),
        ({"DATABASE_URL": "sqlite:///{folder}/empty.sqlite3"}, "请先运行 manage.py migrate"),
        ({"DATABASE_URL": "sqlite:///{folder}/damaged.sqlite3"}, "已损坏"),
    ],
)
def test_the_web_server_gives_up_with_one_sentence(environment, sentence, tmp_path):
    (tmp_path / "damaged.sqlite3").write_bytes(b"no database " * 1000)
    filled = {name: value.format(folder=tmp_path) for name, value in environment.items()}
    done = gunicorn(tmp_path, DATA_DIR=str(tmp_path), **filled)
    assert done.returncode == 3
    assert sentence in done.stderr
    assert "secret-word" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_an_installation_in_order_has_no_fault():
    factories.laborer(cast.build().units["99111"])
    assert checks.fault_at_start() == ""
    assert run_checks(databases=["default"]) == []


def test_missing_front_end_packages_name_the_command_that_brings_them(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert "make setup" in checks.packages_missing()
    assert [message.id for message in checks.check_files()] == ["config.W001"]


def test_a_folder_that_cannot_be_written_is_named(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MEDIA_ROOT.mkdir()
    allowed = os.access
    monkeypatch.setattr(
        checks.os, "access", lambda path, mode: path != settings.MEDIA_ROOT and allowed(path, mode)
    )
    assert str(settings.MEDIA_ROOT) in checks.folder_unwritable()
    assert [message.id for message in checks.check_files()] == ["config.E001"]


@pytest.mark.django_db(transaction=True)
def test_wal_is_refused_on_a_library_that_may_lose_writes(monkeypatch):
    if connection.vendor != "sqlite":
        assert checks.journal_unsafe() == ""
        return
    for version, refused in (((3, 40, 1), True), ((3, 51, 3), False)):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
        assert bool(checks.journal_unsafe()) is refused
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")
    assert checks.journal_unsafe() == ""
