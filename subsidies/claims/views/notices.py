"""公示: what waits to be put up, what is up until when, the list to print, the photograph, the end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min, Sum
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Unit
from jobs import papers
from jobs.views.stored import answer
from ledgers.views.lists import unit_of
from ledgers.views.saving import form_page, sent
from lib.money import yuan
from subsidies.claims import notices as verbs
from subsidies.claims.forms import EndForm, NoticeForm, PhotoForm
from subsidies.claims.views.lists import PAGE, parts, unit_form
from subsidies.models import Claim, Notice, SchemeVersion
from subsidies.rules import period_words

MOST = 200  # groups that wait, on one page


@needs("subsidy.r")
@require_GET
def notices(request: OfficeRequest) -> HttpResponse:
    """Groups of checked claims that wait to be put up, and the notices of the unit, the newest first."""
    user, unit = request.user, unit_of(request.user, request.GET.get("unit", ""))
    rows = Notice.objects.visible_to(user).under(unit).select_related("village__parent", "scheme")
    page = Paginator(rows.order_by("-from_on", "-pk"), PAGE).get_page(request.GET.get("page"))
    claims = Claim.objects.filter(notice__in=[one.pk for one in page])
    people = dict(claims.order_by().values_list("notice").annotate(n=Count("pk")))
    context = {
        "unit": unit,
        "tabs": parts("subsidies:notices"),
        "form": unit_form(user, unit),
        "page": page,
        "lines": [
            {
                "notice": one,
                "people": people.get(one.pk, 0),
                "period": period_words(one.period),
                **_state(one),
            }
            for one in page
        ],
        "waiting": _waiting(request, unit),
    }
    return render(request, "subsidies/claims/notices.html", context)


def _state(one: Notice) -> dict[str, str]:
    if one.ended_at:
        return {"state": "已结束", "tone": "good"}
    over = timezone.localdate() > one.until_on
    return {"state": "已期满", "tone": "warn"} if over else {"state": "公示中", "tone": "info"}


def _waiting(request: OfficeRequest, unit: Unit) -> list[dict[str, Any]]:
    if not request.user.can("subsidy", "p"):
        return []
    rows = Claim.objects.visible_to(request.user, "p").under(unit).filter(state=Claim.State.CHECKED)
    groups = rows.order_by().values("village", "scheme", "period")
    found = list(groups.annotate(first=Min("pk"), people=Count("pk"), fen=Sum("amount"))[:MOST])
    villages = Unit.objects.select_related("parent__parent").in_bulk([one["village"] for one in found])
    schemes = SchemeVersion.objects.in_bulk([one["scheme"] for one in found])
    return [
        {
            "first": one["first"],
            "village": villages[one["village"]],
            "scheme": schemes[one["scheme"]],
            "period": period_words(one["period"]),
            "people": one["people"],
            "amount": yuan(one["fen"]),
        }
        for one in found
    ]


@needs("subsidy.p")
@require_http_methods(["GET", "HEAD", "POST"])
def notice_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """Put up everybody who waits beside the claim `pk`: of its village, scheme and period."""
    rows = Claim.objects.visible_to(request.user, "p").select_related("village__parent", "scheme")
    one = get_object_or_404(rows, pk=pk)

    def save(said: dict[str, Any]) -> str:
        days = said["from_on"], said["until_on"]
        made = verbs.put_up(one.village, one.scheme, one.period, *days, said["place"], request.user)
        messages.success(request, "公示已开始，请打印名册张贴，并拍照上传。")
        return reverse("subsidies:notice", args=[made.pk])

    form = NoticeForm(one.scheme.notice_days, sent(request))
    waiting = Claim.objects.visible_to(request.user, "p").filter(
        village=one.village_id, scheme=one.scheme_id, period=one.period, state=Claim.State.CHECKED
    )
    context = {
        "page_title": f"公示：{one.village.name}{one.scheme.name}",
        "village": one.village,
        "scheme": one.scheme,
        "period": one.period_text,
        "claims": list(waiting.select_related("laborer").order_by("laborer__name", "pk")),
        "back": reverse("subsidies:notices"),
    }
    return form_page(request, form, save, context, "subsidies/claims/notice_new.html")


def _notice(request: OfficeRequest, pk: int, letter: str = "r") -> Notice:
    rows = Notice.objects.visible_to(request.user, letter)
    return get_object_or_404(
        rows.select_related("village__parent__parent", "scheme", "photo", "ended_by", "made_by"), pk=pk
    )


@needs("subsidy.r")
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: OfficeRequest, pk: int) -> HttpResponse:
    """One notice; POST keeps its photograph or ends it."""
    one = _notice(request, pk)
    photo, end, status = PhotoForm(), EndForm(), 200
    if request.method == "POST":
        if not request.user.can("subsidy", "p", one.village):
            raise Http404
        ending = request.POST.get("act") == "end"
        form: forms.Form
        if ending:
            form = end = EndForm(request.POST)
        else:
            form = photo = PhotoForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                messages.success(request, _kept(request, one, form, ending))
                return redirect("subsidies:notice", one.pk)
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
        status = 422
    context = {
        "breadcrumbs": [
            {"label": "公示", "url": reverse("subsidies:notices")}, {"label": one.village.name}
        ],
        "notice": one,
        "period": period_words(one.period),
        **_state(one),
        "claims": list(one.claims.select_related("laborer").order_by("laborer__name", "pk")),
        "may_write": request.user.can("subsidy", "p", one.village) and one.ended_at is None,
        "is_over": timezone.localdate() > one.until_on,
        "photo_form": photo,
        "end_form": end,
    }  # fmt: skip
    return render(request, "subsidies/claims/notice.html", context, status=status)


def _kept(request: OfficeRequest, one: Notice, form: Any, ending: bool) -> str:
    if ending:
        verbs.end(one, form.cleaned_data["objections"], request.user)
        return "公示已结束，申请已送镇比对。"
    verbs.add_photo(one, papers.read(form.cleaned_data["file"], "公示照片"), request.user)
    return "公示照片已上传。"


@needs("subsidy.r")
@require_GET
def notice_print(request: OfficeRequest, pk: int) -> HttpResponse:
    """The list for the board: name, sex, age band, time, place, amount, and no number of anybody."""
    one = _notice(request, pk)
    rows = verbs.printed(one)
    context = {
        "page_title": f"{one.scheme.name}公示名册",
        "notice": one,
        "period": period_words(one.period),
        "headings": verbs.HEADINGS,
        "rows": rows,
        "total": yuan(sum(claim.amount for claim in one.claims.only("amount"))),
        "back": reverse("subsidies:notice", args=[one.pk]),
    }
    return render(request, "subsidies/claims/notice_print.html", context)


@needs("subsidy.r")
@require_GET
def notice_photo(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    return answer(_notice(request, pk).photo)
