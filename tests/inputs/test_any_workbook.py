"""Whatever stands in a workbook: no exception, every row has a verdict, nothing disappears; exports change nothing."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobs.exports import allowed, write_export
from jobs.imports import confirm, marked_copy
from ledgers.models import Laborer, MonthlyRecord
from lib.staging import KINDS
from tests import factories
from tests.factories import MARCH
from tests.inputs.desk import Desk, chunk_counts, csv_of, notes
from tests.ledgers.sheets import fresh_id, working
from tests.lib.sheet_files import workbook

EXAMPLES = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
XML_TEXT = st.characters(
    exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32))) + "\ufffe\uffff"
)
ODD = [
    "²",
    "四二",
    "\u202e",
    "=1+1",
    "#N/A",
    "至今",
    "NaN",
    "1e308",
    "-0",
    "%",
    "张\U0002ebf0",
    "\uf90a",
    "合计",
    "签字：",
]
words = st.one_of(st.text(XML_TEXT, max_size=25), st.sampled_from(ODD))
digits = st.text("0123456789Xx０１². -+/E", max_size=22)
numbers = st.one_of(st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False))
days = st.dates(dt.date(1900, 3, 1), dt.date(2200, 1, 1))
cells = st.one_of(st.none(), words, digits, numbers, st.booleans(), days.map(str), days)
titles = [column.title for column in KINDS["laborers"].columns]
headings = st.lists(st.one_of(st.sampled_from(titles), words), max_size=12)


def xlsx(rows: list[list]) -> bytes:
    def dress(book, sheet) -> None:
        style = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(number, column, cell, style)

    return workbook([[None if isinstance(cell, dt.date) else cell for cell in row] for row in rows], dress)


def send(desk: Desk, data: bytes, name: str = "台账.xlsx"):
    """Stage, confirm and mark in a transaction that is rolled back; `Desk.receive` checks the answer."""
    with transaction.atomic():
        batch = desk.receive(data, name)
        counts = chunk_counts(batch)
        if batch.state == "staged":
            marked_copy(batch, io.BytesIO())
            confirm(batch, batch.owner)
            assert sum(chunk_counts(batch)) == batch.read
        transaction.set_rollback(True)
    return batch, counts


@EXAMPLES
@given(
    rows=st.lists(st.tuples(cells, cells, cells, cells, cells, cells, cells), min_size=1, max_size=8),
    data=st.data(),
)
def test_any_cells_below_known_headings_get_a_verdict(desk, rows, data) -> None:
    others = data.draw(st.lists(st.sampled_from(titles), min_size=5, max_size=5, unique=True))
    head = list(dict.fromkeys(["姓名", "身份证号码", *others]))
    known = [
        fresh_id() if data.draw(st.booleans()) else None for _ in rows
    ]  # half of them reach the rules behind
    lines = [
        ["示例工" if number else row[0], number or row[1], *row[2:]]
        for row, number in zip(rows, known, strict=True)
    ]
    batch, _ = send(desk, xlsx([head, *lines]))
    assert batch.state in {"staged", "confirmed", "refused"}
    if batch.state != "refused":
        skipped = notes(batch).count("合计、签字等不是数据的行")
        filled = sum(
            any(cell not in (None, "") and str(cell).strip() for cell in row[: len(head)]) for row in lines
        )
        assert batch.read == filled or skipped or batch.read >= sum(number is not None for number in known)


@EXAMPLES
@given(person=st.tuples(words, digits, digits, st.one_of(words, days, digits), st.one_of(words, numbers)))
def test_any_name_number_telephone_month_and_wage_get_a_verdict(desk, person) -> None:
    keys = ("姓名", "身份证号码", "联系电话", "就业时间", "月平均工资")
    lines = [working() | {key: cell} for key, cell in zip(keys, person, strict=True)]
    batch, counts = send(desk, xlsx([list(lines[0]), *(list(line.values()) for line in lines)]))
    assert (batch.read, sum(counts)) == (5, 5)


@EXAMPLES
@given(head=headings, rows=st.lists(st.lists(cells, max_size=12), max_size=4))
def test_any_headings_get_an_answer(desk, head, rows) -> None:
    batch, _ = send(desk, xlsx([head, *rows]))
    assert batch.state in {"staged", "confirmed", "mapping", "refused"}
    assert batch.state in {"staged", "confirmed"} or batch.refusal


@EXAMPLES
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60), at=st.sampled_from(titles))
@example(text="\0", at="务工地点")  # PostgreSQL keeps no NUL
def test_any_text_in_a_csv_gets_a_verdict(desk, text, at) -> None:
    """Text tables can hold what no workbook can: control characters in cells and headings."""
    line = working(务工地点="本乡镇") | {at: text, f"x{text}": "1"}
    batch, _ = send(desk, csv_of([line]), "台账.csv")
    assert batch.state in {"staged", "confirmed", "mapping", "refused"}


@EXAMPLES
@given(
    data=st.binary(max_size=300), name=st.sampled_from(["a.xlsx", "a.csv", "a.xls", "a.txt", "a.xlsm", "a"])
)
def test_any_bytes_get_an_answer(desk, data, name) -> None:
    for content in (data, b"PK\x03\x04" + data, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data):
        batch, _ = send(desk, content, name)
        assert batch.state in {"refused", "mapping", "staged"}


@EXAMPLES
@given(at=st.integers(0, 4000), bits=st.integers(1, 255), cut=st.integers(0, 50))
def test_a_workbook_with_a_flipped_byte_gets_an_answer(desk, at, bits, cut) -> None:
    data = bytearray(xlsx([list(working()), list(working().values())]))
    data[at % len(data)] ^= bits
    send(desk, bytes(data[: len(data) - cut]))


@pytest.fixture
def ledger(desk) -> Desk:
    for number, village in enumerate(("99111", "99112", "99121")):
        person = factories.laborer(
            desk.cast.units[village], f"示例{number}\U0002ebf0", household__poverty_kind="脱贫户"
        )
        factories.spell(person, employer='=HYPERLINK("x")', region_text='@远方,"厂"', job_form_note="'-1")
        factories.record(person)
    desk.confirm(desk.receive(xlsx([list(working()), list(working(就业时间="2022年11月").values())])))
    return desk


@pytest.mark.parametrize("csv", [False, True])
def test_what_was_exported_imports_without_a_change(ledger, csv) -> None:
    """Through real files, read back by the reader that all senders meet."""
    county, unit, out = ledger.cast.county, ledger.cast.units["991"], io.BytesIO()
    before = [list(model.objects.order_by("pk").values()) for model in (Laborer, MonthlyRecord)]
    rows = write_export(allowed("laborers", county, unit), county, unit, MARCH, out, csv=csv)
    batch = ledger.receive(out.getvalue(), "导出.csv" if csv else "导出.xlsx", unit="9911")
    inside = Laborer.objects.filter(village__path__startswith=ledger.cast.units["9911"].path).count()
    assert (rows, batch.read, batch.same, batch.rejected) == (4, 4, inside, rows - inside)
    ledger.confirm(batch)
    assert [list(model.objects.order_by("pk").values()) for model in (Laborer, MonthlyRecord)] == before
