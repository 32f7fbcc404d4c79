"""放弃: who gave a benefit up, in whose words, before whom; taking it back."""

from __future__ import annotations

from functools import partial

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from jobs.views.stored import answer
from ledgers.views.lists import unit_of
from ledgers.views.saving import acted
from subsidies.claims import waiving
from subsidies.claims.rules import outside_window
from subsidies.claims.views.lists import PAGE, parts, unit_form
from subsidies.models import Waiver
from subsidies.rules import period_words


@needs("subsidy.r")
@require_GET
def waivers(request: OfficeRequest) -> HttpResponse:
    user, unit = request.user, unit_of(request.user, request.GET.get("unit", ""))
    rows = Waiver.objects.visible_to(user).under(unit)
    rows = rows.select_related("laborer", "village__parent", "scheme", "file", "by").order_by("-at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    today, writes = timezone.localdate(), user.can("subsidy", "p")
    context = {
        "unit": unit,
        "tabs": parts("subsidies:waivers"),
        "form": unit_form(user, unit),
        "page": page,
        "lines": [
            {
                "waiver": one,
                "period": period_words(one.period),
                "may_mark": writes
                and one.withdrawn_at is None
                and one.marked_on is None
                and user.can("subsidy", "p", one.village),
                "may_withdraw": writes
                and one.withdrawn_at is None
                and user.can("subsidy", "p", one.village)
                and not outside_window(None, one.scheme.closes_on, today),
            }
            for one in page
        ],
    }
    return render(request, "subsidies/claims/waivers.html", context)


def _waiver(request: OfficeRequest, pk: int, letter: str) -> Waiver:
    rows = Waiver.objects.visible_to(request.user, letter).select_related("laborer", "scheme", "file")
    return get_object_or_404(rows, pk=pk)


@needs("subsidy.p")
@require_POST
def waiver_withdraw(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _waiver(request, pk, "p")
    page, told = (
        reverse("subsidies:claims_of", args=[one.laborer_id]),
        f"已撤销{one.laborer.name}的放弃，现在可以申请。",
    )
    return acted(request, page, partial(waiving.take_back, one, request.user), told)


@needs("subsidy.p")
@require_POST
def waiver_mark(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _waiver(request, pk, "p")
    page, told = reverse("subsidies:waivers"), f"已登记{one.laborer.name}的放弃在平台标注。"
    return acted(request, page, partial(waiving.mark, one, request.user), told)


@needs("subsidy.r")
@require_GET
def waiver_file(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    return answer(_waiver(request, pk, "r").file)
