"""填报截止: who may still fill in which month, on which day; what is decided on goes on until the month is closed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts import actions as accounts
from accounts.authority import NotAllowed
from accounts.models import AuditEntry
from ledgers import actions as months
from ledgers import entry
from ledgers.collection import actions, contacts
from ledgers.deadline import last_day, rule_of
from ledgers.models import EntryException, EntryRule
from ledgers.periods import PeriodClosed, due_words, entry_state, period_state
from lib.month import Month
from lib.staging import KINDS, Stale
from tests import cast as casting
from tests import factories
from tests.factories import MARCH
from tests.ledgers.sheets import context, judge, working
from tests.ledgers.test_collection_closing import forms_in_every_state, state_of_everything, writes

pytestmark = pytest.mark.django_db
VILLAGE = "99111"
FILLING_IN = {
    "begin", "begin_new", "keep", "catch_up", "sign", "submit", "submit again", "submit new", "withdraw",
    "contact", "unreachable", "take back",
}  # fmt: skip


@pytest.fixture
def cast():
    return casting.build()


@pytest.fixture
def rule(cast, at):
    return entry.set_rule(cast.units["991"], MARCH, 20, cast.county)


def is_open(cast, code: str = VILLAGE, month: Month = MARCH) -> bool:
    return entry_state(cast.units[code], month).is_open


def allow(cast, until: int, code: str = VILLAGE, by=None):
    return entry.grant(cast.units[code], MARCH, dt.date(2023, 3, until), "村里停电两天", by or cast.county)


# ── the decision ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("closed", "day", "exception", "today", "open_"),
    [
        (False, None, None, 31, True),
        (False, 20, None, 1, True),
        (False, 20, None, 20, True),
        (False, 20, None, 21, False),
        (False, 20, 25, 20, True),
        (False, 20, 25, 21, True),
        (False, 20, 25, 25, True),
        (False, 20, 25, 26, False),
        (False, 1, None, 2, False),
        (False, 28, None, 28, True),
        (False, 28, None, 29, False),
        (True, None, None, 10, False),
        (True, 20, None, 10, False),
        (True, 20, 25, 22, False),
    ],
)
def test_a_month_is_filled_in_until_it_closes_or_its_day_is_over_or_the_exception(
    cast, at, closed, day, exception, today, open_
):
    factories.record(factories.laborer(cast.units[VILLAGE]))
    if day:
        entry.set_rule(cast.units["991"], MARCH, day, cast.county)
    if exception:
        allow(cast, exception)
    if closed:
        months.close_month(cast.units["991"], MARCH, cast.county)
    at(today)
    assert is_open(cast) is open_
    assert period_state(cast.units[VILLAGE], MARCH).is_open is not closed


def test_the_day_ends_at_midnight_in_shanghai_whatever_the_zone_of_the_machine(cast, rule, at):
    for day, last in ((20, None), (24, 24)):
        if last:
            allow(cast, last)
        at(day, 23, 59, micro=900_000)
        assert is_open(cast)
        at(day + 1, 0, 0)
        assert not is_open(cast)


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ("2023-02", None),
        ("2023-03", 20),
        ("2023-04", 20),
        ("2023-05", 15),
        ("2023-06", None),
        ("2023-07", 10),
    ],
)
def test_of_the_nearest_unit_the_rule_that_began_last_counts(cast, month, due):
    city, county = cast.units["99"], cast.units["991"]
    told = [(city, "2023-03", 20), (city, "2023-05", 15), (county, "2023-06", None), (county, "2023-07", 25),
            (county, "2023-07", 10)]  # fmt: skip
    rules = [
        EntryRule(pk=pk, unit=unit, from_month=Month.parse(start), day=day)
        for pk, (unit, start, day) in enumerate(told, 1)
    ]
    asked = Month.parse(month)
    for order in (rules, rules[::-1]):
        assert last_day(rule_of(order, asked), asked) == (due and dt.date(2023, asked.month, due))


def test_a_rule_holds_below_its_unit_and_nowhere_else_and_only_from_its_month(cast, rule, at):
    at(25)
    assert [is_open(cast, code) for code in (VILLAGE, "9911", "991", "992", "99")] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert is_open(cast, month=MARCH - 1)


def test_an_exception_of_a_township_holds_for_its_villages_and_one_of_a_village_for_it_alone(cast, rule, at):
    at(21)
    allow(cast, 23, "9911")
    assert (is_open(cast, VILLAGE), is_open(cast, "99112"), is_open(cast, "9912")) == (True, True, False)
    at(24)
    allow(cast, 26)
    assert (is_open(cast, VILLAGE), is_open(cast, "99112"), is_open(cast, "9911")) == (True, False, False)


def test_a_village_that_moves_keeps_its_own_exception_and_falls_under_the_rules_of_where_it_goes(
    cast, rule, at
):
    at(21)
    assert not is_open(cast)
    allow(cast, 23)
    accounts.move_unit(cast.units[VILLAGE], cast.units["9921"], dt.date(2023, 3, 22), cast.city)
    cast.units[VILLAGE].refresh_from_db()
    assert is_open(cast)
    at(24)
    assert is_open(cast)
    entry.set_rule(cast.units["992"], MARCH, 20, cast.neighbour_county)
    assert not is_open(cast)
    assert "请乙县" in entry_state(cast.units[VILLAGE], MARCH).why


def test_the_sentences_say_why_until_when_and_who_can_help(cast, rule, at):
    at(21)
    state = entry_state(cast.units[VILLAGE], MARCH)
    assert (
        state.why
        == state.told
        == ("2023年3月的填报已于3月20日截止；确需补录，请甲县在“月份”页批准例外，写明原因和截至日期。")
    )
    allow(cast, 25)
    state = entry_state(cast.units[VILLAGE], MARCH)
    assert state.told == "2023年3月的填报已于3月20日截止，经甲县批准可补录到3月25日（村里停电两天）。"
    entry.set_rule(cast.units["99"], MARCH + 1, 20, cast.city)
    at(21, month=4)
    assert "请县（市、区）在" in entry_state(cast.units["9921"], MARCH + 1).why


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (10, "还剩 10 天"),
        (20, "今天截止"),
        (21, "补录还剩 2 天"),
        (23, "补录今天截止"),
        (24, "3月20日已截止填报"),
    ],
)
def test_the_days_left_are_counted_to_the_day_that_holds(cast, rule, at, today, words):
    allow(cast, 23)
    at(today)
    assert due_words(MARCH, None, entry_state(cast.units[VILLAGE], MARCH))[0] == words


# ── what keeps to it ─────────────────────────────────────────────────────────────────────────────────────────────


def test_after_the_deadline_nothing_is_filled_in_and_everything_is_still_decided_on(cast, rule, at, settings):
    settings.SIGNATURES = False
    forms = forms_in_every_state(cast)
    verbs = writes(cast, forms)
    at(21)
    before = state_of_everything()
    for name in sorted(FILLING_IN):
        with pytest.raises(PeriodClosed, match="填报已于3月20日截止"):
            verbs[name]()
    assert state_of_everything() == before
    assert FILLING_IN < set(verbs)
    actions.review(forms["submitted"], cast.township)
    actions.confirm(forms["submitted"], cast.county)
    actions.confirm(forms["reviewed"], cast.county)
    allow(cast, 21)
    assert (
        actions.keep(forms["draft"], "employer", "甲厂", "示例电子厂", cast.village).values["employer"]
        == "甲厂"
    )


def test_a_receipt_is_given_again_after_the_deadline_and_nobody_notes_another_contact(cast, rule, at):
    person = factories.whole_person(cast.units[VILLAGE])
    row = person.records.select_related("laborer").get()
    shown = contacts.mark(row, contacts.believed(row))
    first = contacts.contact(person, MARCH, "电话", "unchanged", shown, cast.village, "k1")
    at(21)
    assert contacts.contact(person, MARCH, "电话", "unchanged", shown, cast.village, "k1") == first
    with pytest.raises(PeriodClosed):
        contacts.contact(person, MARCH, "电话", "unchanged", shown, cast.township)


def test_files_of_a_township_keep_to_the_deadline_and_those_of_the_county_to_the_closing(cast, rule, at):
    kind = KINDS["laborers"]
    town, village = cast.units["9911"], cast.units[VILLAGE]
    [row] = judge("laborers", [working()], context(cast.township, town))
    at(21)
    with pytest.raises(Stale, match="填报已于3月20日截止"):
        kind.apply([row], context(cast.township, town))
    assert kind.locked(context(cast.county, cast.units["991"])) == ""
    allow(cast, 25)
    assert kind.locked(context(cast.township, village)) == ""
    assert "截止" in kind.locked(context(cast.township, town))
    kind.apply([row], context(cast.county, cast.units["991"]))
    with pytest.raises(Stale):
        kind.undo([row], context(cast.township, town))


# ── sending back ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_sent_back_late_gives_its_village_three_days(cast, rule, at, settings):
    settings.SIGNATURES = False
    forms = forms_in_every_state(cast)
    assert not EntryException.objects.exists()  # sent back in time
    at(22)
    actions.send_back(forms["reviewed"], "工资请与本人核对", cast.county)
    made = EntryException.objects.get()
    assert (made.unit.code, made.reason, made.office, made.granted_by, made.until) == (
        VILLAGE, "退回补正", cast.units["991"], cast.county, dt.date(2023, 3, 25),
    )  # fmt: skip
    actions.send_back(forms["submitted"], "工资请与本人核对", cast.township)
    assert EntryException.objects.count() == 1
    at(25, 23, 59)
    again = actions.submit(forms["reviewed"], "电话", cast.village)
    at(26)
    with pytest.raises(PeriodClosed):
        actions.submit(forms["submitted"], "电话", cast.village)
    actions.send_back(again, "工资请与本人核对", cast.township)
    assert (EntryException.objects.count(), is_open(cast)) == (2, True)


@pytest.mark.parametrize(("today", "until"), [(19, None), (20, 23), (21, 24)])
def test_the_three_days_begin_on_the_last_day(cast, rule, at, today, until):
    at(today)
    made = entry.allow_correction(cast.units[VILLAGE], MARCH, cast.county)
    assert (made and made.until) == (until and dt.date(2023, 3, until))


def test_without_a_rule_sending_back_grants_nothing(cast, at):
    at(31)
    assert entry.allow_correction(cast.units[VILLAGE], MARCH, cast.county) is None


# ── granting ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["village", "township", "neighbour_county", "auditor", "admin", "sampler"])
def test_only_the_county_and_the_city_set_a_deadline_or_grant_an_exception(cast, rule, at, who):
    user = getattr(cast, who)
    with pytest.raises(NotAllowed):
        entry.set_rule(cast.units["991"], MARCH, 25, user)
    with pytest.raises(NotAllowed):
        allow(cast, 25, by=user)
    made = allow(cast, 25)
    with pytest.raises(NotAllowed):
        entry.end(made, user)
    assert EntryRule.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "month", "until", "reason", "told"),
    [
        (VILLAGE, "2023-03", "2023-03-25", " 停 电 ", "至少四个字"),
        ("991", "2023-03", "2023-03-25", "村里停电两天", "只批给乡镇或村"),
        (VILLAGE, "2023-03", "2023-03-20", "村里停电两天", "截止日之后"),
        (VILLAGE, "2023-03", "2023-03-21", "村里停电两天", "今天"),
        (VILLAGE, "2023-03", "2023-04-23", "村里停电两天", "不能超过今天起31天"),
        (VILLAGE, "2023-02", "2023-03-25", "村里停电两天", "没有填报截止日"),
    ],
)
def test_what_is_not_granted(cast, rule, at, code, month, until, reason, told):
    at(22)
    with pytest.raises(NotAllowed, match=told):
        entry.grant(cast.units[code], Month.parse(month), dt.date.fromisoformat(until), reason, cast.county)
    assert not EntryException.objects.exists()


def test_a_closed_month_and_one_to_come_have_no_exceptions(cast, rule, at):
    factories.record(factories.laborer(cast.units[VILLAGE]))
    at(22)
    months.close_month(cast.units["991"], MARCH, cast.county)
    for month, told in ((MARCH, "已由甲县关闭"), (MARCH + 1, "还没有到")):
        with pytest.raises(PeriodClosed, match=told):
            entry.grant(cast.units[VILLAGE], month, dt.date(2023, 3, 25), "村里停电两天", cast.county)


def test_an_exception_lasts_to_its_longest_day_and_may_be_ended_before(cast, rule, at):
    at(22)
    made = entry.grant(cast.units[VILLAGE], MARCH, dt.date(2023, 4, 22), "村里停电两天", cast.county)
    assert entry.grant(cast.units[VILLAGE], MARCH, dt.date(2023, 4, 22), "村里停电两天", cast.county) == made
    at(22, 23, 59, month=4)
    assert is_open(cast)
    ended = entry.end(made, cast.county)
    assert (ended.ended_by, is_open(cast)) == (cast.county, False)
    assert entry.end(made, cast.city).ended_by == cast.county
    acts = list(
        AuditEntry.objects.filter(action__startswith="month.").order_by("pk").values_list("action", flat=True)
    )
    assert acts == ["month.deadline", "month.exempt", "month.exempt_end"]


def test_the_same_rule_again_is_the_same_and_a_new_one_is_a_new_line(cast, rule, at):
    assert entry.set_rule(cast.units["991"], MARCH, 20, cast.county) == rule
    entry.set_rule(cast.units["991"], MARCH, None, cast.county)
    at(31)
    assert is_open(cast)
    entry.set_rule(cast.units["991"], MARCH, 20, cast.county)
    assert (EntryRule.objects.count(), is_open(cast)) == (3, False)


@pytest.mark.parametrize("day", [0, 29])
def test_a_deadline_is_a_day_that_every_month_has(cast, day):
    with pytest.raises(NotAllowed, match="1日至28日"):
        entry.set_rule(cast.units["991"], MARCH, day, cast.county)


@pytest.mark.parametrize(
    "fields",
    [{"days": 32}, {"reason": ""}, {"ended_by": 1}, {"ended_at": dt.datetime(2023, 1, 1, tzinfo=dt.UTC)}],
)
def test_the_database_keeps_what_an_exception_is(cast, fields):
    made = {"days": 3, "reason": "村里停电两天"} | fields
    if "ended_by" in made:
        made["ended_by"] = cast.county
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryException.objects.create(
            unit=cast.units[VILLAGE], month=MARCH, office=cast.units["991"], granted_by=cast.county, **made
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryRule.objects.create(unit=cast.units["991"], from_month=MARCH, day=29, set_by=cast.county)
