"""通报: list, begin, preview, sign, reopen, download. Sentences are edited in reports.views.sentences."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from lib.documents import chinese_date, html
from lib.rates import thousands
from reports import reading
from reports.bulletins import actions, checks, formats, layout
from reports.bulletins.actions import Refused
from reports.bulletins.forms import NewForm, PublishForm, ReasonForm
from reports.bulletins.slots import text_of
from reports.figures import FIGURES, Count
from reports.models import Bulletin
from reports.views import address

State = Bulletin.State
TONES = {State.DRAFT: "info", State.SUBMITTED: "warn", State.PUBLISHED: "good", State.WITHDRAWN: ""}
DAMAGED = "保存的文件与印发时的校验码不一致，已停止下载；请联系管理员核对备份。"
DOWNLOADS = (("docx", "Word"), ("pdf", "PDF"), ("xlsx", "Excel"), ("json", "数据"))


def readable(request: OfficeRequest, pk: uuid.UUID) -> Bulletin:
    people = ("unit", "created_by", "submitted_by", "published_by", "reopen_asked_by", "reopened_by")
    return get_object_or_404(Bulletin.objects.visible_to(request.user).select_related(*people), pk=pk)


def writable(request: OfficeRequest, pk: uuid.UUID, letter: str = "w") -> Bulletin:
    return get_object_or_404(
        Bulletin.objects.visible_to(request.user, letter).select_related("unit", "submitted_by"), pk=pk
    )


# ── list and begin ───────────────────────────────────────────────────────────────────────────────────────────────


@needs("bulletin.r")
@require_GET
def bulletins(request: OfficeRequest) -> HttpResponse:
    """All bulletins in reach, newest month first, each with what to do next; and the month still to be written."""
    found = Bulletin.objects.visible_to(request.user).defer("snapshot", "sentences")
    rows = list(
        found.select_related("unit", "submitted_by", "published_by").order_by(
            "-month", "unit__sort_path", "-version"
        )[:200]
    )
    context = {
        "page_title": "通报",
        "rows": [
            {"bulletin": row, "tone": TONES[State(row.state)], "next": _next(row, request.user)}
            for row in rows
        ],
        "may_write": request.user.can("bulletin", "w"),
        "to_write": _to_write(request.user, rows),
    }
    return render(request, "reports/bulletins/list.html", context)


def _next(bulletin: Bulletin, user: User) -> str:
    """What the reader can do with it, in two characters or four."""
    if not user.can("bulletin", "w", bulletin.unit):
        return "阅读"
    if bulletin.state == State.SUBMITTED:
        return "等他人签发" if bulletin.submitted_by_id == user.pk else "去签发"
    if bulletin.state == State.PUBLISHED and bulletin.reopen_asked_by_id:
        return "重开待同意"
    return {State.DRAFT: "继续起草"}.get(State(bulletin.state), "查看")


def _to_write(user: User, rows: list[Bulletin]) -> dict[str, Any] | None:
    top = (
        Unit.objects.visible_to(user, "bulletin", "w")
        .filter(level__in=("city", "county"))
        .order_by("path")
        .first()
    )
    if top is None:
        return None
    month = reading.latest_month(top)
    if any(row.unit_id == top.pk and row.month == month for row in rows):
        return None
    return {"unit": top, "month": month, "url": address("reports:bulletin_new", unit=top.pk, month=month)}


@needs("bulletin.w")
@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_new(request: OfficeRequest) -> HttpResponse:
    form = NewForm(request.POST or None, user=request.user, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = actions.draft(asked["unit"], asked["month"], request.user, asked["issuer"])
        except Refused as error:
            there = actions.living(asked["unit"], asked["month"])
            if there:
                messages.info(request, str(error))
                return redirect("reports:bulletin", there.pk)
            form.add_error(None, str(error))
        else:
            messages.success(request, "已按现在的台账生成通报，请核对正文。")
            return redirect("reports:bulletin", made.pk)
    return render(
        request,
        "reports/bulletins/new.html",
        {"page_title": "起草通报", "form": form, "breadcrumbs": _crumbs("起草通报")},
        status=422 if form.errors else 200,
    )


def _crumbs(*labels: str, bulletin: Bulletin | None = None) -> list[dict[str, str]]:
    items = [{"label": "通报", "url": address("reports:bulletins")}]
    if bulletin and labels:
        items.append({"label": bulletin.month.label, "url": address("reports:bulletin", bulletin.pk)})
    elif bulletin:
        items.append({"label": bulletin.month.label})
    return items + [{"label": label} for label in labels]


# ── one bulletin ─────────────────────────────────────────────────────────────────────────────────────────────────


@needs("bulletin.r")
@require_GET
def bulletin(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    """The paper with clickable numbers; beside it what was checked, who did what, and the next step."""
    found = readable(request, pk)
    unpublished = found.state not in Bulletin.OUT
    results = checks.run(found) if unpublished else []
    context = {
        "page_title": found.title,
        "bulletin": found,
        "tone": TONES[State(found.state)],
        "paper": paper(found, request.user),
        "checks": results,
        "problems": sum(len(check.problems) for check in results),
        "may_refresh": any(problem.refresh for check in results for problem in check.problems),
        "may": _rights(found, request.user),
        "life": _life(found),
        "downloads": [
            {"label": label, "url": address("reports:bulletin_file", found.pk, form)}
            for form, label in DOWNLOADS
            if _readable_renders(results)
        ],
        "versions": _versions(found, request.user),
        "breadcrumbs": _crumbs(bulletin=found),
    }
    return render(request, "reports/bulletins/bulletin.html", context)


def _readable_renders(results: list[checks.Check]) -> bool:
    return all(check.passed for check in results[: checks.RENDERABLE])


def paper(found: Bulletin, user: User) -> str:
    """The document as HTML; what cannot be printed is explained by the checks beside it."""
    try:
        return mark_safe(html.render(layout.document(found), _links(found, user)))  # noqa: S308 - escaped there
    except LookupError:
        return ""


def _links(found: Bulletin, user: User) -> Callable[[str], str | None]:
    """marker → the rows behind it, for units whose rows the reader may see."""
    slots = found.snapshot["slots"]
    near = set(
        Unit.objects.visible_to(user, "figures")
        .filter(code__in=found.snapshot["units"])
        .values_list("code", flat=True)
    )

    def link(marker: str) -> str | None:
        key, _, form = marker.partition("|")
        slot = slots[key]
        figure = FIGURES.get(slot["figure"])
        if slot["unit"] not in near or "base" in slot or figure is None or figure.numerator is None:
            return None
        part = "denominator" if form == "den" and isinstance(figure.denominator, Count) else ""
        return address("reports:rows", figure.id, slot["unit"], found.month, part=part) or None

    return link


def _rights(found: Bulletin, user: User) -> dict[str, bool]:
    """Which buttons this reader gets."""
    write, sign = (user.can("bulletin", letter, found.unit) for letter in "wa")
    draft, submitted, out = (found.state == s for s in (State.DRAFT, State.SUBMITTED, State.PUBLISHED))
    asked = found.reopen_asked_by_id
    return {
        "edit": write and draft,
        "submit": write and draft,
        "send_back": write and submitted,
        "publish": sign and submitted and found.submitted_by_id != user.pk,
        "ask_reopen": write and out and not asked,
        "reopen": bool(sign and out and asked and asked != user.pk),
    }


def _life(found: Bulletin) -> list[dict[str, str]]:
    """Who did what, oldest first."""

    def at(moment) -> str:
        local = timezone.localtime(moment)
        return f"{chinese_date(local.date())} {local:%H:%M}"

    rows = [{"label": "起草", "value": found.created_by.name, "note": at(found.created_at)}]
    if found.submitted_by:
        rows.append({"label": "送审", "value": found.submitted_by.name, "note": ""})
    if found.published_by and found.published_at:
        rows.append({"label": "签发", "value": found.published_by.name, "note": at(found.published_at)})
    if found.reopen_asked_by:
        rows.append({"label": "申请重开", "value": found.reopen_asked_by.name, "note": found.reopen_reason})
    if found.reopened_by and found.reopened_at:
        rows.append({"label": "同意重开", "value": found.reopened_by.name, "note": at(found.reopened_at)})
    return rows


def _versions(found: Bulletin, user: User) -> list[Bulletin]:
    same = Bulletin.objects.visible_to(user).filter(
        unit=found.unit, month=found.month, template=found.template
    )
    rows = list(same.defer("snapshot", "sentences").order_by("version"))
    return rows if len(rows) > 1 else []


@needs("bulletin.r")
@require_GET
def bulletin_file(request: OfficeRequest, pk: uuid.UUID, fmt: str) -> HttpResponse:
    """One format: the kept file of what went out, else made from the stored snapshot."""
    found = readable(request, pk)
    if fmt not in formats.CONTENT_TYPES:
        raise Http404
    try:
        data = formats.content(found, fmt)
    except LookupError:
        messages.error(request, "正文有数据项没有取到数字，暂不能下载；请先刷新数据。")
        return redirect("reports:bulletin", found.pk)
    except formats.Damaged:
        messages.error(request, DAMAGED)
        return redirect("reports:bulletin", found.pk)
    response = HttpResponse(data, content_type=formats.CONTENT_TYPES[fmt])
    response["Content-Disposition"] = content_disposition_header(True, formats.file_name(found, fmt))
    return response


@needs("bulletin.r")
@require_GET
def bulletin_versions(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    """Figures that differ between this version and the one before it."""
    found = readable(request, pk)
    before = (
        Bulletin.objects.visible_to(request.user)
        .filter(unit=found.unit, month=found.month, template=found.template, version=found.version - 1)
        .first()
    )
    if before is None:
        raise Http404
    context = {
        "page_title": f"{found.month.label}通报：第{before.version}版与第{found.version}版",
        "bulletin": found,
        "before": before,
        "rows": _changes(before, found),
        "breadcrumbs": _crumbs("版本比较", bulletin=found),
    }
    return render(request, "reports/bulletins/versions.html", context)


def _changes(before: Bulletin, after: Bulletin) -> list[dict[str, str]]:
    old, new = before.snapshot["slots"], after.snapshot["slots"]
    rows = []
    for key in sorted(old.keys() | new.keys()):
        slot = new.get(key) or old[key]
        texts = [text_of(slots, key) if key in slots else "无" for slots in (old, new)]
        if texts[0] != texts[1]:
            name = "·".join(filter(None, (slot["name"], slot.get("base", ""))))
            rows.append({"unit": slot["unit_name"], "name": name, "old": texts[0], "new": texts[1]})
    return rows


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _step(request: OfficeRequest, found: Bulletin, act: Callable[[], Any], done: str) -> HttpResponse | None:
    """Take a step and go to the bulletin; None with the reasons noted when it was refused."""
    try:
        act()
    except NotAllowed as error:
        for text in [str(error), *getattr(error, "problems", ())]:
            messages.error(request, text)
        return None
    messages.success(request, done)
    return redirect("reports:bulletin", found.pk)


@needs("bulletin.w")
@require_POST
def bulletin_refresh(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    found = writable(request, pk)
    try:
        lost = actions.refresh(found, request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已按现在的台账刷新全部数据。")
        if lost:
            messages.warning(request, f"有 {len(lost)} 句改过的话因数据项变化恢复为新生成的文字，请核对。")
    return redirect("reports:bulletin", found.pk)


@needs("bulletin.w")
@require_POST
def bulletin_return(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    found = writable(request, pk)
    _step(request, found, lambda: actions.send_back(found, request.user), "已退回起草，可以继续修改。")
    return redirect("reports:bulletin", found.pk)


@needs("bulletin.w")
@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_submit(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    found = writable(request, pk)
    if request.method == "POST":
        done = _step(
            request, found, lambda: actions.submit(found, request.user), "已送审，请另一位同事签发。"
        )
        return done or redirect("reports:bulletin_submit", found.pk)
    if found.state != State.DRAFT:
        return redirect("reports:bulletin", found.pk)
    context = _confirm(found, "送审") | {"action": reverse("reports:bulletin_submit", args=[found.pk])}
    return render(request, "reports/bulletins/submit.html", context)


@needs("bulletin.a")
@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_publish(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    found = writable(request, pk, "a")
    if found.state != State.SUBMITTED:
        if request.method == "POST":
            messages.info(request, f"这份通报现在是“{found.get_state_display()}”。")
        return redirect("reports:bulletin", found.pk)
    initial = {"number": actions.suggested_number(found), "issued_on": timezone.localdate()}
    form = PublishForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data

        def act() -> None:
            actions.publish(found, request.user, asked["number"], asked["issued_on"])

        if done := _step(request, found, act, "通报已签发，现在是“已印发”，内容不再变化。"):
            return done
        return redirect("reports:bulletin_publish", found.pk)
    own = found.submitted_by_id == request.user.pk
    context = _confirm(found, "签发") | {"form": form, "own": own}
    return render(request, "reports/bulletins/publish.html", context, status=422 if form.errors else 200)


def _confirm(found: Bulletin, step: str) -> dict[str, Any]:
    """What the step concerns, in numbers, and whether anything stands against it."""
    results = checks.run(found, files=True)
    slots, unit = found.snapshot["slots"], found.snapshot["unit"]
    printed = (
        sum(1 for _ in layout.documents.slots(layout.document(found))) if _readable_renders(results) else 0
    )
    facts = [
        {"label": "外出务工人数", "value": thousands(slots[f"I01:{unit}"]["numerator"]), "unit": "人"},
        {"label": "印出的数据项", "value": printed, "unit": "个"},
        {"label": "检查项目", "value": len(results), "unit": "项"},
        {"label": "发给", "value": len(found.snapshot["children"]), "unit": "个单位"},
    ]
    return {
        "page_title": f"{step}：{found.title}",
        "bulletin": found,
        "facts": facts,
        "checks": results,
        "problems": [problem for check in results for problem in check.problems],
        "breadcrumbs": _crumbs(step, bulletin=found),
        "cancel_url": address("reports:bulletin", found.pk),
    }


@needs("bulletin.w")
@require_http_methods(["GET", "HEAD", "POST"])
def bulletin_reopen(request: OfficeRequest, pk: uuid.UUID) -> HttpResponse:
    """First person: the reason. Second person: the consequences, then the new version."""
    found = writable(request, pk)
    if found.state != State.PUBLISHED:
        return redirect("reports:bulletin", found.pk)
    asked = found.reopen_asked_by_id
    form = ReasonForm(request.POST or None) if not asked else None
    if request.method == "POST":
        if form is None:
            return _agree(request, found)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            done = _step(
                request,
                found,
                lambda: actions.ask_reopen(found, request.user, reason),
                "已提出重开申请，请另一位同事同意。",
            )
            if done:
                return done
    context = {
        "page_title": f"重开：{found.title}",
        "bulletin": found,
        "form": form,
        "own": asked == request.user.pk,
        "facts": [
            {"label": "现在的版本", "value": found.version, "unit": ""},
            {"label": "重开后起草", "value": found.version + 1, "unit": "版"},
            {"label": "已发给", "value": len(found.snapshot["children"]), "unit": "个单位"},
        ],
        "breadcrumbs": _crumbs("重开", bulletin=found),
        "cancel_url": address("reports:bulletin", found.pk),
        "action": reverse("reports:bulletin_reopen", args=[found.pk]),
    }
    return render(
        request, "reports/bulletins/reopen.html", context, status=422 if form and form.errors else 200
    )


def _agree(request: OfficeRequest, found: Bulletin) -> HttpResponse:
    try:
        fresh = actions.reopen(found, request.user)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("reports:bulletin", found.pk)
    messages.success(request, f"第{found.version}版已收回存档，第{fresh.version}版已按现在的台账起草。")
    return redirect("reports:bulletin", fresh.pk)
