"""A county's approved plan, a class in March, people who wish for it, and a second person in the county."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import Unit, User
from accounts.roles import Role
from ledgers.banking import keep_account
from ledgers.models import Intention, Laborer
from subsidies.models import (
    Allowance,
    Certificate,
    Completion,
    Enrolment,
    PlanLine,
    TrainingClass,
    TrainingDay,
    TrainingPlan,
)
from subsidies.training import attending, classes, enrolling, planning
from tests import factories
from tests.cast import Cast, user

DAYS = [dt.date(2023, 3, day) for day in (13, 14, 15, 16, 17)]
DAY = dt.date(2023, 3, 6)  # of the class of `lessons`
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


def lessons(unit: Unit, person: Laborer, by: User, mark: str = "") -> dict[str, Any]:
    """A plan, a class that waits for people, one that runs and one that has ended with the person.

    `mark` begins every string of the unit's own.
    """
    plan, _ = TrainingPlan.objects.get_or_create(
        unit=unit, year=2023, defaults={"basis": f"{mark}lesson", "made_by": by}
    )
    PlanLine.objects.get_or_create(plan=plan, trade=f"{mark}lesson", defaults={"people": 9})
    said = {
        "plan": plan, "trade": f"{mark}lesson", "kind": "技能培训", "organiser": f"{mark}lesson",
        "teacher": f"{mark}lesson", "place": f"{mark}lesson", "places": 90, "taken": 1, "made_by": by,
    }  # fmt: skip
    held = said | {"days": [str(DAY)], "starts_on": DAY, "ends_on": DAY, "opened_at": timezone.now()}
    planned, running, ended = (
        TrainingClass.objects.get_or_create(unit=unit, year=2023, name=f"{mark}lesson-{n}", defaults=values)[
            0
        ]
        for n, values in enumerate((said, held | {"state": "open"}, held | {"state": "finished"}))
    )
    who = {
        "laborer": person, "village": person.village, "is_poverty": True, "is_monitored": False, "proposed_by": by,
    }  # fmt: skip
    waiting = Enrolment.objects.create(training_class=planned, state="proposed", **who)
    learner = Enrolment.objects.create(
        training_class=ended, state="enrolled", days=1, enrolled_by=by, enrolled_at=timezone.now(), **who
    )
    TrainingDay.objects.create(enrolment=learner, laborer=person, day=DAY, mark="到")
    done = Completion.objects.create(enrolment=learner, on=DAY, by=by)
    Certificate.objects.create(
        completion=done, kind="培训合格证书", number=f"{person.name}{person.pk}", issued_on=DAY, by=by
    )
    Allowance.objects.create(enrolment=learner, days=1, rate_fen=1500, amount_fen=1500, computed_by=by)
    return {
        "plan": plan,
        "planned": planned,
        "running": running,
        "ended": ended,
        "waiting": waiting,
        "learner": learner,
    }
