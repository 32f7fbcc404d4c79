"""考勤 pages: the list of sheets for those who check, and the sheet of a unit, filled in on a phone."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from accounts.authority import NotAllowed
from accounts.models import Unit
from jobs import papers
from jobs.views.stored import answer
from ledgers.fields import words_field
from ledgers.once import new_token
from ledgers.periods import period_state
from ledgers.views.saving import acted, form_page, sent
from lib.month import Month
from lib.rates import thousands
from posts import attending, marks
from posts.attending import Said
from posts.models import Appointment, Attendance, AttendanceSheet, SheetPaper
from posts.todos import due_month
from posts.views.month import UnitFilter, asked_unit, frame, pages, seen_unit

State = AttendanceSheet.State
TONES = {State.DRAFT: "warn", State.SIGNED: "info", State.CHECKED: "good"}
FILLS = ("post.p", "post.w")
CHECKS = ("post.w", "post.a")
ON_A_PAGE = 20  # holders: a whole month of marks of each stays below what one form may carry


@needs("post.r")
@require_GET
def months(request: OfficeRequest) -> HttpResponse:
    """To the sheets of the month that is due now."""
    return redirect(reverse("posts:attendance", args=[due_month(request.user.own_unit)]))


@needs("post.r")
@require_GET
def attendance(request: OfficeRequest, month: Month) -> HttpResponse:
    """Every unit with holders in the month, and how far its sheet is."""
    unit = asked_unit(request)
    held = Appointment.objects.visible_to(request.user).under(unit).filter(attending.in_month(month))
    counted = dict(held.order_by().values_list("post__unit").annotate(Count("pk")))
    units = Unit.objects.filter(pk__in=counted).select_related("parent").in_order()
    page, pager = pages(request, units, "个单位")
    found = AttendanceSheet.objects.filter(unit__in=[one.pk for one in page], month=month)
    found = found.select_related("signed_by", "checked_by").annotate(
        filled=Count("lines"), replaced=Count("lines", ~Q(lines__substitute=""))
    )
    sheets = {one.unit_id: one for one in found}
    states = AttendanceSheet.objects.filter(unit__in=units.order_by().values("pk"), month=month)
    done = dict(states.order_by().values_list("state").annotate(Count("pk")))
    context = {
        **frame(request, month, unit, "posts:attendance"),
        **pager,
        "form": UnitFilter(request, unit),
        "rows": [_row(one, counted[one.pk], sheets.get(one.pk)) for one in page],
        "counts": [
            {"label": "应报单位", "value": thousands(len(counted)), "unit": "个"},
            {"label": "待核对", "value": thousands(done.get(State.SIGNED, 0)), "unit": "个"},
            {"label": "已核对", "value": thousands(done.get(State.CHECKED, 0)), "unit": "个"},
        ],
    }
    return render(request, "posts/attendance.html", context)


def _row(unit: Unit, people: int, sheet: AttendanceSheet | None) -> dict[str, Any]:
    return {
        "unit": unit,
        "people": people,
        "sheet": sheet,
        "state": sheet.get_state_display() if sheet else "没有考勤",
        "tone": TONES[State(sheet.state)] if sheet else "bad",
    }


# ── one sheet ────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("post.r")
@require_GET
def sheet(request: OfficeRequest, month: Month, code: str) -> HttpResponse:
    """The sheet: fields for who fills in while it is a draft, the marks to read for everybody else."""
    unit = seen_unit(request.user, code)
    found = (
        AttendanceSheet.objects.filter(unit=unit, month=month)
        .select_related("signed_by", "checked_by", "returned_by")
        .first()
    )
    period = period_state(unit, month)
    draft = found is None or found.state == State.DRAFT
    may_fill = any(request.user.can("post", letter, unit) for letter in "pw")
    writing = draft and period.is_open and may_fill
    page, pager = pages(request, attending.holders(unit, month), size=ON_A_PAGE if writing else 200)
    lines = {one.appointment_id: one for one in found.lines.all()} if found else {}
    filled = len(lines)
    context = {
        **frame(request, month, unit, "posts:attendance"),
        **pager,
        "breadcrumbs": [
            {"label": "公岗", "url": "/posts/"},
            {"label": f"{month.label}考勤", "url": reverse("posts:attendance", args=[month])},
            {"label": unit.name},
        ],
        "page_title": f"{month.label}考勤表",
        "sheet": found,
        "state": found.get_state_display() if found else "没有填写",
        "tone": TONES[State(found.state)] if found else "bad",
        "writing": writing,
        "why": "" if period.is_open else period.why,
        "cards": [_card(one, lines.get(one.pk), month) for one in page],
        "days": range(1, month.last_day.day + 1) if any(one.marks for one in lines.values()) else (),
        "papers": found.papers.select_related("by").order_by("pk") if found else [],
        "filled": filled,
        "people": page.paginator.count,
        "page_no": page.number,
        "may_sign": writing and filled and filled >= page.paginator.count,
        "may_check": found
        and found.state == State.SIGNED
        and period.is_open
        and _may_check(request, unit, found),
        "may_return": found and not draft and period.is_open and attending.may_check(request.user, unit),
        "token": new_token(),
    }
    return render(request, "posts/sheet.html", context)


def _may_check(request: OfficeRequest, unit: Unit, found: AttendanceSheet) -> bool:
    mine = {found.entered_by_id, found.signed_by_id} | set(found.lines.values_list("by", flat=True))
    return attending.may_check(request.user, unit) and request.user.pk not in mine


def _card(one: Appointment, line: Attendance | None, month: Month) -> dict[str, Any]:
    """One holder: a box for each day in service, laid out in weeks."""
    service, today = attending.days_in_service(one, month), timezone.localdate()
    said = line.marks if line and line.marks else marks.NONE * month.last_day.day
    days = []
    for day, mark in enumerate(said, 1):
        date = dt.date(month.year, month.month, day)
        days.append({
            "day": day, "open": day in service and date <= today, "mark": mark, "sign": marks.SIGNS[mark],
            "word": marks.WORDS[mark], "weekend": date.isoweekday() > 5,
        })  # fmt: skip
    return {
        "one": one, "line": line, "days": days, "offset": month.first_day.isoweekday(),
        "substitute": line.substitute if line else "", "leave": marks.named(said, marks.LEAVE),
        "absent": marks.named(said, marks.ABSENT),
    }  # fmt: skip


@needs(*FILLS)
@require_POST
def sheet_fill(request: OfficeRequest, month: Month, code: str) -> HttpResponse:
    """Save what is on the page, or (`act` = full) note full attendance for whoever has nothing yet."""
    unit = seen_unit(request.user, code)
    back = request.POST.get("back", "")
    page = reverse("posts:sheet", args=[month, unit.code]) + (f"?page={back}" if back.isdecimal() else "")

    def fill() -> AttendanceSheet:
        return attending.fill(unit, month, _said(request.POST, unit, month), request.user)

    return acted(request, page, fill, lambda made: f"已保存，已填{made.lines.count()}人。")


def _said(data: QueryDict, unit: Unit, month: Month) -> dict[int, Said]:
    """What the form says of each holder on it: h=<key>; d, l, a, f, s of each key."""
    wanted, today = set(data.getlist("h")), timezone.localdate()
    done = set(
        Attendance.objects.filter(sheet__unit=unit, sheet__month=month).values_list("appointment", flat=True)
    )
    said = {}
    for one in attending.holders(unit, month):
        key = str(one.pk)
        if key not in wanted:
            continue
        whole = marks.full(month, attending.days_in_service(one, month), today)
        if data.get("act") == "full":
            if one.pk not in done and marks.tally(whole).days:
                said[one.pk] = Said(whole)
            continue
        given = whole if data.get(f"f{key}") else _marks(data, key, month, one.laborer.name)
        words = data.get(f"s{key}", "")
        if one.pk not in done and not marks.tally(given).total and not words.strip():
            continue  # nobody has said anything about this holder yet
        said[one.pk] = Said(given, substitute=words)
    return said


def _marks(data: QueryDict, key: str, month: Month, name: str) -> str:
    """Boxes of days on duty, and the days of leave and absence as people write them: 5,6、9-11."""
    said = [(day, marks.PRESENT) for text in data.getlist(f"d{key}") for day in marks.days_named(text)]
    said += [(day, marks.LEAVE) for day in marks.days_named(data.get(f"l{key}", ""))]
    said += [(day, marks.ABSENT) for day in marks.days_named(data.get(f"a{key}", ""))]
    found: dict[int, str] = {}
    for day, mark in said:
        if not 1 <= day <= month.last_day.day:
            raise NotAllowed(
                f"{name}：日期请写成“5,6、9-11”的样子，{month.label}只有1到{month.last_day.day}日。"
            )
        if found.setdefault(day, mark) != mark:
            raise NotAllowed(f"{name}：{month.month}月{day}日标了两种考勤，请只留一种。")
    return marks.joined(month, found)


@needs(*FILLS)
@require_POST
def sheet_paper(request: OfficeRequest, month: Month, code: str) -> HttpResponse:
    unit = seen_unit(request.user, code)
    page = reverse("posts:sheet", args=[month, unit.code])

    def attach() -> None:
        data = papers.read(request.FILES.get("file"), "签到表")
        attending.attach_paper(unit, month, data, request.user)

    return acted(request, page, attach, "已上传签到表。")


@needs("post.r")
@require_GET
def paper_file(request: OfficeRequest, pk: int) -> StreamingHttpResponse:
    """A photograph of the signed sheet, to whoever may see the sheet."""
    rows = SheetPaper.objects.visible_to(request.user).select_related("file")
    return answer(get_object_or_404(rows, pk=pk).file)


@needs(*FILLS)
@require_POST
def sheet_sign(request: OfficeRequest, month: Month, code: str) -> HttpResponse:
    unit = seen_unit(request.user, code)
    page, told = (
        reverse("posts:sheet", args=[month, unit.code]),
        f"已报送{unit.name}{month.label}考勤表，等乡镇核对。",
    )
    return acted(request, page, partial(attending.sign, unit, month, request.user), told)


@needs(*CHECKS)
@require_POST
def sheet_check(request: OfficeRequest, month: Month, code: str) -> HttpResponse:
    found = _sheet(request, month, code)
    told = f"已核对{found.unit.name}{month.label}考勤表，可以编制工资表。"
    page = reverse("posts:sheet", args=[month, code])
    return acted(request, page, partial(attending.check, found, request.user), told)


class ReasonForm(forms.Form):
    reason = words_field("退回原因", help_text="填表的人会看到，至少四个字。")


@needs(*CHECKS)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet_return(request: OfficeRequest, month: Month, code: str) -> HttpResponse:
    found = _sheet(request, month, code)
    page = reverse("posts:sheet", args=[month, code])

    def save(said: dict[str, Any]) -> str:
        attending.return_sheet(found, said["reason"], request.user)
        messages.success(request, f"已退回{found.unit.name}{month.label}考勤表。")
        return page

    context = {
        "title": "退回考勤表",
        "subtitle": f"{found.unit.full_name} · {month.label}",
        "button": "退回",
        "back": page,
    }
    return form_page(request, ReasonForm(sent(request)), save, context)


def _sheet(request: OfficeRequest, month: Month, code: str) -> AttendanceSheet:
    """The sheet that the user may check."""
    unit = seen_unit(request.user, code)
    rows = AttendanceSheet.objects.visible_to(request.user, "r").select_related("unit__parent")
    found = get_object_or_404(rows, unit=unit, month=month)
    return found if attending.may_check(request.user, unit) else get_object_or_404(rows.none())
