"""The parts of the load program that can be wrong without anybody noticing: schedule, percentiles, where it may go."""

from __future__ import annotations

import pytest

from tests.load.browser import EDGE, Address, Officer, _read, form, multipart
from tests.load.day import rates
from tests.load.machine import family, memory
from tests.load.schedule import percentile, plan, recovered_after


def test_the_same_seed_draws_the_same_day():
    day = plan(rates(50, 10), 60, "20 deadline")
    assert day == plan(rates(50, 10), 60, "20 deadline") != plan(rates(50, 10), 60, "21 deadline")
    assert day == sorted(day)
    assert all(0 < moment < 60 for moment, _ in day)


def test_as_many_requests_are_drawn_as_were_asked_for():
    day = plan(rates(50, 10), 60, "20 deadline")
    saves = sum(name in ("verify", "correct") for _, name in day)
    assert 2850 < len(day) - saves < 3150
    assert 520 < saves < 680


def test_nothing_is_drawn_for_a_rate_of_nothing():
    assert plan({"home": 0.0}, 60, "20") == []


def test_percentiles_are_values_that_were_measured():
    values = list(range(100, 0, -1))
    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 50) == percentile([7.0], 99) == 7.0
    assert percentile([], 95) == 0.0


def test_recovery_is_the_end_of_the_last_slow_second():
    samples = [(0.5, 3.0), (1.5, 0.1), (2.5, 2.0), (3.5, 0.1), (4.5, 0.1)]
    assert recovered_after(samples, 0.5) == 3.0
    assert recovered_after([(0.5, 0.1)], 0.5) == 0.0
    assert recovered_after([*samples, (5.5, 9.0)], 0.5) is None
    assert recovered_after([], 0.5) is None


@pytest.mark.parametrize("host", ["192.0.2.1", "ledger.example.gov.cn", "localhost", "2001:db8::1"])
def test_another_machine_is_refused(host):
    with pytest.raises(SystemExit, match="loopback"):
        Address(80, host)


def test_this_machine_is_allowed():
    assert Address(8000).host == "127.0.0.1"
    assert Address(8000, "::1").port == 8000


def test_an_answer_brings_status_address_and_cookies():
    officer = Officer("somebody", "990101")
    answer = _read(
        officer,
        b"HTTP/1.1 302 Found\r\nLocation: /home/\r\nSet-Cookie: sessionid=a=b; HttpOnly\r\n"
        b"Set-Cookie: csrftoken=c\r\n\r\nbody",
    )
    assert (answer.status, answer.location, answer.text) == (302, "/home/", b"body")
    assert officer.cookies == {"sessionid": "a=b", "csrftoken": "c"}


def test_half_an_answer_is_none():
    assert _read(Officer("somebody", "990101"), b"HTTP/1.1 302 Found\r\nLocation").status < 0


def test_forms_carry_the_token():
    officer = Officer("somebody", "990101", cookies={"csrftoken": "t"})
    assert form(officer, {"how": "a b"}) == b"csrfmiddlewaretoken=t&how=a+b"
    body, kind = multipart(officer, {"kind": "laborers"}, "a.xlsx", b"PK")
    assert kind.endswith(EDGE)
    assert body.count(EDGE.encode()) == 4
    assert b'name="csrfmiddlewaretoken"\r\n\r\nt\r\n' in body


def test_a_process_that_is_gone_uses_no_memory():
    assert memory(2**22 + 1) == 0
    assert family(2**22 + 1) == [2**22 + 1]
