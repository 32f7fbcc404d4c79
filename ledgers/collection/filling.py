"""What a 采集表 says beside what the ledger says: pre-filled texts, and the judgement of a form before it is written.

A form is judged as a sheet of one row, by the same rules with the same messages. Two things differ: every field is
there, so one that was emptied is an answer; and an unasked field (only_when) leaves the ledger as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import Unit, User
from ledgers import rules
from ledgers.collection.fields import COLUMNS, FIELDS, fields, is_asked, text_of
from ledgers.counting import counted_text, decide
from ledgers.imports.columns import LABORERS
from ledgers.imports.judging import Judge, Judged
from ledgers.imports.known import Known, numbers, people
from ledgers.imports.writing import BLANK_HOUSEHOLD, BLANK_INTENTION, BLANK_PERSON, BLANK_SPELL
from ledgers.matching import Village
from ledgers.models import CollectionForm, Laborer, MonthlyRecord
from lib.crypto import blind_index
from lib.identity import sex
from lib.month import Month
from lib.staging import REJECT, REJECTED, REVIEW, SAME, Context, Row, Staged

Told = rules.Told
BLANKS = BLANK_PERSON | BLANK_HOUSEHOLD | BLANK_INTENTION | BLANK_SPELL
ALREADY = "台账中已有此人，不能再新增，请打开此人的采集表。"
HIDDEN = "（不显示）"


# ── what the ledger says ─────────────────────────────────────────────────────────────────────────────────────────


def prefill(person: Laborer, month: Month) -> dict[str, str]:
    """The texts of all fields as the ledger has the person in `month`, written as the workbook of 劳动力台账 is."""
    return _texts(_known(person, month), person)


def _known(person: Laborer, month: Month) -> Known:
    return people(Laborer.objects.filter(pk=person.pk), month)[0]


def _texts(known: Known, person: Laborer) -> dict[str, str]:
    [(_, id_no, phone)] = numbers(Laborer.objects.filter(pk=person.pk))
    stored = known.values | {"id_no": id_no, "phone": phone, "sex": sex(id_no)}
    if not known.intention:
        stored |= {"services": None}
    return {key: text_of(key, stored.get(key)) for key in FIELDS}


# ── what the form says ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Checked:
    """The judgement of a form. `problems` are (key, level, message); "" is the form as a whole."""

    verdict: str  # as of a row of a sheet: new, changed, same, review, rejected
    problems: list[Told]
    changed: dict[str, tuple[str, str]]  # key → (what the ledger has, what the form says)
    texts: dict[str, str]  # of all fields, as they would be confirmed now
    staged: Staged = field(repr=False)
    counted: bool | None = None  # None while it cannot be told
    sentence: str = ""

    @property
    def refused(self) -> list[Told]:
        """What cannot be (红)."""
        return [told for told in self.problems if told[1] == REJECT]

    @property
    def missing(self) -> list[Told]:
        """Empty fields that must be filled in before the form is submitted."""
        return [told for told in self.problems if told[1] == REVIEW and not self.texts.get(told[0], told)]

    @property
    def doubts(self) -> list[Told]:
        """What may be submitted as it is, and is shown to whoever reviews (黄)."""
        missing = self.missing
        return [told for told in self.problems if told[1] == REVIEW and told not in missing]

    @property
    def may_submit(self) -> bool:
        return not self.refused and not self.missing

    def told(self) -> dict[str, list[str]]:
        """label → [old, new] of what changed, numbers that identify a person left out."""
        return {
            FIELDS[key].label: [HIDDEN, "（已修改）"]
            if FIELDS[key].secret
            else [old or "（空）", new or "（空）"]
            for key, (old, new) in self.changed.items()
        }


def changed_keys(form: CollectionForm) -> list[str]:
    """The asked fields in which the form differs from what it began with."""
    values, base = form.values, form.base
    return [
        key
        for key, one in fields(form.laborer_id is None).items()
        if not one.fixed and is_asked(one, values) and values.get(key, "") != base.get(key, "")
    ]


def check(form: CollectionForm, by: User | None = None) -> Checked:
    """Judge the form as it would be confirmed now; `by` is whoever would write it. Reads only.

    A field that the ledger has changed since the form began keeps the ledger's word, unless the form changed it too:
    then both are told, and the form waits for `actions.catch_up`.
    """
    person = form.laborer
    known = _known(person, form.month) if person else None
    now = _texts(known, person) if known and person else {}
    mine = changed_keys(form)
    texts = {key: now.get(key, "") for key in fields(person is None)} | {
        key: form.values.get(key, "") for key in mine
    }
    village = (person or form).village
    staged, problems = _judged(form, texts, village, by)
    problems += _filled(texts) + list(_moved_on(form, mine, now))
    verdict = REJECTED if any(told[1] == REJECT for told in problems) else staged.verdict
    changed = {key: (now.get(key, ""), texts[key]) for key in mine if now.get(key, "") != texts[key]}
    counted, sentence = _counting(staged, known, texts) if verdict != REJECTED else (None, "")
    return Checked(verdict, _once(problems), changed, texts, staged, counted, sentence)


def _filled(texts: Mapping[str, str]) -> list[Told]:
    titles = {key: one.label for key, one in FIELDS.items()}
    return list(rules.filled(texts, titles))


def _moved_on(form: CollectionForm, mine: list[str], now: Mapping[str, str]) -> Iterator[Told]:
    for key in mine if now else ():
        if now[key] not in (form.base.get(key, ""), form.values.get(key, "")):
            one = FIELDS[key]
            theirs, ours = (HIDDEN, HIDDEN) if one.secret else (now[key], form.values.get(key, ""))
            told = f"台账已改为“{theirs or '空'}”，本表填的是“{ours or '空'}”，请核对后重新确定。"
            yield key, REJECT, told


def _once(problems: list[Told]) -> list[Told]:
    return list(dict.fromkeys(problems))


# ── judged as a row of a sheet ───────────────────────────────────────────────────────────────────────────────────


class _Here:
    """The village of a form, where a sheet has to name one of many."""

    def __init__(self, unit: Unit) -> None:
        town = unit.parent
        names = (unit.name, town.name if town else "", town.parent.name if town and town.parent else "")
        self.village = Village(unit.pk, unit.code, unit.gb_code, unit.path, names)
        self.by_pk, self.within = {unit.pk: self.village}, {unit.pk}

    def find(self, *asked: str) -> tuple[Village, str]:
        return self.village, ""


class FormJudge(Judge):
    """Judges the one row of a form: a field without an answer empties what the ledger has."""

    def __init__(self, context: Context) -> None:
        super().__init__(LABORERS, context, make_new=True, whole_form=True)

    def _villages(self) -> Any:
        return _Here(self.context.unit)

    def _changed(self, row: Judged, known: Known) -> Staged:
        stated = {key: row.values.get(key) for key in ("months", "income") if row.values.get(key) is not None}
        for key in self.given:
            if key not in row.values and known.values.get(key) not in (None, ""):
                row.values[key] = "" if BLANKS.get(key) == "" else None
        staged = super()._changed(row, known)
        if staged.verdict == SAME:
            self._complete(row, known.values | row.values)
        elif staged.target:
            staged.new |= stated  # who signs a form states its sums, also where they are the ledger's own
        return staged


def context_of(form: CollectionForm, by: User | None) -> Context:
    return Context(by, (form.laborer or form).village, form.month, f"form{form.pk}")


def _judged(
    form: CollectionForm, texts: dict[str, str], village: Unit, by: User | None
) -> tuple[Staged, list[Told]]:
    """The verdict on the row, and what there is to say. Cells that cannot be read are told together with the rest."""
    asked = {
        key: text for key, text in texts.items() if not FIELDS[key].fixed and is_asked(FIELDS[key], texts)
    }
    cells = {key: text for key, text in asked.items() if text or key not in ("number", "head_name")}
    staged, problems = _row(form, cells, by)
    unread = {key for key, level, _ in problems if level == REJECT}
    if staged.verdict == REJECTED and unread and not unread & {"id_no", "name", ""}:
        rest = {key: text for key, text in cells.items() if key not in unread}
        problems += [told for told in _row(form, rest, by)[1] if told[0] not in unread]
    if form.laborer_id is None and staged.verdict != REJECTED and _is_there(texts["id_no"], village):
        problems.append(("id_no", REJECT, ALREADY))
    return staged, problems


def _is_there(id_no: str, village: Unit) -> bool:
    """Whether the village has the person already; a person of elsewhere is for the county to decide (ELSEWHERE)."""
    index = blind_index(COLUMNS["id_no"].parse(id_no).value or id_no, "laborer.id")
    return Laborer.objects.filter(id_index=index, village=village).exists()


def _row(form: CollectionForm, cells: dict[str, str], by: User | None) -> tuple[Staged, list[Told]]:
    row = Row(1, cells | {"unit_code": (form.laborer or form).village.code})
    [staged] = FormJudge(context_of(form, by)).rows([row])
    keys = {column.title: column.key for column in LABORERS}
    return staged, [(keys.get(one.column, ""), one.level, one.message) for one in staged.problems]


# ── counted or not ───────────────────────────────────────────────────────────────────────────────────────────────


def _counting(staged: Staged, known: Known | None, texts: Mapping[str, str]) -> tuple[bool | None, str]:
    """Whether the person would count with these answers, and the sentence that says why (YD-D01)."""
    would = (known.values if known else {}) | {
        key: value for key, value in staged.new.items() if key[0] != "_"
    }
    if would.get("working") is None or not texts["person_state"] or not texts["ability"]:
        return None, ""
    spell = (known.spell if known and known.spell else {}) | staged.new.get("_spell", {})
    kind, monitor = would.get("poverty_kind") or "", would.get("monitor_kind") or ""
    monitored = bool(monitor) and not would.get("risk_removed_on")
    row = MonthlyRecord(
        working=bool(would["working"]),
        place_class=(spell.get("place_class") or "") if would["working"] else "",
        months=Decimal(would.get("months") or 0),
        income=would.get("income") or 0,
    )
    row.reason = decide(
        in_population=kind == "脱贫户" or monitor == "脱贫不稳定户" or monitored,
        person_state=would.get("person_state") or "",
        ability=would.get("ability") or "",
        working=row.working,
        job_form=(would.get("job_form") or "") if row.working else "",
        place_class=row.place_class,
        months=row.months,
        income=row.income,
    )
    return row.reason == "counted", counted_text(row)
