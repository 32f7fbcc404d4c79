"""The sentences of a draft, one at a time: figures stand as chips that are kept, words may change."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from reports.bulletins import actions, checks
from reports.bulletins.actions import Conflict, Refused
from reports.bulletins.slots import chip_names, markers, pieces, text_of, to_chips
from reports.models import Bulletin
from reports.views import address
from reports.views.bulletins import writable


@needs("bulletin.w")
@require_GET
def sentences(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    """Every sentence with its figures marked, and a button each."""
    found = _draft(request, pk)
    if found is None:
        return redirect("reports:bulletin", pk)
    problems = {p.block: p.text for p in checks.problems(found) if p.block}
    context = {
        "page_title": "修改正文",
        "bulletin": found,
        "sentences": [_shown(found, block, problems.get(block["id"], "")) for block in found.sentences],
        "breadcrumbs": [
            {"label": "通报", "url": address("reports:bulletins")},
            {"label": found.month.label, "url": address("reports:bulletin", found.pk)},
            {"label": "修改正文"},
        ],
    }
    return render(request, "reports/bulletins/sentences.html", context)


def _draft(request: OfficeRequest, pk: uuid.UUID) -> Bulletin | None:
    found = writable(request, pk)
    return found if found.state == Bulletin.State.DRAFT else None


def _shown(found: Bulletin, block: dict, problem: str = "") -> dict[str, Any]:
    slots = found.snapshot["slots"]
    try:
        words = list(pieces(block["text"], slots))
    except LookupError:
        words = []
    return {
        "id": block["id"],
        "kind": block["kind"],
        "lead": block["lead"],
        "pieces": words,
        "raw": "" if words else block["text"],
        "on": block["on"],
        "edited": block["text"] != block["original"],
        "problem": problem,
        "is_heading": block["kind"] in ("h1", "h2"),
        "url": reverse("reports:bulletin_edit", args=[found.pk, block["id"]]),
    }


@needs("bulletin.w")
@require_http_methods(["GET", "HEAD", "POST"])
def sentence(request: OfficeRequest, pk: uuid.UUID, name: str) -> HttpResponse:
    """One sentence: its editor (GET); save, switch or restore it (POST)."""
    found = _draft(request, pk)
    if found is None:
        messages.info(request, "这份通报已送审或印发，不能再改。")
        return redirect("reports:bulletin", pk)
    block = next((b for b in found.sentences if b["id"] == name and b["kind"] not in ("h1", "h2")), None)
    if block is None:
        raise Http404
    if request.method != "POST":
        if request.htmx and "close" in request.GET:
            return _row(request, found, block)
        return _editor(request, found, block, to_chips(block["text"], found.snapshot["slots"]))
    return _change(request, found, block)


def _change(request: OfficeRequest, found: Bulletin, block: dict) -> HttpResponse:
    chips, act = request.POST.get("text", "")[:4000], request.POST.get("act", "save")
    name, user = block["id"], request.user
    try:
        if act in ("on", "off"):
            found = actions.switch_sentence(found, name, act == "on", user)
        elif act == "restore":
            found = actions.restore_sentence(found, name, user)
        else:
            found = actions.edit_sentence(found, name, chips, user, _seen(request))
    except Conflict as error:
        conflicts = [{"label": "这句话", "theirs": error.theirs, "mine": error.mine}]
        back = reverse("reports:bulletin_edit", args=[found.pk, name])
        return render(request, "409.html", {"conflicts": conflicts, "back_url": back}, status=409)
    except Refused as error:
        return _editor(request, found, block, chips, error.problems or [str(error)])
    if request.htmx:
        return _row(request, found, next(b for b in found.sentences if b["id"] == name))
    messages.success(request, "已保存。")
    return redirect(f"{reverse('reports:bulletin_edit', args=[found.pk])}#{name}")


def _seen(request: OfficeRequest) -> int:
    """The count of edits the editor was opened at; nonsense counts as never seen."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1


def _row(request: OfficeRequest, found: Bulletin, block: dict) -> HttpResponse:
    problem = next((p.text for p in checks.problems(found) if p.block == block["id"]), "")
    return render(
        request,
        "reports/bulletins/sentence_row.html",
        {"sentence": _shown(found, block, problem), "bulletin": found},
    )


def _editor(
    request: OfficeRequest, found: Bulletin, block: dict, chips: str, problems: list[str] | None = None
) -> HttpResponse:
    slots, names = found.snapshot["slots"], chip_names(found.snapshot["slots"])
    used = dict.fromkeys(markers(block["text"]))
    context = {
        "page_title": "修改一句话",
        "bulletin": found,
        "sentence": _shown(found, block),
        "text": chips,
        "problems": [{"text": text, "anchor": "text"} for text in problems or []],
        "chips": [
            {"name": names[key], "text": text_of(slots, key, form)} for key, form in used if key in slots
        ],
        "inline": bool(request.htmx),
        "back_url": reverse("reports:bulletin_edit", args=[found.pk]),
        "breadcrumbs": [
            {"label": "通报", "url": address("reports:bulletins")},
            {"label": found.month.label, "url": address("reports:bulletin", found.pk)},
            {"label": "修改正文", "url": reverse("reports:bulletin_edit", args=[found.pk])},
        ],
    }
    template = "sentence_editor.html" if request.htmx else "sentence.html"
    return render(request, f"reports/bulletins/{template}", context, status=422 if problems else 200)
