"""在岗人员疑点 as one question: which posts are held by somebody with a red or yellow clause that is not met.

`posts.rules.keeping` says the same of one holder in sentences; tests/posts/test_doubts.py holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.lookups import LessThan
from django.utils import timezone

from accounts import wall
from ledgers import codes
from ledgers.models import MonthlyRecord, WorkSpell
from lib.month import Month
from posts.facts import limits_by_county
from posts.models import Appointment, Contract, Post
from posts.rules import AWAY, STEADY, UNABLE, YOUNGEST, Limits, born_by


def doubtful(posts: QuerySet[Post], day: dt.date | None = None) -> list[int]:
    """Keys of the posts whose holder on `day` (today) has something against them or open, blue clauses aside."""
    day = day or timezone.localdate()
    held = Appointment.objects.filter(post__in=posts.order_by().values("pk")).exclude(ended_on__lt=day)
    with wall.opened("another post, or a relative's, may lie outside the reach of whoever asks"):
        against = _of_work(day) | _of_the_person() | _of_papers(day) | _of_other_posts(day)
        found = held.filter(against | _by_county(lambda limits: _of_limits(limits, day)))
        return list(found.order_by().values_list("post", flat=True))


def _by_county(broken: Callable[[Limits], Q]) -> Q:
    """What each county's own limits call broken, and the default ones everywhere else."""
    found, elsewhere = Q(pk__in=[]), Q()
    for path, limits in limits_by_county().items():
        here = Q(post__unit__path__startswith=path)
        found |= here & broken(limits)
        elsewhere &= ~here
    return found | (elsewhere & broken(Limits()))


def _of_other_posts(day: dt.date) -> Q:
    """YD-F01."""
    others = Appointment.objects.filter(laborer=OuterRef("laborer")).exclude(pk=OuterRef("pk"))
    return Q(Exists(others.exclude(ended_on__lt=day).exclude(ended_on__lt=OuterRef("started_on"))))


def _of_work(day: dt.date) -> Q:
    """YD-F02 and YD-F22: at work elsewhere, or nothing known of it."""
    month = Month.of(day)
    now = WorkSpell.objects.filter(laborer=OuterRef("laborer"), ended=None)
    away = ~Q(job_form="") & (Q(overseas=True) | Q(place_class__in=AWAY))
    records = MonthlyRecord.objects.filter(laborer=OuterRef("laborer"), month__in=[month, month - 1])
    return Q(Exists(now.filter(away | Q(job_form__in=STEADY)))) | (~Exists(records) & ~Exists(now))


def _of_the_person() -> Q:
    """YD-F09, YD-F14 and YD-F19; who has no candidacy here was never asked whether a cadre."""
    home = "laborer__household__"
    in_need = Q(**{f"{home}poverty_kind": "脱贫户"}) | Q(**{f"{home}monitor_kind": "脱贫不稳定户"})
    in_need |= ~Q(**{f"{home}monitor_kind": ""}) & Q(**{f"{home}risk_removed_on": None})
    cadre = Q(candidate=None) | ~Q(candidate__cadre="")
    return cadre | Q(laborer__ability__in=UNABLE) | ~Q(laborer__person_state=codes.NORMAL) | ~in_need


def _of_papers(day: dt.date) -> Q:
    """YD-F10, and of YD-F12 and YD-F21 that nothing is noted."""
    contract = Contract.objects.filter(appointment=OuterRef("pk"), until_on__gte=day)
    no_notice = Q(candidate__notice_from=None) | Q(candidate__notice_until=None)
    return ~Exists(contract) | no_notice | Q(post__monthly_fen=None) | Q(post__monthly_fen=0)


def _of_limits(limits: Limits, day: dt.date) -> Q:
    """YD-F09, YD-F12, YD-F13, YD-F16 and YD-F21, as far as a county sets them."""
    least = -(-limits.least_a_year * 100 // 12)  # fen a month, rounded up
    shown = ExpressionWrapper(F("candidate__notice_until") - F("candidate__notice_from"), DurationField())
    broken = Q(laborer__birth_date__gt=born_by(YOUNGEST, day)) | Q(post__monthly_fen__lt=least)
    broken |= Q(laborer__birth_date__lte=born_by(limits.stay_under, day))
    broken |= Q(LessThan(shown, dt.timedelta(days=limits.notice_days - 1)))
    if limits.no_cadre_family:
        broken |= Q(candidate__cadre_family=True)
    if limits.one_per_household:
        home = Appointment.objects.filter(laborer__household=OuterRef("laborer__household"))
        home = home.filter(started_on__lte=day).exclude(ended_on__lt=day)
        broken |= Q(Exists(home.exclude(laborer=OuterRef("laborer"))))
    return broken
