"""Two worlds for the tests of bulletins: the printed city as kept values, and a small city with real rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Level, Unit
from ledgers.models import MonthClosing
from posts.models import Appointment, Post
from reports import rollup
from reports.bulletins import actions
from reports.models import Baseline, Bulletin, FigureValue, Target
from sampling.models import Call, Campaign
from tests import cast, factories
from tests.factories import MARCH

BASE = "2022年10月"
# code, name, workers, target, posts, posts at the base date
COUNTIES = (
    ("4202DY", "大冶市", 6119, 5155, 1296, 1260),
    ("4202YX", "阳新县", 36547, 37409, 1150, 2921),
    ("4202KT", "开发区·铁山区", 6553, 6356, 1095, 1119),
    ("4202XG", "新港园区", 2377, 2533, 181, 315),
)
# county, code, name, called, connected, place, time, policy
TOWNSHIPS = (
    ("4202DY", "4202DY07", "灵乡镇", 100, 68, 51, 52, 40),
    ("4202DY", "4202DY14", "茗山乡", 100, 65, 39, 45, 28),
    ("4202YX", "4202YX04", "陶港镇", 100, 58, 44, 45, 16),
    ("4202YX", "4202YX11", "木港镇", 100, 61, 34, 36, 8),
    ("4202KT", "4202KT06", "太子镇", 100, 48, 34, 33, 22),
    ("4202XG", "4202XG02", "海口湖管理区", 100, 40, 16, 19, 6),
)


def keep(unit: Unit, figure: str, numerator: int, denominator: int | None = None) -> None:
    FigureValue.objects.create(
        month=MARCH, unit=unit, figure=figure, numerator=numerator, denominator=denominator
    )


def _keep_calls(unit: Unit, called: int, connected: int, *hits: int) -> None:
    keep(unit, "I10", called)
    keep(unit, "I11", connected, called)
    for figure, hit in zip(("I12", "I13", "I14"), hits):
        keep(unit, figure, hit, connected)


def printed_city() -> Unit:
    """The primitives of domain.md §2.3 as kept values of 2023-03, without rows behind them."""
    city = factories.unit("4202", "黄石市", Level.CITY)
    counties = {}
    for code, name, workers, target, posts, before in COUNTIES:
        one = counties[code] = factories.unit(code, name, Level.COUNTY, city)
        keep(one, "I01", workers)
        keep(one, "I03", workers)
        keep(one, "I07", posts)
        Target.objects.create(unit=one, year=2023, value=target)
        Baseline.objects.create(unit=one, name=BASE, figure="I07", value=before)
        Baseline.objects.create(unit=one, name=BASE, figure="I09b", value=283 if code == "4202YX" else 0)
        rows = [row[3:] for row in TOWNSHIPS if row[0] == code]
        _keep_calls(one, *map(sum, zip(*rows)))
    keep(counties["4202YX"], "I09a", 26)
    keep(counties["4202YX"], "I09b", 209)
    for figure, total in (("I01", 51596), ("I03", 51596), ("I07", 3722), ("I09a", 26), ("I09b", 209)):
        keep(city, figure, total)
    _keep_calls(city, *map(sum, zip(*(row[3:] for row in TOWNSHIPS))))
    for county, code, name, *numbers in TOWNSHIPS:
        _keep_calls(factories.unit(code, name, Level.TOWNSHIP, counties[county]), *numbers)
    return city


@dataclass
class World:
    """The small city with its cast; 11 of 12 people counted, 3 posts, 8 calls in two townships."""

    cast: cast.Cast
    campaign: Campaign

    @property
    def city(self) -> Unit:
        return self.cast.units["99"]

    def draft(self) -> Bulletin:
        return actions.draft(self.city, MARCH, self.cast.city)

    def published(self) -> Bulletin:
        submitted = actions.submit(self.draft(), self.cast.city)
        return actions.publish(submitted, self.cast.city2, "示就专〔2023〕18号", dt.date(2023, 4, 10))

    def again(self, bulletin: Bulletin) -> Bulletin:
        return Bulletin.objects.select_related("unit").get(pk=bulletin.pk)


def small_city(selection: str = "随机抽取", closed: bool = True) -> World:
    """Rows, figures computed from them, and the month closed (or not yet)."""
    made = cast.build()
    units = made.units
    campaign = Campaign.objects.create(unit=units["99"], month=MARCH, name="三月抽查", selection=selection)
    for place, village in enumerate(("99111", "99211")):
        people = [factories.laborer(units[village]) for _ in range(6)]
        for number, person in enumerate(people):
            idle = place == 1 and number == 5
            factories.record(person, **({"working": False, "reason": "not_working"} if idle else {}))
        for number, person in enumerate(people[:4]):
            hit = number < 2 + place
            Call.objects.create(
                campaign=campaign,
                laborer=person,
                village=units[village],
                township=units[village[:4]],
                connected=number < 3,
                place_matches=hit if number < 3 else None,
                time_matches=hit if number < 3 else None,
                knows_policy=number == 0 if number < 3 else None,
            )
        for number, person in enumerate(people[: 2 - place]):
            post = Post.objects.create(
                number=f"{village}{number}",
                unit=units[village],
                title="保洁员",
                category="保洁员",
                opened_on=dt.date(2022, 1, 1),
            )
            Appointment.objects.create(post=post, laborer=person, started_on=dt.date(2023, 1, 1))
    for code, target, before in (("991", 5, 3), ("992", 8, 1)):
        Target.objects.create(unit=units[code], year=2023, value=target)
        Baseline.objects.create(unit=units[code], name=BASE, figure="I07", value=before)
    rollup.recompute(MARCH)
    if closed:
        MonthClosing.objects.create(unit=units["99"], month=MARCH, closed_by=made.city)
    return World(made, campaign)
