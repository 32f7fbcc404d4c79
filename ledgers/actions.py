"""Named writes of the ledger. Each happens in one transaction with its audit entry, or not at all."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.models import Unit, User
from accounts.regions import full_name
from ledgers import facts
from ledgers.counting import place_class
from ledgers.models import Intention, Laborer, MonthClosing, MonthlyRecord, WorkSpell
from ledgers.periods import PeriodClosed, ensure_entry, ensure_open, period_state, wait_for_writers
from lib import changes as news
from lib.crypto import blind_index
from lib.identity import pinyin_initials
from lib.month import Month

SECRET = frozenset({"phone"})


class NotAllowed(Exception):
    """The act is refused; the message says why and what to do."""


class Conflict(Exception):
    """Somebody else saved this person since the form was opened."""


# ── months ───────────────────────────────────────────────────────────────────────────────────────────────────────


def month_counts(unit: Unit, month: Month) -> dict[str, int]:
    """What closing would freeze: people, verified, counted."""
    rows = MonthlyRecord.objects.for_month(month).under(unit)
    return {
        "people": rows.count(),
        "verified": rows.filter(verify_state="已核实").count(),
        "counted": rows.counted().count(),
    }


def begin_month(unit: Unit, month: Month, by: User) -> int:
    """Give everyone under `unit` a record of the month that is due to begin. Returns how many were made."""
    if not by.can("month", "w", unit):
        raise NotAllowed(f"您没有开始{unit.name}月份的权限。")
    ensure_open(unit, month)
    due = facts.month_to_begin(unit)
    if month != due:
        then = f"现在可以开始的是{due.label}。" if due else "请先导入台账。"
        raise NotAllowed(f"{unit.name}{month.label}不用开始，或还不能开始；{then}")
    return facts.open_month(unit, month, by)


@transaction.atomic
def close_month(unit: Unit, month: Month, by: User) -> MonthClosing:
    """Freeze the month for `unit` and everything below it."""
    if not by.can("month", "w", unit):
        raise NotAllowed(f"您没有关闭{unit.name}月份的权限。")
    wait_for_writers()
    state = period_state(unit, month)
    if not state.is_open:
        raise PeriodClosed(state.why)
    counts = month_counts(unit, month)
    if not counts["people"]:
        raise NotAllowed(f"{unit.name}{month.label}还没有台账，不能关闭。")
    closing = MonthClosing.objects.create(unit=unit, month=month, closed_by=by, **counts)
    record("month.close", by, closing, unit, month=str(month), **counts)
    return closing


@transaction.atomic
def reopen_month(unit: Unit, month: Month, by: User, reason: str) -> MonthClosing:
    """Open the month again that `unit` itself closed; the closing stays on record with who, when and why."""
    reason = " ".join(reason.split())
    if not by.can("month", "w", unit):
        raise NotAllowed(f"{unit.name}关闭的月份，只能由{unit.name}或它的上级重开。")
    if len(reason) < 4:
        raise NotAllowed("请写明重开原因，至少四个字。")
    closing = (
        MonthClosing.objects.select_for_update().filter(unit=unit, month=month, reopened_at=None).first()
    )
    if closing is None:
        why = period_state(unit, month).why
        raise NotAllowed(why or f"{unit.name}没有关闭{month.label}，不用重开。")
    closing.reopened_at, closing.reopened_by, closing.reason = timezone.now(), by, reason[:200]
    closing.save(update_fields=["reopened_at", "reopened_by", "reason"])
    record("month.reopen", by, closing, unit, month=str(month), reason=closing.reason)
    news.mark(month, Unit.objects.under(unit).villages().values_list("pk", flat=True))
    return closing


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def correct(
    laborer: Laborer, changes: dict[str, Any], by: User, version: int, month: Month
) -> list[tuple[str, str, str]]:
    """Correct one person in an open month. Returns (label, old, new) of what changed; nothing changed, nothing written.

    Keys of `changes` are fields of Laborer, or `spell.…` of the open work spell, `record.…` of the month's record and
    `intention.…`. `working` (bool) begins or ends a spell. Conflict when `version` is not the stored one.
    """
    _check_right(by, laborer.village)
    ensure_entry(laborer.village, month)
    if not Laborer.objects.filter(pk=laborer.pk, version=version).update(version=F("version") + 1):
        raise Conflict(laborer.name)
    parts = _by_part(changes)
    told = _assign(laborer, parts["laborer"])
    told += _correct_work(laborer, changes.get("working"), parts["spell"], month)
    told += _correct_intention(laborer, parts["intention"])
    told += _correct_record(laborer, parts["record"], month)
    if not told:
        Laborer.objects.filter(pk=laborer.pk).update(version=version)
        return []
    laborer.version, laborer.updated_at, laborer.updated_by = version + 1, timezone.now(), by
    laborer.initials = pinyin_initials(laborer.name)
    laborer.phone_index = blind_index(laborer.phone, "laborer.phone") if laborer.phone else ""
    laborer.save()
    facts.refresh(month, [laborer.pk])
    news.mark(month, [laborer.village_id])
    record(
        "laborer.correct",
        by,
        laborer,
        laborer.village,
        month=str(month),
        changes={label: [old, new] for label, old, new in told},
    )
    return told


def _check_right(by: User, village: Unit) -> None:
    if not by.can("person", "w", village):
        raise NotAllowed("这个人不在您可以更正的范围内。")


def _by_part(changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {"laborer": {}, "spell": {}, "record": {}, "intention": {}}
    for key, value in changes.items():
        part, _, name = key.rpartition(".")
        if key != "working":
            parts[part or "laborer"][name] = value
    return parts


def _assign(row: Any, values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Set what differs; (label, old, new) of it, with numbers that identify a person left out."""
    told = []
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            setattr(row, name, new)
            hidden = name in SECRET
            label = str(row._meta.get_field(name).verbose_name)
            told.append(
                (label, "（不显示）" if hidden else shown(old), "（已修改）" if hidden else shown(new))
            )
    return told


def _correct_work(laborer: Laborer, working: bool | None, values: dict, month: Month) -> list:
    """Begin, change or end the open spell; its 务工区域 follows from the place of work."""
    open_spell = laborer.spells.filter(ended=None).first()
    if working is False or (working is None and open_spell is None):
        return _end_work(open_spell, month)
    spell = open_spell or WorkSpell(laborer=laborer, started=_free_start(laborer, month), job_form="单位就业")
    told = [] if open_spell else [("是否务工", "否", "是")]
    if "region_code" in values and values["region_code"] != spell.region_code:
        code = values["region_code"]
        own = code == own_township(laborer.village)
        values = values | {
            "region_text": (laborer.village.parent or laborer.village).full_name if own else full_name(code),
            "place_class": place_class(laborer.village.gb_code, code),
        }
    told += _assign(spell, values)
    if told:
        spell.save()
    return told


def own_township(village: Unit) -> str:
    """The official code of the township the village lies in, which need not be the office it reports to."""
    return f"{village.gb_code[:9]}000" if village.gb_code else ""


def _free_start(laborer: Laborer, month: Month) -> Month:
    if laborer.spells.filter(started=month).exists():
        raise NotAllowed(f"{month.label}已有一段务工开始又结束，请先更正那一段。")
    return month


def _end_work(spell: WorkSpell | None, month: Month) -> list:
    """A spell that was still open ends before this month; one that only began this month was entered by mistake."""
    if spell is None:
        return []
    if spell.started >= month:
        spell.delete()
    else:
        spell.ended = month - 1
        spell.save(update_fields=["ended"])
    return [("是否务工", "是", "否")]


def _correct_intention(laborer: Laborer, values: dict) -> list:
    if not values:
        return []
    row = Intention.objects.filter(laborer=laborer).first() or Intention(laborer=laborer)
    told = _assign(row, values)
    if told:
        row.save()
    return told


def _correct_record(laborer: Laborer, values: dict, month: Month) -> list:
    """Totals of the year that somebody states count as declared: the ledger's own sum no longer overwrites them."""
    if not values:
        return []
    with wall.opened("the month of a person in reach, who may have moved since it was counted"):
        row = MonthlyRecord.objects.filter(laborer=laborer, month=month).first()
        told = _assign(row, values) if row else []
        if row and told:
            row.declared = True
            row.save()
    return told


def shown(value: Any) -> str:
    """A stored value as an office would write it."""
    if value is None or value == "":
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.label if isinstance(value, Month) else str(value)
