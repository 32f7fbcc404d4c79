"""Totals of every unit equal the rows below it, however the rows arrive and whichever way they are computed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Custody, Unit
from jobs.models import Job
from jobs.runner import run_waiting
from ledgers import codes
from ledgers.models import MonthClosing
from lib import changes
from lib.month import Month
from posts.models import Appointment, Post
from reports import reading, rollup
from reports.figures import CATALOGUE, Count
from reports.models import FigureValue, Stale, Target
from reports.sources import SOURCES
from sampling.models import Call, Campaign
from tests import cast, factories
from tests.factories import MARCH

pytestmark = pytest.mark.django_db
VILLAGES = ["99111", "99112", "99121", "99122", "99211", "99212", "99221", "99222"]
PLACES = codes.PLACE_CLASSES


def stored() -> dict:
    """Everything that is kept and is not zero."""
    rows = FigureValue.objects.values_list("unit__code", "month", "figure", "numerator", "denominator")
    return {row[:3]: row[3:] for row in rows if row[3] or row[4]}


def direct(units: dict[str, Unit], month: Month = MARCH) -> dict:
    """The same from the rows of each unit's subtree."""
    found = {}
    for code, unit in units.items():
        for figure in CATALOGUE:
            numerator = figure.rows(unit, month).count()
            counted = isinstance(figure.denominator, Count)
            denominator = figure.rows(unit, month, "denominator").count() if counted else None
            if numerator or denominator:
                found[code, month, figure.id] = (numerator, denominator)
    return found


def post(unit: Unit, number: str, person=None) -> Post:
    made = Post.objects.create(
        number=number, unit=unit, title="护林员", category="护林员", opened_on=dt.date(2022, 1, 1)
    )
    if person:
        Appointment.objects.create(post=made, laborer=person, started_on=dt.date(2023, 1, 1))
    return made


person_rows = st.tuples(
    st.sampled_from(VILLAGES),
    st.sampled_from(["counted", "not_working"]),
    st.sampled_from(PLACES),
    st.sampled_from(["已核实", "未核实"]),
    st.sampled_from([None, "own", "9911", "992"]),  # a post in the village, the township or the county
    st.sampled_from([None, "missed", "place", "policy"]),
)


def write(row, serial: int, units: dict[str, Unit], campaign: Campaign) -> None:
    village, reason, place, verified, at, call = row
    person = factories.laborer(units[village])
    factories.record(
        person, reason=reason, working=reason == "counted", place_class=place, verify_state=verified
    )
    if at:
        post(units[village if at == "own" else at], f"P{serial}", person)
    if call:
        Call.objects.create(
            campaign=campaign,
            laborer=person,
            township=person.village.parent,
            village=person.village,
            connected=call != "missed",
            place_matches=call == "place",
            time_matches=False,
            knows_policy=call == "policy",
        )


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(person_rows, max_size=9), split=st.integers(0, 9))
def test_every_total_is_the_count_of_the_rows_below_and_incremental_equals_full(rows, split):
    with transaction.atomic():
        units = factories.tree()
        campaign = Campaign.objects.create(unit=units["99"], month=MARCH, name="抽查")
        for serial, row in enumerate(rows[:split]):
            write(row, serial, units, campaign)
        rollup.recompute(MARCH)
        for serial, row in enumerate(rows[split:], split):
            write(row, serial, units, campaign)
            changed = {units[row[0]].pk} | ({units[row[4]].pk} if row[4] in units else set())
            rollup.mark_stale(MARCH, changed)
        rollup.recompute_stale()
        incremental = stored()
        assert incremental == direct(units)
        FigureValue.objects.all().delete()
        rollup.recompute(MARCH)
        assert stored() == incremental
        assert rollup.recompute(MARCH) == 0
        transaction.set_rollback(True)


def test_recomputing_one_branch_leaves_its_neighbours_and_adds_up_to_the_city():
    units = factories.tree()
    for code in VILLAGES:
        factories.record(factories.laborer(units[code]))
    rollup.recompute(MARCH)
    factories.record(factories.laborer(units["99111"]))
    factories.record(factories.laborer(units["99211"]))
    rollup.recompute(MARCH, units["991"])
    numbers = {
        code: reading.value(units[code], "I01", MARCH).numerator for code in ("99111", "991", "992", "99")
    }
    assert numbers == {"99111": 2, "991": 5, "992": 4, "99": 9}


def test_one_changed_village_takes_a_query_per_source_and_six_more(django_assert_max_num_queries):
    units = factories.tree()
    for code in VILLAGES:
        factories.record(factories.laborer(units[code]))
    rollup.recompute(MARCH)
    factories.record(factories.laborer(units["99111"]))
    tree_before = Custody.objects.count()
    with django_assert_max_num_queries(len(SOURCES) + 6):
        rollup._compute(MARCH, rollup._above(MARCH, {units["99111"].pk}), [])
    assert Custody.objects.count() == tree_before
    assert reading.value(units["99"], "I01", MARCH).numerator == 9


def test_many_values_at_once_are_written_like_few(monkeypatch):
    units = factories.tree()
    for code in VILLAGES:
        factories.record(factories.laborer(units[code]))
    rollup.recompute(MARCH)
    few = stored()
    FigureValue.objects.all().delete()
    monkeypatch.setattr(rollup, "FEW", 0)
    rollup.recompute(MARCH)
    assert stored() == few


def test_numbers_that_fall_to_zero_are_written_as_zero():
    units = factories.tree()
    record = factories.record(factories.laborer(units["99111"]))
    rollup.recompute(MARCH)
    record.delete()
    rollup.recompute(MARCH)
    assert reading.value(units["99"], "I01", MARCH).numerator == 0
    assert stored() == {}


def test_a_changed_fact_starts_one_job_that_serves_all_marks(django_capture_on_commit_callbacks):
    units = factories.tree()
    with django_capture_on_commit_callbacks(execute=True):
        for code in ("99111", "99112", "99211"):
            factories.record(factories.laborer(units[code]))
            changes.mark(MARCH, [units[code].pk])
    assert Job.objects.filter(kind=rollup.KIND).count() == 1
    assert reading.as_of(units["991"], MARCH).waiting == 2
    assert run_waiting(rollup.KIND) == 1
    assert not Stale.objects.exists()
    assert reading.value(units["99"], "I01", MARCH).numerator == 3
    assert Job.objects.get(kind=rollup.KIND).result == {"marks": 3}


def test_a_mark_made_while_a_recompute_runs_gets_a_job_of_its_own(django_capture_on_commit_callbacks):
    units = factories.tree()
    Job.objects.create(kind=rollup.KIND, title="更新统计数字", state=Job.State.RUNNING)
    with django_capture_on_commit_callbacks(execute=True):
        changes.mark(MARCH, [units["99111"].pk])
    assert Job.objects.waiting().filter(kind=rollup.KIND).count() == 1


def test_marks_whose_job_was_lost_are_found_by_the_tick(django_capture_on_commit_callbacks):
    from reports.work import recompute_what_waits

    units = factories.tree()
    Stale.objects.create(month=MARCH, village=units["99111"])
    recompute_what_waits()
    recompute_what_waits()
    assert Job.objects.waiting().filter(kind=rollup.KIND).count() == 1


def test_a_closed_month_keeps_its_ledger_figures_and_still_takes_calls():
    people = cast.build()
    units = people.units
    person = factories.laborer(units["99111"])
    factories.record(person)
    post(units["99111"], "P1", person)
    rollup.recompute(MARCH)
    MonthClosing.objects.create(unit=units["991"], month=MARCH, closed_by=people.county)
    post(units["99111"], "P2", factories.laborer(units["99111"]))  # entered late, dated before the closing
    campaign = Campaign.objects.create(unit=units["99"], month=MARCH, name="抽查")
    Call.objects.create(
        campaign=campaign, laborer=person, township=units["9911"], village=units["99111"], connected=True
    )
    rollup.mark_stale(MARCH, [units["99111"].pk])
    rollup.recompute_stale()
    rollup.recompute(MARCH)
    figures = reading.values([units["99111"], units["99"]], MARCH)
    for unit in ("99111", "99"):
        assert figures[units[unit].pk]["I07"].numerator == 1
        assert figures[units[unit].pk]["I10"].numerator == 1
        assert figures[units[unit].pk]["I17"].denominator == 1


def test_a_change_made_before_the_closing_is_counted_after_it():
    people = cast.build()
    units = people.units
    rollup.recompute(MARCH)
    factories.record(factories.laborer(units["99111"]))
    rollup.mark_stale(MARCH, [units["99111"].pk])
    MonthClosing.objects.create(unit=units["99"], month=MARCH, closed_by=people.city)
    rollup.recompute_stale()
    assert reading.value(units["99"], "I01", MARCH).numerator == 1


def test_a_village_that_moves_later_stays_in_the_totals_of_its_old_township():
    units = factories.tree()
    factories.record(factories.laborer(units["99111"]))
    village = units["99111"]
    Custody.objects.filter(unit=village).update(valid_to=dt.date(2023, 3, 31))
    Custody.objects.create(
        unit=village, parent=units["9921"], path=f"{units['9921'].path}99111/", valid_from=dt.date(2023, 4, 1)
    )
    rollup.recompute(MARCH)
    assert reading.value(units["9911"], "I01", MARCH).numerator == 1
    assert reading.value(units["9921"], "I01", MARCH).numerator == 0


def test_targets_are_the_units_own_or_the_sum_when_every_child_has_one():
    units = factories.tree()
    Target.objects.create(unit=units["991"], year=2023, value=100)
    assert reading.target(units["99"], 2023) is None
    Target.objects.create(unit=units["992"], year=2023, value=50)
    assert reading.target(units["99"], 2023) == 150
    Target.objects.create(unit=units["99"], year=2023, value=140)
    assert reading.target(units["99"], 2023) == 140


def test_reading_all_figures_of_many_units_takes_three_queries(django_assert_max_num_queries):
    units = factories.tree()
    factories.record(factories.laborer(units["99111"]))
    rollup.recompute(MARCH)
    with django_assert_max_num_queries(3):
        values = reading.values(list(units.values()), MARCH)
    assert values[units["99"].pk]["I01"].text == "1"
    assert values[units["99222"].pk]["I29"].text == "—"


def test_comparisons_know_last_month_and_say_nothing_of_months_never_counted():
    units = factories.tree()
    person = factories.laborer(units["99111"])
    factories.record(person, MARCH - 1)
    rollup.recompute(MARCH - 1)
    rollup.recompute(MARCH)
    comparison = reading.compare(units["99"], "I01", MARCH)
    assert (comparison.now, comparison.base, comparison.difference) == (0, 1, -1)
    assert comparison.growth is not None
    assert reading.compare(units["99"], "I01", MARCH, reading.LAST_YEAR).difference is None


def test_the_command_prints_numerator_denominator_value_and_text(capsys):
    import json

    units = factories.tree()
    Target.objects.create(unit=units["99111"], year=2023, value=3)
    factories.record(factories.laborer(units["99111"]))
    call_command("recompute", "--month", "2023-03", "--unit", "9911", "--json")
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert set(figures) == {"9911", "99111", "99112"}
    assert figures["99111"]["I03"] == {"numerator": 1, "denominator": 3, "value": 33.3, "text": "33.3%"}
    assert figures["99112"]["I29"]["text"] == "—"


def test_moving_a_village_counts_both_townships_again(django_capture_on_commit_callbacks):
    from accounts.actions import move_unit

    people = cast.build()
    units = people.units
    factories.record(factories.laborer(units["99111"]))
    rollup.recompute(MARCH)
    with django_capture_on_commit_callbacks(execute=True):
        move_unit(units["99111"], units["9912"], dt.date(2023, 3, 15), people.county)
    run_waiting(rollup.KIND)
    counts = {code: reading.value(units[code], "I01", MARCH).numerator for code in ("9911", "9912", "991")}
    assert counts == {"9911": 0, "9912": 1, "991": 1}
