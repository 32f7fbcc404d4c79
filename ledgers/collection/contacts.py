"""Noting that somebody was called, written to or visited, and what came of it (核实).

`无变化` says that what stood on the screen is true. So the screen carries a mark of what it showed, and a contact is
only taken when the ledger still says the same; the values are kept with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers.codes import NORMAL, VERIFY_STATES
from ledgers.models import Contact, Laborer, MonthlyRecord, WorkSpell
from ledgers.models.collection import HOW
from ledgers.periods import ensure_entry
from lib import changes as news
from lib.crypto import blind_index
from lib.month import Month
from lib.rates import thousands

Outcome = Contact.Outcome
UNVERIFIED, VERIFIED, UNREACHABLE = VERIFY_STATES
LABELS = (
    "是否务工", "就业形式", "务工地点", "就业单位", "月平均工资", "开始时间", "未外出务工类型",
    "无外出意愿原因", "当前状态",
)  # fmt: skip
PIECE = 6  # characters of a mark for each label: 24 bits tell one value from the next


class Outdated(NotAllowed):
    """The ledger says something else than the screen did; `now` is (label, value) of what differs."""

    def __init__(self, now: list[tuple[str, str]]) -> None:
        told = "，".join(f"{label}现在是{value or '空'}" for label, value in now)
        super().__init__(f"资料刚被改过：{told}。还没有记下，请再核对一次。")
        self.now = now


def believed(row: MonthlyRecord) -> dict[str, str]:
    """What the ledger says of a person in the month of `row`, as the screen says it: every label, value or blank."""
    person = row.laborer
    told = dict.fromkeys(LABELS, "")
    told["是否务工"] = "是" if row.working else "否"
    if person.person_state != NORMAL:
        told["当前状态"] = person.person_state
    if row.working:
        spell = _spell(person, row.month)
        wage = spell.monthly_wage if spell else row.monthly_wage
        told |= {
            "就业形式": spell.job_form if spell else row.job_form,
            "务工地点": (spell.region_text if spell else "") or row.place_class,
            "就业单位": spell.employer if spell else row.employer,
            "月平均工资": "" if wage is None else f"{thousands(wage)}元",
            "开始时间": spell.started.label if spell else "",
        }
    elif intention := getattr(person, "intention", None):
        told |= {"未外出务工类型": intention.idle_type, "无外出意愿原因": intention.no_plan_reason}
    return told


def _spell(person: Laborer, month: Month) -> WorkSpell | None:
    """The work the person was in during `month`: the one begun last."""
    touching = [
        one
        for one in person.spells.all()
        if one.started <= month and (one.ended is None or one.ended >= month)
    ]
    return max(touching, key=lambda one: one.started, default=None)


def mark(row: MonthlyRecord, facts: Mapping[str, str]) -> str:
    """What a screen carries of the values it shows: one piece for each label, keyed, so that none can be guessed."""
    key = blind_index(f"{row.laborer_id}:{row.month}", "contact.shown").encode()
    return "".join(
        blake2b(f"{label}:{facts[label]}".encode(), key=key, digest_size=PIECE // 2).hexdigest()
        for label in LABELS
    )


def moved(row: MonthlyRecord, facts: Mapping[str, str], shown: str) -> list[tuple[str, str]]:
    """(label, value now) of what is no longer as the screen with the mark `shown` had it."""
    now = mark(row, facts)
    pieces = range(0, len(now), PIECE)
    return [
        (label, facts[label])
        for label, at in zip(LABELS, pieces, strict=True)
        if now[at : at + PIECE] != shown[at : at + PIECE]
    ]


@transaction.atomic
def contact(
    person: Laborer, month: Month, how: str, outcome: str, shown: str, by: User, client_key: str = ""
) -> Contact:
    """Note one contact and what came of it; `shown` is the mark of the screen it was noted from.

    无变化 makes the record 已核实, 联系不上 says so, 有变化 leaves it to the form. Sent again under its `client_key` it
    gets the first answer. Outdated when somebody changed the person since the screen was made.
    """
    person, row = _locked(person, month, by)
    if first := _first(by, client_key):
        if (first.laborer_id, first.month, first.outcome, first.how) != (person.pk, month, outcome, how):
            raise NotAllowed("这次提交与先前的一次编号相同而内容不同，没有记下；请刷新页面再试。")
        return first
    ensure_entry(row.village, month)
    if outcome not in Outcome.values:
        raise NotAllowed("结果只能是无变化、有变化或联系不上。")
    if how not in HOW and (how or outcome != Outcome.UNREACHABLE):
        raise NotAllowed("核实方式只能是电话、微信、上门。")
    facts = believed(row)
    differs = moved(row, facts, shown)
    if differs and outcome == Outcome.UNCHANGED:
        raise Outdated(differs)
    made = Contact(
        laborer=person, village=row.village, month=month, by=by, how=how, outcome=outcome,
        client_key=client_key or None,
        shown={} if differs else {label: value for label, value in facts.items() if value},
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # the same key for somebody else at the same moment
        raise NotAllowed("这次提交与先前的一次编号相同，没有记下；请刷新页面再试。") from None
    old = row.verify_state
    if outcome != Outcome.CHANGED:
        _follow(row, made)
    record(
        "record.verify", by, person, row.village,
        month=str(month), how=how or Outcome.UNREACHABLE.label, outcome=made.get_outcome_display(),
        old=old, new=row.verify_state,
    )  # fmt: skip
    return made


@transaction.atomic
def undo(person: Laborer, month: Month, number: int, by: User) -> Contact:
    """Take back the newest contact of the month, `number`: the record says again what the one before it left."""
    person, row = _locked(person, month, by)
    made = Contact.objects.filter(pk=number, laborer=person, month=month).first()
    if made is None:
        raise NotAllowed("没有这条联系记录，请刷新页面。")
    if made.undone_at:
        return made
    ensure_entry(row.village, month)
    standing = list(Contact.objects.filter(laborer=person, month=month).standing())
    if standing[-1] != made or (made.outcome == Outcome.UNCHANGED and row.verified_at != made.at):
        raise NotAllowed("之后又有新的记录，不能撤销这一条；请刷新页面。")
    made.undone_at = timezone.now()
    made.save(update_fields=["undone_at"])
    old = row.verify_state
    if made.outcome != Outcome.CHANGED:
        before = [one for one in standing[:-1] if one.outcome != Outcome.CHANGED]
        _follow(row, before[-1] if before else None)
    record(
        "record.undo", by, person, row.village,
        month=str(month), outcome=made.get_outcome_display(), old=old, new=row.verify_state,
    )  # fmt: skip
    return made


def _locked(person: Laborer, month: Month, by: User) -> tuple[Laborer, MonthlyRecord]:
    """Person and record as they are now, held until the transaction ends, for somebody who may write about them."""
    people = Laborer.objects.select_for_update(of=("self",)).select_related("intention")
    person = people.prefetch_related("spells").get(pk=person.pk)
    rows = MonthlyRecord.objects.select_for_update(of=("self",)).select_related("village")
    row = rows.filter(laborer=person, month=month).first()
    if row is None:
        raise NotAllowed(f"{month.label}台账中没有这个人。")
    if not by.can("person", "w", row.village):
        raise NotAllowed("这个人不在您可以核实的范围内。")
    row.laborer = person
    return person, row


def _first(by: User, client_key: str) -> Contact | None:
    return Contact.objects.filter(by=by, client_key=client_key).first() if client_key else None


def _follow(row: MonthlyRecord, last: Contact | None) -> None:
    """The record says what the last contact that stands found."""
    at: datetime | None = last.at if last else None
    row.verified_at, row.verified_by = at, last.by if last else None
    row.verify_state, row.verified_how = UNVERIFIED, ""
    if last and last.outcome == Outcome.UNREACHABLE:
        row.verify_state = UNREACHABLE
    elif last:
        row.verify_state, row.verified_how = VERIFIED, last.how
    row.save(update_fields=["verify_state", "verified_how", "verified_at", "verified_by"])
    news.mark(row.month, [row.village_id])
