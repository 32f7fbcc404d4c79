"""The tabs over users, units and the audit trail: those the signed-in user may open."""

from __future__ import annotations

from django.urls import reverse

from accounts.access import OfficeRequest

TABS = (
    ("用户", "accounts:users", (("accounts", "r"), ("accounts", "p"))),
    ("单位", "accounts:units", (("accounts", "r"), ("accounts", "p"))),
    ("操作记录", "accounts:audit", (("audit", "r"),)),
)


def tabs(request: OfficeRequest, here: str) -> list[dict]:
    """Items for components/tabs.html; `here` is the URL name of the open one. Empty where there is only one."""
    items = [
        {"label": label, "url": reverse(name), "active": name == here, "count": ""}
        for label, name, rights in TABS
        if any(request.user.can(subject, letter) for subject, letter in rights)
    ]
    return items if len(items) > 1 else []
