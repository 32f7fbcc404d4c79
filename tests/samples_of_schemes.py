"""Samples of the addresses of 补贴政策 and 筛查 (see tests/url_samples.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import Unit
from subsidies.models import Screening, Trial, TrialLine
from subsidies.schemes.trials import digest_of
from tests import factories
from tests.scheme_rows import scheme, screened_line
from tests.url_samples import ABSENT, Sample, World, furnish, plain, sample

OFFICES = frozenset({"county", "city", "city2"})
ALL = OFFICES | {"village", "township", "auditor", "neighbour_village", "neighbour_township"}


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
