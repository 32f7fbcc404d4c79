"""A workshop from the township's proposal to its award, by the four people who do it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from posts.models import Workshop, WorkshopAward
from tests import cast as casting
from tests import factories
from tests.posts import shops

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_workshop_is_proposed_recognised_staffed_reviewed_and_awarded(
    phone, page, open_context, sign_in, fine, transactional_db
):
    cast = casting.build()
    second, desk = shops.second_county(cast), open_context().new_page()
    since = timezone.localdate() - dt.timedelta(
        days=200
    )  # three months and more, whatever the day of the year

    sign_in(phone, cast.township)
    phone.goto("/posts/workshops/")
    phone.get_by_role("main").get_by_role("link", name="申报车间").first.click()
    phone.get_by_label("所在村").select_option("99111")
    phone.get_by_label("车间名称").fill("示例村箱包车间")
    phone.get_by_label("统一社会信用代码").fill(shops.USCC)
    phone.get_by_label("投产日期").fill(str(since))
    fine(phone)
    phone.get_by_role("button", name="申报").click()
    expect(phone.locator("#messages")).to_contain_text("已申报示例村箱包车间")
    shop = Workshop.objects.get()
    shops.staff(shop, cast.township, 4, since)
    last = factories.laborer(shop.unit, "王五")
    phone.get_by_role("link", name="登记人员").click()
    phone.get_by_label("姓名").fill("王五")
    phone.get_by_label("身份证号码").fill(last.id_no)
    phone.get_by_label("入职日期").fill(str(since))
    phone.get_by_label("月工资（元）").fill("2600")
    phone.get_by_label("是否参保").select_option("是")
    fine(phone)
    phone.get_by_role("button", name="登记").click()
    expect(phone.locator("#messages")).to_contain_text("已登记王五。")
    fine(phone)

    sign_in(page, cast.county)
    page.goto(f"/posts/workshops/{shop.pk}/")
    page.get_by_role("link", name="认定", exact=True).click()
    expect(page.get_by_text("在岗脱贫和监测对象5人，要求不少于5人。")).to_be_visible()
    page.get_by_label("认定文号").fill("示认字1号")
    page.get_by_text("予以认定", exact=True).click()
    fine(page)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("已认定", exact=True)).to_be_visible()

    phone.goto(f"/posts/workshops/{shop.pk}/")
    phone.get_by_role("link", name="复核").click()
    for question in ("正常生产", "按时发放工资", "购买意外险或社会保险"):
        phone.get_by_role("group", name=question).get_by_text("是", exact=True).click()
    phone.get_by_text("合格", exact=True).click()
    fine(phone)
    phone.get_by_role("button", name="保存").click()
    expect(phone.locator("#messages")).to_contain_text("已登记复核：合格，在岗5人")

    page.get_by_role("link", name="申报奖补").click()
    page.get_by_role("link", name="吸纳就业补贴").click()
    expect(page.get_by_text("5,000.00", exact=False).first).to_be_visible()
    fine(page)
    page.get_by_role("button", name="按测算结果申报").click()
    expect(page.get_by_text("申报人不能审批自己申报的奖补")).to_be_visible()

    sign_in(desk, second)
    desk.goto(page.url)
    desk.get_by_text("批准", exact=True).click()
    fine(desk)
    desk.get_by_role("button", name="提交").click()
    expect(desk.locator("#messages")).to_contain_text("已批准5,000.00元。")
    award = WorkshopAward.objects.get()
    assert (award.made_by, award.decided_by, award.amount) == (cast.county, second, 500_000)
