"""车间: the list with this year against last, the page of one workshop, proposing and correcting."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.models import Unit, User
from ledgers.clocks.reading import moment
from ledgers.codes import choices
from ledgers.fields import day_field
from ledgers.models import Laborer
from ledgers.views.lists import months_of, unit_choices, unit_of
from ledgers.views.saving import acted, form_page, sent
from lib.month import SHANGHAI
from posts import recognising
from posts.models import Placement, Workshop
from posts.models.workshops import TO_REVOKE, WORKSHOP_FORMS, WORKSHOP_KINDS
from posts.workshop_rules import growth_told, same_day_last_year
from posts.workshops import clauses_of, waiting_for

PAGE = 50
WAITING = "waiting"
State = Workshop.State
TONES = {State.PROPOSED: "warn", State.RECOGNISED: "good", State.SUSPENDED: "warn", State.REVOKED: "bad"}
HOME = {"label": "车间", "url": "/posts/workshops/"}


class WorkshopFilter(forms.Form):
    q = forms.CharField(label="查找", required=False, max_length=30,
                        widget=forms.TextInput({"placeholder": "车间名称或编号", "autocomplete": "off"}))  # fmt: skip
    unit = forms.ChoiceField(label="单位", required=False)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "不限"), (WAITING, "待我办理"), *State.choices]
    )
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "不限"), *choices(WORKSHOP_KINDS)])

    def __init__(self, data, units: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["unit"] = forms.ChoiceField(label="单位", required=False, choices=units)


@needs("post.r")
@require_GET
def workshops(request: OfficeRequest) -> HttpResponse:
    """Every workshop of a unit, and whether workshops and people both exceed those of the same day last year (I09)."""
    user, unit = request.user, unit_of(request.user, request.GET.get("unit", ""))
    at = moment(next(iter(months_of(unit)), None))
    day = at.astimezone(SHANGHAI).date()
    form = WorkshopFilter(request.GET.dict() | {"unit": unit.code}, unit_choices(user, unit))
    said = form.cleaned_data if form.is_valid() else {}
    rows = _chosen(Workshop.objects.visible_to(user).under(unit), said, user)
    at_work = Q(placements__started_on__lte=day) & (
        Q(placements__ended_on=None) | Q(placements__ended_on__gte=day)
    )
    rows = rows.select_related("unit__parent").annotate(
        people=Count("placements", at_work),
        counted=Count("placements", at_work & Q(placements__counted=True)),
    )
    page = Paginator(rows.order_by("unit__sort_path", "number"), PAGE).get_page(request.GET.get("page"))
    grown, words = _growth(user, unit, day)
    context = {
        "unit": unit,
        "day": day,
        "is_past": at < timezone.now() - dt.timedelta(days=1),
        "form": form,
        "grown": grown,
        "growth": words,
        "lines": [{"shop": one, "tone": TONES.get(State(one.state), "")} for one in page],
        "may_propose": user.can("post", "w") or user.can("post", "a"),
        "may_set": user.can("post", "a", unit),
        "may_export": user.can("post", "x", unit),
        "filtered": any(said.get(key) for key in ("q", "state", "kind")),
        **_pages(page, said),
    }
    return render(request, "posts/workshops.html", context)


def _chosen(rows: QuerySet[Workshop], said: dict[str, Any], user: User) -> QuerySet[Workshop]:
    if said.get("q"):
        rows = rows.filter(Q(name__contains=said["q"]) | Q(number__contains=said["q"].upper()))
    if said.get("state") == WAITING:
        rows = rows.filter(pk__in=waiting_for(user).values("pk"))
    elif said.get("state"):
        rows = rows.filter(state=said["state"])
    return rows.filter(kind=said["kind"]) if said.get("kind") else rows


def _growth(user: User, unit: Unit, day: dt.date) -> tuple[bool, str]:
    counts: dict[str, list[int]] = {"shops": [], "people": []}
    for one in (day, same_day_last_year(day)):
        counts["shops"].append(Workshop.objects.visible_to(user).under(unit).operating_on(one).count())
        placed = Placement.objects.visible_to(user).under(unit).absorbed_on(one)
        counts["people"].append(placed.values("laborer").distinct().count())
    (shops, shops_then), (people, people_then) = counts["shops"], counts["people"]
    if not any((shops, shops_then, people, people_then)):
        return False, ""  # nothing to compare
    return growth_told((shops, shops_then), (people, people_then))


def _pages(page: Any, said: dict[str, Any]) -> dict[str, str]:
    query = {key: value for key, value in said.items() if value}
    address = lambda number: "?" + urlencode(query | {"page": number})  # noqa: E731
    return {
        "shown": f"共 {page.paginator.count:,} 个",
        "prev_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }


# ── one workshop ─────────────────────────────────────────────────────────────────────────────────────────────────


def shop_of(request: OfficeRequest, pk: int, letters: str = "r") -> Workshop:
    """The workshop within reach of any of the letters; elsewhere it does not exist."""
    rows = Workshop.objects.visible_to(request.user).select_related(
        "unit__parent__parent", "proposed_by", "recognised_by"
    )
    found = get_object_or_404(rows, pk=pk)
    if not any(request.user.can("post", letter, found.unit) for letter in letters):
        raise Http404
    return found


def page_of(shop: Workshop) -> str:
    return reverse("posts:workshop", args=[shop.pk])


def crumbs(shop: Workshop, *more: str) -> list[dict[str, str]]:
    return [HOME, {"label": shop.name, "url": page_of(shop)}, *({"label": one} for one in more)]


@needs("post.r")
@require_GET
def workshop(request: OfficeRequest, pk: int) -> HttpResponse:
    """What it is, what it was recognised on, who works there, its reviews and awards, and what may be done now."""
    shop, user = shop_of(request, pk), request.user
    gone = request.GET.get("show") == "left"
    rows = shop.placements.filter(ended_on__isnull=not gone).select_related("laborer__village")
    page = Paginator(rows.order_by("-ended_on", "started_on", "pk"), PAGE).get_page(request.GET.get("page"))
    here, left = (shop.placements.filter(ended_on__isnull=one).count() for one in (True, False))
    reviews = list(shop.reviews.select_related("by", "checked_by").order_by("-on")[:20])
    context = {
        "breadcrumbs": [HOME, {"label": shop.name}],
        "shop": shop,
        "tone": TONES.get(State(shop.state), ""),
        "facts": _facts(shop),
        "clauses": clauses_of(shop, timezone.localdate()) if shop.state == State.PROPOSED else [],
        "rows": page,
        "gone": gone,
        "tabs": [
            {"label": "在岗", "url": "?show=here#people", "active": not gone, "count": here},
            {"label": "已离职", "url": "?show=left#people", "active": gone, "count": left},
        ],
        "reviews": reviews,
        "asked": next((one for one in reviews if one.result == TO_REVOKE and not one.checked_by), None),
        "new_account": shop.accounts.filter(confirmed_at=None, ended_at=None).exists(),
        "awards": list(shop.awards.select_related("made_by").order_by("-year", "-pk")[:20]),
        "seen": set(_reached(user, page)),
        **_acts(user, shop),
        **_pages(page, {"show": "left"} if gone else {}),
    }
    return render(request, "posts/workshop.html", context)


def _reached(user: User, page: Any) -> QuerySet:
    """Which of the people on the page have a page of their own for this user."""
    people = Laborer.objects.visible_to(user).filter(pk__in=[one.laborer_id for one in page])
    return people.values_list("pk", flat=True)


def _facts(shop: Workshop) -> list[dict[str, Any]]:
    spoken = lambda day: f"{day.year}年{day.month}月{day.day}日" if day else "—"  # noqa: E731
    pairs = [
        ("车间编号", shop.number), ("类别", shop.kind), ("形式", shop.form), ("统一社会信用代码", shop.uscc),
        ("负责人", shop.in_charge), ("地址", shop.address), ("所属行业", shop.industry),
        ("投产日期", spoken(shop.operating_since)),
        ("申报", f"{shop.proposed_by.name}，{spoken(shop.proposed_on)}" if shop.proposed_by else ""),
        ("认定文号", shop.recognition_number),
        ("认定日期", spoken(shop.recognised_on)),
        ("认定人", shop.recognised_by.name if shop.recognised_by else ""),
        ("认定有效期至", spoken(shop.valid_until)),
        ("停产日期", spoken(shop.closed_on) if shop.closed_on else ""),
    ]  # fmt: skip
    unsaid = {"停产日期", "认定文号", "认定人", "申报"}
    return [{"label": label, "value": value or "—"} for label, value in pairs if value or label not in unsaid]


def _acts(user: User, shop: Workshop) -> dict[str, bool]:
    """Which buttons the page offers; the verbs ask again."""
    writes = user.can("post", "w", shop.unit) or user.can("post", "a", shop.unit)
    decides = user.can("post", "a", shop.unit)
    state, own = shop.state, shop.proposed_by_id == user.pk
    stands = state in (State.RECOGNISED, State.SUSPENDED)
    return {
        "may_write": writes and state in recognising.OPEN,
        "may_place": writes and state in (State.PROPOSED, State.RECOGNISED),
        "may_decide": decides and state == State.PROPOSED and not own,
        "may_review": writes and stands,
        "may_award": writes and state == State.RECOGNISED,
        "may_suspend": decides and state == State.RECOGNISED,
        "may_resume": decides and state == State.SUSPENDED,
        "may_close": writes and stands,
        "may_withdraw": writes and state == State.PROPOSED,
        "may_revoke": decides and stands,
    }


# ── proposing and correcting ─────────────────────────────────────────────────────────────────────────────────────


class ShopForm(forms.Form):
    """What a workshop is; the order is that of the recognition form."""

    name = forms.CharField(label="车间名称", max_length=60)
    kind = forms.ChoiceField(label="类别", choices=choices(WORKSHOP_KINDS))
    form = forms.ChoiceField(label="形式", choices=[("", "请选择"), *choices(WORKSHOP_FORMS)], required=False)
    uscc = forms.CharField(
        label="统一社会信用代码", max_length=30, required=False, help_text="营业执照上的18位代码。"
    )
    in_charge = forms.CharField(label="负责人", max_length=50, required=False)
    address = forms.CharField(label="地址", max_length=100, required=False)
    industry = forms.CharField(label="所属行业", max_length=20, required=False, help_text="如“服装制造”。")
    operating_since = day_field("投产日期", help_text="已经正常生产的才能申报。")


class ProposalForm(ShopForm):
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="所在村", to_field_name="code", empty_label="请选择"
    )
    field_order = ("unit",)

    def __init__(self, user: User, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        reach = Unit.objects.visible_to(user, "post", "w") | Unit.objects.visible_to(user, "post", "a")
        cast(Any, self.fields["unit"]).queryset = reach.villages().filter(closed_on=None).in_order()


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_new(request: OfficeRequest) -> HttpResponse:
    form = ProposalForm(request.user, sent(request))

    def save(said: dict[str, Any]) -> str:
        made = recognising.propose_workshop(said.pop("unit"), said, request.user)
        messages.success(request, f"已申报{made.name}，编号{made.number}。请接着登记在岗人员，再由县里认定。")
        return page_of(made)

    context = {
        "title": "申报车间", "subtitle": "先申报，再登记在岗人员；符合条件的由县里认定", "button": "申报",
        "back": reverse("posts:workshops"), "breadcrumbs": [HOME, {"label": "申报车间"}],
    }  # fmt: skip
    return form_page(request, form, save, context)


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, "wa")
    form = ShopForm(sent(request), initial={key: getattr(shop, key) for key in ShopForm.base_fields})

    def save(said: dict[str, Any]) -> str:
        recognising.amend_workshop(shop, said, request.user)
        messages.success(request, "已保存。")
        return page_of(shop)

    context = {
        "title": "修改车间信息", "subtitle": shop.name, "back": page_of(shop), "breadcrumbs": crumbs(shop, "修改"),
    }  # fmt: skip
    return form_page(request, form, save, context)


@needs("post.w", "post.a")
@require_POST
def workshop_withdraw(request: OfficeRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, "wa")
    withdraw = partial(recognising.withdraw_workshop, shop, request.user)
    return acted(request, page_of(shop), withdraw, f"已撤回{shop.name}的申报。", reverse("posts:workshops"))
