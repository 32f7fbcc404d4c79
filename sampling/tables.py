"""Counting calls by township, for the page, the file and whoever else prints the table."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from accounts.models import Unit
from sampling.results import Counts

# What a number of the table counts, by the word its link carries.
BEHIND = {
    "all": Q(),
    "connected": Q(connected=True),
    "missed": Q(connected=False),
    "place": Q(connected=True, place_matches=True),
    "time": Q(connected=True, time_matches=True),
    "aware": Q(connected=True, knows_policy=True),
    "waiting": Q(connected=None),
}


def counts(calls: QuerySet) -> dict[Unit, Counts]:
    """Township → its counts, in the fixed order of the units. Who was drawn counts, called or not (I10)."""
    numbers = {
        f"n_{name}": Count("pk", filter=BEHIND[name]) for name in ("connected", "place", "time", "aware")
    }
    found = {
        row["township"]: row
        for row in calls.order_by().values("township").annotate(n_sampled=Count("pk"), **numbers)
    }
    townships = Unit.objects.filter(pk__in=found).select_related("parent").in_order()
    return {
        township: Counts(
            township.parent.name if township.parent else "",
            township.name,
            *(found[township.pk][f"n_{name}"] for name in Counts._fields[2:]),
        )
        for township in townships
    }
