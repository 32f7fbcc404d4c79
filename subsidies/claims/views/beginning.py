"""Begin a claim or a waiver from a line of the screening; correct a claim that came back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import OfficeRequest, needs
from jobs import papers
from ledgers.models import BankAccount, Laborer
from ledgers.views.saving import form_page, sent, sent_files
from lib.money import yuan
from subsidies.claims import applying, waiving
from subsidies.claims.forms import ApplyForm, WaiveForm
from subsidies.models import Claim, Screened
from subsidies.rules import explain, period_words


def _line(request: OfficeRequest, pk: int) -> Screened:
    rows = Screened.objects.visible_to(request.user, "p")
    return get_object_or_404(
        rows.select_related("screening__scheme", "laborer__village", "village__parent"), pk=pk
    )


def _account(person: Laborer) -> str:
    standing = BankAccount.objects.standing().filter(laborer=person).first()
    return f"{standing.bank}，{standing.masked}" if standing else ""


@needs("subsidy.p")
@require_http_methods(["GET", "HEAD", "POST"])
def claim_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """Apply for what a screening found: everything but who applies and the account is there already."""
    line = _line(request, pk)
    scheme, person, month = line.screening.scheme, line.laborer, line.screening.month
    form = ApplyForm(scheme, sent(request), sent_files(request), account=_account(person))

    def save(_said: dict[str, Any]) -> str:
        made = applying.begin(person, scheme, month, request.user, **form.terms())
        messages.success(request, f"已为{person.name}提交{scheme.name}申请，金额{made.yuan}元。")
        return reverse("subsidies:claim", args=[made.pk])

    values = json.loads(line.values)
    context = {
        "page_title": f"申请{scheme.name}：{person.name}",
        "scheme": scheme,
        "person": person,
        "village": line.village,
        "period": period_words(scheme.terms.period(month)),
        "amount_text": yuan(line.amount),
        "clauses": explain(scheme.terms, line.letters, values, line.amount),
        "reason": "",
        "back": reverse("subsidies:claims_of", args=[person.pk]),
        "label": "提交申请",
    }
    return form_page(request, form, save, context, "subsidies/claims/apply.html")


@needs("subsidy.p")
@require_http_methods(["GET", "HEAD", "POST"])
def claim_again(request: OfficeRequest, pk: int) -> HttpResponse:
    """Correct a returned claim and hand it in again: reckoned anew from the ledger of today."""
    rows = Claim.objects.visible_to(request.user, "p").select_related("scheme", "laborer", "village__parent")
    claim = get_object_or_404(rows, pk=pk)
    if claim.state != Claim.State.RETURNED:
        raise Http404
    first = {
        "how": claim.how, "agent_name": claim.agent_name, "agent_relation": claim.agent_relation,
        "agent_phone": claim.agent_phone, "consent_on": claim.consent_on, "consent_how": claim.consent_how,
    }  # fmt: skip
    person, scheme = claim.laborer, claim.scheme
    form = ApplyForm(
        scheme, sent(request), sent_files(request), account=_account(person), claim=claim, initial=first
    )
    for place, paper in enumerate(form.promised):
        form.initial[f"declared{place}"] = paper in claim.facts["declared"]

    def save(_said: dict[str, Any]) -> str:
        made = applying.apply_again(claim, request.user, **form.terms())
        messages.success(request, f"已重新提交{person.name}的申请，金额{made.yuan}元。")
        return reverse("subsidies:claim", args=[made.pk])

    context = {
        "page_title": f"补正申请：{person.name}",
        "scheme": scheme,
        "person": person,
        "village": claim.village,
        "period": claim.period_text,
        "amount_text": claim.yuan,
        "clauses": explain(scheme.terms, claim.letters, claim.values, claim.amount),
        "reason": claim.reason,
        "back": reverse("subsidies:claim", args=[claim.pk]),
        "label": "重新提交",
    }
    return form_page(request, form, save, context, "subsidies/claims/apply.html")


@needs("subsidy.p")
@require_http_methods(["GET", "HEAD", "POST"])
def waiver_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """Note that the person gives up what a screening found."""
    line = _line(request, pk)
    scheme, person, month = line.screening.scheme, line.laborer, line.screening.month
    form = WaiveForm(sent(request), sent_files(request), initial={"on": timezone.localdate()})

    def save(said: dict[str, Any]) -> str:
        data = papers.read(said.pop("file"), "材料")
        waiving.waive(person, scheme, month, request.user, data=data, **said)
        messages.success(request, f"已登记{person.name}自愿放弃{scheme.name}。")
        return reverse("subsidies:claims_of", args=[person.pk])

    context = {
        "page_title": f"自愿放弃{scheme.name}：{person.name}",
        "scheme": scheme,
        "person": person,
        "village": line.village,
        "period": period_words(scheme.terms.period(month)),
        "amount_text": yuan(line.amount),
        "back": reverse("subsidies:claims_of", args=[person.pk]),
    }
    return form_page(request, form, save, context, "subsidies/claims/waive.html")
