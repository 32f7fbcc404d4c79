"""A button of a batch or of one of its lines: the verb runs with what was typed, a refusal comes back to the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.access import OfficeRequest
from ledgers.views import saving


def acted(
    request: OfficeRequest,
    page: str,
    form: forms.Form | None,
    act: Callable[[dict[str, Any]], str],
    again: Callable[[forms.Form], HttpResponse | None],
    now: str,
) -> HttpResponse:
    """Run `act`, whose sentence, unless it is empty, is told on `page`; without a form it is a button alone.

    A refusal is shown by `again`, on the form as it was typed. Where `again` answers None the page shows that form no
    more: the refusal, or `now`, what has become of the row meanwhile, is told as a message.
    """
    if form is None:
        return saving.acted(request, page, lambda: act({}), str)

    def save() -> str:
        if told := act(form.cleaned_data):
            messages.success(request, told)
        return page

    if done := saving.saved(request, form, save) or again(form):
        return done
    refusals = form.non_field_errors() or [f"{now}，不能这样办理。"]
    messages.error(request, str(refusals[0]))
    return redirect(page)
