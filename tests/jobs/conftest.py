from __future__ import annotations

import pytest

from jobs import runner
from tests import cast as casting


@pytest.fixture
def cast(db: None) -> casting.Cast:
    return casting.build()


@pytest.fixture(autouse=True)
def files_on_disk(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def no_broker(request, settings) -> None:
    if not request.node.get_closest_marker("stack"):
        settings.REDIS_URL = ""


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> dict:
    """A registry of this test's own kinds of work."""
    registry: dict = {}
    monkeypatch.setattr(runner, "WORK", registry)
    return registry
