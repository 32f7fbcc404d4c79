"""What claims are judged by, of one person or of all people of a workbook: each question is asked once of them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from accounts import wall
from accounts.authority import NotAllowed
from ledgers.models import BankAccount, Laborer, WorkSpell
from lib.bulk import among
from lib.month import Month
from posts.models import ABSORBING, POST_OR_AWAY, AwardLine, TakenMonth, WorkshopAward
from subsidies.facts import Facts, Paid
from subsidies.models import Claim, SchemeVersion, Waiver
from subsidies.models.schemes import holding
from subsidies.rules import Verdict
from subsidies.screening import Asked, Claimed, Person, claims_of, judged, people_among


class Known:
    """The people in question and what stands of them; `add` tells of a claim made since, which the next ones see."""

    def __init__(self, people: Iterable[Laborer]) -> None:
        self.people = {one.pk: one for one in people}
        self._of = among("laborer", sorted(self.people))
        self._facts: dict[tuple[Month, Month, frozenset[str]], dict[int, Person]] = {}

    @cached_property
    def _versions(self) -> list[SchemeVersion]:
        codes = {code for one in self.people.values() for code in one.village.ancestor_codes}
        return list(SchemeVersion.objects.begun(codes))

    def in_force(self, person: Laborer, month: Month) -> list[SchemeVersion]:
        """Which versions hold for the person's village in the month."""
        return holding(self._versions, person.village, month)

    @cached_property
    def _claims(self) -> dict[int, list[Claim]]:
        found: dict[int, list[Claim]] = defaultdict(list)
        rows = (
            Claim.objects.alive()
            .filter(self._of)
            .select_related("scheme", "account")
            .defer("facts", "values")
        )
        for one in rows.order_by("pk"):
            found[one.laborer_id].append(one)
        return found

    def claims(self, person: Laborer) -> list[Claim]:
        """Those that are alive or paid."""
        return self._claims[person.pk]

    def claim(self, person: Laborer, code: str, period: str) -> Claim | None:
        return next((one for one in self.claims(person) if (one.code, one.period) == (code, period)), None)

    @cached_property
    def _waived(self) -> set[tuple[int, str, str]]:
        rows = Waiver.objects.filter(self._of, withdrawn_at=None)
        return set(rows.values_list("laborer", "code", "period"))

    def waived(self, person: Laborer, code: str, period: str) -> bool:
        return (person.pk, code, period) in self._waived

    @cached_property
    def _around(self) -> dict[int, list[Claimed]]:
        return claims_of(Laborer.objects.filter(among("pk", sorted(self.people))))

    def judged(
        self, scheme: SchemeVersion, person: Laborer, month: Month, declared: Iterable[str]
    ) -> tuple[Facts, Verdict]:
        """The person against the scheme for `month`; NotAllowed without a monthly record."""
        asked = Asked.of(scheme.code, scheme.terms, month)
        key = (month, asked.first, asked.rule.wants)
        if key not in self._facts:
            self._facts[key] = people_among(self.people, month, asked)
        if (found := self._facts[key].get(person.pk)) is None:
            raise NotAllowed(f"{person.name}没有{month.label}的月度记录，不能核算补贴。请先在台账中核对。")
        return judged(found, asked, self._around, declared)

    @cached_property
    def _spells(self) -> dict[int, list[tuple[Month, str]]]:
        found: dict[int, list[tuple[Month, str]]] = defaultdict(list)
        rows = WorkSpell.objects.filter(self._of).order_by("laborer", "-started")
        for laborer, started, place in rows.values_list("laborer", "started", "region_text"):
            found[laborer].append((started, place))
        return found

    def place(self, person: Laborer, month: Month) -> str:
        """务工地点 as the ledger writes it of the month."""
        return next((place for started, place in self._spells[person.pk] if started <= month), "")

    @cached_property
    def _taken(self) -> dict[int, list[TakenMonth]]:
        found: dict[int, list[TakenMonth]] = defaultdict(list)
        for one in TakenMonth.objects.filter(self._of, group=POST_OR_AWAY).order_by("month"):
            found[one.laborer_id].append(one)
        return found

    def clashes(self, person: Laborer, months: Iterable[Month], what: str) -> list[TakenMonth]:
        """Which of the months another benefit has taken already."""
        wanted = set(months)
        return [one for one in self._taken[person.pk] if one.month in wanted and one.what != what]

    @cached_property
    def _absorbed(self) -> dict[int, WorkshopAward]:
        with wall.opened("the workshop may be out of the user's reach"):
            lines = AwardLine.objects.filter(self._of, kind=ABSORBING, void=False)
            return {one.laborer_id: one.award for one in lines.select_related("award__workshop")}

    def absorbed_in(self, person: Laborer) -> WorkshopAward | None:
        """The award of a workshop that counts the person as 吸纳, wherever the workshop is; None: none does."""
        return self._absorbed.get(person.pk)

    @cached_property
    def _accounts(self) -> dict[int, BankAccount]:
        return {one.laborer_id: one for one in BankAccount.objects.standing().filter(self._of)}

    def account(self, person: Laborer) -> BankAccount | None:
        """The account the person is paid into."""
        return self._accounts.get(person.pk)

    def add(self, claim: Claim) -> None:
        """The claim stands from now on: of the person, and of the household's cap."""
        self._around[claim.laborer.household_id].append(
            Claimed(
                claim.laborer.household_id,
                claim.laborer_id,
                Paid(claim.code, claim.period, claim.month.year, claim.amount),
            )
        )
        self._claims[claim.laborer_id].append(claim)
