"""Who works where, month by month; the 采集表 that changes it."""

from ledgers.models.accounts import AccountChange, BankAccount, BankAccountQuerySet
from ledgers.models.collection import CollectionForm, Contact, FormPaper, SubmittedForm
from ledgers.models.entry import EntryException, EntryRule
from ledgers.models.handover import Handover, HandoverLine
from ledgers.models.months import MonthClosing, MonthlyRecord, MonthlyRecordQuerySet
from ledgers.models.people import (
    Household,
    HouseholdQuerySet,
    Intention,
    Laborer,
    LaborerQuerySet,
    PersonChange,
    WorkSpell,
)
from ledgers.models.services import Service, ZeroEmployment

__all__ = [
    "AccountChange",
    "BankAccount",
    "BankAccountQuerySet",
    "CollectionForm",
    "Contact",
    "EntryException",
    "EntryRule",
    "FormPaper",
    "Handover",
    "HandoverLine",
    "Household",
    "HouseholdQuerySet",
    "Intention",
    "Laborer",
    "LaborerQuerySet",
    "MonthClosing",
    "MonthlyRecord",
    "MonthlyRecordQuerySet",
    "PersonChange",
    "Service",
    "SubmittedForm",
    "WorkSpell",
    "ZeroEmployment",
]
