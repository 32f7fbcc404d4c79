"""A class from the plan to the paid allowance, by the two people of the county who do it."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.roles import Role
from subsidies.models import Allowance, TrainingClass
from tests import cast as casting
from tests.subsidies.training_cast import wishing, with_account

pytestmark = pytest.mark.django_db(transaction=True)


def test_people_who_wish_for_it_are_trained_certified_and_paid(
    phone, page, open_context, sign_in, fine, transactional_db
):
    cast, today = casting.build(), timezone.localdate()
    second, desk = casting.user("xianjz", cast.units["991"], Role.COUNTY, "县局长"), open_context().new_page()
    people = [with_account(wishing(cast, days_ago=n + 1, name=f"示例{n}"), cast.county) for n in range(2)]

    sign_in(page, cast.county)
    page.goto("/subsidies/training/plans/")
    page.get_by_role("link", name="编制计划").click()
    page.get_by_label("培训工种和人数").fill("电工 60\n焊工 30")
    fine(page)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#messages")).to_contain_text("请另一位同事审批")

    sign_in(desk, second)
    desk.goto(page.url)
    fine(desk)
    desk.get_by_role("button", name="审批通过").click()
    expect(desk.locator("#messages")).to_contain_text("计划已审批")

    page.reload()
    page.get_by_role("link", name="建立培训班").click()
    page.get_by_label("培训班名称").fill("电工一期")
    page.get_by_label("培训机构").fill("示例职业学校")
    page.get_by_label("开始日期").fill(str(today))
    page.get_by_label("结束日期").fill(str(today))
    fine(page)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="报名").click()
    for person in people:
        page.get_by_role("row", name=person.name).get_by_text("报名", exact=False).click()
    fine(page)
    page.get_by_role("button", name="为选中的人报名").click()
    expect(page.locator("#messages")).to_contain_text("已为2人报名")
    page.get_by_role("button", name="开班").click()
    expect(page.locator("#messages")).to_contain_text("已开班")
    fine(page)

    one = TrainingClass.objects.get()
    sign_in(phone, cast.county)
    phone.goto(f"/subsidies/training/classes/{one.pk}/attendance/")
    fine(phone)
    phone.get_by_role("button", name="其余都到，保存").click()
    expect(phone.locator("#messages")).to_contain_text("考勤已保存")
    phone.goto(f"/subsidies/training/classes/{one.pk}/")
    fine(phone)
    phone.get_by_role("button", name="办理结业").click()
    expect(phone.locator("#messages")).to_contain_text("已办理结业")

    page.goto(f"/subsidies/training/classes/{one.pk}/certificates/")
    fine(page)
    page.get_by_role("row", name=people[0].name).get_by_role("link", name="登记证书").click()
    page.get_by_label("证书编号").fill("ZS990001")
    fine(page)
    page.get_by_role("button", name="登记").click()
    expect(page.locator("#messages")).to_contain_text("的证书")
    page.get_by_role("button", name="发证结束").click()
    page.goto(f"/subsidies/training/classes/{one.pk}/allowance/")
    page.get_by_role("button", name="测算补贴").click()
    expect(page.locator("#messages")).to_contain_text("已测算2人，共30.00元")
    expect(page.get_by_text("审批人不能是测算人", exact=False)).to_be_visible()
    fine(page)

    desk.goto(page.url)
    desk.get_by_role("button", name="审批通过").click()
    expect(desk.locator("#messages")).to_contain_text("已审批2人，共30.00元")

    page.reload()
    page.get_by_label("发放凭证").fill("支付凭证990001")
    fine(page)
    page.get_by_role("button", name="登记发放").click()
    expect(page.locator("#messages")).to_contain_text("已登记发放2人，共30.00元")
    page.goto("/subsidies/training/")
    expect(page.get_by_text("已结清", exact=True)).to_be_visible()
    fine(page)
    assert set(Allowance.objects.values_list("approved_by", "computed_by")) == {(second.pk, cast.county.pk)}
