"""An officer's answers are the same bytes whether or not anything exists out of reach.

The world grows place by place. Everyone is asked when just their own line exists, and again when all of it does: what
is counted, ranked, paged or numbered from rows out of reach shows as a difference.

One published figure is not the officer's own and may differ: the totals of the city on a county's dashboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import transaction

from jobs import runner
from jobs.exports import start_export
from jobs.files import read_file
from lib.staging import EXPORTS
from tests.proof import world as worlds
from tests.proof.asking import Asker, text_of
from tests.proof.walking import EVERY, Cell, cell, code_of, may_open, of_unit

pytestmark = pytest.mark.django_db

GROWTH = ("99111", "9911", "991", "99", "")
ALONE = {"sampler": "991", "nobody": "99"}  # as far as the world must have grown for them to be there
QUERIES = ("?q=ZQ", "?unit={code}&month=2023-03&sort=I01&show=connected&state=active&page=2")
PACKED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
PUBLISHED = re.compile("<tr>(?:(?!</tr>).)*全市（参考）.*?</tr>".encode(), re.DOTALL)


@pytest.fixture(scope="module")
def answers(ground: None) -> dict[tuple[str, str, str], list[bytes]]:
    """By identity, pattern and query: the answer at home and the answer in the whole world."""
    world, found = worlds.ProofWorld(), {}
    for reach in GROWTH:
        worlds.built(world, reach)
        whole = not reach
        for who in world.identities:
            if ALONE.get(who, code_of(who)) == reach or whole:
                asker = Asker(world)
                for key, answer in _everything(world, asker, who):
                    found.setdefault(key, []).append(answer)
    return found


def _everything(world: worlds.ProofWorld, asker: Asker, who: str):
    for name in sorted(EVERY):
        if not EVERY[name].access.admits(world.identities[who]):
            continue
        one = cell(world, name, worlds.HOME)
        if not may_open(world, who, one, "GET"):
            continue
        for label, address in _addresses(world, one, worlds.HOME[: len(code_of(who))]):
            answer = asker.ask(who, address)
            yield (who, name, label), b"%d %r " % (answer.status, answer.headers) + _content(answer)
    user = type(world.identities[who]).objects.get(pk=world.identities[who].pk)
    for name, export in sorted(EXPORTS.items()):
        fits = user.home_unit and user.home_unit.level in (export.levels or [user.home_unit.level])
        if fits and user.can(*export.right, unit=user.home_unit):
            yield (who, f"export {name}", ""), _exported(name, user)


def _addresses(world: worlds.ProofWorld, one: Cell, own: str) -> Iterator[tuple[str, str]]:
    """The sample's address, that of the asker's own unit, and lists with searches and filters."""
    yield "", one.address
    if "code" in dict(one.arguments):
        yield "own unit", of_unit(world, one.name, own).address
    if not one.arguments or one.name == "sampling:calls":
        for query in QUERIES:
            yield query, one.address.split("?")[0] + query.format(code=own)


def _content(answer) -> bytes:
    """The bytes; of archives what is in them, without the moment at which they were packed."""
    packed = answer.raw[:2] == b"PK"
    return PACKED_AT.sub("", text_of(answer.raw)).encode() if packed else answer.raw


def _exported(name: str, user) -> bytes:
    """The cells of an export; the trail it leaves is undone."""
    with transaction.atomic():
        job = start_export(name, user, user.home_unit, worlds.MARCH)
        runner.run(job.pk)
        job.refresh_from_db()
        assert job.result_file, f"{name}: {job.state} {job.note}"
        content = PACKED_AT.sub("", text_of(read_file(job.result_file))).encode()
        transaction.set_rollback(True)
    return content


def test_the_rest_of_the_country_changes_no_byte_of_an_answer(answers):
    assert len(answers) > 300
    assert {len(told) for told in answers.values()} == {2}
    differing = {key: told for key, told in answers.items() if told[0] != told[1]}
    unpublished = {
        key: _first_difference(*told)
        for key, told in differing.items()
        if PUBLISHED.sub(b"", told[0]) != PUBLISHED.sub(b"", told[1])
    }
    assert unpublished == {}
    assert set(differing) == {("county", "reports:dashboard#2", "own unit")}


def _first_difference(one: bytes, other: bytes) -> tuple[str, str]:
    at = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return tuple(text[max(0, at - 60) : at + 60].decode(errors="replace") for text in (one, other))
