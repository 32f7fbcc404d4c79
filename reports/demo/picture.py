"""A picture that stands for a signature or a photograph of paper."""

from __future__ import annotations

import struct
import zlib
from math import sin


def scribble(width: int = 240, height: int = 80) -> bytes:
    """A scribble as PNG, where something signed is needed."""
    rows = [bytearray(b"\xff" * width) for _ in range(height)]
    for x in range(20, width - 20):
        y = int(height / 2 + 22 * sin(x / 9) * sin(x / 31))
        for thick in range(3):
            rows[y + thick][x] = 0
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    )
