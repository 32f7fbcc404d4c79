"""Until when a month may be filled in (填报截止), and who was allowed longer (例外)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from lib.month import MonthField

LONGEST = 31  # days an exception lasts at most, counted from the day after it was granted


class EntryRule(models.Model):
    """From `from_month` on, months are filled in up to their own `day`-th; no day: until they close. Only added to."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    from_month = MonthField("起始月份")
    day = models.PositiveSmallIntegerField("截止日", null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="设定人"
    )
    at = models.DateTimeField("设定时间", default=timezone.now)

    class Meta:
        verbose_name = "填报截止规定"
        constraints = [
            models.CheckConstraint(
                condition=Q(day=None) | (Q(day__gte=1) & Q(day__lte=28)),
                name="entry_ends_on_a_day_of_every_month",
            )
        ]

    @property
    def words(self) -> str:
        """The rule as one sentence."""
        if self.day is None:
            return f"自{self.from_month.label}起，不设填报截止日"
        return f"自{self.from_month.label}起，每月{self.day}日后停止填报"


class EntryExceptionQuerySet(ScopedQuerySet):
    subject = "month"

    def standing(self) -> EntryExceptionQuerySet:
        """Neither ended early nor too old to be in force; `until` decides about the rest."""
        oldest = timezone.now() - dt.timedelta(days=LONGEST + 1)
        return self.filter(ended_at=None, granted_at__gte=oldest)


class EntryException(models.Model):
    """A village or township may fill in a month for `days` days longer than the rule says; it ends by itself."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="entry_exceptions", verbose_name="单位")
    month = MonthField("月份")
    days = models.PositiveSmallIntegerField("天数")
    reason = models.CharField("原因", max_length=200)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="批准单位")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="批准人"
    )
    granted_at = models.DateTimeField("批准时间", default=timezone.now)
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="结束人",
    )

    objects = EntryExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = "填报例外"
        indexes = [models.Index(fields=["month", "unit"], name="entry_exception_month_unit")]
        constraints = [
            models.CheckConstraint(condition=Q(days__lte=LONGEST), name="entry_exception_is_short"),
            models.CheckConstraint(condition=~Q(reason=""), name="entry_exception_says_why"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_at__gte=models.F("granted_at")),
                name="entry_exception_ended_by_somebody",
            ),
        ]

    @property
    def until(self) -> dt.date:
        """The last day on which it holds, in Asia/Shanghai."""
        return timezone.localdate(self.granted_at) + dt.timedelta(days=self.days)

    @property
    def lasted(self) -> dt.date:
        """The last day on which it held or will hold: `until`, or the day somebody ended it."""
        return min(self.until, timezone.localdate(self.ended_at)) if self.ended_at else self.until

    @property
    def left(self) -> str:
        """How long it still holds, or how it came to its end."""
        if self.ended_at:
            return "已提前结束"
        days = (self.until - timezone.localdate()).days
        return "已到期" if days < 0 else f"还剩 {days} 天" if days else "今天到期"

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None or self.until < timezone.localdate()
