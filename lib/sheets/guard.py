"""What may be opened at all: decided from the zip directory and from counted bytes, before any parser sees the file."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 1 << 20
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
# Split so that this file itself never looks infected to a scanner.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

DAMAGED = "文件损坏，无法打开，请重新保存后再上传。"
ENCRYPTED = "文件已加密，请去除密码后再上传。"
MACROS = "文件含宏，请另存为不含宏的 xlsx 后再上传。"
EXTERNAL = "文件含外部链接，请断开链接、粘贴为数值后再上传。"
BAD_XML = "文件含不允许的XML内容，请在 Excel 或 WPS 中另存为 xlsx 后再上传。"
BAD_MEMBER = "文件内部结构异常，请在 Excel 或 WPS 中另存为 xlsx 后再上传。"
TOO_BIG = "文件解压后过大，请删除多余内容或拆分后再上传。"
INFECTED = "文件含病毒特征，已拒绝。"
OUT_OF_RANGE = "表格范围异常：最后一个单元格离数据太远，请把数据复制到新工作表后再上传。"
EMPTY = "文件是空的，或没有任何数据。"

HOSTILE = frozenset(
    {BAD_XML, BAD_MEMBER, TOO_BIG, INFECTED}
)  # made to do harm, not by mistake: a security event


class Refused(Exception):
    """The whole file is refused; the message is the sentence the user reads."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one upload. Sizes in bytes; `max_rows` counts data rows below the header."""

    max_rows: int = 50_000
    max_columns: int = 500
    max_bytes: int = 60 << 20
    max_members: int = 1_000
    max_merges: int = 20_000
    max_ratio: int = 150

    @property
    def max_unpacked(self) -> int:
        """8 KiB of XML for each row allowed: about three times a ledger of 40 full columns."""
        return max(64 << 20, self.max_rows * 8192)

    @property
    def max_area(self) -> int:
        """Cells of the rectangle the parser allocates (24 bytes each)."""
        return max(1_000_000, self.max_rows * 120)

    @property
    def last_row(self) -> int:
        """Room for titles, gaps and footers around the data."""
        return self.max_rows * 2 + 1_000

    def too_many_rows(self) -> Refused:
        return Refused(f"数据行太多，一次最多{self.max_rows}行，请拆分后再上传。")


def check_signature(data: bytes) -> None:
    """Items 6 and 24: an empty file, or the agreed test signature of scanners."""
    if not data:
        raise Refused(EMPTY)
    if EICAR in data:
        raise Refused(INFECTED)


def check_ole(data: bytes, extension: str) -> None:
    """Items 1, 4 and 5 for the old binary container; directory names are UTF-16."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        raise Refused(ENCRYPTED)
    if extension == "xlsx":
        raise Refused("文件实为旧版xls，请另存为xlsx后再上传。")
    if holds("_VBA_PROJECT"):
        raise Refused(MACROS)
    if not (holds("Workbook") or holds("Book")):
        raise Refused(DAMAGED)


def open_zip(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """The directory of an xlsx after every check that needs no unpacking (items 4–7, 13–15)."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
        raise Refused(DAMAGED) from error
    members = archive.infolist()
    if len(members) > limits.max_members:
        raise Refused(BAD_MEMBER)
    names = [member.filename.lower() for member in members]
    if len(set(names)) != len(names):
        raise Refused(BAD_MEMBER)
    for member in members:
        _check_member(member)
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise Refused("这不是 Excel 工作簿，请另存为xlsx后再上传。")
    _check_sizes(members, len(data), limits)
    return archive


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename.lower()
    if ".." in name.split("/") or name.startswith("/") or "\\" in member.orig_filename or ":" in name:
        raise Refused(BAD_MEMBER)
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused(BAD_MEMBER)
    if member.flag_bits & 1:
        raise Refused(ENCRYPTED)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(DAMAGED)
    if "vbaproject" in name or "/macrosheets/" in name:
        raise Refused(MACROS)
    if name.startswith(("xl/externallinks/", "xl/querytables/")) or name == "xl/connections.xml":
        raise Refused(EXTERNAL)
    embedded = name.startswith("xl/embeddings/")
    if not embedded and name.endswith(
        (".zip", ".7z", ".rar", ".gz", ".xlsx", ".xlsm", ".xls", ".docx", ".exe")
    ):
        raise Refused(BAD_MEMBER)


def _check_sizes(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.max_unpacked or sum(member.compress_size for member in members) > packed:
        raise Refused(TOO_BIG)
    if unpacked > 16 << 20 and unpacked > packed * limits.max_ratio:
        raise Refused(TOO_BIG)


def inflate(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's bytes in pieces of at most 1 MiB.

    Inflated here, not by zipfile, because zipfile stops silently at the declared size while the parser behind
    us would go on: a directory that lies about sizes must be caught by counting.
    """
    try:
        name_length, extra_length = struct.unpack_from("<HH", data, member.header_offset + 26)
    except struct.error as error:
        raise Refused(DAMAGED) from error
    start = member.header_offset + 30 + name_length + extra_length
    packed = memoryview(data)[start : start + member.compress_size]
    if (
        data[member.header_offset : member.header_offset + 4] != ZIP_MAGIC
        or len(packed) < member.compress_size
    ):
        raise Refused(DAMAGED)
    counted, checksum = 0, 0
    for piece in _pieces(packed, member.compress_type):
        counted += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if counted > member.file_size:
            raise Refused(TOO_BIG)
        yield piece
    if counted != member.file_size or checksum != member.CRC:
        raise Refused(DAMAGED)


def _pieces(packed: memoryview, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        for start in range(0, len(packed), CHUNK):
            yield bytes(packed[start : start + CHUNK])
        return
    engine = zlib.decompressobj(-15)
    try:
        for start in range(0, len(packed), CHUNK):
            waiting: bytes | memoryview = packed[start : start + CHUNK]
            while len(waiting):
                piece = engine.decompress(waiting, CHUNK)
                waiting = engine.unconsumed_tail
                if piece:
                    yield piece
        while not engine.eof and (piece := engine.decompress(b"", CHUNK)):
            yield piece
    except zlib.error as error:
        raise Refused(DAMAGED) from error
    if not engine.eof:
        raise Refused(DAMAGED)
