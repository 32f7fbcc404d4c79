"""People as the ledger has them, as the flat dictionaries that sheets are compared with and exports are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from ledgers.imports.cells import services_text
from ledgers.imports.columns import HOUSEHOLD, INTENTION, PERSON, RECORD, SPELL
from ledgers.models import Household, Intention, Laborer, MonthlyRecord, WorkSpell
from lib.bulk import among
from lib.crypto import make_decryptor
from lib.month import Month, MonthField

CHUNK = 2000
_PLAIN = tuple(key for key in PERSON if key != "phone")
_LABORER = ("pk", "id_index", "version", "village_id", "household_id", "phone_index")
_PERSON = (*_LABORER, "household__number", *_PLAIN, *(f"household__{key}" for key in HOUSEHOLD))
SPELL_FIELDS = ("started_on", "region_code", "place_class", *SPELL)
_RECORD = (*RECORD, "declared")


@dataclass(slots=True)
class Known:
    """One stored person. `values` has JSON values by column key, `spells` are all spells, the latest last."""

    pk: int
    id_index: str
    version: int
    village: int
    household: int
    phone_index: str
    values: dict[str, Any]
    spells: list[dict[str, Any]] = field(default_factory=list)
    spell: dict[str, Any] | None = None  # the one of the month
    intention: bool = False
    record: dict[str, Any] | None = None

    @property
    def open_spell(self) -> dict[str, Any] | None:
        return next((spell for spell in self.spells if not spell["ended"]), None)

    def spell_from(self, started: str) -> dict[str, Any] | None:
        return next((spell for spell in self.spells if spell["started"] == started), None)


_AS_TEXT = (MonthField, models.DateField, models.DecimalField)


class _Row:
    """Rows of some fields as sheets' values are: months, dates and decimals as text."""

    def __init__(self, model: type[models.Model], keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.text_at = [at for at, key in enumerate(keys) if isinstance(model._meta.get_field(key), _AS_TEXT)]

    def named(self, row: tuple) -> dict[str, Any]:
        values = dict(zip(self.keys, row, strict=True))
        for at in self.text_at:
            if row[at] is not None:
                values[self.keys[at]] = str(row[at])
        return values


_PERSON_ROW, _HOUSEHOLD_ROW = _Row(Laborer, _PLAIN), _Row(Household, HOUSEHOLD)
_SPELL_ROW, _INTENTION_ROW = _Row(WorkSpell, ("id", *SPELL_FIELDS)), _Row(Intention, INTENTION)
_RECORD_ROW = _Row(MonthlyRecord, _RECORD)


def people(laborers: QuerySet[Laborer], month: Month) -> list[Known]:
    """The people of the queryset (one chunk of it) with all that belongs to them in `month`."""
    found = {row[0]: _known(row) for row in laborers.order_by().values_list(*_PERSON)}
    ids = list(found)
    for pk, spells in _spells(ids).items():
        known = found[pk]
        known.spells = sorted(spells, key=lambda spell: spell["started"])
        known.spell = spell_of(known.spells, str(month))
    for row in Intention.objects.filter(among("pk", ids)).values_list("pk", *INTENTION):
        known = found[row[0]]
        known.intention = True
        known.values |= _INTENTION_ROW.named(row[1:])
        known.values["services"] = services_text(row[-1])
    records = MonthlyRecord.objects.filter(among("laborer", ids), month=month)
    for row in records.order_by().values_list("laborer_id", *_RECORD):
        record = _RECORD_ROW.named(row[1:])
        found[row[0]].record = record
        found[row[0]].values.update(record)
    for known in found.values():
        known.values["working"] = known.spell is not None
        if known.spell:
            known.values.update((key, known.spell[key]) for key in SPELL)
    return list(found.values())


def _known(row: tuple) -> Known:
    (pk, id_index, version, village, household, phone_index), number, rest = row[:6], row[6], row[7:]
    values = _PERSON_ROW.named(rest[: len(_PLAIN)]) | _HOUSEHOLD_ROW.named(rest[len(_PLAIN) :])
    values["number"] = number
    return Known(pk, id_index, version, village, household, phone_index, values)


def _spells(ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = WorkSpell.objects.filter(among("laborer", ids)).order_by()
    for row in rows.values_list("laborer_id", *_SPELL_ROW.keys):
        found[row[0]].append(_SPELL_ROW.named(row[1:]))
    return found


def spell_of(spells: list[dict[str, Any]], month: str) -> dict[str, Any] | None:
    """The spell of the month (see ledgers.facts.at): the one begun last that touches it."""
    touching = [
        one for one in spells if one["started"] <= month and (not one["ended"] or one["ended"] >= month)
    ]
    return touching[-1] if touching else None


def numbers(laborers: QuerySet[Laborer]) -> Iterator[tuple[int, str, str]]:
    """(key, ID number, phone) of people who may be shown in full: an export, or the old side of a change."""
    open_id = make_decryptor(Laborer._meta.get_field("id_no").bound_to)
    open_phone = make_decryptor(Laborer._meta.get_field("phone").bound_to)
    sealed = laborers.order_by().annotate(
        sealed_id=Cast(F("id_no"), TextField()), sealed_phone=Cast(F("phone"), TextField())
    )
    for pk, id_no, phone in sealed.values_list("pk", "sealed_id", "sealed_phone"):
        yield pk, open_id(id_no), open_phone(phone) if phone else ""
