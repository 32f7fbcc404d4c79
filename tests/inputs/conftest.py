from __future__ import annotations

import pytest

from tests import cast as casting
from tests.inputs.desk import Desk


@pytest.fixture
def desk(db, settings, tmp_path) -> Desk:
    """The office that inputs are sent to, with files of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REDIS_URL = ""
    return Desk(casting.build())
