"""考核: how a holder did in a year, quarter or month; at least once a year (YD-F11)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from posts.models.posts import Appointment

GRADES = ("优秀", "合格", "不合格")


class Assessments(ScopedQuerySet):
    subject, unit_field = "post", "appointment__post__unit"


class Assessment(models.Model):
    """One result of one period: 2023年度, 2023年第一季度 or 2023年3月."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="assessments")
    period = models.CharField("考核周期", max_length=12)
    grade = models.CharField("考核结果", max_length=3, choices=choices(GRADES))
    on = models.DateField("考核日期")
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = Assessments.as_manager()

    class Meta:
        verbose_name = "公益性岗位考核"
        constraints = [
            models.UniqueConstraint(fields=["appointment", "period"], name="one_assessment_of_a_period")
        ]
