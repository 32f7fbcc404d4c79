"""One entry per URL pattern: what the walker of test_every_url.py puts into its address.

Two addresses of one name have two entries, "room:name" and "room:name#2", in the order of the URL configuration.

`SAMPLES["room:name"]` is a function from the World to Sample rows. A pattern without arguments needs `Sample()`. A
pattern with arguments gives `own` (arguments of a row that some of the cast may open), `foreign` (a row outside the
reach of everyone in the cast) and `missing` (arguments of nothing); `post` is the form to send. Where a row can
be opened by some roles only, name them in `readers`; everyone else must then get the answer of a missing row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests import factories
from tests.cast import Cast

ABSENT = 987654321


@dataclass
class World:
    """The cast with their rows (all below county 991), and a far city whose every name contains ZQ."""

    cast: Cast
    rows: dict[str, Any] = field(default_factory=dict)  # what builders create in `furnish`, by name


@dataclass
class Sample:
    own: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] | None = None
    missing: dict[str, Any] | None = None
    post: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    readers: frozenset[str] | None = (
        None  # names of the cast who may open `own`; None: whoever the declaration admits
    )


SAMPLES: dict[str, Callable[[World], Sample]] = {}
FURNISHERS: list[Callable[[World], None]] = []


def sample(name: str) -> Callable:
    """Decorator: the sample of the pattern with this name."""

    def keep(make: Callable[[World], Sample]) -> Callable[[World], Sample]:
        SAMPLES[name] = make
        return make

    return keep


def plain(*names: str) -> None:
    """Patterns without arguments."""
    SAMPLES.update({name: lambda world: Sample() for name in names})


def furnish(make: Callable[[World], None]) -> Callable[[World], None]:
    """Decorator: a function that creates rows for samples, own and foreign ones (foreign names contain ZQ)."""
    FURNISHERS.append(make)
    return make


# --- accounts ---------------------------------------------------------------------------------------------------
plain(
    "accounts:login",
    "accounts:logout",
    "accounts:password",
    "accounts:second_factor",
    "accounts:security",
    "accounts:users",
    "accounts:units",
    "accounts:audit",
    "accounts:audit_verify",
    "accounts:regions",
)


@sample("accounts:user_new")
def _(world: World) -> Sample:
    return Sample(
        query="unit=99111",
        post={"username": "neu", "name": "新人", "role": "village"},
        readers=frozenset({"county", "city", "city2", "admin"}),
    )


@sample("accounts:user")
def _(world: World) -> Sample:
    return Sample(
        own={"pk": world.cast.village.pk},
        foreign={"pk": world.rows["far_user"].pk},
        missing={"pk": ABSENT},
        post={"act": "nothing"},
        readers=frozenset({"township", "county", "city", "city2", "auditor", "admin"}),
    )


@sample("accounts:unit")
def _(world: World) -> Sample:
    return Sample(
        own={"code": "9911"},
        foreign={"code": "ZQ1"},
        missing={"code": "NONE"},
        post={"act": "nothing"},
        readers=frozenset({"township", "county", "city", "city2", "auditor", "admin"}),
    )


# --- pages without arguments of the other rooms -------------------------------------------------------------------
plain(
    "home",
    "start",
    "jobs:mine",
    "jobs:imports",
    "ledgers:list",
    "ledgers:months",
    "reports:targets",
    "reports:baselines",
    "reports:healthz",
    "reports:readyz",
    "reports:dashboard",
)


# --- ledgers ------------------------------------------------------------------------------------------------------
@furnish
def _people(world: World) -> None:
    world.rows["laborer"] = factories.laborer(world.cast.units["99111"], "示例甲")


def _laborer(world: World, **fields) -> Sample:
    return Sample(
        own={"pk": world.rows["laborer"].pk},
        foreign={"pk": world.rows["far_laborer"].pk},
        missing={"pk": ABSENT},
        readers=frozenset({"village", "township", "county", "city", "city2", "auditor"}),
        **fields,
    )


SAMPLES["ledgers:laborer"] = _laborer
