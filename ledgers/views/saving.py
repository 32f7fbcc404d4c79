"""A form is saved once, a button acts once; what is refused is said where it was sent from, with all that was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict

from accounts.access import OfficeRequest
from accounts.authority import NotAllowed
from ledgers.once import FIELD, new_token, once


def sent(request: HttpRequest) -> QueryDict | None:
    """The data of a form that was sent; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def sent_files(request: HttpRequest) -> MultiValueDict | None:
    """The files of a form that was sent; None when the page is only looked at."""
    return request.FILES if request.method == "POST" else None


def saved(request: OfficeRequest, form: forms.BaseForm, save: Callable[[], str]) -> HttpResponse | None:
    """Where to go once `save`, which returns the address, has kept a valid form.

    None: the page is to be shown, with the refusal on the form.
    """
    if form.is_bound and form.is_valid():
        try:
            return redirect(_once(request, save))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    return None


def form_page(
    request: OfficeRequest, form: forms.BaseForm, save: Callable[[dict[str, Any]], str], context: dict[str, Any],
    template: str = "components/form/page.html",
) -> HttpResponse:  # fmt: skip
    """A page with one form: shown, or saved by `save`, which gets its values and returns where to go."""
    if done := saved(request, form, lambda: save(form.cleaned_data)):
        return done
    usual = {
        "button": "保存", "note": "", "other": None, "breadcrumbs": [], "form": form,
        "token": request.POST.get(FIELD) or new_token(), "page_title": context.get("title", ""),
    }  # fmt: skip
    return render(request, template, usual | context, status=422 if form.errors else 200)


def acted(
    request: OfficeRequest,
    page: str,
    act: Callable[[], Any],
    told: str | Callable[[Any], str],
    then: str = "",
) -> HttpResponse:
    """A button: act, then say on `page` what was done (`told`, or what it makes of the answer) or why it was not.

    `then`: where to go when it was done, unless that is `page` too.
    """

    def save() -> str:
        answer = act()
        if words := told if isinstance(told, str) else told(answer):
            messages.success(request, words)
        return then or page

    try:
        return redirect(_once(request, save))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(page)


def _once(request: OfficeRequest, save: Callable[[], str]) -> str:
    """A form without a token is one whose second coming the verb itself refuses."""
    return once(request.user, request.POST, save) if FIELD in request.POST else save()
