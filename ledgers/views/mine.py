"""我的本月: one village, one month, everybody in it; noting contacts, taking them back, dialling."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs, wants_json
from accounts.actions import reveal
from accounts.authority import NotAllowed
from accounts.models import Level, Reveal, Unit
from jobs.todos import finished_jobs, of_rooms, unconfirmed, waiting_rows
from ledgers.collection import contacts
from ledgers.collection.actions import begin
from ledgers.collection.mine import CHANGED, DONE, GROUPS, RETURNED, Card, cards, grouped, newcomers
from ledgers.models import CollectionForm, Contact, Laborer, MonthlyRecord
from ledgers.models.collection import HOW
from ledgers.periods import PeriodState, due_words, entry_state
from lib import charts
from lib.month import Month
from lib.rates import thousands

REMEMBERED = "contact_how"  # in the session: the way used last
REASON = "当月核实，电话联系本人"
POPULATION = Q(is_poverty=True) | Q(is_monitored=True)


@needs("person.w")
@require_GET
def mine(request: OfficeRequest) -> HttpResponse:
    """The list of one village; who serves more than one chooses first."""
    village = _village(request)
    if village is None:
        return _villages(request)
    month, newest = _month(request, village)
    context: dict[str, Any] = {
        "page_title": "本月",
        "village": village,
        "month": None,
        "due": ("", ""),
        "several": _reach(request).villages().count() > 1,
        "todos": [*waiting_rows(request.user), *unconfirmed(request.user), *finished_jobs(request.user)],
        "rooms": of_rooms(request.user),
    }
    if newest is None or month is None:
        return render(request, "ledgers/mine.html", context)
    found = _cards(MonthlyRecord.objects.visible_to(request.user, "w").filter(village=village, month=month))
    state = entry_state(village, month)
    new = newcomers(request.user, village, month)
    groups = grouped(found)
    shown = request.GET.get("show", "")
    context |= _frame(request, month, state) | {
        "page_title": f"{month.label}核实",
        "notes": _notes(village, month, newest, state, groups),
        "due": due_words(month, state=state),
        "progress": _progress(
            sum(card.in_population for card in found),
            sum(card.in_population and card.row.verify_state == contacts.VERIFIED for card in found),
        ),
        "newcomers": [(form, _form(form.laborer_id, month, form)) for form in new],
        "shown": shown if shown in GROUPS else "",
        "people": len(found),
        "groups": [
            {"key": key, "name": GROUPS[key][0], "cards": groups[key], "folded": key == DONE and key != shown}
            for key in GROUPS
            if groups[key]
        ],
        "ways": HOW,
        "query": urlencode({"unit": village.code, "month": str(month)}),
    }
    return render(request, "ledgers/mine.html", context)


def _frame(request: OfficeRequest, month: Month, state: PeriodState) -> dict[str, Any]:
    """What every card needs beside its person."""
    asked = request.GET.get("how") or request.session.get(REMEMBERED)
    return {
        "month": month,
        "is_open": state.is_open,
        "how": asked if asked in HOW else HOW[0],
        "phone_icon": render_to_string("components/icon.html", {"name": "phone"}),  # once for 200 cards
    }


def _reach(request: OfficeRequest) -> Any:
    return Unit.objects.visible_to(request.user, "person", "w").filter(closed_on=None)


def _village(request: OfficeRequest) -> Unit | None:
    """The village asked for, or the one the user serves; None where there is a choice to be made."""
    villages = _reach(request).villages().select_related("parent__parent")
    code = request.GET.get("unit")
    if code:
        return get_object_or_404(villages, code=code)
    own = request.user.own_unit
    if code is None and own.level == Level.VILLAGE and request.user.can("person", "w", own):
        return own
    few = list(villages[:2])
    return few[0] if len(few) == 1 else None


def _villages(request: OfficeRequest) -> HttpResponse:
    """The villages in reach with how far each is in its newest month."""
    villages = list(_reach(request).villages().in_order())
    if not villages:
        raise Http404
    rows = MonthlyRecord.objects.visible_to(request.user, "w").filter(POPULATION)
    month = rows.order_by("-month").values_list("month", flat=True).first()
    found = rows.filter(month=month).order_by().values("village")
    counts = {row["village"]: row for row in found.annotate(people=Count("pk"), done=_DONE)}
    lines = []
    for one in villages:
        done, people = (counts.get(one.pk, {}).get(key, 0) for key in ("done", "people"))
        lines.append({"unit": one, "done": done, "people": people, **charts.meter(done, people)})
    context = {"page_title": "选择村", "lines": lines, "subtitle": month.label if month else ""}
    return render(request, "ledgers/mine_villages.html", context)


_DONE = Count("pk", filter=Q(verify_state=contacts.VERIFIED))


def _month(request: OfficeRequest, village: Unit) -> tuple[Month | None, Month | None]:
    """(the month asked for or the newest with records, the newest)."""
    records = MonthlyRecord.objects.visible_to(request.user, "w").filter(village=village)
    months = set(records.order_by().values_list("month", flat=True).distinct())
    newest = max(months, default=None)
    try:
        asked = Month.parse(request.GET.get("month", ""))
    except ValueError:
        return newest, newest
    return (asked if asked in months else newest), newest


def _notes(
    village: Unit, month: Month, newest: Month, state: PeriodState, groups: dict[str, list[Card]]
) -> list[dict[str, str]]:
    """What stands in the way, most urgent first: text and tone of a note, perhaps a place to go."""
    told = []
    if returned := len(groups[RETURNED]):
        text = f"退回{returned}人，请先按退回原因改好再交。"
        told.append(_note(text, "bad", f"#{RETURNED}", "看退回的人"))
    if state.told:
        told.append(_note(state.told, "warn"))
    if newest < (today := Month.current()) and month == newest:
        county = village.parent.parent if village.parent and village.parent.parent else village.parent
        who = county.name if county else "上级"
        told.append(_note(f"{today.label}还没有开始，由{who}在“月份”页开始；下面是{month.label}的名单。"))
    return told


def _note(text: str, tone: str = "", url: str = "", link_label: str = "") -> dict[str, str]:
    return {"text": text, "tone": tone, "url": url, "link_label": link_label}


def _progress(people: int, done: int) -> dict[str, str]:
    meter = charts.meter(done, people)
    text = f"已完成 {thousands(done)} / {thousands(people)} 人"
    return {"length": meter["length"], "text": text, "tone": "good" if people and done == people else ""}


def _form(laborer_id: int | None, month: Month, form: CollectionForm | None) -> str:
    """Where a change is written down: the 采集表 on its way, or the page that begins one."""
    if form is not None:
        return reverse("ledgers:form_page", args=[form.pk])
    return reverse("ledgers:form", args=[laborer_id, month])


# ── contacts ─────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("person.w")
@require_POST
def contact(request: OfficeRequest, pk: int, month: Month) -> HttpResponse:
    """Note how somebody was reached and what came of it; a page for people, a receipt for scripts that ask for JSON."""
    rows = _rows(request, pk, month)
    row = get_object_or_404(rows)
    sent = request.POST
    how = sent.get("how", "")
    try:
        made = contacts.contact(
            row.laborer, month, how, sent.get("outcome", ""), sent.get("shown", ""), request.user,
            sent.get("client_key", "")[:36],
        )  # fmt: skip
    except contacts.Outdated as refusal:
        return _refused(request, rows, refusal, 409)
    except NotAllowed as refusal:
        return _refused(request, rows, refusal, 422)
    if how in HOW and request.session.get(REMEMBERED) != how:
        request.session[REMEMBERED] = how
    words = f"（{made.how}）" if made.how else ""
    told = "已核实" if made.outcome == Contact.Outcome.UNCHANGED else made.get_outcome_display()
    follow = ""
    if made.outcome == Contact.Outcome.CHANGED:
        with suppress(NotAllowed):  # the person has moved since: another village fills the form in
            follow = _form(pk, month, begin(row.laborer, month, request.user))
    return _done(request, rows, made, f"{row.laborer.name}：{told}{words}。", follow)


@needs("person.w")
@require_POST
def contact_undo(request: OfficeRequest, pk: int, month: Month) -> HttpResponse:
    """Take back the newest contact, while the month is open."""
    rows = _rows(request, pk, month)
    row = get_object_or_404(rows)
    number = request.POST.get("number", "")
    try:
        made = contacts.undo(
            row.laborer, month, int(number) if number.isdecimal() and len(number) < 19 else 0, request.user
        )
    except NotAllowed as refusal:
        return _refused(request, rows, refusal, 422)
    return _done(request, rows, made, f"{row.laborer.name}：已撤销“{made.get_outcome_display()}”。")


def _rows(request: OfficeRequest, pk: int, month: Month) -> QuerySet[MonthlyRecord]:
    rows = MonthlyRecord.objects.visible_to(request.user, "w").select_related("village", "laborer")
    return rows.filter(laborer=pk, month=month)


def _done(
    request: OfficeRequest, rows: QuerySet[MonthlyRecord], made: Contact, text: str, follow: str = ""
) -> HttpResponse:
    if not wants_json(request):
        messages.success(request, text)
        return redirect(follow or _back(request, made.laborer_id, made.month))
    counts = MonthlyRecord.objects.filter(POPULATION, village=made.village_id, month=made.month)
    found = counts.aggregate(people=Count("pk"), done=_DONE)
    receipt = {
        "id": made.pk,
        "client_key": made.client_key or "",
        "person": made.laborer_id,
        "outcome": made.outcome,
        "how": made.how,
        "at": timezone.localtime(made.at).isoformat(timespec="seconds"),
        "undone": bool(made.undone_at),
    }
    answer = {"receipt": receipt, "text": text, "next": follow, "card": _card(request, rows)}
    bar = _progress(found["people"], found["done"])
    return JsonResponse(
        answer | {"progress": render_to_string("ledgers/mine_progress.html", {"progress": bar})}
    )


def _refused(
    request: OfficeRequest, rows: QuerySet[MonthlyRecord], refusal: Exception, status: int
) -> HttpResponse:
    row = rows.get()
    now = getattr(refusal, "now", [])
    if wants_json(request):
        answer = {"error": str(refusal), "now": now, "card": _card(request, rows) if status == 409 else ""}
        return JsonResponse(answer, status=status)
    if status == 409:
        context = {"row": row, "now": now, "back_url": _back(request, row.laborer_id, row.month)}
        return render(request, "ledgers/outdated.html", context, status=status)
    messages.error(request, str(refusal))
    return redirect(_back(request, row.laborer_id, row.month))


def _cards(rows: QuerySet[MonthlyRecord]) -> list[Card]:
    found = cards(rows)
    for card in found:
        if card.group in (RETURNED, CHANGED):
            card.form_url = _form(card.row.laborer_id, card.row.month, card.form)
    return found


def _card(request: OfficeRequest, rows: QuerySet[MonthlyRecord]) -> str:
    """The person's card as it is now."""
    (card,) = _cards(rows)
    state = entry_state(card.row.village, card.row.month)
    return render_to_string(
        "ledgers/mine_card.html", _frame(request, card.row.month, state) | {"card": card}, request
    )


def _back(request: OfficeRequest, pk: int, month: Month) -> str:
    if request.POST.get("back") != "mine":
        return f"{reverse('ledgers:laborer', args=[pk])}?month={month}"
    query = {"unit": request.POST.get("unit", ""), "month": str(month)}
    return (
        f"{reverse('ledgers:mine')}?{urlencode({key: value for key, value in query.items() if value})}#p{pk}"
    )


# ── the telephone ────────────────────────────────────────────────────────────────────────────────────────────────


@needs("person.u")
@require_POST
def dial(request: OfficeRequest, pk: int) -> HttpResponse:
    """The number to call, for the reason that this button stands for: noted and counted like every look at a number.

    A number that was dialled today is given again without a second look being counted.
    """
    people = Laborer.objects.visible_to(request.user, "u").select_related("village")
    person = get_object_or_404(people, pk=pk)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    looks = Reveal.objects.filter(user=request.user, at__range=(today, today + dt.timedelta(days=1)))
    if not looks.filter(subject_type="laborer", subject_id=pk, field="phone", reason=REASON).exists():
        try:
            reveal(request.user, "laborer", pk, "phone", person.village, REASON)
        except NotAllowed as refusal:
            if wants_json(request):
                return JsonResponse({"error": str(refusal)}, status=429)
            messages.error(request, str(refusal))
            return redirect(f"{reverse('ledgers:laborer', args=[pk])}")
    if wants_json(request):
        return JsonResponse({"number": person.phone})
    back = f"{reverse('ledgers:mine')}?{urlencode({'unit': person.village.code})}#p{pk}"
    return render(request, "ledgers/dial.html", {"person": person, "back_url": back})
