"""Holders and posts of an older register are taken over as they stand, through the same clauses as an appointment.

They carry the number of the batch they came with in place of a second person: the county sees where each came from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import wall
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from ledgers.banking import keep_account
from ledgers.facts import refigure, refigure_all
from ledgers.models import Laborer
from lib.bulk import among
from posts.facts import facts_of, limits_by_county
from posts.leaving import contract_of
from posts.models import Appointment, Contract, Post
from posts.opening import APPROVES, Room, may, next_numbers, room_for
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


@dataclass(frozen=True)
class Holder:
    """A row of an older register: the person (key) holds the post of `said` since that day; `label` begins refusals."""

    person: int
    said: dict[str, Any]
    since: dt.date
    contract: dict[str, Any] | None = None
    bank: str = ""
    account: str = ""
    label: str = ""


@transaction.atomic
def take_over_all(holders: Sequence[Holder], batch: str, by: User) -> list[Appointment]:
    """Everybody of a register in one stroke, all or none; a red clause refuses as it does everywhere."""
    if not batch:
        raise NotAllowed("按台账登记在岗人员要有导入批次。")
    rows = Laborer.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    rows = rows.filter(among("pk", sorted({one.person for one in holders})))
    people = {one.pk: one for one in rows.select_related("village", "household")}
    _refuse_unfit(holders, people, by)
    posts = _posts(holders, people, batch, by)
    try:
        with transaction.atomic():
            Post.objects.bulk_create((post for post in posts if post.pk is None), 500)
            made = Appointment.objects.bulk_create(
                (
                    Appointment(post=post, laborer=people[one.person], started_on=one.since, source=batch)
                    for one, post in zip(holders, posts, strict=True)
                ),
                500,
            )
    except IntegrityError:
        raise NotAllowed(TAKEN) from None
    for one in holders:
        if one.account:
            with _named(one):
                keep_account(people[one.person], one.bank, one.account, by)
    Contract.objects.bulk_create(_contracts(holders, made, by), 500)
    refigure_all({post.unit_id for post in posts}, min(one.since for one in holders))
    return made


@contextmanager
def _named(one: Holder) -> Iterator[None]:
    """A refusal begins with the label of the row."""
    try:
        yield
    except NotAllowed as refusal:
        raise NotAllowed(f"{one.label}{refusal}") from refusal


def _refuse_unfit(holders: Iterable[Holder], people: dict[int, Laborer], by: User) -> None:
    facts, limits = facts_of(people.values()), limits_by_county()
    for one in holders:
        village = people[one.person].village
        with _named(one):
            may(by, "i", village)
            own = next((rule for path, rule in limits.items() if village.path.startswith(path)), Limits())
            known = replace(facts[one.person], cadre=one.said.get("cadre"))
            if against := refusals(clauses_now(known, own, one.since)):
                raise NotAllowed("不能聘用：" + "".join(f"{each.text}（{each.rule}）" for each in against))


def _contracts(holders: Iterable[Holder], made: Iterable[Appointment], by: User) -> Iterator[Contract]:
    for one, appointment in zip(holders, made, strict=True):
        if one.contract:
            with _named(one):
                yield contract_of(appointment, by=by, **one.contract)


def _posts(holders: Sequence[Holder], people: dict[int, Laborer], batch: str, by: User) -> list[Post]:
    """For each the open post of its number, or a new one, not saved yet, in the person's village and its ceilings."""
    named = {one.said["number"] for one in holders if one.said.get("number")}
    with wall.opened("a number may be another village's post"):
        rows = Post.objects.select_for_update(of=("self",)).filter(among("number", sorted(named), "text"))
        found = {one.number: one for one in rows.order_by("pk")}
    villages = {people[one.person].village_id for one in holders if one.said.get("number") not in found}
    list(Unit.objects.select_for_update(no_key=True).filter(pk__in=villages).order_by("pk").values_list("pk"))
    fresh, room, posts = Numbers(named), Room(timezone.localdate().year, hold=True), []
    for one in holders:
        village, number = people[one.person].village, one.said.get("number") or ""
        with _named(one):
            post = found.get(number) or _post(one, village, number or fresh.next(village), room, batch, by)
            if post.unit_id != village.pk or post.state != Post.State.OPEN:
                raise NotAllowed(f"岗位{number}不在{village.name}，或者没有开发、已经撤销。")
        posts.append(post)
    return posts


def _post(one: Holder, village: Unit, number: str, room: Room, batch: str, by: User) -> Post:
    fields = {name: one.said[name] for name in OF_POST if one.said.get(name) not in (None, "")}
    if told := room.none_for(village, "", fields["category"]):
        raise NotAllowed(told)
    return Post(
        number=number, unit=village, opened_on=one.since, proposed_by=by, proposed_at=timezone.now(), source=batch,
        **fields,
    )  # fmt: skip


class Numbers:
    """Fresh numbers of posts, village by village, beside those that the register names."""

    def __init__(self, named: Collection[str]) -> None:
        self.named = named
        self._of: dict[int, Iterator[str]] = {}

    def next(self, village: Unit) -> str:
        numbers = self._of.setdefault(village.pk, next_numbers(village))
        return next(one for one in numbers if one not in self.named)


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
