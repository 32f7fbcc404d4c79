"""Long work of 补贴政策 and 筛查: a trial run, and the month's screening."""

from __future__ import annotations

from typing import Any

from accounts.authority import NotAllowed
from accounts.models import Unit
from jobs.runner import Failure, Running, work
from lib.month import Month
from subsidies.models import SchemeVersion, Trial
from subsidies.schemes import trials
from subsidies.screening import screen


@work("scheme.try")
def try_scheme(job: Running) -> dict[str, Any]:
    """Job: params trial. A trial that is finished is not run again."""
    trial = Trial.objects.select_related("scheme", "against", "unit").get(pk=job.params["trial"])
    if trial.finished_at is None:
        if trials.digest_of(trial.scheme) != trial.digest:
            raise Failure("排队的时候有人改了这一版，请按新的内容重新试算。")
        trials.run(trial, job.progress)
    return {"trial": trial.pk}


@work("subsidy.screen")
def screen_month(job: Running) -> dict[str, Any]:
    """Job: params unit, month. Every scheme in force there and then."""
    unit, month = Unit.objects.get(pk=job.params["unit"]), Month.parse(job.params["month"])
    schemes = list(
        SchemeVersion.objects.in_force(unit, month).for_people().select_related("unit").order_by("code")
    )
    total = job.params.get("people", 0)
    try:
        made = screen(schemes, unit, month, job.owner, lambda done: job.progress(done, max(total, done)))
    except NotAllowed as refusal:
        raise Failure(str(refusal)) from None
    return {"screenings": [one.pk for one in made]}
