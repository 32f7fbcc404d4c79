"""Writing a scheme in the browser: from an example, from the version before, or a draft once more."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Unit
from ledgers.once import FIELD, new_token, once
from lib.month import Month
from subsidies.models import SchemeVersion
from subsidies.schemes import SCHEMES, actions
from subsidies.schemes.examples import EXAMPLES, Example
from subsidies.schemes.forms import SchemeForms
from subsidies.schemes.views.pages import trail, version_of

TOO_LATE = "这份草稿刚被别人改过，您的内容没有保存。请记下您的改动，重新打开页面再改。"
BLANK: dict[str, Any] = {"window": "calendar", "clauses": [{"kind": "population"}, {"kind": "state"}]}
State = SchemeVersion.State


@needs("scheme.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_new(request: OfficeRequest) -> HttpResponse:
    """Choose what to begin from; then the form."""
    unit = request.user.own_unit
    if not request.user.can("scheme", "w", unit):
        raise Http404
    key = request.GET.get("example", "")
    if request.method != "POST" and not key:
        groups = [
            {"scheme": one, "examples": [example for example in EXAMPLES if example.code == one.code]}
            for one in sorted(SCHEMES.values(), key=attrgetter("code"))
        ]
        context = {
            "breadcrumbs": trail({"label": "新建政策"}),
            "groups": [one for one in groups if one["examples"]],
        }
        return render(request, "subsidies/schemes/begin.html", context)
    example = next((one for one in EXAMPLES if one.key == key), None)
    head: dict[str, Any] = {"from_month": Month.current() + 1, "notice_days": 5}
    if example is None:
        return _form(request, unit, None, head, BLANK, [])
    head |= {
        "code": example.code, "name": SCHEMES[example.code].name, "basis": example.basis, "fund": example.fund,
        "notice_days": example.notice_days, "is_away": example.is_away,
        "opens_on": _day(head["from_month"], example.opens), "closes_on": _day(head["from_month"], example.closes),
    }  # fmt: skip
    return _form(request, unit, None, head, example.start, example.documents, example=example)


def _day(month: Month, day: tuple[int, int] | None) -> dt.date | None:
    """The first such day of the year, on or after the month the scheme begins."""
    if day is None:
        return None
    found = dt.date(month.year, *day)
    return found if found >= month.first_day else dt.date(month.year + 1, *day)


@needs("scheme.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_next(request: OfficeRequest, pk: int) -> HttpResponse:
    """The next version, beginning with this one; of a version of an office above, one's own."""
    one = version_of(request, pk)
    unit = actions.follower_of(one, request.user)
    if one.state != State.APPROVED or unit is None:
        raise Http404
    head = _head(one) | {"from_month": max(Month.current() + 1, one.from_month), "until_month": None}
    return _form(request, unit, None, head, one.rule, one.documents, one.code)


@needs("scheme.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scheme_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """A draft once more."""
    one = version_of(request, pk, "w")
    if one.state != State.DRAFT:
        messages.info(request, "这一版不是草稿，不能再改；要调整的，请新建一版。")
        return redirect("subsidies:scheme", one.pk)
    return _form(request, one.unit, one, _head(one), one.rule, one.documents, one.code)


def _head(one: SchemeVersion) -> dict[str, Any]:
    return {name: getattr(one, name) for name in (*actions.VALUES, "code")}


def _form(
    request: OfficeRequest, unit: Unit, old: SchemeVersion | None, head: dict[str, Any], rule: dict[str, Any],
    documents: list[dict[str, Any]], code: str = "", example: Example | None = None,
) -> HttpResponse:  # fmt: skip
    data = request.POST if request.method == "POST" else None
    forms = SchemeForms(data, head, rule, documents, code)
    problems: list[dict[str, str]] = []
    if data is not None and forms.is_valid():
        try:
            return redirect(once(request.user, data, lambda: _save(request, unit, old, forms)))
        except actions.Conflict:
            problems = [{"text": TOO_LATE}]
        except NotAllowed as refusal:
            problems = [{"text": str(refusal)}]
    elif data is not None:
        problems = forms.problems
    name = head.get("name") or "新政策"
    context = {
        "breadcrumbs": trail({"label": f"编写“{name}”"}),
        "title": f"修改“{name}”第{old.version}版" if old else f"编写“{name}”",
        "forms": forms,
        "example": example,
        "problems": problems,
        "fixed_code": SCHEMES[code].name if code else "",
        "seen": data.get("seen", "") if data is not None else old.written_at.isoformat() if old else "",
        "token": request.POST.get(FIELD) or new_token(),
        "back": reverse("subsidies:scheme", args=[old.pk]) if old else reverse("subsidies:schemes"),
    }
    return render(request, "subsidies/schemes/form.html", context, status=422 if problems else 200)


def _save(request: OfficeRequest, unit: Unit, old: SchemeVersion | None, forms: SchemeForms) -> str:
    user = request.user
    if old is None:
        made = actions.write(unit, forms.code, forms.values, forms.rule, user)
    else:
        try:
            seen = parse_datetime(request.POST.get("seen", ""))
        except ValueError:  # a moment that no clock shows
            seen = None
        made = actions.rewrite(old, forms.values, forms.rule, user, seen)
    messages.success(request, "已保存为草稿。请先试算，看过结果再请另一位同事批准。")
    return reverse("subsidies:scheme", args=[made.pk])
