"""What a page says no to, in a real browser: the answer stands on the page and the console stays quiet."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from reports.bulletins import actions
from tests.browser.conftest import type_login
from tests.cast import PASSWORD
from tests.factories import MARCH
from tests.reports.bulletin_world import World, small_city

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None, settings, tmp_path) -> World:
    settings.MEDIA_ROOT, settings.REDIS_URL = tmp_path / "files", ""
    return small_city(closed=False)


def test_a_refused_sentence_is_refused_in_words_though_its_box_was_made_taller(
    page, world, complaints
) -> None:
    draft = actions.draft(world.cast.units["99"], MARCH, world.cast.city)
    type_login(page, "shi", PASSWORD)
    page.wait_for_url("**/home/")
    page.goto(reverse("reports:bulletin_edit", args=[draft.pk]))
    page.get_by_role("link", name="修改", exact=True).first.click()
    box = page.get_by_label("这句话")
    box.evaluate("box => { box.style.height = '20rem'; }")  # as the corner of the box does when it is drawn
    box.fill("没有任何数字的一句话，共9人。")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".sentence-open [role=alert]")).to_be_visible()
    expect(box).to_have_value("没有任何数字的一句话，共9人。")
    assert not [line for line in complaints.lines if "422" not in line], complaints.lines
    complaints.clear()
