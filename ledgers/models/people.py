"""People, their households, their work and what they wish for."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet
from ledgers import codes
from ledgers.codes import choices
from lib.crypto import EncryptedTextField
from lib.identity import mask_id, mask_phone
from lib.month import MonthField
from lib.rates import thousands


class HouseholdQuerySet(ScopedQuerySet):
    subject, unit_field = "person", "village"


class Household(models.Model):
    """户: the family as the national system knows it, with its kind and its monitoring flags."""

    number = models.CharField("户编号", max_length=40, unique=True)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="households", verbose_name="行政村")
    head_name = models.CharField("户主姓名", max_length=50, blank=True)
    poverty_kind = models.CharField(
        "户类型", max_length=10, choices=choices(codes.POVERTY_KINDS), default="脱贫户"
    )
    monitor_kind = models.CharField(
        "监测对象类别", max_length=10, choices=choices(codes.MONITOR_KINDS), blank=True
    )
    monitored_on = models.DateField("识别监测时间", null=True, blank=True)
    risk_removed_on = models.DateField("消除监测时间", null=True, blank=True)
    is_relocated = models.BooleanField("易地搬迁户", default=False)
    settlement = models.CharField("安置点", max_length=60, blank=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = "户"
        constraints = [
            models.CheckConstraint(
                condition=Q(risk_removed_on=None)
                | Q(monitored_on=None)
                | Q(risk_removed_on__gte=F("monitored_on")),
                name="risk_removed_after_monitored",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_poverty(self) -> bool:
        """脱贫人口: a household out of poverty, or one of its kinds under monitoring (脱贫不稳定户)."""
        return self.poverty_kind == "脱贫户" or self.monitor_kind == "脱贫不稳定户"

    @property
    def is_monitored(self) -> bool:
        return bool(self.monitor_kind) and self.risk_removed_on is None


class LaborerQuerySet(ScopedQuerySet):
    subject, unit_field = "person", "village"


class Laborer(models.Model):
    """劳动力: block A of the 采集表. The ID number and the phone are encrypted and found by blind index."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="members", verbose_name="户")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="laborers", verbose_name="行政村")
    name = models.CharField("姓名", max_length=50)
    initials = models.CharField("姓名首字母", max_length=50, blank=True)
    id_no = EncryptedTextField("身份证号码")
    id_index = models.CharField(max_length=32, unique=True)
    id_tail_index = models.CharField(
        max_length=32, db_index=True, help_text="blind index of the last four characters"
    )
    sex = models.CharField("性别", max_length=1, choices=choices(("男", "女")))
    birth_date = models.DateField("出生日期")
    relation = models.CharField("与户主关系", max_length=10, blank=True)
    ethnic = models.CharField("民族", max_length=10, default="汉族")
    phone = EncryptedTextField("联系电话", blank=True)
    phone_index = models.CharField(max_length=32, blank=True, db_index=True)
    registered_address = models.CharField("户籍地", max_length=200, blank=True)
    home_address = models.CharField("家庭地址", max_length=200, blank=True)
    person_state = models.CharField(
        "当前状态", max_length=20, choices=choices(codes.PERSON_STATES), default=codes.NORMAL
    )
    ability = models.CharField(
        "劳动能力", max_length=10, choices=choices(codes.ABILITIES), default="普通劳动力"
    )
    skill_level = models.CharField(
        "技能等级", max_length=6, choices=choices(codes.SKILL_LEVELS), default="无"
    )
    is_recent_leaver = models.BooleanField("是否为两后生", default=False)
    education = models.CharField("文化程度", max_length=10, blank=True)
    student_state = models.CharField("在校生状况", max_length=12, blank=True)
    health = models.CharField("健康状况", max_length=40, blank=True)
    political = models.CharField("政治面貌", max_length=10, blank=True)
    graduated_in = MonthField("毕业时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = LaborerQuerySet.as_manager()

    class Meta:
        verbose_name = "劳动力"
        indexes = [
            models.Index(fields=["village", "id"], name="laborer_in_village"),
            models.Index(fields=["village", "name"], name="laborer_village_name"),
            models.Index(fields=["village", "initials"], name="laborer_village_initials"),
            models.Index(
                fields=["graduated_in"], condition=Q(graduated_in__isnull=False), name="laborer_graduated"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_id(self) -> str:
        return mask_id(self.id_no)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)


class WorkSpell(models.Model):
    """一段务工: block B of the 采集表; one open spell per person."""

    laborer = models.ForeignKey(Laborer, models.CASCADE, related_name="spells")
    started = MonthField("开始时间")
    started_on = models.DateField("就业时间", null=True, blank=True)
    ended = MonthField("结束时间", null=True, blank=True)
    region_code = models.CharField("务工地代码", max_length=12, blank=True)
    region_text = models.CharField("务工地点", max_length=100, blank=True)
    place_class = models.CharField("务工区域", max_length=5, choices=choices(codes.PLACE_CLASSES), blank=True)
    overseas = models.BooleanField("是否国外务工", default=False)
    job_form = models.CharField("就业形式", max_length=15, choices=choices(codes.JOB_FORMS))
    job_form_note = models.CharField("其他就业形式", max_length=60, blank=True)
    employer = models.CharField("就业单位名称", max_length=100, blank=True)
    industry = models.CharField("所属产业行业", max_length=20, blank=True)
    channel = models.CharField("就业渠道", max_length=30, blank=True)
    monthly_wage = models.PositiveIntegerField("月平均工资", null=True, blank=True)
    has_contract = models.BooleanField("是否签订劳动合同", null=True)
    has_insurance = models.BooleanField("是否缴纳社会保险", null=True)
    helped = models.BooleanField("经帮扶实现就业", null=True)
    helped_in = MonthField("帮扶时间", null=True, blank=True)
    by_returnee_startup = models.BooleanField("是否返乡创业带动", null=True)
    organised_by = models.CharField("有组织劳务输出", max_length=20, blank=True)

    class Meta:
        verbose_name = "务工经历"
        constraints = [
            models.UniqueConstraint(fields=["laborer"], condition=Q(ended=None), name="one_open_spell"),
            models.UniqueConstraint(fields=["laborer", "started"], name="one_spell_per_start"),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(ended__gte=F("started")), name="spell_ends_after_start"
            ),
        ]

    @property
    def wage_text(self) -> str:
        return thousands(self.monthly_wage)


class IntentionQuerySet(models.QuerySet):
    def stamp(self, now: dt.datetime) -> None:
        """Keep since when these people are returnees, and wish for training: what their clocks run from.

        Somebody who came back a second time, later than was known, is registered again.
        """
        again = Q(returned_on__gt=TruncDate("return_registered_at"))
        self.filter(Q(return_registered_at=None) | again, is_returned=True).update(return_registered_at=now)
        self.filter(Q(is_returned=None) | Q(is_returned=False), return_registered_at__isnull=False).update(
            return_registered_at=None
        )
        self.filter(wish_registered_at=None, wants_training=True).update(wish_registered_at=now)
        self.filter(
            Q(wants_training=None) | Q(wants_training=False), wish_registered_at__isnull=False
        ).update(wish_registered_at=None)


class Intention(models.Model):
    """Blocks C to F of the 采集表: why not working, plans, return, wish for training, services received."""

    laborer = models.OneToOneField(Laborer, models.CASCADE, primary_key=True, related_name="intention")
    idle_type = models.CharField("未外出务工类型", max_length=20, blank=True)
    unemployed_on = models.DateField("就业转失业日期", null=True, blank=True)
    plans_out = models.BooleanField("是否有外出计划", null=True)
    no_plan_reason = models.CharField("无外出意愿原因", max_length=30, blank=True)
    wanted_region = models.CharField("外出务工意向地", max_length=60, blank=True)
    wanted_in = MonthField("计划外出时间", null=True, blank=True)
    wanted_job = models.CharField("意向岗位（工种）", max_length=60, blank=True)
    wanted_wage = models.PositiveIntegerField("期望月薪", null=True, blank=True)
    service_need = models.CharField("就业服务需求", max_length=100, blank=True)
    is_returned = models.BooleanField("是否返乡回流", null=True)
    return_reason = models.CharField("返乡回流原因", max_length=20, blank=True)
    left_region = models.CharField("返乡前务工地点", max_length=100, blank=True)
    returned_on = models.DateField("返乡日期", null=True, blank=True)
    wants_training = models.BooleanField("有无培训意愿", null=True)
    training_kind = models.CharField("意愿培训类别", max_length=10, blank=True)
    training_trade = models.CharField("意愿培训工种", max_length=60, blank=True)
    training_on = models.DateField("意愿培训日期", null=True, blank=True)
    services = models.JSONField("本年度享受就业服务项目", default=dict, blank=True)
    return_registered_at = models.DateTimeField("返乡登记时间", null=True, blank=True)
    wish_registered_at = models.DateTimeField("培训意愿登记时间", null=True, blank=True)

    objects = IntentionQuerySet.as_manager()

    class Meta:
        verbose_name = "意愿与服务"
        indexes = [
            models.Index(
                fields=["return_registered_at"],
                condition=Q(return_registered_at__isnull=False),
                name="returnees_by_registration",
            ),
            models.Index(
                fields=["wish_registered_at"],
                condition=Q(wish_registered_at__isnull=False),
                name="wishes_by_registration",
            ),
            models.Index(fields=["plans_out"], condition=Q(plans_out=True), name="who_plans_to_go_out"),
        ]


class PersonChange(models.Model):
    """What a workbook changed about one person, for the person's page; the audit trail has the batch as a whole."""

    laborer = models.ForeignKey(Laborer, models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    what = models.CharField("更改", max_length=10)
    month = MonthField("月份")
    batch = models.CharField("批次号", max_length=24)
    changes = models.JSONField(
        default=list, help_text="[printed label, old, new]; secret values are not kept"
    )

    class Meta:
        verbose_name = "人员更改"
