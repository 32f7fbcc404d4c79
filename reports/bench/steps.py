"""What is measured, in order. Each side runs in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.models import Unit, User
from jobs import imports
from jobs.exports import write_export
from ledgers.codes import SELF_EMPLOYED
from ledgers.models import Laborer, MonthClosing, MonthlyRecord
from lib.month import Month
from lib.sheets import Limits, read_workbook
from lib.staging import EXPORTS
from reports import rollup
from reports.bench import floors, pages, peers, screening, workbook
from reports.bench.rooms import pages as room_pages
from reports.bench.rooms import works
from reports.bench.rooms.city import fill as fill_rooms
from reports.bulletins import actions, formats
from reports.demo import city, load
from reports.demo.province import load_province
from reports.models import Bulletin, FigureValue, Stale

FOLDER = Path(settings.BASE_DIR) / "build" / "bench"
LEDGER, CHANGED, OUT = FOLDER / "ledger.xlsx", FOLDER / "ledger-changed.xlsx", FOLDER / "out.xlsx"
QUARTER, MANY = FOLDER / "ledger-quarter.xlsx", FOLDER / "ledger-many.xlsx"
MARCH = Month(2023, 3)
SCALED = workbook.ROWS / peers.SLICE
SLICE_NOTE = f"peer: {peers.SLICE} rows, scaled"


@dataclass(frozen=True)
class Step:
    """One line of the table; text that a side returns goes into the note."""

    name: str
    ours: Callable[[], object]
    floor: Callable[[], object] | None = None
    peer: Callable[[], object] | None = None
    peer_times: float = 1.0
    note: str = ""
    repeat: int = 1  # medians of so many


@dataclass(frozen=True)
class Growth:
    """Two sizes of one work. `small` and `big` name a step, or a step of pages and one of its pages."""

    name: str
    small: tuple[str, ...]
    big: tuple[str, ...]
    times: float  # how many times as many people the second has


def _city() -> Unit:
    return Unit.objects.get(code=city.TOP)


def _village() -> Unit:
    return Unit.objects.get(code=city.HOME_VILLAGE)


def _user(key: str = "city") -> User:
    return User.objects.get(username=load.USERS[key][0])


def _recompute_city() -> None:
    """From nothing: every value of the month is counted and written."""
    FigureValue.objects.filter(month=MARCH)._raw_delete("default")
    rollup.recompute(MARCH)


def _recompute_village() -> None:
    """What follows the change of one person: the village's mark is served, up to the city."""
    Stale.objects.create(month=MARCH, village=_village())
    MonthlyRecord.objects.filter(pk=_someone()).update(reason="counted", working=True)
    rollup.recompute_stale()


def _someone() -> int:
    """The next person of the village who is not counted yet."""
    rows = MonthlyRecord.objects.filter(month=MARCH, village=_village()).exclude(reason="counted")
    return rows.exclude(job_form=SELF_EMPLOYED).values_list("pk", flat=True)[0]


def _bulletin(form: str) -> bytes:
    living = Bulletin.objects.filter(unit=_city(), month=MARCH).first()
    return formats.render(living or actions.draft(_city(), MARCH, _user()), form)


def _import(path: Path) -> str:
    settings.IMPORT_MAX_ROWS = 200_000  # the ledger of a city is larger than one upload may be
    batch = imports.stage(path, path.name, "laborers", _city(), MARCH, _user())
    if batch.state != "staged":
        raise SystemExit(f"the ledger was not staged: {batch.state} {batch.refusal}")
    done = imports.confirm(batch, _user())
    return f"new {done.new}, changed {done.changed}, same {done.same}, review {done.review}, rejected {done.rejected}"


def _export() -> None:
    write_export(EXPORTS["laborers"], _user(), _city(), MARCH, OUT)


def empty_ledgers() -> None:
    """Take the people of the demo out again: units and users stay for the imports."""
    MonthClosing.objects.all().delete()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledgers_household CASCADE")
        return
    related: list[Any] = [relation.related_model for relation in Laborer._meta.related_objects]
    for model in (MonthlyRecord, *related, Laborer):
        model._base_manager.all()._raw_delete("default")
    load.Household.objects.all()._raw_delete("default")


STEPS = (
    Step("load demo city", lambda: load.load("city"), note="empty database, 58,601 people x 12 months"),
    Step("recompute city", _recompute_city, floors.group_by, peers.count_each, 970 / 40, "peer: 40 units, scaled", 3),
    Step(
        "recompute one village",
        _recompute_village,
        lambda: floors.group_by(_village()),
        lambda: peers.count_each(_village()),
        repeat=5,
    ),
    *(
        Step(f"bulletin {form}", partial(_bulletin, form), getattr(floors, f"static_{form}"))
        for form in ("html", "docx", "pdf", "xlsx", "json")
    ),
    Step("screen a county", lambda: screening.screen_counties(1), repeat=3),
    Step(
        "screen the city",
        screening.screen_counties,
        screening.write_lines,
        screening.one_by_one,
        58_601 / screening.SLICE,
        f"peer: {screening.SLICE} people one by one, scaled",
    ),
    Step("pages, demo city", pages.measure),
    Step("fill the rooms", fill_rooms, note="posts, pay, workshops, training, subsidies of a city and year"),
    Step("pages, rooms of the city", room_pages.measure),
    Step("payment file", works.send, works.write_file, repeat=3),
    Step("receipt booked", works.receipt, works.read_answer, repeat=3),
    Step("import 2,000 claims", works.import_claims, note="staged and confirmed"),
    Step("empty the ledgers", empty_ledgers),
    Step("import a quarter", lambda: _import(QUARTER)),
    Step("pages, a quarter", pages.measure),
    Step("export a quarter", _export),
    Step("empty the ledgers again", empty_ledgers),
    Step(
        "read 51,398 x 40",
        lambda: read_workbook(LEDGER, limits=Limits(max_rows=workbook.MANY)),
        lambda: floors.parse(LEDGER),
        lambda: peers.read(LEDGER),
        SCALED,
        SLICE_NOTE,
    ),
    Step(
        "import",
        lambda: _import(LEDGER),
        lambda: floors.write_tables(LEDGER),
        lambda: peers.import_slice(LEDGER),
        SCALED,
        SLICE_NOTE,
    ),
    Step("pages, whole ledger", pages.measure),
    Step("import again, the same", lambda: _import(LEDGER)),
    Step(
        "import again, 3 % changed",
        lambda: _import(CHANGED),
        lambda: floors.merge(CHANGED),
        lambda: peers.import_slice(CHANGED),
        SCALED,
        SLICE_NOTE,
    ),
    Step(
        "export",
        _export,
        lambda: floors.export(OUT),
        lambda: peers.export_slice(OUT),
        SCALED,
        SLICE_NOTE,
    ),
    Step("empty the ledgers at last", empty_ledgers),
    Step("read 200,000 x 40", lambda: read_workbook(MANY, limits=Limits(max_rows=workbook.MANY))),
    Step("import 200,000 x 40", lambda: _import(MANY)),
)  # fmt: skip
PROVINCE = (
    Step("load demo province", lambda: load_province(workbook.SEED), note="3,240,000 people x 2 months"),
    Step("recompute province", _recompute_city, floors.group_by),
    Step("pages, province", pages.measure),
)
_PAGES = ("list, first page", "search by name", "a person", "save a field", "recompute one village")
GROWTHS = (
    Growth("import", ("import a quarter",), ("import",), 4),
    Growth("export", ("export a quarter",), ("export",), 4),
    *(Growth(page, ("pages, a quarter", page), ("pages, whole ledger", page), 4) for page in _PAGES),
)
TO_PROVINCE = 3_240_000 / 58_601
