"""A phone without a signal: what is noted waits on the device, encrypted, and arrives once when the signal is back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from ledgers.collection import actions
from ledgers.models import Contact, Laborer, MonthlyRecord
from tests import cast as casting
from tests import factories
from tests.factories import MARCH

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("王建国", "李秀英", "赵长河")
# Everything that lies on the device, as text: what is encrypted comes out as numbers.
ON_THE_DEVICE = """async () => {
  const found = [JSON.stringify(localStorage)];
  const asked = indexedDB.open("outbox");
  const opened = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  for (const name of opened.objectStoreNames) {
    const all = opened.transaction(name).objectStore(name).getAll();
    const rows = await new Promise((done) => { all.onsuccess = () => done(all.result); });
    for (const row of rows) found.push(JSON.stringify(row), new TextDecoder().decode(row.sealed));
  }
  opened.close();
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const one of await cache.keys()) found.push(one.url, await (await cache.match(one)).text());
  }
  return found.join("\\n");
}"""
WAITING = """async () => {
  const asked = indexedDB.open("outbox");
  const opened = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  if (!opened.objectStoreNames.length) return [0, 0];
  const count = (name) => new Promise((done) => {
    const counted = opened.transaction(name).objectStore(name).count();
    counted.onsuccess = () => done(counted.result);
  });
  const both = [await count("waiting"), await count("pages")];
  opened.close();
  return both;
}"""

# What becomes of the page's requests whose address holds `part`. Not `page.route`: a request that the page's worker
# lets pass does not always come by there. A page that is loaded afresh has its network back.
NETWORK = """([part, fate]) => {
  const real = window.fetch;
  window.fetch = (address, options) => {
    const pass = () => real(address, options);
    if (!String(address).includes(part)) return pass();
    if (fate === "lost") return Promise.reject(new TypeError("no signal"));
    if (fate === "broken") return Promise.resolve(new Response("", { status: 500 }));
    if (fate === "late" && !window.late) return new Promise((go) => { window.late = () => go(pass()); });
    return pass();
  };
  window.mended = () => { window.fetch = real; };
}"""


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


@pytest.fixture
def people(cast: casting.Cast) -> dict[str, Laborer]:
    return {name: factories.whole_person(cast.units["99111"], name=name) for name in NAMES}


def card(page: Page, name: str) -> Locator:
    return page.locator(".duty").filter(has=page.get_by_role("heading", name=name))


# Asked in the page, again and again: `wait_for_function` takes the promise of an answer for the answer.
KEPT = f"""async () => {{
  for (const begun = Date.now(); Date.now() - begun < 10000;) {{
    const shell = await caches.match("/offline/"), [, pages] = await ({WAITING})();
    if (shell && pages && navigator.serviceWorker.controller) return true;
    await new Promise((done) => requestAnimationFrame(done));
  }}
  return false;
}}"""


def kept(page: Page) -> None:
    """Wait until the device holds the page and its worker answers for it."""
    assert page.evaluate(KEPT), "the device does not hold the page"


def test_a_village_is_verified_without_a_signal_and_everything_arrives_once(
    phone, sign_in, cast, people, complaints, fine
):
    sign_in(phone, cast.village)
    phone.goto("/ledgers/mine/")
    kept(phone)
    phone.context.set_offline(True)
    card(phone, "王建国").get_by_role("button", name="无变化").tap()
    expect(card(phone, "王建国")).to_contain_text("待发送")
    phone.reload()  # the list is there all the same
    expect(phone.get_by_role("heading", name="李秀英")).to_be_visible()
    expect(card(phone, "王建国")).to_contain_text("待发送")
    card(phone, "李秀英").get_by_role("button", name="联系不上").tap()
    expect(phone.locator(".outbox h2")).to_have_text("待发送 2 条")
    device = phone.evaluate(ON_THE_DEVICE)
    assert not [word for word in (*NAMES, "示例电子厂", people["王建国"].phone) if word in device]
    assert Contact.objects.count() == 0
    phone.context.set_offline(False)
    expect(phone.locator(".outbox")).to_contain_text("王建国：无变化：已送达")
    expect(phone.locator(".outbox h2")).to_have_text("待发送 0 条")
    states = dict(MonthlyRecord.objects.values_list("laborer__name", "verify_state"))
    assert states == {"王建国": "已核实", "李秀英": "联系不上", "赵长河": "未核实"}
    assert Contact.objects.count() == 2
    complaints.clear()  # that the network was away
    phone.reload()
    fine(phone)
    complaints.clear()


def test_a_form_goes_on_without_a_signal_and_a_later_answer_takes_the_place_of_the_first(
    phone, sign_in, cast, people, complaints
):
    form = actions.begin(people["王建国"], MARCH, cast.village)
    sign_in(phone, cast.village)
    phone.goto(f"/ledgers/forms/{form.pk}/")
    kept(phone)
    phone.context.set_offline(True)
    for text in ("东江电子厂", "南城服装厂"):
        phone.locator("[name=employer]").fill(text)
        phone.locator("[name=employer]").press("Tab")
        expect(phone.locator("[data-item=employer] [data-saved]")).to_contain_text("已存在本机")
        expect(phone.locator(".outbox h2")).to_have_text("待发送 1 条")
    phone.context.set_offline(False)
    expect(phone.locator("[data-item=employer] [data-saved]")).to_contain_text("已保存")
    form.refresh_from_db()
    assert (form.values["employer"], form.version) == ("南城服装厂", 2)
    complaints.clear()


def test_what_the_server_refuses_stays_until_the_officer_decides(phone, sign_in, cast, people, complaints):
    form = actions.begin(people["王建国"], MARCH, cast.village)
    sign_in(phone, cast.village)
    phone.goto(f"/ledgers/forms/{form.pk}/")
    kept(phone)
    phone.context.set_offline(True)
    phone.locator("[name=employer]").fill("南城服装厂")
    phone.locator("[name=employer]").press("Tab")
    expect(phone.locator(".outbox h2")).to_have_text("待发送 1 条")
    actions.keep(form, "employer", "东江电子厂", "示例电子厂", cast.township)
    phone.context.set_offline(False)
    panel = phone.locator("[data-item=employer]").get_by_role("alert").filter(has_text="乡镇专干")
    expect(panel).to_contain_text("东江电子厂")
    phone.get_by_role("button", name="用我填的").tap()
    expect(phone.locator("[data-item=employer] [data-saved]")).to_contain_text("已保存")
    form.refresh_from_db()
    assert form.values["employer"] == "南城服装厂"
    complaints.clear()


def held_back(phone: Page, cast: casting.Cast, sign_in) -> None:
    """A contact that does not get through, while everything else does."""
    sign_in(phone, cast.village)
    phone.goto("/ledgers/mine/")
    kept(phone)
    phone.evaluate(NETWORK, ["/contact/", "lost"])
    card(phone, "王建国").get_by_role("button", name="无变化").tap()
    expect(phone.locator(".outbox h2")).to_have_text("待发送 1 条")


def test_signing_out_asks_and_wipes_the_device(phone, sign_in, cast, people, complaints):
    held_back(phone, cast, sign_in)
    answers = iter([False, True])
    asked: list[str] = []

    def decide(dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if next(answers) else dialog.dismiss()

    phone.on("dialog", decide)
    phone.locator("header details.menu summary").tap()
    phone.get_by_role("button", name="退出").tap()
    expect(phone.locator(".outbox h2")).to_have_text("待发送 1 条")
    phone.get_by_role("button", name="退出").tap()
    phone.wait_for_url("**/accounts/login/**")
    assert asked == ["还有 1 条没有发送，退出会从本机删除。确定退出吗？"] * 2
    assert phone.evaluate(WAITING) == [0, 0]
    assert phone.evaluate("sessionStorage.getItem('device')") is None
    assert Contact.objects.count() == 0
    complaints.clear()


def test_a_colleague_on_the_same_phone_neither_sees_nor_sends_what_waits(
    phone, sign_in, cast, people, complaints
):
    held_back(phone, cast, sign_in)
    phone.goto("about:blank")
    sign_in(phone, cast.neighbour_village)
    phone.goto("/home/")
    phone.wait_for_load_state("networkidle")
    expect(phone.locator(".outbox:visible")).to_have_count(0)
    phone.locator("header details.menu summary").tap()
    phone.get_by_role("button", name="退出").tap()
    phone.wait_for_url("**/accounts/login/**")
    assert (phone.evaluate(WAITING)[0], Contact.objects.count()) == (1, 0)
    sign_in(phone, cast.village)
    phone.goto("/home/")
    expect(phone.locator(".outbox")).to_contain_text("王建国：无变化：已送达")
    assert Contact.objects.get().laborer == people["王建国"]
    complaints.clear()


def test_what_is_answered_while_an_earlier_answer_is_on_its_way_arrives_after_it(
    phone, sign_in, cast, people, complaints
):
    form = actions.begin(people["王建国"], MARCH, cast.village)
    sign_in(phone, cast.village)
    phone.goto(f"/ledgers/forms/{form.pk}/")
    kept(phone)
    employer, saved = phone.locator("[name=employer]"), phone.locator("[data-item=employer] [data-saved]")
    phone.context.set_offline(True)
    employer.fill("东江电子厂")
    employer.press("Tab")
    expect(saved).to_contain_text("已存在本机")
    phone.evaluate(NETWORK, ["/fields/", "late"])
    phone.context.set_offline(False)
    phone.wait_for_function("() => window.late")
    employer.fill("南城服装厂")
    employer.press("Tab")
    expect(saved).to_contain_text("正在保存")
    phone.evaluate("late()")
    expect(saved).to_contain_text("已保存")
    expect(phone.locator(".outbox h2")).to_have_text("待发送 0 条")
    form.refresh_from_db()
    assert (form.values["employer"], form.version) == ("南城服装厂", 3)
    complaints.clear()


def test_a_tab_that_dies_on_the_way_loses_nothing_and_without_a_store_there_is_still_the_signal(
    phone, sign_in, cast, people, complaints
):
    sign_in(phone, cast.village)
    phone.goto("/ledgers/mine/")
    kept(phone)
    phone.evaluate(NETWORK, ["/contact/", "late"])  # a signal so weak that nothing comes back
    card(phone, "王建国").get_by_role("button", name="无变化").tap()
    phone.wait_for_function("() => window.late")
    phone.goto("about:blank")
    phone.goto("/ledgers/mine/")
    expect(phone.locator(".outbox")).to_contain_text("王建国：无变化：已送达")
    assert Contact.objects.get().laborer == people["王建国"]
    phone.add_init_script("IDBFactory.prototype.open = () => { throw new Error('no store') }")
    phone.reload()
    card(phone, "李秀英").get_by_role("button", name="无变化").tap()
    expect(card(phone, "李秀英")).to_contain_text("已核实")
    assert Contact.objects.count() == 2
    complaints.clear()


def test_one_that_is_refused_later_does_not_hold_up_the_rest_and_can_be_sent_again(
    phone, sign_in, cast, people, complaints, fine
):
    sign_in(phone, cast.village)
    phone.goto("/ledgers/mine/")
    kept(phone)
    phone.context.set_offline(True)
    for name in NAMES[:2]:
        card(phone, name).get_by_role("button", name="无变化").tap()
        expect(card(phone, name)).to_contain_text("待发送")
    phone.evaluate(NETWORK, [f"/people/{people['王建国'].pk}/contact/", "broken"])
    phone.context.set_offline(False)
    expect(card(phone, "李秀英")).to_contain_text("已核实")
    expect(card(phone, "王建国")).to_contain_text("没有记下")
    expect(phone.locator(".outbox h2")).to_have_text("待发送 0 条，没有被接受 1 条")
    expect(card(phone, "王建国").get_by_role("button", name="无变化")).to_be_visible()
    phone.locator(".outbox summary").tap()
    fine(phone)
    phone.evaluate("mended()")
    phone.get_by_role("button", name="再发一次").tap()
    expect(card(phone, "王建国")).to_contain_text("已核实")
    assert Contact.objects.count() == 2
    complaints.clear()
