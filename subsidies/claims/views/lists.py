"""补贴申请: the list by unit, scheme and state; a checked set shown again before it is decided; one person's claims."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from jobs.exports import start_export
from ledgers.models import Laborer
from ledgers.views.lists import unit_choices, unit_of
from ledgers.views.saving import acted
from lib.money import yuan
from subsidies.claims import deciding
from subsidies.claims.views.one import TONES
from subsidies.models import Claim, Screened, Waiver
from subsidies.rules import NOT_ENTITLED, period_words
from subsidies.schemes import name_of

PAGE = 25
MOST = 200  # claims of one checked set
State = Claim.State
PARTS = (("申请", "subsidies:claims"), ("公示", "subsidies:notices"), ("放弃", "subsidies:waivers"))
# What an office does with a set: the state it waits in, the verb, what it is called and what follows.
SETS = {
    "check": (State.APPLIED, deciding.check_many, "核实通过", "等待公示"),
    "compare": (State.SHOWN, deciding.compare_many, "比对通过", "送县审核"),
    "approve": (State.COMPARED, deciding.approve_many, "审核通过", "等待发放"),
}


class UnitFilter(forms.Form):
    unit = forms.ChoiceField(label="单位")


class ClaimFilter(UnitFilter):
    """Which unit, scheme and state."""

    code = forms.ChoiceField(label="补贴项目", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *State.choices])


def parts(here: str) -> list[dict[str, Any]]:
    """The tabs of 申请, 公示 and 放弃."""
    return [{"label": label, "url": reverse(name), "active": name == here} for label, name in PARTS]


def unit_form(user: User, unit: Unit, kind: type[UnitFilter] = UnitFilter, **first: str) -> UnitFilter:
    form = kind(initial={"unit": unit.code, **first}, auto_id="filter_%s")
    form.fields["unit"] = forms.ChoiceField(label="单位", choices=unit_choices(user, unit))
    return form


def waiting_for(user: User) -> QuerySet[Claim]:
    """Claims whose next step is this user's office, and in which this user has no part yet."""
    act = act_of(user)
    if not act:
        return Claim.objects.none()
    letter = "a" if act == "approve" else "p"
    rows = Claim.objects.visible_to(user, letter).filter(state=SETS[act][0])
    return rows if act == "check" else rows.exclude(proposed_by=user).exclude(checked_by=user)


def _is_town(user: User) -> bool:
    return any(posting.unit.level == Level.TOWNSHIP for posting in user.current_postings())


def act_of(user: User) -> str:
    """What this user's office does with a set."""
    if user.can("subsidy", "a"):
        return "approve"
    if not user.can("subsidy", "p"):
        return ""
    return "compare" if _is_town(user) else "check"


@needs("subsidy.r")
@require_GET
def claims(request: OfficeRequest) -> HttpResponse:
    """The list: who, what, how much, where it stands; what waits for this office can be ticked and done together."""
    user, unit = request.user, unit_of(request.user, request.GET.get("unit", ""))
    code, state = request.GET.get("code", ""), request.GET.get("state", "")
    every = Claim.objects.visible_to(user).under(unit)
    groups = list(every.order_by().values("code", "state").annotate(n=Count("pk"), fen=Sum("amount")))
    chosen = {key: value for key, value in (("code", code), ("state", state)) if value}
    counted = [one for one in groups if all(one[key] == value for key, value in chosen.items())]
    newest = every.filter(**chosen).order_by("-proposed_at", "-pk").values_list("pk", flat=True)
    page = Counted(newest, PAGE, sum(one["n"] for one in counted)).get_page(request.GET.get("page"))
    act = act_of(user)
    lines = [
        {
            "claim": one,
            "tone": TONES.get(State(one.state), "warn"),
            "may": bool(act) and _waits(one, act, user),
        }
        for one in _shown_rows(list(page))
    ]
    context = {
        "unit": unit,
        "tabs": parts("subsidies:claims"),
        "form": _filter(user, unit, sorted({one["code"] for one in groups}), code, state),
        "query": urlencode({"unit": unit.code, **chosen}),
        "page": page,
        "lines": lines,
        "people": page.paginator.count,
        "amount": yuan(sum(one["fen"] or 0 for one in counted)),
        "act": act if any(line["may"] for line in lines) else "",
        "button": SETS[act][2] if act else "",
        "may_export": user.can("subsidy", "x", unit),
    }  # fmt: skip
    return render(request, "subsidies/claims/list.html", context)


class Counted(Paginator):
    """Pages of rows whose number is known."""

    def __init__(self, rows: QuerySet, size: int, number: int) -> None:
        super().__init__(rows, size)
        self.count = number  # in the place of a question


def _shown_rows(keys: list[int]) -> list[Claim]:
    """The claims of one page in its order, each with the key of its last step."""
    rows = Claim.objects.filter(pk__in=keys).defer("facts", "values").annotate(last=Max("steps__pk"))
    found = {one.pk: one for one in rows.select_related("laborer", "village__parent", "scheme")}
    return [found[key] for key in keys]


@needs("subsidy.x")
@require_POST
def claims_export(request: OfficeRequest) -> HttpResponse:
    """The living claims of a unit as the workbook that imports again."""
    reach = Unit.objects.visible_to(request.user, "subsidy", "x")
    unit = get_object_or_404(reach, code=request.POST.get("unit", ""))
    try:
        return redirect("jobs:job", start_export("claims", request.user, unit, None).pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("subsidies:claims")


def _filter(user: User, unit: Unit, codes: list[str], code: str, state: str) -> UnitFilter:
    form = unit_form(user, unit, ClaimFilter, code=code, state=state)
    offered = [("", "全部"), *((one, name_of(one)) for one in codes)]
    form.fields["code"] = forms.ChoiceField(label="补贴项目", required=False, choices=offered)
    return form


def _waits(one: Claim, act: str, user: User) -> bool:
    """Whether the claim may be ticked: its next step is this act, and this user has no part in it yet."""
    if one.state != SETS[act][0]:
        return False
    return act == "check" or user.pk not in {one.proposed_by_id, one.checked_by_id, one.compared_by_id}


@needs("subsidy.p", "subsidy.a")
@require_POST
def claims_decide(request: OfficeRequest) -> HttpResponse:
    """The checked set: shown first with names, number and sum, done when it comes back unchanged."""
    act = request.POST.get("act", "")
    if act not in SETS or act != act_of(request.user):
        return redirect("subsidies:claims")
    state, verb, title, then = SETS[act]
    shown = _shown(request)
    if "count" not in request.POST:
        rows = Claim.objects.visible_to(request.user).filter(pk__in=shown, state=state)
        found = list(
            rows.annotate(last=Max("steps__pk"))
            .select_related("laborer", "village__parent", "scheme")
            .order_by("pk")
        )
        if not found:
            messages.error(request, "请先勾选要办理的申请。")
            return redirect("subsidies:claims")
        context = {
            "page_title": title, "title": title, "then": then, "act": act, "claims": found,
            "amount": yuan(sum(one.amount for one in found)),
        }  # fmt: skip
        return render(request, "subsidies/claims/decide.html", context)
    count = request.POST["count"]
    number = int(count) if count.isdecimal() and len(count) < 6 else 0
    decide = partial(verb, shown, number, request.user)
    return acted(request, reverse("subsidies:claims"), decide, lambda done: f"{title}{len(done)}份。")


def _shown(request: OfficeRequest) -> dict[int, int]:
    """claim key → the last step that was on the screen, of what was ticked."""
    pairs = [one.split(":") for one in request.POST.getlist("form")[:MOST]]
    return {
        int(pair[0]): int(pair[1])
        for pair in pairs
        if len(pair) == 2 and all(part.isascii() and part.isdecimal() and len(part) < 19 for part in pair)
    }


@needs("subsidy.r")
@require_GET
def claims_of(request: OfficeRequest, pk: int) -> HttpResponse:
    """One person: claims, waivers, and what the screenings found that was neither claimed nor waived."""
    user = request.user
    person = get_object_or_404(
        Laborer.objects.visible_to(user).select_related("village__parent__parent"), pk=pk
    )
    if not user.can("subsidy", "r", person.village):
        raise Http404
    made = list(
        Claim.objects.visible_to(user).filter(laborer=person).select_related("scheme").order_by("-pk")
    )
    waived = list(
        Waiver.objects.visible_to(user).filter(laborer=person).select_related("scheme").order_by("-pk")
    )
    taken = {(one.code, one.period) for one in made if one.state not in Claim.ENDED}
    taken |= {(one.code, one.period) for one in waived if one.withdrawn_at is None}
    context = {
        "page_title": f"{person.name}的补贴",
        "breadcrumbs": [{"label": "补贴申请", "url": reverse("subsidies:claims")}, {"label": person.name}],
        "person": person,
        "claims": [{"claim": one, "tone": TONES.get(State(one.state), "warn")} for one in made],
        "waivers": [{"waiver": one, "period": period_words(one.period)} for one in waived],
        "found": _entitled(user, person, taken),
        "may_apply": user.can("subsidy", "p", person.village),
    }
    return render(request, "subsidies/claims/person.html", context)


def _entitled(user: User, person: Laborer, taken: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """The newest line of each scheme and 所属期 that waits for a claim; evidence may still be missing."""
    rows = Screened.objects.visible_to(user).filter(laborer=person).exclude(result=NOT_ENTITLED)
    rows = rows.select_related("screening__scheme").order_by("-screening__month", "-pk")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in rows[:60]:
        scheme, month = line.screening.scheme, line.screening.month
        key = (scheme.code, scheme.terms.period(month))
        if key not in taken:
            found.setdefault(key, {
                "line": line, "scheme": scheme, "month": month, "period": period_words(key[1]),
                "amount": yuan(line.amount),
            })  # fmt: skip
    return list(found.values())
