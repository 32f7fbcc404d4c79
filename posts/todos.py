"""Which posts, workshops, sheets and pay runs wait for an office, and the lines of the home page that say so."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Unit, User
from jobs.todos import Lines, room, todo
from ledgers.views.lists import months_of
from lib.month import Month
from posts.attending import in_month
from posts.models import Appointment, AttendanceSheet, Candidate, PayRun, Post
from posts.workshops import waiting_for

State = AttendanceSheet.State


def waiting(user: User) -> QuerySet[Post]:
    """Posts in reach whose next step is this user's: the county's, else the township's, else the village's."""
    people = Candidate.objects.filter(recruitment__post=OuterRef("pk"))
    exits = Appointment.objects.filter(post=OuterRef("pk"), ended_on=None)
    if user.can("post", "a"):
        mine = (
            Q(state=Post.State.CHECKED)
            | Exists(people.filter(state=Candidate.State.RECOMMENDED))
            | Exists(exits.filter(exit_decided_on__isnull=False))
        )
    elif user.can("post", "w"):
        over = Q(state=Candidate.State.NOTICED, notice_until__lt=timezone.localdate())
        told = exits.filter(exit_notified_on__isnull=False, exit_decided_on=None)
        mine = Q(state=Post.State.PROPOSED) | Exists(people.filter(over)) | Exists(told)
    else:
        begun = [Candidate.State.APPLIED, Candidate.State.MET]
        mine = Q(Exists(people.filter(state__in=begun)))
    return Post.objects.visible_to(user).filter(mine)


def due_month(unit: Unit) -> Month:
    """The month whose sheets are due: this one from the 20th on, else the last; none after the ledger's newest."""
    today = timezone.localdate()
    due = Month.of(today) if today.day >= 20 else Month.of(today) - 1
    return min(due, next(iter(months_of(unit)), due))


def unsent(user: User, month: Month) -> QuerySet[Unit]:
    """Units in reach with holders in the month whose sheet has not been sent in."""
    held = Appointment.objects.filter(in_month(month), post__unit=OuterRef("pk"))
    sent = AttendanceSheet.objects.filter(unit=OuterRef("pk"), month=month).exclude(state=State.DRAFT)
    return Unit.objects.visible_to(user, "post", "p").filter(Exists(held)).exclude(Exists(sent))


@room
def of_posts(user: User) -> Lines:
    """岗位, 车间, 考勤表, 工资表 whose next step is this user's."""
    if not any(user.can("post", letter) for letter in "pwa"):
        return []
    made = []
    if count := waiting(user).count():
        text = "有待核查或核定的岗位、待推荐或备案的应聘人、待决定或备案的退岗。"
        if user.can("post", "p"):
            text = "有应聘人等着开会评议或公示。"
        url = f"{reverse('posts:list')}?state=mine"
        made.append(todo("待办理的公益性岗位", count, "个", url, "去办理", text, "warn"))
    if user.can("post", "a"):
        return made + _of_the_county(user)
    return made + (_to_check(user) if user.can("post", "w") else _to_fill(user))


def _of_the_county(user: User) -> Lines:
    made = []
    if count := waiting_for(user).count():
        text = "有待认定、待确认撤销、待审批奖补或待确认对公账户的车间。"
        url = f"{reverse('posts:workshops')}?state=waiting"
        made.append(todo("待办理的车间", count, "个", url, "去办理", text, "warn"))
    runs = PayRun.objects.visible_to(user, "a").filter(state=PayRun.State.DRAFT).exclude(made_by=user)
    if count := runs.count():
        oldest = runs.order_by("month", "pk")[0]
        url = reverse("posts:run", args=[oldest.pk])
        text = f"{oldest.month.label}{oldest.unit.name}等，核对名单和金额后审批。"
        made.append(todo("待审批的公岗工资表", count, "张", url, "去审批", text, "warn"))
    return made


def _to_check(user: User) -> Lines:
    sheets = AttendanceSheet.objects.visible_to(user, "w").filter(state=State.SIGNED).exclude(signed_by=user)
    if not (count := sheets.count()):
        return []
    oldest = sheets.order_by("month", "pk").select_related("unit")[0]
    url = reverse("posts:attendance", args=[oldest.month])
    if count == 1:
        url = reverse("posts:sheet", args=[oldest.month, oldest.unit.code])
    text = "对着签到表照片逐人核对，核对以后才能编制工资表。"
    return [todo("待核对的公岗考勤表", count, "张", url, "去核对", text, "warn")]


def _to_fill(user: User) -> Lines:
    month = due_month(user.own_unit)
    units = list(unsent(user, month).order_by("sort_path"))
    if not units:
        return []
    here = reverse("posts:sheet", args=[month, units[0].code])
    url = here if len(units) == 1 else reverse("posts:attendance", args=[month])
    text = "填好每个人的出勤，上传签到表照片，再报送乡镇。"
    title = f"没有报送的{month.label}公岗考勤表"
    return [todo(title, len(units), "张", url, "去填写", text, "warn")]
