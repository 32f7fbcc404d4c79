"""The answer of the reveal dialog, for the rooms whose rows carry numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts import actions
from accounts.access import OfficeRequest
from accounts.authority import NotAllowed
from accounts.forms import RevealForm


def revealed(
    request: OfficeRequest, *, element: str, label: str, value: Callable[[], str], **look: Any
) -> HttpResponse:
    """Note the look with actions.reveal(user, **look, reason) and answer with the number.

    `look` is subject_type, subject_id, field, unit (and right). `value` is called only after the look was noted;
    `element` is the id of the masked.html span that is replaced. Without a reason 422, over the limit 429.
    """
    form = RevealForm(request.POST)
    if not form.is_valid():
        return HttpResponse("请写明查看原因，至少四个字。", status=422)
    try:
        actions.reveal(request.user, reason=form.cleaned_data["reason"], **look)
    except NotAllowed as refusal:
        return HttpResponse(str(refusal), status=429)
    return render(request, "components/revealed.html", {"id": element, "label": label, "value": value()})
