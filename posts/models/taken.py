"""Months that a benefit has taken: what may not be paid beside it in the same month is refused by the database."""

from __future__ import annotations

from django.db import models

from accounts.scope import ScopedQuerySet
from ledgers.models import Laborer
from lib.month import MonthField

POST_OR_AWAY = "公岗与县外务工"  # domain.md §4.4, YD-F03: post pay beside an out-of-county subsidy


class TakenMonthQuerySet(ScopedQuerySet):
    subject, unit_field = "person", "laborer__village"


class TakenMonth(models.Model):
    """One person, one month, one benefit of a group; `what` names the row that took it, as "post-pay:12"."""

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="taken_months")
    month = MonthField("月份")
    group = models.CharField("互斥组", max_length=20)
    what = models.CharField("占用", max_length=40, db_index=True)
    title = models.CharField("补贴名称", max_length=40)

    objects = TakenMonthQuerySet.as_manager()

    class Meta:
        verbose_name = "已享受月份"
        constraints = [
            models.UniqueConstraint(fields=["laborer", "month", "group"], name="one_benefit_of_a_group")
        ]
