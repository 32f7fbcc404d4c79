"""Writes on units and users: each a named verb with its audit entry, in one transaction."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from accounts import merging
from accounts.audit import AuditEntry, record
from accounts.authority import NotAllowed, because, require_grant, require_manage, require_unit
from accounts.models import Custody, Level, Phone, Posting, Reveal, Unit, UnitAlias, User
from accounts.roles import Role
from lib import changes
from lib.logs import mask
from lib.month import Month

__all__ = ["NotAllowed"]  # raised by every verb here; rooms above catch it from this module

LEVEL_ORDER = [Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE]
BEGINNING = dt.date(2000, 1, 1)


CODE = re.compile(r"[0-9A-Z]{1,20}")


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
    if not CODE.fullmatch(code):
        raise NotAllowed("单位编码只能由 1 到 20 位数字和大写字母组成。")
    _require_place(name, level, parent)
    if parent:
        require_unit(by, parent, own=True)
    elif by is not None and Role.ADMIN not in by.roles:
        raise NotAllowed("只有管理员可以新增没有上级的单位。")
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
def move_unit(unit: Unit, parent: Unit, from_day: dt.date, by: User | None) -> Unit:
    """From `from_day` on, `unit` and all below it report to `parent`; what was before stays in the custody history."""
    if parent.path.startswith(unit.path):
        raise NotAllowed(f"{unit.name}不能划归自己的下级{parent.name}。")
    _require_place(unit.name, unit.level, parent)
    require_unit(by, unit)
    require_unit(by, parent, own=True)
    old_parent, old_path, old_sort = unit.parent, unit.path, unit.sort_path
    current = Custody.objects.filter(unit__path__startswith=old_path, valid_to=None)
    if current.filter(valid_from__gte=from_day).exists():
        raise NotAllowed("划转日期必须晚于现隶属关系的起始日期。")
    serving = list(current.values_list("unit_id", flat=True))
    current.update(valid_to=from_day - dt.timedelta(days=1))
    last = Unit.objects.filter(parent=parent).order_by("-position").first()
    position = (last.position if last else 0) + 1
    new_path, new_sort = f"{parent.path}{unit.code}/", f"{parent.sort_path}{position:04d}"
    Unit.objects.under(unit).update(
        path=Concat(Value(new_path), Substr(F("path"), len(old_path) + 1)),
        sort_path=Concat(Value(new_sort), Substr(F("sort_path"), len(old_sort) + 1)),
    )
    Unit.objects.filter(pk=unit.pk).update(parent=parent, position=position)
    moved = Unit.objects.in_bulk(serving)
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
    first = Month.of(from_day)
    for later in range(Month.current() - first + 1):  # both old and new superiors are counted again
        changes.mark(first + later, [one.pk for one in (unit, old_parent) if one])
    return unit


@transaction.atomic
def rename_unit(unit: Unit, name: str, by: User | None) -> Unit:
    """The old name goes on meaning this unit where a workbook still uses it."""
    require_unit(by, unit)
    old, unit.name = unit.name, name.strip()
    unit.save(update_fields=["name"])
    unit.aliases.filter(name=unit.name).delete()
    if old != unit.name:
        _keep_name(unit, old, timezone.localdate())
    record("unit.rename", by, unit, unit, old=old, new=unit.name)
    return unit


def _keep_name(unit: Unit, name: str, until: dt.date, merged: bool = False) -> None:
    UnitAlias.objects.update_or_create(unit=unit, name=name, defaults={"valid_to": until, "merged": merged})


@transaction.atomic
def set_gb_code(unit: Unit, gb_code: str, by: User | None) -> Unit:
    """Correct the official 12-digit code; empty for a local unit that has none."""
    require_unit(by, unit)
    old, unit.gb_code = unit.gb_code, gb_code
    unit.save(update_fields=["gb_code"])
    record("unit.gb_code", by, unit, unit, old=old, new=gb_code)
    return unit


@transaction.atomic
def close_unit(unit: Unit, day: dt.date, by: User | None, into: Unit | None = None) -> Unit:
    """The unit ceases to report after `day`. Its records and history stay; units and users below must go first.

    Merged `into` another of its level, its names mean that one from now on, and what the rooms above keep of it
    (people, posts) goes on there; months that were over stay as they were.
    """
    require_unit(by, unit)
    if Unit.objects.under(unit).filter(closed_on=None).exclude(pk=unit.pk).exists():
        raise NotAllowed(f"{unit.name}还有在用的下级单位，请先划转或撤销下级。")
    if Posting.objects.current().filter(unit=unit).exists():
        raise NotAllowed(f"{unit.name}还有在任的用户，请先结束他们的任职。")
    current = unit.custody.filter(valid_to=None)
    if current.filter(valid_from__gt=day).exists():
        raise NotAllowed("撤销日期不能早于现隶属关系的起始日期。")
    if into:
        _merge_names(unit, into, day, by)
    brought = merging.bring_over(unit, into, day, by)
    current.update(valid_to=day)
    unit.closed_on = day
    unit.save(update_fields=["closed_on"])
    record("unit.close", by, unit, unit, day=day, into=into.code if into else None, **brought)
    return unit


def _merge_names(unit: Unit, into: Unit, day: dt.date, by: User | None) -> None:
    require_unit(by, into)
    if into.pk == unit.pk or into.level != unit.level or into.closed_on:
        raise NotAllowed(f"{unit.name}只能并入另一个在用的{unit.get_level_display()}级单位。")
    for name in {unit.name, *unit.aliases.values_list("name", flat=True)} - {into.name}:
        _keep_name(into, name, day, merged=True)


@transaction.atomic
def remove_unit(unit: Unit, by: User | None) -> None:
    """Take back a unit that was added by mistake: only while nothing refers to it."""
    require_unit(by, unit)
    record("unit.remove", by, unit, unit, code=unit.code, name=unit.name)
    try:
        with transaction.atomic():
            unit.delete()
    except models.ProtectedError as error:
        raise NotAllowed(f"{unit.name}已经有下级、用户或台账，不能撤回，可以改为撤销。") from error


def _require_place(name: str, level: str, parent: Unit | None) -> None:
    if parent is None:
        return
    if LEVEL_ORDER.index(Level(level)) <= LEVEL_ORDER.index(Level(parent.level)):
        raise NotAllowed(f"{name}的级别必须低于上级{parent.name}。")
    if parent.closed_on:
        raise NotAllowed(f"上级{parent.name}已撤销，请另选上级。")


@transaction.atomic
def open_user(
    *, username: str, name: str, unit: Unit, role: str, password: str | None, by: User | None = None
) -> User:
    """A new account with its first posting; the first password must be changed at the first login.

    Without a password nobody can sign in until reset_password gives one.
    """
    require_grant(by, unit, role)
    user = User.objects.create_user(username, password, name=name.strip())
    record("user.open", by, user, unit, username=user.username)
    set_posting(user, unit, role, by)
    return user


@transaction.atomic
def rename_user(user: User, name: str, by: User | None) -> User:
    require_manage(by, user)
    old, user.name = user.name, name.strip()
    user.save(update_fields=["name"])
    record("user.rename", by, user, user.home_unit, old=old, new=user.name)
    return user


@transaction.atomic
def remove_user(user: User, by: User | None) -> None:
    """Take back an account that was opened by mistake: only before anyone has signed in with it."""
    require_manage(by, user)
    if user.last_login is not None:
        raise NotAllowed(f"{user.name}已经登录过，不能撤回，可以改为停用。")
    record("user.remove", by, user, user.home_unit, username=user.username)
    user.delete()


@transaction.atomic
def set_posting(user: User, unit: Unit, role: str, by: User | None) -> Posting:
    """Give `user` this role in `unit` from today; a posting already in force is returned as it is."""
    require_grant(by, unit, role)
    if user.postings.exists():
        require_manage(by, user)
    posting, created = Posting.objects.get_or_create(user=user, unit=unit, role=role, until=None)
    if created:
        record("posting.begin", by, user, unit, role=role)
    return posting


@transaction.atomic
def end_posting(posting: Posting, by: User | None) -> Posting:
    """The posting ends at once: it is dated yesterday, or removed when it only began today."""
    require_manage(by, posting.user)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    record("posting.end", by, posting.user, posting.unit, role=posting.role)
    if posting.since > yesterday:
        posting.delete()
    else:
        posting.until = yesterday
        posting.save(update_fields=["until"])
    return posting


@transaction.atomic
def set_active(user: User, active: bool, by: User | None) -> User:
    require_manage(by, user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    record("user.enable" if active else "user.disable", by, user, user.home_unit)
    return user


@transaction.atomic
def reset_password(user: User, password: str, by: User | None) -> User:
    """A new first password, to be changed at the next login; sessions of the old one end."""
    require_manage(by, user)
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
def bind_second_factor(user: User, device: Phone) -> Phone:
    """From now on the user signs in with this phone's code; an earlier phone is forgotten."""
    Phone.objects.filter(user=user).delete()
    device.save()
    record("second_factor.bind", user, user, user.home_unit)
    return Phone.objects.get(pk=device.pk)


@transaction.atomic
def reset_second_factor(user: User, by: User | None) -> User:
    """Forget the user's phone; who must have a second factor binds a new one at the next login."""
    require_manage(by, user)
    Phone.objects.filter(user=user).delete()
    record("second_factor.reset", by, user, user.home_unit)
    return user


def reveal(
    user: User,
    subject_type: str,
    subject_id: int,
    field: str,
    unit: Unit,
    reason: str,
    right: tuple[str, str] = ("person", "u"),
) -> Reveal:
    """Note that `user` sees one number in full, before the caller decrypts it.

    `unit` is the row's unit: the user needs `right` there (a row found through `.visible_to(user, "u")` has it).
    Over settings.REVEAL_LIMIT_PER_DAY the look is refused with NotAllowed, and the first refusal of a day is
    recorded as an alert; call this outside a transaction of your own, or the alert is rolled back with it.
    Views use accounts.views.reveal.revealed, which reads the reason from the dialog and answers with the component.
    """
    reason = because(
        mask(reason), "查看原因"
    )  # a note like “139… is not his” must not keep the number in clear
    if not user.can(*right, unit):
        raise NotAllowed("这一行不在您可以查看完整号码的范围内。")
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two tabs must not pass the limit together
        if Reveal.objects.filter(user=user, at__gte=today).count() < settings.REVEAL_LIMIT_PER_DAY:
            row = Reveal.objects.create(
                user=user, subject_type=subject_type, subject_id=subject_id, field=field, reason=reason
            )
            record("reveal", user, f"{subject_type}:{subject_id}", unit, field=field, reason=row.reason)
            return row
        alerts = AuditEntry.objects.filter(actor=user, action="reveal.limit", at__gte=today)
        if not alerts.exists():
            record("reveal.limit", user, user, unit, limit=settings.REVEAL_LIMIT_PER_DAY)
    raise NotAllowed("今天查看完整号码的次数已到上限，请明天再试；确有需要，请联系上级单位。")
