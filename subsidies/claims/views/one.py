"""One claim: what it rests on, its papers, its way so far, and the next step for whoever's turn it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import User
from jobs import papers
from jobs.views.stored import answer
from ledgers.views.saving import acted
from subsidies.claims import applying, deciding
from subsidies.claims.forms import PaperForm
from subsidies.claims.rules import months_words
from subsidies.claims.steps import proposers
from subsidies.models import Claim, ClaimPaper
from subsidies.rules import explain

State = Claim.State
TONES = {
    State.APPROVED: "info", State.BATCHED: "info", State.PAID: "good", State.RETURNED: "warn", State.REJECTED: "bad",
    State.WITHDRAWN: "", State.REFUNDED: "bad",
}  # fmt: skip
FLOW = (
    ("申请", ()), ("村核实", (State.APPLIED, State.RETURNED)), ("公示", (State.CHECKED, State.NOTICED)),
    ("镇比对", (State.SHOWN,)), ("县审核", (State.COMPARED,)), ("发放", (State.APPROVED, State.BATCHED)),
)  # fmt: skip
ACTS = {
    State.APPLIED: ("check", "核实通过"),
    State.SHOWN: ("compare", "比对通过"),
    State.COMPARED: ("approve", "审核通过"),
}


WAITS = {
    State.APPLIED: "等村里核实。", State.CHECKED: "等村里公示。", State.NOTICED: "公示中，期满以后由村里结束公示。",
    State.SHOWN: "等乡镇另一人比对。", State.COMPARED: "等县里另一人审核。", State.APPROVED: "等县里组批发放。",
    State.BATCHED: "在发放批次里，等财政和银行办理。", State.RETURNED: "等村里补正后重新提交。",
}  # fmt: skip
STEPS = ("check", "compare", "approve", "return", "reject", "withdraw")


def claim_of(request: OfficeRequest, pk: int, letter: str = "r") -> Claim:
    rows = Claim.objects.visible_to(request.user, letter).select_related(
        "scheme", "laborer__village", "village__parent", "account", "notice", "proposed_by"
    )
    return get_object_or_404(rows, pk=pk)


@needs("subsidy.r")
@require_GET
def claim(request: OfficeRequest, pk: int) -> HttpResponse:
    return render(request, "subsidies/claims/claim.html", _page(request, claim_of(request, pk)))


def _page(request: OfficeRequest, one: Claim) -> dict[str, Any]:
    user = request.user
    papers = applying.papers_of(one)
    may_propose = user.can("subsidy", "p", one.village)
    act, button = next_step(one, user)
    return {
        "breadcrumbs": [
            {"label": "补贴申请", "url": reverse("subsidies:claims")}, {"label": one.laborer.name}
        ],
        "claim": one,
        "tone": TONES.get(State(one.state), "warn"),
        "flow": _flow(one),
        "months": months_words(one.month_list),
        "place": one.facts.get("place", ""),
        "clauses": explain(one.scheme.terms, one.letters, one.values, one.amount),
        "papers": papers,
        "paper_form": PaperForm([paper["name"] for paper in papers], first=_missing(papers)) if papers else None,
        "may_add": may_propose and one.state in applying.ADDING,
        "steps": one.steps.select_related("by"),
        "act": act,
        "button": button,
        "waits": "" if act else WAITS.get(State(one.state), ""),
        "may_show": one.state == State.CHECKED and may_propose,
        "compared": deciding.comparison(one) if act == "compare" else [],
        "may_return": _may_return(one, user),
        "may_reject": one.state in (State.SHOWN, State.COMPARED) and _may_return(one, user),
        "may_correct": may_propose and one.state == State.RETURNED,
        "may_withdraw": may_propose and one.state in (*_WAITING, State.RETURNED),
        "refusal": "",
    }  # fmt: skip


_WAITING = (State.APPLIED, State.CHECKED, State.NOTICED, State.SHOWN, State.COMPARED)


def _missing(papers: list[dict[str, Any]]) -> str | None:
    """The document to upload next: the first that is asked for and not there."""
    lacking = [paper for paper in papers if not paper["is_there"]]
    return next((paper["name"] for paper in sorted(lacking, key=lambda paper: not paper["required"])), None)


def next_step(one: Claim, user: User) -> tuple[str, str]:
    """(verb, button) of the step that waits for this user; empty when it is somebody else's turn."""
    act, button = ACTS.get(State(one.state), ("", ""))
    if not act or not user.can("subsidy", *deciding.office_of(one)):
        return "", ""
    mine = {one.checked_by_id, one.compared_by_id} | proposers(one)
    return ("", "") if act != "check" and user.pk in mine else (act, button)


def _may_return(one: Claim, user: User) -> bool:
    return one.state in (*_WAITING, State.APPROVED) and user.can("subsidy", *deciding.office_of(one))


def _flow(one: Claim) -> list[dict[str, str]]:
    """The steps of a claim; everything is done once it is paid, and nothing goes on once it has ended."""
    here = next((place for place, (_, states) in enumerate(FLOW) if one.state in states), len(FLOW))
    ended = one.state in (*Claim.ENDED, State.REFUNDED)
    return [
        {"label": name, "state": "todo" if ended or place > here else "current" if place == here else "done"}
        for place, (name, _) in enumerate(FLOW)
    ]


@needs("subsidy.p", "subsidy.a")
@require_POST
def claim_step(request: OfficeRequest, pk: int) -> HttpResponse:
    """The next step, or back, or away; refused ones show the page again with the reason."""
    one, act = claim_of(request, pk), request.POST.get("act", "")
    if act not in STEPS:
        messages.error(request, "请选择要办理的一步。")
        return redirect("subsidies:claim", one.pk)
    try:
        told = _done(one, act, request.POST.get("reason", ""), request.user)
    except NotAllowed as refusal:
        context = _page(request, claim_of(request, pk)) | {"refusal": str(refusal)}
        return render(request, "subsidies/claims/claim.html", context, status=422)
    messages.success(request, f"{one.laborer.name}的申请{told}。")
    return redirect("subsidies:claim", one.pk)


def _done(one: Claim, act: str, reason: str, by: User) -> str:
    if act == "check":
        deciding.check(one, by)
        return "已核实，等待公示"
    if act == "compare":
        deciding.compare(one, by, reason)
        return "已比对，送县审核"
    if act == "approve":
        deciding.approve(one, by)
        return "审核通过，等待发放"
    if act == "return":
        deciding.send_back(one, reason, by)
        return "已退回补正"
    if act == "reject":
        deciding.reject(one, reason, by)
        return "不予通过"
    applying.withdraw(one, reason, by)
    return "已撤回"


# ── papers ───────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("subsidy.p")
@require_POST
def claim_paper(request: OfficeRequest, pk: int) -> HttpResponse:
    """Keep one document of the checklist."""
    one = claim_of(request, pk, "p")
    form = PaperForm([paper["name"] for paper in applying.papers_of(one)], request.POST, request.FILES)

    def add() -> str:
        if not form.is_valid():
            raise NotAllowed("请选择清单里的一项材料，并选好文件。")
        name, data = form.cleaned_data["name"], papers.read(form.cleaned_data["file"], "材料")
        applying.add_paper(one, name, data, request.user)
        return f"已上传{name}。"

    return acted(request, f"{reverse('subsidies:claim', args=[one.pk])}#papers", add, str)


@needs("subsidy.r")
@require_GET
def paper_file(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    """One document, to whoever may see the claim."""
    rows = ClaimPaper.objects.visible_to(request.user).select_related("file")
    return answer(get_object_or_404(rows, pk=pk).file)


@needs("subsidy.r")
@require_GET
def consent_file(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    return answer(claim_of(request, pk).consent_file)
