"""Accounts within reach: the list, a new one, and the page of one user with everything that can be done to it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.access import OfficeRequest, needs
from accounts.authority import (
    NotAllowed,
    first_password,
    may_grant,
    may_manage,
    roles_to_hand_out,
    visible_units,
    visible_users,
)
from accounts.forms import STATES, NewUserForm, PostingForm, UserFilter
from accounts.models import Posting, Unit, User
from accounts.roles import SERVES_AT, Role
from accounts.security import confirmed_device, may_have_second_factor
from accounts.views.tabs import tabs

PAGE = 50


@needs("accounts.r", "accounts.p")
@require_GET
def users(request: OfficeRequest) -> HttpResponse:
    form = UserFilter(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = _filtered(visible_users(request.user), request.user, chosen).order_by("username")
    total = found.count()
    if after := request.GET.get("after", ""):
        found = found.filter(username__gt=after)
    rows = list(found.prefetch_related(_current_postings(request.user))[: PAGE + 1])
    more = len(rows) > PAGE
    query = {key: value for key, value in chosen.items() if value}
    unit = visible_units(request.user).filter(code=chosen.get("unit") or "").first()
    export_unit = unit or request.user.own_unit
    context = {
        "tabs": tabs(request, "accounts:users"),
        "form": form,
        "rows": rows[:PAGE],
        "shown": f"共 {total:,} 个用户",
        "first_url": f"?{urlencode(query)}" if after else "",
        "next_url": f"?{urlencode(query | {'after': rows[PAGE - 1].username})}" if more else "",
        "chosen": _chips(chosen, query),
        "may_write": request.user.can("accounts", "w"),
        "unit": unit,
        "export_unit": export_unit.code if request.user.can("accounts", "r", export_unit) else "",
    }
    return render(request, "accounts/users.html", context)


def _postings(by: User):
    """Postings in reach: where someone who left serves today is no business of the office left behind."""
    return Posting.objects.filter(unit__in=visible_units(by).order_by().values("pk"))


def _current_postings(by: User) -> Prefetch:
    current = _postings(by).current().select_related("unit__parent__parent").order_by("unit__sort_path")
    return Prefetch("postings", queryset=current, to_attr="_current_postings")


def _filtered(found, by: User, chosen: dict):
    """Narrow the list; a unit out of reach matches nobody."""
    if text := chosen.get("q"):
        found = found.filter(Q(username__icontains=text) | Q(name__icontains=text))
    if role := chosen.get("role"):
        found = found.filter(pk__in=_postings(by).current().filter(role=role).values("user"))
    if code := chosen.get("unit"):
        unit = visible_units(by).filter(code=code).first()
        inside = (
            Posting.objects.current().filter(unit__path__startswith=unit.path)
            if unit
            else Posting.objects.none()
        )
        found = found.filter(pk__in=inside.values("user"))
    match chosen.get("state"):
        case "active":
            found = found.filter(is_active=True)
        case "disabled":
            found = found.filter(is_active=False)
        case "first":
            found = found.filter(must_change_password=True, is_active=True)
        case "none":
            found = found.exclude(pk__in=_postings(by).current().values("user"))
    return found


def _chips(chosen: dict, query: dict) -> list[dict]:
    labels = {"role": dict(Role.choices), "state": dict(STATES)}
    return [
        {
            "label": labels.get(key, {}).get(value, value),
            "url": "?" + urlencode({other: text for other, text in query.items() if other != key}),
        }
        for key, value in chosen.items()
        if value
    ]


@needs("accounts.w")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: OfficeRequest) -> HttpResponse:
    """A new account in the unit named by ?unit=; the first password is shown once, on the answer to the POST."""
    code = request.GET.get("unit", "")
    if not code:
        messages.info(request, "请先打开新用户所在的单位，再点“新建用户”。")
        return redirect("accounts:units")
    unit = get_object_or_404(visible_units(request.user), code=code)
    roles = roles_at(request.user, unit)
    form = NewUserForm(request.POST or None, roles=roles)
    if request.method == "POST" and form.is_valid():
        password = first_password()
        try:
            user = actions.open_user(**form.cleaned_data, unit=unit, password=password, by=request.user)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return _first_password_page(request, user, password)
    return render(request, "accounts/user_new.html", {"form": form, "unit": unit, "roles": roles})


def roles_at(by: User, unit: Unit) -> list[tuple[str, str]]:
    """The roles that `by` may hand out in `unit`, as choices."""
    return [
        (role.value, role.label)
        for role in Role
        if unit.level in SERVES_AT[role] and may_grant(by, unit, role)
    ]


def _first_password_page(request: OfficeRequest, user: User, password: str) -> HttpResponse:
    return render(request, "accounts/first_password.html", {"account": user, "password": password})


@needs("accounts.r", "accounts.p")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user(request: OfficeRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(visible_users(request.user), pk=pk)
    posting_form = PostingForm(
        request.POST if request.POST.get("act") == "post" else None,
        units=visible_units(request.user),
        roles=roles_to_hand_out(request.user),
    )
    if request.method == "POST":
        try:
            answer = _act(request, account, posting_form)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            answer = redirect("accounts:user", pk=pk)
        if answer is not None:
            return answer
    return render(request, "accounts/user.html", _user_context(request, account, posting_form))


def _act(request: OfficeRequest, account: User, posting_form: PostingForm) -> HttpResponse | None:
    """Do what the pressed button says. None: the form on the page shows what is wrong."""
    by, done = request.user, ""
    match request.POST.get("act"):
        case "post":
            if not posting_form.is_valid():
                return None
            posting = actions.set_posting(account, by=by, **posting_form.cleaned_data)
            done = f"已设置：{posting.unit.name} {posting.get_role_display()}。"
        case "end":
            key = request.POST.get("posting", "")
            posting = get_object_or_404(
                _postings(by).current(), user=account, pk=int(key) if key.isdecimal() and len(key) < 19 else 0
            )
            actions.end_posting(posting, by)
            done = f"已结束{posting.unit.name}的任职，立即生效。"
        case "disable":
            actions.set_active(account, False, by)
            done = "已停用，该用户立即不能登录。"
        case "enable":
            actions.set_active(account, True, by)
            done = "已恢复，该用户可以登录。"
        case "reset_password":
            password = first_password()
            actions.reset_password(account, password, by)
            return _first_password_page(request, account, password)
        case "reset_second_factor":
            actions.reset_second_factor(account, by)
            done = "已解除动态码，该用户登录时重新绑定手机。"
        case _:
            done = ""
    if done:
        messages.success(request, done)
    return redirect("accounts:user", pk=account.pk)


def _user_context(request: OfficeRequest, account: User, posting_form: PostingForm) -> dict:
    postings = _postings(request.user).filter(user=account)
    postings = postings.select_related("unit__parent__parent").order_by("-since", "pk")
    current = {posting.pk for posting in account.current_postings()}
    return {
        "account": account,
        "current": [posting for posting in postings if posting.pk in current],
        "past": [posting for posting in postings if posting.pk not in current],
        "may_manage": may_manage(request.user, account) and request.user.can("accounts", "w"),
        "posting_form": posting_form,
        "device": confirmed_device(account),
        "may_have_second_factor": may_have_second_factor(),
        "breadcrumbs": [{"label": "用户", "url": reverse("accounts:users")}, {"label": account.name}],
    }
