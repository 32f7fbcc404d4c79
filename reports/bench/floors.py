"""The least each work could take: the bare tool, the same bytes, no checks, no history, nobody to tell."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from hashlib import md5
from itertools import islice
from pathlib import Path

import python_calamine
import rustpy_xlsxwriter
import typst
import xlsxwriter
from django.db import connection, transaction
from docx import Document

from accounts.models import Unit
from ledgers.models import Household, Laborer, MonthlyRecord, WorkSpell
from lib import bulk
from lib.month import Month
from reports.bench.workbook import HEADINGS, WAGE

MARCH = Month(2023, 3)


def cells(path: Path) -> list[list]:
    return python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def parse(path: Path) -> None:
    """Every cell of the sheet in Python, by the fastest reader there is."""
    cells(path)


def write_tables(path: Path) -> None:
    """Parse, and COPY (or executemany) ready values into the four tables; rolled back."""
    rows = cells(path)[1:]
    village = Unit.objects.villages().values_list("pk", flat=True)[0]
    with transaction.atomic():
        numbers = list(dict.fromkeys(row[3] for row in rows))
        homes = dict(zip(numbers, bulk.reserve_ids(Household, len(numbers)), strict=True))
        bulk.insert_many(
            Household, ("id", "number", "village"), ((pk, no, village) for no, pk in homes.items())
        )
        people = bulk.reserve_ids(Laborer, len(rows))
        _laborers(rows, people, homes, village)
        bulk.insert_many(
            WorkSpell,
            ("laborer", "started", "region_text", "job_form", "employer", "industry", "monthly_wage"),
            (
                (pk, row[28], row[25], row[26], row[27], row[30], int(row[WAGE]))
                for pk, row in zip(people, rows, strict=True)
                if row[28]
            ),
        )
        columns = (
            "laborer",
            "month",
            "village",
            "is_poverty",
            "is_monitored",
            "working",
            "job_form",
            "reason",
        )
        bulk.insert_many(
            MonthlyRecord,
            columns,
            ((pk, MARCH, village, True, False, True, "单位就业", "not_working") for pk in people),
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


# What stands for an encrypted number: as long as one, and its index as scattered as one.
SEALED, TAIL = f"v1:k1:{'x' * 46}", "t" * 28


def index(number: str) -> str:
    return md5(number.encode(), usedforsecurity=False).hexdigest()


def _laborers(rows: list[list], people: list[int], homes: dict[str, int], village: int) -> None:
    names = [
        "id", "household_id", "village_id", "name", "id_no", "id_index", "id_tail_index", "sex", "birth_date", "phone",
        "phone_index", "initials", "registered_address", "home_address", "person_state", "ability", "skill_level",
        "education", "health", "political", "relation", "ethnic", "student_state", "is_recent_leaver", "version",
        "updated_at",
    ]  # fmt: skip
    ready = (
        (
            pk, homes[row[3]], village, row[9], SEALED + row[10], index(row[10]), TAIL + row[10][-4:], row[11],
            "1980-01-01", SEALED + row[14], index(row[14]), "", row[13], row[24], row[16], row[18], row[19],
            row[21], row[22], row[23], row[7], row[12], "", False, 1, "2023-03-31 00:00:00+00:00",
        )
        for pk, row in zip(people, rows, strict=True)
    )  # fmt: skip
    bulk.fill(Laborer._meta.db_table, names, ready)


def merge(path: Path) -> None:
    """Parse, read what stands in the ledger and compare one column, update what differs; rolled back."""
    wages = {row[10]: row[WAGE] for row in cells(path)[1:]}
    stored = WorkSpell.objects.filter(ended=None).values_list("pk", "monthly_wage")
    with transaction.atomic():
        differing = [(pk, (wage or 0) + 100) for pk, wage in stored.iterator(chunk_size=5000)][
            : len(wages) // 33
        ]
        bulk.update_many(WorkSpell, ("id", "monthly_wage"), differing)
        transaction.set_rollback(True)


def export(out: Path) -> None:
    """The columns straight from a cursor into the writer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.name, h.number, h.head_name, l.*, w.region_text, w.job_form, w.employer, w.monthly_wage "
            "FROM ledgers_laborer l JOIN ledgers_household h ON h.id = l.household_id "
            "JOIN accounts_unit u ON u.id = l.village_id "
            "LEFT JOIN ledgers_workspell w ON w.laborer_id = l.id AND w.ended IS NULL"
        )
        rustpy_xlsxwriter.write_worksheet(_records(cursor), str(out))


def _records(cursor) -> Iterator[dict]:
    while rows := cursor.fetchmany(5000):
        for row in rows:
            texts = [None if value is None else str(value) for value in row[:40]]
            yield dict(zip(HEADINGS, texts + [""] * (40 - len(texts)), strict=True))


def group_by(village: Unit | None = None) -> None:
    """The bare GROUP BY of one month's records by village."""
    where, values = ("AND village_id = %s", [village.pk]) if village else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT village_id, count(*), count(*) FILTER (WHERE reason = 'counted'), "
            "count(*) FILTER (WHERE verify_state = '已核实') FROM ledgers_monthlyrecord "
            f"WHERE month = %s {where} GROUP BY village_id",
            ["2023-03", *values],
        )
        cursor.fetchall()


# ── a static text of the same length in each format ──────────────────────────────────────────────────────────────

TEXT = ["截至目前，各单位脱贫人口外出务工人数已按月调度，有关情况通报如下。" * 2] * 40


def static_docx() -> None:
    document = Document()
    for line in TEXT:
        document.add_paragraph(line)
    document.save(io.BytesIO())


def static_pdf() -> None:
    typst.compile("\n\n".join(TEXT).encode())


def static_xlsx() -> None:
    book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True})
    sheet = book.add_worksheet()
    for row, line in enumerate(TEXT * 5):
        for column in range(6):
            sheet.write_string(row, column, line[: 5 + column])
    book.close()


def static_html() -> None:
    "".join(f"<p>{line}</p>" for line in TEXT).encode()


def static_json() -> None:
    json.dumps(dict(enumerate(islice(TEXT * 10, 400))), ensure_ascii=False).encode()
