"""The walk: every address × every identity × objects of every distance × every method, and what is wrong with it.

Addresses come from the URL configuration and their arguments from tests/url_samples.py, whose rows are those of the
place that is asked for. The walk yields sentences; none means that nothing leaked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.roles import roles_with
from tests.cast import Cast
from tests.proof.asking import METHODS, Answer, Asker
from tests.proof.world import AWAY, COUSIN, FOREIGN, HOME, SIBLING, ProofWorld
from tests.test_every_url import EVERY
from tests.url_samples import SAMPLES, Sample, World

DECLARED = {
    name: pattern.access for name, pattern in EVERY.items()
}  # as declared, whatever a mutant does to it
AT_THE_DOOR = ("GET", "POST", "DELETE")
OTHER_UNITS = ("9911", "991", "99", "9912", "992", "981", "98")
PLACES = (HOME, SIBLING, COUSIN, AWAY, FOREIGN)
CODE = re.compile(r"\b99\d{0,3}\b")
SPECIAL = {"anonymous", "nobody"}
# What may be seen of the units above: their names, and the names of what they sent down.
ABOVE = {"unit", "out", "campaign", "issuer", "officer", "heading", "said", "told", "why", "lesson"}
PERSON = {"person", "other", "employer", "address", "settlement", "region", "form", "wish", "note"}
NO_PERSONS = {"admin"}
OWN_ONLY = {"infile", "job"}  # of the officer of the unit alone
DECIDED_BY = {"batch": {"village", "township"}}
WHOLE = ("reveal", ":dial", ":batch_papers")  # addresses that are asked for whole numbers
DRAWN = {("99111", name) for name in ("person", "unit", "employer", "region", "note")}


@dataclass(frozen=True)
class Cell:
    """One address for one object."""

    name: str
    arguments: tuple
    address: str
    sample: Sample
    place: str  # "" for an object that does not exist
    is_sample: bool = True  # else a unit of another level, which a view may refuse even to those who reach it

    @property
    def post(self) -> dict[str, Any]:
        return self.sample.post


def view(world: ProofWorld, place: str) -> World:
    """The rows of a place under the names that the samples know; its units stand where those of HOME would."""
    units = {HOME[:length]: world.units[place[:length]] for length in (2, 3, 4, 5)}
    people: dict[str, User] = dict.fromkeys(Cast.__dataclass_fields__, world.officers[place])
    away = FOREIGN if FOREIGN in world.rows else place  # a world that is still growing
    far = world.rows[away] | world.rows.get(away[:2], {})
    far |= {"user": world.officers[away], "village": world.units[away]}
    rows = world.rows[place] | world.rows.get(place[:2], {}) | {f"far_{key}": row for key, row in far.items()}
    return World(Cast(**people | {"units": units}), rows)


def cell(world: ProofWorld, name: str, place: str) -> Cell:
    """The address of a pattern for the objects of a place; without a place for an object that is not there."""
    sample = SAMPLES[name](view(world, place or HOME))
    given = sample.missing if not place else sample.own
    arguments = {key: _placed(value, place or HOME) for key, value in (given or {}).items()}
    query = _placed(sample.query, place or HOME)
    address = reverse(EVERY[name].name, kwargs=arguments) + (f"?{query}" if query else "")
    post = {key: _placed(value, place or HOME) for key, value in sample.post.items()}
    return Cell(name, tuple(arguments.items()), address, replace(sample, post=post), place)


def of_unit(world: ProofWorld, name: str, code: str) -> Cell:
    """The address of a pattern that names a unit, for a unit of any level."""
    sample = cell(world, name, HOME)
    arguments = dict(sample.arguments) | {"code": code}
    address = reverse(EVERY[name].name, kwargs=arguments)
    return replace(sample, arguments=tuple(arguments.items()), address=address, place=code, is_sample=False)


def names_a_unit(world: ProofWorld, name: str) -> bool:
    return "code" in dict(cell(world, name, HOME).arguments)


def names_an_object(world: ProofWorld, name: str) -> bool:
    """A month alone is there for everybody: no month is missing."""
    return EVERY[name].has_arguments and set(dict(cell(world, name, HOME).arguments)) != {"month"}


def _placed(value: Any, place: str) -> Any:
    """Codes of the line of HOME as those of the line of the place."""
    if not isinstance(value, str):
        return value
    return CODE.sub(lambda m: place[: len(m[0])] if HOME.startswith(m[0]) else m[0], value)


def code_of(who: str) -> str:
    """The unit below which everything may concern this identity."""
    lengths = {"village": 5, "township": 4, "county": 3, "sampler": 5}
    return "nowhere" if who in SPECIAL else HOME[: lengths.get(who, 2)]


def may_open(world: ProofWorld, who: str, one: Cell, method: str) -> bool:
    """Whether the matrix and the sample let this identity open this object."""
    if DECLARED[one.name].public:
        return True
    if not admitted(world, who, one.name):
        return False
    openers = one.sample.openers(method)
    if openers is not None and who not in openers:
        return False
    at_home = not one.arguments or cell(world, one.name, HOME).arguments == one.arguments
    return at_home or (bool(one.place) and one.place.startswith(code_of(who)))


def admitted(world: ProofWorld, who: str, name: str) -> bool:
    """What the declaration says, read from the matrix and not by the code under test."""
    access = DECLARED[name]
    if access.public or who == "anonymous":
        return access.public
    user = world.identities[who]
    return not access.rights or any(user.roles & roles_with(*right) for right in access.rights)


def foreign_canaries(who: str, answer: Answer) -> set[tuple[str, str]]:
    """Canaries in an answer that this identity must not see."""
    return {(code, field) for code, field in answer.canaries if not _known_to(who, code, field)}


def _known_to(who: str, code: str, field: str) -> bool:
    own = code_of(who)
    if who == "sampler":
        return (code, field) in DRAWN or (HOME.startswith(code) and field in ABOVE)
    if field in OWN_ONLY:
        return code == own and who not in ("city2", "auditor", "admin")
    if field in DECIDED_BY:
        return code.startswith(own) and who in DECIDED_BY[field]
    if field in PERSON and who in NO_PERSONS:
        return False
    return code.startswith(own) or (own.startswith(code) and field in ABOVE)


def walk(
    asker: Asker,
    names: Collection[str] | None = None,
    identities: Collection[str] | None = None,
    places: Collection[str] = PLACES,
    methods: Collection[str] = METHODS,
) -> Iterator[str]:
    """What is wrong, in sentences. GET and POST ask for every object, other methods for the two ends. Those whom the
    declaration keeps out before a method or an object is looked at ask for the two ends in three ways."""
    world = asker.world
    for name in sorted(names if names is not None else EVERY):
        cells = [cell(world, name, place) for place in places] if EVERY[name].has_arguments else []
        cells = list({one.arguments: one for one in reversed(cells)}.values())[::-1] or [
            cell(world, name, HOME)
        ]
        if len(places) > 1 and names_a_unit(world, name):
            cells += [of_unit(world, name, code) for code in OTHER_UNITS]
        missing = cell(world, name, "") if names_an_object(world, name) else None
        for who in identities or ["anonymous", *world.identities]:
            opened, ends = False, cells[:1] + cells[1:][-1:]
            let_in = admitted(world, who, name)
            for method in methods if let_in else [one for one in methods if one in AT_THE_DOOR]:
                nothing = asker.ask(who, missing.address, method, missing.post) if missing else None
                for one in cells if let_in and method in ("GET", "POST") else ends:
                    answer = asker.ask(who, one.address, method, one.post)
                    opened |= answer.status < 400
                    yield from _wrong(world, who, one, method, answer, nothing)
            may = any(may_open(world, who, one, m) for one in cells for m in ("GET", "POST") if m in methods)
            if may and not opened and cells[0].place == HOME and len(methods) > 1:
                yield f"{who} may open {name} and never could"


def _wrong(
    world: ProofWorld, who: str, one: Cell, method: str, answer: Answer, nothing: Answer | None
) -> Iterator[str]:
    where = f"{method} {one.name} of {one.place} as {who}"
    if answer.status >= 500:
        yield f"{where}: {answer.status}"
    if leaked := foreign_canaries(who, answer):
        yield f"{where}: shows {sorted(leaked)[:4]}"
    if answer.harmed:
        yield f"{where}: changes rows out of reach"
    if not one.name.endswith(WHOLE) and any(secret in answer.text for secret in world.secrets):
        yield f"{where}: shows a whole number"
    if may_open(world, who, one, "POST" if method == "POST" else "GET"):
        if answer.status in (403, 404) and one.is_sample:
            yield f"{where}: {answer.status}, though it may be opened"
    elif nothing is not None and answer.told != nothing.told:
        yield f"{where}: {answer.status}, an object that is not there {nothing.status}"
    elif who in SPECIAL or answer.status in (404, 405):
        return
    else:
        yield f"{where}: {answer.status}, nobody of this role may open it"
