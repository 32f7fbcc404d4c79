"""Named writes of spot checks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from lib import changes
from lib.month import Month
from sampling.models import MODES, SELECTIONS, Call, Campaign

HITS = ("place_matches", "time_matches", "knows_policy", "employer_matches", "wage_matches")


class Conflict(Exception):
    """Somebody else saved this call since the form was opened."""


@transaction.atomic
def open_campaign(
    unit: Unit,
    month: Month,
    name: str,
    by: User,
    *,
    selection: str = SELECTIONS[0],
    mode: str = MODES[0],
    due_on: dt.date | None = None,
) -> Campaign:
    """Begin a spot check of `month` in the townships below `unit`."""
    if not by.can("sampling", "w", unit) or by.roles <= {"sampler"}:
        raise NotAllowed(f"您没有在{unit.name}组织抽查的权限。")
    if month > Month.current():
        raise NotAllowed(f"{month.label}还没有到，不能抽查。")
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                unit=unit,
                month=month,
                name=name,
                selection=selection,
                mode=mode,
                due_on=due_on,
                created_by=by,
            )
    except IntegrityError:
        raise NotAllowed(f"{unit.name}{month.label}已有一次叫“{name}”的抽查，请换一个名称。") from None
    record("campaign.open", by, campaign, unit, month=str(month), name=name)
    return campaign


@transaction.atomic
def record_call(call: Call, answers: dict[str, Any], by: User, seen: dt.datetime | None) -> Call:
    """Save what was heard. `answers`: connected, HITS, satisfaction, note; `seen` is `called_at` as shown."""
    campaign = call.campaign
    if campaign.due_on and campaign.due_on < timezone.localdate():
        due = f"{campaign.due_on.year}年{campaign.due_on.month}月{campaign.due_on.day}日"
        raise NotAllowed(f"这次抽查已于{due}截止，不能再登记。")
    if not may_record(by, call):
        raise NotAllowed("这通电话没有交给您。")
    values = heard(answers) | {"called_at": timezone.now(), "caller": by}
    if not Call.objects.filter(pk=call.pk, called_at=seen).update(**values):
        raise Conflict
    for name, value in values.items():
        setattr(call, name, value)
    record(
        "call.record",
        by,
        call,
        call.township,
        month=str(campaign.month),
        **{name: value for name, value in values.items() if name in {"connected", *HITS}},
    )
    changes.mark(campaign.month, [call.village_id])
    return call


def may_record(user: User, call: Call) -> bool:
    """The sampler a call was handed to, or the office that organised the spot check."""
    office = user.can("sampling", "w", call.campaign.unit) and user.roles - {"sampler"}
    return bool(office) or (call.caller_id == user.pk and "sampler" in user.roles)


def heard(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as they are stored: nothing is known of somebody who was not reached."""
    connected = bool(answers["connected"])
    values = {name: answers.get(name) if connected else None for name in HITS}
    values["satisfaction"] = (answers.get("satisfaction") or "") if connected else ""
    return values | {"connected": connected, "note": answers.get("note") or ""}
