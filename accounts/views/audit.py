"""The audit trail as far as one may read it: own acts in a village, the own tree above."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from operator import or_
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.audit import AuditEntry, first_bad_entry, head
from accounts.audit_words import prefixes, told, word
from accounts.forms import AuditFilter
from accounts.models import Unit, User
from accounts.roles import Role
from accounts.scope import NOTHING
from accounts.views.tabs import tabs
from lib.staging import EXPORTS

PAGE = 50
VERIFIED_ON_SCREEN = 5000
ALERTS = frozenset({"login.locked", "reveal.limit", "second_factor.failed"})


def visible_entries(user: User):
    """Own acts for everyone; the tree below for those who serve above a village; at its top also acts of no unit."""
    reach = Q(actor=user)
    for posting in user.current_postings():
        if not user.can("audit", "r") or posting.role in {Role.VILLAGE, Role.SAMPLER, Role.ADMIN}:
            continue
        if posting.unit.parent_id is None and posting.role in {Role.CITY, Role.AUDITOR}:
            reach |= Q(unit_path="")
        reach |= Q(unit_path__startswith=posting.unit.path)
    return AuditEntry.objects.filter(reach if user.is_active else NOTHING)


@needs("audit.r")
@require_GET
def audit(request: OfficeRequest) -> HttpResponse:
    form = AuditFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = _filtered(visible_entries(request.user), chosen).order_by("-sequence")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        found = found.filter(sequence__lt=int(before))
    entries = list(found.select_related("actor")[: PAGE + 1])
    query = {key: value for key, value in chosen.items() if value}
    context = {
        "tabs": tabs(request, "accounts:audit"),
        "form": form,
        "rows": _rows(entries[:PAGE]),
        "first_url": f"?{urlencode(query)}" if before else "",
        "next_url": f"?{urlencode(query | {'before': entries[PAGE - 1].sequence})}"
        if len(entries) > PAGE
        else "",
        "may_verify": request.user.can("audit", "v"),
        "verified_on_screen": VERIFIED_ON_SCREEN,
    }
    return render(request, "accounts/audit.html", context)


def _filtered(found, chosen: dict):
    """Narrow the entries; rows out of reach are not in `found` to begin with."""
    if text := chosen.get("q"):
        found = found.filter(Q(actor__username__iexact=text) | Q(actor__name=text))
    if group := chosen.get("group"):
        acts = (Q(action=name) | Q(action__startswith=f"{name}.") for name in prefixes(group))
        found = found.filter(reduce(or_, acts))
    if since := chosen.get("since"):
        found = found.filter(at__gte=_midnight(since))
    if until := chosen.get("until"):
        found = found.filter(at__lt=_midnight(until + dt.timedelta(days=1)))
    if code := chosen.get("unit"):
        unit = Unit.objects.filter(code=code).first()
        found = found.filter(unit_path__startswith=unit.path) if unit else found.none()
    return found


# Tables whose rows are called by a name of their own; the rooms above are named, not imported.
NAMED = {
    "accounts.user": "name",
    "accounts.unit": "name",
    "jobs.importbatch": "number",
    "reports.bulletin": "title",
    "sampling.campaign": "name",
}
TELLING = frozenset({"accounts.user", "accounts.unit", "reports.bulletin"})  # the name alone says what it is
# What entries are about that is no table; the rest of `about` says which one.
SUBJECTS = {"target": "目标", "baseline": "基期数", "export": "导出", "month": "月份", "laborer": "劳动力"}


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _rows(entries: list[AuditEntry]) -> list[dict]:
    """The entries in words; what has a name by its name, everything else by its number."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        label, _, key = entry.about.partition(":")
        wanted.setdefault(label, set()).add(key)
    names = {label: _names(label, wanted[label]) for label in NAMED if label in wanted}
    return [_row(entry, names) for entry in entries]


def _names(label: str, keys: set[str]) -> dict[str, str]:
    """Key as text → name, of those keys that can be keys of this table."""
    model = apps.get_model(label)
    own = model._meta.pk
    able = []
    for key in keys:
        try:
            able.append(own.to_python(key))
        except ValidationError:
            continue
    rows = model._base_manager.filter(pk__in=able)
    return {str(key): name for key, name in rows.values_list("pk", NAMED[label])}


def _row(entry: AuditEntry, names: dict[str, dict[str, str]]) -> dict:
    label, _, key = entry.about.partition(":")
    key = EXPORTS[key].title if label == "export" and key in EXPORTS else key
    known = names.get(label, {}).get(key)
    if known and label not in TELLING:
        known = f"{_subject(label)} {known}"
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "actor": entry.actor.name if entry.actor else "—",
        "what": word(entry.action),
        "about": known or f"{_subject(label)} {key}".strip(),
        "detail": told(entry.detail),
        "alert": entry.action in ALERTS,
    }


def _subject(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return SUBJECTS.get(label, label)


@needs("audit.v")
@require_POST
def verify(request: OfficeRequest) -> HttpResponse:
    """Check the newest links of the chain and its head; the whole of it is walked by manage.py verify_audit."""
    newest, hash_ = head()
    bad = first_bad_entry(after=max(0, newest - VERIFIED_ON_SCREEN))
    if bad:
        messages.error(request, f"{bad[1]}，请立即保护现场并查明原因。")
    else:
        messages.success(request, f"最近的记录完整，共 {newest:,} 条，最新哈希 {hash_[:16]}…。")
    return redirect("accounts:audit")
