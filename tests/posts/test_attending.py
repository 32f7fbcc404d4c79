"""考勤: who fills in, signs, checks and sends back, and what each is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.authority import NotAllowed
from ledgers.models import MonthClosing
from posts import attending, marks
from posts.attending import Said
from posts.marks import Tally
from posts.models import Attendance, AttendanceSheet
from tests.posts.paying_world import MARCH, PHOTO, Village, appoint, said

pytestmark = pytest.mark.django_db
State = AttendanceSheet.State


@pytest.fixture
def village(at):
    at(5, month=4)
    return Village()


def test_the_village_fills_in_and_signs_and_the_township_checks(village):
    sheet = village.checked(one=22, two=10)
    assert sheet.state == State.CHECKED
    assert list(sheet.lines.order_by("appointment").values_list("days", "absent")) == [(22, 9), (10, 21)]


def test_what_is_said_again_replaces_the_line_and_others_stay(village):
    sheet = village.filled()
    attending.fill(village.unit, MARCH, {village.one.pk: said(5)}, village.cast.village)
    assert sorted(sheet.lines.values_list("days", flat=True)) == [5, 31]


def test_sums_are_kept_where_the_paper_marks_no_days(village):
    attending.fill(
        village.unit,
        MARCH,
        {village.one.pk: Said(sums=Tally(20, 2, 1), substitute="其妻代班两天")},
        village.cast.village,
    )
    line = Attendance.objects.get()
    assert (line.days, line.absent, line.leave, line.marks) == (20, 2, 1, "")
    assert line.substitute == "其妻代班两天"


def refused(match):
    return pytest.raises(NotAllowed, match=match)


def test_days_before_the_appointment_and_people_of_other_villages_are_refused(village):
    late = appoint(village.unit, started=dt.date(2023, 3, 11))
    with refused("3月1日不在聘用期内"):
        attending.fill(village.unit, MARCH, {late.pk: said(31)}, village.cast.village)
    other = appoint(village.cast.units["99112"])
    with refused("不在甲东一村的岗位上"):
        attending.fill(village.unit, MARCH, {other.pk: said(31)}, village.cast.village)


def test_nobody_signs_a_sheet_that_lacks_a_holder_or_the_signed_paper(village):
    attending.fill(village.unit, MARCH, {village.one.pk: said(31)}, village.cast.village)
    with refused("还有1人没有填考勤：示例乙"):
        attending.sign(village.unit, MARCH, village.cast.village)
    village.filled()
    with refused("请先上传本人签字的签到表照片"):
        attending.sign(village.unit, MARCH, village.cast.village)
    with refused("请上传JPG、PNG或PDF"):
        attending.attach_paper(village.unit, MARCH, b"text", village.cast.village)


def test_who_filled_in_does_not_check_and_the_database_says_so_too(village):
    attending.fill(village.unit, MARCH, {village.one.pk: said(31)}, village.cast.township)
    village.filled(one=30)
    attending.attach_paper(village.unit, MARCH, PHOTO, village.cast.village)
    sheet = attending.sign(village.unit, MARCH, village.cast.village)
    Attendance.objects.filter(appointment=village.two).update(by=village.cast.township)
    with refused("请另一位同事核对"):
        attending.check(sheet, village.cast.township)
    with pytest.raises(IntegrityError), transaction.atomic():
        AttendanceSheet.objects.update(state="checked", checked_by=village.cast.village)
    with refused("没有核对甲东一村考勤的权限"):
        attending.check(sheet, village.cast.village)
    assert attending.check(sheet, village.second).state == State.CHECKED


def test_a_signed_sheet_is_changed_only_after_it_came_back_with_a_reason(village):
    sheet = village.checked()
    with refused("需要更正的，请乡镇退回"):
        village.filled(one=3)
    with refused("请写明退回原因"):
        attending.return_sheet(sheet, "错", village.cast.township)
    back = attending.return_sheet(sheet, "签到表少一人签字", village.cast.township)
    assert (back.state, back.reason, back.checked_by) == (State.DRAFT, "签到表少一人签字", None)
    assert village.filled(one=3).lines.get(appointment=village.one).days == 3


def test_a_sheet_on_which_pay_stands_does_not_go_back(village):
    sheet = village.checked()
    village.run()
    with refused("请先作废工资再退回"):
        attending.return_sheet(sheet, "签到表少一人签字", village.cast.township)


def test_a_closed_month_takes_no_attendance(village):
    MonthClosing.objects.create(unit=village.town, month=MARCH, closed_by=village.cast.county)
    with refused("数据已冻结"):
        village.filled()


def test_a_neighbour_fills_in_nothing(village):
    with refused("没有填写"):
        attending.fill(village.unit, MARCH, {village.one.pk: said(3)}, village.cast.neighbour_village)


def test_a_holder_who_was_stopped_has_days_until_then_only(village):
    village.one.stop_pay_on = dt.date(2023, 3, 11)
    assert attending.days_in_service(village.one, MARCH) == range(1, 11)
    whole = marks.joined(MARCH, dict.fromkeys(range(1, 32), "1"))
    assert "3月11日不在聘用期内" in attending.fault(village.one, MARCH, Said(whole))
