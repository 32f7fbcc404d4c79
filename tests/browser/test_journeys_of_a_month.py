"""A month in the office, in a real browser: workbook, errors, ledger, closing, dashboard, bulletin, printed page."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from jobs.dispatch import in_this_process, tick
from ledgers.models import Laborer, MonthlyRecord
from lib.identity import id_check_digit
from lib.sheets import Table, write_workbook
from tests.browser.conftest import type_login
from tests.cast import PASSWORD
from tests.factories import MARCH
from tests.ledgers.sheets import working
from tests.reports.bulletin_world import World, small_city

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = 11  # people who count in March before anything is imported


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REDIS_URL = ""


@pytest.fixture
def world(transactional_db: None) -> World:
    return small_city(closed=False)


def workbook(lines: list[dict]) -> bytes:
    titles = list(lines[0])
    out = io.BytesIO()
    write_workbook(out, [Table("劳动力", titles, [[line[title] for title in titles] for line in lines])])
    return out.getvalue()


def people(count: int) -> list[dict]:
    return [working(姓名=f"示例{chr(0x4E00 + number)}") for number in range(count)]


def send(page: Page, data: bytes) -> None:
    """Choose 劳动力台账, the city, March and a file, and see that the page waits for the work to be done."""
    page.goto("/imports/new/")
    page.get_by_text("劳动力台账", exact=True).first.click()
    page.get_by_role("combobox", name="单位").select_option(label="示例市")
    page.get_by_label("月份").fill("2023-03")
    page.get_by_label("文件").set_input_files(
        {"name": "甲县三月.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": data}
    )
    page.get_by_role("button", name="上传并校验").click()
    wait_for_work(page)


def wait_for_work(page: Page) -> None:
    """The page shows the job that waits; when workers come, it moves on by itself."""
    expect(page.get_by_text("可以离开本页，任务会继续进行")).to_be_visible()
    with in_this_process():
        tick()
        expect(page.locator("section.job")).to_have_count(0)


def counters(page: Page) -> dict[str, int]:
    """The five tabs of a batch: 新增, 变更, 待核, 退回, 相同."""
    texts = page.get_by_role("navigation", name="校验结果").get_by_role("link").all_inner_texts()
    return {re.sub(r"[\s\d]", "", text): int(re.sub(r"\D", "", text)) for text in texts}


def confirm(page: Page) -> None:
    page.get_by_role("button", name="确认入库").click()
    wait_for_work(page)
    expect(page.get_by_text(re.compile("确认，写入新增"))).to_be_visible()


def card(page: Page, label: str) -> int:
    """The number of a card of the dashboard."""
    value = page.locator(".stat", has_text=label).locator(".stat-value").first.inner_text()
    return int(re.sub(r"\D", "", value))


def wrong_lines() -> list[dict]:
    """A wrong check digit, no name, a wage of 1 yuan."""
    digit, name, wage = working(姓名="示例校"), working(姓名=""), working(姓名="示例薪", 月平均工资="1")
    number = digit["身份证号码"]
    digit["身份证号码"] = number[:17] + ("1" if number[17] != "1" else "2")
    return [digit, name, wage]


def test_a_month_from_the_workbook_to_the_printed_bulletin(page, open_context, world, fine, tmp_path):
    # the real form of signing in
    type_login(page, "shi", PASSWORD)
    page.wait_for_url("**/home/")
    fine(page)

    # a workbook with three errors: what is wrong stands with its row and column
    right = people(5)
    send(page, workbook(right + wrong_lines()))
    found = counters(page)
    assert found == {"新增": 5, "变更": 0, "待核": 1, "退回": 2, "相同": 0}, page.inner_text("main")
    refused = page.locator(".import-rows tbody tr")
    expect(refused).to_have_count(2)
    expect(refused.nth(0)).to_contain_text("第 7 行")
    expect(refused.nth(0)).to_contain_text(re.compile("身份证号码.*校验码"))
    expect(refused.nth(1)).to_contain_text("第 8 行")
    expect(refused.nth(1)).to_contain_text("姓名：不能为空")
    fine(page)

    # the marked copy, corrected as the office would in its own program, and sent again
    batch = page.url
    page.get_by_role("button", name="下载标注副本").click()
    expect(page.get_by_text("可以离开本页，任务会继续进行")).to_be_visible()
    with in_this_process():
        tick()
        page.get_by_role("link", name="下载结果").wait_for()
    fine(page)
    with page.expect_download() as marked:
        page.get_by_role("link", name="下载结果").click()
    corrected = correct(Path(marked.value.path()))
    page.goto(batch)
    confirm(page)
    fine(page)
    send(page, corrected)
    assert counters(page) == {"新增": 3, "变更": 0, "待核": 0, "退回": 0, "相同": 5}, page.inner_text("main")
    confirm(page)
    page.goto("/ledgers/?month=2023-03")
    expect(page.get_by_text(f"共 {BEFORE + 1 + 8} 人")).to_be_visible()
    fine(page)

    close(page)
    fine(page)
    drilled = drill(page, fine)
    assert (
        drilled["甲东一村"]
        == MonthlyRecord.objects.filter(month=MARCH, village__code="99111", reason="counted").count()
    )

    # the bulletin: one drafts and submits, another signs
    page.goto("/bulletins/")
    fine(page)
    page.get_by_role("link", name="开始起草").click()
    fine(page)
    page.get_by_role("button", name="按台账生成").click()
    expect(page.get_by_text("各项检查都已通过，可以送审。")).to_be_visible()
    fine(page)
    page.get_by_role("link", name="送审").click()
    page.get_by_role("button", name="送审").click()
    expect(page.get_by_text("已送审")).to_be_visible()
    second = open_context(viewport={"width": 1366, "height": 800}).new_page()
    type_login(second, "shi2", PASSWORD)
    second.get_by_role("link", name=re.compile("去签发")).click()
    second.get_by_role("link", name="核对并签发").click()
    fine(second)
    second.get_by_label("发文字号").fill("示就专〔2023〕18号")
    second.get_by_label(re.compile("日期")).fill("2023-04-10")
    second.get_by_role("button", name="签发").click()
    expect(second.locator(".page-head")).to_contain_text("已印发")
    fine(second)
    with second.expect_download() as printed:
        second.get_by_role("link", name=re.compile("PDF")).click()
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(printed.value.path()).pages))
    assert "示就专〔2023〕18号" in text
    for place in ("示例市", "甲县", "乙县"):
        assert f"{drilled[place]}人" in text, (place, text)


def correct(copy: Path) -> bytes:
    """The marked copy with the three cells put right."""
    book = openpyxl.load_workbook(io.BytesIO(copy.read_bytes()))
    sheet = book.active
    titles = {cell.value: cell.column for cell in sheet[1]}
    assert "校验结果" in titles
    number = sheet.cell(7, titles["身份证号码"])
    number.value = number.value[:17] + id_check_digit(number.value[:17])
    sheet.cell(8, titles["姓名"]).value = "示例名"
    sheet.cell(9, titles["月平均工资"]).value = "4600"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def close(page: Page) -> None:
    page.get_by_role("link", name="月份管理").click()
    page.get_by_role("link", name=re.compile(r"关闭\s*2023年3月")).click()
    page.get_by_role("button", name="关闭这个月").click()
    expect(page.get_by_role("row").filter(has_text="2023年3月")).to_contain_text("已关闭")


def drill(page: Page, fine) -> dict[str, int]:
    """From the city to the rows of one village; each page says what the row of the page above said."""
    seen = {}
    page.goto("/dashboard/")
    seen["示例市"] = card(page, "外出务工人数")
    seen["乙县"] = in_table(page, "乙县")
    for name in ("甲县", "甲东镇", "甲东一村"):
        said = in_table(page, name)
        page.get_by_role("row").filter(has_text=name).get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        seen[name] = card(page, "外出务工人数")
        assert seen[name] == said, name
        fine(page)
    page.get_by_role("link", name="查看外出务工名单").click()
    fine(page)
    expect(page.locator("tbody tr")).to_have_count(seen["甲东一村"])
    return seen


def in_table(page: Page, unit: str) -> int:
    """外出务工 in a unit's row of 各单位进度."""
    row = page.get_by_role("region", name="各单位进度").get_by_role("row").filter(has_text=unit)
    return int(row.locator("td").nth(1).inner_text())


def test_an_import_taken_back_leaves_the_ledger_as_it_was(page, sign_in, world, fine):
    sign_in(page, world.cast.city)
    before = set(Laborer.objects.values_list("pk", flat=True))
    send(page, workbook(people(3)))
    confirm(page)
    page.goto("/ledgers/?month=2023-03")
    expect(page.get_by_text(f"共 {BEFORE + 1 + 3} 人")).to_be_visible()
    page.goto("/imports/")
    fine(page)
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="撤回这一批").click()
    expect(page.get_by_text("确定撤回这一批吗？")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="撤回这一批").click()
    wait_for_work(page)
    expect(page.get_by_text("已撤回").first).to_be_visible()
    fine(page)
    page.goto("/ledgers/?month=2023-03")
    expect(page.get_by_text(f"共 {BEFORE + 1} 人")).to_be_visible()
    assert set(Laborer.objects.values_list("pk", flat=True)) == before
