"""The demo city comes to the figures of the bulletin of 2023-03, of people who do not exist."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Q, Sum

from accounts.audit import AuditEntry, first_bad_entry
from accounts.models import Custody, Unit, User
from ledgers import facts
from ledgers.collection.filling import check, prefill
from ledgers.models import (
    CollectionForm,
    Contact,
    Household,
    Intention,
    Laborer,
    MonthClosing,
    MonthlyRecord,
    WorkSpell,
)
from ledgers.periods import period_state
from lib.identity import OK, check_citizen_id, check_name, check_phone
from lib.month import Month
from lib.rates import Rate
from posts.models import Appointment
from reports import rollup
from reports.demo import city, load
from reports.demo.people import Registry
from reports.figures import FIGURES
from reports.models import Baseline, FigureValue, Target
from sampling.models import Call, Campaign
from tests import factories

MARCH = Month(2023, 3)
COUNTIES = ("4202YX", "4202DY", "4202KT", "4202XG")


def answer(scale: str = "city") -> dict:
    said = StringIO()
    call_command("load_demo", "--scale", scale, "--json", stdout=said)
    return json.loads(said.getvalue())


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker) -> Iterator[dict]:
    """The demo city, loaded once for this file and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield answer()
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: dict, django_db_blocker) -> Iterator[dict]:
    """The loaded city; what one test changes the next does not see."""
    with django_db_blocker.unblock():
        point = transaction.savepoint()
        yield loaded
        transaction.savepoint_rollback(point)


def value(code: str, figure: str, month: Month = MARCH) -> tuple[int, int | None]:
    return FigureValue.objects.values_list("numerator", "denominator").get(
        unit__code=code, figure=figure, month=month
    )


def numbers(figure: str, month: Month = MARCH) -> list[int]:
    """City, then counties in the order of COUNTIES; a figure that is not kept is zero."""
    kept = FigureValue.objects.filter(figure=figure, month=month)
    found = dict(kept.values_list("unit__code", "numerator"))
    return [found.get(code, 0) for code in ("4202", *COUNTIES)]


def test_the_answer_names_units_users_and_months(demo):
    assert set(demo) == {"unit", "village", "users", "months"}
    assert set(demo["users"]) == {
        "village", "township", "county", "county2", "city", "city2", "sampler", "auditor", "admin",
    }  # fmt: skip
    assert [demo["months"][0], demo["months"][-1], len(demo["months"])] == ["2022-04", "2023-03", 12]
    user = User.objects.get(username=demo["users"]["village"])
    assert user.home_unit == Unit.objects.get(code=demo["village"])
    assert user.check_password(load.PASSWORD)
    assert not user.must_change_password
    county = User.objects.get(username=demo["users"]["county"]).home_unit
    assert user.home_unit.path.startswith(county.path)


def test_workers_targets_posts_and_workshops_are_those_of_the_bulletin(demo):
    rollup.recompute(MARCH)
    assert numbers("I01") == [51596, 36547, 6119, 6553, 2377]
    assert numbers("I07") == [3722, 1150, 1296, 1095, 181]
    assert numbers("I09a") == [26, 26, 0, 0, 0]
    assert numbers("I09b") == [209, 209, 0, 0, 0]
    targets = dict(Target.objects.filter(year=2023, figure="I01").values_list("unit__code", "value"))
    assert [targets[code] for code in COUNTIES] == [37409, 5155, 6356, 2533]
    assert targets["4202"] == 51453
    assert str(Rate(36547, targets["4202YX"]).text) == "97.7%"


def test_the_base_figures_stand_under_their_dates(demo):
    bases = {(b.name, b.figure, b.unit.code): b.value for b in Baseline.objects.select_related("unit")}
    assert [bases["2022年10月", "I07", code] for code in ("4202", *COUNTIES)] == [5615, 2921, 1260, 1119, 315]
    assert [bases["2022年底", "I09b", code] for code in ("4202", *COUNTIES)] == [283, 283, 0, 0, 0]
    assert bases["2022年底", "I09a", "4202"] == 26
    assert numbers("I07", Month(2022, 10)) == [5615, 2921, 1260, 1119, 315]
    assert numbers("I09b", Month(2022, 12)) == [283, 283, 0, 0, 0]


@pytest.mark.parametrize(
    ("code", "rates"),
    [
        ("4202DY", ["66.5%", "67.7%", "72.9%", "51.1%"]),
        ("4202YX", ["59.5%", "65.5%", "68.1%", "20.2%"]),
        ("4202KT", ["48.0%", "70.8%", "68.8%", "45.8%"]),
        ("4202XG", ["40.0%", "40.0%", "47.5%", "15.0%"]),
        ("4202", ["56.7%", "64.1%", "67.6%", "35.3%"]),
    ],
)
def test_the_spot_check_comes_to_the_rates_of_the_annex(demo, code, rates):
    figures = ("I11", "I12", "I13", "I14")
    assert [Rate(*value(code, figure), FIGURES[figure].places).text for figure in figures] == rates


def test_a_hundred_counted_workers_were_called_in_each_of_six_townships(demo):
    campaign = Campaign.objects.get()
    assert (campaign.selection, campaign.mode) == ("修改数量较少", "县（市、区）交叉抽查")
    assert Counter(Call.objects.values_list("township__code", flat=True)) == dict.fromkeys(
        city.SPOT_CHECK, 100
    )
    called = MonthlyRecord.objects.filter(month=MARCH, laborer__calls__isnull=False)
    assert set(called.values_list("reason")) == {("counted",)}


def test_township_targets_add_up_to_their_county(demo):
    for code in COUNTIES:
        towns = Target.objects.filter(unit__parent__code=code).aggregate(total=Sum("value"))["total"]
        assert towns == Target.objects.get(unit__code=code).value


def test_every_number_of_the_trend_has_exactly_its_rows(demo):
    top = Unit.objects.get(code="4202")
    for text in demo["months"]:
        month = Month.parse(text)
        assert FIGURES["I01"].rows(top, month).count() == value("4202", "I01", month)[0]


def test_the_trend_rises_and_dips_at_new_year(demo):
    trend = [value("4202", "I01", Month.parse(month))[0] for month in demo["months"]]
    autumn, new_year, spring = trend[:9], trend[9:11], trend[-1]
    assert autumn == sorted(autumn)
    assert max(new_year) < autumn[-1] < spring


def test_earlier_months_are_closed_and_the_last_is_open(demo):
    village = Unit.objects.get(code=demo["village"])
    states = [period_state(village, Month.parse(month)).is_open for month in demo["months"]]
    assert states == [False] * 11 + [True]
    closing = MonthClosing.objects.get(month=Month(2023, 2))
    assert closing.counted == value("4202", "I01", Month(2023, 2))[0]


def test_the_ledger_computes_the_open_month_to_what_is_already_there(demo):
    sample = list(Laborer.objects.order_by("pk").values_list("pk", flat=True))[::10]
    assert facts.refresh(MARCH, sample) == 0


def test_ending_a_spell_in_the_open_month_changes_the_figure(demo):
    """The open month behaves as one that was collected: one person less is one less all the way up."""
    record = MonthlyRecord.objects.counted().filter(month=MARCH, village__code=demo["village"]).first()
    WorkSpell.objects.filter(laborer=record.laborer, started__lte=Month(2023, 2), ended=None).update(
        ended=Month(2023, 2)
    )
    WorkSpell.objects.filter(laborer=record.laborer, started=MARCH).delete()
    facts.refresh(MARCH, [record.laborer_id])
    rollup.recompute(MARCH, Unit.objects.get(code=demo["village"]))
    assert value("4202", "I01")[0] == 51595


def test_citizen_numbers_are_well_formed_and_belong_to_nobody(demo):
    people = Laborer.objects.values_list("id_no", "sex", "birth_date")
    numbers_given = set()
    for number, sex, birth in people:
        checked = check_citizen_id(number, dt.date(2023, 3, 31))
        assert checked.level == OK, checked.message
        assert number.startswith("9901")
        assert number[6:14] == f"{birth:%Y%m%d}"
        assert sex == ("男" if int(number[16]) % 2 else "女")
        numbers_given.add(number)
    assert len(numbers_given) == len(people)


def test_names_and_telephones_pass_the_checks_of_the_importer(demo):
    people = Laborer.objects.values_list("name", "phone")
    assert {check_name(name).level for name, _ in people} == {OK}
    assert {check_phone(phone).level for _, phone in people} == {OK}
    shared = Counter(phone for _, phone in people)
    assert 0 < sum(number > 1 for number in shared.values()) < len(people) / 100


def test_all_kinds_of_households_and_all_reasons_occur(demo):
    assert set(Household.objects.values_list("poverty_kind", "monitor_kind")) >= {
        ("脱贫户", ""), ("脱贫户", "脱贫不稳定户"), ("一般农户", "边缘易致贫户"), ("一般农户", "突发严重困难户"),
        ("一般农户", ""),
    }  # fmt: skip
    reasons = set(MonthlyRecord.objects.filter(month=MARCH).values_list("reason", flat=True))
    assert reasons == {
        "counted", "outside_population", "exited", "no_ability", "not_working", "self_employed", "place_unknown",
        "months_short", "income_short",
    }  # fmt: skip


def test_nobody_holds_a_post_and_works_outside_the_county(demo):
    away = Appointment.objects.filter(
        ended_on=None,
        laborer__spells__ended=None,
        laborer__spells__place_class__in=("省外", "市外省内", "县外市内"),
    )
    assert not away.exists()


def test_units_have_their_custody_and_the_audit_trail_tells_of_the_load(demo):
    assert Custody.objects.on(MARCH.last_day).count() == Unit.objects.count() == 970
    entry = AuditEntry.objects.get(action="demo.load")
    assert entry.detail["answer"] == demo
    assert first_bad_entry() is None


def test_loading_again_repeats_the_answer_and_writes_nothing(demo):
    before = Laborer.objects.count(), AuditEntry.objects.count()
    assert answer() == demo
    assert (Laborer.objects.count(), AuditEntry.objects.count()) == before


def test_another_scale_on_top_of_a_loaded_city_is_refused(demo):
    with pytest.raises(CommandError, match="另一规模"):
        answer("village")


def test_a_database_with_units_of_its_own_is_refused(db):
    factories.tree()
    with pytest.raises(CommandError, match="只能载入空数据库"):
        answer("village")


def test_one_village_is_enough_to_try_the_work(db):
    said = answer("village")
    assert Unit.objects.villages().get().code == said["village"]
    assert 60 <= Laborer.objects.count() <= 200
    assert value("4202", "I01")[0] == 118


def test_the_accounts_are_printed_for_people(db):
    said = StringIO()
    call_command("load_demo", "--scale", "village", stdout=said)
    for shown in ("demo_village", load.PASSWORD, "2023-03"):
        assert shown in said.getvalue()


def test_the_same_seed_invents_the_same_people():
    from random import Random

    first, second = (Registry(Random(7)).family("990101", 4) for _ in range(2))
    assert first == second


def test_a_click_on_36547_leads_to_as_many_rows(demo, client):
    client.force_login(User.objects.get(username=demo["users"]["city"]))
    board = client.get("/dashboard/4202/2023-03/").content.decode()
    assert "36,547" in board
    assert "/dashboard/rows/I01/4202YX/2023-03/" in board
    rows = client.get("/dashboard/rows/I01/4202YX/2023-03/").content.decode()
    assert "36,547" in rows
    county = Unit.objects.get(code="4202YX")
    assert FIGURES["I01"].rows(county, MARCH).count() == 36547


def test_the_bulletin_of_the_city_prints_the_recomputed_figures(demo, tmp_path):
    """The golden numbers of domain.md §9.3, from the rows of the demo to the command's JSON."""
    call_command(
        "close_month", "--unit", "4202", "--month", "2023-03", "--as", "demo_city", stdout=StringIO()
    )
    out = tmp_path / "bulletin.json"
    arguments = (
        "--type",
        "T1",
        "--unit",
        "4202",
        "--month",
        "2023-03",
        "--as",
        "demo_city",
        "--format",
        "json",
    )
    call_command("bulletin", *arguments, "--out", str(out), stdout=StringIO())
    told = json.loads(out.read_text())
    figures = told["figures"]
    assert (figures["4202"]["I01"]["value"], figures["4202"]["I02"]["value"]) == (51596, 51453)
    assert [figures[code]["I03"]["text"] for code in COUNTIES] == ["97.7%", "118.7%", "103.1%", "93.8%"]
    assert [figures[code]["I04"]["value"] for code in COUNTIES] == [862, 0, 0, 156]
    assert [figures[code]["I08"]["text"] for code in COUNTIES] == ["−1771", "+36", "−24", "−134"]
    totals = [row for row in told["annex"]["rows"] if "合计" in f"{row[0]}{row[1]}"]
    assert [[row[4], row[6], row[8], row[10]] for row in totals] == [
        [66.5, 67.7, 72.9, 51.1],
        [59.5, 65.5, 68.1, 20.2],
        [48.0, 70.8, 68.8, 45.8],
        [40.0, 40.0, 47.5, 15.0],
        [56.7, 64.1, 67.6, 35.3],
    ]
    text = "".join(told["text"])
    for printed in ("51596人", "97.7%", "93.8%", "还差862人", "还差156人", "1771人", "134人", "35.3%"):
        assert printed in text


def test_nearly_everybody_can_be_verified_without_typing_what_the_ledger_should_know(demo):
    """A form begun for the open month lacks nothing for nineteen in twenty; the others have gaps as real ledgers do."""
    people = list(Laborer.objects.select_related("village__parent__parent").order_by("pk")[::733])
    ready = 0
    for person in people:
        texts = prefill(person, MARCH)
        form = CollectionForm(laborer=person, village=person.village, month=MARCH, values=texts, base=texts)
        ready += check(form).may_submit
    assert 0.95 * len(people) <= ready < len(people)


def test_months_ticked_are_the_months_counted(demo):
    sample = MonthlyRecord.objects.filter(pk__in=MonthlyRecord.objects.order_by("pk").values("pk")[:4000])
    assert all(len(row.ticked_months.split(",")) == row.months for row in sample if row.months)
    assert not any(row.ticked_months for row in sample if not row.months)


def test_who_came_back_this_winter_says_from_where_when_and_why(demo):
    back = Intention.objects.filter(is_returned=True)
    assert not back.filter(Q(left_region="") | Q(return_reason="") | Q(returned_on=None)).exists()
    assert back.filter(returned_on__gte=dt.date(2023, 3, 8), returned_on__lte=MARCH.last_day).count() > 20
    assert not back.filter(laborer__spells__ended=None, laborer__spells__started__lt="2023-01").exists()


def test_the_home_village_has_forms_on_their_way_and_contacts_of_every_outcome(demo):
    forms = CollectionForm.objects.filter(village__code=demo["village"])
    assert set(forms.values_list("state", flat=True)) == {"draft", "submitted", "reviewed", "returned"}
    assert not any(check(form).refused for form in forms)
    assert set(Contact.objects.values_list("outcome", flat=True)) == set(Contact.Outcome.values)
    assert Contact.objects.filter(laborer__forms__isnull=False).count() == 0
