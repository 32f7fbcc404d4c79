"""The facts of each month, frozen when it closes, and the closings themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers import codes
from ledgers.codes import choices
from ledgers.counting import REASONS
from ledgers.models.people import Laborer
from lib.month import MonthField
from lib.rates import thousands


class MonthlyRecordQuerySet(ScopedQuerySet):
    subject, unit_field = "person", "village"

    def for_month(self, month) -> MonthlyRecordQuerySet:
        return self.filter(month=month)

    def counted(self) -> MonthlyRecordQuerySet:
        return self.filter(reason="counted")


class MonthlyRecord(models.Model):
    """The fact of one laborer and month, frozen when the month closes. Every person figure is a sum over it."""

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="records")
    month = MonthField("月份")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="当月所在村")
    is_poverty = models.BooleanField("脱贫人口")
    is_monitored = models.BooleanField("监测对象")
    working = models.BooleanField("是否务工")
    place_class = models.CharField("务工区域", max_length=5, blank=True)
    region_code = models.CharField(max_length=12, blank=True)
    job_form = models.CharField("就业形式", max_length=15, blank=True)
    industry = models.CharField("所属产业行业", max_length=20, blank=True)
    employer = models.CharField("就业单位名称", max_length=100, blank=True)
    monthly_wage = models.PositiveIntegerField("月平均工资", null=True, blank=True)
    months = models.DecimalField("年度累计务工时间", max_digits=3, decimal_places=1, default=0)
    income = models.PositiveIntegerField("年度务工收入", default=0)
    declared = models.BooleanField("累计数由采集表填报", default=False)
    ticked_months = models.CharField("具体务工时间", max_length=120, blank=True)
    flexible_days = models.PositiveSmallIntegerField("灵活就业天数", null=True, blank=True)
    reason = models.CharField("是否计入", max_length=20, choices=list(REASONS.items()))
    verify_state = models.CharField(
        "核实情况", max_length=5, choices=choices(codes.VERIFY_STATES), default=codes.VERIFY_STATES[0]
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verified_how = models.CharField("核实方式", max_length=10, blank=True)

    objects = MonthlyRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "月度记录"
        constraints = [
            models.UniqueConstraint(fields=["laborer", "month"], name="one_record_per_month"),
            models.CheckConstraint(condition=Q(months__gte=0) & Q(months__lte=12), name="months_within_year"),
            models.CheckConstraint(
                condition=~Q(reason="counted") | (Q(working=True) & ~Q(job_form=codes.SELF_EMPLOYED)),
                name="counted_means_working",
            ),
        ]
        indexes = [
            models.Index(fields=["month", "village", "reason"], name="record_month_village"),
            models.Index(
                fields=["month", "village"],
                condition=Q(job_form="公益性岗位"),
                name="records_of_post_holders",
            ),
        ]

    @property
    def income_text(self) -> str:
        return thousands(self.income)

    @property
    def counted(self) -> bool:
        return self.reason == "counted"


class MonthClosing(models.Model):
    """A month closed for a unit and everything below it; reopening is a new line in the same row, never a deletion."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="closings")
    month = MonthField("月份")
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("重开原因", max_length=200, blank=True)
    people = models.PositiveIntegerField("台账人数", default=0)
    verified = models.PositiveIntegerField("已核实人数", default=0)
    counted = models.PositiveIntegerField("计入人数", default=0)

    class Meta:
        verbose_name = "月份关闭"
        indexes = [models.Index(fields=["month"], condition=Q(reopened_at=None), name="closing_in_force")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "month"], condition=Q(reopened_at=None), name="one_closing_in_force"
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reason="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reason="")),
                name="reopening_names_who_and_why",
            ),
        ]
