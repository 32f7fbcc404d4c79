"""A page with one form and one act: sent once, a refusal shown on the form with everything typed still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.access import OfficeRequest
from accounts.authority import NotAllowed
from ledgers.once import FIELD, new_token, once


def form_page(
    request: OfficeRequest, form: forms.Form, save: Callable[[dict[str, Any]], str], context: dict[str, Any],
    template: str = "posts/form.html",
) -> HttpResponse:  # fmt: skip
    """Show the form, or act on it: `save` gets its values and returns where to go; `context` has title and back."""
    if form.is_bound and form.is_valid():
        try:
            return redirect(once(request.user, request.POST, lambda: save(form.cleaned_data)))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    context = {
        "button": "保存",
        "note": "",
        "other": None,
        "breadcrumbs": [],
        "form": form,
        "token": request.POST.get(FIELD) or new_token(),
        "page_title": context["title"],
    } | context
    return render(request, template, context, status=422 if form.errors else 200)


def acted(request: OfficeRequest, page: str, save: Callable[[], str]) -> HttpResponse:
    """A button that acts: `save` once, then to where it says; a refusal is said on `page`, from where it came."""
    try:
        return redirect(once(request.user, request.POST, save) if FIELD in request.POST else save())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(page)


def sent(request: OfficeRequest):
    """The data of a form that was sent; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def day_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **more)


def words_field(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, widget=forms.Textarea({"rows": 2}), **more)
