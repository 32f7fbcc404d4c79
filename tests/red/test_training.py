"""Red rules of training (domain.md §3 J): nobody whom they forbid is enrolled or certified, whichever way is tried."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from ledgers.models import Laborer
from subsidies.models import Allowance, Certificate, Enrolment, TrainingDay, TrainingPlan
from subsidies.training import certifying, enrolling, paying
from tests import cast as casting
from tests import factories
from tests.red import ways
from tests.subsidies.conftest import MORNING, at
from tests.subsidies.training_cast import DAYS, row_of, school, wishing, with_account

BEFORE = [dt.date(2023, 3, day) for day in (6, 7)]


@pytest.fixture
def one(db, settings, monkeypatch, tmp_path):
    settings.TOTP, settings.REDIS_URL, settings.MEDIA_ROOT = False, "", tmp_path
    cast = casting.build()
    at(monkeypatch, MORNING)
    return school(cast)


def row(person: Laborer, name: str = "电工一期", trade: str = "电工", **more: str) -> dict[str, str]:
    said = {"培训班": name, "工种": trade, "开始": str(DAYS[0]), "结束": str(DAYS[-1])}
    return {"姓名": person.name, "身份证号码": person.id_no} | said | more


def test_nobody_is_in_a_class_whom_a_red_rule_forbids_by_any_way_in(one, tmp_path):
    cast, county = one.cast, one.cast.units["991"]
    TrainingPlan.objects.update(per_year=2)
    wanted = one.a_class()
    away, busy, again = one.people
    factories.spell(away)
    enrolling.enrol(one.a_class(name="焊工一期", trade="焊工"), busy, cast.county)
    enrolling.enrol(one.a_class(BEFORE, name="电工预备"), again, cast.county)
    before = Enrolment.objects.count()
    told = {
        away: "在省外务工，3月13日不能在培训班",  # YD-J06
        busy: "同一天不能参加两个班",  # YD-J06
        again: "同一工种不重复培训",  # YD-J07
    }
    rows = [row(person) for person in told]
    imported = ways.imported("training", rows, county, cast.county)
    commanded = ways.commanded("training", rows, county, cast.county, tmp_path)
    came_in = []
    for place, (person, words) in enumerate(told.items()):
        answers = {
            "form": ways.form(cast.county, "subsidies:training_wishes", wanted.pk, id_no=person.id_no),
            "verb": ways.verb(partial(enrolling.enrol, wanted, person, cast.county)),
            "import": imported[place],
            "command": commanded[place],
        }
        came_in += [(way, words, text) for way, text in answers.items() if words not in text]
    assert not came_in
    assert Enrolment.objects.count() == before
    held = Enrolment.objects.get(laborer=busy)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingDay.objects.create(enrolment=held, laborer=busy, day=DAYS[0])


def test_nobody_is_certified_or_paid_beyond_what_was_attended_by_any_way_in(one, tmp_path):
    """YD-J04, YD-J05, and whoever reckoned an allowance does not approve it."""
    cast, county = one.cast, one.cast.units["991"]
    done = one.finished(absent={2: 4})
    lazy = row_of(done, one.people[2])
    rows = [
        row(one.people[2], 出勤天数="1", 证书名称="培训合格证书", 证书编号="ZS9"),
        row(one.people[0], 出勤天数="5", 补贴金额="80"),
        row(wishing(cast), name="焊工一期", trade="焊工", 出勤天数="5", 补贴金额="100"),
    ]
    told = ["取证人数不能多于培训人数（YD-J04）", "应为75.00元（YD-J05）", "应为75.00元（YD-J05）"]
    for answers in (
        ways.imported("training", rows, county, cast.county),
        ways.commanded("training", rows, county, cast.county, tmp_path),
    ):
        assert [(words, text) for words, text in zip(told, answers, strict=True) if words not in text] == []
    certificate = ("培训合格证书", "ZS9", dt.date(2023, 3, 18))
    assert "取证人数不能多于" in ways.verb(partial(certifying.certify, lazy, *certificate, cast.county))
    given = {"kind": certificate[0], "number": "ZS9", "level": "", "issued_on": "2023-03-18"}
    assert "取证人数不能多于" in ways.form(cast.county, "subsidies:training_certificate", lazy.pk, **given)
    assert not Certificate.objects.exists()
    ways.form(cast.county, "subsidies:training_act", done.pk, act="certified")
    ways.form(cast.county, "subsidies:training_act", done.pk, act="compute", amount="9999")
    for person in one.people:
        with_account(person, cast.county)
    assert sorted(Allowance.objects.values_list("amount_fen", flat=True)) == [1500, 7500, 7500]
    assert "测算人不能审批" in ways.verb(partial(paying.approve, done, cast.county))
    assert "测算人不能审批" in ways.form(cast.county, "subsidies:training_act", done.pk, act="approve")
    for wrong in ({"amount_fen": 9999}, {"approved_by": cast.county}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Allowance.objects.filter(enrolment=lazy).update(**wrong)
