"""Writes on units and users: each a named verb with its audit entry, in one transaction."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.audit import record
from accounts.models import Custody, Level, Posting, Unit, User

LEVEL_ORDER = [Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE]
BEGINNING = dt.date(2000, 1, 1)


class NotAllowed(Exception):
    """The act breaks a rule of the organisation; the message says which and what to do."""


@transaction.atomic
def add_unit(
    *,
    code: str,
    name: str,
    level: str,
    parent: Unit | None = None,
    gb_code: str = "",
    by: User | None = None,
    from_day: dt.date = BEGINNING,
    position: int | None = None,
) -> Unit:
    """Create a unit under `parent`, with its first line of custody. Codes are upper case and hold no slash."""
    code = code.strip().upper()
    if not code or "/" in code:
        raise NotAllowed("单位编码不能为空，也不能含有“/”。")
    if parent and LEVEL_ORDER.index(level) <= LEVEL_ORDER.index(parent.level):
        raise NotAllowed(f"{name}的级别必须低于上级{parent.name}。")
    if position is None:
        last = Unit.objects.filter(parent=parent).order_by("-position").first()
        position = (last.position if last else 0) + 1
    unit = Unit.objects.create(
        code=code,
        name=name.strip(),
        level=level,
        parent=parent,
        path=f"{parent.path if parent else ''}{code}/",
        sort_path=f"{parent.sort_path if parent else ''}{position:04d}",
        position=position,
        gb_code=gb_code,
    )
    Custody.objects.create(unit=unit, parent=parent, path=unit.path, valid_from=from_day)
    record("unit.add", by, unit, unit, code=code, name=unit.name, parent=parent.code if parent else None)
    return unit


@transaction.atomic
def move_unit(unit: Unit, parent: Unit, from_day: dt.date, by: User) -> Unit:
    """From `from_day` on, `unit` and all below it report to `parent`; what was before stays in the custody history."""
    if parent.path.startswith(unit.path):
        raise NotAllowed(f"{unit.name}不能划归自己的下级{parent.name}。")
    if LEVEL_ORDER.index(unit.level) <= LEVEL_ORDER.index(parent.level):
        raise NotAllowed(f"{unit.name}的级别必须低于上级{parent.name}。")
    old_parent, old_path, old_sort = unit.parent, unit.path, unit.sort_path
    subtree = list(Unit.objects.under(unit).order_by("path").values_list("pk", "path"))
    current = Custody.objects.filter(unit__path__startswith=old_path, valid_to=None)
    if current.filter(valid_from__gte=from_day).exists():
        raise NotAllowed("划转日期必须晚于现隶属关系的起始日期。")
    current.update(valid_to=from_day - dt.timedelta(days=1))
    last = Unit.objects.filter(parent=parent).order_by("-position").first()
    position = (last.position if last else 0) + 1
    new_path, new_sort = f"{parent.path}{unit.code}/", f"{parent.sort_path}{position:04d}"
    Unit.objects.under(unit).update(
        path=Concat(Value(new_path), Substr(F("path"), len(old_path) + 1)),
        sort_path=Concat(Value(new_sort), Substr(F("sort_path"), len(old_sort) + 1)),
    )
    Unit.objects.filter(pk=unit.pk).update(parent=parent, position=position)
    moved = Unit.objects.in_bulk([pk for pk, _ in subtree])
    Custody.objects.bulk_create(
        Custody(unit=one, parent_id=one.parent_id, path=one.path, valid_from=from_day)
        for one in moved.values()
    )
    unit.refresh_from_db()
    record(
        "unit.move",
        by,
        unit,
        unit,
        old=old_parent.code if old_parent else None,
        new=parent.code,
        day=str(from_day),
    )
    return unit


@transaction.atomic
def rename_unit(unit: Unit, name: str, by: User) -> Unit:
    old, unit.name = unit.name, name.strip()
    unit.save(update_fields=["name"])
    record("unit.rename", by, unit, unit, old=old, new=unit.name)
    return unit


@transaction.atomic
def open_user(
    *, username: str, name: str, unit: Unit, role: str, password: str, by: User | None = None
) -> User:
    """A new account with its first posting; the first password must be changed at the first login."""
    user = User.objects.create_user(username, password, name=name.strip())
    record("user.open", by, user, unit, username=user.username)
    set_posting(user, unit, role, by)
    return user


@transaction.atomic
def set_posting(user: User, unit: Unit, role: str, by: User | None) -> Posting:
    """Give `user` this role in `unit` from today; a posting already in force is returned as it is."""
    posting, created = Posting.objects.get_or_create(user=user, unit=unit, role=role, until=None)
    if created:
        record("posting.begin", by, user, unit, role=role)
    return posting


@transaction.atomic
def end_posting(posting: Posting, by: User) -> Posting:
    """The posting ends at once: it is dated yesterday, or removed when it only began today."""
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    record("posting.end", by, posting.user, posting.unit, role=posting.role)
    if posting.since > yesterday:
        posting.delete()
    else:
        posting.until = yesterday
        posting.save(update_fields=["until"])
    return posting


@transaction.atomic
def set_active(user: User, active: bool, by: User) -> User:
    user.is_active = active
    user.save(update_fields=["is_active"])
    record("user.enable" if active else "user.disable", by, user, user.home_unit)
    return user


@transaction.atomic
def reset_password(user: User, password: str, by: User) -> User:
    """A new first password, to be changed at the next login; sessions of the old one end."""
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record("user.password_reset", by, user, user.home_unit)
    return user


@transaction.atomic
def change_own_password(user: User, password: str) -> User:
    user.set_password(password)
    user.must_change_password = False
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    record("user.password_change", user, user, user.home_unit)
    return user


@transaction.atomic
def bind_second_factor(user: User, device: TOTPDevice) -> TOTPDevice:
    """From now on the user signs in with this phone's code; an earlier phone is forgotten."""
    TOTPDevice.objects.filter(user=user).delete()
    device.save()
    record("second_factor.bind", user, user, user.home_unit)
    return TOTPDevice.objects.get(pk=device.pk)
