"""公益性岗位 and 帮扶车间: one file per noun."""

from posts.models.assessments import GRADES, Assessment
from posts.models.attendance import Attendance, AttendanceSheet, SheetPaper
from posts.models.awards import (
    AwardLine,
    WorkshopAccount,
    WorkshopAward,
    WorkshopStandard,
)
from posts.models.pay import PayRun, PostPay
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
from posts.workshop_rules import ABSORBING, AWARD_KINDS, TIERED

__all__ = [
    "ABSORBING",
    "AWARD_KINDS",
    "CADRES",
    "CONTRACT_KINDS",
    "EXIT_GROUNDS",
    "FUNDINGS",
    "GRADES",
    "POST_CATEGORIES",
    "POST_LEVELS",
    "POST_OR_AWAY",
    "TIERED",
    "Appointment",
    "Assessment",
    "Attendance",
    "AttendanceSheet",
    "AwardLine",
    "Candidate",
    "Contract",
    "PayRun",
    "Placement",
    "Post",
    "PostCeiling",
    "PostPay",
    "PostPolicy",
    "Recruitment",
    "SheetPaper",
    "TakenMonth",
    "Workshop",
    "WorkshopAccount",
    "WorkshopAward",
    "WorkshopReview",
    "WorkshopStandard",
]
