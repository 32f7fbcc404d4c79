"""Deny by default: a view that does not say who may use it answers 404 to everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from accounts.roles import roles_with
from lib.readonly import READING_METHODS


class OfficeRequest(HttpRequest):
    """For type checks: a request to a view that strangers do not reach, so somebody is signed in."""

    user: User
    htmx: HtmxDetails


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks for a receipt, where a browser would be shown a page."""
    return request.accepts("application/json") and not request.accepts("text/html")


@dataclass(frozen=True)
class Access:
    """Who may call a view: everyone, any signed-in user, or holders of a right in the role matrix."""

    public: bool = False
    rights: tuple[tuple[str, str], ...] = ()
    unfinished: bool = False  # reachable whatever step is still owed (signing out)
    without_posting: bool = False  # makes sense for someone who serves no unit

    def admits(self, user) -> bool:
        if self.public:
            return True
        if not user.is_authenticated:
            return False
        return not self.rights or any(
            user.roles & roles_with(subject, letter) for subject, letter in self.rights
        )


def _declare(view: Callable, access: Access) -> Callable:
    view.access = access  # type: ignore[attr-defined]  # a mark on the function, as Django's csrf_exempt makes
    return view


def public(view: Callable) -> Callable:
    """Anyone, signed in or not."""
    return _declare(view, Access(public=True))


def signed_in(
    view: Callable | None = None, *, unfinished: bool = False, without_posting: bool = False
) -> Callable:
    """Any signed-in user; what they see is then decided row by row.

    Someone without a posting gets a page that says so, unless the view is for them too.
    """

    def declare(view: Callable) -> Callable:
        return _declare(view, Access(unfinished=unfinished, without_posting=without_posting or unfinished))

    return declare(view) if view else declare


def needs(*rights: str) -> Callable:
    """Users whose role holds one of the rights, written "person.r" (subject.letter of accounts.roles)."""
    pairs = tuple((subject, letter) for subject, letter in (right.split(".") for right in rights))
    for subject, letter in pairs:
        roles_with(subject, letter)

    def declare(view: Callable) -> Callable:
        return _declare(view, Access(rights=pairs))

    return declare


class AccessMiddleware:
    """Applies the declarations. A missing role answers exactly like a missing page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store, private"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable, args: Iterable, kwargs: dict
    ) -> HttpResponse | None:
        access = getattr(view, "access", None)
        if access is None:
            raise Http404
        if access.public:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(way_back(request))
        step = unfinished_step(request.user)
        here = request.resolver_match.view_name if request.resolver_match else ""
        if step and not access.unfinished and here != step:
            return redirect(step)
        if not access.admits(request.user):
            raise Http404
        if not access.without_posting and not request.user.roles:
            return render(request, "accounts/no_posting.html")
        return None


def way_back(request: HttpRequest) -> str:
    """Where to go after signing in: this page, or the page of ours whose form was sent (item 111)."""
    if request.method in READING_METHODS:
        return request.get_full_path()
    page = urlsplit(request.META.get("HTTP_REFERER", ""))
    if page.netloc != request.get_host():
        return "/"
    return urlunsplit(("", "", page.path or "/", page.query, ""))


def unfinished_step(user: User) -> str:
    """The URL name of what a signed-in user must do before anything else; empty when nothing is owed."""
    from accounts.security import owes_second_factor

    if owes_second_factor(user):
        return "accounts:second_factor"  # first: a stolen password alone must not be able to set a new one
    return "accounts:password" if user.must_change_password else ""
