"""发放批次: what there is, making one, and the reconciliation of a scheme and year."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from ledgers.once import FIELD, new_token, once
from lib.money import yuan
from posts.models import WorkshopAward
from subsidies.batches import actions, awards, candidates, reading
from subsidies.models import Claim, PaymentBatch, SchemeVersion
from subsidies.schemes import SCHEMES, name_of

PAGE = 50
TONES = {"draft": "warn", "confirmed": "warn", "funded": "warn", "sent": "info", "done": "good", "void": ""}
KINDS = [("", "全部"), *((one.code, one.name) for one in SCHEMES.values())]


def trail(*items: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": "发放批次", "url": reverse("subsidies:batches")}, *items]


class ListForm(forms.Form):
    """What the list shows."""

    scheme = forms.ChoiceField(label="补贴项目", choices=KINDS, required=False)
    state = forms.ChoiceField(
        label="状态", choices=[("", "全部"), *PaymentBatch.State.choices], required=False
    )


@needs("subsidy.r")
@require_GET
def batches(request: OfficeRequest) -> HttpResponse:
    """The batches in reach, the newest first, with what they add up to."""
    form = ListForm(request.GET)
    chosen = {key: value for key, value in (form.cleaned_data if form.is_valid() else {}).items() if value}
    found = PaymentBatch.objects.visible_to(request.user)
    if "scheme" in chosen:
        found = found.filter(scheme__code=chosen["scheme"])
    found = found.filter(state=chosen["state"]) if "state" in chosen else found.exclude(state="void")
    total = found.aggregate(n=Count("pk"), people=Sum("people"), fen=Sum("amount"))
    rows = found.select_related("scheme", "unit").order_by("-made_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "lines": [{"batch": one, "tone": TONES[one.state]} for one in page.object_list],
        "total": {"people": total["people"] or 0, "yuan": yuan(total["fen"] or 0), "n": total["n"]},
        "may_make": request.user.can("subsidy", "a"),
        **pages_of(page, chosen),
    }
    return render(request, "subsidies/batches/list.html", context)


def pages_of(page, query: dict[str, str]) -> dict[str, str]:
    def at(number: int) -> str:
        return f"?{urlencode(query | {'page': str(number)})}"

    return {
        "prev_url": at(page.previous_page_number()) if page.has_previous() else "",
        "next_url": at(page.next_page_number()) if page.has_next() else "",
        "shown": f"第{page.number}页，共{page.paginator.num_pages}页",
    }


# ── making one ───────────────────────────────────────────────────────────────────────────────────────────────────


@needs("subsidy.a")
@require_http_methods(["GET", "HEAD", "POST"])
def batch_new(request: OfficeRequest) -> HttpResponse:
    """Without a scheme: what waits. With one: the totals by unit, to be made a batch of."""
    given = request.POST if request.method == "POST" else request.GET
    if not given.get("scheme"):
        context = {
            "breadcrumbs": trail({"label": "组批"}),
            "groups": [one | {"yuan": yuan(one["fen"])} for one in candidates.groups(request.user)],
            "waiting": candidates.without_account(request.user),
            **_of_workshops(request.user),
        }
        return render(request, "subsidies/batches/new.html", context)
    if not given["scheme"].isdecimal() or len(given["scheme"]) > 18:
        raise Http404
    scheme = get_object_or_404(SchemeVersion.objects.visible_to(request.user), pk=given["scheme"])
    unit = _unit(request, given.get("unit", ""))
    if request.method == "POST":
        try:
            return redirect(once(request.user, request.POST, lambda: _make(request, scheme, unit)))
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
    return _preview(request, scheme, unit)


def _of_workshops(user: User) -> dict[str, Any]:
    """Awards that wait: a line per scheme that pays workshops, and those that no batch takes."""
    lines: list[dict[str, Any]] = []
    left: list[WorkshopAward] = []
    with candidates.whole():
        for scheme in awards.schemes(user):
            sums = awards.payable(scheme, scheme.unit, user).aggregate(shops=Count("pk"), fen=Sum("amount"))
            rest = awards.waiting(scheme, user)
            left += rest
            if sums["shops"] or rest:
                lines.append({"scheme": scheme, "yuan": yuan(sums["fen"] or 0), "waiting": len(rest)} | sums)
        uncovered = awards.uncovered(user)
    told = "、".join(f"{name}{number}家" for name, number in uncovered.items())
    return {
        "shops": lines,
        "shops_waiting": list({one.pk: one for one in left}.values()),
        "uncovered": told
        and f"已批准的{told}，没有对应年度执行中的政策，还不能组批；请先在“政策”里新建、批准。",
    }


def _unit(request: OfficeRequest, code: str) -> Unit:
    reach = Unit.objects.visible_to(request.user, "subsidy", "a").exclude(level=Level.VILLAGE)
    return get_object_or_404(reach, code=code or request.user.own_unit.code)


def _make(request: OfficeRequest, scheme: SchemeVersion, unit: Unit) -> str:
    shown = [request.POST.get(key, "") for key in ("people", "fen")]
    if not all(one.isascii() and one.isdecimal() and len(one) < 16 for one in shown):
        raise NotAllowed("请在看过人数和金额以后再组批。")
    made = actions.make(scheme, unit, request.user, (int(shown[0]), int(shown[1])))
    messages.success(request, f"已组成批次{made.number}，请另一位同事确认。")
    return reverse("subsidies:batch", args=[made.pk])


def _preview(request: OfficeRequest, scheme: SchemeVersion, unit: Unit) -> HttpResponse:
    with candidates.whole():
        counts: dict[str, Any] = {"people": Count("pk"), "fen": Sum("amount")}
        parts = reading.parts_of(unit)
        if scheme.pays_workshops:
            found = awards.payable(scheme, unit, request.user)
            units = reading.by_unit(found, parts, "workshop__unit", **counts)
        else:
            units = reading.by_unit(candidates.of(scheme, unit, request.user), parts, **counts)
    people, fen = sum(one["people"] for one in units), sum(one["fen"] for one in units)
    below = Unit.objects.visible_to(request.user, "subsidy", "a").filter(closed_on=None)
    context = {
        "breadcrumbs": trail({"label": "组批", "url": reverse("subsidies:batch_new")}, {"label": scheme.name}),
        "scheme": scheme,
        "unit": unit,
        "units": [one | {"yuan": yuan(one["fen"])} for one in units],
        "choices": below.exclude(level=Level.VILLAGE).in_order(),
        "people": people,
        "facts": [
            {"label": "车间", "value": f"{people:,}", "unit": "家"}
            if scheme.pays_workshops
            else {"label": "人数", "value": f"{people:,}", "unit": "人"},
            {"label": "金额", "value": yuan(fen), "unit": "元"},
            {"label": "范围", "value": unit.name},
        ],
        "hidden": [
            {"name": key, "value": value}
            for key, value in (
                ("scheme", scheme.pk), ("unit", unit.code), ("people", people), ("fen", fen), (FIELD, new_token()),
            )
        ],
        "action": request.path,
        "back": reverse("subsidies:batch_new"),
    }  # fmt: skip
    return render(request, "subsidies/batches/preview.html", context)


# ── 对账 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _years() -> list[tuple[str, str]]:
    this = timezone.localdate().year
    return [(str(year), f"{year}年") for year in range(this, this - 6, -1)]


class YearForm(forms.Form):
    """Which scheme and year."""

    scheme = forms.ChoiceField(label="补贴项目", choices=KINDS, required=False)
    year = forms.ChoiceField(label="年度", required=False, choices=_years)


@needs("subsidy.r")
@require_GET
def reconciled(request: OfficeRequest) -> HttpResponse:
    """Approved, batched, sent, paid, returned and refunded by unit; who waits longer than thirty days."""
    form = YearForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    code = said.get("scheme", "")
    reach = Unit.objects.visible_to(request.user, "subsidy")
    unit = get_object_or_404(reach, code=request.GET.get("unit") or request.user.own_unit.code)
    year = int(said.get("year") or reading.newest_year(request.user, unit))
    lines = reading.reconciled(request.user, unit, year, code)
    with candidates.whole():
        late = reading.unpaid(request.user, unit, code)
        page = Paginator(late.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
        found = (
            Claim.objects.select_related("laborer", "village", "scheme").defer("facts").in_bulk(list(page))
        )
        rows = [
            {"claim": one, "days": reading.days_waiting(one), "year_unpaid": reading.is_year_unpaid(one)}
            for one in (found[pk] for pk in page)
        ]
    query = {"scheme": code, "year": str(year), "unit": unit.code}
    context = {
        "breadcrumbs": trail({"label": "对账"}),
        "form": YearForm({"scheme": code, "year": str(year)}),
        "unit": unit,
        "heading": f"{unit.name}{year}年{name_of(code) if code else '各项补贴'}",
        "columns": [label for _, label in reading.COLUMNS],
        "lines": lines,
        "ok": all(one["ok"] for one in lines),
        "query": urlencode({"scheme": code, "year": str(year)}),
        "late": rows,
        "late_count": page.paginator.count,
        **pages_of(page, query),
    }
    return render(request, "subsidies/batches/reconciled.html", context)
