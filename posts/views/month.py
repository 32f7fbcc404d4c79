"""What the pages of a post month share: the unit and month asked for, the tabs, pages of rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Page, Paginator
from django.http import Http404
from django.urls import reverse

from accounts.access import OfficeRequest
from accounts.models import Unit, User
from ledgers.views.lists import unit_choices, unit_of
from lib.month import Month

PAGE = 50
TABS = {
    "posts:attendance": "考勤",
    "posts:pay": "工资",
    "posts:sides": "三方比对",
    "posts:assessments": "考核",
    "posts:arrears": "欠发",
}


class UnitFilter(forms.Form):
    """Which unit the list is of."""

    def __init__(self, request: OfficeRequest, unit: Unit) -> None:
        super().__init__(request.GET.dict() | {"unit": unit.code}, auto_id="filter_%s")
        units = unit_choices(request.user, unit)
        self.fields["unit"] = forms.ChoiceField(label="单位", required=False, choices=units)


class DifferenceFilter(UnitFilter):
    def __init__(self, request: OfficeRequest, unit: Unit) -> None:
        super().__init__(request, unit)
        shown = [("", "全部"), ("1", "只看有差异")]
        self.fields["only"] = forms.ChoiceField(label="显示", required=False, choices=shown)


def asked_unit(request: OfficeRequest) -> Unit:
    """The unit of `?unit=` within reach, else the user's own."""
    return unit_of(request.user, request.GET.get("unit", ""))


def seen_unit(user: User, code: str) -> Unit:
    """The unit, whose posts the user may see; elsewhere it does not exist."""
    found = Unit.objects.visible_to(user, "post").filter(code=code).select_related("parent__parent").first()
    if found is None:
        raise Http404
    return found


def frame(request: OfficeRequest, month: Month, unit: Unit, active: str) -> dict[str, Any]:
    """Tabs, the months beside this one, and the title."""
    query = f"?{urlencode({'unit': unit.code})}"
    address = lambda name, one: reverse(name, args=[one]) + query  # noqa: E731
    return {
        "page_title": f"公岗{TABS[active]}",
        "breadcrumbs": [{"label": "公岗", "url": "/posts/"}, {"label": f"{month.label}{TABS[active]}"}],
        "unit": unit,
        "month": month,
        "tabs": [
            {"label": label, "url": address(name, month), "active": name == active}
            for name, label in TABS.items()
        ],
        "beside": [
            {"label": one.label, "url": address(active, one), "active": one == month}
            for n in range(-1, 2)
            if (one := _near(month, n)) is not None
        ],
    }


def _near(month: Month, n: int) -> Month | None:
    """The month `n` after; none before the ledger's first or after this one."""
    try:
        near = month + n
    except ValueError:
        return None
    return near if n <= 0 or near <= Month.current() else None


def pages(
    request: OfficeRequest, rows: Any, noun: str = "人", size: int = PAGE
) -> tuple[Page, dict[str, str]]:
    """One page of the rows, and what components/pager.html takes."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    query = {key: value for key, value in request.GET.items() if value and key != "page"}
    address = lambda number: "?" + urlencode(query | {"page": number})  # noqa: E731
    return page, {
        "shown": f"共 {page.paginator.count:,} {noun}",
        "prev_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }
