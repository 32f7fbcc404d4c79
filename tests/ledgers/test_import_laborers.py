"""劳动力台账 into the ledger: new, changed, same; what is written; taken back; closed months."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledgers.models import Household, Intention, Laborer, MonthClosing, MonthlyRecord, WorkSpell
from lib.month import Month
from lib.staging import KINDS, Stale
from tests import cast, factories
from tests.factories import MARCH
from tests.ledgers.sheets import context, judge, messages, send, verdicts, working

pytestmark = pytest.mark.django_db
FEBRUARY = Month(2023, 2)


@pytest.fixture
def people():
    return cast.build()


@pytest.fixture
def town(people):
    return context(people.township, people.units["9911"])


def test_a_new_person_is_written_with_household_spell_and_the_fact_of_the_month(town):
    [row] = send("laborers", [working(姓名="示例甲")], town)
    person = Laborer.objects.get()
    assert (row.verdict, row.key, row.target) == ("new", "示例甲", person.pk)
    assert (person.name, person.initials, person.sex, person.village.code) == ("示例甲", "slj", "男", "99111")
    assert person.household.head_name == "示例甲"
    spell = person.spells.get()
    assert (spell.region_code, spell.place_class, spell.started) == ("440305", "省外", Month(2022, 10))
    fact = person.records.get(month=MARCH)
    assert (fact.reason, fact.months, fact.income, fact.declared) == ("counted", Decimal(6), 27000, False)


def test_the_same_sheet_twice_changes_nothing(town):
    lines = [working(姓名="示例甲"), working(姓名="示例乙", 是否务工="否", 未外出务工类型="从未外出就业过")]
    assert verdicts(send("laborers", lines, town)) == ["new", "new"]
    before = list(Laborer.objects.order_by("pk").values_list("pk", "version"))
    assert verdicts(send("laborers", lines, town)) == ["same", "same"]
    assert list(Laborer.objects.order_by("pk").values_list("pk", "version")) == before


def test_a_change_is_shown_cell_by_cell_and_raises_the_version(town):
    line = working(姓名="示例甲")
    send("laborers", [line], town)
    [row] = judge("laborers", [line | {"月平均工资": "5200", "联系电话": "13900000002"}], town)
    shown = {key: (row.old[key], new) for key, new in row.new.items() if key[0] != "_"}
    assert shown == {"monthly_wage": (4500, 5200), "phone": ("13900000001", "13900000002")}
    KINDS["laborers"].apply([row], town)
    person = Laborer.objects.get()
    assert (person.version, person.phone, person.spells.get().monthly_wage) == (2, "13900000002", 5200)
    assert person.records.get().monthly_wage == 5200
