"""工资 pages: who can be paid in a month and why not, the runs, one run with its totals, and what becomes of a line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import wall
from accounts.access import OfficeRequest, needs
from accounts.models import Level
from ledgers.codes import choices
from ledgers.fields import day_field, words_field
from ledgers.models import BankAccount
from ledgers.once import new_token
from ledgers.views.saving import acted, form_page, saved, sent
from lib.bulk import among
from lib.money import yuan
from lib.month import Month
from posts import paying
from posts.models import PayRun, PostPay
from posts.models.posts import FUNDINGS
from posts.views.month import UnitFilter, asked_unit, frame, pages

MAKES = ("post.w", "post.a")
PAYS = MAKES
State, Line = PayRun.State, PostPay.State
TONES = {State.DRAFT: "warn", State.APPROVED: "info", State.PAID: "good", State.VOID: ""}
LINE_TONES = {Line.DUE: "warn", Line.PAID: "good", Line.BOUNCED: "bad", Line.VOID: ""}


class RunForm(forms.Form):
    funding = forms.ChoiceField(
        label="资金来源", required=False, choices=[("", "全部"), *choices(FUNDINGS)],
        help_text="只做一种资金来源的岗位时选择。",
    )  # fmt: skip


@needs("post.r")
@require_GET
def pay(request: OfficeRequest, month: Month) -> HttpResponse:
    """The runs of the month, and every holder of the unit with what is due or why nothing is."""
    unit = asked_unit(request)
    runs = (
        PayRun.objects.visible_to(request.user).under(unit).filter(month=month).select_related("unit__parent")
    )
    alive = ~Q(lines__state=Line.VOID)
    runs = runs.annotate(people=Count("lines", alive), total=Sum("lines__amount", filter=alive)).order_by(
        "-pk"
    )
    small = unit.level in (Level.VILLAGE, Level.TOWNSHIP)
    found = paying.reckon(paying.candidates(unit, month), month) if small else []
    payable = [one for one in found if not one.why and one.done is None]
    page, pager = pages(request, found)
    context = {
        **frame(request, month, unit, "posts:pay"),
        **pager,
        "form": UnitFilter(request, unit),
        "small": small,
        "runs": [
            {"run": one, "total": yuan(one.total or 0), "tone": TONES[State(one.state)]} for one in runs
        ],
        "rows": [_row(one) for one in page],
        "payable": len(payable),
        "payable_sum": yuan(sum(one.wage.amount for one in payable)),
        "may_make": bool(payable) and paying.may(request.user, unit, paying.PAYS),
        "run_form": RunForm(auto_id="run_%s"),
        "token": new_token(),
    }
    return render(request, "posts/pay.html", context)


def _row(one: paying.Reckoned) -> dict[str, Any]:
    done = one.done
    return {
        "one": one.appointment,
        "days": one.attendance.days if one.attendance else None,
        "amount": yuan((done.amount if done else one.wage.amount) if done or not one.why else None),
        "why": "" if done else one.why,
        "needs_account": done is None and one.why == paying.NO_ACCOUNT,
        "state": done.get_state_display() if done else "不能发放" if one.why else "可以发放",
        "tone": LINE_TONES[Line(done.state)] if done else "bad" if one.why else "info",
        "done": done,
    }


@needs(*MAKES)
@require_POST
def run_new(request: OfficeRequest, month: Month) -> HttpResponse:
    """编制工资表 for a township or village: everybody who may be paid and is not yet."""
    unit = asked_unit(request)
    form = RunForm(request.POST)

    def save() -> str:
        run = paying.draft_run(unit, month, request.user, funding=form.cleaned_data["funding"])
        messages.success(request, f"已编制{unit.name}{month.label}工资表，请另一位同事审批。")
        return reverse("posts:run", args=[run.pk])

    if done := saved(request, form, save):
        return done
    for problems in form.errors.values():
        messages.error(request, str(problems[0]))
    return redirect(f"{reverse('posts:pay', args=[month])}?unit={unit.code}")


# ── one run ──────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("post.r")
@require_GET
def run(request: OfficeRequest, pk: int) -> HttpResponse:
    """The lines with their totals, and what the reader may do next."""
    found = _run(request, pk)
    lines = found.lines.select_related("appointment__post__unit", "laborer")
    order = ("appointment__post__unit__sort_path", "appointment__post__number", "pk")
    page, pager = pages(request, lines.order_by(*order), size=100)
    standing = found.lines.exclude(state=Line.VOID)
    sums = standing.aggregate(
        people=Count("pk"), amount=Sum("amount"), deduction=Sum("deduction"), days=Sum("days")
    )
    user, unit = request.user, found.unit
    accounts = accounts_of(page)
    may_pay = paying.may(user, unit, paying.PAYS)
    context = {
        "page_title": f"{found.month.label}公益性岗位工资表",
        "breadcrumbs": [
            {"label": "公岗", "url": "/posts/"},
            {"label": f"{found.month.label}工资", "url": _month_page(found)},
            {"label": "工资表"},
        ],
        **pager,
        "run": found,
        "tone": TONES[State(found.state)],
        "facts": _facts(found),
        "rows": [
            {"pay": one, "account": accounts.get(one.account_id), "tone": LINE_TONES[Line(one.state)]} for one in page
        ],
        "sums": sums | {"amount": yuan(sums["amount"] or 0), "deduction": yuan(sums["deduction"] or 0)},
        "may_approve": found.state == State.DRAFT and user.can("post", "a", unit) and found.made_by_id != user.pk,
        "own": found.state == State.DRAFT and found.made_by_id == user.pk,
        "may_mark": found.state == State.APPROVED and may_pay,
        "may_void": found.state in (State.DRAFT, State.APPROVED) and may_pay,
        "may_pay": may_pay,
        "token": new_token(),
    }  # fmt: skip
    return render(request, "posts/run.html", context)


def accounts_of(lines: Iterable[PostPay]) -> dict[int, BankAccount]:
    """The accounts of lines that the user sees, also of holders registered in another unit."""
    with wall.opened("accounts on a list that the user may see"):
        return {
            one.pk: one for one in BankAccount.objects.filter(among("pk", [one.account_id for one in lines]))
        }


def _facts(found: PayRun) -> list[dict[str, str]]:
    def said(who: Any, at: Any) -> str:
        if not (who and at):
            return ""
        then = timezone.localtime(at)
        return f"{who.name}，{then.year}年{then.month}月{then.day}日 {then:%H:%M}"

    rows = [
        ("单位", found.unit.full_name), ("月份", found.month.label), ("资金来源", found.funding or "全部"),
        ("制表", said(found.made_by, found.made_at)), ("审批", said(found.approved_by, found.approved_at)),
        ("登记发放", said(found.paid_by, found.paid_at)), ("作废原因", found.reason),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in rows if value]


def _run(request: OfficeRequest, pk: int, *letters: str) -> PayRun:
    rows = PayRun.objects.visible_to(request.user).select_related(
        "unit__parent__parent", "made_by", "approved_by", "paid_by"
    )
    found = get_object_or_404(rows, pk=pk)
    if letters and not paying.may(request.user, found.unit, letters):
        raise Http404
    return found


def _month_page(found: PayRun) -> str:
    return f"{reverse('posts:pay', args=[found.month])}?unit={found.unit.code}"


def _page(found: PayRun) -> str:
    return reverse("posts:run", args=[found.pk])


@needs("post.a")
@require_POST
def run_approve(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _run(request, pk, "a")
    approve = partial(paying.approve_run, found, request.user)
    return acted(request, _page(found), approve, "已审批，发放后请登记凭证号。")


class PaidForm(forms.Form):
    voucher = forms.CharField(label="凭证号", max_length=40, help_text="银行回单或财务凭证的编号。")
    day = day_field("发放日期")


class ReasonForm(forms.Form):
    reason = words_field("原因", help_text="至少四个字。")


@needs(*PAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def run_pay(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _run(request, pk, *paying.PAYS)
    due = found.lines.filter(state=Line.DUE).aggregate(people=Count("pk"), amount=Sum("amount"))

    def save(said: dict[str, Any]) -> str:
        paying.mark_paid(found, said["voucher"], said["day"], request.user)
        messages.success(request, f"已登记发放{due['people']}人，{yuan(due['amount'])}元。")
        return _page(found)

    context = {
        "title": "登记发放", "subtitle": f"{found.unit.full_name} · {found.month.label}", "button": "登记发放",
        "note": f"登记后，这张表上的{due['people']}人、{yuan(due['amount'] or 0)}元记为已经发放，不能再作废。",
        "back": _page(found),
    }  # fmt: skip
    return form_page(request, PaidForm(sent(request), initial={"day": timezone.localdate()}), save, context)


@needs(*PAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def run_void(request: OfficeRequest, pk: int) -> HttpResponse:
    found = _run(request, pk, *paying.PAYS)

    def save(said: dict[str, Any]) -> str:
        paying.void_run(found, said["reason"], request.user)
        messages.success(request, "已作废工资表，这个月可以重新编制。")
        return _page(found)

    context = {
        "title": "作废工资表", "subtitle": f"{found.unit.full_name} · {found.month.label}", "button": "作废",
        "note": "作废后表上的人这个月可以重新编制工资。", "back": _page(found),
    }  # fmt: skip
    return form_page(request, ReasonForm(sent(request)), save, context)


# ── one line ─────────────────────────────────────────────────────────────────────────────────────────────────────

ACTS: dict[str, tuple[str, type[forms.Form]]] = {
    "bounce": ("登记退票", ReasonForm),
    "again": ("重发工资", PaidForm),
    "void": ("作废工资", ReasonForm),
}


@needs(*PAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def pay_act(request: OfficeRequest, pk: int, act: str) -> HttpResponse:
    """退票, 重发 or 作废 of one holder's pay."""
    rows = PostPay.objects.visible_to(request.user).select_related(
        "run", "laborer", "appointment__post__unit"
    )
    line = get_object_or_404(rows, pk=pk)
    found = _run(request, line.run_id, *paying.PAYS)
    if act not in ACTS:
        raise Http404
    title, form = ACTS[act]

    def save(said: dict[str, Any]) -> str:
        if act == "again":
            paying.pay_again(line, said["voucher"], said["day"], request.user)
        elif act == "bounce":
            paying.bounce(line, said["reason"], request.user)
        else:
            paying.void_pay(line, said["reason"], request.user)
        messages.success(request, f"{line.laborer.name}：{title}已登记。")
        return _page(found)

    context = {
        "title": title, "button": title, "back": _page(found),
        "subtitle": f"{line.laborer.name} · {line.month.label} · {line.amount_text}元",
    }  # fmt: skip
    return form_page(request, form(sent(request)), save, context)
