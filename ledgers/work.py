"""Long work of this room."""

from __future__ import annotations

from accounts.models import Unit, User
from jobs.actions import start
from jobs.models import Job
from jobs.runner import Failure, Running, work
from ledgers import actions
from ledgers.periods import PeriodClosed
from lib.month import Month

AT_ONCE = 5000  # people; more wait for a worker


def start_opening(unit: Unit, month: Month, by: User) -> Job:
    """Ask for the records of a month; asked twice, the same job answers."""
    return start(
        "ledgers.open_month",
        owner=by,
        unit=unit,
        title=f"开始{month.label}（{unit.name}）",
        params={"month": str(month)},
        queue=Job.Queue.BIG,
        key=f"open-month:{unit.pk}:{month}",
    )


@work("ledgers.open_month")
def open_month(job: Running) -> dict[str, int]:
    """Job: params month; the owner's right is looked up again when it runs."""
    unit: Unit = job.unit  # type: ignore[assignment]  # start_opening always names one
    job.progress(0, 0, "正在建立当月记录")
    try:
        month = Month.parse(job.params["month"])
        made = actions.begin_month(unit, month, User.objects.get(pk=job.owner.pk))
    except (actions.NotAllowed, PeriodClosed) as refusal:
        raise Failure(str(refusal)) from refusal
    job.progress(made, made)
    return {"people": made}
