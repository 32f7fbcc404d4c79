"""劳动力台账: the 采集表 as a workbook, one row per person, into the ledger of one month.

Blank cells leave the ledger as it is; what is refused and what waits for review stands in ledgers.rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledgers.imports import history
from ledgers.imports.columns import LABORERS
from ledgers.imports.judging import Judge
from ledgers.imports.undoing import Undoer
from ledgers.imports.writing import Writer
from ledgers.periods import entry_state, hold_off_closing, period_state
from lib.staging import Context, Kind, Row, Staged, Stale, register


class LedgerKind(Kind):
    """What all workbooks about people share. `make_new`: unknown people are added; `whole_form`: the rules of the
    采集表 hold for the row."""

    right = ("person", "i")
    needs_month = True
    make_new = False
    whole_form = False

    def judge(self, rows: Iterable[Row], context: Context) -> Iterator[Staged]:
        return Judge(self.columns, context, self.make_new, self.whole_form).rows(rows)

    def apply(self, staged: Iterable[Staged], context: Context) -> None:
        if rows := list(staged):
            self._still_open(context)
            Writer(context).write(rows)
            history.remember(rows, context, self.columns)

    def undo(self, staged: Iterable[Staged], context: Context) -> list[str]:
        self._still_open(context)
        return Undoer(context).take_back(list(staged))

    def _still_open(self, context: Context) -> None:
        """The month stays open until everything is written; closed since it was asked, nothing is."""
        hold_off_closing()
        if why := self.locked(context):
            raise Stale(why)

    def finish(self, context: Context) -> None:
        """Facts and marks are written with each chunk."""

    def locked(self, context: Context) -> str:
        """The county's files may come until the month is closed, those of villages and townships until its deadline."""
        decides = context.user.can("month", "w", context.unit)
        return (period_state if decides else entry_state)(context.unit, context.month).why


@register
class Laborers(LedgerKind):
    name = "laborers"
    place = 10
    title = "劳动力台账"
    about = "外出务工劳动力信息采集表：新增和更正人员、务工情况、意愿和当月核实情况。"
    columns = LABORERS
    make_new = True
    whole_form = True
