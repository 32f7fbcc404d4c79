"""政策宣传: templates with their versions, mailings, who was sent what, and texts that villages passed on."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet, paths
from ledgers.codes import choices
from ledgers.models import Laborer
from lib.identity import mask_phone
from subsidies.messages.texts import KINDS, SMS, Words, render
from subsidies.schemes import name_of


class TemplateQuerySet(ScopedQuerySet):
    subject = "message"

    def visible_to(self, user, letter: str = "r") -> TemplateQuerySet:
        """Those of units in reach; for reading also those of the units above, whose texts are meant for everybody."""
        own = Q(pk__in=super().visible_to(user, letter).order_by().values("pk"))
        if letter != "r":
            return self.filter(own)
        above = {code for path in paths(user, "message") for code in path.rstrip("/").split("/")}
        return self.filter(own | Q(unit__code__in=above))

    def newest(self) -> TemplateQuerySet:
        return self.filter(replaced_at=None)


class MessageTemplate(models.Model):
    """宣传模板: one version of a text. What was sent is never changed; a change makes the next version."""

    series = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveSmallIntegerField("版本", default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="编写单位")
    scheme = models.CharField("政策", max_length=4)
    kind = models.CharField("方式", max_length=2, choices=choices(KINDS))
    title = models.CharField("名称", max_length=40)
    text = models.TextField("内容")
    standard = models.CharField("标准", max_length=60, blank=True)
    deadline = models.DateField("截止日期", null=True, blank=True)
    contact = models.CharField("联系电话", max_length=40, blank=True, help_text="of the office")
    is_on = models.BooleanField("启用", default=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField("编写时间", default=timezone.now)
    replaced_at = models.DateTimeField("被新版本取代的时间", null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "宣传模板"
        constraints = [
            models.UniqueConstraint(fields=["series", "version"], name="one_template_per_version"),
            models.UniqueConstraint(
                fields=["series"], condition=Q(replaced_at=None), name="one_newest_template"
            ),
        ]

    @property
    def words(self) -> Words:
        return Words(self.kind, self.scheme, self.text, self.standard, self.deadline, self.contact)

    @property
    def scheme_name(self) -> str:
        return name_of(self.scheme)

    @property
    def is_sms(self) -> bool:
        return self.kind == SMS

    def text_for(self, name: str, village: str) -> str:
        return render(self.words, name, village)


class MailingQuerySet(ScopedQuerySet):
    subject = "message"

    def visible_to(self, user, letter: str = "r") -> MailingQuerySet:
        """Mailings of units in reach; for reading also those that went to people in reach, not more of them."""
        own = Q(pk__in=super().visible_to(user, letter).order_by().values("pk"))
        if letter != "r":
            return self.filter(own)
        received = Message.objects.visible_to(user).order_by().values("mailing")
        return self.filter(own | (Q(pk__in=received) & ~Q(state__in=("draft", "void"))))


class Mailing(models.Model):
    """宣传批次: one version of a template to a list of people that is frozen before it is confirmed."""

    class State(models.TextChoices):
        DRAFT = "draft", "待确认"
        SENDING = "sending", "发送中"
        PAUSED = "paused", "已暂停"
        DONE = "done", "已发完"
        VOID = "void", "已作废"

    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="mailings")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发送范围")
    audience = models.CharField("发送对象", max_length=20)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    people = models.PositiveIntegerField("人数", default=0)
    parts = models.PositiveIntegerField("短信条数", default=0)
    without_phone = models.PositiveIntegerField("没有手机号", default=0)
    over_limit = models.PositiveIntegerField("本周已发满", default=0)
    note = models.CharField("说明", max_length=100, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = "宣传批次"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("draft", "void")) | Q(confirmed_by__isnull=False),
                name="sent_mailing_was_confirmed",
            ),
            models.CheckConstraint(condition=Q(parts__gte=F("people")), name="a_message_has_a_part"),
        ]


class MessageQuerySet(ScopedQuerySet):
    subject, unit_field = "message", "village"

    def received(self) -> MessageQuerySet:
        """Handed to the gateway, and not known to have failed."""
        return self.filter(state__in=(Message.State.HANDED, Message.State.DELIVERED))


class Message(models.Model):
    """One person's message. Neither text nor number is kept: the version, the name and the village make it again."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发"
        HANDED = "handed", "已交网关"
        DELIVERED = "delivered", "已送达"
        FAILED = "failed", "失败"
        UNKNOWN = "unknown", "未知"

    COUNTED = (State.HANDED, State.DELIVERED, State.UNKNOWN)  # against the limit of a week

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="messages")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    parts = models.PositiveSmallIntegerField("条数", default=1)
    state = models.CharField("状态", max_length=9, choices=State, default=State.WAITING)
    reference = models.CharField("网关编号", max_length=60, blank=True)
    reason = models.CharField("原因", max_length=40, blank=True)
    at = models.DateTimeField("交出时间", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "宣传短信"
        constraints = [
            models.UniqueConstraint(fields=["mailing", "laborer"], name="one_message_per_person"),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "failed")) | Q(at__isnull=False),
                name="a_message_handed_over_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["mailing", "state", "id"], name="message_mailing_state"),
            models.Index(fields=["laborer", "at"], name="message_person_time"),
        ]

    @property
    def key(self) -> str:
        """What a gateway that takes a key recognises a repetition by."""
        return f"{self.mailing_id}-{self.pk}"

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.laborer.phone)


class ForwardingQuerySet(ScopedQuerySet):
    subject, unit_field = "message", "village"


class Forwarding(models.Model):
    """转发: a village passed a text on to its group. By whom and when; nothing is known of who read it."""

    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="forwardings")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("转发时间", default=timezone.now)

    objects = ForwardingQuerySet.as_manager()

    class Meta:
        verbose_name = "微信转发"
        constraints = [
            models.UniqueConstraint(fields=["template", "village"], name="one_forwarding_per_village")
        ]
