"""Nobody sees another's people: the walk of tests/proof/walking.py finds nothing, and each wall is needed."""

from __future__ import annotations

import pytest

from tests.proof.walking import EVERY, walk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", sorted(EVERY))
def test_an_address_shows_nothing_of_elsewhere_whoever_asks_for_it(asker, name):
    assert list(walk(asker, [name])) == []
