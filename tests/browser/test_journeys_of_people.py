"""Whole ways through the office in a real browser, one person's records at a time: what the user sees.

Every page visited is checked for barriers (axe) and for scrolling sideways; the console must stay silent.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import AuditEntry, Posting, User
from accounts.roles import Role
from ledgers.models import Laborer, MonthlyRecord
from reports import rollup
from reports.models import Target
from sampling.models import Call, Campaign
from tests import cast as casting
from tests import factories
from tests.browser.conftest import type_login
from tests.cast import PASSWORD
from tests.factories import MARCH

pytestmark = pytest.mark.django_db(transaction=True)
FIRST_PASSWORD, OWN_PASSWORD = "Chuci-2023-mima", "Chuntian-2023-ludian"


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


def worker(cast: casting.Cast, name: str, village: str = "99111", **fields: object) -> Laborer:
    """Somebody who works and counts in March."""
    made = factories.laborer(cast.units[village], name)
    factories.spell(made, region_code="440305", region_text="广东省深圳市南山区")
    factories.record(made, **fields)
    return made


# ── the village officer's phone ──────────────────────────────────────────────────────────────────────────────────


def test_a_village_officer_verifies_somebody_on_the_page_of_the_person(phone, sign_in, cast, fine):
    for name in ("王建国", "李秀英"):
        worker(cast, name)
    sign_in(phone, cast.village)
    phone.goto("/home/")
    phone.get_by_role("link", name="王建国").click()
    fine(phone)
    phone.get_by_role("button", name="电话核实").click()
    expect(phone.locator("#messages")).to_contain_text("王建国：已核实（电话）。")
    fine(phone)
    phone.locator(".tabbar").get_by_role("link", name="本月").click()
    expect(phone.get_by_text("已完成 1 / 2 人")).to_be_visible()
    assert MonthlyRecord.objects.get(laborer__name="王建国").verified_by == cast.village


def test_a_village_officer_finds_somebody_by_initials_and_by_the_last_four(phone, sign_in, cast, fine):
    wanted = worker(cast, "王建国")
    worker(cast, "李秀英")
    sign_in(phone, cast.village)
    phone.goto("/ledgers/")
    for typed in ("wjg", wanted.id_no[-4:]):
        phone.get_by_role("searchbox").or_(phone.get_by_label("查找", exact=True)).fill(typed)
        phone.keyboard.press("Enter")
        expect(phone.get_by_text("共 1 人")).to_be_visible()
        expect(phone.locator("tbody th")).to_have_text(["王建国"])
        fine(phone)


def test_a_whole_number_is_shown_for_a_reason_and_noted(phone, sign_in, cast, fine):
    person = worker(cast, "王建国")
    sign_in(phone, cast.village)
    phone.goto(f"/ledgers/people/{person.pk}/")
    expect(phone.get_by_text(person.phone)).to_have_count(0)
    phone.get_by_role("button", name=re.compile("王建国的联系电话")).click()
    dialog = phone.get_by_role("dialog")
    fine(phone)
    dialog.get_by_text("电话联系本人").click()
    dialog.get_by_role("button", name="查看").click()
    expect(phone.get_by_text(person.phone)).to_be_visible()
    fine(phone)
    shown = AuditEntry.objects.get(action="reveal")
    assert (shown.actor, shown.detail["reason"]) == (cast.village, "电话联系本人")


# ── the sampler ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def calls(cast: casting.Cast) -> list[Call]:
    campaign = Campaign.objects.create(
        unit=cast.units["99"], month=MARCH, name="三月抽查", due_on=dt.date(2100, 1, 1)
    )
    return [
        Call.objects.create(
            campaign=campaign,
            laborer=(one := worker(cast, name, "99211")),
            village=one.village,
            township=cast.units["9921"],
            caller=cast.sampler,
        )
        for name in ("王建国", "李秀英")
    ]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this name has the focus; somebody without a mouse has nothing else."""
    for _ in range(60):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_a_sampler_enters_results_with_the_keyboard_alone(page, sign_in, cast, calls, fine):
    sign_in(page, cast.sampler)
    page.goto("/home/")
    fine(page)
    page.get_by_role("link", name="开始拨打").press("Enter")
    page.wait_for_url("**/sampling/**")
    fine(page)
    page.goto(f"/sampling/calls/{calls[0].pk}/")
    fine(page)
    tab_to(page, "connected")
    answers = ("place_matches", "time_matches", "knows_policy")
    for following in (*answers, "employer_matches", "wage_matches", "satisfaction", "note"):
        if following in (*answers, "employer_matches"):
            page.keyboard.press("Space")  # 是; what may be left out is passed over
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.name") == following
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("王建国已登记，下一位：李秀英。")
    fine(page)
    tab_to(page, "connected")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")  # 否: nothing else is asked
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "note"
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("名单上的电话都打完了")
    fine(page)
    for call in calls:
        call.refresh_from_db()
    assert [call.connected for call in calls] == [True, False]
    assert calls[0].knows_policy


# ── signing in and out ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_first_password_must_be_changed_before_anything_else(page, cast, fine):
    new = User.objects.create_user("xinren", FIRST_PASSWORD, name="新来的", must_change_password=True)
    Posting.objects.create(user=new, unit=cast.units["99111"], role=Role.VILLAGE, since="2020-01-01")
    type_login(page, "xinren", FIRST_PASSWORD)
    page.goto("/ledgers/")
    page.wait_for_url("**/accounts/password/")
    fine(page)
    page.get_by_label("现在的密码").fill(FIRST_PASSWORD)
    page.get_by_label("新密码", exact=False).nth(0).fill(OWN_PASSWORD)
    page.get_by_label("再输一遍新密码").fill(OWN_PASSWORD)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/ledgers/mine/")
    expect(page.get_by_role("heading", name="从导入台账开始")).to_be_visible()
    fine(page)
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_text("您已退出。")).to_be_visible()
    page.goto("/home/")
    page.wait_for_url("**/accounts/login/**")
    type_login(page, "xinren", OWN_PASSWORD)
    page.wait_for_url("**/ledgers/mine/")


def test_a_password_guessed_five_times_locks_the_name(page, complaints, cast, fine):
    for guess in range(5):
        type_login(page, "cun", f"guess-{guess}")
    expect(page.get_by_role("heading", name="暂时不能登录")).to_be_visible()
    fine(page)
    complaints.clear()  # the browser says that an answer was 429
    type_login(page, "cun", PASSWORD)
    expect(page.get_by_role("heading", name="暂时不能登录")).to_be_visible()
    complaints.clear()


# ── targets, and an account for a village ────────────────────────────────────────────────────────────────────────


def test_a_target_entered_is_what_the_dashboard_measures_against(page, sign_in, cast, fine):
    for number in range(3):
        worker(cast, village="99111" if number else "99211", name=f"王{'甲乙丙'[number]}")
    rollup.recompute(MARCH)
    sign_in(page, cast.city)
    page.goto("/dashboard/")
    fine(page)
    page.goto("/targets/")
    fine(page)
    page.get_by_label("甲县外出务工人数").fill("4")
    page.get_by_label("乙县外出务工人数").fill("1")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#messages")).to_contain_text("2023 年度目标任务已保存。")
    fine(page)
    page.goto("/dashboard/")
    fine(page)
    county = page.get_by_role("row").filter(has_text="甲县")
    expect(county).to_contain_text("50.0")
    expect(page.get_by_role("row").filter(has_text="乙县")).to_contain_text("100.0")
    assert dict(Target.objects.values_list("unit__code", "value")) == {"991": 4, "992": 1}


def test_a_village_gets_an_officer_who_sees_her_village_only(page, phone, sign_in, cast, fine):
    worker(cast, "王建国")
    worker(cast, "李秀英", "99112")
    sign_in(page, cast.county)
    page.goto("/accounts/units/99111/")
    fine(page)
    page.get_by_role("link", name="新建用户").click()
    fine(page)
    page.get_by_label("用户名").fill("yicun")
    page.get_by_label("姓名").fill("赵春兰")
    page.get_by_role("button", name="保存并取得初始密码").click()
    fine(page)
    first = page.locator("strong.code").inner_text()
    type_login(phone, "yicun", first)
    phone.get_by_label("现在的密码").fill(first)
    phone.get_by_label("新密码").nth(0).fill(OWN_PASSWORD)
    phone.get_by_label("再输一遍新密码").fill(OWN_PASSWORD)
    phone.locator("main form button.btn-primary").click()
    phone.wait_for_url("**/ledgers/mine/")
    phone.locator(".tabbar").get_by_role("link", name="台账").click()
    expect(phone.locator("tbody th")).to_have_text(["王建国"])
    fine(phone)
