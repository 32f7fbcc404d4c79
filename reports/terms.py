"""Words that bulletins print, by date: policy terms and office names changed over the years (docs/glossary.md)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

BEGINNING = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Term:
    """The word in use from `since` on."""

    since: dt.date
    word: str


# The newest line that has begun is the one in force.
TERMS: dict[str, tuple[Term, ...]] = {
    "population": (
        Term(BEGINNING, "农村贫困劳动力"),
        Term(dt.date(2021, 1, 1), "脱贫人口（含监测对象）"),
    ),
    "people": (Term(BEGINNING, "贫困劳动力"), Term(dt.date(2021, 1, 1), "脱贫人口")),
    "office": (
        Term(BEGINNING, "扶贫办"),
        Term(dt.date(2021, 2, 25), "乡村振兴局"),
        Term(dt.date(2024, 1, 1), "农业农村局"),
    ),
    "workshop": (Term(BEGINNING, "扶贫车间"), Term(dt.date(2021, 3, 1), "帮扶车间")),
    "achievement": (Term(BEGINNING, "脱贫攻坚"), Term(dt.date(2021, 1, 1), "巩固拓展脱贫攻坚成果")),
}


def words_on(day: dt.date) -> dict[str, str]:
    """Every term as it is printed on `day`."""
    return {
        key: max((line for line in lines if line.since <= day), key=lambda line: line.since).word
        for key, lines in TERMS.items()
    }
