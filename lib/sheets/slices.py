"""A large sheet in slices: the parser holds a sheet whole, in several times the memory that its rows need here.

Every slice is a small workbook of its own, with the same styles and shared texts, and the next rows of the sheet.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from .guard import inflate

LARGE = 128 << 20  # bytes of XML: what a parser may hold whole
SLICE = 16 << 20
_NOT_NEEDED = ("xl/worksheets/", "xl/chartsheets/", "xl/drawings/", "xl/media/", "xl/embeddings/")


def workbooks(data: bytes, archive: zipfile.ZipFile, part: str, prefix: bytes) -> Iterator[io.BytesIO]:
    """The sheet kept in the member `part`, slice after slice; `prefix` is the namespace prefix of its elements."""
    common = [
        (member.filename, b"".join(inflate(data, member)))
        for member in archive.infolist()
        if not member.filename.lower().startswith(_NOT_NEEDED)
    ]
    for sheet in _sheets(inflate(data, archive.getinfo(part)), prefix):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            for name, content in (*common, (part, sheet)):
                book.writestr(name, content)
        out.seek(0)
        yield out


def _sheets(pieces: Iterator[bytes], prefix: bytes) -> Iterator[bytes]:
    """The XML as several sheets; only the last one has what stands below the rows (merged cells)."""
    row_end = b"</" + prefix + b"row>"
    closing = b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
    head, block = b"", bytearray()
    for piece in pieces:
        block += piece
        cut = block.rfind(row_end) + len(row_end) if len(block) >= SLICE else 0
        if cut < len(row_end):
            continue
        yield bytes(head + block[:cut] + closing)
        head = head or bytes(block[: block.index(b"<" + prefix + b"row")])
        del block[:cut]
    yield bytes(head + block)
