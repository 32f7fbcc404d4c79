"""开发: the village proposes a post, the township checks, the county opens it within its ceilings; 撤销 ends it.

Whoever proposes neither checks nor opens; the database refuses it too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from itertools import count

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Level, Unit, User
from ledgers.facts import refigure
from ledgers.periods import period_state
from lib.month import Month
from posts.facts import POLICY
from posts.models import POST_CATEGORIES, Post, PostCeiling, PostPolicy
from posts.rules import Limits

PROPOSES, CHECKS, APPROVES = "pw", "w", "a"
State = Post.State


def may(by: User, letters: str, unit: Unit) -> None:
    """Refuse whoever holds none of the letters on posts of `unit`."""
    if not any(by.can("post", letter, unit) for letter in letters):
        raise NotAllowed(f"您没有办理{unit.name}公益性岗位这一步的权限。")


def locked(post: Post, by: User, letters: str) -> Post:
    """The post as it stands now, nobody else's until the end of the transaction."""
    found = Post.objects.select_for_update(of=("self",)).select_related("unit").get(pk=post.pk)
    may(by, letters, found.unit)
    return found


def another(by: User, first: User | None, act: str, now: str) -> None:
    """Refuse the second step to whoever did the first."""
    if first is not None and first.pk == by.pk:
        raise NotAllowed(f"您{act}过，不能再由您{now}，请另一位经办人办理。")


def month_open(unit: Unit, day: dt.date) -> None:
    """Refuse what would change a month that is closed; the days to come are free."""
    month = Month.of(day)
    if month <= Month.current() and not (state := period_state(unit, month)).is_open:
        raise NotAllowed(state.why)


@transaction.atomic
def propose(
    unit: Unit, by: User, *, title: str, category: str, level: str, funding: str, department: str, employer: str,
    duties: str, area: str, monthly_fen: int, days_required: int, reason: str,
) -> Post:  # fmt: skip
    """申请设岗: money in fen a month, `days_required` in days a month."""
    may(by, PROPOSES, unit)
    if unit.level != Level.VILLAGE or unit.closed_on:
        raise NotAllowed("岗位设在行政村（社区），请选择仍在使用的村。")
    if category not in POST_CATEGORIES:
        raise NotAllowed("请选择岗位类别。")
    if not (monthly_fen > 0 and 1 <= days_required <= 31):
        raise NotAllowed("补贴标准要大于0，规定出勤天数为1至31天。")
    words = {"岗位名称": title, "岗位职责": duties}
    if missing := [name for name, text in words.items() if not text.strip()]:
        raise NotAllowed(f"请填写{'、'.join(missing)}。")
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two proposals at once get two numbers
    post = Post.objects.create(
        number=next_number(unit), unit=unit, title=title.strip(), category=category, level=level, funding=funding,
        department=department.strip(), employer=employer.strip(), duties=duties.strip(), area=area.strip(),
        monthly_fen=monthly_fen, days_required=days_required, reason=because(reason, "申请理由"),
        state=State.PROPOSED, proposed_by=by, proposed_at=timezone.now(),
    )  # fmt: skip
    record("post.propose", by, post, unit, number=post.number, title=post.title)
    return post


def next_number(unit: Unit) -> str:
    return next(next_numbers(unit))


def next_numbers(unit: Unit) -> Iterator[str]:
    """GW-, the code of the village and a running number; one after the other."""
    start = f"GW-{unit.code}-"
    taken = Post.objects.filter(number__startswith=start).values_list("number", flat=True)
    last = max((int(one[len(start) :]) for one in taken if one[len(start) :].isdecimal()), default=0)
    yield from (f"{start}{number:03d}" for number in count(last + 1))


@transaction.atomic
def check(post: Post, by: User) -> Post:
    """镇核查: the township agrees and sends it to the county."""
    post = locked(post, by, CHECKS)
    _expect(post, State.PROPOSED)
    another(by, post.proposed_by, "申请", "核查")
    post.state, post.checked_by, post.checked_at = State.CHECKED, by, timezone.now()
    post.save(update_fields=["state", "checked_by", "checked_at"])
    record("post.check", by, post, post.unit, number=post.number)
    return post


@transaction.atomic
def open_post(post: Post, by: User, on: dt.date | None = None) -> Post:
    """县核定: the post is open from `on` (today), when its county and township still have room under the ceiling."""
    post = locked(post, by, APPROVES)
    _expect(post, State.CHECKED)
    another(by, post.proposed_by, "申请", "核定")
    another(by, post.checked_by, "核查", "核定")
    day = on or timezone.localdate()
    month_open(post.unit, day)
    room_for(post.unit, day.year, "", post.category)
    post.state, post.opened_on = State.OPEN, day
    post.approved_by, post.approved_at = by, timezone.now()
    post.save(update_fields=["state", "opened_on", "approved_by", "approved_at"])
    record("post.open", by, post, post.unit, number=post.number, day=str(day))
    refigure(post.unit, day)
    return post


def room_for(unit: Unit, year: int, *categories: str) -> None:
    """Refuse one more open post of `unit` beyond a ceiling of these categories (blank: of all posts)."""
    if told := Room(year, hold=True).none_for(unit, *categories):
        raise NotAllowed(told)


class Room:
    """What the ceilings of a year leave: each is asked for once, and what was taken on the way is counted in.

    `hold` locks the ceilings, so that two openings do not share the last place.
    """

    def __init__(self, year: int, hold: bool = False) -> None:
        self.year, self.hold = year, hold
        self._over: dict[tuple[int, tuple[str, ...]], list[PostCeiling]] = {}
        self._taken: dict[int, int] = {}  # ceiling → open posts

    def none_for(self, unit: Unit, *categories: str) -> str:
        """Why one more open post of the unit does not fit under a ceiling of these categories; else it is counted."""
        over = self._ceilings(unit, categories)
        if told := next((told for one in over if (told := full(one, self._taken[one.pk]))), ""):
            return told
        for one in over:
            self._taken[one.pk] += 1
        return ""

    def _ceilings(self, unit: Unit, categories: tuple[str, ...]) -> list[PostCeiling]:
        key = (unit.pk, categories)
        if key not in self._over:
            found = ceilings_over(unit, self.year, *categories)
            self._over[key] = list(found.select_for_update(of=("self",)) if self.hold else found)
            for one in self._over[key]:
                if one.pk not in self._taken:
                    self._taken[one.pk] = open_under(one)
        return self._over[key]


def ceilings_over(unit: Unit, year: int, *categories: str) -> QuerySet[PostCeiling]:
    """The ceilings that a post of `unit` counts against in the year."""
    rows = PostCeiling.objects.filter(category__in=categories, unit__code__in=unit.ancestor_codes, year=year)
    return rows.select_related("unit").order_by("pk")


def full(ceiling: PostCeiling, there: int) -> str:
    """Why nothing more fits under the ceiling; empty while there is room."""
    if there < ceiling.number:
        return ""
    return f"{taken(ceiling, there)}，不能再开发。请先撤销空岗，或由县调整上限。"


def taken(ceiling: PostCeiling, there: int) -> str:
    """上限40个，已开发12个: of which unit, year and category."""
    kind = ceiling.category or "公益性岗位"
    return f"{ceiling.unit.name}{ceiling.year}年{kind}上限{ceiling.number}个，已开发{there}个"


def open_under(ceiling: PostCeiling) -> int:
    """How many posts that count against this ceiling are open now, also those that the user does not see."""
    found = Post.objects.under(ceiling.unit).filter(state=State.OPEN)
    with wall.opened("a county's ceiling counts the posts of all its townships"):
        return (found.filter(category=ceiling.category) if ceiling.category else found).count()


def open_under_each(ceilings: Collection[PostCeiling], unit: Unit) -> dict[int, int]:
    """`open_under` of many ceilings, all of `unit` and below, in one question; by key."""
    found = Post.objects.under(unit).filter(state=State.OPEN).order_by()
    with wall.opened("a county's ceiling counts the posts of all its townships"):
        rows = list(found.values_list("unit__path", "category").annotate(Count("pk")))
    return {
        one.pk: sum(
            number for path, category, number in rows
            if path.startswith(one.unit.path) and one.category in ("", category)
        )
        for one in ceilings
    }  # fmt: skip


@transaction.atomic
def refuse(post: Post, reason: str, by: User) -> Post:
    """不同意: the township refuses what was proposed, the county what was checked."""
    found = locked(post, by, CHECKS + APPROVES)
    _expect(found, State.PROPOSED, State.CHECKED)
    may(by, CHECKS if found.state == State.PROPOSED else APPROVES, found.unit)
    return _end(found, State.REFUSED, because(reason, "不同意的理由"), by, "post.refuse")


@transaction.atomic
def close_post(post: Post, reason: str, by: User, on: dt.date | None = None) -> Post:
    """撤销: a vacant post is given up; whoever holds it leaves it first."""
    post = locked(post, by, APPROVES)
    _expect(post, State.OPEN)
    if post.appointments.filter(ended_on=None).exists():
        raise NotAllowed("岗位上还有人，请先办理退岗再撤销。")
    last = post.appointments.order_by("-ended_on").values_list("ended_on", flat=True).first()
    post.closed_on = on or timezone.localdate()
    if last and last > post.closed_on:
        raise NotAllowed("上一位聘用人员还没有离岗，撤销日期不能早于其离岗日期。")
    month_open(post.unit, post.closed_on)
    for recruitment in post.recruitments.standing():
        recruitment.ended_at = timezone.now()
        recruitment.save(update_fields=["ended_at"])
        recruitment.candidates.standing().update(
            state="withdrawn", ended_by=by, ended_at=timezone.now(), reason="岗位已撤销"
        )
    closed = _end(post, State.CLOSED, because(reason, "撤销理由"), by, "post.close")
    refigure(post.unit, post.closed_on)
    return closed


def _end(post: Post, state: str, reason: str, by: User, act: str) -> Post:
    post.state, post.reason, post.ended_by, post.ended_at = state, reason, by, timezone.now()
    post.save(update_fields=["state", "reason", "ended_by", "ended_at", "closed_on"])
    record(act, by, post, post.unit, number=post.number, reason=reason)
    return post


def _expect(post: Post, *states: str) -> None:
    if post.state not in states:
        raise NotAllowed(f"这个岗位现在是“{post.get_state_display()}”，不能办理这一步，请刷新页面。")


# ── what a county sets ───────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_ceiling(unit: Unit, year: int, category: str, number: int | None, by: User) -> PostCeiling | None:
    """岗位数量上限 of a county or township in a year, of one category or (blank) of all; None takes it away."""
    may(by, APPROVES, unit)
    if unit.level not in (Level.COUNTY, Level.TOWNSHIP):
        raise NotAllowed("上限只对县和乡镇设定。")
    if category and category not in POST_CATEGORIES:
        raise NotAllowed("没有这个岗位类别。")
    found = PostCeiling.objects.select_for_update().filter(unit=unit, year=year, category=category)
    old = found.values_list("number", flat=True).first()
    record("post.ceiling", by, unit, unit, year=year, kind=category, old=old, new=number)
    if number is None:
        found.delete()
        return None
    return PostCeiling.objects.update_or_create(
        unit=unit, year=year, category=category,
        defaults={"number": number, "set_by": by, "set_at": timezone.now()},
    )[0]  # fmt: skip


@transaction.atomic
def set_policy(unit: Unit, limits: Limits, by: User) -> PostPolicy:
    """岗位规定 of a county: days of notice, ages, households, families of cadres."""
    may(by, APPROVES, unit)
    if unit.level != Level.COUNTY:
        raise NotAllowed("岗位规定由县设定。")
    if not (1 <= limits.notice_days <= 30 and 17 <= limits.new_under <= limits.stay_under <= 80):
        raise NotAllowed("公示天数为1至30天；新聘年龄上限不高于在岗年龄上限，都在17至80周岁之间。")
    if not 0 <= limits.least_a_year <= 100_000:
        raise NotAllowed("补贴标准下限应在0至100,000元/年之间，不设下限的填0。")
    said = {name: getattr(limits, name) for name in POLICY}
    made, _ = PostPolicy.objects.update_or_create(
        unit=unit, defaults=said | {"set_by": by, "set_at": timezone.now()}
    )
    record("post.policy", by, unit, unit, **said)
    return made
