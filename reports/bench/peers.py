"""The stock way of each work, on a slice where the whole would take minutes; times are scaled by the caller."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import tablib  # type: ignore[import-untyped]
from django.db import transaction
from import_export import resources
from import_export.formats.base_formats import XLSX

from accounts.models import Unit
from ledgers.models import Household, Laborer, MonthlyRecord, WorkSpell
from lib.crypto import blind_index
from lib.month import Month
from reports.bench.floors import cells
from reports.bench.workbook import HEADINGS, WAGE

SLICE = 2000


class _Households(resources.ModelResource):
    class Meta:
        model = Household
        import_id_fields = ("number",)
        fields = ("number", "village", "head_name", "poverty_kind")
        skip_unchanged = True


class _Laborers(resources.ModelResource):
    class Meta:
        model = Laborer
        import_id_fields = ("id_index",)
        fields = (
            "id_index",
            "id_no",
            "id_tail_index",
            "household",
            "village",
            "name",
            "sex",
            "birth_date",
            "phone",
        )
        skip_unchanged = True


class _Spells(resources.ModelResource):
    class Meta:
        model = WorkSpell
        import_id_fields = ("laborer", "started")
        fields = ("laborer", "started", "region_text", "job_form", "employer", "industry", "monthly_wage")
        skip_unchanged = True


def read(path: Path) -> None:
    """openpyxl, as import-export reads a workbook; the first rows of the sheet."""
    book = openpyxl.load_workbook(path, read_only=True)
    for _ in book.worksheets[0].iter_rows(values_only=True, max_row=SLICE):
        pass


def import_slice(path: Path) -> None:
    """Three stock resources of import-export over the first rows, into the same tables; rolled back."""
    rows = cells(path)[1 : SLICE + 1]
    village = Unit.objects.villages().values_list("pk", flat=True)[0]
    with transaction.atomic():
        homes = {row[3]: [row[3], village, row[4], row[5]] for row in rows}
        _send(_Households(), homes.values())
        keys = dict(Household.objects.filter(number__in=homes).values_list("number", "pk"))
        people = {blind_index(row[10], "laborer.id"): row for row in rows}
        _send(
            _Laborers(),
            (
                [index, row[10], row[10][-4:], keys[row[3]], village, row[9], row[11], "1980-01-01", row[14]]
                for index, row in people.items()
            ),
        )
        pks = dict(Laborer.objects.filter(id_index__in=list(people)).values_list("id_index", "pk"))
        _send(
            _Spells(),
            (
                [pks[index], row[28], row[25], row[26], row[27], row[30], row[WAGE]]
                for index, row in people.items()
                if row[28]
            ),
        )
        transaction.set_rollback(True)


def _send(resource: resources.ModelResource, rows) -> None:
    resource.import_data(tablib.Dataset(*rows, headers=list(resource._meta.fields)), raise_errors=True)


def export_slice(out: Path) -> None:
    """import-export writes rows of forty texts as a workbook."""
    people = Laborer.objects.select_related("household").order_by("pk")[:SLICE]
    data = tablib.Dataset(headers=HEADINGS)
    for one in people:
        data.append([one.name, one.id_no, one.phone, one.household.number, *["示例文字"] * 36])
    out.write_bytes(XLSX().export_data(data))


def count_each(village: Unit | None = None) -> int:
    """One query per unit and figure, as a page written in a hurry would count. Returns how many units were counted."""
    units = [village] if village else list(Unit.objects.order_by("pk")[:40])
    for unit in units:
        rows = MonthlyRecord.objects.filter(month=Month(2023, 3)).under(unit)
        for where in ({}, {"reason": "counted"}, {"place_class": "省外"}, {"verify_state": "已核实"}):
            rows.filter(**where).count()
    return len(units)
