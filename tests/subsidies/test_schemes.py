"""Schemes in the browser: written from an example, tried on past months, approved by a second person, then for ever."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from jobs.runner import run_waiting
from ledgers.codes import IN_CITY, IN_PROVINCE, OUTSIDE
from ledgers.models import MonthClosing
from lib.month import Month
from subsidies.models import Claim, SchemeVersion, Trial, TrialLine
from subsidies.rules import read
from subsidies.schemes import actions, comparing
from subsidies.schemes.examples import EXAMPLES
from subsidies.schemes.forms import SchemeForms
from subsidies.schemes.trials import asked_in
from subsidies.screening import screen
from tests import factories
from tests.cast import user as made_user
from tests.scheme_rows import scheme
from tests.subsidies.schemes import approved
from tests.test_every_url import signed_in

pytestmark = pytest.mark.django_db
MARCH, APRIL = factories.MARCH, Month(2023, 4)
State = SchemeVersion.State
PLACES = {"kind": "by_place", "amounts": {OUTSIDE: 100_000, IN_PROVINCE: 50_000, IN_CITY: 30_000}}


@pytest.fixture
def second(cast):
    """Another officer of the county, who approves."""
    return made_user("xian9", cast.units["991"], "county", "县专班二")


def filled(example, **more: str) -> dict[str, object]:
    """What a browser sends for the form of an example: every field as it is shown, with the changes."""
    head = {
        "code": example.code, "name": "一次性交通补贴", "from_month": APRIL, "notice_days": 5, "fund": "衔接资金",
        "basis": "示例文件〔2023〕1号", "is_away": example.is_away,
    }  # fmt: skip
    forms = SchemeForms(None, head, example.rule, example.documents)
    data: dict[str, object] = {}
    for form in [
        forms.head, *forms.clauses, forms.tariff, *forms.bands, *forms.steps, *forms.papers,
        forms.bands.management_form, forms.steps.management_form, forms.papers.management_form,
    ]:  # fmt: skip
        for field in form:
            value = field.field.prepare_value(field.value())
            if value is True:
                data[field.html_name] = "on"
            elif value is not None and value is not False and value != "":
                data[field.html_name] = value if isinstance(value, list) else str(value)
    return data | {"form_token": "t1", "seen": ""} | more


def example_of(key: str):
    return next(one for one in EXAMPLES if one.key == key)


def draft_of(cast, tariff=PLACES, **fields):
    """The second version of a county's scheme after one in force, whose tariff is changed."""
    current = scheme(cast.units["991"], cast.county, approved_by=cast.city, from_month=Month(2023, 1))
    values = {name: getattr(current, name) for name in actions.VALUES} | {"from_month": APRIL} | fields
    return actions.write(cast.units["991"], "B01", values, current.rule | {"tariff": tariff}, cast.county)


def tried(draft, by, first=MARCH, last=MARCH) -> Trial:
    trial = actions.start_trial(draft, first, last, by)
    run_waiting("scheme.try")
    trial.refresh_from_db()
    return trial


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [one.key for one in EXAMPLES])
def test_every_example_passes_through_the_form_unchanged(cast, key):
    example = example_of(key)
    forms = SchemeForms(filled(example), {}, {}, [])
    assert forms.is_valid(), forms.problems
    made, given = read(forms.rule), read(example.rule)
    order = [one["kind"] for one in forms.rule["clauses"]]
    assert sorted(order) == sorted(one["kind"] for one in example.rule["clauses"])
    assert {str(sorted(one.items())) for one in forms.rule["clauses"]} == {
        str(sorted(one.items())) for one in example.rule["clauses"]
    }
    assert (made.tariff, made.window, made.places, made.job_forms) == (
        {"most": None} | given.tariff if given.tariff["kind"] == "per_month" else given.tariff,
        given.window, given.places, given.job_forms,
    )  # fmt: skip
    assert forms.values["documents"] == example.documents


def test_an_officer_begins_from_an_example_and_gets_a_draft(cast):
    officer = signed_in(cast.county)
    assert "崇信县（甘肃）2024年" in officer.get(reverse("subsidies:scheme_new")).content.decode()
    page = officer.get(reverse("subsidies:scheme_new") + "?example=b01-places").content.decode()
    assert "一次性交通补贴" in page
    assert 'value="1500"' in page
    answer = officer.post(reverse("subsidies:scheme_new"), filled(example_of("b01-places"), place4="1200.5"))
    one = SchemeVersion.objects.get()
    assert answer["Location"] == reverse("subsidies:scheme", args=[one.pk])
    assert (one.unit.code, one.version, one.state, one.written_by) == ("991", 1, State.DRAFT, cast.county)
    assert one.rule["tariff"]["amounts"][OUTSIDE] == 120_050
    page = officer.get(answer["Location"]).content.decode()
    assert "1,200.50元" in page
    assert "16周岁以上" in page
    assert AuditEntry.objects.filter(action="scheme.write").count() == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"place4": "很多"}, "不是金额"),
        ({"place4": "-5"}, "金额应大于0元"),
        ({"age-0-least": "二十"}, "年龄，最小年龄"),
        ({"age-0-least": "200"}, "120"),
        ({"until_month": "2023-01"}, "不能早于起始月份"),
        ({"basis": ""}, "政策依据"),
        ({"tariff": "flat"}, "金额应大于0元"),
        ({"places": ["乡内", "省外"]}, "只算县外务工的月份"),
        ({"places": []}, "只算县外务工的月份"),
        ({"months-0-on": ""}, "要核对务工时间"),
        ({"tariff": "by_region", "bands-0-prefixes": "广东", "bands-0-amount": "5"}, "区划代码"),
        ({"tariff": "percent", "steps-0-upto": "10000", "steps-0-percent": "2"}, "最后一档不写上限"),
        ({"tariff": "percent", "steps-0-percent": "200"}, "100"),
        ({"bands-TOTAL_FORMS": "x"}, "提交的内容不完整"),
    ],
)
def test_a_bad_value_gets_a_sentence_and_nothing_is_saved(cast, wrong, told):
    data = filled(example_of("b01-places"), **wrong)
    answer = signed_in(cast.county).post(reverse("subsidies:scheme_new"), data)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not SchemeVersion.objects.exists()


def test_a_month_that_is_closed_cannot_be_the_first(cast):
    MonthClosing.objects.create(unit=cast.units["99"], month=APRIL, closed_by=cast.city)
    answer = signed_in(cast.county).post(reverse("subsidies:scheme_new"), filled(example_of("b01-places")))
    assert "2023年4月已经关闭" in answer.content.decode()
    assert not SchemeVersion.objects.exists()


def test_a_draft_changed_by_somebody_else_meanwhile_is_not_overwritten(cast):
    draft = draft_of(cast)
    data = filled(example_of("b01-places")) | {"seen": (draft.written_at - dt.timedelta(1)).isoformat()}
    answer = signed_in(cast.county).post(reverse("subsidies:scheme_edit", args=[draft.pk]), data)
    assert "刚被别人改过" in answer.content.decode()
    data |= {"seen": draft.written_at.isoformat(), "form_token": "t2"}
    assert (
        signed_in(cast.county).post(reverse("subsidies:scheme_edit", args=[draft.pk]), data).status_code
        == 302
    )


def test_there_is_one_draft_of_a_scheme_and_a_void_number_is_not_used_again(cast):
    draft = draft_of(cast)
    values = {name: getattr(draft, name) for name in actions.VALUES}
    with pytest.raises(NotAllowed, match="已有第2版草稿"):
        actions.write(draft.unit, "B01", values, draft.rule, cast.county)
    actions.void(draft, cast.county)
    assert actions.write(draft.unit, "B01", values, draft.rule, cast.county).version == 3
    with pytest.raises(NotAllowed, match="已作废"):
        actions.rewrite(draft, values, draft.rule, cast.county, draft.written_at)


@pytest.mark.parametrize("who", ["village", "township", "neighbour_county", "auditor", "admin"])
def test_nobody_else_writes_or_approves(cast, who):
    draft = draft_of(cast)
    values = {name: getattr(draft, name) for name in actions.VALUES}
    other = getattr(cast, who)
    for act in (
        lambda: actions.write(draft.unit, "B02", values, draft.rule, other),
        lambda: actions.rewrite(draft, values, draft.rule, other, draft.written_at),
        lambda: actions.start_trial(draft, MARCH, MARCH, other),
        lambda: actions.approve(draft, other),
        lambda: actions.void(draft, other),
    ):
        with pytest.raises(NotAllowed, match="没有办理甲县补贴政策的权限"):
            act()


def test_a_village_reads_what_is_in_force_and_no_draft(cast):
    draft = draft_of(cast)
    reader = signed_in(cast.village)
    page = reader.get(reverse("subsidies:schemes")).content.decode()
    assert "省外1,500.00元" in page
    assert "草稿" not in page
    assert reader.get(reverse("subsidies:scheme", args=[draft.pk])).status_code == 404


# ── the trial run ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def workers(cast) -> dict[str, object]:
    """Three at work outside the province, in it, and in the county; one of another village outside the province."""
    made = {}
    for name, village, place in (
        ("out", "99111", OUTSIDE),
        ("in", "99111", IN_PROVINCE),
        ("near", "99111", "乡外县内"),
        ("far", "99121", OUTSIDE),
    ):
        made[name] = factories.laborer(cast.units[village], name)
        factories.spell(made[name], place_class=place)
        factories.record(made[name], place_class=place)
    return made


def test_the_trial_run_shows_who_would_gain_or_lose_and_how_much(cast, workers):
    lower = PLACES | {"amounts": {OUTSIDE: 100_000, IN_PROVINCE: 80_000}}
    trial = tried(draft_of(cast, lower), cast.county)
    assert (trial.people, trial.against.version) == (4, 1)
    lines = {one.laborer.name: (one.before, one.after) for one in TrialLine.objects.select_related("laborer")}
    assert lines == {"out": (150_000, 100_000), "far": (150_000, 100_000), "in": (60_000, 80_000)}
    units, total = comparing.sums(trial, cast.county)
    assert [(one.name, one.gaining, one.gained, one.losing, one.lost) for one in [*units, total]] == [
        ("甲东镇", 1, 20_000, 1, 50_000), ("甲西镇", 0, 0, 1, 50_000), ("合计", 1, 20_000, 2, 100_000),
    ]  # fmt: skip
    page = signed_in(cast.county).get(reverse("subsidies:trial", args=[trial.pk])).content.decode()
    assert "1,000.00" in page  # what is lost in all
    assert "0.10" in page  # the same in 万元
    assert "near" not in page
    losing = signed_in(cast.county).get(
        reverse("subsidies:trial", args=[trial.pk]) + "?change=lose&unit=9912"
    )
    assert [row["line"].laborer.name for row in losing.context["lines"]] == ["far"]


def test_a_trial_begins_with_the_months_of_the_ledger_and_one_of_nobody_says_what_to_do(cast):
    draft, officer = draft_of(cast), signed_in(cast.county)
    factories.record(factories.laborer(cast.units["99111"]), Month(2022, 6))
    factories.record(factories.laborer(cast.units["99111"]), Month(2022, 9))
    page = officer.get(reverse("subsidies:scheme", args=[draft.pk])).content.decode()
    assert 'value="2022-06"' in page
    assert 'value="2022-09"' in page
    empty = tried(draft, cast.county)
    page = officer.get(reverse("subsidies:trial", args=[empty.pk])).content.decode()
    assert "换成台账已有的月份再试算" in page


def test_a_trial_says_why_somebody_would_get_nothing(cast, workers):
    draft = draft_of(cast)
    stricter = draft.rule | {
        "clauses": [
            *draft.rule["clauses"],
            {"kind": "months", "least": 9, "one_employer": False, "in_a_row": False},
        ]
    }
    values = {name: getattr(draft, name) for name in actions.VALUES}
    tried(actions.rewrite(draft, values, stricter, cast.county, draft.written_at), cast.county)
    line = TrialLine.objects.get(laborer=workers["out"])
    assert (line.before, line.after) == (150_000, 0)
    assert line.why == "按新版本：务工时间不符合：要求累计务工满9个月，台账为3个月"


def test_a_trial_pays_each_period_once_and_the_clause_of_once_a_year_holds_in_it(cast, workers):
    rule = read(example_of("b01-places").rule | {"window": "month"})
    assert asked_in(rule, Month(2023, 1), MARCH) == {Month(2023, n) for n in (1, 2, 3)}
    assert asked_in(read(rule.data | {"window": "quarter"}), Month(2022, 12), APRIL) == {
        Month(2022, 12), MARCH, APRIL,
    }  # fmt: skip
    for month in (1, 2):
        factories.record(workers["out"], Month(2023, month))
    once = draft_of(cast)
    values = {name: getattr(once, name) for name in actions.VALUES}
    monthly = once.rule | {"window": "month"}
    trial = tried(
        actions.rewrite(once, values, monthly, cast.county, once.written_at), cast.county, Month(2023, 1)
    )
    assert TrialLine.objects.get(trial=trial, laborer=workers["out"]).after == 100_000


def test_a_trial_in_the_queue_does_not_run_on_other_content(cast, workers):
    draft = draft_of(cast)
    trial = actions.start_trial(draft, MARCH, MARCH, cast.county)
    values = {name: getattr(draft, name) for name in actions.VALUES}
    actions.rewrite(draft, values, draft.rule | {"cap": 5}, cast.county, draft.written_at)
    run_waiting("scheme.try")
    trial.refresh_from_db()
    assert trial.finished_at is None
    assert (
        "试算还没有完成"
        in signed_in(cast.city).get(reverse("subsidies:trial", args=[trial.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [(APRIL, MARCH, "从早到晚"), (MARCH, APRIL, "不能晚于本月"), (Month(2021, 1), MARCH, "最多试算12个月")],
)
def test_months_of_a_trial_are_past_and_few(cast, first, last, told):
    draft = draft_of(cast)
    answer = signed_in(cast.county).post(
        reverse("subsidies:scheme_try", args=[draft.pk]), {"first": str(first), "last": str(last)}
    )
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Trial.objects.exists()


# ── approval ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_takes_effect_when_somebody_else_has_approved_what_was_tried(cast, second, workers):
    draft = draft_of(cast)
    with pytest.raises(NotAllowed, match="还没有试算"):
        actions.approve(draft, second)
    tried(draft, cast.county)
    with pytest.raises(NotAllowed, match="由另一位同事批准"):
        actions.approve(draft, cast.county)
    page = signed_in(second).get(reverse("subsidies:scheme_approve", args=[draft.pk])).content.decode()
    assert "接替" in page
    assert "批准执行" in page
    signed_in(second).post(reverse("subsidies:scheme_approve", args=[draft.pk]))
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == (State.APPROVED, second)
    county = cast.units["991"]
    assert SchemeVersion.objects.in_force(county, MARCH).get().version == 1
    assert SchemeVersion.objects.in_force(county, APRIL).get() == draft
    listed = signed_in(cast.village).get(reverse("subsidies:schemes")).context["lines"]
    assert [(one.current.version, one.coming.version) for one in listed] == [(1, 2)]


def test_what_was_changed_after_its_trial_is_tried_again(cast, second, workers):
    draft = draft_of(cast)
    tried(draft, cast.county)
    values = {name: getattr(draft, name) for name in actions.VALUES}
    draft = actions.rewrite(draft, values, draft.rule | {"cap": 90_000}, cast.county, draft.written_at)
    with pytest.raises(NotAllowed, match="又改过"):
        actions.approve(draft, second)


def test_a_version_does_not_begin_before_the_one_it_follows(cast, second, workers):
    draft = draft_of(cast, from_month=Month(2022, 11))
    tried(draft, cast.county)
    with pytest.raises(NotAllowed, match="不能从更早的月份起执行"):
        actions.approve(draft, second)


def test_a_version_that_has_ended_pays_nothing_and_does_not_bring_the_older_back(cast):
    county = cast.units["991"]
    scheme(county, cast.county, approved_by=cast.city, from_month=Month(2023, 1))
    scheme(county, cast.county, version=2, approved_by=cast.city, from_month=MARCH, until_month=MARCH)
    assert SchemeVersion.objects.in_force(county, MARCH).get().version == 2
    assert not SchemeVersion.objects.in_force(county, APRIL).exists()


def test_the_database_keeps_an_approved_version_as_it_is_and_the_writer_from_approving(cast):
    one = scheme(cast.units["991"], cast.county, approved_by=cast.city)
    for act in (
        lambda: SchemeVersion.objects.filter(pk=one.pk).update(rule={}),
        lambda: SchemeVersion.objects.filter(pk=one.pk).update(until_month=MARCH),
        one.delete,
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()
    with pytest.raises(IntegrityError, match="scheme_approved_by_another"), transaction.atomic():
        scheme(cast.units["991"], cast.county, version=2, approved_by=cast.county)
    with pytest.raises(IntegrityError, match="approved_scheme_names_who"), transaction.atomic():
        scheme(cast.units["991"], cast.county, version=2, state=State.APPROVED, approved_at=timezone.now())


def test_changing_a_tariff_changes_no_screening_that_was_made(cast, second, workers):
    draft = draft_of(cast)
    current = SchemeVersion.objects.get(version=1)
    [before] = screen([current], cast.units["991"], MARCH, cast.county)
    tried(draft, cast.county)
    actions.approve(draft, second)
    [again] = screen([current], cast.units["991"], MARCH, cast.county)
    assert (again.pk, again.digest) == (before.pk, before.digest)


def test_changing_a_tariff_changes_no_decided_claim(cast, second, workers):
    draft = draft_of(cast)
    current = SchemeVersion.objects.get(version=1)
    claim = approved(cast, current, workers["out"])
    before = Claim.objects.filter(pk=claim.pk).values().get()
    tried(draft, cast.county)
    draft = actions.approve(draft, second)
    screen([draft], cast.units["991"], MARCH, cast.county)
    assert Claim.objects.filter(pk=claim.pk).values().get() == before
    claim.refresh_from_db()
    assert claim.scheme.rule["tariff"]["amounts"][OUTSIDE] == 150_000
    assert draft.rule["tariff"]["amounts"][OUTSIDE] == 100_000
    with pytest.raises(ProtectedError):
        SchemeVersion.objects.get(pk=current.pk).delete()


def test_a_tariff_is_changed_page_by_page_and_a_claim_that_was_decided_stays_as_it_was(cast, second, workers):
    """From the version in force to the next: tried on a month that is over, approved by a second person."""
    february, officer, other = Month(2023, 2), signed_in(cast.county), signed_in(second)
    current = scheme(cast.units["991"], cast.county, approved_by=cast.city, from_month=Month(2023, 1))
    for person in workers.values():
        factories.record(person, february, place_class=person.spells.get().place_class)
    claim = approved(cast, current, workers["out"])
    said = Claim.objects.filter(pk=claim.pk).values().get()
    cheaper = filled(example_of("b01-places"), place4="1000", place3="800", from_month=str(APRIL))
    address = officer.post(reverse("subsidies:scheme_next", args=[current.pk]), cheaper)["Location"]
    draft = SchemeVersion.objects.get(version=2)
    assert address == reverse("subsidies:scheme", args=[draft.pk])
    tried_on = {"first": str(february), "last": str(february)}
    trial = officer.post(reverse("subsidies:scheme_try", args=[draft.pk]), tried_on)["Location"]
    run_waiting("scheme.try")
    total = officer.get(trial).context["total"]
    assert (total.gaining, total.gained, total.losing, total.lost) == (1, 20_000, 2, 100_000)
    other.post(reverse("subsidies:scheme_approve", args=[draft.pk]))
    assert SchemeVersion.objects.in_force(cast.units["991"], APRIL).get() == draft
    assert Claim.objects.filter(pk=claim.pk).values().get() == said
    shown = officer.get(reverse("subsidies:claims")).content.decode()
    assert ("1,500.00" in shown, "1,000.00" in shown) == (True, False)
    april = read(draft.rule).tariff["amounts"]
    assert (april[OUTSIDE], current.terms.tariff["amounts"][OUTSIDE]) == (100_000, 150_000)


# ── the pages ask little of the database ─────────────────────────────────────────────────────────────────────────


def test_each_page_asks_a_fixed_number_of_questions(cast, workers, django_assert_max_num_queries):
    trial = tried(draft_of(cast), cast.county)
    officer = signed_in(cast.county)
    for count, url in (
        (8, reverse("subsidies:schemes")),
        (16, reverse("subsidies:scheme", args=[trial.scheme_id])),
        (16, reverse("subsidies:trial", args=[trial.pk])),
        (8, reverse("subsidies:scheme_edit", args=[trial.scheme_id])),
    ):
        with django_assert_max_num_queries(count):
            assert officer.get(url).status_code == 200
