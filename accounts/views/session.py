"""Signing in and out, the password and the second factor of the signed-in user."""

from __future__ import annotations

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, sessions
from accounts.access import OfficeRequest, public, signed_in
from accounts.audit import AuditEntry, record
from accounts.forms import LoginForm, PasswordForm, TokenForm
from accounts.models import Phone, User
from accounts.security import (
    confirmed_device,
    device_for,
    first_code_fits,
    may_have_second_factor,
    new_secret,
    owes_second_factor,
    qr_code,
    readable_secret,
)

SECRET_IN_SESSION = "second_factor_secret"  # noqa: S105


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: the local address asked for, else the home page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    local = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if local and wanted.startswith("/") else resolve_url(settings.LOGIN_REDIRECT_URL)


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login_view(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if user is not None:
            login(request, user)
            sessions.begin(request)
            record("login", user, user, user.home_unit)
            return redirect(_next(request))
        _note_failure(request, form.cleaned_data["username"])
        form.add_error(None, "用户名或密码不正确，请核对后重新输入。")
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return render(request, "accounts/login.html", {"form": form, "next": wanted})


def _note_failure(request: HttpRequest, username: str) -> None:
    """One entry per failed attempt until the lock falls, one for the lock, none while it holds.

    A name that belongs to nobody is not kept: people type passwords into the wrong box.
    """
    failures = getattr(request, "axes_failures_since_start", settings.AXES_FAILURE_LIMIT + 1)
    if failures > settings.AXES_FAILURE_LIMIT:
        return
    user = User.objects.filter(username=username).first()
    detail = {"username": user.username} if user else {}
    action = "login.locked" if failures == settings.AXES_FAILURE_LIMIT else "login.failed"
    record(action, None, user or "", user.home_unit if user else None, **detail)


@signed_in(unfinished=True)
@require_POST
def logout_view(request: OfficeRequest) -> HttpResponse:
    record("logout", request.user, request.user, request.user.home_unit)
    logout(request)
    messages.success(request, "您已退出。")
    answer = redirect("accounts:login")
    # else the page has wiped what was this user's, and a colleague's still waits on the device
    if "others" not in request.POST:
        answer["Clear-Site-Data"] = '"storage"'  # drafts; pages were never kept in clear
    return answer


@signed_in(without_posting=True)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: OfficeRequest) -> HttpResponse:
    """Change one's own password; all other sessions of this user end."""
    first = request.user.must_change_password
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_own_password(request.user, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改，其他设备上的登录已全部退出。")
        return redirect("home" if first else "accounts:security")
    return render(request, "accounts/password.html", {"form": form, "first": first})


@signed_in(without_posting=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: OfficeRequest) -> HttpResponse:
    """Enter the code of the phone after signing in, or bind a phone when none is bound yet."""
    user = request.user
    if not may_have_second_factor() or user.is_verified():
        return redirect("accounts:security")
    device = confirmed_device(user)
    return _verify(request, device) if device else _bind(request)


def _verify(request: OfficeRequest, device: Phone) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        allowed, _ = device.verify_is_allowed()
        if allowed and device.verify_token(form.cleaned_data["token"]):
            django_otp.login(request, device)
            record("second_factor.verified", request.user, request.user, request.user.home_unit)
            return redirect(settings.LOGIN_REDIRECT_URL)
        record("second_factor.failed", request.user, request.user, request.user.home_unit)
        form.add_error(
            "token",
            "动态码不正确或已过期，请等手机换成下一组再输入。"
            if allowed
            else "连续输错，请稍等片刻再输入新的动态码。",
        )
    return render(request, "accounts/second_factor.html", {"form": form})


def _bind(request: OfficeRequest) -> HttpResponse:
    """The secret waits in the session until the first correct code proves that the phone has it."""
    if not sessions.is_fresh(request):
        logout(request)
        messages.info(request, "启用动态码前，请再输入一次密码。")
        return redirect_to_login(reverse("accounts:second_factor"))
    secret = request.session.setdefault(SECRET_IN_SESSION, new_secret())
    device = device_for(request.user, secret)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if first_code_fits(device, form.cleaned_data["token"]):
            device = actions.bind_second_factor(request.user, device)
            del request.session[SECRET_IN_SESSION]
            django_otp.login(request, device)
            messages.success(request, "动态码已启用，以后登录时请输入手机上的六位数字。")
            return redirect("accounts:security")
        form.add_error("token", "动态码不正确，请核对手机时间是否准确，再输入最新的六位数字。")
    context = {
        "form": form,
        "qr": qr_code(device),
        "secret": readable_secret(device),
        "required": owes_second_factor(request.user),
    }
    return render(request, "accounts/second_factor_bind.html", context)


@signed_in(without_posting=True)
@require_GET
def security(request: OfficeRequest) -> HttpResponse:
    """The user's own account: postings, password, second factor, what was lately done under this name."""
    user = request.user
    logins = AuditEntry.objects.filter(about=f"accounts.user:{user.pk}", action__startswith="login")
    context = {
        "postings": user.current_postings(),
        "logins": logins[:10],
        "device": confirmed_device(user),
        "may_have_second_factor": may_have_second_factor(),
        "may_audit": user.can("audit", "r"),
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
    }
    return render(request, "accounts/security.html", context)
