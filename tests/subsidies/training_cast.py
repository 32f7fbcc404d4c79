"""A county's approved plan, a class in March, people who wish for it, and a second person in the county."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from ledgers.banking import keep_account
from ledgers.models import Intention, Laborer
from subsidies.models import Enrolment, TrainingClass, TrainingPlan
from subsidies.training import attending, classes, enrolling, planning
from tests import factories
from tests.cast import Cast, user

DAYS = [dt.date(2023, 3, day) for day in (13, 14, 15, 16, 17)]
SAID = {
    "name": "电工一期", "trade": "电工", "kind": "技能培训", "organiser": "示例职业学校", "teacher": "示例教师",
    "place": "东镇成人学校", "places": 30,
}  # fmt: skip


@dataclass
class School:
    """What the tests of training start from."""

    cast: Cast
    boss: User  # the second person of the county
    plan: TrainingPlan
    people: list[Laborer] = field(default_factory=list)

    def a_class(self, days: list[dt.date] | None = None, unit: str = "991", **said) -> TrainingClass:
        days = DAYS if days is None else days
        return classes.make_class(self.plan, self.cast.units[unit], SAID | said, days, self.cast.county)

    def running(self, people: list[Laborer] | None = None, **said) -> TrainingClass:
        """Open, with these people enrolled (all of them unless told)."""
        one = self.a_class(**said)
        for person in self.people if people is None else people:
            enrolling.enrol(one, person, self.cast.county)
        return classes.open_class(one, self.cast.county)

    def finished(self, absent: dict[int, int] | None = None, **said) -> TrainingClass:
        """After 结业; `absent` maps the place of a person in `people` to how many last days they missed."""
        one = self.running(**said)
        rows = list(one.enrolments.order_by("pk"))
        for n, day in enumerate(one.dates):
            missing = {place for place, number in (absent or {}).items() if n >= len(one.dates) - number}
            marks = {row.pk: "缺" if place in missing else "到" for place, row in enumerate(rows)}
            attending.mark(one, day, marks, self.cast.county)
        return classes.finish_class(one, self.cast.county)


def school(cast: Cast, people: int = 3) -> School:
    boss = user("xianjz", cast.units["991"], Role.COUNTY, "县局长")
    plan = planning.write_plan(cast.units["991"], 2023, {"电工": 60, "焊工": 30}, cast.county)
    planning.approve_plan(plan, boss)
    plan.refresh_from_db()
    made = School(cast, boss, plan)
    for n in range(people):
        made.people.append(wishing(cast, "99111", days_ago=n + 1))
    return made


def wishing(cast: Cast, village: str = "99111", days_ago: int = 1, **fields) -> Laborer:
    person = factories.laborer(cast.units[village], **fields)
    since = timezone.now() - dt.timedelta(days=days_ago)
    Intention.objects.create(
        laborer=person, wants_training=True, training_trade="电工", training_kind="技能培训",
        wish_registered_at=since,
    )  # fmt: skip
    return person


def with_account(person: Laborer, by: User) -> Laborer:
    keep_account(person, "示例农商行", f"62218800000{person.pk:08d}", by)
    return person


def row_of(one: TrainingClass, person: Laborer) -> Enrolment:
    return Enrolment.objects.select_related("laborer", "training_class").get(
        training_class=one, laborer=person
    )
