"""Take back what a batch wrote to the ledger, person by person, unless somebody has changed the person since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgers import facts
from ledgers.facts import closed_villages
from ledgers.imports import history
from ledgers.imports.columns import HOUSEHOLD, INTENTION, PERSON
from ledgers.imports.known import Known, people
from ledgers.imports.writing import BLANK_INTENTION, BLANK_SPELL, Writer, restored
from ledgers.models import Household, Intention, Laborer, MonthlyRecord, PersonChange, WorkSpell
from lib import bulk, changes
from lib.staging import Context, Staged

CHANGED_SINCE = "导入之后又被修改过，保持现状。"
CLOSED = "所在村已关闭这个月，保持现状。"
IN_USE = "已有其他记录用到此人，保持现状。"
MERGED = "已并入原有人员，不能自动撤回，请在个人页更正。"


class Undoer:
    """One chunk of written rows."""

    def __init__(self, context: Context) -> None:
        self.context, self.month = context, context.month
        self.left: list[str] = []

    def take_back(self, rows: Sequence[Staged]) -> list[str]:
        """Undo what can be undone; a sentence for every row that was left alone."""
        rows = [row for row in rows if row.target]
        ids = [row.pk for row in rows]
        known = {one.pk: one for one in people(Laborer.objects.filter(pk__in=ids), self.month)}
        self.closed = set(closed_villages(self.month).values_list("pk", flat=True))
        rows = [row for row in rows if row.pk in known]
        self._delete([row for row in rows if "_version" not in row.old], known)
        self._restore([row for row in rows if "_version" in row.old], known)
        return self.left

    def _leave(self, row: Staged, why: str) -> None:
        self.left.append(f"第 {row.row} 行 {row.key}：{why}")

    # ── people the batch made ────────────────────────────────────────────────────────────────────────────────────

    def _delete(self, rows: list[Staged], known: dict[int, Known]) -> None:
        used = self._used([row.pk for row in rows])
        gone = []
        for row in rows:
            one = known[row.pk]
            if one.village in self.closed:
                self._leave(row, CLOSED)
            elif one.version != 1:
                self._leave(row, MERGED if row.verdict == "review" else CHANGED_SINCE)
            elif one.pk in used:
                self._leave(row, IN_USE)
            else:
                gone.append(row)
        ids = [row.pk for row in gone]
        MonthlyRecord.objects.filter(laborer__in=ids, month=self.month).delete()
        Laborer.objects.filter(pk__in=ids).delete()
        made = {row.new["number"] for row in gone if "_household" not in row.new}
        Household.objects.filter(number__in=made, members=None).delete()
        changes.mark(self.month, {known[pk].village for pk in ids})

    def _used(self, ids: Iterable[int]) -> set[int]:
        """People whom other rows refer to: posts, calls, other months, a verification."""
        found: set[int] = set()
        for relation in Laborer._meta.related_objects:
            if relation.related_model in (WorkSpell, Intention, PersonChange):
                continue
            rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": ids})
            if relation.related_model is MonthlyRecord:
                rows = rows.exclude(month=self.month, verified_at=None)
            found.update(rows.order_by().values_list(relation.field.attname, flat=True))
        return found

    # ── people the batch changed ─────────────────────────────────────────────────────────────────────────────────

    def _restore(self, rows: list[Staged], known: dict[int, Known]) -> None:
        back = []
        for row in rows:
            one = known[row.pk]
            if one.village in self.closed:
                self._leave(row, CLOSED)
            elif one.version != row.old["_version"] + 1:
                self._leave(row, CHANGED_SINCE)
            else:
                back.append(row)
        if not back:
            return
        writer = Writer(self.context)
        for row in back:
            said = {key: row.old[key] for key in INTENTION if key in row.old}
            writer._intention(row.pk, {k: _typed(k, v) for k, v in said.items()}, known[row.pk])
        self._spells([row for row in back if "_act" in row.new])
        writer._flush()
        writer._change_households({
            known[row.pk].household: {key: row.old[key] for key in HOUSEHOLD if key in row.old}
            for row in back
            if any(key in row.old for key in HOUSEHOLD) and "_household" not in row.new
        })  # fmt: skip
        people_back = {row.pk: {key: row.old[key] for key in PERSON if key in row.old} for row in back}
        writer.change_people(people_back, known, self._homes(back, known))
        self._records(back)
        history.remember_undone((row.pk for row in back), self.context)

    def _homes(self, rows: list[Staged], known: dict[int, Known]) -> dict[int, tuple[int, int]]:
        moved = {row.old["number"]: row for row in rows if "_household" in row.new}
        homes = dict(Household.objects.filter(number__in=moved).values_list("number", "pk"))
        return {
            row.pk: (known[row.pk].village, homes[row.old["number"]])
            for row in rows
            if "_household" in row.new and row.old["number"] in homes
        }

    def _spells(self, rows: list[Staged]) -> None:
        """All spells of the person as they were."""
        WorkSpell.objects.filter(laborer__in=[row.pk for row in rows]).delete()
        stored = [
            [row.pk, spell["id"], *[spell[key] for key in BLANK_SPELL]]
            for row in rows
            for spell in row.old["_spells"]
        ]
        if stored:
            bulk.insert_many(WorkSpell, ("laborer", "id", *BLANK_SPELL), stored)

    def _records(self, rows: list[Staged]) -> None:
        made = [row.pk for row in rows if row.old["_record"] is None]
        MonthlyRecord.objects.filter(laborer__in=made, month=self.month, verified_at=None).delete()
        stated = {row.pk: restored(row.old["_record"]) for row in rows if row.old["_record"]}
        facts.refresh(self.month, stated, stated=stated)


def _typed(key: str, value: object) -> object:
    """A blank as the column keeps it."""
    return BLANK_INTENTION[key] if value in ("", None) else value
