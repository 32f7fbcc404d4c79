"""The facts of a month follow from what the ledger knows, in open months and nowhere else."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.audit import AuditEntry
from ledgers import facts
from ledgers.facts import Declared, Spell, Stated, year_to_date
from ledgers.models import MonthClosing, MonthlyRecord
from ledgers.periods import PeriodClosed
from lib import changes
from lib.month import Month
from tests import cast as casting
from tests import factories

MARCH = Month(2023, 3)


def worked(started: Month, ended: Month | None = None, wage: int | None = 3000) -> Spell:
    return Spell(started, ended, "省外", "440300", "单位就业", "普工", "示例厂", wage)


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([], (0, 0)),
        ([worked(Month(2022, 1))], (6, 18000)),  # only October to March of the statistical year
        ([worked(Month(2023, 3))], (1, 3000)),
        ([worked(Month(2023, 4))], (0, 0)),
        ([worked(Month(2022, 10), Month(2022, 11))], (2, 6000)),
        ([worked(Month(2022, 1), Month(2022, 9))], (0, 0)),
        ([worked(Month(2022, 10), Month(2022, 12)), worked(Month(2023, 1), None, 5000)], (6, 24000)),
        ([worked(Month(2022, 10), Month(2023, 1)), worked(Month(2023, 1), None, 5000)], (6, 24000)),
        ([worked(Month(2022, 10), None, None)], (6, 0)),
    ],
)
def test_months_and_income_are_those_of_the_statistical_year(spells, expected):
    assert year_to_date(spells, MARCH) == expected


def test_the_statistical_year_begins_anew_in_october():
    assert year_to_date([worked(Month(2020, 1))], Month(2023, 9))[0] == 12
    assert year_to_date([worked(Month(2020, 1))], Month(2023, 10))[0] == 1


months = st.builds(Month, st.integers(2021, 2023), st.integers(1, 12))


@given(st.lists(st.tuples(months, st.none() | months, st.integers(0, 30_000)), max_size=4), months)
def test_no_month_counts_twice_and_none_beyond_the_year(rows, month):
    spells = [worked(start, end if end is None or end >= start else start, wage) for start, end, wage in rows]
    total, income = year_to_date(spells, month)
    assert 0 <= total <= len(month.months_so_far())
    assert income <= total * max((wage for _, _, wage in rows), default=0)


@pytest.fixture
def cast(db):
    return casting.build()


def fact(person) -> MonthlyRecord:
    return MonthlyRecord.objects.get(laborer=person, month=MARCH)


def test_opening_a_month_gives_everyone_a_record_that_nobody_has_verified(cast):
    worker = factories.laborer(cast.units["99111"])
    factories.spell(worker, Month(2022, 10))
    idle = factories.laborer(cast.units["99122"])
    assert facts.open_month(cast.units["991"], MARCH, cast.county) == 2
    assert (fact(worker).reason, fact(worker).months, fact(worker).income) == ("counted", 6, 27000)
    assert fact(worker).verify_state == "未核实"
    assert (fact(idle).reason, fact(idle).working) == ("not_working", False)
    assert facts.open_month(cast.units["991"], MARCH, cast.county) == 0
    assert AuditEntry.objects.filter(action="month.open").count() == 1


@pytest.mark.parametrize(
    ("household", "person", "expected", "flags"),
    [
        ({}, {}, "counted", (True, False)),
        ({"monitor_kind": "脱贫不稳定户"}, {}, "counted", (True, True)),
        ({"poverty_kind": "一般农户", "monitor_kind": "边缘易致贫户"}, {}, "counted", (False, True)),
        ({"poverty_kind": "一般农户"}, {}, "outside_population", (False, False)),
        (
            {"poverty_kind": "一般农户", "monitor_kind": "边缘易致贫户", "risk_removed_on": "2022-12-01"},
            {},
            "outside_population",
            (False, False),
        ),
        ({}, {"person_state": "暂时退出/服刑"}, "exited", (True, False)),
    ],
)
def test_the_population_is_the_union_of_the_two_kinds_of_households(cast, household, person, expected, flags):
    flagged = {f"household__{key}": value for key, value in household.items()}
    one = factories.laborer(cast.units["99111"], **flagged, **person)
    factories.spell(one)
    facts.refresh(MARCH, [one.pk])
    assert (fact(one).reason, (fact(one).is_poverty, fact(one).is_monitored)) == (expected, flags)


def test_a_refresh_follows_the_spells_and_keeps_what_people_filled_in(cast):
    one = factories.laborer(cast.units["99111"])
    spell = factories.spell(one)
    facts.refresh(MARCH, [one.pk])
    MonthlyRecord.objects.filter(laborer=one).update(verify_state="已核实", verified_how="电话")
    spell.ended = Month(2023, 2)
    spell.save()
    assert facts.refresh(MARCH, [one.pk]) == 1
    assert (fact(one).reason, fact(one).verify_state, fact(one).months) == ("not_working", "已核实", 5)
    assert facts.refresh(MARCH, [one.pk]) == 0


def test_sums_stated_by_the_form_win_over_the_spells_and_stay(cast):
    one = factories.laborer(cast.units["99111"])
    factories.spell(one)
    told = Stated(Declared(Decimal("2.5"), 8000), "2022-10,2022-11", None, "已核实")
    facts.refresh(MARCH, [one.pk], stated={one.pk: told})
    assert (fact(one).months, fact(one).income, fact(one).reason) == (Decimal("2.5"), 8000, "months_short")
    assert (fact(one).declared, fact(one).verify_state) == (True, "已核实")
    assert facts.refresh(MARCH, [one.pk]) == 0


def test_a_closed_village_is_left_alone_while_its_neighbour_is_refreshed(cast):
    mine, theirs = (factories.laborer(cast.units[code]) for code in ("99111", "99211"))
    facts.refresh(MARCH)
    MonthClosing.objects.create(unit=cast.units["991"], month=MARCH, closed_by=cast.county)
    for one in (mine, theirs):
        factories.spell(one)
    assert facts.refresh(MARCH) == 1
    assert (fact(mine).reason, fact(theirs).reason) == ("not_working", "counted")
    with pytest.raises(PeriodClosed, match="甲县"):
        facts.open_month(cast.units["9911"], MARCH, cast.township)


def test_upper_rooms_hear_which_villages_changed(cast, monkeypatch):
    heard = []
    monkeypatch.setattr(changes, "listeners", [lambda month, villages: heard.append((month, villages))])
    one = factories.laborer(cast.units["99111"])
    facts.refresh(MARCH, [one.pk])
    facts.refresh(MARCH, [one.pk])
    assert heard == [(MARCH, [cast.units["99111"].pk])]
