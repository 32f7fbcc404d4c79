from __future__ import annotations

import io

import pytest

from jobs import runner
from lib.sheets import Table, write_workbook
from lib.staging import KINDS
from tests import cast as casting
from tests.jobs import demo_kind
from tests.jobs.demo_kind import Places


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> casting.Cast:
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker and marker.kwargs.get("transaction") else "db")
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


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Places:
    """The demo kind, registered for this test."""
    kind = Places()
    monkeypatch.setitem(KINDS, kind.name, kind)
    monkeypatch.setitem(demo_kind.locked_because, "reason", "")
    demo_kind.finished.clear()
    return kind


def workbook(rows: list[list], head: tuple[str, ...] = ("代码", "名称"), sheets: int = 1) -> bytes:
    """An xlsx with these rows below a header, everything text."""
    out = io.BytesIO()
    write_workbook(out, [Table(f"表{number + 1}", head, rows) for number in range(sheets)])
    return out.getvalue()
