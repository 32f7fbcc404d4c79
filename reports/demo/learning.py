"""Training and workshops of the demonstration: classes before and behind their certificates, a review, an award.

Made by the verbs that people use; what concerns the figures of 2023 stays what it was.
"""

from __future__ import annotations

import datetime as dt
from itertools import islice

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Unit, User
from ledgers.banking import keep_account
from ledgers.codes import NORMAL, WITHIN_COUNTY
from ledgers.models import Laborer
from posts import awarding, recognising
from posts.models import Workshop
from posts.models.workshops import PASSED
from posts.workshop_rules import TIERED
from reports.demo.working import LAST
from subsidies.messages import actions as messages
from subsidies.messages.examples import EXAMPLES
from subsidies.messages.texts import Words
from subsidies.models import Enrolment, TrainingPlan
from subsidies.training import attending, certifying, classes, enrolling, paying, planning

Users = dict[str, User]
BASIS = "示例：《2023年脱贫劳动力职业技能培训计划》（示人社发〔2023〕3号）"
MARCH_DAYS = [dt.date(2023, 3, day) for day in (6, 7, 8, 9, 10, 13, 14, 15)]
LEARNERS, OWN, CERTIFIED, PROPOSED = 12, 4, 9, 3
ELECTRICIANS = {
    "name": "电工初级班（第1期）", "trade": "电工", "kind": "技能培训", "organiser": "示例职业技术学校",
    "teacher": "示例教师", "place": "陶港镇成人文化技术学校", "places": 30,
}  # fmt: skip
CARERS = ELECTRICIANS | {"name": "养老护理员班（第1期）", "trade": "养老护理员", "teacher": ""}
REVIEWED_ON = dt.date(2023, 3, 20)
YES = {"operating": True, "wage_paid": True, "insured": True}


def learning(users: Users, county: Unit, village: Unit) -> None:
    """A class of March with certificates and allowances, one that takes people, texts, and a workshop's year."""
    town = Unit.objects.get(children=village.pk)
    _finished(_plan(county, LAST.year, users), town, village, users)
    _taking(_plan(county, _soon().year, users), town, village, users)
    _workshops(county, village, users)
    _texts(county, village, users)


def _soon() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=10)


def _plan(county: Unit, year: int, users: Users) -> TrainingPlan:
    lines = {"电工": 120, "焊工": 80, "养老护理员": 60}
    return planning.approve_plan(
        planning.write_plan(county, year, lines, users["county"], basis=BASIS), users["county2"]
    )


def _at_home(unit: Unit) -> QuerySet[Laborer]:
    """脱贫 people who are not at work outside the county and have no account yet: no holders of posts."""
    here = Q(records__working=False) | Q(records__place_class__in=WITHIN_COUNTY)
    found = Laborer.objects.filter(bank_accounts=None).under(unit)
    return found.filter(here, records__month=LAST, records__is_poverty=True, person_state=NORMAL)


def _finished(plan: TrainingPlan, town: Unit, village: Unit, users: Users) -> None:
    one = classes.make_class(plan, town, ELECTRICIANS, MARCH_DAYS, users["township"])
    own = list(_at_home(village).order_by("pk")[:OWN])
    others = _at_home(town).exclude(village=village).order_by("village__sort_path", "pk")
    for person in [*own, *others[: LEARNERS - len(own)]]:
        keep_account(person, "示例农商银行", f"6222029901{person.pk:09d}", users["township"])
        enrolling.enrol(one, person, users["township"])
    one = classes.open_class(one, users["township"])
    rows = list(one.enrolments.select_related("laborer").order_by("pk"))
    for number, day in enumerate(one.dates):
        # two of them missed a day, one the second half
        away = {1: number == 3, 4: number == 6, 7: number > 3}
        marks = {row.pk: "缺" if away.get(n) else "到" for n, row in enumerate(rows)}
        attending.mark(one, day, marks, users["township"])
    one = classes.finish_class(one, users["township"])
    for row in islice(Enrolment.objects.filter(training_class=one).trained().order_by("pk"), CERTIFIED):
        serial = f"SL{LAST.year}{row.pk:08d}"
        certifying.certify(row, "专项职业能力证书", serial, dt.date(2023, 3, 28), users["township"])
    paying.compute(one, users["township"])
    paying.approve(one, users["county2"])


def _taking(plan: TrainingPlan, town: Unit, village: Unit, users: Users) -> None:
    days = [day for n in range(9) if (day := _soon() + dt.timedelta(days=n)).year == plan.year]
    one = classes.make_class(plan, town, CARERS, days, users["township"])
    learned = Enrolment.objects.filter(village=village).values("laborer")
    for person in (
        _at_home(village).exclude(pk__in=learned).order_by("-intention__wants_training", "pk")[:PROPOSED]
    ):
        enrolling.enrol(one, person, users["village"])


def _workshops(county: Unit, village: Unit, users: Users) -> None:
    """Two reviewed, their awards on the way; one that the township asks to be recognised."""
    shops = Workshop.objects.under(county).filter(state=Workshop.State.RECOGNISED).order_by("pk")
    for number, shop in enumerate(shops[:2]):
        recognising.review(shop, REVIEWED_ON, YES, PASSED, "", users["county"])
        award = awarding.make_award(shop, TIERED, REVIEWED_ON.year, users["county"])
        if number:
            awarding.approve_award(award, users["county2"])
    said = {
        "name": "王桥村示例制衣车间", "kind": "帮扶车间", "in_charge": "示例负责人", "address": "王桥村原小学校舍",
        "industry": "服装制造", "operating_since": dt.date(2023, 2, 20),
    }  # fmt: skip
    recognising.propose_workshop(village, said, users["township"])


def _texts(county: Unit, village: Unit, users: Users) -> None:
    """A list of short messages that waits to be sent, and a text that the village passed on."""
    deadline = timezone.localdate() + dt.timedelta(days=40)
    made = {}
    for name in ("交通补贴短信", "交通补贴微信"):
        said = EXAMPLES[name]
        words = Words(
            said["kind"], said["scheme"], said["text"], "县外省内600元，省外1500元", deadline, "0714-9900000"
        )
        made[name] = messages.write_template(county, said["title"], words, users["county"])
    messages.prepare(made["交通补贴短信"], village, "counted", users["township"])
    messages.forward(made["交通补贴微信"], village, users["village"])
