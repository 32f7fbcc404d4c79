"""Telephone spot checks (电话抽查): a campaign of a month and its calls."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from ledgers.models import Laborer
from lib.month import MonthField

SELECTIONS = ("随机抽取", "修改数量较少", "联系不上较多", "全覆盖")
MODES = ("县（市、区）交叉抽查", "本级抽查")


class CampaignRows(ScopedQuerySet):
    subject = "sampling"

    def visible_to(self, user, letter: str = "r"):
        """Campaigns of units within reach; for reading also those with calls the user may see, not more of them."""
        own = Q(pk__in=super().visible_to(user, letter).order_by().values("pk"))
        if letter != "r":
            return self.filter(own)
        return self.filter(own | Q(pk__in=Call.objects.visible_to(user).order_by().values("campaign")))


class CallRows(ScopedQuerySet):
    subject, unit_field = "sampling", "township"

    def visible_to(self, user, letter: str = "r"):
        """Calls within the user's reach; a sampler sees only the calls handed to that sampler, until they are due."""
        own = self.handed_to(user)
        supervised = super().visible_to(_WithoutSampler(user), letter)
        return supervised | own

    def handed_to(self, user):
        """The calls a sampler has in hand until they are due."""
        if "sampler" not in user.roles:
            return self.none()
        due = Q(campaign__due_on=None) | Q(campaign__due_on__gte=timezone.localdate())
        return self.filter(due, caller=user)

    def villages_lent_to(self, user) -> models.QuerySet[Unit]:
        """Where the people drawn for a sampler live now, and where they lived when they were drawn."""
        if "sampler" not in user.roles:  # asked for every request: nothing is put together for the others
            return Unit.objects.none()
        calls = self.handed_to(user).order_by()
        there = Q(pk__in=calls.values("village")) | Q(pk__in=calls.values("laborer__village"))
        return Unit.objects.filter(there)


class _WithoutSampler:
    """The same user without sampler postings: a sampler's posting names an office, not a right to its whole sample."""

    def __init__(self, user) -> None:
        self.is_authenticated, self.is_active = user.is_authenticated, user.is_active
        self._postings = [posting for posting in user.current_postings() if posting.role != "sampler"]

    def current_postings(self) -> list:
        return self._postings


class Campaign(models.Model):
    """一次抽查: who was checked in which month, how the townships and the persons were chosen."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="campaigns", verbose_name="组织单位")
    month = MonthField("月份")
    name = models.CharField("名称", max_length=60)
    selection = models.CharField(
        "乡镇选取方式", max_length=10, choices=choices(SELECTIONS), default=SELECTIONS[0]
    )
    mode = models.CharField("抽查方式", max_length=12, choices=choices(MODES), default=MODES[0])
    due_on = models.DateField("截止日期", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = CampaignRows.as_manager()

    class Meta:
        verbose_name = "抽查"
        constraints = [
            models.UniqueConstraint(fields=["unit", "month", "name"], name="one_campaign_per_name")
        ]


class Call(models.Model):
    """One person checked by telephone; the hits are only asked of those who answered."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="calls")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="calls")
    township = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="乡镇")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    caller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="calls")
    connected = models.BooleanField("接通", null=True)
    place_matches = models.BooleanField("务工地一致", null=True)
    time_matches = models.BooleanField("务工时间一致", null=True)
    knows_policy = models.BooleanField("知晓政策", null=True)
    employer_matches = models.BooleanField("企业一致", null=True)
    wage_matches = models.BooleanField("工资额一致", null=True)
    satisfaction = models.CharField(
        "满意度", max_length=5, choices=choices(("满意", "基本满意", "不满意")), blank=True
    )
    note = models.CharField("备注", max_length=200, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)

    objects = CallRows.as_manager()

    class Meta:
        verbose_name = "抽查通话"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "laborer"], name="one_call_per_person"),
            models.CheckConstraint(
                condition=Q(connected=True)
                | Q(place_matches=None, time_matches=None, knows_policy=None)
                | Q(place_matches=False, time_matches=False, knows_policy=False),
                name="hits_need_a_connected_call",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "village"], name="call_campaign_village")]
