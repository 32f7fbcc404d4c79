"""The page of one person: who, where they work, whether they count and why, and every change made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts import wall
from accounts.access import OfficeRequest, needs
from accounts.audit import AuditEntry
from accounts.audit_words import word
from accounts.views.reveal import revealed
from ledgers import counting
from ledgers.codes import VERIFY_STATES
from ledgers.collection.mine import Card
from ledgers.counting import counted_text
from ledgers.models import CollectionForm, Contact, Laborer, MonthlyRecord, WorkSpell
from ledgers.models.collection import HOW
from ledgers.periods import entry_state
from ledgers.views.services import services_of
from lib.month import Month

UNVERIFIED = VERIFY_STATES[0]
REVEALABLE = {"id_no": "身份证号码", "phone": "联系电话"}


@dataclass
class Strip:
    """One month in the strip of twelve."""

    month: Month
    record: MonthlyRecord | None

    @property
    def tone(self) -> str:
        if self.record is None:
            return ""
        return "good" if self.record.counted else "warn" if self.record.working else ""

    @property
    def word(self) -> str:
        if self.record is None:
            return "无记录"
        return "计入" if self.record.counted else "务工未计入" if self.record.working else "未务工"

    @property
    def why(self) -> str:
        return counting.REASONS[self.record.reason] if self.record else "该月台账中没有这个人"


@needs("person.r")
@require_GET
def laborer(request: OfficeRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    strip = _strip(person, request.GET.get("month", ""))
    row = strip[-1].record
    month = strip[-1].month
    spells = sorted(person.spells.all(), key=lambda spell: spell.started, reverse=True)
    state = entry_state(person.village, month)
    may_write = request.user.can("person", "w", person.village)
    contacts = list(person.contacts.select_related("by").defer("shown").order_by("-at", "-pk"))
    context = {
        "breadcrumbs": _crumbs(person, month),
        "person": person,
        "month": month,
        "row": row,
        "counted_text": counted_text(row) if row else "",
        "state": state,
        "may_write": may_write and state.is_open,
        "may_fill": state.is_open and request.user.can("form", "p", person.village),
        "may_reveal": request.user.can("person", "u", person.village),
        "strip": strip,
        "spells": spells,
        "current": next((spell for spell in spells if spell.ended is None), None),
        "intention": getattr(person, "intention", None),
        "history": _history(person),
        "spans": {field: f"{field}-{person.pk}" for field in REVEALABLE},
        "ways": HOW,
        "contacts": contacts[:20],
        "card": _card(person, row, contacts) if row else None,
    }
    context |= services_of(request, person)
    if context["may_write"] and row and row.verify_state != UNVERIFIED:
        context |= _still_to_verify(person, month)
    return render(request, "ledgers/person.html", context)


def _card(person: Laborer, row: MonthlyRecord, contacts: list[Contact]) -> Card:
    """What the list of the month shows of this person, for the buttons that note a contact."""
    row.laborer = person
    form = (
        CollectionForm.objects.living()
        .filter(laborer=person, month=row.month)
        .defer("values", "base")
        .first()
    )
    mine = [one for one in reversed(contacts) if one.month == row.month and one.undone_at is None]
    return Card(row, mine, form)


def _still_to_verify(person: Laborer, month: Month) -> dict:
    """Who of the village is to be checked next, in the order of the list, and how many are left."""
    rows = MonthlyRecord.objects.filter(village=person.village, month=month, verify_state=UNVERIFIED)
    rows = rows.select_related("laborer").order_by("laborer__name", "laborer_id")
    after = Q(laborer__name__gt=person.name) | Q(laborer__name=person.name, laborer_id__gt=person.pk)
    return {"following": rows.filter(after).first() or rows.first(), "to_verify": rows.count()}


def _person(request: OfficeRequest, pk: int, letter: str = "r") -> Laborer:
    people = Laborer.objects.visible_to(request.user, letter).select_related(
        "household", "village__parent__parent", "intention", "updated_by"
    )
    spells = Prefetch("spells", WorkSpell.objects.order_by("-started"))
    return get_object_or_404(people.prefetch_related(spells), pk=pk)


def _crumbs(person: Laborer, month: Month) -> list[dict[str, str]]:
    records = reverse("ledgers:list")
    return [
        {"label": "台账", "url": records},
        {"label": person.village.full_name, "url": f"{records}?unit={person.village.code}&month={month}"},
        {"label": person.name, "url": f"{reverse('ledgers:laborer', args=[person.pk])}?month={month}"},
    ]


def _strip(person: Laborer, asked: str) -> list[Strip]:
    """Twelve months up to the one asked for, else up to the newest that has a record."""
    records = {row.month: row for row in _records(person)[:36]}
    try:
        last = Month.parse(asked)
    except ValueError:
        last = max(records, default=Month.current())
    return [Strip(last - back, records.get(last - back)) for back in range(11, -1, -1)]


def _history(person: Laborer) -> list[dict]:
    """Who changed what and when, newest first."""
    entries = (
        AuditEntry.objects.filter(about=f"{person._meta.label_lower}:{person.pk}")
        .exclude(action="reveal")
        .select_related("actor")
        .order_by("-sequence")[:20]
    )
    acts: list[dict[str, Any]] = [
        {
            "at": entry.at,
            "who": entry.actor.name if entry.actor else "系统",
            "what": word(entry.action),
            "changes": list(entry.detail.get("changes", {}).items()),
            "note": _note(entry.detail),
        }
        for entry in entries
    ]
    imports: list[dict[str, Any]] = [
        {
            "at": change.at,
            "who": change.by.name,
            "what": change.what,
            "changes": [(label, (old, new)) for label, old, new in change.changes],
            "note": f"{change.month.label}，批次 {change.batch}",
        }
        for change in person.changes.select_related("by").order_by("-at", "-pk")[:20]
    ]
    return sorted(acts + imports, key=lambda one: one["at"], reverse=True)[:20]


def _note(detail: dict) -> str:
    """What an entry about a contact tells: its outcome, and the state it led from and to."""
    if "old" not in detail or "new" not in detail:
        return ""
    led = f"{detail['old']} → {detail['new']}" if detail["old"] != detail["new"] else detail["new"]
    return "，".join(part for part in (detail.get("how", ""), detail.get("outcome", ""), led) if part)


def _records(person: Laborer) -> list[MonthlyRecord]:
    """The newest first. The person was found within reach; the months go with the person."""
    with wall.opened("months that were counted where the person lived before"):
        return list(person.records.order_by("-month").select_related("verified_by"))


# ── revealing ──────────────────────────────────────────────────────────────────────────────────────


@needs("person.u")
@require_POST
def reveal(request: OfficeRequest, pk: int, field: str) -> HttpResponse:
    """Show one whole number, for a reason that is noted."""
    if field not in REVEALABLE:
        raise Http404
    person = _person(request, pk, "u")
    return revealed(
        request,
        element=f"{field}-{person.pk}",
        label=REVEALABLE[field],
        value=lambda: getattr(person, field),
        subject_type="laborer",
        subject_id=person.pk,
        field=field,
        unit=person.village,
    )
