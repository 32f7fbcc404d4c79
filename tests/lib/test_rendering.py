"""Forms and components as the browser gets them: labelled, described, free of inline script and style."""

import re

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.forms.renderers import DjangoTemplates
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.html import parse_html

from lib.rendering import MonthInput, OfficeFormRenderer
from tests.lib.gallery import PersonForm, sample


class SmallForm(forms.Form):
    default_renderer = OfficeFormRenderer
    name = forms.CharField(label="姓名", help_text="与身份证一致。")
    sex = forms.ChoiceField(label="性别", choices=[("1", "男"), ("2", "女")], widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="行业", choices=[("", "---------"), ("c", "建筑业")], required=False)
    start = forms.DateField(label="开始日期", required=False)
    month = forms.CharField(label="月份", widget=MonthInput, required=False)
    count = forms.IntegerField(label="人数", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def field_html(html: str, name: str) -> str:
    return re.search(rf'<(?:input|select|textarea)[^>]*name="{name}"[^>]*>', html)[0]


@pytest.fixture
def gallery() -> str:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return render_to_string("components/gallery.html", sample() | {"request": request, "csrf_token": "t"})


def test_a_wrong_answer_is_named_beside_its_field_and_linked_from_the_summary():
    html = str(SmallForm({"sex": "1"}))
    assert '<a href="#id_name">姓名：' in html
    assert 'aria-invalid="true"' in field_html(html, "name")
    assert 'aria-describedby="id_name_helptext id_name_error"' in field_html(html, "name")
    assert 'id="id_name_error"' in html
    assert 'id="id_name_helptext"' in html


def test_a_group_of_tiles_can_be_reached_from_the_summary():
    html = str(SmallForm({"name": "石晓禾"}))
    assert '<a href="#id_sex">性别：' in html
    assert re.search(r'<fieldset[^>]*id="id_sex"[^>]*tabindex="-1"[^>]*aria-describedby="id_sex_error"', html)


def test_a_clean_form_shows_no_summary():
    assert 'id="errors"' not in str(SmallForm())


def test_every_tile_labels_its_own_button():
    html = str(SmallForm())
    assert re.findall(r'<label class="tile" for="(id_sex_\d)">', html) == ["id_sex_0", "id_sex_1"]
    assert html.count('class="form-check-input"') == 2


def test_dates_and_months_use_the_pickers_of_the_phone_with_iso_values():
    html = str(SmallForm(initial={"start": "2023-03-10", "month": "2023-03"}))
    assert 'type="date"' in field_html(html, "start")
    assert 'value="2023-03-10"' in field_html(html, "start")
    assert 'type="month"' in field_html(html, "month")
    assert 'value="2023-03"' in field_html(html, "month")


def test_numbers_open_the_number_keys():
    assert 'inputmode="numeric"' in field_html(str(SmallForm()), "count")


def test_an_empty_choice_asks_to_choose():
    html = str(SmallForm())
    assert "请选择" in html
    assert "---------" not in html


def test_typed_text_survives_an_error_and_is_escaped():
    assert 'value="&lt;b&gt;石"' in str(SmallForm({"name": "<b>石"}))


def test_hidden_fields_have_no_label():
    assert 'for="id_token"' not in str(SmallForm())


def test_only_required_fields_carry_the_mark():
    html = str(SmallForm())
    assert html.count('class="must"') == 2


def test_a_file_field_has_a_place_for_the_chosen_name():
    assert 'class="file-chosen"' in str(PersonForm()["proof"].as_field_group())


def test_no_component_uses_inline_script_or_style(gallery):
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", gallery)


def test_every_id_of_the_gallery_is_unique(gallery):
    ids = re.findall(r'\sid="([^"]+)"', gallery)
    assert sorted(ids) == sorted(set(ids))


def test_every_component_is_shown_in_the_gallery(gallery):
    for mark in (
        "stat-value",
        "todo-count",
        "flow-steps",
        "masked",
        "job-running",
        "confirm-bad",
        "empty-state",
        "pager",
    ):
        assert mark in gallery


def test_a_finished_job_stops_asking(gallery):
    assert 'hx-get="/job/"' in re.search(r'<section class="job" id="job-running"[^>]*>', gallery)[0]
    assert "hx-get" not in re.search(r'<section class="job" id="job-done"[^>]*>', gallery)[0]


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "409", "413", "429", "500", "503"])
def test_error_pages_need_no_context_and_say_what_to_do(code):
    html = render_to_string(f"{code}.html")
    assert "请" in html
    assert "没有" in html or "已保存" in html
    assert "<script>" not in html
    assert "style=" not in html


class _Asked(forms.Form):
    name = forms.CharField(label="姓名")
    kind = forms.ChoiceField(label="种类", choices=[("a", "甲")], widget=forms.RadioSelect)
    connected = forms.ChoiceField(label="接通了吗？", choices=[("1", "是")], widget=forms.RadioSelect)
    file = forms.CharField(label="文件", error_messages={"required": "请选择一个文件。"})


def test_what_is_left_empty_is_asked_for_by_its_name():
    assert _Asked({}).errors == {
        "name": ["请填写姓名。"],
        "kind": ["请选择种类。"],
        "connected": ["请回答“接通了吗？”。"],
        "file": ["请选择一个文件。"],
    }


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.Select(choices=[("", "请选择"), ("a&b", "x<y"), ("组", [("1", "一"), ("2", "二")])]), "a&b"),
        (forms.Select(choices=[("1", "一")], attrs={"required": True, "disabled": False, "data-x": 'q"'}), None),
        (forms.TextInput(attrs={"autofocus": True}), "<\"'&"),
        (forms.NumberInput(), 0),
        (forms.HiddenInput(), None),
    ],
)  # fmt: skip
def test_boxes_and_lists_are_what_django_prints(widget, value):
    ours, theirs = (
        widget.render("n&", value, renderer=one) for one in (OfficeFormRenderer(), DjangoTemplates())
    )
    assert parse_html(ours) == parse_html(theirs)
