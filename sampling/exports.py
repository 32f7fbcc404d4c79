"""The results of a month's spot checks as a file: the table of the annex."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Unit, User
from lib.month import Month
from lib.staging import Export, register_export
from sampling.models import Call
from sampling.results import HEADINGS, table
from sampling.tables import counts


def rows(user: User, unit: Unit, month: Month) -> Iterator[list]:
    """Townships, totals of counties and of all, of what the user may see below `unit`."""
    calls = Call.objects.visible_to(user).filter(campaign__month=month, township__path__startswith=unit.path)
    for line in table(counts(calls).values()):
        yield line.cells


register_export(
    Export(
        name="sampling-results",
        title="电话抽查情况汇总表",
        right=("sampling", "x"),
        headings=HEADINGS,
        rows=rows,
        count=lambda user, unit, month: 20,
        numeric=frozenset(heading for heading in HEADINGS if heading.endswith("人数")),
    )
)
