"""The life of a bulletin: draft → submitted → published → withdrawn and drafted again; each step one audited verb."""

from __future__ import annotations

import contextlib
import datetime as dt
import re

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from lib.month import Month
from reports.bulletins import checks, formats, layout, slots, text
from reports.bulletins.snapshot import NothingToReport, digest, take
from reports.models import Bulletin

State = Bulletin.State


class Refused(NotAllowed):
    """A step was not taken; the message says why. `problems` lists what must be put right."""

    def __init__(self, message: str, problems: list[str] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []


class Conflict(Exception):
    """Somebody else changed the sentence since it was opened; carries both texts as the editor shows them."""

    def __init__(self, theirs: str, mine: str) -> None:
        super().__init__("这句话刚被别人改过。")
        self.theirs, self.mine = theirs, mine


def _require(user: User, letter: str, unit: Unit) -> None:
    if not user.can("bulletin", letter, unit):
        raise Refused("您没有办理这份通报的权限。")


def _locked(bulletin: Bulletin, *states: str) -> Bulletin:
    """The row as it is now, held until the end of the transaction."""
    row = Bulletin.objects.select_for_update(of=("self",)).select_related("unit").get(pk=bulletin.pk)
    if states and row.state not in states:
        raise Refused(f"这份通报现在是“{row.get_state_display()}”，不能这样办理；请刷新页面。")
    return row


def living(unit: Unit, month: Month) -> Bulletin | None:
    """The version that is in work or in force."""
    rows = Bulletin.objects.filter(unit=unit, month=month, template="T1")
    return rows.exclude(state=State.WITHDRAWN).select_related("unit").first()


# ── drafting ─────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def draft(unit: Unit, month: Month, by: User, issuer: str = "") -> Bulletin:
    """Open a draft: the snapshot is taken now, the sentences are written from it."""
    _require(by, "w", unit)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if there := living(unit, month):
        raise Refused(f"{month.label}已有第{there.version}版通报（{there.get_state_display()}）。")
    last = Bulletin.objects.filter(unit=unit, month=month, template="T1").order_by("-version").first()
    issuer = issuer.strip() or f"{unit.name}{layout.OFFICE}办公室"
    bulletin = _new(unit, month, by, issuer, version=last.version + 1 if last else 1)
    record("bulletin.draft", by, bulletin, unit, month=str(month), version=bulletin.version)
    return bulletin


def _new(unit: Unit, month: Month, by: User, issuer: str, version: int) -> Bulletin:
    try:
        snapshot = take(unit, month)
    except NothingToReport as error:
        raise Refused(str(error)) from error
    return Bulletin.objects.create(
        unit=unit,
        month=month,
        version=version,
        title="".join(layout.title_lines(snapshot)),
        issuer=issuer,
        snapshot=snapshot,
        sentences=text.compose(snapshot, issuer),
        created_by=by,
    )


@transaction.atomic
def edit_sentence(bulletin: Bulletin, name: str, chips: str, by: User, seen: int) -> Bulletin:
    """Change the words of one sentence; its slots stay. `seen` is the count of edits the editor was opened at."""
    row, block = _open_sentence(bulletin, name, by)
    known = row.snapshot["slots"]
    if block.get("rev", 0) > seen:
        raise Conflict(slots.to_chips(block["text"], known), chips)
    words, unknown = slots.from_chips(" ".join(chips.split()), known)
    if unknown:
        raise Refused("这句话不能保存。", [f"没有名为“{chip}”的数据项，请核对。" for chip in unknown])
    if problems := slots.edit_problems(block["text"], words, known):
        raise Refused("这句话不能保存。", problems)
    if not words:
        raise Refused("这句话不能保存。", ["内容不能为空；不需要这句话时，请停用整句。"])
    return _save_sentence(row, block, by, "bulletin.edit", text=words)


@transaction.atomic
def switch_sentence(bulletin: Bulletin, name: str, on: bool, by: User) -> Bulletin:
    """Print a sentence or leave it out; its words are kept."""
    row, block = _open_sentence(bulletin, name, by)
    return _save_sentence(row, block, by, "bulletin.switch", on=on)


@transaction.atomic
def restore_sentence(bulletin: Bulletin, name: str, by: User) -> Bulletin:
    """Back to the words that were written from the figures."""
    row, block = _open_sentence(bulletin, name, by)
    return _save_sentence(row, block, by, "bulletin.restore", text=block["original"])


def _open_sentence(bulletin: Bulletin, name: str, by: User) -> tuple[Bulletin, dict]:
    row = _locked(bulletin, State.DRAFT)
    _require(by, "w", row.unit)
    block = next((b for b in row.sentences if b["id"] == name and b["kind"] not in ("h1", "h2")), None)
    if block is None:
        raise Refused("没有这句话；数据刷新后句子可能已经不同，请回到正文重新选择。")
    return row, block


def _save_sentence(row: Bulletin, block: dict, by: User, action: str, **changes) -> Bulletin:
    if all(block[key] == value for key, value in changes.items()):
        return row
    row.edits += 1
    block |= changes | {"rev": row.edits}
    row.save(update_fields=["sentences", "edits"])
    record(action, by, row, row.unit, sentence=block["id"], **changes)
    return row


@transaction.atomic
def refresh(bulletin: Bulletin, by: User) -> list[str]:
    """Take the figures again. Edited sentences keep their words where their slots are the same; answers those lost."""
    row = _locked(bulletin, State.DRAFT)
    _require(by, "w", row.unit)
    row.snapshot = take(row.unit, row.month)
    row.edits += 1
    row.sentences, lost = _carried(row.sentences, text.compose(row.snapshot, row.issuer), row.edits)
    row.save(update_fields=["snapshot", "sentences", "edits"])
    record("bulletin.refresh", by, row, row.unit, lost=lost)
    return lost


def _carried(old: list[dict], new: list[dict], revision: int) -> tuple[list[dict], list[str]]:
    """The new sentences with the edits of the old; and the beginnings of edits that no longer fit."""
    before, lost = {block["id"]: block for block in old}, []
    for block in new:
        was = before.pop(block["id"], None)
        block["rev"] = revision
        if was is None:
            continue
        block["on"] = was["on"]
        if was["text"] != was["original"]:
            if was["original"] == block["original"]:
                block["text"] = was["text"]
            else:
                lost.append(was["id"])
    lost += [was["id"] for was in before.values() if was["text"] != was["original"]]
    return new, lost


# ── going out ────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def submit(bulletin: Bulletin, by: User) -> Bulletin:
    """Hand the draft to a second person; refused while anything disagrees."""
    row = _locked(bulletin, State.DRAFT)
    _require(by, "w", row.unit)
    _refuse_problems(row, "还不能送审。")
    row.state, row.submitted_by = State.SUBMITTED, by
    row.save(update_fields=["state", "submitted_by"])
    record("bulletin.submit", by, row, row.unit, version=row.version)
    return row


@transaction.atomic
def send_back(bulletin: Bulletin, by: User) -> Bulletin:
    """Back to the desk: the submitter takes it back or the second person returns it."""
    row = _locked(bulletin, State.SUBMITTED)
    _require(by, "w", row.unit)
    row.state, row.submitted_by = State.DRAFT, None
    row.save(update_fields=["state", "submitted_by"])
    record("bulletin.send_back", by, row, row.unit, version=row.version)
    return row


@transaction.atomic
def publish(bulletin: Bulletin, by: User, number: str = "", issued_on: dt.date | None = None) -> Bulletin:
    """Sign, keep the files and freeze: by a second person, while every slot, cell, total and kept file agrees."""
    row = _locked(bulletin, State.SUBMITTED)
    _require(by, "a", row.unit)
    if row.submitted_by_id == by.pk:
        raise Refused("送审人和签发人不能是同一人，请由另一位同事签发。")
    row.number, row.issued_on = number.strip(), issued_on or timezone.localdate()
    row.content_hash = content_hash(row)
    entry = record("bulletin.publish", by, row, row.unit, version=row.version, hash=row.content_hash)
    row.audit_head = entry.hash
    row.state, row.published_by, row.published_at = State.PUBLISHED, by, timezone.now()
    row.save()
    with contextlib.suppress(LookupError):  # the checks name the slot without a number
        record("bulletin.keep", by, row, row.unit, **formats.keep(row))
    _refuse_problems(row, "还不能签发。")
    return row


def content_hash(bulletin: Bulletin) -> str:
    """SHA-256 of everything a reader of the bulletin sees."""
    return digest(
        {
            "template": bulletin.template,
            "unit": bulletin.unit.code,
            "month": str(bulletin.month),
            "version": bulletin.version,
            "title": bulletin.title,
            "issuer": bulletin.issuer,
            "number": bulletin.number,
            "issued_on": bulletin.issued_on.isoformat() if bulletin.issued_on else None,
            "snapshot": bulletin.snapshot,
            "sentences": bulletin.sentences,
        }
    )


def suggested_number(bulletin: Bulletin) -> str:
    """The number of the version before, else the next after the last one this unit gave."""
    before = Bulletin.objects.filter(unit=bulletin.unit).exclude(number="").exclude(pk=bulletin.pk)
    same = before.filter(month=bulletin.month, template=bulletin.template).order_by("-version").first()
    if same:
        return same.number
    last = before.order_by("-published_at").first()
    found = re.fullmatch(r"(.*〔\d{4}〕)(\d+)号", last.number) if last else None
    return f"{found[1]}{int(found[2]) + 1}号" if found else ""


def _refuse_problems(row: Bulletin, message: str) -> None:
    if problems := checks.problems(row, files=True):
        raise Refused(message, [problem.text for problem in problems])


# ── reopening ────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def ask_reopen(bulletin: Bulletin, by: User, reason: str) -> Bulletin:
    """Propose to reopen a published bulletin; another person decides."""
    row = _locked(bulletin, State.PUBLISHED)
    _require(by, "w", row.unit)
    row.reopen_asked_by, row.reopen_reason = by, because(reason, "重开原因")
    row.save(update_fields=["reopen_asked_by", "reopen_reason"])
    record("bulletin.ask_reopen", by, row, row.unit, reason=row.reopen_reason)
    return row


@transaction.atomic
def reopen(bulletin: Bulletin, by: User) -> Bulletin:
    """Withdraw the published version and open the next as a draft: its edited sentences over fresh figures."""
    row = _locked(bulletin, State.PUBLISHED)
    _require(by, "a", row.unit)
    if row.reopen_asked_by_id is None:
        raise Refused("还没有人申请重开，请先写明原因提出申请。")
    if row.reopen_asked_by_id == by.pk:
        raise Refused("申请重开和同意重开不能是同一人，请由另一位同事同意。")
    row.state, row.reopened_by, row.reopened_at = State.WITHDRAWN, by, timezone.now()
    row.save(update_fields=["state", "reopened_by", "reopened_at"])
    fresh = _new(row.unit, row.month, by, row.issuer, row.version + 1)
    fresh.sentences, lost = _carried(row.sentences, fresh.sentences, 0)
    fresh.save(update_fields=["sentences"])
    record("bulletin.reopen", by, row, row.unit, reason=row.reopen_reason, version=fresh.version, lost=lost)
    return fresh
