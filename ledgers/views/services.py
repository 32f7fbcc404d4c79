"""登记服务: one small form about one person; its evidence; taking a record back."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from jobs import papers
from jobs.views.stored import answer
from ledgers import codes, serving
from ledgers.clocks.reading import counted
from ledgers.fields import day_field, paper_field
from ledgers.models import Laborer, Service
from ledgers.views.saving import acted, form_page, sent, sent_files

SHOWN = 20


class ServiceForm(forms.Form):
    """What was done, when, by whom, and what proves it."""

    kind = forms.ChoiceField(
        label="服务项目", choices=codes.choices(codes.SERVICE_KINDS), widget=forms.RadioSelect
    )
    employer = forms.CharField(label="推介单位", max_length=100, required=False, help_text="单位名称，必填。")
    post = forms.CharField(label="推介岗位", max_length=60, required=False)
    outcome = forms.ChoiceField(
        label="本人意见", required=False, choices=[("", "未问"), *codes.choices(codes.OUTCOMES)],
        help_text="推介岗位的必填。",
    )  # fmt: skip
    on = day_field("服务日期")
    done_by = forms.CharField(label="服务人员", max_length=50)
    evidence = forms.CharField(
        label="佐证说明", max_length=500, required=False, widget=forms.Textarea({"rows": 2}),
        help_text="如“电话推介，通话3分钟”“签到表第5行”；有照片或文件的可以不写。",
    )  # fmt: skip
    file = paper_field("佐证材料", required=False, help_text="照片或PDF，不超过8MB。")


@needs("service.w")
@require_http_methods(["GET", "HEAD", "POST"])
def service_new(request: OfficeRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(
        Laborer.objects.visible_to(request.user).select_related("village__parent__parent"), pk=pk
    )
    if not request.user.can("service", "w", person.village):
        raise Http404
    page = reverse("ledgers:laborer", args=[person.pk])
    first = {"on": timezone.localdate(), "done_by": request.user.name, "kind": request.GET.get("kind")}
    form = ServiceForm(sent(request), sent_files(request), initial=first)

    def save(said: dict[str, Any]) -> str:
        data = papers.read(said.pop("file", None), "佐证材料")
        kind, on, done_by = said.pop("kind"), said.pop("on"), said.pop("done_by")
        made = serving.serve(person, kind, on, done_by, request.user, data=data, **said)
        messages.success(request, f"已登记{made.kind}。")
        return f"{page}#services"

    context = {"page_title": f"登记服务：{person.name}", "person": person, "back": page}
    return form_page(request, form, save, context, "ledgers/service_new.html")


def services_of(request: OfficeRequest, person: Laborer) -> dict[str, Any]:
    """What the person page shows of services: the newest, the counts of this year, and what may be done."""
    if not request.user.can("service", "r", person.village):
        return {}
    found = list(person.services.select_related("by", "file").order_by("-on", "-pk")[:SHOWN])
    above = request.user.can("service", "a", person.village)
    may_write = request.user.can("service", "w", person.village)
    return {
        "services": found,
        "services_counted": counted(found, timezone.localdate().year),
        "may_serve": may_write,
        "may_undo": {one.pk for one in found if may_write and (above or one.by_id == request.user.pk)},
    }


def _service(request: OfficeRequest, pk: int, letter: str) -> Service:
    rows = Service.objects.visible_to(request.user, letter).select_related("laborer__village", "file")
    return get_object_or_404(rows, pk=pk)


@needs("service.w")
@require_POST
def service_undo(request: OfficeRequest, pk: int) -> HttpResponse:
    service = _service(request, pk, "w")
    page = f"{reverse('ledgers:laborer', args=[service.laborer_id])}#services"
    undo = partial(serving.take_back, service, request.user)
    return acted(request, page, undo, f"已撤销{service.kind}的登记。")


@needs("service.r")
@require_GET
def service_file(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    """The evidence of one service, to whoever may see the service."""
    return answer(_service(request, pk, "r").file)
