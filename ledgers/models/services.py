"""就业服务记录 and 零就业户: what the clocks of ledgers.clocks are started and stopped by."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from accounts.scope import ScopedQuerySet
from jobs.models import StoredFile
from ledgers import codes
from ledgers.codes import choices
from ledgers.models.people import Household, Laborer
from lib.crypto import EncryptedTextField

EVIDENCE_RIGHT = "service.r"  # what the owner of an uploaded evidence must still hold to open it


class ServiceQuerySet(ScopedQuerySet):
    subject, unit_field = "service", "laborer__village"

    def standing(self) -> ServiceQuerySet:
        """Those nobody took back."""
        return self.filter(undone_at=None)


def _user(name: str, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, related_name="+", verbose_name=name
    )


class Service(models.Model):
    """One employment service a person received: counted only with date, person and evidence (YD-I05)."""

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="services")
    kind = models.CharField("服务项目", max_length=4, choices=choices(codes.SERVICE_KINDS))
    on = models.DateField("服务日期")
    done_by = models.CharField("服务人员", max_length=50)
    evidence = EncryptedTextField("佐证说明", blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="佐证材料")
    employer = models.CharField("推介单位", max_length=100, blank=True)
    post = models.CharField("推介岗位", max_length=60, blank=True)
    outcome = models.CharField("本人意见", max_length=4, choices=choices(codes.OUTCOMES), blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = _user("登记人")
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = _user("撤销人", null=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = "就业服务记录"
        indexes = [models.Index(fields=["laborer", "kind", "on"], name="service_of_person")]
        constraints = [
            models.CheckConstraint(condition=~Q(done_by=""), name="service_names_who_gave_it"),
            models.CheckConstraint(
                condition=Q(file__isnull=False) | Q(GreaterThan(Cast(F("evidence"), TextField()), "")),
                name="service_has_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(kind=codes.OFFER) | (~Q(employer="") & ~Q(outcome="")),
                name="offer_says_where_and_what_came_of_it",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="service_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on:%Y-%m-%d}"


class ZeroEmploymentQuerySet(ScopedQuerySet):
    subject, unit_field = "service", "household__village"


class ZeroEmployment(models.Model):
    """零就业户: a household with labour and nobody employed, from its 认定 to its 消除."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="recognitions")
    recognised_on = models.DateField("认定日期")
    basis = models.CharField("认定依据", max_length=200)
    recognised_by = _user("认定人")
    cleared_on = models.DateField("消除日期", null=True, blank=True)
    cleared_why = models.CharField("消除原因", max_length=20, choices=choices(codes.CLEARED), blank=True)
    cleared_note = models.CharField("消除依据", max_length=200, blank=True)
    cleared_by = _user("消除登记人", null=True)

    objects = ZeroEmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = "零就业户认定"
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(cleared_on=None), name="one_recognition_in_force"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="recognition_has_a_basis"),
            models.CheckConstraint(
                condition=Q(cleared_on=None, cleared_why="", cleared_note="", cleared_by=None)
                | (
                    Q(cleared_on__gte=F("recognised_on"), cleared_by__isnull=False)
                    & ~Q(cleared_why="")
                    & ~Q(cleared_note="")
                ),
                name="clearing_says_when_why_and_who",
            ),
        ]

    def __str__(self) -> str:
        return f"零就业户{self.pk}"
