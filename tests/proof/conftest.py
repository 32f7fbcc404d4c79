"""The world of the proof: built once for a module inside a transaction that is never committed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import transaction
from django.utils import timezone

from tests.proof import world as worlds
from tests.proof.asking import Asker


@contextmanager
def in_one_transaction(django_db_blocker) -> Iterator[None]:
    """A clock that stands still, and a database that forgets."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(timezone, "now", lambda: worlds.NOW)
        logging.disable(logging.ERROR)  # thousands of refused requests, a line each
        stack.callback(logging.disable, logging.NOTSET)
        with transaction.atomic():
            yield
            transaction.set_rollback(True)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker) -> Iterator[None]:
    with in_one_transaction(django_db_blocker):
        yield


@pytest.fixture(scope="module")
def proof(ground: None) -> worlds.ProofWorld:
    return worlds.built()


@pytest.fixture(scope="module")
def asker(proof: worlds.ProofWorld) -> Asker:
    return Asker(proof).remember()
