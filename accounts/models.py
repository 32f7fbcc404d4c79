"""Units that report to each other, regions people go to, and users with their postings."""

from __future__ import annotations

import base64
import datetime as dt
import time
from collections.abc import Callable

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from accounts.audit import AuditEntry, AuditHead
from accounts.roles import Role, roles_with
from lib.crypto import EncryptedTextField

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Custody",
    "Level",
    "Phone",
    "Posting",
    "Region",
    "Reveal",
    "Unit",
    "UnitAlias",
    "User",
]


class Level(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县"
    TOWNSHIP = "township", "乡"
    VILLAGE = "village", "村"


class UnitQuerySet(models.QuerySet):
    def under(self, unit: Unit) -> UnitQuerySet:
        """`unit` and everything that reports to it today."""
        return self.filter(path__startswith=unit.path)

    def under_on(self, unit: Unit, day: dt.date) -> UnitQuerySet:
        """`unit` and everything that reported to it on `day` (villages move between townships and zones)."""
        custody = Custody.objects.on(day)
        own = custody.filter(unit=unit).values_list("path", flat=True).first()
        return self.filter(pk__in=custody.filter(path__startswith=own).values("unit")) if own else self.none()

    def visible_to(self, user: User, subject: str = "figures", letter: str = "r") -> UnitQuerySet:
        from accounts.scope import within

        return self.filter(within("path", user, subject, letter))

    def villages(self) -> UnitQuerySet:
        return self.filter(level=Level.VILLAGE)

    def in_order(self) -> UnitQuerySet:
        """The fixed order of the organisation tree, used in every table and sentence."""
        return self.order_by("sort_path")


class Unit(models.Model):
    """An office or village in the reporting chain (custody), which need not follow the official codes."""

    code = models.CharField("单位编码", max_length=20, unique=True)
    name = models.CharField("单位名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    path = models.CharField(max_length=120, unique=True, help_text="codes from the top, each ending with /")
    sort_path = models.CharField(max_length=120, help_text="four-digit positions from the top", db_index=True)
    gb_code = models.CharField(
        "国标代码", max_length=12, blank=True, help_text="12 digits of GB/T 2260 + 统计用区划"
    )
    position = models.PositiveIntegerField("顺序", default=0)
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ["sort_path"]
        constraints = [
            models.CheckConstraint(condition=Q(path__endswith="/"), name="unit_path_ends_with_slash"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """Names from the county down, as an address is written: 阳新县陶港镇王桥村."""
        unit, name = self, self.name
        while unit.level not in {Level.COUNTY, Level.CITY, Level.PROVINCE} and unit.parent:
            unit = unit.parent
            name = unit.name + name
        return name

    @property
    def ancestor_codes(self) -> list[str]:
        """Codes of the units above and of this one, from the top."""
        return self.path.rstrip("/").split("/")


class UnitAlias(models.Model):
    """A name that is no longer in use and still means this unit: what it was called, or a village merged into it."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="aliases")
    name = models.CharField("原名称", max_length=60)
    valid_to = models.DateField("使用至")
    merged = models.BooleanField(
        "并入", default=False, help_text="the name of another unit that was merged into it"
    )

    class Meta:
        verbose_name = "单位原名称"
        ordering = ["-valid_to", "-pk"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="one_alias_of_a_name")]


class CustodyQuerySet(models.QuerySet):
    def on(self, day: dt.date) -> CustodyQuerySet:
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


class Custody(models.Model):
    """To whom a unit reported, and when: the dated history behind Unit.parent and Unit.path."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="custody")
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    path = models.CharField(max_length=120, db_index=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = CustodyQuerySet.as_manager()

    class Meta:
        verbose_name = "隶属关系"
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_to=None), name="one_current_custody"),
            models.UniqueConstraint(fields=["unit", "valid_from"], name="one_custody_per_start"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="custody_ends_after_start"
            ),
        ]


class Region(models.Model):
    """GB/T 2260 and 统计用区划代码 as a dated code table; used for where people work, never for who reports."""

    code = models.CharField("代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=60)
    parent_code = models.CharField("上级代码", max_length=12, blank=True, db_index=True)
    year = models.PositiveSmallIntegerField("年份", default=2023)
    withdrawn = models.BooleanField("已撤销", default=False)

    class Meta:
        verbose_name = "行政区划"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields) -> User:
        user = self.model(username=username.strip(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of Phone: untyped package
    username = models.CharField("用户名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=50)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须修改初始密码", default=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(
        "演示账号", default=False, help_text="tried without a phone: no second factor"
    )

    is_verified: Callable[
        [], bool
    ]  # whether the second factor was shown; put here by django_otp's middleware

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = "用户"

    def __str__(self) -> str:
        return self.name

    def current_postings(self) -> list[Posting]:
        """Postings in force now, read from the database once per loaded user (that is, once per request or task)."""
        if not hasattr(self, "_current_postings"):
            postings = self.postings.current().select_related("unit__parent__parent")  # for the full name
            self._current_postings = list(postings)
        return self._current_postings

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(posting.role for posting in self.current_postings())

    @property
    def home_unit(self) -> Unit | None:
        """The highest unit this user serves; None for someone without a posting, who sees nothing."""
        units = [posting.unit for posting in self.current_postings()]
        return min(units, key=lambda unit: (len(unit.path.split("/")), unit.sort_path), default=None)

    @property
    def own_unit(self) -> Unit:
        """`home_unit` of somebody who serves one: a view meets nobody else unless it says `without_posting`."""
        if self.home_unit is None:
            raise LookupError("this user serves no unit")
        return self.home_unit

    def can(self, subject: str, letter: str, unit: Unit | None = None) -> bool:
        """Whether a posting gives `letter` on `subject` (matrix in accounts.roles), at `unit` if one is named."""
        allowed = roles_with(subject, letter)
        return self.is_active and any(
            posting.role in allowed and (unit is None or unit.path.startswith(posting.unit.path))
            for posting in self.current_postings()
        )


class PostingQuerySet(models.QuerySet):
    def current(self) -> PostingQuerySet:
        today = timezone.localdate()
        return self.filter(Q(until=None) | Q(until__gte=today), since__lte=today)


class Posting(models.Model):
    """A user's role in a unit for a time."""

    user = models.ForeignKey(User, models.CASCADE, related_name="postings", verbose_name="用户")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings", verbose_name="单位")
    role = models.CharField("角色", max_length=10, choices=Role)
    since = models.DateField("任职起", default=timezone.localdate)
    until = models.DateField("任职止", null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"], condition=Q(until=None), name="one_open_posting"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="posting_ends_after_start"
            ),
        ]


class Phone(TimestampMixin, ThrottlingMixin, Device):
    """A phone whose six digits are the second factor (RFC 6238); a stolen table does not make codes."""

    DRIFT = 1  # steps of 30 seconds that its clock may be off

    key = EncryptedTextField("密钥", help_text="160 random bits in hexadecimal")
    last_t = models.BigIntegerField("最近用过的时间步", default=-1)

    class Meta(Device.Meta):
        verbose_name = "手机动态码"

    @property
    def secret(self) -> str:
        """The key in base 32, as phones take it."""
        return base64.b32encode(bytes.fromhex(self.key)).decode().rstrip("=")

    def step_of(self, code: str) -> int | None:
        """The step of time whose code this is, among those that were not used yet."""
        totp = TOTP(bytes.fromhex(self.key))
        totp.time = time.time()
        return totp.t() if totp.verify(int(code), self.DRIFT, self.last_t + 1) else None

    def verify_token(self, token: str) -> bool:
        """Whether `token` is right and was not used before, also when it is sent twice at once."""
        allowed, _ = self.verify_is_allowed()
        step = self.step_of(token) if allowed and token.isdecimal() else None
        fresh = Phone.objects.filter(pk=self.pk, last_t=self.last_t)
        if step is None or not fresh.update(last_t=step):
            if allowed:
                self.throttle_increment()
            return False
        self.last_t = step
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        return 1  # seconds after the first wrong code, doubled with each further one


class Reveal(models.Model):
    """One look at a full ID number or phone, with the reason given; counted against the daily limit."""

    user = models.ForeignKey(User, models.PROTECT, related_name="reveals")
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=20)
    reason = models.CharField("查看原因", max_length=200)
    at = models.DateTimeField(default=timezone.now, db_index=True)
