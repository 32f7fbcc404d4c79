"""Exports as files: what a room registered with lib.staging, written for one user within that user's reach."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from os import PathLike
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts import wall
from accounts.audit import AuditEntry, record
from accounts.authority import NotAllowed
from accounts.models import Unit, User
from jobs.actions import start
from jobs.models import Job
from jobs.runner import Failure, Running, work
from lib.month import Month
from lib.sheets import write_csv, write_rows_fast, write_workbook
from lib.staging import EXPORTS, Export

BIG = 2000  # rows from which an export must not stand in the way of small work


def start_export(name: str, user: User, unit: Unit, month: Month | None) -> Job:
    """Ask for an export; the file waits under 我的任务. Raises NotAllowed."""
    export = allowed(name, user, unit)
    if export.personal:
        refuse_too_many(user, unit)
    count = export.count(user, unit, month) if export.count else BIG
    return start(
        "export.rows",
        owner=user,
        unit=unit,
        title=f"导出{export.title}（{unit.name}{month.label if month else ''}）",
        params={"export": name, "month": str(month or "")},
        queue=Job.Queue.BIG if count >= BIG else Job.Queue.SMALL,
        key=f"export:{name}:{unit.pk}:{month or ''}:{user.pk}",
    )


def allowed(name: str, user: User, unit: Unit) -> Export:
    export = EXPORTS.get(name)
    if export is None:
        raise NotAllowed(f"没有“{name}”这种导出。可以是：{'、'.join(sorted(EXPORTS))}。")
    if not user.can(*export.right, unit=unit):
        raise NotAllowed(f"您没有导出{unit.name}{export.title}的权限，或该单位不在您的管辖范围内。")
    if export.levels and unit.level not in export.levels:
        raise NotAllowed(f"{export.title}不能整个{unit.name}一起导出，请逐个下级单位导出。")
    return export


def refuse_too_many(user: User, unit: Unit) -> None:
    """Over settings.EXPORT_LIMIT_PER_DAY lists of people nobody gets another; the first refusal of a day is an alert.

    What counts: exports of people, and other work whose parameters say that it prints them (`personal`).
    Call it outside a transaction of your own, or the alert is rolled back with the refusal.
    """
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    personal = [name for name, export in EXPORTS.items() if export.personal]
    lists = Q(kind="export.rows", params__export__in=personal) | Q(params__personal=True)
    asked = Job.objects.filter(lists, owner=user, created_at__gte=today)
    if asked.count() < settings.EXPORT_LIMIT_PER_DAY:
        return
    if not AuditEntry.objects.filter(actor=user, action="export.limit", at__gte=today).exists():
        record("export.limit", user, user, unit, limit=settings.EXPORT_LIMIT_PER_DAY)
    raise NotAllowed("今天导出人员名单的次数已到上限，请明天再试；已导出的文件可以在“我的任务”里再次下载。")


def write_export(
    export: Export,
    user: User,
    unit: Unit,
    month: Month | None,
    out: str | PathLike | BinaryIO,
    progress: Callable[[int, int, str], None] = lambda done, total, note: None,
    csv: bool = False,
) -> int:
    """Write the rows the user may see as xlsx (or csv), and say so in the audit trail. Returns how many rows."""
    done = 0

    def counted() -> Iterator[list]:
        nonlocal done
        for row in export.rows(user, unit, month):
            yield row
            done += 1
            if done % 100 == 0:
                progress(done, max(total, done), "正在写出")

    with wall.narrowed(user):
        total = export.count(user, unit, month) if export.count else 0
        if csv:
            write_csv(out, export.headings, counted())
        elif export.dress:
            write_workbook(out, export.dress(export, counted(), watermark(export, user, unit, month)))
        else:
            write_rows_fast(
                out, export.headings, counted(), sheet_name=export.title[:31],
                title=watermark(export, user, unit, month), numeric=export.numeric,
            )  # fmt: skip
    progress(done, done, "")
    record(
        "export",
        user,
        f"export:{export.name}",
        unit,
        rows=done,
        month=str(month or ""),
        personal=export.personal,
    )
    return done


def watermark(export: Export, user: User, unit: Unit, month: Month | None) -> str:
    """The title line; where people are named it says who took the data out, and when."""
    title = f"{unit.name}{month.label if month else ''}{export.title}"
    now = timezone.localtime()
    taken = f"（{user.username} 于{now.year}年{now.month}月{now.day}日{now:%H:%M}导出，内部资料）"
    return title + taken if export.personal and not export.public else title


def file_name(export: Export, unit: Unit, month: Month | None) -> str:
    return f"{unit.name}{month or ''}{export.title}.xlsx"


@work("export.rows")
def export_rows(job: Running) -> dict:
    """Job: params export (name) and month (text or empty); scope is read when it starts and again before it ends."""
    month = Month.parse(job.params["month"]) if job.params["month"] else None
    unit: Any = job.unit  # start_export always names one
    export = _still_allowed(job, unit)
    with tempfile.TemporaryFile() as out:  # without a name: a killed process leaves nothing readable behind
        rows = write_export(export, job.owner, unit, month, cast(BinaryIO, out), job.progress)
        _still_allowed(job, unit)
        out.seek(0)
        job.attach(cast(BinaryIO, out), file_name(export, unit, month), right=".".join(export.right))
    return {"rows": rows}


def _still_allowed(job: Running, unit: Unit) -> Export:
    """The export, if the owner may have it by the postings of this moment."""
    try:
        return allowed(job.params["export"], User.objects.get(pk=job.owner.pk), unit)
    except NotAllowed as refusal:
        raise Failure(str(refusal)) from refusal
