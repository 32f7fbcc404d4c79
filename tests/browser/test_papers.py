"""打印与台账 as a village officer on a phone and a county at its desk use it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from jobs.dispatch import in_this_process
from tests import cast as casting
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_village_officer_prints_on_a_phone_and_a_county_hands_changes_over(
    page: Page, phone: Page, sign_in, fine, settings, tmp_path: Path, transactional_db
) -> None:
    settings.MEDIA_ROOT, settings.REDIS_URL = tmp_path / "files", ""
    cast = casting.build()
    factories.record(factories.laborer(cast.units["99111"], "示例甲"))
    sign_in(phone, cast.village)
    phone.goto(reverse("ledgers:list"))
    phone.get_by_role("link", name="打印与台账").click()
    fine(phone)
    with in_this_process():
        phone.get_by_role("button", name="打印全部人员").click()
        with phone.expect_download() as download:
            phone.get_by_role("link", name="下载").click()
    assert len(PdfReader(download.value.path()).pages) == 2
    sign_in(page, cast.county)
    page.goto(f"{reverse('ledgers:papers')}?unit=991")
    expect(page.get_by_role("button", name="导出 无就业意愿台账")).to_be_visible()
    fine(page)
    with in_this_process():
        page.get_by_role("button", name="生成交接单").click()
        expect(page.get_by_text("这段时间没有异动，没有生成交接单。")).to_be_visible()
