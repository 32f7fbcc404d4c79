"""我的本月 on a village officer's phone: how many taps a person costs, and what happens when something goes wrong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Reveal
from ledgers.models import Laborer, MonthlyRecord, WorkSpell
from tests import cast as casting
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("王建国", "李秀英", "赵长河", "周小满")


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


@pytest.fixture
def people(cast: casting.Cast) -> dict[str, Laborer]:
    found = {}
    for name in NAMES:
        found[name] = factories.laborer(cast.units["99111"], name)
        factories.spell(found[name])
        factories.record(found[name], verify_state="未核实")
    return found


@pytest.fixture
def taps(phone: Page, sign_in, cast, people) -> list[str]:
    """The officer at her list; what she has touched so far."""
    touched: list[str] = []
    phone.expose_function("touched", lambda what: touched.append(what))  # a builtin is no callback to it
    phone.add_init_script(
        "addEventListener('click', (event) => { if (event.isTrusted) window.touched(event.target.tagName); }, true)"
    )
    sign_in(phone, cast.village)
    phone.goto("/home/")
    return touched


def card(page: Page, name: str) -> Locator:
    return page.locator(".duty").filter(has=page.get_by_role("heading", name=name))


def state(person: Laborer) -> tuple[str, str]:
    row = MonthlyRecord.objects.get(laborer=person)
    return row.verify_state, row.verified_how


def test_an_unchanged_person_costs_one_tap_and_a_mistake_one_more(phone, taps, people, cast, fine):
    fine(phone)
    for name in NAMES[:2]:
        card(phone, name).get_by_role("button", name="无变化").tap()
        expect(card(phone, name)).to_contain_text("已核实")
    expect(phone.get_by_text("已完成 2 / 4 人")).to_be_visible()
    assert len(taps) == 2
    assert state(people["李秀英"]) == ("已核实", "电话")
    card(phone, "李秀英").get_by_role("button", name="撤销").tap()
    expect(card(phone, "李秀英").get_by_role("button", name="无变化")).to_be_visible()
    expect(phone.get_by_text("已完成 1 / 4 人")).to_be_visible()
    fine(phone)
    assert len(taps) == 3
    assert state(people["李秀英"]) == ("未核实", "")


def test_the_way_is_chosen_once_and_kept(phone, taps, people):
    phone.get_by_role("link", name="微信", exact=True).tap()
    card(phone, "王建国").get_by_role("button", name=re.compile("无变化.*微信")).tap()
    expect(card(phone, "王建国")).to_contain_text("已核实")
    phone.reload()
    card(phone, "李秀英").get_by_role("button", name=re.compile("无变化.*微信")).tap()
    expect(card(phone, "李秀英")).to_contain_text("已核实")
    assert [state(people[name]) for name in NAMES[:2]] == [("已核实", "微信")] * 2


def test_a_number_is_dialled_with_one_tap_and_noted(phone, taps, people, fine):
    person = people["王建国"]
    expect(phone.get_by_text(person.phone)).to_have_count(0)
    card(phone, "王建国").get_by_role("button", name="拨打").tap()
    link = card(phone, "王建国").get_by_role("link", name=person.phone)
    expect(link).to_have_attribute("href", f"tel:{person.phone}")
    fine(phone)
    assert len(taps) == 1
    assert Reveal.objects.get().subject_id == person.pk


def test_who_is_not_reached_is_counted_and_who_changed_leads_to_the_form(phone, taps, people, fine):
    for times in (1, 2):
        card(phone, "王建国").get_by_role("button", name=re.compile("^联系不上")).tap()
        expect(card(phone, "王建国")).to_contain_text(f"联系过{times}次没联系上")
    card(phone, "李秀英").get_by_role("button", name="有变化").tap()
    phone.wait_for_url("**/ledgers/forms/*/")
    phone.goto("/ledgers/mine/")
    expect(card(phone, "李秀英").get_by_role("link", name="填采集表")).to_be_visible()
    fine(phone)


# The device is slow to keep what was tapped: `keeping` tells when it is about to, and it waits for goOn().
SLOW_TO_KEEP = """() => {
  const request = navigator.locks.request.bind(navigator.locks);
  window.keeping = new Promise((begun) => {
    navigator.locks.request = async (name, work) => {
      if (name === "outbox rows" && !window.goOn) await new Promise((done) => { window.goOn = done; begun(); });
      return request(name, work);
    };
  });
}"""
A_ROUND_ENDS = """async () => {
  dispatchEvent(new Event("online"));
  await navigator.locks.request("outbox", () => {});
  await new Promise((done) => setTimeout(done));
}"""


def test_a_tap_while_a_round_of_sending_ends_is_not_taken_for_unsent(phone, taps, people):
    phone.evaluate(SLOW_TO_KEEP)
    card(phone, "李秀英").get_by_role("button", name="有变化").tap()
    phone.evaluate("() => keeping")
    phone.evaluate(A_ROUND_ENDS)
    phone.evaluate("() => goOn()")
    phone.wait_for_url("**/ledgers/forms/*/")


def test_search_and_chips_show_fewer_people(phone, taps, people, fine):
    card(phone, "周小满").get_by_role("button", name="联系不上").tap()
    expect(card(phone, "周小满")).to_contain_text("联系过1次")
    phone.get_by_label("查找本村的人").fill("wj")
    expect(phone.locator(".duty:visible h3")).to_have_text(["王建国"])
    phone.get_by_label("查找本村的人").fill("没有")
    expect(phone.get_by_text("没有这样的人。")).to_be_visible()
    fine(phone)
    phone.get_by_label("查找本村的人").fill("")
    phone.reload()
    phone.get_by_role("link", name="联系不上 1").tap()
    expect(phone.locator(".duty:visible h3")).to_have_text(["周小满"])
    fine(phone)


def test_what_changed_since_the_list_was_opened_is_shown_before_it_is_confirmed(
    phone, taps, people, complaints
):
    WorkSpell.objects.filter(laborer=people["王建国"]).update(employer="东江电子厂")
    card(phone, "王建国").get_by_role("button", name="无变化").tap()
    expect(card(phone, "王建国").get_by_role("alert")).to_contain_text("就业单位现在是东江电子厂")
    assert state(people["王建国"]) == ("未核实", "")
    assert all("409" in line for line in complaints.lines)
    complaints.clear()
    card(phone, "王建国").get_by_role("button", name="无变化").tap()
    expect(card(phone, "王建国")).to_contain_text("已核实")


def test_the_list_is_worked_through_with_the_keyboard(page, sign_in, cast, people, fine):
    sign_in(page, cast.village)
    page.goto("/ledgers/mine/")
    fine(page)
    card(page, "李秀英").get_by_role("link", name="李秀英").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past 拨打: 无变化
    expect(card(page, "李秀英")).to_contain_text("已核实")
    expect(card(page, "李秀英").get_by_role("button", name="撤销")).to_be_focused()
    fine(page)
