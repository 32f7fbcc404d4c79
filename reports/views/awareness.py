"""政策知晓 beside 政策宣传: of those reached by a spot check, who had been told, and who knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, needs
from accounts.models import Unit
from lib.rates import Rate
from sampling.models import Call, Campaign
from subsidies.models import Forwarding, Message
from subsidies.schemes import SCHEMES

TOLD = ("收到短信", "未收短信，村里转发过微信", "都没有")  # everybody reached is in exactly one of them


@dataclass
class Group:
    """Some of those who answered the telephone, and how many of them know of the policy."""

    reached: int = 0
    aware: int = 0

    @property
    def rate(self) -> Rate:
        return Rate(self.aware, self.reached)

    def __add__(self, other: Group) -> Group:
        return Group(self.reached + other.reached, self.aware + other.aware)


@dataclass
class Line:
    """A township, or all of them; `groups` in the order of TOLD, `whole` their sum."""

    name: str
    groups: list[Group]
    url: str = ""

    @property
    def whole(self) -> Group:
        return sum(self.groups, Group())


@needs("message.r")
@require_GET
def awareness(request: OfficeRequest, pk: int) -> HttpResponse:
    """One spot check by township: who had been told of a scheme before the call, and who knew."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user).select_related("unit"), pk=pk)
    scheme = request.GET.get("scheme", "")
    scheme = scheme if scheme in SCHEMES else ""
    calls = Call.objects.visible_to(request.user).filter(campaign=campaign, connected=True)
    lines = _lines(told(calls, scheme), reverse("sampling:calls", args=[campaign.pk]))
    context: dict[str, Any] = {
        "breadcrumbs": [
            {"label": "抽查", "url": reverse("sampling:list")},
            {"label": campaign.name, "url": reverse("sampling:campaign", args=[campaign.pk])},
            {"label": "知晓与宣传"},
        ],
        "campaign": campaign,
        "lines": lines,
        "columns": TOLD,
        "schemes": list(SCHEMES.values()),
        "scheme": scheme,
    }
    return render(request, "reports/awareness.html", context)


def told(calls: QuerySet, scheme: str) -> dict[int, list[Group]]:
    """Township → its groups in the order of TOLD; only what came before the call counts."""
    before = {"at__lt": OuterRef("called_at")}
    sent = Message.objects.received().filter(laborer=OuterRef("laborer"), **before)
    passed = Forwarding.objects.filter(village=OuterRef("village"), **before)
    if scheme:
        sent, passed = sent.filter(mailing__template__scheme=scheme), passed.filter(template__scheme=scheme)
    rows = (
        calls.order_by()
        .annotate(sent=Exists(sent), passed=Exists(passed))
        .values("township", "sent", "passed")
        .annotate(reached=Count("pk"), aware=Count("pk", filter=Q(knows_policy=True)))
    )
    found: dict[int, list[Group]] = {}
    for row in rows:
        groups = found.setdefault(row["township"], [Group() for _ in TOLD])
        place = 0 if row["sent"] else 1 if row["passed"] else 2
        groups[place] += Group(row["reached"], row["aware"])
    return found


def _lines(found: dict[int, list[Group]], address: str) -> list[Line]:
    units = Unit.objects.filter(pk__in=found).select_related("parent").in_order()
    lines = [Line(unit.full_name, found[unit.pk], f"{address}?unit={unit.code}&") for unit in units]
    if len(lines) > 1:
        every = [sum(groups, Group()) for groups in zip(*(line.groups for line in lines), strict=True)]
        lines.append(Line("合计", every, f"{address}?"))
    return lines
