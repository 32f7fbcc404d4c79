"""异动交接: who changed since the last time, handed over for the national system, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from ledgers.models.people import Laborer
from lib.month import MonthField

WAITING, ENTERED, REFUSED = "待录入", "已入库", "未入库"
RESULTS = (ENTERED, REFUSED)


class HandoverQuerySet(ScopedQuerySet):
    subject = "person"


class Handover(models.Model):
    """异动交接单: the changes of one unit between two moments, as one workbook with a number."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="handovers", verbose_name="单位")
    month = MonthField("月份")
    since = models.DateTimeField("异动起")
    until = models.DateTimeField("异动止", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="交接人"
    )
    job = models.UUIDField(unique=True, help_text="the work that made it: done twice, it is made once")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = "异动交接单"
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="handover_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on the workbook: YD202303-00012."""
        return f"YD{str(self.month).replace('-', '')}-{self.pk:05d}"


class HandoverLineQuerySet(ScopedQuerySet):
    subject, unit_field = "person", "handover__unit"


class HandoverLine(models.Model):
    """One person of a 交接单: what changed, and whether the other system has it by now."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="lines")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="+")
    added = models.BooleanField("新增人员", default=False)
    changed_at = models.DateTimeField("异动时间")
    changes = models.JSONField(
        default=list, help_text="[printed label, old, new]; secret values are not kept"
    )
    result = models.CharField("录入结果", max_length=3, choices=choices((WAITING, *RESULTS)), default=WAITING)
    entered_on = models.DateField("录入日期", null=True, blank=True)
    reason = models.CharField("未录入原因", max_length=100, blank=True)
    received_at = models.DateTimeField("回执时间", null=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = HandoverLineQuerySet.as_manager()

    class Meta:
        verbose_name = "异动"
        constraints = [
            models.UniqueConstraint(fields=["handover", "laborer"], name="one_line_per_handover_and_person"),
            models.CheckConstraint(
                condition=Q(result=WAITING, received_at=None, received_by=None, entered_on=None)
                | (~Q(result=WAITING) & Q(received_at__isnull=False, received_by__isnull=False)),
                name="receipt_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(result=ENTERED) | Q(entered_on__isnull=False), name="entered_on_a_day"
            ),
        ]
