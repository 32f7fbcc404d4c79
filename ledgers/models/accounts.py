"""收款账户: the account of a person's own into which every benefit is paid."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.scope import ScopedQuerySet
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
