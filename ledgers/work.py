"""Long work of this room: beginning a month, printing 采集表, making a 交接单."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import BinaryIO, cast

from django.utils import timezone

from accounts import wall
from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import Level, Unit, User
from jobs.actions import start
from jobs.exports import refuse_too_many
from jobs.models import Job
from jobs.runner import Failure, Running, work
from ledgers import actions, handover, paper
from ledgers.codes import COLLECTED_ABILITIES, PERSON_STATES, VERIFY_STATES
from ledgers.exports import handover as handover_sheet
from ledgers.models import Handover, Laborer
from lib.month import Month

AT_ONCE = 5000  # people; more wait for a worker


def start_opening(unit: Unit, month: Month, by: User) -> Job:
    """Ask for the records of a month; asked twice, the same job answers."""
    return start(
        "ledgers.open_month",
        owner=by,
        unit=unit,
        title=f"开始{month.label}（{unit.name}）",
        params={"month": str(month)},
        queue=Job.Queue.BIG,
        key=f"open-month:{unit.pk}:{month}",
    )


@work("ledgers.open_month")
def open_month(job: Running) -> dict[str, int]:
    """Job: params month; the owner's right is looked up again when it runs."""
    unit: Unit = job.unit  # type: ignore[assignment]  # start_opening always names one
    job.progress(0, 0, "正在建立当月记录")
    try:
        month = Month.parse(job.params["month"])
        made = actions.begin_month(unit, month, User.objects.get(pk=job.owner.pk))
    except NotAllowed as refusal:
        raise Failure(str(refusal)) from refusal
    job.progress(made, made)
    return {"people": made}


# ── printing ─────────────────────────────────────────────────────────────────────────────────────────────────────

ALL, UNVERIFIED, BLANK = "all", "unverified", "blank"
WHO = {ALL: "打印全部人员", UNVERIFIED: "打印未核实的人员", BLANK: "打印一张空白表"}
PRINTS_FOR = (Level.TOWNSHIP, Level.VILLAGE)
PDF = "application/pdf"
GONE = tuple(state for state in PERSON_STATES if state.startswith("永久退出"))


def start_printing(unit: Unit, month: Month, by: User, who: str = ALL) -> Job:
    """Ask for the 采集表 of a village or a township as one PDF. Raises NotAllowed."""
    _may_print(unit, by)
    if unit.level not in PRINTS_FOR:
        raise NotAllowed("采集表按村或乡镇打印，请先选择一个村或乡镇。")
    if who != BLANK:
        refuse_too_many(by, unit)
    return _start_printing(unit, month, by, f"{WHO[who]}（{unit.name}{month.label}采集表）", who=who)


def start_printing_one(person: Laborer, month: Month, by: User) -> Job:
    """Ask for one person's 采集表; the caller has noted the look at the numbers (accounts.actions.reveal)."""
    _may_print(person.village, by)
    title = f"打印采集表（{person.village.name}{month.label}，1人）"
    return _start_printing(person.village, month, by, title, person=person.pk)


def _start_printing(unit: Unit, month: Month, by: User, title: str, who: str = ALL, person: int = 0) -> Job:
    return start(
        "ledgers.print", owner=by, unit=unit, title=title,
        params={"month": str(month), "who": who, "person": person, "personal": not person and who != BLANK},
        queue=Job.Queue.BIG if unit.level == Level.TOWNSHIP else Job.Queue.SMALL,
        key=f"print:{unit.pk}:{month}:{who}:{person}:{by.pk}",
    )  # fmt: skip


def _may_print(unit: Unit, by: User) -> None:
    """The paper carries full numbers: who prints it may see them (person.u) there."""
    if not by.can("person", "u", unit):
        raise NotAllowed(f"您没有打印{unit.name}采集表的权限。")


def people_to_print(unit: Unit, month: Month, by: User, who: str) -> list[int]:
    """Those whom the form is for (填表说明1), in the order of the villages and families."""
    people = Laborer.objects.visible_to(by, "u").under(unit)
    people = people.filter(ability__in=COLLECTED_ABILITIES).exclude(person_state__in=GONE)
    if who == UNVERIFIED:
        people = people.filter(records__month=month, records__verify_state=VERIFY_STATES[0])
    order = people.order_by("village__sort_path", "household__number", "pk")
    return list(order.values_list("pk", flat=True))


@work("ledgers.print")
def print_forms(job: Running) -> dict[str, int]:
    """Job: params month, who or person; the right and the reach of the owner are looked up again when it runs."""
    unit: Unit = job.unit  # type: ignore[assignment]  # _start_printing always names one
    month, who = Month.parse(job.params["month"]), job.params["who"]
    user = User.objects.get(pk=job.owner.pk)
    try:
        _may_print(unit, user)
    except NotAllowed as refusal:
        raise Failure(str(refusal)) from refusal
    with wall.narrowed(user):
        keys = _keys(job.params, unit, month, user)
        if not keys and who != BLANK:
            raise Failure(f"{unit.name}{month.label}没有要打印的人员。")
        office = _office(unit)
        sheets = (
            paper.sheets(keys, month, office) if keys else [paper.blank_sheet(month, unit.full_name, office)]
        )
        day = timezone.localdate()
        footer = f"{user.username} {day.year}年{day.month}月{day.day}日打印，内部资料，用后归档"
        book = paper.book(sheets, month, day, footer, lambda done: job.progress(done, len(keys), "正在排版"))
    job.attach(book, f"{unit.name}{month}采集表.pdf", PDF, right="person.u")
    record("print", user, f"print:{job.job.pk}", unit, month=str(month), people=len(keys))
    return {"people": len(keys)}


def _keys(params: dict, unit: Unit, month: Month, user: User) -> list[int]:
    if params["who"] == BLANK:
        return []
    if not params["person"]:
        return people_to_print(unit, month, user, params["who"])
    reach = Laborer.objects.visible_to(user, "u").under(unit)
    return list(reach.filter(pk=params["person"]).values_list("pk", flat=True))


def _office(unit: Unit) -> str:
    """Who collects, as the notice names them: the 专班 of the county."""
    county = Unit.objects.filter(code__in=unit.ancestor_codes, level=Level.COUNTY).first()
    return f"{(county or unit).name}稳岗就业工作专班"


# ── 异动 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def start_handover(unit: Unit, month: Month, since: dt.datetime, by: User) -> Job:
    """Ask for the 交接单 of everybody who changed since that moment. Raises NotAllowed."""
    if not by.can("person", "x", unit):
        raise NotAllowed(f"您没有导出{unit.name}异动的权限。")
    refuse_too_many(by, unit)
    return start(
        "ledgers.handover", owner=by, unit=unit, title=f"异动交接单（{unit.name}{month.label}）",
        params={"month": str(month), "since": since.isoformat(), "personal": True},
        key=f"handover:{unit.pk}:{by.pk}",
    )  # fmt: skip


def start_handover_again(made: Handover, by: User) -> Job:
    """Ask for the workbook of a 交接单 once more. Raises NotAllowed."""
    refuse_too_many(by, made.unit)
    return start(
        "ledgers.handover", owner=by, unit=made.unit, title=f"异动交接单{made.number}（{made.unit.name}）",
        params={"month": str(made.month), "handover": made.pk, "personal": True},
        key=f"handover-again:{made.pk}:{by.pk}",
    )  # fmt: skip


@work("ledgers.handover")
def make_handover(job: Running) -> dict[str, int]:
    """Job: params month and since, or handover; makes the 交接单 once and writes its workbook."""
    unit: Unit = job.unit  # type: ignore[assignment]  # start_handover always names one
    user, month = User.objects.get(pk=job.owner.pk), Month.parse(job.params["month"])
    if again := job.params.get("handover"):
        made = Handover.objects.visible_to(user, "x").filter(pk=again).first()
        if made is None:
            raise Failure("这张交接单已不在您的管辖范围内。")
    else:
        try:
            since = dt.datetime.fromisoformat(job.params["since"])
            made = handover.make(unit, month, since, user, job.job.pk)
        except NotAllowed as refusal:
            raise Failure(str(refusal)) from refusal
    with wall.narrowed(user), tempfile.TemporaryFile() as out:
        people = handover_sheet.write(made, cast(BinaryIO, out))
        out.seek(0)
        job.attach(cast(BinaryIO, out), f"{unit.name}{month}异动交接单{made.number}.xlsx", right="person.x")
    record("export", user, f"handover:{made.pk}", unit, rows=people, month=str(month), personal=True)
    return {"handover": made.pk, "people": people}
