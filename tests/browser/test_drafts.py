"""A form that is sent after the session has ended: nothing is saved, and nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ledgers.models import Laborer
from tests import cast as casting
from tests import factories
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


@pytest.fixture
def person(cast: casting.Cast) -> Laborer:
    made = factories.laborer(cast.units["99111"], "王建国")
    factories.spell(made, region_code="440305", region_text="广东省深圳市南山区")
    factories.record(made)
    return made


def sign_in_again(page: Page, username: str) -> None:
    """On the page of signing in to which the form led."""
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_what_was_typed_survives_the_end_of_the_session(page, sign_in, cast, person, fine):
    sign_in(page, cast.village)
    page.goto(f"/ledgers/people/{person.pk}/edit/")
    page.get_by_label("姓名").fill("王建新")
    page.get_by_label("未务工").or_(page.locator("input[name=working][value='0']")).first.check()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="保存").click()
    sign_in_again(page, "cun")
    expect(page).to_have_url(f"/ledgers/people/{person.pk}/edit/")
    expect(page.get_by_role("status").filter(has_text="还没有保存，已为您恢复")).to_be_visible()
    expect(page.get_by_label("姓名")).to_have_value("王建新")
    expect(page.locator("input[name=working][value='0']")).to_be_checked()
    fine(page)
    assert Laborer.objects.get().name == "王建国"
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#messages")).to_contain_text("已更正")
    assert Laborer.objects.get().name == "王建新"
    page.goto(f"/ledgers/people/{person.pk}/edit/")
    expect(page.get_by_text("已为您恢复")).to_have_count(0)


def test_another_user_of_the_same_browser_does_not_get_the_draft(page, sign_in, cast, person):
    sign_in(page, cast.village)
    page.goto(f"/ledgers/people/{person.pk}/edit/")
    page.get_by_label("姓名").fill("王建新")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="保存").click()
    sign_in_again(page, "zhen")
    expect(page.get_by_label("姓名")).to_have_value("王建国")
    expect(page.get_by_text("已为您恢复")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('draft')") is None
