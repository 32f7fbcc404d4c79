"""The ledger list: one month, one unit, filters kept in the address, pages by key."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from jobs.exports import start_export
from ledgers import search
from ledgers.forms import IN_POPULATION, NOT_COUNTED, RecordFilter
from ledgers.models import MonthlyRecord
from lib.month import Month
from lib.staging import EXPORTS

PAGE = 50
STEPS = (
    4,
    16,
    64,
)  # villages looked at first, so many at a time; the next page is nearly always in the first few
COUNT_TO = 100_000  # beyond this the number of rows is said to be "more than"
ORDER = ("village__sort_path", "laborer__name", "laborer_id")
CHOICES = (
    "records",
    "laborers",
)  # what may be exported: the facts of the month, or the sheet that imports again
SHOWN = (
    "month", "reason", "working", "job_form", "place_class", "months", "income", "verify_state", "laborer__name",
    "laborer__id_no", "laborer__phone", "village__name", "village__sort_path", "village__parent__name",
)  # fmt: skip
PARAMETERS = ("month", "unit", "working", "reason", "verify", "place", "form", "household")


@dataclass
class Choice:
    """One unit in reach, its months, and what the form says."""

    unit: Unit
    month: Month | None
    months: list[Month]
    form: RecordFilter
    search: search.Search | None


@needs("person.r")
@require_http_methods(["GET", "HEAD", "POST"])
def records(request: OfficeRequest) -> HttpResponse:
    """GET shows; POST takes the search box, and answers with an address that shows no number."""
    data = request.POST if request.method == "POST" else request.GET
    typed = search.understand(data.get("q", ""))
    if request.method == "POST":
        if typed and typed.message:
            messages.warning(request, typed.message)
        return redirect(_address(data, typed))
    if typed and typed.kind in {search.ID, search.PHONE}:
        return redirect(_address(data, typed))
    chosen = _choice(request, typed)
    rows = _filtered(request.user, chosen)
    page = _page(rows, request, chosen.unit)
    context = {
        "form": chosen.form,
        "unit": chosen.unit,
        "month": chosen.month,
        "search": chosen.search,
        "chosen": _chips(chosen),
        "may_export": bool(chosen.month)
        and "records" in EXPORTS
        and request.user.can("person", "x", chosen.unit),
        **page,
    }
    return render(request, "ledgers/list.html", context)


def _address(data, found: search.Search | None) -> str:
    """The list's own address for what was chosen."""
    query = {key: data[key] for key in PARAMETERS if data.get(key)}
    query |= found.in_address if found else {}
    return f"{reverse('ledgers:list')}?{urlencode(query)}" if query else reverse("ledgers:list")


def _choice(request: OfficeRequest, typed: search.Search | None) -> Choice:
    unit = unit_of(request.user, request.GET.get("unit", ""))
    months = months_of(unit)
    form = RecordFilter(_without(request.GET, "idx"), months=months, units=unit_choices(request.user, unit))
    found = search.from_address(request.GET.get("idx", "")) or typed
    month = form.cleaned_data.get("month") if form.is_valid() else ""
    return Choice(unit, Month.parse(month) if month else (months[0] if months else None), months, form, found)


def _without(data, key: str):
    copy = data.copy()
    copy.pop(key, None)
    return copy


def unit_of(user: User, code: str) -> Unit:
    """The unit asked for, or the one the user serves; one out of reach is as missing as one that is not there."""
    if not code and user.can("person", "r", user.own_unit):
        return user.own_unit
    units = Unit.objects.visible_to(user, "person").in_order()
    units = units.select_related("parent__parent")  # for the full name
    found = units.filter(code=code).first() if code else units.first()
    if found is None:
        raise Http404
    return found


def unit_choices(user: User, unit: Unit) -> list[tuple[str, str]]:
    """The unit, those above it within reach, and those directly below: a tree walked one step at a time."""
    near = Unit.objects.visible_to(user, "person").filter(Q(code__in=unit.ancestor_codes) | Q(parent=unit))
    return [
        (
            near_one.code,
            "\u3000" * max(near_one.path.count("/") - unit.path.count("/") + 1, 0) + near_one.name,
        )
        for near_one in near.in_order()
    ]


def months_of(unit: Unit) -> list[Month]:
    """The months from the newest with records back to the oldest, three years at most.

    Asked month by month of the unit: its newest row of all would be looked for through everybody's. The rows of one
    village are few enough to be read.
    """
    months = MonthlyRecord.objects.values_list("month", flat=True)
    if unit.level == Level.VILLAGE:
        own = sorted(months.filter(village=unit).order_by().distinct())
        return [own[-1] - back for back in range(min(own[-1] - own[0], 35) + 1)] if own else []
    newest, oldest = months.order_by("-month").first(), months.order_by("month").first()
    if newest is None or oldest is None:
        return []
    every = [newest - back for back in range(min(newest - oldest, 35) + 1)]
    while every and not _has_records(unit, every[0]):
        del every[0]
    while every and not _has_records(unit, every[-1]):
        del every[-1]
    return every


def _has_records(unit: Unit, month: Month) -> bool:
    return MonthlyRecord.objects.under(unit).filter(month=month).exists()


def _filtered(user: User, chosen: Choice) -> QuerySet:
    rows = MonthlyRecord.objects.visible_to(user).under(chosen.unit)
    if chosen.month is None or not chosen.form.is_valid():
        return rows.none()
    rows = rows.filter(month=chosen.month)
    data = chosen.form.cleaned_data
    if chosen.search:
        rows = rows.filter(chosen.search.condition("laborer__"))
    if data["working"]:
        rows = rows.filter(working=data["working"] == "1")
    if data["reason"]:
        rows = (
            rows.exclude(reason="counted")
            if data["reason"] == NOT_COUNTED
            else rows.filter(reason=data["reason"])
        )
    if (kind := data["household"]) == IN_POPULATION:
        rows = rows.filter(Q(is_poverty=True) | Q(is_monitored=True))
    elif kind:
        monitored = kind not in ("脱贫户", "一般农户")
        lookup = "laborer__household__monitor_kind" if monitored else "laborer__household__poverty_kind"
        rows = rows.filter(**{lookup: kind})
    equal = {"verify_state": data["verify"], "place_class": data["place"], "job_form": data["form"]}
    return rows.filter(**{key: value for key, value in equal.items() if value})


# ── pages by key ─────────────────────────────────────────────────────────────────────────────────────────────────


def _page(rows: QuerySet, request: OfficeRequest, unit: Unit) -> dict:
    """One page, the links beside it and the exact number of rows (up to COUNT_TO)."""
    backwards = bool(request.GET.get("before"))
    cursor = _cursor(request.user, request.GET.get("before") or request.GET.get("after", ""))
    found = _walk(rows.select_related("laborer", "village__parent").only(*SHOWN), unit, cursor, backwards)
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    whole = not cursor and not more  # everything is on this page
    total = len(found) if whole else rows.order_by().values("pk")[: COUNT_TO + 1].count()
    query = {key: value for key in (*PARAMETERS, "q", "idx") if (value := request.GET.get(key))}
    links = {"prev_url": "", "next_url": ""}
    if found and (more if backwards else cursor):
        links["prev_url"] = f"?{urlencode(query | {'before': found[0].pk})}"
    if found and (cursor if backwards else more):
        links["next_url"] = f"?{urlencode(query | {'after': found[-1].pk})}"
    shown = f"共 {total:,} 人" if total <= COUNT_TO else f"超过 {COUNT_TO:,} 人"
    return {"rows": found, "total": total, "shown": shown, **links}


def _cursor(user: User, text: str) -> tuple | None:
    """The place in the order of the record with this id; nonsense and rows out of reach mean the first page."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    return MonthlyRecord.objects.visible_to(user).filter(pk=int(text)).values_list(*ORDER).first()


def _walk(rows: QuerySet, unit: Unit, cursor: tuple | None, backwards: bool) -> list[MonthlyRecord]:
    """The next PAGE + 1 rows: first from the nearest villages, whose rows an index finds, then from all others."""
    step, order = ("lt", [f"-{name}" for name in ORDER]) if backwards else ("gt", list(ORDER))
    near = _near(unit, cursor, backwards)
    if cursor:
        rows = rows.filter(_beyond(cursor, step))
    found: list[MonthlyRecord] = []
    begin = 0
    for end in STEPS:
        if len(found) > PAGE or not near[begin:end]:
            return found
        some = rows.filter(village__in=[pk for pk, _ in near[begin:end]])
        found += some.order_by(*order)[: PAGE + 1 - len(found)]
        begin = end
    if len(found) <= PAGE and len(near) == STEPS[-1]:
        far = rows.filter(**{f"village__sort_path__{step}": near[-1][1]})
        found += far.order_by(*order)[: PAGE + 1 - len(found)]
    return found


def _near(unit: Unit, cursor: tuple | None, backwards: bool) -> list[tuple[int, str]]:
    """The villages to look at first, from the cursor's on: (id, place in the order)."""
    if unit.level == Level.VILLAGE:
        return [(unit.pk, unit.sort_path)]
    villages = Unit.objects.under(unit).villages().order_by("-sort_path" if backwards else "sort_path")
    if cursor:
        villages = villages.filter(**{f"sort_path__{'lte' if backwards else 'gte'}": cursor[0]})
    return list(villages.values_list("pk", "sort_path")[: STEPS[-1]])


def _beyond(cursor: tuple, step: str) -> Q:
    path, name, person = cursor
    return (
        Q(**{f"village__sort_path__{step}": path})
        | Q(**{"village__sort_path": path, f"laborer__name__{step}": name})
        | Q(**{"village__sort_path": path, "laborer__name": name, f"laborer_id__{step}": person})
    )


def _chips(chosen: Choice) -> list[dict[str, str]]:
    """The filters in force, each with the address that takes it away."""
    if not chosen.form.is_valid():
        return []
    data = chosen.form.cleaned_data
    query = {key: data[key] for key in PARAMETERS if data.get(key)}
    if chosen.search:
        query |= chosen.search.in_address
    chips = []
    for key in query:
        if key in {"month", "unit"}:
            continue
        rest = {name: value for name, value in query.items() if name != key}
        chips.append({"label": _word(chosen.form, key, query[key]), "url": f"?{urlencode(rest)}"})
    return chips


def _word(form: RecordFilter, key: str, value: str) -> str:
    if key == "idx":
        return "完整身份证号码" if value.startswith("id:") else "完整电话"
    if key == "q":
        return f"“{value}”"
    return str(dict(form.fields[key].choices)[value])


# ── export ───────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("person.x")
@require_POST
def export(request: OfficeRequest) -> HttpResponse:
    """Ask for the month's records of a unit, or its people, as a file; it waits under 我的任务."""
    what = request.POST.get("what") or CHOICES[0]
    unit = (
        Unit.objects.visible_to(request.user, "person", "x").filter(code=request.POST.get("unit", "")).first()
    )
    if unit is None or what not in CHOICES:
        raise Http404
    try:
        month = Month.parse(request.POST.get("month", ""))
        job = start_export(what, request.user, unit, month)
    except (NotAllowed, ValueError) as refusal:
        messages.error(request, str(refusal))
        return redirect("ledgers:list")
    return redirect("jobs:job", job.pk)
