"""发放批次: approved claims paid together, the file that goes to the bank, and what the bank says of every line."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from jobs.models import StoredFile
from lib.crypto import EncryptedJSONField, EncryptedTextField
from lib.money import yuan
from posts.models import WorkshopAccount, WorkshopAward
from subsidies.models.claims import Claim, VillageRows
from subsidies.models.schemes import SchemeVersion


class PaymentBatchQuerySet(ScopedQuerySet):
    subject = "subsidy"


class PaymentBatch(models.Model):
    """Claims of one scheme version paid together; confirmed by somebody who did not make it."""

    class State(models.TextChoices):
        DRAFT = "draft", "待确认"
        CONFIRMED = "confirmed", "待财政确认"
        FUNDED = "funded", "待发送银行"
        SENT = "sent", "待银行回单"
        DONE = "done", "已完成"
        VOID = "void", "已作废"

    LIVING = (State.DRAFT, State.CONFIRMED, State.FUNDED, State.SENT)

    number = models.CharField("批次号", max_length=24, unique=True)
    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="batches", verbose_name="政策")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="发放单位")
    state = models.CharField("状态", max_length=9, choices=State, default=State.DRAFT)
    people = models.PositiveIntegerField("人数", default=0)
    amount = models.PositiveBigIntegerField("金额（分）", default=0)
    fund = models.CharField("资金来源", max_length=40, blank=True)
    finance_number = models.CharField("财政文号", max_length=60, blank=True)
    finance_on = models.DateField("财政确认日期", null=True, blank=True)
    finance_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField("发放文件校验", max_length=64, blank=True)
    result_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    result_digest = models.CharField("回单校验", max_length=64, blank=True)
    result_total = models.PositiveBigIntegerField("回单金额（分）", null=True, blank=True)
    result_problems = EncryptedJSONField(
        "回单问题",
        default=list,
        blank=True,
        help_text="what the last receipt left open, as lib.bankfile.Problem has it",
    )
    done_at = models.DateTimeField("完成时间", null=True, blank=True)

    objects = PaymentBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "发放批次"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")),
                name="batch_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "void"))
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="batch_on_its_way_was_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("funded", "sent", "done"))
                | (Q(finance_on__isnull=False, finance_by__isnull=False) & ~Q(finance_number="")),
                name="funded_batch_names_its_paper",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sent", "done")) | ~Q(digest=""), name="sent_batch_has_a_file"
            ),
        ]

    @property
    def yuan(self) -> str:
        return yuan(self.amount)


class PaymentLine(models.Model):
    """One claim, or one award of a workshop, with the account as it stood: what was sent, what the bank says. Fen."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发放"
        PAID = "paid", "已到账"
        FAILED = "failed", "退票"
        VOID = "void", "已撤出"
        REFUNDED = "refunded", "已追回"

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="lines")
    serial = models.PositiveIntegerField("行号")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="payments")
    award = models.ForeignKey(WorkshopAward, models.PROTECT, null=True, related_name="payments")
    payee = models.ForeignKey(WorkshopAccount, models.PROTECT, null=True, related_name="+")  # of an award
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    name = models.CharField("姓名或户名", max_length=60)
    bank = models.CharField("开户行", max_length=60)
    number = EncryptedTextField("银行账号")
    amount = models.PositiveIntegerField("金额（分）")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    paid_on = models.DateField("到账日期", null=True, blank=True)
    reference = models.CharField("银行流水号", max_length=60, blank=True)
    reason = models.CharField("退票原因", max_length=100, blank=True)

    objects = VillageRows.as_manager()

    class Meta:
        verbose_name = "发放明细"
        constraints = [
            models.UniqueConstraint(fields=["batch", "serial"], name="one_line_per_serial"),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state__in=("waiting", "paid")),
                name="one_living_line_of_a_claim",
            ),
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(state__in=("waiting", "paid")),
                name="one_living_line_of_an_award",
            ),
            models.CheckConstraint(
                condition=Q(claim__isnull=False, award=None, payee=None)
                | Q(claim=None, award__isnull=False, payee__isnull=False),
                name="a_line_pays_a_claim_or_an_award",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_line_pays_something"),
            models.CheckConstraint(
                condition=~Q(state__in=("paid", "refunded")) | Q(paid_on__isnull=False),
                name="paid_line_has_a_day",
            ),
        ]


class RefundRows(ScopedQuerySet):
    subject, unit_field = "subsidy", "line__village"


class Refund(models.Model):
    """追回: money of a paid line that came back, noted by one person and confirmed by another. Fen."""

    line = models.OneToOneField(PaymentLine, models.PROTECT, related_name="refund")
    ground = models.CharField("追回原因", max_length=200)
    amount = models.PositiveIntegerField("金额（分）")
    on = models.DateField("缴回日期")
    voucher = models.CharField("凭证号", max_length=60)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    objects = RefundRows.as_manager()

    class Meta:
        verbose_name = "补贴追回"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")),
                name="refund_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(ground="") & ~Q(voucher=""), name="refund_says_why_and_where"
            ),
        ]
