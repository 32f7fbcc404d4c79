"""时限: who each clock runs for, when it is over, what stops it, who is told. The clock on the wall stands still."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from ledgers.clocks import reading
from ledgers.clocks.allowance import Allowance, left
from ledgers.clocks.table import BY_KEY, CLOCKS
from ledgers.models import Contact, Household, Intention, Laborer, Service, WorkSpell, ZeroEmployment
from lib.month import SHANGHAI, Month
from tests import cast as casting
from tests import factories

NOW = dt.datetime(2023, 3, 31, 10, tzinfo=SHANGHAI)
CLOCKS_PAGE = reverse("ledgers:clocks")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def cast(db):
    return casting.build()


@pytest.fixture(autouse=True)
def still(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def idle(cast, name: str = "李还乡", village: str = "99111", **said) -> Laborer:
    """Somebody of the village without work, able, with these answers."""
    fields = {
        key: said.pop(key)
        for key in list(said)
        if key in ("education", "graduated_in", "household__is_relocated")
    }
    person = factories.laborer(cast.units[village], name, **fields)
    factories.record(person, working=False, job_form="", place_class="", reason="not_working")
    Intention.objects.create(laborer=person, **({"plans_out": True} | said))
    return person


def returnee(cast, since: dt.datetime, **more) -> Laborer:
    return idle(cast, is_returned=True, return_registered_at=since, **more)


def served(
    person: Laborer, by, kind: str = "职业指导", on: dt.date = dt.date(2023, 3, 30), **more
) -> Service:
    fields = {"done_by": "示例", "evidence": "签到表", "employer": "示例厂", "outcome": "愿意"} | more
    return Service.objects.create(laborer=person, kind=kind, on=on, by=by, **fields)


def state(cast, key: str, moment: dt.datetime = NOW, by: str = "township") -> list[str]:
    """The states of the rows of a clock, as they are shown."""
    user = getattr(cast, by)
    clock = BY_KEY[key]
    return [
        one.state
        for one in reading.lines(
            clock, reading.rows(clock, reading.reach(user, user.own_unit), moment), moment
        )
    ]


# ── how long a limit is ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("allowance", "start", "last_moment"),
    [
        (Allowance(hours=24), at("2023-03-30T10:00"), at("2023-03-31T10:00")),
        (Allowance(hours=72), at("2023-02-26T08:30"), at("2023-03-01T08:30")),
        (Allowance(days=15), dt.date(2023, 3, 1), at("2023-03-16T23:59")),
        (Allowance(days=15), at("2023-03-01T23:50"), at("2023-03-16T23:59")),
        (Allowance(months=1), dt.date(2023, 1, 31), at("2023-02-28T23:59")),
        (Allowance(months=1), dt.date(2024, 1, 31), at("2024-02-29T23:59")),
        (Allowance(months=1), dt.date(2023, 1, 28), at("2023-02-28T23:59")),
        (Allowance(months=1), dt.date(2022, 12, 15), at("2023-01-15T23:59")),
        (Allowance(months=1), Month(2022, 12), at("2023-02-01T23:59")),
    ],
    ids=str,
)
def test_a_limit_is_over_the_minute_after_its_last(allowance, start, last_moment):
    due = allowance.due(start)
    assert not allowance.is_over(due, last_moment)
    assert allowance.is_over(due, last_moment + dt.timedelta(minutes=1))


@pytest.mark.parametrize("allowance", [Allowance(hours=72), Allowance(days=15), Allowance(months=1)], ids=str)
def test_what_the_database_is_asked_for_is_what_the_rule_says(allowance):
    """Every start of ten weeks, at an ordinary moment and at both ends of February."""
    for moment in (NOW, at("2023-02-28T00:00"), at("2023-03-01T00:00"), at("2024-02-29T12:00")):
        first = allowance.first_in_time(moment)
        for hours in range(0, 24 * 70, 5):
            start = moment - dt.timedelta(hours=hours)
            begun = start if allowance.hours else start.date()
            before = start < first if allowance.hours else start.date() < first.date()
            assert before == allowance.is_over(allowance.due(begun), moment), (moment, start)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (at("2023-03-31T10:20"), "还剩20分钟"),
        (at("2023-04-01T15:00"), "还剩29小时"),
        (at("2023-04-05T00:00"), "还剩4天"),
        (at("2023-03-31T08:00"), "已超期2小时"),
        (at("2023-03-01T00:00"), "已超期30天"),
    ],
)
def test_time_left_is_said_in_words(due, words):
    assert left(due, NOW) == words


# ── the clocks ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("key", "since", "shown"),
    [
        ("contact", "2023-03-30T10:01", "today"),
        ("contact", "2023-03-30T10:00", "today"),
        ("contact", "2023-03-30T09:59", "late"),
        ("contact", "2023-03-31T09:59", "open"),
        ("offers", "2023-03-29T09:59", "late"),
        ("offers", "2023-03-29T10:01", "today"),
        ("placed", "2023-03-28T10:00", "today"),
        ("placed", "2023-03-28T09:59", "late"),
        ("placed", "2023-03-29T00:00", "open"),
    ],
)
def test_a_returnee_is_late_by_the_hour(cast, key, since, shown):
    returnee(cast, at(since))
    assert state(cast, key) == [shown]
    clock = BY_KEY[key]
    for name in reading.STATES:
        rows = reading.rows(clock, reading.reach(cast.township, cast.units["9911"]), NOW, name)
        assert rows.count() == (name == shown)


@pytest.mark.parametrize(
    ("key", "begin", "shown"),
    [
        ("training", dict(wants_training=True, wish_registered_at=at("2023-03-16T23:00")), "today"),
        ("training", dict(wants_training=True, wish_registered_at=at("2023-03-15T23:59")), "late"),
        ("training", dict(wants_training=True, wish_registered_at=at("2023-03-17T00:00")), "open"),
        ("graduate", dict(education="大专", graduated_in=Month(2023, 1)), "late"),
        ("graduate", dict(education="大专", graduated_in=Month(2023, 2)), "open"),
        ("graduate", dict(education="大专", graduated_in=Month(2022, 6), unemployed_on=dt.date(2023, 2, 9)), "open"),
    ],
)  # fmt: skip
def test_wishes_and_graduates_have_their_days(cast, key, begin, shown):
    idle(cast, **begin)
    assert state(cast, key) == [shown]


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        ("offers", dict(is_returned=True, return_registered_at=NOW, plans_out=False)),
        ("contact", dict(is_returned=False, return_registered_at=None)),
        ("training", dict(wants_training=False)),
        ("graduate", dict(education="高中", graduated_in=Month(2022, 6))),
        ("graduate", dict(education="大专", graduated_in=Month(2021, 2))),
        ("graduate", dict(education="大专", graduated_in=Month(2022, 6), plans_out=False)),
    ],
)
def test_no_clock_runs_for_whom_it_is_not_meant(cast, key, answers):
    idle(cast, **answers)
    assert state(cast, key) == []


def test_a_recognised_household_has_a_month_also_from_the_last_of_january(cast):
    person = idle(cast)
    ZeroEmployment.objects.create(
        household=person.household,
        recognised_on=dt.date(2023, 1, 31),
        basis="入户核实",
        recognised_by=cast.county,
    )
    assert state(cast, "zero", at("2023-02-27T12:00")) == ["open"]
    assert state(cast, "zero", at("2023-02-28T23:00")) == ["today"]
    assert state(cast, "zero", at("2023-03-01T00:00")) == ["late"]
    factories.spell(person, Month(2023, 3))
    assert state(cast, "zero", at("2023-03-01T00:00")) == []
    assert [one.name for one in _lines(cast, "clear")] == ["李还乡户"]


def _lines(cast, key: str) -> list[reading.Line]:
    clock = BY_KEY[key]
    return reading.lines(
        clock, reading.rows(clock, reading.reach(cast.township, cast.units["9911"]), NOW), NOW
    )


def test_a_relocated_household_counts_from_the_month_after_somebody_last_worked(cast):
    person = idle(cast, household__is_relocated=True)
    for month, working in ((Month(2023, 1), True), (Month(2023, 2), False)):
        factories.record(person, month, working=working, reason="not_working" if not working else "counted")
    [line] = _lines(cast, "relocated")
    assert (line.since, line.due, line.state) == ("2023年2月1日", "2023年3月1日", "late")
    idle(cast, "不是搬迁户")
    factories.spell(person, Month(2023, 3))
    assert _lines(cast, "relocated") == []


def test_a_household_with_a_willing_member_and_nobody_employed_waits_to_be_recognised(cast):
    idle(cast, "王愿意")
    idle(cast, "赵不愿", plans_out=False)
    factories.spell(idle(cast, "孙有工"), Month(2023, 1))
    assert [one.name for one in _lines(cast, "recognise")] == ["王愿意户"]
    household = Household.objects.get(head_name="王愿意")
    ZeroEmployment.objects.create(
        household=household, recognised_on=NOW.date(), basis="入户核实", recognised_by=cast.county
    )
    assert _lines(cast, "recognise") == []


# ── what stops them ──────────────────────────────────────────────────────────────────────────────────────────────

SINCE = at("2023-03-28T09:00")


def test_work_stops_every_clock_of_a_returnee(cast):
    person = returnee(cast, SINCE, education="大专", graduated_in=Month(2022, 6))
    keys = ("contact", "offers", "placed", "graduate")
    assert [len(state(cast, key)) for key in keys] == [1, 1, 1, 1]
    WorkSpell.objects.create(laborer=person, started=Month(2023, 3), job_form="灵活就业")
    assert [state(cast, key) for key in keys] == [[], [], [], []]


@pytest.mark.parametrize(
    ("outcome", "moment", "stops"),
    [("unchanged", 1, True), ("changed", 1, True), ("unreachable", 1, False), ("unchanged", -1, False)],
)
def test_only_reaching_the_person_after_the_registration_is_a_contact(cast, outcome, moment, stops):
    person = returnee(cast, SINCE)
    when = SINCE + dt.timedelta(hours=moment)
    Contact.objects.create(
        laborer=person,
        village=person.village,
        month=factories.MARCH,
        at=when,
        by=cast.village,
        how="电话",
        outcome=outcome,
    )
    assert (state(cast, "contact") == []) is stops


def test_a_contact_taken_back_starts_the_clock_again(cast):
    person = returnee(cast, SINCE)
    made = served(person, cast.village)
    assert state(cast, "contact") == []
    made.undone_at, made.undone_by = NOW, cast.village
    made.save()
    assert state(cast, "contact") == ["late"]


def test_three_offers_stop_the_offers_and_three_refusals_the_post(cast):
    person = returnee(cast, SINCE)
    for number in range(3):
        assert len(state(cast, "offers")) == len(state(cast, "placed")) == 1, number
        served(person, cast.village, "岗位推介", outcome="不愿意" if number else "考虑中")
    assert (state(cast, "offers"), len(state(cast, "placed"))) == ([], 1)
    served(person, cast.village, "岗位推介", outcome="不愿意")
    assert state(cast, "placed") == []


def test_a_service_of_before_the_registration_does_not_count(cast):
    person = returnee(cast, SINCE)
    for _ in range(3):
        served(person, cast.village, "岗位推介", dt.date(2023, 3, 27))
    assert len(state(cast, "offers")) == 1


def test_training_offered_answers_the_wish(cast):
    person = idle(cast, wants_training=True, wish_registered_at=at("2023-03-01T08:00"))
    served(person, cast.village, "职业指导")
    assert state(cast, "training") == ["late"]
    served(person, cast.village, "职业培训")
    assert state(cast, "training") == []


def test_1131_is_complete_with_one_one_three_and_one(cast):
    person = idle(cast, education="大专", graduated_in=Month(2022, 12))
    for kind in ("政策宣讲", "职业指导", "岗位推介", "岗位推介"):
        served(person, cast.village, kind)
    assert _lines(cast, "graduate")[0].last.endswith("还缺岗位推介1次、职业培训或就业见习1次")
    served(person, cast.village, "岗位推介")
    assert _lines(cast, "graduate")[0].last.endswith("还缺职业培训或就业见习1次")
    served(person, cast.village, "就业见习")
    assert _lines(cast, "graduate") == []


def test_whoever_left_or_cannot_work_waits_for_nothing(cast):
    person = returnee(cast, SINCE)
    Laborer.objects.filter(pk=person.pk).update(person_state="暂时退出/参军")
    assert [state(cast, clock.key) for clock in CLOCKS] == [[]] * len(CLOCKS)


# ── where the start comes from ───────────────────────────────────────────────────────────────────────────────────


def test_the_hour_of_the_registration_is_kept_once_and_goes_with_the_answer(cast, monkeypatch):
    person = idle(cast)
    mine = Intention.objects.filter(pk=person.pk)
    mine.update(is_returned=True, wants_training=True, returned_on=dt.date(2023, 3, 30))
    mine.stamp(NOW)
    later = NOW + dt.timedelta(days=3)
    mine.stamp(later)
    assert mine.values_list("return_registered_at", "wish_registered_at").get() == (NOW, NOW)
    mine.update(returned_on=dt.date(2023, 4, 2))  # went out and came back again
    mine.stamp(later)
    assert mine.values_list("return_registered_at", "wish_registered_at").get() == (later, NOW)
    mine.update(is_returned=False, wants_training=None)
    mine.stamp(later)
    assert mine.values_list("return_registered_at", "wish_registered_at").get() == (None, None)


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("since", "township", "county"),
    [
        ("2023-03-30T12:00", 0, 0),
        ("2023-03-30T09:00", 1, 0),  # late
        ("2023-03-29T09:00", 1, 1),  # twice the time
    ],
)
def test_late_contacts_are_told_to_the_township_and_later_ones_to_the_county(
    client, cast, since, township, county
):
    returnee(cast, at(since), plans_out=False)
    for who, number in (("township", township), ("county", county)):
        client.force_login(getattr(cast, who))
        items = [one for one in client.get(reverse("home")).context["items"] if "clocks" in one["url"]]
        assert [one["count"] for one in items] == ["1"] * number, who


def test_a_limit_of_days_goes_up_three_days_late(cast):
    idle(cast, wants_training=True, wish_registered_at=at("2023-03-13T08:00"))
    villages = reading.reach(cast.county, cast.units["991"])
    told = [bool(reading.late(villages, at(f"2023-03-{day}T12:00"), True)) for day in (29, 31)]
    assert told == [False, False]
    assert reading.late(villages, at("2023-04-01T12:00"), True) == {"培训意愿": 1}


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_opens_at_the_first_clock_somebody_is_late_for(client, cast):
    idle(cast, wants_training=True, wish_registered_at=at("2023-03-01T08:00"))
    client.force_login(cast.township)
    page = client.get(CLOCKS_PAGE)
    assert (page.context["clock"].key, [one.name for one in page.context["lines"]]) == (
        "training",
        ["李还乡"],
    )
    assert "已超期" in page.content.decode()
    assert [tab["count"] for tab in page.context["tabs"] if tab["active"]] == [1]


def test_everybody_sees_the_own_unit_only(client, cast):
    for village in ("99111", "99112", "99211"):
        returnee(cast, SINCE, name=f"某{village}", village=village)
    shown = {}
    for who in ("village", "township", "county", "city", "auditor"):
        client.force_login(getattr(cast, who))
        page = client.get(CLOCKS_PAGE, {"clock": "contact"})
        shown[who] = sorted(one.name for one in page.context["lines"])
    both = ["某99111", "某99112"]
    every = [*both, "某99211"]
    assert shown == {"village": both[:1], "township": both, "county": both, "city": every, "auditor": every}
    client.force_login(cast.township)
    assert client.get(CLOCKS_PAGE, {"unit": "99211"}).status_code == 404
    assert client.get(CLOCKS_PAGE, {"clock": "nonsense"}).status_code == 404


def test_a_page_takes_a_handful_of_queries_however_many_wait(
    client, cast, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr("ledgers.views.clocks.PAGE", 3)
    for number in range(4):
        served(returnee(cast, SINCE, name=f"某{number}", plans_out=True), cast.village, "岗位推介")
    client.force_login(cast.township)
    with django_assert_max_num_queries(26):
        first = client.get(CLOCKS_PAGE, {"clock": "offers"})
    assert (len(first.context["lines"]), first.context["next_url"].endswith("page=1")) == (3, True)
    second = client.get(CLOCKS_PAGE + first.context["next_url"])
    assert (len(second.context["lines"]), second.context["next_url"]) == (1, "")
    assert client.get(CLOCKS_PAGE, {"page": "x9", "state": "nonsense"}).status_code == 200


def test_a_ledger_that_ended_is_read_as_of_its_last_month(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-21T08:00"))
    assert reading.moment(Month(2023, 3)) == at("2023-03-31T23:59")
    assert reading.moment(Month(2026, 10)) == reading.moment(None) == at("2026-11-21T08:00")
