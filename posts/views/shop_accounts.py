"""对公账户 of a workshop: the one in use and those before it, masked; another is confirmed by a second person."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from ledgers.views.saving import acted, form_page, sent
from posts import shop_accounts
from posts.models import WorkshopAccount
from posts.views.workshops import crumbs, page_of, shop_of


class AccountForm(forms.Form):
    """As it stands on the 开户许可证."""

    holder = forms.CharField(label="户名", max_length=60, help_text="照开户许可证填写。")
    bank = forms.CharField(label="开户行", max_length=60)
    number = forms.CharField(
        label="账号", max_length=40, widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
    )


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_account(request: OfficeRequest, pk: int) -> HttpResponse:
    shop, user = shop_of(request, pk, "wa"), request.user
    form = AccountForm(sent(request), initial={"holder": shop.name})

    def save(said: dict[str, Any]) -> str:
        shop_accounts.ask(shop, said["holder"], said["bank"], said["number"], user)
        messages.success(request, "已登记，请另一位同事核对开户许可证后确认。")
        return page_of(shop)

    rows = list(shop.accounts.select_related("set_by", "confirmed_by").order_by("-pk")[:20])
    context = {
        "title": "对公账户", "subtitle": shop.name, "shop": shop, "accounts": rows, "back": page_of(shop),
        "waits": next((one for one in rows if not one.confirmed_at and not one.ended_at), None),
        "breadcrumbs": crumbs(shop, "对公账户"), "button": "登记账户",
    }  # fmt: skip
    return form_page(request, form, save, context, "posts/shop_account.html")


@needs("post.w", "post.a")
@require_POST
def workshop_account_confirm(request: OfficeRequest, pk: int) -> HttpResponse:
    rows = WorkshopAccount.objects.visible_to(request.user).select_related("workshop__unit")
    one = get_object_or_404(rows, pk=pk)
    shop = shop_of(request, one.workshop_id, "wa")
    confirm = partial(shop_accounts.confirm, one, request.user)
    return acted(request, page_of(shop), confirm, "已确认，以后的奖补发到这个账户。")
