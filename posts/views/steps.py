"""The steps of a post, of a candidate and of an appointment: which there are, whose they are, and the form of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Unit, User
from posts import leaving, opening, recruiting
from posts.models import Appointment, Candidate, Post, Recruitment
from posts.opening import APPROVES, CHECKS, PROPOSES
from posts.views import post_forms as forms

Did = Callable[[Any, dict[str, Any], User], Any]


@dataclass(frozen=True)
class Step:
    """`ready` says whether it is the row's next step, `who` by which letters on posts, `do` the verb."""

    title: str
    who: str
    form: type[forms.StepForm]
    do: Did
    ready: Callable[[Any], bool]
    done: str
    note: str = ""
    aside: bool = False  # not the way forward: a smaller button
    of: Callable[[Any], Any] = lambda row: row  # what the form and the verb are about

    def open_to(self, user: User, unit: Unit) -> bool:
        return any(user.can("post", letter, unit) for letter in self.who)


S, C = Post.State, Candidate.State


def _held(post: Post) -> bool:
    return post.appointments.filter(ended_on=None).exists()


def _called(post: Post) -> Recruitment | None:
    """The notice people may apply to today."""
    return post.recruitments.standing().filter(until_on__gte=timezone.localdate()).first()


def _waited_for(post: Post) -> bool:
    return Candidate.objects.standing().filter(recruitment__post=post).exists()


def _is_over(candidate: Candidate) -> bool:
    """公示期满."""
    return candidate.notice_until is not None and candidate.notice_until < timezone.localdate()


OF_POST: dict[str, Step] = {
    "check": Step(
        "核查岗位申请", CHECKS, forms.NothingForm, lambda post, said, by: opening.check(post, by),
        lambda post: post.state == S.PROPOSED, "已核查，报县核定。",
        "核对岗位确有需要、职责清楚、标准符合规定，同意后报县核定。",
    ),
    "open": Step(
        "核定开发", APPROVES, forms.OpenForm, lambda post, said, by: opening.open_post(post, by, said["on"]),
        lambda post: post.state == S.CHECKED, "岗位已开发，可以招聘。", "核定后计入岗位数，超过上限的不能开发。",
    ),
    "announce": Step(
        "发布招聘公告", PROPOSES, forms.AnnounceForm,
        lambda post, said, by: recruiting.announce(post, said["notice"], said["from_on"], said["until_on"], by),
        lambda post: post.state == S.OPEN and not (_held(post) or _called(post) or _waited_for(post)),
        "已发布招聘公告。",
    ),
    "apply": Step(
        "登记应聘人", PROPOSES, forms.ApplyForm,
        lambda call, said, by: recruiting.apply_for(
            call, said["who"], said["on"], said["cadre"], said["cadre_family"], by
        ),
        lambda post: post.state == S.OPEN and _called(post) is not None, "已登记报名。",
        "系统当场核对：限脱贫人口和监测对象，一人一岗，不是村干部，年龄和劳动能力符合，没有在县外务工或稳定就业。",
        of=_called,
    ),
    "refuse": Step(
        "不同意设岗", CHECKS + APPROVES, forms.ReasonForm,
        lambda post, said, by: opening.refuse(post, said["reason"], by),
        lambda post: post.state in (S.PROPOSED, S.CHECKED), "已退回，理由已记录。", aside=True,
    ),
    "close": Step(
        "撤销岗位", APPROVES, forms.ReasonForm, lambda post, said, by: opening.close_post(post, said["reason"], by),
        lambda post: post.state == S.OPEN and not _held(post), "岗位已撤销。",
        "撤销后不再计入岗位数，历史记录保留。", aside=True,
    ),
}  # fmt: skip

OF_CANDIDATE: dict[str, Step] = {
    "meeting": Step(
        "登记村民代表会议", PROPOSES, forms.MeetingForm,
        lambda row, said, by: recruiting.record_meeting(row, said["on"], said["text"], by),
        lambda row: row.state == C.APPLIED, "已登记会议。",
    ),
    "notice": Step(
        "登记公示", PROPOSES, forms.NoticeForm,
        lambda row, said, by: recruiting.start_notice(row, said["from_on"], said["until_on"], by),
        lambda row: row.state == C.MET, "已登记公示。", "公示名册不带身份证号码和电话，登记以后在应聘人页面打印。",
    ),
    "recommend": Step(
        "推荐到县", CHECKS, forms.RecommendForm,
        lambda row, said, by: recruiting.recommend(row, said["opinion"], said["objections"], said["explained"], by),
        lambda row: row.state == C.NOTICED and _is_over(row),
        "已推荐，待县备案。", "公示期满、无异议或异议已处理的，才能推荐。",
    ),
    "file": Step(
        "聘用备案", APPROVES, forms.FileForm,
        lambda row, said, by: recruiting.file_appointment(row, said.pop("since"), by, **said),
        lambda row: row.state == C.RECOMMENDED, "已备案，聘用生效。", "备案时再核对一次全部条件，聘用从所填日期起算。",
    ),
    "withdraw": Step(
        "不再聘用", PROPOSES + APPROVES, forms.ReasonForm,
        lambda row, said, by: recruiting.withdraw(row, said["reason"], by),
        lambda row: row.state not in Candidate.OVER, "已终止，原因已记录。", aside=True,
    ),
}  # fmt: skip


def _on(step: int) -> Callable[[Appointment], bool]:
    return lambda row: row.exit_step == step


def _notify(row: Appointment, said: dict[str, Any], by: User) -> Appointment:
    return leaving.notify_exit(row, said["ground"], said["on"], said["note"], by)


def _call_off(row: Appointment, said: dict[str, Any], by: User) -> Appointment:
    return leaving.call_off_exit(row, said["reason"], by)


OF_APPOINTMENT: dict[str, Step] = {
    "decide": Step(
        "决定退岗", CHECKS, forms.DecideForm,
        lambda row, said, by: leaving.decide_exit(row, said["on"], said["stop_pay_on"], by),
        _on(1), "已决定退岗，待县备案。",
    ),
    "file-exit": Step(
        "退岗备案", APPROVES, forms.FileExitForm, lambda row, said, by: leaving.file_exit(row, said["successor"], by),
        _on(2), "已备案，岗位空出。", "备案后聘用结束，从停发日期起不再发补贴。",
    ),
    "contract": Step(
        "签订或续签合同", CHECKS + APPROVES, forms.ContractForm,
        lambda row, said, by: leaving.renew_contract(row, by=by, **said), _on(0), "已登记合同。", aside=True,
    ),
    "insure": Step(
        "登记意外险", CHECKS + APPROVES, forms.InsureForm, lambda row, said, by: leaving.insure(row, said["until"], by),
        _on(0), "已登记意外险。", aside=True,
    ),
    "notify": Step(
        "告知退岗", PROPOSES, forms.NotifyForm, _notify, _on(0), "已记录告知，待乡镇决定。",
        "退岗分三步：告知本人，乡镇决定，县备案。", aside=True,
    ),
    "notify-again": Step(
        "更正退岗告知", PROPOSES, forms.NotifyForm, _notify, _on(1), "已更正告知，待乡镇决定。", aside=True,
    ),
    "call-off": Step(
        "撤销退岗告知", PROPOSES + APPROVES, forms.ReasonForm, _call_off, _on(1), "已撤销，继续在岗。", aside=True,
    ),
    "call-off-decision": Step(
        "撤销退岗决定", CHECKS + APPROVES, forms.ReasonForm, _call_off, _on(2), "已撤销，继续在岗。",
        "告知、决定和停发日期一起撤销，本人继续在岗。县备案以后不能撤销。", aside=True,
    ),
}  # fmt: skip


def next_steps(steps: dict[str, Step], row: Any, user: User, unit: Unit) -> list[tuple[str, Step]]:
    """The steps this user may take now, the way forward first."""
    return [(name, step) for name, step in steps.items() if step.open_to(user, unit) and step.ready(row)]


# ── whose turn it is, for those whose turn it is not ─────────────────────────────────────────────────────────────


def wait_for_candidate(row: Candidate) -> str:
    """Empty when everything is over."""
    if row.state == C.NOTICED and row.notice_until and not _is_over(row):
        day = row.notice_until
        return f"公示到{day.year}年{day.month}月{day.day}日，期满后由乡镇推荐到县。"
    return {
        C.APPLIED: "等村里开村民代表会议评议。", C.MET: "评议通过，等村里公示。",
        C.NOTICED: "公示期满，等乡镇推荐到县。", C.RECOMMENDED: "等县里备案，备案以后聘用生效。",
    }.get(C(row.state), "")  # fmt: skip


def wait_for_exit(row: Appointment) -> str:
    """Empty while nobody leaves and when the exit is filed."""
    return {1: "已告知本人，等乡镇决定退岗。", 2: "退岗已决定，等县里备案；备案以前仍占着岗位。"}.get(
        row.exit_step, ""
    )
