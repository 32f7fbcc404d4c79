"""Who passes a 采集表 on: three offices, three people."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import wall
from accounts.audit import AuditEntry, first_bad_entry
from accounts.authority import NotAllowed
from accounts.models import Posting
from accounts.roles import Role
from ledgers.collection import actions
from ledgers.models import CollectionForm, Laborer, MonthlyRecord, PersonChange, WorkSpell
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.collection_texts import AT_HOME, AT_WORK, new_form

pytestmark = pytest.mark.django_db
State = CollectionForm.State


@pytest.fixture
def cast():
    return casting.build()


@pytest.fixture(autouse=True)
def unsigned(settings):
    settings.SIGNATURES = False


@pytest.fixture
def person(cast):
    return factories.whole_person(cast.units["99111"], MARCH, name="示例甲")


def filed(cast, person, **values) -> CollectionForm:
    return actions.submit(factories.form(person, values=values, begun_by=cast.village), "电话", cast.village)


def reviewed(cast, person, **values) -> CollectionForm:
    return actions.review(filed(cast, person, **values), cast.township)


def second(cast, part: str, code: str, role: str):
    """Another user in the same office."""
    return casting.user(f"{part}-b", cast.units[code], role, f"{part}二")


def refused_by_the_database(**fields) -> bool:
    try:
        with transaction.atomic():
            CollectionForm.objects.create(month=factories.MARCH, **fields)
    except IntegrityError:
        return True
    return False


def test_the_database_lets_nobody_review_or_confirm_what_they_filed(cast):
    village = cast.units["99111"]
    person = factories.laborer(village)
    one, two, three = cast.village, cast.township, cast.county
    now = timezone.now()
    names = {"laborer": person, "village": village, "filed_at": now, "reviewed_at": now, "confirmed_at": now}

    def confirmed(filed, reviewed, confirmer):
        return names | {
            "state": State.CONFIRMED, "filed_by": filed, "reviewed_by": reviewed, "confirmed_by": confirmer,
        }  # fmt: skip

    assert refused_by_the_database(**confirmed(one, one, three))
    assert refused_by_the_database(**confirmed(one, two, one))
    assert refused_by_the_database(**confirmed(one, two, two))
    assert refused_by_the_database(**confirmed(one, None, three))
    assert refused_by_the_database(laborer=person, village=village, state=State.SUBMITTED)
    assert refused_by_the_database(
        laborer=person, village=village, state=State.RETURNED, filed_by=one, returned_by=two
    )
    assert not refused_by_the_database(**confirmed(one, two, three))


def test_the_database_keeps_one_living_form_per_person_and_month(cast):
    village = cast.units["99111"]
    person = factories.laborer(village)
    assert not refused_by_the_database(laborer=person, village=village)
    assert refused_by_the_database(laborer=person, village=village)
    CollectionForm.objects.update(state=State.WITHDRAWN)
    assert not refused_by_the_database(laborer=person, village=village)


# ── the way into the ledger ──────────────────────────────────────────────────────────────────────────────────────


def test_a_form_changes_the_ledger_when_the_third_office_confirms_it_and_not_before(cast, person):
    form = filed(cast, person, employer="新示例厂", started="2023年2月", phone="13900009999")
    form = actions.review(form, cast.township)
    assert WorkSpell.objects.get().employer == "示例电子厂"
    form = actions.confirm(form, cast.county)
    assert (form.state, form.confirmed_by, form.reviewed_by) == ("confirmed", cast.county, cast.township)
    assert list(WorkSpell.objects.order_by("started").values_list("employer", flat=True)) == [
        "示例电子厂",
        "新示例厂",
    ]
    row = MonthlyRecord.objects.get()
    assert (row.employer, row.verify_state, row.verified_how) == ("新示例厂", "已核实", "电话")
    assert (row.verified_by, row.verified_at, row.declared) == (cast.village, form.filed_at, True)
    change = PersonChange.objects.get()
    assert (change.what, change.batch, change.by) == ("采集变更", f"采集表{form.pk}", cast.county)
    assert [line[0] for line in change.changes] == ["联系电话", "就业单位名称", "就业时间"]
    told = AuditEntry.objects.get(action="form.confirm").detail["changes"]
    assert told["就业单位名称"] == ["示例电子厂", "新示例厂"]
    assert "13900009999" not in str(list(PersonChange.objects.values())) + str(
        list(AuditEntry.objects.values())
    )
    assert Laborer.objects.get().phone == "13900009999"
    assert Laborer.objects.get().version == 2
    assert first_bad_entry() is None


def test_confirmed_twice_it_is_written_once(cast, person):
    form = actions.confirm(reviewed(cast, person, monthly_wage="5000"), cast.county)
    assert actions.confirm(form, cast.county).confirmed_at == form.confirmed_at
    assert PersonChange.objects.count() == AuditEntry.objects.filter(action="form.confirm").count() == 1


def test_a_form_without_changes_verifies_the_month_and_writes_nothing_else(cast, person):
    actions.confirm(reviewed(cast, person), cast.county)
    row = MonthlyRecord.objects.get()
    assert (row.verify_state, row.verified_by, row.months) == ("已核实", cast.village, 6)
    assert Laborer.objects.get().version == 1
    assert PersonChange.objects.count() == 0


def test_somebody_new_gets_a_household_a_place_in_the_ledger_and_a_record(cast):
    form = actions.submit(new_form(cast.units["99111"], cast.village, AT_WORK), "上门", cast.village)
    form = actions.confirm(actions.review(form, cast.township), cast.county)
    person = Laborer.objects.get()
    assert (form.laborer, person.name, person.village.code) == (person, "示例人", "99111")
    assert (person.household.head_name, person.household.poverty_kind) == ("示例户", "脱贫户")
    row = MonthlyRecord.objects.get()
    assert (row.working, row.months, row.reason, row.verify_state) == (True, 3, "counted", "已核实")
    assert PersonChange.objects.get().what == "采集登记"


def test_somebody_registered_elsewhere_meanwhile_moves_with_the_confirmed_form(cast):
    form = new_form(cast.units["99111"], cast.village, AT_HOME)
    form = actions.review(actions.submit(form, "上门", cast.village), cast.township)
    other = factories.whole_person(cast.units["99112"], id_no=form.values["id_no"])
    actions.confirm(form, cast.county)
    other.refresh_from_db()
    assert (other.village.code, Laborer.objects.count()) == ("99111", 1)


def test_each_office_needs_no_more_than_its_own_people_to_pass_a_form_on(cast, person):
    """Also behind the wall of the database, and for somebody who is registered in another village by then."""
    new = new_form(cast.units["99111"], cast.village, AT_HOME)
    other = factories.whole_person(cast.units["99112"], id_no=new.values["id_no"])
    with wall.narrowed(cast.village):
        form = actions.begin(person, MARCH, cast.village)
        form = actions.keep(form, "employer", "新示例厂", "示例电子厂", cast.village)
        forms = [actions.submit(one, "上门", cast.village) for one in (form, new)]
    with wall.narrowed(cast.township):
        forms = actions.review_many({one.pk: one.version for one in forms}, 2, cast.township)
    with wall.narrowed(cast.county):
        actions.confirm_many({one.pk: one.version for one in forms}, 2, cast.county)
    other.refresh_from_db()
    assert other.village.code == "99111"
    assert MonthlyRecord.objects.get(laborer=person).employer == "新示例厂"


def test_what_was_changed_in_the_ledger_and_in_the_form_is_not_confirmed(cast, person):
    form = reviewed(cast, person, employer="甲厂")
    WorkSpell.objects.update(employer="乙厂")
    with pytest.raises(NotAllowed, match="台账已改为“乙厂”，本表填的是“甲厂”"):
        actions.confirm(form, cast.county)
    assert CollectionForm.objects.get().state == "reviewed"
    form = actions.send_back(form, "请与本人核对单位", cast.county)
    form = actions.catch_up(form, cast.village)
    form = actions.submit(form, "电话", cast.village)
    actions.confirm(actions.review(form, cast.township), cast.county)
    assert WorkSpell.objects.get().employer == "甲厂"


def test_what_somebody_else_changed_elsewhere_in_the_ledger_is_kept(cast, person):
    form = reviewed(cast, person, employer="甲厂")
    WorkSpell.objects.update(monthly_wage=6100)
    Laborer.objects.update(version=5)
    actions.confirm(form, cast.county)
    spell = WorkSpell.objects.get()
    assert (spell.employer, spell.monthly_wage, Laborer.objects.get().version) == ("甲厂", 6100, 6)


# ── who may ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_reviews_or_confirms_what_they_entered(cast, person):
    form = factories.form(person, begun_by=cast.village)
    form = actions.keep(form, "employer", "甲厂", "示例电子厂", cast.township)
    form = actions.submit(form, "电话", cast.village)
    with pytest.raises(NotAllowed, match="您填写的"):
        actions.review(form, cast.township)
    colleague = second(cast, "zhen", "9911", Role.TOWNSHIP)
    Posting.objects.create(user=colleague, unit=cast.units["991"], role=Role.COUNTY, since="2020-01-01")
    form = actions.review(form, colleague)
    with pytest.raises(NotAllowed, match="您审核的"):
        actions.confirm(form, colleague)
    Posting.objects.create(user=cast.village, unit=cast.units["991"], role=Role.COUNTY, since="2020-01-01")
    with pytest.raises(NotAllowed, match="您填写的"):
        actions.confirm(form, type(cast.village).objects.get(pk=cast.village.pk))
    assert actions.confirm(form, cast.county).state == "confirmed"


def test_each_step_is_for_its_office_within_its_reach(cast, person):
    form = filed(cast, person, monthly_wage="5000")
    for user in (cast.village, cast.county, cast.city, cast.neighbour_township, cast.auditor, cast.admin):
        with pytest.raises(NotAllowed):
            actions.review(form, user)
    form = actions.review(form, cast.township)
    for user in (cast.village, cast.township, cast.city, cast.neighbour_county, cast.auditor, cast.admin):
        with pytest.raises(NotAllowed):
            actions.confirm(form, user)
        with pytest.raises(NotAllowed):
            actions.send_back(form, "请核对单位名称", user)
    assert actions.confirm(form, cast.county).state == "confirmed"


def test_a_form_comes_back_with_a_reason_and_goes_the_whole_way_again(cast, person):
    form = filed(cast, person, monthly_wage="5000")
    with pytest.raises(NotAllowed, match="退回原因"):
        actions.send_back(form, " 错 ", cast.township)
    form = actions.send_back(form, "工资请与本人核对", cast.township)
    assert (form.state, form.reason, form.returned_by) == ("returned", "工资请与本人核对", cast.township)
    form = actions.keep(form, "monthly_wage", "5100", "5000", cast.village)
    form = actions.review(actions.submit(form, "电话", cast.village), cast.township)
    form = actions.send_back(form, "合同情况请核对", cast.county)
    assert (form.state, form.reviewed_by) == ("returned", None)
    with pytest.raises(NotAllowed, match="退回"):
        actions.confirm(form, cast.county)


@pytest.mark.parametrize("verb", ["keep", "submit", "sign", "withdraw", "catch_up"])
def test_a_form_under_review_is_not_changed(cast, person, verb):
    form = reviewed(cast, person, monthly_wage="5000")
    more = {"keep": ("employer", "甲厂", "示例电子厂"), "submit": ("电话",), "sign": ("paper", b"")}
    with pytest.raises(NotAllowed, match="待专班"):
        getattr(actions, verb)(form, *more.get(verb, ()), cast.village)


# ── a checked set ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_checked_set_is_passed_on_as_it_was_shown_or_not_at_all(cast):
    people = [
        factories.whole_person(cast.units["99111"], MARCH, name=f"示例{name}") for name in ("甲", "乙", "丙")
    ]
    forms = [filed(cast, one, monthly_wage="5000") for one in people]
    shown = {form.pk: form.version for form in forms}
    with pytest.raises(NotAllowed, match="选中的是3张，显示的是4张"):
        actions.review_many(shown, 4, cast.township)
    back = actions.send_back(forms[1], "工资请与本人核对", cast.township)
    with pytest.raises(actions.ChangedSince) as told:
        actions.review_many(shown, 3, cast.township)
    assert told.value.names == ["示例乙"]
    back = actions.keep(back, "monthly_wage", "5100", "5000", cast.village)
    actions.submit(back, "电话", cast.village)
    with pytest.raises(actions.ChangedSince):
        actions.review_many(shown, 3, cast.township)
    assert {form.state for form in CollectionForm.objects.all()} == {"submitted"}

    shown[back.pk] = back.version
    assert [form.state for form in actions.review_many(shown, 3, cast.township)] == ["reviewed"] * 3
    WorkSpell.objects.filter(laborer=people[2]).update(monthly_wage=9999)
    with pytest.raises(NotAllowed, match="示例丙：.*全部3张都没有办理"):
        actions.confirm_many(shown, 3, cast.county)
    assert {form.state for form in CollectionForm.objects.all()} == {"reviewed"}
    WorkSpell.objects.filter(laborer=people[2]).update(monthly_wage=4500)
    assert [form.state for form in actions.confirm_many(shown, 3, cast.county)] == ["confirmed"] * 3


def test_a_set_with_a_form_out_of_reach_is_refused(cast, person):
    form = filed(cast, person, monthly_wage="5000")
    with pytest.raises(actions.ChangedSince):
        actions.review_many({form.pk: form.version}, 1, cast.neighbour_township)
