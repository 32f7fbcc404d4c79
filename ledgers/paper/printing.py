"""People of the ledger as sheets, and sheets as one PDF."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from accounts.models import Region, Unit
from ledgers.imports.known import numbers, people
from ledgers.models import Laborer
from ledgers.paper import layout, words
from lib.bulk import among
from lib.documents.pdf import typeset
from lib.month import Month

TEMPLATE = Path(__file__).parent / "form.typ"
TOGETHER = 20  # sheets typeset at once: their layouts are 4 MB a sheet

Sheet = dict[str, Any]


def sheets(keys: Sequence[int], month: Month, office: str) -> Iterator[Sheet]:
    """The sheets of these people in this order, as of the month; `office` collects. Full ID and telephone numbers."""
    villages = {one.pk: one for one in Unit.objects.filter(laborers__in=keys).distinct()}
    for start in range(0, len(keys), TOGETHER):
        part = list(keys[start : start + TOGETHER])
        chosen = Laborer.objects.filter(among("pk", part))
        known = {one.pk: one for one in people(chosen, month)}
        secret = {pk: (id_no, phone) for pk, id_no, phone in numbers(chosen)}
        regions = _regions(one.spell["region_code"] for one in known.values() if one.spell)
        for one in (known[pk] for pk in part if pk in known):
            values = one.values
            values["id_no"], values["phone"] = secret[one.pk]
            if one.spell:
                values["place_parts"] = _parts(one.spell, regions)
            yield _sheet(values, month, villages[one.village].full_name, office)


def blank_sheet(month: Month, place: str, office: str) -> Sheet:
    """填表说明3: for somebody the ledger does not have."""
    return _sheet({}, month, place, office)


def _sheet(values: dict[str, Any], month: Month, place: str, office: str) -> Sheet:
    return {
        "heads": [
            f"单位：{place}",
            f"户编号：{values.get('number') or '　　　　　　'}",
            f"统计月份：{month.label}",
        ],
        "rows": layout.rows(values, month),
        "notice": words.notice(office),
    }


def render(found: Sequence[Sheet], month: Month, day: dt.date, footer: str = "") -> bytes:
    """A few sheets as one PDF, two pages each; `footer` says who printed them. Many: `book`."""
    data = {
        "title": words.TITLE,
        "day": [day.year, day.month, day.day],
        "footer": footer,
        "back": words.back(month),
        "sheets": list(found),
    }
    return typeset(TEMPLATE, data, day)


def book(
    found: Iterable[Sheet],
    month: Month,
    day: dt.date,
    footer: str = "",
    progress: Callable[[int], None] = lambda done: None,
) -> bytes:
    """Any number of sheets as one PDF. Without the tags that Typst adds: 45 KB a sheet, which paper has no use for."""
    writer, out, done = PdfWriter(), io.BytesIO(), 0
    source = iter(found)
    while part := list(islice(source, TOGETHER)):
        for page in PdfReader(io.BytesIO(render(part, month, day, footer))).pages:
            page.pop("/StructParents", None)
            writer.add_page(page)
        done += len(part)
        progress(done)
    writer.compress_identical_objects()
    writer.add_metadata({"/Title": words.TITLE})
    writer.write(out)
    return out.getvalue()


# ── places in their four parts ───────────────────────────────────────────────────────────────────────────────────


def _regions(found: Iterator[str]) -> dict[str, str]:
    wanted = {way for code in found if code for way in _ways(code)}
    return dict(Region.objects.filter(among("code", sorted(wanted), "text")).values_list("code", "name"))


def _ways(code: str) -> tuple[str, str, str, str]:
    return code[:2] + "0000", code[:4] + "00", code[:6], code


def _parts(spell: dict[str, Any], regions: dict[str, str]) -> tuple[str, ...]:
    """省, 市(州), 县(市区) from the code; what the text says beyond them, or without a code all of it, in the last."""
    code, text = spell["region_code"] or "", spell["region_text"] or ""
    parts, seen = ["", "", "", ""], set()
    for at, way in enumerate(_ways(code)[:3] if code else ()):
        if way in regions and way not in seen:
            parts[at] = regions[way]
            seen.add(way)
    rest = text
    for part in parts[:3]:
        rest = rest.removeprefix(part)
    parts[3] = rest or (regions.get(code, "") if len(code) > 6 else "")
    return tuple(parts)
