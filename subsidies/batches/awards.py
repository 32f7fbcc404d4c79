"""Awards of workshops (B06, B08, B14) in a batch: approved by the county, paid into an account of two people's."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts import wall
from accounts.models import Unit, User
from posts.models import ABSORBING, AwardLine, WorkshopAccount, WorkshopAward
from subsidies.models import Claim, PaymentLine, SchemeVersion
from subsidies.schemes import FOUNDING

NO_ACCOUNT, NEW_ACCOUNT = "车间没有已确认的对公账户", "上次退票，还没有换新的对公账户"
FOUNDER = "计入的人里有正在申领创业补贴的（YD-G15），请核对"


def approved(scheme: SchemeVersion, by: User) -> Any:
    """Awards of the scheme's kind and years in reach that no line pays, with account and what is against it."""
    standing = WorkshopAccount.objects.filter(
        workshop=OuterRef("workshop"), ended_at=None, confirmed_at__isnull=False
    )
    lines = PaymentLine.objects.filter(award=OuterRef("pk"))
    living = lines.exclude(state__in=(PaymentLine.State.FAILED, PaymentLine.State.VOID))
    bounced = lines.filter(state=PaymentLine.State.FAILED, batch__sent_at__gte=OuterRef("standing_at"))
    found = WorkshopAward.objects.visible_to(by).under(scheme.unit).filter(
        ~Exists(living), state=WorkshopAward.State.APPROVED, kind=scheme.rule["tariff"]["award"],
        year__gte=scheme.from_month.year,
    )  # fmt: skip
    if scheme.until_month:
        found = found.filter(year__lte=scheme.until_month.year)
    found = found.annotate(
        standing=Subquery(standing.values("pk")[:1]),
        standing_at=Subquery(standing.values("confirmed_at")[:1]),
    )
    return found.annotate(bounced=Exists(bounced), founder=Exists(_founders()))


def _founders() -> QuerySet[AwardLine]:
    """Lines of an award about somebody who is paid as a founder: 吸纳 and 创业带动 do not go together (P15)."""
    claims = Claim.objects.alive().filter(laborer=OuterRef("laborer"), code__in=FOUNDING)
    lines = AwardLine.objects.filter(award=OuterRef("pk"), kind=ABSORBING, void=False)
    return lines.filter(Exists(claims))


def payable(scheme: SchemeVersion, unit: Unit, by: User) -> Any:
    """What a batch of `scheme` and `unit` would hold."""
    ready = Q(standing__isnull=False, bounced=False, founder=False)
    return approved(scheme, by).filter(ready).under(unit)


def held(scheme: SchemeVersion, unit: Unit, by: User) -> list[PaymentLine]:
    """A line of each, not saved yet; the awards stay locked."""
    with wall.opened("who is absorbed may live, and be paid as a founder, elsewhere"):
        found = payable(scheme, unit, by).select_for_update(of=("self",), no_key=True)
        awards = list(found.select_related("workshop").order_by("workshop__unit__sort_path", "pk"))
        accounts = WorkshopAccount.objects.in_bulk([one.standing for one in awards])
    return [
        PaymentLine(
            award=one, payee=account, village_id=one.workshop.unit_id, name=account.holder, bank=account.bank,
            number=account.number, amount=one.amount,
        )
        for one in awards
        for account in [accounts[one.standing]]
    ]  # fmt: skip


def waiting(scheme: SchemeVersion, by: User) -> list[Any]:
    """Approved awards that no batch takes, with `why`; the first hundred."""
    with wall.opened("who is absorbed may live, and be paid as a founder, elsewhere"):
        rest = approved(scheme, by).filter(Q(standing=None) | Q(bounced=True) | Q(founder=True))
        rows = list(rest.select_related("workshop__unit").order_by("workshop__unit__sort_path", "pk")[:100])
    for one in rows:
        one.why = FOUNDER if one.founder else NEW_ACCOUNT if one.bounced else NO_ACCOUNT
    return rows


def uncovered(by: User) -> dict[str, int]:
    """Approved awards that no line pays and no version in force covers: how many, by 2023年阶梯式奖补."""
    living = PaymentLine.objects.exclude(state__in=(PaymentLine.State.FAILED, PaymentLine.State.VOID))
    rows = WorkshopAward.objects.visible_to(by, "a").filter(state=WorkshopAward.State.APPROVED)
    unpaid = rows.exclude(Exists(living.filter(award=OuterRef("pk"))))
    covered = {pk for scheme in schemes(by) for pk in approved(scheme, by).values_list("pk", flat=True)}
    found = unpaid.exclude(pk__in=covered).order_by("year", "kind").values_list("year", "kind")
    return dict(Counter(f"{year}年{kind}" for year, kind in found))


def schemes(by: User) -> list[SchemeVersion]:
    """Approved versions by which workshops are paid, of the offices the user pays for."""
    kept = SchemeVersion.objects.visible_to(by).approved().filter(rule__tariff__kind="workshops")
    return list(kept.select_related("unit").order_by("unit__sort_path", "code", "version"))
