"""A wrong value in the environment stops the start with exit code 2 and one plain sentence."""

from __future__ import annotations

import base64
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# fixed: values become names of tests, and every worker must collect the same names
KEY = base64.b64encode(b"a key of the test, 32 bytes long").decode()
SERVER = {
    "MODE": "server",
    "ALLOWED_HOSTS": "ledger.example",
    "SECRET_KEY": "for-this-test-only-" * 4,
    "FIELD_KEYS": f"k1:{KEY}",
    "INDEX_KEY": KEY,
}
WRONG = {
    "MODE": ["production"],
    "LOG_FORMAT": ["xml"],
    "LOG_LEVEL": ["loud"],
    "SECRET_KEY": ["", "short"],
    "FIELD_KEYS": ["", "k1", "k1:%%%", "k1:c2hvcnQ=", f"k1:{KEY},k1:{KEY}"],
    "INDEX_KEY": ["", "###"],
    "FIELD_CIPHER": ["DES"],
    "ALLOWED_HOSTS": ["", "*", "https://ledger.example", "ledger.example:8000"],
    "CSRF_TRUSTED_ORIGINS": ["ledger.example"],
    "DATABASE_URL": ["mysql://a@b/c", "postgres://a:b@localhost:port/c", "postgres://a@b/", "nonsense"],
    "REDIS_URL": ["http://127.0.0.1", "redis://127.0.0.1:port/0", "127.0.0.1:6379", "redis://"],
    "DEBUG": ["perhaps", "1"],
    "DEMO": ["maybe"],
    "TOTP": ["2"],
    "TOTP_EVERYONE": ["some"],
    "SESSION_IDLE_MINUTES": ["0", "soon"],
    "IMPORT_MAX_ROWS": ["many", "0", "-1"],
    "REVEAL_LIMIT_PER_DAY": ["1.5"],
    "EXPORT_LIMIT_PER_DAY": ["0"],
    "STATISTICAL_YEAR_START": ["13"],
    "MONTH_LOCK_DAY": ["31"],
    "CLOCK_ESCALATION_DAYS": ["soon", "61"],
    "SIGNATURES": ["perhaps"],
    "SMS_GATEWAY": ["pigeon"],
    "SMS_PER_WEEK": ["0"],
    "SMS_FROM_HOUR": ["22", "早上"],
    "SMS_UNTIL_HOUR": ["25", "8"],
}


@pytest.fixture
def server(monkeypatch, tmp_path) -> None:
    for name in WRONG:
        monkeypatch.delenv(name, raising=False)
    for name, value in SERVER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_wrong_value_is_refused_in_one_sentence_that_names_the_variable(name, value, monkeypatch, capsys):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(ROOT / "config/settings.py"))
    told = capsys.readouterr().err
    assert stop.value.code == 2
    assert told.startswith("稳岗台账无法启动：")
    assert told.endswith("。\n")
    assert told.count("\n") == 1
    assert name in told
    assert name not in ("SECRET_KEY", "FIELD_KEYS") or not value or value not in told


@pytest.mark.usefixtures("server")
def test_the_right_values_are_accepted():
    settings = runpy.run_path(str(ROOT / "config/settings.py"))
    assert settings["SERVER"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["LOG_FORMAT"] == "json"
    assert settings["LOG_LEVEL"] == "INFO"


@pytest.mark.usefixtures("server")
def test_a_data_folder_that_cannot_be_made_is_refused(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(SystemExit):
        runpy.run_path(str(ROOT / "config/settings.py"))
    assert "DATA_DIR" in capsys.readouterr().err


@pytest.mark.usefixtures("server")
def test_a_damaged_key_file_is_refused_and_left_alone(monkeypatch, tmp_path, capsys):
    for name in SERVER:
        monkeypatch.delenv(name)
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(SystemExit):
        runpy.run_path(str(ROOT / "config/settings.py"))
    assert "不要删除" in capsys.readouterr().err
    assert (tmp_path / "keys.json").read_text() == "{"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgres://ledger:secret-word@127.0.0.1:1/ledger", "没有应答"),
        ("sqlite:////proc/nowhere/ledger.sqlite3", "打不开"),
        ("nonsense", "DATABASE_URL"),
    ],
)
def test_a_command_without_its_database_says_so_without_a_traceback(url, sentence, tmp_path):
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret-word" not in done.stderr


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("url", "key", "named"),
    [
        ("", "k" * 16, "SMS_URL"),
        ("http://sms.example/send", "k" * 16, "SMS_URL"),
        ("https://sms.example:port/", "k" * 16, "SMS_URL"),
        ("https://sms.example/send", "short", "SMS_KEY"),
        ("https://sms.example/send", "k" * 16, ""),
        ("http://127.0.0.1:8080/send", "k" * 16, ""),
    ],
)
def test_a_gateway_over_http_needs_an_address_and_a_key(url, key, named, monkeypatch, capsys):
    monkeypatch.setenv("SMS_GATEWAY", "http")
    monkeypatch.setenv("SMS_URL", url)
    monkeypatch.setenv("SMS_KEY", key)
    if not named:
        assert runpy.run_path(str(ROOT / "config/settings.py"))["SMS_URL"] == url
        return
    with pytest.raises(SystemExit):
        runpy.run_path(str(ROOT / "config/settings.py"))
    assert named in capsys.readouterr().err
