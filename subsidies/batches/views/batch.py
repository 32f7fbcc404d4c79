"""One batch: its sums side by side, what is to be done next, what the bank's answer leaves open, its lines."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.audit import record
from accounts.authority import NotAllowed
from jobs.files import XLSX
from jobs.views.stored import answer
from lib.bankfile import masked
from lib.money import yuan
from subsidies.batches import actions, paying, reading
from subsidies.batches.forms import FundForm, ResultForm, SendForm, WhyForm
from subsidies.batches.papers import papers, unit_sums
from subsidies.batches.views.acting import acted
from subsidies.batches.views.lists import TONES, pages_of, trail
from subsidies.models import PaymentBatch, PaymentLine

PAGE = 50
SHOWN = 100  # problems on one page
State = PaymentBatch.State
STEPS = (
    (State.DRAFT, "组批"), (State.CONFIRMED, "第二人确认"), (State.FUNDED, "财政确认"), (State.SENT, "发送银行"),
    (State.DONE, "银行回单"),
)  # fmt: skip
LINE_TONES = {"waiting": "warn", "paid": "good", "failed": "bad", "void": "", "refunded": ""}


def batch_of(request: OfficeRequest, pk: int, letter: str = "r") -> PaymentBatch:
    rows = PaymentBatch.objects.visible_to(request.user, letter)
    with_names = rows.select_related(
        "unit", "scheme", "made_by", "confirmed_by", "finance_by", "file", "result_file"
    )
    return get_object_or_404(with_names, pk=pk)


@needs("subsidy.r")
@require_GET
def batch(request: OfficeRequest, pk: int) -> HttpResponse:
    return shown(request, batch_of(request, pk))


def shown(
    request: OfficeRequest, one: PaymentBatch, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """The page; `form` is one that was refused, to be shown again with what was typed."""
    user = request.user
    state = request.GET.get("state", "")
    rows = PaymentLine.objects.visible_to(user).filter(batch=one).select_related("village")
    if state in PaymentLine.State:
        rows = rows.filter(state=state)
    page = Paginator(rows.order_by("serial"), PAGE).get_page(request.GET.get("page"))
    result = paying.standing_result(one)
    context = {
        "breadcrumbs": trail({"label": one.number}),
        "batch": one,
        "tone": TONES[one.state],
        "steps": _steps(one),
        "outcome": reading.outcome(one),
        "sums": reading.sums(one, result.total if result else None),
        "units": [each | {"yuan": yuan(each["fen"])} for each in unit_sums(one)],
        "problems": _problems(one, result.problems[:SHOWN]) if result else [],
        "problem_count": len(result.problems) if result else 0,
        "lines": [
            {"line": each, "tone": LINE_TONES[each.state], "account": masked(each.number), "yuan": yuan(each.amount)}
            for each in page.object_list
        ],
        "state": state,
        "states": PaymentLine.State.choices,
        "may_act": user.can("subsidy", "a", one.unit),
        "may_export": user.can("subsidy", "x", one.unit),
        "is_maker": one.made_by_id == user.pk,
        "before_sending": one.state in actions.BEFORE_SENDING,
        **_forms(one, form),
        **pages_of(page, {"state": state} if state else {}),
    }  # fmt: skip
    return render(request, "subsidies/batches/batch.html", context, status=status)


def _steps(one: PaymentBatch) -> list[dict[str, str]]:
    """What is done; of what comes next the first stands out."""
    order = [state for state, _ in STEPS]
    if one.state == State.VOID:
        return []
    done = order.index(State(one.state))
    return [
        {"label": label, "state": "done" if at <= done else "current" if at == done + 1 else "todo"}
        for at, (_, label) in enumerate(STEPS)
    ]


def _problems(one: PaymentBatch, found) -> list[dict[str, Any]]:
    keys = dict(one.lines.filter(serial__in=[p.serial for p in found]).values_list("serial", "pk"))
    return [{"problem": each, "line": keys.get(each.serial)} for each in found]


def _forms(one: PaymentBatch, form: forms.Form | None) -> dict[str, forms.Form]:
    first = {"fund": one.fund or one.scheme.fund, "on": timezone.localdate()}
    made: dict[str, forms.Form] = {
        "fund_form": FundForm(initial=first), "send_form": SendForm(), "result_form": ResultForm(),
        "why_form": WhyForm(),
    }  # fmt: skip
    return {
        key: form if form is not None and type(form) is type(each) else each for key, each in made.items()
    }


# in which state the page shows a form: elsewhere its refusal is told as a message
ASKED_IN: dict[type[forms.Form], tuple[str, ...]] = {
    FundForm: (State.CONFIRMED,), SendForm: (State.FUNDED,), ResultForm: (State.SENT,), WhyForm: actions.BEFORE_SENDING,
}  # fmt: skip


def _act(
    request: OfficeRequest, one: PaymentBatch, form: forms.Form | None, act: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    def again(form: forms.Form) -> HttpResponse | None:
        return shown(request, one, form, status=422) if one.state in ASKED_IN[type(form)] else None

    page = reverse("subsidies:batch", args=[one.pk])
    return acted(request, page, form, act, again, f"批次现在是“{one.get_state_display()}”")


@needs("subsidy.a")
@require_POST
def batch_confirm(request: OfficeRequest, pk: int) -> HttpResponse:
    one = batch_of(request, pk, "a")

    def act(_) -> str:
        actions.confirm(one, request.user)
        return "已确认，等待财政确认。"

    return _act(request, one, None, act)


@needs("subsidy.a")
@require_POST
def batch_void(request: OfficeRequest, pk: int) -> HttpResponse:
    one = batch_of(request, pk, "a")

    def act(said) -> str:
        actions.void(one, said["why"], request.user)
        return "已作废，批次里的申请回到待发放。"

    return _act(request, one, WhyForm(request.POST), act)


@needs("subsidy.a")
@require_POST
def batch_fund(request: OfficeRequest, pk: int) -> HttpResponse:
    one = batch_of(request, pk, "a")

    def act(said) -> str:
        actions.fund(one, said["number"], said["on"], said["fund"], request.user)
        return "已登记财政确认，可以生成发放文件。"

    return _act(request, one, FundForm(request.POST), act)


@needs("subsidy.a")
@require_POST
def batch_send(request: OfficeRequest, pk: int) -> HttpResponse:
    one = batch_of(request, pk, "a")

    def act(said) -> str:
        paying.send(one, said["form"], request.user)
        return "发放文件已生成，请下载后交银行。"

    return _act(request, one, SendForm(request.POST), act)


@needs("subsidy.a")
@require_POST
def batch_result(request: OfficeRequest, pk: int) -> HttpResponse:
    """The bank's answer; sent again it answers the same."""
    one = batch_of(request, pk, "a")

    def act(said) -> str:
        upload = said["file"]
        if upload.size > paying.LARGEST:
            raise NotAllowed(f"回单文件超过{paying.LARGEST >> 20}MB。")
        after = paying.take_result(one, upload.read(), upload.name, request.user)
        if after.state == State.DONE:
            return "回单与发放文件一致，已逐人登记结果。"
        messages.warning(request, "回单已收到，有对不上的地方，一行都没有登记；请看下面列出的问题。")
        return ""

    return _act(request, one, ResultForm(request.POST, request.FILES), act)


# ── files: asked for by POST, because each is noted ──────────────────────────────────────────────────────────────


@needs("subsidy.x")
@require_POST
def batch_file(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """The payment file."""
    one = batch_of(request, pk, "x")
    if one.file is None:
        raise Http404
    record(
        "subsidy.batch_file", request.user, one, one.unit, number=one.number, people=one.people, personal=True
    )
    return answer(one.file)


@needs("subsidy.x")
@require_POST
def batch_papers(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """发放花名册 and 资金申请表, whole numbers in them."""
    one = batch_of(request, pk, "x")
    if one.state == State.VOID:
        messages.error(request, "已作废的批次没有花名册。")
        return redirect(reverse("subsidies:batch", args=[one.pk]))
    record(
        "subsidy.batch_papers",
        request.user,
        one,
        one.unit,
        number=one.number,
        people=one.people,
        personal=True,
    )
    name = f"发放花名册-{one.number}.xlsx"
    response = FileResponse(io.BytesIO(papers(one)), as_attachment=True, filename=name, content_type=XLSX)
    response["Cache-Control"] = "no-store, private"
    return response
