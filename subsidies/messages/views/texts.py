"""Texts for the groups of villages: to copy, and to note that they were passed on."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.models import Level, Unit
from ledgers.views.saving import acted
from subsidies.messages import actions
from subsidies.messages.texts import WECHAT
from subsidies.messages.views.templates import tabs
from subsidies.models import Forwarding, MessageTemplate


@needs("message.r")
@require_GET
def texts(request: OfficeRequest) -> HttpResponse:
    """The texts of the units above a village, filled in for it; without a village, who passed what on."""
    user = request.user
    reach = Unit.objects.visible_to(user, "message").villages().filter(closed_on=None).in_order()
    code = request.GET.get("unit", "")
    village = get_object_or_404(reach, code=code) if code else None
    if village is None and user.own_unit.level == Level.VILLAGE:
        village = reach.filter(pk=user.own_unit.pk).first()
    found = MessageTemplate.objects.visible_to(user).newest().filter(kind=WECHAT, is_on=True)
    found = found.select_related("unit").order_by("-written_at", "-pk")
    context: dict[str, Any] = {
        "tabs": tabs(request, "publicity:texts"),
        "village": village,
        "may_note": False,
    }
    if village is None:
        context |= {"lines": _passed_on(request, list(found[:100]), reach), "cards": []}
    else:
        context |= {
            "lines": [],
            "cards": _cards(found.filter(unit__code__in=village.ancestor_codes)[:50], village),
        }
        context["may_note"] = user.can("message", "p", village)
    return render(request, "subsidies/messages/texts.html", context)


def _cards(found, village: Unit) -> list[dict[str, Any]]:
    noted = {
        one.template_id: one
        for one in Forwarding.objects.filter(village=village, template__in=found.values("pk")).select_related(
            "by"
        )
    }
    return [
        {"template": one, "text": one.text_for("", village.name), "noted": noted.get(one.pk)} for one in found
    ]


def _passed_on(request: OfficeRequest, found: list[MessageTemplate], reach) -> list[dict[str, Any]]:
    """For each text: of the villages in reach that it is meant for, which passed it on."""
    villages = list(reach)
    noted = Forwarding.objects.visible_to(request.user).filter(template__in=found)
    done: dict[int, set[int]] = {}
    for template, village in noted.order_by().values_list("template", "village"):
        done.setdefault(template, set()).add(village)
    lines = []
    for one in found:
        meant = [village for village in villages if village.path.startswith(one.unit.path)]
        left = [village for village in meant if village.pk not in done.get(one.pk, set())]
        lines.append({"template": one, "meant": len(meant), "done": len(meant) - len(left), "left": left[:30],
                      "more": max(0, len(left) - 30)})  # fmt: skip
    return lines


@needs("message.p")
@require_POST
def forward(request: OfficeRequest, pk: int) -> HttpResponse:
    """Note that a village passed the text on."""
    reach = Unit.objects.visible_to(request.user, "message", "p").villages()
    village = get_object_or_404(reach, code=request.POST.get("village", ""))
    texts_of_it = MessageTemplate.objects.visible_to(request.user).filter(
        unit__code__in=village.ancestor_codes
    )
    one = get_object_or_404(texts_of_it.select_related("unit"), pk=pk)
    page, told = (
        f"{reverse('publicity:texts')}?unit={village.code}",
        f"已登记：{village.name}转发了“{one.title}”。",
    )
    return acted(request, page, partial(actions.forward, one, village, request.user), told)
