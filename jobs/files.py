"""Files that belong to one person, encrypted piece by piece on disk under a random name."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.utils import timezone

from accounts.models import Unit, User
from jobs.models import StoredFile
from lib.crypto import Undecryptable, key_of, key_ring

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE = 1 << 20  # bytes of plain text per sealed piece
RESULT_DAYS = 30
_LENGTH = struct.Struct(">I")


def store_file(
    owner: User,
    name: str,
    data: bytes | os.PathLike | BinaryIO,
    content_type: str = XLSX,
    *,
    unit: Unit | None = None,
    keep_days: int | None = None,
    right: str = "file.w",
) -> StoredFile:
    """Keep `data` for `owner`, to be opened only as long as the owner holds `right` (there, with a `unit`)."""
    stored = StoredFile(owner=owner, unit=unit, name=name[-200:], content_type=content_type, right=right)
    if keep_days is not None:
        stored.expires_at = timezone.now() + dt.timedelta(days=keep_days)
    with _source(data) as source:
        stored.size, stored.sha256 = _write(path_of(stored), source, str(stored.pk))
    stored.save(force_insert=True)
    return stored


def open_file(stored: StoredFile) -> Iterator[bytes]:
    """The content, piece by piece. Raises Undecryptable when a piece was changed, moved or cut off."""
    ring, number, read = key_ring(), 0, 0
    with open(path_of(stored), "rb") as file:
        while head := file.read(_LENGTH.size):
            tag, kid, sealed = file.read(_LENGTH.unpack(head)[0]).split(b":", 2)
            piece = ring.open(f"{tag.decode()}:{kid.decode()}", sealed, _bound(str(stored.pk), number))
            number, read = number + 1, read + len(piece)
            yield piece
    if read != stored.size:
        raise Undecryptable("文件不完整。")


def read_file(stored: StoredFile) -> bytes:
    """The whole content, for what is small enough to be held: uploads are at most UPLOAD_MAX_BYTES."""
    return b"".join(open_file(stored))


def may_open(stored: StoredFile, user: User) -> bool:
    """The owner, while the file has not expired and a posting of the owner still gives its right at its unit."""
    if not user.is_active or stored.owner_id != user.pk:
        return False
    if stored.expires_at and stored.expires_at <= timezone.now():
        return False
    subject, letter = stored.right.split(".")
    return user.can(subject, letter, stored.unit)


def remove_expired() -> int:
    """Delete files past their time; jobs keep their line in the list without the file."""
    expired = StoredFile.objects.filter(expires_at__lt=timezone.now())
    for stored in expired.iterator():
        path_of(stored).unlink(missing_ok=True)
    removed, _ = expired.delete()
    return removed


def path_of(stored: StoredFile) -> Path:
    return Path(settings.MEDIA_ROOT) / stored.pk.hex[:2] / stored.pk.hex


def key_of_file(stored: StoredFile) -> str:
    """``tag:kid`` of the key that sealed the file; empty for an empty or missing file."""
    try:
        with open(path_of(stored), "rb") as file:
            head = file.read(_LENGTH.size + 24)
    except FileNotFoundError:
        return ""
    return key_of(head[_LENGTH.size :]) if head else ""


def reseal(stored: StoredFile) -> None:
    """Write the file anew under the current key; readers keep the old one until the new one is whole."""
    _write(path_of(stored), cast(BinaryIO, _Joined(open_file(stored))), str(stored.pk))


class _Joined:
    """Pieces as a source to read from; they come in the size in which they were sealed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int) -> bytes:
        return next(self._pieces, b"")


def _source(data: bytes | os.PathLike | BinaryIO) -> BinaryIO:
    if isinstance(data, bytes):
        return io.BytesIO(data)
    return open(data, "rb") if isinstance(data, os.PathLike) else data


def _write(path: Path, source: BinaryIO, name: str) -> tuple[int, str]:
    """Whole or not at all: a full disk leaves nothing behind. Returns size and SHA-256 of the plain content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ring, digest, size, number = key_ring(), hashlib.sha256(), 0, 0
    handle, partial = tempfile.mkstemp(dir=path.parent)
    try:
        with open(handle, "wb") as out:
            while piece := source.read(PIECE):
                sealed = ring.prefix.encode() + ring.seal(piece, _bound(name, number))
                out.write(_LENGTH.pack(len(sealed)) + sealed)
                digest.update(piece)
                size, number = size + len(piece), number + 1
            out.flush()
            os.fsync(out.fileno())
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return size, digest.hexdigest()


def _bound(name: str, number: int) -> str:
    """What a sealed piece is tied to: its file and its place in it."""
    return f"jobs_storedfile:{name}:{number}"
