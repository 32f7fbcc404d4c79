"""Which rows of which table belong to a month: what figures count, and what a click on a number lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from ledgers.models import MonthlyRecord
from lib.month import Month
from posts.models import (
    Appointment,
    Assessment,
    Attendance,
    AttendanceSheet,
    Contract,
    Placement,
    Post,
    PostPay,
    Workshop,
)
from sampling.models import Call
from subsidies.models import (
    Allowance,
    Certificate,
    Claim,
    Completion,
    Enrolment,
    Screened,
    TrainingClass,
    Waiver,
)
from subsidies.rules import ENTITLED


@dataclass(frozen=True)
class Source:
    """Rows of one table that belong to a month: `unit` is the lookup to their unit, `person` to their laborer.

    `subject` is what somebody must be allowed to read to see the rows.
    """

    name: str
    rows: Callable[[Month], QuerySet]
    unit: str
    person: str = ""
    subject: str = "person"
    ledger: bool = True  # frozen when the month closes; calls are made after it


def _held(month: Month) -> QuerySet:
    """Who holds a post on the month's last day; with attendance this month, a valid contract, assessed this year."""
    day = month.last_day
    lines = Attendance.objects.filter(appointment=OuterRef("pk"), sheet__month=month, days__gte=1)
    contracts = Contract.objects.filter(appointment=OuterRef("pk"), from_on__lte=day, until_on__gte=day)
    assessed = Assessment.objects.filter(
        appointment=OuterRef("pk"), on__range=(Month(month.year, 1).first_day, day)
    )
    return Appointment.objects.active_on(day).annotate(
        has_attendance=Exists(lines), has_contract=Exists(contracts), is_assessed=Exists(assessed)
    )


def _owed(month: Month) -> QuerySet:
    """Checked attendance of the last twelve months not paid for by the month's end: one row, one month's pay."""
    paid = PostPay.objects.filter(
        attendance=OuterRef("pk"), state=PostPay.State.PAID, paid_on__lte=month.last_day
    )
    worked = Attendance.objects.filter(
        ~Exists(paid), sheet__state=AttendanceSheet.State.CHECKED, days__gte=1, sheet__month__lte=month,
        sheet__month__gte=month - 11,
    )  # fmt: skip
    return worked.annotate(fen=Coalesce("appointment__post__monthly_fen", 0))


def _entitled(month: Month) -> QuerySet:
    """Who was found entitled when the month was screened, with what became of it by the month's end."""
    same = {
        "laborer": OuterRef("laborer"), "code": OuterRef("screening__scheme__code"),
        "period": OuterRef("screening__period"),
    }  # fmt: skip
    claims, day = Claim.objects.alive().filter(**same), month.last_day
    waivers = Waiver.objects.filter(withdrawn_at=None, on__lte=day, **same)
    return Screened.objects.filter(screening__month=month, result=ENTITLED).annotate(
        is_paid=Exists(claims.filter(state=Claim.State.PAID, paid_on__lte=day)),
        is_claimed=Exists(claims),
        is_waived=Exists(waivers),
    )


def _paid(month: Month) -> QuerySet:
    """Claims paid since the beginning of the calendar year; what was taken back is not among them."""
    january = Month(month.year, 1).first_day
    return Claim.objects.filter(state=Claim.State.PAID, paid_on__range=(january, month.last_day))


def _enrolled(month: Month) -> QuerySet:
    """Everyone in a class of the year, with what the month's end knows: finished, certified, due an allowance, paid."""
    day, mine = month.last_day, {"enrolment": OuterRef("pk")}
    living = ~Q(training_class__state=TrainingClass.State.VOID)
    rows = Enrolment.objects.standing().of_year(month.year).filter(living, proposed_at__date__lte=day)
    certificates = Certificate.objects.filter(completion__enrolment=OuterRef("pk"), issued_on__lte=day)
    ended = Enrolment.objects.eligible().filter(pk=OuterRef("pk"), training_class__ends_on__lte=day)
    return rows.annotate(
        is_finished=Exists(Completion.objects.filter(on__lte=day, **mine)),
        is_certified=Exists(certificates),
        is_due=Exists(ended),
        is_paid=Exists(Allowance.objects.filter(paid_on__lte=day, **mine)),
    )


RECORDS = Source("records", lambda month: MonthlyRecord.objects.filter(month=month), "village", "laborer")
APPOINTMENTS = Source(
    "appointments",
    _held,
    "post__unit",
    "laborer",
    "post",
)
POSTS = Source(
    "posts",
    lambda month: Post.objects.filter(
        Q(closed_on=None) | Q(closed_on__gt=month.last_day), opened_on__lte=month.last_day
    ),
    "unit",
    subject="post",
)
WORKSHOPS = Source(
    "workshops", lambda month: Workshop.objects.operating_on(month.last_day), "unit", subject="post"
)
PLACEMENTS = Source(
    "placements",
    lambda month: Placement.objects.absorbed_on(month.last_day),
    "workshop__unit",
    "laborer",
    "post",
)
CALLS = Source(
    "calls",
    lambda month: Call.objects.filter(campaign__month=month),
    "village",
    "laborer",
    "sampling",
    ledger=False,
)
OWED = Source("owed", _owed, "sheet__unit", "appointment__laborer", "post")
ENTITLEMENTS = Source("entitlements", _entitled, "village", "laborer", "subsidy")
PAYMENTS = Source("payments", _paid, "village", "laborer", "subsidy")
ENROLMENTS = Source("enrolments", _enrolled, "village", "laborer", "training")
SOURCES = (
    RECORDS, APPOINTMENTS, POSTS, WORKSHOPS, PLACEMENTS, CALLS, OWED, ENTITLEMENTS, PAYMENTS, ENROLMENTS,
)  # fmt: skip
