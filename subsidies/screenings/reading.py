"""What the pages of screenings read: results with what became of them, within the reader's reach."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from lib.money import yuan
from subsidies.models import Claim, Screened, Screening, Unclaimed, Waiver
from subsidies.rules import ENTITLED, NOT_ENTITLED, UNPROVEN, Explained, explain
from subsidies.words import MET, MISSING, UNMET

OPEN, CLAIMED, PAID, WAIVED = "open", "claimed", "paid", "waived"
STATES = {OPEN: "未申领", CLAIMED: "已申请", PAID: "已领取", WAIVED: "自愿放弃"}
UNKNOWN = "没有登记原因"
PAIRS = {"B01": "B02", "B02": "B01"}  # 交通 and 稳岗 go together (YD-G08)
TONES = {ENTITLED: "good", UNPROVEN: "warn", NOT_ENTITLED: ""}
STATE_CONDITIONS = {
    OPEN: Q(claim=None, waived=False),
    CLAIMED: Q(claim__isnull=False) & ~Q(claim=Claim.State.PAID),
    PAID: Q(claim=Claim.State.PAID),
    WAIVED: Q(claim=None, waived=True),
}


def followed(lines: QuerySet[Screened]) -> Any:
    """With `claim` (state of the claim that is alive), `waived`, and `why` it was not claimed, as noted."""
    same = {
        "laborer": OuterRef("laborer"), "code": OuterRef("screening__scheme__code"),
        "period": OuterRef("screening__period"),
    }  # fmt: skip
    return lines.annotate(
        claim=Subquery(Claim.objects.alive().filter(**same).values("state")[:1]),
        waived=Exists(Waiver.objects.filter(withdrawn_at=None, **same)),
        why=Subquery(Unclaimed.objects.filter(**same).values("reason")[:1]),
    )


def with_the_other(lines: Any, screening: Screening) -> Any:
    """Entitled and not claimed, while the one that goes with it was claimed in the year of the screening (YD-G08)."""
    year, code = screening.month.year, PAIRS[screening.scheme.code]
    other = Claim.objects.alive().filter(laborer=OuterRef("laborer"), code=code)
    other = other.filter(month__gte=f"{year}-01", month__lte=f"{year}-12")
    return lines.filter(STATE_CONDITIONS[OPEN], Exists(other), result=ENTITLED)


def state_of(claim: str | None, waived: bool) -> str:
    if claim:
        return PAID if claim == Claim.State.PAID else CLAIMED
    return WAIVED if waived else OPEN


@dataclass
class Tally:
    """People of one screening within reach: by result; of those entitled by what became of it, and why not."""

    results: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def people(self) -> int:
        return sum(self.results.values())


def answers(screening: Screening, user: User) -> list[tuple[str, str, int]]:
    """(result, letters, people) within reach: what the numbers by result and by clause are added up from."""
    lines = Screened.objects.visible_to(user).filter(screening=screening).order_by()
    return list(lines.values_list("result", "letters").annotate(n=Count("pk")))


def tally(screening: Screening, user: User, answered: list[tuple[str, str, int]]) -> Tally:
    """By result, and the entitled by what became of them."""
    lines = Screened.objects.visible_to(user).filter(screening=screening).order_by()
    found = Tally()
    for result, _, n in answered:
        found.results[result] += n
    entitled = followed(lines.filter(result=ENTITLED))
    for row in entitled.values("claim", "waived", "why").annotate(n=Count("pk")):
        state = state_of(row["claim"], row["waived"])
        found.states[state] += row["n"]
        if state == OPEN:
            found.reasons[row["why"] or UNKNOWN] += row["n"]
    return found


def results(screenings: list[Screening], user: User) -> dict[int, Counter[str]]:
    """Of several screenings, how many within reach have which result; whoever sees all is told what each run kept."""
    found: dict[int, Counter[str]] = {one.pk: Counter() for one in screenings}
    rest = []
    for one in screenings:
        if not user.can("subsidy", "r", one.unit):
            rest.append(one)
            continue
        unmet = one.people - one.entitled - one.unproven
        found[one.pk] += Counter({ENTITLED: one.entitled, UNPROVEN: one.unproven, NOT_ENTITLED: unmet})
    if not rest:
        return found
    lines = Screened.objects.visible_to(user).filter(screening__in=rest).order_by()
    for row in lines.values("screening", "result").annotate(n=Count("pk")):
        found[row["screening"]][row["result"]] = row["n"]
    return found


def explained(line: Screened) -> list[Explained]:
    """Clause by clause; the line's screening and scheme are at hand."""
    return explain(line.screening.scheme.terms, line.letters, json.loads(line.values), line.amount)


def first_obstacle(line: Screened) -> str:
    """The first clause that is not met or not proven, in one sentence; empty for who is entitled."""
    if line.result == ENTITLED:
        return ""
    for letter in (UNMET, MISSING):
        for one in explained(line):
            if one.letter == letter:
                return one.sentence
    return ""


def by_clause(screening: Screening, answered: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """For every clause how many meet it, do not, or lack evidence."""
    table = []
    for place, (clause, asked) in enumerate(screening.scheme.terms.clauses):
        counts: Counter[str] = Counter()
        for _, letters, n in answered:
            counts[letters[place]] += n
        table.append(
            {
                "title": clause.title, "asked": clause.asked(asked), "met": f"{counts[MET]:,}",
                "unmet": f"{counts[UNMET]:,}", "missing": f"{counts[MISSING]:,}",
            }
        )  # fmt: skip
    return table


def row(line: Any) -> dict[str, Any]:
    """A line of the list as the page prints it; `line` is of `followed`."""
    state = state_of(line.claim, line.waived) if line.result != NOT_ENTITLED else ""
    return {
        "line": line,
        "tone": TONES[line.result],
        "amount": yuan(line.amount) if line.amount else "—",
        "obstacle": first_obstacle(line),
        "state": STATES.get(state, ""),
        "why": line.why if state == OPEN else None,
    }
