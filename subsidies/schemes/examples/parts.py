"""What examples are made of: clauses that many of them ask, and the documents of §4.3."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from ledgers.codes import IN_CITY, IN_PROVINCE, OUTSIDE
from subsidies.clauses import PAPERS, POPULATIONS

AWAY = [IN_CITY, IN_PROVINCE, OUTSIDE]
LOCAL, JOBS = "衔接资金", "就业补助资金"


@dataclass(frozen=True)
class Example:
    """What a draft begins with. `title` says the standard, `source` whose it is; amounts are fen.

    Where the document names no amount the example is `blank`: its form comes without the amounts and cannot be saved
    until they are filled in; the numbers in `rule` only illustrate.
    """

    key: str
    code: str
    title: str
    source: str
    rule: dict[str, Any]
    basis: str = ""
    fund: str = LOCAL
    notice_days: int = 5
    is_away: bool = False
    documents: list[dict[str, Any]] = field(default_factory=list)
    blank: bool = False
    opens: tuple[int, int] | None = None  # month and day, in the year it begins
    closes: tuple[int, int] | None = None
    told: str = ""  # what the office must know or fill in

    @property
    def whose(self) -> str:
        """The source as an office reads it: without our numbers of the pages in domain.md."""
        return re.sub(r"[，；、]?[PRS]\d+", "", self.source)

    @property
    def start(self) -> dict[str, Any]:
        """The rule its form begins with: without amounts where the document names none."""
        rule = deepcopy(self.rule)
        if self.blank:
            tariff = rule["tariff"]
            for name in ("amount", "with_paper", "rest"):
                tariff[name] = None
            tariff["amounts"] = {}
            tariff["bands"] = [band | {"prefixes": ""} for band in tariff.get("bands", ())]
        return rule


def asked(kind: str, basis: str = "", **params: Any) -> dict[str, Any]:
    """One clause of a rule."""
    return {"kind": kind, **params} | ({"basis": basis} if basis else {})


def months(least: int, one_employer: bool = False, in_a_row: bool = False) -> dict[str, Any]:
    return asked("months", least=least, one_employer=one_employer, in_a_row=in_a_row)


def promised(paper: str) -> dict[str, Any]:
    return asked("declared", paper=paper)


def not_paid(*codes: str, years: int = 0) -> dict[str, Any]:
    """0: this year, 99: ever."""
    return asked("not_paid", codes=list(codes), years=years)


ANYBODY = asked("population", groups=POPULATIONS[0], without_removed=False)
AT_RISK = asked("population", groups=POPULATIONS[0], without_removed=True)
ALIVE = asked("state")
AGE = asked("age", least=16, most=None)
NO_POST = asked("no_post")
OWN_TRANSPORT = asked("own_transport")
NO_STAFF, FIRST, LICENSED, NO_FARMING, NOT_ABSORBED, BENEFITS = (promised(paper) for paper in PAPERS)


def papers(*required: str, optional: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """A checklist; the agent's 委托书, the photograph of the notice and the rosters are asked for by the steps."""
    more = (*optional, "身份证复印件", "社保卡（一卡通）复印件", "村会议记录")
    return [{"name": name, "required": True} for name in required] + [
        {"name": name, "required": False} for name in more
    ]


WORKING = papers("个人申请和承诺书", "务工证明或劳动合同", optional=("工资收入凭证", "车票"))
