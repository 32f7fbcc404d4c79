"""One encrypted file that holds everything of an installation but its keys.

    WGLEDGER-BACKUP 1 <id>\\n          then pieces: last? (1 byte) + length (4 bytes) + sealed piece of at most 1 MiB

A piece is compressed and sealed with the key ring, bound to this backup, its place and whether it is the last: what
was cut off, moved or changed does not open. Inside is a tar: `database`, `files/…`, and `manifest.json` at the end.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import struct
import tarfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from lib.crypto import Undecryptable, decrypt_bytes, encrypt_bytes, key_of

MAGIC = b"WGLEDGER-BACKUP 1 "
PIECE = 1 << 20  # bytes of plain text per sealed piece
DATABASE, MANIFEST = "database", "manifest.json"
_HEAD = struct.Struct(">BI")
_NAMES = re.compile(r"database|manifest\.json|files/[0-9a-f]{2}/[0-9a-f]{32}")
_ID_LENGTH = 32


class Refused(Exception):
    """The backup or the target is not fit for it; the message is one sentence for the operator."""


def _bound(backup: str, number: int, last: bool) -> str:
    return f"backup:{backup}:{number}:{int(last)}"


class _Sealing(io.RawIOBase):
    """What is written comes out sealed; `finish` writes the last piece, without which nothing opens."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._waiting, self._number = out, bytearray(), 0
        self._backup = uuid.uuid4().hex
        out.write(MAGIC + self._backup.encode() + b"\n")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._piece(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        self._piece(bytes(self._waiting), last=True)

    def _piece(self, data: bytes, last: bool) -> None:
        sealed = encrypt_bytes(data, _bound(self._backup, self._number, last))
        self._out.write(_HEAD.pack(last, len(sealed)) + sealed)
        self._number += 1


class _Opening(io.RawIOBase):
    """The plain content of a sealed file; Refused where it was cut, changed, or made with a key we do not have."""

    def __init__(self, source: BinaryIO) -> None:
        head = source.read(len(MAGIC) + _ID_LENGTH + 1)
        if not head.startswith(MAGIC) or len(head) != len(MAGIC) + _ID_LENGTH + 1:
            raise Refused("这不是本系统的备份文件，或文件开头已损坏。")
        self._source, self._backup = source, head[len(MAGIC) : -1].decode("ascii", "replace")
        self._ready, self._number, self._ended = b"", 0, False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [], size
        while wanted and (self._ready or self._next()):
            part = self._ready if wanted < 0 else self._ready[:wanted]
            self._ready = self._ready[len(part) :]
            wanted -= len(part) if wanted > 0 else 0
            parts.append(part)
        return b"".join(parts)

    def _next(self) -> bool:
        if self._ended:
            if self._source.read(1):
                raise Refused("备份文件末尾有多余的内容，可能被改动过。")
            return False
        head = self._source.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise Refused("备份文件不完整：后面的内容缺失。")
        last, length = _HEAD.unpack(head)
        sealed = self._source.read(min(length, 2 * PIECE))
        if len(sealed) < length:
            raise Refused("备份文件不完整：后面的内容缺失。")
        self._ready = self._opened(sealed, bool(last))
        self._number, self._ended = self._number + 1, bool(last)
        return True

    def _opened(self, sealed: bytes, last: bool) -> bytes:
        try:
            return decrypt_bytes(sealed, _bound(self._backup, self._number, last))
        except Undecryptable as error:
            if "密钥环" in str(error):
                kid = sealed[:24].decode("ascii", "replace").split(":")[1]
                raise Refused(
                    f"备份是用密钥 {kid} 加密的，现在的 FIELD_KEYS 中没有它；请先恢复原来的密钥。"
                ) from None
            raise Refused("备份文件的内容被改动过，或不是用现在的密钥加密的。") from None


def pack(out: BinaryIO, members: Iterable[tuple[str, Path]], manifest: dict[str, Any]) -> dict[str, Any]:
    """Write the sealed archive; a member that vanished meanwhile is left out. Returns the finished manifest."""
    sealing = _Sealing(out)
    told: dict[str, dict[str, Any]] = {}
    with tarfile.open(fileobj=sealing, mode="w|", bufsize=PIECE) as tar:
        for name, path in members:
            # a result whose time is over may be removed while this runs
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
                told[name] = _add(tar, name, file)
        manifest = manifest | {"members": told}
        data = json.dumps(manifest, ensure_ascii=False).encode()
        _add(tar, MANIFEST, io.BytesIO(data))
    sealing.finish()
    return manifest


def _add(tar: tarfile.TarFile, name: str, file: BinaryIO) -> dict[str, Any]:
    info = tarfile.TarInfo(name)
    info.size = file.seek(0, io.SEEK_END)
    file.seek(0)
    counting = _Counting(file)
    tar.addfile(info, counting)
    return {"size": info.size, "sha256": counting.digest.hexdigest()}


class _Counting:
    """Reads through and remembers the SHA-256 of what was read."""

    def __init__(self, file: Any) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def unpack(source: BinaryIO, folder: Path) -> dict[str, Any]:
    """Open the archive into `folder` and compare every member with the manifest. Returns the manifest."""
    found: dict[str, dict[str, Any]] = {}
    opening = _Opening(source)
    with tarfile.open(fileobj=opening, mode="r|", bufsize=PIECE) as tar:
        for info in tar:
            content = tar.extractfile(info) if info.isfile() and _NAMES.fullmatch(info.name) else None
            if content is None:
                raise Refused("备份里有不认识的内容，没有恢复。")
            found[info.name] = _place(content, folder / info.name, info.size)
    opening.read()  # up to the last piece: whatever follows the tar is refused
    found.pop(MANIFEST, None)
    manifest = json.loads((folder / MANIFEST).read_text()) if (folder / MANIFEST).exists() else {}
    if not manifest or manifest["members"] != found:
        raise Refused("备份里的文件与清单不符（大小或 SHA-256 不一致），没有恢复。")
    return manifest


def _place(content: Any, path: Path, size: int) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    counting = _Counting(content)
    with open(path, "xb") as out:
        while data := counting.read(PIECE):
            out.write(data)
    return {"size": size, "sha256": counting.digest.hexdigest()}


def key_of_backup(path: Path) -> str:
    """``tag:kid`` of the key that sealed a backup; empty when the file is none."""
    with open(path, "rb") as file:
        start = file.read(len(MAGIC) + _ID_LENGTH + 1 + _HEAD.size + 24)
    return key_of(start[len(MAGIC) + _ID_LENGTH + 1 + _HEAD.size :]) if start.startswith(MAGIC) else ""
