"""What the page of a batch shows: the five counts, the rows of one of them, what may be done next."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from jobs.imports import chunks
from jobs.imports.problems import cells, masked, secret_titles, shown
from jobs.imports.staging import kind_of
from jobs.models import ImportBatch
from lib.staging import CHANGED, NEW, REJECTED, REVIEW, SAME, VERDICTS, Staged

State = ImportBatch.State
PAGE = 50  # rows
ORDER = (NEW, CHANGED, REVIEW, REJECTED, SAME)
TONES: dict[str, str] = {
    State.STAGED: "warn", State.MAPPING: "warn", State.REFUSED: "bad", State.CONFIRMED: "good",
    State.UPLOADED: "info", State.UNDONE: "",
}  # fmt: skip
MEANING = {
    NEW: "台账里还没有，确认后写入。",
    CHANGED: "台账里已有，确认后改成新的内容。",
    SAME: "与台账完全一致，不会写入。",
    REVIEW: "可以写入，但有疑问。确认入库后，由您或上级逐行核对，采纳的才写入。",
    REJECTED: "有错误，不会写入。请按提示改正后重新上传，已写入的行不受影响。",
}
WAS = {
    NEW: "校验时台账里还没有；撤回时已删除，入库后又改过的除外。",
    CHANGED: "校验时台账里已有；撤回时已改回原来的内容，入库后又改过的除外。",
    SAME: "校验时与台账完全一致，没有写入。",
    REVIEW: "校验时有疑问；采纳过的，撤回时也一并改回。",
    REJECTED: "有错误，没有写入。",
}
EMPTY = {
    NEW: "没有新增的行。", CHANGED: "没有变更的行。", SAME: "没有与台账一致的行。", REVIEW: "没有待核的行。",
    REJECTED: "没有退回的行。",
}  # fmt: skip


def line(batch: ImportBatch) -> dict[str, Any]:
    """One batch in a list."""
    kind = kind_of(batch)
    return {
        "batch": batch,
        "kind": kind.title,
        "tone": TONES[batch.state],
        "label": batch.get_state_display(),
    }


def steps(batch: ImportBatch) -> list[dict[str, str]]:
    places: dict[str, int] = {State.UPLOADED: 1, State.MAPPING: 1, State.REFUSED: 1, State.STAGED: 2}
    at = places.get(batch.state, 4)
    names = ("上传", "校验", "预览", "确认入库")
    return [
        {"label": name, "state": "done" if place < at else "current" if place == at else "todo"}
        for place, name in enumerate(names)
    ]


def first_verdict(batch: ImportBatch) -> str:
    """The tab to open first: what needs work, then what will be written."""
    order = (REVIEW, REJECTED, CHANGED, NEW, SAME) if batch.state == State.CONFIRMED else (
        REJECTED, CHANGED, NEW, REVIEW, SAME,
    )  # fmt: skip
    return next((verdict for verdict in order if getattr(batch, verdict)), NEW)


def context(batch: ImportBatch, user, verdict: str, page: str) -> dict[str, Any]:
    mine = batch.owner_id == user.pk
    total = getattr(batch, verdict)
    last = max(0, (total - 1) // PAGE)
    at = min(max(int(page) - 1 if page.isdecimal() and len(page) < 9 else 0, 0), last)
    return line(batch) | {
        "mine": mine,
        "steps": steps(batch),
        "tabs": [_tab(batch, each, verdict) for each in ORDER],
        "verdict": verdict,
        "verdict_label": VERDICTS[verdict],
        "meaning": (WAS if batch.state == State.UNDONE else MEANING)[verdict],
        "nothing": EMPTY[verdict],
        "rows": [_row(batch, *pair) for pair in chunks.rows_with(batch, verdict, at * PAGE, PAGE)],
        "pager": _pager(batch, verdict, at, total),
        "facts": _facts(batch),
        "may_confirm": mine and batch.state == State.STAGED and bool(batch.writes or batch.review),
        "may_undo": mine and batch.state == State.CONFIRMED and bool(batch.writes or batch.decided),
        "may_mark": mine and bool(batch.source_id) and bool(batch.review or batch.rejected),
        "may_decide": batch.state == State.CONFIRMED and verdict == REVIEW and batch.waiting > 0,
        "previewed": batch.state in (State.STAGED, State.CONFIRMED, State.UNDONE),
        "progress": None,
        "failure": "",
        "left": [],
        "left_rows": None,  # of a batch taken back, where the job that did it can still be asked
    }


def undo_facts(batch: ImportBatch) -> list[dict[str, Any]]:
    return [
        {"label": "删除新增的", "value": batch.new, "unit": "行"},
        {"label": "改回原来内容的", "value": batch.changed, "unit": "行"},
        {"label": "已核对的待核行", "value": batch.decided, "unit": "行"},
    ]


def _tab(batch: ImportBatch, verdict: str, current: str) -> dict[str, Any]:
    return {
        "label": VERDICTS[verdict],
        "url": reverse("jobs:batch_rows", args=[batch.pk, verdict]),
        "active": verdict == current,
        "count": getattr(batch, verdict),
    }


def _facts(batch: ImportBatch) -> list[dict[str, Any]]:
    words = {
        NEW: "写入新增", CHANGED: "改写变更", SAME: "相同，不动", REVIEW: "待核，先不写", REJECTED: "退回，不写",
    }  # fmt: skip
    return [{"label": words[each], "value": getattr(batch, each), "unit": "行"} for each in ORDER]


def _pager(batch: ImportBatch, verdict: str, at: int, total: int) -> dict[str, str]:
    base = reverse("jobs:batch_rows", args=[batch.pk, verdict])
    first, end = at * PAGE + 1, min((at + 1) * PAGE, total)
    return {
        "prev": f"{base}?page={at}" if at else "",
        "next": f"{base}?page={at + 2}" if end < total else "",
        "shown": f"第 {first}–{end} 行，共 {total} 行" if total else "",
    }


def _row(batch: ImportBatch, chunk, row: Staged) -> dict[str, Any]:
    kind = kind_of(batch)
    secret = secret_titles(kind)
    decided = chunk.decided.get(str(row.row), "")
    return {
        "number": row.row,
        "key": masked(row.key),
        "cells": cells(kind, row),
        "problems": [
            {
                "column": problem.column,
                "value": shown(problem.value, problem.column in secret),
                "level": problem.level,
                "message": masked(problem.message),
            }
            for problem in row.problems
        ],
        "decided": {"accepted": "已采纳", "dismissed": "不采纳"}.get(decided, ""),
        "open": row.verdict == REVIEW and not decided,
    }
