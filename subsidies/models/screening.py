"""月度筛查: who is entitled to a scheme in a month and why, clause by clause, as the ledger stood."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet, paths
from ledgers.codes import choices
from ledgers.models import Laborer
from lib.month import MonthField
from subsidies.models.schemes import SchemeVersion
from subsidies.rules import RESULTS

REASONS = (
    "不知道政策",
    "材料不全",
    "外出未归",
    "联系不上",
    "正在准备材料",
    "不愿意申领",
    "其他",
)  # why somebody entitled has not claimed (I19)


class ScreeningQuerySet(ScopedQuerySet):
    subject = "subsidy"

    def visible_to(self, user, letter: str = "r") -> ScreeningQuerySet:
        """Those of units in reach; for reading also those of the county above, whose lines are each seen by reach."""
        own = Q(pk__in=super().visible_to(user, letter).order_by().values("pk"))
        if letter != "r":
            return self.filter(own)
        above = {code for path in paths(user, "subsidy") for code in path.rstrip("/").split("/")}
        return self.filter(own | Q(unit__code__in=above))


class Screening(models.Model):
    """One run of a scheme version over the people of `unit` for `month`; run again it replaces its lines."""

    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="screenings", verbose_name="政策")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="筛查范围")
    month = MonthField("月份")
    period = models.CharField(
        "所属期", max_length=8, default="", help_text="what a claim after this screening is for"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("筛查时间", default=timezone.now)
    people = models.PositiveIntegerField("人数", default=0)
    entitled = models.PositiveIntegerField("符合条件人数", default=0)
    unproven = models.PositiveIntegerField("缺少依据人数", default=0)
    digest = models.CharField(
        "结果校验", max_length=64, blank=True, help_text="SHA-256 over all lines, in order"
    )

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        verbose_name = "补贴筛查"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "unit", "month"], name="one_screening_of_a_month")
        ]


class ScreenedQuerySet(ScopedQuerySet):
    subject, unit_field = "subsidy", "village"


class Screened(models.Model):
    """One person of a screening: a letter per clause, the ledger's values, the result and what would be paid (fen)."""

    screening = models.ForeignKey(Screening, models.CASCADE, related_name="lines")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    result = models.CharField("结果", max_length=8, choices=list(RESULTS.items()))
    letters = models.CharField(max_length=40)
    values = models.TextField(help_text="JSON list, one value per clause")
    amount = models.PositiveIntegerField("金额（分）", default=0)
    months = models.CharField("务工月份", max_length=120, blank=True)

    objects = ScreenedQuerySet.as_manager()

    class Meta:
        verbose_name = "筛查结果"
        constraints = [models.UniqueConstraint(fields=["screening", "laborer"], name="screened_once")]
        indexes = [models.Index(fields=["screening", "result", "village"], name="screened_by_result")]


class Unclaimed(models.Model):
    """Why somebody entitled has not claimed yet (I19), as the village learned it."""

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    code = models.CharField("补贴项目", max_length=4)
    period = models.CharField("所属期", max_length=8)
    reason = models.CharField("未申领原因", max_length=10, choices=choices(REASONS))
    note = models.CharField("说明", max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间", default=timezone.now)

    objects = ScreenedQuerySet.as_manager()

    class Meta:
        verbose_name = "未申领原因"
        constraints = [
            models.UniqueConstraint(fields=["laborer", "code", "period"], name="one_reason_of_a_period")
        ]
