"""The result of a trial, within the reader's reach: who gains, who loses, how much, by unit and in all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import Unit, User
from lib.money import FEN, yuan
from lib.rates import round_half_up
from subsidies.models import Trial, TrialLine

GAIN, LOSE, SAME = "gain", "lose", "same"
KINDS = {GAIN: "增加", LOSE: "减少", SAME: "不变"}
CONDITIONS = {
    GAIN: Q(after__gt=F("before")),
    LOSE: Q(after__lt=F("before")),
    SAME: Q(after=F("before")),
}


@dataclass
class Totals:
    """People and fen of a unit, or in all."""

    name: str = "合计"
    code: str = ""
    people_before: int = 0
    money_before: int = 0
    people_after: int = 0
    money_after: int = 0
    gaining: int = 0
    gained: int = 0
    losing: int = 0
    lost: int = 0

    def add(self, row: dict[str, int]) -> None:
        for key in _SUMS:
            setattr(self, key, getattr(self, key) + row[key])

    @property
    def people(self) -> dict[str, str]:
        """How many, as they are printed."""
        found = {"before": self.people_before, "after": self.people_after}
        found |= {"gaining": self.gaining, "losing": self.losing}
        return {name: f"{count:,}" for name, count in found.items()}

    @property
    def wan(self) -> dict[str, str]:
        """The amounts in 万元 with two places, for the large figures of the page."""
        found = {
            "before": self.money_before,
            "after": self.money_after,
            "gained": self.gained,
            "lost": self.lost,
        }
        return {name: f"{round_half_up(Decimal(fen) / (10_000 * FEN), 2):,}" for name, fen in found.items()}

    @property
    def yuan(self) -> dict[str, str]:
        """The amounts as they are printed; `change` with its sign."""
        change = self.money_after - self.money_before
        return {
            "before": yuan(self.money_before),
            "after": yuan(self.money_after),
            "gained": yuan(self.gained),
            "lost": yuan(self.lost),
            "change": ("+" if change > 0 else "") + yuan(change),
        }


_SUMS = {
    "people_before": Count("pk", filter=Q(before__gt=0)),
    "money_before": Coalesce(Sum("before"), 0),
    "people_after": Count("pk", filter=Q(after__gt=0)),
    "money_after": Coalesce(Sum("after"), 0),
    "gaining": Count("pk", filter=CONDITIONS[GAIN]),
    "gained": Coalesce(Sum(F("after") - F("before"), filter=CONDITIONS[GAIN]), 0),
    "losing": Count("pk", filter=CONDITIONS[LOSE]),
    "lost": Coalesce(Sum(F("before") - F("after"), filter=CONDITIONS[LOSE]), 0),
}


def seen(trial: Trial, user: User):
    return TrialLine.objects.visible_to(user).filter(trial=trial)


def sums(trial: Trial, user: User) -> tuple[list[Totals], Totals]:
    """The units directly below the trial's with something to show, in order, and the total of them."""
    below = list(Unit.objects.filter(parent=trial.unit).in_order())
    rows = {one.pk: Totals(one.name, one.code) for one in below}
    total = Totals()
    for row in seen(trial, user).order_by().values("village__path").annotate(**_SUMS):
        total.add(row)
        for one in below:
            if row["village__path"].startswith(one.path):
                rows[one.pk].add(row)
                break
    return [one for one in rows.values() if one.people_before or one.people_after], total
