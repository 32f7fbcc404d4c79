"""The 采集表 in the browser: filled in on a phone, signed by finger, passed on by a township, confirmed by a county."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ledgers.collection import actions
from ledgers.models import CollectionForm, Laborer, MonthlyRecord
from tests import cast as casting
from tests import factories
from tests.browser.conftest import PHONE
from tests.factories import MARCH

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


@pytest.fixture
def person(cast) -> Laborer:
    return factories.whole_person(cast.units["99111"], name="王建国")


def address(person: Laborer) -> str:
    return f"/ledgers/people/{person.pk}/form/2023-03/"


def leave(page: Page, key: str, text: str) -> None:
    """Type into a field and go on to the next."""
    page.locator(f"[name={key}]").fill(text)
    page.locator(f"[name={key}]").press("Tab")


def saved(page: Page, key: str):
    return page.locator(f"[data-item={key}] [data-saved]")


def draw(page: Page) -> None:
    """A signature: one stroke."""
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    area = pad.bounding_box()
    page.mouse.move(area["x"] + 30, area["y"] + 40)
    page.mouse.down()
    page.mouse.move(area["x"] + 150, area["y"] + 80, steps=4)
    page.mouse.up()


def test_a_changed_person_goes_from_the_phone_through_three_hands_into_the_ledger(
    phone, page, open_context, sign_in, cast, person, fine
):
    sign_in(phone, cast.village)
    phone.goto("/home/")
    phone.get_by_role("button", name="有变化").tap()
    phone.wait_for_url("**/ledgers/forms/*/")
    leave(phone, "employer", "东江电子厂")
    expect(saved(phone, "employer")).to_contain_text("已保存")
    leave(phone, "monthly_wage", "5200")
    expect(phone.locator("#form-check")).to_contain_text("4500 → 5200")
    phone.locator("[name=job_form]").select_option("自主创业")
    expect(phone.locator("#form-check")).to_contain_text("不计入")
    phone.locator("[name=job_form]").select_option("单位就业")
    expect(phone.locator("#form-check")).to_contain_text("可以提交")
    fine(phone)
    phone.get_by_label("签什么").select_option("person")
    for _ in range(2):  # the second is offered by itself
        draw(phone)
        phone.get_by_role("button", name="保存签字").tap()
        expect(phone.locator("#live")).to_contain_text("已保存")
        phone.evaluate("document.getElementById('live').textContent = ''")
    expect(phone.locator("[data-signed]")).to_have_text("已签")
    phone.get_by_role("button", name="提交乡镇审核").tap()
    expect(phone.locator("#messages")).to_contain_text("王建国的采集表已提交")

    sign_in(page, cast.township)
    page.goto("/home/")
    page.get_by_role("link", name="去审核").click()
    expect(page.get_by_role("listitem").filter(has_text="就业单位名称").first).to_contain_text("东江电子厂")
    fine(page)
    page.get_by_label("选中王建国").check()
    page.get_by_role("button", name="审核通过选中的 1 张").click()
    fine(page)
    page.get_by_role("button", name="审核通过 1 张").click()
    expect(page.locator("#messages")).to_contain_text("审核通过1张")

    desk = open_context(viewport={"width": 1280, "height": 800}).new_page()
    sign_in(desk, cast.county)
    desk.goto("/ledgers/forms/")
    desk.get_by_role("link", name="王建国").click()
    fine(desk)
    desk.get_by_role("button", name="确认入库").click()
    expect(desk.locator("#messages")).to_contain_text("台账已更新")
    row = MonthlyRecord.objects.get(laborer=person)
    assert (row.employer, row.monthly_wage, row.verified_by) == ("东江电子厂", 5200, cast.village)


def test_what_is_typed_without_a_signal_arrives_when_it_is_back(phone, sign_in, cast, person, complaints):
    form = actions.begin(person, MARCH, cast.village)
    sign_in(phone, cast.village)
    phone.goto(f"/ledgers/forms/{form.pk}/")
    phone.context.set_offline(True)
    leave(phone, "employer", "东江电子厂")
    leave(phone, "monthly_wage", "5200")
    for key in ("employer", "monthly_wage"):
        expect(saved(phone, key)).to_contain_text("有信号后自动发送")
    phone.context.set_offline(False)
    for key in ("employer", "monthly_wage"):
        expect(saved(phone, key)).to_contain_text("已保存")
    form.refresh_from_db()
    assert (form.values["employer"], form.values["monthly_wage"], form.version) == ("东江电子厂", "5200", 3)
    assert all("ERR_INTERNET_DISCONNECTED" in line for line in complaints.lines)
    complaints.clear()


def test_who_signs_in_again_in_another_tab_goes_on_where_the_form_was(
    phone, sign_in, cast, person, complaints
):
    form = actions.begin(person, MARCH, cast.village)
    sign_in(phone, cast.village)
    phone.goto(f"/ledgers/forms/{form.pk}/")
    phone.context.clear_cookies()
    leave(phone, "employer", "东江电子厂")
    expect(phone.get_by_role("alert").filter(has_text="登录已过期")).to_be_visible()
    assert CollectionForm.objects.get().values["employer"] == "示例电子厂"
    sign_in(phone, cast.village)  # in another tab
    phone.evaluate("dispatchEvent(new Event('focus'))")
    expect(saved(phone, "employer")).to_contain_text("已保存")
    assert CollectionForm.objects.get().values["employer"] == "东江电子厂"
    complaints.clear()


def test_two_who_fill_in_the_same_field_see_both_values_and_lose_nothing(
    page, open_context, complaints, sign_in, cast, person, fine
):
    form = actions.begin(person, MARCH, cast.village)
    phone = open_context(**PHONE).new_page()
    sign_in(page, cast.township)
    sign_in(phone, cast.village)
    for one in (page, phone):
        one.goto(f"/ledgers/forms/{form.pk}/")
    leave(page, "employer", "东江电子厂")
    expect(saved(page, "employer")).to_contain_text("已保存")
    leave(phone, "employer", "南城服装厂")
    panel = phone.locator("[data-item=employer]").get_by_role("alert")
    expect(panel.filter(has_text="乡镇专干")).to_contain_text("东江电子厂")
    expect(panel.filter(has_text="乡镇专干")).to_contain_text("南城服装厂")
    fine_lines = [line for line in complaints.lines if "409" in line]
    assert complaints.lines == fine_lines  # the browser says that an answer was 409
    complaints.clear()
    fine(phone)
    phone.get_by_role("button", name="用我填的").tap()
    expect(saved(phone, "employer")).to_contain_text("已保存")
    form.refresh_from_db()
    assert form.values["employer"] == "南城服装厂"


def test_a_form_works_without_a_mouse_and_without_scripts(open_context, sign_in, cast, person):
    form = actions.begin(person, MARCH, cast.village)
    plain = open_context(java_script_enabled=False).new_page()
    sign_in(plain, cast.village)
    plain.goto(f"/ledgers/forms/{form.pk}/")
    plain.locator("[name=employer]").fill("东江电子厂")
    plain.get_by_role("button", name="保存", exact=True).press("Enter")
    expect(plain.locator("#messages")).to_contain_text("已保存。")
    form.refresh_from_db()
    assert (form.values["employer"], form.version) == ("东江电子厂", 2)
