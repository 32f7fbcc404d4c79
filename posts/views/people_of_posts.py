"""Who applies for a post and who holds it: a page each, with the clauses, and every step of the three by one view."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from ledgers.views.saving import form_page, sent
from lib.money import yuan
from posts.facts import clauses_for, clauses_of_holders
from posts.models import Appointment, Candidate, Post
from posts.rules import Clause
from posts.views.posts import seen
from posts.views.steps import (
    OF_APPOINTMENT,
    OF_CANDIDATE,
    OF_POST,
    Step,
    next_steps,
    wait_for_candidate,
    wait_for_exit,
)

OPEN_STEPS = ("post.p", "post.w", "post.a")


def _candidates(request: OfficeRequest):
    return Candidate.objects.visible_to(request.user).select_related(
        "recruitment__post__unit__parent",
        "laborer__household",
        "laborer__village",
        "entered_by",
        "recommended_by",
    )


def _appointments(request: OfficeRequest):
    return Appointment.objects.visible_to(request.user).select_related(
        "post__unit__parent", "laborer__household", "laborer__village", "candidate", "approved_by"
    )


def address(row: Model) -> str:
    name = {Post: "posts:post", Candidate: "posts:candidate", Appointment: "posts:appointment"}[type(row)]
    return reverse(name, args=[row.pk])


@needs("post.r")
@require_GET
def candidate(request: OfficeRequest, pk: int) -> HttpResponse:
    """One applicant: declaration, meeting, notice, and each clause as it stands (or stood when it was filed)."""
    one = get_object_or_404(_candidates(request), pk=pk)
    post = one.recruitment.post
    over = one.state in Candidate.OVER
    clauses = [Clause(**said) for said in one.checks] if over else clauses_for(one)
    context = {
        "page_title": one.laborer.name, "one": one, "post": post, "clauses": clauses, "over": over,
        "facts": _said(one), "may_open": one.laborer_id in seen(request.user, [one.laborer_id]),
        "waits": wait_for_candidate(one),
        "may_print": one.notice_from and not over and request.user.can("person", "r", post.unit),
        **_ways(request, OF_CANDIDATE, one, post),
    }  # fmt: skip
    return render(request, "posts/candidate.html", context)


def _said(one: Candidate) -> list[dict[str, str]]:
    notice = f"{_day(one.notice_from)}至{_day(one.notice_until)}" if one.notice_from else ""
    family = "，村干部近亲属" if one.cadre_family else ""
    rows = [
        ("报名", f"{_day(one.applied_on)}，{one.entered_by.name}登记"),
        ("本人声明", (one.cadre or "不是村干部") + family),
        ("村民代表会议", f"{_day(one.met_on)}，{one.meeting}" if one.met_on else ""),
        ("公示", notice), ("异议及处理", one.objections), ("情况说明", one.explained),
        ("乡镇意见", f"{one.opinion}（{one.recommended_by.name}）" if one.recommended_by else ""),
        ("终止原因", one.reason),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in rows if value]


def _day(day: Any) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@needs("post.r")
@require_GET
def appointment(request: OfficeRequest, pk: int) -> HttpResponse:
    """One holder: contract, insurance, exit, and each clause as it stands today."""
    one = get_object_or_404(_appointments(request), pk=pk)
    over = one.ended_on is not None
    context = {
        "page_title": one.laborer.name, "one": one, "post": one.post, "over": over, "facts": _held(one),
        "clauses": [] if over else clauses_of_holders([one])[one.pk],
        "contracts": one.contracts.select_related("signed_by").order_by("-from_on"),
        "may_open": one.laborer_id in seen(request.user, [one.laborer_id]),
        "waits": wait_for_exit(one),
        **_ways(request, OF_APPOINTMENT, one, one.post),
    }  # fmt: skip
    return render(request, "posts/appointment.html", context)


def _held(one: Appointment) -> list[dict[str, str]]:
    rows = [
        ("聘用日期", _day(one.started_on)), ("离岗日期", _day(one.ended_on)),
        ("备案", f"{one.approved_by.name}备案" if one.approved_by else ""),
        ("来源", f"导入批次{one.source}" if one.source else ""),
        ("补贴标准", f"{yuan(one.post.monthly_fen)}元/月" if one.post.monthly_fen else ""),
        ("意外险", f"到{_day(one.insured_until)}" if one.insured_until else "没有登记"),
        ("退岗情形", one.exit_ground),
        ("告知", f"{_day(one.exit_notified_on)}，{one.exit_note}" if one.exit_notified_on else ""),
        ("退岗决定", _day(one.exit_decided_on)), ("停发补贴", _day(one.stop_pay_on)),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in rows if value]


def _ways(request: OfficeRequest, steps: dict[str, Step], row: Any, post: Post) -> dict[str, Any]:
    ways = next_steps(steps, row, request.user, post.unit)
    return {
        "forward": [(name, step) for name, step in ways if not step.aside],
        "aside": [(name, step) for name, step in ways if step.aside],
        "breadcrumbs": [
            {"label": "公岗", "url": reverse("posts:list")},
            {"label": post.title, "url": reverse("posts:post", args=[post.pk])},
            {"label": row.laborer.name},
        ],
    }


@needs(*OPEN_STEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def post_step(request: OfficeRequest, pk: int, step: str) -> HttpResponse:
    rows = Post.objects.visible_to(request.user).select_related("unit")
    post = get_object_or_404(rows, pk=pk)
    return _step(request, OF_POST.get(step), post, post)


@needs(*OPEN_STEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def candidate_step(request: OfficeRequest, pk: int, step: str) -> HttpResponse:
    one = get_object_or_404(_candidates(request), pk=pk)
    return _step(request, OF_CANDIDATE.get(step), one, one.recruitment.post)


@needs(*OPEN_STEPS)
@require_http_methods(["GET", "HEAD", "POST"])
def appointment_step(request: OfficeRequest, pk: int, step: str) -> HttpResponse:
    one = get_object_or_404(_appointments(request), pk=pk)
    return _step(request, OF_APPOINTMENT.get(step), one, one.post)


def _step(request: OfficeRequest, step: Step | None, row: Any, post: Post) -> HttpResponse:
    """The form of one step; a step that is somebody else's, or that has no row to be about, is not there."""
    about = step.of(row) if step and step.open_to(request.user, post.unit) else None
    if step is None or about is None:
        raise Http404
    form = step.form(sent(request), row=about)

    def save(said: dict[str, Any]) -> str:
        done = step.do(about, said, request.user)
        messages.success(request, step.done)
        return address(done if type(done) in (Post, Candidate, Appointment) else row)

    who = row.laborer.name if row is not post else post.number
    context = {
        "title": f"{step.title}：{post.title}", "subtitle": f"{post.unit.full_name} · {who}", "button": step.title,
        "back": address(row), "note": step.note,
    }  # fmt: skip
    return form_page(request, form, save, context)
