"""培训: plans, classes, who is in them on which days, who finished, certificates, and the living allowance (B09)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet, paths
from ledgers import codes
from ledgers.codes import choices
from ledgers.models import BankAccount, Laborer, Service
from lib.money import yuan

DAILY_FEN = 1500  # 15 元/人·天 (domain.md §3 YD-J05, S3)
LEAST_PERCENT = (
    80  # [assumption] of the class days somebody attends to have finished; a parameter of the plan
)


def _user(name: str, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, related_name="+", verbose_name=name
    )


class FromAbove(ScopedQuerySet):
    """Rows without persons: those of units in reach, and for reading those of the units above, meant for everybody."""

    subject = "training"

    def visible_to(self, user: Any, letter: str = "r"):
        own = Q(pk__in=super().visible_to(user, letter).order_by().values("pk"))
        if letter != "r":
            return self.filter(own)
        above = {code for path in paths(user, "training") for code in path.rstrip("/").split("/")}
        return self.filter(own | Q(unit__code__in=above))


class TrainingPlan(models.Model):
    """培训计划 of a county and year, with what holds for its classes; approved by another person than wrote it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="编制单位")
    year = models.PositiveSmallIntegerField(
        "年度", validators=[MinValueValidator(2000), MaxValueValidator(2999)]
    )
    daily_fen = models.PositiveIntegerField("生活费补贴（分/人·天）", default=DAILY_FEN)
    per_year = models.PositiveSmallIntegerField("每人每年最多参加次数", default=1)  # YD-J07
    same_trade = models.BooleanField("同一工种可以重复培训", default=False)  # YD-J07
    least_percent = models.PositiveSmallIntegerField("结业最低出勤率（%）", default=LEAST_PERCENT)
    basis = models.CharField("文件依据", max_length=100, blank=True)
    made_by = _user("编制人")
    made_at = models.DateTimeField("编制时间", default=timezone.now)
    approved_by = _user("审批人", null=True)
    approved_at = models.DateTimeField("审批时间", null=True, blank=True)

    objects = FromAbove.as_manager()

    class Meta:
        verbose_name = "培训计划"
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="one_training_plan_a_year"),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | (Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("made_by"))),
                name="plan_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(least_percent__lte=100, per_year__gte=1), name="plan_parameters_make_sense"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.name}{self.year}年培训计划"

    @property
    def daily_text(self) -> str:
        return yuan(self.daily_fen)


class PlanLine(models.Model):
    """How many people a plan means to train in one trade."""

    plan = models.ForeignKey(TrainingPlan, models.CASCADE, related_name="lines")
    trade = models.CharField("培训工种", max_length=40)
    people = models.PositiveIntegerField("计划人数")

    class Meta:
        verbose_name = "计划工种"
        constraints = [
            models.UniqueConstraint(fields=["plan", "trade"], name="one_line_of_a_trade"),
            models.CheckConstraint(condition=Q(people__gte=1), name="plan_line_has_people"),
        ]


class TrainingClass(models.Model):
    """培训班: `days` are its dates as text, in order; `taken` counts its places, also those others cannot see."""

    class State(models.TextChoices):
        PLANNED = "planned", "待开班"
        OPEN = "open", "培训中"
        FINISHED = "finished", "已结业"
        CERTIFIED = "certified", "已发证"
        SETTLED = "settled", "已结清"
        VOID = "void", "已取消"

    ENROLLING = (State.PLANNED, State.OPEN)
    ENDED = (State.FINISHED, State.CERTIFIED, State.SETTLED)

    plan = models.ForeignKey(
        TrainingPlan, models.PROTECT, null=True, related_name="classes", verbose_name="培训计划",
        help_text="none: a class from an imported list, outside any plan",
    )  # fmt: skip
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="开班单位")
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("培训班", max_length=60)
    trade = models.CharField("培训工种", max_length=40)
    kind = models.CharField("培训类别", max_length=4, choices=choices(codes.TRAINING_KINDS))
    organiser = models.CharField("培训机构", max_length=60)
    teacher = models.CharField("授课教师", max_length=40, blank=True)
    place = models.CharField("培训地点", max_length=60, blank=True)
    places = models.PositiveSmallIntegerField("名额", null=True, blank=True)
    taken = models.PositiveSmallIntegerField("已报名", default=0)
    days = models.JSONField("培训日期", default=list, blank=True)
    starts_on = models.DateField("开始日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    daily_fen = models.PositiveIntegerField("生活费补贴（分/人·天）", default=DAILY_FEN)
    least_percent = models.PositiveSmallIntegerField("结业最低出勤率（%）", default=LEAST_PERCENT)
    state = models.CharField("状态", max_length=9, choices=State, default=State.PLANNED)
    note = models.CharField("说明", max_length=200, blank=True)
    made_by = _user("建立人")
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    opened_at = models.DateTimeField("开班时间", null=True, blank=True)
    finished_at = models.DateTimeField("结业时间", null=True, blank=True)

    objects = FromAbove.as_manager()

    class Meta:
        verbose_name = "培训班"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "name"], condition=~Q(state="void"), name="one_class_of_a_name"
            ),
            models.CheckConstraint(
                condition=Q(places=None) | Q(taken__lte=F("places")), name="class_within_its_places"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "void"))
                | Q(starts_on__isnull=False, ends_on__isnull=False, opened_at__isnull=False),
                name="open_class_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None, ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="class_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["unit", "year", "state"], name="classes_of_unit_and_year")]

    def __str__(self) -> str:
        return self.name

    @property
    def dates(self) -> list[dt.date]:
        return [dt.date.fromisoformat(day) for day in self.days]

    @property
    def free(self) -> int | None:
        """Places left; None without a limit."""
        return None if self.places is None else self.places - self.taken


TRAINED, CERTIFIED = Q(completion__isnull=False), Q(completion__certificate__isnull=False)
PAID = Q(allowance__paid_on__isnull=False)
ELIGIBLE = (Q(is_poverty=True) | Q(is_monitored=True)) & Q(
    state="enrolled", days__gte=1, training_class__state__in=TrainingClass.ENDED
)


class EnrolmentQuerySet(ScopedQuerySet):
    """In figures a person belongs to the village in which they enrolled (`village`, frozen)."""

    subject, unit_field = "training", "village"

    def standing(self) -> EnrolmentQuerySet:
        """Those who hold a place: proposed or enrolled."""
        return self.filter(state__in=Enrolment.HOLDING)

    def of_year(self, year: int) -> EnrolmentQuerySet:
        return self.filter(training_class__year=year)

    def trained(self) -> EnrolmentQuerySet:
        """I24: who finished (结业)."""
        return self.filter(TRAINED)

    def certified(self) -> EnrolmentQuerySet:
        """I24: of these who holds the certificate."""
        return self.filter(CERTIFIED)

    def eligible(self) -> EnrolmentQuerySet:
        """I25: 脱贫 or 监测, attended at least a day of a class that has ended."""
        return self.filter(ELIGIBLE)

    def paid(self) -> EnrolmentQuerySet:
        """I25: of these who has been paid."""
        return self.filter(ELIGIBLE & PAID)

    def unpaid(self) -> EnrolmentQuerySet:
        """YD-J01: eligible, the class has ended, not paid."""
        return self.filter(ELIGIBLE).exclude(PAID)

    def counts(self) -> dict[str, int]:
        """People by how far they came, and the fen paid to them, in one question."""
        found = self.order_by().aggregate(
            enrolled=Count("pk", filter=Q(state="enrolled")),
            trained=Count("pk", filter=TRAINED),
            certified=Count("pk", filter=CERTIFIED),
            eligible=Count("pk", filter=ELIGIBLE),
            paid=Count("pk", filter=ELIGIBLE & PAID),
            paid_fen=Sum("allowance__amount_fen", filter=PAID),
        )
        return {key: value or 0 for key, value in found.items()}

    def by_trade(self) -> QuerySet:
        """(trade, trained, certified) of these enrolments."""
        rows = self.order_by().values(trade=F("training_class__trade"))
        return rows.annotate(trained=Count("pk", filter=TRAINED), certified=Count("pk", filter=CERTIFIED))


class Enrolment(models.Model):
    """报名: one person in one class by real name; who the person was that day is frozen with it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        ENROLLED = "enrolled", "已报名"
        REFUSED = "refused", "未采纳"
        LEFT = "left", "已退班"

    HOLDING = (State.PROPOSED, State.ENROLLED)

    training_class = models.ForeignKey(TrainingClass, models.PROTECT, related_name="enrolments")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="enrolments")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    is_poverty = models.BooleanField("脱贫人口")
    is_monitored = models.BooleanField("监测对象")
    wished_at = models.DateTimeField("培训意愿登记时间", null=True, blank=True)  # YD-J03, I37
    state = models.CharField("状态", max_length=8, choices=State)
    days = models.PositiveSmallIntegerField("出勤天数", null=True, blank=True)  # set when the class ends
    proposed_by = _user("报名登记人")
    proposed_at = models.DateTimeField("报名时间", default=timezone.now)
    enrolled_by = _user("确认人", null=True)
    enrolled_at = models.DateTimeField("确认时间", null=True, blank=True)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, related_name="+", verbose_name="就业服务记录"
    )
    left_on = models.DateField("退班日期", null=True, blank=True)
    left_why = models.CharField("原因", max_length=100, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "培训报名"
        constraints = [
            models.UniqueConstraint(fields=["training_class", "laborer"], name="enrolled_once_in_a_class"),
            models.CheckConstraint(
                condition=~Q(state="enrolled") | Q(enrolled_by__isnull=False, enrolled_at__isnull=False),
                name="enrolment_names_who_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("refused", "left")) | (Q(left_on__isnull=False) & ~Q(left_why="")),
                name="leaving_says_when_and_why",
            ),
        ]
        indexes = [models.Index(fields=["village", "state"], name="enrolments_of_village")]

    @property
    def benefits(self) -> bool:
        return self.is_poverty or self.is_monitored

    @property
    def answered_after(self) -> int | None:
        """Whole days from the wish to the place in a class (I37: at most 15); None without a wish."""
        if self.wished_at is None:
            return None
        until = timezone.localdate(self.enrolled_at) if self.enrolled_at else timezone.localdate()
        return (until - timezone.localdate(self.wished_at)).days


class TrainingDay(models.Model):
    """One person on one day of a class: no second class that day (YD-J06), and the attendance mark."""

    PRESENT, ABSENT, EXCUSED = "到", "缺", "假"
    MARKS = (PRESENT, ABSENT, EXCUSED)

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="attendance")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="+")
    day = models.DateField("日期")
    mark = models.CharField("考勤", max_length=1, choices=choices(MARKS), blank=True)

    class Meta:
        verbose_name = "培训考勤"
        constraints = [models.UniqueConstraint(fields=["laborer", "day"], name="one_class_a_day")]
        indexes = [models.Index(fields=["enrolment", "day"], name="days_of_enrolment")]


class Completion(models.Model):
    """结业: the person attended enough days of the class."""

    enrolment = models.OneToOneField(Enrolment, models.CASCADE)
    on = models.DateField("结业日期")
    by = _user("登记人")

    class Meta:
        verbose_name = "结业"


class Certificate(models.Model):
    """证书: it stands on the completion, so that never more are certified than trained (YD-J04)."""

    completion = models.OneToOneField(Completion, models.PROTECT)
    kind = models.CharField("证书名称", max_length=40)
    number = models.CharField("证书编号", max_length=40)
    level = models.CharField("证书等级", max_length=20, blank=True)
    issued_on = models.DateField("发证日期")
    by = _user("登记人")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "培训证书"
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="one_certificate_of_a_number"),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(number=""), name="certificate_has_a_number"),
        ]


class Allowance(models.Model):
    """培训生活费补贴 of one person: days attended × rate (YD-J05), approved by another, paid to the own account."""

    enrolment = models.OneToOneField(Enrolment, models.PROTECT)
    days = models.PositiveSmallIntegerField("出勤天数")
    rate_fen = models.PositiveIntegerField("标准（分/人·天）")
    amount_fen = models.PositiveIntegerField("金额（分）")
    computed_by = _user("测算人")
    computed_at = models.DateTimeField("测算时间", default=timezone.now)
    account = models.ForeignKey(
        BankAccount, models.PROTECT, null=True, related_name="+", verbose_name="收款账户"
    )
    approved_by = _user("审批人", null=True)
    approved_at = models.DateTimeField("审批时间", null=True, blank=True)
    paid_on = models.DateField("发放日期", null=True, blank=True)
    paid_by = _user("发放登记人", null=True)
    voucher = models.CharField("发放凭证", max_length=60, blank=True)

    class Meta:
        verbose_name = "培训生活费补贴"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen=F("days") * F("rate_fen")), name="allowance_is_days_by_rate"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | (
                    Q(approved_by__isnull=False, approved_at__isnull=False, account__isnull=False)
                    & ~Q(approved_by=F("computed_by"))
                ),
                name="allowance_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(paid_on=None, paid_by=None, voucher="")
                | (
                    Q(paid_on__isnull=False, paid_by__isnull=False, approved_by__isnull=False)
                    & ~Q(voucher="")
                ),
                name="allowance_paid_after_approval",
            ),
        ]

    @property
    def amount_text(self) -> str:
        return yuan(self.amount_fen)
