"""补贴申请: one person's claim from application to approval, who waived, and what was put on the village board."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from jobs.models import StoredFile
from ledgers.codes import choices
from ledgers.models import BankAccount, Laborer
from lib.crypto import EncryptedJSONField, EncryptedTextField
from lib.money import yuan
from lib.month import Month, MonthField
from subsidies.facts import ON_DUTY
from subsidies.models.schemes import SchemeVersion
from subsidies.rules import period_words

PAPER_RIGHT = "subsidy.r"  # what the owner of an uploaded paper must still hold to open it
OWN, AGENT = "本人申请", "代办"
RELATIONS = ("本人亲属", "乡村干部", "驻村帮扶干部")  # who may act for somebody (YD-G03)


class VillageRows(ScopedQuerySet):
    subject, unit_field = "subsidy", "village"


class ClaimQuerySet(VillageRows):
    def alive(self) -> ClaimQuerySet:
        return self.exclude(state__in=Claim.ENDED)


class Notice(models.Model):
    """公示: the claims of a village put up for some days; what people objected, and who ended it."""

    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="+", verbose_name="政策")
    period = models.CharField("所属期", max_length=8)
    from_on = models.DateField("公示开始")
    until_on = models.DateField("公示截止")
    place = models.CharField("公示地点", max_length=60)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    objections = models.TextField("异议", blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = VillageRows.as_manager()

    class Meta:
        verbose_name = "补贴公示"
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="notice_ends_after_start")
        ]


class Claim(models.Model):
    """补贴申请: the amount is what the scheme's rule gives for the ledger's facts, frozen here with the decision."""

    class State(models.TextChoices):
        APPLIED = "applied", "待村核实"
        CHECKED = "checked", "待公示"
        NOTICED = "noticed", "公示中"
        SHOWN = "shown", "待镇比对"
        COMPARED = "compared", "待县审核"
        APPROVED = "approved", "待发放"
        BATCHED = "batched", "发放中"
        PAID = "paid", "已发放"
        RETURNED = "returned", "已退回补正"
        REJECTED = "rejected", "未通过"
        WITHDRAWN = "withdrawn", "已撤回"
        REFUNDED = "refunded", "已追回"

    ENDED = (State.REJECTED, State.WITHDRAWN)
    DECIDED = (State.APPROVED, State.BATCHED, State.PAID, State.REFUNDED)

    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="claims", verbose_name="政策")
    code = models.CharField("补贴项目", max_length=4)
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="claims")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    period = models.CharField("所属期", max_length=8)
    month = MonthField("核算月份")
    state = models.CharField("状态", max_length=9, choices=State, default=State.APPLIED)
    how = models.CharField("申请方式", max_length=4, choices=choices((OWN, AGENT)), default=OWN)
    agent_name = models.CharField("代办人", max_length=50, blank=True)
    agent_relation = models.CharField("与本人关系", max_length=6, choices=choices(RELATIONS), blank=True)
    agent_phone = EncryptedTextField("代办人电话", blank=True)
    consent_on = models.DateField("委托日期", null=True, blank=True)
    consent_how = models.CharField("委托方式", max_length=20, blank=True)
    consent_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.PositiveIntegerField("金额（分）")
    letters = models.CharField(max_length=40)
    values = models.JSONField(default=list)
    months = models.CharField("务工月份", max_length=120, blank=True)
    facts = EncryptedJSONField("申请时的台账情况", default=dict)
    account = models.ForeignKey(BankAccount, models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="claims")
    reason = models.CharField("原因", max_length=200, blank=True, help_text="of the last return or rejection")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("申请时间", default=timezone.now)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    compared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField("审核时间", null=True, blank=True)
    paid_on = models.DateField("发放日期", null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = "补贴申请"
        indexes = [
            # all that lists are sorted by and sums are made of: they need not read the claims, which are wide
            models.Index(
                fields=["village", "state", "code", "month", "amount", "proposed_at", "approved_at"],
                name="claims_at_a_glance",
            ),
            models.Index(fields=["code", "period", "state"], name="claim_scheme_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["laborer", "code", "period"],
                condition=~Q(state__in=("rejected", "withdrawn")),
                name="one_claim_of_a_period",
            ),
            models.CheckConstraint(
                condition=Q(how="本人申请")
                | (
                    Q(how="代办", agent_relation__in=RELATIONS, consent_on__isnull=False)
                    & ~Q(agent_name="")
                    & ~Q(consent_how="")
                ),
                name="agent_has_a_consent",
            ),
            models.CheckConstraint(
                condition=Q(compared_by=None) | ~Q(compared_by=F("proposed_by")),
                name="claim_compared_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (~Q(approved_by=F("proposed_by")) & ~Q(approved_by=F("compared_by"))),
                name="claim_approved_by_a_third",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(compared_by=None) | ~Q(compared_by=F("checked_by")),
                name="claim_compared_by_no_checker",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "batched", "paid", "refunded"))
                | Q(
                    approved_by__isnull=False, compared_by__isnull=False, account__isnull=False, amount__gt=0
                ),
                name="decided_claim_names_who_and_where_to",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("returned", "rejected")) | ~Q(reason=""), name="refusal_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_on__isnull=False), name="paid_claim_has_a_day"
            ),
        ]

    @property
    def what(self) -> str:
        """How the months it takes are named (posts.TakenMonth): schemes for work away share the months of a person."""
        return f"away:{self.laborer_id}" if self.scheme.is_away else f"on-post:{self.laborer_id}"

    @property
    def takes_months(self) -> bool:
        """Whether nothing else of the kind may be paid in its months: work away, or months on a post (YD-F03)."""
        return self.scheme.is_away or ON_DUTY in self.scheme.terms.wants

    @property
    def month_list(self) -> list[Month]:
        """The months of work it pays for."""
        return [Month.parse(one) for one in self.months.split(",") if one]

    @property
    def yuan(self) -> str:
        return yuan(self.amount)

    @property
    def period_text(self) -> str:
        return period_words(self.period)


class ClaimRows(ScopedQuerySet):
    subject, unit_field = "subsidy", "claim__village"


class ClaimStep(models.Model):
    """One step in the life of a claim: what, by whom, when, with which words."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="steps")
    step = models.CharField("步骤", max_length=12)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间", default=timezone.now)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = ClaimRows.as_manager()

    class Meta:
        verbose_name = "申请步骤"
        ordering = ["pk"]


class ClaimPaper(models.Model):
    """申请材料: one document of the checklist, as a photograph or PDF."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="papers")
    name = models.CharField("材料", max_length=40)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间", default=timezone.now)

    objects = ClaimRows.as_manager()

    class Meta:
        verbose_name = "申请材料"


class Waiver(models.Model):
    """自愿放弃: in the person's own words, witnessed; leaves the denominator of I18 until it is taken back."""

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="waivers")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="行政村")
    scheme = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="+", verbose_name="政策")
    code = models.CharField("补贴项目", max_length=4)
    period = models.CharField("所属期", max_length=8)
    words = models.TextField("本人原话")
    reason = models.CharField("放弃原因", max_length=100)
    witness = models.CharField("见证人", max_length=50)
    on = models.DateField("放弃日期")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间", default=timezone.now)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    marked_on = models.DateField("平台标注日期", null=True, blank=True, help_text="on the national platform")
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = VillageRows.as_manager()

    class Meta:
        verbose_name = "自愿放弃"
        constraints = [
            models.UniqueConstraint(
                fields=["laborer", "code", "period"],
                condition=Q(withdrawn_at=None),
                name="one_waiver_of_a_period",
            ),
            models.CheckConstraint(
                condition=~Q(words="") & ~Q(reason="") & ~Q(witness=""), name="waiver_has_words_and_a_witness"
            ),
            models.CheckConstraint(
                condition=Q(marked_on=None, marked_by=None)
                | Q(marked_on__isnull=False, marked_by__isnull=False),
                name="marked_waiver_names_who",
            ),
        ]
