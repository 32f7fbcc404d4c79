"""The 采集表 on its way into the ledger, the papers signed for it, and every contact with a person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from jobs.models import StoredFile
from ledgers.codes import choices
from ledgers.models.people import Laborer
from lib.crypto import EncryptedJSONField
from lib.month import MonthField

HOW = ("电话", "微信", "上门")
PAPER_RIGHT = "form.p"  # what the owner of a signed paper must still hold to open it


class FormQuerySet(ScopedQuerySet):
    subject, unit_field = "form", "village"

    def living(self) -> FormQuerySet:
        """Forms that are still on their way: neither in the ledger nor void."""
        return self.filter(state__in=CollectionForm.LIVING)


def _by(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=name
    )


class CollectionForm(models.Model):
    """采集表 of one person and month: a draft field by field, then checked by three offices, then in the ledger.

    `values` and `base` are texts by the column keys of ledgers.imports.columns: what one would type into the cell.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "待镇审"
        REVIEWED = "reviewed", "待专班"
        CONFIRMED = "confirmed", "已确认"
        RETURNED = "returned", "退回"
        WITHDRAWN = "withdrawn", "作废"

    LIVING = (State.DRAFT, State.SUBMITTED, State.REVIEWED, State.RETURNED)
    EDITABLE = (State.DRAFT, State.RETURNED)

    laborer = models.ForeignKey(
        Laborer, models.PROTECT, null=True, related_name="forms", help_text="empty: a new person"
    )
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    month = MonthField("月份")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    values = EncryptedJSONField("填写内容", default=dict)
    base = EncryptedJSONField("填写前的内容", default=dict)
    typed = models.JSONField(default=dict, help_text="column key → {by, at} of the last change")
    doubts = EncryptedJSONField(
        "提交时的疑点", default=list, help_text="what the rules asked about when it was submitted"
    )
    person_version = models.PositiveIntegerField(null=True, help_text="of the laborer, when base was taken")
    version = models.PositiveIntegerField(default=1, help_text="one more for each accepted change of a field")
    how = models.CharField("核实方式", max_length=2, choices=choices(HOW), blank=True)
    begun_by = _by("开始填写人")
    begun_at = models.DateTimeField(default=timezone.now)
    filed_by = _by("采集人")
    filed_at = models.DateTimeField(null=True)
    reviewed_by = _by("镇审人")
    reviewed_at = models.DateTimeField(null=True)
    confirmed_by = _by("确认人")
    confirmed_at = models.DateTimeField(null=True)
    returned_by = _by("退回人")
    returned_at = models.DateTimeField(null=True)
    reason = models.CharField("退回原因", max_length=200, blank=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        verbose_name = "采集表"
        indexes = [
            models.Index(fields=["village", "month", "state"], name="form_village_month"),
            models.Index(fields=["month", "state"], name="form_month_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["laborer", "month"],
                condition=Q(state__in=("draft", "submitted", "reviewed", "returned")),
                name="one_living_form",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("filed_by")), name="form_reviewed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None)
                | (~Q(confirmed_by=F("filed_by")) & ~Q(confirmed_by=F("reviewed_by"))),
                name="form_confirmed_by_a_third",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "withdrawn"), confirmed_by=None)
                | Q(state="submitted", filed_by__isnull=False, reviewed_by=None, confirmed_by=None)
                | Q(state="reviewed", filed_by__isnull=False, reviewed_by__isnull=False, confirmed_by=None)
                | Q(
                    state="confirmed",
                    filed_by__isnull=False,
                    reviewed_by__isnull=False,
                    confirmed_by__isnull=False,
                    laborer__isnull=False,
                )
                | (
                    Q(state="returned", filed_by__isnull=False, returned_by__isnull=False, confirmed_by=None)
                    & ~Q(reason="")
                ),
                name="form_state_names_its_people",
            ),
        ]

    def __str__(self) -> str:
        return f"采集表{self.pk}"

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @property
    def name(self) -> str:
        """姓名 as the form says it."""
        return self.values.get("name", "")


class FormPaperQuerySet(ScopedQuerySet):
    subject, unit_field = "form", "form__village"


class FormPaper(models.Model):
    """What was signed: a photograph of the paper, or a signature on the screen. Files are encrypted."""

    class Kind(models.TextChoices):
        PAPER = "paper", "签字纸照片"
        PERSON = "person", "被采集人签名"
        COLLECTOR = "collector", "采集人签名"

    form = models.ForeignKey(CollectionForm, models.PROTECT, related_name="papers")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(help_text="of the form, when it was signed")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = FormPaperQuerySet.as_manager()

    class Meta:
        verbose_name = "采集表签字"


class ContactQuerySet(ScopedQuerySet):
    subject, unit_field = "person", "village"

    def standing(self) -> ContactQuerySet:
        """Those nobody took back, in the order in which they happened."""
        return self.filter(undone_at=None).order_by("at", "pk")


class Contact(models.Model):
    """联系记录: one call, message or visit, what came of it, and what the caller had on the screen."""

    class Outcome(models.TextChoices):
        UNCHANGED = "unchanged", "无变化"
        CHANGED = "changed", "有变化"
        UNREACHABLE = "unreachable", "联系不上"

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="contacts")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    month = MonthField("月份")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    how = models.CharField("核实方式", max_length=2, choices=choices(HOW), blank=True)
    outcome = models.CharField("结果", max_length=12, choices=Outcome)
    shown = EncryptedJSONField("当时显示的内容", default=dict, help_text="printed label → value")
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    client_key = models.CharField(
        max_length=36, null=True, blank=True, help_text="made by the device: sent twice, kept once"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "联系记录"
        indexes = [models.Index(fields=["village", "month"], name="contact_village_month")]
        constraints = [
            models.UniqueConstraint(fields=["by", "client_key"], name="one_contact_per_key"),
            models.CheckConstraint(
                condition=~Q(outcome__in=("unchanged", "changed")) | ~Q(how=""), name="contact_says_how"
            ),
        ]


class SubmittedForm(models.Model):
    """A form that was saved, by the token it was shown with: sent again, it gets the first answer and saves nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token = models.CharField(max_length=36)
    content = models.CharField(max_length=32, help_text="blind index of what was sent")
    answer = models.CharField(max_length=200, blank=True, help_text="address the first answer led to")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "已提交的表单"
        constraints = [models.UniqueConstraint(fields=["user", "token"], name="one_answer_per_form")]
