"""Holders and posts of an older register are taken over as they stand, through the same clauses as an appointment.

They carry the number of the batch they came with in place of a second person: the county sees where each came from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import wall
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers.banking import keep_account
from ledgers.facts import refigure
from ledgers.models import Laborer
from posts.facts import facts_of, limits_of
from posts.leaving import sign_contract
from posts.models import Appointment, Post
from posts.opening import APPROVES, may, next_number, room_for
from posts.recruiting import TAKEN
from posts.rules import Clause, Facts, Limits, appointing, of_age, refusals

OF_POST = (
    "title",
    "category",
    "level",
    "funding",
    "department",
    "employer",
    "area",
    "monthly_fen",
    "days_required",
)
APPROVED = {"category": "岗位类别", "level": "开发层级", "funding": "资金来源", "monthly_fen": "补贴标准",
            "days_required": "规定出勤天数"}  # fmt: skip
CATEGORY_WORDS = {
    "护林": "护林员", "护路": "护路员", "公路": "护路员", "道路": "护路员", "保洁": "保洁员", "环卫": "保洁员",
    "卫生": "保洁员", "护水": "护水员", "河道": "护水员", "护河": "护水员", "护理": "护理员", "养老": "护理员",
    "村务": "村务管理员", "光伏": "光伏公益岗", "协保": "协保员", "协理": "协保员",
}  # fmt: skip


def category_of(title: str) -> str:
    """护林员 and so on, from the name of the post."""
    return next((kind for word, kind in CATEGORY_WORDS.items() if word in title), "其他")


def clauses_now(facts: Facts, limits: Limits, since: dt.date) -> list[Clause]:
    """The clauses of an appointment that began on `since`, the age reckoned today: who was fit then may not be now."""
    stay = of_age(facts, limits.stay_under, max(since, timezone.localdate()))
    return [stay if one.rule == stay.rule else one for one in appointing(facts, limits, since)]


@transaction.atomic
def take_over(
    person: Laborer, said: dict[str, Any], since: dt.date, batch: str, by: User, *,
    contract: dict[str, Any] | None = None, bank: str = "", account: str = "",
) -> Appointment:  # fmt: skip
    """The person holds the post of the row since that day; a red clause refuses as it does everywhere."""
    rows = Laborer.objects.select_for_update(of=("self",), no_key=True).select_related("village", "household")
    person = rows.get(pk=person.pk)
    may(by, "i", person.village)
    facts = replace(facts_of([person])[person.pk], cadre=said.get("cadre"))
    if against := refusals(clauses_now(facts, limits_of(person.village), since)):
        raise NotAllowed("不能聘用：" + "".join(f"{one.text}（{one.rule}）" for one in against))
    if not batch:
        raise NotAllowed("按台账登记在岗人员要有导入批次。")
    post = _post(person, said, since, batch, by)
    try:
        with transaction.atomic():
            made = Appointment.objects.create(post=post, laborer=person, started_on=since, source=batch)
    except IntegrityError:
        raise NotAllowed(TAKEN) from None
    if contract:
        sign_contract(made, by=by, **contract)
    if account:
        keep_account(person, bank, account, by)
    refigure(post.unit, since)
    return made


def _post(person: Laborer, said: dict[str, Any], since: dt.date, batch: str, by: User) -> Post:
    """The open post of that number, or a new one in the person's village, within its ceilings of this year."""
    number = said.get("number") or ""
    with wall.opened("a number may be another village's post"):
        rows = Post.objects.select_for_update(of=("self",)).filter(number=number)
        found = rows.first() if number else None
    if found is not None:
        if found.unit_id != person.village_id or found.state != Post.State.OPEN:
            raise NotAllowed(f"岗位{number}不在{person.village.name}，或者没有开发、已经撤销。")
        return found
    type(person.village).objects.select_for_update(no_key=True).get(pk=person.village_id)
    fields = {name: said[name] for name in OF_POST if said.get(name) not in (None, "")}
    room_for(person.village, timezone.localdate().year, "", fields["category"])
    return Post.objects.create(
        number=number or next_number(person.village), unit=person.village, opened_on=since, proposed_by=by,
        proposed_at=timezone.now(), source=batch, **fields,
    )  # fmt: skip


@transaction.atomic
def amend(appointment: Appointment, said: dict[str, Any], seen: dict[str, Any], by: User) -> None:
    """Correct what a register says of the post: only where it still says what the sender saw."""
    post = Post.objects.select_for_update(of=("self",)).select_related("unit").get(pk=appointment.post_id)
    may(by, "i", post.unit)
    if any(getattr(post, name) != value for name, value in seen.items()):
        raise NotAllowed(f"{post.title}刚刚被别人修改，请重新校验。")
    if told := approved_fields(post, said, by):
        raise NotAllowed(told)
    if "category" in said:
        room_for(post.unit, timezone.localdate().year, said["category"])
    for name, value in said.items():
        setattr(post, name, value)
    post.save(update_fields=list(said))


def approved_fields(post: Post, said: Iterable[str], by: User) -> str:
    """Why `by` may not change these of a post that the county opened: what it approved the county changes itself."""
    words = [label for name, label in APPROVED.items() if name in said]
    if (
        not words
        or post.approved_by_id is None
        or any(by.can("post", letter, post.unit) for letter in APPROVES)
    ):
        return ""
    return f"{post.number}的{'、'.join(words)}是县里核定的，要调整请由县专班导入。"


@transaction.atomic
def take_back(appointment: Appointment, batch: str, by: User) -> None:
    """Undo `take_over`, as long as nothing has been built on it."""
    one = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("post__unit")
        .get(pk=appointment.pk)
    )
    may(by, "i", one.post.unit)
    if one.source != batch or one.exit_notified_on or one.ended_on:
        raise NotAllowed("入库以后又办理过，没有撤回。")
    post = one.post
    try:
        with transaction.atomic():
            one.contracts.all().delete()
            one.delete()
            if post.source == batch and not post.appointments.exists():
                post.delete()
    except IntegrityError:  # ProtectedError is one
        raise NotAllowed("已有考勤、工资或招聘记录，没有撤回。") from None
    refigure(post.unit, one.started_on)
