"""Numbers of invented people that must not be found again, and every place where they might be."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection

from accounts import wall
from lib.sheets import Table, write_workbook
from tests.conftest import url_of_test_database
from tests.factories import citizen_id
from tests.ledgers.sheets import working
from tests.stack import need

COUNT = 500
IDS = [citizen_id(number + 100, dt.date(1971, 7, 9)) for number in range(COUNT)]
PHONES = [f"1357{number * 17389 % 10_000_000:07d}" for number in range(1, COUNT + 1)]


def sheet(first: int, last: int, **cells: str) -> bytes:
    """A workbook with the canaries of these numbers; their names say which."""
    lines = [
        working(姓名=f"示例{chr(0x4E00 + number)}", 身份证号码=IDS[number], 联系电话=PHONES[number]) | cells
        for number in range(first, last)
    ]
    out = io.BytesIO()
    write_workbook(out, [Table("台账", list(lines[0]), [list(line.values()) for line in lines])])
    return out.getvalue()


def found(place: bytes) -> list[int]:
    """Which canaries are in these bytes: as text, as UTF-16 or as hexadecimal digits."""
    texts = [place, place.replace(b"\x00", b"")]
    lowered = place.lower()
    seen = set()
    for number, canary in enumerate(zip(IDS, PHONES)):
        for secret in canary:
            plain = secret.encode()
            if any(plain in text for text in texts) or plain.hex().encode() in lowered:
                seen.add(number)
    return sorted(seen)


def database() -> bytes:
    """The file and its journals, or the dump that `pg_dump` writes."""
    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        return b"".join(path.read_bytes() for path in sorted(name.parent.glob(f"{name.name}*")))
    command = [need("pg_dump"), "--enable-row-security", "--dbname", url_of_test_database()]
    whole = os.environ | {"PGOPTIONS": f"-c ledger.reach={wall.OPEN}"}
    return subprocess.run(command, env=whole, check=True, capture_output=True).stdout


def files(folder: Path) -> bytes:
    """Everything below a folder, with the names."""
    parts = []
    for path in sorted(folder.rglob("*")):
        parts.append(str(path).encode())
        if path.is_file():
            parts.append(path.read_bytes())
    return b"\n".join(parts)


def broker() -> bytes:
    """Every key of Redis with what it holds; nothing when there is no broker."""
    if not settings.REDIS_URL:
        return b""
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as client:
        client.config_set("rdbcompression", "no")
        return b"\n".join(key + b" " + (client.dump(key) or b"") for key in client.scan_iter())
