"""公示: the checked claims of a village put up for some days, with place, photograph and what people objected."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from ledgers.models import Laborer
from subsidies.claims import steps
from subsidies.claims.rules import age_band, months_words, thaw
from subsidies.claims.steps import State
from subsidies.models import Claim, Notice, SchemeVersion

NONE_OBJECTED = "无异议"
LATEST_START = 7  # days before today a notice may have been put up
HEADINGS = ("姓名", "性别", "年龄", "务工时间", "务工地点", "金额（元）")  # P03, P06, P28: no ID, phone, card


@transaction.atomic
def put_up(
    village: Unit, scheme: SchemeVersion, period: str, from_on: dt.date, until_on: dt.date, place: str, by: User
) -> Notice:  # fmt: skip
    """Put up every checked claim of the village for this scheme and period, for at least the days the scheme asks."""
    steps.may(by, "p", village, "公示")
    days = (until_on - from_on).days + 1
    if days < scheme.notice_days:
        raise NotAllowed(f"公示不能少于{scheme.notice_days}天，现在是{max(days, 0)}天，请把截止日期往后推。")
    if from_on < timezone.localdate() - dt.timedelta(days=LATEST_START):
        raise NotAllowed(f"公示开始日期最早只能填{LATEST_START}天以前。")
    place = " ".join(place.split())[:60]
    if not place:
        raise NotAllowed("请填写公示地点，如“村委会公示栏”。")
    rows = _locked(Claim.objects.filter(village=village, scheme=scheme, period=period, state=State.CHECKED))
    if not rows:
        raise NotAllowed(f"{village.name}没有待公示的申请。")
    notice = Notice.objects.create(
        village=village, scheme=scheme, period=period, from_on=from_on, until_on=until_on, place=place, made_by=by
    )  # fmt: skip
    note = f"{_day(from_on)}至{_day(until_on)}，{place}"
    for claim in rows:
        claim.state, claim.notice = State.NOTICED, notice
        steps.stepped(claim, steps.NOTICED, by, note)
    return notice


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@transaction.atomic
def add_photo(notice: Notice, data: bytes, by: User) -> Notice:
    """Keep the photograph of the board, which proves that the list was up."""
    notice = _of(notice, by)
    if notice.ended_at:
        raise NotAllowed("公示已经结束，照片不能再换。")
    notice.photo = steps.stored(data, f"公示照片-{notice.pk}", by, notice.village)
    notice.save(update_fields=["photo"])
    record(
        "subsidy.notice_photo", by, notice, notice.village, scheme=notice.scheme.code, period=notice.period
    )
    return notice


@transaction.atomic
def end(notice: Notice, objections: str, by: User) -> Notice:
    """End it after its last day; claims somebody objected to were returned before, the others go to the township."""
    notice = _of(notice, by)
    if notice.ended_at:
        return notice
    if timezone.localdate() <= notice.until_on:
        raise NotAllowed(f"公示到{_day(notice.until_on)}为止，期满后才能结束。")
    if notice.photo_id is None:
        raise NotAllowed("请先上传公示照片，再结束公示。")
    notice.objections = objections.strip()[:1000] or NONE_OBJECTED
    notice.ended_by, notice.ended_at = by, timezone.now()
    notice.save(update_fields=["objections", "ended_by", "ended_at"])
    for claim in _locked(notice.claims.filter(state=State.NOTICED)):
        claim.state = State.SHOWN
        steps.stepped(claim, steps.SHOWN, by, notice.objections)
    return notice


def _of(notice: Notice, by: User) -> Notice:
    rows = Notice.objects.select_for_update(of=("self",)).select_related("village", "scheme")
    found = rows.get(pk=notice.pk)
    steps.may(by, "p", found.village, "办理这次公示")
    return found


def _locked(claims) -> list[Claim]:
    """The claims behind their people, in one order everywhere."""
    with wall.opened("who has a claim may have moved to another village since"):
        people = Laborer.objects.filter(pk__in=claims.order_by().values("laborer"))
        list(people.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    rows = claims.select_for_update(of=("self",), no_key=True).select_related("scheme", "laborer", "village")
    return list(rows.order_by("pk"))


def printed(notice: Notice) -> list[list[str]]:
    """The rows of the list on the board: what HEADINGS name, and nothing else about the person."""
    rows = notice.claims.select_related("laborer").order_by("laborer__name", "pk")
    return [line(one) for one in rows]


def line(claim: Claim) -> list[str]:
    """One claim on a public list; 年龄 as a band of ten years, 务工地点 without the employer."""
    facts = thaw(claim.facts)
    return [
        claim.laborer.name, claim.laborer.sex, age_band(facts.age), months_words(claim.month_list),
        claim.facts.get("place", ""), claim.yuan,
    ]  # fmt: skip
