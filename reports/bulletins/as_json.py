"""A bulletin as data: figures by unit, paragraphs, annexes and slots, all printed by the same formatter."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from lib.documents import plain_text
from reports.bulletins import annexes, layout
from reports.bulletins.slots import Slot, Slots, text_of
from reports.models import Bulletin


def render(bulletin: Bulletin) -> bytes:
    """Keys in the order of the alphabet: a database may give back a snapshot in an order of its own."""
    return json.dumps(data(bulletin), ensure_ascii=False, indent=1, sort_keys=True).encode()


def data(bulletin: Bulletin) -> dict[str, Any]:
    """The JSON of the command line contract."""
    snapshot = bulletin.snapshot
    slots: Slots = snapshot["slots"]
    document = layout.document(bulletin)
    tables = [_annex(annex, slots) for annex in annexes.annexes(snapshot)]
    return {
        "bulletin": _about(bulletin),
        "figures": _figures(slots),
        "text": plain_text(dataclasses.replace(document, annexes=(), printer="")),
        "annex": tables[0],
        "annexes": tables,
        "slots": {key: slot | _value(slots, key, slot) for key, slot in slots.items()},
    }


def _about(bulletin: Bulletin) -> dict[str, Any]:
    snapshot = bulletin.snapshot
    return {
        "id": str(bulletin.pk),
        "template": bulletin.template,
        "unit": snapshot["unit"],
        "unit_name": snapshot["units"][snapshot["unit"]]["name"],
        "month": str(bulletin.month),
        "as_of": snapshot["as_of"],
        "version": bulletin.version,
        "state": bulletin.state,
        "title": bulletin.title,
        "issuer": bulletin.issuer,
        "number": bulletin.number,
        "issued_on": bulletin.issued_on.isoformat() if bulletin.issued_on else None,
        "rounding": snapshot["rounding"],
        "rules": snapshot["rules"],
        "units": snapshot["units"],
        "hash": bulletin.content_hash,
        "audit_head": bulletin.audit_head,
    }


def _figures(slots: Slots) -> dict[str, dict[str, Any]]:
    """unit → figure → value; base values and differences stand under their figure's id with their base."""
    found: dict[str, dict[str, Any]] = {}
    for key, slot in slots.items():
        if not slot["unit"]:
            continue
        figure = slot["figure"]
        if "base" in slot and slot["kind"] == "count":
            figure = f"{figure}_base"
        found.setdefault(slot["unit"], {})[figure] = {
            "numerator": slot["numerator"],
            "denominator": slot["denominator"],
            "name": slot["name"],
            "unit_name": slot["unit_name"],
            "measure": slot["measure"],
            **({"base": slot["base"]} if "base" in slot else {}),
            **_value(slots, key, slot),
        }
    return found


def _value(slots: Slots, key: str, slot: Slot) -> dict[str, Any]:
    """The printed text, and the same as a number."""
    text = text_of(slots, key)
    plain = text.replace("\u2212", "-").replace("+", "").rstrip("%")
    if slot["kind"] == "word":
        return {"text": text, "value": text}
    if not plain.lstrip("-")[:1].isdigit():
        return {"text": text, "value": None}
    return {"text": text, "value": float(plain) if slot["places"] else int(plain)}


def _annex(annex: annexes.Annex, slots: Slots) -> dict[str, Any]:
    return {
        "title": annex.title,
        "columns": [head.full for head in annex.columns],
        "rows": annex.numbers(slots),
        "note": annex.note,
    }
