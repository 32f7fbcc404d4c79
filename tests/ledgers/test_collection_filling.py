"""Filling in a 采集表: what it begins with, what is kept of each field, what it would change."""

from __future__ import annotations

import pytest

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from jobs import papers
from ledgers.collection import actions, filling
from ledgers.collection.fields import BLOCKS, FIELDS, fields, is_asked, month_boxes
from ledgers.imports.columns import LABORERS
from ledgers.models import CollectionForm, Laborer, WorkSpell
from lib.month import Month
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.collection_texts import AT_HOME, new_form

pytestmark = pytest.mark.django_db
PHOTO = b"\xff\xd8\xff" + bytes(60)


@pytest.fixture
def cast():
    return casting.build()


@pytest.fixture
def person(cast):
    return factories.whole_person(cast.units["99111"])


# ── the form as it is printed ────────────────────────────────────────────────────────────────────────────────────


def test_blocks_stand_in_printed_order_and_every_field_is_a_column_of_the_workbook():
    assert [block.letter for block in BLOCKS] == list("ABCDEF")
    titles = {column.key: column.title for column in LABORERS}
    assert {key: one.label for key, one in FIELDS.items()} == {key: titles[key] for key in FIELDS}
    assert len(FIELDS) == sum(len(block.fields) for block in BLOCKS) + 6
    assert all(one.choices for one in FIELDS.values() if one.kind in ("choice", "flag", "counts"))
    assert {on for one in FIELDS.values() if one.only_when for on in one.only_when[:1]} <= set(FIELDS)


def test_every_answer_that_is_offered_is_one_that_is_read():
    for one in FIELDS.values():
        for choice in one.choices:
            assert one.column.parse(choice).level != "reject", (one.key, choice)
        if one.only_when:
            on, answer = one.only_when
            assert answer in FIELDS[on].choices


def test_month_boxes_are_those_of_the_statistical_year():
    assert [str(month) for month in month_boxes(MARCH)] == [
        *("2022-10", "2022-11", "2022-12"), *(f"2023-0{n}" for n in range(1, 10)),
    ]  # fmt: skip
    assert month_boxes(Month(2023, 10))[0] == Month(2023, 10)


def test_a_field_is_asked_only_while_what_it_hangs_on_is_answered_so():
    texts = {"working": "是", "helped": "是"}
    assert is_asked(FIELDS["helped_in"], texts)
    assert not is_asked(FIELDS["helped_in"], texts | {"working": "否"})
    assert not is_asked(FIELDS["idle_type"], texts)


# ── what it begins with ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_begins_with_what_the_ledger_has_and_says_nothing_new(cast, person):
    form = actions.begin(person, MARCH, cast.village)
    assert form.values == form.base == filling.prefill(person, MARCH)
    assert (form.values["employer"], form.values["started"], form.values["wants_training"]) == (
        "示例电子厂", "2022年10月", "无",
    )  # fmt: skip
    told = filling.check(form)
    assert (told.verdict, told.problems, told.changed, told.counted) == ("same", [], {}, True)
    assert told.sentence.startswith("计入外出务工人数。累计务工6个月、收入27,000元")
    assert actions.begin(person, MARCH, cast.township) == form


def test_the_contents_of_a_form_are_encrypted(cast, person):
    from django.db import connection

    form = factories.form(person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledgers_collectionform")
        stored = str(cursor.fetchall())
    assert person.id_no not in stored
    assert "示例电子厂" not in stored
    assert CollectionForm.objects.get(pk=form.pk).values["id_no"] == person.id_no


def test_a_person_without_record_and_wishes_gets_a_form_with_blanks_to_fill_in(cast):
    person = factories.laborer(cast.units["99111"])
    told = filling.check(actions.begin(person, MARCH, cast.village))
    assert told.changed == {}
    assert not told.may_submit
    assert {"registered_address", "working", "months", "services"} <= {key for key, _, _ in told.missing} | {
        "working"
    }


# ── field by field ───────────────────────────────────────────────────────────────────────────────────────────────


def test_each_accepted_change_is_one_version_and_the_same_again_is_none(cast, person):
    form = actions.begin(person, MARCH, cast.village)
    form = actions.keep(form, "monthly_wage", " 5000 ", "4500", cast.village)
    again = actions.keep(form, "monthly_wage", "5000", "4500", cast.village)
    assert (form.version, again.version, again.values["monthly_wage"]) == (2, 2, "5000")
    assert form.typed["monthly_wage"]["by"] == cast.village.pk
    assert filling.check(again).changed == {"monthly_wage": ("4500", "5000")}
    assert Laborer.objects.get().version == 1
    assert WorkSpell.objects.get().monthly_wage == 4500


def test_the_second_of_two_hears_both_values_and_overwrites_nothing(cast, person):
    form = actions.begin(person, MARCH, cast.village)
    actions.keep(form, "employer", "甲厂", "示例电子厂", cast.village)
    with pytest.raises(actions.Differs) as told:
        actions.keep(form, "employer", "乙厂", "示例电子厂", cast.township)
    assert (told.value.mine, told.value.theirs, told.value.who) == ("乙厂", "甲厂", "村信息员")
    other = actions.keep(form, "monthly_wage", "5200", "4500", cast.township)
    assert (other.values["employer"], other.values["monthly_wage"], other.version) == ("甲厂", "5200", 3)
    assert actions.keep(form, "employer", "乙厂", "甲厂", cast.township).values["employer"] == "乙厂"


@pytest.mark.parametrize("key", ["id_no", "verify_state", "head_name", "_village", "version"])
def test_what_is_no_field_of_the_form_is_not_kept(cast, person, key):
    form = actions.begin(person, MARCH, cast.village)
    with pytest.raises(NotAllowed):
        actions.keep(form, key, "示例", form.values.get(key, ""), cast.village)
    assert CollectionForm.objects.get().version == 1


def test_nobody_outside_the_village_fills_in_its_forms(cast, person):
    form = actions.begin(person, MARCH, cast.village)
    for stranger in (cast.neighbour_village, cast.neighbour_township, cast.county, cast.auditor, cast.admin):
        with pytest.raises(NotAllowed):
            actions.keep(form, "employer", "甲厂", "示例电子厂", stranger)
        with pytest.raises(NotAllowed):
            actions.begin(person, MARCH, stranger)
    with pytest.raises(NotAllowed):
        actions.begin_new(cast.units["99112"], MARCH, cast.village)


# ── what it would change ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_emptied_field_empties_what_the_ledger_has(cast, person):
    WorkSpell.objects.update(organised_by="免费专场招聘会")
    told = filling.check(factories.form(person, values={"organised_by": ""}))
    assert told.changed == {"organised_by": ("免费专场招聘会", "")}
    assert told.staged.new["_spell"]["organised_by"] == ""


def test_a_field_that_is_not_asked_leaves_the_ledger_as_it_is(cast, person):
    stopped = {
        key: text for key, text in AT_HOME.items() if key in ("idle_type", "unemployed_on", "plans_out")
    }
    form = factories.form(person, values=stopped | {"working": "否", "no_plan_reason": "务农"})
    told = filling.check(form)
    assert (told.problems, told.counted, told.sentence) == ([], False, "本月未务工，不计入。")
    assert set(told.changed) == {"working", *stopped, "no_plan_reason"}
    assert told.staged.new["_act"] == "close"


def test_what_cannot_be_read_is_told_together_with_what_is_missing(cast, person):
    told = filling.check(factories.form(person, values={"phone": "139", "education": "", "employer": ""}))
    assert {key for key, _, _ in told.refused} == {"phone"}
    assert {key for key, _, _ in told.missing} == {"education", "employer"}
    assert told.counted is None


def test_whether_the_person_counts_follows_the_answers(cast, person):
    assert filling.check(factories.form(person, values={"months": "2"})).sentence.startswith(
        "本年度累计务工时间未达到标准"
    )


def test_somebody_the_village_has_already_is_not_new(cast, person):
    form = new_form(cast.units["99111"], cast.village, AT_HOME | {"id_no": person.id_no})
    assert ("id_no", "reject", filling.ALREADY) in filling.check(form).problems
    elsewhere = new_form(cast.units["99112"], cast.neighbour_village, AT_HOME | {"id_no": person.id_no})
    told = filling.check(elsewhere)
    assert [key for key, _, _ in told.doubts] == ["id_no"]
    assert told.may_submit


def test_what_the_ledger_learned_meanwhile_stays_and_what_both_changed_waits_for_a_word(cast, person):
    form = factories.form(person, values={"employer": "甲厂"}, begun_by=cast.village)
    WorkSpell.objects.update(employer="乙厂", monthly_wage=6000)
    told = filling.check(form)
    assert [(key, words) for key, _, words in told.refused] == [
        ("employer", "台账已改为“乙厂”，本表填的是“甲厂”，请核对后重新确定。")
    ]
    assert told.texts["monthly_wage"] == "6000"
    form = actions.catch_up(form, cast.village)
    told = filling.check(form)
    assert (told.refused, told.changed) == ([], {"employer": ("乙厂", "甲厂")})


# ── signing and submitting ───────────────────────────────────────────────────────────────────────────────────────


def test_without_signature_a_form_is_not_submitted_and_what_is_changed_is_signed_again(
    cast, person, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    form = actions.begin(person, MARCH, cast.village)
    with pytest.raises(NotAllowed, match="还没有签字"):
        actions.submit(form, "电话", cast.village)
    actions.sign(form, "person", PHOTO, cast.village)
    with pytest.raises(NotAllowed, match="还没有签字"):
        actions.submit(form, "电话", cast.village)
    actions.sign(form, "collector", PHOTO, cast.village)
    assert actions.is_signed(form)
    form = actions.keep(form, "monthly_wage", "5000", "4500", cast.village)
    with pytest.raises(NotAllowed, match="还没有签字"):
        actions.submit(form, "电话", cast.village)
    actions.sign(form, "paper", PHOTO, cast.village)
    form = actions.submit(form, "电话", cast.village)
    assert (form.state, form.filed_by, form.how) == ("submitted", cast.village, "电话")
    assert actions.submit(form, "电话", cast.village).filed_at == form.filed_at
    entry = AuditEntry.objects.get(action="form.submit")
    assert entry.detail["changes"] == {"月平均工资": ["4500", "5000"]}


def test_a_paper_that_is_no_picture_is_refused(cast, person, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    form = actions.begin(person, MARCH, cast.village)
    for kind, data in (("paper", b"<svg/>"), ("paper", PHOTO + bytes(papers.LARGEST)), ("x", PHOTO)):
        with pytest.raises(NotAllowed):
            actions.sign(form, kind, data, cast.village)
    assert form.papers.count() == 0


def test_secret_values_are_left_out_of_the_audit_trail(cast, person, settings):
    settings.SIGNATURES = False
    form = actions.begin(person, MARCH, cast.village)
    form = actions.keep(form, "phone", "13900009999", form.values["phone"], cast.village)
    actions.submit(form, "微信", cast.village)
    told = AuditEntry.objects.get(action="form.submit").detail
    assert told["changes"] == {"联系电话": ["（不显示）", "（已修改）"]}
    assert "13900009999" not in str(list(AuditEntry.objects.values()))


def test_ones_own_form_is_withdrawn_before_it_is_reviewed_and_another_one_begins(cast, person):
    form = actions.begin(person, MARCH, cast.village)
    with pytest.raises(NotAllowed, match="自己填写的"):
        actions.withdraw(form, cast.township)
    assert actions.withdraw(form, cast.village).state == "withdrawn"
    assert actions.begin(person, MARCH, cast.village) != form


def test_the_household_is_asked_of_somebody_new_only():
    assert "head_name" in fields(new_person=True)
    assert "head_name" not in fields()
