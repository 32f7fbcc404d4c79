"""A wall that is taken away is noticed: every scope filter in turn, and every declaration of who may open a view."""

from __future__ import annotations

import pytest

from accounts.access import Access
from tests.proof.mutants import MUTANTS
from tests.proof.walking import EVERY, FOREIGN, HOME, SIBLING, walk

pytestmark = pytest.mark.django_db

PLACES = (HOME, SIBLING, FOREIGN)
DECLARED = sorted(name for name, pattern in EVERY.items() if pattern.access and pattern.access.rights)
# Without the declaration these still answer 404, because their rows are looked for with a right that nobody else has.
SECOND_WALL: frozenset[str] = frozenset()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_missing_scope_filter_is_noticed(asker, mutant, monkeypatch):
    for place, name in mutant.places:
        monkeypatch.setattr(place, name, mutant.instead)
    assert next(walk(asker, mutant.addresses, places=PLACES, methods=("GET", "POST")), None)


def test_every_declaration_of_a_view_is_needed_or_backed_by_its_rows(asker, monkeypatch):
    unnoticed = set()
    for name in DECLARED:
        with monkeypatch.context() as patch:
            patch.setattr(EVERY[name].view, "access", Access())
            if not next(walk(asker, [name], places=(HOME,), methods=("GET", "POST")), None):
                unnoticed.add(name)
    assert unnoticed == SECOND_WALL
