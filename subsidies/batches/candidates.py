"""Which approved claims can be paid now, and which wait for an account: one question for the page and for the verb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum

from accounts import wall
from accounts.models import Unit, User
from ledgers.models import BankAccount
from subsidies.models import Claim, PaymentLine, SchemeVersion
from subsidies.models.claims import ClaimQuerySet

NO_ACCOUNT, NEW_ACCOUNT = "没有登记收款账户", "上次退票，还没有换新的收款账户"


def approved(by: User, letter: str = "a") -> ClaimQuerySet:
    """Claims 待发放 in reach, each with the holder's own account and whether the bank refused that one."""
    standing = BankAccount.objects.standing().filter(laborer=OuterRef("laborer"))
    failed = PaymentLine.objects.filter(claim=OuterRef("pk"), state=PaymentLine.State.FAILED)
    found = Claim.objects.visible_to(by, letter).filter(state=Claim.State.APPROVED)
    return found.annotate(
        standing=Subquery(standing.values("pk")[:1]), standing_at=Subquery(standing.values("set_at")[:1])
    ).annotate(bounced=Exists(failed.filter(batch__sent_at__gte=OuterRef("standing_at"))))


def payable(found: ClaimQuerySet) -> ClaimQuerySet:
    """Those with an account to pay into: the holder's own (YD-F24), and a later one after the bank refused it."""
    return found.filter(Q(standing__isnull=False, bounced=False))


def of(scheme: SchemeVersion, unit: Unit, by: User) -> ClaimQuerySet:
    """What a batch of `scheme` and `unit` would hold."""
    return payable(approved(by)).filter(scheme=scheme).under(unit)


@contextmanager
def whole() -> Iterator[None]:
    """Accounts are found by person: who has moved away since is still paid for the village of the claim."""
    with wall.opened("who is paid may have moved to another village since"):
        yield


def groups(by: User) -> list[dict]:
    """Per scheme version: how many are payable and how much (fen), how many wait for an account."""
    with whole():
        found = approved(by)
        ready: dict[int, Any] = {
            row["scheme"]: row
            for row in payable(found)
            .order_by()
            .values("scheme")
            .annotate(people=Count("pk"), fen=Sum("amount"))
        }
        every = list(found.order_by().values("scheme").annotate(people=Count("pk")).order_by("scheme"))
    schemes = SchemeVersion.objects.select_related("unit").in_bulk([row["scheme"] for row in every])
    return [
        {
            "scheme": schemes[row["scheme"]],
            "people": ready.get(row["scheme"], {}).get("people", 0),
            "fen": ready.get(row["scheme"], {}).get("fen", 0),
            "waiting": row["people"] - ready.get(row["scheme"], {}).get("people", 0),
        }
        for row in every
    ]


def without_account(by: User, letter: str = "a") -> list[Claim]:
    """Approved claims that no batch takes, with `why`; the first two hundred."""
    with whole():
        found = approved(by, letter)
        rest = found.filter(Q(standing=None) | Q(bounced=True))
        rows = list(rest.select_related("laborer", "village", "scheme").order_by("village", "pk")[:200])
    for one in rows:
        one.why = NEW_ACCOUNT if one.bounced else NO_ACCOUNT
    return rows
