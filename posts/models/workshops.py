"""Workshops (帮扶车间) from proposal to revocation, their reviews, and the people placed in them."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from ledgers.models import Laborer
from lib.rates import thousands
from posts.models.posts import DatedRows, UnitRows

WORKSHOP_KINDS = ("帮扶车间", "社区工厂", "就业帮扶基地")
WORKSHOP_FORMS = ("厂房式", "居家式", "种养式", "贸易流通式", "文化旅游式")  # domain.md §4.2, P30
CONTRACTS = ("劳动合同", "劳务协议", "承揽协议", "未签订")
LEAVINGS = ("个人辞职", "合同到期", "外出务工", "车间停产", "身体原因", "其他")
PASSED, TO_MEND, TO_REVOKE = "合格", "整改", "撤销"
RESULTS = (PASSED, TO_MEND, TO_REVOKE)


class Workshops(UnitRows):
    def operating_on(self, day: dt.date) -> Self:
        """Recognised, not suspended and not ended on the day: what I09 counts."""
        going = Q(closed_on=None) | Q(closed_on__gt=day)
        at_work = Q(suspended_on=None) | Q(suspended_on__gt=day)
        return self.filter(going, at_work, recognised_on__lte=day)


class Placements(DatedRows):
    unit_field = "workshop__unit"

    def absorbed_on(self, day: dt.date) -> Self:
        """带动就业: 脱贫 and 监测 people at work on the day in a workshop that is recognised and operating."""
        return self.active_on(day).filter(counted=True, workshop__in=Workshop.objects.operating_on(day))


class OfWorkshop(ScopedQuerySet):
    subject, unit_field = "post", "workshop__unit"


class Workshop(models.Model):
    """帮扶车间, 社区工厂 or 就业帮扶基地: proposed by a township, recognised by the county, reviewed each year."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待认定"
        REFUSED = "refused", "未通过"
        RECOGNISED = "recognised", "已认定"
        SUSPENDED = "suspended", "暂停"
        REVOKED = "revoked", "已撤销"
        CLOSED = "closed", "已停办"

    number = models.CharField("车间编号", max_length=30, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="workshops", verbose_name="所在村")
    name = models.CharField("车间名称", max_length=60)
    kind = models.CharField("类别", max_length=8, choices=choices(WORKSHOP_KINDS), default="帮扶车间")
    form = models.CharField("形式", max_length=6, choices=choices(WORKSHOP_FORMS), blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    in_charge = models.CharField("负责人", max_length=50, blank=True)
    address = models.CharField("地址", max_length=100, blank=True)
    industry = models.CharField("所属行业", max_length=20, blank=True)
    operating_since = models.DateField("投产日期", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RECOGNISED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_on = models.DateField("申报日期", null=True, blank=True)
    recognised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recognised_on = models.DateField("认定日期", null=True, blank=True)
    recognition_number = models.CharField("认定文号", max_length=40, blank=True)
    valid_until = models.DateField("认定有效期至", null=True, blank=True)
    suspended_on = models.DateField("暂停日期", null=True, blank=True)
    closed_on = models.DateField("停产日期", null=True, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)  # of the state it is in now

    objects = Workshops.as_manager()

    class Meta:
        verbose_name = "帮扶车间"
        constraints = [
            models.CheckConstraint(
                condition=Q(proposed_by=None) | Q(recognised_by=None) | ~Q(recognised_by=F("proposed_by")),
                name="workshop_recognised_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "refused"), recognised_on=None)
                | Q(~Q(state__in=("proposed", "refused")), recognised_on__isnull=False),
                name="workshop_recognised_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("revoked", "closed")) | Q(closed_on__isnull=False),
                name="workshop_ended_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="suspended", suspended_on__isnull=False)
                | Q(~Q(state="suspended"), suspended_on=None),
                name="workshop_suspended_since_a_day",
            ),
            models.UniqueConstraint(
                fields=["recognition_number"],
                condition=~Q(recognition_number=""),
                name="one_workshop_per_recognition_number",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkshopReview(models.Model):
    """复核: one look at a workshop; a result of 撤销 revokes it when another officer has checked it."""

    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="reviews", verbose_name="车间")
    on = models.DateField("复核日期")
    operating = models.BooleanField("正常生产")
    wage_paid = models.BooleanField("按时发放工资")
    insured = models.BooleanField("购买意外险或社会保险")
    people = models.PositiveIntegerField("在岗人数")  # from the placements of the day, never typed
    counted = models.PositiveIntegerField("其中脱贫和监测对象")
    result = models.CharField("复核结果", max_length=2, choices=choices(RESULTS))
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = OfWorkshop.as_manager()

    class Meta:
        verbose_name = "车间复核"
        constraints = [
            models.UniqueConstraint(fields=["workshop", "on"], name="one_review_a_day"),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=F("by")), name="review_checked_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(result=PASSED) | Q(operating=True, wage_paid=True),
                name="a_passed_workshop_operates_and_pays",
            ),
        ]


class Placement(models.Model):
    """带动就业: a person employed in a workshop from one day to another; triggers refuse two at once."""

    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="placements", verbose_name="车间")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="placements", verbose_name="劳动力")
    started_on = models.DateField("入职日期")
    ended_on = models.DateField("离职日期", null=True, blank=True)
    job = models.CharField("工种", max_length=30, blank=True)
    monthly_wage = models.PositiveIntegerField("月工资", null=True, blank=True)  # yuan, as in the ledger
    contract = models.CharField("合同", max_length=4, choices=choices(CONTRACTS), blank=True)
    insured = models.BooleanField("是否参保", null=True)
    exit_reason = models.CharField("离职原因", max_length=4, choices=choices(LEAVINGS), blank=True)
    # 脱贫 or 监测 when placed and when last reviewed: computed, and kept because a household may live out of reach
    counted = models.BooleanField("计入带动就业", default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

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

    @property
    def wage_text(self) -> str:
        return thousands(self.monthly_wage)
