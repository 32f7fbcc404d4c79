"""A form that is sent after the session has ended: nothing is saved, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import cast as casting
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


NEW_USER = "/accounts/users/new/?unit=99111"


def sign_in_again(page: Page, username: str) -> None:
    """On the page of signing in to which the form led."""
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def type_and_send_too_late(page: Page) -> None:
    page.goto(NEW_USER)
    page.locator("[name=name]").fill("王建新")
    page.locator("[name=username]").fill("cun99")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="保存").click()


def test_what_was_typed_survives_the_end_of_the_session(page, sign_in, cast, fine):
    sign_in(page, cast.county)
    type_and_send_too_late(page)
    sign_in_again(page, "xian")
    expect(page).to_have_url(re.compile("/accounts/users/new/"))
    expect(page.get_by_role("status").filter(has_text="还没有保存，已为您恢复")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("王建新")
    fine(page)
    assert not User.objects.filter(username="cun99").exists()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("初始密码").first.wait_for()
    assert User.objects.get(username="cun99").name == "王建新"
    page.goto(NEW_USER)
    expect(page.get_by_text("已为您恢复")).to_have_count(0)


def test_another_user_of_the_same_browser_does_not_get_the_draft(page, sign_in, cast):
    sign_in(page, cast.county)
    type_and_send_too_late(page)
    sign_in_again(page, "shi")
    expect(page.locator("[name=name]")).to_have_value("")
    expect(page.get_by_text("已为您恢复")).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('draft')") is None
