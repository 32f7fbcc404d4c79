"""公益性岗位 and 帮扶车间: one file per noun."""

from posts.models.awards import (
    ABSORBING,
    AWARD_KINDS,
    TIERED,
    AwardLine,
    WorkshopAward,
    WorkshopStandard,
)
from posts.models.posts import (
    CONTRACT_KINDS,
    EXIT_GROUNDS,
    FUNDINGS,
    POST_CATEGORIES,
    POST_LEVELS,
    Appointment,
    Contract,
    Post,
    PostCeiling,
    PostPolicy,
)
from posts.models.recruiting import CADRES, Candidate, Recruitment
from posts.models.taken import POST_OR_AWAY, TakenMonth
from posts.models.workshops import Placement, Workshop, WorkshopReview

__all__ = [
    "ABSORBING",
    "AWARD_KINDS",
    "CADRES",
    "CONTRACT_KINDS",
    "EXIT_GROUNDS",
    "FUNDINGS",
    "POST_CATEGORIES",
    "POST_LEVELS",
    "POST_OR_AWAY",
    "TIERED",
    "Appointment",
    "AwardLine",
    "Candidate",
    "Contract",
    "Placement",
    "Post",
    "PostCeiling",
    "PostPolicy",
    "Recruitment",
    "TakenMonth",
    "Workshop",
    "WorkshopAward",
    "WorkshopReview",
    "WorkshopStandard",
]
