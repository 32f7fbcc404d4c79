"""Places people go to work in: the levels of the picker, and a search."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, signed_in
from accounts.regions import children, search


@signed_in
@require_GET
def regions(request: OfficeRequest) -> HttpResponse:
    """`?parent=` gives the places below (provinces when empty), `?q=` the places found; options for htmx, else JSON."""
    text = request.GET.get("q", "").strip()[:20]
    found = search(text) if text else _below(request)
    if request.htmx:
        return render(request, "accounts/region_options.html", {"regions": found})
    return JsonResponse({"regions": found}, json_dumps_params={"ensure_ascii": False})


def _below(request: OfficeRequest) -> list[dict[str, str]]:
    """Below `?parent=`; a select of a form sends its own name instead, and below nothing chosen there is nothing."""
    for name in ("province", "city"):
        if name in request.GET:
            return children(request.GET[name][:12]) if request.GET[name] else []
    return children(request.GET.get("parent", "")[:12])
