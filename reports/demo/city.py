"""The numbers the demo city must come to for 2023-03, by custody code, and how they are spread over its villages."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random

from django.conf import settings

TOP, HOME_COUNTY, HOME_TOWNSHIP, HOME_VILLAGE = "4202", "4202YX", "4202YX04", "4202YX0408"
SCALES = ("village", "county", "city", "province")
POSTS_BASE, WORKSHOPS_BASE = "2022年10月", "2022年底"
YEAR = 2023
CALLS = 100  # per township


@dataclass(frozen=True)
class County:
    """Figures of one reporting unit: 人, 人, 人, 人, 个, 人, 人. `near` is the share that works in its own county."""

    code: str
    id_prefix: str
    workers: int
    target: int
    posts: int
    posts_before: int
    near: float = 0.3
    workshops: int = 0
    placements: int = 0
    placements_before: int = 0


COUNTIES = (
    County("4202DY", "990102", 6119, 5155, 1296, 1260),
    County("4202YX", "990101", 36547, 37409, 1150, 2921, 0.18, 26, 209, 283),
    County("4202KT", "990103", 6553, 6356, 1095, 1119),
    County("4202XG", "990104", 2377, 2533, 181, 315),
)
ONE_VILLAGE = County("4202YX", "990101", 118, 124, 6, 15, 0.5, 1, 5, 7)

# township → of 100 called: connected, work place right, working time right, policy known
SPOT_CHECK = {
    "4202DY07": (68, 51, 52, 40),
    "4202DY14": (65, 39, 45, 28),
    "4202YX04": (58, 44, 45, 16),
    "4202YX11": (61, 34, 36, 8),
    "4202KT06": (48, 34, 33, 22),
    "4202XG02": (40, 16, 19, 6),
}


@dataclass(frozen=True)
class Place:
    """One line of huangshi_units.csv."""

    code: str
    name: str
    level: str
    parent: str
    gb_code: str
    position: int


def places(scale: str) -> list[Place]:
    """The units of a scale, parents before children: the whole city, one county of it, or one village."""
    path = Path(settings.BASE_DIR) / "accounts" / "data" / "huangshi_units.csv"
    with path.open(encoding="utf-8") as lines:
        everything = [
            Place(
                row["code"], row["name"], row["level"], row["parent_code"], row["gb_code"], int(row["order"])
            )
            for row in csv.DictReader(lines)
        ]
    wanted = {"city": "", "county": HOME_COUNTY, "village": HOME_VILLAGE}[scale]
    return [place for place in everything if place.code.startswith(wanted) or wanted.startswith(place.code)]


def counties(scale: str) -> tuple[County, ...]:
    if scale == "village":
        return (ONE_VILLAGE,)
    return COUNTIES if scale == "city" else tuple(one for one in COUNTIES if one.code == HOME_COUNTY)


def share(total: int, weights: list[float]) -> list[int]:
    """`total` in whole parts by weight, largest remainders first, so that the parts add up."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def weights(villages: list[Place], random: Random) -> list[float]:
    """How many people a village has beside its neighbours: communities of the towns have few of them."""
    return [
        0.2 + random.random() * 0.4 if village.name.endswith("社区") else 0.6 + random.random() * 1.1
        for village in villages
    ]


def workers_by_village(county: County, villages: list[Place], random: Random) -> list[int]:
    """Counted workers of each village; they add up to the county's."""
    return share(county.workers, weights(villages, random))
