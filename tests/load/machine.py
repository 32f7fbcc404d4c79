"""What the processes under load use: memory at most, processor time."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from tests.fault.place import children

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process with all that came from it."""
    found = [pid]
    with contextlib.suppress(OSError):
        for child in children(pid):
            found += family(child)
    return found


def memory(pid: int) -> float:
    """Resident memory in MB; 0 when the process is gone."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024
    return 0.0


def processor(pid: int) -> float:
    """Seconds of processor time of a process; 0 when it is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


class Watch(threading.Thread):
    """Looks at the processes of each server every second; `peak` is the largest single process in MB."""

    def __init__(self, servers: dict[str, int]) -> None:
        super().__init__(daemon=True)
        self.servers = servers
        self.peak: dict[str, float] = dict.fromkeys(servers, 0.0)
        self.used: dict[int, tuple[str, float]] = {}
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(1):
            self.look()

    def look(self) -> None:
        """One look at everything."""
        for name, first in self.servers.items():
            for pid in family(first):
                self.peak[name] = max(self.peak[name], memory(pid))
                self.used[pid] = (name, processor(pid))

    def seconds(self) -> dict[str, float]:
        """Processor seconds by server since they started."""
        told = dict.fromkeys(self.servers, 0.0)
        for name, used in list(self.used.values()):
            told[name] += used
        return told
