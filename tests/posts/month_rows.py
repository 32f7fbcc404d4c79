"""A signed sheet with its paper, a run with one line, and an assessment of one holder, as rows: for the walkers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Unit, User
from jobs.files import store_file
from posts.models import Appointment, Assessment, Attendance, AttendanceSheet, PayRun, PostPay, SheetPaper
from tests.factories import MARCH
from tests.posts.paying_world import account

DAY = dt.date(2023, 3, 2)


def rows_of(village: Unit, held: Appointment, by: User, mark: str = "") -> dict[str, Any]:
    """What a month of the holder leaves behind; `mark` begins every string."""
    sheet = AttendanceSheet.objects.create(
        unit=village, month=MARCH, state="signed", entered_by=by, signed_by=by, reason=f"{mark}退回原因"
    )
    line = Attendance.objects.create(
        sheet=sheet, appointment=held, by=by, marks="1" * 10 + "-" * 21, days=10, substitute=f"{mark}顶岗"
    )
    file = store_file(
        by, f"{mark}签到表.jpg", f"{mark}照片".encode(), "image/jpeg", unit=village, right="post.r"
    )
    paper = SheetPaper.objects.create(sheet=sheet, file=file, by=by)
    run = PayRun.objects.create(unit=village, month=MARCH, made_by=by)
    pay = PostPay.objects.create(
        run=run, appointment=held, laborer=held.laborer, month=MARCH, attendance=line, days=10, required=20,
        account=account(held.laborer, by, bank=f"{mark}银行"), standard=20000, deduction=10000, amount=10000,
        result=f"{mark}银行结果",
    )  # fmt: skip
    Assessment.objects.create(
        appointment=held, period="2023年度", grade="合格", on=DAY, by=by, note=f"{mark}说明"
    )
    return {"sheet": sheet, "sheet_paper": paper, "run": run, "pay": pay, "held": held}
