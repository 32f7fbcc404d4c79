"""Public-welfare posts (公益性岗位) with the people who hold them."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from ledgers.models import Laborer

POST_CATEGORIES = (
    "护林员",
    "护路员",
    "保洁员",
    "护水员",
    "护理员",
    "村务管理员",
    "光伏公益岗",
    "协保员",
    "其他",
)
POST_LEVELS = ("县级", "乡级", "村级", "企业")
FUNDINGS = ("就业补助资金", "衔接资金", "光伏收益", "村集体经济", "林草等部门")


class UnitRows(ScopedQuerySet):
    subject = "post"


class DatedRows(ScopedQuerySet):
    subject = "post"

    def active_on(self, day: dt.date) -> Self:
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day), started_on__lte=day)


class Appointments(DatedRows):
    unit_field = "post__unit"


class Post(models.Model):
    """岗位: one opening of a township or village, held by one person at a time."""

    number = models.CharField("岗位编号", max_length=30, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="所在村")
    title = models.CharField("岗位名称", max_length=40)
    category = models.CharField("岗位类别", max_length=10, choices=choices(POST_CATEGORIES))
    level = models.CharField("开发层级", max_length=4, choices=choices(POST_LEVELS), default="村级")
    funding = models.CharField("资金来源", max_length=10, choices=choices(FUNDINGS), blank=True)
    opened_on = models.DateField("开发日期")
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    objects = UnitRows.as_manager()

    class Meta:
        verbose_name = "公益性岗位"


class Appointment(models.Model):
    """聘用: a person in a post from one day to another."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="appointments", verbose_name="岗位")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="appointments", verbose_name="劳动力")
    started_on = models.DateField("聘用日期")
    ended_on = models.DateField("解聘日期", null=True, blank=True)

    objects = Appointments.as_manager()

    class Meta:
        verbose_name = "公益性岗位聘用"
        constraints = [
            models.UniqueConstraint(
                fields=["laborer"], condition=Q(ended_on=None), name="one_person_one_post"
            ),
            models.UniqueConstraint(fields=["post"], condition=Q(ended_on=None), name="one_post_one_person"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="appointment_ends_after_start",
            ),
        ]
