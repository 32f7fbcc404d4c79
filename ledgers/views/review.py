"""采集表审核: what waits for a decision, one form at a time or a checked set that is shown again before it is done."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers.collection import actions, answers
from ledgers.deadline import spoken
from ledgers.models import CollectionForm
from ledgers.periods import entry_state
from ledgers.views.collection import TONES, reading

State = CollectionForm.State
PAGE = 25
MOST = 200  # forms of one checked set
WAITING = "waiting"
TABS = {
    WAITING: "待我处理", State.SUBMITTED: "待镇审", State.REVIEWED: "待专班", State.RETURNED: "退回",
    State.CONFIRMED: "已确认",
}  # fmt: skip
# What an office does with a set: the right, the state it waits in, the verb and what it is called.
SETS = {
    "pass": ("a", State.SUBMITTED, actions.review_many, "审核通过", "送县专班确认"),
    "confirm": ("c", State.REVIEWED, actions.confirm_many, "确认入库", "写入台账"),
}


def waiting_for(user: User) -> QuerySet[CollectionForm]:
    """The forms whose next step is this user's office: before the review by a township, before a county confirms."""
    found = Q(pk__in=[])
    for letter, state, *_ in SETS.values():
        if user.can("form", letter):
            within = CollectionForm.objects.visible_to(user, letter).filter(state=state)
            found |= Q(pk__in=within.values("pk"))
    return CollectionForm.objects.filter(found)


@needs("form.a", "form.c")
@require_GET
def form_review(request: OfficeRequest) -> HttpResponse:
    """The list: who, what differs from the ledger, what the rules asked, who submitted it and when."""
    user, tab = request.user, request.GET.get("state", WAITING)
    if tab not in TABS:
        raise Http404
    visible = CollectionForm.objects.visible_to(user)
    rows = waiting_for(user) if tab == WAITING else visible.filter(state=tab)
    rows = rows.select_related("village__parent", "filed_by").order_by("filed_at", "pk")
    page = Paginator(rows.defer("typed"), PAGE).get_page(request.GET.get("page"))
    counts = dict(visible.order_by().values_list("state").annotate(Count("pk")))
    counts[WAITING] = page.paginator.count if tab == WAITING else waiting_for(user).count()
    act = _act(user) if tab == WAITING else ""
    base = reverse("ledgers:form_review")
    context = {
        "page_title": "采集表审核",
        "tabs": [
            {"label": name, "url": f"{base}?state={key}", "active": key == tab,
             "count": counts.get(key, 0)}
            for key, name in TABS.items()
        ],
        "lines": [
            {"form": one, "tone": TONES[State(one.state)], "changes": answers.differences(one)}
            for one in page
        ],
        "page": page,
        "state": tab,
        "act": act,
        "button": SETS[act][3] if act else "",
    }  # fmt: skip
    return render(request, "ledgers/form_review.html", context)


def _act(user: User) -> str:
    """What the user's office does with a set; nobody holds both rights."""
    return next((act for act, (letter, *_) in SETS.items() if user.can("form", letter)), "")


@needs("form.a", "form.c")
@require_POST
def forms_decide(request: OfficeRequest) -> HttpResponse:
    """The checked set: shown first with names and number, done when it comes back unchanged."""
    act = request.POST.get("act", "")
    if act not in SETS:
        return redirect("ledgers:form_review")
    letter, state, verb, title, then = SETS[act]
    shown = _shown(request)
    if "count" not in request.POST:
        rows = CollectionForm.objects.visible_to(request.user, letter).filter(pk__in=shown, state=state)
        forms = list(rows.select_related("village__parent").order_by("filed_at", "pk"))
        if not forms:
            messages.error(request, "请先勾选要办理的采集表。")
            return redirect("ledgers:form_review")
        context = {"page_title": title, "forms": forms, "act": act, "then": then, "title": title}
        return render(request, "ledgers/forms_decide.html", context)
    count = request.POST["count"]
    try:
        done = verb(shown, int(count) if count.isdecimal() and len(count) < 6 else 0, request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("ledgers:form_review")
    messages.success(request, f"{title}{len(done)}张。")
    return redirect("ledgers:form_review")


def _shown(request: OfficeRequest) -> dict[int, int]:
    """form key → the version that was on the screen, of what was ticked."""
    pairs = [one.split(":") for one in request.POST.getlist("form")[:MOST]]
    return {
        int(pair[0]): int(pair[1])
        for pair in pairs
        if len(pair) == 2 and all(part.isdecimal() and len(part) < 19 for part in pair)
    }


@needs("form.a", "form.c")
@require_POST
def form_decide(request: OfficeRequest, pk: int) -> HttpResponse:
    """Pass on, confirm into the ledger or send back one form; then the next that waits."""
    rows = CollectionForm.objects.visible_to(request.user).select_related("village", "laborer")
    form = get_object_or_404(rows, pk=pk)
    act, sent = request.POST.get("act", ""), request.POST
    try:
        told = _decided(form, act, sent.get("version", ""), sent.get("reason", ""), request.user)
    except NotAllowed as refusal:
        context = reading(request, get_object_or_404(rows, pk=pk)) | {
            "refusal": str(refusal),
            "reason": sent.get("reason", ""),
        }
        return render(request, "ledgers/form_read.html", context, status=422)
    messages.success(request, told)
    following = waiting_for(request.user).order_by("filed_at", "pk").values_list("pk", flat=True).first()
    return redirect("ledgers:form_page", following) if following else redirect("ledgers:form_review")


def _decided(form: CollectionForm, act: str, version: str, reason: str, by: User) -> str:
    name = actions.label(form)
    if act == "return":
        actions.send_back(form, reason, by)
        state = entry_state(form.village, form.month)
        more = f"，村里可以补正到{spoken(state.until)}" if state.exception and state.until else ""
        return f"{name}的采集表已退回{more}。"
    if str(form.version) != version:
        raise NotAllowed("这张采集表在您打开之后改过，请核对现在的内容再办理。")
    if act == "pass":
        actions.review(form, by)
        return f"{name}的采集表已审核通过，送县专班确认。"
    if act == "confirm":
        actions.confirm(form, by)
        return f"{name}的采集表已确认，台账已更新。"
    raise NotAllowed("请选择通过、确认或退回。")
