"""A post's whole life in a real browser, by the three offices whose steps it takes; the village works on a phone."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from posts.models import Appointment, Post
from tests import cast as casting
from tests.posts import life
from tests.posts.paying_world import PHOTO, account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None, settings, tmp_path) -> casting.Cast:
    settings.MEDIA_ROOT = tmp_path / "files"
    return casting.build()


def fill(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        control = page.get_by_label(label)
        tag = control.evaluate("one => one.tagName")
        control.select_option(value) if tag == "SELECT" else control.fill(value)


def take(page: Page, step: str, **fields: str) -> None:
    """Open the step from the page that offers it, fill in its form and send it."""
    page.get_by_role("link", name=step, exact=True).click()
    fill(page, **fields)
    page.get_by_role("button", name=step, exact=True).click()


def test_a_post_from_the_villages_wish_to_a_vacant_place_again(page, phone, sign_in, cast, fine, at):
    person = life.person(cast, name="李秀英")
    account(person, cast.township)

    def on(day: int, desk: Page, user, address: str, month: int = 3) -> Page:
        at(day, month=month)
        sign_in(desk, user)
        desk.goto(address)
        return desk

    # 设岗: the village on its phone, then the township, then the county
    on(1, phone, cast.village, "/posts/")
    expect(phone.get_by_text("还没有公益性岗位")).to_be_visible()
    phone.get_by_role("link", name="申请设岗").click()
    fine(phone)
    fill(phone, 岗位类别="保洁员", 岗位名称="村级保洁员", 岗位职责="主干道清扫，垃圾清运。", 资金来源="衔接资金",
         申请理由="村内环境整治需要")  # fmt: skip
    phone.get_by_label("补贴标准（元/月）").fill("400")
    phone.get_by_label("规定出勤天数（天/月）").fill("20")
    phone.get_by_role("button", name="提交申请").click()
    expect(phone.get_by_text("等待乡镇核查。")).to_be_visible()
    fine(phone)
    post = Post.objects.get()
    here = f"/posts/{post.pk}/"
    take(on(1, page, cast.township, here), "核查岗位申请")
    take(on(2, page, cast.county, here), "核定开发", 开发日期="2023-03-02")
    expect(page.get_by_text("岗位已开发，可以招聘。")).to_be_visible()
    fine(page)

    # 选聘: notice, application, meeting, 公示, recommendation, 备案
    take(on(3, phone, cast.village, here), "发布招聘公告")
    take(phone, "登记应聘人", 应聘人="李秀英")
    expect(phone.get_by_text("没有在县外务工。")).to_be_visible()
    fine(phone)
    take(phone, "登记村民代表会议", 会议情况="到会32人，一致同意。")
    take(phone, "登记公示", 公示截止="2023-03-05")
    expect(phone.get_by_text("公示中")).to_be_visible()
    applicant = phone.url
    take(
        on(6, page, cast.township, applicant),
        "推荐到县",
        公示有无异议及处理结果="公示期满无异议",
        乡镇意见="同意推荐。",
    )
    on(7, page, cast.county, applicant)
    take(
        page,
        "聘用备案",
        聘用日期="2023-03-08",
        合同种类="劳务协议",
        合同到期="2024-03-07",
        意外险到期日="2024-03-07",
    )
    expect(page.get_by_text("意外险到2024年3月7日。")).to_be_visible()
    fine(page)
    held = Appointment.objects.get()
    assert (held.laborer, held.started_on) == (person, dt.date(2023, 3, 8))

    # 考勤 on the phone with a photograph, checked by another, 工资 made up and approved by another, paid
    on(31, phone, cast.village, "/ledgers/mine/").get_by_role("heading", name="岗位、补贴和培训").click()
    phone.get_by_role("link", name="去填写").click()
    phone.get_by_role("button", name="没有填的人全部记全勤").click()
    expect(phone.get_by_text("出勤 24 天")).to_be_visible()
    phone.locator("label.day", has_text="15").click()
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("出勤 23 天")).to_be_visible()
    fine(phone)
    photo = {"name": "签到表.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}
    phone.get_by_label("上传照片").set_input_files(photo)
    phone.get_by_role("button", name="上传", exact=True).click()
    phone.get_by_role("button", name="报送考勤表").click()
    expect(phone.get_by_text("等乡镇核对").first).to_be_visible()
    fine(phone)
    on(1, page, cast.township, "/home/", 4).get_by_role("link", name="去核对").click()
    page.get_by_role("button", name="核对无误").click()
    page.get_by_role("link", name="看工资").click()
    page.get_by_role("button", name="编制工资表").click()
    expect(page.get_by_text("由您编制，请另一位有审批权限的同事审批。")).to_be_visible()
    on(2, page, cast.county, "/home/", 4).get_by_role("link", name="去审批").click()
    expect(page.get_by_text("共 1 人、400.00 元。")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="审批通过").click()
    take(page, "登记发放", 发放日期="2023-04-02", 凭证号="ZF2023-04-001")
    expect(page.get_by_text("已发放").first).to_be_visible()
    fine(page)
    on(2, phone, cast.village, "/posts/months/2023-03/pay/", 4)
    expect(phone.get_by_text("400.00").first).to_be_visible()

    # 退岗 in three steps, and the post is vacant again
    take(on(20, phone, cast.village, f"/posts/appointments/{held.pk}/", 4), "告知退岗", 退岗情形="本人自愿",
         退岗说明="本人提出到县城照顾孙辈。")  # fmt: skip
    expect(phone.get_by_text("正在退岗")).to_be_visible()
    fine(phone)
    take(
        on(21, page, cast.township, f"/posts/appointments/{held.pk}/", 4),
        "决定退岗",
        停发补贴日期="2023-04-22",
    )
    on(22, page, cast.county, f"/posts/appointments/{held.pk}/", 4)
    page.get_by_role("link", name="退岗备案").click()
    page.get_by_text("补聘，重新招聘").click()
    page.get_by_role("button", name="退岗备案").click()
    expect(page.get_by_text("已备案，岗位空出。")).to_be_visible()
    on(22, phone, cast.village, "/posts/?state=vacant", 4)
    expect(phone.get_by_text("空岗", exact=True).first).to_be_visible()
    phone.get_by_role("link", name="村级保洁员").click()
    for told in (
        "申请设岗",
        "乡镇核查同意",
        "开发岗位",
        "公示李秀英",
        "聘用李秀英",
        "告知李秀英退岗",
        "李秀英离岗",
    ):
        expect(phone.get_by_text(told, exact=True)).to_be_visible()
    expect(phone.get_by_role("link", name="发布招聘公告")).to_be_visible()
    fine(phone)
