"""The tree of units: browse it, and change it by the verbs of accounts.actions."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed, may_change, may_grow, visible_units
from accounts.forms import CloseForm, MoveForm, NewUnitForm, RenameForm
from accounts.models import Level, Posting, Unit
from accounts.views.tabs import tabs
from accounts.views.users import roles_at

SEARCH_LIMIT = 60


@needs("accounts.r", "accounts.p")
@require_GET
def units(request: OfficeRequest) -> HttpResponse:
    """The tops of the trees in reach with their children, or what a search finds."""
    reach = visible_units(request.user)
    text = request.GET.get("q", "").strip()[:40]
    context = {"tabs": tabs(request, "accounts:units"), "q": text}
    if text:
        found = reach.filter(Q(name__icontains=text) | Q(code__istartswith=text)).select_related(
            "parent__parent"
        )
        return render(request, "accounts/units.html", context | {"found": found.in_order()[:SEARCH_LIMIT]})
    tops = reach.exclude(parent__in=reach.order_by().values("pk")).in_order()
    if len(tops) == 1:
        return redirect("accounts:unit", code=tops[0].code)
    return render(request, "accounts/units.html", context | {"found": tops})


@needs("accounts.r", "accounts.p")
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: OfficeRequest, code: str) -> HttpResponse:
    reach = visible_units(request.user)
    one = get_object_or_404(reach.select_related("parent"), code=code)
    forms = _forms(request, one, reach)
    if request.method == "POST":
        act = request.POST.get("act", "")
        form = forms.get(act)
        if form is not None and form.is_valid():
            try:
                messages.success(request, _act(request, one, act, form.cleaned_data))
                return redirect("accounts:unit", code=one.code)
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
    return render(request, "accounts/unit.html", _context(request, one, reach, forms))


def _forms(request: OfficeRequest, one: Unit, reach) -> dict:
    act = request.POST.get("act")

    def data(name: str):
        return request.POST if act == name else None

    return {
        "add": NewUnitForm(data("add"), parent=one, prefix=None, auto_id="add_%s"),
        "rename": RenameForm(data("rename"), initial={"name": one.name}, auto_id="rename_%s"),
        "move": MoveForm(data("move"), units=reach, auto_id="move_%s"),
        "close": CloseForm(data("close"), units=reach, auto_id="close_%s"),
    }


def _act(request: OfficeRequest, one: Unit, act: str, given: dict) -> str:
    """Do what the form asks; the sentence that says what was done."""
    by = request.user
    if act == "add":
        made = actions.add_unit(**given, parent=one, by=by)
        return f"已新增{made.name}（{made.code}）。"
    if act == "rename":
        return f"已更名为{actions.rename_unit(one, given['name'], by).name}。"
    if act == "move":
        actions.move_unit(one, given["parent"], given["from_day"], by)
        return f"已划归{given['parent'].name}，自{_day(given['from_day'])}起生效。"
    actions.close_unit(one, given["day"], by, given["into"])
    return f"已撤销{one.name}。"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _context(request: OfficeRequest, one: Unit, reach, forms: dict) -> dict:
    below = Unit.objects.under(one).exclude(pk=one.pk).filter(closed_on=None)
    above = list(reach.filter(code__in=one.ancestor_codes).order_by("path"))
    crumbs = [{"label": up.name, "url": reverse("accounts:unit", args=[up.code])} for up in above]
    grows = may_grow(request.user, one) and one.level != Level.VILLAGE and not one.closed_on
    return {
        "tabs": tabs(request, "accounts:units"),
        "unit": one,
        "children": one.children.in_order().annotate(
            below=Count("children", filter=Q(children__closed_on=None), distinct=True)
        ),
        "below_count": below.count(),
        "aliases": one.aliases.all(),
        "custody": one.custody.select_related("parent").order_by("-valid_from"),
        "postings": Posting.objects.current()
        .filter(unit=one)
        .select_related("user")
        .order_by("role", "user__username"),
        "roles": [] if one.closed_on else roles_at(request.user, one),
        "forms": forms,
        "bad": next((name for name, form in forms.items() if form.errors), ""),
        "may_grow": grows,
        "may_export": request.user.can("accounts", "r", one),
        "may_change": may_change(request.user, one) and not one.closed_on,
        "parent_in_reach": one.parent_id and any(up.pk == one.parent_id for up in above),
        "breadcrumbs": [{"label": "单位", "url": reverse("accounts:units")}, *crumbs],
    }
