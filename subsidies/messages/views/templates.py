"""Templates of messages: the list, one with its versions, writing, the live preview, switching off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from ledgers.once import new_token
from ledgers.views.saving import saved, sent
from subsidies.messages import actions
from subsidies.messages.examples import EXAMPLES
from subsidies.messages.forms import TemplateForm
from subsidies.messages.texts import EXAMPLE, NAME, SMS, VILLAGE, Words, measure, problems
from subsidies.messages.texts import render as rendered
from subsidies.models import MessageTemplate

HOME = {"label": "政策宣传", "url": "/publicity/"}
TOO_LATE = "这个模板刚被别人改过，您的内容没有保存。请复制您的文字，重新打开页面再改。"


def tabs(request: OfficeRequest, active: str) -> list[dict[str, Any]]:
    """The pages of the area that this user has; who only passes texts on needs no templates."""
    pages = [("publicity:list", "模板"), ("publicity:mailings", "短信批次"), ("publicity:texts", "微信转发")]
    writes = request.user.can("message", "w") or not request.user.can("message", "p")
    return [
        {"label": label, "url": reverse(name), "active": name == active}
        for name, label in pages[0 if writes else 1 :]
    ]


@needs("message.r")
@require_GET
def templates(request: OfficeRequest) -> HttpResponse:
    """The newest versions: those of one's own line and of the units above."""
    user = request.user
    if user.can("message", "p") and not user.can("message", "w"):
        return redirect("publicity:texts")
    rows = (
        MessageTemplate.objects.visible_to(user)
        .newest()
        .select_related("unit")
        .annotate(uses=Count("mailings", distinct=True))
        .order_by("-is_on", "scheme", "-written_at", "-pk")[:200]
    )
    context = {"tabs": tabs(request, "publicity:list"), "rows": rows, "may_write": user.can("message", "w")}
    return render(request, "subsidies/messages/list.html", context)


@needs("message.r")
@require_GET
def template(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _template(request, pk)
    versions = MessageTemplate.objects.visible_to(request.user).filter(series=one.series)
    may_write = request.user.can("message", "w", one.unit) and not one.replaced_at
    context = {
        "breadcrumbs": [HOME, {"label": one.title}],
        "template": one,
        "preview": shown(one.words),
        "versions": versions.select_related("written_by").order_by("-version"),
        "may_write": may_write,
        "may_send": request.user.can("message", "w") and one.is_sms and one.is_on and not one.replaced_at,
    }
    return render(request, "subsidies/messages/template.html", context)


def _template(request: OfficeRequest, pk: int, letter: str = "r") -> MessageTemplate:
    found = MessageTemplate.objects.visible_to(request.user, letter).select_related("unit")
    return get_object_or_404(found, pk=pk)


def shown(words: Words) -> dict[str, Any]:
    """The text as the example person gets it, what it costs, and what is wrong with it."""
    return {
        "text": rendered(words, EXAMPLE[NAME], EXAMPLE[VILLAGE]),
        "measure": measure(words),
        "problems": problems(words),
    }


@needs("message.w")
@require_POST
def preview(request: OfficeRequest) -> HttpResponse:
    """The text while it is typed; nothing is saved."""
    form = TemplateForm(request.POST)
    form.is_valid()
    return render(request, "subsidies/messages/preview.html", {"preview": shown(form.words)})


@needs("message.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: OfficeRequest) -> HttpResponse:
    """An empty form, or one that begins with one of our examples."""
    example = EXAMPLES.get(request.GET.get("example", ""))
    return _form(request, None, dict(example or {"kind": SMS, "scheme": "B01"}))


@needs("message.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _template(request, pk, "w")
    if one.replaced_at:
        messages.info(request, "这是旧版本，请修改最新的版本。")
        return redirect("publicity:template", one.pk)
    values = vars(one.words) | {"title": one.title, "seen": one.written_at.isoformat()}
    return _form(request, one, values)


def _form(request: OfficeRequest, one: MessageTemplate | None, values: dict[str, Any]) -> HttpResponse:
    form = TemplateForm(sent(request), initial=values | {"form_token": new_token()})
    try:
        if done := saved(request, form, lambda: _save(request, one, form)):
            return done
    except actions.Conflict:
        form.add_error(None, TOO_LATE)
    begun = Words(values["kind"], values["scheme"], values.get("text", ""))
    words = form.words if form.is_bound else (one.words if one else begun)
    title = f"修改“{one.title}”" if one else "新建宣传模板"
    context = {
        "breadcrumbs": [HOME, {"label": title}],
        "title": title,
        "examples": [] if one or form.is_bound else list(EXAMPLES),
        "form": form,
        "preview": shown(words) if words.text else None,
        "back": reverse("publicity:template", args=[one.pk]) if one else reverse("publicity:list"),
    }
    return render(
        request, "subsidies/messages/template_form.html", context, status=422 if form.errors else 200
    )


def _save(request: OfficeRequest, one: MessageTemplate | None, form: TemplateForm) -> str:
    try:
        seen = parse_datetime(form.cleaned_data["seen"])
    except ValueError:  # a moment that no clock shows
        seen = None
    unit = one.unit if one else request.user.own_unit
    made = actions.write_template(unit, form.cleaned_data["title"], form.words, request.user, one, seen)
    told = f"已保存为第{made.version}版，已发出的内容不变。" if one and made.pk != one.pk else "已保存。"
    messages.success(request, told)
    return reverse("publicity:template", args=[made.pk])


@needs("message.w")
@require_POST
def template_switch(request: OfficeRequest, pk: int) -> HttpResponse:
    one = _template(request, pk, "w")
    on = request.POST.get("on") == "1"
    actions.switch_template(one, on, request.user)
    messages.success(request, "已启用。" if on else "已停用，不再用于发送和转发。")
    return redirect("publicity:template", one.pk)
