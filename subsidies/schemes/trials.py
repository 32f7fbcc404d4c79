"""试算: what everybody would get from a draft and from the version in force, over months that are over.

Each version is asked in the last month of every 所属期 of its own that the trial reaches, as if everybody who may had
claimed: what was got in one period counts against the next, and against the cap of the household.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from ledgers.models import Laborer, MonthlyRecord
from lib import bulk
from lib.month import Month
from subsidies.facts import Paid
from subsidies.models import SchemeVersion, Trial, TrialLine
from subsidies.rules import Rule, Verdict, explain, judge
from subsidies.screening import Asked, Claimed, Person, claims_of, of_scheme, people_of
from subsidies.words import UNMET


def digest_of(scheme: SchemeVersion) -> str:
    """SHA-256 of what a trial depends on: a name or a document may still be corrected afterwards."""
    said = json.dumps([scheme.code, scheme.rule], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def asked_in(rule: Rule, first: Month, last: Month) -> set[Month]:
    """The months in which the rule is asked: the last one of every 所属期 between `first` and `last`."""
    newest: dict[str, Month] = {}
    for step in range(last - first + 1):
        newest[rule.period(first + step)] = first + step
    return set(newest.values())


@dataclass
class _Side:
    """One of the two versions while it is tried: what everybody has got from it so far, and the last answers."""

    code: str
    rule: Rule
    months: set[Month]
    claims: dict[int, list[Claimed]]
    paid: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    answers: dict[int, Verdict] = field(default_factory=dict)

    def ask(self, person: Person, asked: Asked) -> None:
        verdict = judge(self.rule, of_scheme(person, asked, self.claims))
        self.answers[person.laborer] = verdict
        if verdict.amount:
            got = Paid(self.code, asked.period, person.facts.month.year, verdict.amount)
            self.paid[person.laborer] += verdict.amount
            self.claims.setdefault(person.household, []).append(
                Claimed(person.household, person.laborer, got)
            )

    def why_not(self, laborer: int) -> str:
        """The first clause that is not met, with what the ledger has; empty when none is known."""
        answer = self.answers.get(laborer)
        if answer is None:
            return "没有月度记录"
        for one in explain(self.rule, answer.letters, answer.values, answer.amount):
            if one.letter == UNMET:
                return one.sentence
        return ""


@transaction.atomic
def run(trial: Trial, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Try the months of `trial` and keep a line of everybody who gets something from either version."""
    sides = [
        _Side(one.code, one.terms, asked_in(one.terms, trial.first, trial.last), _others(trial, one.code))
        for one in (trial.scheme, trial.against)
        if one is not None
    ]
    villages: dict[int, int] = {}
    months = sorted(set().union(*(side.months for side in sides)))
    for done, month in enumerate(months):
        asking = [(side, Asked.of(side.code, side.rule, month)) for side in sides if month in side.months]
        first = min(asked.first for _, asked in asking)
        wants = frozenset().union(*(side.rule.wants for side, _ in asking))
        for person in people_of(MonthlyRecord.objects.under(trial.unit), month, first, wants):
            villages[person.laborer] = person.village
            for side, asked in asking:
                side.ask(person, asked)
        progress(done + 1, len(months))
    new, old = sides[0], sides[1] if len(sides) > 1 else None
    bulk.insert_many(TrialLine, ("trial", *_LINE), ([trial.pk, *line] for line in _lines(new, old, villages)))
    trial.people, trial.finished_at = len(villages), timezone.now()
    trial.save(update_fields=["people", "finished_at"])


def _others(trial: Trial, code: str) -> dict[int, list[Claimed]]:
    """Claims of other schemes: those of this one are what the trial makes again."""
    found = claims_of(Laborer.objects.under(trial.unit))
    return {
        household: [one for one in claims if one.paid.code != code] for household, claims in found.items()
    }


_LINE = ("laborer", "village", "before", "after", "why")


def _lines(new: _Side, old: _Side | None, villages: dict[int, int]) -> Iterator[tuple]:
    for laborer, village in sorted(villages.items()):
        before = old.paid.get(laborer, 0) if old else 0
        after = new.paid.get(laborer, 0)
        if before or after:
            yield laborer, village, before, after, _why(new, old, laborer, before, after)[:200]


def _why(new: _Side, old: _Side | None, laborer: int, before: int, after: int) -> str:
    """Why the person gains or loses; empty where nothing changes."""
    if before == after:
        return ""
    if not after:
        return f"按新版本：{new.why_not(laborer)}"
    if not before:
        return f"按现行版本：{old.why_not(laborer)}" if old else "新设补贴"
    return "补贴标准或享受次数不同"
