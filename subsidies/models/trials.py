"""试算: a version of a scheme tried on months that are over, person by person, before it takes effect."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers.models import Laborer
from lib.month import MonthField
from subsidies.models.schemes import SchemeVersion


class TrialQuerySet(ScopedQuerySet):
    subject = "scheme"


class Trial(models.Model):
    """One run of `scheme` beside `against`, the version in force; `digest` says which content was tried."""

    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="trials", verbose_name="试算版本")
    against = models.ForeignKey(
        SchemeVersion, models.PROTECT, null=True, related_name="+", verbose_name="现行版本"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="试算范围")
    first = MonthField("开始月份")
    last = MonthField("结束月份")
    digest = models.CharField("内容校验", max_length=64)
    people = models.PositiveIntegerField("人数", default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("试算时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        verbose_name = "试算"
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="trial_ends_after_start")
        ]


class TrialLineQuerySet(ScopedQuerySet):
    subject, unit_field = "subsidy", "village"


class TrialLine(models.Model):
    """What one person would get (fen, over the months of the trial) from the version in force and from the new one."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="lines")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    before = models.PositiveIntegerField("现行版本（分）", default=0)
    after = models.PositiveIntegerField("新版本（分）", default=0)
    why = models.CharField("原因", max_length=200, blank=True)

    objects = TrialLineQuerySet.as_manager()

    class Meta:
        verbose_name = "试算结果"
        constraints = [models.UniqueConstraint(fields=["trial", "laborer"], name="tried_once")]
        indexes = [models.Index(fields=["trial", "village"], name="trial_line_village")]
