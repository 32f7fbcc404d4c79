"""收款账户 of a person: the one in use and those before it, masked; a correction asked for and decided by another."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from jobs import papers
from jobs.views.stored import answer
from ledgers import banking
from ledgers.fields import paper_field
from ledgers.models import AccountChange, BankAccount, Laborer
from ledgers.once import FIELD, new_token
from ledgers.views.saving import acted, saved, sent, sent_files

SHOWN = 20
State = AccountChange.State
TONES = {State.WAITING: "warn", State.CONFIRMED: "good", State.REFUSED: "bad"}


class AccountForm(forms.Form):
    """The account of the person's own; what takes the place of another says why and shows it."""

    bank = forms.CharField(label="开户行", max_length=60)
    number = forms.CharField(
        label="社保卡（一卡通）账号", max_length=40, help_text="只能是本人账户。",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(label="更正原因", max_length=200, help_text="如“原卡已注销，换了新卡”。")
    proof = paper_field("证明", help_text="社保卡、存折或银行证明，照片或PDF，不超过8MB。")

    def __init__(self, is_first: bool, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if is_first:
            del self.fields["reason"], self.fields["proof"]


@needs("person.r")
@require_http_methods(["GET", "HEAD", "POST"])
def laborer_account(request: OfficeRequest, pk: int) -> HttpResponse:
    people = Laborer.objects.visible_to(request.user).select_related("village__parent__parent")
    person, user = get_object_or_404(people, pk=pk), request.user
    may = banking.may_ask(user, person.village)
    if request.method == "POST" and not may:
        raise Http404
    kept = list(BankAccount.objects.filter(laborer=person).select_related("set_by").order_by("-pk")[:SHOWN])
    standing = next((one for one in kept if one.ended_at is None), None)
    form = AccountForm(standing is None, sent(request), sent_files(request))
    if done := saved(request, form, lambda: _save(request, person, form)):
        return done
    changes = AccountChange.objects.filter(laborer=person).select_related(
        "asked_by", "decided_by", "laborer__village"
    )
    newest = list(changes.order_by("-pk")[:SHOWN])
    waits = next((one for one in newest if one.state == State.WAITING), None)
    context = {
        "person": person,
        "standing": standing,
        "kept": [one for one in kept if one.ended_at],
        "changes": [{"change": one, "tone": TONES[State(one.state)]} for one in newest],
        "waits": waits,
        "may_decide": waits is not None and banking.may_decide(user, waits),
        "form": form if may and waits is None else None,
        "button": "提出更正" if standing else "登记账户",
        "token": request.POST.get(FIELD) or new_token(),
        "back": reverse("ledgers:laborer", args=[person.pk]),
    }
    return render(request, "ledgers/account.html", context, status=422 if form.errors else 200)


def _save(request: OfficeRequest, person: Laborer, form: AccountForm) -> str:
    said, user = form.cleaned_data, request.user
    if "proof" in said:
        banking.ask_change(
            person, said["bank"], said["number"], said["reason"], papers.read(said["proof"], "证明"), user
        )
        messages.success(request, "已提出更正，等待乡镇或县里另一位同事确认；确认以前仍用原来的账户。")
    else:
        banking.keep_account(person, said["bank"], said["number"], user)
        messages.success(request, "已登记收款账户。")
    return reverse("ledgers:laborer_account", args=[person.pk])


def _change(request: OfficeRequest, pk: int) -> AccountChange:
    rows = AccountChange.objects.visible_to(request.user).select_related("laborer__village", "proof")
    return get_object_or_404(rows, pk=pk)


@needs("person.a", "subsidy.a")
@require_POST
def account_decide(request: OfficeRequest, pk: int) -> HttpResponse:
    """Confirm, or refuse with a reason."""
    one = _change(request, pk)
    user, village = request.user, one.laborer.village
    if not (user.can("person", "a", village) or user.can("subsidy", "a", village)):
        raise Http404
    page = reverse("ledgers:laborer_account", args=[one.laborer_id])
    if request.POST.get("act") == "yes":
        confirm = partial(banking.confirm_change, one, user)
        return acted(request, page, confirm, "已更换收款账户，以后的补贴和工资发到新账户。")
    refuse = partial(banking.refuse_change, one, request.POST.get("reason", ""), user)
    return acted(request, page, refuse, "没有同意更正，仍用原来的账户。")


@needs("person.r")
@require_GET
def account_proof(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    return answer(_change(request, pk).proof)
