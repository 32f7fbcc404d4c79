"""Addresses of 公益性岗位 for the walker: a post with its holder and an applicant, here and far away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests import factories
from tests.posts import life
from tests.url_samples import ABSENT, SAMPLES, Sample, World, furnish, plain

READERS = frozenset({"village", "township", "county", "city", "city2", "auditor"})


@furnish
def _posts(world: World) -> None:
    for prefix, village, by in (
        ("", world.cast.units["99111"], world.cast.village),
        ("far_", world.rows["far_village"], world.rows["far_user"]),
    ):
        mark = prefix and "ZQ"
        people = [factories.laborer(village, f"{mark}岗位人{number}") for number in (1, 2)]
        made = life.rows(village, by, people, mark)
        world.rows |= {f"{prefix}{key}": row for key, row in made.items()}


def _of(row: str, *readers: str, post: dict | None = None, **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows[row].pk} | more,
        foreign={"pk": world.rows[f"far_{row}"].pk} | more,
        missing={"pk": ABSENT} | more,
        post=post or {},
        readers=frozenset(readers) or READERS,
    )


plain("posts:list")
PROPOSERS = {"village", "township", "neighbour_village", "neighbour_township"}
SAMPLES |= {
    "posts:new": lambda world: Sample(
        post=life.proposal() | {"unit": "99111"},
        readers=frozenset(PROPOSERS | {"county", "neighbour_county"}),
    ),
    "posts:policy": lambda world: Sample(
        post={"form": "policy", "notice_days": "3", "new_under": "70", "stay_under": "70"}
    ),
    "posts:post": _of("post"),
    "posts:post_step": _of("post", "county", post={"reason": "资金已经到期"}, step="close"),
    "posts:candidate": _of("candidate"),
    "posts:candidate_step": _of(
        "candidate", "village", "township", "county", post={"reason": "本人提出放弃"}, step="withdraw"
    ),
    "posts:appointment": _of("appointment"),
    "posts:appointment_step": _of(
        "appointment", "village", "township",
        post={"ground": "本人自愿", "on": "2023-03-16", "note": "本人提出"}, step="notify",
    ),
}  # fmt: skip
