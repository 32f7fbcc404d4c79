"""选聘: notice, application, village meeting, 公示, recommendation of the township, filing with the county.

Red clauses of posts.rules refuse at every step that decides; what else is open has to be explained in writing.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import User
from ledgers.facts import refigure
from ledgers.models import Laborer
from posts.facts import clauses_for, limits_of
from posts.leaving import sign_contract
from posts.models import CADRES, Appointment, Candidate, Post, Recruitment
from posts.opening import APPROVES, CHECKS, PROPOSES, another, locked, may, month_open
from posts.rules import Clause, questions, refusals

State = Candidate.State
TAKEN = "这个人或这个岗位在这段时间已有聘用，请刷新页面核对。"


@transaction.atomic
def announce(post: Post, notice: str, from_on: dt.date, until_on: dt.date, by: User) -> Recruitment:
    """发布招聘公告 of a vacant post; an older notice that nobody is waiting on ends with it."""
    post = locked(post, by, PROPOSES)
    if post.state != Post.State.OPEN:
        raise NotAllowed("岗位还没有开发或已撤销，不能招聘。")
    if post.appointments.filter(ended_on=None).exists():
        raise NotAllowed("岗位上还有人，退岗备案以后才能招聘。")
    if until_on < max(from_on, timezone.localdate()):
        raise NotAllowed("报名截止日期不能早于开始日期，也不能早于今天。")
    standing = post.recruitments.standing().first()
    if standing and (standing.until_on >= timezone.localdate() or standing.candidates.standing().exists()):
        raise NotAllowed("这个岗位已有招聘公告，还在报名或有人正在办理。")
    if standing:
        standing.ended_at = timezone.now()
        standing.save(update_fields=["ended_at"])
    notice = " ".join(notice.split())
    if len(notice) < 10:
        raise NotAllowed("请写明招聘公告内容：岗位、条件、待遇、报名方式。")
    made = Recruitment.objects.create(
        post=post, notice=notice[:1000], from_on=from_on, until_on=until_on, by=by
    )
    record("post.announce", by, post, post.unit, number=post.number, until=str(until_on))
    return made


@transaction.atomic
def apply_for(
    recruitment: Recruitment, person: Laborer, on: dt.date, cadre: str, cadre_family: bool, by: User
) -> Candidate:
    """登记报名 with the person's own declaration; a red clause that is already known refuses at once."""
    person = _person(person)
    recruitment = Recruitment.objects.select_related("post__unit").get(pk=recruitment.pk)
    post = locked(recruitment.post, by, PROPOSES)
    if not by.can("person", "r", person.village):
        raise NotAllowed("不在您可以办理的范围内。")
    if recruitment.ended_at:
        raise NotAllowed("这次招聘已经结束。")
    if not recruitment.from_on <= on <= min(recruitment.until_on, timezone.localdate()):
        raise NotAllowed("报名日期要在公告的报名时间内，且不晚于今天。")
    if cadre and cadre not in CADRES:
        raise NotAllowed("请选择村干部职务。")
    made = Candidate(
        recruitment=recruitment,
        laborer=person,
        applied_on=on,
        cadre=cadre,
        cadre_family=cadre_family,
        entered_by=by,
    )
    _refuse(clauses_for(made))
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise NotAllowed(f"{person.name}已经报名。") from None
    record("post.apply", by, post, post.unit, number=post.number, person=person.pk)
    return made


@transaction.atomic
def record_meeting(candidate: Candidate, on: dt.date, text: str, by: User) -> Candidate:
    """村民代表会议 agreed: on which day, who came, what was said."""
    candidate = _locked(candidate, by, PROPOSES, State.APPLIED)
    if not candidate.applied_on <= on <= timezone.localdate():
        raise NotAllowed("会议日期不能早于报名日期，也不能晚于今天。")
    candidate.met_on, candidate.meeting, candidate.state = on, because(text, "会议情况"), State.MET
    return _kept(candidate, "post.meet", by, day=str(on))


@transaction.atomic
def start_notice(candidate: Candidate, from_on: dt.date, until_on: dt.date, by: User) -> Candidate:
    """公示, for as many days as the county asks, both ends counted."""
    candidate = _locked(candidate, by, PROPOSES, State.MET, State.NOTICED)
    days = limits_of(candidate.recruitment.post.unit).notice_days
    if candidate.met_on is None or from_on < candidate.met_on:
        raise NotAllowed("公示不能早于会议日期。")
    if (until_on - from_on).days + 1 < days:
        raise NotAllowed(
            f"公示不少于{days}天，请把截止日期延到{from_on + dt.timedelta(days=days - 1):%Y-%m-%d}以后。"
        )
    candidate.notice_from, candidate.notice_until, candidate.state = from_on, until_on, State.NOTICED
    return _kept(candidate, "post.notice", by, until=str(until_on))


@transaction.atomic
def recommend(candidate: Candidate, opinion: str, objections: str, explained: str, by: User) -> Candidate:
    """乡镇审核推荐, after the notice: objections and how they were settled; what is open is explained."""
    candidate = _locked(candidate, by, CHECKS, State.NOTICED)
    another(by, candidate.entered_by, "登记报名", "推荐")
    if candidate.notice_until is None or timezone.localdate() <= candidate.notice_until:
        raise NotAllowed("公示还没有期满，期满无异议或异议处理完以后再推荐。")
    candidate.objections = because(objections, "公示有无异议及处理结果")
    candidate.explained = " ".join(explained.split())[:300]
    _decide(clauses_for(candidate), candidate.explained)
    candidate.opinion = because(opinion, "乡镇意见")
    candidate.recommended_by, candidate.recommended_at = by, timezone.now()
    candidate.state = State.RECOMMENDED
    return _kept(candidate, "post.recommend", by)


@transaction.atomic
def file_appointment(
    candidate: Candidate, since: dt.date, by: User, *,
    kind: str = "", contract_number: str = "", until: dt.date | None = None, insured_until: dt.date | None = None,
) -> Appointment:  # fmt: skip
    """县备案: the candidate holds the post from `since` on, under a contract up to `until` where one is signed."""
    person = _person(candidate.laborer)
    candidate = _locked(candidate, by, APPROVES, State.RECOMMENDED)
    candidate.laborer = person
    another(by, candidate.recommended_by, "推荐", "备案")
    another(by, candidate.entered_by, "登记报名", "备案")
    post = candidate.recruitment.post
    if post.state != Post.State.OPEN or (post.opened_on and since < post.opened_on):
        raise NotAllowed("岗位没有开发、已撤销，或聘用日期早于开发日期。")
    month_open(post.unit, since)
    clauses = clauses_for(candidate, since)
    _decide(clauses, candidate.explained)
    try:
        with transaction.atomic():
            made = Appointment.objects.create(
                post=post, laborer=person, started_on=since, candidate=candidate, filed_by=candidate.recommended_by,
                approved_by=by, approved_at=timezone.now(), insured_until=insured_until,
            )  # fmt: skip
    except IntegrityError:
        raise NotAllowed(TAKEN) from None
    if until:
        sign_contract(made, kind, contract_number, since, until, by)
    candidate.checks, candidate.state = [one.as_json() for one in clauses], State.FILED
    _kept(candidate, "post.appoint", by, day=str(since))
    _finish(candidate, by)
    refigure(post.unit, since)
    return made


def _finish(candidate: Candidate, by: User) -> None:
    """The notice has done its work; who else applied is told so."""
    now, recruitment = timezone.now(), candidate.recruitment
    recruitment.ended_at = now
    recruitment.save(update_fields=["ended_at"])
    recruitment.candidates.standing().update(
        state=State.WITHDRAWN, ended_by=by, ended_at=now, reason="岗位已聘用他人"
    )


@transaction.atomic
def withdraw(candidate: Candidate, reason: str, by: User) -> Candidate:
    """不再聘用: the person withdrew, the meeting or the office did not agree; the reason stays."""
    waiting = [state for state in State if state not in Candidate.OVER]
    candidate = _locked(candidate, by, PROPOSES + APPROVES, *waiting)
    candidate.reason, candidate.state = because(reason, "终止原因"), State.WITHDRAWN
    candidate.ended_by, candidate.ended_at = by, timezone.now()
    return _kept(candidate, "post.withdraw", by, reason=candidate.reason)


# ── what every step asks ─────────────────────────────────────────────────────────────────────────────────────────


def _person(person: Laborer) -> Laborer:
    """The person, nobody else's until the end of the transaction: locked before anything else about them."""
    rows = Laborer.objects.select_for_update(of=("self",), no_key=True).select_related("village", "household")
    return rows.get(pk=person.pk)


def _locked(candidate: Candidate, by: User, letters: str, *states: str) -> Candidate:
    rows = Candidate.objects.select_for_update(of=("self",)).select_related(
        "recruitment__post__unit", "laborer__household", "laborer__village"
    )
    found = rows.get(pk=candidate.pk)
    may(by, letters, found.recruitment.post.unit)
    if found.state not in states:
        raise NotAllowed(f"应聘人现在是“{found.get_state_display()}”，不能办理这一步，请刷新页面。")
    return found


def _kept(candidate: Candidate, act: str, by: User, **detail: str) -> Candidate:
    candidate.save()
    post = candidate.recruitment.post
    record(act, by, post, post.unit, number=post.number, person=candidate.laborer_id, **detail)
    return candidate


def _refuse(clauses: list[Clause]) -> None:
    if found := refusals(clauses):
        told = "".join(f"{one.text}（{one.rule}）" for one in found)
        raise NotAllowed(f"不能聘用：{told}台账与实际不符的，先更正台账再办理。")


def _decide(clauses: list[Clause], explained: str) -> None:
    _refuse(clauses)
    if (found := questions(clauses)) and len(explained) < 4:
        open_ones = "".join(f"{one.text}（{one.rule}）" for one in found)
        raise NotAllowed(f"以下情况要在“情况说明”里写明原因才能继续：{open_ones}")
