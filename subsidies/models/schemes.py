"""补贴政策: what a county pays for, as data with versions; a version that is in force is never changed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet, paths
from lib.month import Month, MonthField
from subsidies.rules import Rule, read
from subsidies.schemes import name_of
from subsidies.tariffs import TARIFFS


class SchemeVersionQuerySet(ScopedQuerySet):
    subject = "scheme"

    def visible_to(self, user, letter: str = "r") -> SchemeVersionQuerySet:
        """Those of units in reach; for reading also those of the units above, which hold for everybody below."""
        own = Q(pk__in=super().visible_to(user, letter).order_by().values("pk"))
        if letter != "r":
            return self.filter(own)
        above = {code for path in paths(user, "scheme") for code in path.rstrip("/").split("/")}
        return self.filter(own | Q(unit__code__in=above))

    def approved(self) -> SchemeVersionQuerySet:
        return self.filter(state=SchemeVersion.State.APPROVED)

    def for_people(self) -> SchemeVersionQuerySet:
        """Those that persons claim, not workshops or other offices."""
        others = [kind for kind, one in TARIFFS.items() if not one.for_people]
        return self.exclude(rule__tariff__kind__in=others)

    def in_force(self, unit: Unit, month: Month) -> SchemeVersionQuerySet:
        """The approved version of every scheme that holds for `unit` in `month`: of the nearest office, the newest.

        One that has ended pays nothing: the version before it does not come back.
        """
        return self.filter(pk__in=[one.pk for one in holding(self.begun(unit.ancestor_codes), unit, month)])

    def begun(self, codes: Iterable[str]) -> SchemeVersionQuerySet:
        """Approved versions of these offices, in the order `holding` wants."""
        found = self.approved().filter(unit__code__in=codes).select_related("unit")
        return found.order_by("unit__path", "from_month", "version")


def holding(versions: Iterable[SchemeVersion], unit: Unit, month: Month) -> list[SchemeVersion]:
    """Of `begun` versions those that hold for `unit` in `month`: of the nearest office, the newest."""
    above, nearest = set(unit.ancestor_codes), {}
    for one in versions:
        if one.unit.code in above and one.from_month <= month:
            nearest[one.code] = one
    return [one for one in nearest.values() if one.until_month is None or one.until_month >= month]


class SchemeVersion(models.Model):
    """One version of a scheme. `rule` is what subsidies.rules reads; claims keep the version they were made under."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        APPROVED = "approved", "已批准"
        VOID = "void", "已作废"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="制定单位")
    code = models.CharField("补贴项目", max_length=4)
    name = models.CharField("政策名称", max_length=40)
    version = models.PositiveSmallIntegerField("版本", default=1)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    from_month = MonthField("起始月份")
    until_month = MonthField("截止月份", null=True, blank=True)
    opens_on = models.DateField("受理开始", null=True, blank=True)
    closes_on = models.DateField("受理截止", null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField("公示天数", default=5)
    is_away = models.BooleanField(
        "县外务工类", default=False, help_text="months it pays for cannot be post months"
    )
    rule = models.JSONField("条件和标准")
    documents = models.JSONField("申请材料", default=list, help_text='[{"name": …, "required": bool}]')
    basis = models.CharField("政策依据", max_length=200, blank=True)
    fund = models.CharField("资金来源", max_length=40, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField("编写时间", default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)

    objects = SchemeVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "补贴政策"
        constraints = [
            models.UniqueConstraint(fields=["unit", "code", "version"], name="one_scheme_per_version"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("written_by")),
                name="scheme_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approved_scheme_names_who",
            ),
            models.CheckConstraint(
                condition=Q(until_month=None) | Q(until_month__gte=F("from_month")),
                name="scheme_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(opens_on=None) | Q(closes_on=None) | Q(closes_on__gte=F("opens_on")),
                name="scheme_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）"

    @cached_property
    def terms(self) -> Rule:
        """The rule, ready to be asked."""
        return read(self.rule)

    @property
    def pays_workshops(self) -> bool:
        """Whether its batches hold awards of workshops instead of claims."""
        return self.rule.get("tariff", {}).get("kind") == "workshops"

    @property
    def scheme_name(self) -> str:
        return name_of(self.code)
