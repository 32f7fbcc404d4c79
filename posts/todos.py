"""Which posts wait for an office: to be checked or opened, an applicant to recommend or file, an exit to decide."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from posts.models import Appointment, Candidate, Post


def waiting(user: User) -> QuerySet[Post]:
    """Posts in reach whose next step is this user's: the county's, else the township's, else the village's."""
    people = Candidate.objects.filter(recruitment__post=OuterRef("pk"))
    exits = Appointment.objects.filter(post=OuterRef("pk"), ended_on=None)
    if user.can("post", "a"):
        mine = (
            Q(state=Post.State.CHECKED)
            | Exists(people.filter(state=Candidate.State.RECOMMENDED))
            | Exists(exits.filter(exit_decided_on__isnull=False))
        )
    elif user.can("post", "w"):
        over = Q(state=Candidate.State.NOTICED, notice_until__lt=timezone.localdate())
        told = exits.filter(exit_notified_on__isnull=False, exit_decided_on=None)
        mine = Q(state=Post.State.PROPOSED) | Exists(people.filter(over)) | Exists(told)
    else:
        begun = [Candidate.State.APPLIED, Candidate.State.MET]
        mine = Q(Exists(people.filter(state__in=begun)))
    return Post.objects.visible_to(user).filter(mine)
