"""考勤: the sheet of a unit and month, and on it the days of each holder of a post."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from jobs.models import StoredFile
from lib.month import MonthField
from posts.models.posts import Appointment, somebody

PAPER_RIGHT = "post.r"  # what the owner of an uploaded sign-in sheet must still hold to open it


class Sheets(ScopedQuerySet):
    subject = "post"

    def checked(self) -> Sheets:
        return self.filter(state=AttendanceSheet.State.CHECKED)


class AttendanceSheet(models.Model):
    """考勤表: filled in and signed by the village, checked by somebody else of the township."""

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SIGNED = "signed", "待乡镇核对"
        CHECKED = "checked", "已核对"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="attendance_sheets", verbose_name="单位")
    month = MonthField("月份")
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    entered_by = somebody("填表人", null=False)
    entered_at = models.DateTimeField("填表时间", default=timezone.now)
    signed_by = somebody("报送人")
    signed_at = models.DateTimeField("报送时间", null=True, blank=True)
    checked_by = somebody("核对人")
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    returned_by = somebody("退回人")
    reason = models.CharField("退回原因", max_length=200, blank=True)  # of the last return

    objects = Sheets.as_manager()

    class Meta:
        verbose_name = "公益性岗位考勤表"
        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="one_attendance_sheet_a_month"),
            models.CheckConstraint(
                condition=Q(checked_by=None)
                | (~Q(checked_by=F("entered_by")) & ~Q(checked_by=F("signed_by"))),
                name="attendance_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="checked", checked_by__isnull=False)
                | (~Q(state="checked") & Q(checked_by=None)),
                name="checked_attendance_has_its_checker",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(signed_by__isnull=False), name="attendance_is_signed_first"
            ),
        ]


class AttendanceRows(ScopedQuerySet):
    subject, unit_field = "post", "sheet__unit"


class Attendance(models.Model):
    """出勤: a mark for each day of the month (posts.marks), or the sums of a paper that marks no days."""

    sheet = models.ForeignKey(AttendanceSheet, models.PROTECT, related_name="lines")
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="attendances")
    marks = models.CharField("每日考勤", max_length=31, blank=True)
    days = models.PositiveSmallIntegerField("出勤天数", default=0)
    absent = models.PositiveSmallIntegerField("缺勤天数", default=0)
    leave = models.PositiveSmallIntegerField("请假天数", default=0)
    substitute = models.CharField("顶岗情况", max_length=100, blank=True)  # who worked instead (YD-F06)
    by = somebody("填表人", null=False)

    objects = AttendanceRows.as_manager()

    class Meta:
        verbose_name = "公益性岗位出勤"
        indexes = [models.Index(fields=["appointment"], condition=Q(days=0), name="months_without_a_day")]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "appointment"], name="one_line_of_a_holder"),
            models.CheckConstraint(
                condition=Q(days__lte=31) & Q(absent__lte=31) & Q(leave__lte=31), name="days_within_a_month"
            ),
        ]


class SheetPapers(ScopedQuerySet):
    subject, unit_field = "post", "sheet__unit"


class SheetPaper(models.Model):
    """签到表: a photograph of the paper that the holders signed."""

    sheet = models.ForeignKey(AttendanceSheet, models.PROTECT, related_name="papers")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="照片")
    by = somebody("上传人", null=False)
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = SheetPapers.as_manager()

    class Meta:
        verbose_name = "签到表照片"
