"""Messages, schemes, screening, claims, batches, training: one file per noun."""

from subsidies.models.batches import PaymentBatch, PaymentLine, Refund
from subsidies.models.claims import AGENT, OWN, RELATIONS, Claim, ClaimPaper, ClaimStep, Notice, Waiver
from subsidies.models.messages import Forwarding, Mailing, Message, MessageTemplate
from subsidies.models.schemes import SchemeVersion
from subsidies.models.screening import REASONS, Screened, Screening, Unclaimed
from subsidies.models.trials import Trial, TrialLine

__all__ = [
    "AGENT",
    "OWN",
    "REASONS",
    "RELATIONS",
    "Claim",
    "ClaimPaper",
    "ClaimStep",
    "Forwarding",
    "Mailing",
    "Message",
    "MessageTemplate",
    "Notice",
    "PaymentBatch",
    "PaymentLine",
    "Refund",
    "SchemeVersion",
    "Screened",
    "Screening",
    "Trial",
    "TrialLine",
    "Unclaimed",
    "Waiver",
]
