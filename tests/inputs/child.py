"""`python -m tests.inputs.child FILE`: read one upload in a process of its own, and tell what that cost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lib.sheets import Refused, read_workbook, scan


def peak() -> int:
    """Highest resident memory of this process so far, in bytes."""
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) * 1024


def main(path: str) -> None:
    inflated, inflate = [0], scan.inflate

    def counted(*given):
        for piece in inflate(*given):
            inflated[0] += len(piece)
            yield piece

    scan.inflate = counted
    before, refusal = peak(), ""
    try:
        read_workbook(path)
    except Refused as refused:
        refusal = refused.message
    sys.stdout.write(json.dumps({"refusal": refusal, "memory": peak() - before, "inflated": inflated[0]}))


if __name__ == "__main__":
    main(sys.argv[1])
