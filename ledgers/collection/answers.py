"""What a browser shows of a 采集表, and what it sends back of it.

Beside every field travels `was:…`, what the sender last knew of it: the text, or for numbers that identify a person a
keyed mark, because those are never written into a page again. A field that was not shown is not sent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from accounts.models import User
from ledgers import codes
from ledgers.collection.actions import Differs, keep
from ledgers.collection.fields import (
    COLUMNS,
    FIELDS,
    Block,
    Field,
    blocks,
    canonical,
    fields,
    is_asked,
    month_boxes,
)
from ledgers.collection.filling import Checked
from ledgers.imports import cells
from ledgers.models import CollectionForm
from lib.crypto import blind_index
from lib.identity import mask_id, mask_phone
from lib.month import Month
from lib.rates import thousands

WAS = "was:"
SUMS = ("months", "income", "ticked_months", "flexible_days")  # of block A, asked with the work they sum up
FIRST = ("working", "person_state")
FEW = 5  # answers that are shown side by side; more go into a list
MAY_BE_EMPTY = frozenset({"organised_by", "monitor_kind"})  # a ring that was clicked cannot be taken back


def mark(form: CollectionForm, key: str) -> str:
    """What a page carries of a field so that a later answer can tell whether it was changed meanwhile."""
    text = form.values.get(key, "")
    if not FIELDS[key].secret or not text:
        return text
    return blind_index(f"{form.pk}:{key}:{text}", "form.seen")[:16]


@dataclass
class Item:
    """One field on the page. `told` are (level, message) of what the rules say about it."""

    field: Field
    text: str
    mark: str
    old: str | None = None  # what the ledger has, where the form says otherwise
    told: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    asked: bool = True

    @property
    def when(self) -> str:
        """The answer it depends on, as data-when reads it."""
        return ":".join(self.field.only_when) if self.field.only_when else ""

    @property
    def widget(self) -> str:
        """Which control: tiles, select, text, month, day, months, counts, place, secret or fixed."""
        one = self.field
        if one.fixed:
            return "fixed"
        if one.secret:
            return "secret"
        if one.kind in ("flag", "choice") and one.key != "services":
            few = len(self.choices) <= FEW and one.key not in MAY_BE_EMPTY
            return "tiles" if few else "select"
        return one.kind if one.kind in ("month", "day", "months", "counts", "place") else "text"

    @property
    def choices(self) -> tuple[str, ...]:
        """What is offered; a stored word that no list has any more stays choosable."""
        offered = self.field.choices or ("是", "否")
        return offered if not self.text or self.text in offered else (*offered, self.text)

    @property
    def value(self) -> str:
        """The text as the control wants it: months and days as 2022-10 and 2022-10-01."""
        if self.widget in ("month", "day"):
            return COLUMNS[self.field.key].parse(self.text).value or ""
        return self.text

    @property
    def ticked(self) -> list[str]:
        return (COLUMNS[self.field.key].parse(self.text).value or "").split(",")

    @property
    def counts(self) -> list[tuple[str, int | str]]:
        """Each service and how often."""
        stored = cells.services_stored(cells.services(self.text).value or "")
        return [(name, stored.get(name, "")) for name in codes.SERVICES]

    @property
    def is_none(self) -> bool:
        return self.text == cells.NO_SERVICE

    @property
    def masked(self) -> str:
        return _masked(self.field.key, self.text)

    @property
    def level(self) -> str:
        """The worst that is said of it."""
        levels = {level for level, _ in self.told}
        return next((level for level in ("reject", "review") if level in levels), "")


@dataclass
class Section:
    """Fields under one heading; folded while there is nothing to do in it."""

    title: str
    items: list[Item]
    when: str = ""

    @property
    def asked(self) -> bool:
        return any(item.asked for item in self.items)

    @property
    def left(self) -> int:
        """Fields that are asked and still empty or wrong."""
        return sum(bool(item.asked and item.told) for item in self.items)

    @property
    def changed(self) -> int:
        return sum(item.old is not None for item in self.items)

    @property
    def is_open(self) -> bool:
        return bool(self.left or self.changed or self.when) or self.items[0].field.key in FIRST


def masked(form: CollectionForm, key: str) -> str:
    """A number that identifies a person, as pages show it."""
    return _masked(key, form.values.get(key, ""))


def _masked(key: str, text: str) -> str:
    return mask_id(text) if key == "id_no" else mask_phone(text)


def sections(form: CollectionForm, checked: Checked) -> list[Section]:
    """The page of a form: first whether the person works, then the blocks; who it is comes last, or first if new."""
    new = form.laborer_id is None
    told: dict[str, list[tuple[str, str]]] = {}
    for key, level, message in checked.problems:
        told.setdefault(key, []).append((level, message))
    found = {}
    for key, one in fields(new).items():
        old, text = checked.changed.get(key, (None, ""))[0], form.values.get(key, "")
        asked = is_asked(one, form.values)
        found[key] = Item(one, text, mark(form, key), old, told.get(key, []), asked)
    made = [_section(block, found) for block in blocks(new) if block.letter not in ("", "A")]
    by_letter = {block.letter: block for block in blocks(new)}
    block_a = by_letter["A"].fields
    sums = Section("A 年度累计", [found[key] for key in SUMS])
    person = Section("A 本人", [found[one.key] for one in block_a if one.key not in (*SUMS, *FIRST)])
    begin = Section("A 是否务工", [found[key] for key in FIRST])
    who = [Section("户", [found[one.key] for one in by_letter[""].fields]), person] if new else []
    return [*who, begin, *made[:2], sums, *made[2:], *([] if new else [person])]


def _section(block: Block, found: Mapping[str, Item]) -> Section:
    items = [found[one.key] for one in block.fields]
    return Section(f"{block.letter} {block.title}", items, items[0].when if block.letter in "BC" else "")


def sent(one: Field, data: QueryDict) -> str | None:
    """The answer to a field, None where it was not shown or a number was not typed again."""
    if WAS + one.key not in data or one.fixed:
        return None
    if one.kind == "months":
        return "、".join(data.getlist(one.key))
    if one.kind == "counts":
        if data.get(f"{one.key}:none"):
            return cells.NO_SERVICE
        counted = [(name, data.get(f"{one.key}:{name}", "").strip()) for name in codes.SERVICES]
        return "、".join(f"{name}{count}次" for name, count in counted if count not in ("", "0"))
    text = data.get(one.key, "").strip()
    return None if one.secret and not text else text


def save(form: CollectionForm, data: QueryDict, by: User) -> tuple[CollectionForm, list[Differs]]:
    """Keep every answer that the sender changed; those that somebody else changed too come back as Differs."""
    differs = []
    for key, one in fields(form.laborer_id is None).items():
        text, was = sent(one, data), data.get(WAS + key, "")
        if text is None or canonical(key, text) == was:
            continue
        seen = form.values.get(key, "") if one.secret and was == mark(form, key) else was
        try:
            form = keep(form, key, text, seen, by)
        except Differs as other:
            differs.append(other)
    return form, differs


def differences(form: CollectionForm, checked: Checked | None = None) -> list[tuple[str, str, str]]:
    """(label, ledger, form) of what a reviewer has to look at; numbers that identify a person are not shown."""
    if checked is not None:
        return [(label, old, new) for label, (old, new) in checked.told().items()]
    told = []
    for key, one in fields(form.laborer_id is None).items():
        old, new = form.base.get(key, ""), form.values.get(key, "")
        if old != new and not one.fixed and is_asked(one, form.values):
            told.append(
                (
                    one.label,
                    *(("（不显示）", "（已修改）") if one.secret else (old or "（空）", new or "（空）")),
                )
            )
    return told


def printed(form: CollectionForm) -> list[tuple[str, list[tuple[str, str]]]]:
    """The whole form for reading: block → (label, text), unasked fields left out, numbers masked."""
    read = []
    for block in blocks(form.laborer_id is None):
        lines = []
        for one in block.fields:
            text = form.values.get(one.key, "")
            if one.fixed or not is_asked(one, form.values):
                continue
            if one.secret:
                text = masked(form, one.key)
            if one.unit and text:
                text = (
                    f"{thousands(int(text))} {one.unit}"
                    if text.isdecimal() and len(text) < 10
                    else f"{text} {one.unit}"
                )
            lines.append((one.label, text or "—"))
        read.append((f"{block.letter} {block.title}".strip(), lines))
    return read


def boxes(month: Month, item: Item) -> list[tuple[str, str, bool, bool]]:
    """A17: (value, word, ticked, may be ticked) of the months of the statistical year, those to come not yet."""
    ticked = set(item.ticked)
    return [(str(one), one.label, str(one) in ticked, one <= month) for one in month_boxes(month)]
