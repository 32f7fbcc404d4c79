"""Samples of the addresses of 培训 (see tests/url_samples.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.subsidies.training_cast import DAY, lessons
from tests.url_samples import ABSENT, SAMPLES, Sample, World, furnish, plain

BELOW = frozenset({"village", "township", "neighbour_village", "neighbour_township"})
COUNTY = frozenset({"county"})
OFFICES = frozenset({"county", "city", "city2", "auditor"})


@furnish
def _training(world: World) -> None:
    cast = world.cast
    for prefix, unit, person, by in (
        ("", cast.units["991"], world.rows["person"], cast.county),
        ("far_", world.rows["far_village"].parent, world.rows["far_person"], world.rows["far_user"]),
    ):
        made = lessons(unit, person, by, "ZQ" if prefix else "")
        world.rows |= {f"{prefix}{key}": row for key, row in made.items()}


plain("subsidies:training", "subsidies:training_plans")


def _row(
    name: str, readers: frozenset[str], writers: frozenset[str] | None = None, **post: Any
) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows[name].pk},
        foreign={"pk": world.rows[f"far_{name}"].pk},
        missing={"pk": ABSENT},
        post=post,
        readers=readers,
        writers=writers,
    )


READ = _row("ended", OFFICES | BELOW)

SAMPLES |= {
    "subsidies:training_plan_new": lambda world: Sample(readers=COUNTY | {"neighbour_county"}),
    "subsidies:training_plan": _row("plan", OFFICES | BELOW),
    "subsidies:training_plan_edit": _row("plan", COUNTY),
    "subsidies:training_plan_approve": _row("plan", COUNTY),
    "subsidies:training_class_new": _row("plan", COUNTY | {"township", "neighbour_township"}),
    "subsidies:training_class": READ,
    "subsidies:training_class_edit": _row("planned", COUNTY),
    "subsidies:training_act": _row("planned", COUNTY, act="open"),
    "subsidies:training_back": _row("planned", COUNTY, why="教师临时有事"),
    "subsidies:training_wishes": _row("planned", COUNTY | BELOW),
    "subsidies:training_confirm": _row("waiting", COUNTY | {"township"}),
    "subsidies:training_leave": _row("waiting", COUNTY | {"township", "village"}, why="本人不愿参加"),
    "subsidies:training_attendance": _row("running", OFFICES | BELOW, COUNTY, day=str(DAY)),
    "subsidies:training_certificates": READ,
    "subsidies:training_certificate": _row("learner", COUNTY),
    "subsidies:training_allowance": _row("ended", OFFICES | BELOW, COUNTY),
}
