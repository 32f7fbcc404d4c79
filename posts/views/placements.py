"""在岗人员 of a workshop: somebody begins, is corrected, leaves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers import search
from ledgers.codes import choices
from ledgers.fields import day_field
from ledgers.models import Laborer
from ledgers.views.saving import form_page, sent
from lib.crypto import blind_index
from lib.identity import check_citizen_id
from posts import placing
from posts.models import Placement
from posts.models.workshops import CONTRACTS, LEAVINGS
from posts.views.workshops import crumbs, page_of, shop_of

NOT_THERE = "台账里没有这个人，或不在您的管辖范围内。请核对号码；新人先填采集表，外乡镇的人由县里登记。"


class TermsForm(forms.Form):
    """What somebody does and gets in the workshop."""

    job = forms.CharField(label="工种", max_length=30, required=False)
    monthly_wage = forms.IntegerField(label="月工资（元）", required=False, min_value=0, max_value=999_999)
    contract = forms.ChoiceField(label="合同", choices=[("", "未登记"), *choices(CONTRACTS)], required=False)
    insured = forms.TypedChoiceField(
        label="是否参保", required=False, choices=[("", "未登记"), ("1", "是"), ("0", "否")], empty_value=None,
        coerce=lambda text: text == "1", help_text="意外险或社会保险。",
    )  # fmt: skip


class PlaceForm(TermsForm):
    id_no = forms.CharField(
        label="身份证号码",
        max_length=30,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="完整号码，或者末四位。",
    )
    name = forms.CharField(label="姓名", max_length=50)
    started_on = day_field("入职日期")
    field_order = ("name", "id_no", "started_on")


def person_named(user: User, id_no: str, name: str) -> Laborer:
    """The person within the user's reach who has this number, or this end of one, and this name; else refused alike."""
    if (tail := search.understand(id_no)) and tail.kind == search.TAIL:
        return _by_tail(user, tail, "".join(name.split()))
    number = check_citizen_id(id_no, timezone.localdate(), typed=True)
    if not number.accepted:
        raise NotAllowed(f"{number.message}。")
    rows = Laborer.objects.visible_to(user).select_related("household", "village")
    found = rows.filter(id_index=blind_index(number.value, "laborer.id")).first()
    if found is None:
        raise NotAllowed(NOT_THERE)
    if found.name != "".join(name.split()):
        raise NotAllowed("姓名与台账中这个号码的姓名不一致，请核对。")
    return found


def _by_tail(user: User, tail: search.Search, name: str) -> Laborer:
    rows = Laborer.objects.visible_to(user).select_related("household", "village")
    found = list(rows.filter(tail.condition(), name=name)[:2])
    if len(found) > 1:
        raise NotAllowed("姓名和末四位相同的不止一人，请填写完整的身份证号码。")
    if not found:
        raise NotAllowed(NOT_THERE)
    return found[0]


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def placement_new(request: OfficeRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, "wa")
    form = PlaceForm(sent(request))

    def save(said: dict[str, Any]) -> str:
        person = person_named(request.user, said.pop("id_no"), said.pop("name"))
        made = placing.place(shop, person, said.pop("started_on"), request.user, **said)
        told = "" if made.counted else "不是脱贫人口或监测对象，只登记，不计入带动就业。"
        messages.success(request, f"已登记{person.name}。{told}")
        return page_of(shop)

    context = {
        "title": "登记在岗人员", "subtitle": shop.name, "button": "登记", "back": page_of(shop),
        "breadcrumbs": crumbs(shop, "登记在岗人员"),
        "note": "脱贫人口和监测对象计入带动就业，由系统按台账判断；其他人员也可以登记。",
    }  # fmt: skip
    return form_page(request, form, save, context)


def placement_of(request: OfficeRequest, pk: int) -> Placement:
    rows = Placement.objects.visible_to(request.user).select_related("laborer", "workshop__unit")
    found = get_object_or_404(rows, pk=pk)
    if not any(request.user.can("post", letter, found.workshop.unit) for letter in "wa"):
        raise Http404
    return found


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def placement_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    one = placement_of(request, pk)
    insured = {True: "1", False: "0", None: ""}[one.insured]
    form = TermsForm(
        sent(request), initial={key: getattr(one, key) for key in placing.SAID} | {"insured": insured}
    )

    def save(said: dict[str, Any]) -> str:
        placing.amend_placement(one, said, request.user)
        messages.success(request, "已保存。")
        return page_of(one.workshop)

    title, leaving = f"修改{one.laborer.name}的用工信息", reverse("posts:placement_leave", args=[one.pk])
    context = {
        "title": title, "subtitle": one.workshop.name, "back": page_of(one.workshop),
        "breadcrumbs": crumbs(one.workshop, "修改用工信息"),
        "other": None if one.ended_on else {"label": "登记离职", "url": leaving},
    }  # fmt: skip
    return form_page(request, form, save, context)


class LeaveForm(forms.Form):
    on = day_field("离职日期", help_text="最后一天上班的日期。")
    reason = forms.ChoiceField(label="离职原因", choices=choices(LEAVINGS), widget=forms.RadioSelect)


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def placement_leave(request: OfficeRequest, pk: int) -> HttpResponse:
    one = placement_of(request, pk)
    form = LeaveForm(sent(request), initial={"on": timezone.localdate()})

    def save(said: dict[str, Any]) -> str:
        placing.leave(one, said["on"], said["reason"], request.user)
        messages.success(request, f"已登记{one.laborer.name}离职。")
        return page_of(one.workshop)

    context = {
        "title": f"登记{one.laborer.name}离职", "subtitle": one.workshop.name, "button": "登记离职",
        "back": page_of(one.workshop), "breadcrumbs": crumbs(one.workshop, "登记离职"),
    }  # fmt: skip
    return form_page(request, form, save, context)
