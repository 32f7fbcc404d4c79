"""A post's whole life as lines with their day: proposal, opening, notices, candidates, holders, exits, closing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from posts.models import Post


@dataclass(frozen=True)
class Event:
    """What happened, when and through whom; `tone` as of a chip."""

    day: dt.date
    title: str
    text: str = ""
    who: str = ""
    tone: str = ""


def life_of(post: Post) -> list[Event]:
    """Everything known of the post, the newest first; of one day the last step first."""
    found = [*_opening(post), *_recruiting(post), *_holding(post)]
    return sorted(found, key=lambda one: one.day)[::-1]


def _name(user: Any) -> str:
    return user.name if user else ""


def _opening(post: Post) -> list[Event]:
    found = []
    if post.proposed_at:
        found.append(Event(timezone.localdate(post.proposed_at), "申请设岗", "", _name(post.proposed_by)))
    if post.checked_at:
        found.append(Event(timezone.localdate(post.checked_at), "乡镇核查同意", "", _name(post.checked_by)))
    if post.opened_on:
        text = f"由导入批次{post.source}登记" if post.source else ""
        found.append(Event(post.opened_on, "开发岗位", text, _name(post.approved_by), "good"))
    if post.ended_at:
        title = "撤销岗位" if post.state == Post.State.CLOSED else "未同意设岗"
        found.append(
            Event(
                post.closed_on or timezone.localdate(post.ended_at),
                title,
                post.reason,
                _name(post.ended_by),
                "bad",
            )
        )
    elif post.closed_on:
        found.append(Event(post.closed_on, "撤销岗位", "", "", "bad"))
    return found


def _recruiting(post: Post) -> list[Event]:
    found = []
    for call in post.recruitments.select_related("by").prefetch_related(
        "candidates__laborer", "candidates__entered_by", "candidates__recommended_by", "candidates__ended_by"
    ):
        until = f"报名到{call.until_on.year}年{call.until_on.month}月{call.until_on.day}日"
        found.append(Event(call.from_on, "发布招聘公告", until, call.by.name))
        for one in call.candidates.all():
            found += _candidate(one)
    return found


def _candidate(one: Any) -> list[Event]:
    name = one.laborer.name
    found = [Event(one.applied_on, f"{name}报名", "", one.entered_by.name)]
    if one.met_on:
        found.append(Event(one.met_on, f"村民代表会议评议{name}", one.meeting))
    if one.notice_from:
        days = (one.notice_until - one.notice_from).days + 1
        found.append(Event(one.notice_from, f"公示{name}", f"{days}天。{one.objections}"))
    if one.recommended_at:
        found.append(
            Event(
                timezone.localdate(one.recommended_at),
                f"乡镇推荐{name}",
                one.opinion,
                one.recommended_by.name,
            )
        )
    if one.state == "withdrawn" and one.ended_at:
        found.append(
            Event(timezone.localdate(one.ended_at), f"{name}不再聘用", one.reason, _name(one.ended_by))
        )
    return found


def _holding(post: Post) -> list[Event]:
    found = []
    rows = post.appointments.select_related(
        "laborer", "approved_by", "exit_notified_by", "exit_decided_by", "exit_filed_by"
    ).prefetch_related("contracts__signed_by")
    for one in rows:
        name = one.laborer.name
        text = f"由导入批次{one.source}登记" if one.source else ""
        found.append(Event(one.started_on, f"聘用{name}", text, _name(one.approved_by), "good"))
        found += [
            Event(it.from_on, f"{name}签{it.kind}", f"到{it.until_on.year}年{it.until_on.month}月{it.until_on.day}日",
                  it.signed_by.name)
            for it in one.contracts.all()
        ]  # fmt: skip
        if one.exit_notified_on:
            found.append(
                Event(one.exit_notified_on, f"告知{name}退岗", f"{one.exit_ground}。{one.exit_note}",
                      _name(one.exit_notified_by), "warn")
            )  # fmt: skip
        if one.exit_decided_on and one.stop_pay_on:
            day = one.stop_pay_on
            found.append(
                Event(one.exit_decided_on, f"决定{name}退岗", f"{day.year}年{day.month}月{day.day}日起停发补贴",
                      _name(one.exit_decided_by), "warn")
            )  # fmt: skip
        if one.ended_on:
            found.append(Event(one.ended_on, f"{name}离岗", "", _name(one.exit_filed_by), "bad"))
    return found
