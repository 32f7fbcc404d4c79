"""What a county pays its workshops: the standard it set, and the awards with every worker they count."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from ledgers.models import Laborer
from lib.crypto import EncryptedTextField
from lib.money import yuan
from posts.models.workshops import OfWorkshop, Workshop
from posts.workshop_rules import ABSORBING, AWARD_KINDS


class Standards(ScopedQuerySet):
    subject = "post"


class WorkshopStandard(models.Model):
    """车间标准 of a county from a year on; a change is a new row, so that what was decided keeps its own."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="workshop_standards", verbose_name="单位")
    from_year = models.PositiveSmallIntegerField("从哪一年起")
    workers = models.PositiveSmallIntegerField("认定人数", default=5)
    term = models.PositiveSmallIntegerField("认定有效期", default=3)  # years
    months = models.PositiveSmallIntegerField("工作满几个月计入", default=3)
    steps = models.JSONField("阶梯", default=list)  # [[people, fen], …], rising
    per_head = models.PositiveBigIntegerField("吸纳每人", default=0)  # fen
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    objects = Standards.as_manager()

    class Meta:
        verbose_name = "车间奖补标准"


class WorkshopAward(models.Model):
    """奖补: computed from the placements of a year, proposed by one officer and approved by another."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待审批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"

    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="awards", verbose_name="车间")
    kind = models.CharField("奖补类别", max_length=6, choices=choices(AWARD_KINDS))
    year = models.PositiveSmallIntegerField("年度")
    until = models.DateField("计算截至")
    people = models.PositiveIntegerField("计入人数")
    amount = models.PositiveBigIntegerField("金额")  # fen
    basis = models.JSONField("标准", default=dict)  # the standard as it was applied
    state = models.CharField("状态", max_length=8, choices=State, default=State.PROPOSED)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField("未批准原因", max_length=200, blank=True)

    objects = OfWorkshop.as_manager()

    class Meta:
        verbose_name = "车间奖补"
        constraints = [
            models.UniqueConstraint(
                fields=["workshop", "kind", "year"],
                condition=~Q(state="refused"),
                name="one_award_of_a_kind_a_year",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("made_by")), name="award_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None)
                | Q(~Q(state="proposed"), decided_by__isnull=False),
                name="award_decided_by_somebody",
            ),
        ]

    @property
    def amount_text(self) -> str:
        return yuan(self.amount)


class AwardLines(ScopedQuerySet):
    subject, unit_field = "post", "award__workshop__unit"


class AwardLine(models.Model):
    """One counted worker. No worker counts twice in a year, nor twice in a lifetime for 吸纳 (YD-G15)."""

    award = models.ForeignKey(WorkshopAward, models.CASCADE, related_name="lines", verbose_name="奖补")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="award_lines", verbose_name="劳动力")
    kind = models.CharField("奖补类别", max_length=6, choices=choices(AWARD_KINDS))
    year = models.PositiveSmallIntegerField("年度")
    months = models.PositiveSmallIntegerField("工作月数")
    void = models.BooleanField("作废", default=False)  # of a refused award: the worker may count again

    objects = AwardLines.as_manager()

    class Meta:
        verbose_name = "奖补计入人员"
        constraints = [
            models.UniqueConstraint(
                fields=["laborer", "kind", "year"],
                condition=Q(void=False),
                name="a_worker_counts_once_a_year",
            ),
            models.UniqueConstraint(
                fields=["laborer"],
                condition=Q(void=False, kind=ABSORBING),
                name="a_worker_is_absorbed_once",
            ),
        ]


class WorkshopAccount(models.Model):
    """对公账户 of a workshop: what it is awarded is paid into the one that two people registered; old ones stay."""

    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="accounts", verbose_name="车间")
    holder = models.CharField("户名", max_length=60)
    bank = models.CharField("开户行", max_length=60)
    number = EncryptedTextField("银行账号")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField("登记时间", default=timezone.now)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)

    objects = OfWorkshop.as_manager()

    class Meta:
        verbose_name = "车间对公账户"
        constraints = [
            models.UniqueConstraint(
                fields=["workshop"],
                condition=Q(ended_at=None, confirmed_at__isnull=False),
                name="one_account_of_a_workshop",
            ),
            models.UniqueConstraint(
                fields=["workshop"],
                condition=Q(ended_at=None, confirmed_at=None),
                name="one_account_of_a_workshop_waits",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("set_by"))),
                name="workshop_account_confirmed_by_another",
            ),
        ]

    @property
    def masked(self) -> str:
        """The last four digits."""
        return f"尾号{self.number[-4:]}"
