"""Files are unreadable on disk, whole or absent, and open only for the owner within today's reach."""

from __future__ import annotations

import datetime as dt
import errno
import io

import pytest
from django.utils import timezone

from accounts.models import Posting
from jobs import dispatch, files
from jobs.models import StoredFile
from lib.crypto import Undecryptable

pytestmark = pytest.mark.django_db
CONTENT = "身份证号码 990101198506150015\n".encode() * 60_000  # more than two pieces


def test_content_comes_back_and_is_unreadable_on_disk(cast) -> None:
    stored = files.store_file(cast.village, "花名册.xlsx", CONTENT, unit=cast.units["99111"])
    assert b"".join(files.open_file(stored)) == CONTENT
    raw = files.path_of(stored).read_bytes()
    assert b"9901" not in raw
    assert "花名册" not in str(files.path_of(stored))


def test_a_stream_and_a_path_are_stored_alike(cast, tmp_path) -> None:
    path = tmp_path / "x"
    path.write_bytes(CONTENT)
    one = files.store_file(cast.village, "x", path)
    two = files.store_file(cast.village, "x", io.BytesIO(CONTENT))
    assert (one.sha256, one.size) == (two.sha256, two.size) == (one.sha256, len(CONTENT))


@pytest.mark.parametrize("harm", ["cut", "flip", "swap"])
def test_a_damaged_file_does_not_open(cast, harm) -> None:
    stored = files.store_file(cast.village, "x", CONTENT)
    other = files.store_file(cast.village, "x", CONTENT)
    path = files.path_of(stored)
    raw = path.read_bytes()
    first = 4 + int.from_bytes(raw[:4], "big")
    path.write_bytes(
        {
            "cut": raw[:first],
            "flip": raw[:-1] + bytes([raw[-1] ^ 1]),
            "swap": files.path_of(other).read_bytes(),
        }[harm]
    )
    with pytest.raises(Undecryptable):
        files.read_file(stored)


def test_a_full_disk_leaves_nothing_behind(cast, monkeypatch, settings) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.store_file(cast.village, "x", CONTENT)
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert not StoredFile.objects.exists()


def test_only_the_owner_within_reach_may_open(cast) -> None:
    stored = files.store_file(cast.village, "x", b"1", unit=cast.units["99111"])
    assert files.may_open(stored, cast.village)
    assert not files.may_open(stored, cast.city)
    Posting.objects.filter(user=cast.village).update(unit=cast.units["99112"])
    assert not files.may_open(stored, type(cast.village).objects.get(pk=cast.village.pk))


def test_a_file_asks_for_its_right_also_after_the_role_changed(cast) -> None:
    stored = files.store_file(cast.county, "x", b"1", unit=cast.units["991"], right="person.x")
    assert files.may_open(stored, cast.county)
    Posting.objects.filter(user=cast.county).update(role="auditor")
    assert not files.may_open(stored, type(cast.county).objects.get(pk=cast.county.pk))


def test_expired_files_are_removed_by_the_tick(cast) -> None:
    stored = files.store_file(cast.village, "x", b"1", keep_days=1)
    StoredFile.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    stored.refresh_from_db()
    assert not files.may_open(stored, cast.village)
    assert dispatch.tick()["removed_files"] == 1
    assert not files.path_of(stored).exists()
