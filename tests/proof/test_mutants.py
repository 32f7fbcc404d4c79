"""A wall that is taken away is noticed: every scope filter in turn, and every declaration of who may open a view."""

from __future__ import annotations

import pytest

from accounts import access, models, scope, wall
from accounts.access import Access
from accounts.roles import Role
from reports import models as reports_models
from tests.proof.mutants import MUTANTS
from tests.proof.walking import EVERY, FOREIGN, HOME, SIBLING, admitted, foreign_canaries, walk

pytestmark = pytest.mark.django_db

PLACES = (HOME, SIBLING, FOREIGN)
DECLARED = sorted(name for name, pattern in EVERY.items() if pattern.access and pattern.access.rights)
# Whose rows belong to one person: the role does not matter for them, the owner does (the mutants of mutants.py).
OWNED = "jobs:"
ROLE_LOOKUPS = (access, scope, models, reports_models)


@pytest.fixture(autouse=True)
def the_second_wall_is_open(monkeypatch):
    """Else the database answers for a filter that is gone (proof/test_wall.py shows that it does)."""
    monkeypatch.setattr(wall, "reach_of", lambda user: wall.OPEN)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_missing_scope_filter_is_noticed(asker, mutant, monkeypatch):
    for place, name in mutant.places:
        monkeypatch.setattr(place, name, mutant.instead)
    who, address = mutant.question
    shown = bool(who) and foreign_canaries(who, asker.ask(who, address))
    assert shown or next(walk(asker, mutant.addresses, places=PLACES, methods=("GET", "POST")), None)


def unnoticed(asker, names, monkeypatch) -> set[str]:
    """Those whose missing declaration changes no answer to anyone whom it kept out (it said nothing of the others)."""
    found, everyone = set(), ["anonymous", *asker.world.identities]
    for name in names:
        kept_out = [who for who in everyone if not admitted(asker.world, who, name)]
        with monkeypatch.context() as patch:
            patch.setattr(EVERY[name].view, "access", Access())
            if not next(walk(asker, [name], kept_out, places=(HOME,), methods=("GET", "POST")), None):
                found.add(name)
    return found


def test_a_view_without_its_declaration_is_noticed_unless_its_rows_are_behind_a_second_wall(
    asker, monkeypatch
):
    """The second wall is the role matrix in the row's own query: with both gone, every view is noticed."""
    backed = unnoticed(asker, DECLARED, monkeypatch)
    assert backed < set(DECLARED)
    for module in ROLE_LOOKUPS:
        monkeypatch.setattr(module, "roles_with", lambda subject, letter: frozenset(Role))
    still = {name for name in unnoticed(asker, backed, monkeypatch) if not name.startswith(OWNED)}
    assert still == set()
