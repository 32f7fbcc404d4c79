"""劳动力台账 into the ledger: new, changed, same; what is written; taken back; closed months."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledgers.models import Intention, Laborer
from lib.month import Month
from lib.staging import KINDS
from tests import cast, factories
from tests.factories import MARCH
from tests.ledgers.sheets import context, judge, send, verdicts, working

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


def test_what_was_exported_imports_without_a_change(people):
    from ledgers.exports import COLUMNS, laborer_rows

    village, city = people.units["99111"], people.units["99"]
    away = factories.laborer(village, "示例远")
    factories.spell(away, started_on=None, has_contract=True, helped=False)
    factories.record(away)
    home = factories.laborer(
        village, "示例近", household=away.household, health="长期慢性病,残疾", graduated_in=Month(2020, 6)
    )
    factories.record(
        home, working=False, place_class="", job_form="", months=0, income=0, reason="not_working"
    )
    Intention.objects.create(laborer=home, plans_out=True, wanted_wage=5000, services={"职业指导": 2})
    rows = [dict(zip([c.title for c in COLUMNS], row)) for row in laborer_rows(people.city, city, MARCH)]
    assert rows[0]["身份证号码"] == away.id_no
    assert verdicts(send("laborers", rows, context(people.city, city))) == ["same", "same"]


def test_an_export_holds_only_what_its_user_may_see(people):
    from ledgers.exports import laborer_rows

    mine, foreign = factories.laborer(people.units["99111"]), factories.laborer(people.units["99211"])
    rows = list(laborer_rows(people.county, people.units["99"], MARCH))
    names = {row[6] for row in rows}
    assert mine.name in names
    assert foreign.name not in names
