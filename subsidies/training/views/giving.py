"""证书 and 生活费补贴 of one class: who holds what, who is owed how much, approved and paid."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from ledgers.models import BankAccount
from ledgers.views.saving import acted, form_page, sent
from lib.money import yuan
from subsidies.models import Completion, Enrolment, TrainingClass
from subsidies.training import certifying, paying
from subsidies.training.forms import CertificateForm, PayForm
from subsidies.training.views.finding import (
    class_of,
    crumb,
    enrolment_of,
    home,
    learners_of,
)


def _kept(row: Enrolment, name: str) -> Any:
    """A one-to-one row of the enrolment, None where there is none."""
    return getattr(row, name, None)


@needs("training.r")
@require_GET
def certificates(request: OfficeRequest, pk: int) -> HttpResponse:
    """Who finished and which certificate they hold."""
    one = class_of(request, pk)
    rows = learners_of(request, one).filter(state=Enrolment.State.ENROLLED)
    lines = []
    for row in rows:
        done: Completion | None = _kept(row, "completion")
        lines.append({"row": row, "done": done, "certificate": getattr(done, "certificate", None)})
    may_write = request.user.can("training", "w", one.unit)
    context = {
        "breadcrumbs": [home(), crumb(one), {"label": "证书"}],
        "one": one,
        "lines": lines,
        "trained": sum(line["done"] is not None for line in lines),
        "certified": sum(line["certificate"] is not None for line in lines),
        "may_write": may_write and one.state in certifying.GIVING,
        "may_end": may_write and one.state == TrainingClass.State.FINISHED,
    }
    return render(request, "subsidies/training/certificates.html", context)


@needs("training.w")
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: OfficeRequest, pk: int) -> HttpResponse:
    """Enter the certificate of one person; POST act=undo takes it back."""
    row = enrolment_of(request, pk, "w")
    one = row.training_class
    back = reverse("subsidies:training_certificates", args=[one.pk])
    if not request.user.can("training", "w", one.unit):
        raise Http404
    if request.method == "POST" and request.POST.get("act") == "undo":
        undo = partial(certifying.take_certificate_back, row, request.user)
        return acted(request, back, undo, f"已撤销{row.laborer.name}的证书登记。")

    def save(said: dict[str, Any]) -> str:
        certifying.certify(row, said["kind"], said["number"], said["issued_on"], request.user, said["level"])
        messages.success(request, f"已登记{row.laborer.name}的证书。")
        return back

    form = CertificateForm(sent(request), initial={"issued_on": timezone.localdate()})
    context = {"page_title": f"登记证书：{row.laborer.name}", "back_url": back, "one": one}
    return form_page(request, form, save, context, "subsidies/training/certificate.html")


@needs("training.r")
@require_http_methods(["GET", "HEAD", "POST"])
def allowance(request: OfficeRequest, pk: int) -> HttpResponse:
    """Who is owed how much, with totals; POST on and voucher: what is approved has been paid."""
    one = class_of(request, pk)
    may_write = request.user.can("training", "w", one.unit)
    if request.method == "POST" and not may_write:
        raise Http404

    def save(said: dict[str, Any]) -> str:
        total = paying.pay(one, said["on"], said["voucher"], request.user)
        messages.success(request, f"已登记发放{total.people}人，共{total.yuan}元。")
        return reverse("subsidies:training_allowance", args=[pk])

    rows = learners_of(request, one).eligible()
    lines = _lines(rows)
    sums = _sums(lines)
    context = {
        "breadcrumbs": [home(), crumb(one), {"label": "生活费补贴"}],
        "one": one,
        "lines": lines,
        "sums": sums,
        "rate": yuan(one.daily_fen),
        "may_write": may_write,
        "may_approve": request.user.can("training", "a", one.unit),
        "is_mine": any(line["pay"] and line["pay"].computed_by_id == request.user.pk for line in lines),
    }
    form = PayForm(sent(request), initial={"on": timezone.localdate()})
    return form_page(request, form, save, context, "subsidies/training/allowance.html")


def _lines(rows: QuerySet[Enrolment]) -> list[dict[str, Any]]:
    found = list(rows.select_related("allowance__account"))
    accounts = {
        account.laborer_id: account
        for account in BankAccount.objects.standing().filter(laborer__in=[row.laborer_id for row in found])
    }
    lines = []
    for row in found:
        pay = _kept(row, "allowance")
        account = pay.account if pay and pay.account else accounts.get(row.laborer_id)
        state = (
            ("已发放", "good") if pay and pay.paid_on
            else ("待发放", "info") if pay and pay.approved_by_id
            else ("待审批", "warn") if pay
            else ("待测算", "")
        )  # fmt: skip
        lines.append({"row": row, "pay": pay, "account": account, "label": state[0], "tone": state[1]})
    return lines


def _sums(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """People and yuan by how far the payment came."""
    made = [line["pay"] for line in lines if line["pay"]]
    paid = [pay for pay in made if pay.paid_on]
    ready = [pay for pay in made if pay.approved_by_id and not pay.paid_on]
    waiting = [pay for pay in made if not pay.approved_by_id]

    def of(rows: list[Any]) -> dict[str, Any]:
        return {"people": len(rows), "yuan": yuan(sum(row.amount_fen for row in rows))}

    return {
        "all": of(made), "paid": of(paid), "ready": of(ready), "waiting": of(waiting),
        "open": len(lines) - len(made),
    }  # fmt: skip
