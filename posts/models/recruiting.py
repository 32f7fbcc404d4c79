"""选聘: the notice of an open post, and those who apply, up to the filing of one of them with the county."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.scope import ScopedQuerySet
from ledgers.codes import choices
from ledgers.models import Laborer
from posts.models.posts import Post, somebody

CADRES = ("书记", "副书记", "主任", "副主任", "文书", "其他村干部")  # YD-F09


class Recruitments(ScopedQuerySet):
    subject, unit_field = "post", "post__unit"

    def standing(self) -> Recruitments:
        """Neither withdrawn nor ended by an appointment."""
        return self.filter(ended_at=None)


class Recruitment(models.Model):
    """招聘公告 of one post, open for applications from one day to another."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="recruitments")
    notice = models.TextField("公告内容", max_length=1000)
    from_on = models.DateField("报名开始")
    until_on = models.DateField("报名截止")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("发布时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = Recruitments.as_manager()

    class Meta:
        verbose_name = "招聘公告"
        constraints = [
            models.UniqueConstraint(
                fields=["post"], condition=Q(ended_at=None), name="one_recruitment_of_a_post"
            ),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="recruitment_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(notice=""), name="recruitment_says_something"),
        ]


class Candidates(ScopedQuerySet):
    subject, unit_field = "post", "recruitment__post__unit"

    def standing(self) -> Candidates:
        return self.filter(state__in=[state for state in Candidate.State if state not in Candidate.OVER])


class Candidate(models.Model):
    """An applicant of one recruitment, step by step: application, village meeting, 公示, recommendation, filing."""

    class State(models.TextChoices):
        APPLIED = "applied", "已报名"
        MET = "met", "村民代表会议通过"
        NOTICED = "noticed", "公示中"
        RECOMMENDED = "recommended", "待县备案"
        FILED = "filed", "已聘用"
        WITHDRAWN = "withdrawn", "不再聘用"

    OVER = (State.FILED, State.WITHDRAWN)

    recruitment = models.ForeignKey(Recruitment, models.PROTECT, related_name="candidates")
    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="candidacies")
    state = models.CharField("状态", max_length=12, choices=State, default=State.APPLIED)
    applied_on = models.DateField("报名日期")
    cadre = models.CharField("本人任村干部", max_length=6, choices=choices(CADRES), blank=True)
    cadre_family = models.BooleanField("村干部近亲属", default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人"
    )
    entered_at = models.DateTimeField("登记时间", default=timezone.now)
    met_on = models.DateField("会议日期", null=True, blank=True)
    meeting = models.CharField("会议情况", max_length=300, blank=True)
    notice_from = models.DateField("公示开始", null=True, blank=True)
    notice_until = models.DateField("公示截止", null=True, blank=True)
    objections = models.CharField("异议及处理", max_length=300, blank=True)
    explained = models.CharField("情况说明", max_length=300, blank=True)
    recommended_by = somebody("推荐人")
    recommended_at = models.DateTimeField("推荐时间", null=True, blank=True)
    opinion = models.CharField("乡镇意见", max_length=300, blank=True)
    checks = models.JSONField("核对结果", default=list, blank=True)
    ended_by = somebody("终止人")
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    reason = models.CharField("终止原因", max_length=300, blank=True)

    objects = Candidates.as_manager()

    class Meta:
        verbose_name = "应聘人"
        constraints = [
            models.UniqueConstraint(
                fields=["recruitment", "laborer"],
                condition=~Q(state="withdrawn"),
                name="one_application_of_a_person",
            ),
            models.CheckConstraint(
                condition=Q(notice_until=None) | Q(notice_until__gte=F("notice_from")),
                name="public_notice_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["noticed", "recommended", "filed"])
                | (Q(met_on__isnull=False) & Q(notice_until__isnull=False)),
                name="no_recommendation_without_meeting_and_notice",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["recommended", "filed"]) | Q(recommended_by__isnull=False),
                name="recommended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
