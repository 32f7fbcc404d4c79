"""Workshops (帮扶车间) with the people placed in them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit
from ledgers.models import Laborer
from posts.models.posts import DatedRows, UnitRows


class Placements(DatedRows):
    unit_field = "workshop__unit"


class Workshop(models.Model):
    """帮扶车间: recognised, operating, with people placed in it."""

    number = models.CharField("车间编号", max_length=30, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="workshops", verbose_name="所在村")
    name = models.CharField("车间名称", max_length=60)
    recognised_on = models.DateField("认定日期")
    closed_on = models.DateField("停产日期", null=True, blank=True)

    objects = UnitRows.as_manager()

    class Meta:
        verbose_name = "帮扶车间"


class Placement(models.Model):
    """带动就业: a person employed in a workshop from one day to another."""

    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="placements", verbose_name="车间")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="placements", verbose_name="劳动力")
    started_on = models.DateField("入职日期")
    ended_on = models.DateField("离职日期", null=True, blank=True)

    objects = Placements.as_manager()

    class Meta:
        verbose_name = "车间带动就业"
        constraints = [
            models.UniqueConstraint(
                fields=["laborer"], condition=Q(ended_on=None), name="one_person_one_workshop"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="placement_ends_after_start",
            ),
        ]
