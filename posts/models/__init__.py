"""公益性岗位 and 帮扶车间: one file per noun."""

from posts.models.posts import FUNDINGS, POST_CATEGORIES, POST_LEVELS, Appointment, Post
from posts.models.taken import POST_OR_AWAY, TakenMonth
from posts.models.workshops import Placement, Workshop

__all__ = [
    "FUNDINGS",
    "POST_CATEGORIES",
    "POST_LEVELS",
    "POST_OR_AWAY",
    "Appointment",
    "Placement",
    "Post",
    "TakenMonth",
    "Workshop",
]
