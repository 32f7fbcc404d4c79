"""The pages and the command: who may read, write, sign and download, and what the steps do."""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from reports.bulletins import actions, printed_files
from reports.bulletins.slots import to_chips
from reports.models import Bulletin, Target
from tests.reports import bulletin_world

pytestmark = pytest.mark.django_db
State = Bulletin.State


@pytest.fixture
def world():
    return bulletin_world.small_city()


@pytest.fixture
def draft(world):
    return world.draft()


def client(user) -> Client:
    made = Client()
    made.force_login(user)
    return made


def page(user, name: str, *args, **query):
    return client(user).get(reverse(f"reports:{name}", args=args), query)


def send(user, name: str, *args, **data):
    return client(user).post(reverse(f"reports:{name}", args=args), data, follow=True)


def html(response) -> str:
    return response.content.decode()


def test_the_list_offers_to_write_the_month_that_is_missing(world):
    said = html(page(world.cast.city, "bulletins"))
    assert "2023年3月的通报还没有起草" in said
    assert f"{reverse('reports:bulletin_new')}?unit={world.city.pk}&amp;month=2023-03" in said


def test_a_draft_is_opened_and_shown_with_its_checks_and_links_to_rows(world):
    form = page(world.cast.city, "bulletin_new")
    assert "按台账生成" in html(form)
    response = send(world.cast.city, "bulletin_new", unit=world.city.pk, month="2023-03", issuer="示例市专班")
    made = Bulletin.objects.get()
    assert response.redirect_chain[-1][0] == reverse("reports:bulletin", args=[made.pk])
    said = html(response)
    assert "各项检查都已通过，可以送审。" in said
    assert f'href="{reverse("reports:rows", args=["I01", "99", "2023-03"])}"' in said
    assert "示例市专班文件" in said
    assert page(world.cast.city, "rows", "I01", "99", "2023-03").status_code == 200


def test_opening_the_same_month_again_leads_to_the_bulletin_that_is_there(world, draft):
    response = send(world.cast.city, "bulletin_new", unit=world.city.pk, month="2023-03", issuer="")
    assert response.redirect_chain[-1][0] == reverse("reports:bulletin", args=[draft.pk])
    assert Bulletin.objects.count() == 1


def test_a_unit_that_is_not_in_reach_cannot_be_chosen(world):
    response = send(world.cast.city, "bulletin_new", unit=world.cast.units["99111"].pk, month="2023-03")
    assert response.status_code == 422
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize(
    ("part", "reads"),
    [
        ("city", True),
        ("city2", True),
        ("auditor", True),
        ("county", False),
        ("township", False),
        ("village", False),
    ],
)
def test_writers_and_auditors_read_drafts_and_others_do_not(world, draft, part, reads):
    user = getattr(world.cast, part)
    assert page(user, "bulletin", draft.pk).status_code == (200 if reads else 404)
    assert page(user, "bulletin_file", draft.pk, "pdf").status_code == (200 if reads else 404)


def test_counties_read_what_was_published_to_them_and_link_only_to_their_own_rows(world):
    published = world.published()
    response = page(world.cast.county, "bulletin", published.pk)
    said = html(response)
    assert response.status_code == 200
    assert reverse("reports:rows", args=["I01", "991", "2023-03"]) in said
    assert reverse("reports:rows", args=["I01", "992", "2023-03"]) not in said
    assert "申请重开" not in said
    assert published.title in html(page(world.cast.county, "bulletins"))
    assert page(world.cast.township, "bulletin", published.pk).status_code == 404
    assert page(world.cast.admin, "bulletin", published.pk).status_code == 404


@pytest.mark.parametrize(
    "name", ["bulletin_submit", "bulletin_refresh", "bulletin_return", "bulletin_reopen", "bulletin_publish"]
)
def test_auditors_and_counties_take_no_step(world, draft, name):
    for user in (world.cast.auditor, world.cast.county):
        assert send(user, name, draft.pk).status_code == 404
    assert world.again(draft).state == State.DRAFT


def test_submit_publish_and_reopen_on_the_pages(world, draft):
    city, second = world.cast.city, world.cast.city2
    assert "确认送审？" in html(page(city, "bulletin_submit", draft.pk))
    assert "已送审" in html(send(city, "bulletin_submit", draft.pk))
    assert "送审人和签发人不能是同一人" in html(page(city, "bulletin_publish", draft.pk))
    send(city, "bulletin_publish", draft.pk, number="", issued_on="2023-04-10")
    assert world.again(draft).state == State.SUBMITTED
    assert "确认签发？" in html(page(second, "bulletin_publish", draft.pk))
    wrong = send(second, "bulletin_publish", draft.pk, number="18", issued_on="2023-04-10")
    assert wrong.status_code == 422
    said = html(
        send(second, "bulletin_publish", draft.pk, number="示就专〔2023〕18号", issued_on="2023-04-10")
    )
    assert "通报已签发，现在是“已印发”，内容不再变化。" in said
    assert "示就专〔2023〕18号" in said
    assert "已提出重开申请" in html(send(city, "bulletin_reopen", draft.pk, reason="目标数有误"))
    assert "不能是同一人" in html(send(city, "bulletin_reopen", draft.pk))
    Target.objects.filter(unit__code="991").update(value=6)
    assert "确认收回已印发的通报" in html(page(second, "bulletin_reopen", draft.pk))
    response = send(second, "bulletin_reopen", draft.pk)
    fresh = Bulletin.objects.get(version=2)
    assert response.redirect_chain[-1][0] == reverse("reports:bulletin", args=[fresh.pk])
    said = html(page(city, "bulletin_versions", fresh.pk))
    assert re.search(r"甲县.*年度目标任务数.*>5<.*>6<", said, re.DOTALL)
    assert page(city, "bulletin_versions", draft.pk).status_code == 404


def test_problems_are_listed_and_refreshing_heals_them(world, draft):
    Target.objects.filter(unit__code="991").update(value=6)
    said = html(page(world.cast.city, "bulletin", draft.pk))
    assert "台账已变化：“年度目标任务数·甲县”快照为5，现在为6，请刷新数据。" in said
    assert "还不能送审" in html(page(world.cast.city, "bulletin_submit", draft.pk))
    said = html(send(world.cast.city, "bulletin_refresh", draft.pk))
    assert "各项检查都已通过" in said


def sentence(draft, name="dispatch-total") -> str:
    text = next(b["text"] for b in draft.sentences if b["id"] == name)
    return to_chips(text, draft.snapshot["slots"])


def test_a_sentence_is_edited_as_chips_inline_and_on_a_page_of_its_own(world, draft):
    city, name = world.cast.city, "dispatch-total"
    assert "slot-chip" in html(page(city, "bulletin_edit", draft.pk))
    editor = html(page(city, "bulletin_edit", draft.pk, name))
    assert "［外出务工人数·全市］" in editor
    words = "据统计，" + sentence(draft)
    said = html(send(city, "bulletin_edit", draft.pk, name, text=words, seen="0"))
    assert "据统计，" in said
    address = reverse("reports:bulletin_edit", args=[draft.pk, name])
    inline = client(city).post(address, {"act": "restore"}, headers={"HX-Request": "true"})
    assert "据统计" not in html(inline)
    assert "<html" not in html(inline)
    inline = client(city).get(address, headers={"HX-Request": "true"})
    assert "<html" not in html(inline)


def test_a_refused_sentence_keeps_what_was_typed_and_a_conflict_shows_both(world, draft):
    city, name = world.cast.city, "dispatch-total"
    typed = sentence(draft) + "比上年多200人。"
    response = send(city, "bulletin_edit", draft.pk, name, text=typed, seen="0")
    assert response.status_code == 422
    assert "比上年多200人。" in html(response)
    assert "正文中不能手工输入指标数字" in html(response)
    actions.edit_sentence(draft, name, "先改的。" + sentence(draft), world.cast.city2, 0)
    response = send(city, "bulletin_edit", draft.pk, name, text="后改的。" + sentence(draft), seen="0")
    assert response.status_code == 409
    assert "先改的。" in html(response)
    assert "后改的。" in html(response)


@pytest.mark.parametrize("seen", ["", "x", "-1", "９", "9" * 30])
def test_a_nonsense_version_was_never_seen(world, draft, seen):
    words = sentence(draft, "opening")
    actions.edit_sentence(draft, "opening", "先改的。" + words, world.cast.city2, 0)
    response = send(world.cast.city, "bulletin_edit", draft.pk, "opening", text=words, seen=seen)
    assert response.status_code == 409


def test_headings_and_unknown_sentences_have_no_editor(world, draft):
    for name in ("h-problems", "nothing"):
        assert page(world.cast.city, "bulletin_edit", draft.pk, name).status_code == 404


def test_files_carry_the_title_and_the_numbers(world):
    published = world.published()
    response = page(world.cast.county, "bulletin_file", published.pk, "docx")
    assert "filename*=utf-8''%E5%85%B3%E4%BA%8E" in response["Content-Disposition"]
    assert "84.6" in printed_files.numbers(printed_files.docx_text(response.content))
    assert page(world.cast.county, "bulletin_file", published.pk, "exe").status_code == 404
    data = json.loads(page(world.cast.county, "bulletin_file", published.pk, "json").content)
    assert data["bulletin"]["hash"] == published.content_hash


def test_a_draft_with_a_lost_slot_is_explained_and_not_printed(world, draft):
    draft.sentences[0]["text"] += "{{I99:99}}"
    draft.save()
    said = html(page(world.cast.city, "bulletin", draft.pk))
    assert "暂时不能排版" in said
    response = page(world.cast.city, "bulletin_file", draft.pk, "pdf")
    assert response.status_code == 302
    assert page(world.cast.city, "bulletin_edit", draft.pk).status_code == 200
    assert page(world.cast.city, "bulletin_submit", draft.pk).status_code == 200


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_opens_a_draft_and_then_uses_it(world, capsys, tmp_path):
    arguments = {"type": "T1", "unit": "99", "month": "2023-03", "user": "shi"}
    call_command("bulletin", **arguments, format="json")
    data = json.loads(capsys.readouterr().out)
    assert data["figures"]["99"]["I01"]["value"] == 11
    assert data["figures"]["992"]["I04"]["value"] == 3
    for form in ("html", "docx", "pdf", "xlsx", "json"):
        out = tmp_path / f"通报.{form}"
        call_command("bulletin", **arguments, format=form, out=str(out), json=True)
        assert json.loads(capsys.readouterr().out)["bytes"] == out.stat().st_size
    assert Bulletin.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": "xian"}, "没有编码为“99”的单位"),
        ({"user": "nobody"}, "没有名为“nobody”的在用账号"),
        ({"unit": "99111"}, "没有下级单位"),
        ({"format": "pdf"}, "须用 --out"),
    ],
)
def test_the_command_refuses_in_words(world, changes, said):
    arguments = {"unit": "99", "month": "2023-03", "user": "shi", "format": "json"} | changes
    with pytest.raises(CommandError, match=said):
        call_command("bulletin", **arguments)
    assert not Bulletin.objects.exists()
