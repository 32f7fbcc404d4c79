"""One line of a batch: taking it out, marking what the bank says, and money that came back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import OfficeRequest, needs
from accounts.models import User
from lib.bankfile import masked
from lib.money import yuan
from subsidies.batches import actions, paying, refunding
from subsidies.batches.forms import MarkForm, RefundForm, WhyForm
from subsidies.batches.views.acting import acted
from subsidies.batches.views.batch import LINE_TONES
from subsidies.batches.views.lists import trail
from subsidies.models import PaymentBatch, PaymentLine, Refund

Line, State = PaymentLine.State, PaymentBatch.State


def line_of(request: OfficeRequest, pk: int, letter: str = "r") -> PaymentLine:
    """A line of a batch in reach."""
    batches = PaymentBatch.objects.visible_to(request.user, letter)
    rows = PaymentLine.objects.visible_to(request.user, letter).filter(batch__in=batches.values("pk"))
    named = rows.select_related(
        "batch__unit", "batch__scheme", "claim__scheme", "award__workshop", "village__parent"
    )
    return get_object_or_404(named, pk=pk)


def refund_of(line: PaymentLine) -> Refund | None:
    return Refund.objects.filter(line=line).select_related("made_by", "confirmed_by").first()


@needs("subsidy.r")
@require_GET
def line(request: OfficeRequest, pk: int) -> HttpResponse:
    return _page(request, line_of(request, pk))


def _page(
    request: OfficeRequest, one: PaymentLine, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    batch, user = one.batch, request.user
    refund = refund_of(one)
    may = user.can("subsidy", "a", batch.unit)
    context: dict[str, Any] = {
        "breadcrumbs": trail(
            {"label": batch.number, "url": reverse("subsidies:batch", args=[batch.pk])}, {"label": one.name}
        ),
        "line": one,
        "tone": LINE_TONES[one.state],
        "rows": _facts(one),
        "history": one.claim.steps.select_related("by").order_by("pk") if one.claim else [],
        "refund": refund,
        "refund_yuan": yuan(refund.amount) if refund else "",
        **_offers(user, one),
        "may_confirm": may and refund and not refund.confirmed_by_id and refund.made_by_id != user.pk,
        "may_drop": may and refund and not refund.confirmed_by_id,
        "out_form": WhyForm(),
        "mark_form": MarkForm(),
        "refund_form": RefundForm(initial={"amount": yuan(one.amount, plain=True), "on": timezone.localdate()}),
    }  # fmt: skip
    if form is not None:
        context[f"{ASKED[type(form)]}_form"] = form
    return render(request, "subsidies/batches/line.html", context, status=status)


ASKED: dict[type[forms.Form], str] = {WhyForm: "out", MarkForm: "mark", RefundForm: "refund"}


def _offers(user: User, one: PaymentLine) -> dict[str, bool]:
    """Which of the forms the page shows."""
    batch = one.batch
    may, waits = user.can("subsidy", "a", batch.unit), one.state == Line.WAITING
    return {
        "may_out": may and waits and batch.state in actions.BEFORE_SENDING,
        "may_mark": may and waits and batch.state == State.SENT and batch.result_file_id is not None,
        "may_refund": may and one.state == Line.PAID and refund_of(one) is None,
    }


def _facts(one: PaymentLine) -> list[dict[str, Any]]:
    place = one.village
    day = f"{one.paid_on.year}年{one.paid_on.month}月{one.paid_on.day}日" if one.paid_on else ""
    claim, award = one.claim, one.award
    rows = [
        ("补贴项目", f"{claim.scheme.name}（{claim.period_text}）" if claim else one.batch.scheme.name),
        ("奖补", f"{award.workshop.name}{award.year}年{award.kind}，{award.people}人" if award else ""),
        ("行政村", f"{place.parent.name if place.parent else ''}{place.name}"),
        ("金额", f"{yuan(one.amount)}元"), ("开户行", one.bank), ("账号", masked(one.number)),
        ("退票日期" if one.state == Line.FAILED else "到账日期", day), ("银行流水号", one.reference),
        ("退票原因", one.reason),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in rows if value]


def _act(
    request: OfficeRequest, one: PaymentLine, form: forms.Form | None, act: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    def again(form: forms.Form) -> HttpResponse | None:
        asked = _offers(request.user, one)[f"may_{ASKED[type(form)]}"]
        return _page(request, one, form, status=422) if asked else None

    page = reverse("subsidies:payment_line", args=[one.pk])
    return acted(request, page, form, act, again, f"这一行现在是“{one.get_state_display()}”")


@needs("subsidy.a")
@require_POST
def line_out(request: OfficeRequest, pk: int) -> HttpResponse:
    one = line_of(request, pk, "a")

    def act(said) -> str:
        actions.take_out(one, said["why"], request.user)
        return "已撤出批次，这份申请回到待发放；批次要重新确认。"

    return _act(request, one, WhyForm(request.POST), act)


@needs("subsidy.a")
@require_POST
def line_mark(request: OfficeRequest, pk: int) -> HttpResponse:
    one = line_of(request, pk, "a")

    def act(said) -> str:
        paying.mark(one, said["outcome"], said["on"], said["words"], request.user)
        return "已登记银行结果。"

    return _act(request, one, MarkForm(request.POST), act)


@needs("subsidy.a")
@require_POST
def line_refund(request: OfficeRequest, pk: int) -> HttpResponse:
    one = line_of(request, pk, "a")

    def act(said) -> str:
        refunding.note(one, said["ground"], said["amount"], said["on"], said["voucher"], request.user)
        return "已登记追回，请另一位同事核对凭证后确认。"

    return _act(request, one, RefundForm(request.POST), act)


@needs("subsidy.a")
@require_POST
def refund_confirm(request: OfficeRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, refunding.confirm, "已确认追回。")


@needs("subsidy.a")
@require_POST
def refund_drop(request: OfficeRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, refunding.drop, "已撤销追回登记。")


def _decide(request: OfficeRequest, pk: int, verb: Callable, told: str) -> HttpResponse:
    one = line_of(request, pk, "a")
    refund = refund_of(one)
    if refund is None:
        raise Http404

    def act(_) -> str:
        verb(refund, request.user)
        return told

    return _act(request, one, None, act)
