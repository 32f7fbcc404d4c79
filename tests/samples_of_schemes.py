"""Samples of the addresses of 补贴政策 and 筛查 (see tests/url_samples.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.models import Unit
from tests import factories
from tests.scheme_rows import of_county, of_person
from tests.url_samples import ABSENT, Sample, World, furnish, plain, sample

OFFICES = frozenset({"county", "city", "city2"})
ALL = OFFICES | {"village", "township", "auditor", "neighbour_village", "neighbour_township"}


@furnish
def _schemes(world: World) -> None:
    """A version in force with a screening and the draft after it with its trial, here and far away."""
    cast = world.cast
    for prefix, county, person in (
        ("", cast.units["991"], factories.laborer(cast.units["99111"])),
        ("far_", Unit.objects.get(code="ZQ1"), world.rows["far_laborer"]),
    ):
        mark = "ZQ" if prefix else ""
        made = of_county(county, cast.county, cast.city2, mark)
        made |= of_person(made, person, mark)
        world.rows |= {f"{prefix}{name}": row for name, row in made.items()}


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
