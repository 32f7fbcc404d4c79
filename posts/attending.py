"""The verbs of 考勤: the village fills in and signs, somebody else of the township checks or sends back.

A sheet belongs to a month: a closed month refuses them all. Pay stands on checked sheets only (posts.paying).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from jobs import papers
from ledgers.facts import refigure
from ledgers.periods import ensure_open
from lib.month import Month
from posts import marks as days_of
from posts.marks import Tally, tally
from posts.models import Appointment, Attendance, AttendanceSheet, PostPay, SheetPaper
from posts.models.attendance import PAPER_RIGHT
from posts.pay_rules import last_day

State = AttendanceSheet.State
NOTED = ("marks", "days", "absent", "leave", "substitute")  # what a line says
PAPERS = 10  # of one sheet
FILLS, CHECKS = ("p", "w", "i"), ("w", "a")


@dataclass(frozen=True)
class Said:
    """What is noted of one holder: marks day by day, or `sums` where the paper marks no days."""

    marks: str = ""
    sums: Tally | None = None
    substitute: str = ""

    @property
    def tally(self) -> Tally:
        return tally(self.marks) if self.marks else self.sums or Tally(0)


def holders(unit: Unit, month: Month):
    """Whoever holds a post of the unit on some day of the month, in the order of posts."""
    held = Appointment.objects.filter(in_month(month), post__unit=unit)
    return held.select_related("post", "laborer").order_by("post__number", "started_on")


def days_in_service(appointment: Appointment, month: Month) -> range:
    """Days of the month on which attendance may be noted: of the appointment, before 停发."""
    return days_of.service(
        month, appointment.started_on, last_day(appointment.ended_on, appointment.stop_pay_on)
    )


def fault(appointment: Appointment, month: Month, said: Said) -> str:
    """Why this cannot be noted of the holder; empty when it can."""
    days, today = days_in_service(appointment, month), timezone.localdate()
    if said.marks:
        return days_of.fault(said.marks, month, days, today)
    return days_of.fault_of_sums(said.tally, month, days, today)


@transaction.atomic
def fill(unit: Unit, month: Month, said: Mapping[int, Said], by: User) -> AttendanceSheet:
    """Note attendance of holders of the unit's posts, by the key of their appointment; others stay as they are."""
    sheet = _sheet(unit, month, by)
    held = {one.pk: one for one in holders(unit, month)}
    if set(said) - set(held):
        raise NotAllowed(f"有人{month.label}不在{unit.name}的岗位上，请刷新页面再填。")
    lines = {line.appointment_id: line for line in sheet.lines.all()}
    changed: list[Attendance] = []
    for pk, one in said.items():
        if told := fault(held[pk], month, one):
            raise NotAllowed(f"{held[pk].laborer.name}：{told}")
        line = lines.get(pk) or Attendance(sheet=sheet, appointment=held[pk])
        if _note(line, one, by):
            changed.append(line)
    if changed:
        Attendance.objects.bulk_update([line for line in changed if line.pk], [*NOTED, "by"], 500)
        Attendance.objects.bulk_create(line for line in changed if line.pk is None)
        sheet.entered_by, sheet.entered_at = by, timezone.now()
        sheet.save(update_fields=["entered_by", "entered_at"])
        refigure(unit, month.first_day)
        record("attendance.fill", by, sheet, unit, month=str(month), people=len(changed))
    return sheet


def _note(line: Attendance, said: Said, by: User) -> bool:
    """Put what is said on the line, not saved; whether it says anything new."""
    sums, words = said.tally, " ".join(said.substitute.split())[:100]
    new = (said.marks, sums.days, sums.absent, sums.leave, words)
    if line.pk and all(getattr(line, key) == value for key, value in zip(NOTED, new, strict=True)):
        return False
    for key, value in zip(NOTED, new, strict=True):
        setattr(line, key, value)
    line.by = by
    return True


@transaction.atomic
def strike(unit: Unit, month: Month, appointments: Collection[int], by: User) -> None:
    """Take lines off a sheet that is still being filled in: they were noted by mistake."""
    sheet = _sheet(unit, month, by)
    gone, _ = sheet.lines.filter(appointment__in=list(appointments)).delete()
    if gone:
        record("attendance.strike", by, sheet, unit, month=str(month), people=gone)


@transaction.atomic
def attach_paper(unit: Unit, month: Month, data: bytes, by: User) -> SheetPaper:
    """Keep a photograph of the sheet that the holders signed by hand."""
    sheet = _sheet(unit, month, by)
    count = sheet.papers.count()
    if count >= PAPERS:
        raise NotAllowed(f"一张考勤表最多上传{PAPERS}张照片。")
    name = f"签到表-{unit.code}-{month}-{count + 1}"
    file = papers.store(by, name, data, "签到表", unit=unit, right=PAPER_RIGHT)
    record("attendance.paper", by, sheet, unit, month=str(month))
    return SheetPaper.objects.create(sheet=sheet, file=file, by=by)


@transaction.atomic
def sign(unit: Unit, month: Month, by: User) -> AttendanceSheet:
    """报送: every holder is on the sheet and the signed paper is there; from now on the township decides."""
    sheet = _sheet(unit, month, by)
    on_it = set(sheet.lines.values_list("appointment_id", flat=True))
    missing = [one.laborer.name for one in holders(unit, month) if one.pk not in on_it]
    if missing:
        raise NotAllowed(
            f"还有{len(missing)}人没有填考勤：{_names(missing)}。没有出勤的请标记缺勤，填完再报送。"
        )
    if not on_it:
        raise NotAllowed(f"{unit.name}{month.label}没有人在岗，不用报送考勤表。")
    if not sheet.papers.exists():
        raise NotAllowed("请先上传本人签字的签到表照片，再报送。")
    sheet.state, sheet.signed_by, sheet.signed_at, sheet.reason = State.SIGNED, by, timezone.now(), ""
    sheet.save(update_fields=["state", "signed_by", "signed_at", "reason"])
    record("attendance.sign", by, sheet, unit, month=str(month), people=len(on_it))
    return sheet


@transaction.atomic
def check(sheet: AttendanceSheet, by: User) -> AttendanceSheet:
    """核对: by somebody who neither filled in nor signed it."""
    sheet = _locked(sheet, by, CHECKS)
    if sheet.state != State.SIGNED:
        raise NotAllowed(f"这张考勤表{sheet.get_state_display()}，不能核对。请刷新页面再看。")
    if by.pk in (sheet.entered_by_id, sheet.signed_by_id) or sheet.lines.filter(by=by).exists():
        raise NotAllowed("填写或报送这张考勤表的人不能核对，请另一位同事核对。")
    sheet.state, sheet.checked_by, sheet.checked_at = State.CHECKED, by, timezone.now()
    sheet.save(update_fields=["state", "checked_by", "checked_at"])
    refigure(sheet.unit, sheet.month.first_day)
    record("attendance.check", by, sheet, sheet.unit, month=str(sheet.month))
    return sheet


@transaction.atomic
def return_sheet(sheet: AttendanceSheet, reason: str, by: User) -> AttendanceSheet:
    """退回: back to the village with the reason; not once pay stands on it."""
    sheet = _locked(sheet, by, CHECKS)
    reason = because(reason, "退回原因")
    if sheet.state == State.DRAFT:
        raise NotAllowed("这张考勤表还在填写，不用退回。")
    if PostPay.objects.alive().filter(attendance__sheet=sheet).exists():
        raise NotAllowed("已经按这张考勤表做了工资，请先作废工资再退回。")
    sheet.state, sheet.checked_by, sheet.checked_at = State.DRAFT, None, None
    sheet.returned_by, sheet.reason = by, reason
    sheet.save(update_fields=["state", "checked_by", "checked_at", "returned_by", "reason"])
    refigure(sheet.unit, sheet.month.first_day)
    record("attendance.return", by, sheet, sheet.unit, month=str(sheet.month), reason=reason)
    return sheet


# ── what every verb asks ─────────────────────────────────────────────────────────────────────────────────────────


def may_fill(by: User, unit: Unit) -> bool:
    return any(by.can("post", letter, unit) for letter in FILLS)


def may_check(by: User, unit: Unit) -> bool:
    return any(by.can("post", letter, unit) for letter in CHECKS)


def in_month(month: Month) -> Q:
    """Appointments that cover a day of the month."""
    return Q(started_on__lte=month.last_day) & (Q(ended_on=None) | Q(ended_on__gte=month.first_day))


def _sheet(unit: Unit, month: Month, by: User) -> AttendanceSheet:
    """The sheet to fill in, made when missing, locked."""
    if not may_fill(by, unit):
        raise NotAllowed(f"您没有填写{unit.name}考勤的权限。")
    ensure_open(unit, month)
    AttendanceSheet.objects.get_or_create(unit=unit, month=month, defaults={"entered_by": by})
    sheet = AttendanceSheet.objects.select_for_update().get(unit=unit, month=month)
    if sheet.state != State.DRAFT:
        raise NotAllowed(
            f"{unit.name}{month.label}的考勤表{sheet.get_state_display()}，不能再改。需要更正的，请乡镇退回。"
        )
    return sheet


def _locked(sheet: AttendanceSheet, by: User, letters: tuple[str, ...]) -> AttendanceSheet:
    rows = AttendanceSheet.objects.select_for_update(of=("self",)).select_related("unit")
    found = rows.get(pk=sheet.pk)
    if not any(by.can("post", letter, found.unit) for letter in letters):
        raise NotAllowed(f"您没有核对{found.unit.name}考勤的权限。")
    ensure_open(found.unit, found.month)
    return found


def _names(names: list[str]) -> str:
    return "、".join(names[:5]) + ("等" if len(names) > 5 else "")
