"""What came of training: one set of counts, as the pages show it (I24, I25)."""

from __future__ import annotations

from dataclasses import dataclass

from lib.money import yuan
from lib.rates import Rate
from subsidies.models.training import EnrolmentQuerySet


@dataclass(frozen=True)
class Outcome:
    """People by how far they came; `planned` None where no plan is meant."""

    planned: int | None
    enrolled: int
    trained: int
    certified: int
    eligible: int
    paid: int
    paid_fen: int

    @property
    def unpaid(self) -> int:
        return self.eligible - self.paid

    @property
    def completion(self) -> str:
        """I24 培训完成率."""
        return Rate(self.trained, self.planned or 0).text

    @property
    def certification(self) -> str:
        """I24 取证率."""
        return Rate(self.certified, self.trained).text

    @property
    def payment(self) -> str:
        """I25 培训生活费发放率."""
        return Rate(self.paid, self.eligible).text

    @property
    def paid_yuan(self) -> str:
        return yuan(self.paid_fen)


def outcome(rows: EnrolmentQuerySet, planned: int | None = None) -> Outcome:
    """The counts over these enrolments, in one question."""
    return Outcome(planned, **rows.counts())
