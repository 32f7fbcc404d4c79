"""Samples of the addresses of 补贴政策 and 筛查 (see tests/url_samples.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import Unit, User
from subsidies.models import SchemeVersion, Screened, Screening, Trial, TrialLine
from subsidies.rules import judge
from subsidies.schemes.examples import EXAMPLES
from subsidies.schemes.trials import digest_of
from tests import factories
from tests.subsidies.worked import facts, quarter
from tests.url_samples import ABSENT, Sample, World, furnish, plain, sample

OFFICES = frozenset({"county", "city", "city2"})
ALL = OFFICES | {"village", "township", "auditor", "neighbour_village", "neighbour_township"}


def scheme(unit: Unit, by: User, key: str = "b01-places", mark: str = "", **fields: Any) -> SchemeVersion:
    """A version of an example: a draft, or approved where `approved_by` says by whom."""
    example = next(one for one in EXAMPLES if one.key == key)
    if fields.get("approved_by"):
        fields = {"state": SchemeVersion.State.APPROVED, "approved_at": timezone.now()} | fields
    values = {
        "name": f"{mark}{example.title[:20]}", "from_month": factories.MARCH, "basis": f"{mark}示例文件〔2023〕1号",
        "fund": f"{mark}衔接资金", "rule": example.rule, "documents": example.documents, "is_away": example.is_away,
    } | fields  # fmt: skip
    return SchemeVersion.objects.create(unit=unit, code=example.code, written_by=by, **values)


def screened_line(run: Screening, person: Any) -> Screened:
    """A line of the screening about this person, at work since January outside the province."""
    verdict = judge(run.scheme.terms, facts(*quarter()))
    return Screened.objects.create(
        screening=run, laborer=person, village=person.village, result=verdict.result, letters=verdict.letters,
        values=json.dumps(verdict.values, ensure_ascii=False), amount=verdict.amount, months="2023-03",
    )  # fmt: skip


@furnish
def _schemes(world: World) -> None:
    """A version in force and the draft after it with its trial, here and far away."""
    cast = world.cast
    for prefix, county, person in (
        ("", cast.units["991"], factories.laborer(cast.units["99111"])),
        ("far_", Unit.objects.get(code="ZQ1"), world.rows["far_laborer"]),
    ):
        mark = "ZQ" if prefix else ""
        current = scheme(county, cast.city, mark=mark, approved_by=cast.city2)
        draft = scheme(county, cast.county, mark=mark, version=2)
        trial = Trial.objects.create(
            scheme=draft, against=current, unit=county, first=factories.MARCH, last=factories.MARCH, people=1,
            digest=digest_of(draft), made_by=cast.county, finished_at=timezone.now(),
        )  # fmt: skip
        TrialLine.objects.create(
            trial=trial, laborer=person, village=person.village, before=100, after=200, why=mark
        )
        run = Screening.objects.create(
            scheme=current, unit=county, month=factories.MARCH, period="2023", people=1, made_by=cast.county
        )
        line = screened_line(run, person)
        world.rows |= {f"{prefix}screening": run, f"{prefix}line": line, f"{prefix}screened": person}
        world.rows |= {f"{prefix}scheme": current, f"{prefix}draft": draft, f"{prefix}trial": trial}


plain("subsidies:schemes", "subsidies:scheme_new", "subsidies:screenings")
LINES = OFFICES | {"village", "township", "auditor"}


@sample("subsidies:screening_start")
def _(world: World) -> Sample:
    return Sample(post={"month": "2023-03"}, readers=None)


@sample("subsidies:screening_export")
def _(world: World) -> Sample:
    return Sample(post={"month": "2023-03", "kind": "screening"}, readers=None)


def _row(name: str, readers: frozenset[str] | None, **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows[name].pk},
        foreign={"pk": world.rows[f"far_{name}"].pk},
        missing={"pk": ABSENT},
        readers=readers,
        **more,
    )


for _name, _sample in {
    "scheme": _row("scheme", ALL),
    "scheme_edit": _row("draft", OFFICES),
    "scheme_next": _row("scheme", OFFICES),
    "scheme_try": _row("draft", OFFICES, post={"first": "2023-01", "last": "2023-03"}),
    "scheme_approve": _row("draft", OFFICES),
    "scheme_void": _row("draft", OFFICES),
    "trial": _row("trial", OFFICES | {"auditor"}),
    "screening": _row("screening", ALL),
    "screened": _row("line", LINES),
    "screened_reason": _row("line", frozenset({"village", "township"}), post={"reason": "外出未归"}),
    "screened_person": _row("screened", LINES),
}.items():
    sample(f"subsidies:{_name}")(_sample)
