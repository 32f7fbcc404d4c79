"""Lines of the home page: schemes, claims, notices, batches, places in classes whose next step is this user's."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models import Unit, User
from jobs.todos import Lines, room, todo
from ledgers.models import AccountChange
from subsidies.claims.views.lists import SETS, act_of, waiting_for
from subsidies.models import (
    Allowance,
    Claim,
    Enrolment,
    Notice,
    PaymentBatch,
    Refund,
    SchemeVersion,
    Screened,
    Screening,
    TrainingClass,
    TrainingPlan,
    Trial,
)
from subsidies.rules import ENTITLED
from subsidies.screenings import reading

BATCH = PaymentBatch.State
WORDS = {
    "check": ("待核实的补贴申请", "核对本人情况和申请材料，通过或退回。"),
    "compare": ("待比对的补贴申请", "对照台账逐份核对，通过或退回。"),
    "approve": ("待审核的补贴申请", "看镇村意见和公示情况，通过或退回。"),
}


@room
def of_claims(user: User) -> Lines:
    act = act_of(user)
    if not act:
        return []
    made = []
    if count := waiting_for(user).count():
        title, text = WORDS[act]
        url = f"{reverse('subsidies:claims')}?state={SETS[act][0]}"
        made.append(todo(title, count, "份", url, "去办理", text, "warn"))
    if act == "check":
        return _returned(user) + _unclaimed(user) + made + _notices(user)
    return made + (_batches(user) if act == "approve" else [])


def _returned(user: User) -> Lines:
    """What an office sent back for something to be put right."""
    claims = list(Claim.objects.visible_to(user, "p").filter(state=Claim.State.RETURNED).order_by("pk")[:99])
    if not claims:
        return []
    url = f"{reverse('subsidies:claims')}?state={Claim.State.RETURNED}"
    if len(claims) == 1:
        url = reverse("subsidies:claim", args=[claims[0].pk])
    text = "看退回原因，补正以后重新提交。"
    return [todo("退回补正的补贴申请", len(claims), "份", url, "去补正", text, "bad")]


def _unclaimed(user: User) -> Lines:
    """Whom the newest screening found entitled, and of whom nobody has noted why there is no claim (YD-G01)."""
    newest = Subquery(Screening.objects.visible_to(user).order_by("-month").values("month")[:1])
    lines = Screened.objects.visible_to(user, "p").filter(screening__month=newest, result=ENTITLED)
    silent = reading.followed(lines).filter(reading.STATE_CONDITIONS[reading.OPEN], why=None).order_by()
    found = list(
        silent.values_list("screening", "screening__scheme__name").annotate(Count("pk")).order_by("screening")
    )
    if not found:
        return []
    url = f"{reverse('subsidies:screening', args=[found[0][0]])}?{urlencode({'why': reading.UNKNOWN})}#people"
    told = "、".join(f"{name} {people} 人" for _, name, people in found)
    text = f"{told}。通知本人申请，可以代办；不申领的登记原因或自愿放弃。"
    total = sum(people for *_, people in found)
    return [todo("符合条件还没有申领的补贴", total, "人次", url, "去办理", text, "warn")]


def _notices(user: User) -> Lines:
    """What the village has to put up, and what has been up long enough."""
    made, url = [], reverse("subsidies:notices")
    if count := Claim.objects.visible_to(user, "p").filter(state=Claim.State.CHECKED).count():
        text = "打印公示名册，张贴以后拍照上传。"
        made.append(todo("等待公示的补贴申请", count, "份", url, "去公示", text, "warn"))
    over = Notice.objects.visible_to(user, "p").filter(ended_at=None, until_on__lt=timezone.localdate())
    if count := over.count():
        made.append(todo("期满的补贴公示", count, "次", url, "去结束", "填写有无异议，结束公示。", "warn"))
    return made


def _batches(user: User) -> Lines:
    """What is approved and in no batch, what a second officer confirms, what waits for money, bank or receipt."""
    made = []
    if loose := Claim.objects.visible_to(user, "a").filter(state=Claim.State.APPROVED).count():
        text = "审核通过，还没有组批；组批以后由另一人确认。"
        made.append(
            todo("待组批的补贴申请", loose, "份", reverse("subsidies:batch_new"), "去组批", text, "warn")
        )
    rows = PaymentBatch.objects.visible_to(user, "a")
    mine = ~Q(state=BATCH.DRAFT) | ~Q(made_by=user)
    count = rows.filter(mine, state__in=(BATCH.DRAFT, BATCH.CONFIRMED, BATCH.FUNDED, BATCH.SENT)).count()
    if count:
        text = "有待确认、待财政确认、待生成发放文件或待上传银行回单的批次。"
        made.append(
            todo("待办理的发放批次", count, "批", reverse("subsidies:batches"), "去办理", text, "warn")
        )
    back = Refund.objects.visible_to(user, "a").filter(confirmed_at=None).exclude(made_by=user)
    if refunds := list(back.order_by("pk").values_list("line", flat=True)[:99]):
        url = reverse("subsidies:payment_line", args=[refunds[0]])
        text = "核对缴款凭证，一笔一笔确认。"
        made.append(todo("待确认的补贴追回", len(refunds), "笔", url, "去核对", text, "warn"))
    return made


@room
def of_accounts(user: User) -> Lines:
    """收款账户 that another officer asked to change, until somebody compares the proof (ledgers.banking)."""
    may = Q(pk__in=[])
    for subject in ("person", "subsidy"):
        if user.can(subject, "a"):
            units = Unit.objects.visible_to(user, subject, "a")
            may |= Q(laborer__village__in=units.values("pk"))
    waiting = AccountChange.objects.filter(may, state=AccountChange.State.WAITING).exclude(asked_by=user)
    people = list(waiting.order_by("pk").values_list("laborer", flat=True)[:99])
    if not people:
        return []
    url = reverse("ledgers:laborer_account", args=[people[0]])
    text = "对着证明核对姓名和账号，一份一份确认。"
    return [todo("待确认的收款账户更正", len(people), "份", url, "去核对", text, "warn")]


@room
def of_schemes(user: User) -> Lines:
    """Drafts of the same office by others that were tried, or that nobody can try: they wait for a second officer."""
    if not user.can("scheme", "a"):
        return []
    rows = SchemeVersion.objects.visible_to(user, "a").filter(
        unit=user.own_unit, state=SchemeVersion.State.DRAFT
    )
    tried = Trial.objects.filter(scheme=OuterRef("pk"), finished_at__isnull=False)
    others = rows.exclude(written_by=user).annotate(tried=Exists(tried)).order_by("pk")
    waiting = [one for one in others if one.tried or not one.terms.for_people]
    if not waiting:
        return []
    url = reverse("subsidies:scheme", args=[waiting[0].pk])
    if len(waiting) > 1:
        url = reverse("subsidies:schemes")
    names = "、".join(one.name for one in waiting[:3])
    text = f"{names}：看过试算结果和政策依据，再批准。"
    return [todo("待批准的补贴政策", len(waiting), "项", url, "去批准", text, "warn")]


@room
def of_training(user: User) -> Lines:
    """A class that takes people calls the villages; whom they propose waits for the office that holds it.

    A plan and what learners are paid wait for a second officer.
    """
    if user.can("training", "w"):
        return _proposed(user) + (_to_approve(user) if user.can("training", "a") else [])
    return _calls(user) if user.can("training", "p") else []


def _to_approve(user: User) -> Lines:
    made = []
    plans = TrainingPlan.objects.visible_to(user, "a").filter(approved_at=None).exclude(made_by=user)
    if keys := list(plans.order_by("pk").values_list("pk", flat=True)[:99]):
        url = reverse("subsidies:training_plan", args=[keys[0]])
        made.append(
            todo("待审批的培训计划", len(keys), "份", url, "去审批", "审批以后才能建立培训班。", "warn")
        )
    computed = Allowance.objects.filter(enrolment__training_class=OuterRef("pk"), approved_at=None)
    classes = TrainingClass.objects.visible_to(user, "a").filter(Exists(computed.exclude(computed_by=user)))
    if keys := list(classes.order_by("pk").values_list("pk", flat=True)[:99]):
        url = reverse("subsidies:training_allowance", args=[keys[0]])
        text = "按出勤天数和标准核对，审批以后登记发放。"
        made.append(todo("待审批的培训生活费补贴", len(keys), "个班", url, "去审批", text, "warn"))
    return made


def _proposed(user: User) -> Lines:
    rows = Enrolment.objects.visible_to(user, "w").filter(state=Enrolment.State.PROPOSED)
    found = rows.order_by().values("training_class").annotate(people=Count("pk")).order_by("training_class")
    classes = list(found)
    if not classes:
        return []
    url = reverse("subsidies:training_class", args=[classes[0]["training_class"]])
    if len(classes) > 1:
        url = reverse("subsidies:training")
    people = sum(one["people"] for one in classes)
    return [
        todo("待确认的培训报名", people, "人", url, "去确认", "村里登记的报名，确认后算正式学员。", "warn")
    ]


def _calls(user: User) -> Lines:
    taking = TrainingClass.objects.visible_to(user).filter(state=TrainingClass.State.PLANNED)
    ahead = Q(starts_on=None) | Q(starts_on__gte=timezone.localdate())
    classes = list(taking.filter(ahead).order_by("starts_on", "pk")[:50])
    if not classes:
        return []
    first = classes[0]
    url = reverse("subsidies:training_wishes", args=[first.pk])
    if len(classes) > 1:
        url = reverse("subsidies:training")
    starts = f"，{first.starts_on.month}月{first.starts_on.day}日开班" if first.starts_on else ""
    text = f"{first.name}{starts}；有培训意愿的人请尽快报名。"
    return [todo("正在报名的培训班", len(classes), "个", url, "去报名", text)]
