"""Red rules of subsidies (domain.md §3 G): nobody whom they forbid gets a claim, whichever way is tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from ledgers.codes import IN_COUNTY, OUTSIDE, SELF_EMPLOYED
from ledgers.models import Laborer, MonthlyRecord
from lib.month import Month
from posts import taking
from posts.models import POST_OR_AWAY, Appointment, Post
from subsidies.claims import applying, deciding
from subsidies.claims.rules import Consent
from subsidies.models import Claim, SchemeVersion, Screened
from subsidies.screening import screen
from tests import cast as casting
from tests import factories
from tests.red import ways
from tests.subsidies import schemes
from tests.subsidies.claiming import MARCH, PNG, TODAY, applied, scheme_of, shown
from tests.subsidies.conftest import MORNING, at

Happens = Callable[[casting.Cast, Laborer, SchemeVersion], Any]
WORKS = {"started": Month(2022, 10), "place_class": OUTSIDE}


@dataclass(frozen=True)
class Case:
    """A rule, the scheme that is claimed, what is wrong, and the words that say so."""

    rule: str
    code: str
    words: str
    happens: Happens = lambda cast, person, scheme: None
    spell: dict[str, Any] = field(default_factory=dict)
    consent: Consent | None = None
    cells: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)


def claimed(*years: int, code: str = "") -> Happens:
    """Paid in these years, for a 所属期 of another kind."""

    def happens(cast: casting.Cast, person: Laborer, scheme: SchemeVersion) -> None:
        for year in years:
            schemes.approved(
                cast, scheme, person, period=f"{year}Q1", month=Month(year, 1), code=code or scheme.code
            )

    return happens


def on_post(cast: casting.Cast, person: Laborer, scheme: SchemeVersion) -> None:
    post = Post.objects.create(
        number=f"GW-{person.pk}", unit=person.village, title="护林员", category="护林员", opened_on=TODAY
    )
    Appointment.objects.create(post=post, laborer=person, started_on=dt.date(2023, 2, 1))


def no_household(cast: casting.Cast, person: Laborer, scheme: SchemeVersion) -> None:
    MonthlyRecord.objects.filter(laborer=person).update(is_poverty=False)


def post_paid(cast: casting.Cast, person: Laborer, scheme: SchemeVersion) -> None:
    taking.take(person, [MARCH], POST_OR_AWAY, f"post-pay:{person.pk}", "公益性岗位工资")


def agent(words: str, relation: str, on: dt.date | None) -> Case:
    said = {"代办人": "示例代办", "与本人关系": relation, "委托日期": str(on or "")}
    form = {"how": "代办", "agent_name": "示例代办", "agent_relation": relation, "consent_on": str(on or ""),
            "consent_how": "书面委托书", "consent_file": SimpleUploadedFile("委托书.png", PNG)}  # fmt: skip
    return Case("YD-G03", "B01", words, consent=Consent("示例代办", relation, on), cells=said, form=form)


CASES = [
    agent("没有本人委托不能代办", "乡村干部", None),
    agent("委托日期不能晚于今天", "乡村干部", TODAY + dt.timedelta(days=1)),
    Case("YD-F19", "B01", "人员范围应为", no_household),
    Case("YD-F03", "B01", "已享受公益性岗位工资", post_paid),
    Case("YD-F03", "B01", "没有同时在公益性岗位", on_post),
    Case("YD-G04", "B01", "当年没有享受一次性交通补贴", claimed(2023)),
    Case("YD-G05", "B01", "务工时间应为“累计务工满3个月”", spell={"started": Month(2023, 2)}),
    Case("YD-G05", "B01", "务工时间应为", spell={"place_class": IN_COUNTY}),
    Case("YD-G07", "B02", "务工时间应为“在同一单位累计务工满6个月”"),
    Case("YD-G07", "B02", "月平均工资应为“不低于1,000元”", spell={"monthly_wage": 900}),
    Case("YD-G13", "B03", "自主创业应为“登记自主创业满12个月”", spell={"job_form": SELF_EMPLOYED}),
    Case("YD-G14", "B04", "享受年限应为", claimed(2020, 2021, 2022), spell={"job_form": SELF_EMPLOYED}),
    Case("YD-G18", "B11", "当年没有享受求职创业", claimed(2023)),
]  # fmt: skip
EXAMPLES = {
    "B01": "b01-distance",
    "B02": "b02",
    "B03": "b03",
    "B04": "b04",
    "B11": "b11",
    "B15": "b01-removed",
}


@dataclass
class World:
    cast: casting.Cast
    schemes: dict[str, SchemeVersion]

    def person(self, **spell: Any) -> Laborer:
        made = factories.laborer(self.cast.units["99111"])
        said = WORKS | {"region_code": "440300"} | spell
        factories.spell(made, said.pop("started"), **said)
        factories.record(made, MARCH, place_class=said["place_class"])
        return made


@pytest.fixture
def world(db, settings, monkeypatch, tmp_path) -> World:
    settings.TOTP, settings.REDIS_URL, settings.MEDIA_ROOT = False, "", tmp_path
    cast = casting.build()
    at(monkeypatch, MORNING)
    held = {code: scheme_of(cast, key, code=code, name=f"示例{code}") for code, key in EXAMPLES.items()}
    return World(cast, held)


def test_nobody_gets_a_claim_whom_a_red_rule_forbids_by_any_way_in(world, tmp_path):
    cast, people, rows = world.cast, [], []
    for case in CASES:
        person = world.person(**case.spell)
        case.happens(cast, person, world.schemes[case.code])
        people.append(person)
        rows.append(row(person, world.schemes[case.code]) | case.cells)
    before = Claim.objects.count()
    wrong_amount = row(world.person(), world.schemes["B01"]) | {"金额": "999"}
    told = [case.words for case in CASES] + ["YD-G10"]
    town = cast.units["9911"]
    imported = ways.imported("claims", [*rows, wrong_amount], town, cast.township)
    commanded = ways.commanded("claims", [*rows, wrong_amount], town, cast.township, tmp_path)
    screen(list(world.schemes.values()), cast.units["991"], MARCH, cast.county)
    lines = {(one.laborer_id, one.screening.scheme.code): one.pk
             for one in Screened.objects.select_related("screening__scheme")}  # fmt: skip
    came_in = [
        (way, words, text)
        for way, answers in (("import", imported), ("command", commanded))
        for words, text in zip(told, answers, strict=True)
        if words not in text
    ]
    for case, person in zip(CASES, people, strict=True):
        scheme = world.schemes[case.code]
        promised = {f"declared{place}": "on" for place, _ in enumerate(applying.promised(scheme))}
        data = {"how": "本人申请"} | promised | case.form
        answers = {
            "form": ways.form(cast.village, "subsidies:claim_new", lines[person.pk, case.code], **data),
            "verb": ways.verb(
                partial(
                    applying.begin, person, scheme, MARCH, cast.village, consent=case.consent,
                    declared=applying.promised(scheme),
                )
            ),
        }  # fmt: skip
        came_in += [
            (way, case.rule, case.words, text) for way, text in answers.items() if case.words not in text
        ]
    assert not came_in
    assert Claim.objects.count() == before


def row(person: Laborer, scheme: SchemeVersion) -> dict[str, Any]:
    said = "一次性" if scheme.terms.period(MARCH) == "once" else scheme.terms.period(MARCH)
    return {"姓名": person.name, "身份证号码": person.id_no, "补贴项目": scheme.code, "所属期": said}


def test_who_may_be_paid_by_the_state_proves_otherwise_or_is_not_checked(world):
    """YD-G12: the ledger does not know who is 财政供养 or 国企; without the paper no claim gets beyond the village."""
    scheme, person = world.schemes["B15"], world.person()
    cast = world.cast
    screen([scheme], cast.units["991"], MARCH, cast.county)
    line = Screened.objects.get(laborer=person)
    assert "书面证明不是财政供养人员" in ways.verb(
        lambda: applying.begin(person, scheme, MARCH, cast.village)
    )
    assert "财政供养" in ways.form(cast.village, "subsidies:claim_new", line.pk, how="本人申请")
    assert not Claim.objects.exists()
    claim = applying.begin(person, scheme, MARCH, cast.village, declared=applying.promised(scheme))
    assert "还缺材料：" in ways.verb(lambda: deciding.check(claim, cast.village))
    assert "不是财政供养人员" in ways.form(cast.village, "subsidies:claim_step", claim.pk, act="check")


def test_a_second_claim_an_amount_and_ones_own_claim_are_refused_by_form_verb_and_database(
    world, monkeypatch
):
    cast, scheme = world.cast, world.schemes["B01"]
    claim = applied(cast, scheme, world.person())
    screen([scheme], cast.units["991"], MARCH, cast.county)
    line = Screened.objects.get(laborer=claim.laborer)
    second = ways.verb(lambda: applying.begin(claim.laborer, scheme, MARCH, cast.village))
    again = ways.form(cast.village, "subsidies:claim_new", line.pk, how="本人申请")
    assert all("不能重复申请（YD-G04）" in one for one in (second, again))
    shown(cast, scheme, monkeypatch, claim)
    Claim.objects.filter(pk=claim.pk).update(proposed_by=cast.township)
    assert "由另一个人办理" in ways.verb(lambda: deciding.compare(claim, cast.township))
    assert "由另一个人办理" in ways.form(cast.township, "subsidies:claim_step", claim.pk, act="compare")
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(compared_by=cast.township)
    Claim.objects.filter(pk=claim.pk).update(proposed_by=cast.village)
    deciding.compare(claim, cast.township)
    Claim.objects.filter(pk=claim.pk).update(amount=123)
    assert "YD-G10" in ways.verb(lambda: deciding.approve(claim, cast.county))
    assert "YD-G10" in ways.form(cast.county, "subsidies:claim_step", claim.pk, act="approve")
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(**{
            name: getattr(claim, name) for name in ("scheme", "code", "laborer", "village", "period", "month", "amount")
        }, proposed_by=cast.village, letters="m")  # fmt: skip
