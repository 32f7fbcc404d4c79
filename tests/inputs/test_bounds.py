"""Files made to exhaust the machine are refused at a bounded price: bytes of memory and bytes unpacked, not seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from tests.inputs import files
from tests.lib.sheet_files import with_members

MB = 1 << 20

# what, name, memory allowed beyond twice the file, bytes that may be unpacked
BOMBS: list[tuple[str, Callable[[], bytes], str, int, int]] = [
    ("a bomb that the directory tells of", lambda: files.bomb(), "台账.xlsx", 4 * MB, 0),
    ("a bomb whose directory lies", lambda: files.bomb(declared=1000), "台账.xlsx", 16 * MB, 2 * MB),
    ("a cell at the far corner", lambda: files.far_cell("XFD1048576"), "台账.xlsx", 8 * MB, 1 * MB),
    ("a million rows", lambda: files.long_sheet(1_000_000), "台账.xlsx", 48 * MB, 8 * MB),
    ("two million lines", lambda: "姓名,号\r\n".encode() + b"1,2\r\n" * 2_000_000, "台账.csv", 96 * MB, 0),
    ("a billion laughs", lambda: files.with_declaration(files.laughs(10)), "台账.xlsx", 8 * MB, 1 * MB),
    ("ten thousand members", lambda: with_members(files.good(), {f"xl/{n}": b"" for n in range(10_000)}),
     "台账.xlsx", 24 * MB, 0),
    ("42,000 merges", lambda: files.merged(42_000), "台账.xlsx", 16 * MB, 3 * MB),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "name", "memory", "unpacked"), [row[1:] for row in BOMBS], ids=[row[0] for row in BOMBS]
)
def test_a_bomb_is_refused_at_a_bounded_price(make, name, memory, unpacked, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data := make())
    child = subprocess.run(
        [sys.executable, "-m", "tests.inputs.child", str(path)],
        cwd=settings.BASE_DIR, capture_output=True, check=True, text=True,
    )  # fmt: skip
    price = json.loads(child.stdout)
    assert price["refusal"]
    assert price["memory"] <= memory + 2 * len(data), price
    assert price["inflated"] <= unpacked, price
