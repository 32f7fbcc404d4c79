"""学员: enrolment from the wishes of the ledger, confirming what villages proposed, leaving again."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from ledgers.models import Laborer
from ledgers.views.saving import acted, form_page, sent
from lib.crypto import blind_index
from lib.identity import check_citizen_id
from subsidies.models import Enrolment, TrainingClass
from subsidies.training import enrolling
from subsidies.training.answering import is_late, waited
from subsidies.training.answering import wishes as wishing
from subsidies.training.forms import NumberForm, WhyForm
from subsidies.training.views.finding import (
    PAGE,
    class_of,
    crumb,
    enrolment_of,
    home,
    page_number,
)

AT_ONCE = 60  # people enrolled with one form
NOBODY = "您管辖的台账里没有这个身份证号码，请核对。"


@needs("training.w", "training.p")
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: OfficeRequest, pk: int) -> HttpResponse:
    """Who wishes for training and waits, longest first; POST enrols the ticked ones or the one with a number."""
    one = class_of(request, pk)
    if one.state not in TrainingClass.ENROLLING:
        raise Http404
    by_number = NumberForm(request.POST if "id_no" in request.POST else None)
    if request.method == "POST":
        if "id_no" not in request.POST:
            return _enrol_ticked(request, one)
        if by_number.is_valid() and _enrol_one(request, one, by_number):
            return redirect("subsidies:training_wishes", pk)
    found = wishing(request.user, request.user.own_unit, one).filter(
        laborer__village__path__startswith=one.unit.path
    )
    page = Paginator(found, PAGE).get_page(page_number(request.GET.get("page", "")))
    lines = [
        {
            "wish": wish,
            "person": wish.laborer,
            "waited": waited(wish.wish_registered_at),
            "late": is_late(wish.wish_registered_at),
            "fits": wish.training_trade == one.trade,
        }
        for wish in page
    ]
    context = {
        "breadcrumbs": [home(), crumb(one), {"label": "报名"}],
        "one": one,
        "lines": lines,
        "shown": f"共{page.paginator.count}人",
        "form": by_number,
        "proposes": not request.user.can("training", "w"),
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    status = 422 if by_number.is_bound and by_number.errors else 200
    return render(request, "subsidies/training/wishes.html", context, status=status)


def _enrol_ticked(request: OfficeRequest, one: TrainingClass) -> HttpResponse:
    keys = [
        int(key)
        for key in request.POST.getlist("person")
        if key.isascii() and key.isdecimal() and len(key) < 19
    ]
    people = Laborer.objects.visible_to(request.user).filter(pk__in=keys[:AT_ONCE]).order_by("pk")
    done = 0
    for person in people:
        try:
            enrolling.enrol(one, person, request.user)
            done += 1
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
    if done:
        messages.success(request, f"已为{done}人报名。")
    elif not people:
        messages.error(request, "请先勾选要报名的人。")
    return redirect("subsidies:training_class", one.pk)


def _enrol_one(request: OfficeRequest, one: TrainingClass, form: NumberForm) -> bool:
    number = check_citizen_id(form.cleaned_data["id_no"], timezone.localdate(), typed=True).value
    index = blind_index(number, "laborer.id")
    person = Laborer.objects.visible_to(request.user).filter(id_index=index).first()
    if person is None:
        form.add_error("id_no", NOBODY)
        return False
    try:
        enrolling.enrol(one, person, request.user)
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"已为{person.name}报名。")
    return True


@needs("training.w")
@require_POST
def confirm(request: OfficeRequest, pk: int) -> HttpResponse:
    row = enrolment_of(request, pk, "w")
    page, told = crumb(row.training_class)["url"], f"已确认{row.laborer.name}的报名。"
    return acted(request, page, partial(enrolling.confirm, row, request.user), told)


@needs("training.w", "training.p")
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: OfficeRequest, pk: int) -> HttpResponse:
    """退班, or 退回 of a proposal; asks why."""
    row = enrolment_of(request, pk, "wp")
    one = row.training_class
    word = "退回报名" if row.state == Enrolment.State.PROPOSED else "退班"

    def save(said: dict[str, Any]) -> str:
        enrolling.leave(row, said["why"], request.user)
        messages.success(request, f"{row.laborer.name}已{word}。")
        return crumb(one)["url"]

    context = {
        "page_title": f"{word}：{row.laborer.name}",
        "told": f"“{one.name}”的名额空出来；没有到过课的，培训服务记录一并撤销。",
        "button": word,
        "back_url": crumb(one)["url"],
    }
    return form_page(request, WhyForm(sent(request)), save, context, "subsidies/training/why.html")
