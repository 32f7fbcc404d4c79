"""Long work of this room."""

from __future__ import annotations

from jobs.dispatch import each_tick
from jobs.runner import Running, work
from reports import rollup
from reports.models import Stale


@work(rollup.KIND)
def recompute_figures(job: Running) -> dict[str, int]:
    """Compute what is marked; a second delivery finds no marks and changes nothing."""
    return {"marks": rollup.recompute_stale()}


@each_tick
def recompute_what_waits() -> None:
    """Marks whose job was lost (a process died between commit and start) are found here."""
    if Stale.objects.exists():
        rollup.start_recompute()
