"""Pages of 考勤, 工资, 三方比对, 考核 and 欠发, by those who use them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledgers.models import BankAccount, MonthClosing
from ledgers.once import new_token
from lib.month import Month
from posts import assessing, paying
from posts.models import Appointment, Assessment, Attendance, AttendanceSheet, PayRun, PostPay
from tests import factories
from tests.pages import text
from tests.posts.paying_world import DAY, MARCH, PHOTO, Village, account, appoint


@pytest.fixture
def village(at, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    at(5, month=4)
    return Village()


def to(name, *more):
    return reverse(f"posts:{name}", args=[MARCH, *more])


def send(client, url, said=None, **more):
    """A form as the page sends it, with a token of its own."""
    return client.post(url, (said or {}) | {"form_token": new_token()}, **more)


def test_the_village_taps_days_uploads_the_paper_and_signs(village, as_):
    client, page = as_(village.cast.village), to("sheet", "99111")
    one, two = village.one.pk, village.two.pk
    said = {"h": [one, two], f"d{one}": ["1", "2", "3"], f"l{one}": "5、6", f"a{one}": "9-11", f"f{two}": "1"}
    assert send(client, to("sheet_fill", "99111"), said).status_code == 302
    assert list(Attendance.objects.order_by("appointment").values_list("days", "leave", "absent")) == [
        (3, 2, 3), (31, 0, 0)
    ]  # fmt: skip
    assert "上传签到表照片后可以报送" in text(client.get(page))
    send(client, to("sheet_paper", "99111"), {"file": SimpleUploadedFile("a.jpg", PHOTO)})
    assert "报送考勤表</button>" in text(client.get(page))
    send(client, to("sheet_sign", "99111"))
    assert "待乡镇核对" in text(client.get(page))
    client = as_(village.cast.township)
    assert "核对无误" in text(client.get(page))
    send(client, to("sheet_check", "99111"))
    assert AttendanceSheet.objects.get().state == "checked"
    photo = client.get(reverse("posts:paper_file", args=[AttendanceSheet.objects.get().papers.get().pk]))
    assert b"".join(photo.streaming_content) == PHOTO


def test_one_button_notes_full_attendance_for_whoever_has_nothing_yet(village, as_):
    client = as_(village.cast.village)
    send(client, to("sheet_fill", "99111"), {"h": [village.one.pk], f"d{village.one.pk}": ["1"]})
    send(client, to("sheet_fill", "99111"), {"h": [village.one.pk, village.two.pk], "act": "full"})
    assert sorted(Attendance.objects.values_list("days", flat=True)) == [1, 31]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"d": ["5"], "l": "5"}, "3月5日标了两种考勤"),
        ({"l": "三号"}, "日期请写成"),
        ({"a": "32"}, "日期请写成"),
        ({"d": ["77"]}, "日期请写成"),
    ],
)
def test_what_cannot_be_said_of_a_day_is_refused_in_words(village, as_, said, why):
    key = village.one.pk
    data = {"h": [key]} | {f"{name}{key}": value for name, value in said.items()}
    answer = send(as_(village.cast.village), to("sheet_fill", "99111"), data, follow=True)
    assert why in text(answer)
    assert not Attendance.objects.exists()


def test_the_township_sends_a_sheet_back_and_the_village_reads_why(village, as_):
    village.checked()
    client = as_(village.cast.township)
    assert send(client, to("sheet_return", "99111"), {"reason": "错"}).status_code == 422
    send(client, to("sheet_return", "99111"), {"reason": "签到表少一人签字"})
    assert "签到表少一人签字" in text(as_(village.cast.village).get(to("sheet", "99111")))


def test_a_closed_month_is_read_only_and_says_why(village, as_):
    MonthClosing.objects.create(unit=village.town, month=MARCH, closed_by=village.cast.county)
    page = text(as_(village.cast.village).get(to("sheet", "99111")))
    assert "数据已冻结" in page
    assert "days-" not in page


def test_from_the_list_of_who_can_be_paid_to_the_voucher(village, as_):
    village.checked(one=22, two=0)
    client = as_(village.cast.township)
    page = text(client.get(to("pay")))
    assert "1 人可以发放，按考勤计算共 300.00 元" in page
    assert "出勤0天，不发工资" in page
    send(client, to("run_new") + "?unit=9911", {"funding": ""})
    run = PayRun.objects.get()
    address = reverse("posts:run", args=[run.pk])
    page = text(client.get(address))
    assert "请另一位有审批权限的同事审批" in page
    assert PostPay.objects.get().account.number not in page
    client = as_(village.cast.county)
    assert "审批通过" in text(client.get(address))
    send(client, reverse("posts:run_approve", args=[run.pk]))
    client = as_(village.cast.township)
    answer = send(client, reverse("posts:run_pay", args=[run.pk]), {"voucher": "", "day": "2023-04-03"})
    assert answer.status_code == 422
    send(client, reverse("posts:run_pay", args=[run.pk]), {"voucher": "凭-1", "day": "2023-04-03"})
    pay = PostPay.objects.get()
    assert (pay.state, pay.voucher) == ("paid", "凭-1")
    send(client, reverse("posts:pay_act", args=[pay.pk, "bounce"]), {"reason": "账号户名不符"})
    assert "账号户名不符" in text(client.get(address))
    send(client, reverse("posts:pay_act", args=[pay.pk, "again"]), {"voucher": "凭-2", "day": "2023-04-05"})
    pay.refresh_from_db()
    assert (pay.state, pay.voucher) == ("paid", "凭-2")
    assert client.get(reverse("posts:pay_act", args=[pay.pk, "nothing"])).status_code == 404


def test_who_blocks_a_payment_is_named_on_the_page(village, as_):
    village.checked()
    run = village.run()
    factories.record(village.one.laborer, MARCH, place_class="省外")
    answer = send(as_(village.cast.county), reverse("posts:run_approve", args=[run.pk]), follow=True)
    assert "示例甲台账登记2023年3月在省外务工" in text(answer)
    send(as_(village.cast.township), reverse("posts:run_void", args=[run.pk]), {"reason": "一人外出务工"})
    run.refresh_from_db()
    assert run.state == "void"


# ── three sides ──────────────────────────────────────────────────────────────────────────────────────────────────


def found(village, as_, query="") -> str:
    return text(as_(village.cast.township).get(to("sides") + query))


def test_ledger_sheet_and_payroll_that_agree_show_no_difference(village, as_):
    village.paid(one=22, two=22)
    for held in (village.one, village.two):
        factories.record(held.laborer, MARCH, place_class="乡内", job_form="公益性岗位")
    page = found(village, as_)
    assert "没有差异" in page
    assert page.count("一致</span>") == 2
    assert "三方一致" in found(village, as_, "?only=1")


def test_every_difference_is_named_with_its_rule(village, as_):
    village.filled(one=22, two=0)
    Attendance.objects.filter(appointment=village.one).update(substitute="其弟代班")
    factories.record(village.one.laborer, MARCH, place_class="省外")
    factories.record(
        village.two.laborer, MARCH, working=False, reason="not_working", place_class="", job_form=""
    )
    other = appoint(village.cast.units["99112"], "示例丙")
    factories.record(other.laborer, MARCH, place_class="乡内", job_form="公益性岗位")
    stranger = factories.laborer(village.unit, "示例丁")
    factories.record(stranger, MARCH, place_class="乡内", job_form="公益性岗位")
    late = appoint(village.unit, "示例戊")
    factories.record(late.laborer, MARCH, place_class="乡内", job_form="公益性岗位")
    AttendanceSheet.objects.update(state="signed", signed_by=village.cast.village)
    page = found(village, as_, "?only=1")
    for words in (
        "台账登记在省外务工，同时在岗", "注明有人顶岗：其弟代班", "出勤22天，还没有做工资", "台账登记未务工",
        "本月没有考勤", "台账登记公益性岗位，本月没有聘用", "签到表上没有这个人",
    ):  # fmt: skip
        assert words in page
    for rule in ("F02", "F04", "F05", "F06", "F08", "F15"):
        assert f">{rule}</span>" in page


def test_pay_that_no_longer_fits_the_sheet_is_a_difference(village, as_):
    village.paid(one=22, two=22)
    Attendance.objects.filter(appointment=village.one).update(days=0, absent=31)
    Attendance.objects.filter(appointment=village.two).update(days=10)
    page = found(village, as_)
    assert "没有出勤，工资表上有工资" in page
    assert "签到表10天，工资表按22天计算" in page


def test_who_has_no_account_is_one_tap_from_where_it_is_registered(village, as_):
    village.checked()
    BankAccount.objects.filter(laborer=village.one.laborer).delete()
    page = text(as_(village.cast.township).get(to("pay") + "?unit=99111"))
    assert reverse("ledgers:laborer_account", args=[village.one.laborer_id]) in page
    assert reverse("ledgers:laborer_account", args=[village.two.laborer_id]) not in page


# ── assessment and arrears ───────────────────────────────────────────────────────────────────────────────────────


def test_an_assessment_is_noted_and_replaced_and_who_is_overdue_is_marked(village, as_):
    Appointment.objects.filter(pk=village.one.pk).update(started_on=dt.date(2021, 1, 1))
    client = as_(village.cast.township)
    assert "超过一年" in text(client.get(to("assessments")))
    form = {"period": "2023年度", "grade": "不合格", "on": "2023-03-31", "note": ""}
    assert send(client, to("assess", village.one.pk), form).status_code == 422
    send(client, to("assess", village.one.pk), form | {"note": "多次缺勤"})
    send(client, to("assess", village.one.pk), form | {"grade": "合格"})
    assert Assessment.objects.get().grade == "合格"
    assert "超过一年</span>" not in text(client.get(to("assessments")))
    assert list(assessing.assessed_in(Appointment.objects.all(), 2023)) == [village.one]


@pytest.mark.parametrize(
    ("period", "begins"),
    [
        ("2023年度", dt.date(2023, 1, 1)), ("2023年第二季度", dt.date(2023, 4, 1)), ("2023年3月", dt.date(2023, 3, 1)),
        ("2023年13月", None), ("2023", None),
    ],
)  # fmt: skip
def test_a_period_is_a_year_a_quarter_or_a_month(period, begins):
    assert assessing.period_begins(period) == begins


def test_arrears_list_who_how_many_months_and_how_much(village, as_, at):
    village.paid(one=31, two=31)
    at(5, month=7)
    factories.record(village.one.laborer, Month(2023, 6), place_class="乡内")
    appoint(village.cast.units["99121"])
    page = text(as_(village.cast.county).get(to("arrears")))
    assert "2023年3月" in page
    assert "900.00" in page
    assert "1,800.00" in page
    assert "另有1人的单位还没有登记过考勤和工资" in page


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["attendance", "pay", "sides", "arrears", "assessments", "sheet"])
def test_a_page_of_any_length_takes_the_same_queries(village, as_, name, django_assert_num_queries):
    village.paid()
    appoint(village.unit)  # nobody has paid this one: each of the lists has a row before more are added
    client = as_(village.cast.township)
    url = to(name, "99111") if name == "sheet" else to(name)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as before:
        client.get(url)
    for _ in range(6):
        held = appoint(village.unit)
        account(held.laborer, village.cast.township)
        factories.record(held.laborer, MARCH, place_class="乡内", job_form="公益性岗位")
    with django_assert_num_queries(len(before)):
        client.get(url)
    assert len(before) <= 22


def test_a_run_of_any_length_takes_the_same_queries(village, as_, django_assert_num_queries):
    run = village.paid()
    client, url = as_(village.cast.township), reverse("posts:run", args=[run.pk])
    client.get(url)
    with django_assert_num_queries(8):
        client.get(url)


def test_without_a_choice_the_month_that_is_due_is_shown(village, as_, at):
    client = as_(village.cast.village)
    assert client.get(reverse("posts:months")).url == to("attendance")
    at(20)
    assert client.get(reverse("posts:months")).url == to("attendance")
    assert DAY < MARCH.first_day
    assert paying.candidates(village.town, MARCH) == [village.one, village.two]
