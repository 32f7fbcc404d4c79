"""The verb of 考核, and whose is overdue: every holder at least once a year (YD-F11)."""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers.facts import refigure
from lib.month import Month
from posts.models import GRADES, Appointment, Assessment
from posts.models.posts import Appointments

WITHIN = 365  # days
_PERIOD = re.compile(r"(\d{4})年(?:度|第([一二三四])季度|(\d{1,2})月)")
QUARTERS = "一二三四"


def periods(month: Month) -> list[str]:
    """The periods that a month belongs to, the longest first."""
    quarter = QUARTERS[(month.month - 1) // 3]
    return [f"{month.year}年度", f"{month.year}年第{quarter}季度", month.label]


def period_begins(period: str) -> dt.date | None:
    """The first day of a period as it is written; None when it is no period."""
    found = _PERIOD.fullmatch(period)
    if not found:
        return None
    year, quarter, month = found.groups()
    number = QUARTERS.index(quarter) * 3 + 1 if quarter else int(month or 1)
    return dt.date(int(year), number, 1) if 1900 <= int(year) <= 2999 and 1 <= number <= 12 else None


@transaction.atomic
def assess(
    appointment: Appointment, period: str, grade: str, on: dt.date, by: User, *, note: str = ""
) -> Assessment:
    """Note the grade of a period; said again it replaces the one before, and both stay in the audit trail."""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("post__unit", "laborer")
    one = rows.get(pk=appointment.pk)
    if not by.can("post", "w", one.post.unit) and not by.can("post", "p", one.post.unit):
        raise NotAllowed(f"您没有登记{one.post.unit.name}考核的权限。")
    begins = period_begins(period)
    if begins is None:
        raise NotAllowed("考核周期应写成“2023年度”“2023年第一季度”或“2023年3月”。")
    if grade not in GRADES:
        raise NotAllowed(f"考核结果只能是{'、'.join(GRADES)}。")
    if not max(begins, one.started_on) <= on <= timezone.localdate():
        raise NotAllowed("考核日期应在聘用日期和考核周期开始以后、今天以前。")
    note = " ".join(note.split())[:200]
    if grade == GRADES[-1] and not note:
        raise NotAllowed("考核不合格的，请写明原因。")
    before = Assessment.objects.filter(appointment=one, period=period).first()
    made, _ = Assessment.objects.update_or_create(
        appointment=one,
        period=period,
        defaults={"grade": grade, "on": on, "note": note, "by": by, "at": timezone.now()},
    )
    refigure(one.post.unit, on)
    record("post.assess", by, one, one.post.unit, title=period, old=before.grade if before else "", new=grade,
           day=str(on))  # fmt: skip
    return made


def overdue(appointments: Appointments, today: dt.date) -> Appointments:
    """Holders for more than a year, none of whose assessments is of the last twelve months (YD-F11)."""
    since = today - dt.timedelta(days=WITHIN)
    lately = Assessment.objects.filter(appointment=OuterRef("pk"), on__gt=since, on__lte=today)
    return appointments.active_on(today).filter(~Exists(lately), started_on__lte=since)


def assessed_in(appointments: Appointments, year: int) -> Appointments:
    """Those assessed in the year (I26 考核率)."""
    return appointments.filter(Exists(Assessment.objects.filter(appointment=OuterRef("pk"), on__year=year)))
