"""收款账户: the account of a person's own into which every benefit is paid."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.scope import ScopedQuerySet
from jobs.models import StoredFile
from ledgers.models.people import Laborer
from lib.crypto import EncryptedTextField


class BankAccountQuerySet(ScopedQuerySet):
    subject, unit_field = "person", "laborer__village"

    def standing(self) -> BankAccountQuerySet:
        return self.filter(ended_at=None)


class BankAccount(models.Model):
    """One account in use per person, and no account of two people (YD-F24); an account given up stays on record."""

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="bank_accounts")
    bank = models.CharField("开户行", max_length=60)
    number = EncryptedTextField("银行账号")
    number_index = models.CharField(max_length=32, db_index=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField("登记时间", default=timezone.now)
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "收款账户"
        constraints = [
            models.UniqueConstraint(
                fields=["laborer"], condition=Q(ended_at=None), name="one_account_of_a_person"
            ),
            models.UniqueConstraint(
                fields=["number_index"], condition=Q(ended_at=None), name="one_person_of_an_account"
            ),
        ]

    @property
    def masked(self) -> str:
        """The last four digits: enough to recognise the account, too little to use it."""
        return f"尾号{self.number[-4:]}"


class AccountChange(models.Model):
    """更正收款账户: another account for who has one, asked for with a reason and a proof, decided by another."""

    class State(models.TextChoices):
        WAITING = "waiting", "待确认"
        CONFIRMED = "confirmed", "已更换"
        REFUSED = "refused", "未同意"

    laborer = models.ForeignKey(Laborer, models.PROTECT, related_name="account_changes")
    bank = models.CharField("开户行", max_length=60)
    number = EncryptedTextField("银行账号")
    reason = models.CharField("更正原因", max_length=200)
    proof = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="证明")
    state = models.CharField("状态", max_length=9, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提出时间", default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)
    refusal = models.CharField("不同意的原因", max_length=200, blank=True)

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "更正收款账户"
        constraints = [
            models.UniqueConstraint(
                fields=["laborer"], condition=Q(state="waiting"), name="one_open_change_of_an_account"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="account_changed_by_two"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None)
                | Q(~Q(state="waiting"), decided_by__isnull=False, decided_at__isnull=False),
                name="account_change_names_who_decided",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="account_change_says_why"),
        ]

    @property
    def masked(self) -> str:
        """The last four digits of the account asked for."""
        return f"尾号{self.number[-4:]}"
