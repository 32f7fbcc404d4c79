"""公益性岗位: posts and the people who hold them, from the proposal of a post to the exit of its holder."""

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

POST_CATEGORIES = (
    "护林员",
    "护路员",
    "保洁员",
    "护水员",
    "护理员",
    "村务管理员",
    "光伏公益岗",
    "协保员",
    "其他",
)
POST_LEVELS = ("县级", "乡级", "村级", "企业")
FUNDINGS = ("就业补助资金", "衔接资金", "光伏收益", "村集体经济", "林草等部门")
CONTRACT_KINDS = ("劳动合同", "劳务协议")
# domain.md §5.5 (P19, P20): why a holder leaves the post.
EXIT_GROUNDS = (
    "本人自愿", "已稳定就业", "外出务工", "达到年龄上限", "丧失劳动能力", "违反纪律或旷工", "顶岗替岗或冒名",
    "违法犯罪", "户口迁出", "入学", "服兵役", "资金到期", "死亡",
)  # fmt: skip


class UnitRows(ScopedQuerySet):
    subject = "post"


class DatedRows(ScopedQuerySet):
    subject = "post"

    def active_on(self, day: dt.date) -> Self:
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day), started_on__lte=day)


class Appointments(DatedRows):
    unit_field = "post__unit"


def somebody(name: str, null: bool = True) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, blank=null, related_name="+", verbose_name=name
    )


class Post(models.Model):
    """岗位: one opening of a township or village, held by one person at a time.

    A post taken over from an older register has no proposer, or names the workbook it came with in `source`.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "待乡镇核查"
        CHECKED = "checked", "待县核定"
        OPEN = "open", "已开发"
        REFUSED = "refused", "未同意"
        CLOSED = "closed", "已撤销"

    number = models.CharField("岗位编号", max_length=30, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="所在村")
    title = models.CharField("岗位名称", max_length=40)
    category = models.CharField("岗位类别", max_length=10, choices=choices(POST_CATEGORIES))
    level = models.CharField("开发层级", max_length=4, choices=choices(POST_LEVELS), default="村级")
    funding = models.CharField("资金来源", max_length=10, choices=choices(FUNDINGS), blank=True)
    opened_on = models.DateField("开发日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)
    department = models.CharField("主管部门", max_length=60, blank=True)
    employer = models.CharField("用人单位", max_length=60, blank=True)
    duties = models.CharField("岗位职责", max_length=300, blank=True)
    area = models.CharField("责任片区", max_length=100, blank=True)
    monthly_fen = models.PositiveIntegerField("补贴标准（分/月）", null=True, blank=True)
    days_required = models.PositiveSmallIntegerField("规定出勤天数（天/月）", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    proposed_by = somebody("申请人")
    proposed_at = models.DateTimeField("申请时间", null=True, blank=True)
    checked_by = somebody("核查人")
    checked_at = models.DateTimeField("核查时间", null=True, blank=True)
    approved_by = somebody("核定人")
    approved_at = models.DateTimeField("核定时间", null=True, blank=True)
    ended_by = somebody("退回或撤销人")
    ended_at = models.DateTimeField("退回或撤销时间", null=True, blank=True)
    reason = models.CharField("申请、退回或撤销理由", max_length=300, blank=True)
    source = models.CharField("导入批次号", max_length=24, blank=True)

    objects = UnitRows.as_manager()

    class Meta:
        verbose_name = "公益性岗位"
        indexes = [models.Index(fields=["unit", "state"], name="posts_of_a_unit_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("proposed_by")), name="post_opened_by_a_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(checked_by=F("proposed_by")), name="post_checked_by_a_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["open", "closed"]) | Q(opened_on__isnull=False),
                name="open_post_has_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="open")
                | Q(proposed_by=None)
                | Q(approved_by__isnull=False)
                | ~Q(source=""),
                name="open_post_was_approved_or_taken_over",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_on__isnull=False), name="closed_post_has_its_day"
            ),
            models.CheckConstraint(
                condition=Q(days_required=None) | Q(days_required__lte=31), name="days_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）"


class PostCeiling(models.Model):
    """岗位数量上限: how many posts of a category (blank: of all) a county or township may have open in a year."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    year = models.PositiveSmallIntegerField("年度")
    category = models.CharField("岗位类别", max_length=10, choices=choices(POST_CATEGORIES), blank=True)
    number = models.PositiveIntegerField("上限（个）")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField("设定时间", default=timezone.now)

    objects = UnitRows.as_manager()

    class Meta:
        verbose_name = "岗位数量上限"
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "category"], name="one_ceiling_of_a_category")
        ]


class PostPolicy(models.Model):
    """岗位规定: what a county sets about its posts (domain.md §9.1); where it set nothing, posts.rules.Limits hold."""

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="+", verbose_name="县")
    notice_days = models.PositiveSmallIntegerField("公示天数")
    new_under = models.PositiveSmallIntegerField("新聘年龄上限（不满，周岁）")
    stay_under = models.PositiveSmallIntegerField("在岗年龄上限（不满，周岁）")
    one_per_household = models.BooleanField("每户只聘一人")
    no_cadre_family = models.BooleanField("村干部近亲属不得聘用")
    least_a_year = models.PositiveIntegerField("补贴标准下限（元/年）", default=4000)  # YD-F12; 0: none
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField("设定时间", default=timezone.now)

    objects = UnitRows.as_manager()

    class Meta:
        verbose_name = "岗位规定"
        constraints = [
            models.CheckConstraint(condition=Q(notice_days__gte=1), name="a_notice_lasts_a_day"),
            models.CheckConstraint(
                condition=Q(new_under__gte=17) & Q(new_under__lte=F("stay_under")) & Q(stay_under__lte=80),
                name="ages_of_posts_make_sense",
            ),
        ]


class Appointment(models.Model):
    """聘用: a person in a post from one day to another, both included.

    No two of one person and no two of one post share a day: the database refuses it (posts.overlap).
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="appointments", verbose_name="岗位")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="appointments", verbose_name="劳动力")
    started_on = models.DateField("聘用日期")
    ended_on = models.DateField("解聘日期", null=True, blank=True)
    candidate = models.OneToOneField(
        "posts.Candidate", models.PROTECT, null=True, blank=True, related_name="appointment"
    )
    filed_by = somebody("报备人")
    approved_by = somebody("备案人")
    approved_at = models.DateTimeField("备案时间", null=True, blank=True)
    insured_until = models.DateField("意外险到期日", null=True, blank=True)
    source = models.CharField("导入批次号", max_length=24, blank=True)
    exit_ground = models.CharField("退岗情形", max_length=10, choices=choices(EXIT_GROUNDS), blank=True)
    exit_note = models.CharField("退岗说明", max_length=300, blank=True)
    exit_notified_on = models.DateField("退岗告知日期", null=True, blank=True)
    exit_notified_by = somebody("告知人")
    exit_decided_on = models.DateField("退岗决定日期", null=True, blank=True)
    exit_decided_by = somebody("决定人")
    stop_pay_on = models.DateField("停发补贴日期", null=True, blank=True)
    exit_filed_on = models.DateField("退岗备案日期", null=True, blank=True)
    exit_filed_by = somebody("退岗备案人")
    successor = models.BooleanField("补聘", null=True)

    objects = Appointments.as_manager()

    class Meta:
        verbose_name = "公益性岗位聘用"
        constraints = [
            models.UniqueConstraint(
                fields=["laborer"], condition=Q(ended_on=None), name="one_person_one_post"
            ),
            models.UniqueConstraint(fields=["post"], condition=Q(ended_on=None), name="one_post_one_person"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="appointment_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("filed_by")), name="appointment_filed_by_a_second_person"
            ),
            models.CheckConstraint(
                condition=Q(exit_decided_on=None)
                | (
                    Q(exit_notified_on__isnull=False)
                    & Q(exit_decided_by__isnull=False)
                    & Q(stop_pay_on__gt=F("started_on"))
                    & ~Q(exit_ground="")
                ),
                name="exit_is_decided_after_notice_with_its_ground",
            ),
            models.CheckConstraint(
                condition=Q(exit_filed_on=None)
                | (
                    Q(exit_decided_on__isnull=False)
                    & Q(exit_filed_by__isnull=False)
                    & Q(ended_on__isnull=False)
                    & ~Q(exit_filed_by=F("exit_decided_by"))
                ),
                name="exit_filed_by_a_second_person",
            ),
        ]

    @property
    def exit_step(self) -> int:
        """How far the exit is: 0 not begun, 1 told, 2 decided, 3 filed (or ended before exits were kept)."""
        if self.exit_filed_on or self.ended_on:
            return 3
        return 2 if self.exit_decided_on else 1 if self.exit_notified_on else 0


class Contracts(ScopedQuerySet):
    subject, unit_field = "post", "appointment__post__unit"


class Contract(models.Model):
    """劳动合同 or 劳务协议 of an appointment, for a year at most; a renewal is the next row."""

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="contracts")
    kind = models.CharField("合同种类", max_length=4, choices=choices(CONTRACT_KINDS))
    number = models.CharField("合同编号", max_length=40, blank=True)
    from_on = models.DateField("合同开始")
    until_on = models.DateField("合同到期")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = Contracts.as_manager()

    class Meta:
        verbose_name = "岗位合同"
        constraints = [
            models.UniqueConstraint(fields=["appointment", "from_on"], name="one_contract_of_a_start"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="contract_ends_after_start"),
        ]
