"""The cast, for every test of accounts."""

import pytest

from tests import cast as cast_module


@pytest.fixture
def cast(db):
    return cast_module.build()
