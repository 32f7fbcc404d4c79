"""Who may administer whom: accounts and units below oneself, never above one's own level."""

from __future__ import annotations

import secrets

from django.db.models import Q

from accounts.models import Posting, Unit, User
from accounts.roles import HANDS_OUT, SERVES_AT, Role
from accounts.scope import NOTHING, within

SYLLABLES = "abcdefghjkmnpqrstuvwxyz"  # without l and o, which are read as 1 and 0
DIGITS = "23456789"


class NotAllowed(Exception):
    """The act breaks a rule of the organisation; the message says which and what to do."""


def because(text: str, label: str = "原因", most: int = 200) -> str:
    """A reason as it is kept: four visible characters at least, `most` kept; NotAllowed names what is missing."""
    text = " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())
    if len(text) < 4:
        raise NotAllowed(f"请写明{label}，至少四个字。")
    return text[:most]


def roles_to_hand_out(by: User) -> frozenset[str]:
    return frozenset().union(*(HANDS_OUT.get(role, frozenset()) for role in by.roles))


def require_grant(by: User | None, unit: Unit, role: str) -> None:
    """Refuse a posting that does not fit its unit, or that `by` may not hand out there. None is the system itself."""
    if unit.level not in SERVES_AT[role]:
        raise NotAllowed(
            f"“{Role(role).label}”不能在{unit.get_level_display()}级单位任职，请另选单位或角色。"
        )
    if unit.closed_on:
        raise NotAllowed(f"{unit.name}已撤销，不能再任职。")
    if by is not None and not may_grant(by, unit, role):
        raise NotAllowed(f"您不能在{unit.name}设置“{Role(role).label}”：不在您的管辖范围，或高于您的级别。")


def may_grant(by: User, unit: Unit, role: str) -> bool:
    return any(
        role in HANDS_OUT.get(posting.role, ()) and unit.path.startswith(posting.unit.path)
        for posting in by.current_postings()
    )


def may_manage(by: User, user: User) -> bool:
    """Whether every posting of `user` is one that `by` could hand out. Nobody manages themselves."""
    if by.pk == user.pk:
        return False
    postings = user.current_postings() or list(user.postings.select_related("unit"))
    if not postings:
        return Role.ADMIN in by.roles
    return all(may_grant(by, posting.unit, posting.role) for posting in postings)


def require_manage(by: User | None, user: User) -> None:
    if by is not None and not may_manage(by, user):
        raise NotAllowed(f"您不能管理{user.name}的账号：不在您的管辖范围，或不低于您的级别。")


def require_unit(by: User | None, unit: Unit, own: bool = False) -> None:
    """Refuse to change a unit out of reach; one's own unit is changed by those above (`own`: its children may be)."""
    if by is None or Role.ADMIN in by.roles & _roles_over(by, unit):
        return
    if not by.can("accounts", "w", unit) or (not own and _serves(by, unit)):
        raise NotAllowed(f"{unit.name}不在您的管辖范围，不能修改。")


def _roles_over(by: User, unit: Unit) -> frozenset[str]:
    return frozenset(
        posting.role for posting in by.current_postings() if unit.path.startswith(posting.unit.path)
    )


def _serves(by: User, unit: Unit) -> bool:
    return any(posting.unit_id == unit.pk for posting in by.current_postings())


def visible_users(by: User):
    """Accounts with a posting, now or before, within reach; those without any only for administrators."""
    reach = within("unit__path", by, "accounts", "r") | within("unit__path", by, "accounts", "p")
    found = Q(pk__in=Posting.objects.filter(reach).values("user"))
    unposted = Q(postings=None) if Role.ADMIN in by.roles else NOTHING
    return User.objects.filter(found | unposted).distinct()


def visible_units(by: User):
    """Units within reach of anyone who reads or proposes accounts."""
    return Unit.objects.filter(within("path", by, "accounts", "r") | within("path", by, "accounts", "p"))


def first_password() -> str:
    """Fourteen characters in four groups, easy to read out, of three classes."""
    letters = [secrets.choice(SYLLABLES) for _ in range(7)]
    digits = [secrets.choice(DIGITS) for _ in range(4)]
    return (
        f"{letters[0].upper()}{letters[1]}{letters[2]}{digits[0]}-{letters[3]}{letters[4]}{digits[1]}{digits[2]}"
        f"-{letters[5]}{letters[6]}{digits[3]}{secrets.choice(DIGITS)}"
    )


def may_grow(by: User, unit: Unit) -> bool:
    """Whether `by` may add units under `unit`."""
    return _allows(by, unit, own=True)


def may_change(by: User, unit: Unit) -> bool:
    """Whether `by` may rename, move or close `unit`."""
    return _allows(by, unit, own=False)


def _allows(by: User, unit: Unit, own: bool) -> bool:
    try:
        require_unit(by, unit, own=own)
    except NotAllowed:
        return False
    return True
