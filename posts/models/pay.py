"""工资: what holders of posts are paid for a month, computed from checked attendance and paid to their own accounts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from ledgers.models import BankAccount, Laborer
from lib.money import yuan
from lib.month import MonthField
from posts.models.attendance import Attendance
from posts.models.posts import FUNDINGS, Appointment, somebody


class Runs(ScopedQuerySet):
    subject = "post"


class PayRun(models.Model):
    """工资表: made by one, approved by another, paid under a voucher. What is voided stays on record."""

    class State(models.TextChoices):
        DRAFT = "draft", "待审批"
        APPROVED = "approved", "待发放"
        PAID = "paid", "已发放"
        VOID = "void", "已作废"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pay_runs", verbose_name="单位")
    month = MonthField("月份")
    funding = models.CharField("资金来源", max_length=10, choices=choices(FUNDINGS), blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    made_by = somebody("制表人", null=False)
    made_at = models.DateTimeField("制表时间", default=timezone.now)
    approved_by = somebody("审批人")
    approved_at = models.DateTimeField("审批时间", null=True, blank=True)
    paid_by = somebody("发放人")
    paid_at = models.DateTimeField("登记发放时间", null=True, blank=True)
    voided_by = somebody("作废人")
    reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = Runs.as_manager()

    class Meta:
        verbose_name = "公益性岗位工资表"
        indexes = [models.Index(fields=["month", "unit"], name="pay_runs_of_a_month")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("made_by")), name="pay_approved_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "void"]) | Q(approved_by__isnull=False),
                name="paid_means_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state="void") | (Q(voided_by__isnull=False) & ~Q(reason="")),
                name="void_run_says_why",
            ),
        ]


class Pays(ScopedQuerySet):
    subject, unit_field = "post", "appointment__post__unit"

    def alive(self) -> Pays:
        return self.exclude(state=PostPay.State.VOID)

    def paid(self) -> Pays:
        return self.filter(state=PostPay.State.PAID)


class PostPay(models.Model):
    """岗位工资: one holder, one month, one payment. Amounts in fen, computed by posts.pay_rules and never typed."""

    class State(models.TextChoices):
        DUE = "due", "待发放"
        PAID = "paid", "已发放"
        BOUNCED = "bounced", "已退票"
        VOID = "void", "已作废"

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="lines")
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="pays")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="post_pays")
    month = MonthField("月份")
    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="pays")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="+", verbose_name="收款账户")
    days = models.PositiveSmallIntegerField("出勤天数")
    required = models.PositiveSmallIntegerField("规定天数")
    standard = models.PositiveIntegerField("月标准")  # fen, as is amount
    deduction = models.PositiveIntegerField("扣减", default=0)
    amount = models.PositiveIntegerField("应发工资")
    state = models.CharField("状态", max_length=8, choices=State, default=State.DUE)
    paid_on = models.DateField("发放日期", null=True, blank=True)
    voucher = models.CharField("凭证号", max_length=40, blank=True)
    result = models.CharField("银行结果", max_length=100, blank=True)
    reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = Pays.as_manager()

    class Meta:
        verbose_name = "公益性岗位工资"
        indexes = [
            models.Index(fields=["month", "state"], name="post_pay_of_a_month"),
            models.Index(fields=["state", "appointment", "month"], name="post_pay_through"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "month"], condition=~Q(state="void"), name="one_pay_of_a_month"
            ),
            models.UniqueConstraint(
                fields=["laborer", "month"], condition=~Q(state="void"), name="one_pay_of_a_person"
            ),
            models.CheckConstraint(condition=Q(days__gte=1), name="no_pay_without_attendance"),
            models.CheckConstraint(
                condition=Q(standard=F("amount") + F("deduction")), name="pay_is_standard_less_deduction"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "bounced"]) | (Q(paid_on__isnull=False) & ~Q(voucher="")),
                name="paid_under_a_voucher",
            ),
            models.CheckConstraint(
                condition=~Q(state="bounced") | ~Q(result=""), name="bounce_says_what_the_bank_said"
            ),
        ]

    @property
    def amount_text(self) -> str:
        return yuan(self.amount)

    @property
    def deduction_text(self) -> str:
        return yuan(self.deduction)

    @property
    def standard_text(self) -> str:
        return yuan(self.standard)
