"""Ask for the month's screening of a county: the work itself is subsidies.screening.screen, as a Job."""

from __future__ import annotations

from django.urls import reverse

from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from jobs.actions import start
from jobs.models import Job
from ledgers.models import MonthlyRecord
from lib.month import Month
from subsidies.models import SchemeVersion


def key_of(unit: Unit, month: Month) -> str:
    """By which the job of a county and month is found."""
    return f"subsidy.screen:{unit.code}:{month}"


def start_screening(unit: Unit, month: Month, by: User) -> Job:
    """Screen every scheme in force in `unit` for `month`; asked twice, the job that runs is joined."""
    if not by.can("subsidy", "a", unit) or unit.level != Level.COUNTY:
        raise NotAllowed("补贴筛查由县专班发起，您没有发起的权限。")
    if month > Month.current():
        raise NotAllowed(f"{month.label}还没有到，不能筛查。")
    if not SchemeVersion.objects.in_force(unit, month).for_people().exists():
        raise NotAllowed(f"{unit.name}{month.label}没有执行中的补贴政策，请先批准政策。")
    people = MonthlyRecord.objects.under(unit).filter(month=month).count()
    if not people:
        raise NotAllowed(f"{unit.name}没有{month.label}的台账，不能筛查。")
    page = f"{reverse('subsidies:screenings')}?month={month}"
    return start(
        "subsidy.screen", owner=by, unit=unit, title=f"补贴筛查（{unit.name}{month.label}）",
        params={"unit": unit.pk, "month": str(month), "people": people, "page": page},
        key=key_of(unit, month), queue=Job.Queue.BIG,
    )  # fmt: skip
