"""Messages, schemes, screening, claims, batches, training: one file per noun."""

from subsidies.models.batches import PaymentBatch, PaymentLine, Refund
from subsidies.models.claims import AGENT, OWN, RELATIONS, Claim, ClaimPaper, ClaimStep, Notice, Waiver
from subsidies.models.messages import Forwarding, Mailing, Message, MessageTemplate
from subsidies.models.schemes import SchemeVersion
from subsidies.models.screening import REASONS, Screened, Screening, Unclaimed
from subsidies.models.training import (
    Allowance,
    Certificate,
    Completion,
    Enrolment,
    PlanLine,
    TrainingClass,
    TrainingDay,
    TrainingPlan,
)
from subsidies.models.trials import Trial, TrialLine

__all__ = [
    "AGENT",
    "OWN",
    "REASONS",
    "RELATIONS",
    "Allowance",
    "Certificate",
    "Claim",
    "ClaimPaper",
    "ClaimStep",
    "Completion",
    "Enrolment",
    "Forwarding",
    "Mailing",
    "Message",
    "MessageTemplate",
    "Notice",
    "PaymentBatch",
    "PaymentLine",
    "PlanLine",
    "Refund",
    "SchemeVersion",
    "Screened",
    "Screening",
    "TrainingClass",
    "TrainingDay",
    "TrainingPlan",
    "Trial",
    "TrialLine",
    "Unclaimed",
    "Waiver",
]
