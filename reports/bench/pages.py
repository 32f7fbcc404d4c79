"""What a page costs the server, whatever the number of people: queries and milliseconds of the whole answer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Level, Unit, User
from ledgers.collection.actions import begin
from ledgers.models import Laborer, MonthlyRecord
from lib.month import Month
from reports import rollup
from reports.demo.load import USERS
from reports.models import Stale

MARCH = Month(2023, 3)
TIMES = 7  # medians of so many, after one that warms up
LEVELS: dict[str, str] = {
    Level.PROVINCE: "province", Level.CITY: "city", Level.COUNTY: "county", Level.TOWNSHIP: "township",
    Level.VILLAGE: "village",
}  # fmt: skip
Measured = dict[str, dict[str, float]]


def measure() -> Measured:
    """Page → queries and ms, over whatever ledger the database holds."""
    top, village = Unit.objects.get(parent=None), _village()
    lines = _above(village)
    found: Measured = {}
    for unit in lines:
        address = reverse("reports:dashboard", args=[unit.code, MARCH])
        found[f"dashboard of a {LEVELS[unit.level]}"] = asked(client("city"), address)
    ledger, city = reverse("ledgers:list"), client("city")
    person = Laborer.objects.filter(village=village).order_by("pk")[0]
    everything = {"unit": top.code, "month": str(MARCH)}
    for name, query in {
        "list, first page": {}, "list of a village": {"unit": village.code}, "search by name": {"q": person.name},
        "search by initials": {"q": person.initials}, "search by the tail of an ID": {"q": person.id_no[-4:]},
        "filter by 务工 and 未核实": {"working": "1", "verify": "未核实"},
    }.items():  # fmt: skip
        found[name] = asked(city, ledger, everything | query)
    found["list, tenth page"] = asked(city, _page(city, ledger, everything, 9))
    found["a person"] = asked(city, reverse("ledgers:laborer", args=[person.pk]))
    found["home"] = asked(city, reverse("home"))
    found["save a field"] = _save(person)
    found["recompute one village"] = _recompute(village)
    return found


def client(key: str) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.get(username=USERS[key][0]))
    return client


def _village() -> Unit:
    """Where the village officer of the demonstration serves."""
    return User.objects.get(username=USERS["village"][0]).own_unit


def _above(village: Unit) -> list[Unit]:
    return list(Unit.objects.filter(code__in=village.ancestor_codes).order_by("-path"))


def asked(client: Client, address: str, query: dict[str, str] | None = None) -> dict[str, float]:
    def ask() -> None:
        answer = client.get(address, query)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")

    return _timed(ask)


def _page(client: Client, address: str, query: dict[str, str], turns: int) -> str:
    """The address of a later page, found as a reader would find it."""
    for _ in range(turns):
        content = client.get(address, query).content.decode()
        following = content.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        address, query = reverse("ledgers:list") + following.replace("&amp;", "&"), {}
    return address


def _save(person: Laborer) -> dict[str, float]:
    """A field of the 采集表 left with another answer each time: kept, judged against the ledger, told what it means."""
    officer, user = client("village"), User.objects.get(username=USERS["village"][0])
    form = begin(person, MARCH, user)
    address = reverse("ledgers:form_fields", args=[form.pk])
    numbers = iter(range(5000, 6000))
    was = form.values["home_address"]

    def save() -> None:
        nonlocal was
        new = f"示例路{next(numbers)}号"
        sent = {"was:home_address": was, "home_address": new}
        answer = officer.post(address, sent, headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise SystemExit(f"saving was answered {answer.status_code}")
        was = new

    return _timed(save)


def _recompute(village: Unit) -> dict[str, float]:
    """Serve the mark of one village up to the top, after one person's record became another."""

    def change() -> None:
        Stale.objects.filter(month=MARCH, village=village).delete()
        Stale.objects.create(month=MARCH, village=village)
        row.reason = "months_short" if row.reason == "counted" else "counted"
        row.save(update_fields=["reason"])

    row = MonthlyRecord.objects.filter(month=MARCH, village=village, reason="counted").order_by("pk")[0]
    rollup.recompute_stale()
    return _timed(rollup.recompute_stale, change)


def _timed(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> dict[str, float]:
    times, in_database, queries = [], [], 0
    for _ in range(TIMES + 1):
        before()
        with _counted() as seen:
            started = time.perf_counter()
            work()
            times.append(time.perf_counter() - started)
        queries, spent = len(seen), sum(seen)
        in_database.append(spent)
    return {
        "queries": queries,
        "ms": round(statistics.median(times[1:]) * 1000, 1),
        "db_ms": round(statistics.median(in_database[1:]) * 1000, 1),
    }


@contextmanager
def _counted() -> Iterator[list[float]]:
    """Seconds of every query asked inside."""
    seen: list[float] = []

    def watch(execute, sql, params, many, context):
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seen.append(time.perf_counter() - started)

    with connection.execute_wrapper(watch):
        yield seen
