"""§4.4, line by line: who is excluded is told so by the screening, with the clause, and a claim is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.authority import NotAllowed
from ledgers.codes import SELF_EMPLOYED
from ledgers.models import Household, Laborer, WorkSpell
from lib.month import Month
from posts.models import (
    ABSORBING,
    POST_OR_AWAY,
    Appointment,
    Attendance,
    AttendanceSheet,
    AwardLine,
    Post,
    WorkshopAward,
)
from posts.taking import take
from subsidies.claims import applying
from subsidies.models import Claim, SchemeVersion
from subsidies.rules import ENTITLED, NOT_ENTITLED, UNPROVEN
from subsidies.screening import screen
from subsidies.training import paying
from tests import factories
from tests.posts.shops import factory
from tests.subsidies.claiming import EXAMPLE, MARCH, scheme_of, worker
from tests.subsidies.training_cast import school
from tests.test_every_url import signed_in

pytestmark = pytest.mark.django_db
JUNE = Month(2023, 6)


def held(person: Laborer, scheme: SchemeVersion, code: str, month: Month, period: str) -> None:
    """A claim that was made before."""
    Claim.objects.create(scheme=scheme, code=code, laborer=person, village=person.village, period=period, month=month,
                         amount=1, letters="m", proposed_by=scheme.written_by)  # fmt: skip


def carried(person: Laborer, scheme: SchemeVersion) -> None:
    WorkSpell.objects.filter(laborer=person).update(organised_by="专车、专列点对点输送")


def two_employers(person: Laborer, scheme: SchemeVersion) -> None:
    WorkSpell.objects.filter(laborer=person).update(ended=Month(2023, 3))
    factories.spell(person, Month(2023, 4), place_class="省外", region_code="440300", employer="另一家工厂")


def on_a_post(person: Laborer, scheme: SchemeVersion) -> None:
    since = dt.date(2023, 2, 1)
    post = Post.objects.create(
        number="GWX", unit=person.village, title="保洁", category="保洁员", opened_on=since
    )
    Appointment.objects.create(post=post, laborer=person, started_on=since)


def risk_removed(person: Laborer, scheme: SchemeVersion) -> None:
    Household.objects.filter(pk=person.household_id).update(risk_removed_on=dt.date(2023, 1, 1))


def family_at_the_cap(person: Laborer, scheme: SchemeVersion) -> None:
    relative = factories.laborer(person.village, household=person.household)
    held(relative, scheme, scheme.code, MARCH, scheme.terms.period(JUNE))
    Claim.objects.filter(laborer=relative).update(amount=300_000)


def before(code: str, month: Month, period: str) -> Callable[[Laborer, SchemeVersion], None]:
    return lambda person, scheme: held(person, scheme, code, month, period)


def nothing(person: Laborer, scheme: SchemeVersion) -> None:
    pass


# (line of §4.4, example, changes of its rule, what is so of the person, what the refusal says, how it is screened)
TABLE: list[tuple[str, str, dict[str, Any], Callable, str, str]] = [
    ("交通 once a year", "b01-removed", {}, before("B01", Month(2023, 1), "2023Q1"),
     "没有享受一次性交通补贴”，台账是“2023年", NOT_ENTITLED),
    ("交通 once ever", "b15", {}, before("B01", Month(2019, 6), "2019"), "以前从未享受", NOT_ENTITLED),
    ("公岗 beside work away", "b01-places", {}, on_a_post, "没有同时在公益性岗位", NOT_ENTITLED),
    ("求职 beside 职业介绍", "b11", {}, before("B11Z", MARCH, "2023"), "职业介绍补贴", NOT_ENTITLED),
    ("稳岗 with two employers", "b02", {}, two_employers, "在同一单位累计务工满6个月", NOT_ENTITLED),
    ("风险已消除", "b01-removed", {}, risk_removed, "风险已消除的除外", NOT_ENTITLED),
    ("脱贫不享受政策", "b01-filed-once", {"opens": None}, nothing, "脱贫享受政策户", UNPROVEN),
    ("财政供养 and 国企", "b01-removed", {}, nothing, "不是财政供养人员和国有企业职工", UNPROVEN),
    ("organised transport removes", "b01-distance", {}, carried, "没有乘坐组织的免费专车", NOT_ENTITLED),
    ("household cap", "b01-bonus", {}, family_at_the_cap, "没有可发的金额", NOT_ENTITLED),
    ("种养 excluded", "b03-no-farming", {}, nothing, "不属于种植养殖类", UNPROVEN),
    ("场租 three years", "b04", {}, before("B04", Month(2020, 6), "2020"), "累计不超过3年", NOT_ENTITLED),
]  # fmt: skip


@pytest.mark.parametrize(("key", "change", "so", "told", "result"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_who_is_excluded_is_explained_by_the_screening_and_refused_a_claim(
    cast, key, change, so, told, result
):
    scheme = scheme_of(cast, key)
    founder = EXAMPLE[key].code in ("B03", "B04")
    people = [worker(cast) for _ in range(2)]
    for person in people:
        factories.record(person, JUNE)
        if founder:
            WorkSpell.objects.filter(laborer=person).update(job_form=SELF_EMPLOYED, started=Month(2022, 1))
    one, other = people
    so(one, scheme)
    if key == "b04":
        for year in (2021, 2022):
            held(one, scheme, "B04", Month(year, 6), str(year))
    run = screen([scheme], cast.units["991"], JUNE, cast.county)[0]
    line = run.lines.get(laborer=one)
    assert line.result == result
    page = signed_in(cast.township).get(reverse("subsidies:screened", args=[line.pk])).content.decode()
    assert told.split("”")[0] in page
    declared = [paper for paper in applying.promised(scheme) if told not in paper]
    with pytest.raises(NotAllowed, match=told.split("”")[0]):
        applying.begin(one, scheme, JUNE, cast.village, declared=declared)
    assert run.lines.get(laborer=other).result in (ENTITLED, UNPROVEN)
    assert applying.begin(other, scheme, JUNE, cast.village, declared=applying.promised(scheme)).amount > 0


def test_organised_transport_reduces_where_the_county_says_so(cast):
    scheme = scheme_of(cast, "b01-carried")
    people = [worker(cast), worker(cast)]
    carried(people[0], scheme)
    amounts = [applying.begin(one, scheme, MARCH, cast.village).amount for one in people]
    assert amounts == [40_000, 80_000]


def absorbed(cast, person: Laborer) -> AwardLine:
    award = WorkshopAward.objects.create(
        workshop=factory(cast, "CJX", "示例车间"), kind=ABSORBING, year=2023, until=dt.date(2023, 3, 18), people=1,
        amount=100_000, made_by=cast.county,
    )  # fmt: skip
    return AwardLine.objects.create(award=award, laborer=person, kind=ABSORBING, year=2023, months=3)


def test_who_counts_as_absorbed_founds_no_business_beside_it(cast):
    scheme, person = scheme_of(cast, "b03"), worker(cast)
    WorkSpell.objects.filter(laborer=person).update(job_form=SELF_EMPLOYED, started=Month(2022, 1))
    line = absorbed(cast, person)
    with pytest.raises(NotAllowed, match=r"已由示例车间计入2023年吸纳就业补贴.*YD-G15"):
        applying.begin(person, scheme, MARCH, cast.village, declared=applying.promised(scheme))
    AwardLine.objects.filter(pk=line.pk).update(void=True)
    assert (
        applying.begin(person, scheme, MARCH, cast.village, declared=applying.promised(scheme)).amount
        == 500_000
    )


# ── B10: a month on a post is paid once, by the payroll or by a claim ────────────────────────────────────────────


def on_duty(cast, village: str = "99111") -> Laborer:
    """Somebody on a post in March with a day on a checked sheet, and with a record."""
    person = worker(
        cast,
        "乡内",
        village,
    )
    on_a_post(person, scheme=None)
    sheet = AttendanceSheet.objects.create(
        unit=person.village, month=MARCH, state="checked", entered_by=cast.village, signed_by=cast.village,
        checked_by=cast.township,
    )  # fmt: skip
    Attendance.objects.create(
        sheet=sheet, appointment=Appointment.objects.get(laborer=person), days=20, by=cast.village
    )
    return person


def test_months_on_a_post_are_paid_with_attendance_and_once(cast):
    scheme, person = scheme_of(cast, "b10", is_away=False), on_duty(cast)
    claim = applying.begin(person, scheme, MARCH, cast.village)
    assert (claim.amount, claim.months) == (30_000, "2023-03")
    with pytest.raises(NotAllowed, match="2023年3月已享受交通补贴"):
        take(person, [MARCH], POST_OR_AWAY, "post-pay:1", "公益性岗位工资")
    applying.withdraw(claim, "改由工资表发放", cast.village)
    take(person, [MARCH], POST_OR_AWAY, "post-pay:1", "公益性岗位工资")
    with pytest.raises(NotAllowed, match="2023年3月已享受公益性岗位工资"):
        applying.begin(person, scheme, MARCH, cast.village)


def test_a_month_on_a_post_without_a_checked_day_is_not_paid(cast):
    scheme, person = scheme_of(cast, "b10", is_away=False), on_duty(cast)
    AttendanceSheet.objects.update(state="signed", checked_by=None)
    with pytest.raises(NotAllowed, match="当月有核对过的出勤"):
        applying.begin(person, scheme, MARCH, cast.village)


# ── B09: one person, one day, one allowance ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def learned(cast):
    """A class of five days that ended in March with three people, and the county's B09."""
    one = school(cast)
    for person in one.people:
        factories.record(person)
    return one, one.finished(absent={2: 3}), scheme_of(cast, "b09", is_away=False)


def test_days_of_training_are_paid_by_a_claim_or_by_the_class_but_not_by_both(cast, learned):
    one, ended, scheme = learned
    first, second, _ = one.people
    claim = applying.begin(first, scheme, MARCH, cast.village)
    assert (claim.amount, claim.facts["trained"][0][1]) == (7_500, 5)
    computed = paying.compute(ended, cast.county)
    assert (computed.people, computed.fen, computed.left_out) == (
        2,
        10_500,
        (f"{first.name}（已在补贴申请中）",),
    )
    with pytest.raises(NotAllowed, match="没有发过生活费补贴”，台账是“0天"):
        applying.begin(second, scheme, MARCH, cast.village)
    applying.withdraw(claim, "改由培训班发放", cast.village)
    assert paying.compute(ended, cast.county).people == 1
    with pytest.raises(NotAllowed, match="台账是“0天"):
        applying.begin(first, scheme, MARCH, cast.village)


def test_a_class_that_one_claim_pays_is_not_in_another_of_a_later_rule(cast, learned):
    one, _, scheme = learned
    person = one.people[0]
    applying.begin(person, scheme, MARCH, cast.village)
    quarterly = EXAMPLE["b09"].rule | {"window": "quarter"}
    later = scheme_of(cast, "b09", is_away=False, version=2, rule=quarterly)
    with pytest.raises(NotAllowed, match="同一天不能发两次"):
        applying.begin(person, later, MARCH, cast.village)


# ── what no person claims ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["b06", "b12"])
def test_what_is_not_for_people_is_neither_screened_nor_claimed(cast, key):
    scheme = scheme_of(cast, key, is_away=False)
    person = worker(cast)
    with pytest.raises(NotAllowed, match="不由个人申请"):
        screen([scheme], cast.units["991"], MARCH, cast.county)
    with pytest.raises(NotAllowed, match="不由个人申请"):
        applying.begin(person, scheme, MARCH, cast.village)
    assert not SchemeVersion.objects.in_force(cast.units["991"], MARCH).for_people().exists()
