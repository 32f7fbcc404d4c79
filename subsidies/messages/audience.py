"""Who a message is for: filters of the ledger, always within the reach of the person who sends."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from accounts.models import Unit, User
from ledgers.codes import PERSON_STATES
from ledgers.models import Laborer, LaborerQuerySet, MonthlyRecord
from lib.month import Month
from posts.models import Appointment

GONE = tuple(state for state in PERSON_STATES if state.startswith("永久退出"))
RECENT_GRADUATES = 24  # months since graduation

EVERYBODY = "everybody"
AUDIENCES = {
    EVERYBODY: "台账上的全部劳动力",
    "counted": "计入务工的人员",
    "idle": "未务工的人员",
    "idle_plan": "未务工、有外出计划的人员",
    "returned": "返乡回流人员",
    "training": "有培训意愿的人员",
    "relocated": "易地搬迁户的劳动力",
    "monitored": "监测对象",
    "graduates": "两后生和近两年毕业生",
    "post_holders": "公益性岗位在岗人员",
}


def people(unit: Unit, audience: str, by: User) -> LaborerQuerySet:
    """Those of `unit` whom `by` may write to and who belong to the audience; nobody who has left for good."""
    found = Laborer.objects.visible_to(by).under(unit).exclude(person_state__in=GONE)
    return found.filter(_condition(unit, audience))


def _condition(unit: Unit, audience: str) -> Q:
    today = timezone.localdate()
    if audience in ("counted", "idle", "idle_plan"):
        return _by_month(unit, audience)
    return {
        EVERYBODY: Q(),
        "returned": Q(intention__is_returned=True),
        "training": Q(intention__wants_training=True),
        "relocated": Q(household__is_relocated=True),
        "monitored": ~Q(household__monitor_kind="") & Q(household__risk_removed_on=None),
        "graduates": Q(is_recent_leaver=True)
        | Q(graduated_in__gte=Month.of(today) - RECENT_GRADUATES, graduated_in__lte=Month.of(today)),
        "post_holders": Q(pk__in=_holders(today)),
    }[audience]


def _holders(today):
    held = Q(ended_on=None) | Q(ended_on__gte=today)
    return Appointment.objects.filter(held, started_on__lte=today).order_by().values("laborer")


def _by_month(unit: Unit, audience: str) -> Q:
    """From the newest month that `unit` has records of."""
    rows = MonthlyRecord.objects.under(unit)
    month = rows.order_by("-month").values_list("month", flat=True).first()
    rows = rows.filter(month=month)
    rows = rows.counted() if audience == "counted" else rows.filter(working=False)
    found = Q(pk__in=rows.order_by().values("laborer"))
    return found & Q(intention__plans_out=True) if audience == "idle_plan" else found
