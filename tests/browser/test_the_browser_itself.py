"""The browser fixtures can fail: a page that throws, or asks another host, is noticed."""

from tests.browser.conftest import Complaints


def test_a_phone_is_as_wide_as_a_phone(phone):
    phone.goto(
        "data:text/html;charset=utf-8,<meta name=viewport content='width=device-width'><p>村信息员</p>"
    )
    assert phone.evaluate("innerWidth") == 390
    assert phone.locator("p").inner_text() == "村信息员"


def test_an_error_on_a_page_is_a_complaint(page, complaints: Complaints):
    page.goto(
        "data:text/html;charset=utf-8,<script>console.error('坏了'); throw new Error('没接住')</script>"
    )
    assert [line.split(":")[0] for line in complaints.lines] == ["error", "uncaught"]
    complaints.clear()


def test_a_request_to_another_host_is_a_complaint(page, complaints: Complaints):
    page.route("**/font.css", lambda route: route.fulfill(body=""))
    page.goto("data:text/html,<link rel=stylesheet href='http://elsewhere.invalid/font.css'>")
    assert complaints.lines == ["request to another host: elsewhere.invalid"]
    complaints.clear()


def test_a_picture_without_words_is_a_barrier(page, barriers):
    page.goto(
        "data:text/html;charset=utf-8,<html lang=zh-CN><title>表</title><main><img src='data:,'></main>"
    )
    assert [line.split(":")[0] for line in barriers(page)] == ["image-alt"]
