"""公益性岗位 and 帮扶车间: one file per noun."""

from posts.models.awards import (
    ABSORBING,
    AWARD_KINDS,
    TIERED,
    AwardLine,
    WorkshopAward,
    WorkshopStandard,
)
from posts.models.posts import FUNDINGS, POST_CATEGORIES, POST_LEVELS, Appointment, Post
from posts.models.taken import POST_OR_AWAY, TakenMonth
from posts.models.workshops import Placement, Workshop, WorkshopReview

__all__ = [
    "ABSORBING",
    "AWARD_KINDS",
    "FUNDINGS",
    "POST_CATEGORIES",
    "POST_LEVELS",
    "POST_OR_AWAY",
    "TIERED",
    "Appointment",
    "AwardLine",
    "Placement",
    "Post",
    "TakenMonth",
    "Workshop",
    "WorkshopAward",
    "WorkshopReview",
    "WorkshopStandard",
]
