"""What the ledger knows of one person when schemes are asked about a month: plain values, no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lib.month import Month

TRAINED, ON_DUTY = "trained", "on_duty"  # facts that cost a question of their own and few rules ask for


class Worked(NamedTuple):
    """One month of work, from the spell the person was in."""

    month: Month
    place_class: str
    region_code: str
    job_form: str
    employer: str
    wage: int | None  # yuan a month
    has_contract: bool | None
    has_insurance: bool | None
    organised_by: str


class Paid(NamedTuple):
    """A claim that is alive or paid: of which scheme, for which 所属期, in which year, how much (fen)."""

    code: str
    period: str
    year: int
    amount: int


class Trained(NamedTuple):
    """A class the person was in: the key of the enrolment, the days attended, the month of its last day."""

    enrolment: int
    days: int
    ended: Month


@dataclass(frozen=True, slots=True)
class Facts:
    """One person as the ledger has them for `month`. `worked` covers the window of the rule, in order of months."""

    month: Month
    age: int
    is_poverty: bool
    is_monitored: bool
    risk_removed: bool
    person_state: str
    ability: str
    student_state: str
    worked: tuple[Worked, ...] = ()
    post_months: tuple[Month, ...] = ()  # months with a public-welfare post on their last day
    duty_months: tuple[Month, ...] = ()  # of these with a day on duty on a checked attendance sheet
    trained: tuple[Trained, ...] = ()  # classes that ended in the window and that no allowance pays
    paid: tuple[Paid, ...] = ()
    household_paid: int = 0  # fen that others of the household have got from the same scheme and 所属期
    declared: frozenset[str] = frozenset()  # papers that prove what the ledger cannot know

    @property
    def trained_days(self) -> int:
        return sum(one.days for one in self.trained)
