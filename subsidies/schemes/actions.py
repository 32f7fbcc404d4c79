"""The verbs of a scheme: written as a draft, tried on past months, approved by somebody else, then never changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from jobs.actions import start
from jobs.models import Job
from ledgers.codes import WITHIN_COUNTY
from ledgers.models import MonthClosing
from lib.month import Month
from subsidies.models import SchemeVersion, Trial
from subsidies.rules import BadRule, read
from subsidies.schemes import SCHEMES
from subsidies.schemes.trials import digest_of

State = SchemeVersion.State
LONGEST_TRIAL = 12  # months
VALUES = (
    "name", "from_month", "until_month", "opens_on", "closes_on", "notice_days", "is_away", "documents", "basis",
    "fund",
)  # fmt: skip
TAKEN = "这项补贴刚有人保存了新版本，您的内容没有保存。请返回列表，打开最新的草稿再改。"


class Conflict(Exception):
    """Somebody else saved this draft since the form was opened."""


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def write(unit: Unit, code: str, values: dict[str, Any], rule: dict[str, Any], by: User) -> SchemeVersion:
    """A draft of the next version of a scheme of `unit`; `values` are the fields of VALUES."""
    _may(by, "w", unit)
    if code not in SCHEMES:
        raise NotAllowed("请选择补贴项目。")
    _check(unit, values, rule)
    versions = SchemeVersion.objects.filter(unit=unit, code=code)
    if open_ := versions.filter(state=State.DRAFT).first():
        raise NotAllowed(f"这项补贴已有第{open_.version}版草稿，请先修改或作废那一版。")
    number = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            made = SchemeVersion.objects.create(
                unit=unit, code=code, version=number, rule=rule, written_by=by, **_only(values)
            )
    except IntegrityError:
        raise NotAllowed(TAKEN) from None
    record("scheme.write", by, made, unit, code=code, version=number)
    return made


@transaction.atomic
def rewrite(
    draft: SchemeVersion, values: dict[str, Any], rule: dict[str, Any], by: User, seen: dt.datetime | None
) -> SchemeVersion:
    """Change a draft as it was `seen`; whoever changed it last is its writer."""
    locked = _draft(draft, by, "w")
    if locked.written_at != seen:
        raise Conflict(locked.name)
    _check(locked.unit, values, rule)
    for name, value in _only(values).items():
        setattr(locked, name, value)
    locked.rule, locked.written_by, locked.written_at = rule, by, timezone.now()
    locked.save()
    record("scheme.write", by, locked, locked.unit, code=locked.code, version=locked.version)
    return locked


@transaction.atomic
def void(draft: SchemeVersion, by: User) -> None:
    """Give a draft up; its number is not used again."""
    locked = _draft(draft, by, "w")
    locked.state = State.VOID
    locked.save(update_fields=["state"])
    record("scheme.void", by, locked, locked.unit, code=locked.code, version=locked.version)


# ── trying and approving ─────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def start_trial(draft: SchemeVersion, first: Month, last: Month, by: User) -> Trial:
    """Ask for a trial run of a draft over months up to this one, beside the version in force."""
    locked = _draft(draft, by, "w")
    if not locked.terms.for_people:
        raise NotAllowed("这项补贴不由个人申请，没有可以试算的人；可以直接请另一位同事批准。")
    if not first <= last <= Month.current():
        raise NotAllowed("试算的月份应从早到晚，不能晚于本月。")
    if last - first >= LONGEST_TRIAL:
        raise NotAllowed(f"一次最多试算{LONGEST_TRIAL}个月。")
    current = SchemeVersion.objects.in_force(locked.unit, max(locked.from_month, last))
    trial = Trial.objects.create(
        scheme=locked, against=current.filter(code=locked.code).first(), unit=locked.unit, first=first, last=last,
        digest=digest_of(locked), made_by=by,
    )  # fmt: skip
    record("scheme.try", by, locked, locked.unit, code=locked.code, version=locked.version, month=str(last))
    start(
        "scheme.try", owner=by, unit=locked.unit, title=f"试算{locked.name}（第{locked.version}版）",
        params={"trial": trial.pk, "page": reverse("subsidies:trial", args=[trial.pk])}, key=key_of(trial),
        queue=Job.Queue.BIG,
    )  # fmt: skip
    return trial


def key_of(trial: Trial) -> str:
    """By which the job of a trial is found."""
    return f"scheme.try:{trial.pk}"


@transaction.atomic
def approve(draft: SchemeVersion, by: User) -> SchemeVersion:
    """Let a draft take effect from its first month: by another than its writer, tried as it stands."""
    locked = _draft(draft, by, "a")
    if locked.written_by_id == by.pk:
        raise NotAllowed("这一版是您编写的，请由另一位同事批准。")
    tried = Trial.objects.filter(scheme=locked, digest=digest_of(locked), finished_at__isnull=False)
    if locked.terms.for_people and not tried.exists():
        raise NotAllowed("这一版还没有试算，或者试算以后又改过条件和标准。请先试算，看过结果再批准。")
    _check(locked.unit, {name: getattr(locked, name) for name in VALUES}, locked.rule)
    later = SchemeVersion.objects.approved().filter(
        unit=locked.unit, code=locked.code, from_month__gt=locked.from_month
    )
    if newest := later.order_by("-from_month").first():
        raise NotAllowed(
            f"第{newest.version}版已从{newest.from_month.label}起执行，这一版不能从更早的月份起执行。"
        )
    locked.state, locked.approved_by, locked.approved_at = State.APPROVED, by, timezone.now()
    locked.save(update_fields=["state", "approved_by", "approved_at"])
    record(
        "scheme.approve", by, locked, locked.unit,
        code=locked.code, version=locked.version, month=str(locked.from_month), hash=digest_of(locked),
    )  # fmt: skip
    return locked


# ── what the verbs ask ───────────────────────────────────────────────────────────────────────────────────────────


def _may(by: User, letter: str, unit: Unit) -> None:
    if not by.can("scheme", letter, unit):
        raise NotAllowed(f"您没有办理{unit.name}补贴政策的权限，请联系县专班或市办。")


def _draft(version: SchemeVersion, by: User, letter: str) -> SchemeVersion:
    locked = SchemeVersion.objects.select_for_update(of=("self",)).select_related("unit").get(pk=version.pk)
    _may(by, letter, locked.unit)
    if locked.state != State.DRAFT:
        raise NotAllowed(
            f"第{locked.version}版{locked.get_state_display()}，不能再改；要调整的，请从它新建一版。"
        )
    return locked


def _only(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in VALUES}


def _check(unit: Unit, values: dict[str, Any], rule: dict[str, Any]) -> None:
    """The rule can be read, the scheme says what it rests on, and its first month is still open."""
    try:
        read(rule)
    except BadRule as fault:
        raise NotAllowed(str(fault)) from fault
    if not values["basis"].strip():
        raise NotAllowed("请写明政策依据：文件名称和文号。")
    if values["is_away"] and (told := _counts_what_is_not_away(rule)):
        raise NotAllowed(told)
    month = values["from_month"]
    closing = MonthClosing.objects.filter(
        unit__code__in=unit.ancestor_codes, month__gte=month, reopened_at=None
    )
    if newest := closing.order_by("-month").first():
        after = (newest.month + 1).label
        raise NotAllowed(
            f"{newest.month.label}已经关闭，政策不能从{month.label}起执行，请从{after}或以后的月份起。"
        )


def _counts_what_is_not_away(rule: dict[str, Any]) -> str:
    """Why a rule cannot be 县外务工类: it pays for work at home, or for no month of work at all (YD-G05)."""
    places = set(rule.get("places") or ())
    if not places or places & set(WITHIN_COUNTY):
        return "县外务工类补贴只算县外务工的月份，请在“务工区域”里只勾选县外市内、市外省内、省外（YD-G05）。"
    if not {one["kind"] for one in rule["clauses"]} & {"months", "income"}:
        return "县外务工类补贴要核对务工时间，请勾选“务工时间”条件并填写至少几个月（YD-G05）。"
    return ""


def follower_of(version: SchemeVersion, user: User) -> Unit | None:
    """The office of the version that may follow this one: the same, or one's own below it; None where there is none."""
    if user.can("scheme", "w", version.unit):
        return version.unit
    own = user.own_unit
    below = own.path.startswith(version.unit.path)
    return own if below and user.can("scheme", "w", own) else None
