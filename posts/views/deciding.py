"""Decisions about a workshop: 认定, 复核, 撤销 by a second officer, 暂停, 恢复, 停办."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from ledgers.codes import choices
from ledgers.fields import day_field, words_field
from ledgers.views.saving import acted, form_page, sent
from posts import recognising
from posts.models import WorkshopReview
from posts.models.workshops import RESULTS, TO_REVOKE
from posts.views.workshops import crumbs, page_of, shop_of
from posts.workshop_rules import all_met
from posts.workshops import clauses_of


class DecisionForm(forms.Form):
    """认定 with its number, or 不予认定 with its reason."""

    answer = forms.ChoiceField(
        label="审核意见", choices=[("yes", "予以认定"), ("no", "不予认定")], widget=forms.RadioSelect
    )
    number = forms.CharField(label="认定文号", max_length=40, required=False, help_text="予以认定的必填。")
    on = day_field("认定日期", required=False)
    reason = words_field("不予认定的原因", required=False, help_text="申报的乡镇会看到，至少四个字。")


@needs("post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_decide(request: OfficeRequest, pk: int) -> HttpResponse:
    """The conditions clause by clause above the decision."""
    shop, today = shop_of(request, pk, "a"), timezone.localdate()
    clauses = clauses_of(shop, today)
    form = DecisionForm(sent(request), initial={"on": today, "answer": "yes" if all_met(clauses) else ""})

    def save(said: dict[str, Any]) -> str:
        if said["answer"] == "yes":
            done = recognising.recognise(shop, said["on"] or today, said["number"], request.user)
            messages.success(request, f"已认定{done.name}，有效期至{done.valid_until}。")
        else:
            recognising.refuse(shop, said["reason"], request.user)
            messages.success(request, f"已决定不予认定{shop.name}。")
        return page_of(shop)

    context = {
        "title": "认定车间", "subtitle": f"{shop.name} · {shop.unit.full_name}", "button": "提交", "clauses": clauses,
        "back": page_of(shop), "breadcrumbs": crumbs(shop, "认定"),
    }  # fmt: skip
    return form_page(request, form, save, context, "posts/workshop_decide.html")


def yes_no(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("1", "是"), ("0", "否")],
        widget=forms.RadioSelect,
        coerce=lambda text: text == "1",
    )


class ReviewForm(forms.Form):
    on = day_field("复核日期")
    operating = yes_no("正常生产")
    wage_paid = yes_no("按时发放工资")
    insured = yes_no("购买意外险或社会保险")
    result = forms.ChoiceField(
        label="复核结果", choices=choices(RESULTS), widget=forms.RadioSelect,
        help_text="撤销的，由县里另一名经办人员确认后才生效。",
    )  # fmt: skip
    note = words_field("说明", required=False, help_text="整改或撤销的必填。")


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_review(request: OfficeRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, "wa")
    form = ReviewForm(sent(request), initial={"on": timezone.localdate()})

    def save(said: dict[str, Any]) -> str:
        answers = {key: said[key] for key in ("operating", "wage_paid", "insured")}
        made = recognising.review(shop, said["on"], answers, said["result"], said["note"], request.user)
        messages.success(
            request, f"已登记复核：{made.result}，在岗{made.people}人，其中计入带动就业{made.counted}人。"
        )
        return page_of(shop)

    context = {
        "title": "复核车间", "subtitle": shop.name, "back": page_of(shop), "breadcrumbs": crumbs(shop, "复核"),
        "note": "在岗人数按登记的人员计算，不用填写；人员有变动的，先登记入职和离职。",
    }  # fmt: skip
    return form_page(request, form, save, context)


@needs("post.a")
@require_POST
def workshop_revoke(request: OfficeRequest, pk: int) -> HttpResponse:
    """The second officer confirms a review that asks for revocation."""
    rows = WorkshopReview.objects.visible_to(request.user, "a").filter(result=TO_REVOKE)
    asked = get_object_or_404(rows.select_related("workshop__unit"), pk=pk)
    revoke = partial(recognising.revoke, asked, request.user)
    return acted(request, page_of(asked.workshop), revoke, "已撤销认定。")


@needs("post.a")
@require_POST
def workshop_resume(request: OfficeRequest, pk: int) -> HttpResponse:
    shop = shop_of(request, pk, "a")
    return acted(request, page_of(shop), partial(recognising.resume, shop, request.user), "已恢复。")


class EndForm(forms.Form):
    on = day_field("日期")
    reason = words_field("原因", help_text="至少四个字，车间页会显示。")


ENDS = {
    "suspend": (
        "暂停车间",
        "a",
        recognising.suspend,
        "暂停期间不计入车间个数和带动就业人数，恢复后重新计入。",
    ),
    "close": ("登记停办", "wa", recognising.close, "停办后不能恢复；还在岗的人按停办日期登记离职。"),
}


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_end(request: OfficeRequest, pk: int, how: str) -> HttpResponse:
    """暂停 or 停办, with day and reason."""
    if how not in ENDS:
        raise Http404
    title, letters, act, note = ENDS[how]
    shop = shop_of(request, pk, letters)
    form = EndForm(sent(request), initial={"on": timezone.localdate()})

    def save(said: dict[str, Any]) -> str:
        act(shop, said["on"], said["reason"], request.user)
        messages.success(request, "已登记。")
        return page_of(shop)

    context = {
        "title": title, "subtitle": shop.name, "button": title, "note": note, "back": page_of(shop),
        "breadcrumbs": crumbs(shop, title),
    }  # fmt: skip
    return form_page(request, form, save, context)
