"""What a log line holds, and what it must not."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.views.debug import get_exception_reporter_filter

from lib import logs
from tests.factories import citizen_id

ID = citizen_id(7)
PHONE = "13912345678"


def written(formatter: logging.Formatter, message: str, *args: object, error: bool = False, **extra) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    log = logging.Logger("test")
    log.addHandler(handler)
    log.error(message, *args, exc_info=sys.exc_info() if error else None, extra=extra)
    return out.getvalue()


@pytest.mark.parametrize("formatter", [logs.PlainFormatter(), logs.JsonFormatter()])
@pytest.mark.parametrize(
    "text", [f"row {ID}", f"id={ID.lower()};", f"call {PHONE}", f"+86{PHONE}", f"86{PHONE}"]
)
def test_identity_numbers_and_phones_are_masked_in_every_message(formatter, text):
    line = written(formatter, "seen: %s", text)
    assert ID not in line
    assert PHONE not in line
    assert "[ID]" in line or "[phone]" in line


@pytest.mark.parametrize("formatter", [logs.PlainFormatter(), logs.JsonFormatter()])
def test_an_exception_is_its_type_and_places_without_message_and_variables(formatter):
    try:
        try:
            int("张三 secret-word")
        except ValueError as error:
            raise OperationalError("another secret-word") from error
    except OperationalError:
        line = written(formatter, "it broke", error=True)
    assert "OperationalError" in line
    assert "ValueError" in line
    assert "test_logs.py" in line
    assert "secret-word" not in line


def test_the_query_of_an_address_is_left_out():
    line = written(logs.PlainFormatter(), '"GET /ledgers/?q=张三 HTTP/1.1" 200')
    assert '"GET /ledgers/ HTTP/1.1" 200' in line


def test_a_json_line_is_one_object_with_the_facts_of_the_request():
    line = written(logs.JsonFormatter(), "GET %s", "/x/", path="/x/", status=200, user=3, ms=12, secret="no")
    told = json.loads(line)
    assert line.count("\n") == 1
    assert {
        "level": "ERROR",
        "logger": "test",
        "path": "/x/",
        "status": 200,
        "user": 3,
        "ms": 12,
    }.items() <= told.items()
    assert told["time"].endswith("+08:00")
    assert "secret" not in told


def test_error_reports_show_no_variables_even_while_debugging(settings):
    settings.DEBUG = True
    request = RequestFactory().post("/", {"id_no": ID})
    report = get_exception_reporter_filter(request)
    assert not report.get_post_parameters(request)
    assert not report.get_traceback_frame_variables(request, sys._getframe())


@pytest.mark.django_db
def test_the_line_about_a_missing_page_carries_the_number_of_its_answer(client, caplog):
    caplog.set_level(logging.WARNING, "django.request")
    answer = client.get("/nothing/")
    line = json.loads(logs.JsonFormatter().format(caplog.records[-1]))
    assert line["request"] == answer["X-Request-ID"]


@pytest.mark.django_db
def test_every_answer_carries_the_number_its_log_line_has(client, caplog):
    caplog.set_level(logging.INFO, "access")
    first = client.get("/accounts/login/?next=/secret-word/")
    given = client.get("/accounts/login/", headers={"X-Request-ID": "0" * 32})
    invented = client.get("/accounts/login/", headers={"X-Request-ID": "x\n" + ID})
    assert len(first["X-Request-ID"]) == 32
    assert given["X-Request-ID"] == "0" * 32
    assert ID not in invented["X-Request-ID"]
    record = caplog.records[0]
    assert (record.path, record.status, record.user) == ("/accounts/login/", 200, None)
    assert "secret-word" not in caplog.text
