"""Screening a month: everybody is explained, twice is the same, and claims made meanwhile stand in nobody's way."""

from __future__ import annotations

import json

import pytest

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from ledgers.codes import IN_COUNTY
from lib.month import Month
from posts.models import Appointment, Post
from reports.models import Stale
from subsidies.models import Claim, SchemeVersion, Screened, Screening
from subsidies.rules import explain
from subsidies.screening import judge_person, screen
from tests import factories
from tests.subsidies.schemes import EXAMPLE, version, worker

MARCH = factories.MARCH


@pytest.fixture
def scheme(cast) -> SchemeVersion:
    return version(cast.units["991"], cast.county, cast.city)


def lines(run) -> list[tuple]:
    found = Screened.objects.filter(screening=run).order_by("laborer_id")
    return list(found.values_list("laborer_id", "result", "letters", "values", "amount", "months"))


def test_everybody_of_the_month_is_explained_clause_by_clause(cast, scheme, people):
    away, home = worker(cast), worker(cast, IN_COUNTY)
    (run,) = screen([scheme], cast.units["991"], MARCH, cast.county)
    found = {line.laborer_id: line for line in Screened.objects.filter(screening=run)}
    assert run.people == len(found) == 6
    assert (found[away.pk].result, found[away.pk].amount) == ("entitled", 150_000)
    assert found[away.pk].months == "2023-01,2023-02,2023-03"
    assert (found[home.pk].result, found[home.pk].amount) == ("not", 0)
    told = explain(scheme.terms, found[away.pk].letters, json.loads(found[away.pk].values), 150_000)
    titles = ["人员范围", "当前状态", "年龄", "务工时间", "不得重复享受", "公益性岗位", "补贴标准"]
    assert [one.title for one in told] == titles
    assert AuditEntry.objects.get(action="subsidy.screen").detail["people"] == 6


def test_the_same_month_screened_twice_gives_the_same_list(cast, scheme, people):
    worker(cast)
    (first,) = screen([scheme], cast.units["991"], MARCH, cast.county)
    before, digest = lines(first), first.digest
    (second,) = screen([scheme], cast.units["991"], MARCH, cast.county)
    assert (second.pk, lines(second), second.digest) == (first.pk, before, digest)


def test_a_claim_for_the_very_period_does_not_change_the_list_and_one_for_another_does(cast, scheme):
    person = worker(cast)
    (first,) = screen([scheme], cast.units["991"], MARCH, cast.county)
    claim = Claim.objects.create(
        scheme=scheme, code="B01", laborer=person, village=person.village, period="2023", month=MARCH, amount=150_000,
        letters="mmmmmm", proposed_by=cast.village,
    )  # fmt: skip
    (second,) = screen([scheme], cast.units["991"], MARCH, cast.county)
    assert second.digest == first.digest
    Claim.objects.filter(pk=claim.pk).update(period="2023Q1")
    (third,) = screen([scheme], cast.units["991"], MARCH, cast.county)
    assert lines(third)[0][1:3] == ("not", "mmmmum")


def test_months_in_a_post_are_seen_beside_months_away(cast, scheme):
    person = worker(cast)
    post = Post.objects.create(
        number="P1", unit=person.village, title="保洁员", category="保洁员", opened_on=MARCH.first_day
    )
    Appointment.objects.create(post=post, laborer=person, started_on=MARCH.last_day)
    (run,) = screen([scheme], cast.units["991"], MARCH, cast.county)
    ((_, result, letters, values, *_),) = lines(run)
    assert (result, letters, json.loads(values)[-1]) == ("not", "mmmmmu", ["2023-03"])


def test_several_schemes_are_screened_in_one_pass_and_each_in_its_own_window(cast, scheme):
    person = worker(cast)
    bonus = version(
        cast.units["991"], cast.county, cast.city, EXAMPLE["b01-bonus"], code="B13", name="务工奖"
    )
    runs = screen([scheme, bonus], cast.units["991"], MARCH, cast.county)
    months = {run.scheme.code: Screened.objects.get(screening=run, laborer=person).months for run in runs}
    assert months["B01"].startswith("2023-01,")
    assert months["B13"].startswith("2022-10,")


def test_one_person_is_judged_as_the_screening_does_and_papers_prove_what_the_ledger_cannot(cast):
    person = worker(cast)
    strict = version(cast.units["991"], cast.county, cast.city, EXAMPLE["b01-removed"])
    _, without = judge_person(strict, person, MARCH)
    _, with_paper = judge_person(strict, person, MARCH, ["不是财政供养人员和国有企业职工"])
    assert (without.result, with_paper.result) == ("missing", "entitled")


def test_a_person_without_a_record_of_the_month_cannot_be_judged(cast, scheme):
    person = factories.laborer(cast.units["99111"])
    with pytest.raises(NotAllowed, match="没有2023年3月的月度记录"):
        judge_person(scheme, person, MARCH)


def test_only_the_county_screens_and_only_what_is_approved(cast, scheme):
    with pytest.raises(NotAllowed, match="权限"):
        screen([scheme], cast.units["9911"], MARCH, cast.township)
    with pytest.raises(NotAllowed, match="请选择县"):
        screen([scheme], cast.units["9911"], MARCH, cast.county)
    draft = version(cast.units["991"], cast.county, None, version=2, state="draft", approved_at=None)
    with pytest.raises(NotAllowed, match="还没有批准"):
        screen([draft], cast.units["991"], MARCH, cast.county)


def test_in_force_is_the_newest_of_the_nearest_office(cast, scheme):
    city = version(cast.units["99"], cast.county, cast.city, name="全市交通补贴")
    later = version(cast.units["991"], cast.county, cast.city, version=2, from_month=Month(2023, 3))
    held = SchemeVersion.objects.in_force
    assert list(held(cast.units["99111"], Month(2023, 2))) == [scheme]
    assert list(held(cast.units["99111"], MARCH)) == [later]
    assert list(held(cast.units["99"], MARCH)) == [city]


def test_a_newer_version_screened_for_the_month_takes_the_place_of_the_older(cast, scheme):
    worker(cast)
    screen([scheme], cast.units["991"], MARCH, cast.county)
    later = version(cast.units["991"], cast.county, cast.city, version=2, from_month=MARCH)
    (run,) = screen([later], cast.units["991"], MARCH, cast.county)
    assert list(Screening.objects.all()) == [run]


def test_a_screening_asks_for_the_figures_of_its_villages(cast, scheme):
    worker(cast)
    Stale.objects.all().delete()
    screen([scheme], cast.units["991"], MARCH, cast.county)
    assert list(Stale.objects.values_list("month", "village__code")) == [(MARCH, "99111")]
