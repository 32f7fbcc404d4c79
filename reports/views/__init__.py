"""Pages of this room, and how they link to pages of the rooms below: by name only."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse

from accounts.models import Unit, User


def address(name: str, /, *args, **query) -> str:
    """The address of a named page; empty when there is no such page."""
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    query = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{found}?{urlencode(query)}" if query else found


def reach(user: User, subject: str, letter: str = "r") -> QuerySet[Unit]:
    """The units in which `user` holds the right."""
    return Unit.objects.visible_to(user, subject, letter)


def unit_or_top(user: User, code: str | None, subject: str, letter: str = "r") -> Unit:
    """The unit asked for, or the highest one in the user's reach; whatever is not in reach is not there."""
    units = reach(user, subject, letter)
    if code is not None:
        return get_object_or_404(units, code=code)
    top = min(units.order_by("sort_path")[:50], key=lambda unit: unit.path.count("/"), default=None)
    if top is None:
        raise Http404
    return top
