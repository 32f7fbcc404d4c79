"""Twelve months of attendance and pay of everybody who holds a post, with assessments, and 150 workshops at work."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import Max
from django.utils import timezone

from accounts.models import Unit, User
from ledgers.banking import index_of
from ledgers.models import BankAccount, Laborer
from lib import bulk
from lib.month import SHANGHAI, Month
from posts.attending import in_month
from posts.models import (
    POST_OR_AWAY,
    Appointment,
    Assessment,
    Attendance,
    AttendanceSheet,
    AwardLine,
    Candidate,
    PayRun,
    Placement,
    Post,
    PostPay,
    Recruitment,
    TakenMonth,
    Workshop,
    WorkshopAward,
    WorkshopReview,
)
from posts.workshop_rules import TIERED
from reports.demo.working import LAST, MONTHS

WORKSHOPS, WORKERS = 150, 25  # so many, each with so many people
RECRUITING = 300  # posts that look for somebody, with three candidates each
Users = dict[str, User]


def accounts(people: Iterable[int], by: User) -> dict[int, int]:
    """Laborer → the account of their own; who has none gets one."""
    wanted = set(people)
    have = set(BankAccount.objects.standing().values_list("laborer", flat=True))
    now = dt.datetime(2022, 1, 5, 9, tzinfo=SHANGHAI)
    numbers = {one: f"6222029988{one:09d}" for one in sorted(wanted - have)}
    bulk.insert_many(
        BankAccount,
        ("laborer", "bank", "number", "number_index", "set_by", "set_at"),
        ((one, "示例农商银行", no, index_of(no), by.pk, now) for one, no in numbers.items()),
    )
    return dict(BankAccount.objects.standing().values_list("laborer", "pk"))


def fill(users: Users) -> None:
    holders = set(Appointment.objects.values_list("laborer", flat=True))
    owned = accounts(holders, users["county"])
    for month in MONTHS:
        _month(month, owned, users)
    _assessments(users)
    _recruiting(users)
    _workshops(users)


# ── months ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _month(month: Month, owned: dict[int, int], users: Users) -> None:
    """Every village's sheet is checked, every township's run is paid; who has a sheet or a pay already keeps it."""
    begun = set(AttendanceSheet.objects.filter(month=month).values_list("unit", flat=True))
    held = Appointment.objects.filter(in_month(month)).exclude(post__unit__in=begun).order_by("pk")
    rows = list(held.values_list(
        "pk", "laborer", "post__unit", "post__unit__parent", "post__monthly_fen", "post__days_required"
    ))  # fmt: skip
    units = sorted({row[2] for row in rows})
    sheets = dict(zip(units, bulk.reserve_ids(AttendanceSheet, len(units)), strict=True))
    at = dt.datetime.combine((month + 1).first_day, dt.time(9), tzinfo=SHANGHAI)
    bulk.insert_many(
        AttendanceSheet,
        ("id", "unit", "month", "state", "entered_by", "entered_at", "signed_by", "signed_at", "checked_by",
         "checked_at"),
        ((pk, unit, month, "checked", users["village"].pk, at, users["village"].pk, at, users["township"].pk, at)
         for unit, pk in sheets.items()),
    )  # fmt: skip
    lines = bulk.reserve_ids(Attendance, len(rows))
    bulk.insert_many(
        Attendance,
        ("id", "sheet", "appointment", "days", "absent", "by"),
        (
            (pk, sheets[row[2]], row[0], *_days(row[0]), users["village"].pk)
            for pk, row in zip(lines, rows, strict=True)
        ),
    )
    _pay(month, list(_once(zip(lines, rows, strict=True))), owned, users)


def _days(number: int) -> tuple[int, int]:
    missed = (0, 0, 2, 0, 1)[number % 5]
    return 10 - missed, missed


def _once(lines: Iterable[tuple[int, tuple]]) -> Iterator[tuple[int, tuple]]:
    """Who changed posts within the month is paid once."""
    seen: set[int] = set()
    for pk, row in lines:
        if row[1] not in seen:
            seen.add(row[1])
            yield pk, row


def _pay(month: Month, lines: list[tuple[int, tuple]], owned: dict[int, int], users: Users) -> None:
    towns = sorted({row[3] for _, row in lines})
    runs = dict(zip(towns, bulk.reserve_ids(PayRun, len(towns)), strict=True))
    at, day = dt.datetime.combine((month + 1).first_day, dt.time(15), tzinfo=SHANGHAI), (month + 1).first_day
    made = users["township"].pk, at, users["county"].pk, at
    paid = month < LAST
    bulk.insert_many(
        PayRun,
        ("id", "unit", "month", "state", "made_by", "made_at", "approved_by", "approved_at", "paid_by", "paid_at"),
        (
            (pk, town, month, "paid" if paid else "approved", *made, *(made[2:] if paid else (None, None)))
            for town, pk in runs.items()
        ),
    )  # fmt: skip
    pays = bulk.reserve_ids(PostPay, len(lines))
    bulk.insert_many(
        PostPay,
        ("id", "run", "appointment", "laborer", "month", "attendance", "account", "days", "required", "standard",
         "deduction", "amount", "state", "paid_on", "voucher"),
        (
            (pk, runs[row[3]], row[0], row[1], month, line, owned[row[1]], _days(row[0])[0], row[5], row[4],
             *_fen(row[4], row[0]), "paid" if paid else "due", day if paid else None, f"PZ{month}" if paid else "")
            for pk, (line, row) in zip(pays, lines, strict=True)
        ),
    )  # fmt: skip
    bulk.insert_many(
        TakenMonth,
        ("laborer", "month", "group", "what", "title"),
        (
            (row[1], month, POST_OR_AWAY, f"post-pay:{pk}", "公益性岗位工资")
            for pk, (_, row) in zip(pays, lines, strict=True)
        ),
    )


def _fen(standard: int, number: int) -> tuple[int, int]:
    """Deduction and amount."""
    less = standard // 10 * _days(number)[1]
    return less, standard - less


def _assessments(users: Users) -> None:
    held = Appointment.objects.filter(in_month(LAST)).values_list("pk", flat=True)
    bulk.insert_many(
        Assessment,
        ("appointment", "period", "grade", "on", "by"),
        (
            (pk, "2022年度", "合格" if pk % 5 else "优秀", dt.date(2022, 12, 20), users["township"].pk)
            for pk in held
        ),
    )  # fmt: skip


def _recruiting(users: Users) -> None:
    """Three of the village apply for each of the posts that look for somebody."""
    free = list(
        Post.objects.filter(state="open").exclude(appointments__ended_on=None).order_by("pk")[:RECRUITING]
    )
    free += list(Post.objects.filter(state="open").order_by("pk")[: RECRUITING - len(free)])
    keys = bulk.reserve_ids(Recruitment, len(free))
    bulk.insert_many(
        Recruitment,
        ("id", "post", "notice", "from_on", "until_on", "by"),
        (
            (pk, post.pk, "公开招聘村级公益性岗位。", dt.date(2023, 3, 1), dt.date(2023, 3, 20), users["village"].pk)
            for pk, post in zip(keys, free, strict=True)
        ),
    )  # fmt: skip
    near: dict[int, list[int]] = defaultdict(list)
    people = Laborer.objects.filter(village__in=[post.unit_id for post in free], person_state="正常")
    for pk, village in people.order_by("pk").values_list("pk", "village"):
        near[village].append(pk)
    bulk.insert_many(
        Candidate,
        ("recruitment", "laborer", "applied_on", "entered_by"),
        (
            (pk, laborer, dt.date(2023, 3, 5), users["village"].pk)
            for pk, post in zip(keys, free, strict=True)
            for laborer in near[post.unit_id][:3]
        ),
    )


# ── workshops ────────────────────────────────────────────────────────────────────────────────────────────────────


def _workshops(users: Users) -> None:
    """Workshops in every sixth village; people of their county work in them, some since before last year's end."""
    more = WORKSHOPS - Workshop.objects.count()
    villages = list(Unit.objects.villages().order_by("sort_path"))
    places = [villages[number * len(villages) // more] for number in range(more)]
    first = Workshop.objects.aggregate(last=Max("pk"))["last"] or 0
    keys = bulk.reserve_ids(Workshop, more)
    day, until, officer = dt.date(2021, 6, 1), dt.date(2024, 5, 31), users["county"].pk
    bulk.insert_many(
        Workshop,
        ("id", "number", "unit", "name", "form", "recognised_by", "recognised_on", "valid_until", "operating_since"),
        (
            (pk, f"CJ9{pk:04d}", place.pk, f"{place.name}第{pk}帮扶车间", "厂房式", officer, day, until, day)
            for pk, place in zip(keys, places, strict=True)
        ),
    )  # fmt: skip
    _placements(dict(zip(keys, places, strict=True)), users)
    everything = list(Workshop.objects.filter(pk__gt=first).values_list("pk", flat=True))
    bulk.insert_many(
        WorkshopReview,
        ("workshop", "on", "operating", "wage_paid", "insured", "people", "counted", "result", "by"),
        (
            (pk, dt.date(2022, 12, 5), True, True, True, WORKERS, WORKERS, "合格", users["township"].pk)
            for pk in everything
        ),
    )
    _awards(everything, users)


def _placements(places: dict[int, Unit], users: Users) -> None:
    busy = set(Placement.objects.filter(ended_on=None).values_list("laborer", flat=True))
    towns: dict[int | None, list[int]] = defaultdict(list)
    people = Laborer.objects.filter(person_state="正常").order_by("-pk")
    for pk, town in people.values_list("pk", "village__parent"):
        if pk not in busy:
            towns[town].append(pk)
    bulk.insert_many(
        Placement,
        ("workshop", "laborer", "started_on", "job", "monthly_wage", "contract", "insured", "by"),
        (
            (workshop, towns[place.parent_id].pop(), dt.date(2022 + n % 2, 1 + n % 3, 5), "缝纫工", 2600, "劳动合同",
             True, users["township"].pk)
            for workshop, place in places.items()
            for n in range(WORKERS)
            if towns[place.parent_id]
        ),
    )  # fmt: skip


def _awards(workshops: list[int], users: Users) -> None:
    """Every second workshop was awarded for last year."""
    chosen = workshops[::2]
    keys = dict(zip(chosen, bulk.reserve_ids(WorkshopAward, len(chosen)), strict=True))
    bulk.insert_many(
        WorkshopAward,
        ("id", "workshop", "kind", "year", "until", "people", "amount", "state", "made_by", "decided_by", "decided_at"),
        (
            (pk, workshop, TIERED, 2022, dt.date(2022, 12, 31), WORKERS, 2_000_000, "approved", users["township"].pk,
             users["county"].pk, timezone.now())
            for workshop, pk in keys.items()
        ),
    )  # fmt: skip
    placed = Placement.objects.filter(workshop__in=chosen).order_by("pk").values_list("workshop", "laborer")
    once = {laborer: workshop for workshop, laborer in placed}
    bulk.insert_many(
        AwardLine,
        ("award", "laborer", "kind", "year", "months"),
        ((keys[workshop], laborer, TIERED, 2022, 9) for laborer, workshop in once.items()),
    )
