"""Write judged rows of a ledger workbook, and take them back: a handful of statements per chunk, whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts import wall
from ledgers import facts
from ledgers.facts import Declared, Stated, closed_villages
from ledgers.imports.cells import services_stored
from ledgers.imports.columns import HOUSEHOLD, INTENTION, PERSON, RECORD
from ledgers.imports.known import SPELL_FIELDS, Known, people
from ledgers.models import Household, Intention, Laborer, WorkSpell
from lib import bulk
from lib.crypto import make_indexer
from lib.identity import birth_date, pinyin_initials, sex
from lib.month import Month
from lib.staging import REVIEW, Context, Staged, Stale

_SPELL_COLUMNS = ("laborer", *SPELL_FIELDS)


def _blanks(model: type[Model], keys: Iterable[str]) -> dict[str, Any]:
    fields = {field.name: field for field in model._meta.concrete_fields}
    return {key: fields[key].get_default() for key in keys}


BLANK_PERSON = _blanks(Laborer, PERSON)
BLANK_HOUSEHOLD = _blanks(Household, HOUSEHOLD)
BLANK_INTENTION = _blanks(Intention, INTENTION)
BLANK_SPELL = _blanks(WorkSpell, SPELL_FIELDS)


def _meant(one: Known, new: Mapping[str, Any]) -> dict[str, Any]:
    """The stored spell that the row was judged against."""
    spell = one.spell_from(new["_of"])
    if spell is None:
        raise Stale(f"{one.values['name']}的务工经历在校验之后已被修改，需要重新校验。")
    return spell


class Writer:
    """One chunk of rows into the ledger of one month."""

    def __init__(self, context: Context) -> None:
        self.user, self.month, self.now = context.user, context.month, timezone.now()
        self.index_id, self.index_phone = make_indexer("laborer.id"), make_indexer("laborer.phone")
        self.index_tail = make_indexer("laborer.id_tail")
        self.spells: list[list] = []  # to insert
        self.spell_updates: list[list] = []
        self.spell_ends: list[int] = []  # to delete
        self.intentions: list[list] = []
        self.stated: dict[int, Stated] = {}

    def write(self, rows: Sequence[Staged]) -> None:
        """Everything that was judged, or Stale when the ledger moved on since."""
        fresh = self._matched([row for row in rows if row.target is None])
        self._create(fresh)
        made = {id(row) for row in fresh}
        self._change([row for row in rows if id(row) not in made])
        self._flush()
        facts.refresh(self.month, [row.target for row in rows if row.target], stated=self.stated)

    def _flush(self) -> None:
        """Spells end before others begin, so that nobody has two open ones in between."""
        if self.spell_ends:
            WorkSpell.objects.filter(pk__in=self.spell_ends).delete()
        if self.spell_updates:
            bulk.update_many(WorkSpell, ("id", *SPELL_FIELDS), self.spell_updates)
        if self.spells:
            bulk.insert_many(WorkSpell, _SPELL_COLUMNS, self.spells)
        if self.intentions:
            bulk.upsert(Intention, ("laborer", *INTENTION), self.intentions, ("laborer",), INTENTION)
            Intention.objects.filter(bulk.among("pk", [row[0] for row in self.intentions])).stamp(self.now)

    # ── new people ───────────────────────────────────────────────────────────────────────────────────────────────

    def _matched(self, rows: list[Staged]) -> list[Staged]:
        """Rows of people nobody has; rows in review may meet somebody, who then is changed."""
        if not rows:
            return []
        index = {self.index_id(row.new["id_no"]): row for row in rows}
        stored = Laborer.objects.filter(bulk.among("id_index", list(index), "text"))
        with wall.opened("a number belongs to one person, who may live elsewhere"):
            taken = list(stored.select_related("village").only("id_index", "village__path"))
        for person in taken:
            row = index.pop(person.id_index)
            if row.verdict != REVIEW:
                raise Stale(f"第 {row.row} 行：校验之后已有人登记了{row.key}，需要重新校验。")
            if not self.user.can("person", "w", person.village) and not self.user.can(
                "person", "i", person.village
            ):
                raise Stale(f"第 {row.row} 行：{row.key}不在您的管辖范围内，请报上级核对。")
            row.target = person.pk
        for row in index.values():
            if "_village" not in row.new:
                raise Stale(f"第 {row.row} 行：台账中没有此人，请先登记，或不采用这一行。")
        self._check_open(row.new["_village"] for row in index.values())
        return list(index.values())

    def _check_open(self, villages: Iterable[int]) -> None:
        closed = closed_villages(self.month).filter(pk__in=set(villages)).first()
        if closed:
            raise Stale(f"{closed.name}的{self.month.label}已关闭，需要重新校验。")

    def _create(self, rows: list[Staged]) -> None:
        if not rows:
            return
        households = self._households(rows)
        columns = ("id", "household", "village", "id_no", "id_index", "id_tail_index", "sex", "birth_date", "initials",
                   "phone_index", "updated_at", "updated_by", *PERSON)  # fmt: skip
        people_rows = []
        for pk, row in zip(bulk.reserve_ids(Laborer, len(rows)), rows, strict=True):
            new, row.target = row.new, pk
            number, phone = new["id_no"], new.get("phone", "")
            people_rows.append([
                pk, households[row.row], new["_village"], number, self.index_id(number), self.index_tail(number[-4:]),
                sex(number), birth_date(number), pinyin_initials(new["name"]),
                self.index_phone(phone) if phone else "", self.now, self.user.pk,
                *[new.get(key, blank) for key, blank in BLANK_PERSON.items()],
            ])  # fmt: skip
            if new.get("_act") == "open":
                self._insert_spell(pk, new["_spell"])
            self._intention(pk, new, None)
            self._record(pk, new, None)
        bulk.insert_many(Laborer, columns, people_rows)

    def _households(self, rows: list[Staged]) -> dict[int, int]:
        """Row → household, made where the number is new; what rows say of an existing one is written to it."""
        numbers = {row.new["number"] for row in rows if "_household" not in row.new}
        stored = Household.objects.filter(bulk.among("number", list(numbers), "text"))
        with wall.opened("the number of a household may be one of elsewhere"):
            found = dict(stored.values_list("number", "pk"))
        wanted: dict[str, Staged] = {}
        changes: dict[int, dict[str, Any]] = defaultdict(dict)
        for row in rows:
            number = row.new.get("number", "")
            pk = row.new.get("_household") or found.get(number)
            said = {key: row.new[key] for key in HOUSEHOLD if key in row.new}
            if pk and "_household" in row.new and said:
                changes[pk] |= said
            elif not pk:
                wanted.setdefault(number, row)
        made = dict(zip(wanted, bulk.reserve_ids(Household, len(wanted)), strict=True)) if wanted else {}
        if made:
            lines = [
                [
                    made[number],
                    number,
                    row.new["_village"],
                    *[row.new.get(k, b) for k, b in BLANK_HOUSEHOLD.items()],
                ]
                for number, row in wanted.items()
            ]
            bulk.insert_many(Household, ("id", "number", "village", *HOUSEHOLD), lines)
        self._change_households(changes)
        known = found | made
        return {row.row: row.new.get("_household") or known[row.new["number"]] for row in rows}

    def _change_households(self, changes: Mapping[int, Mapping[str, Any]]) -> None:
        if not changes:
            return
        rows = []
        for stored in Household.objects.filter(pk__in=changes).values("pk", *HOUSEHOLD):
            pk = stored.pop("pk")
            rows.append([pk, *(stored | changes[pk]).values()])
        bulk.update_many(Household, ("id", *HOUSEHOLD), rows)

    # ── people the ledger has ────────────────────────────────────────────────────────────────────────────────────

    def _change(self, rows: list[Staged]) -> None:
        if not rows:
            return
        ids = [row.pk for row in rows]
        list(Laborer.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
        known = {one.pk: one for one in people(Laborer.objects.filter(bulk.among("pk", ids)), self.month)}
        households: dict[int, dict[str, Any]] = defaultdict(dict)
        moved = [row for row in rows if "_version" not in row.old]
        homes = self._households(moved) if moved else {}
        for row in rows:
            one = known.get(row.pk)
            if one is None or row.old.get("_version", one.version) != one.version:
                raise Stale(f"第 {row.row} 行：{row.key}在校验之后已被修改，需要重新校验。")
            if row.row not in homes:
                households[one.household] |= {key: row.new[key] for key in HOUSEHOLD if key in row.new}
            self._work(one, row.new)
            self._intention(one.pk, row.new, one)
            self._record(one.pk, row.new, one)
        self._check_open([one.village for one in known.values()])
        self._check_open([row.new["_village"] for row in moved])
        self._change_households({pk: said for pk, said in households.items() if said})
        places = {
            row.pk: (
                row.new.get("_village", known[row.pk].village),
                homes.get(row.row) or row.new["_household"],
            )
            for row in rows
            if row.row in homes or "_household" in row.new
        }
        self.change_people({row.pk: row.new for row in rows}, known, places)

    def change_people(
        self,
        changes: Mapping[int, Mapping[str, Any]],
        known: Mapping[int, Known],
        places: Mapping[int, tuple],
    ) -> None:
        """Fields of block A, each person one version further; phones and moves apart, they are few."""
        keys = [key for key in PERSON if key != "phone" and any(key in new for new in changes.values())]
        rows = []
        for pk, new in changes.items():
            one = known[pk]
            values = [new.get(key, one.values[key]) for key in keys]
            name = new.get("name", one.values["name"])
            rows.append([pk, one.version + 1, self.now, self.user.pk, pinyin_initials(name), *values])
        bulk.update_many(Laborer, ("id", "version", "updated_at", "updated_by", "initials", *keys), rows)
        phones = [
            [pk, new["phone"], self.index_phone(new["phone"]) if new["phone"] else ""]
            for pk, new in changes.items()
            if "phone" in new
        ]
        if phones:
            bulk.update_many(Laborer, ("id", "phone", "phone_index"), phones)
        if places:
            bulk.update_many(
                Laborer, ("id", "village", "household"), [[pk, *place] for pk, place in places.items()]
            )

    # ── what hangs on a person ───────────────────────────────────────────────────────────────────────────────────

    def _insert_spell(self, pk: int, spell: Mapping[str, Any]) -> None:
        self.spells.append([pk, *[spell.get(key, blank) for key, blank in BLANK_SPELL.items()]])

    def _update_spell(self, stored: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        changes = {"started_on": None, **changes} if "started" in changes else changes
        merged = {**stored, **changes}
        self.spell_updates.append([stored["id"], *[merged[key] for key in SPELL_FIELDS]])

    def _work(self, one: Known, new: Mapping[str, Any]) -> None:
        act, month = new.get("_act"), str(self.month)
        if act == "close":
            self._end(_meant(one, new), self.month)
        elif act == "update":
            spell = new["_spell"]
            if spell.get("started") == new["_of"]:
                spell = {key: value for key, value in spell.items() if key != "started"}
            self._update_spell(_meant(one, new), spell)
        elif act == "open":
            spell, latest = new["_spell"], one.open_spell
            same = one.spell_from(spell["started"])
            if same:
                self._update_spell(same, spell)
                return
            if latest and not spell.get("ended"):
                if latest["started"] > spell["started"]:
                    self._update_spell(latest, spell)
                    return
                self._end(latest, Month.parse(spell["started"]))
            self._insert_spell(
                one.pk, {**spell, "ended": spell.get("ended") if spell["started"] <= month else None}
            )

    def _end(self, spell: Mapping[str, Any], month: Month) -> None:
        """The last month before `month`; a spell that only began then was entered by mistake."""
        if spell["started"] >= str(month):
            self.spell_ends.append(spell["id"])
        else:
            self._update_spell(spell, {"ended": str(month - 1)})

    def _intention(self, pk: int, new: Mapping[str, Any], one: Known | None) -> None:
        said = {key: new[key] for key in INTENTION if key in new}
        if not said:
            return
        stored = {key: one.values[key] for key in INTENTION} if one and one.intention else BLANK_INTENTION
        merged = {**stored, **said}
        if isinstance(merged["services"], str):
            merged["services"] = services_stored(merged["services"])
        self.intentions.append([pk, *[merged[key] for key in INTENTION]])

    def _record(self, pk: int, new: Mapping[str, Any], one: Known | None) -> None:
        """What the sheet says of the month itself; sums stated once stay stated."""
        said = {key: new[key] for key in RECORD if key in new}
        if said:
            stored = (one.record if one else None) or {}
            sums = None
            if "months" in said or "income" in said or stored.get("declared"):
                sums = _sums({**stored, **said})
            self.stated[pk] = _stated({**stored, **said}, sums)


def _sums(values: Mapping[str, Any]) -> Declared:
    months = values.get("months")
    return Declared(None if months is None else Decimal(months), values.get("income"))


def _stated(values: Mapping[str, Any], sums: Declared | None) -> Stated:
    return Stated(
        sums,
        values.get("ticked_months") or "",
        values.get("flexible_days"),
        values.get("verify_state") or Stated._field_defaults["verify_state"],
    )


def restored(record: Mapping[str, Any]) -> Stated:
    """A record as it stood before."""
    return _stated(record, _sums(record) if record["declared"] else None)
