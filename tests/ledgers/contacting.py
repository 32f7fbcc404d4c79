"""What a screen sends when somebody notes a contact."""

from __future__ import annotations

import uuid

from django.urls import reverse

from ledgers.collection.contacts import believed, mark
from ledgers.models import Laborer, MonthlyRecord
from lib.month import Month
from tests.factories import MARCH


def contact(person: Laborer, month: Month = MARCH) -> str:
    return reverse("ledgers:contact", args=[person.pk, month])


def shown(person: Laborer, month: Month = MARCH) -> str:
    """The mark of a screen made now."""
    row = MonthlyRecord.objects.select_related("laborer").get(laborer=person, month=month)
    return mark(row, believed(row))


def noted(person: Laborer, how: str = "电话", outcome: str = "unchanged", **more: str) -> dict[str, str]:
    """The form of a card."""
    sent = {"how": how, "outcome": outcome, "shown": shown(person), "client_key": str(uuid.uuid4())}
    return sent | more
