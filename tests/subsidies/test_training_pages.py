"""The pages of 培训, used as people use them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from subsidies.models import Allowance, Certificate, Enrolment, TrainingClass, TrainingDay, TrainingPlan
from subsidies.training import classes, enrolling, paying
from tests import factories
from tests.pages import pages_of
from tests.subsidies.training_cast import DAYS, row_of, school, wishing, with_account
from tests.test_every_url import signed_in

page, post = pages_of("subsidies", follow=True)

pytestmark = pytest.mark.django_db
PLAN = {
    "year": "2024", "lines": "电工 60\n焊工：30人\n养老护理员15", "daily": "25", "per_year": "1", "least_percent": "80",
    "basis": "示例文件",
}  # fmt: skip
CLASS = {
    "name": "电工一期", "trade": "电工", "kind": "技能培训", "unit": "991", "organiser": "示例职业学校", "teacher": "",
    "place": "", "places": "20", "starts_on": "2023-03-13", "ends_on": "2023-03-19", "off": "2023-03-15",
    "form_token": "t1",
}  # fmt: skip


@pytest.fixture
def one(cast):
    return school(cast)


@pytest.fixture
def officer(cast) -> Client:
    return signed_in(cast.county)


def test_a_plan_is_written_by_one_and_approved_by_another(cast, officer):
    shown = post(officer, "training_plan_new", **PLAN).content.decode()
    plan = TrainingPlan.objects.get()
    assert dict(plan.lines.values_list("trade", "people")) == {"电工": 60, "焊工": 30, "养老护理员": 15}
    assert plan.daily_fen == 2500
    assert "请另一位同事审批" in shown
    refused = post(officer, "training_plan_approve", plan.pk).content.decode()
    assert "编制人不能审批自己的计划" in refused
    again = post(officer, "training_plan_new", **PLAN)
    assert again.status_code == 422
    assert "2024年的计划已经有了" in again.content.decode()
    changed = post(officer, "training_plan_edit", plan.pk, **PLAN | {"lines": "电工 70"}).content.decode()
    assert "计划已保存" in changed
    assert plan.lines.get().people == 70


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("lines", "电工", "第1行看不懂"),
        ("lines", "电工 1\n电工 2", "重复"),
        ("daily", "十五", "不是金额"),
        ("daily", "999", "核对文件"),
        ("least_percent", "120", "100"),
    ],
)
def test_a_plan_with_a_mistake_says_which(officer, field, value, sentence):
    answer = post(officer, "training_plan_new", **PLAN | {field: value})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_class_is_made_from_the_plan_with_its_days(officer, one):
    post(officer, "training_class_new", one.plan.pk, **CLASS)
    made = TrainingClass.objects.get()
    assert [day.day for day in made.dates] == [13, 14, 16, 17]
    assert "没有实名学员" in post(officer, "training_act", made.pk, act="open").content.decode()
    again = post(officer, "training_class_new", one.plan.pk, **CLASS | {"form_token": "t2"})
    assert "已有“电工一期”" in again.content.decode()
    shown = page(officer, "training_class_edit", made.pk)
    assert 'value="2023-03-17"' in shown
    assert 'value="2023-03-15"' in shown
    late = post(officer, "training_class_new", one.plan.pk, **CLASS | {"ends_on": "", "form_token": "t3"})
    assert "要一起填写" in late.content.decode()


def test_people_are_enrolled_from_their_wishes_longest_waiting_first(cast, officer, one):
    late, planned = wishing(cast, days_ago=20), one.a_class()
    shown = page(officer, "training_wishes", planned.pk)
    assert shown.index(late.name) < shown.index(one.people[2].name) < shown.index(one.people[0].name)
    assert "已等20天，超期" in shown
    assert "相符" in shown
    assert late.id_no not in shown
    told = post(officer, "training_wishes", planned.pk, person=[late.pk, one.people[0].pk]).content.decode()
    assert "已为2人报名" in told
    assert late.name not in page(officer, "training_wishes", planned.pk)
    plain = factories.laborer(cast.units["99122"])
    assert "已为" in post(officer, "training_wishes", planned.pk, id_no=plain.id_no).content.decode()
    unknown = post(officer, "training_wishes", planned.pk, id_no="990101199001010019")
    assert "没有这个身份证号码" in unknown.content.decode()
    assert Enrolment.objects.count() == 3


def test_the_form_refuses_who_is_away_and_says_what_to_do(officer, one):
    factories.spell(one.people[0])
    told = post(officer, "training_wishes", one.a_class().pk, person=one.people[0].pk).content.decode()
    assert "2022年10月起在省外务工" in told
    assert not Enrolment.objects.exists()


def test_a_village_proposes_and_sees_its_own_people_only(cast, one):
    planned, client = one.a_class(), signed_in(cast.village)
    other = wishing(cast, "99121")
    enrolling.enrol(planned, other, cast.county)
    shown = page(client, "training_wishes", planned.pk)
    assert "由乡镇或县确认" in shown
    post(client, "training_wishes", planned.pk, person=[one.people[0].pk, other.pk])
    shown = page(client, "training_class", planned.pk)
    assert "待确认" in shown
    assert other.name not in shown
    row = row_of(planned, one.people[0])
    assert client.post(reverse("subsidies:training_confirm", args=[row.pk])).status_code == 404
    assert "已确认" in post(signed_in(cast.township), "training_confirm", row.pk).content.decode()
    left = post(signed_in(cast.township), "training_leave", row.pk, why="本人不愿参加").content.decode()
    assert "已退班" in left
    row.refresh_from_db()
    assert row.state == Enrolment.State.LEFT


def test_a_day_is_marked_with_two_taps(cast, officer, one):
    running = one.running()
    away = row_of(running, one.people[1])
    assert "3月17日" in page(officer, "training_attendance", running.pk)
    told = post(
        officer, "training_attendance", running.pk, day="2023-03-14", rest="到", **{f"mark{away.pk}": "假"}
    )
    assert "3月14日的考勤已保存" in told.content.decode()
    marks = TrainingDay.objects.filter(day=DAYS[1]).order_by("enrolment")
    assert [one.mark for one in marks] == ["到", "假", "到"]
    wrong = post(officer, "training_attendance", running.pk, day="2023-03-20", rest="到").content.decode()
    assert "不是这个班的培训日期" in wrong
    assert officer.post(reverse("subsidies:training_attendance", args=[running.pk])).status_code == 404
    assert "没有登记" in page(signed_in(cast.village), "training_attendance", running.pk)


def test_certificates_and_allowances_go_from_hand_to_hand(cast, officer, one):
    done = one.finished(absent={2: 4})
    boss = signed_in(one.boss)
    first, lazy = row_of(done, one.people[0]), row_of(done, one.people[2])
    given = {"kind": "培训合格证书", "number": "ZS1", "level": "", "issued_on": "2023-03-18"}
    post(officer, "training_certificate", first.pk, **given)
    refused = post(officer, "training_certificate", lazy.pk, **given | {"number": "ZS2"}).content.decode()
    assert "取证人数不能多于培训人数" in refused
    assert Certificate.objects.count() == 1
    post(officer, "training_certificate", first.pk, act="undo")
    assert not Certificate.objects.exists()
    post(officer, "training_act", done.pk, act="certified")
    assert "已测算3人，共165.00元" in post(officer, "training_act", done.pk, act="compute").content.decode()
    assert "测算人不能审批" in post(officer, "training_act", done.pk, act="approve").content.decode()
    for person in one.people:
        with_account(person, cast.county)
    shown = page(boss, "training_allowance", done.pk)
    assert "尾号" in shown
    assert "审批通过" in shown
    assert "已审批3人" in post(boss, "training_act", done.pk, act="approve").content.decode()
    assert post(officer, "training_allowance", done.pk, on="2023-03-18").status_code == 422
    paid = post(officer, "training_allowance", done.pk, on="2023-03-18", voucher="凭证1").content.decode()
    assert "已登记发放3人，共165.00元" in paid
    assert "已结清" in page(officer, "training_class", done.pk)
    assert "100.0%" in page(officer, "training", query="?year=2023")


def test_a_class_is_cancelled_or_its_attendance_opened_again_with_a_reason(officer, one):
    planned = one.a_class()
    assert post(officer, "training_back", planned.pk, why="短").status_code == 422
    assert "已取消" in post(officer, "training_back", planned.pk, why="教师临时有事").content.decode()
    done = one.finished(name="电工二期")
    assert "已退回考勤" in post(officer, "training_back", done.pk, why="考勤登记有误").content.decode()


def test_the_list_says_what_is_late(cast, officer, one):
    one.a_class(days=[], name="没定日期的班")
    wishing(cast, days_ago=16)
    one.finished()
    shown = page(officer, "training")
    assert "3人已结业，生活费补贴还没有发放" in shown
    assert "1个待开班的培训班没有日期或没有实名名单" in shown
    assert "1人登记培训意愿已超过15天" in shown
    assert "计划人数" in shown
    assert "计划人数" not in page(signed_in(cast.village), "training")
    assert "没定日期的班" not in page(signed_in(cast.neighbour_county), "training")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("training", 16), ("training_plans", 7), ("training_plan", 12), ("training_class", 13),
        ("training_wishes", 11), ("training_attendance", 11), ("training_certificates", 8),
        ("training_allowance", 10),
    ],
)  # fmt: skip
def test_a_page_asks_the_same_number_of_questions_however_many_people(
    cast, officer, one, name, most, django_assert_max_num_queries
):
    one.people += [wishing(cast, ("99111", "99121")[n % 2]) for n in range(9)]
    done = one.finished()
    paying.compute(done, cast.county)
    other = one.a_class(days=[dt.date(2023, 5, 4)], name="电工二期")
    for _ in range(5):
        wishing(cast, "99112")
    keys = {"training_plan": one.plan.pk, "training_wishes": other.pk}
    args = [] if name in ("training", "training_plans") else [keys.get(name, done.pk)]
    page(officer, "training_plans")
    with django_assert_max_num_queries(most):
        page(officer, name, *args)
    assert classes.locked(done, cast.county).taken == 12
    assert Allowance.objects.count() == 12
