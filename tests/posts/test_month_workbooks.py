"""Workbooks of attendance and pay: staged, refused in words, written by the verbs, undone, exported and read again."""

from __future__ import annotations

import io

import openpyxl
import pytest

from jobs.exports import write_export
from jobs.imports import chunks, confirming, staging
from ledgers.models import BankAccount
from lib.sheets import Table, write_workbook
from lib.staging import EXPORTS
from posts import paying
from posts.models import Attendance, PayRun, PostPay
from tests import factories
from tests.posts.paying_world import MARCH, Village, appoint

DAYS = ("姓名", "身份证号码", "岗位名称", "月份", "出勤天数", "缺勤", *(str(day) for day in range(1, 32)))
SUMS = ("姓名", "身份证号码", "岗位编号", "出勤天数", "缺勤", "请假", "顶岗情况")
PAY = ("姓名", "身份证号码", "岗位名称", "月份", "出勤天数", "工资", "开户行", "社保卡号", "发放日期")


@pytest.fixture
def village(at, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REDIS_URL = ""
    at(5, month=4)
    return Village()


def stage(village, kind, head, *rows):
    out = io.BytesIO()
    write_workbook(out, [Table("表", head, [list(row) for row in rows])])
    return staged(village, kind, out.getvalue())


def staged(village, kind, data):
    return staging.stage(data, "表.xlsx", kind, village.town, MARCH, village.cast.township)


def counts(batch) -> tuple:
    return batch.new, batch.changed, batch.same, batch.review, batch.rejected


def told(batch) -> str:
    rows = [row for chunk in batch.chunks.all() for row in chunks.unpacked(chunk)]
    return " ".join(problem.message for row in rows for problem in row.problems)


def daily(held, days, stated=None):
    person = held.laborer
    signs = ["√" if day <= days else "×" for day in range(1, 32)]
    return (person.name, person.id_no, "护林员", "2023年3月", days if stated is None else stated, "", *signs)


# ── attendance ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_days_and_sums_are_staged_confirmed_sent_again_and_undone(village):
    two = village.two.laborer
    batch = stage(village, "attendance", DAYS, daily(village.one, 22))
    assert counts(batch) == (1, 0, 0, 0, 0), told(batch)
    assert not Attendance.objects.exists()
    confirming.confirm(batch, village.cast.township)
    line = Attendance.objects.get()
    assert (line.marks, line.days, line.absent) == ("1" * 22 + "0" * 9, 22, 9)
    sums = stage(village, "attendance", SUMS, (two.name, two.id_no, "", 20, 2, 1, "其妻代班"))
    confirming.confirm(sums, village.cast.township)
    assert Attendance.objects.get(appointment=village.two).substitute == "其妻代班"
    assert counts(stage(village, "attendance", DAYS, daily(village.one, 22))) == (0, 0, 1, 0, 0)
    changed = stage(village, "attendance", DAYS, daily(village.one, 20))
    assert counts(changed) == (0, 1, 0, 0, 0)
    confirming.confirm(changed, village.cast.township)
    assert confirming.undo(changed, village.cast.township) == []
    assert Attendance.objects.get(appointment=village.one).days == 22
    assert confirming.undo(batch, village.cast.township) == []
    assert not Attendance.objects.filter(appointment=village.one).exists()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (lambda v: ("王某", v.one.laborer.id_no, "", 20, "", "", ""), "姓名不同"),
        (
            lambda v: (v.one.laborer.name, factories.citizen_id(998), "", 20, "", "", ""),
            "没有这个人在岗的聘用记录",
        ),
        (
            lambda v: (v.one.laborer.name, v.one.laborer.id_no, "GW0", 20, "", "", ""),
            "没有这个人在岗的聘用记录",
        ),
        (lambda v: (v.one.laborer.name, v.one.laborer.id_no, "", 30, 2, "", ""), "合计32天，超过"),
        (lambda v: (v.one.laborer.name, v.one.laborer.id_no, "", "", "", "", ""), "请填出勤天数"),
        (lambda v: (v.one.laborer.name, v.one.laborer.id_no, "", 40, "", "", ""), "31"),
    ],
)
def test_a_row_that_cannot_be_is_refused_in_words(village, row, why):
    batch = stage(village, "attendance", SUMS, row(village))
    assert counts(batch) == (0, 0, 0, 0, 1)
    assert why in told(batch)


def test_sums_beside_marks_must_agree_and_another_month_is_refused(village):
    batch = stage(village, "attendance", DAYS, daily(village.one, 22, stated=23))
    assert "逐日考勤合计出勤22天，与填写的23天不同" in told(batch)
    other = list(daily(village.one, 22))
    other[3] = "2023年2月"
    assert "这一行是2023年2月的" in told(stage(village, "attendance", DAYS, other))


def test_a_sheet_that_was_signed_is_not_changed_by_a_workbook(village):
    village.checked(one=22)
    batch = stage(village, "attendance", DAYS, daily(village.one, 20))
    assert counts(batch) == (0, 0, 0, 0, 1)
    assert "请乡镇先退回" in told(batch)


# ── pay ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def paid(held, days, amount, account="", bank="", name=""):
    person = held.laborer
    return (name or person.name, person.id_no, "护林员", "2023-03", days, amount, bank, account, "")


def test_a_payroll_that_agrees_becomes_a_run_for_another_to_approve(village):
    village.checked(one=22, two=11)
    batch = stage(village, "post-pay", PAY, paid(village.one, 22, "300.00"), paid(village.two, 11, 150))
    assert counts(batch) == (2, 0, 0, 0, 0), told(batch)
    confirming.confirm(batch, village.cast.township)
    run = PayRun.objects.get()
    assert (run.unit, run.state, run.lines.count()) == (village.town, PayRun.State.DRAFT, 2)
    again = stage(village, "post-pay", PAY, paid(village.one, 22, "300.00"))
    assert counts(again) == (0, 0, 1, 0, 0)
    assert confirming.undo(batch, village.cast.township) == []
    assert not PostPay.objects.alive().exists()


@pytest.mark.parametrize(
    ("days", "amount", "why"),
    [(22, "301.00", "应为300.00元"), (21, "300.00", "考勤表核对的是22天"), (22, "三百", "不是金额")],
)
def test_an_amount_or_days_off_the_computed_ones_are_refused(village, days, amount, why):
    village.checked(one=22)
    batch = stage(village, "post-pay", PAY, paid(village.one, days, amount))
    assert counts(batch) == (0, 0, 0, 0, 1)
    assert why in told(batch)


def test_pay_without_checked_attendance_beside_work_away_or_after_pay_is_refused(village):
    row = paid(village.one, 22, "300.00")
    assert "考勤表上没有这个人" in told(stage(village, "post-pay", PAY, row))
    village.filled(one=22)
    assert "考勤表还没有核对" in told(stage(village, "post-pay", PAY, row))
    village.checked(one=22)
    away = factories.record(village.one.laborer, MARCH, place_class="省外")
    assert "在省外务工，不能同时领取" in told(stage(village, "post-pay", PAY, row))
    away.delete()
    paying.draft_run(village.town, MARCH, village.cast.township)
    assert "应为300.00元" in told(stage(village, "post-pay", PAY, paid(village.one, 22, "299.00")))


def test_only_the_holders_own_account_is_paid_to(village):
    village.checked(one=22, two=22)
    other = BankAccount.objects.get(laborer=village.two.laborer).number
    row = paid(village.one, 22, "300.00", other, "示例农商行")
    assert "已登记为另一个人的收款账户" in told(stage(village, "post-pay", PAY, row))
    row = paid(village.one, 22, "300.00", "6217000000009999", "示例农商行")
    assert "与登记的本人收款账户（尾号" in told(stage(village, "post-pay", PAY, row))
    BankAccount.objects.filter(laborer=village.one.laborer).update(ended_at="2023-03-01T00:00+08:00")
    assert "没有登记本人收款账户" in told(stage(village, "post-pay", PAY, paid(village.one, 22, "300.00")))
    batch = stage(village, "post-pay", PAY, row)
    assert counts(batch) == (1, 0, 0, 0, 0), told(batch)
    confirming.confirm(batch, village.cast.township)
    account = BankAccount.objects.standing().get(laborer=village.one.laborer)
    assert PostPay.objects.get().account == account


# ── out and in again ─────────────────────────────────────────────────────────────────────────────────────────────


def exported(village, name):
    out = io.BytesIO()
    write_export(EXPORTS[name], village.cast.county, village.town, MARCH, out)
    return out.getvalue()


def cells(village, name):
    return list(
        openpyxl.load_workbook(io.BytesIO(exported(village, name))).active.iter_rows(values_only=True)
    )


@pytest.mark.parametrize("name", ["attendance", "post-pay"])
def test_what_is_exported_reads_in_again_as_the_same(village, name):
    village.paid(one=22, two=11)
    batch = staged(village, name, exported(village, name))
    assert counts(batch) == (0, 0, 2, 0, 0), told(batch)


def test_the_printed_sheet_and_payroll_carry_days_signs_and_totals(village):
    village.paid(one=22, two=11)
    *_, one, two, total = [row for row in cells(village, "attendance-sheet") if row[0] in (1, 2, "合计")]
    assert one[2] == "示例甲"
    assert one[4:].count("√") == 22
    assert two[4:].count("×") == 20
    assert total[2] == "2人"
    *payroll, sums, foot = cells(village, "payroll")[2:]
    assert [row[9] for row in (*payroll, sums)] == [300, 150, 450]
    assert "单位（盖章）" in foot[0]
    assert payroll[0][11] == BankAccount.objects.get(laborer=village.one.laborer).number


def test_holders_without_a_line_are_exported_with_blanks_to_fill_in(village):
    appoint(village.unit, "示例丙")
    names = [row[0] for row in cells(village, "attendance")]
    assert {"示例甲", "示例乙", "示例丙"} <= set(names)
