"""Asking for a registered export from any page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Unit
from jobs.exports import start_export
from lib.staging import EXPORTS

LISTS = ("units", "users")  # exports without a month, of pages whose room may not start a job itself


@require_POST
@needs("accounts.r")
def export(request: OfficeRequest, name: str) -> HttpResponse:
    """POST unit: the list waits under 我的任务."""
    if name not in LISTS:
        raise Http404
    reach = Unit.objects.visible_to(request.user, *EXPORTS[name].right)
    unit = get_object_or_404(reach, code=request.POST.get("unit", ""))
    try:
        return redirect("jobs:job", start_export(name, request.user, unit, None).pk)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("jobs:mine")
