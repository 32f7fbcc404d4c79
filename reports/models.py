"""Targets, base figures, the kept values of every figure, and the bulletins made from them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.roles import Role, roles_with
from accounts.scope import NOTHING, ScopedQuerySet
from lib.month import MonthField


class TargetRows(ScopedQuerySet):
    subject = "target"


class FigureRows(ScopedQuerySet):
    subject = "figures"


class BulletinRows(ScopedQuerySet):
    subject = "bulletin"

    def visible_to(self, user, letter: str = "r"):
        """Writers and auditors see every state below them; others what went out below, or to, their unit."""
        if letter != "r":
            return super().visible_to(user, letter)
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        inside, addressed = NOTHING, NOTHING
        for posting in user.current_postings():
            if posting.role in roles_with("bulletin", "r"):
                below = Q(unit__path__startswith=posting.unit.path)
                addressed |= below | Q(unit__code__in=posting.unit.ancestor_codes)
                if posting.role in roles_with("bulletin", "w") | {Role.AUDITOR}:
                    inside |= below
        return self.filter(inside | (addressed & Q(state__in=Bulletin.OUT)))


class Target(models.Model):
    """年度目标任务 of one unit: persons to be in work by the end of the statistical year."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="targets", verbose_name="单位")
    year = models.PositiveSmallIntegerField("年度")
    figure = models.CharField("指标", max_length=8, default="I01")
    value = models.PositiveIntegerField("目标数")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    objects = TargetRows.as_manager()

    class Meta:
        verbose_name = "目标任务"
        constraints = [models.UniqueConstraint(fields=["unit", "year", "figure"], name="one_target_per_year")]


class Baseline(models.Model):
    """A figure of a named base date (基期) to compare with; one base date per comparison, never two names for it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="baselines", verbose_name="单位")
    name = models.CharField("基期", max_length=20, help_text="as printed, e.g. 2022年10月")
    figure = models.CharField("指标", max_length=8)
    value = models.PositiveIntegerField("数值")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    objects = TargetRows.as_manager()

    class Meta:
        verbose_name = "基期数"
        constraints = [models.UniqueConstraint(fields=["unit", "name", "figure"], name="one_value_per_base")]


class FigureValue(models.Model):
    """Numerator and denominator of one figure for one unit and month; a parent's are the sums of its children's."""

    month = MonthField("月份")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    figure = models.CharField("指标", max_length=8)
    numerator = models.BigIntegerField("分子")
    denominator = models.BigIntegerField("分母", null=True, blank=True)

    objects = FigureRows.as_manager()

    class Meta:
        verbose_name = "指标值"
        constraints = [
            models.UniqueConstraint(fields=["month", "unit", "figure"], name="one_value_per_figure")
        ]
        indexes = [models.Index(fields=["unit", "figure", "month"], name="figure_trend")]


class Stale(models.Model):
    """A village and month whose facts changed since its figures were computed; the recompute job empties this table."""

    month = MonthField()
    village = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now)


class Bulletin(models.Model):
    """通报: one snapshot, its sentences and its life. A published version never changes; reopening makes a new one."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "待签发"
        PUBLISHED = "published", "已印发"
        WITHDRAWN = "withdrawn", "已重开"

    OUT = (State.PUBLISHED, State.WITHDRAWN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.CharField("类型", max_length=4, default="T1")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bulletins", verbose_name="发文单位")
    month = MonthField("月份")
    version = models.PositiveSmallIntegerField("版本", default=1)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField("标题", max_length=100)
    issuer = models.CharField("发文机关", max_length=60)
    number = models.CharField("发文字号", max_length=40, blank=True)
    issued_on = models.DateField("成文日期", null=True, blank=True)
    snapshot = models.JSONField(default=dict, help_text="every figure the text and the annex may use")
    sentences = models.JSONField(
        default=list, help_text="the text as blocks with slots, never with typed figures"
    )
    content_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of snapshot and sentences")
    audit_head = models.CharField(
        max_length=64, blank=True, help_text="head of the audit chain when published"
    )
    edits = models.PositiveIntegerField("修改次数", default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopen_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopen_reason = models.CharField("重开原因", max_length=200, blank=True)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True, blank=True)

    objects = BulletinRows.as_manager()

    class Meta:
        verbose_name = "通报"
        ordering = ["-month", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "unit", "month", "version"], name="one_bulletin_per_version"
            ),
            models.UniqueConstraint(
                fields=["template", "unit", "month"],
                condition=~Q(state="withdrawn"),
                name="one_living_version",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "withdrawn"])
                | (Q(published_by__isnull=False) & ~Q(published_by=F("submitted_by")) & ~Q(content_hash="")),
                name="published_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(reopened_by=None) | ~Q(reopened_by=F("reopen_asked_by")),
                name="reopened_by_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class BulletinFile(models.Model):
    """A published bulletin in one format, byte for byte as it went out; a later version of the program prints anew."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="files", verbose_name="通报")
    form = models.CharField("格式", max_length=4)
    content = models.BinaryField("内容")
    sha256 = models.CharField("校验码", max_length=64)

    class Meta:
        verbose_name = "印发文件"
        constraints = [models.UniqueConstraint(fields=["bulletin", "form"], name="one_file_per_format")]
