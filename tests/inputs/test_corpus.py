"""The 111 bad inputs, each sent as a file or a request, each with its answer."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable

import pytest

from lib.staging import KINDS
from tests.inputs import files, layout, people, requests, work  # noqa: F401 - they fill the table
from tests.inputs.corpus import CASES, LAST, NOT_YET, PROVEN
from tests.inputs.desk import Desk
from tests.jobs.demo_kind import Places

EVERY = [
    pytest.param(check, id=f"{number:03d} {about}".encode("unicode_escape").decode()[:70])
    for number in sorted(CASES)
    for about, check in CASES[number]
]


@pytest.mark.parametrize("check", EVERY)
def test_an_input_gets_its_answer(
    check: Callable[..., None], desk: Desk, request: pytest.FixtureRequest, monkeypatch
) -> None:
    monkeypatch.setitem(KINDS, Places.name, Places())
    wanted = [name for name in inspect.signature(check).parameters if name != "desk"]
    check(desk, **{name: request.getfixturevalue(name) for name in wanted})


def test_every_number_is_in_the_table_once() -> None:
    assert set(CASES) | set(PROVEN) | set(NOT_YET) == set(range(1, LAST + 1))
    assert not (set(CASES) | set(PROVEN)) & set(NOT_YET)


@pytest.mark.parametrize("node", sorted(PROVEN.values()))
def test_a_proof_elsewhere_exists(node: str) -> None:
    path, _, name = node.partition("::")
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    assert inspect.isfunction(getattr(module, name, None)), node
